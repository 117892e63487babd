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

function fields(api, schema) {
  let s = resolve(api, schema);
  if ([s.type].flat().includes("array")) s = resolve(api, s.items);
  const props = Object.entries(s.properties ?? {});
  if (!props.length) return null;
  return table(["field", "type", "meaning"], props.map(([name, p]) => [el("code", {}, name), type(api, p), resolve(api, p).description ?? p.description ?? ""]));
}

function route(api, path, method, op) {
  const inside = el("div", { class: "inside" });
  if (op.description) inside.append(el("p", {}, op.description));
  if (op.parameters?.length) {
    inside.append(el("h3", {}, "Parameters"), table(["name", "in", "type", "meaning"], op.parameters.map((p) => [
      el("code", {}, p.name), p.in, type(api, p.schema), [p.description, p.schema?.default !== undefined ? `Default ${p.schema.default}.` : ""].filter(Boolean).join(" ")])));
  }
  for (const [media, body] of Object.entries(op.requestBody?.content ?? {})) {
    inside.append(el("h3", {}, `Body (${media})`), fields(api, body.schema) ?? "");
  }
  for (const [status, answer] of Object.entries(op.responses ?? {})) {
    if (!status.startsWith("2")) continue;
    for (const [media, body] of Object.entries(answer.content ?? {})) {
      inside.append(el("h3", {}, `Answer ${status} (${media}): ${type(api, body.schema)}`), fields(api, body.schema) ?? "");
    }
  }
  const errors = Object.keys(op.responses ?? {}).filter((s) => s >= "400").sort();
  if (errors.length) inside.append(el("p", {}, `Errors, as application/problem+json: ${errors.join(", ")}.`));
  if (method === "get" && !path.includes("{")) inside.append(el("p", {}, el("a", { href: path }, "Try it")));
  inside.append(el("pre", { tabindex: "0" }, `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}${location.origin}${path}`));
  return el("details", { id: op.operationId }, el("summary", {}, el("span", { class: "method" }, method.toUpperCase()), " ", el("code", {}, path), ` ${op.summary ?? ""}`), inside);
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const api = await answer.json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags?.[0] ?? "Other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(route(api, path, method, op));
    }
  }
  root.replaceChildren(...[...groups].flatMap(([tag, routes]) => [el("h2", {}, tag), ...routes]));
  if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
} catch (err) {
  root.replaceChildren(el("p", { role: "alert" }, `The description could not be read: ${err.message}.`));
}
