// The frame: header, navigation, what every page shows when the server is
// gone, and the page that the address names.
import { Gone } from "./lib/api.js";
import { follow } from "./lib/events.js";
import { html, render } from "./lib/html.js";
import { again, invalidate, whenLost, watch } from "./lib/store.js";
import { has, here, routes, whenMoved } from "./lib/route.js";
import { arrived, link } from "./lib/live.js";
import { Boundary, Connection, Footer, Header, Notices } from "./parts/frame.js";
import { activities, activity } from "./pages/activities.js";
import { assignment, fleet } from "./pages/fleet.js";
import { insights } from "./pages/insights.js";
import { overview } from "./pages/overview.js";

// A page is {path, title, nav?, needs?, view}: nav names it in the navigation,
// needs is the route of the server without which there is no such page.
const pages = [overview, activities, activity, insights, fleet, assignment];

const title = document.body.dataset.title;
const root = document.getElementById("app");

function missing() {
  return html`<section class="card"><h1 tabindex="-1">There is no such page</h1><p><a href="#/">Back to the overview</a></p></section>`;
}

function current() {
  const [path, id] = here();
  const page = pages.find((p) => p.path === path && (p.detail ?? false) === (id !== ""));
  return { page: page?.needs && routes() && !has(page.needs) ? undefined : page, id };
}

function view() {
  const { page, id } = current();
  render(
    html`<${Header} title=${title} pages=${pages} at=${page} />
      <${Connection} />
      <main id="main" tabindex="-1"><${Boundary} key=${location.hash}>${page ? page.view(id) : missing()}<//></main>
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

const stream = follow({
  event: (kind, data) => arrived(kind, data),
  up() {
    link.up();
    invalidate("");
  },
  // Another request got no answer, but the server is there.
  heard: () => link.state === "gone" && link.up(),
  down: (err, at) => link.down(err instanceof Gone ? "gone" : err.status === 401 ? "out" : "limited", err, at),
});
link.retry = () => stream.retry();

// What is not told by an event grows old, and what failed may work now.
setInterval(() => {
  if (document.hidden || link.state !== "up") return;
  invalidate("status", "dashboard", "metrics/", "subagents/", "assignments");
  again();
}, 15_000);
setInterval(() => {
  if (!document.hidden && link.state === "limited") invalidate("");
}, 5_000);

root.replaceChildren();
name();
view();
