// The settings: what is in force, where it comes from, and what may be changed.
import { Gone, write } from "../lib/api.js";
import { kindName } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { tell } from "../lib/live.js";
import { get, invalidate } from "../lib/store.js";
import { has } from "../lib/route.js";
import { Card, Loaded } from "../parts/bits.js";
import { Compare } from "../parts/compare.js";

const names = ["interval_minutes", "idle_threshold_minutes", "daily_budget", "hobbies_enabled", "model"];

// The limits of a day: name, field, what a field's unit is of the server's, and its step.
const limits = [["Time", "time_seconds", 60, "minutes"], ["Answers", "items", 1, ""], ["Tokens", "tokens", 1, ""],
  ["Processor", "cpu_seconds", 60, "minutes"], ["Money", "usd", 1, "US dollars"]];

// Origin says where a value comes from.
function Origin({ s, changed, reset }) {
  if (changed) return html`<span class="soft small">changed, not saved yet</span>`;
  if (s.from === "fixed") return html`<span class="soft small">fixed by ${s.fixed_by}</span>`;
  if (s.from === "chosen") return html`<span class="soft small">chosen here</span> <button type="button" class="link small" onClick=${reset}>back to the default</button>`;
  return html`<span class="soft small">the default</span>`;
}

// Num is a field for a number. What is typed stays as it was typed while the field has the focus.
class Num extends Component {
  render({ value, onNumber, ...rest }, { text }) {
    return html`<input type="number" ...${rest} value=${text ?? (Number.isFinite(value) ? String(value) : "")} onBlur=${() => this.setState({ text: null })}
      onInput=${(e) => (this.setState({ text: e.currentTarget.value }), onNumber(e.currentTarget.valueAsNumber))} />`;
  }
}

class Form extends Component {
  constructor() {
    super();
    this.state = { draft: {}, busy: false, problem: [] };
  }
  // value is what is in force; of a model, what will be when it is open.
  value(name) {
    const { s } = this.props;
    return name === "model" && s.model_opening ? s.model_opening : s[name].value;
  }
  // While a model is opened, the page looks again whether it is open.
  look() {
    clearTimeout(this.timer);
    if (this.props.s.model_opening) this.timer = setTimeout(() => invalidate("settings"), 3000);
  }
  componentDidMount() {
    this.look();
  }
  componentDidUpdate() {
    this.look();
  }
  componentWillUnmount() {
    clearTimeout(this.timer);
  }
  // now is a setting as it is shown: what was typed, or what is in force.
  now(name) {
    const { draft } = this.state;
    return name in draft ? (draft[name] ?? this.props.s[name].default) : this.value(name);
  }
  change(name, value) {
    this.setState({ draft: { ...this.state.draft, [name]: value }, problem: [] });
  }
  // body is all that is chosen: what was changed now, and what was chosen before.
  body() {
    const { s } = this.props, { draft } = this.state, body = {};
    for (const name of names) {
      if (!s[name] || s[name].from === "fixed") continue;
      const v = name in draft ? draft[name] : s[name].from === "chosen" ? this.value(name) : null;
      if (v !== null) body[name] = name === "daily_budget" ? Object.fromEntries(Object.entries(v).filter(([, n]) => n !== null)) : v;
    }
    return body;
  }
  async save(e) {
    e.preventDefault();
    if (this.state.busy) return;
    this.setState({ busy: true });
    try {
      await write("settings", this.body(), "PUT");
      this.setState({ draft: {}, problem: [] });
      tell("Saved. It is in force now; a model answers from the next session on.");
    } catch (err) {
      this.setState({ problem: [err instanceof Gone ? `${err.message} Nothing was changed, as far as this page knows.` : err.message, ...(err.fields ?? [])] });
    }
    this.setState({ busy: false });
    invalidate("settings", "config", "status", "hobby-types", "progress");
  }
  origin(name) {
    const s = this.props.s[name];
    return html`<${Origin} s=${s} changed=${name in this.state.draft} reset=${() => this.change(name, null)} />`;
  }
  // time is a field for a length of time, in seconds where the default is shorter than a minute.
  time(name, label) {
    const s = this.props.s[name], short = s.value < 1 || s.default < 1, unit = short ? 60 : 1, id = "f-" + name;
    return html`<p class="field"><label for=${id}>${label}</label>
      <span><${Num} id=${id} min=${short ? 1 : 0.1} step="any" required disabled=${s.from === "fixed"} value=${+(this.now(name) * unit).toFixed(2)}
        onNumber=${(n) => this.change(name, n / unit)} /> ${short ? "seconds" : "minutes"}</span> ${this.origin(name)}</p>`;
  }
  limit([label, field, unit, word]) {
    const s = this.props.s.daily_budget, now = this.now("daily_budget"), id = "f-" + field;
    return html`<p class="field" key=${field}><label for=${id}>${label}</label>
      <span><${Num} id=${id} min="0" step=${unit === 1 && word === "" ? "1" : "any"} placeholder="no limit" disabled=${s.from === "fixed"} value=${now[field] === null ? NaN : +(now[field] / unit).toFixed(6)}
        onNumber=${(n) => this.change("daily_budget", { ...now, [field]: Number.isNaN(n) ? null : n * unit })} /> ${word}</span></p>`;
  }
  render({ s }, { draft, busy, problem }) {
    const kinds = this.now("hobbies_enabled"), fixed = (name) => s[name].from === "fixed";
    const changed = Object.keys(draft).length > 0;
    return html`<form class="settings" onSubmit=${(e) => this.save(e)}>
      <${Card} title="When to practise" id="h-when">
        ${this.time("interval_minutes", "A session every")}
        ${this.time("idle_threshold_minutes", "When nobody was here for")}<//>
      <${Card} title="What a day may use" id="h-limits" aside=${this.origin("daily_budget")}>
        ${limits.map((l) => this.limit(l))}
        <p class="soft small">Of a day in UTC. An empty field is no limit. What is used up ends practice until the next day.</p><//>
      ${s.model ? html`<${Card} title="Model" id="h-pick" aside=${this.origin("model")}>
        <p class="field"><label for="f-model">Answered by</label> <select id="f-model" disabled=${fixed("model")} value=${this.now("model")} onChange=${(e) => this.change("model", e.currentTarget.value)}>
          ${s.models.map((m) => html`<option key=${m.name} value=${m.name}>${m.name}${m.about ? `, ${m.about}` : ""}</option>`)}</select></p>
        ${s.model_opening ? html`<p role="status">${s.model_opening} is being opened. ${s.model.value} answers until then.</p>` : null}
        ${s.model_error ? html`<p class="bad-text" role="alert">${s.model_error}. The default answers.</p>` : null}
        <p class="soft small">Another model begins with the next session, and its proficiency is measured anew. The program says which models there are.</p><//>` : null}
      <${Card} title="What is practised" id="h-which" aside=${this.origin("hobbies_enabled")}>
        <ul class="choices">${Object.keys(kinds).sort().map((k) => html`<li key=${k}><label><input type="checkbox" checked=${kinds[k]} disabled=${fixed("hobbies_enabled")}
          onChange=${(e) => this.change("hobbies_enabled", { ...kinds, [k]: e.currentTarget.checked })} /> ${kindName(k)}</label></li>`)}</ul>
        <p class="soft small">What is off is not chosen by itself. “Practise now” still does it when asked for.</p><//>
      ${problem.length ? html`<div class="problem" role="alert">${problem.map((p) => html`<p key=${p}>${p}</p>`)}</div>` : null}
      <p class="save"><button type="submit" class="primary" aria-disabled=${busy || !changed ? "true" : null}>${busy ? "Saving…" : "Save"}</button>
        ${changed ? html`<button type="button" onClick=${() => this.setState({ draft: {}, problem: [] })}>Discard the changes</button>` : null}</p>
    </form>`;
  }
}

export const settings = () => html`<h1 tabindex="-1">Settings</h1>
  <p class="soft">A flag or a variable that the program was given beats what is chosen here, and that beats the default.</p>
  <${Loaded} of=${get("settings")} path="settings" what="The settings">${(s) => html`<${Form} s=${s} />${has("compare") ? html`<${Compare} models=${s.models} />` : null}`}<//>`;
