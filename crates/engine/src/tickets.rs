//! Tickets: load, decide, commit, publish; their alarms, and the customer's news. Owns the order; the rule is in `domain`.

use crate::converse::{ReadOrWrite, new_job};
use crate::work::JobBody;
use crate::{Engine, StaffError, new_id};
use jieti_domain::conversation::{Conversation, Event, Input, Speaker, StaffAct, StaffRef, StoredEvent};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, RequestId, TicketId};
use jieti_domain::lender::{Facts, LenderRequest, Operation};
use jieti_domain::ticket::{
    Accused, Actor, Background, ClockKind, LinkKind, Opening, StoredTicketEvent, Ticket, TicketAct, TicketCard, TicketEvent,
    TicketForm, TicketRefusal, act, card, fill, link, merge, news, next_alarms, split,
};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Signal};
use jieti_language::mask_personal;
use jieti_store::{ExposureMark, NewJob, News, ReadError, TicketStep, WriteError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Tries against a ticket that moves on.
const TRIES: usize = 5;
/// The form opens with what the lender has said by then.
const PATIENCE: Duration = Duration::from_millis(1500);
/// News waits this long for the process that made it; after that the poller takes it up.
const FALLBACK_SECS: i64 = 20;

/// What is done to two tickets at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pair {
    /// The first goes on as the second.
    Merge,
    Link(LinkKind),
}

/// Why nothing was done to a ticket.
#[derive(Debug, Error)]
pub enum TicketError {
    #[error("ticket {0} does not exist; reload the list")]
    NotFound(TicketId),
    #[error("ticket {id} has changed since you read it: {by} ({what}); look at it again")]
    Changed { id: TicketId, by: String, what: &'static str },
    #[error(transparent)]
    Refused(#[from] TicketRefusal),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A client's own name for its act, and the place of the ticket that it has seen.
#[derive(Debug, Clone, Copy, Default)]
struct Sent<'a> {
    client_id: Option<&'a str>,
    seen: Option<u64>,
}

impl Engine {
    /// A ticket and its events. A merged one is itself; where it went is in its state.
    ///
    /// # Errors
    /// `NotFound`, or where the store cannot be read.
    pub async fn ticket(&self, id: &TicketId) -> Result<(Ticket, Vec<StoredTicketEvent>), TicketError> {
        let events = self.0.store.ticket_events(id).await?;
        let ticket = Ticket::fold(events.iter().cloned(), &self.brain().rules.service.tickets);
        Ok((ticket.ok_or_else(|| TicketError::NotFound(id.clone()))?, events))
    }

    pub fn ticket_card(&self, ticket: &Ticket) -> TicketCard {
        card(ticket, &self.brain().rules.service, self.now())
    }

    /// Does one act. Repeated with the same client id it is done once; `seen` is the place that the client has read.
    ///
    /// # Errors
    /// See [`TicketError`]; nothing has changed then.
    pub async fn act_on_ticket(
        &self,
        id: &TicketId,
        by: &Actor,
        what: &TicketAct,
        client_id: Option<&str>,
        seen: Option<u64>,
    ) -> Result<TicketCard, TicketError> {
        self.act(id, by, &masked(by, what), Sent { client_id, seen }, None).await
    }

    async fn act(
        &self,
        id: &TicketId,
        by: &Actor,
        what: &TicketAct,
        sent: Sent<'_>,
        job: Option<&str>,
    ) -> Result<TicketCard, TicketError> {
        for _ in 0..TRIES {
            let (ticket, events) = self.ticket(id).await?;
            if self.is_stored(id, sent).await? {
                return Ok(self.ticket_card(&ticket));
            }
            unchanged(&ticket, &events, by, sent)?;
            let now = self.now();
            let brain = self.brain();
            let made = act(&ticket, by, what.clone(), &brain.rules.service, now)?;
            if made.is_empty() {
                if let Some(job) = job {
                    self.0.store.drop_job(job).await?;
                }
                return Ok(self.ticket_card(&ticket));
            }
            let step = self.step(&ticket, by, made, sent.client_id, now);
            match self.commit_tickets(vec![step], job).await {
                Ok(mut cards) => return cards.pop().ok_or_else(|| TicketError::NotFound(id.clone())),
                Err(WriteError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// Merges or links two tickets, both in one commit.
    ///
    /// # Errors
    /// See [`TicketError`].
    pub async fn pair_tickets(
        &self,
        id: &TicketId,
        other: &TicketId,
        pair: &Pair,
        by: &Actor,
        client_id: &str,
        seen: Option<u64>,
    ) -> Result<TicketCard, TicketError> {
        let sent = Sent { client_id: Some(client_id), seen };
        for _ in 0..TRIES {
            let ((one, events), (two, _)) = (self.ticket(id).await?, self.ticket(other).await?);
            if self.is_stored(id, sent).await? {
                return Ok(self.ticket_card(&one));
            }
            unchanged(&one, &events, by, sent)?;
            let (here, there) = match pair {
                Pair::Merge => merge(&one, &two, by)?,
                Pair::Link(kind) => link(&one, &two, *kind, by)?,
            };
            if here.is_empty() {
                return Ok(self.ticket_card(&one));
            }
            let now = self.now();
            let steps = vec![self.step(&two, by, there, Some(client_id), now), self.step(&one, by, here, Some(client_id), now)];
            match self.commit_tickets(steps, None).await {
                Ok(mut cards) => return cards.pop().ok_or_else(|| TicketError::NotFound(id.clone())),
                Err(WriteError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// Takes a part of a ticket out into a new one. Returns the new one.
    ///
    /// # Errors
    /// See [`TicketError`].
    pub async fn split_ticket(
        &self,
        id: &TicketId,
        form: &TicketForm,
        by: &Actor,
        client_id: &str,
    ) -> Result<TicketCard, TicketError> {
        for _ in 0..TRIES {
            let (parent, events) = self.ticket(id).await?;
            if self.is_stored(id, Sent { client_id: Some(client_id), seen: None }).await? {
                return self.split_before(&events, &parent).await;
            }
            let now = self.now();
            let (event, opening) = split(&parent, form.clone(), by, &self.brain().rules.service, now)?;
            let steps = vec![self.step(&parent, by, vec![event], Some(client_id), now), self.first_step(&opening, now)];
            match self.commit_tickets(steps, None).await {
                Ok(mut cards) => return cards.pop().ok_or_else(|| TicketError::NotFound(id.clone())),
                Err(WriteError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// The part that the repeated request has split off already.
    async fn split_before(&self, events: &[StoredTicketEvent], parent: &Ticket) -> Result<TicketCard, TicketError> {
        let part = events.iter().rev().find_map(|e| match &e.event {
            TicketEvent::SplitOff { ticket, .. } => Some(ticket.clone()),
            _ => None,
        });
        let part = part.ok_or_else(|| TicketError::NotFound(parent.id().clone()))?;
        Ok(self.ticket_card(&self.ticket(&part).await?.0))
    }

    /// The form as it would be opened now, with what the lender says in time.
    ///
    /// # Errors
    /// Where the conversation does not exist or the store cannot be read.
    pub async fn filled_ticket(&self, id: &ConversationId) -> Result<TicketForm, StaffError> {
        let conversation = self.conversation(id).await?.ok_or_else(|| StaffError::NotFound(id.clone()))?;
        let events = self.0.store.events(id, 0).await?;
        let signals = heard(&events);
        let spoke = spoke(&events);
        let loans = self.loans(&conversation).await;
        let known = Background { need: None, signals: &signals, loans: loans.as_ref(), spoke: &spoke };
        Ok(fill(&conversation, &known, &self.brain().rules))
    }

    async fn loans(&self, conversation: &Conversation) -> Option<Facts> {
        if !conversation.customer.signed_in {
            return None;
        }
        let request = LenderRequest {
            id: RequestId::new(new_id("rq")),
            customer: conversation.customer.id.clone(),
            operation: Operation::Loans,
            arguments: Facts::new(),
            lang: Lang::ZhCn,
        };
        tokio::time::timeout(PATIENCE, self.0.lender.ask(&request)).await.ok()?.ok()
    }

    /// Opens a ticket from a conversation and tells the customer its number and promise. The same client id opens one.
    ///
    /// # Errors
    /// See [`StaffError`].
    pub async fn open_ticket(
        &self,
        id: &ConversationId,
        staff: &StaffRef,
        form: TicketForm,
        client_id: &str,
    ) -> Result<TicketId, StaffError> {
        let act = StaffAct::OpenTicket { form: Box::new(form) };
        let seq = self.staff_act_once(id, staff, &act, Some(ClientMessageId::new(client_id))).await?;
        let events = self.0.store.events(id, seq.saturating_sub(1)).await?;
        let opened = events.into_iter().find_map(|e| match e.event {
            Event::TicketOpened { ticket, .. } if e.seq == seq => Some(ticket),
            _ => None,
        });
        opened.ok_or_else(|| {
            let detail = format!("client id {client_id:?} is the name of another act in conversation {id}");
            StaffError::Read(ReadError::Broken { detail })
        })
    }

    /// News of every ticket, as they are committed.
    pub fn subscribe_tickets(&self) -> crate::Subscription<Arc<TicketCard>> {
        self.0.live.tickets()
    }

    pub(crate) fn publish_ticket(&self, card: TicketCard) {
        if card.complaint.is_some() {
            self.dispute(&card.customer, card.state == "open");
            self.guidance_outcome(&card.customer, ExposureMark::Complained);
        }
        self.0.live.publish_ticket(&Arc::new(card));
    }

    async fn is_stored(&self, id: &TicketId, sent: Sent<'_>) -> Result<bool, ReadError> {
        match sent.client_id {
            Some(client_id) => self.0.store.ticket_act_is_stored(id, client_id).await,
            None => Ok(false),
        }
    }

    /// An opening as it is written.
    pub(crate) fn first_step(&self, opening: &Opening, now: Timestamp) -> TicketStep {
        let by = opening.opened_by.clone();
        let event = TicketEvent::Opened { opening: Box::new(opening.clone()) };
        let events = vec![StoredTicketEvent { seq: 1, at: now, by, event }];
        let ticket = Ticket::fold(events.iter().cloned(), &self.brain().rules.service.tickets);
        let ticket = ticket.expect("the first event is the opening");
        self.step_of(&ticket, events, None, now)
    }

    fn step(&self, ticket: &Ticket, by: &Actor, made: Vec<TicketEvent>, client_id: Option<&str>, now: Timestamp) -> TicketStep {
        let brain = self.brain();
        let mut next = ticket.clone();
        let events = made
            .into_iter()
            .map(|event| {
                let stored = StoredTicketEvent { seq: next.seq + 1, at: now, by: by.clone(), event };
                next.apply(&stored, &brain.rules.service.tickets);
                stored
            })
            .collect();
        self.step_of(&next, events, client_id, now)
    }

    fn step_of(&self, ticket: &Ticket, events: Vec<StoredTicketEvent>, client_id: Option<&str>, now: Timestamp) -> TicketStep {
        let rules = &self.brain().rules.service;
        let conversation = &ticket.opening.conversation;
        let job = |body: JobBody, due| new_job(conversation, body.key(conversation), &body, due);
        let told: Vec<News> = events
            .iter()
            .filter_map(|e| Some(News { ticket: ticket.id().clone(), seq: e.seq, text: news(ticket, &e.event)? }))
            .collect();
        let alarms = next_alarms(ticket, rules)
            .into_iter()
            .map(|(clock, percent, due)| job(JobBody::TicketAlarm { ticket: ticket.id().clone(), clock, percent, due }, due));
        let tell = told.iter().map(|n| {
            let customer = ticket.opening.customer.id.clone();
            job(JobBody::TicketNews { ticket: n.ticket.clone(), customer, seq: n.seq }, now.plus_secs(FALLBACK_SECS))
        });
        let jobs: Vec<NewJob> = alarms.chain(tell).collect();
        TicketStep { events, external_id: client_id.map(str::to_owned), card: card(ticket, rules, now), jobs, news: told }
    }

    /// Commits, tells the consoles, and sets off what the customers are to hear. Returns the cards in the same order.
    async fn commit_tickets(&self, steps: Vec<TicketStep>, job: Option<&str>) -> Result<Vec<TicketCard>, WriteError> {
        self.0.store.append_tickets(&steps, job).await?;
        let cards: Vec<TicketCard> = steps.iter().map(|s| s.card.clone()).collect();
        for step in steps {
            if !step.news.is_empty() {
                self.tell_in_background(&step.card.customer);
            }
            self.publish_ticket(step.card);
        }
        Ok(cards)
    }

    /// A clock has come to a step of its escalation.
    pub(crate) async fn ring(&self, id: &TicketId, clock: ClockKind, percent: u8, job: &str) -> Result<(), TicketError> {
        let reached = TicketAct::ClockReached { clock, percent };
        self.act(id, &Actor::System, &reached, Sent::default(), Some(job)).await.map(drop)
    }

    pub(crate) fn tell_in_background(&self, customer: &CustomerId) {
        let (engine, customer) = (self.clone(), customer.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.tell(&customer).await {
                tracing::warn!(%customer, %error, "news of a ticket could not be told; it will be tried again");
            }
        });
    }

    /// Says what the customer has not heard yet in the open conversation. Without one it waits for the next contact.
    pub(crate) async fn tell(&self, customer: &CustomerId) -> Result<(), ReadOrWrite> {
        let news = self.0.store.ticket_news(customer).await?;
        if news.is_empty() {
            return Ok(());
        }
        let Some(conversation) = self.0.store.open_conversation(customer).await? else {
            for n in &news {
                self.0.store.drop_job(&news_key(n)).await?;
            }
            return Ok(());
        };
        for n in news {
            {
                let handle = self.slot(&conversation);
                let mut slot = handle.lock().await;
                let input = Input::TicketNews { ticket: &n.ticket, seq: n.seq, text: &n.text };
                self.commit(&conversation, &mut slot, None, input).await?;
                let told = slot.state.as_ref().is_some_and(|s| s.told.contains(&(n.ticket.clone(), n.seq)));
                if !told {
                    return Ok(());
                }
            }
            self.note_notice(&n).await?;
            self.0.store.drop_ticket_news(&n).await?;
            self.0.store.drop_job(&news_key(&n)).await?;
        }
        Ok(())
    }

    /// The news of an approved extension is the notice that puts it in force.
    async fn note_notice(&self, n: &News) -> Result<(), ReadOrWrite> {
        let (_, events) = self.ticket(&n.ticket).await?;
        let is_notice = events.iter().any(|e| e.seq == n.seq && matches!(e.event, TicketEvent::ExtensionApproved));
        if !is_notice {
            return Ok(());
        }
        let act = TicketAct::GiveNotice { how: "对话中告知 / told in the conversation".to_owned() };
        match self.act(&n.ticket, &Actor::System, &act, Sent::default(), None).await {
            // Too late, or the ticket has ended meanwhile: the limit stays as it is.
            Ok(_) | Err(TicketError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn news_key(n: &News) -> String {
    format!("news:{}:{}", n.ticket, n.seq)
}

/// What customers write has its personal numbers masked at the door.
fn masked(by: &Actor, act: &TicketAct) -> TicketAct {
    match (by, act) {
        (Actor::Customer, TicketAct::Reopen { text }) => TicketAct::Reopen { text: mask_personal(text) },
        (Actor::Customer, TicketAct::Withdraw { text }) => TicketAct::Withdraw { text: mask_personal(text) },
        _ => act.clone(),
    }
}

/// Refuses an act of somebody who has not seen what others did since.
fn unchanged(ticket: &Ticket, events: &[StoredTicketEvent], by: &Actor, sent: Sent<'_>) -> Result<(), TicketError> {
    let Some(seen) = sent.seen else { return Ok(()) };
    let others = events.iter().rev().take_while(|e| e.seq > seen);
    let missed = others.into_iter().find(|e| e.by != *by && !matches!(e.event, TicketEvent::Noted { .. }));
    match missed {
        None => Ok(()),
        Some(missed) => Err(TicketError::Changed {
            id: ticket.id().clone(),
            by: match &missed.by {
                Actor::Staff { name, .. } => name.clone(),
                Actor::Customer => "the customer".to_owned(),
                Actor::System => "a clock".to_owned(),
            },
            what: missed.event.kind(),
        }),
    }
}

/// Everything that was heard in a conversation.
fn heard(events: &[StoredEvent]) -> BTreeSet<Signal> {
    let signals = events.iter().filter_map(|e| match &e.event {
        Event::Understood { signals, .. } => Some(signals),
        _ => None,
    });
    signals.flatten().copied().collect()
}

/// The agents who spoke in a conversation, each once.
fn spoke(events: &[StoredEvent]) -> Vec<Accused> {
    let mut found = Vec::new();
    for event in events {
        if let Event::Said { by: Speaker::Agent { staff, name }, .. } = &event.event {
            let party = Accused::Person { staff: staff.clone(), name: name.clone() };
            if !found.contains(&party) {
                found.push(party);
            }
        }
    }
    found
}

impl From<TicketError> for ReadOrWrite {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::Read(error) => ReadOrWrite::Read(error),
            TicketError::Write(error) => ReadOrWrite::Write(error),
            TicketError::NotFound(_) => ReadOrWrite::NotFound,
            TicketError::Changed { .. } => ReadOrWrite::Write(WriteError::Conflict),
            TicketError::Refused(refusal) => ReadOrWrite::Refused(refusal.into()),
        }
    }
}
