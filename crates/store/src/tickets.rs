//! Tickets.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError, json};
use jieti_domain::conversation::Customer;
use jieti_domain::id::{StaffId, TicketId};
use jieti_domain::ticket::NewTicket;
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct TicketRow {
    pub id: String,
    pub conversation: String,
    pub customer: Customer,
    pub need: Option<String>,
    pub title: String,
    pub department: String,
    pub summary: String,
    pub opened_at: i64,
    pub promised_by: i64,
    /// `open` or `resolved`.
    pub state: String,
    pub note: Option<String>,
}

pub(crate) fn open(batch: &mut Batch, ticket: &NewTicket) {
    batch.add(
        "insert into ticket (id, conversation, customer, need, title, department, summary, opened_at, promised_by, state) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')",
        vec![
            ticket.id.as_str().into(),
            ticket.conversation.as_str().into(),
            json(&ticket.customer),
            ticket.need.as_ref().map(|n| n.as_str().to_owned()).into(),
            ticket.title.as_str().into(),
            ticket.department.as_str().into(),
            ticket.summary.as_str().into(),
            ticket.opened_at.0.into(),
            ticket.promised_by.0.into(),
        ],
    );
}

impl Store {
    /// Open tickets by promise, then the latest resolved ones.
    pub async fn tickets(&self, limit: u64) -> Result<Vec<TicketRow>, ReadError> {
        let rows = self
            .read(
                "select id, conversation, customer, need, title, department, summary, opened_at, promised_by, state, note \
                 from ticket order by state, promised_by limit $1",
                vec![limit.into()],
            )
            .await?;
        rows.iter().map(ticket_of).collect()
    }

    /// # Errors
    /// `Conflict` where the ticket does not exist or is resolved already.
    pub async fn resolve_ticket(&self, id: &TicketId, note: &str, by: &StaffId, now: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add_guard(
            "update ticket set state = 'resolved', note = $2, resolved_by = $3, resolved_at = $4 where id = $1 and state = 'open'",
            vec![id.as_str().into(), note.into(), by.as_str().into(), now.0.into()],
        );
        self.write(batch).await
    }
}

fn ticket_of(row: &Row) -> Result<TicketRow, ReadError> {
    Ok(TicketRow {
        id: row.text(0),
        conversation: row.text(1),
        customer: row.json(2, "ticket")?,
        need: row.opt_text(3),
        title: row.text(4),
        department: row.text(5),
        summary: row.text(6),
        opened_at: row.int(7),
        promised_by: row.int(8),
        state: row.text(9),
        note: row.opt_text(10),
    })
}
