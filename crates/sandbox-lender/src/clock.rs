//! What time it is. The one place that reads the system clock; tests and demos pass their own.

use jiff::civil::Date;
use jiff::tz::Offset;
use std::sync::atomic::{AtomicI64, Ordering};

/// China has one zone without daylight saving: UTC+8.
const CHINA: Offset = Offset::constant(8);
const DAY_MS: i64 = 86_400_000;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// Tells the time as milliseconds since 1970-01-01T00:00:00Z.
pub trait Clock: Send + Sync + 'static {
    fn now_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Starts at noon in China on `today`.
    pub fn at_noon(today: Date) -> Self {
        Self(AtomicI64::new(start_of_day_ms(today) + DAY_MS / 2))
    }

    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs * 1000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The calendar day in China at this instant.
pub fn china_date(now_ms: i64) -> Date {
    let instant = jiff::Timestamp::from_millisecond(now_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    CHINA.to_datetime(instant).date()
}

/// Midnight in China at the start of `day`.
pub fn start_of_day_ms(day: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    crate::schedule::days_between(epoch, day) * DAY_MS - CHINA_OFFSET_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_day_changes_at_midnight_in_china() {
        let midnight = start_of_day_ms(date(2026, 11, 22));
        assert_eq!(china_date(midnight), date(2026, 11, 22));
        assert_eq!(china_date(midnight - 1), date(2026, 11, 21));
    }
}
