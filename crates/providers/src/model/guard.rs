//! What keeps a model from costing more than it may: a budget for the day, and a rest after failures.

use crate::rest::{Rest, Resting};
use jieti_domain::writing::WritingError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY_SECS: u64 = 86_400;
/// Midnight in China is so long before midnight in Greenwich.
const CHINA_SECS: u64 = 8 * 3_600;

pub(super) struct Guard {
    tokens_a_day: u64,
    rest: Rest,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    day: u64,
    spent: u64,
}

/// Tokens set aside for a question under way.
#[must_use]
pub(super) struct Ticket {
    day: u64,
    set_aside: u64,
}

impl Guard {
    pub fn new(tokens_a_day: u64, rest: Duration) -> Self {
        Self { tokens_a_day, rest: Rest::new(rest), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets tokens aside. After a rest one question is let through, and the others with it only when it succeeds.
    pub fn enter(&self, tokens: u64) -> Result<Ticket, WritingError> {
        self.rest.enter().map_err(|Resting { secs }| WritingError::Resting { secs })?;
        let mut state = self.state();
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
        if went_well { self.rest.answered() } else { self.rest.failed() }
    }
}

fn china_day() -> u64 {
    let secs = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    (secs + CHINA_SECS) / DAY_SECS
}
