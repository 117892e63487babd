// Keyboard shortcuts of every page, and their list under "?".
import { Component, createRef, html } from "../lib/html.js";
import { has } from "../lib/route.js";

// places are the letters of pages, and the parts without which there is no such page.
const places = [["o", "", "Overview"], ["s", "activities", "Sessions"], ["k", "skills", "Skills"], ["i", "insights", "Insights"], ["f", "fleet", "Fleet", "subagents"], ["r", "training", "Training", "lora"],
  ["b", "inbox", "Inbox", "feedback"], ["q", "quality", "Quality", "feedback"], ["h", "history", "History", "archive"], ["w", "graph", "Knowledge", "graph"], ["t", "settings", "Settings", "settings"]];
const there = () => places.filter(([, , , part]) => !part || has(part));

const others = [["?", "this list"], ["/", "to the search of a page"], ["1 to 5, h, u, a, r, c, n", "in the inbox: rate, helpful, unhelpful, accept, refuse, comment, next"]];

// Keys listens for "g" and then a letter, for "/" and for "?". What is typed into a field is
// no shortcut.
export class Keys extends Component {
  constructor() {
    super();
    this.dialog = createRef();
    this.after = 0; // when "g" was pressed
    this.key = (e) => this.press(e);
  }
  componentDidMount() {
    document.addEventListener("keydown", this.key);
  }
  componentWillUnmount() {
    document.removeEventListener("keydown", this.key);
  }
  press(e) {
    if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.target.closest?.("textarea, input, select, dialog")) return;
    const place = Date.now() - this.after < 1500 && there().find(([k]) => k === e.key);
    this.after = 0;
    if (place) location.hash = "#/" + place[1];
    else if (e.key === "g") this.after = Date.now();
    else if (e.key === "?") this.dialog.current.showModal();
    else if (e.key === "/" && document.querySelector("main input[type=search]")) document.querySelector("main input[type=search]").focus();
    else return;
    e.preventDefault();
    if (place) e.stopImmediatePropagation();
  }
  render() {
    return html`<button type="button" class="link" onClick=${() => this.dialog.current.showModal()}>Keyboard shortcuts (?)</button>
      <dialog ref=${this.dialog} aria-labelledby="h-keys"><h2 id="h-keys">Keyboard shortcuts</h2>
        <dl class="facts">${there().map(([k, , name]) => html`<div key=${k}><dt><kbd>g</kbd> then <kbd>${k}</kbd></dt><dd>${name}</dd></div>`)}
          ${others.map(([k, what]) => html`<div key=${k}><dt><kbd>${k}</kbd></dt><dd>${what}</dd></div>`)}</dl>
        <form method="dialog"><button>Close</button></form></dialog>`;
  }
}
