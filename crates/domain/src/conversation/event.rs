//! What happened in a conversation, in order. Persisted as JSON: variants and fields are only ever added.

use crate::flow::{FlowEnd, FlowRun};
use crate::id::{ClientMessageId, CustomerId, DraftId, FlowId, NeedId, RequestId, StaffId, StepId, TicketId};
use crate::lender::Operation;
use crate::message::{Action, CardRow, Message};
use crate::tier::{Risk, Tier, TierReason, Unattended};
use crate::time::Timestamp;
use crate::understanding::{Lang, Mood, Signal};
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
    DraftSettled {
        draft: DraftId,
        outcome: DraftOutcome,
        staff: Option<StaffId>,
    },
    /// Joined the queue, or got a new deadline in it; `since` is when the customer began to wait.
    Queued {
        since: Timestamp,
        deadline: Timestamp,
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
    Noted {
        staff: StaffId,
        text: String,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftWhy {
    HalfSure,
    Risky,
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
    /// The agent's presence lease ran out.
    LeaseLost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    Idle,
    Agent,
}
