// The pages of the knowledge graph: all of it, and a concept.
import { read } from "../lib/api.js";
import { count, moment, percent, plural, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { change, get } from "../lib/store.js";
import { Card, Data, Facts, Loaded, Text, Time } from "../parts/bits.js";
import { label, Map } from "./map.js";

// point is what all pages show: a revision, 0 for the newest; what was recorded until as_of;
// what held at valid_at. "" is now.
const now = { rev: 0, as_of: "", valid_at: "" };
const point = { ...now };
const seenAt = (path) => Object.entries(point).reduce((p, [name, v]) => (v ? `${p}${p.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(v)}` : p), path);
const elsewhen = () => Object.values(point).some(Boolean);
const pick = (id) => (location.hash = to("graph", id));

const Link = ({ id, name }) => html`<a href=${to("graph", id)}><${Text} of=${name} /></a>`;

// tones gives each community a colour; those after the fifth share the last.
function tones(map) {
  const order = new globalThis.Map(map.communities.map((c, i) => [c.id, Math.min(i, 5)]));
  return (n) => order.get(n.community) ?? 5;
}

// Search finds concepts by a part of their name.
class Search extends Component {
  constructor() {
    super();
    this.state = { text: "" };
  }
  render(_, { text }) {
    const path = seenAt(`graph/search?limit=12&q=${encodeURIComponent(text)}`);
    return html`<form role="search" onSubmit=${(e) => e.preventDefault()}><label>Find a concept <input type="search" maxlength="200" value=${text} onInput=${(e) => this.setState({ text: e.currentTarget.value.trimStart() })} /></label></form>
      ${text.trim() ? html`<${Loaded} of=${get(path)} path=${path} what="What was found">${(d) => d.nodes.length
        ? html`<ul class="found" aria-label="Found">${d.nodes.map((n) => html`<li key=${n.id}><${Link} id=${n.id} name=${n.name} /> <span class="soft small">${n.type}, ${plural(n.mentions, "fact")}</span></li>`)}</ul>`
        : html`<p class="soft" role="status">No concept has this in its name.</p>`}<//>` : null}`;
  }
}

// Path asks for ways between two concepts.
class Path extends Component {
  constructor({ from }) {
    super();
    this.state = { from: from ?? "", to: "", paths: null, error: "" };
  }
  async find(e) {
    e.preventDefault();
    const { from, to: there } = this.state;
    try {
      const { data } = await read(seenAt(`graph/path?k=3&from=${encodeURIComponent(from)}&to=${encodeURIComponent(there)}`));
      this.setState({ paths: data.paths, error: "" });
      this.props.found?.(data.paths);
    } catch (err) {
      this.setState({ paths: null, error: err.message });
    }
  }
  render(_, { from, to: there, paths, error }) {
    const field = (name, text, value) => html`<label>${text} <input required maxlength="2048" value=${value} onInput=${(e) => this.setState({ [name]: e.currentTarget.value })} /></label>`;
    return html`<form class="filters" onSubmit=${(e) => this.find(e)}>${field("from", "From", from)}${field("to", "To", there)}<button type="submit">Find ways</button></form>
      <div role="status">${error ? html`<p class="bad-text"><${Text} of=${error} /></p>` : null}
      ${paths === null ? null : paths.length ? html`<ol class="ways">${paths.map((p) => html`<li>${p.concepts.map((c, i) => html`${i ? html` <span class="soft">${p.relations[i - 1].source === c.id ? "\u2190 " : ""}<${Text} of=${p.relations[i - 1].relation} />${p.relations[i - 1].source === c.id ? "" : " \u2192"}</span> ` : null}<${Link} id=${c.id} name=${c.name} />`)}
        <span class="soft small"> ${"\u00b7"} ${p.score < 1 ? `confidence ${percent(p.score)}` : "certain"}</span></li>`)}</ol>`
        : html`<p class="soft">No way leads from the one to the other.</p>`}</div>`;
  }
}

// Sliders go back to an earlier revision, to what was recorded until a time, and to what held
// at a time. newest and first are the last revision and the first moment that were seen.
let newest = 0, first = Date.now(), opened = false;
const steps = 200;
function Sliders({ version = 0, since }) {
  newest = Math.max(newest, version);
  if (since) first = Math.min(first, Date.parse(since));
  const go = (to) => {
    Object.assign(point, to);
    change();
  };
  const rev = point.rev || newest, span = Date.now() - first;
  const time = (name, text) => {
    const at = point[name] ? Math.round(((Date.parse(point[name]) - first) / span) * steps) : steps, said = point[name] ? moment(new Date(point[name])) : "now";
    return html`<label class="slider">${text} <input type="range" min="0" max=${steps} value=${at} aria-valuetext=${said} onChange=${(e) => {
      const n = Number(e.currentTarget.value);
      go({ [name]: n >= steps ? "" : new Date(first + 1 + (n / steps) * span).toISOString() });
    }} /> <output>${said}</output></label>`;
  };
  return html`<details class="data" open=${opened} onToggle=${(e) => (opened = e.currentTarget.open)}><summary>As it was earlier</summary><fieldset class="filters"><legend class="hidden">As it was earlier</legend>
    <label class="slider">Revision <input type="range" min="1" max=${Math.max(newest, 1)} value=${rev} disabled=${newest < 2} onChange=${(e) => go({ rev: Number(e.currentTarget.value) >= newest ? 0 : Number(e.currentTarget.value) })} /> <output>${count(rev)} of ${count(newest)}</output></label>
    ${time("as_of", "Recorded until")}${time("valid_at", "Held at")}
    ${elsewhen() ? html`<button type="button" onClick=${() => go(now)}>Back to now</button>` : null}</fieldset></details>`;
}

// Tables say what a map shows.
function Tables({ of: { nodes, edges } }) {
  const names = Object.fromEntries(nodes.map((n) => [n.id, n.label]));
  return html`<${Data} caption="Concepts on the map" summary="The concepts as a table" head=${["Concept", "Type", "Facts"]} rows=${[...nodes].sort((a, b) => b.size - a.size).map((n) => [html`<${Link} id=${n.id} name=${n.label} />`, n.type, count(n.size)])} />
    <${Data} caption="Relations on the map" summary="The relations as a table" head=${["Subject", "Relation", "Object", "Confidence"]} rows=${edges.map((e) => [html`<${Link} id=${e.source} name=${names[e.source]} />`, html`<${Text} of=${e.relation} />`, html`<${Link} id=${e.target} name=${names[e.target]} />`, percent(e.weight)])} />`;
}

class Graph extends Component {
  constructor() {
    super();
    this.state = { type: "", community: "", way: [] };
  }
  render(_, { type, community, way }) {
    const path = seenAt(`graph/visualize?max_nodes=300${community ? `&community=${encodeURIComponent(community)}` : ""}`);
    return html`<h1 tabindex="-1">Knowledge</h1>
      <${Loaded} of=${get(path)} path=${path} what="The knowledge graph">${(d) => {
        if (d.total_nodes === 0) return html`<section class="card"><p class="soft">Nothing is known${elsewhen() ? " from this point of view" : " yet"}. What sessions claim appears here: which function calls which, what a document defines, at what a model succeeds.</p><${Sliders} version=${d.version} since=${d.since} /></section>`;
        const types = [...new Set(d.nodes.map((n) => n.type))].sort();
        const shown = type ? { ...d, nodes: d.nodes.filter((n) => n.type === type) } : d;
        const there = new Set(shown.nodes.map((n) => n.id));
        shown.edges = d.edges.filter((e) => there.has(e.source) && there.has(e.target));
        return html`<section class="card" aria-label="Map">
            <${Sliders} version=${d.version} since=${d.since} />
            <div class="filters">
              <label>Type <select value=${type} onChange=${(e) => this.setState({ type: e.currentTarget.value })}><option value="">all</option>${types.map((t) => html`<option key=${t} value=${t}>${t}</option>`)}</select></label>
              <label>Community <select value=${community} onChange=${(e) => this.setState({ community: e.currentTarget.value })}><option value="">the largest of each</option>${d.communities.map((c) => html`<option key=${c.id} value=${c.id}>${label(c.label)} (${count(c.size)})</option>`)}</select></label></div>
            <p class="soft">${plural(shown.nodes.length, "concept")} of ${count(d.total_nodes)}, in ${plural(d.total_communities, "community", "communities")}. A colour is a community; those after the fifth share one. ${d.edges.length < d.total_edges ? `Of ${count(d.total_edges)} relations between them the ${count(d.edges.length)} with the most facts are drawn. ` : ""}A size is how many facts name a concept, and a broken line is what only untrusted texts say.</p>
            <${Map} map=${shown} tone=${tones(d)} chosen=${way} pick=${pick} title="Map of the knowledge graph" />
            <${Tables} of=${shown} />
          </section>
          <div class="grid">
            <${Card} title="Find" id="h-find"><${Search} /><//>
            <${Card} title="How are two concepts related?" id="h-path"><${Path} found=${(p) => this.setState({ way: p[0]?.concepts.map((c) => c.id) ?? [] })} /><//>
          </div>`;
      }}<//>`;
  }
}

// Known is a fact, and below it, when it is opened, how it is known.
function Known({ f, text }) {
  return html`<li><${Link} id=${f.source} name=${f.subject} /> <strong><${Text} of=${f.relation} /></strong> <${Link} id=${f.target} name=${f.object} />${f.valid_until ? html` <span class="soft small">until <${Time} at=${f.valid_until} /></span>` : null}${f.tainted ? html` <span class="tag warn">untrusted source</span>` : null}${f.accepted ? html` <span class="tag">accepted</span>` : null}${f.extracted ? html` <span class="tag">read from a sentence</span>` : null}
    <details class="how"><summary>How it is known</summary><${Facts} of=${[
      ["Read from", f.sentence && html`<${Text} of=${shorten(f.sentence, 400)} />`],
      ["Said by", text ? html`<${Text} of=${shorten(text, 400)} />` : f.activity_id ? "An insight" : "This program, or its host"],
      ["In", f.activity_id && html`<a href=${to("activities", f.activity_id)}>The session</a>`],
      ["At", f.file && html`<code class="text">${f.file}${f.line ? `:${f.line}` : ""}</code>`],
      ["From", f.origin && html`<code class="text">${f.origin}</code>`],
      ["Recorded", html`<${Time} at=${f.recorded_at} />, revision ${count(f.rev)}`],
      ["Held", html`Since <${Time} at=${f.valid_from} />${f.valid_until ? html` until <${Time} at=${f.valid_until} />` : null}`],
      ["Confidence", percent(f.confidence)],
    ]} /></details></li>`;
}

// Lessons are what to learn before a concept, in order.
function Lessons({ id }) {
  const path = seenAt(`graph/learn?target=${encodeURIComponent(id)}`), entry = get(path);
  if (entry.error?.status === 409) return html`<p class="soft" role="status"><${Text} of=${entry.error.message} /></p>`;
  return html`<${Loaded} of=${entry} path=${path} what="What to learn">${({ lessons, total }) => lessons.length < 2 ? html`<p class="soft">Nothing has to be known before it, for all that is known.</p>`
    : html`<ol class="lessons">${lessons.map((l) => html`<li key=${l.concept.id}><${Link} id=${l.concept.id} name=${l.concept.name} />${l.needs.length ? html` <span class="soft small">after <${Text} of=${l.needs.map((n) => n.name).join(", ")} /></span>` : null}</li>`)}</ol>${lessons.length < total ? html`<p class="soft">The first ${count(lessons.length)} of ${count(total)}.</p>` : null}`}<//>`;
}

// told are the insights that facts rest on.
const told = (facts) => new Set(facts.filter((f) => f.activity_id).map((f) => f.insight_id)).size;

class Concept extends Component {
  constructor() {
    super();
    this.state = { depth: 1 };
  }
  render({ id }, { depth }) {
    const path = seenAt(`graph/concepts/${encodeURIComponent(id)}`), around = seenAt(`graph/visualize?max_nodes=100&depth=${depth}&center=${encodeURIComponent(id)}`);
    const entry = get(path);
    const crumb = html`<p class="crumb"><a href="#/graph">Knowledge</a></p>`;
    if (entry.error?.status === 404) return html`${crumb}<h1 tabindex="-1">There is no such concept</h1>${elsewhen() ? html`<${Sliders} />` : null}`;
    return html`${crumb}<h1 tabindex="-1">${entry.data ? html`<${Text} of=${entry.data.concept.name} />` : "Concept"}</h1>
    <${Loaded} of=${entry} path=${path} what="The concept">${(c) => {
      const texts = Object.fromEntries(c.insights.map((i) => [i.id, i.text]));
      return html`
      <section class="card" aria-label="Around it"><${Sliders} version=${c.version} />
        <div class="filters"><label>As far as <select value=${depth} onChange=${(e) => this.setState({ depth: Number(e.currentTarget.value) })}>${[1, 2, 3].map((n) => html`<option key=${n} value=${n}>${plural(n, "relation")}</option>`)}</select></label></div>
        <${Loaded} of=${get(around)} path=${around} what="The map">${(d) => html`<${Map} map=${d} tone=${tones(d)} chosen=${[c.concept.id]} pick=${pick} title=${`What lies around ${c.concept.name}`} /><${Tables} of=${d} />`}<//></section>
      <div class="grid">
        <${Card} title="What is known of it" id="h-facts" wide=${true}><p class="soft">${c.relations.length < c.total_relations ? `The newest ${count(c.relations.length)} of ${plural(c.total_relations, "fact")}.` : plural(c.total_relations, "fact") + "."}</p>
          <ul class="known">${c.relations.map((f) => html`<${Known} f=${f} text=${texts[f.insight_id]} />`)}</ul><//>
        <${Card} title="About it" id="h-about"><${Facts} of=${[["Type", c.concept.type], ["Also called", c.concept.aliases.length ? html`<${Text} of=${c.concept.aliases.join(", ")} />` : null],
          ["Community", c.community && html`<${Text} of=${label(c.community.label)} />, ${plural(c.community.size, "concept")}`], ["Confidence", percent(c.concept.confidence)]]} />
          ${c.also.length ? html`<h3>Perhaps meant as well</h3><ul>${c.also.map((n) => html`<li><${Link} id=${n.id} name=${n.name} /></li>`)}</ul>` : null}
          <h3>Similar</h3>${c.similar.length ? html`<ul>${c.similar.map((s) => html`<li title=${s.parts.map((p) => `${p.name}: place ${p.rank}`).join(", ")}><${Link} id=${s.concept.id} name=${s.concept.name} /> <span class="soft small">${s.parts.map((p) => p.name).join(", ")}</span></li>`)}</ul>` : html`<p class="soft">None.</p>`}<//>
        <${Card} title="How it is known" id="h-how">${c.insights.length < told(c.relations) ? html`<p class="soft">The newest ${count(c.insights.length)} insights.</p>` : null}${c.insights.length ? html`<ul class="insights">${c.insights.map((i) => html`<li class="insight"><p><${Text} of=${shorten(i.text ?? "The text of this insight is gone.", 400)} /></p>${i.activity_id ? html`<p class="soft small"><a href=${to("activities", i.activity_id)}>The session</a></p>` : null}</li>`)}</ul>` : html`<p class="soft">By this program itself.</p>`}<//>
        <${Card} title="What to learn before it" id="h-learn"><${Lessons} key=${id} id=${id} /><//>
        <${Card} title="How is it related to another?" id="h-path" wide=${true}><${Path} key=${id} from=${c.concept.id} /><//>
      </div>`;
    }}<//>`;
  }
}

export const graph = () => html`<${Graph} />`;
export const concept = (id) => html`<${Concept} key=${id} id=${id} />`;
