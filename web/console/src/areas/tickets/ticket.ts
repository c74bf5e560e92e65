/** Tickets of the page: the list with its filters, one of them in full, and what is done to it. */
import { newId } from "@jieti/lib/id"
import type { Ticket, TicketAct, TicketDetail, TicketForm, TicketWords } from "@jieti/lib/wire"
import { computed, ref, watch, type Ref } from "vue"
import { get, post, why } from "../../live/api.ts"
import { useLive } from "../../live/live.ts"
import { inOrder, nearest } from "./clocks.ts"

export interface Filter { state: "open" | "resolved" | "withdrawn" | "merged"; department: string; mine: boolean; due: "" | "overdue" | "soon" }
const dayMs = 86_400_000

export function useTickets(id: Ref<string | null>, filter: Ref<Filter>) {
  const live = useLive()
  const listed = ref<Ticket[] | null>(null)
  const words = ref<TicketWords | null>(null)
  const failed = ref<string | null>(null)
  const detail = ref<TicketDetail | null>(null)
  const detailFailed = ref<string | null>(null)
  const busy = ref(false)

  const fits = (k: Ticket): boolean => {
    const { state, department, mine, due } = filter.value
    const deadline = nearest(k)?.due ?? Number.MAX_SAFE_INTEGER
    return k.state === state && (department === "" || k.department === department) && (!mine || k.assignee?.id === live.me?.id)
      && (due === "" || deadline < Date.now() + (due === "soon" ? dayMs : 0))
  }
  /** What the server listed, with what has changed since. */
  const tickets = computed(() => {
    const known = new Map((listed.value ?? []).map((k) => [k.id, k]))
    for (const k of Object.values(live.state.tickets)) if ((known.get(k.id)?.seq ?? 0) <= k.seq) known.set(k.id, k)
    return inOrder([...known.values()].filter(fits))
  })

  async function load(): Promise<void> {
    const { state, department, mine, due } = filter.value
    const query = { state, ...(department ? { department } : {}), ...(mine && live.me ? { assignee: live.me.id } : {}), ...(due ? { due } : {}) }
    try {
      const [found, known] = await Promise.all([get("/api/staff/tickets", { query }), words.value ?? get("/api/staff/ticket-words")])
      listed.value = found.tickets
      words.value = known
      failed.value = null
    } catch (e) { failed.value = why(e) }
  }
  async function loadDetail(next: string | null): Promise<void> {
    if (detail.value?.card.id !== next) detail.value = null
    detailFailed.value = null
    if (!next) return
    try {
      const found = await get("/api/staff/tickets/{id}", { names: { id: next } })
      if (id.value === next) detail.value = found
    } catch (e) { if (id.value === next) detailFailed.value = why(e) }
  }
  watch(filter, () => void load(), { deep: true, immediate: true })
  watch(id, (next) => void loadDetail(next), { immediate: true })
  // What somebody else, a clock or the customer does shows up at once; after a break the lists are read again.
  watch(() => (id.value ? live.state.tickets[id.value]?.seq : undefined), (seq) => { if (seq !== undefined && seq > (detail.value?.card.seq ?? 0)) void loadDetail(id.value) })
  watch(() => live.link, (now, before) => { if (now === "open" && before === "offline") { void load(); void loadDetail(id.value) } })

  async function done(call: () => Promise<unknown>): Promise<void> {
    busy.value = true
    try { await call() } finally { busy.value = false; await loadDetail(id.value) }
  }
  const act = (what: TicketAct): Promise<void> => {
    const shown = detail.value
    return shown ? done(() => post("/api/staff/tickets/{id}/acts", { names: { id: shown.card.id }, body: { client_id: newId(), seq: shown.card.seq, act: what } })) : Promise.resolve()
  }
  const split = (form: TicketForm): Promise<void> => {
    const shown = detail.value
    return shown ? done(() => post("/api/staff/tickets/{id}/split", { names: { id: shown.card.id }, body: { client_id: newId(), form } })) : Promise.resolve()
  }
  return { tickets, listed, words, failed, detail, detailFailed, busy, load, act, split }
}
