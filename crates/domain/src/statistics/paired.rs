//! Two readers of the same lines: is one better than the other?

use super::beta_cdf;
use serde::{Deserialize, Serialize};

/// Lines on which two readers differ, and how often chance alone makes as much of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Paired {
    /// Right before and wrong after.
    pub broken: u64,
    /// Wrong before and right after.
    pub mended: u64,
    /// Two-sided.
    pub p_value: f64,
}

/// McNemar's test in its exact form: of the lines on which two readers differ, each is as likely to go either way where neither is
/// better. Lines on which they agree say nothing.
///
/// Source: Q. McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or Percentages", Psychometrika
/// 12 (1947), 153–157; exact by the binomial, as in A. Agresti, "Categorical Data Analysis", 3rd ed., 2013, section 11.1.
pub fn mcnemar(broken: u64, mended: u64) -> Paired {
    let (fewer, more) = (broken.min(mended) as f64, broken.max(mended) as f64);
    // P(X ≤ fewer) of a fair binomial is P(half ≤ Beta(…)) by the incomplete beta function.
    let p_value = if broken == mended { 1.0 } else { (2.0 * beta_cdf(0.5, more, fewer + 1.0)).min(1.0) };
    Paired { broken, mended, p_value }
}

impl Paired {
    /// Better than before, and not by chance at this level (0.05).
    pub fn is_better(&self, level: f64) -> bool {
        self.mended > self.broken && self.p_value < level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(n: u64, k: u64) -> f64 {
        (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64)
    }

    /// Sums the binomial term by term.
    #[test]
    fn the_p_value_is_the_binomials() {
        for (broken, mended) in [(0, 1), (0, 5), (0, 6), (1, 8), (5, 15), (15, 5), (10, 10), (2, 40)] {
            let (fewer, n) = (u64::min(broken, mended), broken + mended);
            let tail: f64 = (0..=fewer).map(|k| choose(n, k)).sum::<f64>() / 2_f64.powi(n as i32);
            let want = if broken == mended { 1.0 } else { (2.0 * tail).min(1.0) };
            let got = mcnemar(broken, mended).p_value;
            assert!((got - want).abs() < 1e-9, "{broken}, {mended}: {got} for {want}");
        }
        assert_eq!(mcnemar(0, 0).p_value, 1.0);
    }

    #[test]
    fn better_needs_more_mended_and_more_than_chance() {
        // Five of five is p = 0.0625, six of six 0.031.
        for (broken, mended, better) in [(0, 5, false), (0, 6, true), (6, 0, false), (10, 11, false), (0, 0, false)] {
            assert_eq!(mcnemar(broken, mended).is_better(0.05), better, "{broken}, {mended}");
        }
    }
}
