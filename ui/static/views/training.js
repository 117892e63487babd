// The training of adapters: what runs, what came of each, and what serves.
import { write } from "../lib/api.js";
import { change, count, duration, isSet, kindName, percent, plural, points } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { tell } from "../lib/live.js";
import { to } from "../lib/route.js";
import { get, invalidate } from "../lib/store.js";
import { Card, Data, Facts, Loaded, Status, Text, Ticking, Time } from "../parts/bits.js";

const kind = (k) => (k ? kindName(k) : "the agent as a whole");
const short = (id) => (isSet(id) ? html`<code title=${id}>${id.slice(0, 8)}</code>` : "the base model");
const ended = (j) => ["completed", "failed", "cancelled"].includes(j.status);

// Act asks the server for something, and tells what it answered.
class Act extends Component {
  async go() {
    if (this.state.busy) return;
    const { path, body, said, ask } = this.props;
    if (ask && !confirm(ask)) return;
    this.setState({ busy: true });
    try {
      await write(path, body);
      tell(said);
    } catch (err) {
      tell(err.message, true);
    }
    this.setState({ busy: false });
    invalidate("lora/");
  }
  render({ children }, { busy }) {
    return html`<button type="button" aria-disabled=${busy ? "true" : null} onClick=${() => this.go()}>${children}</button>`;
  }
}

const verdicts = {
  promote: "better", rollback: "worse, or worse at something else", futile: "not better by enough", inconclusive: "undecided",
};
const verdict = (v) => verdicts[v] ?? v;

const reasons = {
  nothing_new: "nobody has practised since the last training", no_level: "no level can be learned",
  too_few: "too few answers were right", no_gain: "the first rounds moved no level",
  changed: "it was not tried against what serves by now", cooling: "an adapter was rolled back a short time ago",
};

// outcome says for people what came of a job, or how far it is.
function outcome(j) {
  if (j.deployed) return "promoted";
  if (j.error) return html`<${Text} of=${j.error} />`;
  const reason = !j.hobby_type && j.reason === "nothing_new" ? "no kind is served by an adapter that was not tried for it" : reasons[j.reason] ?? j.reason;
  const why = j.reason ? html`<${Text} of=${reason} />` : "";
  if (j.verdict) return html`${j.verdict === "promote" ? "better, but not promoted" : `not promoted, ${verdict(j.verdict)}`}${why ? html`: ${why}` : ""}`;
  if (ended(j)) return html`nothing was promoted${why ? html`: ${why}` : ""}`;
  if (j.status === "pending" && j.started_at) return `waits for the next night, at the stage ${j.stage}`;
  return `${j.status.replaceAll("_", " ")} (${j.stage})${j.round ? `, round ${j.round}` : ""}`;
}

// Losses keeps the losses that were seen of the job that runs.
const seen = { id: "", at: [] };
function remember(j) {
  if (seen.id !== j.job_id) Object.assign(seen, { id: j.job_id, at: [] });
  const p = j.progress;
  const last = seen.at.at(-1);
  if (p && (last?.step !== p.step || last?.loss !== p.loss)) seen.at.push({ step: p.step, loss: p.loss });
  if (seen.at.length > 400) seen.at.shift();
}

// Line draws numbers as a line between their least and greatest; mark is a number with a
// line of its own.
function Line({ values, label, digits = 2, mark }) {
  const all = isSet(mark) ? [...values, mark] : values;
  const low = Math.min(...all), high = Math.max(...all, low + 1e-9);
  const y = (v) => 100 - (100 * (v - low)) / (high - low);
  const x = (i) => (values.length > 1 ? (100 * i) / (values.length - 1) : 50);
  return html`<p class="soft" aria-hidden="true">${label}</p><div class="trend" role="img" aria-label=${label}>
    <div class="scale"><span>${high.toFixed(digits)}</span><span>${low.toFixed(digits)}</span></div>
    <div class="plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      ${isSet(mark) ? html`<line class="ring" x1="0" x2="100" y1=${y(mark)} y2=${y(mark)} />` : null}
      <polyline class="line tone-0" points=${values.map((v, i) => `${x(i)},${y(v)}`).join(" ")} /></svg></div>
  </div>`;
}

function Now({ j }) {
  remember(j);
  const p = j.progress;
  const losses = seen.at.map((s) => s.loss);
  return html`<p><${Status} of="running" /> ${kind(j.hobby_type)}: ${outcome(j)}</p>
    ${p ? html`<p>Step ${count(p.step)} of ${count(p.total_steps)}, loss ${p.loss.toFixed(3)}, ${count(Math.round(p.tokens_per_second))} tokens a second, ${duration(p.eta_seconds)} left</p>` : null}
    ${losses.length > 1 ? html`<${Line} values=${losses} label=${`The loss went from ${losses[0].toFixed(3)} to ${losses.at(-1).toFixed(3)} while this page was open`} digits=${3} />` : null}
    ${j.trial ? html`<${Trial} t=${j.trial} />` : null}
    <${Act} path="lora/cancel" said="The training ends.">Cancel<//>`;
}

function Funnel({ d }) {
  if (!isSet(d.train)) return html`<p class="soft">No data set was made.</p>`;
  const rules = Object.entries(d.dropped_by_rule);
  return html`<${Facts} of=${[["Verified answers", count(d.candidates)], ["Learned from", count(d.train)], ["Kept to measure the loss", count(d.eval)],
    ...rules.map(([r, n]) => [`Left out: ${r.replaceAll("_", " ")}`, count(n)])]} />`;
}

function Trial({ t }) {
  const path = t.log_e_path;
  return html`<p>Both answered ${plural(t.pairs, "task")}: the new one was better at ${count(t.wins)}, worse at ${count(t.losses)} and alike at ${count(t.ties)}.
      ${isSet(t.difference) ? ` ${percent(t.candidate_score)} against ${percent(t.baseline_score)}: ${change(t.difference, t.ci_low, t.ci_high)}.` : ""}${" "}
      The evidence that ${t.watch ? "what serves is worse" : "the new one is better"} (the e-value) is ${t.e_value < 1e6 ? t.e_value.toPrecision(3) : t.e_value.toExponential(1)}; ${t.watch ? `over all levels together, ${count(Math.round(1 / t.alpha))} is enough` : `at least ${count(Math.round(1 / t.alpha))} is needed, and more where earlier trials found little`}.</p>
    ${path.length > 1 ? html`<${Line} values=${path.map((v) => v / Math.LN10)} mark=${-Math.log10(t.alpha)} label="How strong the evidence is, task by task (the decimal logarithm of the e-value); the line across is the least that is needed" />` : null}
    ${t.reason ? html`<p><${Text} of=${t.reason} /></p>` : null}
    ${t.by_family.length ? html`<${Data} caption="By level" summary="By level" head=${["Level", "Tasks", "Before", "New", "Difference"]} rows=${t.by_family.map((f) => [`${f.family.replaceAll("_", " ")} ${f.level}`, count(f.pairs), percent(f.baseline_score), percent(f.candidate_score), change(f.difference, f.ci_low, f.ci_high)])} />` : null}
    ${t.guardrails.length ? html`<${Data} caption="What must not get worse" summary="What must not get worse" head=${["What", "Answers", "Difference", "Allowed", "Passed"]} rows=${t.guardrails.map((g) => [g.name, count(g.pairs), isSet(g.difference) ? points(g.difference) : "not measured", g.margin ? points(-g.margin) : "none that is shown", g.passed ? "yes" : `no${g.reason ? ": " + g.reason : ""}`])} />
      <p class="soft">All levels together must be shown to have lost less than is allowed. A single level fails only where a test that is corrected for their number shows a loss.</p>` : null}`;
}

function LastTrial() {
  const entry = get("lora/compare");
  return html`<${Loaded} of=${entry} path="lora/compare" what="The trial">${(t) => html`
    <p>${kind(t.hobby_type)}: ${short(t.candidate)} against ${short(t.baseline)}, <${Time} at=${t.started_at} />${t.verdict ? `: ${verdict(t.verdict)}` : ", still running"}</p>
    <${Trial} t=${t} />${t.completed_at && t.activity_ids.length ? html`<p>${t.activity_ids.map((id, n, all) => html`<a href=${to("activities", id)}>${all.length > 1 ? `Its answers, ${n + 1} of ${all.length}` : "Its answers"}</a>${" "}`)}</p>` : null}`}<//>`;
}

// Watched is what was found of an adapter since it serves.
function Watched() {
  const entry = get("lora/compare?watch=true");
  return html`<${Loaded} of=${entry} path="lora/compare?watch=true" what="The watch">${(t) => html`
    <p>${kind(t.hobby_type)}: ${short(t.candidate)} against ${short(t.baseline)}, which served before, since <${Time} at=${t.started_at} />${t.verdict ? `: ${watched[t.verdict] ?? t.verdict}` : ", still watched"}</p>
    <${Trial} t=${t} />`}<//>`;
}
const watched = { promote: "it goes on being better", rollback: "worse, so it was rolled back", inconclusive: "it was not shown to be worse" };

function Champions({ aliases }) {
  const rows = Object.entries(aliases);
  return html`<p class="soft">What serves a kind is its champion: an adapter that a trial or a person has promoted, or the base model.</p>
    <ul class="rows">${rows.map(([k, a]) => html`<li key=${k}><strong>${kind(k)}</strong> <span>${short(a.champion)}</span>
    ${isSet(a.champion) ? html`<span><${Act} path="lora/apply" body=${{ adapter_id: "base", hobby_type: k }} said="The base model serves again." ask="Let the base model serve again?">Roll back to the base model<//></span>` : null}</li>`)}</ul>`;
}

function Adapter({ a }) {
  return html`<tr><th scope="row"><${Text} of=${a.name} /> ${short(a.adapter_id)}</th><td><span class="tag">${a.status}</span>${a.forgotten_at ? html` <span class="tag warn">learned from what is forgotten</span>` : null}</td>
    <td>${a.verdict ? verdict(a.verdict) : "no verdict yet"}</td><td>rank ${a.rank}</td><td><${Time} at=${a.created_at} /></td>
    <td>${a.status !== "champion" && a.path && !a.forgotten_at && a.verdict === "promote" ? html`<${Act} path="lora/apply" body=${{ adapter_id: a.adapter_id }} said="It serves now." ask="Let this adapter serve?">Promote<//>` : null}</td></tr>`;
}

function Adapters() {
  return html`<${Loaded} of=${get("lora/adapters")} path="lora/adapters" what="The adapters">${(d) => html`
    <${Card} title="What serves" id="h-serves"><${Champions} aliases=${d.aliases} /><//>
    <${Card} title="Adapters" id="h-adapters" wide=${true}>${d.adapters.length ? html`<div class="scroll" tabindex="0" role="group" aria-label="Adapters"><table class="models">
      <thead><tr>${["Adapter", "State", "Verdict", "Shape", "Made", "By hand"].map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
      <tbody>${d.adapters.map((a) => html`<${Adapter} key=${a.adapter_id} a=${a} />`)}</tbody></table></div>` : html`<p class="soft">None yet.</p>`}<//>`}<//>`;
}

function History() {
  return html`<${Loaded} of=${get("lora/history")} path="lora/history" what="The history">${(d) => d.flips.length
    ? html`<ol class="story">${d.flips.map((f) => html`<li><strong>${f.alias}</strong> of ${kind(f.hobby_type)}: ${short(f.from)} → ${short(f.to)}, by <${Text} of=${f.by} />${f.reason ? html`: <${Text} of=${f.reason} />` : null}<span class="soft">${" · "}<${Time} at=${f.at} /></span></li>`)}</ol>`
    : html`<p class="soft">Nothing was promoted yet: the base model serves.</p>`}<//>`;
}

function Levels({ j }) {
  if (!j.levels.length) return null;
  return html`<${Data} caption="Levels that were practised" summary="Levels that were practised" head=${["Level", "Base", "Trained", ""]} rows=${j.levels.map((l) => [`${l.family.replaceAll("_", " ")} ${l.level}`, percent(l.base), percent(l.now), l.dropped ? "dropped: it did not move" : ""])} />`;
}

function Training() {
  const entry = get("lora/status");
  const j = entry.data?.job_id ? entry.data : null;
  const running = j && !ended(j);
  return html`<h1 tabindex="-1">Training</h1>
    ${running ? html`<${Ticking} every=${2000} of=${() => { if (!entry.loading && Date.now() - entry.at > 1500) setTimeout(() => invalidate("lora/status")); return null; }} />` : null}
    <${Loaded} of=${entry} path="lora/status" what="The training">${(d) => html`<div class="grid"><div class="stack">
      <${Card} title="Now" id="h-now" aside=${!running && d.trainable.length ? html`<${Act} path="lora/train" body=${{}} said="A training has begun.">Train now<//>
        ${d.trainable.length > 1 ? html`<${Act} path="lora/train" body=${{ whole: true }} said="A trial has begun.">Try for the agent as a whole<//>` : null}` : null}>
        ${running ? html`<${Now} j=${j} />` : html`<p>${d.trainable.length ? "No training runs." : "Nothing can be trained: the model takes no adapters, or no hobby has tasks to compare two models by."}
          ${d.next_scheduled_at ? html` The next one begins at <${Time} at=${d.next_scheduled_at} exact=${true} />.` : " None is scheduled."}</p>`}<//>
      <${Card} title="Last trial" id="h-trial">${d.tried ? html`<${LastTrial} />` : html`<p class="soft">There was none yet.</p>`}<//>
      </div><div class="stack">
      <${Card} title="Data set" id="h-data">${j ? html`<${Funnel} d=${j.dataset} /><${Levels} j=${j} />` : html`<p class="soft">No data set was made.</p>`}<//>
      <${Card} title="Since it serves" id="h-watch">${d.watched ? html`<${Watched} />` : html`<p class="soft">An adapter that was promoted sits exams for a while, and is rolled back if it became worse. There was none yet.</p>`}<//>
      <${Card} title="Trainings" id="h-jobs">${d.jobs.length ? html`<ul class="rows">${d.jobs.map((o) => html`<li key=${o.job_id}><strong>${kind(o.hobby_type)}</strong> <${Status} of=${ended(o) ? o.status : "running"} />
        <span class="soft outcome">${outcome(o)}</span> <span class="soft when"><${Time} at=${o.created_at} /></span></li>`)}</ul>` : html`<p class="soft">None yet.</p>`}<//>
    </div></div>`}<//>
    <${Adapters} />
    <${Card} title="Who promoted what" id="h-history"><${History} /><//>`;
}

export const training = () => html`<${Training} />`;
