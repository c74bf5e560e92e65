import type { JourneyShape } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { dwellLevel, flowOf, special, type SurveyJourney } from "./sankey.ts"

const title = { "zh-CN": "x", en: "x" }
const shape: JourneyShape = { id: "apply", title, steps: [
  { id: "start", title, costly: false, next: ["id"] }, { id: "id", title, costly: true, next: ["pay"] }, { id: "pay", title, costly: false, next: [] }, { id: "never", title, costly: false, next: [] },
] }
const survey = (links: SurveyJourney["links"], done: number): SurveyJourney => ({ id: "apply", entered: 10, done, steps: [], links })

it("a flow has no ways back, so that it can be drawn, and says how many there were", () => {
  const flow = flowOf(shape, survey([
    { from: null, to: "start", visits: 10 }, { from: "start", to: "id", visits: 8 }, { from: "id", to: "start", visits: 3 }, { from: "id", to: "id", visits: 2 }, { from: "start", to: null, visits: 5 }, { from: "id", to: "pay", visits: 3 },
  ], 0))
  expect(flow.back).toBe(5)
  expect(flow.nodes).toEqual([special.in, "start", "id", "pay", special.left])
  const place = new Map(flow.nodes.map((n, i) => [n, i]))
  expect(flow.links.find((l) => l.from === "pay"), "who came to the last step and is not done did not go on").toEqual({ from: "pay", to: special.left, visits: 3 })
  expect(flow.links.every((l) => (place.get(l.from) ?? 0) < (place.get(l.to) ?? 0))).toBe(true)
})
it("leaving the last step is being done, as often as the end was reached; leaving another never is", () => {
  const flow = flowOf(shape, survey([{ from: "id", to: null, visits: 4 }, { from: "pay", to: null, visits: 6 }], 5))
  expect(flow.links).toEqual([{ from: "id", to: special.left, visits: 4 }, { from: "pay", to: special.done, visits: 5 }, { from: "pay", to: special.left, visits: 1 }])
})
it("who came to a step and has no way out of it did not go on", () => {
  expect(flowOf(shape, survey([{ from: null, to: "start", visits: 10 }, { from: "start", to: "id", visits: 7 }, { from: "id", to: null, visits: 2 }], 0)).links).toEqual([
    { from: special.in, to: "start", visits: 10 }, { from: "start", to: "id", visits: 7 }, { from: "id", to: special.left, visits: 7 }, { from: "start", to: special.left, visits: 3 },
  ])
})
it("a stay's colour changes at each bound", () => {
  expect([null, 0, 14_999, 15_000, 30_000, 60_000, 119_999, 120_000].map(dwellLevel)).toEqual([null, 0, 0, 1, 2, 3, 3, 4])
})
