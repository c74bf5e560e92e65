//! What happened in a conversation, in order. Persisted as JSON: variants and fields are only ever added.

use crate::flow::{FlowEnd, FlowRun};
use crate::id::{ClientMessageId, CustomerId, DraftId, FlowId, NeedId, RequestId, StaffId, StepId, TicketId};
use crate::journey::Whereabouts;
use crate::knowledge::Account;
use crate::lender::Operation;
use crate::message::{Action, CardRow, Message};
use crate::tier::{Risk, Tier, TierReason, Unattended};
use crate::time::Timestamp;
use crate::understanding::{Lang, Mood, Signal};
use crate::writing::{Fault, WritingError};
use serde::{Deserialize, Serialize};

/// An event with its place and time. `seq` begins at 1 and has no gaps within its conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    pub seq: u64,
    pub at: Timestamp,
    pub event: Event,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Opened {
        customer: Customer,
        channel: Channel,
        lang: Lang,
    },
    /// Text with personal numbers already masked.
    CustomerSaid {
        client_id: ClientMessageId,
        text: String,
    },
    CustomerPressed {
        client_id: ClientMessageId,
        action: Action,
        label: String,
    },
    /// A form's values as they may be shown: personal numbers are masked.
    CustomerSubmitted {
        client_id: ClientMessageId,
        flow: FlowId,
        step: StepId,
        rows: Vec<CardRow>,
    },
    /// Thumb up (1) or down (-1).
    Rated {
        client_id: ClientMessageId,
        score: i8,
        /// Place of the message that is rated.
        #[serde(default)]
        of: Option<u64>,
    },
    /// What the machine made of the customer's event `of`.
    Understood {
        of: u64,
        lang: Lang,
        needs: Vec<NeedSeen>,
        signals: Vec<Signal>,
        mood: Mood,
    },
    Said {
        by: Speaker,
        message: Message,
    },
    /// The bot answered a need from knowledge; ends a row of failures.
    Answered {
        need: NeedId,
    },
    /// The bot could not help with the customer's last message.
    NotHelped,
    TierReached {
        tier: Tier,
        reason: TierReason,
    },
    FlowMoved {
        phase: FlowPhase,
        run: FlowRun,
    },
    FlowEnded {
        run: FlowRun,
        end: FlowEnd,
    },
    /// A language model was asked to write an answer; `needs` are what the words were taken to mean, the best first.
    WritingAsked {
        request: RequestId,
        needs: Vec<NeedSeen>,
    },
    WritingEnded {
        request: RequestId,
        outcome: WritingOutcome,
    },
    LenderAsked {
        request: RequestId,
        operation: Operation,
    },
    LenderAnswered {
        request: RequestId,
        operation: Operation,
        ok: bool,
    },
    DraftProposed {
        draft: Draft,
    },
    DraftHeld {
        draft: DraftId,
        staff: StaffId,
    },
    /// The seat that held the draft went away; anybody may take it.
    DraftReleased {
        draft: DraftId,
    },
    /// The customer was told that it takes longer; the draft waits on, and then a person is called.
    DraftExtended {
        draft: DraftId,
        deadline: Timestamp,
    },
    DraftSettled {
        draft: DraftId,
        outcome: DraftOutcome,
        staff: Option<StaffId>,
    },
    /// Joined the queue, or got a new deadline in it; `since` is when the customer began to wait.
    Queued {
        since: Timestamp,
        deadline: Timestamp,
        /// Where an agent sent the customer; the routing rules alone decide where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Destination>,
    },
    Assigned {
        staff: StaffId,
        name: String,
    },
    Released {
        staff: StaffId,
        why: Release,
    },
    BackWithBot,
    TicketOpened {
        ticket: TicketId,
        promised_by: Timestamp,
    },
    /// The customer is told what happened at place `seq` of a ticket; the words follow.
    TicketNews {
        ticket: TicketId,
        seq: u64,
    },
    Noted {
        staff: StaffId,
        text: String,
        /// Colleagues named with "@".
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<StaffId>,
    },
    /// The agent asked a colleague to join; the router finds who.
    Invited {
        invite: Invite,
    },
    InviteEnded {
        why: InviteEnd,
    },
    /// A colleague joined the conference.
    GuestJoined {
        staff: StaffId,
        name: String,
    },
    GuestLeft {
        staff: StaffId,
    },
    /// A supervisor's word to the agent; the customer never sees it.
    Whispered {
        staff: StaffId,
        name: String,
        text: String,
    },
    /// The agent asks for a supervisor.
    HandRaised {
        staff: StaffId,
        name: String,
        text: String,
    },
    HandLowered {
        staff: StaffId,
    },
    /// What the agent wrote down before closing.
    WrappedUp {
        staff: StaffId,
        wrap_up: WrapUp,
    },
    /// Where in the app the customer was when the conversation began.
    Whereabouts {
        whereabouts: Whereabouts,
    },
    /// What the customer was doing in the app when the next message was written.
    Doing {
        doing: Doing,
    },
    /// What the lender's core knows of the customer, as far as answers differ by it.
    AccountSeen {
        account: Account,
    },
    Closed {
        reason: CloseReason,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    pub name: Option<String>,
    /// The lender's back end vouched for the identity.
    pub signed_in: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Web,
    App,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeedSeen {
    pub need: NeedId,
    pub confidence: f32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Speaker {
    Bot,
    /// The bot's words, sent or edited by a silent seat.
    ReviewedBot {
        staff: StaffId,
    },
    Agent {
        staff: StaffId,
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowPhase {
    Started,
    Advanced,
    Paused,
    Resumed,
}

/// A bot's answer that a silent seat decides on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    pub question: String,
    pub need: NeedId,
    pub message: Message,
    pub confidence: f32,
    pub alternatives: Vec<NeedSeen>,
    pub risk: Risk,
    pub why: DraftWhy,
    pub mood: Mood,
    pub created_at: Timestamp,
    pub deadline: Timestamp,
    pub at_deadline: Unattended,
    pub held_by: Option<StaffId>,
    #[serde(default)]
    pub held_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftWhy {
    HalfSure,
    Risky,
    /// A language model wrote it from cited knowledge.
    Written,
}

/// What became of what a language model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum WritingOutcome {
    Answered,
    Drafted,
    /// The policy wants it checked, and no silent seat was on duty.
    Unchecked,
    Stopped {
        fault: Fault,
    },
    Failed {
        error: WritingError,
    },
}

/// How a draft ended. Edits and vetoes are labels to learn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum DraftOutcome {
    Sent,
    Edited {
        text: String,
    },
    Vetoed {
        reason: String,
    },
    TakenOver,
    /// The seat asked the customer back instead.
    AskedBack {
        text: String,
    },
    /// Time ran out; the policy decided.
    Expired,
    /// The customer went on to something else.
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// The agent gave the conversation back to the queue.
    HandedBack,
    /// The agent sent the customer on to somebody else.
    Transferred,
    /// The agent's presence lease ran out.
    LeaseLost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    Idle,
    Agent,
}

/// Where a transfer or an invitation goes. The router finds the person; only one who is on duty is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum Destination {
    /// Whoever the routing rules choose.
    Anybody,
    /// Somebody with this skill, such as `stage.repayment`.
    Skill {
        skill: String,
    },
    Staff {
        staff: StaffId,
    },
}

/// A pending invitation to a conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    pub by: StaffId,
    pub to: Destination,
    /// What the colleague should know before joining.
    pub note: String,
    pub since: Timestamp,
    pub deadline: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteEnd {
    TakenBack,
    /// Nobody came in time.
    Expired,
}

/// A colleague in a conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    pub staff: StaffId,
    pub name: String,
}

/// A raised hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    pub staff: StaffId,
    pub name: String,
    pub text: String,
    pub since: Timestamp,
}

/// The agent's own words on what it was about and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrapUp {
    pub summary: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Solved,
    /// A ticket or a colleague goes on with it.
    FollowUp,
    Unsolved,
}

/// The page of the app that the customer had before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Doing {
    /// The app's own name of the page or step, such as `repay/confirm`.
    pub page: String,
    /// As the customer sees it.
    pub title: String,
    /// Seconds on it until the message.
    pub dwell_secs: u32,
}

/// Staying on a page is told again after so many seconds: a minute is when a stay begins to mean something.
const DWELL_NEWS_SECS: u32 = 60;

impl Doing {
    /// Whether it says more than what was known before.
    pub fn is_news(&self, before: Option<&Doing>) -> bool {
        before.is_none_or(|b| b.page != self.page || self.dwell_secs >= b.dwell_secs.saturating_add(DWELL_NEWS_SECS))
    }
}

/// What goes on beside the thread: who else is in it, where it is to go, what the customer was doing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Side {
    /// Where a waiting customer was sent.
    pub route: Option<Destination>,
    pub invite: Option<Invite>,
    pub guests: Vec<Guest>,
    pub hand: Option<Hand>,
    pub doing: Option<Doing>,
    pub whereabouts: Option<Whereabouts>,
}
