// Buttons that save what is seen.
import { html } from "../lib/html.js";

// Export saves rows, which are objects; name is the file's.
export function Export({ rows, name }) {
  const as = async (kind) => {
    const { csv, save } = await import("../lib/export.js");
    if (kind === "csv") save(`${name}.csv`, csv(rows), "text/csv");
    else save(`${name}.json`, JSON.stringify(rows, null, 2) + "\n", "application/json");
  };
  if (!rows.length) return null;
  return html`<span class="acts" role="group" aria-label="Save what is shown">Save as <button type="button" class="link" onClick=${() => as("csv")}>CSV</button><button type="button" class="link" onClick=${() => as("json")}>JSON</button></span>`;
}
