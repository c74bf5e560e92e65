import { expect, it } from "vitest"
import { langOf, moved, pText, sidesOf } from "./upkeep.ts"

it("the cursor stays in the list, also when the list gets shorter", () => {
  for (const [at, by, length, want] of [[0, 1, 3, 1], [2, 1, 3, 2], [0, -1, 3, 0], [2, 0, 2, 1], [0, 0, 0, 0]] as const) expect(moved(at, by, length)).toBe(want)
})
it("a conflict of languages shows the figures that only one side has", () => {
  expect(sidesOf({ id: "1", kind: "languages", need: "a.b", chinese: ["3 days"], english: ["5 days"] }).map((s) => s.text)).toEqual(["zh-CN: 3 days", "en: 5 days"])
  const [one, other] = [{ need: "a.b", text: "一" }, { need: "a.c", text: "二" }]
  expect(sidesOf({ id: "1", kind: "near_question", lang: "zh-CN", one, other })).toEqual([one, other])
})
it("a small p-value is not zero", () => {
  expect([0.0004, 0.031, 1].map(pText)).toEqual(["< 0.001", "= 0.031", "= 1.000"])
})
it("one Chinese character makes a line Chinese", () => {
  expect(["怎么 repay", "how do i repay?"].map(langOf)).toEqual(["zh-CN", "en"])
})
