// What surrounds every page.
import { signedIn } from "../lib/api.js";
import { duration } from "../lib/format.js";
import { Component, html } from "../lib/html.js";
import { dismiss, link, notice } from "../lib/live.js";
import { has } from "../lib/route.js";
import { get, invalidate } from "../lib/store.js";
import * as theme from "../lib/theme.js";
import { Text, Ticking } from "./bits.js";
import { Keys } from "./keys.js";

function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <circle cx="16" cy="16" r="12" class="mark-ring" /><path d="M16 4a12 12 0 0 1 11.5 15.4" class="mark-arc" /><circle cx="16" cy="16" r="3.4" class="mark-dot" />
  </svg>`;
}

function ThemeButton() {
  const dark = theme.dark();
  return html`<button class="quiet icon" type="button" onClick=${() => theme.set(!dark)} aria-label=${dark ? "Use the light theme" : "Use the dark theme"}>
    <svg viewBox="0 0 24 24" aria-hidden="true">${dark
      ? html`<circle cx="12" cy="12" r="4.2" /><path d="M12 2.5v2.6M12 18.9v2.6M2.5 12h2.6M18.9 12h2.6M5.3 5.3l1.8 1.8M16.9 16.9l1.8 1.8M5.3 18.7l1.8-1.8M16.9 7.1l1.8-1.8" />`
      : html`<path d="M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z" />`}</svg>
  </button>`;
}

function skip(e) {
  e.preventDefault();
  document.getElementById("main").focus();
}

export function Header({ title, pages, at }) {
  const shown = pages.filter((p) => p.nav && (!p.part || has(p.part)));
  const agent = get("config").data?.agent;
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/"><${Mark} /><span>${title}</span></a>
      ${agent && agent !== "agent" ? html`<span class="agent"><bdi>${agent}</bdi></span>` : null}
      <nav aria-label="Pages"><ul>${shown.map((p) => html`<li key=${p.path}>
        <a href=${"#/" + p.path} aria-current=${at && at.path === p.path ? (at.detail ? "true" : "page") : null}>${p.nav}</a></li>`)}</ul></nav>
      <div class="tools">
        <${Live} />
        <${ThemeButton} />
        ${signedIn ? html`<form method="post" action="logout"><button class="quiet">Log out</button></form>` : null}
      </div>
    </header>`;
}

const words = { opening: "Connecting", up: "Live", gone: "Offline", out: "Logged out", limited: "Not live" };

function Live() {
  return html`<span class=${"live " + link.state}><span class="dot" aria-hidden="true"></span>${words[link.state]}</span>`;
}

// Banners say on every page what is wrong: with the connection, and with what
// practice needs.
export function Banners() {
  const s = link.state === "gone" || link.state === "out" ? null : get("status").data;
  return html`<div class="banners"><${Connection} />
    ${s && !s.current_activity?.items && (s.model_retry_at || s.resting === "the model does not answer") ? html`<${ModelAway} s=${s} />` : null}
    ${s?.store_error ? html`<${StoreFails} s=${s} />` : null}</div>`;
}

function ModelAway({ s }) {
  const again = () => {
    const left = Math.ceil((new Date(s.model_retry_at) - Date.now()) / 1000);
    return left > 0 ? `It is tried again in ${duration(left)}, if nobody is here.` : "It is being tried again.";
  };
  return html`<div class="banner bad" role="alert">
    <p><strong>The model does not answer.</strong> Check that its server, such as Ollama, runs. Practice goes on by itself once it does. “Practise now” on the <a href="#/">overview</a> tries it at once.</p>
    <span class="again" aria-live="off">${s.model_retry_at ? html`<${Ticking} every=${1000} of=${again} />` : "It is tried again once practice is started."}</span>
  </div>`;
}

function StoreFails({ s }) {
  return html`<div class="banner bad" role="alert">
    <p><strong>What is learned cannot be kept.</strong> <${Text} of=${s.store_error} />. Practice waits, and goes on by itself once the store can be written.</p>
  </div>`;
}

// Connection says what is wrong when the page is not up to date.
function Connection() {
  if (link.state === "up" || link.state === "opening") return null;
  if (link.state === "out") {
    return html`<div class="banner bad" role="alert"><p><strong>You are logged out.</strong> What you see is from before. <a href="login">Log in</a></p></div>`;
  }
  const gone = link.state === "gone";
  return html`<div class="banner bad" role="alert">
    <p><strong>${gone ? "The server does not answer." : "Not live."}</strong> ${gone
      ? "What you see is from before; it will be brought up to date when the server is back."
      : html`<${Text} of=${link.error.message} />. The page is brought up to date every few seconds only.`}</p>
    <span class="again" aria-live="off">${gone ? html`<${Ticking} every=${1000} of=${() => countdown(link.retryAt)} />` : null}
    <button type="button" onClick=${() => { link.retry(); invalidate("config"); }}>Try now</button></span>
  </div>`;
}

function countdown(at) {
  const s = Math.ceil((at - Date.now()) / 1000);
  return s > 0 ? `Next attempt in ${s}\u202fs` : "Trying…";
}

export function Notices() {
  const n = notice();
  return html`<div class="notices">
    <div role="status" aria-live="polite">${n.text && !n.bad ? html`<p class="notice">${n.text}</p>` : null}</div>
    <div role="alert">${n.text && n.bad ? html`<p class="notice bad">${n.text} <button class="quiet" type="button" onClick=${dismiss}>Close</button></p>` : null}</div>
  </div>`;
}

export function Footer() {
  return html`<footer>
    <p>Nothing here is simulated: every number is of answers that were checked. An interval in brackets is made to hold the true value in 95 of 100 cases. What was not measured is shown as “—”.</p>
    <p><${Keys} /> · <a href="docs">API</a></p>
  </footer>`;
}

// Boundary keeps a mistake in one page from breaking the others.
export class Boundary extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }
  render({ children }, { error }) {
    if (!error) return children;
    return html`<section class="card" role="alert"><h1 tabindex="-1">This page broke</h1>
      <p>The mistake is in the page, not in the data: <bdi class="text">${error.message}</bdi></p>
      <p><button type="button" onClick=${() => this.setState({ error: null })}>Show it again</button></p></section>`;
  }
}
