//! The vector space of one language: vocabulary, tf-idf weights, and the inverted index over questions. Owns sparse
//! vectors and cosine; decides nothing.

use super::features::{Bag, PAIRS, VIEWS};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Keys are already hashes: passing them through is enough, and makes the map the same in every run.
#[derive(Default)]
pub struct Through(u64);

impl Hasher for Through {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

type Map<V> = HashMap<u64, V, BuildHasherDefault<Through>>;

/// A sparse text. In each view the weights have length 1 together with those of unknown keys.
#[derive(Debug, Clone, Default)]
pub struct Vector {
    /// (feature, weight), by feature.
    pub entries: Vec<(u32, f32)>,
}

#[derive(Debug, Default)]
pub struct Vocabulary {
    features: Map<u32>,
    idf: Vec<f32>,
    /// View of each feature.
    view: Vec<u8>,
    unknown_idf: f32,
    /// Features below this number occur in two questions or more.
    repeated: u32,
}

impl Vocabulary {
    pub fn new<'a>(bags: impl Iterator<Item = &'a Bag>) -> Self {
        let mut vocabulary = Vocabulary::default();
        let mut seen_in: Vec<u32> = Vec::new();
        let mut texts = 0_u32;
        for bag in bags {
            texts += 1;
            for (view, keys) in bag.iter().enumerate() {
                let mut keys = keys.clone();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let next = u32::try_from(seen_in.len()).unwrap_or(u32::MAX);
                    let feature = *vocabulary.features.entry(key).or_insert(next);
                    if feature == next {
                        seen_in.push(0);
                        vocabulary.view.push(u8::try_from(view).unwrap_or(0));
                    }
                    seen_in[feature as usize] += 1;
                }
            }
        }
        vocabulary.renumber(&mut seen_in);
        let idf = |seen: u32| ((1.0 + texts as f32) / (0.5 + seen as f32)).ln();
        vocabulary.idf = seen_in.iter().map(|&seen| idf(seen).max(0.1)).collect();
        vocabulary.unknown_idf = idf(1);
        vocabulary
    }

    /// Puts features of two questions or more first. A feature of one question says nothing that the question's cosine
    /// does not say; without those the linear model is a third of the size.
    fn renumber(&mut self, seen_in: &mut Vec<u32>) {
        let mut order: Vec<usize> = (0..seen_in.len()).collect();
        order.sort_by_key(|&feature| (seen_in[feature] < 2, feature));
        let mut place = vec![0_u32; order.len()];
        for (new, &old) in (0_u32..).zip(&order) {
            place[old] = new;
        }
        self.features.values_mut().for_each(|feature| *feature = place[*feature as usize]);
        self.view = order.iter().map(|&old| self.view[old]).collect();
        *seen_in = order.iter().map(|&old| seen_in[old]).collect();
        self.repeated = u32::try_from(seen_in.iter().take_while(|n| **n >= 2).count()).unwrap_or(u32::MAX);
    }

    /// How many features occur in two questions or more; they have the lowest numbers.
    pub fn repeated(&self) -> u32 {
        self.repeated
    }

    pub fn len(&self) -> usize {
        self.idf.len()
    }

    pub fn view(&self, feature: u32) -> usize {
        usize::from(self.view[feature as usize])
    }

    pub fn vector(&self, bag: &Bag) -> Vector {
        let mut vector = Vector::default();
        for keys in bag {
            let mut keys = keys.clone();
            keys.sort_unstable();
            let start = vector.entries.len();
            let (mut known, mut unknown) = (0.0_f32, 0.0_f32);
            for run in keys.chunk_by(|a, b| a == b) {
                let frequency = 1.0 + (run.len() as f32).ln();
                match self.features.get(&run[0]) {
                    Some(&feature) => {
                        let weight = frequency * self.idf[feature as usize];
                        known += weight * weight;
                        vector.entries.push((feature, weight));
                    }
                    None => unknown += (frequency * self.unknown_idf).powi(2),
                }
            }
            let total = known + unknown;
            if total > 0.0 {
                let scale = total.sqrt().recip();
                vector.entries[start..].iter_mut().for_each(|(_, weight)| *weight *= scale);
            }
        }
        vector.entries.sort_unstable_by_key(|(feature, _)| *feature);
        vector
    }
}

/// Feature → the questions it occurs in, in one flat array; pairs of words are left out.
#[derive(Debug, Default)]
pub struct Index {
    starts: Vec<u32>,
    postings: Vec<(u32, f32)>,
    questions: usize,
}

impl Index {
    pub fn new(vocabulary: &Vocabulary, vectors: &[Vector]) -> Self {
        let is_listed = |(feature, _): &&(u32, f32)| vocabulary.view(*feature) != PAIRS;
        let mut starts = vec![0_u32; vocabulary.len() + 1];
        for (feature, _) in vectors.iter().flat_map(|v| &v.entries).filter(is_listed) {
            starts[*feature as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut postings = vec![(0, 0.0); starts.last().map_or(0, |n| *n as usize)];
        for (question, vector) in (0_u32..).zip(vectors) {
            for &(feature, weight) in vector.entries.iter().filter(is_listed) {
                let slot = &mut next[feature as usize];
                postings[*slot as usize] = (question, weight);
                *slot += 1;
            }
        }
        Self { starts, postings, questions: vectors.len() }
    }

    /// Numbers of the questions that a feature occurs in.
    pub fn questions_with(&self, feature: u32) -> impl Iterator<Item = u32> {
        let range = self.starts[feature as usize] as usize..self.starts[feature as usize + 1] as usize;
        self.postings[range].iter().map(|(question, _)| *question)
    }

    /// Cosine with every question, in each view.
    pub fn cosines(&self, vocabulary: &Vocabulary, vector: &Vector) -> Vec<[f32; VIEWS]> {
        let mut cosines = vec![[0.0; VIEWS]; self.questions];
        for &(feature, weight) in &vector.entries {
            let view = vocabulary.view(feature);
            let range = self.starts[feature as usize] as usize..self.starts[feature as usize + 1] as usize;
            for &(question, other) in &self.postings[range] {
                cosines[question as usize][view] += weight * other;
            }
        }
        cosines
    }
}
