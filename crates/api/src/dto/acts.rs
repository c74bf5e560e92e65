//! What people do to a conversation, as it is sent. Shapes only.

use jieti_domain::conversation::{Destination, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActFrame {
    /// A random id of the console's own: the same id is done once.
    pub client_id: String,
    pub act: ActBody,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActBody {
    /// Holds a draft, so that no other seat answers it.
    HoldDraft {
        draft: String,
    },
    /// Gives a held draft back to the other seats.
    LetGoOfDraft {
        draft: String,
    },
    SendDraft {
        draft: String,
    },
    /// Sends a draft in other words. Figures that nobody gave are refused.
    EditDraft {
        draft: String,
        text: String,
    },
    /// Asks the customer back instead of answering.
    AskBack {
        draft: String,
        text: String,
    },
    /// A person answers instead. The reason is kept to learn from.
    VetoDraft {
        draft: String,
        reason: String,
    },
    TakeOverDraft {
        draft: String,
    },
    /// `seen_owner`: the colleague whose conversation it was on the taker's screen, if it was anybody's.
    Take {
        seen_owner: Option<String>,
    },
    Say {
        text: String,
    },
    /// Only staff see it. `mentions` are told at once.
    Note {
        text: String,
        #[serde(default)]
        mentions: Vec<String>,
    },
    /// Sends the customer on; the router finds who takes over.
    Transfer {
        to: Destination,
        #[serde(default)]
        note: String,
    },
    /// Asks a colleague to join.
    Invite {
        to: Destination,
        #[serde(default)]
        note: String,
    },
    TakeBackInvite,
    /// Leaves a conference; an owner's conversation goes to the first guest.
    Leave,
    /// A supervisor's word to the agent; the customer never sees it.
    Whisper {
        text: String,
    },
    RaiseHand {
        #[serde(default)]
        text: String,
    },
    LowerHand,
    /// Gives the conversation back to the queue.
    Release,
    BackToBot,
    Close {
        wrap_up: Option<WrapUpBody>,
    },
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WrapUpBody {
    /// What it was about and what was done, as the agent has checked it.
    pub summary: String,
    pub outcome: Outcome,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// Place of the last event that this call made.
    pub seq: u64,
}
