import type { Ticket } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { byPromise } from "./order.ts"
const ticket = (id: string, promised_by: number, state: Ticket["state"] = "open"): Ticket => ({ id, conversation: id, customer: { id, name: null, signed_in: true }, title: id, need: null, department: "", summary: "", opened_at: promised_by, promised_by, state, note: null })
it("a broken promise comes first", () => {
  expect(byPromise([ticket("later", 9), ticket("done", 1, "resolved"), ticket("late", -5), ticket("soon", 3)], "open").map((k) => k.id)).toEqual(["late", "soon", "later"])
})
