//! Tickets on the wire, for staff and for customers. Shapes only; cards and forms are the domain's own.

use jieti_domain::ticket::{Accused, Assignee, Evidence, LinkKind, PauseReason, Promise, TicketCard, TicketForm, TimelineEntry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Tickets {
    pub tickets: Vec<TicketCard>,
}

/// One ticket with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketDetail {
    pub card: TicketCard,
    /// As it was opened.
    pub form: TicketForm,
    pub conversations: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub promises: Vec<Promise>,
    pub about: Vec<Accused>,
    pub links: Vec<LinkView>,
    pub timeline: Vec<TimelineEntry>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    pub to: String,
    pub link: LinkKind,
}

/// What forms and menus need to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketWords {
    pub categories: Vec<CategoryView>,
    pub departments: Vec<DepartmentView>,
    /// Who may be given a ticket.
    pub staff: Vec<Assignee>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    pub id: String,
    pub title: TitleView,
    pub complaint: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DepartmentView {
    pub id: String,
    pub title: TitleView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TitleView {
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    pub en: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTicket {
    /// The same id opens one ticket.
    pub client_id: String,
    pub form: TicketForm,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnTicket {
    /// The same id acts once.
    pub client_id: String,
    /// Place of the last event that the client has read; what others did since is a conflict.
    #[serde(default)]
    pub seq: Option<u64>,
    pub act: TicketActBody,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketActBody {
    /// Without `staff`, to oneself.
    Assign {
        #[serde(default)]
        staff: Option<String>,
    },
    Move {
        department: String,
    },
    Answer {
        text: String,
    },
    Note {
        text: String,
    },
    Pause {
        why: PauseReason,
        text: String,
    },
    Resume {
        why: PauseReason,
    },
    Escalate {
        text: String,
    },
    /// The complaint is about this person or department.
    NameParty {
        #[serde(default)]
        staff: Option<String>,
        #[serde(default)]
        department: Option<String>,
    },
    Complex {
        text: String,
    },
    AskExtension {
        text: String,
    },
    ApproveExtension,
    GiveNotice {
        text: String,
    },
    Resolve {
        text: String,
    },
    Reopen {
        text: String,
    },
    Withdraw {
        text: String,
    },
    MergeInto {
        ticket: String,
    },
    Link {
        to: String,
        link: LinkKind,
    },
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerTickets {
    /// The latest first.
    pub tickets: Vec<CustomerTicket>,
}

/// What a customer may see of a ticket of theirs.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerTicket {
    pub id: String,
    pub title: String,
    /// `open`, `resolved`, `withdrawn` or `merged`.
    #[schema(value_type = super::words::TicketState)]
    pub state: String,
    /// The state in plain words.
    pub status: String,
    pub opened_at: i64,
    pub promised_by: i64,
    pub can_reopen: bool,
    #[schema(required)]
    pub rating: Option<u8>,
    pub steps: Vec<CustomerStep>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerStep {
    pub at: i64,
    pub text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerTicketAct {
    /// The same id acts once.
    pub client_id: String,
    pub act: CustomerTicketActBody,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum CustomerTicketActBody {
    Reopen {
        text: String,
    },
    Withdraw {
        text: String,
    },
    /// 1 (bad) to 5 (good).
    Rate {
        score: u8,
    },
}
