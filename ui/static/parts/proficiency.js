// The agent's proficiency: a radar, and the same as a table.
import { Radar } from "../charts/radar.js";
import { count, kindName, isSet } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { Card, Interval, measured } from "./bits.js";

// The picture shows what was measured, which is of the levels that were
// practised; all is extrapolated to all levels.
const axis = (label, p, more) => ({ label, mean: p.practised_proficiency, low: p.practised_proficiency_low, high: p.practised_proficiency_high,
  all: p.proficiency, allLow: p.proficiency_low, allHigh: p.proficiency_high, items: p.items, passes: p.passes, ...more });

// views are what a radar can be drawn of: the kinds, and the families of each
// kind that has them.
function views(p) {
  const all = [];
  const kinds = Object.entries(p.hobbies);
  for (const [name, k] of kinds) {
    if (k.families.length > 0) {
      all.push({ id: name, name: kindName(name), items: k.items, axes: k.families.map((f) => axis(f.family.replaceAll("_", " "), f, { level: `${f.level} of ${f.levels}`, practised: f.levels_practised, levels: f.levels, older: f.older_items })) });
    }
  }
  all.sort((a, b) => b.items - a.items);
  all.push({ id: "", name: "All kinds", axes: kinds.map(([name, k]) => axis(kindName(name), k)) });
  // Few kinds say less than the families of one.
  if (kinds.filter(([, k]) => isSet(k.proficiency)).length >= 5) all.unshift(all.pop());
  return all;
}

const sentence = (v) => {
  const done = v.axes.filter((a) => isSet(a.mean)).sort(strongest);
  if (!done.length) return `Radar of proficiency, ${v.name}: nothing measured yet.`;
  return `Radar of proficiency, ${v.name}: ${done.length} of ${v.axes.length} measured, strongest ${done[0].label}, weakest ${done.at(-1).label}. The table below has every number.`;
};

// strongest sorts by the mean. What was not measured comes last, in the server's
// order.
const strongest = (a, b) => isSet(b.mean) - isSet(a.mean) || (isSet(a.mean) ? b.mean - a.mean : 0);

function Table({ axes, name }) {
  const levels = axes.some((a) => a.level), passes = axes.some((a) => isSet(a.passes));
  return html`<div class="scroll short" tabindex="0" role="group" aria-label=${`Proficiency: ${name}`}><table class="profile">
    <thead><tr><th scope="col">Skill</th><th scope="col" class="picture"><span class="hidden">Picture</span></th><th scope="col">Levels practised (95\u202f%)</th><th scope="col">All levels, expected</th>${levels ? html`<th scope="col">Level</th>` : null}<th scope="col">${passes ? "Right" : "Answers"}</th></tr></thead>
    <tbody>${[...axes].sort(strongest).map((a) => html`<tr key=${a.label}><th scope="row">${a.label}${a.older ? html` <span class="tag" title=${`This skill's tasks were changed. ${count(a.older)} answers to older ones count no more.`}>measured anew</span>` : null}</th><td class="picture"><${Interval} mean=${a.mean} low=${a.low} high=${a.high} /></td>
      <td>${measured(a.mean, a.low, a.high)}</td><td>${a.levels && a.practised === a.levels ? "all practised" : measured(a.all, a.allLow, a.allHigh)}</td>${levels ? html`<td>${a.level ?? "—"}</td>` : null}<td>${!a.items ? "—" : isSet(a.passes) ? `${count(a.passes)} of ${count(a.items)}` : count(a.items)}</td></tr>`)}</tbody></table></div>`;
}

export class Proficiency extends Component {
  render({ p }, { chosen }) {
    const all = views(p);
    const v = all.find((x) => x.id === chosen) ?? all[0];
    const aside = all.length > 1 ? html`<label class="hidden" for="radar-of">Proficiency of</label>
      <select id="radar-of" value=${v.id} onChange=${(e) => this.setState({ chosen: e.currentTarget.value })}>${all.map((x) => html`<option key=${x.id} value=${x.id}>${x.name}</option>`)}</select>` : null;
    const any = v.axes.some((a) => isSet(a.mean));
    return html`<${Card} title="Proficiency" id="h-prof" aside=${aside}>
      ${v.axes.length >= 3 ? html`<${Radar} axes=${v.axes} label=${sentence(v)} />` : null}
      ${any ? null : html`<p class="soft">Nothing measured yet. A proficiency needs verified answers, and those need a model.</p>`}
      ${any ? html`<p class="soft small">A proficiency is the chance that a new task passes, each family and each of its levels being equally likely.</p>` : null}
      <${Table} axes=${v.axes} name=${v.name} /><//>`;
  }
}
