// Requests to the server this page came from.

const base = new URL("./", document.baseURI);

const url = (path) => new URL(path, base).href;

// Gone is thrown when no answer came at all.
export class Gone extends Error {}

// Problem is an answer that is not a success, in the server's own words.
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.status = status;
    this.fields = (body.errors ?? []).map((e) => `${e.location ? e.location + ": " : ""}${e.message}`);
  }
}

// signedIn tells whether this browser has a session that can be ended.
export let signedIn = false;

const patience = 30_000; // milliseconds

async function ask(path, init) {
  let answer;
  try {
    answer = await fetch(url(path), { signal: AbortSignal.timeout(patience), ...init, cache: "no-store" });
  } catch (err) {
    throw new Gone(err.name === "TimeoutError" ? "The server took too long to answer." : "The server does not answer.");
  }
  if (answer.headers.get("Pastime-Session")) signedIn = true;
  if (answer.ok) return answer;
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // Something in between answered, not our server.
  }
  throw new Problem(answer.status, body ?? {});
}

async function decode(answer) {
  try {
    return await answer.json();
  } catch {
    throw new Gone("The answer was cut short.");
  }
}

// read gets JSON; next is the cursor of the page after it, if there is one.
export async function read(path) {
  const answer = await ask(path, { headers: { Accept: "application/json" } });
  return { data: await decode(answer), next: answer.headers.get("X-Next-Cursor") };
}

export async function write(path, body, method = "POST") {
  const init = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  return decode(await ask(path, init));
}

// stream gets the body of an answer that goes on until signal ends it.
export async function stream(path, signal) {
  return (await ask(path, { headers: { Accept: "text/event-stream" }, signal })).body;
}
