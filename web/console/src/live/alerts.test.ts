import type { ConversationCard, ServerToStaff } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { alertsOf } from "./alerts.ts"
import { emptyLive, reduceLive, type LiveState } from "./reducer.ts"

const side = { route: null, invite: null, guests: [], hand: null, doing: null }
const base: ConversationCard = {
  id: "c1", customer: { id: "c1", name: "张伟", signed_in: true }, channel: "app", lang: "zh-CN", stage: { kind: "waiting", since: 1, deadline: 9, staff: null, staff_name: null },
  tier: "human", reason: null, need: null, flow: null, mood: { anger: 0, worry: 0, urgency: 0, warmth: 0 }, last: { from: "customer", text: "在吗", at: 1 }, opened_at: 1, last_seq: 1, side,
}
const card = (part: Partial<ConversationCard>): ServerToStaff => ({ type: "card", card: { ...base, ...part } })
const withMe = (staff: string): Partial<ConversationCard> => ({ stage: { kind: "human", since: 2, deadline: null, staff, staff_name: staff }, last_seq: 2 })
const after = (...frames: ServerToStaff[]): LiveState => frames.reduce(reduceLive, { ...emptyLive, presence: { agent: true, silent_seat: false } })
const agent = { id: "me", supervisor: false }
const kinds = (before: LiveState, frame: ServerToStaff, me = agent): string[] => alertsOf(before, frame, me).map((a) => a.kind)

it("an agent hears of who waits, who is theirs, what theirs say, and what is taken away", () => {
  expect(kinds(after(), card({}))).toEqual(["waiting"])
  expect(kinds(after(card({})), card({ last_seq: 2 }))).toEqual([])
  expect(kinds(after(card({})), card(withMe("me")))).toEqual(["assigned"])
  expect(kinds(after(card(withMe("me"))), card({ ...withMe("me"), last: { from: "customer", text: "好的", at: 5 } }))).toEqual(["message"])
  expect(kinds(after(card(withMe("me"))), card({ ...withMe("me"), last: { from: "agent", text: "您好", at: 5 } }))).toEqual([])
  expect(kinds(after(card(withMe("me"))), card(withMe("boss")))).toEqual(["taken_away"])
})
it("who is off duty is not called", () => {
  expect(kinds({ ...after(), presence: { agent: false, silent_seat: false } }, card({}))).toEqual([])
})
it("a raised hand calls supervisors, once, and not the one who raised it", () => {
  const raised = card({ ...withMe("lin"), side: { ...side, hand: { staff: "lin", name: "林", text: "", since: 3 } } })
  const boss = { id: "boss", supervisor: true }
  expect(kinds(after(card(withMe("lin"))), raised, boss)).toEqual(["hand"])
  expect(kinds(after(raised), raised, boss)).toEqual([])
  expect(kinds(after(card(withMe("lin"))), raised)).toEqual([])
})
it("an inspection alarm says who it is about and what was said", () => {
  const both = (text: string) => ({ "zh-CN": text, en: text })
  const frame: ServerToStaff = { type: "alarm", alarm: { conversation: "c1", at: 1, rule: "no-guarantee", title: both("t"), severity: "critical", seq: 4, quote: "保证下款", why: both("w"), party: "person", staff_name: "林" } }
  expect(alertsOf(after(), frame, agent)).toEqual([{ kind: "alarm", conversation: "c1", who: "林", text: "保证下款" }])
})
