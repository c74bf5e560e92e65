//! The last step from evidence to probabilities: a conditional logit over the candidate needs and "none of them", fitted
//! on evidence from folds that did not see the text. Owns calibration; a handful of shared parameters, none per need.

use super::linear::softmax;
use rayon::prelude::*;

/// Evidence for one candidate: see [`super::evidence`].
pub const CANDIDATE_FACTS: usize = 9;
/// Evidence that it is none of them.
pub const NONE_FACTS: usize = 7;

#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub candidates: Vec<(usize, [f32; CANDIDATE_FACTS])>,
    pub none: [f32; NONE_FACTS],
}

/// Evidence with the right answer; `None` where it is none of the needs.
#[derive(Debug, Clone)]
pub struct Judged {
    pub evidence: Evidence,
    pub right: Option<usize>,
    pub weight: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    candidate: [f32; CANDIDATE_FACTS],
    none: [f32; NONE_FACTS],
}

impl Default for Blend {
    /// Used where there is too little knowledge to fit on: trusts close matches only.
    fn default() -> Self {
        Self { candidate: [0.6, 6.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0, 0.0], none: [2.5, 0.3, 2.0, 0.0, 0.0, 0.0, 0.0] }
    }
}

const N: usize = CANDIDATE_FACTS + NONE_FACTS;
const ROUNDS: usize = 200;
const RATE: f32 = 0.05;
/// Pull towards the default, in units of one judged text.
const PULL: f32 = 0.02;

impl Blend {
    /// Maximum likelihood by Adam over all of `judged`, in a fixed order.
    pub fn fit(judged: &[Judged]) -> Self {
        let mut blend = Blend::default();
        let start = blend.clone();
        let total: f32 = judged.iter().map(|j| j.weight).sum();
        if judged.len() < 20 || total <= 0.0 {
            return blend;
        }
        let (mut mean, mut square) = ([0.0_f32; N], [0.0_f32; N]);
        for round in 1..=ROUNDS {
            // Chunks of fixed size, summed in order: the same sum on any number of threads.
            let parts: Vec<[f32; N]> = judged.par_chunks(256).map(|chunk| blend.gradient(chunk)).collect();
            let mut gradient = [0.0_f32; N];
            for part in &parts {
                gradient.iter_mut().zip(part).for_each(|(g, p)| *g += p);
            }
            let now: Vec<f32> = blend.candidate.iter().chain(&blend.none).copied().collect();
            let first: Vec<f32> = start.candidate.iter().chain(&start.none).copied().collect();
            let step = RATE / (1.0 + round as f32 / 50.0);
            for i in 0..N {
                let g = gradient[i] / total + PULL * (now[i] - first[i]) / total.sqrt();
                mean[i] = 0.9 * mean[i] + 0.1 * g;
                square[i] = 0.99 * square[i] + 0.01 * g * g;
                let (m, s) = (mean[i] / (1.0 - 0.9_f32.powi(round as i32)), square[i] / (1.0 - 0.99_f32.powi(round as i32)));
                let change = step * m / (s.sqrt() + 1e-6);
                match i.checked_sub(CANDIDATE_FACTS) {
                    None => blend.candidate[i] -= change,
                    Some(i) => blend.none[i] -= change,
                }
            }
        }
        blend
    }

    /// Gradient of the summed log loss.
    fn gradient(&self, judged: &[Judged]) -> [f32; N] {
        let mut gradient = [0.0_f32; N];
        for j in judged {
            let shares = self.shares(&j.evidence);
            let Some((none_share, candidate_shares)) = shares.split_first() else { continue };
            let mut lost = true;
            for ((class, facts), share) in j.evidence.candidates.iter().zip(candidate_shares) {
                let right = Some(*class) == j.right;
                lost &= !right;
                let error = j.weight * (share - f32::from(u8::from(right)));
                facts.iter().zip(&mut gradient).for_each(|(fact, g)| *g += error * fact);
            }
            // A right answer that is not even a candidate is lost either way; it teaches the model to abstain.
            let error = j.weight * (none_share - f32::from(u8::from(lost)));
            j.evidence.none.iter().zip(&mut gradient[CANDIDATE_FACTS..]).for_each(|(fact, g)| *g += error * fact);
        }
        gradient
    }

    /// Probability of "none", then of each candidate in the order of the evidence.
    pub fn shares(&self, evidence: &Evidence) -> Vec<f32> {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        let mut scores = Vec::with_capacity(evidence.candidates.len() + 1);
        scores.push(dot(&self.none, &evidence.none));
        scores.extend(evidence.candidates.iter().map(|(_, facts)| dot(&self.candidate, facts)));
        softmax(&mut scores);
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitting_learns_which_evidence_to_trust_and_when_to_abstain() {
        let judged: Vec<Judged> = (0..200)
            .map(|i| {
                let near = i % 4 != 0;
                let facts = |cosine: f32| [-1.0, cosine, cosine, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
                let right = usize::from(i % 2 == 0);
                let cosine = |class| if near && class == right { 0.8 } else { 0.2 };
                let mut none = [0.0; NONE_FACTS];
                none[0] = 1.0;
                Judged {
                    evidence: Evidence { candidates: vec![(0, facts(cosine(0))), (1, facts(cosine(1)))], none },
                    right: near.then_some(right),
                    weight: 1.0,
                }
            })
            .collect();
        let blend = Blend::fit(&judged);
        let sure = blend.shares(&judged[1].evidence);
        let unsure = blend.shares(&judged[0].evidence);
        assert!(sure[1] > 0.85, "{sure:?}");
        assert!(unsure[0] > 0.7, "{unsure:?}");
    }
}
