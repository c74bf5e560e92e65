//! Shares of a whole, their differences and ratios, with intervals that hold for small counts and at zero.

use super::distribution::beta_quantile;
use super::{Estimate, Level};

/// `hits` of `trials`; hits above trials count as all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    pub hits: u64,
    pub trials: u64,
}

impl Share {
    pub fn new(hits: u64, trials: u64) -> Share {
        Share { hits: hits.min(trials), trials }
    }

    /// 0–1; 0 where nothing was tried.
    pub fn value(self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.hits as f64 / self.trials as f64 }
    }
}

/// Wilson's score interval; 0–1 where nothing was tried.
///
/// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209–212.
pub fn wilson(share: Share, level: Level) -> Estimate {
    let value = share.value();
    if share.trials == 0 {
        return Estimate { value, low: 0.0, high: 1.0 };
    }
    let n = share.trials as f64;
    let z2 = level.z().powi(2);
    let centre = (value + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = level.z() / (1.0 + z2 / n) * (value * (1.0 - value) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula gives the end itself but for rounding.
    let low = if share.hits == 0 { 0.0 } else { centre - half };
    let high = if share.hits == share.trials { 1.0 } else { centre + half };
    Estimate { value, low, high }
}

/// The exact interval of Clopper and Pearson: never covers less than its level, often more.
///
/// Source: C. J. Clopper, E. S. Pearson, "The Use of Confidence or Fiducial Limits", Biometrika 26 (1934), 404–413.
pub fn clopper_pearson(share: Share, level: Level) -> Estimate {
    let (hits, misses) = (share.hits as f64, (share.trials - share.hits.min(share.trials)) as f64);
    let low = beta_quantile(level.tail(), hits, misses + 1.0);
    let high = beta_quantile(1.0 - level.tail(), hits + 1.0, misses);
    Estimate { value: share.value(), low, high }
}

/// `treated` less `control`, −1..=1, by Newcombe's hybrid of two Wilson intervals (his method 10).
///
/// Source: R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions", Statistics in Medicine 17
/// (1998), 873–890.
pub fn difference(treated: Share, control: Share, level: Level) -> Estimate {
    let (a, b) = (wilson(treated, level), wilson(control, level));
    let value = a.value - b.value;
    let low = value - ((a.value - a.low).powi(2) + (b.high - b.value).powi(2)).sqrt();
    let high = value + ((a.high - a.value).powi(2) + (b.value - b.low).powi(2)).sqrt();
    Estimate { value, low: low.max(-1.0), high: high.min(1.0) }
}

/// `treated` divided by `control` with Katz's interval on the logarithm. Where a count is zero, one half is added to every hit and
/// to every trial, so that the answer is always finite; 0 to infinity where a side was never tried.
///
/// Source: D. Katz, J. Baptista, S. P. Azen, M. C. Pike, "Obtaining Confidence Intervals for the Risk Ratio in Cohort Studies",
/// Biometrics 34 (1978), 469–474; the half: S. D. Walter, "The Distribution of Levin's Measure", Biometrika 62 (1975), 371–374.
pub fn ratio(treated: Share, control: Share, level: Level) -> Estimate {
    if treated.trials == 0 || control.trials == 0 {
        return Estimate { value: 1.0, low: 0.0, high: f64::INFINITY };
    }
    let half = if treated.hits == 0 || control.hits == 0 { 0.5 } else { 0.0 };
    let side = |share: Share| (share.hits as f64 + half, share.trials as f64 + half);
    let ((a, n), (b, m)) = (side(treated), side(control));
    let log = (a / n).ln() - (b / m).ln();
    let error = (1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m).max(0.0).sqrt();
    let half_width = level.z() * error;
    Estimate { value: log, low: log - half_width, high: log + half_width }.map(f64::exp)
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Random;
    use super::*;

    fn close(got: Estimate, low: f64, high: f64) {
        assert!((got.low - low).abs() < 6e-5 && (got.high - high).abs() < 6e-5, "{got:?} is not {low}–{high}");
    }

    /// Source: R. G. Newcombe, "Two-sided Confidence Intervals for the Single Proportion", Statistics in Medicine 17 (1998),
    /// 857–872, table I, methods 3 (Wilson) and 5 (Clopper–Pearson).
    #[test]
    fn intervals_of_one_share_agree_with_newcombes_table() {
        for (hits, trials, score, exact) in [
            (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
            (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
            (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
            (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
        ] {
            close(wilson(Share::new(hits, trials), Level::P95), score.0, score.1);
            close(clopper_pearson(Share::new(hits, trials), Level::P95), exact.0, exact.1);
        }
        close(wilson(Share::default(), Level::P95), 0.0, 1.0);
        close(clopper_pearson(Share::default(), Level::P95), 0.0, 1.0);
        close(clopper_pearson(Share::new(7, 7), Level::P95), 0.025_f64.powf(1.0 / 7.0), 1.0);
    }

    /// Source: Newcombe 1998 (differences), table II, method 10.
    #[test]
    fn interval_of_a_difference_agrees_with_newcombes_table() {
        for ((a, n, b, m), low, high) in [
            ((56, 70, 48, 80), 0.0524, 0.3339),
            ((9, 10, 3, 10), 0.1705, 0.8090),
            ((10, 10, 0, 10), 0.6075, 1.0),
            ((0, 10, 0, 10), -0.2775, 0.2775),
        ] {
            close(difference(Share::new(a, n), Share::new(b, m), Level::P95), low, high);
        }
    }

    /// 15 of 25 against 7 of 21 (1.80, 0.91–3.57): exp(ln 1.8 ± 1.95996 √(1/15 − 1/25 + 1/7 − 1/21)).
    #[test]
    fn ratio_is_katzs_and_finite_at_zero() {
        let got = ratio(Share::new(15, 25), Share::new(7, 21), Level::P95);
        assert!((got.value - 1.8).abs() < 1e-9, "{got:?}");
        close(got, 0.90798, 3.56836);
        let none = ratio(Share::new(0, 50), Share::new(0, 50), Level::P95);
        assert!((none.value - 1.0).abs() < 1e-9 && none.low > 0.0 && none.high.is_finite(), "{none:?}");
        assert_eq!(ratio(Share::default(), Share::new(1, 2), Level::P95).high, f64::INFINITY);
    }

    #[test]
    fn intervals_cover_at_their_level_in_simulated_data() {
        let mut random = Random::new(2026);
        for (p, q, n, m) in [(0.1, 0.1, 60, 80), (0.5, 0.3, 40, 40), (0.03, 0.06, 400, 300)] {
            let rounds = 4000;
            let mut covered = [0; 4];
            for _ in 0..rounds {
                let (a, b) = (Share::new(random.binomial(n, p), n), Share::new(random.binomial(m, q), m));
                covered[0] += usize::from(wilson(a, Level::P95).holds(p));
                covered[1] += usize::from(clopper_pearson(a, Level::P95).holds(p));
                covered[2] += usize::from(difference(a, b, Level::P95).holds(p - q));
                covered[3] += usize::from(ratio(a, b, Level::P95).holds(p / q));
            }
            let share = covered.map(|c| c as f64 / f64::from(rounds));
            // 4000 rounds: ±0.7 points are chance; discreteness moves Wilson by a few points, and Clopper–Pearson only up.
            assert!(share[1] >= 0.943, "Clopper–Pearson at {p}: {share:?}");
            assert!(share.iter().all(|s| (0.92..=0.995).contains(s)), "at {p}, {q}: {share:?}");
        }
    }
}
