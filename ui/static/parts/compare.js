// Two models compared on the same held-out tasks.
import { Gone, write } from "../lib/api.js";
import { between, kindName, percent, points } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { link, tell } from "../lib/live.js";
import { get, invalidate } from "../lib/store.js";
import { Bar, Card, Loaded, Text, Time } from "./bits.js";

function outcome(c) {
  if (c.status === "running") return html`<${Bar} of=${c.of ? c.asked / c.of : 0} /> ${c.of ? `${c.asked} of ${c.of} answers` : "it begins"}`;
  if (c.status === "failed") return html`<span class="bad-text"><${Text} of=${c.error} /></span>`;
  if (c.difference === null) return c.status;
  const sure = c.difference_low > 0 ? html`<strong><${Text} of=${c.first} /> is better</strong>` : c.difference_high < 0 ? html`<strong><${Text} of=${c.second} /> is better</strong>` : "no difference is shown";
  return html`${sure}: ${percent(c.first_rate)} against ${percent(c.second_rate)} of ${c.pairs} tasks, a difference of ${points(c.difference)} (${between(c.difference_low, c.difference_high)}).`;
}

export class Compare extends Component {
  constructor() {
    super();
    this.state = { first: "", second: "", kind: "", busy: false };
  }
  componentDidMount() {
    this.timer = setInterval(() => !document.hidden && link.state === "up" && this.runs && invalidate("comparisons"), 2_000);
  }
  componentWillUnmount() {
    clearInterval(this.timer);
  }
  async act(path, body, said) {
    if (this.state.busy) return;
    this.setState({ busy: true });
    try {
      await write(path, body);
      tell(said);
    } catch (err) {
      tell(err instanceof Gone ? err.message : [err.message, ...(err.fields ?? [])].join(" "), true);
    }
    this.setState({ busy: false });
    invalidate("comparisons", "status");
  }
  render({ models }, { first, second, kind }) {
    return html`<${Card} title="Compare two models" id="h-compare"><${Loaded} of=${get("comparisons")} path="comparisons" what="The comparisons">${(d) => {
      const running = d.comparisons.find((c) => c.status === "running");
      this.runs = running !== undefined;
      const a = first || models[0]?.name, b = second || models[1]?.name, k = kind || d.hobby_types[0];
      const pick = (name, label, value, all) => html`<label>${label} <select value=${value} onChange=${(e) => this.setState({ [name]: e.currentTarget.value })}>${all.map(([v, text]) => html`<option key=${v} value=${v}>${text}</option>`)}</select></label>`;
      const names = models.map((m) => [m.name, m.name]);
      return html`${models.length < 2 ? html`<p class="soft">There is one model only. The program says which there are.</p>` : html`<div class="filters">
          ${pick("first", "First", a, names)} ${pick("second", "Second", b, names)} ${pick("kind", "On tasks of", k, d.hobby_types.map((t) => [t, kindName(t)]))}
          ${running ? html`<button type="button" onClick=${() => this.act(`comparisons/${encodeURIComponent(running.job_id)}/cancel`, undefined, "The comparison ends.")}>End it</button>`
            : html`<button type="button" onClick=${() => this.act("comparisons", { first: a, second: b, hobby_type: k }, "The comparison begins. Practice waits meanwhile.")}>Compare</button>`}</div>`}
        ${d.comparisons.length ? html`<ul class="known">${d.comparisons.map((c) => html`<li key=${c.job_id}><${Text} of=${`${c.first} and ${c.second}`} />${" "}
          <span class="soft small">${kindName(c.hobby_type)}, <${Time} at=${c.created_at} /></span><p>${outcome(c)}</p></li>`)}</ul>` : null}
        <p class="soft small">Both get the same held-out tasks, as many of each level. No answer counts as practice. The interval of the difference is one of at least 95\u202f%.</p>`;
    }}<//><//>`;
  }
}
