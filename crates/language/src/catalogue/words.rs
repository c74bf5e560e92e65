//! The inverted index over hashed grams: questions that share rare words with a text. Owns the index and the cosine by words;
//! knows no entries.

use crate::best::Best;
use crate::model::features::{Bag, SENSE, WORDS};
use rayon::prelude::*;

/// Grams are told apart by so many numbers: 2²¹.
const BUCKETS: usize = 1 << 21;
/// Postings looked at for one message, rare grams first: what every question has tells none from another.
const MOST_POSTINGS: usize = 8_000;
/// Questions whose cosine is worked out in full.
const CLOSE: usize = 64;

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
    questions: Vec<Grams>,
    /// Of each question, by the weights of its grams.
    lengths: Vec<f32>,
    /// `postings[starts[gram]..starts[gram + 1]]` are the questions that have the gram.
    starts: Vec<u32>,
    postings: Vec<u32>,
}

impl Words {
    pub fn new(questions: Vec<Grams>) -> Self {
        let mut starts = vec![0_u32; BUCKETS + 1];
        questions.iter().flatten().for_each(|gram| starts[*gram as usize + 1] += 1);
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut postings = vec![0; starts.last().map_or(0, |n| *n as usize)];
        for (number, grams) in (0_u32..).zip(&questions) {
            for gram in grams {
                let slot = &mut next[*gram as usize];
                postings[*slot as usize] = number;
                *slot += 1;
            }
        }
        let mut words = Self { questions, lengths: Vec::new(), starts, postings };
        words.lengths = words.questions.par_iter().map(|grams| words.length(grams)).collect();
        words
    }

    pub fn grams(&self, question: u32) -> &[u32] {
        &self.questions[question as usize]
    }

    pub fn length_of(&self, question: u32) -> f32 {
        self.lengths[question as usize]
    }

    fn seen_in(&self, gram: u32) -> &[u32] {
        &self.postings[self.starts[gram as usize] as usize..self.starts[gram as usize + 1] as usize]
    }

    /// Squared weight of a gram: rare ones say more.
    fn weight(&self, gram: u32) -> f32 {
        let idf = ((1.0 + self.questions.len() as f32) / (0.5 + self.seen_in(gram).len() as f32)).ln();
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
        let is_known = |gram: u32| self.seen_in(gram).iter().any(|question| in_view(*question)) || has(gram);
        let known = text.grams.iter().filter(|(gram, _)| is_known(*gram)).map(|(_, weight)| weight);
        known.sum::<f32>() / text.length.powi(2).max(1e-6)
    }

    /// Questions in view that have all of some grams.
    pub fn with_all(&self, grams: &[u32], in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let Some(rarest) = grams.iter().min_by_key(|gram| self.seen_in(**gram).len()) else { return Vec::new() };
        let has_all = |question: u32| grams.iter().all(|gram| self.grams(question).binary_search(gram).is_ok());
        self.seen_in(*rarest).iter().copied().filter(|question| in_view(*question) && has_all(*question)).collect()
    }

    /// The questions in view that share most with a text.
    pub fn nearest(&self, text: &Weighed, in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut by_rarity = text.grams.clone();
        by_rarity.sort_unstable_by_key(|(gram, _)| self.seen_in(*gram).len());
        let mut scores = vec![0.0_f32; self.questions.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut looked_at = 0;
        for (gram, weight) in by_rarity {
            let questions = self.seen_in(gram);
            looked_at += questions.len();
            if looked_at > MOST_POSTINGS && !touched.is_empty() {
                break;
            }
            for &question in questions {
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
