// The sessions, and one session with everything that it verified.
import { change, count, duration, kindName, isSet, metric, money, percent, plural, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Facts, Kind, Loaded, Status, Text, Ticking, Time } from "../parts/bits.js";
import { Insight } from "./insights.js";

function outcome(a) {
  if (a.error) return html`<span class=${a.status === "failed" ? "bad-text" : ""}><${Text} of=${shorten(a.error, 160)} /></span>`;
  const parts = [];
  if (a.items) parts.push(`${a.passes} of ${plural(a.items, "answer")} right`);
  if (a.insights_count) parts.push(plural(a.insights_count, "insight"));
  return parts.join(", ") || (a.status === "running" ? "under way" : "nothing found");
}

// Rows are activities, each a link to its page.
export const Rows = ({ of }) => html`<ul class="rows">${of.map((a) => html`<li key=${a.activity_id}>
  <a href=${to("activities", a.activity_id)}><${Text} of=${a.description || kindName(a.hobby_type)} /></a>
  <${Status} of=${a.status} />
  <span class="soft outcome">${outcome(a)}</span>
  <span class="soft when"><${Time} at=${a.started_at} /> · ${duration(a.duration_seconds)}</span>
</li>`)}</ul>`;

class Activities extends Component {
  constructor() {
    super();
    this.state = { kind: "", status: "", shown: 1 };
  }
  // A new filter begins at the newest again.
  filter(change) {
    this.setState({ ...change, shown: 1 });
  }
  render(_, { kind, status, shown }) {
    const types = get("hobby-types").data?.hobby_types ?? [];
    const query = new URLSearchParams({ count: 25 });
    if (kind) query.set("hobby_type", kind);
    if (status) query.set("status", status);
    // Each page begins where the one before it ends now, also after new
    // sessions moved that.
    const pages = [];
    for (let cursor = ""; cursor !== null && pages.length < shown; cursor = pages.at(-1).entry.next) {
      if (cursor) query.set("cursor", cursor);
      const path = "activities?" + query;
      pages.push({ path, entry: get(path) });
    }
    const last = pages.at(-1).entry;
    return html`<h1 tabindex="-1">Sessions</h1>
      <div class="filters">
        <label>Kind <select value=${kind} onChange=${(e) => this.filter({ kind: e.currentTarget.value })}><option value="">all</option>${types.map((t) => html`<option key=${t.name} value=${t.name}>${kindName(t.name)}</option>`)}</select></label>
        <label>State <select value=${status} onChange=${(e) => this.filter({ status: e.currentTarget.value })}><option value="">any</option>${["running", "completed", "failed", "interrupted"].map((s) => html`<option value=${s}>${s}</option>`)}</select></label>
      </div>
      <section class="card" aria-label="Sessions, newest first">
        ${pages.map(({ path, entry }, i) => html`<${Loaded} key=${i} of=${entry} path=${path} what="The sessions">${(list) =>
          list.length ? html`<${Rows} of=${[...list].reverse()} />` : html`<p class="soft">${kind || status ? "None is like this." : "Nothing was practised yet."}</p>`}<//>`)}
        ${last.next ? html`<button type="button" onClick=${() => this.setState({ shown: pages.length + 1 })}>Show older ones</button>` : null}
      </section>`;
  }
}

const roles = { system: "Instruction", user: "Task", assistant: "Earlier answer" };

function Item({ item, n }) {
  const task = item.messages.findLast((m) => m.role === "user")?.content ?? item.messages.at(-1)?.content ?? "";
  return html`<details class="item"><summary>
      <span class=${"verdict " + (item.passed ? "passed" : "missed")}>${item.passed ? "Passed" : "Missed"}</span>
      <span class="n">${n}</span> <span class="task"><${Text} of=${shorten(task.replace(/```\w*/g, ""), 120)} /></span>
      ${item.split === "held_out" ? html`<span class="tag" title="Kept apart from training, for measuring only">held out</span>` : null}</summary>
    <div class="inside">
      ${item.messages.map((m) => html`<h3>${roles[m.role] ?? m.role}</h3><pre dir="auto" tabindex="0">${m.content}</pre>`)}
      <h3>Answer</h3><pre dir="auto" tabindex="0">${item.answer || "(empty)"}</pre>
      <h3>Verdict</h3>
      <p>${item.passed ? "Passed" : "Missed"}, score ${percent(item.score)}${item.note ? html`: <${Text} of=${item.note} />` : ""}.</p>
      ${item.reference ? html`<h3>Reference</h3><pre dir="auto" tabindex="0">${item.reference}</pre>` : null}
      <${Facts} of=${[["Family", item.family], ["Level", item.level || null], ["Checked by", item.verifier], ["Family's version", item.version], ["Seed", item.seed],
        ["Answered in", duration(item.latency_seconds)], ["Tokens", item.tokens_out ? `${count(item.tokens_in)} in, ${count(item.tokens_out)} out` : null], ["Model key", html`<code class="text">${item.model_key}</code>`]]} />
    </div></details>`;
}

function Whole({ a }) {
  const running = a.status === "running";
  return html`<p><${Status} of=${a.status} />${" · "}<${Kind} of=${a.hobby_type} />${" · "}<${Time} at=${a.started_at} />${" · "}${running
      ? html`<${Ticking} every=${1000} of=${() => duration((Date.now() - new Date(a.started_at)) / 1000)} />`
      : duration(a.duration_seconds)}</p>
    ${a.error ? html`<div class=${a.status === "failed" ? "problem" : "hints"} role="note"><p><strong>${a.status === "failed" ? "It failed." : "It did not end."}</strong> <${Text} of=${a.error} /></p></div>` : null}
    <div class="grid">
      <${Card} title="What and why" id="h-what"><${Facts} of=${[
        ["Goal", a.goal && html`<${Text} of=${a.goal} />`], ["Approach", a.approach && html`<${Text} of=${a.approach} />`],
        ["Topic", a.topic && html`<${Text} of=${a.topic} />`], ["Chosen by", a.policy && html`${a.policy}${isSet(a.propensity) && a.propensity < 1 ? ` (chance ${percent(a.propensity)})` : ""}`],
      ]} /><//>
      <${Card} title="Outcome" id="h-outcome"><${Facts} of=${[
        ["Answers", a.items ? `${count(a.passes)} of ${count(a.items)} right${a.cut ? `, ${count(a.cut)} cut before the end` : ""}` : null], ["Insights", a.insights_count || null],
        ["Against earlier answers", isSet(a.improvement_delta) ? change(a.improvement_delta, a.improvement_low, a.improvement_high, a.improvement_shown) : null], ["Better at", a.skills_improved.join(", ")],
        ["Engagement", isSet(a.engagement_score) ? `${percent(a.engagement_score)} of the time went into verified answers` : null],
        ["Level", a.difficulty_level || null], ["Tokens", a.tokens_out ? `${count(a.tokens_in)} in, ${count(a.tokens_out)} out` : null],
        ["Processor", duration(a.cpu_seconds)], ["Money", a.cost_usd ? money(a.cost_usd) : null], ["Model", a.model && html`<${Text} of=${a.model} />`],
        ...Object.entries(a.performance_metrics).map(([k, v]) => metric(k, v)),
      ]} /><//>
      ${a.insights.length ? html`<${Card} title="Insights" id="h-found" wide=${true}><ul class="insights">${a.insights.map((i) => html`<${Insight} key=${i.id} i=${i} bare=${true} />`)}</ul><//>` : null}
      ${a.verified_items.length || a.items ? html`<${Card} title="Verified answers" id="h-items" wide=${true}>
        <p class="soft small">Open one to see the task, the answer, and why it passed or not.</p>
        ${a.verified_items.map((item, n) => html`<${Item} key=${item.item_id} item=${item} n=${n + 1} />`)}<//>` : null}
      ${!a.insights.length && !a.items ? html`<section class="card wide"><p class="soft">${running ? "Nothing verified and nothing found so far; it appears here as it happens." : "It verified nothing and found nothing."}</p></section>` : null}
    </div>`;
}

function Activity({ id }) {
  const path = one(id);
  const entry = get(path);
  if (entry.error?.status === 404) return html`<h1 tabindex="-1">There is no such session</h1><p><a href="#/activities">All sessions</a></p>`;
  return html`<p class="crumb"><a href="#/activities">Sessions</a></p>
    <h1 tabindex="-1">${entry.data ? html`<${Text} of=${entry.data.description || kindName(entry.data.hobby_type)} />` : "Session"}</h1>
    <${Loaded} of=${entry} path=${path} what="The session">${(a) => html`<${Whole} a=${a} />`}<//>`;
}

const one = (id) => `activities/${encodeURIComponent(id)}`;

export const pages = [
  { path: "activities", title: "Sessions", nav: "Sessions", view: () => html`<${Activities} />`,
    events: { "activity.": ({ activity: a }) => (a.status === "running" ? [] : ["activities?"]) } },
  { path: "activities", detail: true, title: "Session", view: (id) => html`<${Activity} key=${id} id=${id} />`,
    events: { "activity.": ({ activity: a }) => [one(a.activity_id)] } },
];
