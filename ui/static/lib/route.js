// The address: #/page or #/page/id. And which parts the server has.
import { get } from "./store.js";

// here is the page and the id in the address.
export function here() {
  const [path = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  try {
    return [path, decodeURIComponent(id)];
  } catch {
    return [path, ""]; // not an address of ours
  }
}

// whenMoved calls f with the position to which the new page is to be scrolled:
// the top after a link, and where it was left after going back.
export function whenMoved(f) {
  const left = new Map(); // address -> scroll position
  let at = location.hash, followed = false;
  history.scrollRestoration = "manual";
  addEventListener("click", (e) => (followed = e.target.closest?.("a[href]") != null), { capture: true });
  addEventListener("scroll", () => left.set(at, scrollY), { passive: true });
  addEventListener("hashchange", () => {
    const y = followed ? 0 : (left.get(location.hash) ?? 0);
    at = location.hash;
    followed = false;
    f(y);
  });
}

export const to = (path, id) => `#/${path}${id === undefined ? "" : "/" + encodeURIComponent(id)}`;

// parts are the server's, undefined until they are known.
export const parts = () => get("config").data?.parts;

// has tells whether the server has a part.
export const has = (name) => parts()?.[name]?.configured ?? false;

// lacks is why the server lacks a part; undefined while that is not known.
export const lacks = (name) => (parts() ? (parts()[name] ? parts()[name].reason : "this server does not know of it") : undefined);
