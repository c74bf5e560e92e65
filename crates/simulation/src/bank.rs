//! A real call centre's log, replayed: arrivals and service times as they were, people as they can be told from the calls
//! they took, patience from who hung up when.
//!
//! The format is the "anonymous bank" of I. Guedj and A. Mandelbaum (Technion, 1999): one line a call, tab-separated,
//! with a heading. Only the columns named in [`read_calls`] are looked at.

use crate::day::{Day, Incoming, Person, Shift};
use crate::random::Random;
use crate::times::{Times, patience_of};
use jieti_domain::id::{SkillId, StaffId};
use jieti_domain::routing::{Capacity, Level, Profile, Ring, RoutingRules, Strictness, Wanted, Wishes, Work};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Year, month and day as six digits.
    pub date: String,
    /// Kind of service: `PS`, `NE`, `IN`, …
    pub kind: String,
    /// Customers of priority 2 start with a credit of waiting.
    pub has_priority: bool,
    /// Seconds from midnight at which the call joined the queue, or would have.
    pub at_secs: i64,
    pub wait_secs: i64,
    pub end: CallEnd,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CallEnd {
    Served { by: String, started_secs: i64, handle_secs: i64 },
    HungUp,
}

/// People by shift: for each column of the file, the hours worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster(pub Vec<Vec<Shift>>);

#[derive(Debug, Error, PartialEq, Eq)]
pub enum BankError {
    #[error("the file is empty; give the log with its heading")]
    Empty,
    #[error("heading has no column {0:?}; give the log with its heading")]
    Column(&'static str),
    #[error("line {line}: {column} {text:?} is not as expected; correct the line")]
    Value { line: usize, column: &'static str, text: String },
}

/// Priority customers are served as if they had come a minute and a half before. Source: the data's description.
const PRIORITY_CREDIT_SECS: i64 = 90;
/// Kinds that only some agents took; all others are taken by everybody.
const KINDS_WITH_SKILL: [&str; 3] = ["IN", "NE", "PE"];
/// Calls of a kind that show that an agent takes it.
const SHOWS_SKILL: usize = 5;
const DAY_SECS: i64 = 86_400;

/// Reads calls in the order of the file. Virtual calls, and calls that ended before the queue, are left out.
///
/// # Errors
/// See [`BankError`].
pub fn read_calls(text: &str) -> Result<Vec<Call>, BankError> {
    let mut lines = text.lines().enumerate();
    let (_, heading) = lines.next().ok_or(BankError::Empty)?;
    let heading: Vec<&str> = heading.split('\t').collect();
    let find = |name: &'static str| heading.iter().position(|h| *h == name).ok_or(BankError::Column(name));
    let columns = ["priority", "type", "date", "vru_exit", "q_start", "q_time", "outcome", "ser_start", "ser_time", "server"];
    let places: Vec<usize> = columns.into_iter().map(find).collect::<Result<_, _>>()?;
    let mut calls = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |column: usize| fields.get(places[column]).copied().unwrap_or_default();
        let bad = |column: usize| BankError::Value { line: number + 1, column: columns[column], text: field(column).to_owned() };
        let count = |column: usize| field(column).parse::<i64>().map_err(|_| bad(column));
        let clock = |column: usize| clock_secs(field(column)).ok_or_else(|| bad(column));
        let (at_secs, wait_secs, reached_queue) = (clock(3)?, count(5)?.max(0), clock(4)? > 0);
        let end = match field(6) {
            "AGENT" => {
                let started_secs = clock(7)?;
                // Calls go on past midnight.
                let started_secs = if started_secs + 3600 < at_secs { started_secs + DAY_SECS } else { started_secs };
                CallEnd::Served { by: field(9).to_owned(), started_secs, handle_secs: count(8)?.max(0) }
            }
            "HANG" if reached_queue => CallEnd::HungUp,
            "HANG" | "PHANTOM" => continue,
            _ => return Err(bad(6)),
        };
        let has_priority = count(0)? == 2;
        calls.push(Call { date: field(2).to_owned(), kind: field(1).to_owned(), has_priority, at_secs, wait_secs, end });
    }
    Ok(calls)
}

/// `7:02:47` as seconds from midnight.
fn clock_secs(text: &str) -> Option<i64> {
    let parts: Vec<i64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes, secs] => Some(hours * 3600 + minutes * 60 + secs),
        _ => None,
    }
}

/// Reads a table of hours (rows) by shifts (columns): a 1 where the shift is at work. The first two columns name the hour.
///
/// # Errors
/// See [`BankError`].
pub fn read_shifts(text: &str) -> Result<Roster, BankError> {
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).enumerate();
    let (_, heading) = lines.next().ok_or(BankError::Empty)?;
    let mut shifts: Vec<Vec<Shift>> = vec![Vec::new(); heading.split(',').count().saturating_sub(2)];
    for (number, line) in lines {
        let from_ms = (number as i64 - 1) * 3_600_000;
        for (shift, text) in shifts.iter_mut().zip(line.split(',').skip(2)) {
            match text.trim() {
                "0" => {}
                "1" => match shift.last_mut().filter(|last| last.to_ms == from_ms) {
                    Some(last) => last.to_ms += 3_600_000,
                    None => shift.push(Shift { from_ms, to_ms: from_ms + 3_600_000 }),
                },
                other => {
                    return Err(BankError::Value { line: number + 1, column: "Shift", text: other.to_owned() });
                }
            }
        }
    }
    Ok(Roster(shifts))
}

/// What the log does not say of its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// Somebody counts as on duty as long as no more than this lies between two of their calls.
    pub idle_secs: i64,
    /// Work after each call, before the next can be taken.
    pub wrap_up_secs: i64,
}

/// One simulated day for each day of the log, in order.
///
/// Patience, skills, and the service times of those who hung up are learnt from
/// `learn`, which may be other days.
pub fn fit(calls: &[Call], learn: &[Call], habits: Habits, seed: u64) -> Vec<(String, Day)> {
    let mut random = Random::new(seed);
    let waits: Vec<(f64, bool)> = learn.iter().map(|call| (call.wait_secs as f64, call.end == CallEnd::HungUp)).collect();
    let patience = patience_of(&waits, 2000);
    let handled = learn.iter().filter_map(|call| match call.end {
        CallEnd::Served { handle_secs, .. } => Some(handle_secs as f64),
        CallEnd::HungUp => None,
    });
    let handling = Times::Measured { secs: handled.collect() };
    let skills = skills_of(learn);
    let dates: BTreeSet<&str> = calls.iter().map(|call| call.date.as_str()).collect();
    let day = |date: &str| {
        let of_day: Vec<&Call> = calls.iter().filter(|call| call.date == date).collect();
        let mut random = random.split();
        let mut incoming: Vec<Incoming> =
            of_day.iter().map(|call| incoming_of(call, &handling, &patience, habits, &mut random)).collect();
        incoming.sort_by_key(|contact| contact.at_ms);
        let people = people_of(&of_day, &skills, habits);
        (date.to_owned(), Day { rules: bank_rules(), people, incoming, ..Day::default() })
    };
    dates.into_iter().map(day).collect()
}

/// Nothing is relaxed: whoever does not take a kind never does.
fn bank_rules() -> RoutingRules {
    RoutingRules { rings: vec![Ring { after_secs: 0, lower_by: 0, wishes: Wishes::Keep }], ..RoutingRules::default() }
}

fn skill(kind: &str) -> Option<SkillId> {
    KINDS_WITH_SKILL.contains(&kind).then(|| SkillId::from(kind))
}

fn incoming_of(call: &Call, handling: &Times, patience: &Times, habits: Habits, random: &mut Random) -> Incoming {
    let want = |skill| Wanted { skill, level: Level::LOWEST, strictness: Strictness::Must };
    Incoming {
        at_ms: call.at_secs * 1000,
        stream: call.kind.as_str().into(),
        work: Work::Call,
        wanted: Arc::from_iter(skill(&call.kind).map(want)),
        credit_secs: if call.has_priority { PRIORITY_CREDIT_SECS } else { 0 },
        handle_secs: habits.wrap_up_secs as f64
            + match call.end {
                CallEnd::Served { handle_secs, .. } => handle_secs as f64,
                CallEnd::HungUp => handling.draw(random).unwrap_or(0.0),
            },
        patience_secs: patience.draw(random),
    }
}

fn skills_of(calls: &[Call]) -> BTreeMap<&str, BTreeSet<SkillId>> {
    let mut taken: BTreeMap<(&str, SkillId), usize> = BTreeMap::new();
    for call in calls {
        if let (CallEnd::Served { by, .. }, Some(skill)) = (&call.end, skill(&call.kind)) {
            *taken.entry((by, skill)).or_default() += 1;
        }
    }
    let mut skills: BTreeMap<&str, BTreeSet<SkillId>> = BTreeMap::new();
    for ((by, skill), _) in taken.into_iter().filter(|(_, count)| *count >= SHOWS_SKILL) {
        skills.entry(by).or_default().insert(skill);
    }
    skills
}

fn people_of(calls: &[&Call], skills: &BTreeMap<&str, BTreeSet<SkillId>>, habits: Habits) -> Vec<Person> {
    let mut spans: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for call in calls {
        match &call.end {
            CallEnd::Served { by, started_secs, handle_secs } if by != "NO_SERVER" => {
                spans.entry(by).or_default().push((*started_secs, started_secs + handle_secs));
            }
            CallEnd::Served { .. } | CallEnd::HungUp => {}
        }
    }
    let person = |(by, mut spans): (&str, Vec<(i64, i64)>)| {
        spans.sort_unstable();
        let mut shifts: Vec<Shift> = Vec::new();
        for (from, to) in spans {
            let (from_ms, to_ms) = (from * 1000, (to + 1) * 1000);
            match shifts.last_mut().filter(|last| from_ms <= last.to_ms + habits.idle_secs * 1000) {
                Some(last) => last.to_ms = last.to_ms.max(to_ms),
                None => shifts.push(Shift { from_ms, to_ms }),
            }
        }
        let skills = skills.get(by).into_iter().flatten().map(|skill| (skill.clone(), Level::LOWEST)).collect();
        Person { staff: StaffId::from(by), profile: Profile { skills, capacity: Capacity::default() }, shifts }
    };
    spans.into_iter().map(person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver";

    #[test]
    fn calls_are_read_and_people_found() {
        let text = format!(
            "{HEADING}\n\
             A\t1\t0\t0\tPS\t990201\t7:00:00\t7:00:10\t10\t0:00:00\t0:00:00\t0\tAGENT\t7:00:10\t7:02:10\t120\tDORIT\n\
             A\t2\t0\t2\tNE\t990201\t7:00:50\t7:01:00\t10\t7:01:00\t7:01:40\t40\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n\
             A\t3\t0\t0\tPS\t990201\t7:00:50\t7:01:00\t10\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n\
             A\t4\t0\t0\tPS\t990201\t7:00:50\t7:01:00\t10\t0:00:00\t0:00:00\t0\tPHANTOM\t0:00:00\t0:00:00\t0\tNO_SERVER\n\
             A\t5\t0\t0\tPS\t990201\t23:59:40\t23:59:50\t10\t0:00:00\t0:00:00\t0\tAGENT\t0:00:05\t0:01:05\t60\tDORIT\n"
        );
        let calls = read_calls(&text).unwrap();
        assert_eq!(calls.len(), 3, "{calls:?}");
        assert_eq!((calls[1].wait_secs, calls[1].has_priority, &calls[1].end), (40, true, &CallEnd::HungUp));
        let days = fit(&calls, &calls, Habits { idle_secs: 900, wrap_up_secs: 5 }, 1);
        let shifts: Vec<(i64, i64)> = days[0].1.people[0].shifts.iter().map(|s| (s.from_ms / 1000, s.to_ms / 1000)).collect();
        assert_eq!(shifts, [(25_210, 25_331), (86_405, 86_466)], "two calls far apart are two spells of duty");
        assert_eq!(days[0].1.incoming[1].credit_secs, 90);
        assert!((days[0].1.incoming[0].handle_secs - 125.0).abs() < 1e-9, "the call and the work after it");
        let wrong = text.replace("\t120\t", "\ttwo minutes\t");
        let wrong = read_calls(&wrong).unwrap_err();
        assert_eq!(wrong, BankError::Value { line: 2, column: "ser_time", text: "two minutes".to_owned() });
        assert_eq!(read_calls("a\tb"), Err(BankError::Column("priority")));
        assert_eq!(read_calls(""), Err(BankError::Empty));
    }

    #[test]
    fn a_roster_is_hours_by_shift() {
        let roster = read_shifts("Hour,StartTime,Shift1,Shift2\r1,Midnight,1,0\r2,1am,1,1\r3,2am,0,1\r").unwrap();
        let hour = 3_600_000;
        let shift = |from: i64, to: i64| vec![Shift { from_ms: from * hour, to_ms: to * hour }];
        assert_eq!(roster, Roster(vec![shift(0, 2), shift(1, 3)]));
        assert!(read_shifts("Hour,StartTime,Shift1\r1,Midnight,x").is_err());
    }
}
