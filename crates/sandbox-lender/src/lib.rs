//! A small consumer lender with an HTTP API, for demos and tests: customers, loans, schedules, cards, and money that takes
//! its time. It is another company's system: it shares no type with the platform, and the platform reaches it only over
//! its API (`/docs`). It never moves real money and never sends anything to anybody.

mod account;
mod api;
mod book;
mod cards;
mod certificates;
pub mod clock;
mod codes;
mod credit;
mod deferral;
mod english;
mod error;
mod http;
mod loans;
pub mod money;
mod repayments;
mod sandbox;
pub mod schedule;
mod seed;
mod settlement;
mod store;
mod transfers;
pub mod weather;

pub use error::Problem;
pub use store::{OpenError, Place};

use clock::{Clock, SystemClock};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What a lender is started with.
#[derive(Clone)]
pub struct Config {
    pub store: Place,
    /// Callers send it as `Authorization: Bearer …`.
    pub api_key: String,
    /// Where customers reach the lender, when it is not where it listens: links on certificates begin with it.
    pub public_url: Option<String>,
    /// The demo customers' dates are counted from this clock's China date on the day the store is made.
    pub clock: Arc<dyn Clock>,
}

/// A lender that runs in this process.
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
}

#[derive(Debug, Error)]
pub enum ServeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("socket failed: {0}")]
    Socket(#[from] std::io::Error),
    #[error("server task was cut short: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl Config {
    /// A lender in memory, on the system's clock.
    pub fn in_memory(api_key: impl Into<String>) -> Self {
        Self { store: Place::Memory, api_key: api_key.into(), public_url: None, clock: Arc::new(SystemClock) }
    }
}

/// Serves on `listener` until `shutdown` is done.
///
/// # Errors
/// `Open` where the store cannot be used, `Socket` where the listener fails.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let app = api::app(config, address)?;
    tracing::info!(%address, "sandbox lender is open");
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

/// Starts a lender on 127.0.0.1 at `port` (0: any free one) and returns once it listens.
///
/// # Errors
/// As for [`serve`].
pub async fn start(config: Config, port: u16) -> Result<Running, ServeError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let app = api::app(config, address)?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        let shutdown = async {
            // A dropped handle stops the lender too.
            let _ = stopped.await;
        };
        axum::serve(listener, app).with_graceful_shutdown(shutdown).await?;
        Ok(())
    });
    Ok(Running { address, stop, task })
}

impl Running {
    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Finishes the requests under way and closes the store.
    ///
    /// # Errors
    /// `Socket` or `Interrupted` where the server had failed.
    pub async fn stop(self) -> Result<(), ServeError> {
        // Fails only where the server has ended already, and then its own result says why.
        let _ = self.stop.send(());
        self.task.await?
    }
}
