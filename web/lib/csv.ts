/** Tables as CSV that spreadsheets open as they are. Pure. */

export type Cell = string | number | null

/** Lines of a table with its head. A byte order mark, so that Excel reads Chinese. */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`
}

function cell(value: Cell): string {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  // A spreadsheet runs what begins like a formula, and names come from outside.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}
