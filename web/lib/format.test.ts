import { expect, it } from "vitest"
import { dayTime, duration, percent, roughWait, timer } from "./format.ts"

it("timers count up to hours and stop at zero", () => {
  for (const [ms, want] of [[0, "0:00"], [59_999, "0:59"], [60_000, "1:00"], [3_725_000, "1:02:05"], [-5, "0:00"]] as const) {
    expect(timer(ms)).toBe(want)
  }
})
it("durations are read in the largest unit that says enough", () => {
  expect(duration(42_000, "zh-CN")).toBe("42 秒")
  expect(duration(180_000, "en")).toBe("3 min")
  expect(duration(90_000_000, "zh-CN")).toBe("25 小时")
})
it("waits are never promised to the second", () => {
  expect(roughWait(30, "zh-CN")).toBe("不到半分钟")
  expect(roughWait(31, "zh-CN")).toBe("约 1 分钟")
  expect(roughWait(61, "en")).toBe("about 2 minutes")
})
it("days are named near today, in the lender's time wherever they are read", () => {
  const china = (month: number, day: number, hour: number, minute: number): number => Date.UTC(2026, month - 1, day, hour - 8, minute)
  const now = china(11, 21, 12, 0)
  expect(dayTime(china(11, 21, 0, 5), now, "zh-CN")).toBe("00:05")
  expect(dayTime(china(11, 20, 23, 5), now, "zh-CN")).toBe("昨天 23:05")
  expect(dayTime(china(11, 22, 0, 5), now, "en")).toBe("tomorrow 00:05")
  expect(dayTime(china(10, 1, 0, 5), now, "en")).toBe("1 Oct 00:05")
})
it("nothing of nothing is nothing", () => expect(percent(0, 0)).toBe(0))
