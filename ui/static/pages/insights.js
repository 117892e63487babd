// The insights, with their evidence.
import { write } from "../lib/api.js";
import { kindName, percent, plural } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { tell } from "../lib/live.js";
import { has, to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Loaded, Long, Text, Time } from "../parts/bits.js";
import { Export } from "../parts/export.js";

// place is where evidence is: file:line, or its name.
function place(s) {
  if (!s.line) return s.ref;
  return s.end_line && s.end_line !== s.line ? `${s.ref}:${s.line}\u2013${s.end_line}` : `${s.ref}:${s.line}`;
}

const names = { file: "", rows: "rows ", url: "" };

const web = (ref) => /^https?:\/\//.test(ref);

// look is where people look at a file of a kind, where the host says it.
function look(kind, s) {
  const at = s.kind === "file" && get("config").data?.places?.[kind];
  return at ? at.replaceAll("{path}", s.ref.split("/").map(encodeURIComponent).join("/")).replaceAll("{line}", s.line || 1) : "";
}

function Place({ of: s, kind }) {
  const href = s.kind === "url" && web(s.ref) ? s.ref : look(kind, s);
  const said = html`<code class="text" dir="auto">${names[s.kind] ?? s.kind + " "}${place(s)}</code>`;
  return html`<li>${href ? html`<a class="place" href=${href} target="_blank" rel="noopener noreferrer">${s.kind === "url" ? html`<${Text} of=${s.ref} />` : said}</a>` : said}</li>`;
}

// Insight is an insight as an element of a list; bare leaves out what its own
// page says, and brief what is said once for several.
export function Insight({ i, bare, brief }) {
  const answers = i.sources.filter((s) => s.kind === "item").length;
  const places = i.sources.filter((s) => s.kind !== "item");
  const said = answers ? plural(answers, "verified answer") : "";
  return html`<li class="insight">
    <p><${Long} of=${i.insight} length=${320} /></p>
    ${places.length ? html`<ul class="evidence" aria-label="Evidence">${places.map((s) => html`<${Place} of=${s} kind=${i.hobby_type} />`)}</ul>` : null}
    <p class="about soft small"><span>${bare ? (said ? said + " below \u00b7 " : "") : html`<a href=${to("activities", i.activity_id)}>${kindName(i.hobby_type)}${said ? ", " + said : ""}</a>${" · "}<${Time} at=${i.timestamp} />${" · "}`}${i.confidence < 1 ? `confidence ${percent(i.confidence)}` : "certain"}
      ${i.tainted ? html` <span class="tag warn" title=${untrusted}>untrusted source</span>` : null}${i.accepted ? html` <span class="tag" title="A person or a rule of the program accepted the text, so it may be learned from">accepted</span>` : null}</span>
      ${brief || bare ? null : html`<${Acts} i=${i} />`}</p>
    ${i.more?.length ? html`<details class="data"><summary>${i.count - 1} more like it</summary><ul class="insights">${i.more.map((m) => html`<${Insight} key=${m.id} i=${m} brief=${true} />`)}</ul>
      ${i.count - 1 > i.more.length ? html`<p class="soft small">${i.count - 1 - i.more.length} more are not shown here.</p>` : null}</details>` : null}
  </li>`;
}

const untrusted = "The text is from a document, a feed or a log for which nobody vouches. It is shown, and nothing is learned from it until somebody accepts it.";

// Acts are what can be done with an insight.
class Acts extends Component {
  async say(helpful) {
    const { i } = this.props;
    try {
      await write("feedback", { target_type: "insight", target_id: i.id, helpful });
      this.setState({ said: helpful });
      if (helpful) tell("Kept. Insights like it go on being told.");
      else tell("Dismissed. Insights like it are not told again, unless as many people keep them; for 30 days where the program does not know your name.");
    } catch (err) {
      tell(err.message, true);
    }
  }
  async copy() {
    const { i } = this.props;
    const places = i.sources.filter((s) => s.kind !== "item").map(place);
    try {
      await navigator.clipboard.writeText([i.insight, ...places].join("\n"));
      tell("Copied.");
    } catch {
      tell("The browser does not let this page copy.", true);
    }
  }
  render({ i }, { said }) {
    const about = ` the insight: ${i.insight.slice(0, 60)}`;
    return html`<span class="acts">${has("feedback") ? html`<button type="button" class="link" aria-pressed=${said === true ? "true" : "false"} aria-label=${(said === false ? "Undo" : "Keep") + about} onClick=${() => this.say(true)}>${said === true ? "Kept" : said === false ? "Undo" : "Keep"}</button>
      <button type="button" class="link" aria-pressed=${said === false ? "true" : "false"} aria-label=${"Dismiss" + about} onClick=${() => this.say(false)}>${said === false ? "Dismissed" : "Dismiss"}</button>` : null}
      <button type="button" class="link" aria-label=${"Copy" + about} onClick=${() => this.copy()}>Copy</button></span>`;
  }
}

const none = html`<p class="soft">None yet. They appear here as sessions find them.</p>`;

const Explained = ({ of }) => (of.some((i) => i.tainted) ? html`<p class="soft small">“Untrusted source”: ${untrusted.charAt(0).toLowerCase() + untrusted.slice(1)}</p>` : null);

// Digest shows what is worth reading first, each cause once; the rest is behind one line.
export class Digest extends Component {
  render({ kind = "", most = 10 }, { all }) {
    const path = "insights/digest?" + new URLSearchParams(kind ? { hobby_type: kind } : {});
    return html`<${Loaded} of=${get(path)} path=${path} what="The insights">${(d) => {
      if (!d.causes.length) return none;
      const shown = all ? d.causes : d.causes.slice(0, most);
      const rest = d.causes.slice(shown.length);
      return html`<ul class="insights">${shown.map((i) => html`<${Insight} key=${i.id} i=${i} />`)}</ul>
        ${rest.length ? html`<p><button type="button" class="link" onClick=${() => this.setState({ all: true })}>${plural(rest.length, "other cause")}, of ${plural(rest.reduce((n, i) => n + i.count, 0), "insight")}</button></p>` : null}
        <${Explained} of=${shown} />${most > 6 ? html`<p><${Export} name="insights" rows=${shown} /></p>` : null}`;
    }}<//>`;
  }
}

// InsightList shows the newest ones, or of these the first so many by how people are expected
// to rate them.
export function InsightList({ count, kind = "", best = false, most = count }) {
  const path = `insights?count=${count}` + (best ? "&order=best" : "") + (kind ? `&hobby_type=${encodeURIComponent(kind)}` : "");
  return html`<${Loaded} of=${get(path)} path=${path} what="The insights">${(d) =>
    d.insights.length ? html`<ul class="insights">${d.insights.slice(0, most).map((i) => html`<${Insight} key=${i.id} i=${i} />`)}</ul><${Explained} of=${d.insights.slice(0, most)} />` : none}<//>`;
}

class Insights extends Component {
  constructor() {
    super();
    this.state = { kind: "", count: 50, order: "worth" };
  }
  render(_, { kind, count, order }) {
    const types = get("hobby-types").data?.hobby_types ?? [];
    return html`<h1 tabindex="-1">Insights</h1>
      <div class="filters"><label>Kind <select value=${kind} onChange=${(e) => this.setState({ kind: e.currentTarget.value })}><option value="">all</option>${types.map((t) => html`<option key=${t.name} value=${t.name}>${kindName(t.name)}</option>`)}</select></label>
        <label>First <select value=${order} onChange=${(e) => this.setState({ order: e.currentTarget.value })}><option value="worth">what is worth reading, each cause once</option><option value="newest">the newest</option><option value="best">what people would rate best</option></select></label>
        ${order === "worth" ? null : html`<label>Of the newest <select value=${count} onChange=${(e) => this.setState({ count: e.currentTarget.value })}>${[50, 200, 500].map((n) => html`<option value=${n}>${n}</option>`)}</select></label>`}</div>
      <section class="card" aria-label="Insights">${order === "worth" ? html`<${Digest} key=${kind} kind=${kind} most=${20} />` : html`<${InsightList} count=${count} kind=${kind} best=${order === "best"} />`}</section>`;
  }
}

export const pages = [
  { path: "insights", title: "Insights", nav: "Insights", view: () => html`<${Insights} />`,
    events: { "insight.": () => ["insights"], "activity.": ({ activity: a, insights }) => (insights.length || a.status !== "running" ? ["insights"] : []) } },
];
