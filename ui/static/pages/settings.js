// The settings that people may change, where the host allows it.
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/settings.js");

export const pages = [{ path: "settings", title: "Settings", nav: "Settings", part: "settings",
  events: { "settings.": () => ["settings", "config", "status", "hobby-types"] }, view: lazy("Settings", load, (m) => m.settings) }];
