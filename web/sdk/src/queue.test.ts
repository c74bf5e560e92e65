import { expect, it } from "vitest"
import { Queue, type Kept, mostWaiting } from "./queue.ts"
import type { Act, Happening } from "./wire.ts"

const empty = (): Kept => ({ who: "c", stream: "s".repeat(32), head: { consent: "service", platform: "h5" }, next: 0, numbered: [], waiting: [], touched: 0, closed: false })
const event = (at: number, act: Act = "page"): Happening => ({ at, act, page: "p" })

it("gives numbers without gaps and the same batch until it is done", () => {
  const queue = new Queue(empty())
  for (let i = 0; i < 3; i++) queue.push(event(i))
  const first = queue.batch()
  queue.push(event(3))
  expect(first.map((e) => e.n)).toEqual([0, 1, 2])
  expect(queue.batch()).toEqual(first)
  queue.done(2)
  expect(queue.batch().map((e) => [e.n, e.at])).toEqual([[3, 3]])
})
it("survives storage: the numbers go on where they were", () => {
  const queue = new Queue(empty())
  queue.push(event(0))
  queue.batch()
  queue.push(event(1))
  const again = new Queue(JSON.parse(JSON.stringify(queue.kept)) as Kept)
  expect(again.batch().map((e) => e.n)).toEqual([0])
  again.done(0)
  expect(again.batch().map((e) => [e.n, e.at])).toEqual([[1, 1]])
})
it("drops the oldest click first, then the oldest of all, and numbers stay gapless", () => {
  const queue = new Queue(empty())
  queue.push(event(0, "field_error"))
  queue.push(event(1, "click"))
  queue.push(event(2, "click"))
  for (let at = 3; at < mostWaiting + 2; at++) queue.push(event(at))
  expect(queue.kept.waiting.slice(0, 2).map((e) => e.at)).toEqual([0, 3])
  queue.push(event(9_999))
  expect(queue.kept.waiting[0]?.at).toBe(3)
  const numbers: number[] = []
  for (let batch = queue.batch(); batch.length > 0; batch = queue.batch()) {
    expect(batch.length).toBeLessThanOrEqual(500)
    numbers.push(...batch.map((e) => e.n))
    queue.done(batch.at(-1)?.n ?? 0)
  }
  expect(numbers).toEqual(Array.from({ length: mostWaiting }, (_, i) => i))
})
