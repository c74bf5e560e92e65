/** How urgent a ticket is. Pure. */
import type { ClockView, Ticket } from "@jieti/lib/wire"

export type Urgency = "late" | "soon" | "calm" | "still" | "done"
/** A deadline within this time is shown as soon. */
const soonMs = 4 * 3600_000

export interface Deadline { clock: ClockView["clock"]; due: number }

/** The nearest deadline that runs; the promise counts where no clock does. */
export function nearest(ticket: Ticket): Deadline | null {
  if (ticket.state !== "open") return null
  const clocks: Deadline[] = ticket.clocks.flatMap((c) => (c.stopped_at === null && c.due !== null ? [{ clock: c.clock, due: c.due }] : []))
  if (ticket.clocks.length === 0) clocks.push({ clock: "first_answer", due: ticket.promised_by })
  if (ticket.complaint) clocks.push({ clock: "complaint", due: ticket.complaint.limit })
  return clocks.reduce<Deadline | null>((a, b) => (a === null || b.due < a.due ? b : a), null)
}

export function urgency(ticket: Ticket, now: number): Urgency {
  if (ticket.state !== "open") return "done"
  const deadline = nearest(ticket)
  if (!deadline) return "still"
  if (deadline.due < now) return "late"
  return deadline.due - now < soonMs ? "soon" : "calm"
}

/** Open ones by deadline, those that stand still last; the others the latest first. */
export function inOrder(tickets: Ticket[]): Ticket[] {
  const due = (k: Ticket): number => nearest(k)?.due ?? Number.MAX_SAFE_INTEGER
  return [...tickets].sort((a, b) => (a.state === "open" && b.state === "open" ? due(a) - due(b) : b.opened_at - a.opened_at) || a.id.localeCompare(b.id))
}
