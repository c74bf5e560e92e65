//! Tickets of schemas before the event table: each gets the events that its row stands for, once.

use crate::Store;
use crate::batch::{ReadError, Row, WriteError};
use crate::tickets::TicketStep;
use jieti_domain::id::{ConversationId, NeedId, StaffId, TicketId};
use jieti_domain::service::ServiceRules;
use jieti_domain::ticket::{Actor, Opening, Priority, StoredTicketEvent, Ticket, TicketEvent, TicketForm, TicketRules, card};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use thiserror::Error;

/// Tickets adopted in one commit.
const PORTION: u64 = 500;

#[derive(Debug, Error)]
pub(crate) enum AdoptError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Store {
    pub(crate) async fn adopt_tickets(&self) -> Result<(), AdoptError> {
        loop {
            let rows = self
                .read(
                    "select id, conversation, customer, need, title, department, summary, opened_at, promised_by, state, note, \
                     resolved_by, resolved_at from ticket where seq = 0 order by id limit $1",
                    vec![PORTION.into()],
                )
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let steps: Vec<TicketStep> = rows.iter().map(step_of).collect::<Result<_, _>>()?;
            self.append_tickets(&steps, None).await?;
        }
    }
}

fn step_of(row: &Row) -> Result<TicketStep, ReadError> {
    let form = TicketForm {
        category: "other".to_owned(),
        priority: Priority::Normal,
        title: row.text(4),
        summary: row.text(6),
        need: row.opt_text(3).map(NeedId::new),
        cause: None,
        department: row.text(5),
        loan: None,
        sums: Vec::new(),
        dates: Vec::new(),
        promises: Vec::new(),
        evidence: Vec::new(),
        about: Vec::new(),
    };
    let opening = Opening {
        id: TicketId::new(row.text(0)),
        conversation: ConversationId::new(row.text(1)),
        customer: row.json(2, "ticket")?,
        lang: Lang::ZhCn,
        form,
        opened_by: Actor::System,
        promised_by: Timestamp(row.int(8)),
        targets: None,
        complaint_since: None,
        split_from: None,
    };
    let opened_at = Timestamp(row.int(7));
    let opened = TicketEvent::Opened { opening: Box::new(opening) };
    let mut events = vec![StoredTicketEvent { seq: 1, at: opened_at, by: Actor::System, event: opened }];
    if row.text(9) == "resolved" {
        let by = row.text(11);
        let by = Actor::Staff { staff: StaffId::new(by.as_str()), name: by };
        let event = TicketEvent::Resolved { answer: row.text(10) };
        events.push(StoredTicketEvent { seq: 2, at: Timestamp(row.int(12)), by, event });
    }
    let ticket = Ticket::fold(events.iter().cloned(), &TicketRules::default())
        .ok_or_else(|| ReadError::Format { table: "ticket", detail: format!("ticket {} has no opening", row.text(0)) })?;
    let card = card(&ticket, &ServiceRules::default(), ticket.last_at);
    Ok(TicketStep { events, external_id: None, card, jobs: Vec::new(), news: Vec::new() })
}
