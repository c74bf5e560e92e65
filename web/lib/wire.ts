/**
 * Shapes on the wire. Hand-written from the contract until `npm run generate` makes them from crates/api/openapi.json.
 * Owns types only: no values, no behaviour.
 */

export type Lang = "zh-CN" | "en"

// ── messages: crates/domain/src/message.rs as serde writes it ──
export type Action =
  | { do: "open"; link: string }
  | { do: "flow"; flow: string }
  | { do: "ask"; need: string }
  | { do: "choose"; flow: string; step: string; value: string }
  | { do: "resume"; flow: string }
  | { do: "cancel"; flow: string }
  | { do: "human" }
  | { do: "leave_queue" }
  | { do: "none_of_these" }

export interface Button { label: string; action: Action; style?: "plain" | "primary" }
export interface CardRow { label: string; value: string }
export interface Card { title: string; tone?: "plain" | "good" | "warning"; rows?: CardRow[]; total?: CardRow }
export type FieldKind =
  | "text" | "money" | "date" | "month" | "day_of_month" | "days" | "phone" | "card" | "code" | "choice"
export interface FieldOption { value: string; label: string }
export interface FormField { name: string; label: string; kind: FieldKind; hint?: string; options?: FieldOption[] }
export interface Form { flow: string; step: string; fields: FormField[]; submit: string }
export interface Message { text: string; buttons?: Button[]; card?: Card; form?: Form }

// ── customer ──
export interface CustomerRef { id: string; name: string | null; signed_in: boolean }
export interface CustomerSession {
  session: string; visitor: string | null; customer: CustomerRef; conversation: string | null; epoch: string
}
export interface Offer { label: string; action: Action }

export type CustomerToServer =
  | { type: "say"; client_id: string; text: string }
  | { type: "press"; client_id: string; action: Action; label: string }
  | { type: "submit"; client_id: string; flow: string; step: string; values: Record<string, string> }
  | { type: "rate"; client_id: string; score: 1 | -1 }
  | { type: "ping" }

export type ServerToCustomer =
  | { type: "hello"; epoch: string; conversation: string | null; last_seq: number }
  | { type: "ack"; client_id: string; seq: number }
  | { type: "event"; conversation: string; event: CustomerEvent }
  | { type: "queue"; position: number; expected_wait_secs: number | null }
  | { type: "typing"; from: "bot" | "agent" }
  | { type: "error"; code: string; message: string; client_id: string | null }
  | { type: "pong" }

export interface CustomerEvent { seq: number; at: number; body: CustomerEventBody }
export type CustomerEventBody =
  | { kind: "customer_said"; client_id: string; text: string }
  | { kind: "customer_pressed"; client_id: string; label: string }
  | { kind: "customer_submitted"; client_id: string; rows: CardRow[] }
  | { kind: "said"; from: "bot" | "agent"; name: string | null; reviewed: boolean; message: Message }
  | { kind: "checking" }
  | { kind: "waiting"; position: number | null }
  | { kind: "joined"; name: string }
  | { kind: "left" }
  | { kind: "ticket"; ticket: string; promised_by: number }
  | { kind: "closed" }

// ── staff ──
export type Role = "agent" | "silent_seat" | "supervisor" | "knowledge_editor" | "admin"
export interface Staff { id: string; name: string; display_name: string; roles: Role[] }
export interface Presence { agent: boolean; silent_seat: boolean }
export type Tier = "self_service" | "bot" | "silent_seat" | "human"
export type Risk = "low" | "medium" | "high" | "human"
export interface Mood { anger: number; worry: number; urgency: number; warmth: number }
export interface NeedRef { id: string; title: string }

export type StaffToServer =
  | { type: "watch"; conversation: string; after_seq: number }
  | { type: "unwatch"; conversation: string }
  | { type: "heartbeat" }
  | { type: "typing"; conversation: string }

export type ServerToStaff =
  | { type: "hello"; epoch: string; staff: Staff; presence: Presence; cards: ConversationCard[]; drafts: DraftCard[] }
  | { type: "card"; card: ConversationCard }
  | { type: "draft"; draft: DraftCard }
  | { type: "draft_gone"; id: string; conversation: string }
  | { type: "event"; conversation: string; event: StaffEvent }
  | { type: "error"; code: string; message: string }

export type StageKind = "bot" | "draft" | "waiting" | "human" | "closed"
export interface Stage {
  kind: StageKind; since: number; deadline: number | null; staff: string | null; staff_name: string | null
}
export interface ConversationCard {
  id: string; customer: CustomerRef; channel: string; lang: Lang; stage: Stage; tier: Tier | null; reason: string | null
  need: NeedRef | null; flow: string | null; mood: Mood
  last: { from: "customer" | "bot" | "agent"; text: string; at: number } | null
  opened_at: number; last_seq: number
}
export interface DraftCard {
  id: string; conversation: string; customer: CustomerRef; question: string; message: Message; need: NeedRef
  alternatives: { id: string; title: string; confidence: number }[]
  confidence: number; risk: Risk; why: "half_sure" | "risky"; mood: Mood
  created_at: number; deadline: number; at_deadline: "send" | "handoff"; held_by: string | null
}
export interface StaffEvent { seq: number; at: number; body: StaffEventBody }
export type DraftOutcome = "sent" | "edited" | "vetoed" | "taken_over" | "expired" | "withdrawn"
export type FlowState =
  | "started" | "paused" | "resumed" | "solved" | "unsolved" | "cancelled" | "handoff" | "no_answer" | "unknown" | "failed"
export type StaffEventBody =
  | CustomerEventBody
  | { kind: "understood"; needs: NeedGuess[]; signals: string[]; mood: Mood }
  | { kind: "tier"; tier: Tier; reason: string }
  | { kind: "draft_proposed"; draft: string; text: string }
  | { kind: "draft_settled"; draft: string; outcome: DraftOutcome; staff: string | null; reason: string | null }
  | { kind: "flow"; flow: string; state: FlowState }
  | { kind: "lender"; operation: string; ok: boolean }
  | { kind: "rated"; score: number }
  | { kind: "note"; staff: string; text: string }

export interface Suggestion { need: string; title: string; message: Message; confidence: number }
export interface ConversationDetail {
  card: ConversationCard; events: StaffEvent[]; summary: { lines: string[] }; suggestions: Suggestion[]
  /** Other conversations of the same customer, the latest first. */
  earlier?: ConversationCard[]
}
export interface LenderFacts { profile: CardRow[]; loans: Card[] }
export interface Ticket {
  id: string; conversation: string; customer: CustomerRef; title: string; need: string | null; department: string
  summary: string; opened_at: number; promised_by: number; state: "open" | "resolved"; note: string | null
}
export interface Wall {
  day: string; targets: { self_service_and_bot: number; silent_seat: number; human: number }; conversations: number
  tiers: { tier: Tier; count: number }[]
  now: {
    open: number; waiting: number; longest_wait_secs: number; drafts: number; agents_on: number; seats_on: number
    expected_wait_secs: number | null
  }
  reasons: { reason: string; count: number }[]
  needs: { id: string; title: string; count: number; owner: string; cause: string }[]
  flows: { id: string; title: Record<Lang, string>; started: number; solved: number }[]
  hours: { hour: number; self_service: number; bot: number; silent_seat: number; human: number }[]
}

// ── knowledge ──
export type CauseKind = "business" | "process" | "operation"
export interface EntryButton { label: string; open?: string; flow?: string; ask?: string }
export interface EntryText { title: string; ask: string[]; answer: string; buttons: EntryButton[] }
export interface Entry {
  id: string; stage: string; risk: Risk; cause: { kind: CauseKind; area: string }; owner: string; flow?: string
  signed_in: boolean; texts: Partial<Record<Lang, EntryText>>
}
export type EntryState = "published" | "changed" | "new" | "deleted"
export interface EntryRow {
  id: string; stage: string; title: string; risk: Risk; owner: string; languages: Lang[]; state: EntryState
}
export interface EntryDetail {
  published: Entry | null; draft: Entry | null; versions: { version: number; at: number; by: string }[]
}
export interface NeedGuess { id: string; title: string; confidence: number }
export type Verdict = "answer" | "draft" | "clarify" | "abstain" | "human" | "flow"
export interface Tried { needs: NeedGuess[]; signals: string[]; entities: string[]; verdict: Verdict; mood: Mood }
export interface BatchRow {
  text: string; expect: string | null; before: NeedGuess | null; after: NeedGuess | null
  verdict_before: Verdict | null; verdict_after: Verdict | null
  right_before: boolean | null; right_after: boolean | null
}
export interface BatchResult {
  rows: BatchRow[]; summary: { lines: number; right_before: number; right_after: number; changed: number }
}
export type StepKind = "say" | "ask" | "choose" | "confirm" | "call" | "when" | "end"
export interface FlowStep { id: string; kind: StepKind; summary: string; next: string[] }
export interface FlowView { id: string; title: Record<Lang, string>; steps: FlowStep[]; needs: string[] }

export interface ApiError { code: string; message: string; problems?: string[] }
export interface Health { status: "ok"; version: string; store: "sqlite" | "postgres"; entries: number }
