//! Drift: are messages read less surely this week than in the four before? Owns the test; counts nothing itself.

use crate::statistics::{Observation, Share, count_regression, newey_west_lags, normal_cdf};
use serde::Serialize;

/// Messages of one day, and those of them without a need that was believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOn {
    /// Days from any origin.
    pub day: i64,
    pub messages: u64,
    pub unsure: u64,
}

/// How the last days compare with those before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Drift {
    /// Share of unsure messages before and now, 0–1.
    pub before: f64,
    pub now: f64,
    pub messages_before: u64,
    pub messages_now: u64,
    /// One-sided: how often chance alone makes as much of a rise.
    pub p_value: f64,
    /// More unsure than before, and not by chance.
    pub is_alarm: bool,
}

/// Fewer messages than this say nothing.
const LEAST: u64 = 50;
/// A false alarm once in about two years of weekly looks.
const LEVEL: f64 = 0.01;

/// Compares shares by a binomial regression on days, whose errors stand days that differ more than chance makes them, and days that
/// follow each other's lead. `None` where there are too few messages or days.
pub fn drift(before: &[ReadOn], now: &[ReadOn]) -> Option<Drift> {
    let total = |days: &[ReadOn]| days.iter().fold((0, 0), |(unsure, all), d| (unsure + d.unsure, all + d.messages));
    let ((unsure_before, messages_before), (unsure_now, messages_now)) = (total(before), total(now));
    if messages_before < LEAST || messages_now < LEAST {
        return None;
    }
    let row = |day: &ReadOn, recent: f64| Observation {
        features: vec![1.0, recent],
        count: day.unsure as f64,
        of: Some(day.messages as f64),
        day: day.day,
    };
    let rows: Vec<Observation> = before
        .iter()
        .map(|day| row(day, 0.0))
        .chain(now.iter().map(|day| row(day, 1.0)))
        .filter(|row| row.of.is_some_and(|of| of > 0.0))
        .collect();
    let fit = count_regression(&rows, newey_west_lags(rows.len())).ok()?;
    let p_value = 1.0 - normal_cdf(fit.coefficients[1] / fit.error(&[0.0, 1.0]));
    let (before, now) = (Share::new(unsure_before, messages_before).value(), Share::new(unsure_now, messages_now).value());
    Some(Drift { before, now, messages_before, messages_now, p_value, is_alarm: now > before && p_value < LEVEL })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i64, unsure: &[u64]) -> Vec<ReadOn> {
        unsure.iter().zip(from..).map(|(unsure, day)| ReadOn { day, messages: 100, unsure: *unsure }).collect()
    }

    #[test]
    fn a_rise_that_is_more_than_chance_is_an_alarm() {
        let level: Vec<u64> = (0..28).map(|d| 18 + d % 5).collect();
        for (name, now, alarm) in [
            ("as before", [18, 19, 20, 21, 22, 18, 19], false),
            ("a little more", [19, 20, 21, 22, 22, 20, 20], false),
            ("half as much again", [28, 30, 31, 29, 30, 32, 30], true),
            ("fewer", [10, 11, 9, 10, 12, 10, 11], false),
        ] {
            let drift = drift(&days(0, &level), &days(28, &now)).expect("enough");
            assert_eq!(drift.is_alarm, alarm, "{name}: {drift:?}");
        }
    }

    #[test]
    fn one_bad_day_in_a_lender_whose_days_vary_is_no_alarm() {
        let varied: Vec<u64> = (0..28).map(|d| if d % 7 == 0 { 60 } else { 15 }).collect();
        let drift = drift(&days(0, &varied), &days(28, &[60, 15, 15, 20, 15, 15, 25])).expect("enough");
        assert!(!drift.is_alarm, "{drift:?}");
    }

    #[test]
    fn too_few_messages_say_nothing() {
        let few = |messages| vec![ReadOn { day: 1, messages, unsure: messages / 2 }];
        assert_eq!(drift(&few(49), &days(28, &[10, 10])), None);
        assert_eq!(drift(&days(0, &[10, 10]), &few(49)), None);
    }
}
