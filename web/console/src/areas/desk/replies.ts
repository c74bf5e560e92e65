/** Canned replies and suggestions under "/", colleagues under "@". Pure. */
import type { Lang, Person, Reply, Suggestion } from "@jieti/lib/wire"

export interface Offer { key: string; title: string; text: string; suggested: boolean }

/** "/放款" filters what is offered; any other text does not. */
export function slashQuery(text: string): string | null {
  const found = /^[/／](\S*)$/.exec(text.trim())
  return found ? (found[1] ?? "").toLowerCase() : null
}

/** The name that is being typed after an "@" at the end of a note. */
export function mentionQuery(text: string): string | null {
  const found = /@([^\s@]*)$/.exec(text)
  return found ? (found[1] ?? "").toLowerCase() : null
}

/** Suggested answers first: they fit this customer; canned replies fit everybody. */
export function offers(query: string, suggestions: Suggestion[], replies: Reply[], lang: Lang): Offer[] {
  const all: Offer[] = [
    ...suggestions.map((s) => ({ key: s.source.need, title: s.source.title, text: s.message.text, suggested: true })),
    ...replies.map((r) => ({ key: r.id, title: r.title[lang], text: r.text[lang], suggested: false })),
  ]
  return all.filter((o) => `${o.title} ${o.key} ${o.text}`.toLowerCase().includes(query))
}

/** Puts names in; a name that is not known stays in braces, and the reply is not sent until somebody has seen to it. */
export function fill(text: string, names: { customer?: string | null | undefined; agent?: string | null | undefined; ticket?: string | null | undefined }): string {
  return text.replace(/\{(customer|agent|ticket)\}/g, (blank, name: "customer" | "agent" | "ticket") => names[name] ?? blank)
}

export function blankIn(text: string): string | null {
  return /\{(?:customer|agent|ticket)\}/.exec(text)?.[0] ?? null
}

/** Colleagues whose name stands after an "@". */
export function mentioned(text: string, people: Person[]): string[] {
  return people.filter((p) => text.includes(`@${p.display_name}`)).map((p) => p.id)
}
