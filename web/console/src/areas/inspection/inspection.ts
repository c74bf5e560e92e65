/** One inspection on the screen, and the list it is chosen from. */
import type { Finding, InspectionCard, InspectionDetail } from "@jieti/lib/wire"
import { computed, ref, watch, type Ref } from "vue"
import { get, post, why } from "../../live/api.ts"
import { firstToJudge, step } from "./evidence.ts"

export const filters = ["mine", "to_review", "critical", "appealed", "all"] as const
export type Filter = (typeof filters)[number]

export function useInspections(id: Ref<string | null>, filter: Ref<Filter>) {
  const list = ref<InspectionCard[] | null>(null)
  const detail = ref<InspectionDetail | null>(null)
  const failed = ref<string | null>(null)
  const current = ref<string | null>(null)
  const busy = ref(false)

  const findings = (): Finding[] => detail.value?.findings ?? []
  async function loadList(): Promise<void> {
    const wanted = filter.value
    try {
      const answer = await get("/api/inspections", { query: { filter: wanted } })
      if (filter.value === wanted) { list.value = answer.inspections; failed.value = null }
    } catch (e) { if (filter.value === wanted) failed.value = why(e) }
  }
  async function loadDetail(): Promise<void> {
    const wanted = id.value
    if (!wanted) { detail.value = null; return }
    try {
      const answer = await get("/api/inspections/{id}", { names: { id: wanted } })
      if (id.value === wanted) detail.value = answer
    } catch (e) { if (id.value === wanted) failed.value = why(e) }
  }
  watch(filter, () => { list.value = null; void loadList() }, { immediate: true })
  watch(id, async () => { detail.value = null; await loadDetail(); current.value = firstToJudge(findings()) }, { immediate: true })

  const finding = computed<Finding | null>(() => findings().find((f) => f.id === current.value) ?? null)
  const look = (by: 1 | -1): void => { current.value = step(findings().map((f) => f.id), current.value, by) }

  /** Does one thing, then shows what it made of the inspection. Gives the refusal, if there was one. */
  async function act(work: () => Promise<unknown>): Promise<string | null> {
    if (busy.value) return null
    busy.value = true
    try { await work() } catch (e) { return why(e) } finally { busy.value = false }
    await Promise.all([loadDetail(), loadList()])
    return null
  }
  const judge = (f: Finding, verdict: "confirmed" | "rejected") => act(async () => {
    await post("/api/findings/{id}/verdict", { names: { id: f.id }, body: { verdict } })
    if (current.value === f.id) look(1)
  })
  const appeal = (f: Finding, reason: string) => act(() => post("/api/findings/{id}/appeal", { names: { id: f.id }, body: { reason } }))
  const decide = (f: Finding, decision: "accepted" | "upheld") => act(() => post("/api/findings/{id}/decision", { names: { id: f.id }, body: { decision } }))
  const finish = (conversation: string) => act(() => post("/api/inspections/{id}/finish", { names: { id: conversation } }))
  const add = (conversation: string, rule: string, seq: number) => act(() => post("/api/inspections/{id}/findings", { names: { id: conversation }, body: { rule, seq } }))

  return { list, detail, failed, current, finding, busy, look, judge, appeal, decide, finish, add, reload: () => Promise.all([loadList(), loadDetail()]) }
}
