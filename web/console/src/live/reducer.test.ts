import { expect, it } from "vitest"
import type { ConversationCard, DraftCard, ServerToStaff, StaffEvent } from "@jieti/lib/wire"
import { emptyLive, mergeEvents, reduceLive, type LiveState } from "./reducer.ts"

const staff = { id: "s1", name: "lin", display_name: "林晓", roles: [] }
const presence = { agent: true, silent_seat: false }
const card = (id: string, last_seq: number, kind: ConversationCard["stage"]["kind"] = "bot"): ConversationCard => ({
  id, customer: { id: "c", name: null, signed_in: false }, channel: "web", lang: "zh-CN",
  stage: { kind, since: 0, deadline: null, staff: null, staff_name: null }, tier: "bot", reason: null, need: null, flow: null,
  mood: { anger: 0, worry: 0, urgency: 0, warmth: 0 }, last: null, opened_at: 0, last_seq,
})
const draft = (id: string): DraftCard => ({
  id, conversation: "a", customer: { id: "c", name: null, signed_in: false }, question: "?", message: { text: "!" }, need: { id: "n", title: "n" },
  alternatives: [], confidence: 0.6, risk: "low", why: "half_sure", mood: { anger: 0, worry: 0, urgency: 0, warmth: 0 }, created_at: 0, deadline: 1, at_deadline: "send", held_by: null,
})
const hello = (cards: ConversationCard[], drafts: DraftCard[], epoch = "e"): ServerToStaff => ({ type: "hello", epoch, staff, presence, cards, drafts })
const run = (...frames: ServerToStaff[]): LiveState => frames.reduce(reduceLive, emptyLive)
const event = (seq: number): StaffEvent => ({ seq, at: seq, body: { kind: "note", staff: "s1", text: String(seq) } })

it("a live update equals a refetch", () => {
  const live = run(hello([card("a", 1), card("b", 1)], [draft("d1")]), { type: "card", card: card("a", 2, "waiting") },
    { type: "card", card: card("c", 1) }, { type: "card", card: card("b", 2, "closed") }, { type: "draft", draft: draft("d2") }, { type: "draft_gone", id: "d1", conversation: "a" })
  expect(live).toEqual(run(hello([card("a", 2, "waiting"), card("c", 1)], [draft("d2")])))
})
it("an older card does not overwrite a newer one", () => {
  const state = run(hello([card("a", 5, "human")], []), { type: "card", card: card("a", 4, "waiting") })
  expect(state.cards["a"]?.stage.kind).toBe("human")
})
it("events of a refetch and of the line merge to the same list in any order", () => {
  const refetchLast = mergeEvents(run(hello([], []), { type: "event", conversation: "a", event: event(3) }), "a", [event(1), event(2), event(3)])
  const refetchFirst = reduceLive(mergeEvents(run(hello([], [])), "a", [event(1), event(2)]), { type: "event", conversation: "a", event: event(3) })
  expect(refetchLast).toEqual(refetchFirst)
})
it("another epoch forgets the events", () => {
  const state = run(hello([], []), { type: "event", conversation: "a", event: event(1) }, hello([], [], "other"))
  expect(state.events).toEqual({})
})
