//! The inverted index over hashed grams: questions that share rare words with a text. Owns the index and the cosine by words;
//! knows no entries.

use crate::model::features::{Bag, SENSE, WORDS};

/// Grams are told apart by so many numbers: 2²¹.
const BUCKETS: usize = 1 << 21;
/// Postings looked at for one message, rare grams first: what every question has tells none from another.
const MOST_POSTINGS: usize = 8_000;
/// Questions whose cosine is worked out in full.
const CLOSE: usize = 64;

/// Hashed grams of a text: sorted, each once.
pub type Grams = Box<[u32]>;

#[derive(Debug)]
pub struct Words {
    questions: Vec<Grams>,
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
        Self { questions, starts, postings }
    }

    pub fn grams(&self, question: u32) -> &[u32] {
        &self.questions[question as usize]
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

    /// Of a text, whose length is known, and a question.
    pub fn cosine(&self, text: &[u32], length: f32, question: &[u32]) -> f32 {
        let (mut at, mut shared) = (0, 0.0);
        for gram in question {
            at += text[at..].partition_point(|t| t < gram);
            if text.get(at) == Some(gram) {
                shared += self.weight(*gram);
            }
        }
        shared / (length * self.length(question)).max(1e-6)
    }

    /// Share of a text's squared weight that questions in view have.
    pub fn known(&self, text: &[u32], length: f32, in_view: impl Fn(u32) -> bool) -> f32 {
        let known = text.iter().filter(|gram| self.seen_in(**gram).iter().any(|question| in_view(*question)));
        known.map(|gram| self.weight(*gram)).sum::<f32>() / length.powi(2).max(1e-6)
    }

    /// Questions in view that have all of some grams.
    pub fn with_all(&self, grams: &[u32], in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let Some(rarest) = grams.iter().min_by_key(|gram| self.seen_in(**gram).len()) else { return Vec::new() };
        let has_all = |question: u32| grams.iter().all(|gram| self.grams(question).binary_search(gram).is_ok());
        self.seen_in(*rarest).iter().copied().filter(|question| in_view(*question) && has_all(*question)).collect()
    }

    /// The questions in view that share most with a text.
    pub fn nearest(&self, text: &[u32], in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut by_rarity: Vec<u32> = text.to_vec();
        by_rarity.sort_unstable_by_key(|gram| self.seen_in(*gram).len());
        let mut scores = vec![0.0_f32; self.questions.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut looked_at = 0;
        for gram in by_rarity {
            let questions = self.seen_in(gram);
            looked_at += questions.len();
            if looked_at > MOST_POSTINGS && !touched.is_empty() {
                break;
            }
            let weight = self.weight(gram);
            for &question in questions {
                let score = &mut scores[question as usize];
                if *score == 0.0 {
                    touched.push(question);
                }
                *score += weight;
            }
        }
        touched.retain(|question| in_view(*question));
        // Of questions that share as much, the shorter is nearer.
        let promise = |q: u32| scores[q as usize] / (4.0 + self.grams(q).len() as f32).sqrt();
        if touched.len() > CLOSE {
            touched.select_nth_unstable_by(CLOSE, |a, b| promise(*b).total_cmp(&promise(*a)).then(a.cmp(b)));
            touched.truncate(CLOSE);
        }
        touched
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
