/** The board, one problem of it, departments' cases, and what is done to them. */
import { newId } from "@jieti/lib/id"
import type { CaseAct, CaseDetail, CaseRow, CauseKind, ProblemDetail, ProblemList } from "@jieti/lib/wire"
import { ref, watch, type Ref } from "vue"
import { get, post, why } from "../../live/api.ts"
import { prefs } from "../../live/prefs.ts"

export interface Span { until: string; days: 7 | 28 }
const query = (span: Span) => ({ days: span.days, ...(span.until ? { until: span.until } : {}) })

export function useProblems(id: Ref<string | null>, span: Ref<Span>) {
  const list = ref<ProblemList | null>(null)
  const failed = ref<string | null>(null)
  const detail = ref<ProblemDetail | null>(null)
  const detailFailed = ref<string | null>(null)
  const busy = ref(false)

  async function load(): Promise<void> {
    try { list.value = await get("/api/staff/problems", { query: query(span.value) }); failed.value = null } catch (e) { failed.value = why(e) }
  }
  async function loadDetail(): Promise<void> {
    const wanted = id.value
    if (detail.value?.problem.id !== wanted) detail.value = null
    detailFailed.value = null
    if (!wanted) return
    try {
      const found = await get("/api/staff/problems/{id}", { names: { id: wanted }, query: query(span.value) })
      if (id.value === wanted) detail.value = found
    } catch (e) { if (id.value === wanted) detailFailed.value = why(e) }
  }
  watch(span, () => { void load(); void loadDetail() }, { deep: true, immediate: true })
  watch(id, () => void loadDetail())
  watch(() => prefs.lang, () => void load())

  /** Does one thing, then shows what it made of the board. */
  async function act<T>(work: () => Promise<T>): Promise<T> {
    busy.value = true
    try { return await work() } finally {
      busy.value = false
      await load()
      if (isOnBoard()) await loadDetail()
    }
  }
  /** A correction can take the last part of a problem away, and the problem with it. */
  const isOnBoard = (): boolean => list.value?.problems.some((p) => p.id === id.value) ?? false
  const correct = (of: string, cause: { kind: CauseKind; area: string; owner: string }) => act(() => post("/api/staff/causes", { body: { id: of, ...cause } }))
  const decide = (problem: string, proposal: string, accept: boolean) => act(() => post("/api/staff/problems/{id}/proposals", { names: { id: problem }, body: { id: proposal, accept } }))
  const openCase = (problem: string, brief: { owner: string; deadline_days: number; less_percent: number }): Promise<CaseDetail> =>
    act(() => post("/api/staff/problems/{id}/case", { names: { id: problem }, body: { client_id: newId(), ...brief } }))
  const csv = (): string => `/api/staff/problems/export?${new URLSearchParams(Object.entries(query(span.value)).map(([k, v]) => [k, String(v)])).toString()}`
  return { list, failed, detail, detailFailed, busy, load, isOnBoard, correct, decide, openCase, csv }
}

export function useCases(id: Ref<string | null>) {
  const cases = ref<CaseRow[] | null>(null)
  const failed = ref<string | null>(null)
  const detail = ref<CaseDetail | null>(null)
  const detailFailed = ref<string | null>(null)
  const busy = ref(false)

  async function load(): Promise<void> {
    try { cases.value = (await get("/api/staff/cases")).cases; failed.value = null } catch (e) { failed.value = why(e) }
  }
  async function loadDetail(): Promise<void> {
    const wanted = id.value
    if (detail.value?.case.id !== wanted) detail.value = null
    detailFailed.value = null
    if (!wanted) return
    try {
      const found = await get("/api/staff/cases/{id}", { names: { id: wanted } })
      if (id.value === wanted) detail.value = found
    } catch (e) { if (id.value === wanted) detailFailed.value = why(e) }
  }
  void load()
  watch(id, () => void loadDetail(), { immediate: true })

  async function act(what: CaseAct): Promise<void> {
    const shown = detail.value
    if (!shown) return
    busy.value = true
    try { await post("/api/staff/cases/{id}/acts", { names: { id: shown.case.id }, body: { client_id: newId(), seq: shown.case.seq, act: what } }) } finally { busy.value = false; await Promise.all([load(), loadDetail()]) }
  }
  return { cases, failed, detail, detailFailed, busy, load, act }
}
