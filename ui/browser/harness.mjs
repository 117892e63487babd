// What the tests stand on: the real example server, a model's server that
// answers when it is told to, and a browser that notes everything it dislikes.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "pastime-browser-"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const patience = 30_000; // milliseconds, on a busy machine

let browser;

// Every file of tests compiles the server and the seed, and has a browser.
before(async () => {
  execFileSync("go", ["build", "-o", folder + "/", "./examples/server", "./ui/browser/seed"], { cwd: root, stdio: "inherit" });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// serve starts a server for a test, model a model's server.
export async function serve(t, ...args) {
  const server = await new Server(...args).start();
  t.after(() => server.stop());
  return server;
}

export async function model(t) {
  const m = await new Model().start();
  t.after(() => m.stop());
  return m;
}

// until polls a condition outside the page.
export async function until(what, f) {
  const late = Date.now() + patience;
  while (!(await f())) {
    assert.ok(Date.now() < late, `${what} did not come`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

let n = 0;
export const freshFolder = () => join(folder, `data-${++n}`);

// code makes a folder with a Go file that analysis has something to say of.
export function code() {
  const dir = mkdtempSync(join(folder, "code-"));
  writeFileSync(join(dir, "p.go"), `package p\n\nfunc Busy(a int) int {\n${"\tif a > 1 {\n\t\ta++\n\t}\n".repeat(30)}\treturn a\n}\n`);
  return dir;
}

// seed stores plain sessions and then a hostile one in a data folder.
export function seed(data, plain = 0) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), String(plain)]);
}

// outdate adds a session with n answers of a model to version 1 of arithmetic,
// which has a second version.
export const outdate = (data, key, n) => execFileSync(join(folder, "seed"), [join(data, "agent.db"), "older", key, String(n)]);

// train stores an adapter with hostile texts, its trial and its promotion in a data folder.
export function train(data) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), "training"]);
}

// know stores insights that claim something in a data folder, or n functions with relations.
export function know(data, ...n) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), "graph", ...n.map(String)]);
}

// remember stores 300 days of practice in a data folder.
export function remember(data) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), "history"]);
}

// rate stores sessions that people have rated, and what was learned of that, in a data folder.
export function rate(data) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), "rated"]);
}

// large stores n sessions and half as many insights in a data folder.
export function large(data, n) {
  mkdirSync(data);
  execFileSync(join(folder, "seed"), [join(data, "agent.db"), "large", String(n)]);
}

// shot saves a picture of the page where SHOTS names a folder.
export const shot = (page, name) => (process.env.SHOTS ? page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) }) : undefined);

// Server is an example server. By default nothing begins by itself: the user
// is here for ever. It practises skills and what it is given to read.
class Server {
  constructor(data, ...args) {
    const kinds = ["skill_practice", ...(args.includes("-code") ? ["code_analysis"] : []), ...(args.includes("-docs") ? ["knowledge_exploration"] : [])];
    this.args = ["-data", data, ...(args.includes("-kinds") ? [] : ["-kinds", kinds.join()]), ...(args.includes("-code") ? [] : ["-code", ""]), ...(args.includes("-idle") ? [] : ["-idle", "24h"]), ...(args.includes("-model") ? [] : ["-model", "none"]), ...args];
    this.addr = "127.0.0.1:0";
  }
  async start() {
    this.child = spawn(join(folder, "server"), ["-addr", this.addr, ...this.args], { stdio: ["ignore", "pipe", "inherit"] });
    this.ended = new Promise((done) => this.child.once("exit", done));
    let text = "";
    this.url = await new Promise((done, fail) => {
      this.child.stdout.on("data", (d) => {
        text += d;
        const m = /look at +(http:\S+)/.exec(text);
        if (m) done(m[1]);
      });
      this.child.once("exit", () => fail(new Error(`the server ended: ${text}`)));
    });
    this.addr = new URL(this.url).host; // the same again after a restart
    const headers = this.args.includes("-token") ? { Authorization: "Bearer " + this.args[this.args.indexOf("-token") + 1] } : {};
    await until("the practice loop", async () => (await this.json("status", { headers })).running);
    return this;
  }
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    await this.ended;
  }
  async json(path, init) {
    const r = await fetch(new URL(path, this.url), init);
    if (!r.ok) throw new Error(`${path}: ${r.status}`);
    return r.json();
  }
  post(path, body) {
    return this.json(path, { method: "POST", ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }) });
  }
}

// Model is a server of a model that can only add and subtract. It answers a
// question once it is released.
class Model {
  waiting = [];
  free = 0;
  asked = 0;
  port = 0;
  async start() {
    this.http = createServer((q, r) => {
      let body = "";
      q.on("data", (d) => (body += d));
      q.on("end", () => {
        r.setHeader("Content-Type", "application/json");
        if (q.url.endsWith("/models")) return r.end(JSON.stringify({ object: "list", data: [{ id: "adder", object: "model", created: 1, owned_by: "test" }] }));
        if (!q.url.endsWith("/chat/completions")) return (r.statusCode = 404), r.end("{}");
        const content = answer(JSON.parse(body).messages.at(-1).content);
        this.asked++;
        this.waiting.push(() => r.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "adder", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } })));
        this.flow();
      });
    });
    await new Promise((done) => this.http.listen(this.port, "127.0.0.1", done));
    this.port = this.http.address().port; // the same again after a restart
    this.flag = `openai:http://127.0.0.1:${this.port}/v1#adder`;
    return this;
  }
  release(n) {
    this.free += n;
    this.flow();
  }
  flow() {
    while (this.free > 0 && this.waiting.length) {
      this.free--;
      this.waiting.shift()();
    }
  }
  stop() {
    this.http.closeAllConnections();
    this.http.close();
  }
}

function answer(task) {
  const m = /(\d+) ([+-]) (\d+)\?/.exec(task);
  return m ? String(m[2] === "+" ? +m[1] + +m[3] : m[1] - m[3]) : "<b>no</b> idea 👩🏽‍🚀";
}

// open makes a page that notes what went wrong on it. Failed requests that a
// test provokes are named in allow; prepare is called with the context first.
export async function open(url, { theme = "light", width = 1280, height = 900, allow = [], prepare = () => {}, ...more } = {}) {
  const context = await browser.newContext({ colorScheme: theme, viewport: { width, height }, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const wrong = [];
  const origin = new URL(url).origin;
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  page.on("console", (m) => m.type() === "error" && !allow.some((a) => a.test(m.text())) && wrong.push(m.text()));
  page.on("pageerror", (e) => wrong.push(e.stack));
  context.on("request", (r) => new URL(r.url()).origin !== origin && wrong.push(`a request to ${r.url()}`));
  await prepare(context);
  await page.goto(url);
  // done closes the page, and fails when something went wrong on it.
  const done = async () => {
    wrong.push(...(await page.evaluate(() => window.violations)));
    if (await page.evaluate(() => window.hurt)) wrong.push("stored text ran as a script");
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, context, done };
}

// audit returns what axe finds, by rule.
export async function audit(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((v) => `${v.id}: ${v.nodes.map((x) => `${x.target} ${x.failureSummary}`).slice(0, 3).join(" | ")}`);
}

// altered answers a route with what f makes of the server's own answer.
export const altered = (context, pattern, f) =>
  context.route(pattern, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: f(await answer.json()) });
  });

// live waits until the page is connected and has loaded what it shows.
export async function live(page) {
  await page.getByText("Live", { exact: true }).waitFor();
  await settled(page);
}

export const settled = (page) => page.waitForFunction(() => !document.querySelector("[aria-busy=true], .opening"), null, { timeout: patience });
