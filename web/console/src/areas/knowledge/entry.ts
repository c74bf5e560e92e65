/** Editing an entry and reading a batch test: pure. */
import type { BatchResult, BatchRow, Entry, EntryButton, EntryRow, EntryText, Lang, WireEntry } from "@jieti/lib/wire"

export interface Filter { search: string; stage: string | null; risk: string | null; state: string | null }

export function filtered(rows: EntryRow[], f: Filter): EntryRow[] {
  const words = f.search.trim().toLowerCase().split(/\s+/)
  return rows.filter((r) => (!f.stage || r.stage === f.stage) && (!f.risk || r.risk === f.risk) && (!f.state || r.state === f.state)
    && words.every((w) => `${r.id} ${r.title} ${r.owner}`.toLowerCase().includes(w)))
}

export const legalId = (id: string): boolean => /^[a-z0-9_]+\.[a-z0-9_]+$/.test(id)

export const emptyText = (): EntryText => ({ title: "", ask: [], answer: "", buttons: [] })

export function newEntry(id: string): Entry {
  return { id, stage: id.split(".")[0] ?? "", risk: "medium", cause: { kind: "operation", area: "" }, owner: "", signed_in: false, texts: { "zh-CN": emptyText() } }
}

/** An entry as the server has it, with the fields it may leave out filled in. */
export function filledIn(entry: WireEntry): Entry {
  const texts: Entry["texts"] = {}
  for (const lang of ["zh-CN", "en"] as const) {
    const text = entry.texts[lang]
    if (text) texts[lang] = { ...text, answer: text.answer.trimEnd(), buttons: text.buttons ?? [] }
  }
  return { ...entry, signed_in: entry.signed_in ?? false, texts }
}

export type Target = "open" | "flow" | "ask"
export const targetOf = (b: EntryButton): Target => (b.flow ? "flow" : b.ask ? "ask" : "open")
export function withTarget(label: string, target: Target, value: string): EntryButton {
  return target === "open" ? { label, open: value } : target === "flow" ? { label, flow: value } : { label, ask: value }
}

/** What is sent: no blank lines among the asks, no flow field without a flow. */
export function tidy(entry: Entry): Entry {
  const { flow, ...rest } = entry
  const texts: Partial<Record<Lang, EntryText>> = {}
  for (const lang of ["zh-CN", "en"] as const) {
    const text = entry.texts[lang]
    if (text) texts[lang] = { ...text, title: text.title.trim(), answer: text.answer.trim(), ask: text.ask.map((a) => a.trim()).filter(Boolean) }
  }
  return { ...rest, ...(flow?.trim() ? { flow: flow.trim() } : {}), texts }
}

/** `text<TAB>expected id` a line; the id may be left out. */
export function readLines(raw: string): { text: string; expect: string | null }[] {
  return raw.split(/\r?\n/).map((l) => l.split("\t")).map(([text, expect]) => ({ text: (text ?? "").trim(), expect: expect?.trim() || null })).filter((l) => l.text !== "")
}

export const isChanged = (r: BatchRow): boolean => r.before?.id !== r.after?.id || r.verdict_before !== r.verdict_after

export function toCsv(result: BatchResult): string {
  const cell = (v: string | number | null | undefined): string => {
    const text = String(v ?? "")
    // A cell that begins like a formula is run by spreadsheets: these sentences come from customers.
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const head = "text,expect,before,before_confidence,verdict_before,right_before,after,after_confidence,verdict_after,right_after"
  return [head, ...result.rows.map((r) => [r.text, r.expect, r.before?.id, r.before?.confidence, r.verdict_before, r.right_before === null ? "" : String(r.right_before), r.after?.id, r.after?.confidence, r.verdict_after, r.right_after === null ? "" : String(r.right_after)].map(cell).join(","))].join("\r\n")
}
