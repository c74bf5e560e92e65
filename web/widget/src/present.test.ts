import { expect, it } from "vitest"
import { emptyThread, reduceThread, type Thread, type ThreadInput } from "@jieti/lib/thread"
import type { CustomerEventBody } from "@jieti/lib/wire"
import { present } from "./present.ts"

const frame = (seq: number, body: CustomerEventBody): ThreadInput =>
  ({ type: "server", at: 0, frame: { type: "event", conversation: "c1", event: { seq, at: seq, body } } })
const run = (...inputs: ThreadInput[]): Thread => inputs.reduce(reduceThread, emptyThread)

it("a sent message keeps its place on the screen from typed to stored", () => {
  const local: ThreadInput = { type: "local", pending: { clientId: "m1", shown: { kind: "text", text: "hi" }, frame: { type: "say", client_id: "m1", text: "hi" }, at: 0, state: "sending", problem: null, secret: false } }
  const before = present(run(local)).find((r) => r.kind === "mine")
  const after = present(run(local, frame(1, { kind: "customer_said", client_id: "m1", text: "hi" }))).find((r) => r.kind === "mine")
  expect(before?.key).toBe(after?.key)
})
it("the queue line follows the live position and stops once somebody joins", () => {
  const waiting = run(frame(1, { kind: "waiting", position: 3 }), { type: "server", at: 0, frame: { type: "queue", position: 2, expected_wait_secs: 90 } })
  expect(present(waiting)[0]).toMatchObject({ what: "waiting", position: 2, expectedWaitSecs: 90, current: true })
  const joined = reduceThread(waiting, frame(2, { kind: "joined", name: "林晓" }))
  expect(present(joined)[0]).toMatchObject({ what: "waiting", current: false })
})
it("says that a person checks until the answer is there", () => {
  const checking = run(frame(1, { kind: "checking" }))
  expect(present(checking).at(-1)).toMatchObject({ what: "checking" })
  const answered = reduceThread(checking, frame(2, { kind: "said", from: "bot", name: null, reviewed: true, message: { text: "ok" } }))
  expect(present(answered).some((r) => r.kind === "line")).toBe(false)
})
it("labels who speaks once a group, and honestly", () => {
  const said = (reviewed: boolean): CustomerEventBody => ({ kind: "said", from: "bot", name: null, reviewed, message: { text: "a" } })
  const rows = present(run(frame(1, said(false)), frame(2, said(false)), frame(3, said(true))))
  expect(rows.map((r) => (r.kind === "theirs" ? [r.from, r.labelled] : null))).toEqual([["bot", false], ["bot", true], ["reviewed", true]])
})
