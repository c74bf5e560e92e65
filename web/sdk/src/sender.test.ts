// Over a real socket: a server on 127.0.0.1 that answers as it is told.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, it } from "vitest"
import { Queue } from "./queue.ts"
import { Sender } from "./sender.ts"
import type { BehaviourAnswer as Answer } from "@jieti/lib/wire"
import type { Act } from "./wire.ts"

interface Batch { stream: string; sent_at: number; consent: string; events: { n: number; act: Act }[] }
type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | "cut"
const fine: Reply = { status: 200, body: { stored: 0, doubled: 0, refused: [], guidance: [] } }
let server: Server | undefined
afterEach(() => { server?.closeAllConnections(); server?.close() })

async function stage(...replies: Reply[]) {
  const seen: { batch: Batch; headers: IncomingHttpHeaders }[] = []
  const mine = createServer((request, response) => {
    let text = ""
    request.on("data", (chunk: Buffer) => { text += chunk.toString() })
    request.on("end", () => {
      seen.push({ batch: JSON.parse(text) as Batch, headers: request.headers })
      const reply = replies.shift() ?? fine
      if (reply === "cut") return request.socket.destroy()
      response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers }).end(JSON.stringify(reply.body ?? {}))
    })
  })
  server = mine
  await new Promise<void>((up) => mine.listen(0, "127.0.0.1", up))
  const url = `http://127.0.0.1:${(mine.address() as AddressInfo).port}/api/customer/behaviour`
  const queue = new Queue({ who: "", stream: "a".repeat(32), head: { consent: "guidance", platform: "h5" }, next: 0, numbered: [], waiting: [], touched: 0, closed: false })
  const heard: Answer[] = []
  const warned: string[] = []
  const clock = { now: 1_000_000 }
  let sessions = 0
  const sender = new Sender([queue], { url, session: async () => `session-${++sessions}`, keep: () => undefined, hear: (a) => heard.push(a), warn: (w) => warned.push(w), now: () => clock.now })
  const push = (...acts: Act[]): void => { for (const act of acts) queue.push({ at: clock.now, act, page: "p" }) }
  const numbers = (): number[][] => seen.map((s) => s.batch.events.map((e) => e.n))
  return { seen, queue, sender, heard, warned, clock, push, numbers }
}

it("sends a batch with its session and hears what help is offered", async () => {
  const offered = { id: "x1", kind: "prompt", title: "t", text: "u" }
  const s = await stage({ status: 200, body: { stored: 2, doubled: 0, refused: [], guidance: [offered] } })
  s.push("page", "click")
  await s.sender.flush()
  expect(s.seen[0]?.headers.authorization).toBe("Bearer session-1")
  expect(s.seen[0]?.batch).toMatchObject({ v: 1, stream: "a".repeat(32), sent_at: 1_000_000, consent: "guidance", platform: "h5", events: [{ n: 0, act: "page" }, { n: 1, act: "click" }] })
  expect(s.heard[0]?.guidance).toEqual([offered])
  expect(s.queue.size).toBe(0)
})
it("after a failure sends the same numbers again, later events after them", async () => {
  for (const failure of ["cut", { status: 503 }] as const) {
    const s = await stage(failure)
    s.push("page")
    await s.sender.flush()
    s.push("click")
    await s.sender.flush()
    expect(s.numbers(), "not before its time").toEqual([[0]])
    s.clock.now += 60_000
    await s.sender.flush()
    expect(s.numbers()).toEqual([[0], [0], [1]])
    expect(s.warned).toEqual([])
  }
})
it("waits as long as the server says when it is too fast", async () => {
  const s = await stage({ status: 429, body: { code: "rate.limited" }, headers: { "retry-after": "7" } })
  s.push("page")
  await s.sender.flush()
  s.clock.now += 6_999
  await s.sender.flush()
  expect(s.numbers()).toEqual([[0]])
  s.clock.now += 1
  await s.sender.flush()
  expect(s.numbers()).toEqual([[0], [0]])
  expect(s.queue.size).toBe(0)
})
it("drops what the server will never take, and says so once", async () => {
  const bad: Reply = { status: 422, body: { code: "behaviour.invalid" } }
  const s = await stage(bad, bad, { status: 200, body: { stored: 0, doubled: 0, refused: [{ n: 2, field: "target", why: "is empty" }], guidance: [] } })
  for (let i = 0; i < 3; i++) {
    s.push("page")
    await s.sender.flush()
  }
  expect(s.numbers()).toEqual([[0], [1], [2]])
  expect(s.warned).toHaveLength(1)
  expect(s.warned[0]).toContain("behaviour.invalid")
})
it("opens a new session when the old one has run out, and loses nothing", async () => {
  const s = await stage(fine, { status: 401 })
  s.push("page")
  await s.sender.flush()
  s.push("click")
  await s.sender.flush()
  expect(s.seen.map((x) => x.headers.authorization)).toEqual(["Bearer session-1", "Bearer session-1", "Bearer session-2"])
  expect(s.numbers()).toEqual([[0], [1], [1]])
})
it("has one request under way at a time", async () => {
  const s = await stage()
  s.push("page")
  await Promise.all([s.sender.flush(), s.sender.flush(), s.sender.flush()])
  expect(s.numbers()).toEqual([[0]])
})
it("asks with an empty batch only when told to and nothing waits", async () => {
  const s = await stage()
  await s.sender.flush()
  expect(s.seen).toHaveLength(0)
  await s.sender.flush(true)
  s.push("page")
  await s.sender.flush(true)
  expect(s.numbers()).toEqual([[], [0]])
})
it("leaving sends everything under its numbers, no more than a browser lets it, and the next page sends the rest", async () => {
  const s = await stage()
  s.push("page")
  await s.sender.flush()
  s.push(...Array.from({ length: 499 }, (): Act => "field_error"), "leave")
  for (const e of s.queue.kept.waiting) e.target = "f".repeat(60)
  s.sender.leave(s.queue)
  await expect.poll(() => s.seen.length).toBe(2)
  const sent = s.seen[1]?.batch.events ?? []
  expect(JSON.stringify(s.seen[1]?.batch).length).toBeLessThanOrEqual(60_000)
  expect(sent[0]?.n).toBe(1)
  await expect.poll(() => s.queue.size).toBe(500 - sent.length)
  expect(s.queue.kept.numbered[0]?.n).toBe(sent.length + 1)
})
