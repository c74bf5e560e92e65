//! Counts by day: has the rate risen, by how much, and since when. Stands weekdays that differ and counts that vary more than
//! Poisson's.

use super::{Estimate, Level, beta_cdf};

/// How many on one day. Days are counted from any origin; a day that is not listed was not observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daily {
    pub day: i64,
    pub count: u64,
}

/// How the rate of a recent span compares with that before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// Recent rate a day by the rate before; half a case is added to both.
    pub ratio: Estimate,
    /// One-sided: how often chance alone makes as much of a rise.
    pub p_value: f64,
    /// How many times more the days vary than Poisson's; not below 1.
    pub dispersion: f64,
}

/// From this day on the rate was another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurningPoint {
    pub day: i64,
    pub per_day_before: f64,
    pub per_day_after: f64,
}

/// Weekdays are told apart when there are four of each, on average.
const DAYS_FOR_WEEKDAYS: usize = 28;

/// Compares the daily rates of two spans. Given the total, the recent count is binomial; both counts are divided by the
/// dispersion first (quasi-likelihood), so that a bunchy problem needs more of a rise. Without dispersion the test is exact.
/// `None` where a span has no day.
///
/// Sources: J. Przyborowski, H. Wilenski, "Homogeneity of Results in Testing Samples from Poisson Series", Biometrika 31 (1940),
/// 313–323; R. W. M. Wedderburn, "Quasi-likelihood Functions", Biometrika 61 (1974), 439–447.
pub fn rise(before: &[Daily], recent: &[Daily], level: Level) -> Option<Rise> {
    if before.is_empty() || recent.is_empty() {
        return None;
    }
    let total = |days: &[Daily]| days.iter().map(|d| d.count).sum::<u64>() as f64;
    let (past, now) = (total(before), total(recent));
    let (past_days, now_days) = (before.len() as f64, recent.len() as f64);
    let dispersion = dispersion(&[before, recent]);
    let share = now_days / (past_days + now_days);
    let p_value = if now == 0.0 { 1.0 } else { beta_cdf(share, now / dispersion, past / dispersion + 1.0) };
    let log = ((now + 0.5) / now_days).ln() - ((past + 0.5) / past_days).ln();
    let half = level.z() * (dispersion * (1.0 / (now + 0.5) + 1.0 / (past + 0.5))).sqrt();
    let ratio = Estimate { value: log, low: log - half, high: log + half }.map(f64::exp);
    Some(Rise { ratio, p_value, dispersion })
}

/// Pearson's χ² by degrees of freedom about the mean of each span, times the factor of the weekday where there is data for it.
fn dispersion(spans: &[&[Daily]]) -> f64 {
    let days: usize = spans.iter().map(|s| s.len()).sum();
    let mean = |span: &[Daily]| span.iter().map(|d| d.count).sum::<u64>() as f64 / span.len().max(1) as f64;
    let mut seen = [0.0; 7];
    let mut expected = [0.0; 7];
    for span in spans {
        for day in *span {
            seen[weekday(day.day)] += day.count as f64;
            expected[weekday(day.day)] += mean(span);
        }
    }
    let by_weekday = days >= DAYS_FOR_WEEKDAYS;
    let used = spans.len() + if by_weekday { 6 } else { 0 };
    if days <= used {
        return 1.0;
    }
    let mut chi_square = 0.0;
    for span in spans {
        for day in *span {
            let w = weekday(day.day);
            let factor = if by_weekday && expected[w] > 0.0 { seen[w] / expected[w] } else { 1.0 };
            let wanted = mean(span) * factor;
            if wanted > 0.0 {
                chi_square += (day.count as f64 - wanted).powi(2) / wanted;
            }
        }
    }
    (chi_square / (days - used) as f64).max(1.0)
}

/// 0–6; which of them is Monday does not matter here.
pub(super) fn weekday(day: i64) -> usize {
    day.rem_euclid(7) as usize
}

/// The day that splits the series best into two rates, by Poisson's likelihood. It says when, not whether: that is [`rise`].
/// `None` with fewer than two days or nothing counted.
///
/// Source: D. V. Hinkley, "Inference about the Change-point in a Sequence of Random Variables", Biometrika 57 (1970), 1–17.
pub fn turning_point(days: &[Daily]) -> Option<TurningPoint> {
    let all: u64 = days.iter().map(|d| d.count).sum();
    if all == 0 {
        return None;
    }
    let fit = |count: f64, days: f64| if count == 0.0 { 0.0 } else { count * (count / days).ln() };
    let mut best: Option<(f64, TurningPoint)> = None;
    let mut before = 0;
    for split in 1..days.len() {
        before += days[split - 1].count;
        let (early, late) = (before as f64, (all - before) as f64);
        let (early_days, late_days) = (split as f64, (days.len() - split) as f64);
        let likelihood = fit(early, early_days) + fit(late, late_days);
        if best.is_none_or(|(highest, _)| likelihood > highest) {
            let point =
                TurningPoint { day: days[split].day, per_day_before: early / early_days, per_day_after: late / late_days };
            best = Some((likelihood, point));
        }
    }
    best.map(|(_, point)| point)
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Random;
    use super::*;

    fn series(from: i64, counts: impl IntoIterator<Item = u64>) -> Vec<Daily> {
        counts.into_iter().zip(from..).map(|(count, day)| Daily { day, count }).collect()
    }

    /// One day each: 2 before, 10 after; P(X ≥ 10), X binomial of 12 and 1/2, is 79 / 4096.
    #[test]
    fn without_dispersion_the_test_is_the_exact_one() {
        let got = rise(&series(0, [2]), &series(1, [10]), Level::P95).expect("two spans");
        assert!((got.p_value - 79.0 / 4096.0).abs() < 1e-9, "{got:?}");
        assert!((got.ratio.value - 10.5 / 2.5).abs() < 1e-9);
        let none = rise(&series(0, [0, 0]), &series(2, [0]), Level::P95).expect("two spans");
        assert!(none.p_value == 1.0 && none.ratio.high.is_finite(), "{none:?}");
        assert_eq!(rise(&[], &series(0, [1]), Level::P95), None);
    }

    #[test]
    fn bunchy_days_need_more_of_a_rise() {
        let calm = rise(&series(0, [10, 11, 9, 10, 10, 11, 9]), &series(7, [15, 16, 14]), Level::P95).expect("spans");
        let bunchy = rise(&series(0, [0, 30, 0, 5, 30, 0, 5]), &series(7, [0, 40, 5]), Level::P95).expect("spans");
        assert!(calm.p_value < 0.05 && calm.dispersion == 1.0, "{calm:?}");
        assert!(bunchy.p_value > 0.2 && bunchy.dispersion > 5.0, "{bunchy:?}");
    }

    #[test]
    fn weekend_is_not_dispersion() {
        let week = [100, 98, 103, 99, 101, 20, 19];
        let got = rise(&series(0, week.repeat(4)), &series(28, week), Level::P95).expect("spans");
        assert_eq!(got.dispersion, 1.0);
        assert!((got.ratio.value - 1.0).abs() < 0.01);
    }

    #[test]
    fn false_alarms_keep_to_their_level_and_real_rises_are_found() {
        let mut random = Random::new(5);
        let rounds = 2000;
        for (mean, shape, doubles_found) in [(3.0, None, 0.9), (12.0, Some(4), 0.9), (40.0, Some(10), 0.99)] {
            let mut alarms = 0;
            let mut found = 0;
            let mut draw = |mean: f64| match shape {
                Some(shape) => random.overdispersed(mean, shape),
                None => random.poisson(mean),
            };
            for _ in 0..rounds {
                let before = series(0, (0..28).map(|_| draw(mean)));
                let same = series(28, (0..7).map(|_| draw(mean)));
                let doubled = series(28, (0..7).map(|_| draw(2.0 * mean)));
                let significant = |recent: &[Daily]| rise(&before, recent, Level::P95).expect("spans").p_value < 0.05;
                alarms += usize::from(significant(&same));
                found += usize::from(significant(&doubled));
            }
            let (alarms, found) = (alarms as f64 / f64::from(rounds), found as f64 / f64::from(rounds));
            // 2000 rounds: two standard errors of 5 % are 1 point; the variance of the dispersion itself takes another.
            assert!(alarms <= 0.072, "mean {mean}: {alarms}");
            assert!(found >= doubles_found, "mean {mean}: {found}");
        }
    }

    #[test]
    fn turning_point_is_the_day_of_the_change() {
        let mut random = Random::new(9);
        let mut near = 0;
        for _ in 0..200 {
            let days = series(100, (0..28).map(|i| random.poisson(if i < 20 { 5.0 } else { 15.0 })));
            let point = turning_point(&days).expect("counts");
            near += usize::from((119..=121).contains(&point.day));
        }
        assert!(near >= 180, "{near} of 200");
        assert_eq!(turning_point(&series(0, [0, 0, 0])), None);
        assert_eq!(turning_point(&series(0, [4])), None);
    }
}
