/**
 * Shapes on the wire, by the names the web uses. All but the few at the end are the API's own document
 * (`npm run generate`). Owns types only: no values, no behaviour.
 */
import type { components, paths } from "./schema.d.ts"

type S = components["schemas"]
export type { paths }

// ── messages ──
export type Lang = S["Lang"]
export type Action = S["Action"]
export type Button = S["Button"]
export type CardRow = S["CardRow"]
export type Card = S["Card"]
export type FieldKind = S["FieldKind"]
export type FieldOption = S["FieldOption"]
export type FormField = S["FormField"]
export type Form = S["Form"]
export type Message = S["Message"]

// ── customer ──
export type CustomerRef = S["CustomerView"]
export type CustomerSession = S["CustomerSession"]
export type Offer = Button
export type CustomerToServer = S["CustomerToServer"]
export type ServerToCustomer = S["ServerToCustomer"]
export type CustomerEvent = S["CustomerEvent"]
export type CustomerEventBody = S["CustomerEventBody"]
export type CustomerTicket = S["CustomerTicket"]
export type CustomerTicketAct = S["CustomerTicketActBody"]
export type Guidance = S["Guidance"]
export type GuidanceAct = S["GuidanceActName"]
export type BehaviourAct = S["Act"]
export type BehaviourAnswer = S["BehaviourAnswer"]

// ── staff ──
export type Role = S["Role"]
export type Staff = S["Staff"]
export type Presence = S["PresenceView"]
export type Tier = S["Tier"]
export type Risk = S["Risk"]
export type Mood = S["Mood"]
export type NeedRef = S["NeedView"]
export type StaffToServer = S["StaffToServer"]
export type ServerToStaff = S["ServerToStaff"]
export type StageKind = S["StageKind"]
export type Stage = S["StageView"]
export type ConversationCard = S["ConversationCard"]
export type DraftCard = S["DraftCard"]
export type StaffEvent = S["StaffEvent"]
export type StaffEventBody = S["StaffEventBody"]
export type DraftOutcome = S["DraftOutcome"]
export type FlowState = S["FlowState"]
export type Suggestion = S["Suggestion"]
export type Act = S["ActBody"]
export type Assist = S["AssistView"]
export type Hint = S["Hint"]
export type NextAction = S["NextAction"]
export type ProblemList = S["ProblemList"]
export type ProblemRow = S["ProblemRow"]
export type ProblemDetail = S["ProblemDetail"]
export type ProposalRow = S["ProposalRow"]
export type Trouble = S["TroubleView"]
export type CaseRow = S["CaseRow"]
export type CaseDetail = S["CaseDetail"]
export type CaseAct = S["CaseActBody"]
export type Reply = S["ReplyView"]
export type Person = S["Person"]
export type Viewer = S["ViewerView"]
export type Destination = S["Destination"]
export type Outcome = S["Outcome"]
export type SeatReport = S["SeatReportView"]
export type Doing = S["Doing"]
export type ConversationDetail = S["ConversationView"]
export type LenderFacts = S["FactsView"]
export type Team = S["Team"]
export type TeamMember = S["TeamMember"]
export type Profile = S["Profile"]
export type Ticket = S["TicketCard"]
export type TicketForm = S["TicketForm"]
export type TicketDetail = S["TicketDetail"]
export type TicketWords = S["TicketWords"]
export type TicketAct = S["TicketActBody"]
export type ClockView = S["ClockView"]
export type LinkKind = S["LinkKind"]
export type Wall = S["Wall"]

// ── inspection ──
export type Severity = S["Severity"]
export type InspectionCard = S["InspectionCard"]
export type InspectionDetail = S["InspectionView"]
export type Finding = S["FindingView"]
export type InspectionFigures = S["InspectionFigures"]
export type Scorecard = S["ScorecardView"]
export type Trial = S["TrialView"]

// ── journeys and guidance ──
export type Platform = S["Platform"]
export type BreakKind = S["BreakKind"]
export type JourneyShape = S["JourneyView"]
export type Survey = S["SurveyView"]
export type BreakRow = S["BreakRowView"]
export type BreakSession = S["BreakSession"]
export type PrecursorRow = S["PrecursorRow"]
export type Trigger = S["Trigger"]
export type TriggerView = S["TriggerView"]
export type TriggerShowKind = S["ShowKind"]
export type GuidanceEffect = S["EffectView"]

// ── knowledge and flows ──
export type CauseKind = S["CauseKind"]
export type EntryButton = S["EntryButton"]
export type EntryState = S["EntryState"]
export type EntryRow = S["EntrySummary"]
export type NeedGuess = S["GuessView"]
export type Verdict = S["VerdictView"]
export type Tried = S["TriedView"]
export type BatchRow = S["BatchRowView"]
export type BatchResult = S["BatchTested"]
export type StepKind = S["StepKind"]
export type FlowStep = S["StepView"]
export type FlowView = S["FlowView"]
export type ApiError = S["ErrorBody"]
export type Health = S["Health"]

// ── narrower than the document can say ──
/** `texts` is keyed by language; what may be left out when writing is always there while an editor works on it. */
export type EntryText = Omit<S["EntryText"], "buttons"> & { buttons: EntryButton[] }
/** An entry as the API takes and gives it. */
export type WireEntry = S["Entry"]
export type Entry = Omit<S["Entry"], "texts" | "signed_in" | "valid" | "audience" | "variants"> & { texts: Partial<Record<Lang, EntryText>>; signed_in: boolean; valid: Validity; audience: Audience; variants: Variant[] }
export type Validity = S["Validity"]
export type Audience = S["Audience"]
export type VariantText = Omit<S["VariantText"], "buttons"> & { buttons: EntryButton[] }
export type Variant = Omit<S["Variant"], "texts" | "audience" | "valid"> & { texts: Partial<Record<Lang, VariantText>>; audience: Audience; valid: Validity }
export type Life = S["Life"]
export type LifeStage = S["LifeStage"]
export type VersionView = S["VersionView"]
export type FieldChange = S["FieldChange"]
export type EntryDetail = Omit<S["EntryView"], "published" | "draft"> & { published: Entry | null; draft: Entry | null }
