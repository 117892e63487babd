// The past: proficiency over time, the days with practice, and what they show. It is read
// when the page is opened, because a new session hardly changes a year.
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/history.js");

export const pages = [{ path: "history", title: "History", nav: "History", part: "archive", view: lazy("History", load, (m) => m.history) }];
