// The last day, and how success went: from /hobby/dashboard where the server
// has it, else from the activities themselves.
import { Columns, Legend } from "../charts/columns.js";
import { Trend } from "../charts/trend.js";
import { clock, count, kindName, known, percent, plural } from "../lib/format.js";
import { html } from "../lib/html.js";
import { has, routes } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Data, Loaded } from "./bits.js";

const hour = 3_600_000;

// series makes [{name, values}] of a chart's values or series.
export function series(chart) {
  if (chart.values) return [{ name: "", values: chart.values }];
  const s = chart.series ?? [];
  const list = Array.isArray(s) ? s.map((x) => ({ name: x.name ?? x.label ?? "", values: x.values })) : Object.entries(s).map(([name, values]) => ({ name, values: values.values ?? values }));
  return list.map((x) => ({ ...x, name: kindName(x.name) }));
}

// short is a label of a time bucket for people: the clock here for an hour in
// UTC, and the day as it is.
function short(label) {
  const m = /^(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d)/.exec(label);
  return m ? clock(new Date(`${m[1]}T${m[2]}:${m[3]}:00Z`)) : label;
}

// fromActivities counts the newest activities by hour.
function fromActivities(list, now = Date.now()) {
  const first = Math.floor(now / hour) - 23;
  const labels = Array.from({ length: 24 }, (_, i) => clock(new Date((first + i) * hour)));
  const kinds = new Map();
  for (const a of list) {
    const i = Math.floor(new Date(a.started_at) / hour) - first;
    if (i < 0 || i > 23) continue;
    const name = kindName(a.hobby_type);
    if (!kinds.has(name)) kinds.set(name, Array(24).fill(0));
    kinds.get(name)[i]++;
  }
  return { labels, series: [...kinds].map(([name, values]) => ({ name, values })) };
}

function Timeline({ labels, series: all, partial }) {
  const total = all.reduce((sum, s) => sum + s.values.reduce((a, b) => a + (b ?? 0), 0), 0);
  const names = all.map((s) => s.name || "Sessions");
  return html`<${Columns} labels=${labels} series=${all} label=${`${plural(total, "session")} in the last 24 hours, by hour; the table has the numbers.`} />
    <${Legend} names=${names} />
    <p class="soft small">${plural(total, "session")} in the last 24 hours${partial ? ", of the newest 100" : ""}.</p>
    <${Data} caption="Sessions by hour" head=${["Hour", ...names]} rows=${labels.map((l, i) => [l, ...all.map((s) => count(s.values[i] ?? 0))])} />`;
}

export function Activity24() {
  const rich = has("dashboard");
  const path = rich ? "dashboard" : "activities?count=100";
  const entry = routes() ? get(path) : { data: undefined };
  return html`<${Card} title="Last 24 hours" id="h-day">
    <${Loaded} of=${entry} path=${path} what="The timeline">${(d) => {
      if (!rich) return html`<${Timeline} ...${fromActivities(d)} partial=${d.length === 100} />`;
      return html`<${Timeline} labels=${d.activity_timeline.labels.map(short)} series=${series(d.activity_timeline)} />`;
    }}<//><//>`;
}

// Success is the share of verified answers that passed, over time.
export function Success() {
  if (!has("dashboard")) return null;
  return html`<${Card} title="Success" id="h-success">
    <${Loaded} of=${get("dashboard")} path="dashboard" what="The trend">${(d) => {
      const t = d.success_rate_trend;
      const all = series(t).filter((s) => s.values.some(known));
      if (!all.length) return html`<p class="soft">No answer was verified yet.</p>`;
      const labels = t.labels.map(short);
      const names = all.map((s) => s.name || "Success");
      return html`<${Trend} labels=${labels} series=${all} label="Share of verified answers that passed, over time; the table has the numbers." />
        <${Legend} names=${names} />
        <${Data} caption="Success over time" head=${["Time", ...names]} rows=${labels.map((l, i) => [l, ...all.map((s) => (known(s.values[i]) ? percent(s.values[i]) : "—"))])} />`;
    }}<//><//>`;
}
