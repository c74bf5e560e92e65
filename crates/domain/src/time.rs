//! Instants and the lender's calendar day. Never reads a clock: `now` is always an argument.

use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// China has one zone without daylight saving: UTC+8.
const CHINA: Offset = Offset::constant(8);

impl Timestamp {
    pub fn plus_secs(self, secs: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// Whole seconds from `earlier` to here; zero where `earlier` is later.
    pub fn secs_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0) / 1000
    }

    /// The calendar day in China at this instant.
    pub fn china_date(self) -> Date {
        self.china_time().date()
    }

    /// The wall clock in China at this instant.
    pub fn china_time(self) -> DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        CHINA.to_datetime(instant)
    }

    /// The instant at which this day begins in China.
    pub fn start_of_china_day(self) -> Timestamp {
        let midnight = self.china_date().to_datetime(jiff::civil::Time::midnight());
        CHINA.to_timestamp(midnight).map_or(self, |t| Timestamp(t.as_millisecond()))
    }
}
