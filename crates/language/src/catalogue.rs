//! Reading by retrieval alone, for a knowledge base too large for a model of each need: an inverted index over hashed grams,
//! the nearest questions by cosine, one calibrated confidence. Owns the index and taking up one edit without building it
//! again; sees no meaning beyond words.

use crate::model::blend::{descend, sigmoid};
use crate::model::features::{SENSE, WORDS, extract};
use crate::text::variant::vary;
use jieti_domain::id::NeedId;
use jieti_domain::understanding::{Lang, NeedGuess};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Grams are told apart by so many numbers: 2²¹.
const BUCKETS: usize = 1 << 21;
/// Postings looked at for one message, rare grams first: what every question has tells none from another.
const MOST_POSTINGS: usize = 8_000;
/// Questions whose cosine is worked out in full.
const CLOSE: usize = 64;
/// Questions of edits that are read one by one; beyond them the index is built again.
const MOST_EDITED: usize = 2_000;
/// Questions that the confidence is fitted on.
const FITTED_ON: usize = 2_000;
/// Share of messages that are a listed question in other small words.
const FAMILIAR: f32 = 0.5;
/// Strangers beside each known question.
const STRANGERS: f32 = 0.25;
/// Of customers who send a question as an editor wrote it, all but a few mean that entry.
const WORD_FOR_WORD: f32 = 0.97;
const FACTS: usize = 4;

/// A need with its ways to ask in normal form.
#[derive(Debug, Clone)]
pub struct Listed {
    pub need: NeedId,
    pub asked: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Catalogue {
    lang: Lang,
    base: Arc<Base>,
    /// Questions of edited entries.
    edited: Vec<Question>,
    /// Entries of the index that were edited since or taken away.
    gone: BTreeSet<u32>,
    /// By number: those of the index first, then the edited ones.
    new_needs: Vec<NeedId>,
}

/// The index; shared by all that edits make of it.
#[derive(Debug)]
struct Base {
    needs: Vec<NeedId>,
    by_need: BTreeMap<NeedId, u32>,
    questions: Vec<Question>,
    /// `postings[starts[gram]..starts[gram + 1]]` are the questions that have the gram.
    starts: Vec<u32>,
    postings: Vec<u32>,
    /// P(the first is right) = σ(facts · weights).
    sure: [f32; FACTS],
}

#[derive(Debug, Clone)]
struct Question {
    entry: u32,
    /// Sorted, each once.
    grams: Box<[u32]>,
}

/// The nearest entries with their cosines, best first.
type Near = Vec<(u32, f32)>;

impl Catalogue {
    pub fn new(lang: Lang, listed: Vec<Listed>) -> Self {
        let questions: Vec<Question> = listed
            .par_iter()
            .enumerate()
            .flat_map_iter(|(place, listed)| {
                let entry = u32::try_from(place).unwrap_or(u32::MAX);
                listed.asked.iter().map(move |text| Question { entry, grams: grams(lang, text) })
            })
            .collect();
        // What customers write in small words of their own, of questions spread over the whole.
        let texts: Vec<&String> = listed.iter().flat_map(|l| &l.asked).collect();
        let step = (texts.len() / FITTED_ON).max(1);
        let varied: Vec<(usize, Box<[u32]>)> =
            (0..texts.len()).step_by(step).map(|i| (i, grams(lang, &vary(lang, texts[i], i / step)))).collect();
        let needs: Vec<NeedId> = listed.into_iter().map(|l| l.need).collect();
        let by_need = needs.iter().cloned().zip(0..).collect();
        let (starts, postings) = index(&questions);
        let base = Base { needs, by_need, questions, starts, postings, sure: [0.0; FACTS] };
        let mut catalogue = Self { lang, base: Arc::default(), edited: vec![], gone: BTreeSet::new(), new_needs: vec![] };
        let sure = fit(&base, &varied);
        catalogue.base = Arc::new(Base { sure, ..base });
        catalogue
    }

    /// The same with entries changed, added (`Some`) or taken away (`None`); `None` where so many were that it is time to
    /// build anew.
    pub fn edit(&self, changes: Vec<(NeedId, Option<Listed>)>) -> Option<Self> {
        let mut next = self.clone();
        for (need, listed) in changes {
            next.gone.extend(next.base.by_need.get(&need));
            let earlier = next.new_needs.iter().zip(next.first_new()..).filter(|(n, _)| **n == need).map(|(_, e)| e);
            let earlier: BTreeSet<u32> = earlier.collect();
            next.edited.retain(|question| !earlier.contains(&question.entry));
            if let Some(listed) = listed {
                let entry = next.first_new() + u32::try_from(next.new_needs.len()).ok()?;
                next.edited.extend(listed.asked.iter().map(|text| Question { entry, grams: grams(next.lang, text) }));
                next.new_needs.push(need);
            }
        }
        (next.edited.len() <= MOST_EDITED && next.new_needs.len() <= MOST_EDITED).then_some(next)
    }

    fn first_new(&self) -> u32 {
        u32::try_from(self.base.needs.len()).unwrap_or(u32::MAX)
    }

    /// Needs that the catalogue has.
    pub fn len(&self) -> usize {
        let edited: BTreeSet<u32> = self.edited.iter().map(|q| q.entry).collect();
        self.base.needs.len() - self.gone.len() + edited.len()
    }

    /// Ranks the needs for a text in normal form; what is missing to 1 is the probability of "none".
    pub fn rank(&self, normal: &str) -> Vec<NeedGuess> {
        let text = grams(self.lang, normal);
        if text.is_empty() {
            return Vec::new();
        }
        let mut near = self.base.near(&text, |question| !self.gone.contains(&question.entry));
        let whole = self.base.length(&text);
        for question in &self.edited {
            keep_best(&mut near, question.entry, self.base.cosine(&text, whole, question));
        }
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let Some(facts) = facts(&near) else { return Vec::new() };
        let word_for_word = near.iter().take_while(|(_, cosine)| *cosine > 0.9999).count();
        let first = match word_for_word {
            0 => sigmoid(facts.iter().zip(&self.base.sure).map(|(f, w)| f * w).sum()),
            several => WORD_FOR_WORD / several as f32,
        };
        let rest = 1.0 - first * word_for_word.max(1) as f32;
        let others: f32 = near.iter().skip(word_for_word.max(1)).map(|(_, cosine)| cosine.powi(4)).sum();
        let share = |place: usize, cosine: f32| match place < word_for_word.max(1) {
            true => first,
            false => (rest * cosine.powi(4) / others.max(1e-6)).min(first),
        };
        near.iter().enumerate().take(10).map(|(i, (entry, c))| self.guess(*entry, share(i, *c))).collect()
    }

    fn guess(&self, entry: u32, confidence: f32) -> NeedGuess {
        let need = match entry.checked_sub(self.first_new()) {
            Some(new) => &self.new_needs[new as usize],
            None => &self.base.needs[entry as usize],
        };
        NeedGuess { need: need.clone(), confidence }
    }
}

impl Default for Base {
    fn default() -> Self {
        let (starts, postings) = index(&[]);
        Base { needs: vec![], by_need: BTreeMap::new(), questions: vec![], starts, postings, sure: [0.0; FACTS] }
    }
}

impl Base {
    fn seen_in(&self, gram: u32) -> std::ops::Range<usize> {
        self.starts[gram as usize] as usize..self.starts[gram as usize + 1] as usize
    }

    /// Squared weight of a gram: rare ones say more.
    fn weight(&self, gram: u32) -> f32 {
        let idf = ((1.0 + self.questions.len() as f32) / (0.5 + self.seen_in(gram).len() as f32)).ln();
        idf.max(0.1).powi(2)
    }

    fn length(&self, grams: &[u32]) -> f32 {
        grams.iter().map(|gram| self.weight(*gram)).sum::<f32>().sqrt()
    }

    fn cosine(&self, text: &[u32], whole: f32, question: &Question) -> f32 {
        let (mut at, mut shared) = (0, 0.0);
        for gram in &question.grams {
            at += text[at..].partition_point(|t| t < gram);
            if text.get(at) == Some(gram) {
                shared += self.weight(*gram);
            }
        }
        shared / (whole * self.length(&question.grams)).max(1e-6)
    }

    /// The nearest entries by the questions that `in_view` lets through.
    fn near(&self, text: &[u32], in_view: impl Fn(&Question) -> bool) -> Near {
        let mut by_rarity: Vec<u32> = text.to_vec();
        by_rarity.sort_unstable_by_key(|gram| self.seen_in(*gram).len());
        let mut scores = vec![0.0_f32; self.questions.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut looked_at = 0;
        for gram in by_rarity {
            let range = self.seen_in(gram);
            looked_at += range.len();
            if looked_at > MOST_POSTINGS && !touched.is_empty() {
                break;
            }
            let weight = self.weight(gram);
            for &question in &self.postings[range] {
                let score = &mut scores[question as usize];
                if *score == 0.0 {
                    touched.push(question);
                }
                *score += weight;
            }
        }
        touched.retain(|question| in_view(&self.questions[*question as usize]));
        // Of questions that share as much, the shorter is nearer.
        let promise = |q: u32| scores[q as usize] / (4.0 + self.questions[q as usize].grams.len() as f32).sqrt();
        if touched.len() > CLOSE {
            touched.select_nth_unstable_by(CLOSE, |a, b| promise(*b).total_cmp(&promise(*a)).then(a.cmp(b)));
            touched.truncate(CLOSE);
        }
        let whole = self.length(text);
        let mut near = Near::new();
        for question in touched {
            let question = &self.questions[question as usize];
            keep_best(&mut near, question.entry, self.cosine(text, whole, question));
        }
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near
    }
}

fn keep_best(near: &mut Near, entry: u32, cosine: f32) {
    match near.iter_mut().find(|(known, _)| *known == entry) {
        Some((_, best)) => *best = best.max(cosine),
        None => near.push((entry, cosine)),
    }
}

/// What speaks for the first: 1, its cosine, how far the next is behind, both together.
fn facts(near: &Near) -> Option<[f32; FACTS]> {
    let best = near.first()?.1;
    let ahead = best - near.get(1).map_or(0.0, |second| second.1);
    Some([1.0, best, ahead, best * ahead])
}

/// Fits the confidence on questions in other small words, on questions read without themselves (where their entry has
/// others), and without their entry (strangers).
fn fit(base: &Base, varied: &[(usize, Box<[u32]>)]) -> [f32; FACTS] {
    let mut asked = vec![0_u32; base.needs.len()];
    base.questions.iter().for_each(|question| asked[question.entry as usize] += 1);
    let judge = |near: &Near, right: Option<u32>, weight: f32| {
        let is_right = right.is_some() && near.first().map(|first| first.0) == right;
        facts(near).map(|facts| (facts, f32::from(u8::from(is_right)), weight))
    };
    let judged: Vec<([f32; FACTS], f32, f32)> = varied
        .par_iter()
        .flat_map_iter(|(i, varied)| {
            let question = &base.questions[*i];
            let familiar = judge(&base.near(varied, |_| true), Some(question.entry), FAMILIAR);
            let unseen = base.near(&question.grams, |other| !std::ptr::eq(other, question));
            let unseen = judge(&unseen, Some(question.entry), 1.0 - FAMILIAR).filter(|_| asked[question.entry as usize] > 1);
            let stranger = base.near(&question.grams, |other| other.entry != question.entry);
            [familiar, unseen, judge(&stranger, None, STRANGERS)].into_iter().flatten()
        })
        .collect();
    // Trusts close matches only, where there is next to nothing to fit on.
    let mut weights = [-6.0, 9.0, 2.0, 0.0];
    let total = judged.iter().map(|(_, _, weight)| weight).sum::<f32>();
    if judged.len() >= 20 {
        descend(&mut weights, |now| {
            let mut gradient = [0.0; FACTS];
            for (facts, right, weight) in &judged {
                let score: f32 = facts.iter().zip(now).map(|(f, w)| f * w).sum();
                let error = weight * (sigmoid(score) - right) / total;
                facts.iter().zip(&mut gradient).for_each(|(fact, g)| *g += error * fact);
            }
            gradient
        });
    }
    weights
}

fn grams(lang: Lang, normal: &str) -> Box<[u32]> {
    let bag = extract(lang, normal);
    let mut grams: Vec<u32> =
        bag[WORDS].iter().chain(&bag[SENSE]).map(|key| ((key ^ (key >> 32)) & (BUCKETS as u64 - 1)) as u32).collect();
    grams.sort_unstable();
    grams.dedup();
    grams.into_boxed_slice()
}

fn index(questions: &[Question]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; BUCKETS + 1];
    questions.iter().flat_map(|q| &q.grams).for_each(|gram| starts[*gram as usize + 1] += 1);
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let mut postings = vec![0; starts.last().map_or(0, |n| *n as usize)];
    for (number, question) in (0_u32..).zip(questions) {
        for gram in &question.grams {
            let slot = &mut next[*gram as usize];
            postings[*slot as usize] = number;
            *slot += 1;
        }
    }
    (starts, postings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(need: &str, asked: &[&str]) -> Listed {
        Listed { need: NeedId::from(need), asked: asked.iter().map(|a| (*a).to_owned()).collect() }
    }

    fn best(catalogue: &Catalogue, text: &str) -> Option<(String, f32)> {
        catalogue.rank(text).first().map(|g| (g.need.as_str().to_owned(), g.confidence))
    }

    #[test]
    fn an_edit_is_found_at_once_and_what_it_replaces_is_not() {
        let many: Vec<Listed> = (0..400)
            .map(|i| listed(&format!("a.{i}"), &[&format!("产品{}怎么申请", char::from_u32(0x4e00 + 7 * i).unwrap())]))
            .collect();
        let catalogue = Catalogue::new(Lang::ZhCn, many);
        let edited = catalogue.edit(vec![(NeedId::from("b"), Some(listed("b", &["夜间模式怎么打开"])))]).expect("one edit");
        assert!(best(&edited, "夜间模式怎么打开").is_some_and(|(need, sure)| need == "b" && sure > 0.9));
        assert!(best(&edited, "夜间模式在哪打开").is_some_and(|(need, _)| need == "b"));
        assert_eq!((catalogue.len(), edited.len()), (400, 401));
        let changed = edited.edit(vec![(NeedId::from("b"), Some(listed("b", &["深色主题在哪里"])))]).expect("two edits");
        assert!(best(&changed, "夜间模式怎么打开").is_none_or(|(need, _)| need != "b"));
        let old = format!("产品{}怎么申请", char::from_u32(0x4e00).unwrap());
        assert_eq!(best(&catalogue, &old).map(|b| b.0), Some("a.0".to_owned()));
        let without = changed.edit(vec![(NeedId::from("a.0"), None), (NeedId::from("b"), None)]).expect("more edits");
        assert!(
            without.rank(&old).iter().chain(&without.rank("深色主题在哪里")).all(|g| !["a.0", "b"].contains(&g.need.as_str()))
        );
        assert_eq!(without.len(), 399);
    }

    #[test]
    fn nothing_known_is_nothing_guessed() {
        let empty = Catalogue::new(Lang::ZhCn, Vec::new());
        assert!(empty.rank("怎么还款").is_empty() && empty.rank("").is_empty());
    }
}
