//! Statistics behind every claim with a number: intervals of shares and rates, tests of a rise, regressions, effects after a
//! change. Pure and deterministic; owns formulas with their sources, and knows nothing of customers.

mod counts;
mod distribution;
mod interrupted;
mod logistic;
mod matrix;
mod multiplicity;
mod paired;
mod proportion;
mod rate;
#[cfg(test)]
mod sampling;

pub use counts::{CountFit, Observation, count_regression, newey_west_lags};
pub use distribution::{beta_cdf, normal_cdf, normal_quantile, t_cdf, t_quantile};
pub use interrupted::{Change, SeriesError, interrupted};
pub use logistic::{Grouped, Logistic, logistic};
pub use matrix::{Matrix, Singular};
pub use multiplicity::false_discovery;
pub use paired::{Paired, mcnemar};
pub use proportion::{Share, clopper_pearson, difference, ratio, wilson};
pub use rate::{Daily, Rise, TurningPoint, rise, turning_point};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A figure with the interval that holds the true value with the level asked for. Units are those of the figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Estimate {
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The same figure seen through an increasing function.
    pub fn map(self, increasing: impl Fn(f64) -> f64) -> Estimate {
        Estimate { value: increasing(self.value), low: increasing(self.low), high: increasing(self.high) }
    }
}

/// How sure an interval is, such as 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(f64);

impl Level {
    pub const P95: Level = Level(0.95);
    pub const P90: Level = Level(0.90);

    /// `share` is above 0 and below 1.
    pub fn new(share: f64) -> Option<Level> {
        (share > 0.0 && share < 1.0).then_some(Level(share))
    }

    pub fn share(self) -> f64 {
        self.0
    }

    /// What is left on each side.
    fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// Half the width of the interval in standard errors, for a normal figure.
    pub fn z(self) -> f64 {
        normal_quantile(1.0 - self.tail())
    }

    /// The same for Student's t.
    pub fn t(self, degrees_of_freedom: f64) -> f64 {
        t_quantile(1.0 - self.tail(), degrees_of_freedom)
    }
}

/// Why a regression has no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FitError {
    #[error("no rows to learn from; give at least one more row than there are columns")]
    Empty,
    #[error("row {row} has {found} columns and the first row {wanted}; give every row the same columns")]
    Ragged { row: usize, found: usize, wanted: usize },
    #[error("row {row} is not usable: {why}")]
    Row { row: usize, why: &'static str },
    #[error("column {column} says nothing that the columns before it do not say; leave it out or use a ridge above 0")]
    Singular { column: usize },
    #[error("no end after {steps} steps; use a larger ridge")]
    Unsettled { steps: usize },
}

impl From<Singular> for FitError {
    fn from(Singular { column }: Singular) -> Self {
        FitError::Singular { column }
    }
}
