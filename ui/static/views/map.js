// A map of a part of the knowledge graph, as SVG; and the same as files.
import { plural, shorten } from "../lib/format.js";
import { Component, createRef, html } from "../lib/html.js";

const width = 1000, height = 640, margin = 40;
const labelled = 40; // nodes with their names

const x = (n) => margin + ((n.x + 1) / 2) * (width - 2 * margin);
const y = (n) => margin + ((n.y + 1) / 2) * (height - 2 * margin);
const radius = (n) => 4 + 2.2 * Math.log2(1 + n.size);

// label is a name as it fits on a map: without the path, also where that is in the brackets of a method.
export function label(name) {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return shorten(last.includes(")") && !last.includes("(") ? "(" + last : last, 28);
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// ahead is the nearest node of a map from one in a direction, at most 60 degrees to its side.
// What lies to the side counts as farther, and what is not related as almost twice as far, so
// that a node halfway between related ones is reached. It is undefined where there is none.
export function ahead(map, from, [dx, dy]) {
  const related = new Set(near(map, from.id));
  let best, least = Infinity;
  for (const n of map.nodes) {
    const along = (x(n) - x(from)) * dx + (y(n) - y(from)) * dy, off = Math.abs((x(n) - x(from)) * dy + (y(n) - y(from)) * dx);
    const far = (along + 2 * off) * (related.has(n) ? 1 : 1.9);
    if (n === from || along <= 0 || off > along * Math.sqrt(3) || far >= least) continue;
    [best, least] = [n, far];
  }
  return best;
}

// near are the nodes that a node is related to.
function near(map, id) {
  const ids = new Set(map.edges.flatMap((e) => (e.source === id ? [e.target] : e.target === id ? [e.source] : [])));
  return map.nodes.filter((n) => n.id !== id && ids.has(n.id));
}

// legible are the nodes whose names fit: the largest first, each where no other name is yet.
// Those of first are in any case.
function legible(nodes, first, zoom) {
  const size = 12 / Math.sqrt(zoom), taken = [], fit = new Set();
  const ordered = [...nodes].sort((a, b) => first.has(b.id) - first.has(a.id) || b.size - a.size);
  for (const n of ordered.slice(0, labelled + first.size)) {
    const half = (label(n.label).length * size * 0.6) / 2, at = [x(n) - half, x(n) + half, y(n) - radius(n) / Math.sqrt(zoom)];
    const free = taken.every((t) => at[0] > t[1] || at[1] < t[0] || Math.abs(at[2] - t[2]) > size * 1.2);
    if (!free && !first.has(n.id)) continue;
    taken.push(at);
    fit.add(n.id);
  }
  return fit;
}

// Map draws nodes and edges. tone gives a node's colour from 0 to 5, chosen are the ids
// that stand out, and pick is called with the id of a node that is pressed. By keyboard, at is
// where one is.
export class Map extends Component {
  constructor() {
    super();
    this.state = { zoom: 1, cx: width / 2, cy: height / 2, over: "", at: "" };
    this.svg = createRef();
  }

  zoom(by) {
    const here = this.here();
    this.setState(({ zoom, cx, cy }) => {
      const z = Math.min(8, Math.max(1, zoom * by));
      if (z === 1) return { zoom: 1, cx: width / 2, cy: height / 2 };
      return here ? { zoom: z, cx: x(here), cy: y(here) } : { zoom: z, cx, cy };
    });
  }

  here() {
    return this.props.map.nodes.find((n) => n.id === this.state.at);
  }

  // go moves by an arrow, or begins.
  go(arrow) {
    const { map, chosen = [] } = this.props, here = this.here();
    const first = () => map.nodes.find((n) => n.id === chosen[0]) ?? map.nodes.reduce((a, b) => (b.size > a.size ? b : a), map.nodes[0]);
    const n = here ? ahead(map, here, arrow) : first();
    if (n) this.setState(({ zoom }) => (zoom > 1 ? { at: n.id, cx: x(n), cy: y(n) } : { at: n.id }));
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target !== e.currentTarget) return;
    const { at } = this.state;
    if (arrows[e.key]) this.go(arrows[e.key]);
    else if (e.key === "Enter" && this.here()) this.props.pick(at);
    else if (e.key === "+" || e.key === "=") this.zoom(1.5);
    else if (e.key === "-") this.zoom(1 / 1.5);
    else if (e.key === "0") this.zoom(0);
    else if (e.key === "Escape" && at) this.setState({ at: "" });
    else return;
    e.preventDefault();
  }

  // drag moves the map, and forgets where one was by keyboard.
  drag(e) {
    if (!this.held || e.buttons === 0) return;
    const scale = width / this.svg.current.clientWidth / this.state.zoom;
    this.setState({ cx: this.held.cx - (e.clientX - this.held.x) * scale, cy: this.held.cy - (e.clientY - this.held.y) * scale, at: "" });
  }

  async save(kind) {
    const all = kind === "svg" ? new Blob([drawn(this.svg.current)], { type: "image/svg+xml" }) : await painted(this.svg.current);
    const a = document.createElement("a");
    a.href = URL.createObjectURL(all);
    a.download = `knowledge.${kind}`;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
  }

  render({ map, tone, chosen = [], pick, title }, { zoom, cx, cy, over, at: place }) {
    const at = Object.fromEntries(map.nodes.map((n) => [n.id, n]));
    const out = new Set(chosen);
    const named = legible(map.nodes, new Set([...out, over, place].filter(Boolean)), zoom);
    const lines = (edges) => edges.map((e) => `M${x(at[e.source]).toFixed(1)} ${y(at[e.source]).toFixed(1)}L${x(at[e.target]).toFixed(1)} ${y(at[e.target]).toFixed(1)}`).join("");
    const stands = (e) => (out.has(e.source) && out.has(e.target)) || [e.source, e.target].some((id) => id && (id === over || id === place));
    const w = width / zoom, h = height / zoom;
    const here = at[place];
    return html`<div class="map">
      <div class="canvas" role="application" tabindex="0" aria-label=${`${title}. Arrows go to other concepts, Enter opens one, plus, minus and 0 zoom, Escape leaves the concept. The tables on this page say the same.`} onKeyDown=${(e) => this.key(e)}>
      <svg ref=${this.svg} aria-hidden="true" class=${zoom > 1 ? "near" : ""} viewBox=${`${cx - w / 2} ${cy - h / 2} ${w} ${h}`} 
          onPointerDown=${(e) => (this.held = { x: e.clientX, y: e.clientY, cx, cy })} onPointerMove=${(e) => this.drag(e)}>
        <path class="edges" d=${lines(map.edges.filter((e) => !stands(e) && e.trusted))} />
        <path class="edges untrusted" d=${lines(map.edges.filter((e) => !stands(e) && !e.trusted))} />
        <path class="edges stands" d=${lines(map.edges.filter(stands))} />
        ${map.nodes.map((n) => html`<g key=${n.id} class=${`node tone-${tone(n)}${out.has(n.id) ? " stands" : ""}${n.id === place ? " at" : ""}`} data-id=${n.id}
            onClick=${() => pick(n.id)} onPointerEnter=${() => this.setState({ over: n.id })} onPointerLeave=${() => this.setState({ over: "" })}>
          <circle cx=${x(n)} cy=${y(n)} r=${radius(n) / Math.sqrt(zoom)}><title>${n.label}</title></circle>
          ${named.has(n.id) ? html`<text x=${x(n)} y=${y(n) - radius(n) / Math.sqrt(zoom) - 3 / zoom} font-size=${12 / Math.sqrt(zoom)}>${label(n.label)}</text>` : null}
        </g>`)}
      </svg></div>
      <p class="soft small" role="status">${here ? `${here.label}, ${here.type}, ${plural(here.size, "fact")}, related to ${plural(near(map, here.id).length, "concept")} here` : ""}</p>
      <div class="controls" role="group" aria-label="The map">
        <button type="button" onClick=${() => this.zoom(1.5)}>Nearer</button>
        <button type="button" onClick=${() => this.zoom(1 / 1.5)}>Farther</button>
        <button type="button" onClick=${() => this.save("svg")}>Save as SVG</button>
        <button type="button" onClick=${() => this.save("png")}>Save as PNG</button>
      </div>
    </div>`;
  }
}

const looks = ["fill", "stroke", "stroke-width", "opacity", "font-size", "font-family", "text-anchor"];

// drawn is a drawing as a file of its own: what the page's style says is written into it.
function drawn(svg) {
  const copy = svg.cloneNode(true);
  const from = svg.querySelectorAll("*"), into = copy.querySelectorAll("*");
  for (const [i, element] of from.entries()) {
    const style = getComputedStyle(element);
    for (const name of looks) into[i].setAttribute(name, style.getPropertyValue(name));
  }
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

// painted is a drawing as a picture. It is painted shape by shape: the page's policy lets
// no picture be made of a drawing.
function painted(svg) {
  const canvas = document.createElement("canvas");
  const view = svg.viewBox.baseVal, scale = 2 * (width / view.width);
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const c = canvas.getContext("2d");
  c.fillStyle = getComputedStyle(svg).backgroundColor;
  c.fillRect(0, 0, canvas.width, canvas.height);
  c.scale(scale, scale);
  c.translate(-view.x, -view.y);
  for (const element of svg.querySelectorAll("path, circle, text")) {
    const style = getComputedStyle(element), number = (name) => Number(element.getAttribute(name));
    c.globalAlpha = Number(style.opacity);
    c.fillStyle = style.fill;
    c.strokeStyle = style.stroke;
    c.lineWidth = parseFloat(style.strokeWidth) || 0;
    if (element.localName === "path") c.stroke(new Path2D(element.getAttribute("d") ?? ""));
    if (element.localName === "circle") {
      c.beginPath();
      c.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      c.fill();
    }
    if (element.localName === "text") {
      c.font = `${element.getAttribute("font-size")}px ${style.fontFamily}`;
      c.textAlign = "center";
      c.fillText(element.textContent, number("x"), number("y"));
    }
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
