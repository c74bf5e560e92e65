import { expect, it } from "vitest"
import { Rage, Stay } from "./stay.ts"

it("time in sight leaves out the time away, and use is counted five seconds a touch at most", () => {
  const stay = new Stay(0)
  stay.use(1_000)
  stay.use(3_000)
  stay.hide(20_000)
  stay.show(100_000)
  stay.show(105_000)
  // In sight 0–20 s and 100–110 s; in use 1–3 s, and five seconds after 3 s.
  expect(stay.end(110_000)).toEqual({ sightMs: 30_000, active: "active_10" })
})
it("a page nobody touches is not in use", () => {
  expect(new Stay(0).end(60_000)).toEqual({ sightMs: 60_000, active: "active_0" })
})
it("four touches of one thing within a second are a rage, told once and with its count", () => {
  const cases: { name: string; touches: [string, number][]; want: (number | null)[]; over: number | null }[] = [
    { name: "three", touches: [["a", 0], ["a", 200], ["a", 400]], want: [null, null, null], over: null },
    { name: "four", touches: [["a", 0], ["a", 200], ["a", 400], ["a", 600]], want: [null, null, null, null], over: 4 },
    { name: "four, slowly", touches: [["a", 0], ["a", 400], ["a", 800], ["a", 1200]], want: [null, null, null, null], over: null },
    { name: "seven", touches: [0, 100, 200, 300, 400, 500, 600].map((t) => ["a", t]), want: Array<null>(7).fill(null), over: 7 },
    { name: "another thing ends it", touches: [["a", 0], ["a", 1], ["a", 2], ["a", 3], ["b", 4]], want: [null, null, null, null, 4], over: null },
    { name: "two things in turn", touches: [["a", 0], ["b", 1], ["a", 2], ["b", 3], ["a", 4]], want: [null, null, null, null, null], over: null },
    { name: "a pause ends it", touches: [["a", 0], ["a", 1], ["a", 2], ["a", 3], ["a", 2000]], want: [null, null, null, null, 4], over: null },
  ]
  for (const { name, touches, want, over } of cases) {
    const rage = new Rage<string>()
    expect(touches.map(([thing, at]) => rage.touch(thing, at)), name).toEqual(want)
    expect(rage.over(), name).toBe(over)
  }
})
