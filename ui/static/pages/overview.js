// The overview: what happens now, and what practice has achieved.
import { change, count, duration, kindName, isSet, money, percent, points, plural, range } from "../lib/format.js";
import { html } from "../lib/html.js";
import { has, to } from "../lib/route.js";
import { get, patch } from "../lib/store.js";
import { Bar, Card, Facts, Loaded, Text, Time } from "../parts/bits.js";
import { Now } from "../parts/now.js";
import { History, Success } from "../parts/history.js";
import { OverTime, Proficiency } from "../parts/proficiency.js";
import { Rows } from "./activities.js";
import { Digest } from "./insights.js";

function Tile({ name, value, note }) {
  return html`<div class="tile"><dt>${name}</dt><dd><span class="value">${value}</span>${note ? html`<span class="note">${note}</span>` : null}</dd></div>`;
}

// counted says whose answers are counted. A benchmark's count beside, as its tasks are of other kinds.
function counted(s, items) {
  if (!items) return s.resting === "there is no model" ? "needs a model" : !s.model ? "no model has answered yet" : Object.values(s.progress.hobbies).some((k) => isSet(k.success_rate)) ? "the current model has not answered yet" : null;
  return isSet(s.progress.hobbies.BENCHMARK_RUNNING?.success_rate) ? "of the current model, without the benchmark’s" : "of the current model";
}

function Tiles({ s }) {
  const p = s.progress, kinds = Object.values(p.hobbies);
  const hours = kinds.reduce((sum, k) => sum + k.time_invested_hours, 0);
  const items = kinds.reduce((sum, k) => sum + k.items, 0);
  const insights = kinds.reduce((sum, k) => sum + k.insights_gained, 0);
  const failed = kinds.reduce((sum, k) => sum + k.activities_failed, 0);
  return html`<dl class="tiles">
    <${Tile} name="Proficiency" value=${isSet(p.overall_practised_proficiency) ? percent(p.overall_practised_proficiency) : "—"}
      note=${isSet(p.overall_practised_proficiency) ? `of new tasks pass at the levels practised (95\u202f%:\u00a0${range(p.overall_practised_proficiency_low, p.overall_practised_proficiency_high).replace("\u2013", "\u2060\u2013\u2060")})` : "nothing measured yet"} />
    <${Tile} name="Verified answers" value=${count(items)} note=${counted(s, items)} />
    <${Tile} name="Sessions" value=${count(p.total_activities)} note=${failed ? `${count(failed)} failed` : null} />
    <${Tile} name="Practice time" value=${duration(hours * 3600)} note=${isSet(p.overall_engagement) ? `${percent(p.overall_engagement)} of it with questions answered` : null} />
    <${Tile} name="Insights" value=${count(insights)} />
  </dl>`;
}

function Kinds({ p }) {
  const kinds = Object.entries(p.hobbies);
  const most = Math.max(1e-9, ...kinds.map(([, k]) => k.time_invested_hours));
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Time and success per kind"><table class="kinds">
    <thead><tr><th scope="col">Kind</th><th scope="col">Time</th><th scope="col">Success</th><th scope="col">Sessions</th><th scope="col">Insights</th><th scope="col">Change an hour</th></tr></thead>
    <tbody>${kinds.map(([name, k]) => html`<tr key=${name}>
      <th scope="row"><a href=${to("skills", name)}>${kindName(name)}</a>${k.rests ? html` <span class=${k.degraded ? "tag bad" : "tag"}>waits</span> <span class="soft why">${k.rests}</span>` : null}</th>
      <td><${Bar} of=${k.time_invested_hours / most} /> ${duration(k.time_invested_hours * 3600)}</td>
      <td>${isSet(k.success_rate) ? html`<${Bar} of=${k.success_rate} tone="good" /> ${percent(k.success_rate)}` : "—"}</td>
      <td>${count(k.activities_completed)}${k.activities_failed ? html` <span class="soft">+ ${count(k.activities_failed)} failed</span>` : null}</td>
      <td>${count(k.insights_gained)}</td>
      <td>${isSet(k.improvement_rate) ? html`<span title=${change(k.improvement_rate, k.improvement_rate_low, k.improvement_rate_high, k.improvement_rate_shown)}>${k.improvement_rate_shown ? points(k.improvement_rate) : "none shown"}</span>` : "—"}</td>
    </tr>`)}</tbody></table></div>
    <p class="soft small">Success is the share of all answers so far that passed, of easy and of hard tasks. The change an hour is that of the proficiency; it needs an hour of practice on two days or more, and a model that can change.</p>`;
}

const resources = [
  ["Time", "time_seconds", duration],
  ["Answers", "items", count],
  ["Tokens", "tokens", count],
  ["Processor", "cpu_seconds", duration],
  ["Money", "usd", money],
];

function Budget({ b }) {
  return html`<ul class="budget">${resources.map(([name, key, show]) => {
    const used = b.used[key] ?? 0, limit = b.limit[key];
    return html`<li key=${key}><span>${name}</span>
      <span>${show(used)}${isSet(limit) ? html` <span class="soft">of ${show(limit)}</span>` : null}</span>
      ${isSet(limit) ? html`<${Bar} of=${limit > 0 ? used / limit : 1} tone=${used >= limit ? "bad" : ""} />` : null}</li>`;
  })}</ul>
  <p class="soft small">Used today (UTC).${resources.every(([, key]) => !isSet(b.limit[key])) ? " No limit is set." : ""}</p>`;
}

function Model({ s }) {
  if (!s.model) {
    return html`<p>No model has answered since the program started.</p><p class="soft small">Skills are practised with one. The example server takes it as <code>-model</code>; a program gives it to <code>pastime.Open</code>.</p>`;
  }
  return html`<${Facts} of=${[["Name", html`<bdi class="text">${s.model}</bdi>`], ["Key", s.model_key ? html`<code class="text">${s.model_key}</code>` : null]]} />
    <p class="soft small">Proficiency is measured for this key alone. Answers of other models do not count.</p>`;
}

// slotState says how work on a schedule stands.
function slotState(s) {
  if (s.error && s.due_at) return html`<span class="status failed"><span aria-hidden="true">✕</span> failed ${plural(s.tries, "time")}, is tried again</span>`;
  if (s.error) return html`<span class="status failed"><span aria-hidden="true">✕</span> the last run failed</span>`;
  if (s.due_at) return html`<span class="status running"><span aria-hidden="true">●</span> at work</span>`;
  return html`<span class="status completed"><span aria-hidden="true">✓</span> in order</span>`;
}

// works are what the library does on a schedule. What a host does has its own name.
const works = {
  archive: "Old sessions are moved into files", benchmark: "The benchmark of the day", training: "The training of the night", "store.upkeep": "The store is tidied up",
  "feedback.refit": "What people like is learned anew", "feedback.exposures": "Old records of what was shown are dropped",
  "subagents/distribute": "Work is given to sub-agents", "subagents/prune": "Old assignments are dropped",
};

const SlotList = ({ of }) => html`<ul class="slots">${of.map((s) => html`<li key=${s.name}><div>${works[s.name] ?? html`<code class="text">${s.name}</code>`} ${slotState(s)}</div>
  ${s.error ? html`<p><${Text} of=${s.error} /></p>` : null}
  <p class="soft small">${s.due_at ? html`Due <${Time} at=${s.due_at} />.` : html`Up to date as of <${Time} at=${s.settled_at} />.`}</p></li>`)}</ul>`;

// Slots shows what failed or is at work, and the rest behind one line.
function Slots({ of: slots }) {
  const fine = slots.filter((s) => !s.error && !s.due_at), others = slots.filter((s) => s.error || s.due_at);
  return html`${others.length ? html`<${SlotList} of=${others} />` : null}
    ${fine.length ? html`<details class="data"><summary>${others.length ? `${fine.length} more, in order` : `All ${fine.length} in order`}</summary><${SlotList} of=${fine} /></details>` : null}`;
}

function Overview() {
  const status = get("status");
  const alter = has("settings") ? html`<a href="#/settings">Change</a>` : null;
  return html`<h1 class="hidden" tabindex="-1">Overview</h1>
    <${Loaded} of=${status} path="status" what="The status">${(s) => html`
      <${Now} s=${s} />
      <${Tiles} s=${s} />
      <div class="grid">
        <div class="stack">
          <${OverTime} p=${s.progress} />
          <${Proficiency} p=${s.progress} />
          <${History} />
          <${Card} title="Recent sessions" id="h-recent" aside=${html`<a href="#/activities">All sessions</a>`}>
            ${s.recent_activities.length ? html`<${Rows} of=${[...s.recent_activities].reverse().slice(0, 8)} />` : html`<p class="soft">None yet.</p>`}<//>
        </div>
        <div class="stack">
          <${Card} title="Insights" id="h-insights" aside=${html`<a href="#/insights">All insights</a>`}><${Digest} most=${6} /><//>
          <${Success} />
          <${Card} title="Budget" id="h-budget" aside=${alter}><${Budget} b=${s.budget} /><//>
          <${Card} title="Model" id="h-model" aside=${alter}><${Model} s=${s} /><//>
          ${s.slots.length ? html`<${Card} title="On a schedule" id="h-slots"><${Slots} of=${s.slots} /><//>` : null}
        </div>
        <${Card} title="Time and success" id="h-kinds" wide=${true}><${Kinds} p=${s.progress} /><//>
      </div>`}<//>`;
}

// happened shows what an event says at once, and tells what to load again.
function happened({ activity: a }) {
  const runs = a.status === "running";
  patch("status", (s) => {
    const current = runs ? a : s.current_activity?.activity_id === a.activity_id ? null : s.current_activity;
    const recent = s.recent_activities.filter((r) => r.activity_id !== a.activity_id);
    return { ...s, current_activity: current, recent_activities: [...recent, a].slice(-10) };
  });
  return runs ? ["status"] : ["status", "progress", "curve?", "dashboard", "metrics/"];
}

export const pages = [
  { path: "", title: "Overview", nav: "Overview", ages: ["status", "dashboard", "metrics/"], view: () => html`<${Overview} />`,
    events: { "activity.": happened } },
];
