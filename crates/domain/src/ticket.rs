//! Tickets: work that outlives the chat. Owns the promise made to the customer.

use crate::conversation::Customer;
use crate::id::{ConversationId, NeedId, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A ticket as it is opened, already filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    pub id: TicketId,
    pub conversation: ConversationId,
    pub customer: Customer,
    pub need: Option<NeedId>,
    pub title: String,
    /// Department that owns the need.
    pub department: String,
    pub summary: String,
    pub opened_at: Timestamp,
    /// The customer was told that somebody answers by then.
    pub promised_by: Timestamp,
}
