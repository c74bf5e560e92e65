/** One conversation on the desk: loading, watching, saying. */
import { newId } from "@jieti/lib/id"
import type { ConversationCard, ConversationDetail, LenderFacts, Suggestion, Ticket } from "@jieti/lib/wire"
import { computed, onBeforeUnmount, ref, watch, type Ref } from "vue"
import { get, post, why } from "../../live/api.ts"
import { useLive } from "../../live/live.ts"

export interface Unsent { clientId: string; text: string; at: number; seq: number | null; problem: string | null }

export function useConversation(id: Ref<string | null>) {
  const live = useLive()
  const loaded = ref<ConversationDetail | null>(null)
  const facts = ref<LenderFacts | null>(null)
  const factsFailed = ref<string | null>(null)
  const failed = ref<string | null>(null)
  const suggestions = ref<Suggestion[]>([])
  const tickets = ref<Ticket[]>([])
  const unsent = ref<Unsent[]>([])

  const events = computed(() => (id.value ? live.state.events[id.value] ?? [] : []))
  const lastLive = ref<ConversationCard | null>(null)
  watch(() => (id.value ? live.state.cards[id.value] : undefined), (now) => { if (now) lastLive.value = now }, { immediate: true })
  /** The live list drops what is closed: a card that was live and is gone has been closed. */
  const card = computed<ConversationCard | null>(() => {
    if (!id.value) return null
    const now = live.state.cards[id.value]
    if (now) return now
    const before = lastLive.value?.id === id.value ? lastLive.value : null
    return before && live.link === "open" ? { ...before, stage: { ...before.stage, kind: "closed" } } : before ?? loaded.value?.card ?? null
  })
  const pending = computed(() => unsent.value.filter((u) => u.seq === null || !events.value.some((e) => e.seq === u.seq)))
  const isMine = computed(() => card.value?.stage.kind === "human" && card.value.stage.staff === live.me?.id)

  let shown: string | null = null
  async function load(next: string | null): Promise<void> {
    if (shown) live.unwatch(shown)
    shown = next
    loaded.value = facts.value = failed.value = factsFailed.value = null
    suggestions.value = []; tickets.value = []; unsent.value = []
    if (!next) return
    try {
      const detail = await live.watch(next)
      if (shown !== next) return
      loaded.value = detail
      suggestions.value = detail.suggestions
      if (detail.card.customer.signed_in) void get("/api/staff/conversations/{id}/facts", { names: { id: next } }).then((f) => { if (shown === next) facts.value = f }).catch((e: unknown) => { if (shown === next) factsFailed.value = why(e) })
      void get("/api/staff/tickets").then((r) => { if (shown === next) tickets.value = r.tickets.filter((k) => k.conversation === next || k.customer.id === detail.card.customer.id) }).catch(() => undefined)
    } catch (e) { if (shown === next) failed.value = why(e) }
  }
  watch(id, (next) => void load(next), { immediate: true })
  onBeforeUnmount(() => { if (shown) live.unwatch(shown) })

  // What the customer says next changes what may be said back.
  const lastFromCustomer = computed(() => events.value.findLast((e) => e.body.kind === "customer_said")?.seq ?? 0)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(lastFromCustomer, (seq, before) => {
    const current = id.value
    if (!current || before === 0 || seq <= before) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      get("/api/staff/conversations/{id}/suggestions", { names: { id: current } }).then((r) => { if (id.value === current) suggestions.value = r.suggestions }).catch(() => undefined)
    }, 500)
  })

  async function transmit(message: Unsent): Promise<void> {
    const current = id.value
    const change = (part: Partial<Unsent>): void => { unsent.value = unsent.value.map((u) => (u.clientId === message.clientId ? { ...u, ...part } : u)) }
    change({ problem: null })
    if (!current) return
    try { change({ seq: (await post("/api/staff/conversations/{id}/say", { names: { id: current }, body: { client_id: message.clientId, text: message.text } })).seq }) }
    catch (e) { change({ problem: why(e) }) }
  }
  function say(text: string): void {
    const message: Unsent = { clientId: newId(), text, at: Date.now(), seq: null, problem: null }
    unsent.value = [...unsent.value, message]
    void transmit(message)
  }
  const act = (what: "take" | "close" | "release"): Promise<unknown> => post(`/api/staff/conversations/{id}/${what}`, { names: { id: id.value ?? "" }, body: {} })
  const note = (text: string): Promise<unknown> => post("/api/staff/conversations/{id}/note", { names: { id: id.value ?? "" }, body: { text } })

  return { card, events, pending, isMine, loaded, facts, factsFailed, failed, suggestions, tickets, say, resend: transmit, act, note, reload: () => load(id.value) }
}
