import type { FlowStep } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { layout } from "./layout.ts"
const step = (id: string, ...next: string[]): FlowStep => ({ id, kind: "say", summary: id, next })

it("every step is drawn once, below what leads to it", () => {
  const { nodes, arrows } = layout([step("a", "b", "c"), step("b", "d"), step("c", "d"), step("d")])
  const y = (id: string): number => nodes.find((n) => n.step.id === id)?.y ?? -1
  expect(nodes).toHaveLength(4)
  expect(y("a")).toBeLessThan(y("b"))
  expect(y("b")).toBe(y("c"))
  expect(y("d")).toBeGreaterThan(y("b"))
  expect(arrows).toHaveLength(4)
})
it("a loop ends and is marked as going back", () => {
  const { arrows } = layout([step("ask", "check"), step("check", "ask", "done"), step("done")])
  expect(arrows.filter((a) => a.back).map((a) => `${a.from}>${a.to}`)).toEqual(["check>ask"])
})
it("a step nobody leads to is still shown, and an unknown next is left out", () => {
  const { nodes, arrows } = layout([step("a", "nowhere"), step("orphan")])
  expect(nodes).toHaveLength(2)
  expect(arrows).toEqual([])
})
