//! What the engine needs of the outside: a clock, the lender, and a language model where there is one. Implemented by `server`
//! and by tests.

use async_trait::async_trait;
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_domain::time::Timestamp;
use jieti_domain::writing::{WritingError, WritingRequest};

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

#[async_trait]
pub trait Lender: Send + Sync {
    /// Asks once. A repeated call with the same request id has no second effect.
    async fn ask(&self, request: &LenderRequest) -> Result<Facts, LenderError>;
}

#[async_trait]
pub trait Writer: Send + Sync {
    /// Writes an answer from the sources, with citations. Asking again is harmless.
    async fn write(&self, request: &WritingRequest) -> Result<String, WritingError>;
}
