//! One logistic regression a signal over one vocabulary, by Adagrad in a fixed order. Owns the weights: the same lines
//! give the same weights in every run.

use super::features::{Bag, VIEWS};
use crate::model::linear::coprime_stride;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub const SIGNALS: usize = 8;

/// Found by cross-validation over the lines; twice or half of any of these changed recall by less than the lines of one
/// signal allow to tell.
const EPOCHS: usize = 20;
const RATE: f32 = 1.0;
/// Share of the grams left out each time, so that no line is known by one odd word.
const LEFT_OUT: f32 = 0.3;
/// Length of words, letters and senses. Letters are for typos and must not outvote the words.
const SCALE: [f32; VIEWS] = [1.0, 0.5, 1.5];
/// Signals are rare: where training begins, before any word.
const PRIOR: f32 = -2.0;
/// Squares of gradients begin here, so that the first step is not boundless.
const FIRST_SQUARE: f32 = 1e-3;
/// Added to the count of known keys: a text with one known gram in it is not as sure as that gram.
const UNSURE: usize = 2;
/// Share of a text's words or characters that must be known; else it is in another language, in which "die" is no death.
const LEAST_KNOWN: f32 = 0.5;

pub type Sparse = Vec<(u32, f32)>;

/// What a line has to say about one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Has,
    HasNot,
    /// Neither learned nor held against it.
    Open,
}

/// The keys of the lines, each with its row of weights. What no line has says nothing.
pub struct Vocabulary(HashMap<u64, u32, BuildHasherDefault<Whole>>);

/// Keys are hashes already.
#[derive(Default)]
struct Whole(u64);

/// `weights[row][signal]`.
pub struct Model {
    weights: Vec<[f32; SIGNALS]>,
    bias: [f32; SIGNALS],
}

impl Hasher for Whole {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are written whole")
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl Vocabulary {
    pub fn of<'a>(bags: impl Iterator<Item = &'a Bag>) -> Self {
        let mut keys: Vec<u64> = bags.flat_map(|bag| bag.views.iter().flatten().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        Self(keys.into_iter().zip(0..).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The known keys with their weights, none where too little of the text is known. Each view has the length that its
    /// scale says, so that a long text is not surer than a short one.
    pub fn sparse(&self, bag: &Bag) -> Option<Sparse> {
        let known = bag.alone.iter().filter(|key| self.0.contains_key(key)).count();
        if known == 0 || (known as f32) < LEAST_KNOWN * bag.alone.len() as f32 {
            return None;
        }
        let mut entries = Vec::with_capacity(bag.views.iter().map(Vec::len).sum());
        for (keys, scale) in bag.views.iter().zip(SCALE) {
            let before = entries.len();
            entries.extend(keys.iter().filter_map(|key| Some((*self.0.get(key)?, 0.0))));
            let value = scale / ((entries.len() - before + UNSURE) as f32).sqrt();
            entries[before..].iter_mut().for_each(|entry| entry.1 = value);
        }
        Some(entries)
    }
}

impl Model {
    /// `rows` is the length of the vocabulary.
    pub fn train(rows: usize, examples: &[(Sparse, [Label; SIGNALS])]) -> Self {
        let mut model = Model { weights: vec![[0.0; SIGNALS]; rows], bias: [PRIOR; SIGNALS] };
        let mut squares = vec![[FIRST_SQUARE; SIGNALS]; rows];
        let mut bias_squares = [FIRST_SQUARE; SIGNALS];
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut kept: Sparse = Vec::new();
        let (stride, mut at) = (coprime_stride(examples.len()), 0);
        for _ in 0..EPOCHS * examples.len() {
            at = (at + stride) % examples.len();
            let (entries, labels) = &examples[at];
            kept.clear();
            kept.extend(entries.iter().filter(|_| dice.share() >= LEFT_OUT).map(|(row, value)| (*row, value / (1.0 - LEFT_OUT))));
            let mut errors = model.scores(&kept);
            for (signal, error) in errors.iter_mut().enumerate() {
                let chance = 1.0 / (1.0 + (-*error).exp());
                *error = match labels[signal] {
                    Label::Has => chance - 1.0,
                    Label::HasNot => chance,
                    Label::Open => 0.0,
                };
                bias_squares[signal] += *error * *error;
                model.bias[signal] -= RATE * *error / bias_squares[signal].sqrt();
            }
            for &(row, value) in &kept {
                let (weights, squares) = (&mut model.weights[row as usize], &mut squares[row as usize]);
                for signal in 0..SIGNALS {
                    let gradient = errors[signal] * value;
                    squares[signal] += gradient * gradient;
                    weights[signal] -= RATE * gradient / squares[signal].sqrt();
                }
            }
        }
        model
    }

    /// Log odds of every signal.
    pub fn scores(&self, entries: &[(u32, f32)]) -> [f32; SIGNALS] {
        let mut scores = self.bias;
        for &(row, value) in entries {
            for (score, weight) in scores.iter_mut().zip(&self.weights[row as usize]) {
                *score += weight * value;
            }
        }
        scores
    }
}

/// xorshift64. Source: G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003).
struct Dice(u64);

impl Dice {
    /// A share 0–1 of 24 bits.
    fn share(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}
