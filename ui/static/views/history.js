// The past of each kind: proficiency with its interval and the changes of the model, a
// year of days, and what trends and seasons there are, in words.
import { Heat } from "../charts/heat.js";
import { between, count, isSet, kindName, percent, plural, points, range } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { has } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Data, Facts, Loaded, Text, measured } from "../parts/bits.js";
import { Curve, day } from "../parts/curve.js";

const modelName = (models, key) => {
  const m = models.find((x) => x.model_key === key);
  if (!key) return "no model";
  return `${m?.model ?? key.slice(0, 8)}${m?.adapter_id ? ` with adapter ${m.adapter_id.slice(0, 8)}` : ""}`;
};

function trend(a) {
  const t = a.trend;
  if (!t) return a.lacking.trend;
  const slope = `${points(t.per_week)} a week (${between(t.per_week_low, t.per_week_high)})`;
  // Where most shares are 0 or 1 the slope is 0, and so are both of its ends: that is no precision.
  const flat = t.per_week_low === 0 && t.per_week_high === 0;
  if (t.direction === "none") return `no trend is shown (${plural(t.levels, "level")}, ${plural(t.values, "daily result")})${flat ? "" : `: ${slope}`}`;
  return `${t.direction === "rising" ? "more" : "fewer"} answers pass than before, at the same levels: ${slope}`;
}

const weekdays = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const periods = {
  hour_of_day: ["Hour of the day", (i) => `at ${i}\u202fh UTC`], day_of_week: ["Day of the week", (i) => `on ${weekdays[i]}`],
  month_of_year: ["Month", (i) => `in ${months[i]}`],
};

function season(s) {
  if (!isSet(s.found)) return s.lacking;
  if (!s.found) return "makes no difference that is shown";
  const known = s.means.map((v, i) => [v, i]).filter(([v]) => isSet(v)).sort((a, b) => b[0] - a[0]);
  const exact = percent(known[0][0]) === percent(known.at(-1)[0]) ? (v) => `${(100 * v).toFixed(2)}\u202f%` : percent;
  const say = ([v, i]) => `${periods[s.period][1](i)} (${exact(v)})`;
  return `most answers pass ${say(known[0])}, fewest ${say(known.at(-1))}`;
}

function forecast(a) {
  if (!a.forecast.length) return a.lacking.forecast;
  const f = a.forecast.at(-1);
  return `${percent(f.mean)} of the answers of ${day(f.at)} are expected to pass (95\u202f%: ${range(f.low, f.high)}), if it goes on as it did`;
}

function Said({ a }) {
  return html`<${Facts} of=${[
    ["Trend", trend(a)], ...a.seasons.map((s) => [periods[s.period][0], season(s)]), ["Expected", forecast(a)],
  ]} />
  <p class="soft small">From ${plural(a.items, "verified answer")}. Where nothing changes and days do not depend on each other, one of these claims is made in 5 of 100 cases.</p>`;
}

function Models({ a }) {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Models"><table class="models"><caption class="hidden">Models of ${kindName(a.hobby_type)}</caption>
    <thead><tr><th scope="col">Model</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Proficiency then (95\u202f%)</th><th scope="col">Right</th></tr></thead>
    <tbody>${a.models.map((m) => html`<tr key=${m.model_key}><th scope="row"><${Text} of=${modelName(a.models, m.model_key)} /></th><td>${day(m.first_day)}</td><td>${day(m.last_day)}</td>
      <td>${measured(m.proficiency, m.proficiency_low, m.proficiency_high)}</td><td>${count(m.passes)} of ${count(m.items)}</td></tr>`)}</tbody></table></div>`;
}

// Reasons says of each change of the model why it was made: the newest move of the champion
// until that day, where it is from the one model to the other.
function Reasons({ a }) {
  if (!a.model_changes.length) return null;
  const adapter = (key) => a.models.find((m) => m.model_key === key)?.adapter_id ?? null;
  const list = (flips) => html`<ol class="story">${a.model_changes.slice(-20).map((c) => {
    const [from, to] = [adapter(c.from), adapter(c.to)];
    const why = flips.find((f) => f.alias === "champion" && (f.hobby_type === a.hobby_type || !f.hobby_type) && f.at.slice(0, 10) <= c.at.slice(0, 10));
    const moved = why && (why.from ?? null) === from && (why.to ?? null) === to;
    return html`<li key=${c.at}><strong>${day(c.at)}</strong>: <${Text} of=${modelName(a.models, c.from)} /> → <${Text} of=${modelName(a.models, c.to)} />${moved
      ? html`, by <${Text} of=${why.by} />${why.reason ? html`: <${Text} of=${why.reason} />` : null}`
      : html`<span class="soft">: ${from === to ? "another base model was chosen" : "no reason is on record"}</span>`}</li>`;
  })}</ol>`;
  return has("lora") ? html`<${Loaded} of=${get("lora/history?limit=1000")} path="lora/history?limit=1000" what="Why the model changed">${(d) => list(d.flips)}<//>` : list([]);
}

// Year is how many sessions each day of the last year had.
function Year({ kind }) {
  const last = new Date().toISOString().slice(0, 10);
  const start = new Date(Date.parse(last) - 371 * 86_400_000).toISOString().slice(0, 10) + "T00:00:00Z";
  const path = `archive/query?aggregate=day&start=${start}&hobby_type=${kind}`;
  return html`<${Card} title="A year of days" id="h-year"><${Loaded} of=${get(path)} path=${path} what="The year">${(d) => {
    const values = {}, weeks = {};
    for (const s of d.sums) {
      const name = s.at.slice(0, 10);
      values[name] = (values[name] ?? 0) + s.started;
      const monday = new Date(Date.parse(name) - ((new Date(name).getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
      weeks[monday] = (weeks[monday] ?? 0) + s.started;
    }
    const total = Object.values(values).reduce((a, b) => a + b, 0), active = Object.values(values).filter((n) => n > 0).length;
    const said = `${plural(total, "session")} on ${plural(active, "day")} of the last year`;
    return html`<${Heat} values=${values} last=${last} unit="sessions" label=${`${said}; the table has the numbers.`} />
      <p class="soft small">${said}. A column is a week, from Monday; a day is one in UTC.</p>
      <${Data} caption="Sessions by week" head=${["Week of", "Sessions"]} rows=${Object.keys(weeks).sort().map((w) => [day(w), count(weeks[w])])} />`;
  }}<//><//>`;
}

// Benchmark is what each model passed of each day's tasks, and how each kind did.
function Benchmark() {
  const path = "benchmark?days=30";
  return html`<${Card} title="Benchmark" id="h-benchmark"><${Loaded} of=${get(path)} path=${path} what="The benchmark">${(d) => {
    if (!d.runs.length) return html`<p class="soft">No benchmark was run in the last 30 days.</p>`;
    const kinds = [...new Set(d.runs.flatMap((r) => Object.keys(r.hobbies)))].sort();
    const passed = (s) => (s ? `${count(s.passes)} of ${count(s.tries)}` : "—");
    return html`<p class="soft small">Each day has fresh tasks, the same for all models of the day. The interval is for tasks like these.</p>
      <div class="scroll" tabindex="0" role="group" aria-label="Benchmark"><table class="runs"><caption class="hidden">What each model passed of each day's benchmark</caption>
      <thead><tr><th scope="col">Day (UTC)</th><th scope="col">Model</th><th scope="col">Passed (95\u202f%)</th>${kinds.map((k) => html`<th scope="col">${kindName(k)}</th>`)}</tr></thead>
      <tbody>${d.runs.map((r) => html`<tr key=${r.day + r.model_key}><th scope="row">${day(r.day)}</th><td><${Text} of=${r.model || r.model_key.slice(0, 8)} /></td>
        <td>${measured(r.rate, r.rate_low, r.rate_high)}</td>${kinds.map((k) => html`<td>${passed(r.hobbies[k])}</td>`)}</tr>`)}</tbody></table></div>`;
  }}<//><//>`;
}

class History extends Component {
  render(_, { chosen }) {
    const path = "archive/query?analysis=summary";
    return html`<h1 tabindex="-1">History</h1><${Loaded} of=${get(path)} path=${path} what="The history">${(d) => {
      const all = [...d.analysis].sort((a, b) => b.items - a.items);
      if (!all.length) return html`<section class="card"><p class="soft">Nothing was practised yet.</p></section>`;
      const a = all.find((x) => x.hobby_type === chosen) ?? all[0];
      return html`${all.length > 1 ? html`<div class="filters"><label>History of <select value=${a.hobby_type} onChange=${(e) => this.setState({ chosen: e.currentTarget.value })}>${all.map((x) => html`<option value=${x.hobby_type}>${kindName(x.hobby_type)}</option>`)}</select></label></div>` : null}
        <${Card} title=${`Proficiency: ${kindName(a.hobby_type)}`} id="h-past">
          ${a.history.length ? html`<${Curve} history=${a.history} changes=${a.model_changes} of=${kindName(a.hobby_type)} model=${(key) => modelName(a.models, key)} /><${Reasons} a=${a} />` : html`<p class="soft">No answer was verified yet.</p>`}<//>
        <${Card} title="What it shows" id="h-said"><${Said} a=${a} /><//>
        <${Year} kind=${a.hobby_type} />
        ${a.models.length ? html`<${Card} title="Models" id="h-models"><${Models} a=${a} /><//>` : null}`;
    }}<//><${Benchmark} />`;
  }
}

export const history = () => html`<${History} />`;
