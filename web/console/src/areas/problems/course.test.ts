import { describe, expect, it } from "vitest"
import { courseCsv, date, dayOf, expectedByDay, path, percent, points } from "./course.ts"

const size = { width: 100, height: 20, edge: 2 }

describe("course", () => {
  it("draws the highest day at the top and nothing at the bottom", () => {
    const line = points([0, 5, 10], size)
    expect(line.map((p) => p.y)).toEqual([18, 10, 2])
    expect(line.map((p) => p.x)).toEqual([2, 50, 98])
    expect(path(line)).toBe("M2.0 18.0L50.0 10.0L98.0 2.0")
    expect(points([0, 0], size).map((p) => p.y)).toEqual([18, 18])
    expect(points([5], size, 10)).toEqual([{ x: 2, y: 10 }])
  })
  it("counts days in China", () => {
    expect(date(20_779)).toBe("2026-11-22")
    expect(dayOf(Date.UTC(2026, 10, 21, 15, 59))).toBe(20_778)
    expect(dayOf(Date.UTC(2026, 10, 21, 16, 0))).toBe(20_779)
  })
  it("puts the expected days after the day of the fix and into the CSV", () => {
    const expected = expectedByDay([9.5, 9], Date.UTC(2026, 10, 22, 4))
    expect([...expected]).toEqual([[20_780, 9.5], [20_781, 9]])
    expect(courseCsv([{ day: 20_779, count: 3 }, { day: 20_780, count: 4 }], expected)).toBe("\ufeffday,count,expected_without_fix\n2026-11-22,3,\n2026-11-23,4,9.50\n")
  })
  it("says shares in whole percents with their sign", () => {
    expect([percent(-0.384), percent(0.02), percent(0)]).toEqual(["-38%", "+2%", "0%"])
  })
})
