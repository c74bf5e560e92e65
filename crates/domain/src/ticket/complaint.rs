//! The legal limit of a complaint: calendar days, counted from the day after it was received to the end of the last day,
//! in China time. Owns the days and who may lengthen them; never pauses.
//!
//! Source: 银行业保险业消费投诉处理管理办法 (2020): 15 days; 30 where the matter is complex; 30 more with the approval of
//! senior management and notice to the complainant; a withdrawn complaint ends on the day of the withdrawal (art. 15). That
//! a reopened complaint begins a new limit is this platform's reading: to be checked by the lender's own legal department.

use crate::id::StaffId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

const PLAIN_DAYS: i64 = 15;
const COMPLEX_DAYS: i64 = 30;
const EXTENSION_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintClock {
    pub received_at: Timestamp,
    pub is_complex: bool,
    pub extension: Option<Extension>,
    pub ended: Option<(Timestamp, ComplaintEnd)>,
}

/// Lengthens the limit once it is approved and the customer knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub asked_by: StaffId,
    pub approved_by: Option<StaffId>,
    pub notified_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ComplaintEnd {
    Answered,
    Withdrawn,
    Merged,
}

impl ComplaintClock {
    pub fn received(at: Timestamp) -> Self {
        Self { received_at: at, is_complex: false, extension: None, ended: None }
    }

    /// Calendar days that count now.
    pub fn days(&self) -> i64 {
        let in_force = self.extension.as_ref().is_some_and(|e| e.approved_by.is_some() && e.notified_at.is_some());
        let days = if self.is_complex { COMPLEX_DAYS } else { PLAIN_DAYS };
        if in_force { days + EXTENSION_DAYS } else { days }
    }

    /// The first instant that is too late: midnight after the last day.
    pub fn limit(&self) -> Timestamp {
        self.received_at.start_of_china_day().plus_secs((self.days() + 1) * DAY_SECS)
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now >= self.limit()
    }

    /// When this share of the time is gone.
    pub fn reaches_percent(&self, percent: u8) -> Timestamp {
        let whole_ms = self.limit().0 - self.received_at.0;
        Timestamp(self.received_at.0 + whole_ms * i64::from(percent) / 100)
    }
}
