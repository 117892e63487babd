// Proficiency over time: a line, its interval as a band, and a line across for each change of
// the model. It is the same on the overview, on the page of a skill and in the history.
import { count, kindName, percent, range } from "../lib/format.js";
import { html } from "../lib/html.js";
import { Data, Text, measured } from "./bits.js";

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
export const day = (at) => dayFormat.format(new Date(at));

const value = (p) => measured(p.proficiency, p.proficiency_low, p.proficiency_high);

// skillName is "Word problems" for word_problems.
export const skillName = (family) => kindName(family.replaceAll("-", "_"));

const everyLevel = "All levels count here, also those not practised yet, so it is not the number of the levels practised.";

// Curve draws history [{at, proficiency, proficiency_low, proficiency_high, items, model_key}]
// and changes [{at}]; model names the model with a key, and of is what the proficiency is in.
export function Curve({ history, changes: all, of, model }) {
  const times = history.map((p) => new Date(p.at).getTime());
  const [from, to] = [times[0], times.at(-1)];
  const last = history.at(-1);
  const table = html`<${Data} caption=${`Proficiency over time: ${of}`} head=${["Day (UTC)", "Proficiency (95\u202f%)", "Answers until then", "Model"]}
    rows=${history.map((p) => [day(p.at), value(p), count(p.items), html`<${Text} of=${model(p.model_key)} />`])} />`;
  if (history.length === 1) {
    return html`<p>${value(last)} on ${day(last.at)}. <span class="soft">${everyLevel} The curve begins with the next day (UTC) that has answers.</span></p>${table}`;
  }
  const x = (at) => (100 * (new Date(at).getTime() - from)) / (to - from);
  const y = (v) => 100 - 100 * v;
  const at = (p, v) => `${x(p.at)},${y(v)}`;
  const changes = all.filter((c) => x(c.at) >= 0 && x(c.at) <= 100).slice(-20);
  const label = `Proficiency in ${of} from ${day(times[0])} to ${day(to)}, now ${value(last)}; the table has the numbers.`;
  return html`<div class="trend" role="img" aria-label=${label}>
      <div class="scale"><span>100\u202f%</span><span>50</span><span>0</span></div>
      <div class="plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        ${[0, 50, 100].map((v) => html`<line class="ring" x1="0" x2="100" y1=${v} y2=${v} />`)}
        <polygon class="range" points=${[...history.map((p) => at(p, p.proficiency_high)), ...[...history].reverse().map((p) => at(p, p.proficiency_low))].join(" ")} />
        ${changes.map((c) => html`<line class="change" x1=${x(c.at)} x2=${x(c.at)} y1="0" y2="100" />`)}
        <polyline class="line tone-0" points=${history.map((p) => at(p, p.proficiency)).join(" ")} /></svg></div>
      <div class="ticks ends">${[from, to].map((t) => html`<span style=${{ left: `${x(t)}%` }}>${day(t)}</span>`)}</div>
    </div>
    <p class="small">${percent(history[0].proficiency)} <span class="soft">(${range(history[0].proficiency_low, history[0].proficiency_high)})</span> on ${day(times[0])}, ${percent(last.proficiency)} <span class="soft">(${range(last.proficiency_low, last.proficiency_high)})</span> on ${day(to)}.${" "}
      <span class="soft">${everyLevel} The band is the interval of 95\u202f%.${changes.length ? ` A broken line marks ${changes.length === 1 ? "the day" : "each day"} on which another model answered most.` : ""}</span></p>
    ${table}`;
}
