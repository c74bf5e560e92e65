//! The whole service for tests: a real engine on a real SQLite file, the language model trained on the starter pack, and
//! a real sandbox lender over HTTP, fresh for each scenario.

use crate::clock::TestClock;
use crate::repository;
use crate::scenario::WeatherOrder;
use async_trait::async_trait;
use jieti_domain::id::CustomerId;
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_domain::tier::Policy;
use jieti_engine::{Engine, Lender};
use jieti_providers::lender::LenderCore;
use jieti_providers::lender::sandbox::{SandboxLender, SandboxSettings};
use jieti_sandbox_lender as sandbox;
use jieti_store::{Store, StoreUrl};
use jiff::civil::{Date, date};
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
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
    lender: Arc<LenderSwitch>,
    played: AtomicU64,
    /// Deleted with the service.
    _folder: TempDir,
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
struct LenderSwitch(RwLock<Option<SandboxLender>>);

impl Service {
    /// Starts the service with the repository's flows and starter pack.
    ///
    /// # Errors
    /// Where a flow or the pack does not load, or the store cannot be opened.
    pub async fn start() -> Result<Service, ServiceError> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&StoreUrl::Sqlite(folder.path().join("jieti.db"))).await?;
        let clock = Arc::new(TestClock::at_noon(TODAY));
        let lender = Arc::new(LenderSwitch::default());
        let flows = repository::flows()?;
        let entries = repository::knowledge(&flows)?;
        let engine = Engine::start(store, lender.clone(), clock.clone(), Policy::default(), flows).await?;
        engine.import(entries, "testkit").await?;
        Ok(Service { engine, clock, lender, played: AtomicU64::new(0), _folder: folder })
    }

    /// A new lender, as on the morning of [`TODAY`]: nothing that an earlier scenario did is in it.
    ///
    /// # Errors
    /// Where the lender cannot listen.
    pub async fn fresh_lender(&self) -> Result<FreshLender, ServiceError> {
        self.clock.restart(TODAY);
        let config = sandbox::Config { clock: self.clock.hands(), ..sandbox::Config::in_memory(API_KEY) };
        let running = sandbox::start(config, 0).await?;
        let adapter = SandboxLender::new(SandboxSettings::new(running.url(), API_KEY))?;
        *self.lender.0.write().unwrap_or_else(PoisonError::into_inner) = Some(adapter);
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(FreshLender { running, http, number: self.played.fetch_add(1, Ordering::SeqCst) })
    }

    /// Moves the clock and does what has become due.
    pub async fn wait_secs(&self, secs: i64) {
        self.clock.advance_secs(secs);
        self.engine.work_off().await;
        self.engine.close_idle().await;
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
        let lender = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(lender) = lender else {
            let operation = format!("{:?}", request.operation);
            return Err(LenderError::Unreachable { operation, detail: "no scenario is being played".to_owned() });
        };
        let known = request.customer.as_str().split('~').next().unwrap_or_default();
        lender.call(&LenderRequest { customer: CustomerId::new(known), ..request.clone() }).await
    }
}
