// Makes the pictures of the README from real practice: a past of some days that TestPast of
// ui/browser/past has made in DATA, and the sessions of a server that goes on with it.
//
//   go test -tags pictures ./ui/browser/past -past DATA -timeout 1h
//   go build -o SERVER ./examples/server
//   node ui/browser/pictures.mjs SERVER DATA [SESSIONS]
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [program, data, sessions = 16] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "../.."), docs = join(root, "docs");
const server = spawn(resolve(program), ["-addr", "127.0.0.1:0", "-data", resolve(data), "-model", "tiny", "-code", ".", "-docs", "docs", "-idle", "1s"],
  { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise((done) => server.stdout.on("data", (d) => {
  const m = /look at +(http:\S+)/.exec(d);
  if (m) done(m[1]);
}));
const json = async (path, init) => (await fetch(new URL(path, url), init)).json();
try {
  const before = (await json("progress")).total_activities;
  while ((await json("progress")).total_activities < before + Number(sessions)) await new Promise((done) => setTimeout(done, 2_000));
  await json("stop", { method: "POST" });

  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  const look = async (at) => {
    await page.goto(url + at);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.waitForFunction(() => !document.querySelector("[aria-busy=true], .opening"));
  };
  await look("#/");
  await page.screenshot({ path: join(docs, "dashboard.png") });
  await look("#/skills/SKILL_PRACTICE");
  await page.locator(".trend").first().waitFor();
  await page.locator("section", { has: page.locator(".trend") }).first().screenshot({ path: join(docs, "curve.png") });
  // The newest session with right and wrong answers.
  const list = (await json("activities?count=100&result=some_wrong&hobby_type=SKILL_PRACTICE")).reverse();
  await look(`#/activities/${list[0].activity_id}`);
  await page.locator("details.item").first().locator("summary").first().click();
  await page.screenshot({ path: join(docs, "session.png") });
  await browser.close();
} finally {
  server.kill();
}
