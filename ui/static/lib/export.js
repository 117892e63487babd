// What is seen as a file: JSON as it came, or CSV with a column for each plain value.

// csv quotes what needs it. A cell that a spreadsheet would take for a formula begins with an
// apostrophe.
function cell(v) {
  if (v === null || v === undefined) return "";
  let s = typeof v === "object" ? JSON.stringify(v) : String(v);
  if (typeof v !== "number" && /^[=+\-@\t\r]/.test(s)) s = "'" + s;
  return /[",\n\r]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
}

export function csv(rows) {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  return [names.map(cell), ...rows.map((r) => names.map((n) => cell(r[n])))].map((r) => r.join(",")).join("\r\n") + "\r\n";
}

// save hands a text to the browser as a file.
export function save(name, text, type) {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([text], { type }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
}
