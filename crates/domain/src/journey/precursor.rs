//! What comes before contacts and complaints: for each thing that happened to a customer in the app, how much more often
//! those it happened to got in touch. Readable figures with intervals, and a regression that tells apart what goes together.

use crate::statistics::{Estimate, Grouped, Level, Share, logistic, ratio};
use std::collections::BTreeMap;

/// Features in the regression: the most frequent. More than a manager reads, fewer than the data can tell apart.
const MOST: usize = 40;
/// Customers a feature must have happened to.
const EVIDENCE: u64 = 20;
/// Weight of the ridge: a coefficient that little speaks for is drawn to none.
const RIDGE: f64 = 1.0;

/// One customer on one day: what happened, and whether they got in touch within a day of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerDay<F> {
    /// Each once, sorted.
    pub features: Vec<F>,
    pub came: bool,
}

/// A feature and what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Precursor<F> {
    pub feature: F,
    /// Customers with it, and those of them who got in touch.
    pub with: Share,
    pub without: Share,
    /// Rate with ÷ rate without, with its interval at 95 %.
    pub lift: Estimate,
    /// What it multiplies the odds by when everything else in the table stays the same; `None` where it could not be told.
    pub odds: Option<Estimate>,
}

/// Every feature that happened to enough customers, the surest first: by the lower end of its lift.
pub fn precursors<F: Ord + Clone>(days: &[CustomerDay<F>]) -> Vec<Precursor<F>> {
    let came_of = |came: bool| u64::from(came);
    let all = Share::new(days.iter().map(|d| came_of(d.came)).sum(), days.len() as u64);
    let mut counts: BTreeMap<&F, (u64, u64)> = BTreeMap::new();
    for day in days {
        for feature in &day.features {
            let (with, came) = counts.entry(feature).or_default();
            *with += 1;
            *came += came_of(day.came);
        }
    }
    let mut known: Vec<(&F, u64, u64)> = counts
        .into_iter()
        .filter(|(_, (with, _))| *with >= EVIDENCE && *with < all.trials)
        .map(|(f, (w, c))| (f, w, c))
        .collect();
    known.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    known.truncate(MOST);
    known.sort_by(|a, b| a.0.cmp(b.0));
    let names: Vec<&F> = known.iter().map(|(f, ..)| *f).collect();
    let mut groups: BTreeMap<Vec<bool>, (f64, f64)> = BTreeMap::new();
    for day in days {
        let row = names.iter().map(|name| day.features.binary_search(name).is_ok()).collect();
        let (hits, trials) = groups.entry(row).or_default();
        *hits += f64::from(u8::from(day.came));
        *trials += 1.0;
    }
    let rows: Vec<Grouped> = groups
        .into_iter()
        .map(|(row, (hits, trials))| Grouped {
            features: row.into_iter().map(|has| f64::from(u8::from(has))).collect(),
            hits,
            trials,
        })
        .collect();
    let fit = logistic(&rows, RIDGE).ok();
    let mut table: Vec<Precursor<F>> = known
        .iter()
        .enumerate()
        .map(|(place, (feature, with, came))| {
            let with = Share::new(*came, *with);
            let without = Share::new(all.hits - with.hits, all.trials - with.trials);
            Precursor {
                feature: (*feature).clone(),
                with,
                without,
                lift: ratio(with, without, Level::P95),
                odds: fit.as_ref().map(|fit| fit.odds_ratio(place, Level::P95)),
            }
        })
        .collect();
    table.sort_by(|a, b| b.lift.low.total_cmp(&a.lift.low).then_with(|| a.feature.cmp(&b.feature)));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_causes_contacts_is_told_from_what_goes_with_it() {
        // Errors double the contacts; old versions only go with errors; rage is rare.
        let mut days = Vec::new();
        for i in 0..2000_u32 {
            let error = i % 4 == 0;
            let old = if error { i % 8 < 6 } else { i % 7 == 0 };
            let came = if error { i % 12 < 4 } else { i % 10 == 1 };
            let mut features = Vec::new();
            features.extend(error.then_some("error"));
            features.extend(old.then_some("old"));
            features.extend((i % 300 == 0).then_some("rage"));
            days.push(CustomerDay { features, came });
        }
        let table = precursors(&days);
        assert_eq!(table.iter().map(|p| p.feature).collect::<Vec<_>>(), ["error", "old"], "rage happened to too few");
        let [error, old] = [&table[0], &table[1]];
        assert!(error.lift.low > 2.0, "{error:?}");
        let (error_odds, old_odds) = (error.odds.expect("a fit"), old.odds.expect("a fit"));
        assert!(error_odds.low > 2.0 && old_odds.holds(1.0), "{error_odds:?} {old_odds:?}");
        assert!(old.lift.low > 1.0, "alone, it looks like a cause: {:?}", old.lift);
        assert!(precursors::<&str>(&[]).is_empty());
    }
}
