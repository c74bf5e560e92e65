/** What an experiment says, and how a trigger is edited. Pure. */
import type { GuidanceEffect, Trigger, TriggerView } from "@jieti/lib/wire"

export const outcomes = ["contacts", "complaints", "completions"] as const
export type OutcomeName = (typeof outcomes)[number]
export type Verdict = "better" | "worse" | "unclear" | "unknown"

/** Fewer contacts and complaints are better, more completions are. An interval that holds zero says nothing yet. */
export function verdict(name: OutcomeName, effect: GuidanceEffect): Verdict {
  const d = effect.difference
  if (!d) return "unknown"
  if (d.low <= 0 && d.high >= 0) return "unclear"
  return d.value < 0 === (name !== "completions") ? "better" : "worse"
}

export const rate = (arm: { customers: number; came: number }): number | null => (arm.customers === 0 ? null : arm.came / arm.customers)
/** Percentage points with a sign. */
export const points = (share: number): string => `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(Math.round(share * 1000) / 10)}`

/** The service itself put it away for harm. */
export const harmOf = (view: TriggerView): string | null => (!view.trigger.on && view.author === "guidance" ? view.why : null)

/** What the form shows of a trigger; lists are text there. */
export interface TriggerDraft { trigger: Trigger; versions: string; codes: string; itemsZh: string; itemsEn: string }
const split = (text: string, at: RegExp): string[] => text.split(at).map((s) => s.trim()).filter((s) => s !== "")

export function draftOf(trigger: Trigger): TriggerDraft {
  const copy = JSON.parse(JSON.stringify(trigger)) as Trigger
  return { trigger: copy, versions: (copy.when.versions ?? []).join(", "), codes: (copy.when.codes ?? []).join(", "), itemsZh: (copy.show.items?.["zh-CN"] ?? []).join("\n"), itemsEn: (copy.show.items?.en ?? []).join("\n") }
}

/** The trigger as it is sent: what its kind has no use for is left out. */
export function triggerOf({ trigger, versions, codes, itemsZh, itemsEn }: TriggerDraft): Trigger {
  const { when, show } = trigger
  const label = show.label && (show.label["zh-CN"].trim() !== "" || show.label.en.trim() !== "") ? show.label : null
  return {
    ...trigger, quiet: trigger.quiet || null,
    when: { ...when, step: when.step || null, versions: split(versions, /[,，]/), codes: split(codes, /[,，]/) },
    show: { ...show, label, need: show.need || null, link: show.kind === "link" ? show.link || null : null, items: show.kind === "checklist" ? { "zh-CN": split(itemsZh, /\n/), en: split(itemsEn, /\n/) } : null },
  }
}
