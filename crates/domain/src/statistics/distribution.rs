//! Distribution functions and their inverses, total on every input: outside their domain the nearest end is taken.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::checked_beta_reg;

/// P(Z ≤ z) for a standard normal Z.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The z with P(Z ≤ z) = `share`; infinite at 0 and 1.
pub fn normal_quantile(share: f64) -> f64 {
    if share <= 0.0 {
        f64::NEG_INFINITY
    } else if share >= 1.0 {
        f64::INFINITY
    } else {
        Normal::standard().inverse_cdf(share)
    }
}

/// Student's t; normal where the degrees of freedom are not above 0 or not finite.
fn student(degrees_of_freedom: f64) -> Option<StudentsT> {
    (degrees_of_freedom.is_finite() && degrees_of_freedom > 0.0)
        .then(|| StudentsT::new(0.0, 1.0, degrees_of_freedom).ok())
        .flatten()
}

/// P(T ≤ t) for Student's t.
pub fn t_cdf(t: f64, degrees_of_freedom: f64) -> f64 {
    student(degrees_of_freedom).map_or_else(|| normal_cdf(t), |d| d.cdf(t))
}

/// The t with P(T ≤ t) = `share`; infinite at 0 and 1.
pub fn t_quantile(share: f64, degrees_of_freedom: f64) -> f64 {
    match student(degrees_of_freedom) {
        Some(d) if share > 0.0 && share < 1.0 => d.inverse_cdf(share),
        _ => normal_quantile(share),
    }
}

/// The regularised incomplete beta function I_x(a, b): P(B ≤ x) for B of the beta distribution. With a = 0 all of B is at 0, with
/// b = 0 at 1.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 || a <= 0.0 {
        1.0
    } else if b <= 0.0 {
        0.0
    } else {
        checked_beta_reg(a, b, x).unwrap_or(f64::NAN)
    }
}

/// The x with I_x(a, b) = `share`, by bisection to the last bits.
pub(super) fn beta_quantile(share: f64, a: f64, b: f64) -> f64 {
    if a <= 0.0 {
        return 0.0;
    }
    if b <= 0.0 {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if beta_cdf(middle, a, b) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(ours: f64, published: f64) {
        assert!((ours - published).abs() < 1e-4, "{ours} is not {published}");
    }

    /// Source: NIST/SEMATECH e-Handbook of Statistical Methods, tables 1.3.6.7.1 (normal) and 1.3.6.7.2 (Student's t).
    #[test]
    fn quantiles_agree_with_the_tables() {
        close(normal_quantile(0.975), 1.95996);
        close(normal_cdf(1.64485), 0.95);
        for (df, want) in [(1.0, 12.7062), (5.0, 2.5706), (30.0, 2.0423), (100.0, 1.9840)] {
            close(t_quantile(0.975, df), want);
            close(t_cdf(want, df), 0.975);
        }
        close(t_quantile(0.975, f64::INFINITY), 1.95996);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }

    #[test]
    fn beta_is_the_tail_of_the_binomial_and_turns_round() {
        // P(X >= 8), X binomial of 10 and 1/2, is 56 / 1024.
        close(beta_cdf(0.5, 8.0, 3.0), 56.0 / 1024.0);
        for (a, b) in [(0.5, 0.5), (3.0, 40.0), (700.0, 2.0)] {
            for share in [0.025, 0.5, 0.975] {
                close(beta_cdf(beta_quantile(share, a, b), a, b), share);
            }
        }
        assert_eq!((beta_cdf(0.3, 0.0, 4.0), beta_cdf(0.3, 4.0, 0.0)), (1.0, 0.0));
    }
}
