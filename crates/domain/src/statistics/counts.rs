//! Regression of daily counts, with errors that stand over-dispersion and days that follow each other's lead.

use super::matrix::dot;
use super::{FitError, Matrix};

/// A count, what it is explained by, and the day it was counted on. Observations of one day may move together.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    pub features: Vec<f64>,
    pub count: f64,
    /// The count is one of so many (binomial, on a log-odds scale); without it a Poisson count, on a log scale.
    pub of: Option<f64>,
    pub day: i64,
}

/// ln(mean), or ln(mean / (of − mean)), = Σ coefficient · feature. There is no intercept but one among the features.
#[derive(Debug, Clone, PartialEq)]
pub struct CountFit {
    pub coefficients: Vec<f64>,
    /// Fitted means, in the order of the observations.
    pub means: Vec<f64>,
    /// Pearson's χ² by degrees of freedom, not below 1: how many times more the counts vary than the family's do.
    pub dispersion: f64,
    pub degrees_of_freedom: f64,
    /// Covariance of the coefficients, were there no over-dispersion.
    inverse: Matrix,
    robust: Matrix,
}

const STEPS: usize = 60;
const SETTLED: f64 = 1e-9;
/// e^±30 is beyond any count of contacts; keeps a step that went too far finite.
const FARTHEST: f64 = 30.0;
/// A mean at its very end has no variance; this much keeps its weight a number.
const LEAST_VARIANCE: f64 = 1e-12;

/// Lags of days for [`count_regression`], by Newey and West's rule of thumb 4 (n / 100)^(2/9).
pub fn newey_west_lags(days: usize) -> usize {
    (4.0 * (days as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize
}

/// Quasi-likelihood by iterated weighted least squares, ended when nothing moves. Errors are robust to correlation over `lags` days.
///
/// Sources: P. McCullagh, J. A. Nelder, "Generalized Linear Models", 2nd ed., 1989, chapters 4, 6 and 9; W. K. Newey, K. D. West,
/// "A Simple, Positive Semi-definite, Heteroskedasticity and Autocorrelation Consistent Covariance Matrix", Econometrica 55
/// (1987), 703–708.
///
/// # Errors
/// Rows of unequal length, too few of them, impossible counts, or features that repeat each other.
pub fn count_regression(rows: &[Observation], lags: usize) -> Result<CountFit, FitError> {
    let wanted = rows.first().ok_or(FitError::Empty)?.features.len();
    if rows.len() <= wanted {
        return Err(FitError::Empty);
    }
    for (row, observation) in rows.iter().enumerate() {
        let found = observation.features.len();
        if found != wanted {
            return Err(FitError::Ragged { row, found, wanted });
        }
        if !(observation.count >= 0.0 && observation.count.is_finite() && observation.of.is_none_or(|of| of >= observation.count))
        {
            return Err(FitError::Row { row, why: "a count must be finite, not below 0, and not above what it is one of" });
        }
    }
    let mut predictors: Vec<f64> = rows.iter().map(|row| row.start()).collect();
    let mut coefficients = vec![f64::NAN; wanted];
    for _ in 0..STEPS {
        let mut information = Matrix::zero(wanted);
        let mut working = vec![0.0; wanted];
        for (row, predictor) in rows.iter().zip(&predictors) {
            let (mean, variance) = row.moments(*predictor);
            information.add_product(&row.features, &row.features, variance);
            let target = predictor * variance + row.count - mean;
            working.iter_mut().zip(&row.features).for_each(|(w, f)| *w += target * f);
        }
        let next = information.inverse()?.times(&working);
        predictors = rows.iter().map(|r| dot(&r.features, &next).clamp(-FARTHEST, FARTHEST)).collect();
        // The first round has nothing to be compared with: not-a-number is never small.
        let settled = next.iter().zip(&coefficients).all(|(n, c)| (n - c).abs() < SETTLED);
        coefficients = next;
        if settled {
            return finish(rows, coefficients, &predictors, lags);
        }
    }
    Err(FitError::Unsettled { steps: STEPS })
}

impl Observation {
    /// Where the search begins: the count itself, moved a little inwards.
    fn start(&self) -> f64 {
        match self.of {
            None => (self.count + 0.5).ln(),
            Some(of) => ((self.count + 0.5) / (of - self.count + 0.5)).ln(),
        }
    }

    /// Mean and the family's variance at a predictor.
    fn moments(&self, predictor: f64) -> (f64, f64) {
        match self.of {
            None => (predictor.exp(), predictor.exp()),
            Some(of) => {
                let share = 1.0 / (1.0 + (-predictor).exp());
                (of * share, (of * share * (1.0 - share)).max(LEAST_VARIANCE))
            }
        }
    }
}

fn finish(rows: &[Observation], coefficients: Vec<f64>, predictors: &[f64], lags: usize) -> Result<CountFit, FitError> {
    let size = coefficients.len();
    let degrees_of_freedom = (rows.len() - size) as f64;
    let mut means = Vec::with_capacity(rows.len());
    let mut information = Matrix::zero(size);
    let mut chi_square = 0.0;
    let mut days: Vec<(i64, Vec<f64>)> = Vec::new();
    for (row, predictor) in rows.iter().zip(predictors) {
        let (mean, variance) = row.moments(*predictor);
        means.push(mean);
        information.add_product(&row.features, &row.features, variance);
        let residual = row.count - mean;
        chi_square += residual * residual / variance;
        let score = row.features.iter().map(|f| f * residual);
        match days.iter_mut().find(|(day, _)| *day == row.day) {
            Some((_, sum)) => sum.iter_mut().zip(score).for_each(|(s, x)| *s += x),
            None => days.push((row.day, score.collect())),
        }
    }
    let mut meat = Matrix::zero(size);
    for (day, score) in &days {
        meat.add_product(score, score, 1.0);
        for (other, before) in &days {
            let lag = day - other;
            if lag > 0 && lag <= lags as i64 {
                let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
                meat.add_product(score, before, weight);
                meat.add_product(before, score, weight);
            }
        }
    }
    let inverse = information.inverse()?;
    let robust = inverse.product(&meat).product(&inverse);
    let dispersion = (chi_square / degrees_of_freedom).max(1.0);
    Ok(CountFit { coefficients, means, dispersion, degrees_of_freedom, inverse, robust })
}

impl CountFit {
    /// Standard error of Σ weight · coefficient: the larger of the robust one (with the small-sample factor n / (n − k)) and
    /// the over-dispersed family's, since the robust one is too small in short series.
    pub fn error(&self, weights: &[f64]) -> f64 {
        let rows = self.means.len() as f64;
        let robust = self.robust.quadratic(weights) * rows / self.degrees_of_freedom;
        let modelled = self.inverse.quadratic(weights) * self.dispersion;
        robust.max(modelled).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dobson's randomised trial as in R's help page of `glm`: 3.045 (0.1709), −0.4543 (0.2022), −0.2930 (0.1927), 0, 0 (0.2).
    #[test]
    fn dobsons_example_comes_out() {
        let counts = [18.0, 17.0, 15.0, 20.0, 10.0, 20.0, 25.0, 13.0, 12.0];
        let is = |a: usize, b: usize| f64::from(u8::from(a == b));
        let rows: Vec<Observation> = counts
            .iter()
            .enumerate()
            .map(|(i, count)| Observation {
                features: vec![1.0, is(i % 3, 1), is(i % 3, 2), is(i / 3, 1), is(i / 3, 2)],
                count: *count,
                of: None,
                day: i as i64,
            })
            .collect();
        let fit = count_regression(&rows, 0).expect("it settles");
        for (got, want) in fit.coefficients.iter().zip([3.044_52, -0.454_26, -0.292_99, 0.0, 0.0]) {
            assert!((got - want).abs() < 1e-4, "{fit:?}");
        }
        for (i, want) in [0.1709, 0.2022, 0.1927, 0.2, 0.2].into_iter().enumerate() {
            assert!((fit.inverse.at(i, i).sqrt() - want).abs() < 1e-4, "{i}");
        }
        // R: residual deviance 5.13 on 4; Pearson's χ² is 5.17.
        assert!((fit.dispersion - 5.17 / 4.0).abs() < 0.01, "{}", fit.dispersion);
    }

    /// The hours of study of `logistic`'s test, as counts of 1.
    #[test]
    fn count_of_so_many_is_a_logistic_regression() {
        let hours = [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25, 4.5, 4.75, 5.0, 5.5];
        let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
        let rows: Vec<Observation> = hours
            .iter()
            .zip(passed)
            .zip(0..)
            .map(|((h, p), day)| Observation { features: vec![1.0, *h], count: f64::from(p), of: Some(1.0), day })
            .collect();
        let fit = count_regression(&rows, 0).expect("it settles");
        assert!((fit.coefficients[0] + 4.0777).abs() < 1e-3 && (fit.coefficients[1] - 1.5046).abs() < 1e-3, "{fit:?}");
        assert!((fit.inverse.at(1, 1).sqrt() - 0.6287).abs() < 1e-3);
    }

    #[test]
    fn days_that_move_together_widen_the_error() {
        let rows: Vec<Observation> = (0..80)
            .map(|day| Observation { features: vec![1.0], count: if (day / 8) % 2 == 0 { 30.0 } else { 10.0 }, of: None, day })
            .collect();
        let (alone, together) = (count_regression(&rows, 0).expect("fits"), count_regression(&rows, 4).expect("fits"));
        assert!(together.error(&[1.0]) > 1.5 * alone.error(&[1.0]));
    }

    #[test]
    fn unusable_rows_are_named() {
        let row = |features: &[f64], count| Observation { features: features.to_vec(), count, of: None, day: 0 };
        for (rows, want) in [
            (vec![row(&[1.0], 1.0)], "no rows to learn from"),
            (vec![row(&[1.0], 1.0), row(&[1.0, 1.0], 1.0)], "row 1 has 2 columns"),
            (vec![row(&[1.0], 1.0), row(&[1.0], -1.0)], "row 1 is not usable"),
            (vec![row(&[1.0, 2.0], 1.0), row(&[1.0, 2.0], 2.0), row(&[1.0, 2.0], 3.0)], "column 1"),
        ] {
            let error = count_regression(&rows, 0).expect_err(want).to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
