//! Multinomial logistic regression over sparse vectors, by stochastic gradient descent in a fixed order. Owns the weights;
//! the same examples give the same weights in every run.

use super::space::Vector;

/// Settings found by cross-validation over the ways to ask of the starter pack; the `pack` test prints the figures. More
/// epochs or a higher rate fit the wording of a question rather than its need.
const EPOCHS: usize = 8;
const RATE: f32 = 1.5;
const DECAY: f32 = 0.25;
/// Gradients smaller than this change nothing that shows, and most are: leaving them out halves the time.
const NEGLIGIBLE: f32 = 1e-3;

/// `weights[feature × classes + class]`.
#[derive(Debug, Clone, Default)]
pub struct Linear {
    /// Features from this number on are not looked at.
    features: u32,
    classes: usize,
    weights: Vec<f32>,
}

/// One labelled text and how much it counts.
pub struct Example<'a> {
    pub vector: &'a Vector,
    pub class: usize,
    pub weight: f32,
}

impl Linear {
    pub fn train(features: u32, classes: usize, view_scale: impl Fn(u32) -> f32, examples: &[Example<'_>]) -> Self {
        let mut model = Linear { features, classes, weights: vec![0.0; features as usize * classes] };
        if examples.is_empty() || classes == 0 {
            return model;
        }
        let scaled: Vec<Vec<(u32, f32)>> = examples.iter().map(|e| model.scaled(&view_scale, e.vector)).collect();
        let mut scores = vec![0.0_f32; classes];
        let stride = coprime_stride(examples.len());
        let mut at = 0;
        for epoch in 0..EPOCHS {
            let rate = RATE / (1.0 + DECAY * epoch as f32);
            for _ in 0..examples.len() {
                at = (at + stride) % examples.len();
                let (example, entries) = (&examples[at], &scaled[at]);
                model.score_into(entries, &mut scores);
                softmax(&mut scores);
                scores[example.class] -= 1.0;
                let step = rate * example.weight;
                let moved: Vec<(usize, f32)> = scores
                    .iter()
                    .enumerate()
                    .filter(|(_, gradient)| gradient.abs() > NEGLIGIBLE)
                    .map(|(class, gradient)| (class, gradient * step))
                    .collect();
                for &(feature, value) in entries {
                    let row = &mut model.weights[feature as usize * classes..][..classes];
                    for &(class, change) in &moved {
                        row[class] -= change * value;
                    }
                }
            }
        }
        model.weights.iter_mut().for_each(|w| {
            if w.abs() < 1e-6 {
                *w = 0.0
            }
        });
        model
    }

    /// Probability of every class.
    pub fn probabilities(&self, view_scale: impl Fn(u32) -> f32, vector: &Vector) -> Vec<f32> {
        let entries = self.scaled(&view_scale, vector);
        let mut scores = vec![0.0; self.classes];
        self.score_into(&entries, &mut scores);
        softmax(&mut scores);
        scores
    }

    fn scaled(&self, view_scale: &impl Fn(u32) -> f32, vector: &Vector) -> Vec<(u32, f32)> {
        let known = vector.entries.iter().take_while(|(feature, _)| *feature < self.features);
        known.map(|&(feature, weight)| (feature, weight * view_scale(feature))).collect()
    }

    fn score_into(&self, entries: &[(u32, f32)], scores: &mut [f32]) {
        scores.fill(0.0);
        for &(feature, value) in entries {
            let row = &self.weights[feature as usize * self.classes..][..self.classes];
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += value * weight;
            }
        }
    }
}

pub fn softmax(scores: &mut [f32]) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - top).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|s| *s /= sum);
}

/// A step through the examples that visits each once in a scattered order: near the golden section and coprime.
pub fn coprime_stride(len: usize) -> usize {
    let mut stride = (len as f64 * 0.618) as usize;
    while gcd(stride.max(1), len) != 1 {
        stride += 1;
    }
    stride.max(1)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
