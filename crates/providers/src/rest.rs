//! The rest of a client whose server fails: nothing is sent for a while, then one question, and the others with it only when that
//! one is answered.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row after which nothing is sent for a while.
const FAILURES: u32 = 5;

pub(crate) struct Rest {
    length: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

/// Nothing is sent for so many seconds.
pub(crate) struct Resting {
    pub secs: u64,
}

impl Rest {
    pub fn new(length: Duration) -> Self {
        Self { length, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a question through; after a rest one only.
    pub fn enter(&self) -> Result<(), Resting> {
        let mut state = self.state();
        let now = Instant::now();
        if let Some(until) = state.until {
            if now < until {
                return Err(Resting { secs: (until - now).as_secs() + 1 });
            }
            state.until = Some(now + self.length);
        }
        Ok(())
    }

    pub fn answered(&self) {
        *self.state() = State::default();
    }

    pub fn failed(&self) {
        let mut state = self.state();
        state.failures += 1;
        if state.failures >= FAILURES {
            state.until = Some(Instant::now() + self.length);
        }
    }
}
