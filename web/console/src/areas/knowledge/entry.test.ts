import { expect, it } from "vitest"
import { filtered, isChanged, legalId, newEntry, readLines, tidy, toCsv, withTarget } from "./entry.ts"
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
  const row: EntryRow = { id: "repayment.early", stage: "repayment", title: "提前还款", risk: "low", owner: "产品", languages: [], state: "published" }
  const all = { search: "", stage: null, risk: null, state: null }
  expect(filtered([row], { ...all, search: "early 还款" })).toHaveLength(1)
  expect(filtered([row], { ...all, search: "early 放款" })).toHaveLength(0)
  expect(filtered([row], { ...all, risk: "high" })).toHaveLength(0)
})
it("a customer's sentence is never a formula in the CSV", () => {
  const row: BatchRow = { text: '=cmd("x")', expect: null, before: null, after: null, verdict_before: "abstain", verdict_after: "abstain", right_before: null, right_after: null }
  expect(toCsv({ rows: [row], summary: { lines: 1, right_before: 0, right_after: 0, changed: 0 } }).split("\r\n")[1]).toBe(`"'=cmd(""x"")",,,,abstain,,,,abstain,`)
  expect(isChanged(row)).toBe(false)
  expect(isChanged({ ...row, verdict_after: "answer" })).toBe(true)
})
