// The insights, with their evidence.
import { kindName, percent, plural } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Loaded, Text, Time } from "../parts/bits.js";

// place is where evidence is: file:line, or its name.
function place(s) {
  if (!s.line) return s.ref;
  return s.end_line && s.end_line !== s.line ? `${s.ref}:${s.line}\u2013${s.end_line}` : `${s.ref}:${s.line}`;
}

const names = { file: "", rows: "rows ", url: "" };

// Insight is an insight as an element of a list; bare leaves out what its own
// page says.
export function Insight({ i, bare }) {
  const answers = i.sources.filter((s) => s.kind === "item").length;
  const places = i.sources.filter((s) => s.kind !== "item");
  const said = answers ? plural(answers, "verified answer") : "";
  return html`<li class="insight">
    <p><${Text} of=${i.insight} /></p>
    ${places.length ? html`<ul class="evidence" aria-label="Evidence">${places.map((s) => html`<li><code class="text" dir="auto">${names[s.kind] ?? s.kind + " "}${place(s)}</code></li>`)}</ul>` : null}
    <p class="soft small">${bare ? (said ? said + " below \u00b7 " : "") : html`<a href=${to("activities", i.activity_id)}>${kindName(i.hobby_type)}${said ? ", " + said : ""}</a>${" · "}<${Time} at=${i.timestamp} />${" · "}`}${i.confidence < 1 ? `confidence ${percent(i.confidence)}` : "certain"}
      ${i.tainted ? html` <span class="tag warn" title="The text comes from a source that is not trusted">untrusted source</span>` : null}${i.accepted ? html` <span class="tag" title="A person or a rule of the program accepted the text, so it may be learned from">accepted</span>` : null}</p>
  </li>`;
}

// InsightList shows the newest ones, or of these the first so many by how people are expected
// to rate them.
export function InsightList({ count, kind = "", best = false, most = count }) {
  const path = `insights?count=${count}` + (best ? "&order=best" : "") + (kind ? `&hobby_type=${encodeURIComponent(kind)}` : "");
  return html`<${Loaded} of=${get(path)} path=${path} what="The insights">${(d) =>
    d.insights.length ? html`<ul class="insights">${d.insights.slice(0, most).map((i) => html`<${Insight} key=${i.id} i=${i} />`)}</ul>`
      : html`<p class="soft">None yet. They appear here as sessions find them.</p>`}<//>`;
}

class Insights extends Component {
  constructor() {
    super();
    this.state = { kind: "", count: 50, best: false };
  }
  render(_, { kind, count, best }) {
    const types = get("hobby-types").data?.hobby_types ?? [];
    return html`<h1 tabindex="-1">Insights</h1>
      <div class="filters"><label>Kind <select value=${kind} onChange=${(e) => this.setState({ kind: e.currentTarget.value })}><option value="">all</option>${types.map((t) => html`<option key=${t.name} value=${t.name}>${kindName(t.name)}</option>`)}</select></label>
        <label>Newest <select value=${count} onChange=${(e) => this.setState({ count: e.currentTarget.value })}>${[50, 200, 500].map((n) => html`<option value=${n}>${n}</option>`)}</select></label>
        <label>First <select value=${best ? "best" : "newest"} onChange=${(e) => this.setState({ best: e.currentTarget.value === "best" })}><option value="newest">the newest</option><option value="best">what people would rate best</option></select></label></div>
      <section class="card" aria-label="Insights, ${best ? "best" : "newest"} first"><${InsightList} count=${count} kind=${kind} best=${best} /></section>`;
  }
}

export const pages = [
  { path: "insights", title: "Insights", nav: "Insights", view: () => html`<${Insights} />`,
    events: { "insight.": () => ["insights"], "activity.": ({ activity: a, insights }) => (insights.length || a.status !== "running" ? ["insights"] : []) } },
];
