// The inbox, worked with the keyboard alone, and the page of how ratings go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, freshFolder, live, open, rate, seed, serve, settled, shot, until } from "./harness.mjs";

const extraHTTPHeaders = { Authorization: "Bearer sesame" };

// inbox opens it over nine plain sessions, a hostile one, and its four insights.
async function inbox(t, o = {}) {
  const data = freshFolder();
  seed(data, 9);
  const server = await serve(t, data, "-token", "sesame");
  const opened = await open(server.url + "#/inbox", { extraHTTPHeaders, ...o });
  await live(opened.page);
  await opened.page.getByRole("button", { name: "Next (n)" }).waitFor();
  // The page and this program have the same address, so they are one rater: the list is the same.
  const { items } = await server.json("feedback/pending?limit=20", { headers: extraHTTPHeaders });
  assert.equal(items.length, 14);
  return { server, items, ...opened };
}

// press sends a key and returns what the page then posts.
async function press(page, key) {
  const answer = page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith("/hobby/feedback"));
  await page.keyboard.press(key);
  const r = await answer;
  assert.equal(r.status(), 200, await r.text());
  await page.getByText("Recorded.").waitFor();
  return r.request().postDataJSON();
}

const shows = (page, i) => page.locator("main").getByText(i.text.trim() || i.target_type, { exact: true }).first().waitFor();
const about = ({ target_type, target_id, exposure_id }) => ({ target_type, target_id, exposure_id });

test("the inbox is worked with the keyboard alone", async (t) => {
  const { server, items, page, done } = await inbox(t);
  const posts = [];
  page.on("request", (r) => r.method() === "POST" && posts.push(r.url()));
  const untrusted = page.getByText("untrusted source");

  // n goes through all, and what was skipped begins again.
  for (const i of items) {
    await shows(page, i);
    assert.equal(await untrusted.count(), i.tainted ? 1 : 0);
    if (i.text.includes("window.hurt")) assert.deepEqual(await audit(page), []);
    await page.keyboard.press("n");
  }
  await page.getByText("What you skipped comes again.").waitFor();
  await settled(page);
  await shows(page, items[0]);
  assert.deepEqual(posts, [], "skipping says nothing");

  // a accepts a text from outside, which stays to be rated.
  const tainted = items.findIndex((i) => i.tainted);
  for (let n = 0; n < tainted; n++) await page.keyboard.press("n");
  await untrusted.waitFor();
  assert.deepEqual(await press(page, "a"), { ...about(items[tainted]), accept: true });
  await untrusted.waitFor({ state: "detached" });
  await shows(page, items[tainted]);
  assert.equal(await page.getByRole("button", { name: /Accept/ }).count(), 0);
  const { insights } = await server.json("insights", { headers: extraHTTPHeaders });
  assert.equal(insights.find((i) => i.id === items[tainted].target_id).accepted, true);

  // In the comment keys are letters. Escape leaves it, and a rating takes it along.
  await page.keyboard.press("c");
  await page.keyboard.type("5hua <b>n</b>");
  await page.keyboard.press("Escape");
  assert.deepEqual(await press(page, "4"), { ...about(items[tainted]), rating: 4, comment: "5hua <b>n</b>" });

  // Every other one: those behind it, and then those that were skipped.
  const rest = [...items.slice(tainted + 1), ...items.slice(0, tainted)];
  const keys = [["1", { rating: 1 }], ["2", { rating: 2 }], ["3", { rating: 3 }], ["4", { rating: 4 }], ["5", { rating: 5 }], ["h", { helpful: true }], ["u", { helpful: false }]];
  for (const [n, i] of rest.entries()) {
    await shows(page, i);
    const [key, what] = keys[n % keys.length];
    assert.deepEqual(await press(page, key), { ...about(i), ...what });
  }
  await page.getByText("There is nothing to rate now.").waitFor();
  assert.equal(posts.length, 15, "one for each, and the acceptance");
  await page.keyboard.press("5");
  await page.goto(server.url + "#/quality");
  await page.getByRole("heading", { level: 1, name: "Quality" }).waitFor();
  await settled(page);
  await page.getByText(/It is untrained: 6\sratings more/).waitFor();
  assert.equal(posts.length, 15);
  assert.deepEqual(await audit(page), []);
  await done();
});

test("a suggestion is accepted with the keyboard", async (t) => {
  const data = freshFolder();
  seed(data, 1);
  const server = await serve(t, data, "-token", "sesame");
  const headers = { ...extraHTTPHeaders, "Content-Type": "application/json" };
  const { items } = await server.json("feedback/pending?limit=20&target_type=activity&user_id=ana", { headers });
  for (const suggestion of ["dogs", "<i>the migration</i> of birds"]) {
    const body = JSON.stringify({ target_type: "activity", target_id: items[0].target_id, suggestion, user_id: suggestion.slice(0, 3) });
    await server.json("feedback", { method: "POST", headers, body });
  }
  const { page, done } = await open(server.url + "#/inbox", { extraHTTPHeaders });
  await live(page);
  const suggested = page.locator("main").getByText("what is accepted may be looked into");
  for (const [key, accept] of [["a", true], ["r", false]]) {
    await until("a suggestion", async () => (await suggested.count()) || (await page.keyboard.press("n")));
    for (const rates of ["4", "h", "u", "c"]) await page.keyboard.press(rates);
    assert.equal(await page.getByRole("button", { name: /star|elpful/ }).count(), 0);
    if (accept) assert.deepEqual(await audit(page), []);
    const { target_type, ...said } = await press(page, key);
    assert.deepEqual([target_type, said.accept, said.rating], ["suggestion", accept, undefined]);
  }
  const left = await server.json("feedback/pending?limit=20&target_type=suggestion&user_id=bo", { headers: extraHTTPHeaders });
  assert.deepEqual(left.items, []);
  await done();
});

test("the inbox in the dark and on a telephone", async (t) => {
  const { items, page, done } = await inbox(t, { theme: "dark", width: 390, height: 800 });
  for (const i of items) {
    await shows(page, i);
    if (i.tainted || i.text.includes("window.hurt")) {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the page");
      assert.deepEqual(await audit(page), []);
    }
    await page.keyboard.press("n");
  }
  await shot(page, "inbox");
  await done();
});

test("who may not accept a text is told so", async (t) => {
  const data = freshFolder();
  seed(data, 0);
  const server = await serve(t, data);
  const { page, done } = await open(server.url + "#/inbox", { allow: [/403/] });
  await live(page);
  const untrusted = page.getByText("untrusted source");
  await until("an untrusted text", async () => (await untrusted.count()) || (await page.keyboard.press("n")));
  await page.keyboard.press("a");
  await page.getByRole("alert").getByText(/logged in with the token/).waitFor();
  assert.equal(await untrusted.count(), 1);
  await done();
});

test("the quality page and the inbox once there is a model", async (t) => {
  const data = freshFolder();
  rate(data);
  const server = await serve(t, data, "-token", "sesame");
  for (const [name, size] of Object.entries({ light: {}, dark: { theme: "dark" }, phone: { width: 390, height: 800 }, wide: { width: 1600, height: 1000 } })) {
    const { page, done } = await open(server.url + "#/quality", { extraHTTPHeaders, ...size });
    await live(page);
    await page.getByText(/It learned from 280\sratings of 15\speople/).waitFor();
    await page.getByText(/What is chosen (follows|does not follow) these ratings/).waitFor();
    const learned = await page.getByRole("region", { name: "The reward model" }).getByRole("listitem").allInnerTexts();
    assert.deepEqual(learned.map((l) => l.replace(/\d/g, "")).sort(), ["Code analysis: +.", "Skill practice: −.", "Songs: +.", "Walks: −."]);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the page");
    assert.deepEqual(await audit(page), []);
    await shot(page, `quality-${name}`);
    await page.goto(server.url + "#/inbox");
    await page.getByText(/expected: \d\.\d stars, give or take/).waitFor();
    assert.deepEqual(await audit(page), []);
    await shot(page, `inbox-${name}`);
    await done();
  }
});
