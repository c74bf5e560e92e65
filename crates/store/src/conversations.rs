//! Conversations: their events, and one row each for the desks.

use crate::batch::{Batch, ReadError, Row, WriteError, json};
use crate::jobs::NewJob;
use crate::tickets::TicketStep;
use crate::{Store, jobs, labels, routing, tickets};
use jieti_domain::conversation::{Event, FlowPhase, StoredEvent};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId};
use jieti_domain::learning::Label;
use jieti_domain::time::Timestamp;

/// What a desk shows of a conversation; rewritten with each decision.
#[derive(Debug, Clone, PartialEq)]
pub struct CardRow {
    pub id: String,
    pub customer: String,
    pub customer_name: Option<String>,
    pub signed_in: bool,
    pub channel: String,
    pub lang: String,
    pub opened_at: i64,
    pub updated_at: i64,
    pub seq: u64,
    /// `bot`, `draft`, `waiting`, `human` or `closed`.
    pub stage: String,
    pub stage_since: i64,
    pub deadline: Option<i64>,
    pub staff: Option<String>,
    pub staff_name: Option<String>,
    pub tier: Option<String>,
    /// JSON of `TierReason`.
    pub reason: Option<String>,
    pub urgent: bool,
    pub need: Option<String>,
    pub flow: Option<String>,
    /// JSON of `Mood`.
    pub mood: String,
    pub last_from: Option<String>,
    pub last_text: Option<String>,
    pub last_at: Option<i64>,
    /// JSON of `Draft` while one is pending.
    pub draft: Option<String>,
    /// JSON of `Side`: transfer, conference, raised hand, what the customer was doing.
    pub side: String,
}

/// Everything that one step of a conversation writes, committed together.
#[derive(Debug)]
pub struct Append<'a> {
    pub conversation: &'a ConversationId,
    pub events: &'a [StoredEvent],
    /// Client's id of the last event, if a client sent it (an opening may come before it).
    pub external_id: Option<&'a ClientMessageId>,
    pub card: Option<&'a CardRow>,
    pub jobs: Vec<NewJob>,
    /// Job that this step finishes; the step is a conflict if it is gone already.
    pub done: Option<&'a str>,
    /// Tickets that this step opens.
    pub tickets: Vec<TicketStep>,
    pub labels: Vec<&'a Label>,
}

macro_rules! select_cards {
    ($rest:literal) => {
        concat!(
            "select id, customer, customer_name, signed_in, channel, lang, opened_at, updated_at, seq, stage, \
             stage_since, deadline, staff, staff_name, tier, reason, urgent, need, flow, mood, last_from, last_text, \
             last_at, draft, side from conversation ",
            $rest
        )
    };
}

impl Store {
    /// Commits one step of a conversation. Returns when it is on disk.
    ///
    /// # Errors
    /// `Conflict` where another step took the same place, the client's message is stored already, or the job is done.
    pub async fn append(&self, append: Append<'_>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if let Some(job) = append.done {
            jobs::finish(&mut batch, job);
        }
        let id = append.conversation.as_str();
        for (place, event) in append.events.iter().enumerate() {
            let external = append.external_id.filter(|_| place + 1 == append.events.len()).map(ClientMessageId::as_str);
            batch.add(
                "insert into event (conversation, seq, at, external_id, body) values ($1, $2, $3, $4, $5)",
                vec![id.into(), event.seq.into(), event.at.0.into(), external.into(), json(&event.event)],
            );
            match &event.event {
                Event::FlowMoved { phase: FlowPhase::Started, run } => batch.add(
                    "insert into flow_use (conversation, seq, flow, started_at, ended) values ($1, $2, $3, $4, null)",
                    vec![id.into(), event.seq.into(), run.flow.as_str().into(), event.at.0.into()],
                ),
                Event::FlowEnded { run, end } => batch.add(
                    "update flow_use set ended = $3 where conversation = $1 and flow = $2 and ended is null",
                    vec![id.into(), run.flow.as_str().into(), end.code().into()],
                ),
                Event::Assigned { staff, .. } => {
                    if let Some(card) = append.card {
                        routing::meet(&mut batch, &card.customer, staff, event.at);
                    }
                }
                _ => {}
            }
        }
        if let Some(card) = append.card {
            save_card(&mut batch, card);
        }
        for job in &append.jobs {
            jobs::add(&mut batch, job);
        }
        for ticket in &append.tickets {
            tickets::add_step(&mut batch, ticket);
        }
        for label in append.labels {
            labels::keep(&mut batch, label);
        }
        self.write(batch).await
    }

    /// The events of a conversation with `seq` greater than `after`, in order.
    ///
    /// # Errors
    /// `ReadError::Format` where an event was written by a newer server.
    pub async fn events(&self, conversation: &ConversationId, after: u64) -> Result<Vec<StoredEvent>, ReadError> {
        let rows = self
            .read(
                "select seq, at, body from event where conversation = $1 and seq > $2 order by seq",
                vec![conversation.as_str().into(), after.into()],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(StoredEvent { seq: row.seq(0), at: Timestamp(row.int(1)), event: row.json(2, "event")? }))
            .collect()
    }

    /// Client message ids already stored in a conversation, with their places.
    pub async fn client_ids(&self, conversation: &ConversationId) -> Result<Vec<(ClientMessageId, u64)>, ReadError> {
        let rows = self
            .read(
                "select external_id, seq from event where conversation = $1 and external_id is not null",
                vec![conversation.as_str().into()],
            )
            .await?;
        Ok(rows.iter().map(|r| (ClientMessageId::new(r.text(0)), r.seq(1))).collect())
    }

    /// Where a customer's client message is stored, in whichever of the customer's conversations.
    pub async fn find_client_message(
        &self,
        customer: &CustomerId,
        client_id: &ClientMessageId,
    ) -> Result<Option<(ConversationId, u64)>, ReadError> {
        let rows = self
            .read(
                "select e.conversation, e.seq from conversation c join event e on e.conversation = c.id \
                 where c.customer = $1 and e.external_id = $2 limit 1",
                vec![customer.as_str().into(), client_id.as_str().into()],
            )
            .await?;
        Ok(rows.first().map(|r| (ConversationId::new(r.text(0)), r.seq(1))))
    }

    /// The open conversation of a customer, if there is one.
    pub async fn open_conversation(&self, customer: &CustomerId) -> Result<Option<ConversationId>, ReadError> {
        let rows = self
            .read(
                "select id from conversation where customer = $1 and stage <> 'closed' order by opened_at desc limit 1",
                vec![customer.as_str().into()],
            )
            .await?;
        Ok(rows.first().map(|r| ConversationId::new(r.text(0))))
    }

    pub async fn card(&self, conversation: &ConversationId) -> Result<Option<CardRow>, ReadError> {
        let rows = self.read(select_cards!("where id = $1"), vec![conversation.as_str().into()]).await?;
        Ok(rows.first().map(card_of))
    }

    /// Cards of every conversation that is not closed.
    pub async fn open_cards(&self) -> Result<Vec<CardRow>, ReadError> {
        let rows = self.read(select_cards!("where stage <> 'closed' order by opened_at"), vec![]).await?;
        Ok(rows.iter().map(card_of).collect())
    }

    /// Closed conversations, the latest first.
    pub async fn closed_cards(&self, limit: u64) -> Result<Vec<CardRow>, ReadError> {
        let rows =
            self.read(select_cards!("where stage = 'closed' order by updated_at desc limit $1"), vec![limit.into()]).await?;
        Ok(rows.iter().map(card_of).collect())
    }

    /// Other conversations of the same customer, the latest first.
    pub async fn cards_of_customer(&self, customer: &CustomerId, limit: u64) -> Result<Vec<CardRow>, ReadError> {
        let rows = self
            .read(
                select_cards!("where customer = $1 order by opened_at desc limit $2"),
                vec![customer.as_str().into(), limit.into()],
            )
            .await?;
        Ok(rows.iter().map(card_of).collect())
    }
}

fn save_card(batch: &mut Batch, card: &CardRow) {
    batch.add(
        "insert into conversation (id, customer, customer_name, signed_in, channel, lang, opened_at, updated_at, seq, stage, \
         stage_since, deadline, staff, staff_name, tier, reason, urgent, need, flow, mood, last_from, last_text, last_at, draft, side) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
         on conflict (id) do update set lang = excluded.lang, updated_at = excluded.updated_at, seq = excluded.seq, \
         stage = excluded.stage, stage_since = excluded.stage_since, deadline = excluded.deadline, staff = excluded.staff, \
         staff_name = excluded.staff_name, tier = excluded.tier, reason = excluded.reason, urgent = excluded.urgent, \
         need = excluded.need, flow = excluded.flow, mood = excluded.mood, last_from = excluded.last_from, \
         last_text = excluded.last_text, last_at = excluded.last_at, draft = excluded.draft, side = excluded.side",
        vec![
            card.id.as_str().into(),
            card.customer.as_str().into(),
            card.customer_name.clone().into(),
            card.signed_in.into(),
            card.channel.as_str().into(),
            card.lang.as_str().into(),
            card.opened_at.into(),
            card.updated_at.into(),
            card.seq.into(),
            card.stage.as_str().into(),
            card.stage_since.into(),
            card.deadline.into(),
            card.staff.clone().into(),
            card.staff_name.clone().into(),
            card.tier.clone().into(),
            card.reason.clone().into(),
            card.urgent.into(),
            card.need.clone().into(),
            card.flow.clone().into(),
            card.mood.as_str().into(),
            card.last_from.clone().into(),
            card.last_text.clone().into(),
            card.last_at.into(),
            card.draft.clone().into(),
            card.side.as_str().into(),
        ],
    );
}

fn card_of(row: &Row) -> CardRow {
    CardRow {
        id: row.text(0),
        customer: row.text(1),
        customer_name: row.opt_text(2),
        signed_in: row.int(3) == 1,
        channel: row.text(4),
        lang: row.text(5),
        opened_at: row.int(6),
        updated_at: row.int(7),
        seq: row.seq(8),
        stage: row.text(9),
        stage_since: row.int(10),
        deadline: row.opt_int(11),
        staff: row.opt_text(12),
        staff_name: row.opt_text(13),
        tier: row.opt_text(14),
        reason: row.opt_text(15),
        urgent: row.int(16) == 1,
        need: row.opt_text(17),
        flow: row.opt_text(18),
        mood: row.text(19),
        last_from: row.opt_text(20),
        last_text: row.opt_text(21),
        last_at: row.opt_int(22),
        draft: row.opt_text(23),
        side: row.text(24),
    }
}
