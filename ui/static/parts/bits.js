// Small things that all pages are made of.
import { absolute, clock, kindName, isSet, percent, range, relative, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { invalidate } from "../lib/store.js";

// Ticking shows of() anew every few milliseconds.
export class Ticking extends Component {
  componentDidMount() {
    this.timer = setInterval(() => this.setState({}), this.props.every);
  }
  componentWillUnmount() {
    clearInterval(this.timer);
  }
  render({ of }) {
    return of();
  }
}

// Time is a point in time, with the exact time on hover.
export function Time({ at, exact }) {
  if (!at) return html`<span>—</span>`;
  const date = new Date(at);
  return html`<time datetime=${at} title=${absolute(date)}>${exact ? clock(date) : html`<${Ticking} every=${20_000} of=${() => relative(date)} />`}</time>`;
}

// Text is a text from outside. It has its own direction, and breaks anywhere.
export const Text = ({ of }) => html`<bdi class="text">${of}</bdi>`;

// Long is a long text from outside, shortened with a way to the whole.
export class Long extends Component {
  render({ of, length = 160 }, { whole }) {
    const short = shorten(of, length);
    if (whole || short.length >= of.trim().length) return html`<${Text} of=${of} />`;
    return html`<${Text} of=${short} /> <button type="button" class="link" onClick=${() => this.setState({ whole: true })}>all of it</button>`;
  }
}

export const Kind = ({ of }) => html`<span class="kind">${kindName(of)}</span>`;

const marks = { completed: "■", failed: "✕", interrupted: "◐", running: "●", pending: "○" };

export const Status = ({ of }) => html`<span class=${"status " + of}><span aria-hidden="true">${marks[of] ?? "·"}</span> ${of}</span>`;

// Interval is a mean with its 95 % interval on a scale from 0 to 1; a picture
// beside a text that says the same.
export function Interval({ mean, low, high }) {
  if (!isSet(mean)) return html`<span class="interval none" aria-hidden="true"></span>`;
  const at = { left: `${low * 100}%`, width: `${Math.max(0.5, (high - low) * 100)}%` };
  return html`<span class="interval" aria-hidden="true"><span class="band" style=${at}></span><span class="mean" style=${{ left: `${mean * 100}%` }}></span></span>`;
}

export const measured = (mean, low, high) => (isSet(mean) ? `${percent(mean)} (${range(low, high)})` : "—");

// Bar is a share of something, a picture beside its text.
export const Bar = ({ of, tone = "" }) =>
  html`<span class=${"bar " + tone} aria-hidden="true"><span style=${{ width: `${Math.min(1, Math.max(0, of)) * 100}%` }}></span></span>`;

// Loaded shows data, or why it is missing.
export function Loaded({ of: entry, path, children, what }) {
  if (entry.data !== undefined) {
    return html`${entry.error && entry.error.status ? html`<${Failed} error=${entry.error} path=${path} what=${what} old=${true} />` : null}${children(entry.data)}`;
  }
  if (entry.error) return html`<${Failed} error=${entry.error} path=${path} what=${what} />`;
  return html`<p class="soft loading" aria-busy="true">Loading…</p>`;
}

function Failed({ error, path, what, old }) {
  return html`<div class="problem" role="alert">
    <p><strong>${what} could not be read${old ? " again" : ""}.</strong> <${Text} of=${error.message} /></p>
    <button type="button" onClick=${() => invalidate(path)}>Try again</button>
  </div>`;
}

// Card is a titled part of a page.
export function Card({ title, id, aside, children, wide, level = 2 }) {
  return html`<section class=${"card" + (wide ? " wide" : "")} aria-labelledby=${id}>
    <div class="card-head">${level === 2 ? html`<h2 id=${id}>${title}</h2>` : html`<h3 id=${id}>${title}</h3>`}${aside ? html`<div class="aside">${aside}</div>` : null}</div>
    ${children}
  </section>`;
}

// Data is the table behind a picture, for people who cannot see it or want
// numbers.
export function Data({ caption, summary = "As a table", head, rows }) {
  return html`<details class="data"><summary>${summary}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label=${caption}><table><caption class="hidden">${caption}</caption>
      <thead><tr>${head.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
      <tbody>${rows.map((r) => html`<tr>${r.map((c, i) => (i === 0 ? html`<th scope="row">${c}</th>` : html`<td>${c}</td>`))}</tr>`)}</tbody>
    </table></div></details>`;
}

export const Facts = ({ of }) =>
  html`<dl class="facts">${of.filter(([, v]) => isSet(v) && v !== "").map(([k, v]) => html`<div key=${k}><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>`;
