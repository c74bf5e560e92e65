//! What customers' clients send and get. Shapes only.

use super::behaviour::Guidance;
use jieti_domain::conversation::Channel;
use jieti_domain::message::{Action, Button, CardRow, Message};
use jieti_domain::understanding::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

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
    /// Known problems that this customer is affected by, in words.
    pub notices: Vec<String>,
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
        /// Place of the message that is rated.
        #[serde(default)]
        seq: Option<u64>,
    },
    /// The page that the customer has before them; kept with the next message. Needs no acknowledgement.
    Doing {
        page: String,
        title: String,
        dwell_secs: u32,
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
    /// Help that is offered unasked. It comes in the answers to behaviour as well; show it once.
    Guidance {
        guidance: Guidance,
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
        message: Box<Message>,
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
