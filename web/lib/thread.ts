/**
 * The customer's thread: a fold of what the server said and what the customer did. Owns order, duplicates, the resume
 * cursor and the outbox; draws nothing, sends nothing, reads no clock.
 */
import type { Action, CustomerEvent, CustomerToServer, Message, ServerToCustomer } from "./wire.ts"

export type Outgoing = Exclude<CustomerToServer, { type: "ping" } | { type: "rate" } | { type: "doing" }>

/** Something the customer did that the server has not shown back yet. */
export interface Pending {
  clientId: string
  /** What the customer sees of it: the text, the button's label, or the form's rows. */
  shown: { kind: "text"; text: string } | { kind: "rows"; rows: { label: string; value: string }[] }
  frame: Outgoing
  /** Milliseconds since 1970 by the customer's clock. */
  at: number
  state: "sending" | "saved" | "failed"
  problem: string | null
  /** Holds personal data (card, phone, code): never written to the browser's storage. */
  secret: boolean
}

export interface Thread {
  epoch: string | null
  conversation: string | null
  /** By seq, each once. */
  events: CustomerEvent[]
  /** Conversations that ended while the page was open; shown above, never resumed. */
  earlier: CustomerEvent[]
  pending: Pending[]
  /** Everything up to here has arrived: what the next connection asks to go on from. */
  cursor: number
  /** End of the replay that is under way; until it is reached the cursor stays. */
  replayTo: number
  queue: { position: number; expectedWaitSecs: number | null } | null
  typing: { from: "bot" | "agent"; at: number } | null
  rated: Record<string, 1 | -1>
}

export type ThreadInput =
  | { type: "server"; frame: ServerToCustomer; at: number }
  | { type: "local"; pending: Pending }
  | { type: "restore"; pending: Pending[]; rated: Record<string, 1 | -1> }
  | { type: "failed"; clientId: string; problem: string }
  | { type: "resend"; clientId: string }
  | { type: "discard"; clientId: string }
  | { type: "rated"; seq: number; score: 1 | -1 }
  | { type: "typing_over" }

export const emptyThread: Thread = {
  epoch: null, conversation: null, events: [], earlier: [], pending: [], cursor: 0, replayTo: 0, queue: null,
  typing: null, rated: {},
}

export function reduceThread(thread: Thread, input: ThreadInput): Thread {
  switch (input.type) {
    case "server": return onFrame(thread, input.frame, input.at)
    case "local":
      return thread.pending.some((p) => p.clientId === input.pending.clientId)
        ? thread
        : { ...thread, pending: [...thread.pending, input.pending] }
    case "restore": {
      const known = new Set([...thread.pending.map((p) => p.clientId), ...shownIds(thread.events)])
      const restored = input.pending.filter((p) => !known.has(p.clientId))
      return { ...thread, pending: [...restored, ...thread.pending], rated: { ...input.rated, ...thread.rated } }
    }
    case "failed":
      return { ...thread, pending: withState(thread.pending, input.clientId, "failed", input.problem) }
    case "resend":
      return { ...thread, pending: withState(thread.pending, input.clientId, "sending", null) }
    case "discard":
      return { ...thread, pending: thread.pending.filter((p) => p.clientId !== input.clientId) }
    case "rated":
      return { ...thread, rated: { ...thread.rated, [`${thread.conversation}:${input.seq}`]: input.score } }
    case "typing_over":
      return { ...thread, typing: null }
  }
}

function onFrame(thread: Thread, frame: ServerToCustomer, at: number): Thread {
  switch (frame.type) {
    case "hello": {
      if (thread.epoch !== null && frame.epoch !== thread.epoch) {
        // Another log altogether: numbers of the old one mean nothing here. What was never acknowledged still goes out.
        const unsent = thread.pending.filter((p) => p.state !== "saved")
        return { ...emptyThread, epoch: frame.epoch, conversation: frame.conversation, pending: unsent, replayTo: frame.last_seq }
      }
      const moved = thread.conversation !== null && frame.conversation !== thread.conversation
      const base = moved ? startOver(thread, frame.conversation) : thread
      return advance({ ...base, epoch: frame.epoch, conversation: frame.conversation, replayTo: frame.last_seq })
    }
    case "event": {
      const base = thread.conversation !== null && thread.conversation !== frame.conversation
        ? startOver(thread, frame.conversation)
        : thread
      return advance(insert({ ...base, conversation: frame.conversation }, frame.event))
    }
    case "ack": {
      const seen = thread.events.some((e) => clientIdOf(e) === frame.client_id)
      return seen
        ? { ...thread, pending: thread.pending.filter((p) => p.clientId !== frame.client_id) }
        : { ...thread, pending: withState(thread.pending, frame.client_id, "saved", null) }
    }
    case "queue":
      return { ...thread, queue: { position: frame.position, expectedWaitSecs: frame.expected_wait_secs } }
    case "typing":
      return { ...thread, typing: { from: frame.from, at } }
    case "error":
      return frame.client_id === null
        ? thread
        : { ...thread, pending: withState(thread.pending, frame.client_id, "failed", frame.message) }
    case "guidance": case "pong":
      return thread
  }
}

function startOver(thread: Thread, conversation: string | null): Thread {
  return {
    ...thread, conversation, earlier: [...thread.earlier, ...thread.events], events: [], cursor: 0, replayTo: 0,
    queue: null, typing: null,
  }
}

function insert(thread: Thread, event: CustomerEvent): Thread {
  const { events } = thread
  let place = events.length
  while (place > 0 && (events[place - 1]?.seq ?? 0) > event.seq) place--
  if (events[place - 1]?.seq === event.seq) return thread
  const next = [...events.slice(0, place), event, ...events.slice(place)]
  const id = clientIdOf(event)
  const fromUs = event.body.kind === "said" || event.body.kind === "waiting" || event.body.kind === "ticket"
  const ends = event.body.kind === "joined" || event.body.kind === "left" || event.body.kind === "closed" || event.body.kind === "ticket"
  return {
    ...thread,
    events: next,
    pending: id === null ? thread.pending : thread.pending.filter((p) => p.clientId !== id),
    typing: fromUs ? null : thread.typing,
    queue: ends ? null : thread.queue,
  }
}

function advance(thread: Thread): Thread {
  const newest = thread.events.at(-1)?.seq ?? 0
  return newest >= thread.replayTo && newest > thread.cursor ? { ...thread, cursor: newest } : thread
}

function withState(pending: Pending[], clientId: string, state: Pending["state"], problem: string | null): Pending[] {
  return pending.map((p) => (p.clientId === clientId ? { ...p, state, problem } : p))
}

function clientIdOf(event: CustomerEvent): string | null {
  return "client_id" in event.body ? event.body.client_id : null
}

function shownIds(events: CustomerEvent[]): string[] {
  return events.map(clientIdOf).filter((id): id is string => id !== null)
}

// ── what the screen needs to know ──

export type Company = { who: "bot"; reviewed: boolean } | { who: "waiting" } | { who: "agent"; name: string }

/** Who is on the other side now, honestly. */
export function company(thread: Thread): Company {
  let now: Company = { who: "bot", reviewed: false }
  for (const { body } of thread.events) {
    switch (body.kind) {
      case "joined": now = { who: "agent", name: body.name }; break
      case "waiting": if (now.who !== "agent") now = { who: "waiting" }; break
      case "left": case "closed": case "ticket": now = { who: "bot", reviewed: false }; break
      case "said":
        if (body.from === "agent") now = { who: "agent", name: body.name ?? (now.who === "agent" ? now.name : "") }
        else if (now.who === "bot") now = { who: "bot", reviewed: body.reviewed }
        break
      // Being checked is not checked: time may run out first.
      case "checking": case "customer_said": case "customer_pressed": case "customer_submitted": break
    }
  }
  return now
}

/** A person checks a draft: true until the answer, or somebody, comes. */
export function isChecking(thread: Thread): boolean {
  for (let i = thread.events.length - 1; i >= 0; i--) {
    const kind = thread.events[i]?.body.kind
    if (kind === "checking") return true
    if (kind === "said" || kind === "joined" || kind === "waiting" || kind === "closed" || kind === "ticket") return false
  }
  return false
}

/** Seq of the newest thing the customer did; infinity while one is on its way. */
export function lastCustomerSeq(thread: Thread): number {
  if (thread.pending.some((p) => p.state !== "failed")) return Infinity
  for (let i = thread.events.length - 1; i >= 0; i--) {
    const event = thread.events[i]
    if (event && clientIdOf(event) !== null) return event.seq
  }
  return 0
}

/** Whether pressing still means what it meant when it was offered. */
export function canPress(action: Action, seq: number, thread: Thread): boolean {
  const fresh = seq > lastCustomerSeq(thread) && !supersededByForm(seq, thread)
  switch (action.do) {
    case "choose": case "resume": case "cancel": case "none_of_these": return fresh
    case "human": return company(thread).who === "bot"
    case "leave_queue": return company(thread).who === "waiting"
    case "open": case "flow": case "ask": return true
  }
}

/** Whether the form at `seq` is the one that waits. */
export function canSubmit(seq: number, thread: Thread): boolean {
  return seq > lastCustomerSeq(thread) && !supersededByForm(seq, thread)
}

function supersededByForm(seq: number, thread: Thread): boolean {
  return thread.events.some((e) => e.seq > seq && e.body.kind === "said" && expectsStep(e.body.message))
}

export function expectsStep(message: Message): boolean {
  return message.form !== undefined || (message.buttons ?? []).some((b) => b.action.do === "choose")
}

/** What must survive a reload: not acknowledged, and no personal data in it. */
export function toKeep(thread: Thread): Pending[] {
  return thread.pending.filter((p) => p.state !== "saved" && !p.secret)
}
