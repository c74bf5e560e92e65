//! How long things take: handling times and patience, as data and as draws.

use crate::random::Random;
use serde::{Deserialize, Serialize};

/// A distribution of seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Times {
    Exponential {
        mean_secs: f64,
    },
    /// What handling times are like: many short ones, and a tail. Source: L. Brown et al., "Statistical Analysis of a
    /// Telephone Call Center", JASA 100 (2005), section 4.
    LogNormal {
        mean_secs: f64,
        deviation_secs: f64,
    },
    /// Draws of what was measured, each as likely as the others.
    Measured {
        secs: Vec<f64>,
    },
    /// For ever: nobody gives up.
    Never,
}

impl Times {
    /// Seconds, or `None` for never.
    pub fn draw(&self, random: &mut Random) -> Option<f64> {
        match self {
            Times::Exponential { mean_secs } => Some(random.exponential(*mean_secs)),
            Times::LogNormal { mean_secs, deviation_secs } => {
                let variance = (1.0 + (deviation_secs / mean_secs).powi(2)).ln();
                Some((mean_secs.ln() - variance / 2.0 + variance.sqrt() * random.normal()).exp())
            }
            Times::Measured { secs } if secs.is_empty() => None,
            Times::Measured { secs } => Some(secs[random.below(secs.len())]),
            Times::Never => None,
        }
    }

    /// What cannot be drawn from.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let bad = |secs: f64| !secs.is_finite() || secs <= 0.0;
        match self {
            Times::Exponential { mean_secs } if bad(*mean_secs) => Some("mean_secs is not above 0; give a time"),
            Times::LogNormal { mean_secs, deviation_secs } if bad(*mean_secs) || bad(*deviation_secs) => {
                Some("mean_secs or deviation_secs is not above 0; give a time")
            }
            Times::Measured { secs } if secs.is_empty() || secs.iter().any(|s| *s < 0.0 || !s.is_finite()) => {
                Some("secs is empty or has a time below 0; give measured times")
            }
            Times::Exponential { .. } | Times::LogNormal { .. } | Times::Measured { .. } | Times::Never => None,
        }
    }
}

/// Patience as it was, from waits that ended with giving up (`true`) or were cut short by service: the survival curve of
/// Kaplan and Meier, as so many equally likely draws. Its end, which few were seen to reach, is drawn out exponentially.
pub fn patience_of(waits: &[(f64, bool)], draws: usize) -> Times {
    let mut waits = waits.to_vec();
    waits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let given_up = waits.iter().filter(|(_, gave_up)| *gave_up).count();
    if given_up == 0 || draws == 0 {
        return Times::Never;
    }
    let waited_secs: f64 = waits.iter().map(|(secs, _)| secs).sum();
    let tail_secs = waited_secs / given_up as f64;
    let mut secs = Vec::with_capacity(draws);
    let mut survive = 1.0;
    let seen = waits.len() - waits.len() / FEW;
    let mut steps = waits.iter().enumerate().take(seen).filter(|(_, (_, gave_up))| *gave_up);
    let mut last_secs = 0.0;
    for draw in 0..draws {
        // The time by which this share has given up.
        let share = 1.0 - (draw as f64 + 0.5) / draws as f64;
        while survive > share
            && let Some((place, (at, _))) = steps.next()
        {
            survive *= 1.0 - 1.0 / (waits.len() - place) as f64;
            last_secs = *at;
        }
        let beyond = if survive > share { tail_secs * (survive / share).ln() } else { 0.0 };
        secs.push(last_secs + beyond);
    }
    Times::Measured { secs }
}

/// The last so-many-th part of the waits is too few to read a curve from.
const FEW: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(times: &Times) -> f64 {
        let mut random = Random::new(1);
        (0..200_000).filter_map(|_| times.draw(&mut random)).sum::<f64>() / 200_000.0
    }

    #[test]
    fn a_log_normal_has_its_mean() {
        let ours = mean(&Times::LogNormal { mean_secs: 180.0, deviation_secs: 200.0 });
        assert!((ours - 180.0).abs() < 3.0, "{ours}");
    }

    #[test]
    fn patience_is_found_again_although_most_waits_were_cut_short() {
        let mut random = Random::new(3);
        let waits: Vec<(f64, bool)> = (0..50_000)
            .map(|_| {
                let (patience, service) = (random.exponential(240.0), random.exponential(60.0));
                (patience.min(service), patience < service)
            })
            .collect();
        let ours = mean(&patience_of(&waits, 1000));
        assert!((ours - 240.0).abs() < 24.0, "{ours}");
        assert_eq!(patience_of(&[(5.0, false)], 10), Times::Never);
    }
}
