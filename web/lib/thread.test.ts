import { describe, expect, it } from "vitest"
import { canPress, canSubmit, company, emptyThread, isChecking, reduceThread, toKeep, type Pending, type Thread, type ThreadInput } from "./thread.ts"
import type { CustomerEventBody, ServerToCustomer } from "./wire.ts"

const server = (frame: ServerToCustomer): ThreadInput => ({ type: "server", frame, at: 0 })
const hello = (last_seq = 0, epoch = "e1", conversation: string | null = "c1") =>
  server({ type: "hello", epoch, conversation, last_seq })
const event = (seq: number, body: CustomerEventBody, conversation = "c1") =>
  server({ type: "event", conversation, event: { seq, at: seq * 1000, body } })
const said = (text: string, extra: Partial<Extract<CustomerEventBody, { kind: "said" }>> = {}): CustomerEventBody =>
  ({ kind: "said", from: "bot", name: null, reviewed: false, message: { text }, ...extra })
const pending = (clientId: string, over: Partial<Pending> = {}): Pending => ({
  clientId, shown: { kind: "text", text: clientId }, frame: { type: "say", client_id: clientId, text: clientId }, at: 0,
  state: "sending", problem: null, secret: false, ...over,
})
const run = (...inputs: ThreadInput[]): Thread => inputs.reduce(reduceThread, emptyThread)

describe("thread", () => {
  it("shows an event once however often it comes", () => {
    const thread = run(hello(), event(1, said("a")), event(1, said("a")), event(2, said("b")), event(1, said("a")))
    expect(thread.events.map((e) => e.seq)).toEqual([1, 2])
  })

  it("puts late events where they belong", () => {
    const orders = [[1, 2, 3, 5], [5, 3, 2, 1], [2, 5, 1, 3], [3, 1, 5, 2]]
    for (const order of orders) {
      const thread = run(hello(), ...order.map((seq) => event(seq, said(String(seq)))))
      expect(thread.events.map((e) => e.seq)).toEqual([1, 2, 3, 5])
    }
  })

  it("does not move the cursor past a hole in the replay", () => {
    const halfway = run(hello(4), event(2, said("replayed")))
    expect(halfway.cursor).toBe(0)
    expect(reduceThread(halfway, event(4, said("last"))).cursor).toBe(4)
  })

  it("an acknowledged message stays until its event, and is then shown once", () => {
    let thread = run(hello(), { type: "local", pending: pending("m1") }, server({ type: "ack", client_id: "m1", seq: 1 }))
    expect(thread.pending.map((p) => p.state)).toEqual(["saved"])
    thread = reduceThread(thread, event(1, { kind: "customer_said", client_id: "m1", text: "m1" }))
    expect(thread.pending).toEqual([])
    expect(thread.events).toHaveLength(1)
  })

  it("an event before its acknowledgement leaves nothing pending", () => {
    const thread = run(hello(), { type: "local", pending: pending("m1") },
      event(1, { kind: "customer_said", client_id: "m1", text: "m1" }), server({ type: "ack", client_id: "m1", seq: 1 }))
    expect(thread.pending).toEqual([])
  })

  it("resends after a failure without doubling", () => {
    const thread = run(hello(), { type: "local", pending: pending("m1") },
      server({ type: "error", code: "message.too_long", message: "too long", client_id: "m1" }),
      { type: "resend", clientId: "m1" }, { type: "local", pending: pending("m1") })
    expect(thread.pending).toHaveLength(1)
    expect(thread.pending[0]).toMatchObject({ state: "sending", problem: null })
  })

  it("drops the log but not the outbox when the epoch changes", () => {
    const thread = run(hello(), event(1, said("old")), { type: "local", pending: pending("m1") }, hello(0, "e2", "c1"))
    expect(thread.events).toEqual([])
    expect(thread.cursor).toBe(0)
    expect(thread.pending.map((p) => p.clientId)).toEqual(["m1"])
  })

  it("keeps the ended conversation in sight when the next one begins", () => {
    const thread = run(hello(), event(1, said("old")), event(2, { kind: "closed" }), event(1, said("new"), "c2"))
    expect(thread.conversation).toBe("c2")
    expect(thread.earlier.map((e) => e.seq)).toEqual([1, 2])
    expect(thread.events).toHaveLength(1)
    expect(thread.cursor).toBe(1)
  })

  it("restores the outbox without what the server has shown", () => {
    const thread = run(hello(), event(1, { kind: "customer_said", client_id: "m1", text: "m1" }),
      { type: "restore", pending: [pending("m1"), pending("m2")], rated: {} })
    expect(thread.pending.map((p) => p.clientId)).toEqual(["m2"])
  })

  it("never keeps personal data or what is acknowledged", () => {
    const thread = run(hello(), { type: "local", pending: pending("card", { secret: true }) },
      { type: "local", pending: pending("m1") }, { type: "local", pending: pending("m2") },
      server({ type: "ack", client_id: "m1", seq: 1 }))
    expect(toKeep(thread).map((p) => p.clientId)).toEqual(["m2"])
  })
})

describe("who is there", () => {
  it("is told honestly", () => {
    let thread = run(hello(), event(1, said("hi")))
    expect(company(thread)).toEqual({ who: "bot", reviewed: false })
    thread = reduceThread(thread, event(2, { kind: "checking" }))
    expect(isChecking(thread)).toBe(true)
    expect(company(thread)).toEqual({ who: "bot", reviewed: false })
    thread = reduceThread(thread, event(3, said("checked", { reviewed: true })))
    expect(company(thread)).toEqual({ who: "bot", reviewed: true })
    expect(isChecking(thread)).toBe(false)
    thread = reduceThread(thread, event(4, { kind: "waiting", position: 2 }))
    expect(company(thread)).toEqual({ who: "waiting" })
    thread = reduceThread(thread, event(5, { kind: "joined", name: "林晓" }))
    expect(company(thread)).toEqual({ who: "agent", name: "林晓" })
    thread = reduceThread(thread, event(6, { kind: "left" }))
    expect(company(thread)).toEqual({ who: "bot", reviewed: false })
  })
})

describe("buttons", () => {
  const choose = { do: "choose", flow: "f", step: "s", value: "v" } as const
  const withChoose = said("pick", { message: { text: "pick", buttons: [{ label: "v", action: choose }] } })

  it("a choice works once", () => {
    let thread = run(hello(), event(1, withChoose))
    expect(canPress(choose, 1, thread)).toBe(true)
    thread = reduceThread(thread, { type: "local", pending: pending("m1") })
    expect(canPress(choose, 1, thread)).toBe(false)
    thread = reduceThread(thread, event(2, { kind: "customer_pressed", client_id: "m1", label: "v" }))
    expect(canPress(choose, 1, thread)).toBe(false)
  })

  it("a choice works again when sending it failed", () => {
    const thread = run(hello(), event(1, withChoose), { type: "local", pending: pending("m1") },
      { type: "failed", clientId: "m1", problem: "offline" })
    expect(canPress(choose, 1, thread)).toBe(true)
  })

  it("an older form gives way to a newer step", () => {
    const thread = run(hello(), event(1, withChoose), event(2, withChoose))
    expect(canSubmit(1, thread)).toBe(false)
    expect(canSubmit(2, thread)).toBe(true)
  })

  it("links and questions always work; a person is asked for once", () => {
    const thread = run(hello(), event(1, said("a")), event(2, { kind: "waiting", position: 1 }))
    expect(canPress({ do: "open", link: "app://bills" }, 1, thread)).toBe(true)
    expect(canPress({ do: "human" }, 1, thread)).toBe(false)
    expect(canPress({ do: "leave_queue" }, 2, thread)).toBe(true)
  })
})
