// Renders openapi.json for people. Everything is set as text, never as markup.

const root = document.getElementById("routes");

function el(name, attrs = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  e.append(...children.filter((c) => c != null));
  return e;
}

function resolve(api, schema) {
  let s = schema;
  for (let i = 0; s && s.$ref && i < 10; i++) s = s.$ref.split("/").slice(1).reduce((o, k) => o?.[k], api);
  return s ?? {};
}

function type(api, schema) {
  if (schema?.$ref) return schema.$ref.split("/").pop();
  const s = resolve(api, schema);
  const t = [s.type].flat().filter(Boolean);
  if (t.includes("array")) return type(api, s.items) + "[]" + (t.includes("null") ? " or null" : "");
  if (s.enum) return s.enum.map((v) => JSON.stringify(v)).join(" | ");
  return (s.format ? `${t[0]} (${s.format})` : t[0] ?? "any") + (t.includes("null") ? " or null" : "");
}

function table(head, rows) {
  return el("table", {}, el("thead", {}, el("tr", {}, ...head.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, ...rows.map((r) => el("tr", {}, ...r.map((c) => el("td", {}, c))))));
}

// fields is a table of the fields of a body, or of an answer, in which nothing is required of anybody.
function fields(api, schema, answer) {
  let s = resolve(api, schema);
  if ([s.type].flat().includes("array")) s = resolve(api, s.items);
  const props = Object.entries(s.properties ?? {});
  if (!props.length) return null;
  return table(["field", "type", "meaning"], props.map(([name, p]) => [named(name, !answer && s.required?.includes(name)), type(api, p), resolve(api, p).description ?? p.description ?? ""]));
}

const named = (name, required) => el("span", {}, el("code", {}, name), required ? el("span", { class: "required" }, " required") : null);

const base = new URL("./", location.href); // this host's, under whatever prefix
const address = (path) => new URL(path.replace(/^\/hobby\//, ""), base);

// known has one of each thing that a path or a body may name, as far as this host has one.
const known = {};

async function learn() {
  let parts = {};
  const look = async (path, of, part) => {
    if (part && !parts[part]?.configured) return;
    try {
      const answer = await fetch(address(path), { headers: { Accept: "application/json" } });
      if (answer.ok) Object.assign(known, of(await answer.json()));
    } catch {
      // What it is about is not there.
    }
  };
  await look("config", (c) => void (parts = c.parts));
  await Promise.all([
    look("activities?count=1", (a) => ({ activity_id: a[0]?.activity_id })),
    look("insights?count=1", (d) => ({ insight_id: d.insights[0]?.id })),
    look("hobby-types", (d) => ({ hobby_type: (d.hobby_types.find((t) => t.enabled) ?? d.hobby_types[0])?.name })),
    look("progress", (p) => {
      const [kind, k] = Object.entries(p.hobbies).find(([, k]) => k.families.length) ?? [];
      return { family: k?.families[0].family, "kind of a family": kind };
    }),
    look("subagents/stats", (d) => ({ subagent_id: d.subagents[0]?.subagent_id }), "subagents"),
    look("assignments?limit=1", (d) => ({ assignment_id: d.assignments[0]?.assignment_id }), "subagents"),
    look("graph?limit=2", (d) => ({ concept: d.nodes[0]?.name, from: d.nodes[0]?.name, to: d.nodes[1]?.name, center: d.nodes[0]?.name, target: d.nodes[0]?.name }), "graph"),
    look("settings", (d) => ({ first: d.models[0]?.name, second: d.models[1]?.name }), "settings"),
    look("lora/adapters", (d) => ({ adapter_id: d.adapters[0]?.adapter_id }), "lora"),
  ]);
}

// bodies are examples of what no schema says: which fields go together.
const bodies = {
  "/hobby/comparisons": () => ({ first: known.first ?? "MODEL_ID", second: known.second ?? "ANOTHER_ID", hobby_type: known["kind of a family"] ?? "SKILL_PRACTICE" }),
  "/hobby/settings": () => ({ interval_minutes: 30 }),
  "/hobby/feedback": () => ({ target_type: "insight", target_id: known.insight_id ?? "INSIGHT_ID", rating: 4 }),
  "/hobby/graph/query": () => ({ query: "MATCH (a)-[r]->(b) RETURN a.name, type(r), b.name LIMIT 5" }),
  "/hobby/subagents/register": () => ({ subagent_id: "helper", capabilities: ["*"] }),
  "/hobby/assign-to-subagent": () => ({ subagent_id: known.subagent_id ?? "SUBAGENT_ID", hobby_type: known.hobby_type ?? "SKILL_PRACTICE", duration_minutes: 1 }),
};

// example is a value that the schema of a field allows.
function example(api, name, schema, where) {
  const s = resolve(api, schema);
  if (name === "hobby_type" && where?.includes("{family}")) return known["kind of a family"] ?? "KIND";
  if (known[name] !== undefined) return known[name];
  if (s.default !== undefined) return s.default;
  if (s.examples?.length) return s.examples[0];
  if (s.enum) return s.enum.find((v) => v !== null && v !== "");
  const t = [s.type].flat()[0];
  if (t === "integer" || t === "number") return s.minimum ?? (s.exclusiveMinimum !== undefined ? s.exclusiveMinimum + 1 : 1);
  if (t === "boolean") return true;
  if (t === "array") return [];
  if (t === "object") return {};
  if (s.format === "date-time") return "2026-01-01T00:00:00Z";
  return name.toUpperCase();
}

// request is an example of a request: a path, a query with what is required, and a body.
function request(api, path, op) {
  let target = path;
  const query = new URLSearchParams();
  for (const p of op.parameters ?? []) {
    if (p.in === "path") target = target.replace(`{${p.name}}`, encodeURIComponent(example(api, p.name, p.schema, path)));
    else if (p.in === "query" && p.required) query.set(p.name, example(api, p.name, p.schema));
  }
  let body;
  const [media, content] = Object.entries(op.requestBody?.content ?? {})[0] ?? [];
  if (media) {
    const s = resolve(api, content.schema);
    body = bodies[path]?.() ?? Object.fromEntries((s.required ?? []).map((name) => [name, example(api, name, s.properties[name])]));
    body = JSON.stringify(body);
  }
  return { url: address(target) + (query.size ? "?" + query : ""), media, body };
}

const quoted = (s) => `'${s.replaceAll("'", "'\\''")}'`;

let token = false; // the host asks for one

function curl(method, r, streams) {
  return ["curl", streams ? "-N" : "", method === "get" ? "" : `-X ${method.toUpperCase()}`, token ? '-H "Authorization: Bearer $PASTIME_TOKEN"' : "",
    r.body === undefined ? "" : `-H 'Content-Type: ${r.media}' -d ${quoted(r.body)}`, quoted(r.url)].filter(Boolean).join(" ");
}

const listens = 20_000; // milliseconds, and
const heard = 5; // events at most, of an answer that goes on

// first is what an answer that goes on says first.
async function first(got, show) {
  const reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
  const late = setTimeout(() => reader.cancel(), listens);
  let text = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    show((text += value));
    if (text.split("\n\n").length > heard || text.length > 20_000) break;
  }
  clearTimeout(late);
  reader.cancel();
  return text;
}

// attempt sends a request that may be changed first, and shows the answer.
function attempt(method, r, id, streams) {
  const url = el("input", { id: `url-${id}`, spellcheck: "false" });
  url.value = r.url;
  const body = r.body === undefined ? null : el("textarea", { id: `body-${id}`, rows: "3", spellcheck: "false" });
  if (body) body.value = r.body;
  const answer = el("div", { role: "status" });
  const send = el("button", { type: "button" }, "Send");
  send.addEventListener("click", async () => {
    answer.replaceChildren(el("p", {}, "Sending…"));
    try {
      const to = new URL(url.value, base);
      if (to.origin !== location.origin) throw new Error("the address is another server's");
      const got = await fetch(to, { method: method.toUpperCase(), ...(body && { body: body.value, headers: { "Content-Type": r.media } }) });
      const pre = el("pre", { tabindex: "0", class: "answer" });
      if (streams && got.ok) {
        answer.replaceChildren(el("p", {}, `${got.status} ${got.statusText}, what comes in the next ${listens / 1000} seconds`), pre);
        await first(got, (text) => (pre.textContent = text));
        answer.firstChild.textContent = `${got.status} ${got.statusText}, what came first; it goes on`;
        return;
      }
      let text = await got.text();
      try {
        text = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // It is not JSON.
      }
      const cut = text.length > 20_000;
      answer.replaceChildren(el("p", {}, `${got.status} ${got.statusText}${cut ? ", the first 20,000 characters" : ""}`), el("pre", { tabindex: "0", class: "answer" }, text.slice(0, 20_000)));
    } catch (err) {
      answer.replaceChildren(el("p", {}, `No answer: ${err.message}.`));
    }
  });
  return el("div", { class: "try" }, el("h3", {}, "Try it"), el("label", { for: `url-${id}` }, "Address"), url,
    body ? el("label", { for: `body-${id}` }, "Body") : null, body, send, answer);
}

function route(api, path, method, op) {
  const inside = el("div", { class: "inside" });
  if (op.description) inside.append(el("p", {}, op.description));
  if (op.parameters?.length) {
    inside.append(el("h3", {}, "Parameters"), table(["name", "in", "type", "meaning"], op.parameters.map((p) => [
      named(p.name, p.required), p.in, type(api, p.schema), [p.description, p.schema?.default !== undefined ? `default ${p.schema.default}` : ""].filter(Boolean).join("; ")])));
  }
  for (const [media, body] of Object.entries(op.requestBody?.content ?? {})) {
    inside.append(el("h3", {}, `Body (${media})`), fields(api, body.schema) ?? "");
  }
  for (const [status, answer] of Object.entries(op.responses ?? {})) {
    if (!status.startsWith("2")) continue;
    for (const [media, body] of Object.entries(answer.content ?? {})) {
      inside.append(el("h3", {}, `Answer ${status} (${media}): ${type(api, body.schema)}`), fields(api, body.schema, true) ?? "");
    }
  }
  const errors = Object.keys(op.responses ?? {}).filter((s) => s >= "400").sort();
  if (errors.length) inside.append(el("p", {}, `Errors, as application/problem+json: ${errors.join(", ")}.`));
  const r = request(api, path, op);
  const streams = path.endsWith("/events");
  inside.append(el("h3", {}, "With curl"), el("pre", { tabindex: "0" }, curl(method, r, streams)));
  if (/\b([A-Z]+_)?ID\b|=[A-Z]+(?=&|$)|\/(CONCEPT|KIND|FAMILY)\b/.test(decodeURIComponent(r.url) + (r.body ?? ""))) inside.append(el("p", {}, "Replace what is in capitals: this host has none of these yet."));
  inside.append(attempt(method, r, op.operationId, streams));
  return el("details", { id: op.operationId }, el("summary", {}, el("span", { class: "method" }, method.toUpperCase()), " ", el("code", {}, path), ` ${op.summary ?? ""}`), inside);
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const api = await answer.json();
  token = answer.headers.get("Pastime-Session") !== null;
  await learn();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags?.[0] ?? "Other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(route(api, path, method, op));
    }
  }
  root.replaceChildren(...[...groups].flatMap(([tag, routes]) => [el("h2", {}, tag), ...routes]));
  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const q = find.value.toLowerCase();
    for (const d of root.querySelectorAll("details")) d.hidden = !d.querySelector("summary").textContent.toLowerCase().includes(q);
    for (const h of root.querySelectorAll("h2")) {
      let any = false;
      for (let e = h.nextElementSibling; e && e.localName !== "h2"; e = e.nextElementSibling) any ||= !e.hidden;
      h.hidden = !any;
    }
  });
  if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
} catch (err) {
  root.replaceChildren(el("p", { role: "alert" }, `The description could not be read: ${err.message}.`));
}
