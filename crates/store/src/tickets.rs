//! Tickets: their events, one row each for lists, and what customers are still to be told.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError, json};
use crate::jobs::{self, NewJob};
use jieti_domain::id::{CustomerId, TicketId};
use jieti_domain::ticket::{StoredTicketEvent, TicketCard, TicketEvent};
use jieti_domain::time::Timestamp;

/// Everything that one step of a ticket writes.
#[derive(Debug, Clone)]
pub struct TicketStep {
    /// In order; an opening is the first event of its ticket.
    pub events: Vec<StoredTicketEvent>,
    /// Client's id of the last event, if a client sent it.
    pub external_id: Option<String>,
    /// The ticket after the step.
    pub card: TicketCard,
    pub jobs: Vec<NewJob>,
    pub news: Vec<News>,
}

/// What the customer is to be told of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub ticket: TicketId,
    pub seq: u64,
    pub text: String,
}

/// Which tickets are listed; an absent part lets all through.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    /// `open`, `resolved`, `withdrawn` or `merged`.
    pub state: Option<String>,
    pub department: Option<String>,
    /// Id of the person who handles it.
    pub assignee: Option<String>,
    pub customer: Option<String>,
    /// Only those whose nearest deadline is before this.
    pub due_before: Option<Timestamp>,
}

/// A conflict where the ticket has moved on, or the client's act is stored already.
pub(crate) fn add_step(batch: &mut Batch, step: &TicketStep) {
    let card = &step.card;
    let id = card.id.as_str();
    for (place, event) in step.events.iter().enumerate() {
        let external = step.external_id.as_deref().filter(|_| place + 1 == step.events.len());
        batch.add(
            "insert into ticket_event (ticket, seq, at, external_id, body) values ($1, $2, $3, $4, $5)",
            vec![id.into(), event.seq.into(), event.at.0.into(), external.into(), json(event)],
        );
        if let TicketEvent::Opened { opening } = &event.event {
            batch.add(
                "insert into ticket (id, conversation, customer, need, title, department, summary, opened_at, promised_by, state) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open') on conflict (id) do nothing",
                vec![
                    id.into(),
                    opening.conversation.as_str().into(),
                    json(&opening.customer),
                    opening.form.need.as_ref().map(|n| n.as_str().to_owned()).into(),
                    opening.form.title.as_str().into(),
                    opening.form.department.as_str().into(),
                    opening.form.summary.as_str().into(),
                    event.at.0.into(),
                    opening.promised_by.0.into(),
                ],
            );
        }
    }
    batch.add_guard(
        "update ticket set seq = $2, state = $3, department = $4, assignee = $5, due_at = $6, customer_id = $7, body = $8 \
         where id = $1",
        vec![
            id.into(),
            card.seq.into(),
            card.state.as_str().into(),
            card.department.as_str().into(),
            card.assignee.as_ref().map(|p| p.id.as_str().to_owned()).into(),
            card.due().map(|d| d.0).into(),
            card.customer.as_str().into(),
            json(card),
        ],
    );
    for news in &step.news {
        batch.add(
            "insert into ticket_news (ticket, seq, customer, words) values ($1, $2, $3, $4)",
            vec![id.into(), news.seq.into(), card.customer.as_str().into(), news.text.as_str().into()],
        );
    }
    for job in &step.jobs {
        jobs::add(batch, job);
    }
}

impl Store {
    /// Commits steps of tickets together, and the end of the job that made them.
    ///
    /// # Errors
    /// `Conflict` where a ticket has moved on, a client's act is stored already, or the job is done.
    pub async fn append_tickets(&self, steps: &[TicketStep], done: Option<&str>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if let Some(job) = done {
            jobs::finish(&mut batch, job);
        }
        for step in steps {
            add_step(&mut batch, step);
        }
        self.write(batch).await
    }

    /// The events of a ticket, in order; none where it does not exist.
    ///
    /// # Errors
    /// `ReadError::Format` where an event was written by a newer server.
    pub async fn ticket_events(&self, id: &TicketId) -> Result<Vec<StoredTicketEvent>, ReadError> {
        let rows = self.read("select body from ticket_event where ticket = $1 order by seq", vec![id.as_str().into()]).await?;
        rows.iter().map(|row| row.json(0, "ticket_event")).collect()
    }

    /// Whether a client's act is stored.
    pub async fn ticket_act_is_stored(&self, id: &TicketId, client_id: &str) -> Result<bool, ReadError> {
        let rows = self
            .read(
                "select seq from ticket_event where ticket = $1 and external_id = $2",
                vec![id.as_str().into(), client_id.into()],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Open tickets by deadline, then the others, the latest first.
    pub async fn tickets(&self, filter: &TicketFilter, limit: u64) -> Result<Vec<TicketCard>, ReadError> {
        let text = |part: &Option<String>| part.clone().unwrap_or_default().into();
        let rows = self
            .read(
                "select body from ticket where seq > 0 and ($1 = '' or state = $1) and ($2 = '' or department = $2) \
                 and ($3 = '' or assignee = $3) and ($4 = '' or customer_id = $4) \
                 and (cast($5 as bigint) = 0 or due_at < cast($5 as bigint)) \
                 order by case when state = 'open' then 0 else 1 end, \
                 case when state = 'open' then coalesce(due_at, promised_by) else -opened_at end, id limit $6",
                vec![
                    text(&filter.state),
                    text(&filter.department),
                    text(&filter.assignee),
                    text(&filter.customer),
                    filter.due_before.map_or(0, |t| t.0).into(),
                    limit.into(),
                ],
            )
            .await?;
        rows.iter().map(|row| row.json(0, "ticket")).collect()
    }

    /// What a customer is still to be told, in order.
    pub async fn ticket_news(&self, customer: &CustomerId) -> Result<Vec<News>, ReadError> {
        let rows = self
            .read(
                "select ticket, seq, words from ticket_news where customer = $1 order by ticket, seq",
                vec![customer.as_str().into()],
            )
            .await?;
        Ok(rows.iter().map(news_of).collect())
    }

    /// The customer has been told.
    pub async fn drop_ticket_news(&self, news: &News) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from ticket_news where ticket = $1 and seq = $2", vec![news.ticket.as_str().into(), news.seq.into()]);
        self.write(batch).await
    }
}

fn news_of(row: &Row) -> News {
    News { ticket: TicketId::new(row.text(0)), seq: row.seq(1), text: row.text(2) }
}
