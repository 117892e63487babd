// Views whose modules are loaded when they are first shown, or before that once the
// first view is there.
import { html } from "./html.js";
import { change } from "./store.js";

// lazy is a view out of a module: pick takes it from what load loads. Until it
// is there, the page has its title only.
export function lazy(title, load, pick) {
  let view, error, loading, shown;
  const begin = () => {
    loading ??= load().then((m) => (view = pick(m)), (err) => (error = err)).then(() => {
      if (!shown) return;
      const waiting = document.activeElement?.matches("main h1");
      change();
      // The heading that was read out is another element now.
      if (waiting) setTimeout(() => document.querySelector("main h1")?.focus({ preventScroll: true }));
    });
  };
  const show = (id) => {
    if (view) return view(id);
    shown = true;
    begin();
    return html`<h1 tabindex="-1">${title}</h1>${error
      ? html`<div class="problem" role="alert"><p><strong>This page could not be loaded.</strong></p><button type="button" onClick=${() => location.reload()}>Load it again</button></div>`
      : html`<p class="soft loading" aria-busy="true">Loading…</p>`}`;
  };
  return Object.assign(show, { begin });
}
