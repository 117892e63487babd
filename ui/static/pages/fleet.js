// The fleet of sub-agents, and one assignment.
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/fleet.js");
const part = "subagents";
const about = ["subagents/", "assignments"];

export const pages = [
  { path: "fleet", title: "Fleet", nav: "Fleet", part, ages: about, events: { "assignment.": () => about }, view: lazy("Fleet", load, (m) => m.fleet) },
  { path: "fleet", detail: true, title: "Assignment", part, view: lazy("Assignment", load, (m) => m.assignment) },
];
