// A year of days as squares: a column for each week, a row for each weekday.
import { html } from "../lib/html.js";

const day = 86_400_000;

// Heat draws numbers by day, {"2026-05-31": 3}, of the year that ends with the day last.
export function Heat({ values, last, label, unit }) {
  const end = new Date(last + "T00:00:00Z").getTime();
  const monday = (new Date(end).getUTCDay() + 6) % 7;
  const first = end - (52 * 7 + monday) * day;
  const most = Math.max(1, ...Object.values(values));
  const days = [];
  for (let at = first, i = 0; at <= end; at += day, i++) {
    const name = new Date(at).toISOString().slice(0, 10);
    const n = values[name] ?? 0;
    days.push(html`<rect class=${"day" + (n ? "" : " none")} x=${Math.floor(i / 7) + 0.08} y=${(i % 7) + 0.08} width="0.84" height="0.84" rx="0.15"
      style=${n ? { fillOpacity: 0.25 + (0.75 * n) / most } : null}><title>${`${name}: ${n} ${unit}`}</title></rect>`);
  }
  return html`<svg class="heat" viewBox="0 0 53 7" role="img" aria-label=${label}>${days}</svg>`;
}
