import type { GuidanceEffect, Trigger, TriggerView } from "@jieti/lib/wire"
import { expect, it } from "vitest"
import { draftOf, harmOf, points, rate, triggerOf, verdict } from "./guidance.ts"

const effect = (low: number, high: number): GuidanceEffect => ({ shown: { arm: "shown", customers: 80, came: 8 }, control: { arm: "control", customers: 20, came: 8 }, difference: { value: (low + high) / 2, low, high } })
const trigger: Trigger = {
  id: "t", title: { "zh-CN": "甲", en: "a" }, when: { journey: "apply", step: "id_upload", kinds: ["errors"], platforms: [], versions: ["5.2.0"], codes: [] },
  show: { kind: "checklist", title: { "zh-CN": "甲", en: "a" }, text: { "zh-CN": "", en: "" }, items: { "zh-CN": ["一", "二"], en: ["1", "2"] }, link: null, label: null, need: "x.y" }, control_percent: 20, at_most: { times: 1, days: 7 }, quiet: null, on: true,
}

it("fewer contacts are better, fewer completions are worse, and an interval that holds zero says nothing", () => {
  for (const [name, low, high, want] of [
    ["contacts", -0.4, -0.1, "better"], ["contacts", 0.1, 0.3, "worse"], ["contacts", -0.2, 0.1, "unclear"], ["complaints", -0.1, 0, "unclear"], ["completions", 0.05, 0.2, "better"], ["completions", -0.2, -0.05, "worse"],
  ] as const) expect(verdict(name, effect(low, high)), `${name} ${low}`).toBe(want)
  expect(verdict("contacts", { ...effect(0, 0), difference: null })).toBe("unknown")
})
it("shares are said in points with a sign, and nobody has no rate", () => {
  expect([0.123, -0.05, 0].map(points)).toEqual(["+12.3", "−5", "0"])
  expect([rate({ customers: 0, came: 0 }), rate({ customers: 4, came: 1 })]).toEqual([null, 0.25])
})
it("a trigger comes out of the form as it went in", () => { expect(triggerOf(draftOf(trigger))).toEqual(trigger) })
it("what another kind has no use for is left out, and lists are cleaned", () => {
  const draft = draftOf(trigger)
  draft.trigger.show.kind = "prompt"
  draft.trigger.show.link = "app://x"
  draft.versions = " 5.2.0 ，5.2.1,, "
  const made = triggerOf(draft)
  expect([made.show.items, made.show.link, made.when.versions]).toEqual([null, null, ["5.2.0", "5.2.1"]])
  expect(trigger.show.kind).toBe("checklist")
})
it("only what the service itself switched off is said to have done harm", () => {
  const view = (on: boolean, author: string | null): TriggerView => ({ trigger: { ...trigger, on }, version: 2, at: 1, author, why: "more_contacts", customers: 100, clicked: 1, dismissed: 1, contacts: effect(0, 0), complaints: effect(0, 0), completions: effect(0, 0) })
  expect([harmOf(view(false, "guidance")), harmOf(view(false, "boss")), harmOf(view(true, "guidance"))]).toEqual(["more_contacts", null, null])
})
