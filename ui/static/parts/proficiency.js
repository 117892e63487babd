// The agent's proficiency: bars with their intervals or a radar, and how it went over time.
import { Radar } from "../charts/radar.js";
import { count, kindName, isSet } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { has, to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Interval, Loaded, measured } from "./bits.js";
import { Curve, day, skillName } from "./curve.js";

// The picture shows what was measured, which is of the levels that were
// practised; all is extrapolated to all levels.
const axis = (label, href, p, more) => ({ label, href, mean: p.practised_proficiency, low: p.practised_proficiency_low, high: p.practised_proficiency_high,
  all: p.proficiency, allLow: p.proficiency_low, allHigh: p.proficiency_high, items: p.items, passes: p.passes, ...more });

const families = (name, k) => k.families.map((f) => axis(skillName(f.family), to("skills", `${name}/${f.family}`), f,
  { level: `${f.level}\u00a0of\u00a0${f.levels}`, practised: f.levels_practised, levels: f.levels, older: f.older_items }));

// views are what can be shown: the kinds, and the families of each kind that has them.
function views(p) {
  const all = [];
  const kinds = Object.entries(p.hobbies).filter(measures);
  for (const [name, k] of kinds) {
    if (k.families.length > 0) all.push({ id: name, name: kindName(name), items: k.items, axes: families(name, k) });
  }
  all.sort((a, b) => b.items - a.items || b.axes.length - a.axes.length);
  all.push({ id: "", name: "All kinds", axes: kinds.map(([name, k]) => axis(kindName(name), to("skills", name), k)) });
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

const Anew = ({ a }) => (a.older ? html` <span class="tag" title=${`This skill's tasks were changed. ${count(a.older)} answers to older ones count no more.`}>measured anew</span>` : null);

// Table has what was measured, and names the rest.
function Table({ axes, name, all }) {
  const done = axes.filter((a) => isSet(a.mean)), others = axes.filter((a) => !isSet(a.mean));
  return html`${done.length ? html`<${Rows} axes=${done} name=${name} all=${all} />` : null}
    ${others.length ? html`<p class="soft small">Not measured yet: ${others.map((a, i) => html`${i ? ", " : ""}<a href=${a.href}>${a.label}</a><${Anew} a=${a} />`)}.</p>` : null}`;
}

function Rows({ axes, name, all }) {
  const levels = axes.some((a) => a.level), passes = axes.some((a) => isSet(a.passes));
  return html`<div class="scroll short" tabindex="0" role="group" aria-label=${`Proficiency: ${name}`}><table class="profile">
    <thead><tr><th scope="col">Skill</th><th scope="col" class="picture"><span class="hidden">Picture</span></th><th scope="col">Levels practised (95\u202f%)</th>${all ? html`<th scope="col">All levels, expected</th>` : null}${levels ? html`<th scope="col">Level</th>` : null}<th scope="col">${passes ? "Right" : "Answers"}</th></tr></thead>
    <tbody>${[...axes].sort(strongest).map((a) => html`<tr key=${a.label}><th scope="row"><a href=${a.href}>${a.label}</a><${Anew} a=${a} /></th><td class="picture"><${Interval} mean=${a.mean} low=${a.low} high=${a.high} /></td>
      <td>${measured(a.mean, a.low, a.high)}</td>${all ? html`<td>${a.levels && a.practised === a.levels ? "all practised" : measured(a.all, a.allLow, a.allHigh)}</td>` : null}${levels ? html`<td>${a.level ?? "—"}</td>` : null}<td>${!a.items ? "—" : isSet(a.passes) ? `${count(a.passes)}\u00a0of\u00a0${count(a.items)}` : count(a.items)}</td></tr>`)}</tbody></table></div>`;
}

// Skills is the table of a kind's families.
export const Skills = ({ kind, k }) => html`<${Table} axes=${families(kind, k)} name=${kindName(kind)} all=${true} />`;

export const explained = "A proficiency is the chance that a new task passes, every skill and every level of it being equally likely.";

// nothing is why there is no number.
function nothing(p) {
  if (isSet(p.overall_practised_proficiency)) return "None of these was practised yet.";
  if (answered(p).length) return "The current model has not answered yet. Each model is measured by itself.";
  return "Nothing measured yet. A proficiency needs verified answers, and those need a model.";
}

export class Proficiency extends Component {
  render({ p }, { chosen, as = "bars" }) {
    const all = views(p);
    const v = all.find((x) => x.id === chosen) ?? all[0];
    const any = v.axes.some((a) => isSet(a.mean));
    const aside = html`${all.length > 1 ? html`<label class="hidden" for="radar-of">Proficiency of</label>
      <select id="radar-of" value=${v.id} onChange=${(e) => this.setState({ chosen: e.currentTarget.value })}>${all.map((x) => html`<option key=${x.id} value=${x.id}>${x.name}</option>`)}</select>` : null}
      ${v.axes.length >= 3 && any ? html`<label class="hidden" for="radar-as">Shown as</label>
      <select id="radar-as" value=${as} onChange=${(e) => this.setState({ as: e.currentTarget.value })}><option value="bars">bars</option><option value="radar">radar</option></select>` : null}`;
    return html`<${Card} title="Proficiency" id="h-prof" aside=${aside}>
      ${any ? html`<p class="soft small">${explained}</p>` : html`<p class="soft">${nothing(p)}</p>`}
      ${as === "radar" && v.axes.length >= 3 && any ? html`<${Radar} axes=${v.axes} label=${sentence(v)} />` : null}
      <${Table} axes=${v.axes} name=${v.name} /><//>`;
  }
}

// verdict says whether a kind gets better, as far as its answers show it.
function verdict(k, c) {
  if (k.improvement_rate_shown && k.improvement_rate > 0) return "More answers pass than before, at the same levels: it is getting better.";
  if (k.improvement_rate_shown) return "Fewer answers pass than before, at the same levels.";
  if (c.fixed) return "Practice does not change this model’s weights: only a training makes it better. What moves from day to day is how exactly it is known.";
  if ("improvement_rate" in k) return isSet(k.improvement_rate_low) ? "No change is shown so far." : "The model of today has answered on too few days to show whether it gets better.";
  return "";
}

// Since says since when another model answers, and how the two compare at one skill. Numbers of a kind do
// not compare them, as each is of the skills that its own model has practised.
function Since({ history, family }) {
  const now = history.at(-1), before = history.findLast((h) => h.model_key !== now.model_key);
  if (!before) return null;
  const value = (h) => measured(h.proficiency, h.proficiency_low, h.proficiency_high);
  return html`<p>The model of today has answered since ${day(history[history.indexOf(before) + 1].at)}. ${family
    ? html`Of new tasks it passes <strong>${value(now)}</strong>; the one before it passed ${value(before)}.`
    : html`It may have practised other skills than the one before it, so this curve does not compare the two: the page of a skill does${has("lora") ? html`, and <a href="#/training">the trial</a> of a training` : ""}.`}</p>`;
}

// Better is the curve of a kind or of one family, with what it says. k has what is known of it;
// again leaves out what was said of another kind already.
export function Better({ kind, family, k, again }) {
  const path = "curve?" + new URLSearchParams({ hobby_type: kind, ...(family && { family }) });
  return html`<${Loaded} of=${get(path)} path=${path} what="The curve">${(c) => {
    if (!c.history.length) return html`<p class="soft">No answer was verified yet.</p>`;
    const said = again && c.fixed ? "" : verdict(k, c);
    return html`<${Since} history=${c.history} family=${family} />${said ? html`<p>${said}</p>` : null}<${Curve} history=${c.history} changes=${c.model_changes} of=${family ? skillName(family) : kindName(kind)}
      model=${(key) => (key ? c.models[key] || key.slice(0, 8) : "no model")} />`;
  }}<//>`;
}

// measures says whether a kind's answers are of its own skills. Those of a benchmark are of the other kinds' skills.
const measures = ([, k]) => k.families.length > 0 || isSet(k.proficiency) || !isSet(k.success_rate);

// answered are the kinds with verified answers, of any model, those with most sessions first.
export const answered = (p) => Object.entries(p.hobbies).filter((e) => isSet(e[1].success_rate) && measures(e)).sort(([, a], [, b]) => b.activities_completed - a.activities_completed);

// OverTime is the curve of one kind, of which most is known at first.
export class OverTime extends Component {
  render({ p }, { chosen }) {
    const kinds = answered(p);
    if (!kinds.length) return null;
    const [name, k] = kinds.find(([n]) => n === chosen) ?? kinds[0];
    const aside = html`${kinds.length > 1 ? html`<label class="hidden" for="better-of">Proficiency over time of</label>
      <select id="better-of" value=${name} onChange=${(e) => this.setState({ chosen: e.currentTarget.value })}>${kinds.map(([n]) => html`<option key=${n} value=${n}>${kindName(n)}</option>`)}</select>` : null}
      ${" "}<a href=${to("skills", name)}>Its skills</a>`;
    return html`<${Card} title="Is it getting better?" id="h-better" aside=${aside}><${Better} kind=${name} k=${k} /><//>`;
  }
}
