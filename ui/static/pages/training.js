// The training of adapters: what runs, what came of each, and what serves.
import { lazy } from "../lib/lazy.js";

const load = () => import("../views/training.js");
const about = ["lora/"];

export const pages = [
  { path: "training", title: "Training", nav: "Training", part: "lora", ages: about,
    events: { "adapter.": () => about, "trial.": () => about, "job.": () => about }, view: lazy("Training", load, (m) => m.training) },
];
