// A past of years: every page stays usable. It runs where SESSIONS says how many sessions there
// are, such as SESSIONS=10000 .ci/browser 'past of years'; there are half as many insights.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, freshFolder, large, live, open, serve, settled, shot } from "./harness.mjs";

const pages = { overview: "#/", sessions: "#/activities", skills: "#/skills", kind: "#/skills/SKILL_PRACTICE", skill: "#/skills/SKILL_PRACTICE%2Farithmetic",
  insights: "#/insights", history: "#/history", inbox: "#/inbox" };

test("a past of years", { skip: !process.env.SESSIONS }, async (t) => {
  const n = Number(process.env.SESSIONS), data = freshFolder();
  large(data, n);
  const server = await serve(t, data, "-kinds", "");
  assert.equal((await server.json("progress")).total_activities, n);
  const slow = [];
  for (const [name, address] of Object.entries(pages)) {
    const { page, done } = await open(server.url + address);
    await live(page);
    await page.locator("main h1").first().waitFor({ state: "attached" });
    if (name === "skill") assert.equal(await page.locator("main h1").innerText(), "Arithmetic");
    const [paint, whole] = await page.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.now()]);
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    t.diagnostic(`${name}: first paint after ${paint.toFixed(0)} ms, all of it after ${whole.toFixed(0)} ms, ${nodes} elements`);
    if (paint > 1000) slow.push(`${name}: ${paint} ms`);
    assert.ok(nodes < 5000, `${name} has ${nodes} elements`);
    if (name === "sessions") {
      const search = async (text) => {
        const begun = Date.now();
        await page.getByRole("searchbox", { name: "Search" }).fill(text);
        const found = page.waitForResponse((r) => r.url().includes("q="));
        await page.getByRole("searchbox", { name: "Search" }).press("Enter");
        await found;
        await settled(page);
        return Date.now() - begun;
      };
      t.diagnostic(`sessions: a search that finds something takes ${await search("level 2")} ms, one that finds nothing ${await search("no such text")} ms`);
    }
    assert.deepEqual(await audit(page), [], name);
    await shot(page, `large-${name}`);
    await done();
  }
  assert.deepEqual(slow, []);
});
