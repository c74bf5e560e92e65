/**
 * What the staff see of the live service: a fold of the frames. Pure. A frame applied here and a hello that contains
 * its effect give the same state, so a reconnect never changes what a correct screen shows.
 */
import type { ConversationCard, DraftCard, Presence, ServerToStaff, Staff, StaffEvent, Ticket, Viewer } from "@jieti/lib/wire"

export interface LiveState {
  epoch: string | null
  staff: Staff | null
  presence: Presence
  cards: Record<string, ConversationCard>
  drafts: Record<string, DraftCard>
  /** Events of watched conversations, by seq, each once. */
  events: Record<string, StaffEvent[]>
  /** Tickets that have changed since the page was opened. */
  tickets: Record<string, Ticket>
  /** Who looks at each watched conversation. */
  viewers: Record<string, Viewer[]>
}

export const emptyLive: LiveState = {
  epoch: null, staff: null, presence: { agent: false, silent_seat: false }, cards: {}, drafts: {}, events: {}, viewers: {}, tickets: {},
}

export function reduceLive(state: LiveState, frame: ServerToStaff): LiveState {
  switch (frame.type) {
    case "hello":
      return {
        epoch: frame.epoch, staff: frame.staff, presence: frame.presence,
        cards: byId(frame.cards.filter((c) => c.stage.kind !== "closed")), drafts: byId(frame.drafts),
        // Another epoch: the numbers of the old log mean nothing.
        events: state.epoch === null || state.epoch === frame.epoch ? state.events : {},
        viewers: {}, tickets: state.tickets,
      }
    case "presence": return { ...state, presence: frame.presence }
    case "card": {
      const { [frame.card.id]: before, ...others } = state.cards
      if (frame.card.stage.kind === "closed") return { ...state, cards: others }
      if (before && before.last_seq > frame.card.last_seq) return state
      return { ...state, cards: { ...state.cards, [frame.card.id]: frame.card } }
    }
    case "draft": return { ...state, drafts: { ...state.drafts, [frame.draft.id]: frame.draft } }
    case "draft_gone": {
      const { [frame.id]: _gone, ...drafts } = state.drafts
      return { ...state, drafts }
    }
    case "ticket": {
      const before = state.tickets[frame.ticket.id]
      return before && before.seq > frame.ticket.seq ? state : { ...state, tickets: { ...state.tickets, [frame.ticket.id]: frame.ticket } }
    }
    case "event": return mergeEvents(state, frame.conversation, [frame.event])
    case "viewers": return { ...state, viewers: { ...state.viewers, [frame.conversation]: frame.viewers } }
    case "mention": case "alarm": case "error": return state
  }
}

export function mergeEvents(state: LiveState, conversation: string, more: StaffEvent[]): LiveState {
  const known = state.events[conversation] ?? []
  const seen = new Set(known.map((e) => e.seq))
  const fresh = more.filter((e) => !seen.has(e.seq))
  if (fresh.length === 0 && conversation in state.events) return state
  const events = [...known, ...fresh].sort((a, b) => a.seq - b.seq)
  return { ...state, events: { ...state.events, [conversation]: events } }
}

export function forget(state: LiveState, conversation: string): LiveState {
  const { [conversation]: _gone, ...events } = state.events
  const { [conversation]: _seen, ...viewers } = state.viewers
  return { ...state, events, viewers }
}

function byId<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((i) => [i.id, i]))
}
