import type { ConversationCard, StageKind } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { loanRows, neighbour, sections } from "./lists.ts"

const alone = { route: null, invite: null, guests: [], hand: null, doing: null }
const card = (id: string, kind: StageKind, since: number, staff: string | null = null): ConversationCard => ({
  id, customer: { id, name: id, signed_in: true }, channel: "app", lang: "zh-CN", stage: { kind, since, deadline: null, staff, staff_name: staff },
  tier: null, reason: null, need: null, flow: null, mood: { anger: 0, worry: 0, urgency: 0, warmth: 0 }, last: null, opened_at: since, last_seq: 1, side: alone,
})
it("who waits longest comes first, then mine, then the bot's, then other people's", () => {
  const found = sections([card("bot", "bot", 1), card("late", "waiting", 9), card("other", "human", 1, "s2"), card("early", "waiting", 2), card("mine", "human", 3, "s1"), card("draft", "draft", 5)], "s1")
  expect(found.map((s) => [s.name, s.cards.map((c) => c.id)])).toEqual([["waiting", ["early", "late"]], ["mine", ["mine"]], ["bot", ["draft", "bot"]], ["others", ["other"]]])
})
it("J and K stop at the ends and start over when the current one left", () => {
  expect(neighbour(["a", "b"], "a", 1)).toBe("b")
  expect(neighbour(["a", "b"], "b", 1)).toBe("b")
  expect(neighbour(["a", "b"], "gone", -1)).toBe("a")
  expect(neighbour([], null, 1)).toBeNull()
})
it("a raised hand comes first for everybody but who raised it", () => {
  const raised = { ...card("help", "human", 4, "s2"), side: { ...alone, hand: { staff: "s2", name: "林", text: "", since: 7 } } }
  expect(sections([card("late", "waiting", 9), raised], "boss").map((x) => x.name)).toEqual(["hands", "waiting"])
  expect(sections([raised], "s2").map((x) => x.name)).toEqual(["mine"])
})
it("loan rows come in the order in which they are asked about, unless the lender names them itself", () => {
  const row = (label: string) => ({ label, value: "1" })
  expect(loanRows([row("id"), row("next_due"), row("balance"), row("product")]).map((r) => r.label)).toEqual(["balance", "next_due"])
  expect(loanRows([row("剩余本金")]).map((r) => r.label)).toEqual(["剩余本金"])
})
