// Preact and htm, bound together. Text reaches the page as text nodes only:
// nothing here or elsewhere writes markup.
import { Component, createRef, h, render } from "../vendor/preact.mjs";
import htm from "../vendor/htm.mjs";

export const html = htm.bind(h);
export { Component, createRef, h, render };
