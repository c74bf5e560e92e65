/** Lists that are worked off by keys, and the two sides of a conflict: pure. */
import type { Conflict, Lang } from "@jieti/lib/wire"

/** Where the cursor is after a step, or after the list has become shorter. */
export const moved = (at: number, by: number, length: number): number => Math.max(0, Math.min(at + by, length - 1))

export function sidesOf(conflict: Conflict): { need: string; text: string }[] {
  return conflict.kind === "languages"
    ? [{ need: conflict.need, text: `zh-CN: ${conflict.chinese.join("、")}` }, { need: conflict.need, text: `en: ${conflict.english.join(", ")}` }]
    : [conflict.one, conflict.other]
}

/** A line with a Chinese character in it is Chinese. */
export const langOf = (text: string): Lang => (/[\u4e00-\u9fff]/.test(text) ? "zh-CN" : "en")

/** p-values as people read them. */
export const pText = (p: number): string => (p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`)
