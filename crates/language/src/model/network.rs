//! A small network that reads words in their order: each word is the sum of its hashed pieces, filters look at one to three
//! words in a row, and the strongest answer of each filter decides. Owns its training and its reading; the same texts,
//! settings and seed give the same network.

use super::features::{chinese_tokens, hash, sound, stem};
use super::linear::softmax;
use crate::encoder::{dot, random::Random};
use jieti_domain::understanding::Lang;
use std::collections::{BTreeMap, HashMap};

/// Rows of the table of pieces: 2^14.
const ROWS: usize = 1 << 14;
/// Dimensions of a word.
const WIDTH: usize = 96;
/// Filters of each length, and the longest.
const FILTERS: usize = 96;
const LONGEST: usize = 3;
/// Filters in all.
const ALL: usize = FILTERS * LONGEST;
/// Numbers in all filters: those of length n have n words' dimensions.
const FILTER_NUMBERS: usize = FILTERS * WIDTH * LONGEST * (LONGEST + 1) / 2;
/// What a word says to every place of every filter.
const SPOKEN: usize = FILTERS * LONGEST * (LONGEST + 1) / 2;
/// Words that are read, and pieces of each.
const WORDS_READ: usize = 32;
const PIECES: usize = 14;
/// Words whose part in the filters is worked out ahead: the commonest.
const REMEMBERED: usize = 3_000;

/// How networks learn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Networks that learn from all texts, beside one a fold of the cross-validation that has not seen it.
    pub whole: usize,
    pub epochs: usize,
    /// Texts between two steps.
    pub batch: usize,
    pub rate: f32,
    /// Shares that are left out each time: of the words, of the pieces of each, of the filters.
    pub words_out: f32,
    pub pieces_out: f32,
    pub filters_out: f32,
    /// Share of certainty that is spread over all classes, for labels are not always right.
    pub smoothing: f32,
    pub seed: u64,
}

impl Default for Settings {
    /// Source: measured on a fold of public questions; see docs/understanding.md.
    fn default() -> Self {
        Self {
            whole: 2,
            epochs: 30,
            batch: 64,
            rate: 2e-3,
            words_out: 0.2,
            pieces_out: 0.4,
            filters_out: 0.5,
            smoothing: 0.1,
            seed: 1,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Network {
    lang: Lang,
    parts: Parts<Vec<f32>>,
    /// What the commonest words say to the filters.
    spoken: HashMap<String, Vec<f32>>,
}

/// The numbers that are learnt, or something beside each of them.
#[derive(Debug, Clone, Default)]
struct Parts<T> {
    /// `[row × WIDTH + dimension]`.
    table: T,
    /// Filter after filter, those of one word first.
    filters: T,
    filter_biases: T,
    /// `[class × ALL + filter]`.
    weights: T,
    biases: T,
}

/// A text as the network sees it: the rows of each word's pieces.
type Words = Vec<Vec<u32>>;

fn words(lang: Lang, normal: &str) -> Vec<(String, Vec<u32>)> {
    let tokens: Vec<String> = match lang {
        Lang::ZhCn => chinese_tokens(normal),
        Lang::En => normal.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect(),
    };
    let with_pieces = |token: String| {
        let rows = pieces(lang, &token);
        (token, rows)
    };
    tokens.into_iter().take(WORDS_READ).map(with_pieces).collect()
}

fn pieces(lang: Lang, token: &str) -> Vec<u32> {
    let row = |salt: u8, text: &str| {
        let hashed = hash(salt, text.as_bytes());
        ((hashed ^ (hashed >> 32)) & (ROWS as u64 - 1)) as u32
    };
    let mut rows = vec![row(31, token)];
    match lang {
        Lang::ZhCn => rows.push(row(32, &sound(token))),
        Lang::En => rows.push(row(32, &stem(token))),
    }
    let chars: Vec<char> = std::iter::once('<').chain(token.chars()).chain(std::iter::once('>')).collect();
    for length in 3..=5 {
        for piece in chars.windows(length).filter(|_| chars.len() > 3) {
            rows.push(row(33, &piece.iter().collect::<String>()));
        }
    }
    rows.truncate(PIECES);
    rows
}

/// Where the filters of a length begin.
fn filters_from(length: usize) -> usize {
    FILTERS * WIDTH * length * (length - 1) / 2
}

fn filter(filters: &[f32], number: usize) -> (usize, std::ops::Range<usize>) {
    let length = number / FILTERS + 1;
    let start = filters_from(length) + (number % FILTERS) * length * WIDTH;
    debug_assert!(start < filters.len());
    (length, start..start + length * WIDTH)
}

/// One labelled text.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    pub text: &'a str,
    pub class: usize,
    pub weight: f32,
}

impl Network {
    pub fn train(lang: Lang, classes: usize, texts: &[Labelled<'_>], settings: Settings) -> Self {
        let read: Vec<Vec<(String, Vec<u32>)>> = texts.iter().map(|t| words(lang, t.text)).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        read.iter().flatten().for_each(|(word, _)| *counts.entry(word).or_default() += 1);
        let mut common: Vec<(&str, usize)> = counts.into_iter().collect();
        common.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let seen: Vec<Words> = read.iter().map(|text| text.iter().map(|(_, rows)| rows.clone()).collect()).collect();
        let mut training = Training::new(classes, settings);
        training.run(&seen, texts);
        let mut network = Network { lang, parts: training.parts, spoken: HashMap::new() };
        network.spoken =
            common.iter().take(REMEMBERED).map(|(word, _)| ((*word).to_owned(), network.speak(&pieces(lang, word)))).collect();
        network
    }

    /// Probability of every class.
    pub fn probabilities(&self, normal: &str) -> Vec<f32> {
        let said: Vec<std::borrow::Cow<'_, [f32]>> = words(self.lang, normal)
            .iter()
            .map(|(word, rows)| match self.spoken.get(word) {
                Some(known) => std::borrow::Cow::Borrowed(known.as_slice()),
                None => std::borrow::Cow::Owned(self.speak(rows)),
            })
            .collect();
        let mut strongest = vec![0.0_f32; ALL];
        let mut answer = [0.0_f32; FILTERS];
        for length in 1..=LONGEST {
            let biases = &self.parts.filter_biases[(length - 1) * FILTERS..][..FILTERS];
            let strongest = &mut strongest[(length - 1) * FILTERS..][..FILTERS];
            for at in 0..said.len() {
                answer.copy_from_slice(biases);
                for (place, word) in said[at..].iter().take(length).enumerate() {
                    let from = FILTERS * (length * (length - 1) / 2 + place);
                    answer.iter_mut().zip(&word[from..from + FILTERS]).for_each(|(a, s)| *a += s);
                }
                strongest.iter_mut().zip(&answer).for_each(|(s, a)| *s = s.max(*a));
            }
        }
        let mut scores = self.parts.biases.clone();
        for (score, row) in scores.iter_mut().zip(self.parts.weights.chunks_exact(ALL)) {
            *score += dot(row, &strongest);
        }
        softmax(&mut scores);
        scores
    }

    /// What a word says to each place of each filter: `[length][place][filter]`.
    fn speak(&self, rows: &[u32]) -> Vec<f32> {
        let mut word = [0.0; WIDTH];
        gather(&self.parts.table, rows, &mut word);
        let mut spoken = vec![0.0; SPOKEN];
        for number in 0..ALL {
            let (length, range) = filter(&self.parts.filters, number);
            for (place, part) in self.parts.filters[range].chunks_exact(WIDTH).enumerate() {
                spoken[FILTERS * (length * (length - 1) / 2 + place) + number % FILTERS] = dot(part, &word);
            }
        }
        spoken
    }
}

/// Mean of what the networks say, each trained apart; empty where there are none.
pub fn together(networks: &[Network], normal: &str) -> Vec<f32> {
    let mut mean: Vec<f32> = Vec::new();
    for network in networks {
        let said = network.probabilities(normal);
        mean.resize(said.len(), 0.0);
        mean.iter_mut().zip(&said).for_each(|(m, s)| *m += s / networks.len() as f32);
    }
    mean
}

/// Sum of the rows over the root of their number.
fn gather(table: &[f32], rows: &[u32], word: &mut [f32]) {
    word.fill(0.0);
    for &row in rows {
        word.iter_mut().zip(&table[row as usize * WIDTH..][..WIDTH]).for_each(|(w, v)| *w += v);
    }
    let scale = (rows.len().max(1) as f32).sqrt().recip();
    word.iter_mut().for_each(|w| *w *= scale);
}

/// Windows that a filter looks at together: its numbers are then fetched once for all of them.
const BESIDE: usize = 4;

/// What a filter answers to the first windows of the words.
fn answers(numbers: &[f32], vectors: &[f32]) -> [f32; BESIDE] {
    let mut sums = [[0.0_f32; 8]; BESIDE];
    for (at, part) in numbers.chunks_exact(8).enumerate() {
        for (place, sums) in sums.iter_mut().enumerate() {
            let word = &vectors[place * WIDTH + at * 8..][..8];
            for i in 0..8 {
                sums[i] += part[i] * word[i];
            }
        }
    }
    sums.map(|sums| sums.iter().sum())
}

struct Training {
    settings: Settings,
    classes: usize,
    parts: Parts<Vec<f32>>,
    gradient: Parts<Vec<f32>>,
    mean: Parts<Vec<f32>>,
    square: Parts<Vec<f32>>,
    /// Rows of the table with a gradient.
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Training {
    fn new(classes: usize, settings: Settings) -> Self {
        let mut random = Random::new(settings.seed, 1 << 41);
        let mut normal = |n: usize, scale: f32| (0..n).map(|_| random.normal() * scale).collect::<Vec<f32>>();
        let mut filters = Vec::with_capacity(FILTER_NUMBERS);
        for length in 1..=LONGEST {
            filters.extend(normal(FILTERS * WIDTH * length, ((WIDTH * length) as f32).sqrt().recip()));
        }
        let parts = Parts {
            table: normal(ROWS * WIDTH, 0.1),
            filters,
            filter_biases: vec![0.0; ALL],
            weights: normal(classes * ALL, (ALL as f32).sqrt().recip()),
            biases: vec![0.0; classes],
        };
        let zeros = || Parts {
            table: vec![0.0; ROWS * WIDTH],
            filters: vec![0.0; FILTER_NUMBERS],
            filter_biases: vec![0.0; ALL],
            weights: vec![0.0; classes * ALL],
            biases: vec![0.0; classes],
        };
        let (gradient, mean, square) = (zeros(), zeros(), zeros());
        Self { settings, classes, parts, gradient, mean, square, touched: Vec::new(), is_touched: vec![false; ROWS] }
    }

    fn run(&mut self, seen: &[Words], texts: &[Labelled<'_>]) {
        let Settings { epochs, batch, rate, seed, .. } = self.settings;
        let mut random = Random::new(seed, 1 << 42);
        let steps = (epochs * seen.len().div_ceil(batch.max(1))).max(1) as f32;
        let mut step = 0;
        let mut order: Vec<usize> = (0..seen.len()).collect();
        for _ in 0..epochs {
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i + 1));
            }
            for chosen in order.chunks(batch.max(1)) {
                let share = (chosen.len() as f32).recip();
                for &i in chosen {
                    self.learn(&seen[i], texts[i].class, texts[i].weight * share, &mut random);
                }
                step += 1;
                let warm = (step as f32 / 100.0).min(1.0);
                self.step(step, rate * warm * (1.0 - step as f32 / steps).max(0.02));
            }
        }
    }

    /// Adds the gradient of one text.
    fn learn(&mut self, words: &Words, class: usize, weight: f32, random: &mut Random) {
        let Settings { words_out, pieces_out, filters_out, smoothing, .. } = self.settings;
        if words.is_empty() {
            return;
        }
        let kept: Words = words
            .iter()
            .map(|rows| {
                if random.unit() < words_out {
                    return Vec::new();
                }
                rows.iter().copied().filter(|_| random.unit() >= pieces_out).collect()
            })
            .collect();
        // Past the end there are words that say nothing.
        let mut vectors = vec![0.0; (kept.len().next_multiple_of(BESIDE) + LONGEST - 1) * WIDTH];
        for (rows, vector) in kept.iter().zip(vectors.chunks_exact_mut(WIDTH)) {
            gather(&self.parts.table, rows, vector);
        }
        let mut strongest = [0.0_f32; ALL];
        let mut places = [0_usize; ALL];
        let louder = (1.0 - filters_out).recip();
        for number in 0..ALL {
            if random.unit() < filters_out {
                continue;
            }
            let (_, range) = filter(&self.parts.filters, number);
            let numbers = &self.parts.filters[range];
            for first in (0..kept.len()).step_by(BESIDE) {
                let answers = answers(numbers, &vectors[first * WIDTH..]);
                for (place, answer) in (first..kept.len()).zip(answers) {
                    let answer = answer + self.parts.filter_biases[number];
                    if answer > strongest[number] {
                        (strongest[number], places[number]) = (answer, place);
                    }
                }
            }
            strongest[number] *= louder;
        }
        let mut scores = self.parts.biases.clone();
        for (score, row) in scores.iter_mut().zip(self.parts.weights.chunks_exact(ALL)) {
            *score += dot(row, &strongest);
        }
        softmax(&mut scores);
        scores.iter_mut().for_each(|s| *s -= smoothing / self.classes as f32);
        scores[class] -= 1.0 - smoothing;
        let mut back = [0.0_f32; ALL];
        for (class, score) in scores.iter().enumerate() {
            let error = score * weight;
            self.gradient.biases[class] += error;
            let range = class * ALL..(class + 1) * ALL;
            self.gradient.weights[range.clone()].iter_mut().zip(&strongest).for_each(|(g, s)| *g += error * s);
            back.iter_mut().zip(&self.parts.weights[range]).for_each(|(b, w)| *b += error * w);
        }
        let mut to_words = vec![0.0; vectors.len()];
        for number in (0..ALL).filter(|n| strongest[*n] > 0.0) {
            let error = back[number] * louder;
            let (length, range) = filter(&self.parts.filters, number);
            let window = places[number] * WIDTH..(places[number] + length) * WIDTH;
            self.gradient.filter_biases[number] += error;
            let (numbers, gradient) = (&self.parts.filters[range.clone()], &mut self.gradient.filters[range]);
            gradient.iter_mut().zip(&vectors[window.clone()]).for_each(|(g, v)| *g += error * v);
            to_words[window].iter_mut().zip(numbers).for_each(|(t, f)| *t += error * f);
        }
        for (rows, to_word) in kept.iter().zip(to_words.chunks_exact(WIDTH)) {
            let scale = (rows.len().max(1) as f32).sqrt().recip();
            for &row in rows {
                if !std::mem::replace(&mut self.is_touched[row as usize], true) {
                    self.touched.push(row);
                }
                let gradient = &mut self.gradient.table[row as usize * WIDTH..][..WIDTH];
                gradient.iter_mut().zip(to_word).for_each(|(g, t)| *g += scale * t);
            }
        }
    }

    /// Adam; rows of the table only where there is a gradient.
    fn step(&mut self, step: i32, rate: f32) {
        let rate = rate * (1.0 - 0.999_f32.powi(step)).sqrt() / (1.0 - 0.9_f32.powi(step));
        let Self { parts, gradient, mean, square, .. } = self;
        adam(rate, &mut parts.filters, &mut gradient.filters, &mut mean.filters, &mut square.filters);
        adam(rate, &mut parts.filter_biases, &mut gradient.filter_biases, &mut mean.filter_biases, &mut square.filter_biases);
        adam(rate, &mut parts.weights, &mut gradient.weights, &mut mean.weights, &mut square.weights);
        adam(rate, &mut parts.biases, &mut gradient.biases, &mut mean.biases, &mut square.biases);
        for row in self.touched.drain(..) {
            self.is_touched[row as usize] = false;
            let range = row as usize * WIDTH..(row as usize + 1) * WIDTH;
            adam(
                rate,
                &mut parts.table[range.clone()],
                &mut gradient.table[range.clone()],
                &mut mean.table[range.clone()],
                &mut square.table[range],
            );
        }
    }
}

fn adam(rate: f32, at: &mut [f32], gradient: &mut [f32], mean: &mut [f32], square: &mut [f32]) {
    for (((at, gradient), mean), square) in at.iter_mut().zip(gradient).zip(mean).zip(square) {
        *mean = 0.9 * *mean + 0.1 * *gradient;
        *square = 0.999 * *square + 0.001 * *gradient * *gradient;
        *at -= rate * *mean / (square.sqrt() + 1e-8);
        *gradient = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [(&str, usize); 8] = [
        ("my card was charged before it arrived", 0),
        ("the card came late", 0),
        ("card still not here", 0),
        ("where is my card", 0),
        ("how do i pay back early", 1),
        ("pay off the loan today", 1),
        ("can i settle early", 1),
        ("early repayment", 1),
    ];

    fn taught() -> Network {
        let texts = TEXTS.map(|(text, class)| Labelled { text, class, weight: 1.0 });
        Network::train(Lang::En, 2, &texts, Settings { epochs: 60, batch: 4, ..Settings::default() })
    }

    #[test]
    fn it_finds_what_it_was_taught_and_the_same_every_time() {
        let (network, again) = (taught(), taught());
        for (text, class) in TEXTS {
            let said = network.probabilities(text);
            assert!(said[class] > 0.7, "{text}: {said:?}");
            assert_eq!(said, again.probabilities(text));
        }
    }

    #[test]
    fn a_word_worked_out_ahead_says_what_it_would_say_anew() {
        let network = taught();
        let forgetful = Network { spoken: HashMap::new(), ..network.clone() };
        for text in ["where is my card", "pay early please", "", "卡还没到"] {
            assert_eq!(network.probabilities(text), forgetful.probabilities(text), "{text}");
        }
    }
}
