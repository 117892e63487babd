// The fleet: agents, their load, the assignments, and one assignment's story.
import { write } from "../lib/api.js";
import { change, count, duration, kindName, isSet, plural } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { tell } from "../lib/live.js";
import { to } from "../lib/route.js";
import { get, invalidate } from "../lib/store.js";
import { Bar, Card, Facts, Loaded, Status, Text, Time } from "../parts/bits.js";

const can = (list) => (list.includes("*") ? "everything" : list.map(kindName).join(", "));

const here = "this process";

// by is the agent that has or had an assignment.
const by = (a) => (a.subagent_id ? html`<${Text} of=${a.subagent_id} />` : a.status === "pending" ? "nobody yet" : here);

// Name is what an assignment is about, and whose it is.
const Name = ({ a }) => html`${kindName(a.hobby_type)}${a.family ? html`: <${Text} of=${a.family.replaceAll("_", " ")} />` : null} by ${by(a)}`;

function State({ a }) {
  if (a.resting_until && new Date(a.resting_until) > Date.now()) return html`<span class="tag warn">waits until <${Time} at=${a.resting_until} exact=${true} /></span>`;
  return a.connected ? html`<span class="status completed">connected</span>` : html`<span class="tag bad">not connected</span>`;
}

const word = (v) => (typeof v === "string" ? v : JSON.stringify(v));

function Agent({ a }) {
  return html`<tr><th scope="row"><${Text} of=${a.subagent_id} />
      ${Object.entries(a.metadata).slice(0, 4).map(([k, v]) => html` <span class="tag"><${Text} of=${`${k}: ${word(v)}`} /></span>`)}</th>
    <td><${Text} of=${can(a.capabilities)} /></td>
    <td><${Bar} of=${a.active_assignments / a.max_concurrent} tone=${a.active_assignments >= a.max_concurrent ? "warn" : ""} /> ${a.active_assignments} of ${a.max_concurrent}</td>
    <td>${count(a.completed_assignments)}</td>
    <td>${count(a.failed_assignments)}${a.lost_attempts ? html` <span class="soft">+ ${count(a.lost_attempts)} lost</span>` : null}</td>
    <td><${State} a=${a} /></td><td><${Time} at=${a.last_seen} /></td></tr>`;
}

function Agents({ d }) {
  if (!d.subagents.length) {
    return html`<p>No agent is registered, so everything is practised in ${here}.</p>
      <p class="soft small">A program registers one with <code>POST /hobby/subagents/register</code>.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Agents"><table class="agents">
    <thead><tr>${["Agent", "Can", "Load", "Done", "Failed", "State", "Last seen"].map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
    <tbody>${d.subagents.map((a) => html`<${Agent} key=${a.subagent_id} a=${a} />`)}</tbody></table></div>`;
}

class Distribute extends Component {
  async go() {
    if (this.state.busy) return;
    this.setState({ busy: true });
    try {
      tell((await write("distribute")).message);
    } catch (err) {
      tell(err.message, true);
    }
    this.setState({ busy: false });
    invalidate("subagents/", "assignments");
  }
  render(_, { busy }) {
    return html`<button type="button" aria-disabled=${busy ? "true" : null} onClick=${() => this.go()}>${busy ? "Distributing…" : "Distribute work now"}</button>`;
  }
}

// outcome is an assignment's result in a few words.
function outcome(a) {
  if (a.error) return html`<${Text} of=${a.error} />`;
  if (!a.result) return "";
  const { items, passes, proficiency_gain: gain, proficiency_gain_low: low, proficiency_gain_high: high, proficiency_gain_shown: shown, insights } = a.result;
  const parts = [];
  if (items) parts.push(`${passes} of ${plural(items, "answer")} right`);
  if (isSet(gain) && shown) parts.push(change(gain, low, high, shown));
  if (insights.length) parts.push(plural(insights.length, "insight"));
  return parts.join(", ") || "nothing found";
}

const states = ["", "pending", "running", "completed", "failed"];

class Assignments extends Component {
  render(_, { state = "" }) {
    const path = "assignments" + (state ? `?status=${state}` : "");
    const aside = html`<label>State <select value=${state} onChange=${(e) => this.setState({ state: e.currentTarget.value })}>${states.map((s) => html`<option value=${s}>${s || "any"}</option>`)}</select></label>`;
    return html`<${Card} title="Assignments" id="h-assign" aside=${aside}>
      <${Loaded} of=${get(path)} path=${path} what="The assignments">${(d) => d.assignments.length
        ? html`<ul class="rows">${d.assignments.map((a) => html`<li key=${a.assignment_id}><a href=${to("fleet", a.assignment_id)}><${Name} a=${a} /></a>
            <${Status} of=${a.status} /><span class="soft outcome">${outcome(a)}</span>
            <span class="soft when"><${Time} at=${a.assigned_at} />${a.attempt > 1 ? ` · attempt ${a.attempt}` : ""}</span></li>`)}</ul>`
        : html`<p class="soft">None${state ? ` is ${state}` : " yet"}.</p>`}<//><//>`;
  }
}

const mean = (times) => (times.count ? duration(times.sum_seconds / times.count) : "—");

function Fleet() {
  const tiles = (d) => [
    ["Agents", d.total_registered], ["Under way", d.total_active_assignments, d.total_waiting_assignments ? `${count(d.total_waiting_assignments)} waiting` : null],
    ["Completed", d.total_completed_assignments], ["Failed", d.total_failed_assignments],
  ];
  return html`<h1 tabindex="-1">Fleet</h1>
    <${Loaded} of=${get("subagents/stats")} path="subagents/stats" what="The fleet">${(d) => html`
      <dl class="tiles">${tiles(d).map(([k, v, note]) => html`<div class="tile" key=${k}><dt>${k}</dt><dd><span class="value">${count(v)}</span>${note ? html`<span class="note">${note}</span>` : null}</dd></div>`)}</dl>
      <${Card} title="Agents" id="h-agents" aside=${d.subagents.length ? html`<${Distribute} />` : null}><${Agents} d=${d} />
        ${d.run_time.count + d.retries + d.late_reports === 0 ? null : html`<p class="soft small">Since the program started: waited ${mean(d.queue_time)} and ran ${mean(d.run_time)} on average; ${plural(d.retries, "attempt")} made again, ${plural(d.fallbacks, "assignment")} run here because no agent could, ${plural(d.refused_answers, "answer")} refused, ${plural(d.late_reports, "report")} too late.</p>`}<//>`}<//>
    <${Assignments} />`;
}

// story is what happened to an assignment, step by step: [what, when, more].
function story(a) {
  const steps = [["Assigned", a.assigned_at, `for up to ${duration(a.duration_minutes * 60)}`]];
  for (const p of a.attempts) {
    if (p.started_at) steps.push([`Attempt ${p.attempt}`, p.started_at, html`began with ${by(p)}`]);
    steps.push([`Attempt ${p.attempt}`, p.ended_at, html`was lost: <${Text} of=${p.error} />`]);
  }
  const nth = a.attempts.length ? `Attempt ${a.attempt}` : "Work";
  if (a.started_at) steps.push([nth, a.started_at, html`began with ${by(a)}${a.executor && a.executor !== "local" ? html` over <${Text} of=${a.executor} />` : ""}`]);
  if (a.status === "completed") steps.push(["Completed", a.completed_at, outcome(a)]);
  else if (a.status === "failed") steps.push(["Failed", a.completed_at, a.error ? html`<${Text} of=${a.error} />` : ""]);
  else steps.push([a.started_at ? "Running" : "Waiting", null, html`until <${Time} at=${a.deadline} exact=${true} /> at most`]);
  return steps;
}

function Result({ r }) {
  return html`<${Facts} of=${[
      ["Verified answers", r.items ? `${count(r.passes)} of ${count(r.items)} right` : "none"], ["Refused answers", r.refused ? html`${count(r.refused)}: <${Text} of=${r.refused_because.join("; ")} />` : null],
      ["Against earlier answers", isSet(r.proficiency_gain) ? change(r.proficiency_gain, r.proficiency_gain_low, r.proficiency_gain_high, r.proficiency_gain_shown) : r.items ? "not compared" : null], ["Ran", r.executor === "local" ? "in " + here : html`over <${Text} of=${r.executor} />`],
      ["Model", r.model && html`<${Text} of=${r.model} />`], ["Session", r.activity_id && html`<a href=${to("activities", r.activity_id)}>Its answers and verdicts</a>`]]} />
    ${r.insights.length ? html`<h3>Insights</h3><ul class="insights">${r.insights.map((i) => html`<li class="insight"><p><${Text} of=${i} /></p></li>`)}</ul>` : null}`;
}

function Assignment({ id }) {
  const path = `assignments/${encodeURIComponent(id)}`;
  const entry = get(path);
  if (entry.error?.status === 404) return html`<h1 tabindex="-1">There is no such assignment</h1><p><a href="#/fleet">The fleet</a></p>`;
  return html`<p class="crumb"><a href="#/fleet">Fleet</a></p>
    <h1 tabindex="-1">${entry.data ? html`<${Name} a=${entry.data} />` : "Assignment"}</h1>
    <${Loaded} of=${entry} path=${path} what="The assignment">${(a) => html`
      <p><${Status} of=${a.status} />${a.difficulty_level ? ` · level ${a.difficulty_level}` : ""}</p>
      <div class="grid">
        <${Card} title="Story" id="h-story"><ol class="story">${story(a).map(([name, at, more]) => html`<li><strong>${name}</strong> ${more}${at ? html`<span class="soft">${" · "}<${Time} at=${at} /></span>` : null}</li>`)}</ol><//>
        <${Card} title="Result" id="h-result">${a.result ? html`<${Result} r=${a.result} />` : html`<p class="soft">There is none${a.status === "failed" ? "" : " yet"}.</p>`}<//>
      </div>`}<//>`;
}

export const fleet = () => html`<${Fleet} />`;
export const assignment = (id) => html`<${Assignment} key=${id} id=${id} />`;
