// The page's data from the server. Components read with get while they render. The
// data that they read is loaded, kept up to date, and rendered again when it
// changes.
import { Gone, read } from "./api.js";

const cache = new Map(); // path -> entry
const keep = 60; // entries
let generation = 0;
let begun = false;
let onChange = () => {};
let onLost = () => {};
let scheduled = false;

// watch sets f to be called after changes.
export const watch = (f) => (onChange = f);

// whenLost sets f to be called with the error when no answer came, or when this
// browser is logged out.
export const whenLost = (f) => (onLost = f);

// change renders the page anew, once for all changes of a moment.
export function change() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    generation++;
    onChange();
  });
}

// begin lets data be loaded. Before, it is only noted what the page reads: what is read before the
// events come has to be read again. It reports whether that was not let before.
export function begin() {
  if (begun) return false;
  begun = true;
  change();
  return true;
}

// get returns the data of a path: {data, next, error, loading, at}. The data stays
// while it is loaded again, and when that fails.
export function get(path) {
  let entry = cache.get(path);
  if (!entry) {
    entry = { data: undefined, next: null, error: null, loading: false, stale: true, used: 0, at: 0 };
    cache.set(path, entry);
    forget();
  }
  entry.used = generation;
  if (begun && entry.stale && !entry.loading) load(path, entry);
  return entry;
}

// forget drops the entries that were not looked at for the longest time.
function forget() {
  for (const [path, e] of cache) {
    if (cache.size <= keep) return;
    if (e.used < generation && !e.loading) cache.delete(path);
  }
}

async function load(path, entry) {
  entry.loading = true;
  entry.stale = false;
  try {
    const answer = await read(path);
    Object.assign(entry, { data: answer.data, next: answer.next, error: null, at: Date.now() });
  } catch (err) {
    entry.error = err;
    if (err instanceof Gone || err.status === 401) onLost(err);
  }
  entry.loading = false;
  change();
}

// invalidate loads the paths with one of the prefixes again. Those that are not on
// the page are loaded when they are shown.
export function invalidate(...prefixes) {
  for (const [path, entry] of cache) {
    if (prefixes.some((p) => path.startsWith(p))) entry.stale = true;
  }
  change();
}

// again loads everything again that could not be loaded.
export function again() {
  for (const entry of cache.values()) {
    if (entry.error) entry.stale = true;
  }
  change();
}

// patch changes the data of a path without asking the server.
export function patch(path, f) {
  const entry = cache.get(path);
  if (entry?.data === undefined) return;
  entry.data = f(entry.data);
  change();
}
