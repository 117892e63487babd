// The inbox: what to rate next, worked with the keyboard alone, and how ratings go.
import { write } from "../lib/api.js";
import { isSet, kindName, plural } from "../lib/format.js";
import { Component, createRef, html } from "../lib/html.js";
import { to } from "../lib/route.js";
import { get, invalidate, patch } from "../lib/store.js";
import { Loaded, Text, Time } from "../parts/bits.js";

const path = "feedback/pending?limit=20";
const stars = (v) => (isSet(v) ? `${v.toFixed(1)} stars` : "—");

// Inbox shows one thing at a time. 1 to 5 rate it, h and u say whether it is helpful, c
// goes to the comment, a accepts a text from outside, n goes on. A suggestion is not rated: a
// has it be a topic of practice, r refuses it. What is skipped comes again
// behind the others.
class Inbox extends Component {
  constructor() {
    super();
    this.state = { rated: {}, skipped: {}, said: "", error: "" };
    this.words = createRef();
    this.key = (e) => this.press(e);
  }
  componentDidMount() {
    document.addEventListener("keydown", this.key);
  }
  componentWillUnmount() {
    document.removeEventListener("keydown", this.key);
  }
  item() {
    const { rated, skipped } = this.state;
    return (get(path).data?.items ?? []).find((i) => !rated[i.exposure_id] && !skipped[i.exposure_id]);
  }
  press(e) {
    if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || !this.item()) return;
    if (e.target.closest?.("textarea, input, select")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    const rates = this.item().target_type !== "suggestion";
    if (rates && e.key >= "1" && e.key <= "5") this.give({ rating: Number(e.key) });
    else if (rates && e.key === "h") this.give({ helpful: true });
    else if (rates && e.key === "u") this.give({ helpful: false });
    else if (!rates && e.key === "r") this.give({ accept: false });
    else if (e.key === "a" && this.item().tainted) this.give({ accept: true });
    else if (e.key === "n") this.skip();
    else if (rates && e.key === "c") this.words.current?.focus();
    else return;
    e.preventDefault();
  }
  async give(what) {
    const i = this.item();
    if (!i || this.busy) return;
    this.busy = true;
    const comment = this.words.current?.value.trim();
    try {
      const { target_type, target_id, exposure_id } = i;
      await write("feedback", { target_type, target_id, exposure_id, ...what, ...(comment ? { comment } : {}) });
      if (this.words.current) this.words.current.value = "";
      this.setState({ error: "", said: "Recorded." });
      if (what.accept === undefined || target_type === "suggestion") this.next("rated", i);
      else patch(path, (d) => ({ ...d, items: d.items.map((x) => (x.target_id === target_id ? { ...x, tainted: false } : x)) }));
    } catch (err) {
      this.setState({ error: [err.message, ...(err.fields ?? [])].join(" "), said: "" });
    } finally {
      this.busy = false;
    }
  }
  skip() {
    if (this.words.current) this.words.current.value = ""; // it was of what is skipped
    this.setState({ said: "", error: "" });
    this.next("skipped", this.item());
  }
  // next notes what became of an item. Behind the last one, new ones are loaded and what was
  // skipped begins again.
  next(what, i) {
    if (!i) return;
    this.setState((was) => ({ [what]: { ...was[what], [i.exposure_id]: true } }), () => {
      if (this.item()) return;
      if (Object.keys(this.state.skipped).length) this.setState(({ said }) => ({ skipped: {}, said: `${said} What you skipped comes again.` }));
      invalidate(path);
    });
  }
  render(_, { said, error }) {
    const i = this.item();
    return html`<h1 tabindex="-1">Inbox</h1>
      <section class="card" aria-label="To rate"><${Loaded} of=${get(path)} path=${path} what="What to rate">${() =>
        i ? this.one(i) : html`<p class="soft">There is nothing to rate now. What sessions find appears here.</p>`}<//>
        <p role="status" class="small">${said}</p>${error ? html`<p role="alert" class="warn">${error}</p>` : null}</section>`;
  }
  one(i) {
    const rates = i.target_type !== "suggestion";
    return html`<p class="soft small">${i.target_type === "activity" ? "session" : i.target_type}${i.hobby_type ? " · " + kindName(i.hobby_type) : ""} · <${Time} at=${i.created_at} />${i.answers ? ` · ${i.passes} of ${plural(i.answers, "answer")} right` : ""} · ${i.reason}</p>
      <p class="lines"><${Text} of=${i.text} />${i.tainted ? html` <span class="tag warn">untrusted source</span>` : null}</p>
      <p class="soft small">${!rates ? "what is accepted may be looked into" : isSet(i.predicted_reward) ? `expected: ${stars(i.predicted_reward)}, give or take ${i.uncertainty.toFixed(1)}` : "no rating is predicted"}${i.activity_id ? html` · <a href=${to("activities", i.activity_id)}>its session</a>` : null}</p>
      <div class="filters" role="group" aria-label="Your rating">${(rates ? [1, 2, 3, 4, 5] : []).map((n) => html`<button type="button" aria-keyshortcuts=${String(n)} onClick=${() => this.give({ rating: n })}>${n} ${n === 1 ? "star" : "stars"}</button>`)}
        ${rates ? html`<button type="button" aria-keyshortcuts="h" onClick=${() => this.give({ helpful: true })}>Helpful (h)</button>
        <button type="button" aria-keyshortcuts="u" onClick=${() => this.give({ helpful: false })}>Unhelpful (u)</button>` : null}
        ${i.tainted ? html`<button type="button" aria-keyshortcuts="a" onClick=${() => this.give({ accept: true })}>Accept the ${rates ? "text" : "suggestion"} (a)</button>` : null}
        ${rates ? null : html`<button type="button" aria-keyshortcuts="r" onClick=${() => this.give({ accept: false })}>Refuse it (r)</button>`}
        <button type="button" aria-keyshortcuts="n" onClick=${() => this.skip()}>Next (n)</button></div>
      ${rates ? html`<label class="comment">Comment (c), sent with your rating <textarea ref=${this.words} rows="2" maxlength="4000"></textarea></label>` : null}`;
  }
}

// feature is what a weight is of, by the model's name of it: kind, kind/family, kind@level or answers:9-16.
function feature(name) {
  if (name.startsWith("answers:")) return `sessions of ${name.slice("answers:".length)} answers`;
  const [, kind, family, level] = /^([^/@]*)(?:\/([^@]*))?(?:@(\d+))?$/.exec(name) ?? [name, name];
  return kindName(kind) + (family ? `, ${family}` : "") + (level ? `, level ${level}` : "");
}

// weights are the largest ones that are not nothing.
const weights = (features) => features.map((f) => [f.name, Math.abs(f.weight).toFixed(2), f.weight > 0 ? "+" : "−"]).filter(([, size]) => Number(size) > 0).slice(0, 10);

const signed = (v) => (isSet(v) ? (v > 0 ? "+" : "") + v.toFixed(2) + " stars" : "not measured");

// Quality shows how ratings go, what was learned of taste, and what following it is worth.
function Quality() {
  const trends = get("quality/trends"), model = get("reward/model");
  return html`<h1 tabindex="-1">Quality</h1>
    <section class="card" aria-label="Ratings by day"><h2>Ratings by day</h2><${Loaded} of=${trends} path="quality/trends" what="The ratings">${(d) =>
      d.series.length ? html`<table><thead><tr><th scope="col">Day</th><th scope="col">Mean</th><th scope="col">95 % interval</th><th scope="col">Ratings</th></tr></thead>
        <tbody>${d.series.slice(-30).reverse().map((p) => html`<tr key=${p.at}><th scope="row">${p.at.slice(0, 10)}</th><td>${p.mean.toFixed(2)}</td><td>${isSet(p.low) ? `${p.low.toFixed(2)} to ${p.high.toFixed(2)}` : "—"}</td><td>${p.count}</td></tr>`)}</tbody></table>
        <p>${d.trend ? `Trend: ${d.trend.direction === "none" ? "none that can be told from chance" : d.trend.direction}.` : "There are too few days to tell a trend."}</p>
        <p>What is chosen ${d.policy.follows ? "follows" : "does not follow"} these ratings: ${d.policy.reason}. Lift: ${signed(d.policy.lift)}${isSet(d.policy.ci_low) ? `, between ${signed(d.policy.ci_low)} and ${signed(d.policy.ci_high)}` : ""}.</p>
        ${isSet(d.answers.mean) ? html`<p>Of ${plural(d.answers.shown, "thing")} that were shown to be rated, ${d.answers.answered} got stars, ${stars(d.answers.mean)} on average. If all had answered it would be about ${stars(d.answers.corrected_mean)}.${
          d.answers.place_ci_high < 0 || d.answers.place_ci_low > 0 ? ` What stands twice as far down the list gets ${signed(d.answers.place)} stars, between ${signed(d.answers.place_ci_low)} and ${signed(d.answers.place_ci_high)}.` : ""}${
          d.answers.length_ci_high < 0 || d.answers.length_ci_low > 0 ? ` An insight of twice as many words gets ${signed(d.answers.length)} stars, between ${signed(d.answers.length_ci_low)} and ${signed(d.answers.length_ci_high)}.` : ""}</p>` : null}`
        : html`<p class="soft">Nobody has rated anything yet. The <a href=${to("inbox")}>inbox</a> has what could be rated.</p>`}<//></section>
    <section class="card" aria-label="The reward model"><h2>What was learned of taste</h2><${Loaded} of=${model} path="reward/model" what="The reward model">${(m) =>
      m.status === "untrained" ? html`<p>It is untrained: ${plural(m.needed_examples, "rating")} more ${m.needed_examples === 1 ? "is" : "are"} needed.</p>`
        : html`<p>It learned from ${plural(m.examples, "rating")} of ${plural(m.raters, "person", "people")}. On ratings that it had not seen its error is ${stars(m.metrics.rmse)}, that of means ${stars(m.metrics.baseline_rmse)}.</p>
        <p>What raises a rating, and what lowers it. The larger the number, the more:</p>
        <ul>${weights(m.features).map(([name, size, sign]) => html`<li key=${name}><${Text} of=${feature(name)} />: ${sign}${size}</li>`)}</ul>`}<//></section>`;
}

export const pages = [
  { path: "inbox", title: "Inbox", nav: "Inbox", part: "feedback", view: () => html`<${Inbox} />` },
  { path: "quality", title: "Quality", nav: "Quality", part: "feedback", view: () => html`<${Quality} />`,
    events: { "feedback.": () => ["quality/trends", "reward/model"] } },
];
