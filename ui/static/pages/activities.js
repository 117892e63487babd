// The sessions, and one session with everything that it verified.
import { change, count, duration, kindName, isSet, metric, money, percent, plural, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Bar, Card, Facts, Kind, Loaded, Long, Status, Text, Ticking, Time } from "../parts/bits.js";
import { skillName } from "../parts/curve.js";
import { Export } from "../parts/export.js";
import { Items } from "../parts/items.js";
import { At } from "../parts/now.js";
import { Insight } from "./insights.js";

// Outcome is what a session came to, the share of right answers as a bar.
export function Outcome({ a }) {
  if (a.error) return html`<span class=${a.status === "failed" ? "bad-text" : ""}><${Long} of=${a.error} /></span>`;
  const parts = [];
  if (a.items) parts.push(`${a.passes} of ${plural(a.items, "answer")} right`);
  if (a.insights_count) parts.push(plural(a.insights_count, "insight"));
  return html`${a.items ? html`<${Bar} of=${a.passes / a.items} tone="good" />` : null} ${parts.join(", ") || (a.status === "running" ? "under way" : "nothing found")}`;
}

// What tells sessions with the same words apart: the level, or the topic.
function What({ a }) {
  const said = [a.family && a.difficulty_level ? `level ${a.difficulty_level}` : "", a.topic && !a.description.includes(a.topic) ? shorten(a.topic, 60) : "",
    !a.items && !a.family && a.insights_gained.length ? shorten(a.insights_gained[0], 90) : ""].filter(Boolean);
  return said.length && !/level \d/.test(a.description) ? html` <span class="soft small"><${Text} of=${said.join(" · ")} /></span>` : null;
}

// Rows are activities, each a link to its page.
export const Rows = ({ of }) => html`<ul class="rows">${of.map((a) => html`<li key=${a.activity_id}>
  <span class="which"><a href=${to("activities", a.activity_id)}><${Text} of=${a.description || kindName(a.hobby_type)} /></a><${What} a=${a} /></span>
  <${Status} of=${a.status} />
  <span class="soft outcome"><${Outcome} a=${a} /></span>
  <span class="soft when"><${Time} at=${a.started_at} /> · ${duration(a.duration_seconds)}</span>
</li>`)}</ul>`;

const states = ["running", "completed", "failed", "interrupted"];
const results = { all_right: "all right", some_wrong: "some wrong", none_right: "none right", no_answers: "no answers" };

class Activities extends Component {
  constructor() {
    super();
    this.state = { kind: "", family: "", level: "", status: "", result: "", q: "", shown: 1 };
  }
  // A new filter begins at the newest again.
  filter(change) {
    this.setState({ ...change, shown: 1 });
  }
  select(name, label, any, options) {
    return html`<label>${label} <select value=${this.state[name]} onChange=${(e) => this.filter({ [name]: e.currentTarget.value, ...(name === "kind" && { family: "", level: "" }) })}>
      <option value="">${any}</option>${options.map(([v, text]) => html`<option key=${v} value=${v}>${text}</option>`)}</select></label>`;
  }
  render(_, { kind, family, level, status, result, q, shown }) {
    const types = get("hobby-types").data?.hobby_types ?? [];
    const families = (kind && get("progress").data?.hobbies[kind]?.families) || [];
    const levels = Math.max(0, ...families.filter((f) => !family || f.family === family).map((f) => f.levels));
    const query = new URLSearchParams({ count: 25 });
    for (const [name, v] of Object.entries({ hobby_type: kind, family, level, status, result, q })) if (v) query.set(name, v);
    const filtered = query.size > 1;
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
        ${this.select("kind", "Kind", "all", types.map((t) => [t.name, kindName(t.name)]))}
        ${families.length ? this.select("family", "Skill", "all", families.map((f) => [f.family, skillName(f.family)])) : null}
        ${levels > 1 ? this.select("level", "Level", "any", Array.from({ length: levels }, (_, i) => [i + 1, i + 1])) : null}
        ${this.select("result", "Answers", "any", Object.entries(results))}
        ${this.select("status", "State", "any", states.map((s) => [s, s]))}
        <label>Search <input type="search" maxlength="200" value=${q} onChange=${(e) => this.filter({ q: e.currentTarget.value.trim() })} /></label>
      </div>
      <section class="card" aria-label="Sessions, newest first">
        ${pages.map(({ path, entry }, i) => html`<${Loaded} key=${i} of=${entry} path=${path} what="The sessions">${(list) =>
          list.length ? html`<${Rows} of=${[...list].reverse()} />` : i ? null : html`<p class="soft">${!filtered ? "Nothing was practised yet." : last.next ? "None of the newest sessions matches these filters." : "No session matches these filters."}</p>`}<//>`)}
        ${last.next ? html`<button type="button" onClick=${() => this.setState({ shown: pages.length + 1 })}>Show older ones</button>` : null}
        <${Export} name="sessions" rows=${pages.flatMap(({ entry }) => [...(entry.data ?? [])].reverse())} />
      </section>`;
  }
}

// chosen says in words who or what chose a session.
const choosers = { request: "a person", learnability: "where most can be learned", "weakest-first": "the weakest skill first", "round-robin": "each in turn", random: "at random" };
function chosen(a) {
  if (!a.policy) return null;
  const name = a.policy.split("/")[0];
  if (name === "request") return "a person";
  const chance = isSet(a.propensity) && a.propensity < 1 ? ` It was drawn with a chance of ${percent(a.propensity)}.` : "";
  return html`the program: <span title=${a.policy}>${choosers[name] ?? html`<${Text} of=${a.policy} />`}</span>.${chance}`;
}

// Found are the insights of a session. What is for the knowledge graph alone, such as a score, is behind one line.
function Found({ of }) {
  const list = (all) => html`<ul class="insights">${all.map((i) => html`<${Insight} key=${i.id} i=${i} bare=${true} />`)}</ul>`;
  const facts = of.filter((i) => i.fact), others = of.filter((i) => !i.fact);
  return html`${others.length ? list(others) : null}${facts.length ? html`<details class="data"><summary>${plural(facts.length, "fact")} for the knowledge graph</summary>${list(facts)}</details>` : null}`;
}

function Whole({ a }) {
  const running = a.status === "running";
  return html`<p><${Status} of=${a.status} />${" · "}<${Kind} of=${a.hobby_type} />${" · "}<${Time} at=${a.started_at} />${" · "}${running
      ? html`<${Ticking} every=${1000} of=${() => duration((Date.now() - new Date(a.started_at)) / 1000)} />`
      : duration(a.duration_seconds)}</p>
    ${a.error ? html`<div class=${a.status === "failed" ? "problem" : "hints"} role="note"><p><strong>${a.status === "failed" ? "It failed." : "It did not end."}</strong> <${Text} of=${a.error} /></p></div>` : null}
    ${running ? html`<section class="card" aria-label="What it is at"><${At} id=${a.activity_id} /></section>` : null}
    <div class="grid">
      <${Card} title="What and why" id="h-what"><${Facts} of=${[
        ["Goal", a.goal && html`<${Text} of=${a.goal} />`], ["Approach", a.approach && html`<${Text} of=${a.approach} />`],
        ["Topic", a.topic && html`<${Text} of=${a.topic} />`], ["Chosen by", chosen(a)],
        ["Skill", a.family && html`<a href=${to("skills", `${a.hobby_type}/${a.family}`)}>${skillName(a.family)}</a>${a.difficulty_level ? `, level ${a.difficulty_level}` : ""}`],
      ]} /><//>
      <${Card} title="Outcome" id="h-outcome"><${Facts} of=${[
        ["Answers", a.items ? `${count(a.passes)} of ${count(a.items)} right${a.cut ? `, ${count(a.cut)} cut before the end` : ""}` : null], ["Insights", a.insights_count || null],
        ["Against earlier answers", isSet(a.improvement_delta) ? change(a.improvement_delta, a.improvement_low, a.improvement_high, a.improvement_shown) : null], ["Better at", a.skills_improved.join(", ")],
        ["Time used", isSet(a.engagement_score) ? `${percent(a.engagement_score)} of the time went into verified answers` : null],
        ["Tokens", a.tokens_out ? `${count(a.tokens_in)} in, ${count(a.tokens_out)} out` : null],
        ["Processor", duration(a.cpu_seconds)], ["Money", a.cost_usd ? money(a.cost_usd) : null], ["Model", a.model && html`<${Text} of=${a.model} />`],
        ...Object.entries(a.performance_metrics).map(([k, v]) => metric(k, v)),
      ]} /><//>
      ${a.insights.length ? html`<${Card} title="Insights" id="h-found" wide=${true}><${Found} of=${a.insights} /><//>` : null}
      ${a.verified_items.length || a.items ? html`<${Card} title="Verified answers" id="h-items" wide=${true}>
        <${Items} of=${a.verified_items} /><//>` : null}
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
