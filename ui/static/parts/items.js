// Verified answers as rows: the question, the answer and the key in a line each, and everything
// behind it.
import { count, duration, percent, plural, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { Facts, Text, Time } from "./bits.js";

const roles = { system: "Instruction", user: "Task", assistant: "Earlier answer" };

const task = (item) => (item.messages.findLast((m) => m.role === "user")?.content ?? item.messages.at(-1)?.content ?? "").replace(/```\w*/g, "");

function Again({ item }) {
  return html`<details class="data"><summary>To make this task again</summary><${Facts} of=${[["Family", item.family], ["Its version", item.version], ["Level", item.level || null],
    ["Seed", html`<code>${item.seed}</code>`], ["Model key", html`<code class="text">${item.model_key}</code>`]]} /></details>`;
}

export function Item({ item, n, open, session }) {
  const key = item.reference && (!item.passed || item.reference !== item.answer);
  return html`<details class="item" open=${open}><summary>
      <span class=${"verdict " + (item.passed ? "passed" : "missed")}>${item.passed ? "Passed" : "Missed"}</span>
      ${n ? html`<span class="n">${n}</span>` : null} <span class="task"><${Text} of=${shorten(task(item), 120)} />
        <span class="said">answer <code><${Text} of=${shorten(item.answer || "(empty)", 60)} /></code>${key ? html` · key <code><${Text} of=${shorten(item.reference, 60)} /></code>` : null}</span></span>
      ${item.split === "held_out" ? html`<span class="tag" title="Kept apart from training, for measuring only">held out</span>` : null}</summary>
    <div class="inside">
      ${item.messages.map((m) => html`<h3>${roles[m.role] ?? m.role}</h3><pre dir="auto" tabindex="0">${m.content}</pre>`)}
      <h3>Answer</h3><pre dir="auto" tabindex="0">${item.answer || "(empty)"}</pre>
      ${item.reference ? html`<h3>Key</h3><pre dir="auto" tabindex="0">${item.reference}</pre>` : null}
      <h3>Verdict</h3>
      <p>${item.passed ? "Passed" : "Missed"}${item.score > 0 && item.score < 1 ? `, ${percent(item.score)} of it right` : ""}${item.note ? html`: <${Text} of=${item.note} />` : ""}.</p>
      <${Facts} of=${[["Level", item.level || null], ["Checked by", item.verifier], ["Answered in", duration(item.latency_seconds)],
        ["Tokens", item.tokens_out ? `${count(item.tokens_in)} in, ${count(item.tokens_out)} out` : null],
        ["When", session && html`<${Time} at=${item.at} />`], ["Session", session && html`<a href=${to("activities", item.activity_id)}>all of its answers</a>`]]} />
      <${Again} item=${item} />
    </div></details>`;
}

// Items are the answers of one session.
export class Items extends Component {
  render({ of }, { only = "all", open = false, q = "" }) {
    const missed = of.filter((i) => !i.passed).length;
    const has = (i) => !q || [task(i), i.answer, i.reference].some((t) => t.toLowerCase().includes(q.toLowerCase()));
    const shown = of.map((item, n) => [item, n + 1]).filter(([i]) => (only === "all" || !i.passed) && has(i));
    return html`<div class="filters">
        <label>Show <select value=${only} onChange=${(e) => this.setState({ only: e.currentTarget.value })}><option value="all">all ${of.length}</option><option value="missed">misses only (${missed})</option></select></label>
        ${of.length > 5 ? html`<label>Search <input type="search" value=${q} onInput=${(e) => this.setState({ q: e.currentTarget.value })} /></label>` : null}
        <button type="button" aria-pressed=${open ? "true" : "false"} onClick=${() => this.setState({ open: !open })}>${open ? "Close all" : "Open all"}</button></div>
      ${shown.map(([item, n]) => html`<${Item} key=${item.item_id + open} item=${item} n=${n} open=${open} />`)}
      ${shown.length ? null : html`<p class="soft">${q ? "No answer has this text." : `There is none: ${plural(of.length, "answer")} passed.`}</p>`}`;
  }
}
