import type { DraftCard, Risk } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { firstFree, heldByOther, nextAfter, ordered } from "./queue.ts"

const draft = (id: string, secs: number, risk: Risk, held_by: string | null = null): DraftCard => ({
  id, conversation: id, customer: { id, name: null, signed_in: false }, question: "", message: { text: "" }, need: { id: "n", title: "n" }, source: { need: "n", title: "n" }, doing: null, alternatives: [], confidence: 0.5, risk,
  why: "risky", mood: { anger: 0, worry: 0, urgency: 0, warmth: 0 }, created_at: 0, deadline: secs * 1000, at_deadline: "send", held_by,
})
it("orders by deadline, risk first when they are close", () => {
  expect(ordered([draft("low", 30, "low"), draft("high", 45, "high"), draft("soon", 10, "low")]).map((d) => d.id)).toEqual(["soon", "high", "low"])
  expect(ordered([draft("low", 20, "low"), draft("high", 45, "high")]).map((d) => d.id)).toEqual(["low", "high"])
})
it("the eye stays where it was when a draft leaves", () => {
  expect(nextAfter(["a", "b", "c"], "b")).toBe("c")
  expect(nextAfter(["a", "b"], "b")).toBe("a")
  expect(nextAfter(["a"], "a")).toBeNull()
})
it("a colleague's draft is not what a seat looks at first, unless nothing else is left", () => {
  const me = { id: "s1", display_name: "林晓" }
  expect(firstFree([draft("a", 1, "low", "s2"), draft("b", 2, "low")], me)).toBe("b")
  expect(firstFree([draft("a", 1, "low", "s2")], me)).toBe("a")
  expect(firstFree([], me)).toBeNull()
})
it("what I hold does not stop me", () => {
  const me = { id: "s1", display_name: "林晓" }
  expect(heldByOther(draft("a", 1, "low", "s1"), me)).toBeNull()
  expect(heldByOther(draft("a", 1, "low", "林晓"), me)).toBeNull()
  expect(heldByOther(draft("a", 1, "low", "周宁"), me)).toBe("周宁")
})
