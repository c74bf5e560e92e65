//! Attribution while the service runs: every contact when it closes, tickets and break points as they come, corrections, the
//! board. Owns the order of load, judge and commit; what counts is `domain::attribution`'s business.

mod board;
mod cases;
mod proposals;

pub(crate) use board::Boards;
pub use board::{ProblemBoard, ProblemView};
pub use cases::{CaseBrief, CaseView};
pub use proposals::ProposalView;

use crate::Engine;
use crate::converse::ReadOrWrite;
use jieti_domain::attribution::{
    Accuracy, Attributed, CaseRefusal, CauseModel, Decided, Example, Label, Source, Teacher, Trouble, attribute, china_day,
    day_start, place_reason,
};
use jieti_domain::conversation::{Conversation, StaffRef};
use jieti_domain::id::{CaseId, ConversationId, CustomerId};
use jieti_domain::journey::{BreakPoint, Whereabouts};
use jieti_domain::ticket::{Ticket, TicketCard};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Localized;
use jieti_store::{DecisionRow, ReadError, WriteError};
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// What people and rules have taught, and what people have decided of proposals; replaced whole.
#[derive(Debug, Default)]
pub(crate) struct Taught {
    model: CauseModel,
    accuracy: Accuracy,
    decisions: Vec<DecisionRow>,
}

/// Where the sweep over tickets and break points goes on.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    from: Option<Timestamp>,
    /// Ids attributed since `from`, so that looking back does no work twice.
    done: HashSet<String>,
}

pub(crate) type Causes = RwLock<Arc<Taught>>;

/// Why nothing was done to a cause, a case or a proposal.
#[derive(Debug, Error)]
pub enum CauseError {
    #[error("{what} {id:?} does not exist; reload the board")]
    NotFound { what: &'static str, id: String },
    #[error("department {0:?} is not in the ticket rules; choose another")]
    UnknownOwner(String),
    #[error("{what} is empty; write it")]
    Empty { what: &'static str },
    #[error("a target of {less_percent} % less is not 1 to 100; choose one of these")]
    Target { less_percent: u8 },
    #[error("a {found} cannot take the place of a {wanted} in proposal {id:?}; send the content of that kind")]
    Content { id: String, wanted: &'static str, found: &'static str },
    #[error("case {id} has changed since you read it; look at it again")]
    Changed { id: CaseId },
    #[error(transparent)]
    Refused(#[from] CaseRefusal),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Attributions that the model learns from, the latest.
const LEARN_FROM: u64 = 4000;
/// A phone may report late what it saw: so far back the sweep looks again.
const LATE_SECS: i64 = 600;
/// How long before a contact a break point may be its reason.
const RELATED_SECS: i64 = 3600;
/// Rows stored in one commit.
const PORTION: usize = 500;
/// Rows read at a time.
const PAGE: u64 = 5_000;
const DAY_SECS: i64 = 86_400;

impl Engine {
    pub(crate) fn taught(&self) -> Arc<Taught> {
        Arc::clone(&self.0.causes.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Learns from what people and rules have said so far, and counts how often held-out labels are found.
    pub(crate) async fn learn_causes(&self) -> Result<(), ReadError> {
        let labelled = self.0.store.cause_labels(LEARN_FROM).await?;
        let by_people: HashSet<String> = labelled.iter().map(|(row, _)| row.trouble.id.clone()).collect();
        let mut examples: Vec<Example> =
            labelled.into_iter().map(|(row, label)| Example { trouble: row.trouble, label, teacher: Teacher::Person }).collect();
        let latest = self.0.store.latest_attributions(LEARN_FROM).await?;
        examples.extend(latest.into_iter().filter_map(|row| match row.attribution.decided {
            Decided::Rule { .. } | Decided::Entry if !by_people.contains(&row.trouble.id) => {
                Some(Example { trouble: row.trouble, label: row.attribution.label, teacher: Teacher::Rule })
            }
            _ => None,
        }));
        let decisions = self.0.store.decisions().await?;
        let brain = self.brain();
        let work = tokio::task::spawn_blocking(move || {
            let (rules, knowledge) = (&brain.rules.service.attribution, &brain.rules.knowledge);
            (CauseModel::train(&examples, rules, knowledge), CauseModel::validate(&examples, rules, knowledge))
        });
        let (model, accuracy) = work.await.map_err(|e| ReadError::Broken { detail: e.to_string() })?;
        *self.0.causes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Taught { model, accuracy, decisions });
        Ok(())
    }

    /// Attributes a closed conversation and ends its job.
    pub(crate) async fn attribute_contact(&self, id: &ConversationId, job: &str) -> Result<(), ReadOrWrite> {
        self.learn_from(id, &self.0.store.events(id, 0).await?).await?;
        let Some(trouble) = self.contact(id).await? else { return Ok(self.0.store.drop_job(job).await?) };
        match self.0.store.save_attributions(&[self.put_down(trouble)], Some(job)).await {
            // A job that somebody has finished is finished.
            Err(WriteError::Conflict) => Ok(()),
            other => Ok(other?),
        }
    }

    fn put_down(&self, trouble: Trouble) -> Attributed {
        let brain = self.brain();
        let mut put = attribute(trouble, &brain.rules.service.attribution, &brain.rules.knowledge, &self.taught().model);
        if let Some(place) = put.trouble.place() {
            put.attribution.reasons.push(place_reason(&put.trouble, &board::step_title(&place, &brain.rules)));
        }
        put
    }

    async fn contact(&self, id: &ConversationId) -> Result<Option<Trouble>, ReadError> {
        let events = self.0.store.events(id, 0).await?;
        let Some(conversation) = Conversation::fold(id.clone(), events.iter().cloned()) else { return Ok(None) };
        let visitor = self.0.store.visitor(&conversation.customer.id).await?;
        // Whoever had left the journey when they wrote may still have been stuck on it.
        let known = match (conversation.whereabouts.clone().filter(|w| w.step.is_some()), visitor) {
            (None, Some(visitor)) => self.stuck_before(visitor, conversation.opened_at).await?,
            (known, _) => known,
        };
        Ok(Some(Trouble::contact(&conversation, &events, known.as_ref(), visitor)))
    }

    /// Where this visitor was stuck last in the hour before.
    async fn stuck_before(&self, visitor: u32, at: Timestamp) -> Result<Option<Whereabouts>, ReadError> {
        let broken = self.0.store.break_points(at.plus_secs(-RELATED_SECS), at.plus_secs(1)).await?;
        Ok(broken.into_iter().rfind(|b| b.visitor == visitor).map(whereabouts))
    }

    /// Where this customer is, or was stuck within the hour, as far as the app told.
    pub(crate) async fn stuck_now(&self, customer: &CustomerId) -> Result<Option<Whereabouts>, ReadError> {
        let known = self.whereabouts(customer).filter(|w| w.step.is_some());
        match (known, self.0.store.visitor(customer).await?) {
            (None, Some(visitor)) => self.stuck_before(visitor, self.now()).await,
            (known, _) => Ok(known),
        }
    }

    /// Attributes the tickets and break points that have come since the last sweep; each once, however often it is run.
    ///
    /// # Errors
    /// Where the store fails; the next sweep goes on from the same place.
    pub async fn sweep_causes(&self) -> Result<(), CauseError> {
        let mut sweep = self.0.sweep.lock().await;
        let now = self.now();
        let first = match sweep.from {
            Some(from) => from,
            None => self.swept_until().await?,
        };
        let mut from = first;
        while from < now {
            let to = from.plus_secs(DAY_SECS).min(now.plus_secs(1));
            let mut troubles = Vec::new();
            for broke in self.0.store.break_points(from, to).await? {
                let trouble = Trouble::break_point(&broke);
                if sweep.done.insert(trouble.id.clone()) {
                    troubles.push(trouble);
                }
            }
            for card in self.0.store.tickets_opened(from, to).await? {
                if sweep.done.insert(format!("ticket:{}", card.id)) {
                    troubles.extend(self.ticket_trouble(&card).await?);
                }
            }
            let rows: Vec<Attributed> = troubles.into_iter().map(|trouble| self.put_down(trouble)).collect();
            for portion in rows.chunks(PORTION) {
                self.0.store.save_attributions(portion, None).await?;
            }
            from = to;
        }
        let back = now.plus_secs(-LATE_SECS);
        if sweep.from.is_none_or(|from| back.secs_since(from) > LATE_SECS) {
            // What is older than the look back is not seen again.
            sweep.done.clear();
            sweep.from = Some(back.max(first));
            self.remember_recent(&mut sweep, back.max(first)).await?;
        }
        Ok(())
    }

    /// After a restart: from the oldest of the two sources that may have been cut short.
    async fn swept_until(&self) -> Result<Timestamp, ReadError> {
        let mut from = Timestamp(i64::MAX);
        for source in [Source::BreakPoint, Source::Ticket] {
            let until = self.0.store.attributed_until(source).await?;
            from = from.min(until.map_or(self.now().plus_secs(-35 * DAY_SECS), |at| at.plus_secs(-LATE_SECS)));
        }
        Ok(from)
    }

    async fn remember_recent(&self, sweep: &mut Sweep, from: Timestamp) -> Result<(), ReadError> {
        let recent = self.0.store.attributions(from, self.now().plus_secs(1)).await?;
        sweep.done.extend(recent.into_iter().map(|row| row.trouble.id));
        Ok(())
    }

    async fn ticket_trouble(&self, card: &TicketCard) -> Result<Option<Trouble>, CauseError> {
        let events = self.0.store.ticket_events(&card.id).await?;
        let brain = self.brain();
        let Some(ticket) = Ticket::fold(events, &brain.rules.service.tickets) else { return Ok(None) };
        let contact = self.contact(&card.conversation).await?;
        let sums: Vec<_> = ticket.opening.form.sums.iter().map(|sum| sum.amount_fen).collect();
        let need = ticket.opening.form.need.as_ref();
        Ok(Some(Trouble::ticket(card, &sums, need, contact.as_ref(), ticket.complaint.is_some())))
    }

    /// Puts something down to what a person says; from then on the model knows it.
    ///
    /// # Errors
    /// `NotFound`, `UnknownOwner`, `Empty`; nothing has changed then.
    pub async fn correct_cause(&self, id: &str, label: Label, by: &StaffRef) -> Result<Attributed, CauseError> {
        if label.cause.area.trim().is_empty() {
            return Err(CauseError::Empty { what: "the product area" });
        }
        self.must_be_department(&label.owner)?;
        let row = self.0.store.attribution(id).await?;
        let mut row = row.ok_or_else(|| CauseError::NotFound { what: "attribution", id: id.to_owned() })?;
        let before = format!("{} / {}", row.attribution.label.cause.area, row.attribution.label.owner);
        row.attribution.reasons = vec![Localized::new(
            format!("{} 确认（原来归为 {before}）", by.name),
            format!("Said by {} (it was {before})", by.name),
        )];
        row.attribution.decided = Decided::Person { name: by.name.clone() };
        row.attribution.confidence = 1.0;
        row.attribution.label = label;
        self.0.store.correct_attribution(&row, &by.id, self.now()).await?;
        self.0.boards.lock().await.clear();
        self.learn_causes().await?;
        Ok(row)
    }

    fn must_be_department(&self, owner: &str) -> Result<(), CauseError> {
        let brain = self.brain();
        let departments = &brain.rules.service.tickets.departments;
        if departments.is_empty() || departments.iter().any(|d| d.id == owner) {
            return Ok(());
        }
        Err(CauseError::UnknownOwner(owner.to_owned()))
    }

    /// What was attributed within so many days before an instant, that day included; without the reasons, which nobody reads
    /// of hundreds of thousands at once.
    async fn rows_of(&self, until: Timestamp, days: i64) -> Result<Vec<Attributed>, ReadError> {
        let mut after = (Timestamp(day_start(china_day(until) - days).0 - 1), String::new());
        let mut rows: Vec<Attributed> = Vec::new();
        loop {
            let page = self.0.store.attributions_after((after.0, &after.1), until.plus_secs(1), PAGE).await?;
            let Some(last) = page.last() else { return Ok(rows) };
            after = (last.trouble.at, last.trouble.id.clone());
            rows.extend(page.into_iter().map(|mut row| {
                row.attribution.reasons = Vec::new();
                row
            }));
        }
    }
}

fn whereabouts(broke: BreakPoint) -> Whereabouts {
    Whereabouts {
        visitor: broke.visitor,
        trail: vec![format!("{}.{}", broke.journey, broke.step)],
        journey: Some(broke.journey),
        step: Some(broke.step),
        since: Some(broke.since),
        stuck: vec![broke.kind],
        code: broke.code,
        platform: broke.platform,
        version: broke.version,
        skill: None,
    }
}
