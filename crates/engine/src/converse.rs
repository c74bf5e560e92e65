//! One message's way: stored once, acknowledged when it is on disk, understood, decided, committed, published.

use crate::live::LiveEvents;
use crate::work::{JobBody, job_key};
use crate::{Engine, StaffError, new_id, project};
use jieti_domain::conversation::{
    Channel, Conversation, Customer, Decision, Doing, Effect, Event, Input, Refusal, StaffAct, StaffRef, Stage, StoredEvent,
    decide,
};
use jieti_domain::flow::parse_value;
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, FlowId, StepId};
use jieti_domain::knowledge::Account;
use jieti_domain::learning::Label;
use jieti_domain::masked::mask_text;
use jieti_domain::message::{Action, CardRow, FieldKind};
use jieti_domain::ticket::TicketCard;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Previous, Prior, Understanding};
use jieti_language::{Context, Language, Reading, mask_personal};
use jieti_store::{Append, ExposureMark, NewJob, ReadError, TicketStep, WriteError};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, PoisonError};
use thiserror::Error;

/// What a customer's client sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    Say {
        text: String,
    },
    Press {
        action: Action,
        label: String,
    },
    Submit {
        flow: FlowId,
        step: StepId,
        values: BTreeMap<String, String>,
    },
    /// `of` is the place of the message that is rated.
    Rate {
        score: i8,
        of: Option<u64>,
    },
}

/// The message is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub conversation: ConversationId,
    pub seq: u64,
    /// The same client message had been stored before; `seq` is its first place.
    pub duplicate: bool,
}

/// Why a message was not stored. Nothing has changed.
#[derive(Debug, Error)]
pub enum ReceiveError {
    #[error("message is empty; write something")]
    Empty,
    #[error("message has {chars} characters, more than {most}; split it")]
    TooLong { chars: usize, most: usize },
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Longest name or title of a page, in characters.
const LONGEST_PAGE: usize = 80;
/// Longest message, in characters: a full phone screen of Chinese is about 400.
const LONGEST: usize = 2000;
/// A committed step waits this long for the process that made it; after that the poller takes it up.
const FALLBACK_SECS: i64 = 20;
/// Tries against a store that moves on; each reads what is new, so one retry is usual and three are a lot.
const TRIES: usize = 5;

/// One conversation in memory.
#[derive(Default)]
pub(crate) struct Slot {
    pub state: Option<Conversation>,
    /// Client message ids that are stored, with their places.
    pub seen: HashMap<ClientMessageId, u64>,
    /// Inputs that are stored and not yet answered, in order.
    pub pending: VecDeque<JobBody>,
}

impl Engine {
    /// Stores what a customer sent. When this returns, it is on disk; the answer follows by itself.
    ///
    /// # Errors
    /// See [`ReceiveError`]; the client may send the same id again.
    pub async fn receive(
        &self,
        customer: &Customer,
        channel: Channel,
        lang: Lang,
        client_id: ClientMessageId,
        inbound: Inbound,
    ) -> Result<Receipt, ReceiveError> {
        check(&inbound)?;
        let entry = self.customer_entry(&customer.id);
        let mut open = entry.lock().await;
        for _ in 0..TRIES {
            let (id, is_new) = match self.open_conversation(&customer.id, &mut open).await? {
                Some(id) => (id, false),
                None => {
                    // Sent again after its conversation was closed: it is stored there, not here once more.
                    if let Some((conversation, seq)) = self.0.store.find_client_message(&customer.id, &client_id).await? {
                        return Ok(Receipt { conversation, seq, duplicate: true });
                    }
                    (ConversationId::new(new_id("cv")), true)
                }
            };
            let slot_handle = self.slot(&id);
            let mut slot = slot_handle.lock().await;
            if !is_new {
                self.load(&id, &mut slot).await?;
            }
            if let Some(seq) = slot.seen.get(&client_id) {
                return Ok(Receipt { conversation: id, seq: *seq, duplicate: true });
            }
            if slot.state.as_ref().is_some_and(|s| !s.is_open()) {
                *open = None;
                continue;
            }
            let now = self.now();
            let mut events = Vec::with_capacity(4);
            let mut seq = slot.state.as_ref().map_or(0, |s| s.seq);
            if slot.state.is_none() {
                seq += 1;
                events.push(StoredEvent { seq, at: now, event: Event::Opened { customer: customer.clone(), channel, lang } });
            }
            if slot.state.is_none()
                && let Some(whereabouts) = self.whereabouts(&customer.id)
            {
                seq += 1;
                events.push(StoredEvent { seq, at: now, event: Event::Whereabouts { whereabouts } });
            }
            let known = slot.state.as_ref().and_then(|s| s.doing.as_ref());
            if let Some(doing) = self.doing_of(&customer.id).filter(|d| d.is_news(known)) {
                seq += 1;
                events.push(StoredEvent { seq, at: now, event: Event::Doing { doing } });
            }
            seq += 1;
            events.push(StoredEvent { seq, at: now, event: self.event_of(&client_id, &inbound) });
            let body = job_of(seq, inbound.clone());
            let jobs =
                body.iter().map(|body| new_job(&id, job_key::inbound(&id, seq), body, now.plus_secs(FALLBACK_SECS))).collect();
            let opened = slot.state.is_none().then(|| Conversation::fold(id.clone(), events.iter().cloned())).flatten();
            let card = opened.as_ref().map(project::card);
            let append = Append {
                conversation: &id,
                events: &events,
                external_id: Some(&client_id),
                card: card.as_ref(),
                jobs,
                done: None,
                tickets: Vec::new(),
                labels: Vec::new(),
            };
            match self.0.store.append(append).await {
                Ok(()) => {}
                Err(WriteError::Conflict) => {
                    slot.state = None;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            self.take_in(&mut slot, &id, &events, opened);
            slot.seen.insert(client_id, seq);
            *open = Some(id.clone());
            if is_new {
                self.guidance_outcome(&customer.id, ExposureMark::Contacted);
                self.tell_in_background(&customer.id);
            }
            if let Some(body) = body {
                slot.pending.push_back(body);
                let engine = self.clone();
                let conversation = id.clone();
                tokio::spawn(async move { engine.answer_owed(&conversation).await });
            }
            return Ok(Receipt { conversation: id, seq, duplicate: false });
        }
        Err(WriteError::Conflict.into())
    }

    /// Answers stored inputs of a conversation until none is left. Tasks may start in any order; inputs are taken in
    /// theirs, and none overtakes one that could not be committed.
    async fn answer_owed(&self, id: &ConversationId) {
        let handle = self.slot(id);
        loop {
            // Let go after each: messages that come in meanwhile are stored and acknowledged in between.
            let mut slot = handle.lock().await;
            let loaded = self.load(id, &mut slot).await;
            let Some(body) = slot.pending.front().cloned() else { return };
            let done = match loaded {
                Ok(()) => self.carry_out(id, &mut slot, &body).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                // The job is still in the store: the poller tries again.
                tracing::warn!(conversation = %id, %error, "an answer could not be committed; it will be tried again");
                return;
            }
            slot.pending.retain(|p| *p != body);
        }
    }

    /// Does one stored input after everything that was stored before it.
    pub(crate) async fn carry_out_in_turn(
        &self,
        id: &ConversationId,
        slot: &mut Slot,
        body: &JobBody,
    ) -> Result<(), ReadOrWrite> {
        self.load(id, slot).await?;
        while slot.pending.contains(body)
            && let Some(first) = slot.pending.front().filter(|p| *p != body).cloned()
        {
            self.carry_out(id, slot, &first).await?;
            slot.pending.retain(|p| *p != first);
        }
        self.carry_out(id, slot, body).await?;
        slot.pending.retain(|p| p != body);
        Ok(())
    }

    /// Decides on one stored input and commits what follows together with the end of its job.
    pub(crate) async fn carry_out(&self, id: &ConversationId, slot: &mut Slot, body: &JobBody) -> Result<(), ReadOrWrite> {
        let (key, brain) = (body.key(id), self.brain());
        match body {
            JobBody::Said { seq, text } => {
                self.load(id, slot).await?;
                self.ask_for_account(id, slot).await?;
                let lang = slot.state.as_ref().map(|s| s.lang);
                let prior = slot.state.as_ref().and_then(|conversation| self.prior_of(conversation));
                let previous = slot.state.as_ref().and_then(|conversation| conversation.previous());
                let understanding = self.understand(&brain.language, text, lang, (prior, previous)).await;
                let input = Input::Understood { of: *seq, text, understanding: &understanding };
                self.commit(id, slot, Some(&key), input).await?;
                self.read_in_shadow(id, *seq, text, &understanding);
                Ok(())
            }
            JobBody::Pressed { action, .. } => {
                self.load(id, slot).await?;
                self.ask_for_account(id, slot).await?;
                self.commit(id, slot, Some(&key), Input::Pressed { action }).await.map(drop)
            }
            JobBody::Submitted { flow, step, values, .. } => {
                self.commit(id, slot, Some(&key), Input::Submitted { flow, step, values }).await.map(drop)
            }
            JobBody::Timer { timer } => self.commit(id, slot, Some(&key), Input::TimerFired(timer)).await.map(drop),
            JobBody::Lender { request, answer } => {
                let Some(answer) = answer else { return Ok(()) };
                let input = Input::LenderAnswered { request: &request.id, answer: answer.clone() };
                self.commit(id, slot, Some(&key), input).await.map(drop)
            }
            JobBody::Write { request, reply } => {
                let Some(reply) = reply else { return Ok(()) };
                let input = Input::Written { request, reply: reply.as_deref() };
                self.commit(id, slot, Some(&key), input).await.map(drop)
            }
            JobBody::Inspect => self.inspect(id, &key).await,
            JobBody::Attribute => self.attribute_contact(id, &key).await,
            JobBody::Alarm { seq } => self.alarm(id, *seq, &key).await,
            // Of a ticket or a case, not of a conversation.
            JobBody::TicketAlarm { .. } | JobBody::TicketNews { .. } | JobBody::CheckCase { .. } => Ok(()),
        }
    }

    /// Reads a message; where an encoder must be asked, beside the threads that serve the others.
    pub(crate) async fn understand(
        &self,
        language: &Language,
        text: &str,
        lang_hint: Option<Lang>,
        (prior, previous): (Option<Prior>, Option<Previous>),
    ) -> Understanding {
        let today = self.now().china_date();
        let read = move |language: &Language, text: &str| {
            let context = Context { prior: prior.as_ref(), previous: previous.as_ref() };
            language.understand(&Reading { text, today, lang_hint, context })
        };
        if !language.is_slow() {
            return read(language, text);
        }
        let (language, text) = (language.clone(), text.to_owned());
        let work = tokio::task::spawn_blocking(move || read(&language, &text));
        work.await.expect("reading a message does not panic")
    }

    /// Keeps what the lender's core knows of the customer, where an answer differs by it. A lender that does not answer in time
    /// leaves what was known.
    async fn ask_for_account(&self, id: &ConversationId, slot: &mut Slot) -> Result<(), ReadOrWrite> {
        let Some(state) = slot.state.as_ref() else { return Ok(()) };
        if !self.brain().rules.knowledge.asks_the_lender() || !state.customer.signed_in || !matches!(state.stage, Stage::Bot) {
            return Ok(());
        }
        let facts = self.known_facts(&state.customer.id).await;
        match Account::of(&facts) {
            Some(account) => self.commit(id, slot, None, Input::AccountSeen { account: &account }).await.map(drop),
            None => Ok(()),
        }
    }

    /// Loads, decides and commits one input; decides afresh where the store has moved on. A finished job is left alone.
    pub(crate) async fn commit(
        &self,
        id: &ConversationId,
        slot: &mut Slot,
        job: Option<&str>,
        input: Input<'_>,
    ) -> Result<u64, ReadOrWrite> {
        self.commit_as(id, slot, job, None, input).await
    }

    async fn commit_as(
        &self,
        id: &ConversationId,
        slot: &mut Slot,
        job: Option<&str>,
        client_id: Option<&ClientMessageId>,
        input: Input<'_>,
    ) -> Result<u64, ReadOrWrite> {
        for _ in 0..TRIES {
            self.load(id, slot).await?;
            let Some(state) = &slot.state else { return Err(ReadOrWrite::NotFound) };
            let now = self.now();
            let staffing = self.desk().staffing(now);
            let brain = self.brain();
            let Decision { events, effects } = decide(state, input.clone(), &brain.rules, staffing.duty(), now)?;
            if events.is_empty() && effects.is_empty() {
                if let Some(job) = job {
                    self.0.store.drop_job(job).await?;
                }
                return Ok(state.seq);
            }
            let mut next = state.clone();
            let events: Vec<StoredEvent> = events
                .into_iter()
                .map(|event| {
                    let stored = StoredEvent { seq: next.seq + 1, at: now, event };
                    next.apply(&stored);
                    stored
                })
                .collect();
            let card = project::card(&next);
            let Outbox { jobs, tickets, labels } = self.outbox(id, &effects, now);
            let opened: Vec<TicketCard> = tickets.iter().map(|t| t.card.clone()).collect();
            let append = Append {
                conversation: id,
                events: &events,
                external_id: client_id,
                card: Some(&card),
                jobs,
                done: job,
                tickets,
                labels,
            };
            match self.0.store.append(append).await {
                Ok(()) => {
                    let seq = next.seq;
                    if matches!(next.stage, Stage::Waiting { .. }) && !matches!(state.stage, Stage::Waiting { .. }) {
                        self.before_waiting(id, &next.customer.id, &events).await;
                    }
                    opened.into_iter().for_each(|card| self.publish_ticket(card));
                    self.take_in(slot, id, &events, Some(next));
                    self.set_off(id, effects);
                    self.route();
                    return Ok(seq);
                }
                Err(WriteError::Conflict) => {
                    let before = slot.state.take().map_or(0, |s| s.seq);
                    self.load(id, slot).await?;
                    let unchanged = slot.state.as_ref().is_some_and(|s| s.seq == before);
                    if unchanged && job.is_some() {
                        // Nothing else moved, so the job is what is gone: its step has been committed before.
                        return Ok(before);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// Like [`Engine::staff_act`]; an action repeated with the same client id is done once.
    ///
    /// # Errors
    /// See [`StaffError`].
    pub async fn staff_act_once(
        &self,
        id: &ConversationId,
        staff: &StaffRef,
        act: &StaffAct,
        client_id: Option<ClientMessageId>,
    ) -> Result<u64, StaffError> {
        let handle = self.slot(id);
        let mut slot = handle.lock().await;
        self.load(id, &mut slot).await?;
        if let Some(seq) = client_id.as_ref().and_then(|c| slot.seen.get(c)) {
            return Ok(*seq);
        }
        let input = Input::Staff { staff, act };
        let seq = self.commit_as(id, &mut slot, None, client_id.as_ref(), input).await.map_err(|error| match error {
            ReadOrWrite::Read(e) => StaffError::Read(e),
            ReadOrWrite::Write(e) => StaffError::Write(e),
            ReadOrWrite::Refused(e) => StaffError::Refused(e),
            ReadOrWrite::NotFound => StaffError::NotFound(id.clone()),
        })?;
        if let Some(client_id) = client_id {
            slot.seen.insert(client_id, seq);
        }
        Ok(seq)
    }

    /// Takes committed events into memory and tells everybody who listens.
    fn take_in(&self, slot: &mut Slot, id: &ConversationId, events: &[StoredEvent], next: Option<Conversation>) {
        match next {
            Some(next) => slot.state = Some(next),
            None => {
                if let Some(state) = &mut slot.state {
                    events.iter().for_each(|e| state.apply(e));
                }
            }
        }
        let Some(state) = &slot.state else { return };
        self.0.live.publish(&state.customer.id, &LiveEvents { conversation: id.clone(), events: events.into() });
        self.0.live.mention(id, events);
        self.publish_card(project::card(state));
    }

    pub(crate) fn slot(&self, id: &ConversationId) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id.clone()).or_default())
    }

    pub(crate) async fn load(&self, id: &ConversationId, slot: &mut Slot) -> Result<(), ReadError> {
        if slot.state.is_none() {
            let events = self.0.store.events(id, 0).await?;
            slot.state = Conversation::fold(id.clone(), events);
            slot.seen = self.0.store.client_ids(id).await?.into_iter().collect();
            // What the last process stored and did not answer comes before anything new.
            let owed = self.0.store.jobs_of(id).await?;
            let owed = owed.iter().filter(|job| job.key.starts_with(job_key::INBOUND));
            slot.pending = owed.filter_map(|job| serde_json::from_str(&job.body).ok()).collect();
        }
        Ok(())
    }

    fn customer_entry(&self, customer: &CustomerId) -> Arc<tokio::sync::Mutex<Option<ConversationId>>> {
        let mut customers = self.0.customers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(customers.entry(customer.clone()).or_default())
    }

    async fn open_conversation(
        &self,
        customer: &CustomerId,
        open: &mut Option<ConversationId>,
    ) -> Result<Option<ConversationId>, ReadError> {
        if open.is_none() {
            *open = self.0.store.open_conversation(customer).await?;
        }
        Ok(open.clone())
    }

    /// The page that a customer has before them; kept with the next message. Personal numbers in its title are masked.
    pub fn customer_does(&self, customer: &CustomerId, doing: Doing) {
        let short = |text: &str| mask_personal(&text.chars().take(LONGEST_PAGE).collect::<String>());
        let doing = Doing { page: short(&doing.page), title: short(&doing.title), dwell_secs: doing.dwell_secs };
        self.0.doing.lock().unwrap_or_else(PoisonError::into_inner).insert(customer.clone(), doing);
    }

    fn doing_of(&self, customer: &CustomerId) -> Option<Doing> {
        self.0.doing.lock().unwrap_or_else(PoisonError::into_inner).get(customer).cloned()
    }

    /// The customer's conversation that is open, if any.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn open_conversation_of(&self, customer: &CustomerId) -> Result<Option<ConversationId>, ReadError> {
        self.0.store.open_conversation(customer).await
    }

    /// The event that is stored: personal numbers are masked at the door.
    fn event_of(&self, client_id: &ClientMessageId, inbound: &Inbound) -> Event {
        let client_id = client_id.clone();
        match inbound {
            Inbound::Say { text } => Event::CustomerSaid { client_id, text: mask_personal(text) },
            Inbound::Press { action, label } => {
                Event::CustomerPressed { client_id, action: action.clone(), label: label.chars().take(60).collect() }
            }
            Inbound::Submit { flow, step, values } => {
                Event::CustomerSubmitted { client_id, flow: flow.clone(), step: step.clone(), rows: self.shown(flow, values) }
            }
            Inbound::Rate { score, of } => Event::Rated { client_id, score: *score, of: *of },
        }
    }

    /// A form's values as they may be kept: secrets masked, unknown names left out.
    fn shown(&self, flow: &FlowId, values: &BTreeMap<String, String>) -> Vec<CardRow> {
        let brain = self.brain();
        let Some(spec) = brain.rules.flows.get(flow) else { return Vec::new() };
        values
            .iter()
            .filter_map(|(name, value)| {
                let slot = spec.slots.get(name)?;
                let value = match slot.kind {
                    FieldKind::Code => "*".repeat(value.chars().count().min(8)),
                    kind if kind.is_secret() => mask_text(value),
                    kind => parse_value(kind, value).map_or_else(|_| String::new(), |_| mask_personal(value)),
                };
                Some(CardRow { label: name.clone(), value })
            })
            .collect()
    }
}

/// Why a step could not be committed.
#[derive(Debug, Error)]
pub(crate) enum ReadOrWrite {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("conversation does not exist")]
    NotFound,
}

fn check(inbound: &Inbound) -> Result<(), ReceiveError> {
    let text = match inbound {
        Inbound::Say { text } if text.trim().is_empty() => return Err(ReceiveError::Empty),
        Inbound::Say { text } => text.chars().count(),
        Inbound::Submit { values, .. } => values.values().map(|v| v.chars().count()).sum(),
        Inbound::Press { .. } | Inbound::Rate { .. } => 0,
    };
    if text > LONGEST { Err(ReceiveError::TooLong { chars: text, most: LONGEST }) } else { Ok(()) }
}

/// The work that a stored input leaves; a rating leaves none.
fn job_of(seq: u64, inbound: Inbound) -> Option<JobBody> {
    match inbound {
        Inbound::Say { text } => Some(JobBody::Said { seq, text }),
        Inbound::Press { action, .. } => Some(JobBody::Pressed { seq, action }),
        Inbound::Submit { flow, step, values } => Some(JobBody::Submitted { seq, flow, step, values }),
        Inbound::Rate { .. } => None,
    }
}

pub(crate) fn new_job(conversation: &ConversationId, key: String, body: &JobBody, due_at: Timestamp) -> NewJob {
    NewJob { key, conversation: conversation.clone(), body: body.to_json(), due_at }
}

#[derive(Default)]
struct Outbox<'a> {
    jobs: Vec<NewJob>,
    tickets: Vec<TicketStep>,
    labels: Vec<&'a Label>,
}

impl Engine {
    /// Effects as they are written with the events.
    fn outbox<'a>(&self, id: &ConversationId, effects: &'a [Effect], now: Timestamp) -> Outbox<'a> {
        let mut out = Outbox::default();
        for effect in effects {
            match effect {
                Effect::AskLender(request) => {
                    let body = JobBody::Lender { request: request.clone(), answer: None };
                    out.jobs.push(new_job(id, body.key(id), &body, now.plus_secs(3 * FALLBACK_SECS)));
                }
                Effect::Write(request) => {
                    let body = JobBody::Write { request: request.clone(), reply: None };
                    out.jobs.push(new_job(id, body.key(id), &body, now.plus_secs(3 * FALLBACK_SECS)));
                }
                Effect::StartTimer { due, timer } => {
                    let body = JobBody::Timer { timer: timer.clone() };
                    out.jobs.push(new_job(id, body.key(id), &body, *due));
                }
                Effect::OpenTicket(opening) => out.tickets.push(self.first_step(opening, now)),
                Effect::Keep(label) => out.labels.push(label),
                Effect::Inspect => {
                    out.jobs.push(new_job(id, JobBody::Inspect.key(id), &JobBody::Inspect, now.plus_secs(FALLBACK_SECS)));
                }
                Effect::Attribute => {
                    let body = JobBody::Attribute;
                    out.jobs.push(new_job(id, body.key(id), &body, now.plus_secs(FALLBACK_SECS)));
                }
                Effect::Alarm { seq } => {
                    let body = JobBody::Alarm { seq: *seq };
                    out.jobs.push(new_job(id, body.key(id), &body, now.plus_secs(FALLBACK_SECS)));
                }
            }
        }
        out
    }
}
