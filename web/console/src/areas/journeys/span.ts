/** What the journey pages look at, shared by them: days, platform, version; and the journeys' names. */
import type { BreakKind, JourneyShape, Platform } from "@jieti/lib/wire"
import { reactive, ref } from "vue"
import { get } from "../../live/api.ts"
import { prefs } from "../../live/prefs.ts"

const dayMs = 86_400_000
export const span = reactive({ days: 7, platform: null as Platform | null, version: null as string | null })
export const shapes = ref<JourneyShape[]>([])
export const versions = ref<{ platform: Platform; version: string }[]>([])

export async function loadShapes(): Promise<void> {
  const { journeys, versions: known } = await get("/api/staff/journeys")
  shapes.value = journeys
  versions.value = known
}

export interface SpanQuery { from: number; to: number; platform?: Platform; version?: string }
export function query(now: number): SpanQuery {
  return { from: now - span.days * dayMs, to: now, ...(span.platform ? { platform: span.platform } : {}), ...(span.version ? { version: span.version } : {}) }
}

export const journeyTitle = (id: string): string => shapes.value.find((j) => j.id === id)?.title[prefs.lang] ?? id
export const stepTitle = (journey: string, step: string): string => shapes.value.find((j) => j.id === journey)?.steps.find((s) => s.id === step)?.title[prefs.lang] ?? step
export type Kind = BreakKind
