/** A journey as a flow of customers, for a Sankey diagram. Pure. */
import type { Survey, JourneyShape } from "@jieti/lib/wire"

export type SurveyJourney = Survey["journeys"][number]
export const special = { in: "@in", left: "@left", done: "@done" } as const
export interface Flow { nodes: string[]; links: { from: string; to: string; visits: number }[]; /** Ways back, which a flow cannot show. */ back: number }

/**
 * Every step that was reached, who came in where, who went where, who did not go on. Leaving a last step is being done as far as
 * the journey's end was reached that often; who came to a step and has no way out of it did not go on, either.
 */
export function flowOf(shape: JourneyShape, survey: SurveyJourney): Flow {
  const order = new Map(shape.steps.map((s, i) => [s.id, i]))
  const lasts = new Set(shape.steps.filter((s) => s.next.length === 0).map((s) => s.id))
  const links: Flow["links"] = []
  let back = 0
  let done = survey.done
  const through = new Map<string, number>()
  for (const { from, to, visits } of survey.links) {
    if (to !== null) through.set(to, (through.get(to) ?? 0) + visits)
    if (from !== null) through.set(from, (through.get(from) ?? 0) - visits)
  }
  const stayed = [...through].filter(([, visits]) => visits > 0).map(([from, visits]) => ({ from, to: null, visits }))
  for (const { from, to, visits } of together([...survey.links, ...stayed])) {
    if (visits === 0 || (from === null && to === null)) continue
    if (from === null) links.push({ from: special.in, to: to ?? special.left, visits })
    else if (to !== null) {
      if ((order.get(to) ?? 0) > (order.get(from) ?? 0)) links.push({ from, to, visits })
      else back += visits
    } else {
      const finished = lasts.has(from) ? Math.min(done, visits) : 0
      done -= finished
      if (finished > 0) links.push({ from, to: special.done, visits: finished })
      if (visits > finished) links.push({ from, to: special.left, visits: visits - finished })
    }
  }
  const named = new Set(links.flatMap((l) => [l.from, l.to]))
  const nodes = [special.in, ...shape.steps.map((s) => s.id), special.done, special.left].filter((n) => named.has(n))
  return { nodes, links, back }
}

/** The same way twice is one way. */
function together(links: SurveyJourney["links"]): SurveyJourney["links"] {
  const sums = new Map<string, SurveyJourney["links"][number]>()
  for (const link of links) {
    const key = JSON.stringify([link.from, link.to])
    sums.set(key, { ...link, visits: link.visits + (sums.get(key)?.visits ?? 0) })
  }
  return [...sums.values()]
}

/** Seconds at which a median stay gets the next colour. */
export const dwellSteps = [15, 30, 60, 120] as const
/** 0 (quick) to 4; null where nobody went on. */
export const dwellLevel = (ms: number | null): number | null => (ms === null ? null : dwellSteps.filter((s) => ms >= s * 1000).length)

export const palette = {
  light: { levels: ["#a9dcd3", "#55b7a8", "#e3b75e", "#e07b3c", "#b3261e"], unknown: "#c3ccd2", done: "#0a7050", left: "#8d99a3", text: "#17212b", muted: "#5c6873" },
  dark: { levels: ["#1f6f66", "#37a697", "#c99a3f", "#d56a2c", "#e0574c"], unknown: "#4a565f", done: "#5fd0a2", left: "#74828c", text: "#e6ebee", muted: "#95a3ad" },
} as const
