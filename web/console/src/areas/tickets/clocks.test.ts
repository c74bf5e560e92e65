import type { Ticket } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { inOrder, nearest, urgency } from "./clocks.ts"

const hour = 3600_000
const clock = (due: number | null, stopped_at: number | null = null): Ticket["clocks"][number] => ({ clock: "resolution", due, left_ms: 0, budget_ms: hour, stopped_at })
const ticket = (id: string, more: Partial<Ticket> = {}): Ticket => ({
  id, seq: 1, conversation: "cv", customer: "c", customer_name: null, category: "other", priority: "normal", title: id, need: null, department: "it", assignee: null, state: "open", waiting_for: [],
  opened_at: 0, promised_by: 9 * hour, clocks: [], complaint: null, level: null, merged_into: null, answer: null, rating: null, last: { by: { who: "system" }, what: "opened", at: 0 }, ...more,
})

it("the nearest deadline counts, and a clock that is met or stands still does not", () => {
  expect(nearest(ticket("promise"))?.due).toBe(9 * hour)
  expect(nearest(ticket("both", { clocks: [clock(5 * hour), clock(3 * hour, 1)] }))?.due).toBe(5 * hour)
  expect(nearest(ticket("still", { clocks: [clock(null)] }))).toBeNull()
  const complaint = { limit: 20 * hour, days: 15, complex: false, extension: null, ended: null }
  expect(nearest(ticket("law", { clocks: [clock(null)], complaint }))?.clock).toBe("complaint")
})
it("urgency turns at four hours and at the deadline", () => {
  const due = (at: number): string => urgency(ticket("k", { clocks: [clock(at)] }), hour)
  expect([due(5 * hour), due(5 * hour - 1), due(hour), due(hour - 1)]).toEqual(["calm", "soon", "soon", "late"])
  expect(urgency(ticket("k", { state: "resolved" }), 99 * hour)).toBe("done")
  expect(urgency(ticket("k", { clocks: [clock(null)] }), 99 * hour)).toBe("still")
})
it("a broken promise comes first and what stands still comes last", () => {
  const all = [ticket("still", { clocks: [clock(null)] }), ticket("later", { clocks: [clock(9)] }), ticket("late", { clocks: [clock(-5)] })]
  expect(inOrder(all).map((k) => k.id)).toEqual(["late", "later", "still"])
})
