// What happens right now: the state of the connection, and the events.
import { change, invalidate, patch } from "./store.js";

// link is the connection: "up", "gone" (no answer), "out" (logged out) or
// "limited" (answers, but no events).
export const link = {
  state: "opening",
  error: null,
  retryAt: 0,
  since: 0,
  retry() {},
  up() {
    this.state = "up";
    this.error = null;
    change();
  },
  down(state, error, at) {
    if (this.state !== state) this.since = Date.now();
    Object.assign(this, { state, error, retryAt: at });
    change();
  },
  // lost: a request got no answer; the event stream finds out the rest.
  lost(error) {
    if (this.state === "up") this.down("gone", error, Date.now());
  },
};

// notices are read out by screen readers, and shown for a while.
let last = { text: "", bad: false };
export const notice = () => last;
export function tell(text, bad = false) {
  last = { text, bad };
  change();
  setTimeout(() => {
    if (last.text === text && !bad) dismiss();
  }, 6_000);
}
export function dismiss() {
  last = { text: "", bad: false };
  change();
}

let due = 0;

// soon reloads what events changed, at most once a second.
function soon(...prefixes) {
  pending.push(...prefixes);
  if (due) return;
  due = setTimeout(() => {
    due = 0;
    invalidate(...pending.splice(0));
  }, 1_000);
}
const pending = [];

export function arrived(kind, data) {
  if (!kind.startsWith("activity.")) {
    soon("subagents/", "assignments");
    return;
  }
  const a = data.activity;
  const runs = a.status === "running";
  patch("status", (s) => {
    const current = runs ? a : s.current_activity?.activity_id === a.activity_id ? null : s.current_activity;
    const recent = s.recent_activities.filter((r) => r.activity_id !== a.activity_id);
    return { ...s, current_activity: current, recent_activities: [...recent, a].slice(-10) };
  });
  soon("status", `activities/${encodeURIComponent(a.activity_id)}`);
  if (!runs) soon("activities?", "dashboard", "metrics/");
  if (data.insights.length || !runs) soon("insights");
}
