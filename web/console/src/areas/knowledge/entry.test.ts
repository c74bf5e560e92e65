import { expect, it } from "vitest"
import { filledIn, filtered, isChanged, legalId, lifeOf, newEntry, newVariant, readLines, tidy, toCsv, withTarget } from "./entry.ts"
import type { BatchRow, EntryRow } from "@jieti/lib/wire"

it("ids are what the server takes", () => {
  for (const [id, ok] of [["repayment.early", true], ["a.b_2", true], ["Repayment.early", false], ["repayment", false], ["a.b.c", false], [".b", false]] as const) expect(legalId(id)).toBe(ok)
})
it("reads pasted lines with and without the expected id", () => {
  expect(readLines("怎么还款\trepayment.how\r\n\n  你好  \n")).toEqual([{ text: "怎么还款", expect: "repayment.how" }, { text: "你好", expect: null }])
})
it("sends no blank asks and no empty flow", () => {
  const entry = newEntry("a.b")
  entry.flow = " "
  entry.texts["zh-CN"] = { title: " t ", ask: ["x", " ", ""], answer: "y ", buttons: [] }
  expect(tidy(entry)).toMatchObject({ texts: { "zh-CN": { title: "t", ask: ["x"], answer: "y" } } })
  expect("flow" in tidy(entry)).toBe(false)
})
it("a button has exactly one target", () => {
  expect(withTarget("x", "flow", "f")).toEqual({ label: "x", flow: "f" })
})
it("filters by every word", () => {
  const row: EntryRow = { id: "repayment.early", stage: "repayment", title: "提前还款", risk: "low", owner: "产品", languages: [], state: "published", life: { life: "expires", days: 5 }, variants: 0 }
  const all = { search: "", stage: null, risk: null, state: null, life: null }
  expect(filtered([row], { ...all, search: "early 还款" })).toHaveLength(1)
  expect(filtered([row], { ...all, search: "early 放款" })).toHaveLength(0)
  expect(filtered([row], { ...all, risk: "high" })).toHaveLength(0)
  expect(filtered([row], { ...all, life: "expires" })).toHaveLength(1)
  expect(filtered([row], { ...all, life: "expired" })).toHaveLength(0)
})
it("a customer's sentence is never a formula in the CSV", () => {
  const row: BatchRow = { text: '=cmd("x")', expect: null, before: null, after: null, verdict_before: "abstain", verdict_after: "abstain", right_before: null, right_after: null }
  expect(toCsv({ rows: [row], summary: { lines: 1, right_before: 0, right_after: 0, changed: 0 } }).split("\r\n")[1]).toBe(`"'=cmd(""x"")",,,,abstain,,,,abstain,`)
  expect(isChanged(row)).toBe(false)
  expect(isChanged({ ...row, verdict_after: "answer" })).toBe(true)
})
it("what ends in two weeks is soon, the day after is not", () => {
  expect([14, 15].map((days) => lifeOf({ life: "expires", days }))).toEqual(["expires", "lasting"])
  expect(lifeOf({ life: "expired", days: 90 })).toBe("expired")
})
it("an audience that asks nothing is not sent, and what is sent reads back the same", () => {
  const entry = newEntry("a.b")
  entry.audience = { products: [], app_from: " ", channels: ["app"] }
  entry.valid = { from: null, until: "2026-12-01" }
  const blank = newVariant(["zh-CN", "en"])
  entry.variants = [{ ...blank, name: " 逾期 ", audience: { stages: ["overdue"], app_below: "" }, texts: { ...blank.texts, "zh-CN": { answer: " 先还清 ", buttons: [] } } }]
  const sent = tidy(entry)
  expect(sent).toMatchObject({ audience: { channels: ["app"] }, valid: { until: "2026-12-01" }, variants: [{ name: "逾期", audience: { stages: ["overdue"] }, texts: { "zh-CN": { answer: "先还清" } } }] })
  expect(sent.variants.map((v) => Object.keys(v.texts))).toEqual([["zh-CN"]])
  expect(tidy(filledIn(sent))).toEqual(sent)
})
