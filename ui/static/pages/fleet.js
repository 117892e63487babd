// The fleet: agents, their load, the assignments, and one assignment's story.
import { write } from "../lib/api.js";
import { count, duration, kindName, known, plural, points } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { tell } from "../lib/live.js";
import { to } from "../lib/route.js";
import { get, invalidate } from "../lib/store.js";
import { Bar, Card, Facts, Loaded, Status, Text, Time } from "../parts/bits.js";

const can = (list) => (list.includes("*") ? "everything" : list.map(kindName).join(", "));

function Agents({ d }) {
  if (!d.subagents.length) {
    return html`<p>No agent is registered, so everything is practised here.</p>
      <p class="soft small">A program registers one with <code>POST /hobby/subagents/register</code>.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Agents"><table>
    <thead><tr><th scope="col">Agent</th><th scope="col">Can</th><th scope="col">Load</th><th scope="col">Done</th><th scope="col">Failed</th><th scope="col">Last seen</th></tr></thead>
    <tbody>${d.subagents.map((a) => {
      const most = a.max_concurrent ?? 5;
      return html`<tr key=${a.subagent_id}><th scope="row"><${Text} of=${a.subagent_id} />${Object.entries(a.metadata ?? {}).slice(0, 4).map(([k, v]) => html` <span class="tag"><${Text} of=${`${k}: ${typeof v === "string" ? v : JSON.stringify(v)}`} /></span>`)}</th>
        <td><${Text} of=${can(a.capabilities)} /></td>
        <td><${Bar} of=${a.active_assignments / most} tone=${a.active_assignments >= most ? "warn" : ""} /> ${a.active_assignments} of ${most}</td>
        <td>${count(a.completed_assignments)}</td><td>${count(a.failed_assignments)}</td><td><${Time} at=${a.last_seen} /></td></tr>`;
    })}</tbody></table></div>`;
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

const states = ["", "pending", "running", "completed", "failed"];

class Assignments extends Component {
  render(_, { state = "" }) {
    const path = "assignments" + (state ? `?status=${state}` : "");
    const aside = html`<label>State <select value=${state} onChange=${(e) => this.setState({ state: e.currentTarget.value })}>${states.map((s) => html`<option value=${s}>${s || "any"}</option>`)}</select></label>`;
    return html`<${Card} title="Assignments" id="h-assign" aside=${aside}>
      <${Loaded} of=${get(path)} path=${path} what="The assignments">${(d) => d.assignments.length
        ? html`<ul class="rows">${d.assignments.map((a) => html`<li key=${a.assignment_id}><a href=${to("fleet", a.assignment_id)}>${kindName(a.hobby_type)} by <${Text} of=${a.subagent_id || "nobody yet"} /></a>
            <${Status} of=${a.status} /><span class="soft outcome">${a.error ? html`<${Text} of=${a.error} />` : gained(a.result)}</span>
            <span class="soft when"><${Time} at=${a.assigned_at} />${a.attempt > 1 ? ` · attempt ${a.attempt}` : ""}</span></li>`)}</ul>`
        : html`<p class="soft">None${state ? ` is ${state}` : " yet"}.</p>`}<//><//>`;
  }
}

function gained(r) {
  if (!r) return "";
  const parts = [];
  const items = Array.isArray(r.items) ? r.items.length : r.items;
  if (items) parts.push(plural(items, "verified answer"));
  if (known(r.proficiency_gain)) parts.push(points(r.proficiency_gain));
  if (r.insights?.length) parts.push(plural(r.insights.length, "insight"));
  return parts.join(", ");
}

function Fleet() {
  return html`<h1 tabindex="-1">Fleet</h1>
    <${Loaded} of=${get("subagents/stats")} path="subagents/stats" what="The fleet">${(d) => html`
      <dl class="tiles">
        ${[["Agents", d.total_registered], ["Running", d.total_active_assignments], ["Completed", d.total_completed_assignments], ["Failed", d.total_failed_assignments]].map(([k, v]) => html`<div class="tile" key=${k}><dt>${k}</dt><dd><span class="value">${count(v)}</span></dd></div>`)}
      </dl>
      <${Card} title="Agents" id="h-agents" aside=${html`<${Distribute} />`}><${Agents} d=${d} /><//>`}<//>
    <${Assignments} />`;
}

// story is what happened to an assignment, step by step.
function story(a) {
  const steps = [["Assigned", a.assigned_at, html`to <${Text} of=${a.subagent_id || "nobody yet"} />, for ${duration(a.duration_minutes * 60)}`]];
  if (a.attempt > 1) steps.push([`Attempt ${a.attempt}`, null, `${plural(a.attempt - 1, "earlier attempt")} came to nothing`]);
  if (a.started_at) steps.push(["Started", a.started_at, ""]);
  if (a.status === "completed") steps.push(["Completed", a.completed_at, a.result?.executor ? html`by <${Text} of=${a.result.executor} />` : ""]);
  if (a.status === "failed") steps.push(["Failed", a.completed_at, a.error ? html`<${Text} of=${a.error} />` : ""]);
  return steps;
}

function Assignment({ id }) {
  const path = `assignments/${encodeURIComponent(id)}`;
  const entry = get(path);
  if (entry.error?.status === 404) return html`<h1 tabindex="-1">There is no such assignment</h1><p><a href="#/fleet">The fleet</a></p>`;
  return html`<p class="crumb"><a href="#/fleet">Fleet</a></p>
    <h1 tabindex="-1">${entry.data ? html`${kindName(entry.data.hobby_type)} by <${Text} of=${entry.data.subagent_id || "nobody yet"} />` : "Assignment"}</h1>
    <${Loaded} of=${entry} path=${path} what="The assignment">${(a) => html`
      <p><${Status} of=${a.status} /></p>
      <div class="grid">
        <${Card} title="Story" id="h-story"><ol class="story">${story(a).map(([name, at, more]) => html`<li key=${name}><strong>${name}</strong> ${more} ${at ? html`<span class="soft">· <${Time} at=${at} /></span>` : null}</li>`)}</ol><//>
        <${Card} title="Result" id="h-result">${a.result ? html`<${Facts} of=${[
          ["Verified answers", Array.isArray(a.result.items) ? a.result.items.length : a.result.items], ["Proficiency", known(a.result.proficiency_gain) ? points(a.result.proficiency_gain) : "not measured"],
          ["Executor", html`<${Text} of=${a.result.executor ?? ""} />`], ["Session", a.result.activity_id ? html`<a href=${to("activities", a.result.activity_id)}>its answers and verdicts</a>` : null]]} />
          ${a.result.insights?.length ? html`<h3>Insights</h3><ul class="insights">${a.result.insights.map((i) => html`<li class="insight"><p><${Text} of=${typeof i === "string" ? i : (i.insight ?? i.text)} /></p></li>`)}</ul>` : null}`
          : html`<p class="soft">${a.error ? html`<${Text} of=${a.error} />` : "There is none yet."}</p>`}<//>
      </div>`}<//>`;
}

export const fleet = { path: "fleet", title: "Fleet", nav: "Fleet", needs: "subagents/stats", view: () => html`<${Fleet} />` };
export const assignment = { path: "fleet", detail: true, title: "Assignment", view: (id) => html`<${Assignment} key=${id} id=${id} />` };
