// The last day, and how success went: from /hobby/dashboard where the server
// has it, else from the activities themselves.
import { Columns, Legend } from "../charts/columns.js";
import { Trend } from "../charts/trend.js";
import { clock, count, kindName, isSet, percent, plural } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { has, parts } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Data, Loaded } from "./bits.js";

const hour = 3_600_000;

// series makes [{name, values}] of a chart's values, or of its series by kind.
const series = (chart) => (chart.values ? [{ name: "", values: chart.values }] : Object.entries(chart.series).map(([kind, values]) => ({ name: kindName(kind), values })));

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

// short is a label of a time bucket for people: the clock here for an hour in
// UTC, and the day.
function short(label) {
  const m = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?$/.exec(label);
  if (!m) return label;
  return m[2] ? clock(new Date(`${m[1]}T${m[2]}:00Z`)) : dayFormat.format(new Date(m[1] + "T00:00:00Z"));
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

function Timeline({ labels, series: all, unit, span, partial }) {
  const total = all.reduce((sum, s) => sum + s.values.reduce((a, b) => a + (b ?? 0), 0), 0);
  const names = all.map((s) => s.name || "Sessions");
  const said = `${plural(total, "session")} in the last ${span}`;
  return html`<${Columns} labels=${labels} series=${all} label=${`${said}, by ${unit.toLowerCase()}; the table has the numbers.`} />
    <${Legend} names=${names} />
    <p class="soft small">${said}${partial ? ", of the newest 100" : ""}.</p>
    <${Data} caption=${`Sessions by ${unit.toLowerCase()}`} head=${[unit, ...names]} rows=${labels.map((l, i) => [l, ...all.map((s) => count(s.values[i] ?? 0))])} />`;
}

const hours = { unit: "Hour", span: "24 hours" }, days = { unit: "Day (UTC)", span: "30 days" };

// sources are where a timeline comes from, and how it is read.
const sources = {
  hours: ["dashboard", (d) => ({ ...hours, labels: d.activity_timeline.labels.map(short), series: series(d.activity_timeline) })],
  days: ["metrics/summary", (d) => {
    const labels = Object.keys(d.timeline.daily).sort();
    return { ...days, labels: labels.map(short), series: [{ name: "", values: labels.map((l) => d.timeline.daily[l]) }] };
  }],
  newest: ["activities?count=100", (d) => ({ ...hours, ...fromActivities(d), partial: d.length === 100 })],
};

// History is how many sessions there were, by hour or by day.
export class History extends Component {
  render(_, { by = "hours" }) {
    const rich = has("metrics");
    const [path, read] = sources[rich ? by : "newest"];
    const aside = rich ? html`<label class="hidden" for="history-by">Sessions of the last</label>
      <select id="history-by" value=${by} onChange=${(e) => this.setState({ by: e.currentTarget.value })}><option value="hours">24 hours</option><option value="days">30 days</option></select>` : html`<span class="soft">24 hours</span>`;
    return html`<${Card} title="Sessions over time" id="h-history" aside=${aside}>
      <${Loaded} of=${parts() ? get(path) : {}} path=${path} what="The timeline">${(d) => html`<${Timeline} ...${read(d)} />`}<//><//>`;
  }
}

// Success is the share of verified answers that passed, over time.
export function Success() {
  if (!has("metrics")) return null;
  return html`<${Card} title="Success" id="h-success">
    <${Loaded} of=${get("dashboard")} path="dashboard" what="The trend">${(d) => {
      const measured = series(d.success_rate_trend).filter((s) => s.values.some(isSet));
      if (!measured.length) return html`<p class="soft">No answer was verified yet.</p>`;
      // Days before the first that counts are left out, down to a week.
      const first = Math.min(...measured.map((s) => s.values.findIndex(isSet)));
      const from = Math.max(0, Math.min(first, d.success_rate_trend.labels.length - 7));
      const labels = d.success_rate_trend.labels.slice(from).map(short);
      const all = measured.map((s) => ({ ...s, values: s.values.slice(from) }));
      const names = all.map((s) => s.name || "Success");
      if (all.every((s) => s.values.filter(isSet).length === 1)) {
        return html`<p class="soft">All answers are of a single day (UTC). The curve begins with the next day; “Time and success” has the share of each kind.</p>`;
      }
      return html`<${Trend} labels=${labels} series=${all} label="Share of verified answers that passed, over time; the table has the numbers." />
        <${Legend} names=${names} />
        <${Data} caption="Success over time" head=${["Time", ...names]} rows=${labels.map((l, i) => [l, ...all.map((s) => (isSet(s.values[i]) ? percent(s.values[i]) : "—"))])} />`;
    }}<//><//>`;
}
