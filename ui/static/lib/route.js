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

// whenMoved calls f with how far the new page is to be scrolled: not at all
// after a link, and to where it was left after going back.
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

// routes are the server's, undefined until they are known.
export const routes = () => get("config").data?.routes;

// has tells whether the server has a route.
export const has = (path) => routes()?.includes("/hobby/" + path) ?? false;
