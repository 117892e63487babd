// What the agent does now, and the controls.
import { Gone, write } from "../lib/api.js";
import { duration, kindName, plural, shorten } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { link, tell } from "../lib/live.js";
import { to } from "../lib/route.js";
import { get, invalidate } from "../lib/store.js";
import { skillName } from "./curve.js";
import { Bar, Kind, Text, Ticking } from "./bits.js";

// At is what a running session is at. It asks every second, and nobody else does.
export class At extends Component {
  componentDidMount() {
    this.timer = setInterval(() => !document.hidden && link.state === "up" && invalidate("now"), 1_000);
  }
  componentWillUnmount() {
    clearInterval(this.timer);
  }
  render({ id }) {
    const d = get("now").data;
    if (d?.activity_id !== id || !(d.what || d.question)) return null;
    return html`<div class="at" aria-live="off">
      ${d.what ? html`<p class="soft"><${Text} of=${d.what} /></p>` : null}
      ${d.question ? html`<p class="soft small">Answer ${d.items + 1}${d.of ? ` of ${d.of}` : ""}${d.beside ? `, with ${d.beside} beside it` : ""}; not verified yet</p>
        <p><${Text} of=${shorten(d.question, 400)} /></p>
        ${d.answer ? html`<p class="saying"><${Text} of=${shorten(d.answer, 400)} /></p>` : null}` : null}</div>`;
  }
}

function Running({ a }) {
  return html`<p class="what"><span class="pulse" aria-hidden="true"></span><a href=${to("activities", a.activity_id)}><${Text} of=${a.description || kindName(a.hobby_type)} /></a></p>
    <p class="soft"><${Kind} of=${a.hobby_type} />${a.family ? html`${" · "}<a href=${to("skills", `${a.hobby_type}/${a.family}`)}>${skillName(a.family)}</a>` : null}${a.difficulty_level ? ` · level ${a.difficulty_level}` : null}${" · "}<${Ticking} every=${1000} of=${() => duration((Date.now() - new Date(a.started_at)) / 1000)} /></p>
    ${a.items ? html`<p class="score"><${Bar} of=${a.passes / a.items} tone="good" /> ${a.passes} of ${plural(a.items, "answer")} right</p>` : null}
    ${a.insights_count ? html`<p class="soft">${plural(a.insights_count, "insight")} so far</p>` : null}
    <${At} id=${a.activity_id} />`;
}

const reasons = {
  "the user is here": (c) => `Practice begins when nobody has been here for ${duration(c.idle_threshold_minutes * 60)}.`,
  paused: () => "Practice was stopped. Press Start to go on.",
  disabled: () => "Practice is disabled. Press Start to enable it.",
  "on battery": () => "The machine runs on battery; practice waits for power.",
  "not running": () => "The program does not run the practice loop.",
  "there is no model": () => html`Every enabled hobby needs a model. The example server takes one as <code>-model</code>, a program gives it to <code>pastime.Open</code>.`,
  "every kind is off": () => "Every kind of practice is switched off in the program's options.",
  "the model does not answer": () => "Practice that needs the model waits until it answers. Other practice goes on.",
  "the store cannot be written": (_, s) => html`New results cannot be stored${s.store_error ? html`: <${Text} of=${s.store_error} />` : null}. Practice goes on by itself once it can.`,
  "an adapter is trained": () => html`An adapter is being trained. Practice goes on afterwards. <a href="#/training">See how far it is</a>`,
  "today's budget is used up": () => "The budget of this UTC day is used up; practice goes on tomorrow.",
};

function until(next) {
  const s = (new Date(next) - Date.now()) / 1000;
  return s > 1 ? `The next session begins in ${duration(Math.round(s))}, if nobody is here.` : "The next session begins at once.";
}

const fruitless = (why) => why === "there is no model" || why === "every kind is off";

const heading = (why) => (!why ? "Waiting" : why === "the user is here" ? "Waiting while you are here" : why === "the model does not answer" ? "Waiting for the model" : fruitless(why) ? "Nothing to practise" : "Not practising");

function Resting({ s, config }) {
  const why = s.resting && (reasons[s.resting]?.(config, s) ?? `${s.resting[0].toUpperCase()}${s.resting.slice(1)}.`);
  return html`<p class="what">${heading(s.resting)}</p>
    <p class="soft">${why ?? (s.next_session ? html`<${Ticking} every=${1000} of=${() => until(s.next_session)} />` : "The next session begins shortly.")}</p>
    ${why && s.next_session && (s.resting === "the user is here" || s.resting === "the model does not answer") ? html`<p class="soft"><${Ticking} every=${1000} of=${() => until(s.next_session)} /></p>` : null}`;
}

class Controls extends Component {
  constructor() {
    super();
    this.state = { busy: "", kind: "" };
  }
  async act(name, path, body, said) {
    if (this.state.busy) return;
    this.setState({ busy: name });
    try {
      const answer = await write(path, body);
      tell(said(answer));
    } catch (err) {
      tell(err instanceof Gone ? `${err.message} Nothing was changed, as far as this page knows.` : [err.message, ...(err.fields ?? [])].join(" "), true);
    }
    this.setState({ busy: "" });
    invalidate("status", "activities?", "config");
  }
  render({ s, types }, { busy, kind }) {
    const button = (name, path, label, during, said, { body, primary } = {}) =>
      html`<button type="button" class=${primary ? "primary" : ""} aria-disabled=${busy ? "true" : null} onClick=${() => this.act(name, path, body, said)}>${busy === name ? during : label}</button>`;
    const usable = (types ?? []).filter((t) => t.enabled);
    return html`<div class="controls">
      ${s.running
        ? button("stop", "stop", "Stop", "Stopping…", () => "Stopped. No session begins until you press Start.")
        : button("start", "start", "Start", "Starting…", () => "Started. Practice begins when nobody is here.", { primary: true })}
      ${button("here", "interaction", "I’m here", "Noting…", () => "Noted: practice yields to you.")}
      <span class="run">
        <label class="hidden" for="run-kind">What to practise</label>
        <select id="run-kind" value=${kind} onChange=${(e) => this.setState({ kind: e.currentTarget.value })}>
          <option value="">Anything</option>
          ${usable.map((t) => html`<option key=${t.name} value=${t.name}>${kindName(t.name)}${t.needs_model && !s.model ? " (needs a model)" : ""}</option>`)}
        </select>
        ${button("run", "run", "Practise now", "Beginning…", (a) => `Practising: ${a.description || kindName(a.hobby_type)}.`, { body: kind ? { hobby_type: kind } : undefined, primary: s.running })}
      </span>
    </div>`;
  }
}

export function Now({ s }) {
  const config = get("config").data ?? {};
  const types = get("hobby-types").data?.hobby_types;
  const empty = s.progress.total_activities === 0 && !s.current_activity && s.running && !fruitless(s.resting);
  return html`<section class=${"now card" + (s.current_activity ? " running" : "")} aria-labelledby="h-now">
    <div class="state"><h2 id="h-now">${s.current_activity ? "Practising now" : "Right now"}</h2>
      ${s.current_activity ? html`<${Running} a=${s.current_activity} />` : html`<${Resting} s=${s} config=${config} />`}</div>
    <${Controls} s=${s} types=${types} />
    ${empty ? html`<div class="hints"><h3>Nothing was practised yet</h3><p>Leave it alone for a moment: practice begins by itself when nobody is here. Or press Practise now.</p></div>` : null}
  </section>`;
}
