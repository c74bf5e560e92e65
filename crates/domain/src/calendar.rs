//! Business calendars: weekly shifts, holidays and make-up working days (调休), in China time. Owns working time; reads no
//! clock.

#[cfg(test)]
mod tests;

use crate::time::Timestamp;
use crate::understanding::Localized;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// China has one zone without daylight saving: UTC+8.
const CHINA_MS: i64 = 8 * HOUR_MS;
/// 9999-12-31T23:59:59Z; no calendar is asked beyond it.
const FURTHEST_MS: i64 = 253_402_300_799_000;

/// One opening on one day, written `09:00-12:00`. An end at or before the start is on the next day (`22:00-06:00`), and
/// `00:00-24:00` is the whole day. It belongs to the day on which it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shift {
    from_min: i64,
    /// Later than `from_min`, by at most a day.
    to_min: i64,
}

/// The shifts of an ordinary week; a day that is left out is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    pub mon: Vec<Shift>,
    pub tue: Vec<Shift>,
    pub wed: Vec<Shift>,
    pub thu: Vec<Shift>,
    pub fri: Vec<Shift>,
    pub sat: Vec<Shift>,
    pub sun: Vec<Shift>,
}

/// Days without shifts, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub name: Localized,
    pub from: Date,
    pub to: Date,
}

/// Days that are worked although their weekday, or a holiday, says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeUp {
    pub shifts: Vec<Shift>,
    pub days: Vec<Date>,
}

/// A calendar as it is written in `service/calendars.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    pub id: String,
    pub title: Localized,
    pub week: Week,
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    #[serde(default)]
    pub make_up: MakeUp,
}

/// A calendar, ready to be asked. Openings include their first instant and not their last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CalendarText", into = "CalendarText")]
pub struct Calendar {
    text: CalendarText,
    /// Monday first; sorted by start.
    week: [Vec<Shift>; 7],
    /// Days that differ from the week, by number of days since 1970-01-01.
    days: BTreeMap<i64, Vec<Shift>>,
    /// Working time of a week without such days.
    week_ms: i64,
}

impl Calendar {
    pub fn id(&self) -> &str {
        &self.text.id
    }

    pub fn title(&self) -> &Localized {
        &self.text.title
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        self.next_opening(at).is_some_and(|(from, _)| from == at)
    }

    /// The first open instant at or after `at`. `None`: there is none.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        self.next_opening(at).map(|(from, _)| from)
    }

    /// See [`Calendar::add_working_ms`].
    pub fn add_working_secs(&self, at: Timestamp, secs: i64) -> Option<Timestamp> {
        self.add_working_ms(at, secs.saturating_mul(1000))
    }

    /// Working time between two instants in whole seconds; zero where `to` is not later.
    pub fn working_secs_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.working_ms_between(from, to) / 1000
    }

    /// The first instant by which `ms` milliseconds have been worked since `at`: an open one, or the moment of closing.
    /// Zero (or less) is the next open instant. `None`: there is no such instant, because nobody ever opens again.
    pub fn add_working_ms(&self, at: Timestamp, ms: i64) -> Option<Timestamp> {
        if ms <= 0 {
            return self.next_open(at);
        }
        let (mut at, mut left) = (at, ms);
        loop {
            if self.week_ms > 0 {
                let weeks = self.plain_weeks(at).min((left - 1) / self.week_ms);
                at.0 += weeks * WEEK_MS;
                left -= weeks * self.week_ms;
            }
            let (from, to) = self.next_opening(at)?;
            let open_ms = to.0 - from.0;
            if open_ms >= left {
                return Some(Timestamp(from.0 + left));
            }
            left -= open_ms;
            at = to;
        }
    }

    /// Working time between two instants in milliseconds; zero where `to` is not later. Intervals add up exactly.
    pub fn working_ms_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (mut at, mut worked) = (from, 0);
        while at < to {
            if self.week_ms > 0 {
                let weeks = self.plain_weeks(at).min((to.0 - at.0) / WEEK_MS);
                at.0 += weeks * WEEK_MS;
                worked += weeks * self.week_ms;
            }
            match self.next_opening(at).filter(|(from, _)| *from < to) {
                Some((from, until)) => {
                    worked += until.min(to).0 - from.0;
                    at = until;
                }
                None => return worked,
            }
        }
        worked
    }

    /// What is wrong with the calendar, one line each.
    pub fn problems(&self) -> Vec<String> {
        let id = self.id();
        let mut problems = Vec::new();
        if self.week_ms == 0 && self.days.values().all(Vec::is_empty) {
            problems.push(format!("calendar {id:?} has no open hour, so no deadline on it ever comes; add shifts under week:"));
        }
        let days = self.week.iter().chain([&sorted(&self.text.make_up.shifts)]).any(|shifts| overlap(shifts));
        if days {
            problems.push(format!("calendar {id:?} has a day whose shifts overlap; write them as one"));
        }
        for holiday in &self.text.holidays {
            if holiday.to < holiday.from {
                let (name, from, to) = (&holiday.name.en, holiday.from, holiday.to);
                problems
                    .push(format!("calendar {id:?}: holiday {name:?} ends on {to}, before it begins on {from}; exchange them"));
            }
        }
        if self.text.make_up.shifts.is_empty() && !self.text.make_up.days.is_empty() {
            problems.push(format!("calendar {id:?}: make-up days have no shifts; add shifts: under make_up:"));
        }
        problems
    }

    /// The first opening that ends after `at`, cut at `at`. Openings that overlap come one after the other, uncovered parts
    /// only, when asked for from end to end.
    fn next_opening(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        if at.0.abs() > FURTHEST_MS {
            return None;
        }
        // A shift of the day before may go on past midnight.
        let mut day = day_number(at) - 1;
        loop {
            for shift in self.shifts(day) {
                let (from, to) = shift.on(day);
                if to > at {
                    return Some((from.max(at), to));
                }
            }
            day = if self.week_ms > 0 { day + 1 } else { *self.days.range(day + 1..).next()?.0 };
            if day.saturating_mul(DAY_MS) > FURTHEST_MS {
                return None;
            }
        }
    }

    fn shifts(&self, day: i64) -> &[Shift] {
        // 1970-01-01 was a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).expect("a remainder of seven is small and not negative");
        self.days.get(&day).unwrap_or(&self.week[weekday])
    }

    /// How many whole weeks from `at` have nothing but ordinary days.
    fn plain_weeks(&self, at: Timestamp) -> i64 {
        if at.0.abs() > FURTHEST_MS {
            return 0;
        }
        let day = day_number(at);
        match self.days.range(day - 1..).next() {
            Some((differs, _)) => (differs - day - 1).max(0) / 7,
            None => (FURTHEST_MS - at.0) / WEEK_MS,
        }
    }
}

impl From<CalendarText> for Calendar {
    fn from(text: CalendarText) -> Self {
        let week = &text.week;
        let week = [&week.mon, &week.tue, &week.wed, &week.thu, &week.fri, &week.sat, &week.sun].map(|shifts| sorted(shifts));
        let mut calendar = Self { text, week, days: BTreeMap::new(), week_ms: 0 };
        calendar.week_ms = calendar.ordinary_week_ms();
        for holiday in &calendar.text.holidays {
            for day in date_number(holiday.from)..=date_number(holiday.to) {
                calendar.days.insert(day, Vec::new());
            }
        }
        for day in &calendar.text.make_up.days {
            calendar.days.insert(date_number(*day), sorted(&calendar.text.make_up.shifts));
        }
        calendar
    }
}

impl Calendar {
    /// Working time of one ordinary week; shifts that overlap count once.
    fn ordinary_week_ms(&self) -> i64 {
        let week = Timestamp(-CHINA_MS)..Timestamp(WEEK_MS - CHINA_MS);
        let (mut worked, mut until) = (0, week.start);
        for day in -1..7 {
            for (from, to) in self.shifts(day).iter().map(|s| s.on(day)) {
                let (from, to) = (from.max(until), to.min(week.end));
                worked += (to.0 - from.0).max(0);
                until = until.max(to);
            }
        }
        worked
    }
}

impl From<Calendar> for CalendarText {
    fn from(calendar: Calendar) -> Self {
        calendar.text
    }
}

impl Shift {
    fn on(self, day: i64) -> (Timestamp, Timestamp) {
        let midnight = day.saturating_mul(DAY_MS) - CHINA_MS;
        (Timestamp(midnight + self.from_min * 60_000), Timestamp(midnight + self.to_min * 60_000))
    }
}

impl TryFrom<String> for Shift {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let unreadable = || format!("shift {text:?} cannot be read; write it like 09:00-12:00, or 22:00-06:00 past midnight");
        let (from, to) = text.split_once('-').ok_or_else(unreadable)?;
        let from_min = minute(from).filter(|m| *m < 24 * 60).ok_or_else(unreadable)?;
        let to_min = minute(to).ok_or_else(unreadable)?;
        Ok(Self { from_min, to_min: if to_min > from_min { to_min } else { to_min + 24 * 60 } })
    }
}

impl From<Shift> for String {
    fn from(shift: Shift) -> Self {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let to_min = if shift.to_min > 24 * 60 { shift.to_min - 24 * 60 } else { shift.to_min };
        format!("{}-{}", clock(shift.from_min), clock(to_min))
    }
}

/// Minutes since midnight of `09:30`; `24:00` is the end of the day.
fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (hour >= 0 && (0..60).contains(&minute) && total <= 24 * 60).then_some(total)
}

fn sorted(shifts: &[Shift]) -> Vec<Shift> {
    let mut shifts = shifts.to_vec();
    shifts.sort_by_key(|s| (s.from_min, s.to_min));
    shifts
}

fn overlap(sorted: &[Shift]) -> bool {
    sorted.windows(2).any(|pair| pair[1].from_min < pair[0].to_min)
}

fn day_number(at: Timestamp) -> i64 {
    (at.0 + CHINA_MS).div_euclid(DAY_MS)
}

fn date_number(date: Date) -> i64 {
    let midnight = Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    midnight.map_or(0, |t| t.as_millisecond().div_euclid(DAY_MS))
}
