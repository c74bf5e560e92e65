/** Tickets by promise, the most endangered first; those done last, newest first. Pure. */
import type { Ticket } from "@jieti/lib/wire"

export function byPromise(tickets: Ticket[], state: "open" | "resolved"): Ticket[] {
  const of = tickets.filter((k) => k.state === state)
  return state === "open" ? of.sort((a, b) => a.promised_by - b.promised_by) : of.sort((a, b) => b.opened_at - a.opened_at)
}
