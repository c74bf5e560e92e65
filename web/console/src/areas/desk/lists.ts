/** The live list in the order in which people should look at it. Pure. */
import type { CardRow, ConversationCard } from "@jieti/lib/wire"

export interface Section { name: "hands" | "waiting" | "mine" | "bot" | "others"; cards: ConversationCard[] }

export function sections(cards: ConversationCard[], me: string): Section[] {
  const oldest = (a: ConversationCard, b: ConversationCard): number => a.stage.since - b.stage.since
  const latest = (a: ConversationCard, b: ConversationCard): number => (b.last?.at ?? b.opened_at) - (a.last?.at ?? a.opened_at)
  const pick = (is: (c: ConversationCard) => boolean, by: typeof oldest): ConversationCard[] => cards.filter(is).sort(by)
  const isMine = (c: ConversationCard): boolean => c.stage.kind === "human" && (c.stage.staff === me || c.side.guests.some((g) => g.id === me))
  const calls = (c: ConversationCard): boolean => c.side.hand !== null && !isMine(c)
  const all: Section[] = [
    { name: "hands", cards: pick(calls, (a, b) => (a.side.hand?.since ?? 0) - (b.side.hand?.since ?? 0)) },
    { name: "waiting", cards: pick((c) => c.stage.kind === "waiting", oldest) },
    { name: "mine", cards: pick(isMine, latest) },
    { name: "bot", cards: pick((c) => c.stage.kind === "bot" || c.stage.kind === "draft", latest) },
    { name: "others", cards: pick((c) => c.stage.kind === "human" && !isMine(c) && !calls(c), latest) },
  ]
  return all.filter((s) => s.cards.length > 0)
}

/** The neighbour of `current`, or the first when it has left the list. */
export function neighbour(ids: string[], current: string | null, by: 1 | -1): string | null {
  const at = current === null ? -1 : ids.indexOf(current)
  if (at < 0) return ids[0] ?? null
  return ids[Math.max(0, Math.min(ids.length - 1, at + by))] ?? null
}

/** Who the customer is before what they are like; rows we do not know come last. Not being overdue is no news. */
export function profileRows(rows: CardRow[]): CardRow[] {
  const known = ["name", "level", "phone", "days_overdue", "repayment_day", "day_of_month"]
  const place = (r: CardRow): number => (known.includes(r.label) ? known.indexOf(r.label) : known.length)
  return rows.filter((r) => r.label !== "overdue" && !(r.label === "days_overdue" && r.value === "0")).sort((a, b) => place(a) - place(b))
}

/** The rows of a loan that an agent reads, in the order in which they are asked about; what the title says is left out. */
export function loanRows(rows: CardRow[]): CardRow[] {
  const known = ["status", "balance", "next_due", "next_due_date", "terms_left", "terms", "rate"]
  const named = known.flatMap((name) => rows.filter((r) => r.label === name))
  // A lender that names its rows in words shows them as they are.
  return named.length > 0 ? named : rows
}
