//! Interrupted time series: what a fix did to a daily count, against what would have come without it and against a control.

use super::rate::weekday;
use super::{CountFit, Daily, Estimate, FitError, Level, Observation, count_regression, newey_west_lags, t_cdf};
use thiserror::Error;

/// What changed on the day of the fix.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Share by which the daily count changed, beyond what the control did: −0.38 is 38 % less.
    pub effect: Estimate,
    /// The control's own change, as a share.
    pub control: Option<Estimate>,
    /// Two-sided, for no effect.
    pub p_value: f64,
    /// What would have come on each day after the fix without it, in the order of the days.
    pub expected: Vec<f64>,
    pub per_day_before: f64,
    pub per_day_after: f64,
    pub dispersion: f64,
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum SeriesError {
    #[error("{before} days before the fix and {after} after it; at least 14 and 7 are needed to tell an effect from chance")]
    TooShort { before: usize, after: usize },
    #[error(
        "nothing was counted before the fix, so nothing can have become less; choose the days in which the problem was there"
    )]
    Silent,
    #[error("the control has {control} days and the problem {problem}; give the control the same days")]
    Unequal { control: usize, problem: usize },
    #[error("the series has no answer: {0}")]
    Fit(#[from] FitError),
}

const DAYS_BEFORE: usize = 14;
const DAYS_AFTER: usize = 7;
/// With fewer days a trend of its own costs more than it tells.
const DAYS_FOR_TREND: usize = 21;
const DAYS_FOR_WEEKDAYS: usize = 28;

/// Segmented regression of daily counts: a level, a trend where there are days for it, weekdays, and a step at the fix, which is
/// the effect; errors by Newey and West. With a control the problem is counted out of problem and control together, so that what
/// befalls both on a day cancels; without one the count stands for itself. `days` are in order, whole days only (leave out the day of the fix); `after` is the first day after the fix;
/// `control` counts the other problems of the same days.
///
/// Source: J. Lopez Bernal, S. Cummins, A. Gasparrini, "The Use of Controls in Interrupted Time Series Studies of Public Health
/// Interventions", Int. J. Epidemiology 47 (2018), 2082–2093.
///
/// # Errors
/// Too few days, nothing counted before the fix, or a control of other days.
pub fn interrupted(days: &[Daily], after: i64, control: Option<&[u64]>, level: Level) -> Result<Change, SeriesError> {
    let split = days.partition_point(|d| d.day < after);
    let (before, later) = days.split_at(split);
    if before.len() < DAYS_BEFORE || later.len() < DAYS_AFTER {
        return Err(SeriesError::TooShort { before: before.len(), after: later.len() });
    }
    if let Some(control) = control
        && control.len() != days.len()
    {
        return Err(SeriesError::Unequal { control: control.len(), problem: days.len() });
    }
    let total = |counts: &[f64]| counts.iter().sum::<f64>();
    let counts: Vec<f64> = days.iter().map(|d| d.count as f64).collect();
    if total(&counts[..split]) == 0.0 {
        return Err(SeriesError::Silent);
    }
    // A control that was never seen on a side says nothing.
    let control: Option<Vec<f64>> = control
        .map(|c| c.iter().map(|n| *n as f64).collect::<Vec<f64>>())
        .filter(|c| total(&c[..split]) > 0.0 && total(&c[split..]) > 0.0);
    let problem = spread_half(counts, split);
    let fit = Segments::of(days, after, &problem, control.as_deref()).fit()?;
    let share = |log: Estimate| log.map(|l| l.exp() - 1.0);
    let log = fit.step(level);
    let expected = match &control {
        None => fit.counts.means[split..].iter().map(|mean| mean / log.value.exp()).collect(),
        // By the odds against the control, which are what the fix changed.
        Some(control) => {
            let means = fit.counts.means[split..].iter().zip(&problem[split..]).zip(&control[split..]);
            means.map(|((mean, problem), control)| control * mean / (problem + control - mean) / log.value.exp()).collect()
        }
    };
    let control = match &control {
        None => None,
        Some(control) => Some(share(Segments::of(days, after, control, None).fit()?.step(level))),
    };
    let mean = |span: &[Daily]| span.iter().map(|d| d.count).sum::<u64>() as f64 / span.len() as f64;
    Ok(Change {
        effect: share(log),
        control,
        p_value: fit.p_value(),
        expected,
        per_day_before: mean(before),
        per_day_after: mean(later),
        dispersion: fit.counts.dispersion,
    })
}

/// Nothing at all after the fix has no logarithm: half a case is spread over those days.
fn spread_half(mut counts: Vec<f64>, split: usize) -> Vec<f64> {
    let after = &mut counts[split..];
    if after.iter().sum::<f64>() == 0.0 {
        let each = 0.5 / after.len() as f64;
        after.fill(each);
    }
    counts
}

/// The rows of a regression: level, step at the fix, trend and weekdays, the last two where there is data for them.
struct Segments {
    rows: Vec<Observation>,
    days: usize,
}

struct SegmentFit {
    counts: CountFit,
    /// Picks the step out of the coefficients.
    step: Vec<f64>,
}

/// The column of the step.
const STEP: usize = 1;

impl Segments {
    fn of(days: &[Daily], after: i64, counts: &[f64], control: Option<&[f64]>) -> Segments {
        let trend = days.partition_point(|d| d.day < after) >= DAYS_FOR_TREND;
        let weekdays = weekdays_are_known(days, counts);
        let row = |(index, day): (usize, &Daily)| {
            let mut features = vec![1.0, f64::from(u8::from(day.day >= after))];
            if trend {
                // In weeks, so that columns are of like size.
                features.push((day.day - after) as f64 / 7.0);
            }
            if weekdays {
                features.extend((1..7).map(|w| f64::from(u8::from(weekday(day.day) == w))));
            }
            let count = counts[index];
            Observation { features, count, of: control.map(|c| c[index] + count), day: day.day }
        };
        Segments { rows: days.iter().enumerate().map(row).collect(), days: days.len() }
    }

    fn fit(&self) -> Result<SegmentFit, FitError> {
        let counts = count_regression(&self.rows, newey_west_lags(self.days))?;
        let mut step = vec![0.0; counts.coefficients.len()];
        step[STEP] = 1.0;
        Ok(SegmentFit { counts, step })
    }
}

impl SegmentFit {
    /// On the log scale.
    fn step(&self, level: Level) -> Estimate {
        let value = self.counts.coefficients[STEP];
        let half = level.t(self.counts.degrees_of_freedom) * self.counts.error(&self.step);
        Estimate { value, low: value - half, high: value + half }
    }

    fn p_value(&self) -> f64 {
        let t = self.counts.coefficients[STEP] / self.counts.error(&self.step);
        2.0 * t_cdf(-t.abs(), self.counts.degrees_of_freedom)
    }
}

/// Four of each weekday on average, and none of them always empty: that one would have no logarithm.
fn weekdays_are_known(days: &[Daily], counts: &[f64]) -> bool {
    let mut seen = [false; 7];
    for (day, count) in days.iter().zip(counts) {
        seen[weekday(day.day)] |= *count > 0.0;
    }
    days.len() >= DAYS_FOR_WEEKDAYS && seen.iter().all(|s| *s)
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Random;
    use super::*;

    fn days(counts: impl IntoIterator<Item = u64>) -> Vec<Daily> {
        counts.into_iter().zip(0..).map(|(count, day)| Daily { day, count }).collect()
    }

    /// A fix on day 28 of 56; the weekend is quieter, and `shock` falls on problem and control alike.
    fn world(random: &mut Random, fewer: f64, shared_step: f64) -> (Vec<Daily>, Vec<u64>) {
        let mut shock = 0.0;
        let (mut problem, mut control) = (Vec::new(), Vec::new());
        for day in 0..56 {
            shock = 0.5 * shock + 0.1 * random.normal();
            let week = if day % 7 >= 5 { 0.5 } else { 1.0 };
            let shared: f64 = week * f64::exp(shock) * if day >= 28 { shared_step } else { 1.0 };
            problem.push(random.overdispersed(30.0 * shared * if day >= 28 { 1.0 - fewer } else { 1.0 }, 20));
            control.push(random.overdispersed(300.0 * shared, 40));
        }
        (days(problem), control)
    }

    #[test]
    fn intervals_cover_the_true_effect_and_no_effect_is_seldom_called_one() {
        let mut random = Random::new(38);
        let rounds = 400;
        for (fewer, shared) in [(0.0, 1.0), (0.38, 1.0), (0.0, 1.4), (0.6, 0.8)] {
            let mut covered = 0;
            let mut found = 0;
            for _ in 0..rounds {
                let (problem, control) = world(&mut random, fewer, shared);
                let change = interrupted(&problem, 28, Some(&control), Level::P95).expect("56 days");
                covered += usize::from(change.effect.holds(-fewer));
                found += usize::from(change.p_value < 0.05);
            }
            let (covered, found) = (covered as f64 / f64::from(rounds), found as f64 / f64::from(rounds));
            // 400 rounds: two standard errors are 2.2 points.
            assert!((0.92..=0.995).contains(&covered), "{fewer}, {shared}: {covered}");
            if fewer == 0.0 {
                assert!(found <= 0.08, "no effect, shared step {shared}: {found}");
            } else {
                assert!(found >= 0.6, "{fewer}: {found}");
            }
        }
    }

    #[test]
    fn control_takes_up_what_happens_to_everybody() {
        let (problem, control) = world(&mut Random::new(3), 0.0, 0.5);
        let alone = interrupted(&problem, 28, None, Level::P95).expect("56 days");
        let beside = interrupted(&problem, 28, Some(&control), Level::P95).expect("56 days");
        assert!(alone.effect.high < -0.1 && alone.control.is_none(), "{alone:?}");
        assert!(beside.effect.holds(0.0), "{beside:?}");
        assert!(beside.control.expect("a control").high < -0.1);
    }

    #[test]
    fn problem_that_ends_altogether_is_a_large_effect_and_not_an_error() {
        let counts = (0..42).map(|day| if day < 28 { 10 } else { 0 });
        let change = interrupted(&days(counts), 28, None, Level::P95).expect("42 days");
        assert!(change.effect.value < -0.98 && change.effect.high < -0.8, "{change:?}");
        assert_eq!(change.per_day_after, 0.0);
        assert_eq!(change.expected.len(), 14);
        assert!(change.expected.iter().all(|e| (9.0..11.0).contains(e)), "{change:?}");
    }

    #[test]
    fn series_that_cannot_tell_are_refused() {
        let flat = |days: i64| (0..days).map(|_| 5_u64);
        for (series, after, control, want) in [
            (days(flat(20)), 14, None, "14 days before the fix and 6 after"),
            (days(flat(20)), 13, None, "13 days before"),
            (days((0..30).map(|day| u64::from(day >= 20))), 20, None, "nothing was counted before"),
            (days(flat(30)), 20, Some(vec![1; 29]), "control has 29 days"),
        ] {
            let error = interrupted(&series, after, control.as_deref(), Level::P95).expect_err(want).to_string();
            assert!(error.contains(want), "{error}");
        }
        assert!(interrupted(&days(flat(21)), 14, None, Level::P95).is_ok(), "14 and 7 are enough");
    }

    #[test]
    fn weekday_without_any_count_is_no_obstacle() {
        let counts = (0..42).map(|day| if day % 7 == 6 { 0 } else { 8 });
        let change = interrupted(&days(counts), 28, None, Level::P95).expect("42 days");
        assert!(change.effect.holds(0.0));
    }
}
