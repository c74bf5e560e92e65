import type { TeamMember } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { byDuty, levelOf, withChats, withLevel } from "./team.ts"

const member = (id: string, agent: boolean, chats: number): TeamMember => ({ id, display_name: id, roles: ["agent"], agent, silent_seat: false, chats, profile: { skills: {}, capacity: { chat: 4, call: 1, conference: 2, callback: 1 } } })

it("shows people on duty first, the busiest of them on top", () => {
  expect(byDuty([member("a", false, 0), member("b", true, 1), member("c", true, 3)]).map((p) => p.id)).toEqual(["c", "b", "a"])
})
it("sets, changes and takes away a skill and leaves the rest alone", () => {
  const profile = { ...member("a", true, 0).profile, skills: { complaint: 2 } }
  const more = withLevel(profile, "lang.en", 3)
  expect(more.skills).toEqual({ complaint: 2, "lang.en": 3 })
  expect(withLevel(more, "complaint", 0).skills).toEqual({ "lang.en": 3 })
  expect([levelOf(more, "lang.en"), levelOf(more, "none")]).toEqual([3, 0])
  expect(withChats(more, 6)).toEqual({ skills: more.skills, capacity: { chat: 6, call: 1, conference: 2, callback: 1 } })
})
