// A map of a part of the knowledge graph, as SVG; and the same as files.
import { shorten } from "../lib/format.js";
import { Component, createRef, html } from "../lib/html.js";

const width = 1000, height = 640, margin = 40;
const labelled = 40; // nodes with their names

const x = (n) => margin + ((n.x + 1) / 2) * (width - 2 * margin);
const y = (n) => margin + ((n.y + 1) / 2) * (height - 2 * margin);
const radius = (n) => 4 + 2.2 * Math.log2(1 + n.size);

// label is a name as it fits on a map: without the path.
export const label = (name) => shorten(name.slice(name.lastIndexOf("/") + 1), 28);

// Map draws nodes and edges. tone gives a node's colour from 0 to 5, chosen are the ids
// that stand out, and pick is called with the id of a node that is pressed.
export class Map extends Component {
  constructor() {
    super();
    this.state = { zoom: 1, cx: width / 2, cy: height / 2, over: "" };
    this.svg = createRef();
  }

  zoom(by) {
    this.setState(({ zoom, cx, cy }) => {
      const z = Math.min(8, Math.max(1, zoom * by));
      return z === 1 ? { zoom: 1, cx: width / 2, cy: height / 2 } : { zoom: z, cx, cy };
    });
  }

  drag(e) {
    if (!this.held || e.buttons === 0) return;
    const scale = width / this.svg.current.clientWidth / this.state.zoom;
    this.setState({ cx: this.held.cx - (e.clientX - this.held.x) * scale, cy: this.held.cy - (e.clientY - this.held.y) * scale });
  }

  async save(kind) {
    const all = kind === "svg" ? new Blob([drawn(this.svg.current)], { type: "image/svg+xml" }) : await painted(this.svg.current);
    const a = document.createElement("a");
    a.href = URL.createObjectURL(all);
    a.download = `knowledge.${kind}`;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
  }

  render({ map, tone, chosen = [], pick, title }, { zoom, cx, cy, over }) {
    const at = Object.fromEntries(map.nodes.map((n) => [n.id, n]));
    const out = new Set(chosen);
    const named = new Set([...[...map.nodes].sort((a, b) => b.size - a.size).slice(0, labelled).map((n) => n.id), ...out, over]);
    const lines = (edges) => edges.map((e) => `M${x(at[e.source]).toFixed(1)} ${y(at[e.source]).toFixed(1)}L${x(at[e.target]).toFixed(1)} ${y(at[e.target]).toFixed(1)}`).join("");
    const stands = (e) => (out.has(e.source) && out.has(e.target)) || e.source === over || e.target === over;
    const w = width / zoom, h = height / zoom;
    return html`<div class="map">
      <svg ref=${this.svg} class=${zoom > 1 ? "near" : ""} viewBox=${`${cx - w / 2} ${cy - h / 2} ${w} ${h}`} role="img" aria-label=${`${title}. The tables on this page say the same.`}
          onPointerDown=${(e) => (this.held = { x: e.clientX, y: e.clientY, cx, cy })} onPointerMove=${(e) => this.drag(e)}>
        <path class="edges" d=${lines(map.edges.filter((e) => !stands(e) && e.trusted))} />
        <path class="edges untrusted" d=${lines(map.edges.filter((e) => !stands(e) && !e.trusted))} />
        <path class="edges stands" d=${lines(map.edges.filter(stands))} />
        ${map.nodes.map((n) => html`<g key=${n.id} class=${`node tone-${tone(n)}${out.has(n.id) ? " stands" : ""}`} data-id=${n.id}
            onClick=${() => pick(n.id)} onPointerEnter=${() => this.setState({ over: n.id })} onPointerLeave=${() => this.setState({ over: "" })}>
          <circle cx=${x(n)} cy=${y(n)} r=${radius(n) / Math.sqrt(zoom)}><title>${n.label}</title></circle>
          ${named.has(n.id) ? html`<text x=${x(n)} y=${y(n) - radius(n) / Math.sqrt(zoom) - 3 / zoom} font-size=${12 / Math.sqrt(zoom)}>${label(n.label)}</text>` : null}
        </g>`)}
      </svg>
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
