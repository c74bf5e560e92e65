//! The days before: what customers did, as rows for `POST /api/staff/journeys/import`, and the truth beside them. Pure:
//! the last day is an argument.

use crate::person::{End, Person};
use crate::script::scenes;
use serde::Serialize;

/// One act of one customer, as the import takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub customer: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub platform: &'static str,
    pub version: &'static str,
    pub act: &'static str,
    pub page: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    pub value: u32,
}

/// A customer was stuck at a step, whatever the service thought. A row without a span (`since` = `until`) says that this
/// customer's visit was without trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    pub customer: String,
    pub journey: String,
    pub step: String,
    /// Milliseconds since 1970.
    pub since: i64,
    pub until: i64,
}

impl Truth {
    /// Nothing was wrong for this person.
    pub fn none(person: &Person, at: i64) -> Truth {
        let way = person.way;
        Truth {
            customer: customer_of(person),
            journey: way.id.to_owned(),
            step: way.steps[0].id.to_owned(),
            since: at,
            until: at,
        }
    }

    pub fn stuck(person: &Person, step: &str, since: i64, until: i64) -> Truth {
        Truth { customer: customer_of(person), journey: person.way.id.to_owned(), step: step.to_owned(), since, until }
    }
}

/// As the service calls a visitor.
fn customer_of(person: &Person) -> String {
    format!("visitor:{}", person.visitor)
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Share of a day's customers by hour, China time: morning, lunch, evening.
const BY_HOUR: [f64; 24] =
    [1.0, 0.6, 0.4, 0.3, 0.3, 0.5, 1.0, 2.0, 4.0, 6.0, 7.0, 6.5, 6.0, 5.5, 5.5, 5.5, 5.5, 5.5, 6.0, 7.0, 7.5, 7.0, 5.0, 2.5];
/// Numbers of the past begin here, so that nobody lives twice.
const FIRST: u64 = 1_000_000;

/// `days` days that end at `until` (ms since 1970), with about `a_day` customers each. Nobody was helped: there was no
/// guidance then.
pub fn past(seed: u64, until: i64, days: u32, a_day: u32) -> (Vec<Row>, Vec<Truth>) {
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    let hours: Vec<(i64, f64)> = (0..).zip(BY_HOUR).collect();
    for number in 0..u64::from(days) * u64::from(a_day) {
        let (person, mut random) = Person::draw(seed, FIRST + number);
        let day = (number / u64::from(a_day)) as i64;
        // China is eight hours ahead of the day's beginning; the last hours before `until` stay empty.
        let hour = (*random.pick(&hours) + 16) % 24;
        let begin = until - (day + 1) * DAY_MS + hour * HOUR_MS + random.between(0, 3_599_999) as i64;
        one(&person, begin, until, &mut random, &mut rows, &mut truth);
    }
    rows.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.customer.cmp(&b.customer)));
    (rows, truth)
}

fn one(person: &Person, begin: i64, until: i64, random: &mut crate::random::Random, rows: &mut Vec<Row>, truth: &mut Vec<Truth>) {
    let customer = customer_of(person);
    let mut row = |at: i64, act, page, target, code, value| {
        // What has not happened yet is not history.
        if at < until {
            rows.push(Row {
                customer: customer.clone(),
                at,
                platform: person.platform,
                version: person.version,
                act,
                page,
                target,
                code,
                value,
            });
        }
    };
    if person.trouble.is_none() {
        truth.push(Truth::none(person, begin));
    }
    let mut at = begin;
    for scene in scenes(person, random) {
        let page = scene.moments[0].page;
        for m in &scene.moments {
            row(at + m.after_ms as i64, m.act, m.page, m.target, m.code, m.value);
        }
        let ends = at + scene.ends_ms as i64;
        if scene.trouble.is_some() {
            truth.push(Truth::stuck(person, scene.step, at, ends));
            let (code, stops) = match person.end(false) {
                End::GoOn => (None, false),
                End::GiveUp => (None, true),
                End::Contact => (Some("contacted"), true),
                End::Complain => (Some("complained"), true),
            };
            if code.is_some() {
                row(ends + 5_000, "outcome", page, scene.trouble.map(|t| t.need), code, 0);
            }
            if stops {
                return;
            }
            if let Some(m) = scene.then {
                row(at + m.after_ms as i64, m.act, m.page, m.target, m.code, m.value);
            }
        }
        at = ends + 300;
    }
    if person.curious {
        row(at + 10_000, "outcome", person.way.steps[0].page, None, Some("contacted"), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOON: i64 = 1_795_233_600_000;

    #[test]
    fn the_past_is_the_same_for_the_same_seed_in_order_and_over_by_now() {
        let (rows, truth) = past(5, NOON, 14, 40);
        assert_eq!((rows.clone(), truth.clone()), past(5, NOON, 14, 40));
        assert_ne!(rows, past(6, NOON, 14, 40).0);
        assert!(rows.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(rows.iter().all(|r| r.at < NOON && r.at >= NOON - 14 * DAY_MS));
        assert!(truth.iter().all(|t| t.since <= t.until));
        assert!(truth.iter().any(|t| t.since == t.until) && truth.iter().any(|t| t.since < t.until));
    }

    #[test]
    fn who_was_stuck_asked_far_more_often_than_who_was_not() {
        let (rows, truth) = past(5, NOON, 14, 100);
        let stuck: BTreeSet<&str> = truth.iter().filter(|t| t.since < t.until).map(|t| t.customer.as_str()).collect();
        let all: BTreeSet<&str> = rows.iter().map(|r| r.customer.as_str()).collect();
        let asked: BTreeSet<&str> = rows.iter().filter(|r| r.code == Some("contacted")).map(|r| r.customer.as_str()).collect();
        let share = |of: &BTreeSet<&str>| of.intersection(&asked).count() as f64 / of.len() as f64;
        let others: BTreeSet<&str> = all.difference(&stuck).copied().collect();
        assert!(share(&stuck) > 0.25, "{}", share(&stuck));
        assert!(share(&others) < 0.05, "{}", share(&others));
    }

    #[test]
    fn names_are_such_as_the_server_takes() {
        for row in past(5, NOON, 1, 300).0 {
            for name in [Some(row.page), row.target, row.code, Some(row.version)].into_iter().flatten() {
                assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.:-".contains(&b)), "{name}");
            }
        }
    }
}
