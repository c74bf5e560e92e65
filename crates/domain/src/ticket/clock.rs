//! A clock of working time that stands still while somebody is awaited. Owns the arithmetic; the calendar is an argument.

use crate::calendar::Calendar;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    FirstAnswer,
    Resolution,
    /// The legal limit: calendar days, never paused.
    Complaint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    Customer,
    ThirdParty,
}

/// Counts working time from its start to its stop, without the time in which one or more reasons to pause hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkClock {
    pub budget_ms: i64,
    /// Finished runs, in order.
    runs: Vec<(Timestamp, Timestamp)>,
    running_since: Option<Timestamp>,
    paused_by: BTreeSet<PauseReason>,
    stopped_at: Option<Timestamp>,
}

impl WorkClock {
    pub fn start(at: Timestamp, budget_ms: i64) -> Self {
        Self { budget_ms, runs: Vec::new(), running_since: Some(at), paused_by: BTreeSet::new(), stopped_at: None }
    }

    pub fn pause(&mut self, why: PauseReason, at: Timestamp) {
        self.paused_by.insert(why);
        self.halt(at);
    }

    pub fn resume(&mut self, why: PauseReason, at: Timestamp) {
        self.paused_by.remove(&why);
        if self.paused_by.is_empty() && self.stopped_at.is_none() && self.running_since.is_none() {
            self.running_since = Some(at);
        }
    }

    /// The work is done, or no longer asked for.
    pub fn stop(&mut self, at: Timestamp) {
        if self.stopped_at.is_none() {
            self.halt(at);
            self.stopped_at = Some(at);
        }
    }

    fn halt(&mut self, at: Timestamp) {
        if let Some(since) = self.running_since.take() {
            self.runs.push((since, at));
        }
    }

    pub fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    pub fn stopped_at(&self) -> Option<Timestamp> {
        self.stopped_at
    }

    /// Working time counted until `now`.
    pub fn used_ms(&self, calendar: &Calendar, now: Timestamp) -> i64 {
        let run = self.running_since.map(|since| (since, now));
        self.runs.iter().copied().chain(run).map(|(from, to)| calendar.working_ms_between(from, to)).sum()
    }

    /// When `ms` of working time have been or will be counted. `None` while the clock stands still before that.
    pub fn reaches(&self, calendar: &Calendar, ms: i64) -> Option<Timestamp> {
        let mut left = ms;
        for (from, to) in &self.runs {
            let worked = calendar.working_ms_between(*from, *to);
            if worked > 0 && worked >= left {
                return calendar.add_working_ms(*from, left);
            }
            left -= worked;
        }
        calendar.add_working_ms(self.running_since?, left)
    }

    /// The deadline, as things stand.
    pub fn due(&self, calendar: &Calendar) -> Option<Timestamp> {
        self.reaches(calendar, self.budget_ms)
    }
}
