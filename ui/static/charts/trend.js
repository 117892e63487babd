// Shares over time as lines, from 0 to 100 %. What was not measured is a gap.
import { isSet } from "../lib/format.js";
import { html } from "../lib/html.js";

const W = 100, H = 100;

// runs cuts values into pieces without gaps: [[index, value]...].
function runs(values) {
  const all = [];
  let run = [];
  values.forEach((v, i) => {
    if (isSet(v)) run.push([i, v]);
    else if (run.length) run = void all.push(run) ?? [];
  });
  if (run.length) all.push(run);
  return all;
}

// Trend draws series [{name, values}] over labels; a value is null or 0 to 1.
export function Trend({ labels, series, label }) {
  const n = labels.length;
  const x = (i) => (n > 1 ? (i / (n - 1)) * W : W / 2);
  const y = (v) => H - v * H;
  const every = Math.ceil(n / 6);
  return html`<div class="trend" role="img" aria-label=${label}>
    <div class="scale"><span>100\u202f%</span><span>50</span><span>0</span></div>
    <div class="plot"><svg viewBox=${`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
      ${[0, 50, 100].map((v) => html`<line class="ring" x1="0" x2=${W} y1=${v} y2=${v} />`)}
      ${series.map((s, k) => runs(s.values).map((run) => html`<polyline class=${"line tone-" + (k % 6)} points=${run.map(([i, v]) => `${x(i)},${y(v)}`).join(" ")} />`))}
    </svg>
    ${series.map((s, k) => s.values.map((v, i) => (isSet(v) ? html`<i class=${"dot tone-" + (k % 6)} style=${{ left: `${x(i)}%`, top: `${y(v)}%` }}></i>` : null)))}</div>
    <div class="ticks">${labels.map((l, i) => (i % every === 0 ? html`<span style=${{ left: `${x(i)}%` }}>${l}</span>` : null))}</div>
  </div>`;
}
