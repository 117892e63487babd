// Tests of the settings, and of the tasks that people come back for, each in three clicks at most.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, code, freshFolder, live, model, open, remember, serve, settled, shot } from "./harness.mjs";

// counting counts clicks. To choose in a list is one, and to type is none.
function counting() {
  let n = 0;
  return { click: async (what) => (n++, await what.click()), choose: async (what, v) => (n++, await what.selectOption(v)), count: () => n };
}

test("settings are changed by keyboard and stay after a restart, in both themes and on a phone", async (t) => {
  const m = await model(t);
  const server = await serve(t, freshFolder(), "-kinds", "", "-model", "none");
  let expect = "5";
  for (const [theme, width] of [["light", 1280], ["dark", 360]]) {
    const { page, done } = await open(server.url + "#/settings", { theme, width });
    await live(page);
    const interval = page.getByLabel("A session every");
    assert.equal(await interval.inputValue(), expect);
    assert.ok(await page.getByLabel("When nobody was here for").isDisabled(), "a flag was given");
    await page.getByText("fixed by the flag -idle").waitFor();
    assert.equal(await page.getByLabel("Answered by").count(), 0, "there is no model to choose");
    expect = theme === "light" ? "40" : "50";
    await interval.focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type(expect);
    await page.getByLabel("Answers").focus();
    await page.keyboard.type("500");
    await page.getByLabel("Money").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("0.05");
    assert.equal(await page.getByLabel("Money").inputValue(), "0.05", "what is typed stays as it was typed");
    const skills = page.getByLabel("Skill practice");
    const was = await skills.isChecked();
    await skills.focus();
    await page.keyboard.press("Space");
    await settled(page);
    assert.deepEqual(await audit(page), [], theme);
    await shot(page, `settings-${theme}-${width}`);
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    const config = await server.json("config");
    assert.equal(config.interval_minutes * 60, +expect);
    assert.equal(config.daily_budget.items, theme === "light" ? 500 : 500500);
    assert.equal(config.daily_budget.usd, 0.05);
    assert.equal(config.hobbies_enabled.SKILL_PRACTICE, !was);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, "it scrolls sideways");
    await done();
  }
  await server.stop();
  await server.start();
  const { page, done } = await open(server.url + "#/settings", { allow: [/422/] });
  await live(page);
  assert.equal(await page.getByLabel("A session every").inputValue(), "50");
  await page.getByLabel("Answers").fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("body.daily_budget.items").waitFor();
  await page.getByLabel("Answers").fill("");
  await page.getByRole("region", { name: "When to practise" }).getByRole("button", { name: "back to the default" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const config = await server.json("config");
  assert.equal(config.interval_minutes * 60, 5);
  assert.equal(config.daily_budget.items, null);
  await done();
  m.stop();
});

test("two models that answer alike are compared, and no difference is shown", async (t) => {
  const m = await model(t);
  m.release(1e6);
  const server = await serve(t, freshFolder(), "-server", `one=${m.flag}`, "-server", `two=${m.flag}`, "-model", "");
  const { page, done } = await open(server.url + "#/settings");
  await live(page);
  const card = page.getByRole("region", { name: "Compare two models" });
  await card.getByLabel("First").selectOption("one");
  await card.getByLabel("Second").selectOption("two");
  await card.getByRole("button", { name: "Compare" }).click();
  await card.getByText(/no difference is shown: (\d+)\u202f% against \1\u202f% of \d+ tasks, a difference of \u00b10\.0/).waitFor();
  const [run] = (await server.json("comparisons")).comparisons;
  assert.ok(run.difference_low < 0 && run.difference_high > 0, JSON.stringify(run));
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await card.scrollIntoViewIfNeeded();
    assert.deepEqual(await audit(page), [], `at ${width}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, "it scrolls sideways");
    await shot(page, `compare-${width}`);
  }
  await done();
});

// It also says how long each takes from when the page is opened to when the answer is seen. A program does it, no person.
test("each of five tasks takes three clicks at most", async (t) => {
  const data = freshFolder();
  remember(data);
  const m = await model(t);
  const server = await serve(t, data, "-kinds", "", "-code", code(), "-code-at", "https://example.org/{path}#L{line}", "-server", `adder=${m.flag}`, "-model", "");
  await server.post("run", { hobby_type: "CODE_ANALYSIS" });
  const { page, done } = await open(server.url);
  await live(page);
  const main = page.locator("main"), nav = page.getByRole("navigation");
  const task = async (name, f) => {
    await page.goto("about:blank");
    const began = performance.now();
    await page.goto(server.url + "#/");
    const c = counting();
    await f(c);
    t.diagnostic(`${name}: ${c.count()} clicks, ${Math.round(performance.now() - began)} ms`);
    await live(page);
    assert.ok(c.count() <= 3, `${name}: ${c.count()} clicks`);
  };
  await task("is it better than yesterday?", async () => {
    await main.getByRole("region", { name: "Is it getting better?" }).waitFor();
  });
  await task("what does it get wrong in arithmetic?", async (c) => {
    await c.click(nav.getByRole("link", { name: "Skills" }));
    await c.click(main.getByRole("link", { name: "Arithmetic", exact: true }).first());
    await main.getByRole("region", { name: "Answers" }).locator(".verdict.missed").first().waitFor();
  });
  await task("stop it and set a budget", async (c) => {
    await c.click(main.getByRole("button", { name: "Stop" }));
    await c.click(nav.getByRole("link", { name: "Settings" }));
    await page.getByLabel("Answers").fill("100");
    await c.click(page.getByRole("button", { name: "Save" }));
    await page.getByText("Saved.").waitFor();
    assert.equal((await server.json("status")).resting, "paused");
    assert.equal((await server.json("config")).daily_budget.items, 100);
  });
  await task("change the model", async (c) => {
    await c.click(nav.getByRole("link", { name: "Settings" }));
    await c.choose(page.getByLabel("Answered by"), "adder");
    await c.click(page.getByRole("button", { name: "Save" }));
    await page.getByText("Saved.").waitFor();
    assert.equal((await server.json("settings")).model.value, "adder");
    assert.deepEqual(await audit(page), []);
  });
  await page.goto(server.url + "#/");
  assert.match(await main.locator("a.place").first().getAttribute("href"), /^https:\/\/example\.org\/p\.go#L\d+$/, "the place is a link");
  await task("dismiss a kind of insight", async (c) => {
    await c.click(main.getByRole("button", { name: /^Dismiss/ }).first());
    await page.getByText("Insights like it are not told again").waitFor();
  });
  await done();
});
