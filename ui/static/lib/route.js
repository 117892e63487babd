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

export const whenMoved = (f) => addEventListener("hashchange", f);

export const to = (path, id) => `#/${path}${id === undefined ? "" : "/" + encodeURIComponent(id)}`;

// routes are the server's, undefined until they are known.
export const routes = () => get("config").data?.routes;

// has tells whether the server has a route.
export const has = (path) => routes()?.includes("/hobby/" + path) ?? false;
