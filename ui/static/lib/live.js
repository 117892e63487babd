// The state of the connection, notices, and the data that is due to be loaded
// again.
import { change, invalidate } from "./store.js";

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
  // lost: a request got no answer. The event stream finds out whether the server
  // is gone.
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

const pending = new Set();
let due = 0;

// soon loads the paths with one of the prefixes again, at most once a second.
export function soon(prefixes) {
  for (const p of prefixes) pending.add(p);
  if (due || !pending.size) return;
  due = setTimeout(() => {
    due = 0;
    const all = [...pending];
    pending.clear();
    invalidate(...all);
  }, 1_000);
}
