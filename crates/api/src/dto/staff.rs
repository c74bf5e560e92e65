//! What the console sends and gets about conversations and drafts. Shapes only.

use super::customer::{CustomerEventBody, CustomerView};
use super::desk::{AssistView, Source};
use super::inspection::AlarmView;
use super::words::{DraftOutcome, DraftReason, FlowState, InviteState, ReleaseReason, Role, StageKind, TurnAuthor};
use jieti_domain::conversation::{Destination, Doing, Outcome};
use jieti_domain::journey::{BreakKind, Platform};
use jieti_domain::message::{Card, CardRow, Message};
use jieti_domain::ticket::TicketCard;
use jieti_domain::tier::{Risk, Tier, Unattended};
use jieti_domain::understanding::{Lang, Mood, Signal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// `agent`, `silent_seat`, `supervisor`, `inspector`, `knowledge_editor`, `owner`, `admin`.
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
    Hello {
        epoch: String,
        staff: Staff,
        presence: PresenceView,
        cards: Vec<ConversationCard>,
        drafts: Vec<DraftCard>,
    },
    /// The presence has changed without the console's doing: its lease has run out.
    Presence {
        presence: PresenceView,
    },
    Card {
        card: Box<ConversationCard>,
    },
    Draft {
        draft: Box<DraftCard>,
    },
    DraftGone {
        id: String,
        conversation: String,
    },
    Ticket {
        ticket: Box<TicketCard>,
    },
    Event {
        conversation: String,
        event: StaffEvent,
    },
    /// Who looks at a watched conversation now; sent again when that changes, and while somebody types.
    Viewers {
        conversation: String,
        viewers: Vec<ViewerView>,
    },
    /// A colleague named you in a note.
    Mention {
        conversation: String,
        by: String,
        text: String,
    },
    /// Something critical was just said; for supervisors and inspectors.
    Alarm {
        alarm: Box<AlarmView>,
    },
    Error {
        code: String,
        message: String,
    },
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViewerView {
    pub id: String,
    pub name: String,
    pub typing: bool,
}

/// Who else is in a conversation, and where it is to go.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SideView {
    /// Where an agent sent a waiting customer.
    #[schema(required)]
    pub route: Option<Destination>,
    #[schema(required)]
    pub invite: Option<InviteView>,
    pub guests: Vec<GuestView>,
    #[schema(required)]
    pub hand: Option<HandView>,
    /// What the customer was doing in the app at the last message.
    #[schema(required)]
    pub doing: Option<Doing>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InviteView {
    pub to: Destination,
    pub note: String,
    pub since: i64,
    pub deadline: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuestView {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HandView {
    pub staff: String,
    pub name: String,
    pub text: String,
    pub since: i64,
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
    pub side: SideView,
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
    /// The entry that the draft's words come from.
    pub source: Source,
    /// What the customer was doing in the app.
    #[schema(required)]
    pub doing: Option<Doing>,
    pub confidence: f32,
    pub risk: Risk,
    /// `half_sure`, `risky` or `written` (by a language model).
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
        #[schema(value_type = DraftOutcome)]
        outcome: String,
        #[schema(required)]
        staff: Option<String>,
        #[schema(required)]
        reason: Option<String>,
    },
    /// `state`: `started`, `paused`, `resumed`, `solved`, `unsolved`, `cancelled`, `handoff`, `no_answer` or `unknown`.
    Flow {
        flow: String,
        #[schema(value_type = FlowState)]
        state: String,
    },
    Lender {
        operation: String,
        ok: bool,
    },
    Rated {
        score: i8,
        /// Place of the message that was rated.
        of: Option<u64>,
    },
    Note {
        staff: String,
        text: String,
        mentions: Vec<String>,
    },
    Whisper {
        name: String,
        text: String,
    },
    Hand {
        name: String,
        text: String,
        raised: bool,
    },
    /// `state`: `open`, `taken_back` or `expired`.
    Invite {
        #[schema(value_type = InviteState)]
        state: String,
        note: String,
    },
    GuestLeft {
        staff: String,
    },
    /// `why`: `handed_back`, `transferred` or `lease_lost`.
    Released {
        staff: String,
        #[schema(value_type = ReleaseReason)]
        why: String,
    },
    DraftExtended {
        draft: String,
        deadline: i64,
    },
    WrapUp {
        staff: String,
        summary: String,
        outcome: Outcome,
    },
    Doing {
        doing: Doing,
    },
    Whereabouts {
        whereabouts: WhereaboutsView,
    },
}

/// Where in the app a customer was when the conversation began, in the reader's language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WhereaboutsView {
    /// The visitor's number in the journey screens.
    pub visitor: u32,
    #[schema(required)]
    pub journey: Option<String>,
    #[schema(required)]
    pub step: Option<String>,
    #[schema(required)]
    pub since: Option<i64>,
    /// How the customer was stuck there, the latest first.
    pub stuck: Vec<BreakKind>,
    #[schema(required)]
    pub code: Option<String>,
    pub platform: Platform,
    #[schema(required)]
    pub version: Option<String>,
    /// Titles of the last steps, the latest last.
    pub trail: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationView {
    pub card: ConversationCard,
    pub events: Vec<StaffEvent>,
    pub assist: AssistView,
    /// Earlier and other conversations of the same customer, the latest first.
    pub earlier: Vec<ConversationCard>,
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
