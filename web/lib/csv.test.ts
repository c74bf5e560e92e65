import { expect, it } from "vitest"
import { toCsv } from "./csv.ts"

it("quotes what needs it, leaves numbers alone and disarms formulas", () => {
  for (const [value, want] of [
    ["上传身份证", "上传身份证"], ["a,b", '"a,b"'], ['say "hi"', '"say ""hi"""'], ["two\nlines", '"two\nlines"'], [-1.5, "-1.5"], [null, ""],
    ["=1+1", "'=1+1"], ["-2", "'-2"], ["@x", "'@x"], ["+86,1", '"\'+86,1"'],
  ] as const) expect(toCsv(["h"], [[value]])).toBe(`\uFEFFh\r\n${want}\r\n`)
})
