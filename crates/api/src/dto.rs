//! What goes over the wire, in both directions. Shapes only.

use jieti_domain::conversation::Channel;
use jieti_domain::knowledge::{CauseKind, Entry};
use jieti_domain::message::{Action, Button, Card, CardRow, Message};
use jieti_domain::tier::{Risk, Tier, Unattended, Verdict};
use jieti_domain::understanding::{Lang, Localized, Mood, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

// ---- customers ----

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenSession {
    /// Identity token signed by the lender's back end.
    pub token: Option<String>,
    /// A random id of 16–64 letters, digits and dashes that the widget keeps for an anonymous visitor.
    pub visitor: Option<String>,
    #[serde(default)]
    pub lang: Lang,
    #[serde(default)]
    pub channel: ChannelName,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    #[default]
    Web,
    App,
}

impl From<ChannelName> for Channel {
    fn from(name: ChannelName) -> Self {
        match name {
            ChannelName::Web => Channel::Web,
            ChannelName::App => Channel::App,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerSession {
    /// Bearer token of this session.
    pub session: String,
    #[schema(required)]
    pub visitor: Option<String>,
    pub customer: CustomerView,
    /// The open conversation, if there is one.
    #[schema(required)]
    pub conversation: Option<String>,
    pub epoch: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerView {
    pub id: String,
    #[schema(required)]
    pub name: Option<String>,
    pub signed_in: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Offers {
    /// Likeliest need first.
    pub offers: Vec<Button>,
}

/// A frame that a customer's client sends over the WebSocket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum CustomerToServer {
    Say {
        client_id: String,
        text: String,
    },
    Press {
        client_id: String,
        action: Action,
        label: String,
    },
    Submit {
        client_id: String,
        flow: String,
        step: String,
        values: BTreeMap<String, String>,
    },
    /// 1 is a thumb up, -1 a thumb down.
    Rate {
        client_id: String,
        score: i8,
    },
    Ping,
}

/// A frame that the server sends to a customer's client.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerToCustomer {
    Hello {
        epoch: String,
        #[schema(required)]
        conversation: Option<String>,
        last_seq: u64,
    },
    /// The message is on disk. The same `client_id` may be sent again at any time; it is stored once.
    Ack {
        client_id: String,
        seq: u64,
    },
    Event {
        conversation: String,
        event: CustomerEvent,
    },
    Queue {
        position: u64,
        #[schema(required)]
        expected_wait_secs: Option<u64>,
    },
    Typing {
        from: Author,
    },
    Error {
        code: String,
        message: String,
        #[schema(required)]
        client_id: Option<String>,
    },
    Pong,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Bot,
    Agent,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerEvent {
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub body: CustomerEventBody,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustomerEventBody {
    CustomerSaid {
        client_id: String,
        text: String,
    },
    CustomerPressed {
        client_id: String,
        label: String,
    },
    CustomerSubmitted {
        client_id: String,
        rows: Vec<CardRow>,
    },
    /// `reviewed`: the bot's words, checked by a person.
    Said {
        from: Author,
        #[schema(required)]
        name: Option<String>,
        reviewed: bool,
        message: Message,
    },
    /// A person is checking the bot's draft.
    Checking,
    Waiting {
        #[schema(required)]
        position: Option<u64>,
    },
    Joined {
        name: String,
    },
    Left,
    Ticket {
        ticket: String,
        promised_by: i64,
    },
    Closed,
}

// ---- staff ----

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub name: String,
    pub password: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Staff {
    pub id: String,
    pub name: String,
    pub display_name: String,
    /// `agent`, `silent_seat`, `supervisor`, `knowledge_editor`, `admin`.
    #[schema(value_type = Vec<Role>)]
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceView {
    pub agent: bool,
    pub silent_seat: bool,
}

/// A frame that the console sends over the WebSocket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum StaffToServer {
    Watch {
        conversation: String,
        after_seq: u64,
    },
    Unwatch {
        conversation: String,
    },
    /// Every 15 s; three missed beats end the presence.
    Heartbeat,
    Typing {
        conversation: String,
    },
}

/// A frame that the server sends to the console.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerToStaff {
    Hello { epoch: String, staff: Staff, presence: PresenceView, cards: Vec<ConversationCard>, drafts: Vec<DraftCard> },
    Card { card: Box<ConversationCard> },
    Draft { draft: Box<DraftCard> },
    DraftGone { id: String, conversation: String },
    Event { conversation: String, event: StaffEvent },
    Error { code: String, message: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageView {
    /// `bot`, `draft`, `waiting`, `human` or `closed`.
    #[schema(value_type = StageKind)]
    pub kind: String,
    pub since: i64,
    #[schema(required)]
    pub deadline: Option<i64>,
    #[schema(required)]
    pub staff: Option<String>,
    #[schema(required)]
    pub staff_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NeedView {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LastTurn {
    /// `customer`, `bot` or `agent`.
    #[schema(value_type = TurnAuthor)]
    pub from: String,
    pub text: String,
    pub at: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConversationCard {
    pub id: String,
    pub customer: CustomerView,
    pub channel: String,
    #[schema(value_type = Lang)]
    pub lang: String,
    pub stage: StageView,
    /// `self_service`, `bot`, `silent_seat` or `human`.
    #[schema(required, value_type = Option<Tier>)]
    pub tier: Option<String>,
    /// Stable code of why the tier was reached, such as `asked_for_human`.
    #[schema(required)]
    pub reason: Option<String>,
    #[schema(required)]
    pub need: Option<NeedView>,
    #[schema(required)]
    pub flow: Option<String>,
    pub mood: Mood,
    #[schema(required)]
    pub last: Option<LastTurn>,
    pub opened_at: i64,
    pub last_seq: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuessView {
    pub id: String,
    pub title: String,
    /// 0–1, calibrated.
    pub confidence: f32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DraftCard {
    pub id: String,
    pub conversation: String,
    pub customer: CustomerView,
    pub question: String,
    pub message: Message,
    pub need: NeedView,
    pub alternatives: Vec<GuessView>,
    pub confidence: f32,
    pub risk: Risk,
    /// `half_sure` or `risky`.
    #[schema(value_type = DraftReason)]
    pub why: String,
    pub mood: Mood,
    pub created_at: i64,
    pub deadline: i64,
    pub at_deadline: Unattended,
    #[schema(required)]
    pub held_by: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StaffEvent {
    pub seq: u64,
    pub at: i64,
    pub body: StaffEventBody,
}

/// Everything a customer sees, and what only staff see.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum StaffEventBody {
    Customer(CustomerEventBody),
    Staff(StaffOnlyBody),
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StaffOnlyBody {
    Understood {
        needs: Vec<GuessView>,
        signals: Vec<Signal>,
        mood: Mood,
    },
    Tier {
        tier: Tier,
        reason: String,
    },
    DraftProposed {
        draft: String,
        text: String,
    },
    /// `outcome`: `sent`, `edited`, `vetoed`, `taken_over`, `expired` or `withdrawn`.
    DraftSettled {
        draft: String,
        #[schema(value_type = DraftOutcome)] outcome: String,
        #[schema(required)]
        staff: Option<String>,
        #[schema(required)]
        reason: Option<String>,
    },
    /// `state`: `started`, `paused`, `resumed`, `solved`, `unsolved`, `cancelled`, `handoff`, `no_answer` or `unknown`.
    Flow {
        flow: String,
        #[schema(value_type = FlowState)] state: String,
    },
    Lender {
        operation: String,
        ok: bool,
    },
    Rated {
        score: i8,
    },
    Note {
        staff: String,
        text: String,
    },
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationView {
    pub card: ConversationCard,
    pub events: Vec<StaffEvent>,
    pub summary: Summary,
    pub suggestions: Vec<Suggestion>,
    /// Earlier and other conversations of the same customer, the latest first.
    pub earlier: Vec<ConversationCard>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    pub lines: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Suggestion {
    pub need: String,
    pub title: String,
    pub message: Message,
    pub confidence: f32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    pub suggestions: Vec<Suggestion>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Cards {
    pub cards: Vec<ConversationCard>,
}

/// The lender's facts about the customer, as rows and cards ready to show.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsView {
    pub profile: Vec<CardRow>,
    pub loans: Vec<Card>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayBody {
    pub client_id: String,
    pub text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextBody {
    pub text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VetoBody {
    pub reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    pub note: String,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// Place of the last event that this call made.
    pub seq: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    pub id: String,
    pub conversation: String,
    pub customer: CustomerView,
    pub title: String,
    #[schema(required)]
    pub need: Option<String>,
    pub department: String,
    pub summary: String,
    pub opened_at: i64,
    pub promised_by: i64,
    /// `open` or `resolved`.
    #[schema(value_type = TicketState)]
    pub state: String,
    #[schema(required)]
    pub note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Tickets {
    pub tickets: Vec<Ticket>,
}

// ---- wall ----

#[derive(Debug, Serialize, ToSchema)]
pub struct Wall {
    /// The day in China, `2026-12-01`.
    pub day: String,
    pub targets: Targets,
    pub conversations: u64,
    pub tiers: Vec<TierCount>,
    pub now: NowView,
    pub reasons: Vec<ReasonCount>,
    pub needs: Vec<NeedCount>,
    pub flows: Vec<FlowCountView>,
    pub hours: Vec<HourView>,
}

/// Percent of conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Targets {
    pub self_service_and_bot: u8,
    pub silent_seat: u8,
    pub human: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TierCount {
    #[schema(value_type = Tier)]
    pub tier: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NowView {
    pub open: u64,
    pub waiting: u64,
    pub longest_wait_secs: u64,
    pub drafts: u64,
    pub agents_on: u32,
    pub seats_on: u32,
    #[schema(required)]
    pub expected_wait_secs: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    pub reason: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NeedCount {
    pub id: String,
    pub title: String,
    pub count: u64,
    pub owner: String,
    /// `business`, `process` or `operation`.
    #[schema(value_type = CauseKind)]
    pub cause: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowCountView {
    pub id: String,
    pub title: Localized,
    pub started: u64,
    pub solved: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HourView {
    pub hour: u64,
    pub self_service: u64,
    pub bot: u64,
    pub silent_seat: u64,
    pub human: u64,
}

// ---- knowledge and flows ----

#[derive(Debug, Serialize, ToSchema)]
pub struct Entries {
    pub entries: Vec<EntrySummary>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EntrySummary {
    pub id: String,
    pub stage: String,
    pub title: String,
    pub risk: Risk,
    pub owner: String,
    pub languages: Vec<Lang>,
    /// `published`, `changed` (a draft waits) or `new` (never published).
    #[schema(value_type = EntryState)]
    pub state: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    #[schema(required)]
    pub published: Option<Entry>,
    #[schema(required)]
    pub draft: Option<Entry>,
    pub versions: Vec<VersionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    pub version: u64,
    pub at: i64,
    pub by: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftSaved {
    /// What would keep the draft from being published; it is saved all the same.
    pub problems: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    pub ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Published {
    pub published: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryBody {
    pub text: String,
    #[serde(default)]
    pub lang: Lang,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriedView {
    pub needs: Vec<GuessView>,
    pub signals: Vec<Signal>,
    pub entities: Vec<String>,
    pub verdict: VerdictView,
    pub mood: Mood,
}

/// What the bot would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictView {
    Flow,
    Answer,
    Draft,
    Clarify,
    Abstain,
    Human,
}

impl From<Option<Verdict>> for VerdictView {
    fn from(verdict: Option<Verdict>) -> Self {
        match verdict {
            None => VerdictView::Flow,
            Some(Verdict::Answer) => VerdictView::Answer,
            Some(Verdict::Draft) => VerdictView::Draft,
            Some(Verdict::Clarify) => VerdictView::Clarify,
            Some(Verdict::Abstain) => VerdictView::Abstain,
            Some(Verdict::Human) => VerdictView::Human,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchTest {
    pub lines: Vec<BatchLineBody>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchLineBody {
    pub text: String,
    pub expect: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchTested {
    pub rows: Vec<BatchRowView>,
    pub summary: BatchSummary,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchRowView {
    pub text: String,
    #[schema(required)]
    pub expect: Option<String>,
    #[schema(required)]
    pub before: Option<GuessView>,
    #[schema(required)]
    pub after: Option<GuessView>,
    pub verdict_before: VerdictView,
    pub verdict_after: VerdictView,
    /// `null` where nothing was expected.
    #[schema(required)]
    pub right_before: Option<bool>,
    #[schema(required)]
    pub right_after: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchSummary {
    pub lines: usize,
    pub right_before: usize,
    pub right_after: usize,
    pub changed: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowList {
    pub flows: Vec<FlowView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowView {
    pub id: String,
    pub title: Localized,
    pub steps: Vec<StepView>,
    /// Needs that start the flow.
    pub needs: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    pub id: String,
    /// `say`, `ask`, `choose`, `confirm`, `call`, `when` or `end`.
    #[schema(value_type = StepKind)]
    pub kind: String,
    pub summary: String,
    pub next: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` as soon as the server answers at all.
    pub status: String,
    pub version: String,
    /// `sqlite` or `postgres`.
    #[schema(value_type = StoreKind)]
    pub store: String,
    pub entries: usize,
}

// ---- closed sets of words; strings on the wire, named here so that clients can match on them ----

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($word:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[schema(rename_all = "snake_case")]
        #[expect(dead_code, reason = "only the API's document needs it")]
        pub enum $name { $($word),+ }
    )+};
}

words! {
    Role { Agent, SilentSeat, Supervisor, KnowledgeEditor, Admin }
    StageKind { Bot, Draft, Waiting, Human, Closed }
    TurnAuthor { Customer, Bot, Agent }
    DraftReason { HalfSure, Risky }
    DraftOutcome { Sent, Edited, Vetoed, TakenOver, Expired, Withdrawn }
    FlowState { Started, Paused, Resumed, Solved, Unsolved, Cancelled, Handoff, NoAnswer, Unknown }
    TicketState { Open, Resolved }
    /// `changed`: a draft waits. `new`: never published.
    EntryState { Published, Changed, New }
    StepKind { Say, Ask, Choose, Confirm, Call, When, End }
    StoreKind { Sqlite, Postgres }
}
