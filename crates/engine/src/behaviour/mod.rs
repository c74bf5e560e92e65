//! Behaviour: what apps report is checked, kept, folded, and answered with guidance. Owns the order of those four: an
//! acknowledged act is on disk, and what it caused is on disk with it.

mod analysis;
mod checkpoint;
mod contact;
mod guide;
mod import;
mod recorder;

pub use analysis::{Accuracy, BreakRow, ContactKind, DayAct, Feature, JourneyQuestion, LiveMap, SessionAct, Stuck, SurveyAnswer};
pub use guide::{GuidanceAct, GuidanceError, Offered, TriggerState};
pub use import::{ImportError, ImportRow, Imported};
pub use recorder::{Recorded, Sent, SentAct, StreamName};

use crate::Engine;
use guide::Guidance;
use jieti_domain::guidance::Trigger;
use jieti_domain::journey::JourneyMap;
use jieti_store::{ReadError, Store, WriteError};
use recorder::{Recorder, Request};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the service knows of journeys when it starts, from the pack.
#[derive(Debug, Clone, Default)]
pub struct JourneyRules {
    pub map: Arc<JourneyMap>,
    pub triggers: Vec<Trigger>,
    pub retention: Retention,
}

/// Days for which acts are kept, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Pages, steps, in sight and out, outcomes.
    pub way_days: i64,
    /// Errors and rage.
    pub trouble_days: i64,
    /// Every touch.
    pub touch_days: i64,
}

impl Default for Retention {
    /// A year and a month for what is compared with last year; a quarter for errors; a month for touches.
    fn default() -> Self {
        Self { way_days: 395, trouble_days: 92, touch_days: 31 }
    }
}

pub(crate) struct Behaviour {
    recorder: Mutex<Recorder>,
    queue: Mutex<Vec<Request>>,
    /// Somebody is committing the queue.
    committing: AtomicBool,
    guidance: Mutex<Guidance>,
    prior: Mutex<jieti_domain::journey::NeedPrior>,
    /// One checkpoint, import or read of the whole at a time.
    whole: tokio::sync::Mutex<()>,
    retention: Retention,
}

impl Behaviour {
    pub async fn load(store: &Store, rules: JourneyRules) -> Result<Self, ReadError> {
        let recorder = Recorder::load(store, Arc::clone(&rules.map)).await?;
        let guidance = Guidance::load(store, rules.triggers).await?;
        Ok(Self {
            recorder: Mutex::new(recorder),
            queue: Mutex::default(),
            committing: AtomicBool::new(false),
            guidance: Mutex::new(guidance),
            prior: Mutex::default(),
            whole: tokio::sync::Mutex::default(),
            retention: rules.retention,
        })
    }

    pub fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn guidance(&self) -> MutexGuard<'_, Guidance> {
        self.guidance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Vec<Request>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Acts committed together at most; bounds the time one commit takes.
const GROUP: usize = 20_000;

impl Engine {
    /// The journeys in use.
    pub fn journeys(&self) -> Arc<JourneyMap> {
        Arc::clone(self.0.behaviour.recorder().map())
    }

    /// Keeps what an app reports. When this returns, it is on disk, with every break point that it showed.
    ///
    /// # Errors
    /// Where it could not be written: nothing is kept then, and the client sends the same numbers again.
    pub async fn record(&self, sent: Sent) -> Result<Recorded, WriteError> {
        self.commit_in_turn(Some(sent)).await
    }

    /// Rings the timers of customers whose time has come. The worker does this all the time.
    ///
    /// # Errors
    /// Where what they say could not be written; they ring again.
    pub async fn ring_behaviour(&self) -> Result<(), WriteError> {
        let due = self.0.behaviour.recorder().next_ring();
        if due.is_some_and(|at| at <= self.now().0) {
            self.commit_in_turn(None).await?;
        }
        Ok(())
    }

    async fn commit_in_turn(&self, sent: Option<Sent>) -> Result<Recorded, WriteError> {
        let (request, answer) = Request::new(sent);
        self.0.behaviour.queue().push(request);
        self.commit_queue();
        answer.await.map_err(|_| WriteError::Broken { detail: "the recorder has stopped".to_owned() })?
    }

    /// Commits what is queued in a task of its own, so that a client that goes away leaves nothing half done.
    fn commit_queue(&self) {
        if self.0.behaviour.committing.swap(true, Ordering::AcqRel) {
            return;
        }
        let engine = self.clone();
        tokio::spawn(async move {
            loop {
                engine.commit_groups().await;
                engine.0.behaviour.committing.store(false, Ordering::Release);
                // Somebody may have queued between the last look and the flag.
                if engine.0.behaviour.queue().is_empty() || engine.0.behaviour.committing.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
        });
    }

    async fn commit_groups(&self) {
        loop {
            let group = take_group(&mut self.0.behaviour.queue());
            if group.is_empty() {
                return;
            }
            let whole = self.0.behaviour.whole.lock().await;
            let now = self.now();
            let (mut append, answers, signs) = self.0.behaviour.recorder().take_in(group, now);
            let offered = self.guide(&signs, &mut append, now);
            match self.0.store.append_behaviour(&append).await {
                Ok(()) => {
                    answers.into_iter().for_each(|(reply, recorded)| reply.send(Ok(recorded)));
                    self.offer(offered);
                    if self.0.behaviour.recorder().wants_checkpoint()
                        && let Err(error) = self.checkpoint().await
                    {
                        tracing::warn!(%error, "the checkpoint of behaviour could not be written; the log goes on");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "behaviour could not be written; clients will send it again");
                    // The fold has seen what is not on disk: it is read anew from what is.
                    match self.reload_behaviour().await {
                        Ok(()) => {}
                        Err(read) => tracing::error!(error = %read, "behaviour could not be read again"),
                    }
                    answers.into_iter().for_each(|(reply, _)| reply.send(Err(error.clone())));
                }
            }
            drop(whole);
        }
    }

    async fn reload_behaviour(&self) -> Result<(), ReadError> {
        let map = self.journeys();
        let recorder = Recorder::load(&self.0.store, map).await?;
        *self.0.behaviour.recorder() = recorder;
        self.reload_guidance().await
    }
}

fn take_group(queue: &mut Vec<Request>) -> Vec<Request> {
    let mut acts = 0;
    let fits = queue
        .iter()
        .take_while(|request| {
            acts += request.acts();
            acts <= GROUP
        })
        .count();
    queue.drain(..fits.max(1).min(queue.len())).collect()
}
