/** The drafts in the order in which a seat should look at them, and what a seat may do. Pure. */
import type { DraftCard, Risk } from "@jieti/lib/wire"

/** Seconds of deadline that one step of risk is worth: a high-risk draft is looked at as if it ran out 20 s earlier. */
const riskSecs: Record<Risk, number> = { low: 0, medium: 8, high: 20, human: 20 }

export function ordered(drafts: DraftCard[]): DraftCard[] {
  const rank = (d: DraftCard): number => d.deadline - riskSecs[d.risk] * 1000
  return [...drafts].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id))
}

/** Where to look next when `gone` leaves: the one that took its place, or the last. */
export function nextAfter(ids: string[], gone: string): string | null {
  const at = ids.indexOf(gone)
  const left = ids.filter((id) => id !== gone)
  return left[Math.min(Math.max(at, 0), left.length - 1)] ?? null
}

/** What a seat should look at first: the first that nobody else holds. */
export function firstFree(drafts: DraftCard[], me: { id: string; display_name: string } | null): string | null {
  return (drafts.find((d) => heldByOther(d, me) === null) ?? drafts[0])?.id ?? null
}

export function heldByOther(draft: DraftCard, me: { id: string; display_name: string } | null): string | null {
  const { held_by } = draft
  return held_by !== null && held_by !== me?.id && held_by !== me?.display_name ? held_by : null
}
