// The skills: each kind over time with its families, and one family with all that is known of it.
import { count, isSet, kindName, percent, plural } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { get } from "../lib/store.js";
import { Card, Facts, Interval, Loaded, Text, measured } from "../parts/bits.js";
import { skillName } from "../parts/curve.js";
import { Export } from "../parts/export.js";
import { Item } from "../parts/items.js";
import { Better, answered, explained, Skills as Table } from "../parts/proficiency.js";
import { Rows } from "../pages/activities.js";

// Kind is a kind: how it went over time, and its families.
function Kind({ name, k, level, again }) {
  return html`<${Card} title=${level === 1 ? "Over time" : kindName(name)} id=${"h-" + name} aside=${level === 1 ? null : html`<a href=${to("skills", name)}>${kindName(name)} alone</a>`}>
    <${Better} kind=${name} k=${k} again=${again} />
    ${k.families.length ? html`<${Table} kind=${name} k=${k} />` : null}<//>`;
}

function Skills() {
  const path = "progress";
  return html`<h1 tabindex="-1">Skills</h1>
    <${Loaded} of=${get(path)} path=${path} what="The progress">${(p) => {
      const kinds = answered(p);
      const others = Object.entries(p.hobbies).filter(([, k]) => !isSet(k.success_rate));
      return html`<p class="soft">${explained}</p>${kinds.map(([name, k], i) => html`<${Kind} key=${name} name=${name} k=${k} again=${i > 0} />`)}
        ${kinds.length ? null : html`<section class="card"><p class="soft">Nothing was measured yet. A proficiency needs verified answers, and those need a model.</p></section>`}
        ${others.length && kinds.length ? html`<p class="soft">Not measured: ${others.map(([name]) => kindName(name)).join(", ")}.</p>` : null}`;
    }}<//>`;
}

function OneKind({ name }) {
  return html`<p class="crumb"><a href="#/skills">Skills</a></p><h1 tabindex="-1">${kindName(name)}</h1>
    <${Loaded} of=${get("progress")} path="progress" what="The progress">${(p) => {
      const k = p.hobbies[name];
      if (!k) return html`<p>Nothing of this kind is practised here. <a href="#/skills">All skills</a></p>`;
      return html`<${Kind} name=${name} k=${k} level=${1} /><${Answers} kind=${name} /><${Sessions} kind=${name} />`;
    }}<//>`;
}

function Levels({ s }) {
  const guessed = s.per_level.some((l) => l.chance);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Levels"><table class="profile"><thead><tr><th scope="col">Level</th><th scope="col" class="picture"><span class="hidden">Picture</span></th>
    <th scope="col">A new task passes (95\u202f%)</th><th scope="col">Right</th>${guessed ? html`<th scope="col">By guessing</th>` : null}</tr></thead>
    <tbody>${s.per_level.map((l) => html`<tr key=${l.level}><th scope="row">${l.level}${l.open ? "" : html` <span class="soft">locked</span>`}</th>
      <td class="picture"><${Interval} mean=${l.proficiency} low=${l.proficiency_low} high=${l.proficiency_high} /></td>
      <td>${measured(l.proficiency, l.proficiency_low, l.proficiency_high)}${l.items || !isSet(l.proficiency) ? "" : html` <span class="soft">expected</span>`}</td>
      <td>${l.items ? `${count(l.passes)} of ${count(l.items)}` : "—"}</td>${guessed ? html`<td>${l.chance ? percent(l.chance) : "never"}</td>` : null}</tr>`)}</tbody></table></div>`;
}

// Answers are those to tasks of a skill, the misses first shown.
class Answers extends Component {
  constructor() {
    super();
    this.state = { result: "missed", level: "", model_key: "", q: "", shown: 1 };
  }
  filter(change) {
    this.setState({ ...change, shown: 1 });
  }
  render({ kind, family, levels = 0 }, { result, level, model_key, q, shown }) {
    const models = Object.entries(get("curve?" + new URLSearchParams({ hobby_type: kind, ...(family && { family }) })).data?.models ?? {});
    const query = new URLSearchParams({ hobby_type: kind, limit: 20 });
    for (const [name, v] of Object.entries({ family, result, level, model_key, q })) if (v) query.set(name, v);
    const pages = [];
    for (let cursor = ""; cursor !== undefined && pages.length < shown; cursor = pages.at(-1).entry.data?.next_cursor) {
      if (cursor) query.set("cursor", cursor);
      const path = "items?" + query;
      pages.push({ path, entry: get(path) });
    }
    const next = pages.at(-1).entry.data?.next_cursor;
    const none = result === "missed" && !level && !model_key && !q ? "Nothing was missed." : "No answer matches these filters.";
    return html`<${Card} title="Answers" id="h-answers">
      <div class="filters"><label>Show <select value=${result} onChange=${(e) => this.filter({ result: e.currentTarget.value })}><option value="missed">misses</option><option value="passed">what passed</option><option value="">all</option></select></label>
        ${levels > 1 ? html`<label>Level <select value=${level} onChange=${(e) => this.filter({ level: e.currentTarget.value })}><option value="">any</option>${Array.from({ length: levels }, (_, i) => html`<option key=${i} value=${i + 1}>${i + 1}</option>`)}</select></label>` : null}
        ${models.length > 1 ? html`<label>Model <select value=${model_key} onChange=${(e) => this.filter({ model_key: e.currentTarget.value })}><option value="">all ${models.length}</option>${models.map(([key, name]) => html`<option key=${key} value=${key}>${name || key}</option>`)}</select></label>` : null}
        <label>Search <input type="search" maxlength="200" value=${q} onChange=${(e) => this.filter({ q: e.currentTarget.value.trim() })} /></label></div>
      ${pages.map(({ path, entry }, i) => html`<${Loaded} key=${i} of=${entry} path=${path} what="The answers">${(d) =>
        d.items.length || i ? d.items.map((item) => html`<${Item} key=${item.item_id} item=${item} session=${true} />`) : html`<p class="soft">${none}</p>`}<//>`)}
      ${next ? html`<button type="button" onClick=${() => this.setState({ shown: pages.length + 1 })}>Show older ones</button>` : null}
      <${Export} name=${["answers", kind, family].filter(Boolean).join("-").toLowerCase()} rows=${pages.flatMap(({ entry }) => entry.data?.items ?? [])} /><//>`;
  }
}

function Sessions({ kind, family }) {
  const path = "activities?" + new URLSearchParams({ count: 10, hobby_type: kind, ...(family && { family }) });
  return html`<${Card} title="Last sessions" id="h-last"><${Loaded} of=${get(path)} path=${path} what="The sessions">${(list) =>
    list.length ? html`<${Rows} of=${[...list].reverse()} />` : html`<p class="soft">${family ? "No session was of this skill alone." : "There was none yet."}</p>`}<//><//>`;
}

function Family({ kind, family }) {
  const path = `skills/${encodeURIComponent(kind)}/${encodeURIComponent(family)}`;
  const entry = get(path);
  if (entry.error?.status === 404) return html`<h1 tabindex="-1">There is no such skill</h1><p><a href="#/skills">All skills</a></p>`;
  return html`<p class="crumb"><a href=${to("skills", kind)}>${kindName(kind)}</a></p><h1 tabindex="-1"><${Text} of=${skillName(family)} /></h1>
    <${Loaded} of=${entry} path=${path} what="The skill">${(s) => html`
      <div class="grid"><div class="stack"><${Card} title="Over time" id="h-curve"><${Better} kind=${kind} family=${family} k=${s} /><//></div>
      <div class="stack"><${Card} title="Levels" id="h-levels">
        ${isSet(s.practised_proficiency) ? html`<p><strong>${measured(s.practised_proficiency, s.practised_proficiency_low, s.practised_proficiency_high)}</strong> of new tasks pass, at the ${plural(s.levels_practised, "level")} practised so far.</p>` : html`<p class="soft">Nothing was measured of the current model yet.</p>`}
        <${Levels} s=${s} />
        ${s.per_level.some((l) => !l.open) ? html`<p class="soft small">A level opens once those below it, and the skills that this one builds on, are mastered.</p>` : null}
        <${Facts} of=${[["Builds on", s.requires.length ? s.requires.map((r, i) => html`${i ? ", " : ""}<a href=${to("skills", kind + "/" + r)}>${skillName(r)}</a>`) : null],
          ["Older answers", s.older_items ? `${plural(s.older_items, "answer")} to tasks of an older kind count no more` : null]]} /><//></div></div>
      <${Answers} kind=${kind} family=${family} levels=${s.levels} />
      <${Sessions} kind=${kind} family=${family} />`}<//>`;
}

export const skills = () => html`<${Skills} />`;

// skill shows #/skills/KIND or #/skills/KIND/family, whose id is "KIND/family".
export function skill(id) {
  const [kind, ...family] = id.split("/");
  return family.length ? html`<${Family} key=${id} kind=${kind} family=${family.join("/")} />` : html`<${OneKind} key=${id} name=${kind} />`;
}
