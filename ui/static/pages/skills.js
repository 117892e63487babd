// The skills: each kind over time, and each family of tasks with its levels and its misses.
import { html } from "../lib/html.js";
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/skills.js");
const about = ["curve?", "skills/", "items?"];
const events = { "activity.": ({ activity: a }) => (a.status === "running" ? [] : about) };
const one = lazy("Skill", load, (m) => m.skill);

export const pages = [
  { path: "skills", title: "Skills", nav: "Skills", events, view: lazy("Skills", load, (m) => m.skills) },
  { path: "skills", detail: true, title: "Skill", events, view: Object.assign((id) => html`<div class="view" key=${id}>${one(id)}</div>`, { begin: one.begin }) },
];
