// What the page does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { altered, audit, code, freshFolder, live, model, open, outdate, seed, serve, settled, shot, until } from "./harness.mjs";

test("an empty page says what to do", async (t) => {
  const server = await serve(t, freshFolder());
  const { page, done } = await open(server.url, { allow: [/404/] });
  await live(page);
  await page.getByText("Nothing to practise").waitFor();
  await page.getByText("Every enabled hobby needs a model.").waitFor();
  assert.equal(await page.getByText(/next session begins|practice begins/).count(), 0, "nothing is promised");
  assert.equal(await page.getByRole("link", { name: "Fleet" }).count(), (await server.json("config")).parts.subagents.configured ? 1 : 0);
  for (const name of ["Sessions", "Insights"]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    assert.equal(await page.title(), `${name} · Pastime`);
    await settled(page);
    assert.deepEqual(await audit(page), []);
  }
  await page.goto(server.url + "#/nowhere");
  await page.getByText("There is no such page").waitFor();
  await page.goto(server.url + "#/activities/none");
  await page.getByText("There is no such session").waitFor();
  await done();
});

test("a page with something to practise says what to do", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  const { page, done } = await open(server.url);
  await live(page);
  await page.getByRole("heading", { name: "Nothing was practised yet" }).waitFor();
  await page.getByRole("button", { name: "Practise now" }).click();
  await page.locator(".rows .status.completed").first().waitFor();
  await page.getByText("Nothing was practised yet").waitFor({ state: "detached" });
  await done();
});

test("an event of a kind that the page does not know is followed too", async (t) => {
  const server = await serve(t, freshFolder());
  let asked = 0;
  const prepare = async (context) => {
    context.on("request", (r) => new URL(r.url()).pathname.endsWith("/assignments") && asked++);
    await context.route(/hobby\/events\?last_event_id=7/, () => {}); // nothing more
    await context.route(/hobby\/events$/, (r) => r.fulfill({ contentType: "text/event-stream", body: ": hello\n\nid: 7\nevent: assignment.of.tomorrow\ndata: {}\n\n" }));
  };
  const { page, done } = await open(server.url + "#/fleet", { prepare });
  await live(page);
  const before = asked;
  await until("the assignments to be read again", () => asked > before);
  await done();
});

test("an event has those pages read again that follow it, and no others", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  const asked = { subagents: 0, status: 0 };
  const prepare = (context) => context.on("request", (r) => {
    if (r.url().endsWith("/subagents/stats")) asked.subagents++;
    if (r.url().endsWith("/hobby/status")) asked.status++;
  });
  const { page, done } = await open(server.url, { prepare });
  await live(page);
  await page.getByRole("navigation").getByRole("link", { name: "Fleet" }).click();
  await page.getByText("No agent is registered").waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Overview" }).click();
  await settled(page);
  const before = { ...asked };
  await server.post("run");
  await page.locator(".rows .status.completed").first().waitFor();
  await until("the status to be read again", () => asked.status > before.status);
  assert.equal(asked.subagents, before.subagents, "a session is nothing to do with the fleet");
  await done();
});

test("a session is followed live, and opens to its answers", async (t) => {
  const m = await model(t);
  const server = await serve(t, freshFolder(), "-model", m.flag);
  const { page, done } = await open(server.url, { allow: [/409/] });
  await live(page);
  await page.getByLabel("What to practise").selectOption("SKILL_PRACTICE");
  await page.getByRole("button", { name: "Practise now" }).click();
  await page.getByRole("heading", { name: "Practising now" }).waitFor();
  // The model has a question that it does not answer: the page shows it.
  await page.locator(".now .at").getByText(/^Answer 1\b.*not verified yet/).waitFor();
  await page.locator(".now .at").getByText((await server.json("now")).question.slice(0, 40)).waitFor();
  await shot(page, "now");
  m.release(3);
  await page.locator(".now").getByText("of 3 answers right").waitFor();
  m.release(2);
  await page.locator(".now").getByText("of 5 answers right").waitFor();
  // A second one is refused, in the server's words.
  await page.getByRole("button", { name: "Practise now" }).click();
  await page.locator(".notice.bad").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  // Its page grows while it runs.
  await page.locator(".now .what a").click();
  await page.locator("details.item").nth(4).waitFor();
  assert.equal(await page.locator("details.item").count(), 5);
  await page.getByRole("region", { name: "What it is at" }).getByText(/^Answer 6\b/).waitFor();
  await shot(page, "now-session");
  m.release(1);
  await page.locator("details.item").nth(5).waitFor();
  m.release(1000);
  await page.locator("main > p .status.completed").waitFor();
  assert.equal(await page.locator(".at").count(), 0, "nothing runs");
  const [a] = await server.json("activities?count=1");
  const whole = await server.json(`activities/${a.activity_id}`);
  await page.waitForFunction((n) => document.querySelectorAll("details.item").length === n, whole.verified_items.length);
  const first = page.locator("details.item").first(), item = whole.verified_items[0];
  await first.locator("summary").first().click();
  await first.getByText("To make this task again").click();
  const text = await first.innerText();
  for (const want of [item.messages.at(-1).content, item.answer, item.note, item.reference, item.passed ? "Passed" : "Missed", item.model_key]) {
    assert.ok(text.includes(want), `${JSON.stringify(want)} is not in ${text}`);
  }
  // Back on the overview everything counts it.
  await page.getByRole("link", { name: "Pastime" }).click();
  await page.locator(".tile", { hasText: "Verified answers" }).getByText(String(a.items), { exact: true }).waitFor();
  await page.getByLabel("Shown as").selectOption("radar");
  assert.ok((await page.locator(".radar .point").count()) >= 1);
  await page.locator(".rows").getByText(a.description).waitFor();
  await done();
});

test("sessions appear by themselves, without a reload", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code(), "-idle", "1s", "-interval", "2s");
  const { page, done } = await open(server.url);
  await live(page);
  await page.locator(".insight", { hasText: "Busy (p.go:3)" }).first().getByText("p.go:3").first().waitFor();
  const sessions = () => page.locator(".tile", { hasText: "Sessions" }).locator(".value").innerText();
  const before = Number(await sessions());
  await until("another session", async () => Number(await sessions()) > before);
  await done();
});

test("start, stop, and I’m here", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code(), "-interval", "24h", "-idle", "1s");
  const { page, done } = await open(server.url);
  await live(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("status").getByText("Stopped.").waitFor();
  await page.getByText("Practice was stopped. Press Start to go on.").waitFor();
  assert.equal((await server.json("status")).running, false);
  const start = page.getByRole("button", { name: "Start" });
  await start.click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  assert.equal((await server.json("status")).running, true);
  const before = (await server.json("status")).last_interaction;
  await page.getByRole("button", { name: "I’m here" }).click();
  await page.getByRole("status").getByText("Noted").waitFor();
  assert.ok((await server.json("status")).last_interaction > before);
  await done();
});

test("what cannot be done is said in the server’s words", async (t) => {
  const server = await serve(t, freshFolder());
  const { page, done } = await open(server.url, { allow: [/503/] });
  await live(page);
  await page.getByLabel("What to practise").selectOption("SKILL_PRACTICE");
  await page.getByRole("button", { name: "Practise now" }).click();
  const said = await page.locator(".notice.bad").innerText();
  assert.match(said, /model/);
  await done();
});

test("what fails is said where it is missing, and tried again", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  await server.post("run");
  const broken = (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ title: "Service Unavailable", status: 503, detail: "the store is closed <b>for now</b>" }) });
  const prepare = async (context) => {
    await context.route(/hobby\/insights/, broken);
    await context.route(/hobby\/dashboard/, (r) => r.fulfill({ status: 500, contentType: "text/html", body: "<h1>proxy</h1>" }));
  };
  const { page, context, done } = await open(server.url, { allow: [/503/, /500/], prepare });
  await live(page);
  await page.getByText("The insights could not be read.").waitFor();
  await page.getByText("the store is closed <b>for now</b>").waitFor();
  await page.getByText("The timeline could not be read.").waitFor();
  await page.locator(".rows > li").first().waitFor(); // the rest is there
  assert.deepEqual(await audit(page), []);
  await context.unrouteAll();
  await page.locator("section", { hasText: "The insights could not be read." }).getByRole("button", { name: "Try again" }).click();
  await page.locator(".insight").first().waitFor();
  await page.locator(".columns").waitFor(); // by itself
  // The whole overview fails.
  await context.route(/hobby\/status/, broken);
  await page.reload();
  await page.getByText("The status could not be read.").waitFor();
  await context.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".now").waitFor();
  await done();
});

test("older sessions are a button away, and filters choose", async (t) => {
  const data = freshFolder();
  seed(data, 26);
  const server = await serve(t, data, "-code", code());
  const { page, done } = await open(server.url + "#/activities");
  await live(page);
  const rows = () => page.locator(".rows > li").count();
  assert.equal(await rows(), 25);
  await page.getByRole("button", { name: "Show older ones" }).click();
  await page.locator(".rows > li").nth(26).waitFor();
  assert.equal(await page.getByRole("button", { name: "Show older ones" }).count(), 0);
  // A new one moves the others on; none is lost or twice.
  await server.post("run");
  await page.locator(".rows > li").nth(27).waitFor();
  const links = await page.locator(".rows a").evaluateAll((all) => all.map((a) => a.href));
  assert.equal(new Set(links).size, 28);
  await page.getByLabel("State").selectOption("failed");
  await page.getByText("No session matches these filters.").waitFor();
  await page.getByLabel("State").selectOption("completed");
  await page.getByLabel("Kind").selectOption("CODE_ANALYSIS");
  await page.locator(".rows > li").nth(24).waitFor();
  await done();
});

test("without its parts, the page does without", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  await server.post("run");
  const asked = [];
  const prepare = (context) => {
    context.on("request", (r) => asked.push(new URL(r.url()).pathname));
    const without = { configured: false, reason: "this program has none" };
    return altered(context, /hobby\/config/, (c) => ({ ...c, parts: { ...c.parts, metrics: without, subagents: without } }));
  };
  const { page, done } = await open(server.url, { prepare });
  await live(page);
  await page.getByText("1 session in the last 24 hours").waitFor();
  assert.equal(await page.getByRole("navigation").getByText("Fleet").count(), 0);
  await page.goto(server.url + "#/fleet");
  await page.getByText("There is no such page").waitFor();
  await page.getByText("This server does not have it: this program has none.").waitFor();
  assert.deepEqual(asked.filter((p) => /dashboard|metrics|subagents|assign/.test(p)), []);
  await done();
});

test("history by day, proficiency by kind, and a budget that is used up", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  await server.post("run");
  await until("the session in the metrics", async () => Object.values((await server.json("metrics/summary")).timeline.daily).some((n) => n > 0));
  const budget = (b) => ({ limit: { ...b.limit, items: 40, tokens: 1000 }, used: { ...b.used, items: 10, tokens: 1000 } });
  const weak = {
    proficiency: 0.02, proficiency_low: 0.01, proficiency_high: 0.08,
    practised_proficiency: 0.02, practised_proficiency_low: 0.01, practised_proficiency_high: 0.08, items: 12, passes: 0,
  };
  const { page, done } = await open(server.url, {
    prepare: (context) => altered(context, /hobby\/status/, (s) => {
      Object.assign(s.progress.hobbies.SKILL_PRACTICE, { items: 12 }).families[0] = { ...s.progress.hobbies.SKILL_PRACTICE.families[0], ...weak };
      return { ...s, budget: budget(s.budget) };
    }),
  });
  await live(page);
  await page.getByLabel("Shown as").selectOption("radar");
  assert.deepEqual(await page.locator(".radar .scale").allTextContents(), ["5\u202f%", "10\u202f%"], "the radar zooms, and says so");
  await page.getByLabel("Sessions of the last").selectOption("days");
  await page.getByText("1 session in the last 30 days").waitFor();
  assert.equal(await page.locator(".columns .column").count(), 30);
  await page.getByLabel("Proficiency of").selectOption("");
  await page.getByRole("region", { name: "Proficiency", exact: true }).getByRole("link", { name: "Code analysis" }).waitFor();
  await page.locator(".budget li", { hasText: "Answers" }).getByText("of 40").waitFor();
  assert.equal(await page.locator(".budget li", { hasText: "Tokens" }).locator(".bar.bad").count(), 1);
  assert.deepEqual(await audit(page), []);
  await done();
});

test("the server goes, and comes back", async (t) => {
  const data = freshFolder();
  const server = await serve(t, data, "-code", code());
  const { page, context, done } = await open(server.url, { allow: [/ERR_/, /Failed to load/] });
  await live(page);
  await page.getByRole("button", { name: "Practise now" }).click();
  await page.locator(".rows .status.completed").first().waitFor();
  const resumed = [];
  context.on("request", (r) => r.url().includes("/events") && resumed.push(r.url()));
  await server.stop("SIGKILL");
  await page.getByText("The server does not answer.").first().waitFor();
  await page.getByText("Offline").waitFor();
  assert.deepEqual(await audit(page), []);
  assert.ok((await page.locator(".rows > li").count()) > 0, "what was known stays on the page");
  // A control says that it did nothing.
  await page.getByRole("button", { name: "I’m here" }).click();
  await page.locator(".notice.bad").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await server.start();
  await server.post("run"); // happens while the page may not have its stream back
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(await page.locator(".banner").count(), 0);
  await page.locator(".rows > li").nth(1).waitFor();
  assert.match(resumed.at(-1), /last_event_id=\d+$/);
  await done();
});

test("the model does not answer, and is back", async (t) => {
  const m = await model(t);
  m.stop();
  m.release(1000);
  const server = await serve(t, freshFolder(), "-code", code(), "-model", m.flag, "-interval", "24h");
  const { page, done } = await open(server.url);
  await live(page);
  const banner = page.locator(".banner");
  await banner.getByText("The model does not answer.").waitFor();
  await banner.getByText(/tried again in \d/).waitFor();
  assert.deepEqual(await audit(page), []);
  await shot(page, "away");
  // Every page says so.
  for (const at of ["activities", "insights", "fleet"]) {
    await page.goto(`${server.url}#/${at}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await settled(page);
    await banner.getByText("The model does not answer.").waitFor();
    assert.deepEqual(await audit(page), [], at);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, "it scrolls sideways on a phone");
  await shot(page, "away-fleet-phone");
  await banner.getByRole("link", { name: "overview" }).click();
  await page.locator(".now").waitFor();
  // What needs no model is practised meanwhile, and changes nothing of that.
  await server.post("run", { hobby_type: "CODE_ANALYSIS" });
  await page.locator(".rows .status.completed").first().waitFor();
  await banner.waitFor();
  await m.start();
  await server.post("run", { hobby_type: "SKILL_PRACTICE" });
  await banner.waitFor({ state: "detached" });
  await done();
});

test("a store that cannot be written is said on every page", async (t) => {
  const server = await serve(t, freshFolder());
  const { page, done } = await open(server.url + "#/insights", {
    prepare: (context) => altered(context, /hobby\/status/, (s) => ({ ...s, store_error: "the disk is full <b>now</b>" })),
  });
  await live(page);
  await page.locator(".banner").getByText("the disk is full <b>now</b>").waitFor();
  assert.deepEqual(await audit(page), []);
  await shot(page, "store");
  await done();
});

test("a mended family is measured anew, and says how many answers count no more", async (t) => {
  const m = await model(t);
  m.release(1e6);
  const data = freshFolder();
  let server = await serve(t, data, "-model", m.flag);
  await server.post("run", { hobby_type: "SKILL_PRACTICE" });
  await until("the session to end", async () => (await server.json("status")).progress.total_activities > 0);
  const key = (await server.json("status")).model_key;
  await server.stop();
  outdate(data, key, 7); // answers to the first version of a family that has a second
  server = await serve(t, data, "-model", m.flag);
  await server.post("run", { hobby_type: "SKILL_PRACTICE" });
  await until("a second session to end", async () => (await server.json("status")).progress.total_activities > 1);
  const families = (await server.json("status")).progress.hobbies.SKILL_PRACTICE.families;
  assert.deepEqual(families.filter((f) => f.older_items).map((f) => [f.family, f.older_items]), [["arithmetic", 7]]);
  const { page, done } = await open(server.url);
  await live(page);
  const mended = page.locator("table.profile tr").filter({ has: page.getByText("measured anew") });
  assert.equal(await mended.count(), 1);
  await mended.getByRole("rowheader", { name: /^Arithmetic/ }).waitFor();
  assert.match(await mended.locator(".tag").getAttribute("title"), /7 answers to older ones count no more/);
  const card = page.getByRole("region", { name: "Proficiency", exact: true });
  assert.ok((await card.getByRole("link").count()) > 10, "the others are there, without it");
  assert.equal(await card.locator(".tag").count(), 1);
  assert.deepEqual(await audit(page), []);
  await mended.scrollIntoViewIfNeeded();
  await shot(page, "anew");
  await done();
});

test("one request that gets no answer is not the end", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  const { page, context, done } = await open(server.url, { allow: [/ERR_/, /Failed to load/] });
  await live(page);
  await context.route(/hobby\/insights/, (r) => r.abort(), { times: 1 });
  await server.post("run");
  await page.getByText("The server does not answer.").first().waitFor();
  await server.post("run");
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(await page.locator(".banner").count(), 0);
  await done();
});

test("with no event stream left, the page asks instead", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  const gate = new AbortController();
  t.after(() => gate.abort());
  // They are kept: fetch closes the connection of an answer that nothing refers to any more.
  const streams = await Promise.all(Array.from({ length: 64 }, () => fetch(new URL("events", server.url), { signal: gate.signal })));
  const { page, done } = await open(server.url, { allow: [/503/] });
  await page.getByText("64 event streams are open").waitFor();
  await page.getByText("brought up to date every few seconds only").waitFor();
  await server.post("run");
  await page.locator(".rows .status.completed").first().waitFor();
  assert.deepEqual(streams.filter((s) => s.status !== 200), []);
  gate.abort();
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  await done();
});

test("a hidden page holds no stream, and catches up when it is seen", async (t) => {
  const server = await serve(t, freshFolder(), "-code", code());
  const { page, context, done } = await open(server.url);
  await live(page);
  await server.post("run");
  await page.locator(".rows .status.completed").first().waitFor();
  const show = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  const ended = context.waitForEvent("requestfailed", (r) => r.url().includes("/events"));
  await show(true);
  await ended;
  await until("the session to end", async () => !(await server.json("status")).current_activity);
  await server.post("run");
  const again = context.waitForEvent("request", (r) => r.url().includes("/events"));
  await show(false);
  assert.match((await again).url(), /last_event_id=\d+$/);
  await page.locator(".rows > li").nth(1).waitFor();
  await done();
});

test("the fleet: agents, load, assignments live, and one assignment’s story", async (t) => {
  const m = await model(t);
  const server = await serve(t, freshFolder(), "-model", m.flag);
  const { page, done } = await open(server.url);
  await live(page);
  await page.getByRole("navigation").getByRole("link", { name: "Fleet" }).click();
  await page.getByText("No agent is registered").waitFor();
  assert.deepEqual(await audit(page), []);
  const agent = "attic-1." + "W".repeat(100);
  await server.post("subagents/register", { subagent_id: agent, capabilities: ["*"], metadata: { "<b>host</b>": "<script>window.hurt = 'fleet'</script>" } });
  const assigned = await server.post("assign-to-subagent", { subagent_id: agent, hobby_type: "SKILL_PRACTICE", duration_minutes: 1 });
  // The page sees it by itself, under way and then done.
  await page.locator("table.agents").getByText("1 of 5").waitFor();
  await page.locator("table.agents").getByText("<script>").waitFor();
  const row = page.locator(".rows li", { hasText: /Skill practice: \S+ by attic-1/ });
  await row.getByText("running").waitFor();
  await row.getByRole("link").click();
  await page.getByRole("heading", { name: "Story" }).waitFor();
  await page.getByText("There is none yet.").waitFor();
  m.release(1e6);
  await page.locator("main > p .status.completed").waitFor();
  const end = await server.json(`assignments/${assigned.assignment_id}`);
  await page.locator(".facts").getByText(`${end.result.passes} of ${end.result.items} right`).waitFor();
  for (const theme of ["light", "dark"]) {
    for (const at of ["fleet", `fleet/${assigned.assignment_id}`]) {
      await page.emulateMedia({ colorScheme: theme });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${server.url}#/${at}`);
        await settled(page);
        await page.getByRole("heading", { level: 1 }).waitFor();
        assert.deepEqual(await audit(page), [], `${at} in ${theme} at ${width}`);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${at} scrolls sideways at ${width}`);
      }
    }
  }
  await page.getByRole("link", { name: "Its answers and verdicts" }).click();
  await page.locator("details.item").first().waitFor();
  await done();
});

test("with a token there is a door", async (t) => {
  const server = await serve(t, freshFolder(), "-token", "sesame");
  const { page, context, done } = await open(server.url, { allow: [/401/] });
  assert.equal(new URL(page.url()).pathname, "/hobby/login");
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("That is not the token.").waitFor();
  for (const theme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme: theme });
    assert.deepEqual(await audit(page), [], theme);
  }
  await page.getByLabel("Token").fill("sesame");
  await page.keyboard.press("Enter");
  await live(page);
  await page.getByRole("button", { name: "I’m here" }).click();
  await page.getByRole("status").getByText("Noted").waitFor();
  // The session ends elsewhere: the page says so.
  const other = await context.newPage();
  await other.goto(server.url);
  await other.getByRole("button", { name: "Log out" }).click();
  await other.getByLabel("Token").waitFor();
  await other.close();
  await page.getByRole("button", { name: "I’m here" }).click();
  await page.getByText("You are logged out.").waitFor();
  assert.deepEqual(await audit(page), []);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("Token").waitFor();
  await done();
});
