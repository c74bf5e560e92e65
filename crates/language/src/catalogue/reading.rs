//! What speaks for each entry and for none of them, by words and by meaning. Owns the choice of candidates and their facts, in the
//! places that [`crate::model::evidence`] gives them; weighs none.

use super::words::{self, Weighed};
use super::{Catalogue, Question, text_hash};
use crate::encoder::rounded::Probe;
use crate::encoder::{Around, dot};
use crate::model::blend::{CANDIDATE_FACTS, Evidence, Sight};
use crate::model::features::{VIEWS, WORDS, extract};
use crate::model::linear::softmax;
use std::collections::BTreeMap;

/// Entries that are looked at closely.
pub const CANDIDATES: usize = 12;
/// How much nearer a question must be to be e times as likely, by words and by meaning: the spread of an entry's questions.
const SPREAD: [f32; 2] = [0.1, 0.05];
/// Log shares below this are all the same.
const FLOOR: f32 = -9.0;
/// Questions of an entry whose mean cosine counts.
const NEAREST: usize = 3;

/// A question that is not there for a text: one of an entry's, by the hash of its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hidden(pub Option<(usize, u64)>);

impl Hidden {
    /// Whether this question of the entry is there.
    pub fn lists(self, entry: usize, text: u64) -> bool {
        self.0 != Some((entry, text))
    }
}

/// A text as the catalogue sees it.
#[derive(Debug)]
pub struct Seen {
    pub text: u64,
    hidden: Hidden,
    words: Weighed,
    meaning: Option<Meaning>,
}

#[derive(Debug)]
struct Meaning {
    vector: Vec<f32>,
    probe: Probe,
    /// What other customers ask around it, where the encoder has a cohort.
    around: Option<Around>,
}

impl Seen {
    /// `meaning` is the encoder's vector; without one the text is read by its words.
    pub fn new(catalogue: &Catalogue, normal: &str, meaning: Option<&[f32]>) -> Self {
        let words = catalogue.base.words.weigh(&words::grams(&extract(catalogue.lang, normal)));
        let meaning = meaning.zip(catalogue.base.meanings.as_ref()).and_then(|(whole, meanings)| {
            let vector = meanings.shape().keep(whole)?;
            let around = catalogue.encoder.as_ref().and_then(|e| e.cohort()).and_then(|cohort| cohort.around(whole));
            Some(Meaning { probe: Probe::new(&vector), vector, around })
        });
        Self { text: text_hash(normal), hidden: Hidden::default(), words, meaning }
    }

    /// The same, read as if a question were not listed.
    #[must_use]
    pub fn without(self, hidden: Hidden) -> Self {
        Self { hidden, ..self }
    }

    pub fn sight(&self) -> Sight {
        if self.meaning.is_some() { Sight::Retrieval } else { Sight::Words }
    }
}

/// Cosines of a text with the questions of one entry.
#[derive(Debug, Default)]
struct Nearness {
    words: Vec<f32>,
    meaning: Vec<f32>,
    /// Cosine of the text, and of what others ask around it, with the middle of the questions.
    center: f32,
    around: f32,
}

/// Facts about a text by the questions of the index that are in view, and by all edited ones; the hidden one is not among them.
pub fn evidence(catalogue: &Catalogue, seen: &Seen, in_view: impl Fn(u32) -> bool) -> Evidence {
    let base = &catalogue.base;
    let lists = |entry: usize, text: u64| seen.hidden.lists(entry, text);
    let in_view =
        |question: u32| lists(base.entry_of[question as usize] as usize, base.texts[question as usize]) && in_view(question);
    let mut entries: BTreeMap<usize, [f32; 2]> = BTreeMap::new();
    let mut look_at = |entry: usize, question: Question<'_>| {
        let words = seen.words.cosine(question.grams, question.length);
        let meaning = seen.meaning.as_ref().zip(question.row).map_or(0.0, |(meaning, row)| meaning.probe.dot(row));
        let best = entries.entry(entry).or_default();
        *best = [best[0].max(words), best[1].max(meaning)];
    };
    let by_meaning = seen.meaning.as_ref().zip(base.meanings.as_ref());
    let mut near = base.words.nearest(&seen.words, &in_view);
    near.extend(by_meaning.map(|(meaning, meanings)| meanings.nearest(&meaning.probe, &in_view)).unwrap_or_default());
    near.sort_unstable();
    near.dedup();
    for number in near {
        look_at(base.entry_of[number as usize] as usize, base.question(number));
    }
    for (entry, edited) in (base.needs.len()..).zip(&catalogue.edited) {
        edited.questions().filter(|question| lists(entry, question.text)).for_each(|question| look_at(entry, question));
    }
    let mut order: Vec<(f32, usize)> = entries.into_iter().map(|(entry, [words, meaning])| (words + meaning, entry)).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order.truncate(CANDIDATES);
    let near: Vec<Nearness> = order.iter().map(|(_, entry)| nearness(catalogue, seen, *entry, &in_view)).collect();
    let by_words = log_shares(near.iter().map(|n| n.words.first().copied().unwrap_or(0.0)), SPREAD[0]);
    let by_meaning = log_shares(near.iter().map(|n| n.meaning.first().copied().unwrap_or(0.0)), SPREAD[1]);
    let facts = |at: usize| -> [f32; CANDIDATE_FACTS] {
        let Nearness { words, meaning, center, around } = &near[at];
        let best = |cosines: &[f32], place: usize| cosines.get(place).copied().unwrap_or(0.0);
        let nearest = &meaning[..NEAREST.min(meaning.len())];
        let three = nearest.iter().sum::<f32>() / nearest.len().max(1) as f32;
        let first = best(words, 0);
        let mut facts = [0.0; CANDIDATE_FACTS];
        facts[0] = by_words[at];
        facts[1] = first;
        facts[5] = best(words, 1);
        facts[6] = first * first;
        facts[7] = words.iter().sum::<f32>() / (words.len().max(1) as f32).sqrt();
        if seen.meaning.is_some() {
            facts[9..14].copy_from_slice(&[by_meaning[at], best(meaning, 0), three, *center, *around]);
        }
        facts
    };
    let mut known = [0.0; VIEWS];
    let is_edited = |gram: u32| {
        let edited = (base.needs.len()..).zip(&catalogue.edited);
        let mut questions = edited.flat_map(|(entry, edited)| edited.questions().filter(move |q| lists(entry, q.text)));
        questions.any(|question| question.grams.binary_search(&gram).is_ok())
    };
    known[WORDS] = base.words.known(&seen.words, &in_view, is_edited);
    Evidence {
        candidates: order.iter().enumerate().map(|(at, (_, entry))| (*entry, facts(at))).collect(),
        background: background(catalogue, seen, None),
        around: seen.meaning.as_ref().and_then(|meaning| meaning.around.as_ref()).map_or(0.0, |around| around.nearness),
        known,
        background_share: 0.0,
    }
}

/// Cosine with the nearest line that has nothing to do with a lender, but for one of them.
pub fn background(catalogue: &Catalogue, seen: &Seen, but: Option<usize>) -> f32 {
    let lines = catalogue.base.background.iter().enumerate().filter(|(line, _)| Some(*line) != but);
    lines.map(|(_, (grams, length))| seen.words.cosine(grams, *length)).fold(0.0, f32::max)
}

fn nearness(catalogue: &Catalogue, seen: &Seen, entry: usize, in_view: impl Fn(u32) -> bool) -> Nearness {
    let mut near = Nearness::default();
    let mut sum = vec![0.0; seen.meaning.as_ref().map_or(0, |meaning| meaning.vector.len())];
    let lists = |question: &Question<'_>| seen.hidden.lists(entry, question.text);
    let questions = catalogue.questions(entry).filter(|question| lists(question) && question.number.is_none_or(&in_view));
    for question in questions {
        near.words.push(seen.words.cosine(question.grams, question.length));
        if let Some((meaning, row)) = seen.meaning.as_ref().zip(question.row) {
            near.meaning.push(meaning.probe.dot(row));
            row.add_to(&mut sum, 1.0);
        }
    }
    near.words.sort_unstable_by(|a, b| b.total_cmp(a));
    near.meaning.sort_unstable_by(|a, b| b.total_cmp(a));
    let length = dot(&sum, &sum).sqrt();
    if let Some(meaning) = seen.meaning.as_ref().filter(|_| length > 0.0) {
        near.center = dot(&meaning.vector, &sum) / length;
        near.around = meaning.around.as_ref().map_or(0.0, |around| {
            let both = around.mean.len().min(sum.len());
            dot(&around.mean[..both], &sum[..both]) / length
        });
    }
    near
}

fn log_shares(cosines: impl Iterator<Item = f32>, spread: f32) -> Vec<f32> {
    let mut shares: Vec<f32> = cosines.map(|cosine| cosine / spread).collect();
    softmax(&mut shares);
    shares.into_iter().map(|share| share.max(1e-12).ln().max(FLOOR)).collect()
}
