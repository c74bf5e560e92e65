//! Use cases: load, decide, commit, publish. Owns the order of those four; rules are in `domain`, SQL in `store`.

mod attribution;
mod behaviour;
mod coaching;
mod converse;
mod desk;
mod inspection;
mod knowledge;
mod live;
mod offers;
pub mod pack;
mod ports;
mod project;
mod scorecard;
mod tickets;
mod work;

pub use attribution::{CaseBrief, CaseView, CauseError, ProblemBoard, ProblemView, ProposalView};
pub use behaviour::{
    Accuracy, BreakRow, ContactKind, DayAct, Feature, GuidanceAct, GuidanceError, ImportError, ImportRow, Imported,
    JourneyQuestion, JourneyRules, LiveMap, Offered, Recorded, Retention, Sent, SentAct, SessionAct, StreamName, Stuck,
    SurveyAnswer, TriggerState,
};
pub use coaching::Habit;
pub use converse::{Inbound, Receipt, ReceiveError};
pub use desk::{Presence, QueuePlace, StaffOnDuty};
pub use inspection::{Addition, InspectionError, with_published_card};
pub use knowledge::{
    BatchLine, BatchRow, ConflictView, GateLine, GateReport, Guess, InboxGroup, KnowledgeError, Learnt, LearntLine, ModelState,
    ModelView, Override, TestResult, Tried,
};
pub use live::{CustomerNews, DeskNews, LiveCard, LiveEvents, LiveMention, Subscription, Viewer, Watching};
pub use ports::{Clock, Lender, SystemClock, Writer};
pub use project::{mood_of, side_of};
pub use scorecard::{Example, RuleTrial, ScorecardError, Trial, try_card};
pub use tickets::{Pair, TicketError};

use converse::Slot;
use desk::Desk;
use jieti_domain::conversation::{Conversation, Doing, Refusal, Rules, StaffAct, StaffRef};
use jieti_domain::flow::Flows;
use jieti_domain::id::{ConversationId, CustomerId};
use jieti_domain::service::ServiceRules;
use jieti_domain::tier::Policy;
use jieti_domain::time::Timestamp;
use jieti_language::Language;
use jieti_language::encoder::sentence::{EncodeError, Encoders};
use jieti_store::{ReadError, Store, WriteError};
use live::Live;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use thiserror::Error;

/// The running service; clones share it.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    lender: Arc<dyn Lender>,
    writer: Option<Arc<dyn Writer>>,
    clock: Arc<dyn Clock>,
    brain: RwLock<Arc<Brain>>,
    /// Conversations in memory. A slot is dropped when nobody has used it for a while; the store has everything.
    slots: Mutex<HashMap<ConversationId, Arc<tokio::sync::Mutex<Slot>>>>,
    /// The open conversation of each customer in memory; the lock orders a customer's first messages.
    customers: Mutex<HashMap<CustomerId, Arc<tokio::sync::Mutex<Option<ConversationId>>>>>,
    desk: Mutex<Desk>,
    live: Live,
    /// Jobs that this process is working on, so that the poller leaves them alone.
    running: Mutex<HashSet<String>>,
    offers: offers::Cache,
    /// What customers have before them in the app, until their next message keeps it.
    doing: Mutex<HashMap<CustomerId, Doing>>,
    behaviour: behaviour::Behaviour,
    causes: attribution::Causes,
    boards: attribution::Boards,
    /// One sweep at a time.
    sweep: tokio::sync::Mutex<attribution::Sweep>,
    /// One publication at a time.
    publishing: tokio::sync::Mutex<()>,
    gate: Mutex<knowledge::GateMemory>,
    gap_groups: knowledge::GapGroups,
    /// The model that reads beside the live one.
    shadow: RwLock<Option<Arc<knowledge::Shadow>>>,
    /// A next model is being trained.
    training: AtomicBool,
    /// A worn index is being built again.
    renewing: AtomicBool,
}

/// What the bot knows at this moment; replaced whole when knowledge is published.
pub struct Brain {
    pub rules: Rules,
    pub language: Language,
    /// What the language has learnt besides the knowledge.
    pub learnt: Arc<Learnt>,
}

/// What the service starts with, besides what is published in its store.
#[derive(Clone, Default)]
pub struct Setup {
    pub policy: Policy,
    pub flows: Flows,
    pub service: ServiceRules,
    /// How long behaviour is kept.
    pub retention: Retention,
    /// Without one, messages are read by the words of the knowledge alone.
    pub encoders: Encoders,
    /// Writes from cited knowledge where the bot does not know by itself; without one it asks back.
    pub writer: Option<Arc<dyn Writer>>,
}

/// Why a member of staff's action did not happen.
#[derive(Debug, Error)]
pub enum StaffError {
    #[error("conversation {0} does not exist; reload the list")]
    NotFound(ConversationId),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why the engine could not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Engine {
    /// Loads what is published, trains the language model, and puts every open conversation back on the desks.
    ///
    /// # Errors
    /// Where the store cannot be read, or an encoder gave no vectors. One that must be asked is better taken up afterwards, by
    /// [`Engine::use_encoders`]: customers need not wait for it.
    pub async fn start(store: Store, lender: Arc<dyn Lender>, clock: Arc<dyn Clock>, setup: Setup) -> Result<Engine, StartError> {
        let knowledge = knowledge::load(&store).await?;
        let learnt = Arc::new(knowledge::live_lines(&store).await?);
        let language = Language::train_with(&knowledge::with_lines(&knowledge, &learnt), setup.encoders)?;
        let routing = Arc::new(setup.service.routing.clone());
        let journeys = JourneyRules {
            map: Arc::clone(&setup.service.journeys),
            triggers: setup.service.triggers.clone(),
            retention: setup.retention,
        };
        let behaviour = behaviour::Behaviour::load(&store, journeys).await?;
        let rules = Rules {
            policy: setup.policy,
            knowledge: Arc::new(knowledge),
            flows: Arc::new(setup.flows),
            service: Arc::new(inspection::with_published_card(&store, setup.service).await?),
            writes: setup.writer.is_some(),
        };
        let engine = Engine(Arc::new(Inner {
            store,
            lender,
            writer: setup.writer,
            clock,
            brain: RwLock::new(Arc::new(Brain { rules, language, learnt })),
            slots: Mutex::default(),
            customers: Mutex::default(),
            desk: Mutex::new(Desk::new(routing)),
            live: Live::default(),
            running: Mutex::default(),
            offers: offers::Cache::default(),
            doing: Mutex::default(),
            behaviour,
            causes: attribution::Causes::default(),
            boards: attribution::Boards::default(),
            sweep: tokio::sync::Mutex::default(),
            publishing: tokio::sync::Mutex::default(),
            gate: Mutex::default(),
            gap_groups: tokio::sync::Mutex::default(),
            shadow: RwLock::default(),
            training: AtomicBool::default(),
            renewing: AtomicBool::default(),
        }));
        engine.learn_causes().await?;
        engine.open_desks().await?;
        engine.learn_prior().await?;
        let restored = engine.clone();
        // Customers are served meanwhile.
        tokio::spawn(async move {
            if let Err(error) = restored.restore_shadow().await {
                tracing::warn!(%error, "the model in the shadow could not be trained again; the live one goes on");
            }
        });
        Ok(engine)
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn lender(&self) -> &dyn Lender {
        &*self.0.lender
    }

    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub fn brain(&self) -> Arc<Brain> {
        Arc::clone(&self.0.brain.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The conversation as it stands.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn conversation(&self, id: &ConversationId) -> Result<Option<Conversation>, ReadError> {
        let slot = self.slot(id);
        let mut slot = slot.lock().await;
        self.load(id, &mut slot).await?;
        Ok(slot.state.clone())
    }

    /// Does what a member of staff asks. Returns the place of the last event.
    ///
    /// # Errors
    /// `StaffError::Refused` has a stable code; nothing has changed then.
    pub async fn staff_act(&self, id: &ConversationId, staff: &StaffRef, act: &StaffAct) -> Result<u64, StaffError> {
        self.staff_act_once(id, staff, act, None).await
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id of 16 random hexadecimal digits after a prefix that says what it is.
pub fn new_id(prefix: &str) -> String {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("{prefix}-{hex}")
}
