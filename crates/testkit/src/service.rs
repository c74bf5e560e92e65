//! The whole service for tests: a real engine on a real SQLite file, the language model trained on the starter pack, and
//! a real sandbox lender over HTTP, fresh for each scenario.

use crate::clock::TestClock;
use crate::repository;
use crate::scenario::WeatherOrder;
use async_trait::async_trait;
use jieti_domain::id::{ConversationId, CustomerId};
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_domain::service::ServiceRules;
use jieti_domain::tier::Policy;
use jieti_domain::time::Timestamp;
use jieti_engine::{Engine, Lender, Setup};
use jieti_providers::lender::LenderCore;
use jieti_providers::lender::sandbox::{SandboxLender, SandboxSettings};
use jieti_sandbox_lender as sandbox;
use jieti_store::{Store, StoreUrl};
use jiff::civil::{Date, date};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tempfile::TempDir;

/// The day on which every scenario begins, a Sunday: fixed, so that sums can be asserted to the fen.
pub const TODAY: Date = date(2026, 11, 22);

const API_KEY: &str = "scenario-key";

pub type ServiceError = Box<dyn Error + Send + Sync>;

/// A service that plays one scenario after another; training is done once.
pub struct Service {
    pub engine: Engine,
    pub clock: Arc<TestClock>,
    world: Arc<World>,
}

/// What outlives a process of the platform: its store's folder, the time, and the lender.
pub struct World {
    clock: Arc<TestClock>,
    lender: Arc<LenderSwitch>,
    played: AtomicU64,
    /// Deleted with the world.
    folder: TempDir,
}

/// A sandbox lender for one scenario.
pub struct FreshLender {
    running: sandbox::Running,
    http: reqwest::Client,
    /// Makes this scenario's customers others than those of the last.
    pub number: u64,
}

/// The lender of the scenario that is being played.
#[derive(Default)]
struct LenderSwitch {
    url: RwLock<Option<String>>,
    adapter: RwLock<Option<SandboxLender>>,
    /// Questions are taken and never answered: a process that is killed meanwhile has them open.
    is_silent: AtomicBool,
}

impl LenderSwitch {
    /// Connections belong to a process: each has its own adapter.
    fn connect(&self) -> Result<(), ServiceError> {
        let url = self.url.read().unwrap_or_else(PoisonError::into_inner).clone();
        let adapter = url.map(|url| SandboxLender::new(SandboxSettings::new(url, API_KEY))).transpose()?;
        *self.adapter.write().unwrap_or_else(PoisonError::into_inner) = adapter;
        Ok(())
    }
}

impl World {
    /// # Errors
    /// Where there is no place for temporary files.
    pub fn new() -> Result<Arc<World>, ServiceError> {
        Ok(Arc::new(World {
            clock: Arc::new(TestClock::at_noon(TODAY)),
            lender: Arc::default(),
            played: AtomicU64::new(0),
            folder: tempfile::tempdir()?,
        }))
    }

    /// From now on the lender takes questions and leaves them open, or answers again.
    pub fn silence_lender(&self, is_silent: bool) {
        self.lender.is_silent.store(is_silent, Ordering::SeqCst);
    }
}

impl Service {
    /// Starts the service with the repository's flows and starter pack.
    ///
    /// # Errors
    /// Where a flow or the pack does not load, or the store cannot be opened.
    pub async fn start() -> Result<Service, ServiceError> {
        Service::start_in(&World::new()?, Policy::default()).await
    }

    /// Starts a process on what an earlier one left; the starter pack is published where there is no knowledge yet.
    ///
    /// # Errors
    /// As for [`Service::start`].
    pub async fn start_in(world: &Arc<World>, policy: Policy) -> Result<Service, ServiceError> {
        Service::start_with(world, Setup { policy, ..Setup::default() }).await
    }

    /// The same, with what else is given; flows and the service team's rules are the repository's.
    ///
    /// # Errors
    /// As for [`Service::start`].
    pub async fn start_with(world: &Arc<World>, given: Setup) -> Result<Service, ServiceError> {
        let store = Store::open(&StoreUrl::Sqlite(world.folder.path().join("jieti.db"))).await?;
        let is_new = store.published_after(None, 1).await?.is_empty();
        world.lender.connect()?;
        let flows = repository::flows()?;
        let entries = repository::knowledge(&flows)?;
        let (map, triggers) = repository::journeys()?;
        let service = ServiceRules { journeys: Arc::new(map), triggers, ..repository::service()? };
        let setup = Setup { flows, service, ..given };
        let engine = Engine::start(store, world.lender.clone(), world.clock.clone(), setup).await?;
        if is_new {
            engine.import(entries, "testkit").await?;
        }
        Ok(Service { engine, clock: Arc::clone(&world.clock), world: Arc::clone(world) })
    }

    /// A new lender, as on the morning of [`TODAY`]: nothing that an earlier scenario did is in it.
    ///
    /// # Errors
    /// Where the lender cannot listen.
    pub async fn fresh_lender(&self) -> Result<FreshLender, ServiceError> {
        self.clock.restart(TODAY);
        let config = sandbox::Config { clock: self.clock.hands(), ..sandbox::Config::in_memory(API_KEY) };
        let running = sandbox::start(config, 0).await?;
        *self.world.lender.url.write().unwrap_or_else(PoisonError::into_inner) = Some(running.url());
        self.world.lender.connect()?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(FreshLender { running, http, number: self.world.played.fetch_add(1, Ordering::SeqCst) })
    }

    /// Moves the clock and does what has become due.
    pub async fn wait_secs(&self, secs: i64) {
        self.clock.advance_secs(secs);
        self.engine.work_off().await;
        self.engine.close_idle().await;
    }

    /// What is stored for a conversation and not done yet, timers apart.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn open_jobs(&self, conversation: &ConversationId) -> Result<Vec<String>, ServiceError> {
        let jobs = self.engine.store().due_jobs(Timestamp(i64::MAX), u64::from(u32::MAX)).await?;
        let jobs = jobs.into_iter().filter(|job| job.conversation == *conversation);
        Ok(jobs.map(|job| job.key).filter(|key| !key.starts_with("timer:")).collect())
    }
}

impl FreshLender {
    /// The customer as the platform knows them in this scenario.
    pub fn customer(&self, id: &str) -> CustomerId {
        CustomerId::new(format!("{id}~{}", self.number))
    }

    /// # Errors
    /// Where the lender does not take the order.
    pub async fn set_weather(&self, weather: WeatherOrder) -> Result<(), ServiceError> {
        let url = format!("{}/v1/sandbox/weather", self.running.url());
        self.http.post(url).bearer_auth(API_KEY).json(&weather).send().await?.error_for_status()?;
        Ok(())
    }

    /// # Errors
    /// Where the lender had failed.
    pub async fn stop(self) -> Result<(), ServiceError> {
        Ok(self.running.stop().await?)
    }
}

#[async_trait]
impl Lender for LenderSwitch {
    async fn ask(&self, request: &LenderRequest) -> Result<Facts, LenderError> {
        if self.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let lender = self.adapter.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(lender) = lender else {
            let operation = format!("{:?}", request.operation);
            return Err(LenderError::Unreachable { operation, detail: "no scenario is being played".to_owned() });
        };
        let known = request.customer.as_str().split('~').next().unwrap_or_default();
        lender.call(&LenderRequest { customer: CustomerId::new(known), ..request.clone() }).await
    }
}
