// Numbers with their units, and times, for people.

const thin = "\u202f"; // a narrow space that does not break, between number and unit

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absoluteFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const momentFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export const isSet = (v) => v !== null && v !== undefined;

export const count = (n) => whole.format(n);

// plural is "1 answer", "3 answers".
export const plural = (n, one, many = one + "s") => `${count(n)}${"\u00a0"}${n === 1 ? one : many}`;

export const percent = (v) => `${whole.format(v * 100)}${thin}%`;

function signed(v) {
  const size = Math.abs(v * 100);
  const shown = size.toFixed(size < 10 ? 1 : 0);
  return `${Number(shown) === 0 ? "\u00b1" : v > 0 ? "+" : "\u2212"}${shown}`;
}

// points is a change of a share, with its sign.
export const points = (v) => `${signed(v)}${thin}percentage points`;

// between is the interval of a change whose unit is said beside it.
export const between = (low, high) => `95${thin}%: ${signed(low)} to ${signed(high)}`;

// change is a change of a share, if the answers show one: its interval excludes
// zero, or what the server says of one session among many.
export function change(mean, low, high, shown = low > 0 || high < 0) {
  if (!isSet(low) || !isSet(high)) return points(mean);
  return shown ? `${points(mean)} (${between(low, high)})` : `no change shown (${between(low, high)}${thin}percentage points)`;
}

export const range = (low, high) => `${whole.format(low * 100)}\u2013${percent(high)}`;

// duration writes seconds with the two largest units that matter.
export function duration(seconds) {
  const u = (n, unit) => `${n}${thin}${unit}`;
  if (seconds < 0.0005) return u(0, "s");
  if (seconds < 1) return u(Math.max(1, Math.round(seconds * 1000)), "ms");
  if (seconds < 10) return u(seconds.toFixed(1), "s");
  if (seconds < 60) return u(Math.round(seconds), "s");
  const total = Math.round(seconds);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  if (h >= 100) return u(count(h), "h");
  if (h > 0) return m ? `${u(h, "h")} ${u(m, "min")}` : u(h, "h");
  return s ? `${u(m, "min")} ${u(s, "s")}` : u(m, "min");
}

export const minutes = (m) => duration(m * 60);

const steps = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Infinity],
];

// relative is "3 minutes ago" or "in 2 hours".
export function relative(date, now = Date.now()) {
  let v = (date - now) / 1000;
  if (Math.abs(v) < 5) return "just now";
  for (const [unit, size] of steps) {
    if (Math.abs(Math.round(v)) < size) return relativeFormat.format(Math.round(v), unit).replaceAll(" ", "\u00a0");
    v /= size;
  }
  return "";
}

export const absolute = (date) => `${absoluteFormat.format(date)} (${date.toISOString()})`;

// moment is a day and a time of it.
export const moment = (date) => momentFormat.format(date);

export const clock = (date) => clockFormat.format(date);

// kindName is "Skill practice" for SKILL_PRACTICE.
export function kindName(kind) {
  const words = kind.toLowerCase().replaceAll("_", " ").replace(/\b(?:sql|api|html|json)\b/g, (w) => w.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// metric is the name and the value of a session's own number, by the unit in its
// name.
export function metric(name, v) {
  if (name === "items_per_minute") return ["Answers a minute", String(Number(v.toPrecision(3)))];
  if (name === "tokens_per_second") return ["Tokens a second", String(Number(v.toPrecision(3)))];
  if (name === "mean_latency_seconds") return ["Time for an answer", duration(v)];
  if (name.endsWith("_seconds")) return [kindName(name.slice(0, -"_seconds".length)), duration(v)];
  if (name === "accuracy") return [kindName(name), percent(v)];
  return [kindName(name), v < 100 ? String(Number(v.toPrecision(3))) : count(v)];
}

// shorten cuts a text at a word.
export function shorten(text, length) {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= length) return flat;
  const cut = flat.slice(0, length);
  return cut.slice(0, Math.max(cut.lastIndexOf(" "), length / 2)) + "\u2026";
}

export const tokens = (n) => plural(n, "token");

export const money = (usd) => `${usd < 0.01 && usd > 0 ? usd.toFixed(4) : usd.toFixed(2)}${thin}USD`;
