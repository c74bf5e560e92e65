/** One conversation on the desk: loading, watching, saying, and what helps meanwhile. */
import { newId } from "@jieti/lib/id"
import type { Act, Assist, ConversationCard, ConversationDetail, LenderFacts, Ticket } from "@jieti/lib/wire"
import { computed, onBeforeUnmount, ref, watch, type Ref } from "vue"
import { act } from "../../live/act.ts"
import { get, Refused, why } from "../../live/api.ts"
import { useLive } from "../../live/live.ts"
import { prefs } from "../../live/prefs.ts"

export interface Unsent { clientId: string; text: string; at: number; seq: number | null; problem: string | null }
const nothing: Assist = { summary: [], suggestions: [], hints: [], next: [], procedures: [] }
/** The conversation has moved on without us: the words go back to the composer. */
const returned = new Set(["conversation.not_yours", "conversation.closed"])

export function useConversation(id: Ref<string | null>, giveBack: (text: string, why: string) => void) {
  const live = useLive()
  const loaded = ref<ConversationDetail | null>(null)
  const facts = ref<LenderFacts | null>(null)
  const factsFailed = ref<string | null>(null)
  const failed = ref<string | null>(null)
  const assist = ref<Assist>(nothing)
  const known = ref<Ticket[]>([])
  /** The customer's tickets as they stand, also those opened just now. */
  const tickets = computed(() => {
    const customer = card.value?.customer.id
    const fresh = Object.values(live.state.tickets).filter((k) => k.customer === customer)
    return [...fresh, ...known.value.filter((k) => !(k.id in live.state.tickets))]
  })
  const unsent = ref<Unsent[]>([])

  const events = computed(() => (id.value ? live.state.events[id.value] ?? [] : []))
  const others = computed(() => (id.value ? live.state.viewers[id.value] ?? [] : []).filter((v) => v.id !== live.me?.id))
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
  const isGuest = computed(() => card.value?.side.guests.some((g) => g.id === live.me?.id) ?? false)

  let shown: string | null = null
  async function load(next: string | null): Promise<void> {
    if (shown) live.unwatch(shown)
    shown = next
    loaded.value = facts.value = failed.value = factsFailed.value = null
    assist.value = nothing; known.value = []; unsent.value = []
    if (!next) return
    try {
      const detail = await live.watch(next)
      if (shown !== next) return
      loaded.value = detail
      assist.value = detail.assist
      if (detail.card.customer.signed_in) void get("/api/staff/conversations/{id}/facts", { names: { id: next } }).then((f) => { if (shown === next) facts.value = f }).catch((e: unknown) => { if (shown === next) factsFailed.value = why(e) })
      void get("/api/staff/tickets", { query: { customer: detail.card.customer.id } }).then((r) => { if (shown === next) known.value = r.tickets }).catch(() => undefined)
    } catch (e) { if (shown === next) failed.value = why(e) }
  }
  watch(id, (next) => void load(next), { immediate: true })
  onBeforeUnmount(() => { if (shown) live.unwatch(shown) })

  // Whatever is said next changes what may be said back, and what to do.
  const lastSaid = computed(() => events.value.findLast((e) => e.body.kind === "understood" || e.body.kind === "said" || e.body.kind === "ticket")?.seq ?? 0)
  let timer: ReturnType<typeof setTimeout> | undefined
  function refresh(): void {
    const current = id.value
    if (!current) return
    get("/api/staff/conversations/{id}/assist", { names: { id: current } }).then((r) => { if (id.value === current) assist.value = r }).catch(() => undefined)
  }
  watch(lastSaid, (seq, before) => {
    if (before === 0 || seq <= before) return
    clearTimeout(timer)
    timer = setTimeout(refresh, 300)
  })
  watch(() => prefs.lang, refresh)
  // A silence grows without anybody saying anything.
  const silence = setInterval(() => { if (isMine.value && card.value?.last?.from === "customer") refresh() }, 20_000)
  onBeforeUnmount(() => { clearTimeout(timer); clearInterval(silence) })

  async function transmit(message: Unsent): Promise<void> {
    const current = id.value
    const change = (part: Partial<Unsent>): void => { unsent.value = unsent.value.map((u) => (u.clientId === message.clientId ? { ...u, ...part } : u)) }
    change({ problem: null })
    if (!current) return
    try { change({ seq: await act(current, { act: "say", text: message.text }, message.clientId) }) }
    catch (e) {
      if (e instanceof Refused && returned.has(e.code) && id.value === current) {
        unsent.value = unsent.value.filter((u) => u.clientId !== message.clientId)
        giveBack(message.text, why(e))
      } else change({ problem: why(e) })
    }
  }
  function say(text: string): void {
    const message: Unsent = { clientId: newId(), text, at: Date.now(), seq: null, problem: null }
    unsent.value = [...unsent.value, message]
    void transmit(message)
  }
  const doIt = (what: Act): Promise<number> => act(id.value ?? "", what)

  return { card, events, others, pending, isMine, isGuest, loaded, facts, factsFailed, failed, assist, tickets, say, resend: transmit, act: doIt, reload: () => load(id.value) }
}
