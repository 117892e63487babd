// The pages of the knowledge graph.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ahead } from "../static/views/map.js";
import { audit, freshFolder, know, live, open, serve, settled, shot, until } from "./harness.mjs";

async function knowing(t, o = {}) {
  const data = freshFolder();
  know(data);
  const server = await serve(t, data);
  await until("the graph to follow", async () => (await server.json("graph?limit=1")).version === 10);
  const opened = await open(server.url + "#/graph", o);
  await live(opened.page);
  await opened.page.getByRole("heading", { level: 1, name: "Knowledge" }).waitFor();
  await settled(opened.page);
  return { server, ...opened };
}

test("the knowledge is drawn, searched and followed to where it comes from", async (t) => {
  const { page, done } = await knowing(t);
  await page.locator(".map circle").first().waitFor();
  assert.equal(await page.locator(".map circle").count(), 79, "8 packages of 9 functions, 3 terms, a document and 3 skills");
  await shot(page, "knowledge");
  assert.deepEqual(await audit(page), []);
  await page.getByLabel("Type").selectOption("document");
  await until("the filter", async () => (await page.locator(".map circle").count()) === 1);
  await page.getByLabel("Type").selectOption("");

  await page.getByLabel("Find a concept").fill("p3.func7");
  await page.getByRole("list", { name: "Found" }).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1, name: "example.org/m/p3.Func7" }).waitFor();
  await settled(page);
  await page.locator(".known .how summary").first().click();
  await page.locator(".known .how").getByText("p3/p.go:7").first().waitFor();
  await page.locator(".known .how").first().getByText("Package p3 is called from p4.").waitFor();
  await page.getByLabel("As far as").selectOption("2");
  await until("more of what lies around", async () => (await page.locator(".map circle").count()) > 5);
  await page.getByText("Nothing has to be known before it").waitFor();
  await shot(page, "concept");
  assert.deepEqual(await audit(page), []);
  await page.locator(".map .node:not(.stands)").first().click();
  await until("the next concept", async () => !(await page.getByRole("heading", { level: 1 }).textContent()).includes("Func7"));
  await settled(page);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  await done();
});

test("arrows of the map reach what is not related, where it is near", () => {
  const node = (id, x, y = 0) => ({ id, x, y });
  const [a, b, c, far] = [node("a", -.5), node("b", .5), node("c", 0), node("far", .9)];
  const map = { nodes: [a, b, c, far], edges: [{ source: "a", target: "b" }] }, right = [1, 0], left = [-1, 0];
  assert.equal(ahead(map, a, right), c);
  assert.equal(ahead(map, b, left), c);
  assert.equal(ahead(map, b, right), far);
  assert.equal(ahead(map, a, left), undefined);
  c.x = .2; // nearer to b
  assert.equal(ahead(map, a, right), b, "related, and not twice as far");
  assert.equal(ahead(map, b, left), c);
});

test("the map by keyboard, and as tables for those who cannot see it", async (t) => {
  const { page, done } = await knowing(t);
  const map = page.getByRole("application"), at = page.locator(".map .node.at"), id = () => at.getAttribute("data-id"), said = page.locator(".map [role=status]");
  await map.focus();
  await page.keyboard.press("Enter"); // nowhere yet
  await page.keyboard.press("ArrowRight");
  assert.equal(await at.count(), 1);
  const first = await id(), label = (await said.textContent()).match(/^(.*), \w+, (\d+)\sfacts?, related to (\d+)\sconcepts? here$/);
  assert.ok(first.endsWith(label[1].toLowerCase()) || first.endsWith(label[1]), `${first} is said as ${label}`);
  const seen = new Set([first]);
  const place = async () => at.locator("circle").evaluate((c) => ["cx", "cy"].map((a) => Number(c.getAttribute(a))));
  for (const [key, axis, sign] of [["ArrowLeft", 0, -1], ["ArrowDown", 1, 1], ["ArrowRight", 0, 1], ["ArrowUp", 1, -1]]) {
    for (let i = 0; i < 3; i++) {
      const before = await place(), was = await id();
      await page.keyboard.press(key);
      const after = await place(), is = await id();
      if (is !== was) assert.ok((after[axis] - before[axis]) * sign > 0, `${key} went from ${before} to ${after}`);
      seen.add(is);
    }
  }
  assert.ok(seen.size > 4, `the arrows reach ${[...seen]}`);
  const box = () => page.locator(".map svg").evaluate((s) => s.viewBox.baseVal.width);
  const wide = await box();
  await page.keyboard.press("+");
  assert.ok((await box()) < wide);
  await page.keyboard.press("-");
  assert.equal(await box(), wide);
  for (const key of ["+", "+", "0"]) await page.keyboard.press(key);
  assert.equal(await box(), wide);
  assert.deepEqual(await audit(page), []);
  await shot(page, "knowledge-keyboard");
  await page.keyboard.press("Escape");
  assert.equal(await at.count(), 0);
  assert.equal(await said.textContent(), "");
  await page.keyboard.press("ArrowUp");
  const name = (await said.textContent()).split(",")[0];
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await settled(page);

  await page.getByText("The concepts as a table").click();
  await page.getByText("The relations as a table").click();
  const rows = (caption) => page.getByRole("table", { name: caption }).getByRole("row").count();
  assert.equal(await rows("Concepts on the map"), 1 + (await page.locator(".map circle").count()));
  const lines = (await page.locator(".map .edges").evaluateAll((all) => all.map((e) => e.getAttribute("d").split("M").length - 1))).reduce((a, b) => a + b);
  assert.equal(await rows("Relations on the map"), 1 + lines);
  const stroke = () => page.locator(".map .node.stands circle").evaluate((c) => getComputedStyle(c).strokeDasharray);
  assert.equal(await stroke(), "none");
  await page.getByRole("application").focus();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await id(), await page.locator(".map .node.stands").getAttribute("data-id"), "one begins at the concept");
  assert.notEqual(await stroke(), "none", "where one is can be seen on a chosen concept");
  const view = await page.locator(".map svg").boundingBox(), middle = () => page.locator(".map svg").evaluate((s) => s.viewBox.baseVal.x + s.viewBox.baseVal.width / 2);
  await page.mouse.move(view.x + 4, view.y + 4);
  await page.mouse.down();
  await page.mouse.move(view.x + 44, view.y + 4);
  await page.mouse.up();
  assert.equal(await at.count(), 0, "a drag forgets where one was");
  const dragged = await middle();
  await page.getByRole("button", { name: "Nearer" }).click();
  assert.ok(Math.abs((await middle()) - dragged) < 1, "and the map stays there");
  assert.deepEqual(await audit(page), []);
  await done();
});

test("ways, tables, revisions and files of the knowledge graph", async (t) => {
  const { page, done } = await knowing(t, { allow: [/404/] });
  await page.getByLabel("From").fill("p0.func8");
  await page.getByLabel("To", { exact: true }).fill("p1.func8");
  await page.getByRole("button", { name: "Find ways" }).click();
  await page.locator(".ways li").first().waitFor();
  assert.ok((await page.locator(".map .node.stands").count()) > 2, "the way stands out on the map");
  await page.getByLabel("To", { exact: true }).fill("knowledge graph");
  await page.getByRole("button", { name: "Find ways" }).click();
  await page.getByText("No way leads from the one to the other.").waitFor();
  await page.getByLabel("To", { exact: true }).fill("nobody");
  await page.getByRole("button", { name: "Find ways" }).click();
  await page.getByText(/there is no such concept.*nobody/).waitFor();

  await page.getByText("The relations as a table").click();
  await page.getByRole("row", { name: /stands for/ }).waitFor();
  assert.deepEqual(await audit(page), []);

  for (const kind of ["SVG", "PNG"]) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save as ${kind}` }).click();
    const raw = readFileSync(await (await download).path());
    if (kind === "SVG") assert.match(raw.toString(), /^<svg[^]*<circle[^]*fill="rgb/);
    else assert.equal(raw.subarray(1, 4).toString(), "PNG");
    assert.ok(raw.length > 5000, `${kind} has ${raw.length} bytes`);
  }

  await page.getByText("As it was earlier").first().click();
  const slider = page.getByLabel("Revision");
  await slider.focus();
  await page.keyboard.press("Home");
  await page.getByText("1 of 10").waitFor();
  await until("the first revision", async () => (await page.locator(".map circle").count()) === 10);
  await page.getByRole("button", { name: "Back to now" }).click();
  await until("all again", async () => (await page.locator(".map circle").count()) === 79);
  for (const name of ["Recorded until", "Held at"]) {
    await page.getByLabel(name).focus();
    await page.keyboard.press("Home");
    await until(`the first moment of ${name}`, async () => (await page.locator(".map circle").count()) === 10);
    assert.deepEqual(await audit(page), []);
    await page.getByRole("button", { name: "Back to now" }).click();
    await until("all again", async () => (await page.locator(".map circle").count()) === 79);
  }

  await page.getByLabel("Find a concept").fill("calculus");
  await page.getByRole("list", { name: "Found" }).getByRole("link").first().click();
  await page.locator(".lessons li").first().waitFor();
  assert.deepEqual(await page.locator(".lessons a").allTextContents(), ["arithmetic", "algebra", "calculus"]);
  await done();
});

test("the knowledge in the dark and on a telephone", async (t) => {
  const { page, done } = await knowing(t, { theme: "dark", width: 390, height: 800 });
  await page.locator(".map circle").first().waitFor();
  await shot(page, "knowledge-narrow");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the page");
  assert.deepEqual(await audit(page), []);
  await done();
});

// A graph of MANY concepts, each with three relations; 10,000 unless it says otherwise.
test("a large graph is opened at its communities", async (t) => {
  const many = Number(process.env.MANY ?? 10_000), data = freshFolder();
  know(data, many);
  const server = await serve(t, data);
  await until("the graph to follow", async () => (await server.json("graph?limit=1")).total_nodes === many);
  await server.json("graph/visualize?max_nodes=300"); // Run has found the communities, or does so now
  const { page, done } = await open(server.url + "#/activities");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" }); // processor time
  await page.evaluate(() => (location.hash = "#/graph"));
  await page.reload();
  const spent = async () => (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value;
  await page.locator(".map circle").first().waitFor();
  const took = await page.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.now()]);
  const worked = await spent();
  t.diagnostic(`first paint after ${took[0].toFixed(0)} ms, the map after at most ${took[1].toFixed(0)} ms; the page worked for ${worked.toFixed(2)} s of processor time`);
  assert.ok(worked > 0 && worked < 2, `the page worked for ${worked} s`); // what a busy machine does not change
  const { nodes, edges } = await server.json("graph/visualize?max_nodes=300");
  assert.equal(await page.locator(".map circle").count(), nodes.length);
  assert.equal((await page.locator(".map .edges").evaluateAll((all) => all.map((e) => e.getAttribute("d").split("M").length - 1))).reduce((a, b) => a + b), edges.length);
  const drawn = nodes.length + edges.length + (await page.locator(".map text").count());
  t.diagnostic(`${drawn} things are drawn of ${many} concepts`);
  assert.ok(drawn <= 2000, `${drawn} things are drawn`);
  await live(page);
  await settled(page);
  await shot(page, "knowledge-large");
  assert.deepEqual(await audit(page), []);
  await done();
});
