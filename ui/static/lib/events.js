// Follows the server's events, and resumes where it left off.
import { alive, Problem, read, url } from "./api.js";

// A stream names its kinds of event, so they are listed here.
const kinds = ["activity.started", "activity.progress", "activity.finished",
  "assignment.created", "assignment.started", "assignment.retried", "assignment.finished"];
const longest = 15_000; // milliseconds between attempts

// follow calls on.event(kind, data) for each event, on.up() when the stream
// begins or begins again, and on.down(error, retryAt) when it does not. A
// hidden page has no stream: browsers allow a host only a few connections.
export function follow(on) {
  let last = null;
  let failures = 0;
  let timer = 0;
  let stream = null;

  function open() {
    close();
    const it = new EventSource(url(last === null ? "events" : `events?last_event_id=${encodeURIComponent(last)}`));
    stream = it;
    it.onopen = () => {
      failures = 0;
      on.up();
    };
    it.onerror = () => fail(it);
    for (const kind of kinds) {
      it.addEventListener(kind, (e) => {
        last = e.lastEventId;
        on.event(kind, JSON.parse(e.data));
      });
    }
  }

  function close() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  }

  // fail finds out why there is no stream: the server is gone, this browser
  // was logged out, or the stream only ended.
  async function fail(it) {
    if (it !== stream) return;
    it.close();
    const wait = failures === 0 ? 500 : Math.min(longest, 1000 * 2 ** (failures - 1));
    failures++;
    timer = setTimeout(open, wait);
    const retryAt = Date.now() + wait;
    try {
      await alive();
      await read("config");
    } catch (err) {
      if (it === stream) on.down(err, retryAt);
      return;
    }
    // It answers, but gives no stream: too many are open.
    if (it === stream && failures > 2) {
      on.down(new Problem(503, { detail: "The server has no event stream left for this page, so it is updated every few seconds only." }), retryAt);
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else if (!stream) open();
  });
  open();
  return { retry: open };
}
