// The knowledge graph: what the agent knows, and how it knows it.
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/graph.js");
const about = ["graph"];
// An insight may claim something; so may a decision on one.
const events = { "insight.": () => about, "source.": () => about, "activity.": ({ insights }) => (insights.length ? about : []) };

export const pages = [
  { path: "graph", title: "Knowledge", nav: "Knowledge", part: "graph", ages: about, events, view: lazy("Knowledge", load, (m) => m.graph) },
  { path: "graph", detail: true, title: "Concept", part: "graph", ages: about, events, view: lazy("Concept", load, (m) => m.concept) },
];
