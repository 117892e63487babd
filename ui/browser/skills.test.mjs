// Tests of the skills: how each goes over time, its levels, and what it gets wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, freshFolder, live, open, remember, serve, settled, shot } from "./harness.mjs";

test("what is known of a skill is two clicks away, in both themes and on a phone", async (t) => {
  const data = freshFolder();
  remember(data);
  const server = await serve(t, data);
  for (const [theme, width] of [["light", 1280], ["dark", 360]]) {
    const { page, done } = await open(server.url, { theme, width });
    await live(page);
    const better = page.getByRole("region", { name: "Is it getting better?" });
    assert.equal(await better.locator(".trend .change").count(), 2, "the changes of the model are marked");
    await better.getByRole("link", { name: "Its skills" }).click();
    await page.getByRole("heading", { name: "Skill practice", level: 1 }).waitFor();
    await settled(page);
    await page.getByText(/this curve does not compare the two/).waitFor();
    assert.deepEqual(await audit(page), [], `the kind, ${theme}`);
    await page.locator("main").getByRole("link", { name: "Arithmetic", exact: true }).first().click();
    await page.getByRole("heading", { name: "Arithmetic", level: 1 }).waitFor();
    await page.getByText(/^The model of today has answered since .*\. Of new tasks it passes \d+\u202f% \(.*\); the one before it passed \d+/).waitFor();
    const answers = page.getByRole("region", { name: "Answers" });
    await answers.locator("details.item").nth(19).waitFor();
    assert.equal(await answers.locator(".verdict.passed").count(), 0, "misses come first");
    assert.match(await answers.locator("details.item").first().innerText(), /1 \+ 1\?\s+answer 2 · key 2/);
    await answers.getByRole("button", { name: "Show older ones" }).click();
    await answers.locator("details.item").nth(39).waitFor();
    await answers.getByLabel("Search").fill("no such text");
    await answers.getByLabel("Search").press("Enter");
    await answers.getByText("No answer matches these filters.").waitFor();
    await answers.getByLabel("Search").fill("1 + 1");
    await answers.getByLabel("Search").press("Enter");
    await answers.getByRole("combobox", { name: "Show" }).selectOption("passed");
    await answers.locator(".verdict.passed").nth(19).waitFor();
    assert.equal(await answers.locator(".verdict.missed").count(), 0);
    await answers.getByLabel("Model").selectOption("first");
    await settled(page);
    await answers.locator(".verdict.passed").nth(19).waitFor();
    const item = answers.locator("details.item").first();
    await item.locator("summary").first().click();
    await item.getByText("To make this task again").click();
    await item.getByText("first", { exact: true }).first().waitFor();
    assert.deepEqual(await audit(page), [], `the skill, ${theme}`);
    await answers.scrollIntoViewIfNeeded();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `it scrolls sideways at ${width}`);
    await shot(page, `skill-${theme}-${width}`);
    await done();
  }
});

test("sessions are found by what came of them", async (t) => {
  const data = freshFolder();
  remember(data);
  const server = await serve(t, data);
  const { page, done } = await open(server.url + "#/activities");
  await live(page);
  await page.getByLabel("Answers").selectOption("none_right");
  await page.getByText("No session matches these filters.").waitFor();
  await page.getByLabel("Answers").selectOption("some_wrong");
  await page.locator(".rows > li").nth(24).waitFor();
  assert.ok(await page.locator(".rows > li").first().locator(".bar").count(), "a bar of right answers");
  await page.locator(".rows a").first().click();
  await page.locator("details.item").nth(9).waitFor();
  const missed = await page.locator(".verdict.missed").count();
  await page.getByRole("combobox", { name: "Show" }).selectOption("missed");
  assert.equal(await page.locator("details.item").count(), missed);
  await page.getByRole("button", { name: "Open all" }).click();
  assert.equal(await page.locator("details.item[open]").count(), missed);
  assert.deepEqual(await audit(page), []);
  await done();
});
