// The past of each kind: proficiency with its interval and the changes of the model, a
// year of days, and what trends and seasons there are, in words.
import { Heat } from "../charts/heat.js";
import { count, isSet, kindName, percent, plural, points, range } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { get } from "../lib/store.js";
import { Card, Data, Facts, Loaded, Text, measured } from "../parts/bits.js";

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const day = (at) => dayFormat.format(new Date(at));
const between = (low, high) => `95\u202f%: ${points(low)} to ${points(high)}`;

const modelName = (models, key) => {
  const m = models.find((x) => x.model_key === key);
  if (!key) return "no model";
  return `${m?.model ?? key.slice(0, 8)}${m?.adapter_id ? ` with adapter ${m.adapter_id.slice(0, 8)}` : ""}`;
};

// Curve draws the proficiency over time: a line, its interval as a band, and a line across
// for each change of the model.
function Curve({ a }) {
  const times = a.history.map((p) => new Date(p.at).getTime());
  const [from, to] = [times[0], times.at(-1)];
  const x = (at) => (to > from ? (100 * (new Date(at).getTime() - from)) / (to - from) : 50);
  const y = (v) => 100 - 100 * v;
  const at = (p, v) => `${x(p.at)},${y(v)}`;
  const changes = a.model_changes.filter((c) => x(c.at) >= 0 && x(c.at) <= 100).slice(-20);
  const last = a.history.at(-1);
  const label = `Proficiency in ${kindName(a.hobby_type)} from ${day(times[0])} to ${day(to)}, now ${measured(last.proficiency, last.proficiency_low, last.proficiency_high)}; the table has the numbers.`;
  return html`<div class="trend" role="img" aria-label=${label}>
      <div class="scale"><span>100\u202f%</span><span>50</span><span>0</span></div>
      <div class="plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        ${[0, 50, 100].map((v) => html`<line class="ring" x1="0" x2="100" y1=${v} y2=${v} />`)}
        <polygon class="range" points=${[...a.history.map((p) => at(p, p.proficiency_high)), ...[...a.history].reverse().map((p) => at(p, p.proficiency_low))].join(" ")} />
        ${changes.map((c) => html`<line class="change" x1=${x(c.at)} x2=${x(c.at)} y1="0" y2="100" />`)}
        <polyline class="line tone-0" points=${a.history.map((p) => at(p, p.proficiency)).join(" ")} /></svg>
        ${a.history.length === 1 ? html`<i class="dot tone-0" style=${{ left: "50%", top: `${y(last.proficiency)}%` }}></i>` : null}</div>
      <div class="ticks">${(to > from ? [from, to] : [from]).map((t) => html`<span style=${{ left: `${x(t)}%` }}>${day(t)}</span>`)}</div>
    </div>
    <p class="soft small">The band is the interval of 95\u202f%.${changes.length ? " A line across marks the day on which another model answered most." : ""}</p>
    <${Data} caption="Proficiency over time" head=${["Day (UTC)", "Proficiency (95\u202f%)", "Answers until then", "Model"]}
      rows=${a.history.map((p) => [day(p.at), measured(p.proficiency, p.proficiency_low, p.proficiency_high), count(p.items), html`<${Text} of=${modelName(a.models, p.model_key)} />`])} />`;
}

function trend(a) {
  const t = a.trend;
  if (!t) return a.lacking.trend;
  const slope = `${points(t.per_week)} a week (${between(t.per_week_low, t.per_week_high)})`;
  if (t.direction === "none") return `no trend is shown in ${plural(t.values, "share", "shares")} of ${plural(t.levels, "level")}: ${slope}`;
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
  const say = ([v, i]) => `${periods[s.period][1](i)} (${percent(v)})`;
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
  <p class="soft small">Shares of ${plural(a.items, "verified answer")}. If nothing changes and the days are independent of each other, something is claimed of any kind with a chance of 5\u202f%.</p>`;
}

function Models({ a }) {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Models"><table><caption class="hidden">Models of ${kindName(a.hobby_type)}</caption>
    <thead><tr><th scope="col">Model</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Proficiency then (95\u202f%)</th><th scope="col">Right</th></tr></thead>
    <tbody>${a.models.map((m) => html`<tr key=${m.model_key}><th scope="row"><${Text} of=${modelName(a.models, m.model_key)} /></th><td>${day(m.first_day)}</td><td>${day(m.last_day)}</td>
      <td>${measured(m.proficiency, m.proficiency_low, m.proficiency_high)}</td><td>${count(m.passes)} of ${count(m.items)}</td></tr>`)}</tbody></table></div>`;
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
      <div class="scroll" tabindex="0" role="group" aria-label="Benchmark"><table><caption class="hidden">What each model passed of each day's benchmark</caption>
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
      const aside = all.length > 1 ? html`<label class="hidden" for="history-of">History of</label>
        <select id="history-of" value=${a.hobby_type} onChange=${(e) => this.setState({ chosen: e.currentTarget.value })}>${all.map((x) => html`<option value=${x.hobby_type}>${kindName(x.hobby_type)}</option>`)}</select>` : null;
      return html`<${Card} title=${`Proficiency: ${kindName(a.hobby_type)}`} id="h-past" aside=${aside}>
          ${a.history.length ? html`<${Curve} a=${a} />` : html`<p class="soft">No answer was verified yet.</p>`}<//>
        <${Card} title="What it shows" id="h-said"><${Said} a=${a} /><//>
        <${Year} kind=${a.hobby_type} />
        ${a.models.length ? html`<${Card} title="Models" id="h-models"><${Models} a=${a} /><//>` : null}`;
    }}<//><${Benchmark} />`;
  }
}

export const history = () => html`<${History} />`;
