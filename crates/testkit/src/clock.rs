//! One clock for the platform and the lender. Moves only when it is told to.

use jieti_domain::time::Timestamp;
use jieti_engine::Clock;
use jieti_sandbox_lender::clock::{Clock as _, ManualClock};
use jiff::civil::Date;
use std::sync::{Arc, PoisonError, RwLock};

pub struct TestClock(RwLock<Arc<ManualClock>>);

impl TestClock {
    /// Stands at noon in China on `day`.
    pub fn at_noon(day: Date) -> Self {
        Self(RwLock::new(Arc::new(ManualClock::at_noon(day))))
    }

    /// Goes back to noon on `day`. Who holds the old [`TestClock::hands`] keeps the old time.
    pub fn restart(&self, day: Date) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ManualClock::at_noon(day));
    }

    /// The clock as the sandbox lender takes it; advances with this one.
    pub fn hands(&self) -> Arc<ManualClock> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn advance_secs(&self, secs: i64) {
        self.hands().advance_secs(secs);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.hands().now_ms())
    }
}
