//! Logistic regression with a ridge: which features go with an outcome, how strongly, and how sure that is.

use super::matrix::dot;
use super::{Estimate, FitError, Level, Matrix};

/// Cases that share their features: `hits` of `trials` had the outcome. One case is a trial of 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    pub features: Vec<f64>,
    pub hits: f64,
    pub trials: f64,
}

/// log(p / (1 − p)) = intercept + Σ coefficient · feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// The intercept, then one for each feature.
    pub coefficients: Vec<f64>,
    /// Standard errors, in the same order.
    pub errors: Vec<f64>,
    covariance: Matrix,
}

/// Newton's method doubles its digits a step; what has not settled by now will not.
const STEPS: usize = 60;
const SETTLED: f64 = 1e-9;

/// Fits by Newton's method, halving a step that makes things worse. `ridge` is the weight of half the sum of squares of the
/// coefficients, the intercept left out; above 0 there is always an answer, with 0 not where a feature decides the outcome.
/// Features should be of like scale. The errors are those of the penalised estimate: H⁻¹ I H⁻¹ with the information I of the
/// data and H = I + ridge.
///
/// Source: S. le Cessie, J. C. van Houwelingen, "Ridge Estimators in Logistic Regression", Applied Statistics 41 (1992), 191–201.
///
/// # Errors
/// Rows of unequal length or with impossible counts, features that repeat each other, and no end where the ridge is too small.
pub fn logistic(rows: &[Grouped], ridge: f64) -> Result<Logistic, FitError> {
    let wanted = rows.first().ok_or(FitError::Empty)?.features.len();
    for (row, group) in rows.iter().enumerate() {
        let found = group.features.len();
        if found != wanted {
            return Err(FitError::Ragged { row, found, wanted });
        }
        if !(group.trials > 0.0 && group.hits >= 0.0 && group.hits <= group.trials) {
            return Err(FitError::Row { row, why: "hits must be from 0 to trials, and trials above 0" });
        }
        if group.features.iter().any(|f| !f.is_finite()) {
            return Err(FitError::Row { row, why: "a feature is not a finite number" });
        }
    }
    let rows: Vec<(Vec<f64>, f64, f64)> =
        rows.iter().map(|g| (std::iter::once(1.0).chain(g.features.iter().copied()).collect(), g.hits, g.trials)).collect();
    let mut coefficients = vec![0.0; wanted + 1];
    let mut best = objective(&rows, &coefficients, ridge);
    for _ in 0..STEPS {
        let (gradient, information) = slope(&rows, &coefficients, ridge);
        let inverse = penalised(&information, ridge).inverse()?;
        let step = inverse.times(&gradient);
        let mut scale = 1.0;
        let (next, value) = loop {
            let next: Vec<f64> = coefficients.iter().zip(&step).map(|(c, s)| c + scale * s).collect();
            let value = objective(&rows, &next, ridge);
            if value >= best - SETTLED || scale < 1e-6 {
                break (next, value);
            }
            scale /= 2.0;
        };
        let moved = next.iter().zip(&coefficients).map(|(n, c)| (n - c).abs()).fold(0.0, f64::max);
        (coefficients, best) = (next, value);
        if moved < SETTLED {
            let (_, information) = slope(&rows, &coefficients, ridge);
            let inverse = penalised(&information, ridge).inverse()?;
            let covariance = inverse.product(&information).product(&inverse);
            let errors = (0..=wanted).map(|i| covariance.at(i, i).max(0.0).sqrt()).collect();
            return Ok(Logistic { coefficients, errors, covariance });
        }
    }
    Err(FitError::Unsettled { steps: STEPS })
}

impl Logistic {
    /// 0–1, for features in the order of the fit.
    pub fn probability(&self, features: &[f64]) -> f64 {
        sigmoid(self.coefficients[0] + dot(&self.coefficients[1..], features))
    }

    /// What one more of the feature multiplies the odds by; the first feature is 0.
    pub fn odds_ratio(&self, feature: usize, level: Level) -> Estimate {
        let (value, half) = (self.coefficients[feature + 1], level.z() * self.errors[feature + 1]);
        Estimate { value, low: value - half, high: value + half }.map(f64::exp)
    }

    /// The probability with its interval, made on the scale of log-odds so that it stays within 0–1.
    pub fn probability_within(&self, features: &[f64], level: Level) -> Estimate {
        let row: Vec<f64> = std::iter::once(1.0).chain(features.iter().copied()).collect();
        let value = dot(&self.coefficients, &row);
        let half = level.z() * self.covariance.quadratic(&row).max(0.0).sqrt();
        Estimate { value, low: value - half, high: value + half }.map(sigmoid)
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// ln(1 + eˣ) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

type Rows = [(Vec<f64>, f64, f64)];

/// The penalised log-likelihood.
fn objective(rows: &Rows, coefficients: &[f64], ridge: f64) -> f64 {
    let fit: f64 = rows
        .iter()
        .map(|(x, hits, trials)| {
            let eta = dot(x, coefficients);
            hits * eta - trials * softplus(eta)
        })
        .sum();
    fit - 0.5 * ridge * coefficients[1..].iter().map(|c| c * c).sum::<f64>()
}

/// Gradient of the objective and information of the data.
fn slope(rows: &Rows, coefficients: &[f64], ridge: f64) -> (Vec<f64>, Matrix) {
    let mut gradient = vec![0.0; coefficients.len()];
    let mut information = Matrix::zero(coefficients.len());
    for (x, hits, trials) in rows {
        let p = sigmoid(dot(x, coefficients));
        gradient.iter_mut().zip(x).for_each(|(g, f)| *g += (hits - trials * p) * f);
        information.add_product(x, x, trials * p * (1.0 - p));
    }
    gradient.iter_mut().zip(coefficients).skip(1).for_each(|(g, c)| *g -= ridge * c);
    (gradient, information)
}

fn penalised(information: &Matrix, ridge: f64) -> Matrix {
    let mut out = information.clone();
    (1..out.size()).for_each(|i| out.add(i, i, ridge));
    out
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Random;
    use super::*;

    fn case(features: &[f64], hit: bool) -> Grouped {
        Grouped { features: features.to_vec(), hits: f64::from(u8::from(hit)), trials: 1.0 }
    }

    /// Hours of study and passing an exam. Source: Wikipedia, "Logistic regression", section "Example": intercept −4.0777 (1.7610),
    /// hours 1.5046 (0.6287).
    #[test]
    fn published_example_comes_out() {
        let hours = [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25, 4.5, 4.75, 5.0, 5.5];
        let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
        let rows: Vec<Grouped> = hours.iter().zip(passed).map(|(h, p)| case(&[*h], p == 1)).collect();
        let fit = logistic(&rows, 0.0).expect("it settles");
        for (got, want) in fit.coefficients.iter().chain(&fit.errors).zip([-4.0777, 1.5046, 1.7610, 0.6287]) {
            assert!((got - want).abs() < 1e-3, "{fit:?}");
        }
        assert!((fit.probability(&[2.0]) - 0.2556).abs() < 1e-3, "2 hours pass with 26 %");
        let within = fit.probability_within(&[2.0], Level::P95);
        assert!(within.low < within.value && within.value < within.high && within.high < 1.0);
    }

    #[test]
    fn groups_are_their_cases() {
        let single: Vec<Grouped> = (0..40).map(|i| case(&[f64::from(i % 2)], i % 5 < 2 || (i % 2 == 1 && i % 3 == 0))).collect();
        let grouped: Vec<Grouped> = [0.0, 1.0]
            .map(|x| {
                let of = single.iter().filter(|c| c.features[0] == x);
                Grouped { features: vec![x], hits: of.clone().map(|c| c.hits).sum(), trials: of.count() as f64 }
            })
            .to_vec();
        let (a, b) = (logistic(&single, 0.5).expect("fits"), logistic(&grouped, 0.5).expect("fits"));
        assert!((a.coefficients[1] - b.coefficients[1]).abs() < 1e-8 && (a.errors[1] - b.errors[1]).abs() < 1e-8);
    }

    #[test]
    fn feature_that_decides_needs_a_ridge_and_then_has_an_answer() {
        let rows: Vec<Grouped> = (0..20).map(|i| case(&[f64::from(i)], i >= 10)).collect();
        assert!(logistic(&rows, 0.0).is_err());
        assert!(logistic(&rows, 1.0).expect("the ridge holds it").coefficients[1] > 0.0);
    }

    #[test]
    fn unusable_rows_are_named() {
        let good = case(&[1.0], true);
        for (rows, want) in [
            (vec![], "no rows"),
            (vec![good.clone(), case(&[1.0, 2.0], true)], "row 1 has 2 columns"),
            (vec![good.clone(), Grouped { hits: 2.0, ..good.clone() }], "row 1 is not usable"),
            (vec![case(&[f64::NAN], true)], "row 0 is not usable"),
            (vec![case(&[1.0, 2.0], true), case(&[2.0, 4.0], false), case(&[3.0, 6.0], true)], "column 2"),
        ] {
            let error = logistic(&rows, 0.0).expect_err(want).to_string();
            assert!(error.contains(want), "{error}");
        }
    }

    #[test]
    fn intervals_cover_the_true_odds_ratio() {
        let mut random = Random::new(11);
        let (truth, rounds) = (0.8_f64, 400);
        let mut covered = 0;
        for _ in 0..rounds {
            let rows: Vec<Grouped> = (0..300)
                .map(|_| {
                    let x = random.normal();
                    case(&[x, random.normal()], random.fraction() < sigmoid(-0.5 + truth * x))
                })
                .collect();
            covered += usize::from(logistic(&rows, 1e-6).expect("fits").odds_ratio(0, Level::P95).holds(truth.exp()));
        }
        // 400 rounds: two standard errors are 2.2 points.
        assert!((0.925..=0.98).contains(&(covered as f64 / f64::from(rounds))), "{covered} of {rounds}");
    }
}
