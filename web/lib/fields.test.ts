import { describe, expect, it } from "vitest"
import { maskField, parseField } from "./fields.ts"
import type { FieldKind } from "./wire.ts"

describe("fields", () => {
  const cases: [FieldKind, string, string | null][] = [
    ["money", "1,234.50", "1234.50"], ["money", "￥500", "500"], ["money", "５００", "500"], ["money", "0", null],
    ["money", "12.345", null], ["money", "-5", null], ["money", "abc", null],
    ["date", "2026-02-28", "2026-02-28"], ["date", "2026-02-29", null], ["date", "2028-02-29", "2028-02-29"],
    ["month", "2026-12", "2026-12"], ["month", "2026-13", null],
    ["day_of_month", "1", "1"], ["day_of_month", "28", "28"], ["day_of_month", "29", null], ["day_of_month", "0", null],
    ["days", "7", "7"], ["days", "366", null],
    ["phone", "138 0013 8000", "13800138000"], ["phone", "+8613800138000", "13800138000"], ["phone", "12800138000", null],
    ["card", "6222 0212 3456 7895", null], ["card", "4111 1111 1111 1111", "4111111111111111"], ["card", "4111", null],
    ["code", "1234", "1234"], ["code", "123", null], ["code", "123456789", null],
    ["text", "  hello ", "hello"], ["text", "   ", null],
  ]
  for (const [kind, raw, want] of cases) {
    it(`${kind} ${JSON.stringify(raw)} is ${want === null ? "refused" : want}`, () => {
      const got = parseField(kind, raw)
      expect("value" in got ? got.value : null).toBe(want)
    })
  }
  it("a choice is one of the options", () => {
    expect(parseField("choice", "a", ["a", "b"])).toEqual({ value: "a" })
    expect(parseField("choice", "c", ["a", "b"])).toEqual({ problem: "choice" })
  })
  it("shows no personal data", () => {
    expect(maskField("phone", "13800138000")).toBe("138****8000")
    expect(maskField("card", "4111111111111111")).toBe("**** 1111")
    expect(maskField("code", "123456")).toBe("••••••")
  })
})
