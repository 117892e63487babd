// Follows the server's events, and resumes after the last one received.
import { Gone, Problem, stream } from "./api.js";

const longest = 15_000; // milliseconds between attempts
const silence = 40_000; // the server says something every fifteen seconds

// each hands on the events of a stream, of whatever kind, until it ends. It does
// not use EventSource, which must be told every kind and hides why there is no
// stream.
async function each(body, heard, event) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const { id, event: kind, data } = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      if (kind) event(id, kind, JSON.parse(data));
    }
  }
}

// follow calls on.event(kind, data) for each event, on.up() when the stream
// begins or begins again, on.heard() whenever something came, and on.down(error,
// retryAt) when it does not begin. A hidden page has no stream: browsers allow a
// host only a few connections.
export function follow(on) {
  let last = null;
  let failures = 0;
  let timer = 0;
  let current = null;

  async function open() {
    close();
    const it = (current = new AbortController());
    let deaf = 0;
    const heard = () => {
      clearTimeout(deaf);
      deaf = setTimeout(() => it.abort(), silence);
    };
    let up = false;
    let why = null;
    try {
      heard();
      const body = await stream(last === null ? "events" : `events?last_event_id=${last}`, it.signal);
      up = true;
      failures = 0;
      on.up();
      await each(body, () => (heard(), on.heard()), (id, kind, data) => {
        last = id;
        queueMicrotask(() => on.event(kind, data)); // an error in it must not end the stream
      });
    } catch (err) {
      why = err instanceof Problem ? err : new Gone("The server does not answer.");
    }
    clearTimeout(deaf);
    if (it !== current) return;
    const wait = failures === 0 ? 500 : Math.min(longest, 1000 * 2 ** (failures - 1));
    failures++;
    timer = setTimeout(open, wait);
    // A stream that breaks off is not reported; one that cannot be opened is.
    if (!up) on.down(why, Date.now() + wait);
  }

  function close() {
    clearTimeout(timer);
    current?.abort();
    current = null;
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else if (!current) open();
  });
  open();
  return { retry: open };
}
