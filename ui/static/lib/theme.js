// Light or dark: the system's, until a person chooses the other one here.
import { change } from "./store.js";

const system = matchMedia("(prefers-color-scheme: dark)");
system.addEventListener("change", change);

export function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

export function set(dark) {
  const root = document.documentElement;
  const value = dark ? "dark" : "light";
  if (dark === system.matches) delete root.dataset.theme;
  else root.dataset.theme = value;
  try {
    if (dark === system.matches) localStorage.removeItem("pastime-theme");
    else localStorage.setItem("pastime-theme", value);
  } catch {
    // Storage is forbidden here: the choice lasts as long as the page.
  }
  change();
}
