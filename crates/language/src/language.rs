//! The reader of messages: one model per language, trained on the published knowledge. Owns training, update and the
//! assembly of an [`Understanding`]; carries no conversation state.

use crate::catalogue::{Catalogue, Listed};
use crate::encoder::Encoder;
use crate::model::{Calibration, Material, Model, Sample, Traffic};
use crate::text::{detect, normalise};
use crate::topic::{Question, Topics};
use crate::{background, clauses, context, entities, mood, signals};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::understanding::{Breadth, Lang, NeedGuess, Previous, Prior, Understanding};
use jiff::civil::Date;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LANGS: [Lang; 2] = [Lang::ZhCn, Lang::En];
/// Guesses handed on; more would only be read by nobody.
const GUESSES: usize = 5;
/// Needs of a language beyond which they are read by retrieval alone: training holds a dozen models of a weight for each
/// gram and need, 300 MB at this size.
const MOST_TRAINED: usize = 600;
/// From here on a part of a message asks for something by itself.
const SURE_ALONE: f32 = 0.75;
/// Guesses below this are noise.
const LEAST: f32 = 0.01;

/// Reads customers' messages. `Send + Sync`; share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Language {
    encoder: Option<Arc<Encoder>>,
    models: BTreeMap<Lang, Reader>,
}

/// How a language is read.
#[derive(Debug, Clone)]
enum Reader {
    Trained(Arc<Trained>),
    /// There are too many needs for a model of each.
    Catalogue(Arc<Catalogue>),
}

/// One message to read, with what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub text: &'a str,
    /// The customer's calendar day, against which "tomorrow" is read.
    pub today: Date,
    /// Language of the conversation so far.
    pub lang_hint: Option<Lang>,
    pub context: Context<'a>,
}

/// What is known before the message is read. The default knows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// From the journey.
    pub prior: Option<&'a Prior>,
    /// From the turn before.
    pub previous: Option<&'a Previous>,
}

/// What of an entry is learnt, in one language.
#[derive(Debug, PartialEq, Eq)]
struct Lesson {
    /// The ways to ask, title first.
    asked: Vec<String>,
    answer: String,
    /// There is a flow for it.
    solved_by_itself: bool,
}

/// The lessons of one language, by need.
#[derive(Debug)]
struct Written {
    by_need: BTreeMap<NeedId, Lesson>,
}

#[derive(Debug)]
struct Trained {
    needs: Vec<NeedId>,
    /// What it was trained on, to see whether an edit concerns this language at all.
    written: Written,
    topics: Topics,
    model: Model,
}

impl Language {
    /// Trains a model for each language, calibration included, by its words alone. The same knowledge gives the same model.
    pub fn train(knowledge: &Knowledge) -> Language {
        Language::train_with(knowledge, None)
    }

    /// The same, with what an encoder knows of other words in the languages it was trained on.
    pub fn train_with(knowledge: &Knowledge, encoder: Option<Arc<Encoder>>) -> Language {
        let models = LANGS.par_iter().map(|&lang| (lang, Reader::new(lang, knowledge, None, encoder.as_ref()))).collect();
        Language { encoder, models }
    }

    pub fn encoder(&self) -> Option<&Arc<Encoder>> {
        self.encoder.as_ref()
    }

    /// Trains again after an edit, keeping the calibration; languages that the edit does not touch are shared as they are.
    pub fn update(&self, knowledge: &Knowledge, changed: &BTreeSet<NeedId>) -> Language {
        let models = LANGS
            .par_iter()
            .map(|&lang| {
                let reader = match self.models.get(&lang) {
                    Some(before) => before.update(lang, knowledge, changed, self.encoder.as_ref()),
                    None => Reader::new(lang, knowledge, None, self.encoder.as_ref()),
                };
                (lang, reader)
            })
            .collect();
        Language { encoder: self.encoder.clone(), models }
    }

    /// Reads one message. Never panics, whatever the text; only the first 2,000 characters are read.
    pub fn understand(&self, reading: &Reading<'_>) -> Understanding {
        let lang = detect(reading.text, reading.lang_hint);
        let normal = normalise(reading.text);
        let (mut needs, mut breadth) = self.models.get(&lang).map(|reader| reader.guess(&normal)).unwrap_or_default();
        let second = self.models.get(&lang).and_then(|reader| reader.second(reading.text, &mut needs));
        if second.is_some() {
            breadth = Breadth::Need;
        }
        if let Some(prior) = reading.context.prior {
            let all = self.models.get(&lang).map_or(0, Reader::len);
            context::weigh(&mut needs, prior, all);
        }
        if let Some(previous) = reading.context.previous.filter(|_| context::leans(&normal)) {
            context::follow(&mut needs, previous);
            breadth = Breadth::Need;
        }
        let second = second.filter(|second| needs.first().is_some_and(|first| first.need != second.need));
        needs.retain(|guess| guess.confidence >= LEAST);
        needs.truncate(GUESSES);
        Understanding {
            lang,
            needs,
            second,
            breadth,
            entities: entities::entities(reading.text, reading.today),
            signals: signals::signals(reading.text),
            mood: mood::mood(reading.text),
        }
    }
}

impl Reader {
    fn new(lang: Lang, knowledge: &Knowledge, before: Option<&Trained>, encoder: Option<&Arc<Encoder>>) -> Self {
        if knowledge.iter().filter(|entry| entry.texts.contains_key(&lang)).count() > MOST_TRAINED {
            let listed = knowledge.iter().filter_map(|entry| listed(lang, entry)).collect();
            return Reader::Catalogue(Arc::new(Catalogue::new(lang, listed)));
        }
        Reader::Trained(Arc::new(Trained::new(lang, Written::of(knowledge, lang), before, encoder)))
    }

    fn update(&self, lang: Lang, knowledge: &Knowledge, changed: &BTreeSet<NeedId>, encoder: Option<&Arc<Encoder>>) -> Self {
        match self {
            Reader::Trained(before) => {
                let is_touched = changed.iter().any(|need| before.written.differs(lang, knowledge.get(need), need));
                if is_touched { Reader::new(lang, knowledge, Some(before), encoder) } else { self.clone() }
            }
            Reader::Catalogue(before) => {
                let change = |need: &NeedId| (need.clone(), knowledge.get(need).and_then(|entry| listed(lang, entry)));
                match before.edit(changed.iter().map(change).collect()) {
                    Some(edited) if edited.len() > MOST_TRAINED => Reader::Catalogue(Arc::new(edited)),
                    Some(_) | None => Reader::new(lang, knowledge, None, encoder),
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Reader::Trained(trained) => trained.needs.len(),
            Reader::Catalogue(catalogue) => catalogue.len(),
        }
    }

    fn guess(&self, normal: &str) -> (Vec<NeedGuess>, Breadth) {
        match self {
            Reader::Trained(trained) => trained.guess(normal),
            Reader::Catalogue(catalogue) => (catalogue.rank(normal), Breadth::Need),
        }
    }

    /// Another need than the first, where two parts of the message are each sure of their own; the first is then
    /// the need of the part that comes first.
    fn second(&self, text: &str, needs: &mut Vec<NeedGuess>) -> Option<NeedGuess> {
        let mut parts: Vec<Vec<NeedGuess>> = Vec::new();
        for part in clauses::clauses(text) {
            let (ranked, breadth) = self.guess(&normalise(&part));
            let sure = ranked.first().filter(|first| breadth == Breadth::Need && first.confidence >= SURE_ALONE);
            if sure.is_some_and(|sure| parts.iter().all(|other| other[0].need != sure.need)) {
                parts.push(ranked);
            }
        }
        let [first, second, ..] = parts.as_slice() else { return None };
        // A whole that is sure of something else again is no sum of its parts.
        let other = needs
            .first()
            .is_some_and(|whole| whole.confidence >= SURE_ALONE && parts.iter().all(|part| part[0].need != whole.need));
        if other {
            return None;
        }
        let second = second[0].clone();
        *needs = first.clone();
        Some(second)
    }
}

fn listed(lang: Lang, entry: &Entry) -> Option<Listed> {
    let text = entry.texts.get(&lang)?;
    let asked = std::iter::once(&text.title).chain(&text.ask).map(|question| normalise(question)).collect();
    Some(Listed { need: entry.id.clone(), asked })
}

impl Written {
    fn of(knowledge: &Knowledge, lang: Lang) -> Self {
        let lesson = |entry: &Entry| Some((entry.id.clone(), Lesson::of(lang, entry)?));
        Self { by_need: knowledge.iter().filter_map(lesson).collect() }
    }

    fn differs(&self, lang: Lang, entry: Option<&Entry>, need: &NeedId) -> bool {
        self.by_need.get(need) != entry.and_then(|entry| Lesson::of(lang, entry)).as_ref()
    }
}

impl Lesson {
    fn of(lang: Lang, entry: &Entry) -> Option<Self> {
        let text = entry.texts.get(&lang)?;
        let asked = std::iter::once(&text.title).chain(&text.ask).cloned().collect();
        Some(Lesson { asked, answer: text.answer.clone(), solved_by_itself: entry.flow.is_some() })
    }
}

impl Trained {
    fn new(lang: Lang, written: Written, before: Option<&Trained>, encoder: Option<&Arc<Encoder>>) -> Self {
        let samples: Vec<Sample> = written
            .by_need
            .values()
            .enumerate()
            .flat_map(|(class, lesson)| lesson.asked.iter().map(move |text| Sample { class, text: normalise(text), weight: 1.0 }))
            .collect();
        let answers: Vec<String> = written.by_need.values().map(|lesson| normalise(&lesson.answer)).collect();
        let background: Vec<String> = background::lines(lang).map(normalise).collect();
        // A calibration fitted on next to nothing says nothing about the entries that come after.
        let calibration = match before {
            Some(before) if before.needs.len() * 2 > written.by_need.len() => Calibration::Keep(before.model.blend()),
            Some(_) | None => Calibration::Fit,
        };
        let material = Material {
            classes: written.by_need.len(),
            samples: &samples,
            answers: &answers,
            background: &background,
            encoder: encoder.filter(|e| e.knows(lang)),
            networks: None,
        };
        let model = Model::train(lang, &material, calibration, Traffic::default());
        let solved: Vec<bool> = written.by_need.values().map(|lesson| lesson.solved_by_itself).collect();
        let topics = Topics::new(lang, &solved, samples.iter().map(|s| Question { class: s.class, text: &s.text }));
        Trained { needs: written.by_need.keys().cloned().collect(), written, topics, model }
    }

    /// A bare topic is about all of its needs; a model that has seen it beside one of them more often is only lucky.
    fn guess(&self, normal: &str) -> (Vec<NeedGuess>, Breadth) {
        let (ranked, breadth) = match self.topics.needs_of(normal) {
            Some(needs) => (needs, Breadth::Topic),
            None => (self.model.rank(normal), Breadth::Need),
        };
        let guess = |(class, confidence): (usize, f32)| NeedGuess { need: self.needs[class].clone(), confidence };
        (ranked.into_iter().map(guess).collect(), breadth)
    }
}
