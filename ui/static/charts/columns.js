// Counts over time as columns; several series are stacked.
import { count } from "../lib/format.js";
import { html } from "../lib/html.js";

// Columns draws series [{name, values}] over labels, all of equal length.
export function Columns({ labels, series, label }) {
  const totals = labels.map((_, i) => series.reduce((sum, s) => sum + (s.values[i] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const every = Math.ceil(labels.length / 6);
  return html`<div class="columns" role="img" aria-label=${label}>
    <span class="most">${count(most)}</span>
    <div class="plot">${labels.map((l, i) => html`<span class="column" title=${`${l}: ${count(totals[i])}`}>
      ${series.map((s, k) => (s.values[i] ? html`<i class=${"tone-" + (k % 6)} style=${{ height: `${(100 * s.values[i]) / most}%` }}></i>` : null))}</span>`)}</div>
    <div class="ticks">${labels.map((l, i) => (i % every === 0 ? html`<span style=${{ left: `${(100 * (i + 0.5)) / labels.length}%` }}>${l}</span>` : null))}</div>
  </div>`;
}

export const Legend = ({ names }) =>
  names.length < 2 ? null : html`<ul class="legend">${names.map((n, i) => html`<li><i class=${"tone-" + (i % 6)} aria-hidden="true"></i>${n}</li>`)}</ul>`;
