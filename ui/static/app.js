// The frame: header, navigation, what every page shows when the server is
// gone, and the page that the address names.
import { Gone } from "./lib/api.js";
import { follow } from "./lib/events.js";
import { html, render } from "./lib/html.js";
import { again, begin, invalidate, whenLost, watch } from "./lib/store.js";
import { here, lacks, whenMoved } from "./lib/route.js";
import { link, soon } from "./lib/live.js";
import { Banners, Boundary, Footer, Header, Notices } from "./parts/frame.js";
import { pages as overview } from "./pages/overview.js";
import { pages as activities } from "./pages/activities.js";
import { pages as skills } from "./pages/skills.js";
import { pages as insights } from "./pages/insights.js";
import { pages as fleet } from "./pages/fleet.js";
import { pages as training } from "./pages/training.js";
import { pages as graph } from "./pages/graph.js";
import { pages as history } from "./pages/history.js";
import { pages as inbox } from "./pages/inbox.js";
import { pages as settings } from "./pages/settings.js";

// A page says:
//   path, detail  its address, #/path, or #/path/id for one with detail
//   title, nav    its name, and what the navigation calls it, if it is there
//   part          the server's part without which there is no such page; none
//                 for what every server has
//   view(id)      what it shows; one made by lazy is loaded when it is needed
//   events        by the beginning of a kind, what its events change: a function
//                 of an event's data that gives prefixes of what is loaded again
//   ages          prefixes of what grows old without an event
const pages = [...overview, ...activities, ...skills, ...insights, ...fleet, ...training, ...inbox, ...history, ...graph, ...settings];

const title = document.body.dataset.title;
const root = document.getElementById("app");

const missing = (why) => html`<section class="card"><h1 tabindex="-1">There is no such page</h1>
  ${why ? html`<p>This server does not have it: ${why}.</p>` : null}<p><a href="#/">Back to the overview</a></p></section>`;

function current() {
  const [path, id] = here();
  const page = pages.find((p) => p.path === path && (p.detail ?? false) === (id !== ""));
  const why = page?.part && lacks(page.part);
  return { page: why ? undefined : page, id, why };
}

function view() {
  const { page, id, why } = current();
  render(
    html`<${Header} title=${title} pages=${pages} at=${page} />
      <${Banners} />
      <main id="main" tabindex="-1"><${Boundary} key=${location.hash}>${page ? page.view(id) : missing(why)}<//></main>
      <${Footer} />
      <${Notices} />`,
    root,
  );
}

function name() {
  const { page } = current();
  document.title = page && page.path !== "" ? `${page.title} · ${title}` : title;
}

watch(view);
whenLost((err) => (err instanceof Gone ? link.lost(err) : link.down("out", err, 0)));
whenMoved((y) => {
  name();
  view();
  scrollTo(0, y);
  // The heading is read out, and the keyboard goes on from there.
  root.querySelector("main h1")?.focus({ preventScroll: true });
});

// arrived tells the pages that follow it of an event.
function arrived(kind, data) {
  const withheld = data.kind === kind; // the server says no more than that it was
  for (const p of pages) {
    for (const [beginning, changes] of Object.entries(p.events ?? {})) {
      if (kind.startsWith(beginning)) soon(withheld ? (p.ages ?? []) : changes(data));
    }
  }
}

const stream = follow({
  event: arrived,
  up() {
    link.up();
    if (!begin()) invalidate("");
    setTimeout(() => pages.forEach((p) => p.view.begin?.()), 3_000); // when the first view is there
  },
  // Another request got no answer, but the server is there.
  heard: () => link.state === "gone" && link.up(),
  down(err, at) {
    begin();
    link.down(err instanceof Gone ? "gone" : err.status === 401 ? "out" : "limited", err, at);
  },
});
setTimeout(begin, 1_000); // whatever holds the events back
link.retry = () => stream.retry();

// Data without events is loaded again from time to time, and so is data that
// could not be loaded.
setInterval(() => {
  if (document.hidden || link.state !== "up") return;
  invalidate(...pages.flatMap((p) => p.ages ?? []));
  again();
}, 15_000);
setInterval(() => {
  if (!document.hidden && link.state === "limited") invalidate("");
}, 5_000);

root.replaceChildren();
name();
view();
