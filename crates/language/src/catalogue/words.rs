//! The inverted index over hashed grams: questions that share rare words with a text. Owns the index and the cosine by words;
//! knows no entries.

use super::postings::Postings;
use crate::best::Best;
use crate::model::features::{Bag, SENSE, WORDS};
use rayon::prelude::*;

/// Grams are told apart by so many numbers: 2²¹.
const BUCKETS: usize = 1 << 21;
/// Postings looked at for one message, rare grams first: what every question has tells none from another.
const MOST_POSTINGS: usize = 8_000;
/// Questions whose cosine is worked out in full.
const CLOSE: usize = 64;
/// Questions whose grams are held twice while the index is built.
const READ_AT_ONCE: usize = 4_096;

/// Hashed grams of a text: sorted, each once.
pub type Grams = Box<[u32]>;

/// A text to be held against questions: its grams with their squared weights, and its length by them.
#[derive(Debug)]
pub struct Weighed {
    grams: Vec<(u32, f32)>,
    length: f32,
}

#[derive(Debug)]
pub struct Words {
    /// Of question `q`: `grams[ends[q]..ends[q + 1]]`.
    grams: Vec<u32>,
    ends: Vec<usize>,
    /// Of each question, by the weights of its grams.
    lengths: Vec<f32>,
    postings: Postings,
}

impl Words {
    pub fn new(questions: &[&str], grams_of: impl Fn(&str) -> Grams + Sync) -> Self {
        let (mut grams, mut ends) = (Vec::new(), vec![0]);
        for some in questions.chunks(READ_AT_ONCE) {
            for of_question in some.par_iter().map(|text| grams_of(text)).collect::<Vec<_>>() {
                grams.extend_from_slice(&of_question);
                ends.push(grams.len());
            }
            // Room for all that are to come, if they are as long as those so far: growing leaves holes of what it grew from.
            grams.reserve(grams.len() / (ends.len() - 1) * (questions.len() + 1 - ends.len()));
        }
        grams.shrink_to_fit();
        let postings = Postings::new(BUCKETS, ends.windows(2).map(|question| &grams[question[0]..question[1]]));
        let mut words = Self { grams, ends, lengths: Vec::new(), postings };
        words.lengths = (0..questions.len() as u32).into_par_iter().map(|question| words.length(words.grams(question))).collect();
        words
    }

    pub fn grams(&self, question: u32) -> &[u32] {
        &self.grams[self.ends[question as usize]..self.ends[question as usize + 1]]
    }

    pub fn length_of(&self, question: u32) -> f32 {
        self.lengths[question as usize]
    }

    /// Squared weight of a gram: rare ones say more.
    fn weight(&self, gram: u32) -> f32 {
        let idf = (self.ends.len() as f32 / (0.5 + self.postings.of(gram).len() as f32)).ln();
        idf.max(0.1).powi(2)
    }

    pub fn length(&self, grams: &[u32]) -> f32 {
        grams.iter().map(|gram| self.weight(*gram)).sum::<f32>().sqrt()
    }

    pub fn weigh(&self, grams: &[u32]) -> Weighed {
        Weighed { grams: grams.iter().map(|gram| (*gram, self.weight(*gram))).collect(), length: self.length(grams) }
    }

    /// Share of a text's squared weight that questions in view have, or that `has` otherwise.
    pub fn known(&self, text: &Weighed, in_view: impl Fn(u32) -> bool, has: impl Fn(u32) -> bool) -> f32 {
        let is_known = |gram: u32| self.postings.of(gram).any(&in_view) || has(gram);
        let known = text.grams.iter().filter(|(gram, _)| is_known(*gram)).map(|(_, weight)| weight);
        known.sum::<f32>() / text.length.powi(2).max(1e-6)
    }

    /// Questions in view that have all of some grams.
    pub fn with_all(&self, grams: &[u32], in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let Some(rarest) = grams.iter().min_by_key(|gram| self.postings.of(**gram).len()) else { return Vec::new() };
        let has_all = |question: u32| grams.iter().all(|gram| self.grams(question).binary_search(gram).is_ok());
        self.postings.of(*rarest).filter(|question| in_view(*question) && has_all(*question)).collect()
    }

    /// The questions in view that share most with a text.
    pub fn nearest(&self, text: &Weighed, in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut by_rarity = text.grams.clone();
        by_rarity.sort_unstable_by_key(|(gram, _)| self.postings.of(*gram).len());
        let mut scores = vec![0.0_f32; self.lengths.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut looked_at = 0;
        for (gram, weight) in by_rarity {
            let questions = self.postings.of(gram);
            looked_at += questions.len();
            if looked_at > MOST_POSTINGS && !touched.is_empty() {
                break;
            }
            for question in questions {
                let score = &mut scores[question as usize];
                if *score == 0.0 {
                    touched.push(question);
                }
                *score += weight;
            }
        }
        // Of questions that share as much, the shorter is nearer.
        let promise = |q: u32| scores[q as usize] / (4.0 + self.grams(q).len() as f32).sqrt();
        let mut best = Best::new(CLOSE);
        touched.into_iter().filter(|question| in_view(*question)).for_each(|question| best.show(promise(question), question));
        best.finish().into_iter().map(|(_, question)| question).collect()
    }
}

impl Weighed {
    /// With a question, whose length is known.
    pub fn cosine(&self, question: &[u32], length: f32) -> f32 {
        let (mut at, mut shared) = (0, 0.0);
        for gram in question {
            at += self.grams[at..].partition_point(|(own, _)| own < gram);
            if let Some((_, weight)) = self.grams.get(at).filter(|(own, _)| own == gram) {
                shared += weight;
            }
        }
        shared / (self.length * length).max(1e-6)
    }
}

/// What an index knows a text by.
pub fn grams(bag: &Bag) -> Grams {
    numbers(bag[WORDS].iter().chain(&bag[SENSE]))
}

/// The words alone: a text that contains another has all of these.
pub fn letters(bag: &Bag) -> Grams {
    numbers(bag[WORDS].iter())
}

fn numbers<'a>(keys: impl Iterator<Item = &'a u64>) -> Grams {
    let mut grams: Vec<u32> = keys.map(|key| ((key ^ (key >> 32)) & (BUCKETS as u64 - 1)) as u32).collect();
    grams.sort_unstable();
    grams.dedup();
    grams.into_boxed_slice()
}
