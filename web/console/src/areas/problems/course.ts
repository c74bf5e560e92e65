/** Pure shapes of the problem area: lines of daily counts, and the evidence of a case as CSV. */

export interface Point { x: number; y: number }
export interface Size { width: number; height: number; edge: number }

/** Daily counts from left to right, the highest at the top; `top` makes two lines comparable. */
export function points(counts: readonly number[], { width, height, edge }: Size, top = Math.max(1, ...counts)): Point[] {
  const step = counts.length > 1 ? (width - 2 * edge) / (counts.length - 1) : 0
  return counts.map((count, i) => ({ x: edge + i * step, y: height - edge - (count / top) * (height - 2 * edge) }))
}

export const path = (line: readonly Point[]): string => line.map((p, i) => `${i === 0 ? "M" : "L"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("")

const dayMs = 86_400_000
/** Days since 1970 as a date. */
export const date = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
/** Days since 1970, in China, of an instant. */
export const dayOf = (at: number): number => Math.floor((at + 8 * 3_600_000) / dayMs)

/** A share as a whole percent, with its sign: -38%. */
export const percent = (share: number): string => `${share > 0 ? "+" : ""}${Math.round(share * 100)}%`

/** What would have come without the fix, by day: the server lists the whole days after the day of the fix. */
export function expectedByDay(expected: readonly number[], liveAt: number): Map<number, number> {
  const first = dayOf(liveAt) + 1
  return new Map(expected.map((count, i) => [first + i, count]))
}

export function courseCsv(course: readonly { day: number; count: number }[], expected: ReadonlyMap<number, number>): string {
  const rows = course.map((d) => `${date(d.day)},${d.count},${expected.get(d.day)?.toFixed(2) ?? ""}`)
  return `\ufeffday,count,expected_without_fix\n${rows.join("\n")}\n`
}
