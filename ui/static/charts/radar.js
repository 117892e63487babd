// A radar of proficiencies with their 95 % intervals, as SVG. An axis that was
// never measured has no point, and nothing is drawn to it. The outer ring is
// 100 %, or less where all values are far below; its value stands on it.
import { isSet, percent } from "../lib/format.js";
import { html } from "../lib/html.js";

const W = 460, H = 344, cx = W / 2, cy = H / 2, R = 138;

function at(i, n, v) {
  const a = (2 * Math.PI * i) / n - Math.PI / 2;
  return [cx + Math.cos(a) * R * v, cy + Math.sin(a) * R * v];
}

const xy = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`;

const ring = (n, v) => Array.from({ length: n }, (_, i) => xy(at(i, n, v))).join(" ");

// between draws f(i, j) for neighbours that are both measured.
function between(axes, f) {
  const n = axes.length;
  return axes.map((a, i) => {
    const j = (i + 1) % n;
    return isSet(a.mean) && isSet(axes[j].mean) ? f(i, j) : null;
  });
}

function Label({ axis, i, n }) {
  const [x, y] = at(i, n, 1.1);
  const side = Math.abs(x - cx) < 12 ? "middle" : x > cx ? "start" : "end";
  const drop = Math.abs(x - cx) < 12 ? (y < cy ? -2 : 10) : 4;
  const lines = axis.label.length > 12 ? axis.label.split(" ") : [axis.label];
  const up = y < cy ? 1.1 * (lines.length - 1) : 0; // a label above the middle grows upwards
  return html`<text y=${y + drop} text-anchor=${side} class=${isSet(axis.mean) ? "" : "unmeasured"}>${lines.map((l, k) => html`<tspan x=${x} dy=${(k ? 1.1 : -up) + "em"}>${l}</tspan>`)}</text>`;
}

// tops are what the outer ring may be.
const tops = [0.1, 0.2, 0.5, 1];

// zoomed is axes as shares of the outer ring.
function zoomed(axes) {
  const most = Math.max(0, ...axes.map((a) => a.high ?? 0));
  const top = most > 0 ? tops.find((t) => most <= t) : 1;
  const part = (v) => (isSet(v) ? v / top : null);
  return [top, axes.map((a) => ({ ...a, mean: part(a.mean), low: part(a.low), high: part(a.high) }))];
}

// Radar draws axes [{label, mean, low, high}], from 0 to 1; three or more.
export function Radar({ axes: given, label }) {
  const n = given.length;
  const [top, axes] = zoomed(given);
  return html`<svg class="radar" viewBox=${`0 0 ${W} ${H}`} role="img" aria-label=${label}>
    ${[0.25, 0.5, 0.75, 1].map((v) => html`<polygon key=${v} class="ring" points=${ring(n, v)} />`)}
    ${axes.map((_, i) => {
      const [x, y] = at(i, n, 1);
      return html`<line class="axis" x1=${cx} y1=${cy} x2=${x} y2=${y} />`;
    })}
    ${[0.5, 1].map((v) => html`<text key=${v} class="scale" x=${cx + 4} y=${cy - R * v + (v === 1 ? 13 : -3)}>${percent(v * top)}</text>`)}
    ${between(axes, (i, j) => html`<polygon class="band" points=${[at(i, n, axes[i].low), at(i, n, axes[i].high), at(j, n, axes[j].high), at(j, n, axes[j].low)].map(xy).join(" ")} />`)}
    ${between(axes, (i, j) => {
      const [x1, y1] = at(i, n, axes[i].mean), [x2, y2] = at(j, n, axes[j].mean);
      return html`<line class="mean" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />`;
    })}
    ${axes.map((a, i) => {
      if (!isSet(a.mean)) return null;
      const [x1, y1] = at(i, n, a.low), [x2, y2] = at(i, n, a.high), [x, y] = at(i, n, a.mean);
      return html`<g><title>${a.label}: ${percent(given[i].mean)}</title><line class="whisker" x1=${x1} y1=${y1} x2=${x2} y2=${y2} /><circle class="point" cx=${x} cy=${y} r="3.6" /></g>`;
    })}
    ${axes.map((axis, i) => html`<${Label} axis=${axis} i=${i} n=${n} />`)}
  </svg>`;
}
