//! How long those who got through needed: histograms of time in sight, by step, platform and version, that forget slowly.

use crate::journey::Platform;
use crate::journey::map::StepNo;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Buckets grow by a sixth of an octave (12 %), so a quantile is right to 6 %.
const PER_OCTAVE: f64 = 6.0;
/// Below a quarter of a second nobody has read anything.
const FIRST_MS: f64 = 250.0;
/// 16 octaves: from a quarter of a second to four and a half hours.
const BUCKETS: usize = 96;
/// Stays that must be known before a quantile is trusted: at 97 %, one or two of them lie above it.
pub const EVIDENCE: u32 = 50;
/// Of those who got through, so many in a hundred needed less than the threshold.
pub const QUANTILE: f64 = 0.97;
/// Versions told apart at a step and platform; a client that invents versions cannot fill the memory.
const MOST_VERSIONS: usize = 64;
/// What was learnt counts half after so many days.
const HALF_LIFE_DAYS: i64 = 14;
const DAY_MS: i64 = 86_400_000;

/// Times in sight of those who went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stays {
    counts: Vec<u32>,
    total: u32,
}

impl Default for Stays {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Stays {
    pub fn learn(&mut self, ms: u32) {
        let bucket = ((f64::from(ms.max(1)) / FIRST_MS).log2() * PER_OCTAVE).floor().clamp(0.0, (BUCKETS - 1) as f64) as usize;
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        self.total = self.total.saturating_add(1);
    }

    pub fn total(&self) -> u32 {
        self.total
    }

    /// The stay in ms that a share `q` of them did not exceed: the middle of its bucket. `None` without any.
    pub fn quantile(&self, q: f64) -> Option<u32> {
        let rank = ((f64::from(self.total) * q).ceil() as u32).max(1);
        let mut below = 0_u32;
        let bucket = self.counts.iter().position(|count| {
            below = below.saturating_add(*count);
            below >= rank
        })?;
        Some((FIRST_MS * ((bucket as f64 + 0.5) / PER_OCTAVE).exp2()) as u32)
    }

    fn halve(&mut self) {
        self.counts.iter_mut().for_each(|count| *count /= 2);
        self.total = self.counts.iter().sum();
    }
}

/// How close to a customer's own case a threshold was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    Version,
    Platform,
    Step,
    /// Not enough is known: three times the floor of the step.
    Floor,
}

/// What is known of every step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Baselines {
    steps: BTreeMap<StepNo, Stays>,
    platforms: BTreeMap<(StepNo, Platform), Stays>,
    versions: BTreeMap<(StepNo, Platform, u32), Stays>,
    /// Half-lives since 1970 when it last forgot.
    forgot: i64,
}

impl Baselines {
    pub fn learn(&mut self, step: StepNo, platform: Platform, version: u32, ms: u32) {
        self.steps.entry(step).or_default().learn(ms);
        self.platforms.entry((step, platform)).or_default().learn(ms);
        let key = (step, platform, version);
        if let Some(stays) = self.versions.get_mut(&key) {
            stays.learn(ms);
        } else if self.versions.range((step, platform, 0)..=(step, platform, u32::MAX)).count() < MOST_VERSIONS {
            self.versions.entry(key).or_default().learn(ms);
        }
    }

    /// The stay in sight, in ms, from which a customer is stuck, and how closely it was learnt.
    pub fn threshold(&self, step: StepNo, platform: Platform, version: u32, floor_secs: u32) -> (u32, Learnt) {
        let floor = floor_secs.saturating_mul(1000);
        let known = [
            (self.versions.get(&(step, platform, version)), Learnt::Version),
            (self.platforms.get(&(step, platform)), Learnt::Platform),
            (self.steps.get(&step), Learnt::Step),
        ];
        known
            .into_iter()
            .find_map(|(stays, learnt)| {
                let stays = stays.filter(|s| s.total() >= EVIDENCE)?;
                Some((stays.quantile(QUANTILE)?.max(floor), learnt))
            })
            .unwrap_or((floor.saturating_mul(3), Learnt::Floor))
    }

    /// The same under numbers of another map; steps that are gone are forgotten.
    pub(super) fn renumbered(self, of: impl Fn(StepNo) -> Option<StepNo>) -> Self {
        Self {
            steps: self.steps.into_iter().filter_map(|(step, stays)| Some((of(step)?, stays))).collect(),
            platforms: self.platforms.into_iter().filter_map(|((step, p), stays)| Some(((of(step)?, p), stays))).collect(),
            versions: self.versions.into_iter().filter_map(|((step, p, v), stays)| Some(((of(step)?, p, v), stays))).collect(),
            forgot: self.forgot,
        }
    }

    pub fn of_step(&self, step: StepNo) -> Option<&Stays> {
        self.steps.get(&step)
    }

    /// Forgets what half-lives have passed since the last time.
    pub fn forget(&mut self, now_ms: i64) {
        let half_lives = now_ms.div_euclid(HALF_LIFE_DAYS * DAY_MS);
        let passed = if self.forgot == 0 { 0 } else { (half_lives - self.forgot).clamp(0, 32) };
        self.forgot = half_lives;
        for _ in 0..passed {
            self.steps.values_mut().chain(self.platforms.values_mut()).chain(self.versions.values_mut()).for_each(Stays::halve);
            self.versions.retain(|_, stays| stays.total > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_to_six_in_a_hundred() {
        let mut stays = Stays::default();
        (1..=10_000_u32).for_each(|i| stays.learn(i * 10));
        for (q, want) in [(0.5, 50_000.0), (0.9, 90_000.0), (0.97, 97_000.0)] {
            let got = f64::from(stays.quantile(q).expect("stays"));
            assert!((got / want - 1.0).abs() < 0.065, "{q}: {got} for {want}");
        }
        assert_eq!(Stays::default().quantile(0.5), None);
    }

    #[test]
    fn a_threshold_needs_evidence_and_takes_the_closest_there_is() {
        let mut known = Baselines::default();
        let ask = |known: &Baselines, platform, version| known.threshold(3, platform, version, 10);
        assert_eq!(ask(&known, Platform::Ios, 5), (30_000, Learnt::Floor));
        (0..EVIDENCE - 1).for_each(|_| known.learn(3, Platform::Ios, 5, 60_000));
        assert_eq!(ask(&known, Platform::Ios, 5).1, Learnt::Floor, "one short of the evidence");
        known.learn(3, Platform::Ios, 5, 60_000);
        let (ms, learnt) = ask(&known, Platform::Ios, 5);
        assert!(learnt == Learnt::Version && (56_000..64_000).contains(&ms), "{ms}");
        assert_eq!(ask(&known, Platform::Ios, 6).1, Learnt::Platform);
        assert_eq!(ask(&known, Platform::H5, 6).1, Learnt::Step);
        (0..EVIDENCE).for_each(|_| known.learn(4, Platform::Ios, 5, 500));
        assert_eq!(known.threshold(4, Platform::Ios, 5, 10), (10_000, Learnt::Version), "never below the floor");
    }

    #[test]
    fn what_was_learnt_fades_and_invented_versions_do_not_fill_the_memory() {
        let mut known = Baselines::default();
        known.forget(1);
        (0..1000).for_each(|i| known.learn(1, Platform::H5, i, 4_000));
        assert_eq!(known.versions.len(), MOST_VERSIONS);
        known.forget(HALF_LIFE_DAYS * DAY_MS + 1);
        assert_eq!(known.of_step(1).map(Stays::total), Some(1000), "the first time only sets the clock");
        known.forget(2 * HALF_LIFE_DAYS * DAY_MS + 1);
        assert_eq!(known.of_step(1).map(Stays::total), Some(500));
        assert!(known.versions.is_empty(), "one stay halves to nothing");
    }
}
