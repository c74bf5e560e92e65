//! The worker: stored jobs, timers, questions to the lender, presence that runs out, conversations gone quiet.

use crate::Engine;
use crate::converse::ReadOrWrite;
use jieti_domain::conversation::{Effect, Input, Timer};
use jieti_domain::id::{CaseId, ConversationId, CustomerId, FlowId, StepId, TicketId};
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_domain::message::Action;
use jieti_domain::ticket::ClockKind;
use jieti_domain::time::Timestamp;
use jieti_domain::writing::{WritingError, WritingRequest};
use jieti_store::Job;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

/// A job as stored. It holds what the event log must not (a card number as typed), and is gone once it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub(crate) enum JobBody {
    Said {
        seq: u64,
        text: String,
    },
    Pressed {
        seq: u64,
        action: Action,
    },
    Submitted {
        seq: u64,
        flow: FlowId,
        step: StepId,
        values: BTreeMap<String, String>,
    },
    Timer {
        timer: Timer,
    },
    /// `answer` is only ever present in memory.
    Lender {
        request: LenderRequest,
        #[serde(skip)]
        answer: Option<Result<Facts, LenderError>>,
    },
    /// `reply` is only ever present in memory.
    Write {
        request: WritingRequest,
        #[serde(skip)]
        reply: Option<Result<String, WritingError>>,
    },
    /// Hold the closed conversation against the scorecard.
    Inspect,
    /// Put the closed conversation down to its cause.
    Attribute,
    /// The days of a case's fix are over: measure it.
    CheckCase {
        case: CaseId,
        live_at: Timestamp,
    },
    /// Look at what was said at this place, and alarm where it breaks a rule that is watched at once.
    Alarm {
        seq: u64,
    },
    /// A ticket's clock comes to a step of the escalation. `due` tells an alarm of before a pause from the present one.
    TicketAlarm {
        ticket: TicketId,
        clock: ClockKind,
        percent: u8,
        due: Timestamp,
    },
    /// The customer is to be told what happened at place `seq`.
    TicketNews {
        ticket: TicketId,
        customer: CustomerId,
        seq: u64,
    },
}

/// Names of jobs: the same work always has the same name.
pub(crate) mod job_key {
    use jieti_domain::id::ConversationId;

    /// What customers send.
    pub const INBOUND: &str = "in:";
    /// Conversations that closed.
    pub const INSPECT: &str = "inspect:";
    pub const ATTRIBUTE: &str = "attribute:";
    /// Things said that may be critical.
    pub const ALARM: &str = "alarm:";

    /// In the order of the alphabet these are in the order of the messages.
    pub fn inbound(conversation: &ConversationId, seq: u64) -> String {
        format!("{INBOUND}{conversation}:{seq:08}")
    }
}

impl JobBody {
    pub fn key(&self, conversation: &ConversationId) -> String {
        match self {
            JobBody::Said { seq, .. } | JobBody::Pressed { seq, .. } | JobBody::Submitted { seq, .. } => {
                job_key::inbound(conversation, *seq)
            }
            JobBody::Timer { timer: Timer::Draft { draft } } => format!("timer:draft:{draft}"),
            JobBody::Timer { timer: Timer::Queue { deadline } } => format!("timer:queue:{conversation}:{}", deadline.0),
            JobBody::Timer { timer: Timer::Invite { deadline } } => format!("timer:invite:{conversation}:{}", deadline.0),
            JobBody::Lender { request, .. } => format!("lender:{}", request.id),
            JobBody::Write { request, .. } => format!("write:{}", request.id),
            JobBody::Inspect => format!("{}{conversation}", job_key::INSPECT),
            JobBody::Attribute => format!("{}{conversation}", job_key::ATTRIBUTE),
            JobBody::CheckCase { case, live_at } => format!("timer:case:{case}:{}", live_at.0),
            JobBody::Alarm { seq } => format!("{}{conversation}:{seq:08}", job_key::ALARM),
            JobBody::TicketAlarm { ticket, clock, percent, due } => {
                format!("timer:ticket:{ticket}:{clock:?}:{percent}:{}", due.0)
            }
            JobBody::TicketNews { ticket, seq, .. } => format!("news:{ticket}:{seq}"),
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("jobs have string keys and no failing serialisers")
    }
}

/// How often due jobs are looked for.
const POLL: Duration = Duration::from_millis(250);
/// Polls a minute.
const PER_MINUTE: u64 = 240;
/// Jobs taken up at a time.
const PORTION: u64 = 256;
/// Waits before a question that changes something is asked again with the same key.
const RETRY_SECS: [u64; 2] = [1, 3];

impl Engine {
    /// Works until the process ends. After a restart it first takes up what the last process left.
    pub async fn run_worker(self) {
        if let Err(error) = self.take_over().await {
            tracing::error!(%error, "stored jobs could not be taken up; they will be when they fall due");
        }
        let mut ticks: u64 = 0;
        loop {
            tokio::time::sleep(POLL).await;
            self.work_off().await;
            self.route_widened();
            if let Err(error) = self.ring_behaviour().await {
                tracing::warn!(%error, "what time says of customers could not be written; it is said again");
            }
            ticks += 1;
            if ticks.is_multiple_of(4) {
                self.check_presence().await;
                // Whoever could not be given to anybody because the store failed is tried again.
                self.route();
                self.close_idle().await;
            }
            if ticks.is_multiple_of(20)
                && let Err(error) = self.sweep_causes().await
            {
                tracing::warn!(%error, "tickets and break points could not be attributed; they will be at the next sweep");
            }
            if ticks.is_multiple_of(PER_MINUTE) {
                self.watch_guidance().await;
                if let Err(error) = self.learn_prior().await {
                    tracing::warn!(%error, "what customers want at each step could not be learnt; it is tried again in a minute");
                }
            }
            if ticks.is_multiple_of(60 * PER_MINUTE)
                && let Err(error) = self.checkpoint_behaviour().await
            {
                tracing::warn!(%error, "the hourly checkpoint of behaviour could not be written; the log goes on");
            }
            if ticks.is_multiple_of(120) {
                self.0.live.sweep();
                self.drop_cold_slots();
            }
        }
    }

    /// Nobody else works on this store: what a dead process left is due now.
    async fn take_over(&self) -> Result<(), jieti_store::WriteError> {
        let now = self.now();
        self.0.store.rush_jobs(job_key::INBOUND, now).await?;
        self.0.store.rush_jobs(job_key::INSPECT, now).await?;
        self.0.store.rush_jobs(job_key::ATTRIBUTE, now).await?;
        self.0.store.rush_jobs(job_key::ALARM, now).await?;
        self.0.store.rush_jobs("write:", now).await?;
        self.0.store.rush_jobs("lender:", now).await
    }

    /// Does every job that is due.
    pub async fn work_off(&self) {
        let jobs = match self.0.store.due_jobs(self.now(), PORTION).await {
            Ok(jobs) => jobs,
            Err(error) => return tracing::error!(%error, "due jobs could not be read"),
        };
        for job in jobs {
            if self.is_running(&job.key) {
                continue;
            }
            if let Err(error) = self.do_job(&job).await {
                tracing::warn!(job = job.key, attempts = job.attempts, %error, "job failed; it will be tried again");
                let wait_secs = 1 << job.attempts.min(8);
                if let Err(error) = self.0.store.postpone_job(&job.key, self.now().plus_secs(wait_secs), &error.to_string()).await
                {
                    tracing::warn!(job = job.key, %error, "job could not be put off");
                }
            }
        }
    }

    async fn do_job(&self, job: &Job) -> Result<(), ReadOrWrite> {
        let body: JobBody = match serde_json::from_str(&job.body) {
            Ok(body) => body,
            Err(error) => {
                let detail = format!("job {}: {error}", job.key);
                return Err(jieti_store::ReadError::Format { table: "job", detail }.into());
            }
        };
        match body {
            JobBody::Lender { request, .. } => {
                self.ask_lender(&job.conversation, request);
                Ok(())
            }
            JobBody::Write { request, .. } => {
                self.ask_writer(&job.conversation, request);
                Ok(())
            }
            JobBody::TicketAlarm { ticket, clock, percent, .. } => {
                self.ring(&ticket, clock, percent, &job.key).await.map_err(ReadOrWrite::from)
            }
            JobBody::CheckCase { case, live_at } => self.check_case(&case, live_at, &job.key).await,
            JobBody::TicketNews { customer, .. } => {
                self.tell(&customer).await?;
                Ok(self.0.store.drop_job(&job.key).await?)
            }
            body => {
                let handle = self.slot(&job.conversation);
                let mut slot = handle.lock().await;
                self.carry_out_in_turn(&job.conversation, &mut slot, &body).await
            }
        }
    }

    /// Starts what a committed decision asks for; everything here is in the store as well.
    pub(crate) fn set_off(&self, id: &ConversationId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::AskLender(request) => self.ask_lender(id, request),
                Effect::Write(request) => self.ask_writer(id, request),
                Effect::Inspect => self.set_off_job(id, JobBody::Inspect),
                Effect::Attribute => self.set_off_job(id, JobBody::Attribute),
                Effect::Alarm { seq } => self.set_off_job(id, JobBody::Alarm { seq }),
                // The poller sees them when they are due; tickets and labels are rows already.
                Effect::StartTimer { .. } | Effect::OpenTicket(_) | Effect::Keep(_) => {}
            }
        }
    }

    fn ask_lender(&self, id: &ConversationId, request: LenderRequest) {
        let (engine, id) = (self.clone(), id.clone());
        let key = JobBody::Lender { request: request.clone(), answer: None }.key(&id);
        if !self.running().insert(key.clone()) {
            return;
        }
        tokio::spawn(async move {
            let answer = engine.ask_patiently(&request).await;
            let handle = engine.slot(&id);
            let mut slot = handle.lock().await;
            let body = JobBody::Lender { request, answer: Some(answer) };
            if let Err(error) = engine.carry_out(&id, &mut slot, &body).await {
                tracing::warn!(conversation = %id, %error, "the lender's answer could not be committed; it will be asked for again");
            }
            engine.running().remove(&key);
        });
    }

    fn ask_writer(&self, id: &ConversationId, request: WritingRequest) {
        let (engine, id) = (self.clone(), id.clone());
        let key = JobBody::Write { request: request.clone(), reply: None }.key(&id);
        if !self.running().insert(key.clone()) {
            return;
        }
        tokio::spawn(async move {
            let reply = match &engine.0.writer {
                Some(writer) => writer.write(&request).await,
                // It was there when it was asked, and this is another process.
                None => Err(WritingError::Unreachable { detail: "no model is configured any more".to_owned() }),
            };
            let handle = engine.slot(&id);
            let mut slot = handle.lock().await;
            let body = JobBody::Write { request, reply: Some(reply) };
            if let Err(error) = engine.carry_out(&id, &mut slot, &body).await {
                tracing::warn!(conversation = %id, %error, "what the model wrote could not be committed; it is asked again");
            }
            engine.running().remove(&key);
        });
    }

    /// A question that changes nothing is asked twice at most; one that does is repeated with its key until it is clear.
    async fn ask_patiently(&self, request: &LenderRequest) -> Result<Facts, LenderError> {
        let mut answer = self.0.lender.ask(request).await;
        let waits: &[u64] = if request.operation.changes_something() { &RETRY_SECS } else { &RETRY_SECS[..1] };
        for secs in waits {
            match answer {
                Err(LenderError::Unreachable { .. }) => {
                    tokio::time::sleep(Duration::from_secs(*secs)).await;
                    answer = self.0.lender.ask(request).await;
                }
                Ok(_) | Err(LenderError::Refused { .. } | LenderError::Nonsense { .. }) => break,
            }
        }
        answer
    }

    fn running(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<String>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_running(&self, key: &str) -> bool {
        self.running().contains(key)
    }

    /// Conversations with the bot that nobody has touched for the policy's time.
    pub async fn close_idle(&self) {
        let idle_secs = self.brain().rules.policy.idle_close_minutes * 60;
        let before = Timestamp(self.now().0 - idle_secs * 1000);
        let idle = self.desk().idle(before);
        for id in idle {
            self.feed(&id, Input::Idle).await;
        }
    }

    /// Gives one input to a conversation; a failure is logged, because the cause comes again by itself.
    pub(crate) async fn feed(&self, id: &ConversationId, input: Input<'_>) {
        let handle = self.slot(id);
        let mut slot = handle.lock().await;
        if let Err(error) = self.commit(id, &mut slot, None, input).await {
            tracing::warn!(conversation = %id, %error, "an input could not be committed");
        }
    }

    /// Drops conversations from memory that are in nobody's hands and closed or quiet.
    fn drop_cold_slots(&self) {
        let open = self.desk().open_ids();
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|id, slot| std::sync::Arc::strong_count(slot) > 1 || open.contains(id));
        drop(slots);
        let mut customers = self.0.customers.lock().unwrap_or_else(PoisonError::into_inner);
        customers.retain(|_, entry| {
            std::sync::Arc::strong_count(entry) > 1
                || entry.try_lock().is_ok_and(|id| id.as_ref().is_some_and(|id| open.contains(id)))
        });
        let mut doing = self.0.doing.lock().unwrap_or_else(PoisonError::into_inner);
        doing.retain(|customer, _| customers.contains_key(customer));
    }
}
