//! What happened to a ticket, in order. Persisted as JSON: variants and fields are only ever added.

use super::clock::{ClockKind, PauseReason};
use crate::conversation::Customer;
use crate::id::{ConversationId, NeedId, StaffId, TicketId};
use crate::knowledge::Cause;
use crate::money::Fen;
use crate::time::Timestamp;
use crate::understanding::Lang;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An event with its place and time. `seq` begins at 1 and has no gaps within its ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredTicketEvent {
    pub seq: u64,
    pub at: Timestamp,
    pub by: Actor,
    pub event: TicketEvent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Actor {
    Staff { staff: StaffId, name: String },
    Customer,
    System,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TicketEvent {
    Opened {
        opening: Box<Opening>,
    },
    Assigned {
        staff: StaffId,
        name: String,
    },
    /// To another department; nobody of the old one holds it any longer.
    Moved {
        department: String,
        why: MoveReason,
    },
    /// The customer was answered; the matter goes on.
    Answered {
        text: String,
    },
    /// For staff only.
    Noted {
        text: String,
    },
    Paused {
        why: PauseReason,
        /// What is awaited, in words for the customer where it is the customer's.
        text: String,
    },
    Resumed {
        why: PauseReason,
    },
    /// `clock` is `None` where a person escalated by hand.
    Escalated {
        level: Escalated,
        clock: Option<ClockKind>,
        percent: u8,
        text: String,
    },
    /// Who the complaint is about.
    PartyNamed {
        party: Accused,
    },
    Complex {
        text: String,
    },
    ExtensionAsked {
        text: String,
    },
    ExtensionApproved,
    /// The customer knows of the extension.
    NoticeGiven {
        how: String,
    },
    Linked {
        to: TicketId,
        link: LinkKind,
    },
    /// Another ticket was merged into this one; what it held is held here as well.
    Absorbed {
        ticket: TicketId,
        conversations: Vec<ConversationId>,
        evidence: Vec<Evidence>,
        promises: Vec<Promise>,
        /// The earlier of the two limits holds.
        complaint_since: Option<Timestamp>,
    },
    MergedInto {
        ticket: TicketId,
    },
    SplitOff {
        ticket: TicketId,
        title: String,
    },
    Resolved {
        answer: String,
    },
    Reopened {
        text: String,
    },
    Withdrawn {
        text: String,
    },
    /// How the customer found the answer: 1 (bad) to 5 (good).
    Rated {
        score: u8,
    },
}

/// A ticket as it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub id: TicketId,
    pub conversation: ConversationId,
    pub customer: Customer,
    /// In which the customer is told of progress.
    pub lang: Lang,
    pub form: TicketForm,
    pub opened_by: Actor,
    /// The customer was told that somebody answers by then.
    pub promised_by: Timestamp,
    /// `None`: the rules set no time for this category.
    pub targets: Option<Targets>,
    /// Since when the legal limit of complaints runs, if it does.
    pub complaint_since: Option<Timestamp>,
    pub split_from: Option<TicketId>,
}

/// Working time that the clocks allow, on a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    pub calendar: String,
    pub first_answer_ms: i64,
    pub resolution_ms: i64,
}

/// What a ticket says: filled in by [`super::fill`], corrected by the agent before it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketForm {
    pub category: String,
    pub priority: Priority,
    pub title: String,
    pub summary: String,
    #[cfg_attr(feature = "schema", schema(required))]
    pub need: Option<NeedId>,
    /// Business, process or operation, with the product area.
    #[cfg_attr(feature = "schema", schema(required))]
    pub cause: Option<Cause>,
    /// Department that owns the matter.
    pub department: String,
    /// The lender's number of the loan.
    #[cfg_attr(feature = "schema", schema(required))]
    pub loan: Option<String>,
    /// As the lender gave them.
    pub sums: Vec<Sum>,
    pub dates: Vec<NamedDate>,
    /// What the customer was promised in this conversation.
    pub promises: Vec<Promise>,
    pub evidence: Vec<Evidence>,
    /// Who the complaint is about; they do not handle it.
    pub about: Vec<Accused>,
}

/// In order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

/// A sum by the lender's own field name, in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Sum {
    pub label: String,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub amount_fen: Fen,
}

/// A date by the lender's own field name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedDate {
    pub label: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub date: Date,
}

/// Words by which the customer was promised something, with their place in the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Promise {
    pub text: String,
    pub seq: u64,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: Timestamp,
    /// Said by a person rather than the bot.
    pub by_person: bool,
}

/// A place in a conversation, with the words that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub conversation: ConversationId,
    pub seq: u64,
    pub quote: String,
}

/// Who a complaint is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum Accused {
    Person { staff: StaffId, name: String },
    Department { department: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Escalated {
    TeamLead,
    DepartmentHead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveReason {
    /// Somebody decided so.
    Staff,
    /// The complaint is about the department.
    Conflict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    Related,
    DuplicateOf,
    DuplicatedBy,
    Blocks,
    BlockedBy,
    SplitFrom,
    SplitInto,
}

impl LinkKind {
    /// The same link, seen from the other end.
    pub fn inverse(self) -> LinkKind {
        match self {
            LinkKind::Related => LinkKind::Related,
            LinkKind::DuplicateOf => LinkKind::DuplicatedBy,
            LinkKind::DuplicatedBy => LinkKind::DuplicateOf,
            LinkKind::Blocks => LinkKind::BlockedBy,
            LinkKind::BlockedBy => LinkKind::Blocks,
            LinkKind::SplitFrom => LinkKind::SplitInto,
            LinkKind::SplitInto => LinkKind::SplitFrom,
        }
    }
}
