/** Editing an entry and reading a batch test: pure. */
import type { Audience, BatchResult, BatchRow, Entry, EntryButton, EntryRow, EntryText, Lang, Life, Validity, Variant, WireEntry } from "@jieti/lib/wire"

export interface Filter { search: string; stage: string | null; risk: string | null; state: string | null; life: string | null }

export function filtered(rows: EntryRow[], f: Filter): EntryRow[] {
  const words = f.search.trim().toLowerCase().split(/\s+/)
  return rows.filter((r) => (!f.stage || r.stage === f.stage) && (!f.risk || r.risk === f.risk) && (!f.state || r.state === f.state) && (!f.life || lifeOf(r.life) === f.life)
    && words.every((w) => `${r.id} ${r.title} ${r.owner}`.toLowerCase().includes(w)))
}

/** An answer that ends within so many days is for the editor to look at. */
const soonDays = 14
/** `expires` only when it is soon; what ends in a year is lasting for now. */
export const lifeOf = (life: Life): Life["life"] => (life.life === "expires" && life.days > soonDays ? "lasting" : life.life)

export const legalId = (id: string): boolean => /^[a-z0-9_]+\.[a-z0-9_]+$/.test(id)

export const emptyText = (): EntryText => ({ title: "", ask: [], answer: "", buttons: [] })

export function newEntry(id: string): Entry {
  return { id, stage: id.split(".")[0] ?? "", risk: "medium", cause: { kind: "operation", area: "" }, owner: "", signed_in: false, valid: {}, audience: {}, variants: [], texts: { "zh-CN": emptyText() } }
}

export const newVariant = (langs: Lang[]): Variant => ({ name: "", audience: {}, valid: {}, texts: Object.fromEntries(langs.map((lang) => [lang, { answer: "", buttons: [] }])) })

/** An entry as the server has it, with the fields it may leave out filled in. */
export function filledIn(entry: WireEntry): Entry {
  const texts: Entry["texts"] = {}
  for (const lang of ["zh-CN", "en"] as const) {
    const text = entry.texts[lang]
    if (text) texts[lang] = { ...text, answer: text.answer.trimEnd(), buttons: text.buttons ?? [] }
  }
  const variants = (entry.variants ?? []).map((v): Variant => {
    const own: Variant["texts"] = {}
    for (const lang of ["zh-CN", "en"] as const) {
      const text = v.texts[lang]
      if (text) own[lang] = { answer: text.answer.trimEnd(), buttons: text.buttons ?? [] }
    }
    return { name: v.name, audience: v.audience ?? {}, valid: v.valid ?? {}, texts: own }
  })
  return { ...entry, signed_in: entry.signed_in ?? false, valid: entry.valid ?? {}, audience: entry.audience ?? {}, variants, texts }
}

/** Only what is asked of a customer: an empty list or version asks nothing. */
export function tidyAudience(audience: Audience): Audience {
  const named = Object.entries(audience).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value] as const)
  return Object.fromEntries(named.filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0)))
}
export function tidyValidity(valid: Validity): Validity {
  return { ...(valid.from ? { from: valid.from } : {}), ...(valid.until ? { until: valid.until } : {}) }
}
export const isEverybody = (audience: Audience): boolean => Object.keys(tidyAudience(audience)).length === 0

export type Target = "open" | "flow" | "ask"
export const targetOf = (b: EntryButton): Target => (b.flow ? "flow" : b.ask ? "ask" : "open")
export function withTarget(label: string, target: Target, value: string): EntryButton {
  return target === "open" ? { label, open: value } : target === "flow" ? { label, flow: value } : { label, ask: value }
}

/** What is sent: no blank lines among the asks, no flow field without a flow. */
export function tidy(entry: Entry): Entry {
  const { flow, valid, audience, variants, ...rest } = entry
  const texts: Partial<Record<Lang, EntryText>> = {}
  for (const lang of ["zh-CN", "en"] as const) {
    const text = entry.texts[lang]
    if (text) texts[lang] = { ...text, title: text.title.trim(), answer: text.answer.trim(), ask: text.ask.map((a) => a.trim()).filter(Boolean) }
  }
  return { ...rest, ...(flow?.trim() ? { flow: flow.trim() } : {}), valid: tidyValidity(valid), audience: tidyAudience(audience), variants: variants.map(tidyVariant), texts }
}

function tidyVariant(variant: Variant): Variant {
  const texts: Variant["texts"] = {}
  for (const lang of ["zh-CN", "en"] as const) {
    const text = variant.texts[lang]
    if (text?.answer.trim()) texts[lang] = { answer: text.answer.trim(), buttons: text.buttons }
  }
  return { name: variant.name.trim(), audience: tidyAudience(variant.audience), valid: tidyValidity(variant.valid), texts }
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
