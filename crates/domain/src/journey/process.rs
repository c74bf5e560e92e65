//! A lender's own process as a log of activities: where cases wait longer than they should, and what comes next. The same
//! idea as for customers: a wait is a break point when it is longer than those of cases that went on needed.

use std::collections::{BTreeMap, HashMap};

/// One activity of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub name: String,
    /// Milliseconds since 1970.
    pub start: i64,
    pub end: i64,
}

/// A case, its activities in order of their starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    pub activities: Vec<Activity>,
}

/// A wait that is long: from the end of one activity to the start of the next.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingPoint {
    pub from: String,
    pub to: String,
    /// Of the cases that taught: half waited at most so long, and so long is a break point; ms.
    pub median: i64,
    pub threshold: i64,
    /// Of the cases that were judged: how many waited, and how many longer than the threshold.
    pub cases: u64,
    pub broken: u64,
    /// Waiting beyond the median, summed over the cases judged, in ms.
    pub excess: i64,
}

/// Waits that must be known before a quantile is trusted.
const EVIDENCE: usize = 50;
/// A wait longer than so many in a hundred of those that taught is a break point.
const QUANTILE: f64 = 0.95;

/// Learns from some cases and judges others: waiting points by what they cost, the dearest first.
pub fn waiting_points(taught: &[Case], judged: &[Case]) -> Vec<WaitingPoint> {
    let mut known: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for (pair, wait) in taught.iter().flat_map(waits) {
        known.entry(pair).or_default().push(wait);
    }
    let mut points: BTreeMap<(&str, &str), WaitingPoint> = BTreeMap::new();
    for ((from, to), mut waits) in known {
        if waits.len() < EVIDENCE {
            continue;
        }
        waits.sort_unstable();
        let at = |q: f64| waits[((waits.len() as f64 * q).ceil() as usize).clamp(1, waits.len()) - 1];
        let point = WaitingPoint {
            from: from.to_owned(),
            to: to.to_owned(),
            median: at(0.5),
            threshold: at(QUANTILE),
            cases: 0,
            broken: 0,
            excess: 0,
        };
        points.insert((from, to), point);
    }
    for (pair, wait) in judged.iter().flat_map(waits) {
        if let Some(point) = points.get_mut(&pair) {
            point.cases += 1;
            point.broken += u64::from(wait > point.threshold);
            point.excess += (wait - point.median).max(0);
        }
    }
    let mut points: Vec<WaitingPoint> = points.into_values().filter(|p| p.cases > 0).collect();
    points.sort_by(|a, b| b.excess.cmp(&a.excess).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
    points
}

fn waits(case: &Case) -> impl Iterator<Item = ((&str, &str), i64)> {
    case.activities.windows(2).map(|pair| ((pair[0].name.as_str(), pair[1].name.as_str()), (pair[1].start - pair[0].end).max(0)))
}

/// Longest history that is looked at.
const ORDER: usize = 4;
/// What stands for the end of a case.
pub const END: &str = "";

/// What comes next, from the last activities, how many there were of each, and how long the last one took. Contexts that are
/// longer or finer count for more as they are better known (Witten–Bell).
#[derive(Debug, Clone, Default)]
pub struct NextActivity {
    counts: HashMap<Vec<String>, BTreeMap<String, u64>>,
}

impl NextActivity {
    pub fn learn(cases: &[Case]) -> Self {
        let mut model = Self::default();
        for case in cases {
            for seen in 1..=case.activities.len() {
                let next = case.activities.get(seen).map_or(END, |a| a.name.as_str());
                for context in contexts(&case.activities[..seen]) {
                    *model.counts.entry(context).or_default().entry(next.to_owned()).or_default() += 1;
                }
            }
        }
        model
    }

    /// The likeliest next activity; [`END`] for the end of the case.
    pub fn guess(&self, seen: &[Activity]) -> Option<String> {
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for context in contexts(seen) {
            let Some(counts) = self.counts.get(&context) else { continue };
            let total: u64 = counts.values().sum();
            let kinds = counts.len() as f64;
            let trust = total as f64 / (total as f64 + kinds);
            shares.values_mut().for_each(|share| *share *= 1.0 - trust);
            for (next, count) in counts {
                *shares.entry(next).or_default() += trust * *count as f64 / total as f64;
            }
        }
        shares.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.cmp(a.0))).map(|(next, _)| next.to_owned())
    }
}

/// Contexts from the coarsest to the finest.
fn contexts(seen: &[Activity]) -> Vec<Vec<String>> {
    let mut contexts = vec![Vec::new()];
    let names: Vec<&str> = seen.iter().map(|a| a.name.as_str()).collect();
    for order in 1..=ORDER.min(names.len()) {
        contexts.push(names[names.len() - order..].iter().map(|n| (*n).to_owned()).collect());
    }
    let last = &seen[seen.len() - 1];
    let repeats = names.iter().rev().take_while(|n| **n == last.name).count().min(4);
    let before = names.iter().rev().find(|n| **n != last.name).copied().unwrap_or(END);
    // How long it took says whether the work was done or only looked at.
    let took = (last.end - last.start).max(0) / 1000;
    let took = ["0", "60", "300", "1800", "more"][[0, 60, 300, 1800].iter().position(|s| took <= *s).unwrap_or(4)];
    contexts.push(vec!["~took".to_owned(), last.name.clone(), repeats.to_string(), took.to_owned()]);
    contexts.push(vec!["~took".to_owned(), before.to_owned(), last.name.clone(), repeats.to_string(), took.to_owned()]);
    contexts
}

/// Share of next activities, ends included, that are guessed right, and how many there were.
pub fn accuracy(cases: &[Case], guess: impl Fn(&[Activity]) -> Option<String>) -> (f64, u64) {
    let (mut right, mut all) = (0_u64, 0_u64);
    for case in cases {
        for seen in 1..=case.activities.len() {
            let next = case.activities.get(seen).map_or(END, |a| a.name.as_str());
            right += u64::from(guess(&case.activities[..seen]).as_deref() == Some(next));
            all += 1;
        }
    }
    (right as f64 / all.max(1) as f64, all)
}

/// The floor to compare with: what most often comes after the last activity alone.
pub fn bigram(cases: &[Case]) -> impl Fn(&[Activity]) -> Option<String> + use<> {
    let mut counts: HashMap<String, BTreeMap<String, u64>> = HashMap::new();
    for case in cases {
        for (place, activity) in case.activities.iter().enumerate() {
            let next = case.activities.get(place + 1).map_or(END, |a| a.name.as_str());
            *counts.entry(activity.name.clone()).or_default().entry(next.to_owned()).or_default() += 1;
        }
    }
    move |seen| {
        let after = counts.get(&seen.last()?.name)?;
        after.iter().max_by_key(|(_, count)| **count).map(|(next, _)| next.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(steps: &[(&str, i64, i64)]) -> Case {
        Case {
            activities: steps
                .iter()
                .map(|(name, start, end)| Activity { name: (*name).to_owned(), start: *start, end: *end })
                .collect(),
        }
    }

    #[test]
    fn a_wait_is_judged_by_those_of_other_cases_and_costs_what_is_beyond_the_median() {
        let taught: Vec<Case> = (1..=100).map(|i| case(&[("a", 0, 10), ("b", 10 + i, 200)])).collect();
        let judged = [case(&[("a", 0, 10), ("b", 60, 90)]), case(&[("a", 0, 10), ("b", 510, 600), ("c", 5000, 5001)])];
        let points = waiting_points(&taught, &judged);
        assert_eq!(points.len(), 1, "b to c was never taught");
        let point = &points[0];
        assert_eq!((point.median, point.threshold, point.cases, point.broken, point.excess), (50, 95, 2, 1, 450));
    }

    #[test]
    fn what_comes_next_depends_on_more_than_the_last_activity() {
        let cases: Vec<Case> = (0..40)
            .map(|i| {
                if i % 2 == 0 {
                    case(&[("a", 0, 1), ("b", 2, 3), ("c", 4, 5)])
                } else {
                    case(&[("x", 0, 1), ("b", 2, 3), ("d", 4, 5)])
                }
            })
            .collect();
        let model = NextActivity::learn(&cases);
        let (better, all) = accuracy(&cases, |seen| model.guess(seen));
        let (floor, _) = accuracy(&cases, bigram(&cases));
        assert_eq!(all, 120);
        assert!(better > 0.99 && (floor - 5.0 / 6.0).abs() < 1e-9, "{better} {floor}");
    }
}
