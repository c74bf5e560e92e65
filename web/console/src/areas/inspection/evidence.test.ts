import type { Finding } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { firstToJudge, marked, step, tone } from "./evidence.ts"

const both = (s: string): Finding["title"] => ({ "zh-CN": s, en: s })
const finding = (part: Partial<Finding>): Finding => ({
  id: "f", rule: "r", title: both("r"), severity: "minor", weight: 5, seq: 2, quote: "保证下款", why: both("w"), party: "person", staff: "s", staff_name: "林", source: "machine",
  verdict: "open", note: null, counts: true, appeal_until: 0, appeal: null, may_appeal: false, may_decide: false, ...part,
})
it("marks the quote, the worse severity where two meet, and nothing that was struck", () => {
  expect(marked("放心，保证下款。", [finding({})])).toEqual([{ text: "放心，", severity: null }, { text: "保证下款", severity: "minor" }, { text: "。", severity: null }])
  expect(marked("保证下款", [finding({}), finding({ severity: "critical", quote: "下款" })])).toEqual([{ text: "保证", severity: "minor" }, { text: "下款", severity: "critical" }])
  expect(marked("保证下款", [finding({ counts: false })])).toEqual([{ text: "保证下款", severity: null }])
  expect(marked("别的话", [finding({})])).toEqual([{ text: "别的话", severity: null }])
})
it("steps to the ends and no further", () => {
  expect([step(["a", "b"], null, 1), step(["a", "b"], "a", 1), step(["a", "b"], "b", 1), step(["a", "b"], "a", -1), step([], null, 1)]).toEqual(["a", "b", "b", "a", null])
})
it("begins with the worst that nobody has judged", () => {
  expect(firstToJudge([finding({ id: "done", severity: "critical", verdict: "confirmed" }), finding({ id: "minor" }), finding({ id: "major", severity: "major" })])).toBe("major")
  expect(firstToJudge([])).toBeNull()
})
it("a critical finding is bad whatever the score", () => {
  expect([tone({ score: 95, critical: 1 }), tone({ score: 59, critical: 0 }), tone({ score: 84, critical: 0 }), tone({ score: 85, critical: 0 })]).toEqual(["bad", "bad", "warn", "good"])
})
