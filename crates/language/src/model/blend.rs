//! The last step from evidence to probabilities, in two models fitted on evidence from folds that did not see the text:
//! which need, as a conditional logit over the candidates, and whether that is right at all, as a logistic regression on
//! what tells a question of an entry from one that nobody has written an answer for. Owns calibration; a handful of shared
//! parameters, none per need.

use super::evidence::DENSE_LOG;
use super::features::{SENSE, VIEWS, WORDS};
use super::linear::softmax;
use rayon::prelude::*;

/// Evidence for one candidate: see [`super::evidence`].
pub const CANDIDATE_FACTS: usize = 17;
/// What the model of doubt looks at: see [`doubts`].
const DOUBT_FACTS: usize = 10;

/// What a model sees of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// Words that the samples have.
    #[default]
    Words,
    /// Their meaning as well, by an encoder.
    Meaning,
    /// Words and their meaning, by the nearest questions alone.
    Retrieval,
}

#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub candidates: Vec<(usize, [f32; CANDIDATE_FACTS])>,
    /// Cosine with the nearest line that has nothing to do with a lender.
    pub background: f32,
    /// Mean cosine with what other customers ask around it; 0 without a cohort.
    pub around: f32,
    /// In each view, the share of squared weight that questions of the needs have.
    pub known: [f32; VIEWS],
    /// Probability, by the words, that it is nothing of a lender's.
    pub background_share: f32,
}

/// Evidence with the right answer; `None` where it is none of the needs.
#[derive(Debug, Clone)]
pub struct Judged {
    pub evidence: Evidence,
    pub right: Option<usize>,
    pub weight: f32,
    pub origin: Origin,
}

/// What a judged text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A question that its fold's model has not seen.
    Unseen,
    /// The same with its class taken away: one that nobody has written an answer for.
    ClassTakenAway,
    /// A listed question in other small words.
    Varied,
    /// Nothing of a lender's.
    Background,
    /// A word or two out of a question.
    Scrap,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    sight: Sight,
    candidate: [f32; CANDIDATE_FACTS],
    doubt: Doubt,
}

/// P(the first candidate is right) = σ(facts · weights), the facts brought to mean 0 and variance 1.
#[derive(Debug, Clone, PartialEq)]
struct Doubt {
    mean: [f32; DOUBT_FACTS],
    scale: [f32; DOUBT_FACTS],
    weights: [f32; DOUBT_FACTS],
}

impl Blend {
    /// Used where there is too little knowledge to fit on: trusts close matches only.
    fn unfitted(sight: Sight) -> Self {
        let candidate = match sight {
            Sight::Words => [0.6, 6.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            Sight::Meaning | Sight::Retrieval => {
                [0.2, 1.0, 0.3, 0.3, 0.3, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0]
            }
        };
        // σ(12 × (nearness − 0.45) + 2 × (share − 0.5)).
        let mut weights = [0.0; DOUBT_FACTS];
        weights[..5].copy_from_slice(&[-6.4, 0.0, 2.0, 0.0, 12.0]);
        Self { sight, candidate, doubt: Doubt { mean: [0.0; DOUBT_FACTS], scale: [1.0; DOUBT_FACTS], weights } }
    }
}

const ROUNDS: usize = 200;
const RATE: f32 = 0.05;
/// Pull towards the default, in units of one judged text.
const PULL: f32 = 0.02;
/// Texts below which nothing can be fitted.
const LEAST: usize = 20;
/// Strangers beside each known question while the direction of doubt is learnt: as many, for what tells them apart does
/// not depend on how often they come. How often they come is then put right by [`Doubt::calibrate`].
const STRANGERS_LEARNT: f32 = 1.0;

impl Blend {
    /// Maximum likelihood over all of `judged`, in a fixed order.
    pub fn fit(sight: Sight, judged: &[Judged]) -> Self {
        let mut blend = Blend::unfitted(sight);
        let total: f32 = judged.iter().map(|j| j.weight).sum();
        if judged.len() < LEAST || total <= 0.0 {
            return blend;
        }
        let known: Vec<&Judged> =
            judged.iter().filter(|j| j.evidence.candidates.iter().any(|(class, _)| Some(*class) == j.right)).collect();
        let start = blend.candidate;
        let weight = known.iter().map(|j| j.weight).sum::<f32>().max(f32::MIN_POSITIVE);
        descend(&mut blend.candidate, |now| {
            let mut gradient = chunked(&known, |chunk| ranking_gradient(now, chunk));
            for (i, g) in gradient.iter_mut().enumerate() {
                *g = *g / weight + PULL * (now[i] - start[i]) / weight.sqrt();
            }
            gradient
        });
        blend.doubt = Doubt::fit(&blend, judged);
        blend
    }

    /// Probability of each candidate, in the order of the evidence; what is missing to 1 is that of "none".
    pub fn shares(&self, evidence: &Evidence) -> Vec<f32> {
        let mut shares = ranking(&self.candidate, evidence);
        let Some(first) = first_of(&shares) else { return shares };
        let share = shares[first];
        let sure = self.doubt.sure(&doubts(self.sight, evidence, &shares, first));
        // What the first is not, the others share as the ranking says, beside "none".
        let others = if sure > share { (1.0 - sure) / (1.0 - share).max(1e-6) } else { sure / share.max(1e-6) };
        shares.iter_mut().for_each(|s| *s *= others);
        shares[first] = sure;
        shares
    }
}

/// Shares of the candidates among themselves.
fn ranking(weights: &[f32; CANDIDATE_FACTS], evidence: &Evidence) -> Vec<f32> {
    let mut scores: Vec<f32> = evidence.candidates.iter().map(|(_, facts)| sum_of(weights, facts)).collect();
    softmax(&mut scores);
    scores
}

fn first_of(shares: &[f32]) -> Option<usize> {
    (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]).then(b.cmp(a)))
}

fn ranking_gradient(weights: &[f32; CANDIDATE_FACTS], judged: &[&Judged]) -> [f32; CANDIDATE_FACTS] {
    let mut gradient = [0.0; CANDIDATE_FACTS];
    for j in judged {
        for ((class, facts), share) in j.evidence.candidates.iter().zip(ranking(weights, &j.evidence)) {
            let error = j.weight * (share - f32::from(u8::from(Some(*class) == j.right)));
            facts.iter().zip(&mut gradient).for_each(|(fact, g)| *g += error * fact);
        }
    }
    gradient
}

/// What speaks for and against the first candidate: 1, the background, then its share of the ranking, its probability, its
/// nearness and one fact more; without an encoder also how much of the text the questions have. Few facts on purpose: with
/// more, near strangers of other subjects are told apart worse than those it was fitted on. Where no regression has looked at
/// the words, those of the nearest question and what it leaves unmatched are facts of their own.
fn doubts(sight: Sight, evidence: &Evidence, shares: &[f32], first: usize) -> [f32; DOUBT_FACTS] {
    let facts = &evidence.candidates[first].1;
    let share = shares[first];
    match sight {
        Sight::Words => {
            let Evidence { background, known, background_share, .. } = evidence;
            [1.0, *background, share, facts[0].exp(), facts[1], facts[4], known[WORDS], known[SENSE], *background_share, 0.0]
        }
        Sight::Meaning => {
            let dense = &facts[DENSE_LOG..];
            [1.0, evidence.around, share, dense[0].exp(), dense[2], dense[3], dense[4], 0.0, 0.0, 0.0]
        }
        Sight::Retrieval => {
            let [log, best, three, center, around] = [0, 1, 2, 3, 4].map(|place| facts[DENSE_LOG + place]);
            [1.0, evidence.around, share, log.exp(), three, center, around, facts[1], evidence.known[WORDS], best]
        }
    }
}

impl Doubt {
    fn fit(blend: &Blend, judged: &[Judged]) -> Self {
        let lines: Vec<Line> = judged.iter().filter_map(|j| Line::new(blend, j)).collect();
        let known: f32 = lines.iter().filter(|l| l.origin == Origin::Unseen).map(|l| l.weight).sum();
        let near: f32 = lines.iter().filter(|l| l.origin == Origin::ClassTakenAway).map(|l| l.weight).sum();
        let (mean, scale) = standard(&lines);
        let mut doubt = Doubt { mean, scale, weights: [0.0; DOUBT_FACTS] };
        let lines: Vec<Line> = lines.into_iter().map(|l| Line { facts: doubt.standardised(&l.facts), ..l }).collect();
        let louder = STRANGERS_LEARNT * known / near.max(f32::MIN_POSITIVE);
        let loud = |line: &Line| match line.origin {
            Origin::ClassTakenAway => line.weight * louder,
            Origin::Unseen | Origin::Background | Origin::Scrap => line.weight,
            // Too easy to learn from: its own question is in view.
            Origin::Varied => 0.0,
        };
        let learnt: Vec<Line> = lines.iter().map(|l| Line { weight: loud(l), ..*l }).collect();
        let total = learnt.iter().map(|l| l.weight).sum::<f32>().max(f32::MIN_POSITIVE);
        descend(&mut doubt.weights, |now| {
            let mut gradient = chunked(&learnt, |chunk| doubt_gradient(now, chunk));
            gradient.iter_mut().zip(now).for_each(|(g, w)| *g = *g / total + PULL * w / total.sqrt());
            gradient
        });
        doubt.calibrate(&lines);
        doubt
    }

    /// Stretches and shifts so that the probabilities are true for the traffic as it is (Platt scaling).
    fn calibrate(&mut self, lines: &[Line]) {
        let total = lines.iter().map(|l| l.weight).sum::<f32>().max(f32::MIN_POSITIVE);
        let scored: Vec<(f32, &Line)> = lines.iter().map(|l| (sum_of(&self.weights, &l.facts), l)).collect();
        let mut platt = [1.0_f32, 0.0];
        descend(&mut platt, |now| {
            let mut gradient = [0.0; 2];
            for (score, line) in &scored {
                let error = line.weight * (sigmoid(now[0] * score + now[1]) - line.right) / total;
                gradient[0] += error * score;
                gradient[1] += error;
            }
            gradient
        });
        self.weights.iter_mut().for_each(|w| *w *= platt[0]);
        self.weights[0] += platt[1];
    }

    fn sure(&self, facts: &[f32; DOUBT_FACTS]) -> f32 {
        sigmoid(sum_of(&self.weights, &self.standardised(facts)))
    }

    fn standardised(&self, facts: &[f32; DOUBT_FACTS]) -> [f32; DOUBT_FACTS] {
        let mut out = *facts;
        for (i, fact) in out.iter_mut().enumerate() {
            *fact = (*fact - self.mean[i]) * self.scale[i];
        }
        out
    }
}

/// A judged text as the model of doubt sees it.
#[derive(Clone, Copy)]
struct Line {
    facts: [f32; DOUBT_FACTS],
    /// 1 where the first candidate is right, else 0.
    right: f32,
    weight: f32,
    origin: Origin,
}

impl Line {
    fn new(blend: &Blend, judged: &Judged) -> Option<Self> {
        let shares = ranking(&blend.candidate, &judged.evidence);
        let first = first_of(&shares)?;
        let right = judged.right == Some(judged.evidence.candidates[first].0);
        Some(Self {
            facts: doubts(blend.sight, &judged.evidence, &shares, first),
            right: f32::from(u8::from(right)),
            weight: judged.weight,
            origin: judged.origin,
        })
    }
}

/// Mean, and the inverse of the deviation; a constant fact, such as the 1 in the first place, stays as it is.
fn standard(lines: &[Line]) -> ([f32; DOUBT_FACTS], [f32; DOUBT_FACTS]) {
    let n = lines.len().max(1) as f32;
    let (mut mean, mut scale) = ([0.0; DOUBT_FACTS], [1.0; DOUBT_FACTS]);
    for i in 0..DOUBT_FACTS {
        let average = lines.iter().map(|l| l.facts[i]).sum::<f32>() / n;
        let variance = lines.iter().map(|l| (l.facts[i] - average).powi(2)).sum::<f32>() / n;
        if variance > 1e-9 {
            (mean[i], scale[i]) = (average, variance.sqrt().recip());
        }
    }
    (mean, scale)
}

fn doubt_gradient(weights: &[f32; DOUBT_FACTS], lines: &[Line]) -> [f32; DOUBT_FACTS] {
    let mut gradient = [0.0; DOUBT_FACTS];
    for line in lines {
        let error = line.weight * (sigmoid(sum_of(weights, &line.facts)) - line.right);
        line.facts.iter().zip(&mut gradient).for_each(|(fact, g)| *g += error * fact);
    }
    gradient
}

/// Chunks of fixed size, summed in order: the same sum on any number of threads.
fn chunked<T: Sync, const N: usize>(items: &[T], gradient: impl Fn(&[T]) -> [f32; N] + Sync) -> [f32; N] {
    let parts: Vec<[f32; N]> = items.par_chunks(256).map(&gradient).collect();
    let mut sum = [0.0; N];
    for part in &parts {
        sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
    }
    sum
}

/// Adam with a falling rate.
pub fn descend<const N: usize>(at: &mut [f32; N], gradient: impl Fn(&[f32; N]) -> [f32; N]) {
    let (mut mean, mut square) = ([0.0_f32; N], [0.0_f32; N]);
    for round in 1..=ROUNDS {
        let gradient = gradient(at);
        let step = RATE / (1.0 + round as f32 / 50.0);
        for i in 0..N {
            mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
            square[i] = 0.99 * square[i] + 0.01 * gradient[i] * gradient[i];
            let (m, s) = (mean[i] / (1.0 - 0.9_f32.powi(round as i32)), square[i] / (1.0 - 0.99_f32.powi(round as i32)));
            at[i] -= step * m / (s.sqrt() + 1e-6);
        }
    }
}

fn sum_of<const N: usize>(weights: &[f32; N], facts: &[f32; N]) -> f32 {
    weights.iter().zip(facts).map(|(w, f)| w * f).sum()
}

pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitting_learns_which_evidence_to_trust_and_when_to_abstain() {
        let judged: Vec<Judged> = (0..200)
            .map(|i| {
                let near = i % 4 != 0;
                let facts = |cosine: f32| {
                    let mut facts = [0.0; CANDIDATE_FACTS];
                    facts[..3].copy_from_slice(&[-1.0, cosine, cosine]);
                    facts
                };
                let right = usize::from(i % 2 == 0);
                let cosine = |class| if near && class == right { 0.8 } else { 0.2 };
                Judged {
                    evidence: Evidence { candidates: vec![(0, facts(cosine(0))), (1, facts(cosine(1)))], ..Evidence::default() },
                    right: near.then_some(right),
                    weight: 1.0,
                    origin: Origin::Unseen,
                }
            })
            .collect();
        let blend = Blend::fit(Sight::Words, &judged);
        let sure = blend.shares(&judged[1].evidence);
        let unsure = blend.shares(&judged[0].evidence);
        assert!(sure[0] > 0.85, "{sure:?}");
        assert!(unsure.iter().sum::<f32>() < 0.3, "{unsure:?}");
    }
}
