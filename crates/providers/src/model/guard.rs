//! What keeps a model from costing more than it may: a budget for the day, and a rest after failures.

use jieti_domain::writing::WritingError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Failures in a row after which nothing is sent for a while.
const FAILURES: u32 = 5;
const DAY_SECS: u64 = 86_400;
/// Midnight in China is so long before midnight in Greenwich.
const CHINA_SECS: u64 = 8 * 3_600;

pub(super) struct Guard {
    tokens_a_day: u64,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    day: u64,
    spent: u64,
    failures: u32,
    rests_until: Option<Instant>,
}

/// Tokens set aside for a question under way.
#[must_use]
pub(super) struct Ticket {
    day: u64,
    set_aside: u64,
}

impl Guard {
    pub fn new(tokens_a_day: u64, rest: Duration) -> Self {
        Self { tokens_a_day, rest, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets tokens aside. After a rest one question is let through, and the others with it only when it succeeds.
    pub fn enter(&self, tokens: u64) -> Result<Ticket, WritingError> {
        let mut state = self.state();
        let now = Instant::now();
        if let Some(until) = state.rests_until {
            if now < until {
                return Err(WritingError::Resting { secs: (until - now).as_secs() + 1 });
            }
            state.rests_until = Some(now + self.rest);
        }
        let day = china_day();
        if state.day != day {
            (state.day, state.spent) = (day, 0);
        }
        if state.spent + tokens > self.tokens_a_day {
            return Err(WritingError::Spent { tokens: self.tokens_a_day });
        }
        state.spent += tokens;
        Ok(Ticket { day, set_aside: tokens })
    }

    /// Puts down what was really spent, and how it went.
    pub fn leave(&self, ticket: Ticket, spent: u64, went_well: bool) {
        let mut state = self.state();
        if state.day == ticket.day {
            state.spent = (state.spent + spent).saturating_sub(ticket.set_aside);
        }
        if went_well {
            (state.failures, state.rests_until) = (0, None);
            return;
        }
        state.failures += 1;
        if state.failures >= FAILURES {
            state.rests_until = Some(Instant::now() + self.rest);
        }
    }
}

fn china_day() -> u64 {
    let secs = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    (secs + CHINA_SECS) / DAY_SECS
}
