//! The reader of messages: one model per language, trained on the published knowledge. Owns training, update and the
//! assembly of an [`Understanding`]; carries no conversation state.

use crate::encoder::Encoder;
use crate::model::{Calibration, Material, Model, Sample, Traffic};
use crate::text::{detect, normalise};
use crate::topic::{Question, Topics};
use crate::{background, context, entities, mood, signals};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::Knowledge;
use jieti_domain::understanding::{Breadth, Lang, NeedGuess, Previous, Prior, Understanding};
use jiff::civil::Date;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LANGS: [Lang; 2] = [Lang::ZhCn, Lang::En];
/// Guesses handed on; more would only be read by nobody.
const GUESSES: usize = 5;
/// Guesses below this are noise.
const LEAST: f32 = 0.01;

/// Reads customers' messages. `Send + Sync`; share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Language {
    encoder: Option<Arc<Encoder>>,
    models: BTreeMap<Lang, Arc<Trained>>,
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
        let trained = |&lang: &Lang| (lang, Arc::new(Trained::new(lang, Written::of(knowledge, lang), None, encoder.as_ref())));
        let models = LANGS.par_iter().map(trained).collect();
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
                let written = Written::of(knowledge, lang);
                let trained = match self.models.get(&lang) {
                    Some(before) if !changed.iter().any(|need| before.written.differs(&written, need)) => Arc::clone(before),
                    before => Arc::new(Trained::new(lang, written, before.map(Arc::as_ref), self.encoder.as_ref())),
                };
                (lang, trained)
            })
            .collect();
        Language { encoder: self.encoder.clone(), models }
    }

    /// Reads one message. Never panics, whatever the text; only the first 2,000 characters are read.
    pub fn understand(&self, reading: &Reading<'_>) -> Understanding {
        let lang = detect(reading.text, reading.lang_hint);
        let normal = normalise(reading.text);
        let (mut needs, mut breadth) = self.models.get(&lang).map(|trained| trained.guess(&normal)).unwrap_or_default();
        if let Some(prior) = reading.context.prior {
            let all = self.models.get(&lang).map_or(0, |trained| trained.needs.len());
            context::weigh(&mut needs, prior, all);
        }
        if let Some(previous) = reading.context.previous.filter(|_| context::leans(&normal)) {
            context::follow(&mut needs, previous);
            breadth = Breadth::Need;
        }
        needs.retain(|guess| guess.confidence >= LEAST);
        needs.truncate(GUESSES);
        Understanding {
            lang,
            needs,
            breadth,
            entities: entities::entities(reading.text, reading.today),
            signals: signals::signals(reading.text),
            mood: mood::mood(reading.text),
        }
    }
}

impl Written {
    fn of(knowledge: &Knowledge, lang: Lang) -> Self {
        let by_need = knowledge
            .iter()
            .filter_map(|entry| {
                let text = entry.texts.get(&lang)?;
                let asked = std::iter::once(&text.title).chain(&text.ask).cloned().collect();
                let lesson = Lesson { asked, answer: text.answer.clone(), solved_by_itself: entry.flow.is_some() };
                Some((entry.id.clone(), lesson))
            })
            .collect();
        Self { by_need }
    }

    fn differs(&self, other: &Written, need: &NeedId) -> bool {
        self.by_need.get(need) != other.by_need.get(need)
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
