//! Reading by retrieval alone, for a knowledge base too large for a model of each need: the questions that share a text's words,
//! those that mean the same to an encoder, and one blend of both. Owns the index and taking up one edit without building it
//! again.

mod calibration;
mod meaning;
mod postings;
mod reading;
mod words;

use crate::encoder::rounded::{Rounded, Row};
use crate::encoder::sentence::{EncodeError, SentenceEncoder};
use crate::model::features::{extract, hash};
use crate::model::{Ranked, favour, meanings};
use crate::tongue::Vocabulary;
use crate::topic::{self, About};
use crate::{background, text::normalise};
use calibration::Fitted;
use jieti_domain::id::NeedId;
use jieti_domain::understanding::{Breadth, Lang, NeedGuess};
use meaning::{Meanings, Shape, encoded};
use reading::{Hidden, Seen};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use words::{Grams, Words};

/// Questions of edits that are read one by one; beyond them the index should be built again.
const WORN: usize = 2_000;
/// Beyond these it must be: a message would take too long.
const MOST_EDITED: usize = 6_000;
/// Questions whose words pinyin is read in: their pieces are held four times over.
const SPELT: usize = 20_000;
/// A need with its ways to ask in normal form.
#[derive(Debug, Clone)]
pub struct Listed {
    pub need: NeedId,
    pub asked: Vec<String>,
    /// There is a flow for it.
    pub solved_by_itself: bool,
}

#[derive(Debug, Clone)]
pub struct Catalogue {
    lang: Lang,
    encoder: Option<Arc<dyn SentenceEncoder>>,
    base: Arc<Base>,
    fitted: Fitted,
    edited: Vec<Arc<Edited>>,
    /// Entries of the index that were edited since or taken away.
    gone: BTreeSet<u32>,
}

/// The index; shared by all that edits make of it. Questions are numbered entry by entry.
#[derive(Debug)]
struct Base {
    needs: Vec<NeedId>,
    solved_by_itself: Vec<bool>,
    /// Entries in the order of their needs' names.
    by_need: Vec<u32>,
    /// Questions of entry `e`: `first_question[e]..first_question[e + 1]`.
    first_question: Vec<u32>,
    entry_of: Vec<u32>,
    /// Of each question, a hash of its text.
    texts: Vec<u64>,
    words: Words,
    meanings: Option<Meanings>,
    vocabulary: Vocabulary,
    /// Lines that have nothing to do with a lender, and their lengths.
    background: Vec<(Grams, f32)>,
}

/// An entry that came after the index was built.
#[derive(Debug)]
struct Edited {
    listed: Listed,
    texts: Vec<u64>,
    grams: Vec<Grams>,
    lengths: Vec<f32>,
    /// Of each question, where there is an encoder.
    rows: Option<Rounded>,
}

/// A listed question, of the index or of an edit.
#[derive(Debug, Clone, Copy)]
struct Question<'a> {
    /// Its number in the index.
    number: Option<u32>,
    text: u64,
    grams: &'a [u32],
    /// Of its grams, by the weights of the index.
    length: f32,
    row: Option<Row<'a>>,
}

impl Catalogue {
    /// Questions that `before` has are not encoded again; where it has half of the needs, its calibration is kept if it
    /// was fitted on other ways to ask.
    ///
    /// # Errors
    /// Where the encoder gave no vectors; without one, never.
    pub fn new(
        lang: Lang,
        listed: impl IntoIterator<Item = Listed>,
        encoder: Option<Arc<dyn SentenceEncoder>>,
        before: Option<&Catalogue>,
    ) -> Result<Self, EncodeError> {
        let (mut needs, mut solved_by_itself) = (Vec::new(), Vec::new());
        let (mut first_question, mut entry_of) = (vec![0], Vec::new());
        // All texts in one: a large base in strings of their own is twice as much, and what they leave behind is never given back.
        let (mut whole, mut ends) = (String::new(), Vec::new());
        for (entry, listed) in (0_u32..).zip(listed) {
            entry_of.extend(std::iter::repeat_n(entry, listed.asked.len()));
            first_question.push(u32::try_from(entry_of.len()).unwrap_or(u32::MAX));
            for text in listed.asked {
                let start = whole.len();
                whole.push_str(&text);
                ends.push(start..whole.len());
            }
            needs.push(listed.need);
            solved_by_itself.push(listed.solved_by_itself);
        }
        let asked: Vec<&str> = ends.into_iter().map(|range| &whole[range]).collect();
        let meanings = match &encoder {
            Some(encoder) => Meanings::of(encoder, &asked, before.and_then(Catalogue::rows))?,
            None => None,
        };
        let grams = |text: &str| words::grams(&extract(lang, text));
        let background: Vec<String> = background::lines(lang).map(normalise).collect();
        let spelt = asked.iter().step_by(asked.len().div_ceil(SPELT).max(1)).copied();
        let others = asked.iter().copied().chain(background.iter().map(String::as_str));
        let mut by_need: Vec<u32> = (0..needs.len() as u32).collect();
        by_need.sort_by_key(|entry| &needs[*entry as usize]);
        let words = Words::new(&asked, grams);
        let with_length = |grams: Grams| {
            let length = words.length(&grams);
            (grams, length)
        };
        let base = Base {
            by_need,
            needs,
            solved_by_itself,
            first_question,
            entry_of,
            texts: asked.iter().map(|text| text_hash(text)).collect(),
            meanings,
            vocabulary: Vocabulary::new(lang, spelt, others),
            background: background.iter().map(|text| with_length(grams(text))).collect(),
            words,
        };
        let kept = before.filter(|before| before.len() * 2 > base.needs.len() && before.fitted.is_proven());
        let kept = kept.map(|before| before.fitted.clone());
        let mut catalogue = Self {
            lang,
            encoder,
            base: Arc::new(base),
            fitted: kept.clone().unwrap_or_else(Fitted::to_nothing),
            edited: Vec::new(),
            gone: BTreeSet::new(),
        };
        if kept.is_none() {
            catalogue.fitted = calibration::fit(&catalogue, &asked)?;
        }
        Ok(catalogue)
    }

    /// The same with entries changed, added (`Some`) or taken away (`None`); `None` where so many were that it is time to
    /// build anew.
    ///
    /// # Errors
    /// Where the encoder gave no vectors of what is new; without one, never.
    pub fn edit(&self, changes: Vec<(NeedId, Option<Listed>)>) -> Result<Option<Self>, EncodeError> {
        let new = changes.iter().filter_map(|(_, listed)| listed.as_ref());
        if new.map(|listed| listed.asked.len()).sum::<usize>() > MOST_EDITED {
            return Ok(None);
        }
        let mut next = self.clone();
        for (need, listed) in changes {
            next.gone.extend(next.base.entry(&need));
            next.edited.retain(|edited| edited.listed.need != need);
            if let Some(listed) = listed {
                next.edited.push(Arc::new(self.take_up(listed)?));
            }
        }
        Ok((!next.has_edited(MOST_EDITED)).then_some(next))
    }

    /// Whether so much was edited that the index should be built again.
    pub fn is_worn(&self) -> bool {
        self.has_edited(WORN)
    }

    fn has_edited(&self, more_than: usize) -> bool {
        let questions: usize = self.edited.iter().map(|edited| edited.texts.len()).sum();
        questions.max(self.edited.len()) > more_than
    }

    fn take_up(&self, listed: Listed) -> Result<Edited, EncodeError> {
        let asked: Vec<&str> = listed.asked.iter().map(String::as_str).collect();
        let rows = match (&self.encoder, &self.base.meanings) {
            (Some(encoder), Some(meanings)) => {
                let entry = self.place(&listed.need);
                let known = entry.into_iter().flat_map(|entry| self.questions(entry));
                let known = known.filter_map(|question| Some((question.text, question.row?))).collect();
                Some(encoded(encoder, meanings.shape(), &asked, &known)?)
            }
            (Some(_) | None, _) => None,
        };
        let grams: Vec<Grams> = asked.iter().map(|text| words::grams(&extract(self.lang, text))).collect();
        Ok(Edited {
            texts: asked.iter().map(|text| text_hash(text)).collect(),
            lengths: grams.iter().map(|grams| self.base.words.length(grams)).collect(),
            grams,
            rows,
            listed,
        })
    }

    /// The entry of a need, as it is now.
    fn place(&self, need: &NeedId) -> Option<usize> {
        let edited = self.edited.iter().position(|edited| edited.listed.need == *need).map(|new| self.base.needs.len() + new);
        edited.or_else(|| self.base.entry(need).map(|entry| entry as usize))
    }

    fn first_new(&self) -> u32 {
        u32::try_from(self.base.needs.len()).unwrap_or(u32::MAX)
    }

    /// Needs that the catalogue has.
    pub fn len(&self) -> usize {
        self.base.needs.len() - self.gone.len() + self.edited.len()
    }

    /// Of the index as it was built: an edit's own words are read, and pinyin is not.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.base.vocabulary
    }

    /// Ranks the needs for each text in normal form, and says where they only share its topic; what is missing to 1 is the
    /// probability of "none". What is to be read is shown to the encoder at one go. They are read as if the need
    /// of `hidden` did not list its text.
    pub fn guess(&self, normals: &[&str], hidden: Option<(&NeedId, &str)>) -> Vec<(Vec<NeedGuess>, Breadth)> {
        let hidden = Hidden(hidden.and_then(|(need, text)| Some((self.place(need)?, text_hash(text)))));
        let topics: Vec<Option<Ranked>> = normals.iter().map(|normal| self.about(normal, hidden)).collect();
        let of_model = normals.iter().zip(&topics).filter(|(normal, topic)| topic.is_none() && !normal.is_empty());
        let mut meant = self.meanings(&of_model.map(|(normal, _)| *normal).collect::<Vec<_>>()).into_iter();
        let guessed = |(normal, topic): (&&str, Option<Ranked>)| {
            let (ranked, breadth) = match topic {
                Some(ranked) => (ranked, Breadth::Topic),
                None if normal.is_empty() => (Ranked::new(), Breadth::Need),
                None => (self.rank(normal, meant.next().flatten(), hidden), Breadth::Need),
            };
            (ranked.into_iter().map(|(entry, confidence)| self.named(entry, confidence)).collect(), breadth)
        };
        normals.iter().zip(topics).map(guessed).collect()
    }

    fn meanings(&self, normals: &[&str]) -> Vec<Option<Vec<f32>>> {
        match (&self.encoder, &self.base.meanings) {
            (Some(encoder), Some(of)) if !normals.is_empty() => meanings(encoder, of.shape().whole, normals),
            (Some(_) | None, _) => vec![None; normals.len()],
        }
    }

    /// The vectors of all questions, by their texts.
    fn rows(&self) -> Option<(Shape, HashMap<u64, Row<'_>>)> {
        let meanings = self.base.meanings.as_ref()?;
        let questions = (0..self.first_new() as usize + self.edited.len()).flat_map(|entry| self.questions(entry));
        Some((meanings.shape(), questions.filter_map(|question| Some((question.text, question.row?))).collect()))
    }

    fn rank(&self, normal: &str, meaning: Option<Vec<f32>>, hidden: Hidden) -> Ranked {
        let seen = Seen::new(self, normal, meaning.as_deref()).without(hidden);
        let evidence = reading::evidence(self, &seen, |question| !self.gone.contains(&self.base.entry_of[question as usize]));
        let shares = self.fitted.shares(seen.sight(), &evidence);
        let mut ranked: Ranked = evidence.candidates.iter().zip(shares).map(|((entry, _), share)| (*entry, share)).collect();
        let lists =
            |entry: &usize| hidden.lists(*entry, seen.text) && self.questions(*entry).any(|question| question.text == seen.text);
        let word_for_word: Vec<usize> = ranked.iter().map(|(entry, _)| *entry).filter(lists).collect();
        if !word_for_word.is_empty() {
            favour(&mut ranked, &word_for_word);
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }

    /// The entries that a bare topic may mean. The index finds the questions that have all of its letters; how much of one the
    /// topic fills is known by their grams.
    fn about(&self, normal: &str, hidden: Hidden) -> Option<Ranked> {
        let named = topic::named(self.lang, normal)?;
        let letters = words::letters(&extract(self.lang, named));
        let in_view = |question: u32| {
            let entry = self.base.entry_of[question as usize];
            !self.gone.contains(&entry) && hidden.lists(entry as usize, self.base.texts[question as usize])
        };
        let found = self.base.words.with_all(&letters, in_view);
        let mut by_entry: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
        let mut add = |entry: usize, grams: &[u32]| {
            by_entry.entry(entry).or_default().push(letters.len() as f32 / grams.len() as f32);
        };
        found.iter().for_each(|q| add(self.base.entry_of[*q as usize] as usize, self.base.words.grams(*q)));
        for (entry, edited) in (self.first_new() as usize..).zip(&self.edited) {
            let has_all = |question: &Question<'_>| letters.iter().all(|letter| question.grams.binary_search(letter).is_ok());
            let found = edited.questions().filter(|question| hidden.lists(entry, question.text) && has_all(question));
            found.for_each(|question| add(entry, question.grams));
        }
        let text = text_hash(named);
        let lists = |entry: &usize| hidden.lists(*entry, text) && self.questions(*entry).any(|question| question.text == text);
        if by_entry.keys().any(lists) {
            return None;
        }
        let about = |(class, filled)| About { class, filled, solved_by_itself: self.solved_by_itself(class) };
        let mut shares = topic::shares(by_entry.into_iter().map(about).collect())?;
        shares.truncate(reading::CANDIDATES);
        Some(shares)
    }

    fn edited(&self, entry: usize) -> Option<&Edited> {
        entry.checked_sub(self.base.needs.len()).map(|new| &*self.edited[new])
    }

    fn solved_by_itself(&self, entry: usize) -> bool {
        self.edited(entry).map_or_else(|| self.base.solved_by_itself[entry], |edited| edited.listed.solved_by_itself)
    }

    fn named(&self, entry: usize, confidence: f32) -> NeedGuess {
        let need = self.edited(entry).map_or_else(|| &self.base.needs[entry], |edited| &edited.listed.need);
        NeedGuess { need: need.clone(), confidence }
    }

    /// The questions of an entry, in their order.
    fn questions(&self, entry: usize) -> impl Iterator<Item = Question<'_>> {
        let edited = self.edited(entry);
        let of_edit = edited.into_iter().flat_map(Edited::questions);
        let of_base = if edited.is_none() { self.base.questions_of(entry) } else { 0..0 };
        of_base.map(|question| self.base.question(question)).chain(of_edit)
    }
}

impl Base {
    fn entry(&self, need: &NeedId) -> Option<u32> {
        let place = self.by_need.binary_search_by_key(&need, |entry| &self.needs[*entry as usize]);
        place.ok().map(|place| self.by_need[place])
    }

    fn questions_of(&self, entry: usize) -> Range<u32> {
        self.first_question[entry]..self.first_question[entry + 1]
    }

    fn question(&self, question: u32) -> Question<'_> {
        Question {
            number: Some(question),
            text: self.texts[question as usize],
            grams: self.words.grams(question),
            length: self.words.length_of(question),
            row: self.meanings.as_ref().map(|meanings| meanings.row(question)),
        }
    }
}

impl Edited {
    fn questions(&self) -> impl Iterator<Item = Question<'_>> {
        self.grams.iter().enumerate().map(|(place, grams)| Question {
            number: None,
            text: self.texts[place],
            grams,
            length: self.lengths[place],
            row: self.rows.as_ref().map(|rows| rows.row(place)),
        })
    }
}

/// Tells texts in normal form apart.
fn text_hash(normal: &str) -> u64 {
    hash(6, normal.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(need: &str, asked: &[&str]) -> Listed {
        Listed { need: NeedId::from(need), solved_by_itself: false, asked: asked.iter().map(|a| (*a).to_owned()).collect() }
    }

    fn best(catalogue: &Catalogue, text: &str) -> Option<(String, f32)> {
        catalogue.guess(&[text], None)[0].0.first().map(|g| (g.need.as_str().to_owned(), g.confidence))
    }

    #[test]
    fn an_edit_is_found_at_once_and_what_it_replaces_is_not() {
        let many: Vec<Listed> = (0..400)
            .map(|i| listed(&format!("a.{i}"), &[&format!("产品{}怎么申请", char::from_u32(0x4e00 + 7 * i).unwrap())]))
            .collect();
        let catalogue = Catalogue::new(Lang::ZhCn, many, None, None).unwrap();
        let edited =
            catalogue.edit(vec![(NeedId::from("b"), Some(listed("b", &["夜间模式怎么打开"])))]).unwrap().expect("one edit");
        assert!(best(&edited, "夜间模式怎么打开").is_some_and(|(need, sure)| need == "b" && sure > 0.9));
        assert!(best(&edited, "夜间模式在哪打开").is_some_and(|(need, _)| need == "b"));
        assert_eq!((catalogue.len(), edited.len()), (400, 401));
        let changed = edited.edit(vec![(NeedId::from("b"), Some(listed("b", &["深色主题在哪里"])))]).unwrap().expect("two edits");
        assert!(best(&changed, "夜间模式怎么打开").is_none_or(|(need, _)| need != "b"));
        let old = format!("产品{}怎么申请", char::from_u32(0x4e00).unwrap());
        assert_eq!(best(&catalogue, &old).map(|b| b.0), Some("a.0".to_owned()));
        let without = changed.edit(vec![(NeedId::from("a.0"), None), (NeedId::from("b"), None)]).unwrap().expect("more edits");
        assert!(
            without
                .guess(&[&old, "深色主题在哪里"], None)
                .iter()
                .flat_map(|(needs, _)| needs)
                .all(|g| !["a.0", "b"].contains(&g.need.as_str()))
        );
        assert_eq!(without.len(), 399);
    }

    #[test]
    fn second_questions_are_learnt_from_when_the_index_is_built_again() {
        let name = |i: u32| char::from_u32(0x4e00 + 7 * i).unwrap();
        let asked = |ways: &[&str]| -> Vec<Listed> {
            let of_need = |i: u32| ways.iter().map(|way| format!("产品{}{way}", name(i))).collect();
            (0..80).map(|i| Listed { asked: of_need(i), ..listed(&format!("a.{i}"), &[]) }).collect()
        };
        let single = Catalogue::new(Lang::ZhCn, asked(&["怎么申请"]), None, None).unwrap();
        assert!(!single.fitted.is_proven());
        let more = Catalogue::new(Lang::ZhCn, asked(&["怎么申请", "在哪里办"]), None, Some(&single)).unwrap();
        assert!(more.fitted.is_proven());
    }

    #[test]
    fn nothing_known_is_nothing_guessed() {
        let empty = Catalogue::new(Lang::ZhCn, Vec::new(), None, None).unwrap();
        assert!(empty.guess(&["怎么还款", ""], None).iter().all(|(needs, _)| needs.is_empty()));
    }
}
