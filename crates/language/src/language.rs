//! The reader of messages: one model per language, trained on the published knowledge. Owns training, update and the
//! assembly of an [`Understanding`]; carries no conversation state.

use crate::catalogue::{Catalogue, Listed};
use crate::encoder::sentence::{EncodeError, Encoders, SentenceEncoder};
use crate::model::{Calibration, Material, Model, Sample, Traffic, believe_at_most};
use crate::text::normalise;
use crate::tongue::{Heard, Tongue, Vocabulary, hear};
use crate::topic::{Question, Topics};
use crate::{background, clauses, context, entities, mood, signals};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::understanding::{Breadth, Lang, NeedGuess, Previous, Prior, Understanding};
use jiff::civil::Date;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LANGS: [Lang; 2] = [Lang::ZhCn, Lang::En];
/// Guesses handed on; more would only be read by nobody.
const GUESSES: usize = 5;
/// Needs of a language beyond which they are read by retrieval: training holds a dozen models of a weight for each
/// gram and need, 300 MB at this size.
const MOST_TRAINED: usize = 600;
/// From here on a part of a message asks for something by itself.
const SURE_ALONE: f32 = 0.75;
/// Below this a part of a message asks for nothing.
const ASKS_NOTHING: f32 = 0.3;
/// The most that is believed of what a message in another language resembles: it can be offered, never answered.
const MOST_FOREIGN: f32 = 0.45;
/// Guesses below this are noise.
const LEAST: f32 = 0.01;

/// Reads customers' messages. `Send + Sync`; share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Language {
    encoders: Encoders,
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
    vocabulary: Vocabulary,
    model: Model,
}

impl Language {
    /// Trains a model for each language, calibration included, by its words alone. The same knowledge gives the same model.
    pub fn train(knowledge: &Knowledge) -> Language {
        Language::train_with(knowledge, Encoders::default()).expect("no encoder is asked, so none can fail")
    }

    /// The same, with what encoders know of other words in the languages they were trained on.
    ///
    /// # Errors
    /// Where an encoder gave no vectors.
    pub fn train_with(knowledge: &Knowledge, encoders: Encoders) -> Result<Language, EncodeError> {
        let models =
            LANGS.par_iter().map(|&lang| Ok((lang, Reader::new(lang, knowledge, None, &encoders)?))).collect::<Result<_, _>>()?;
        Ok(Language { encoders, models })
    }

    pub fn encoders(&self) -> &Encoders {
        &self.encoders
    }

    /// Whether reading a message may take longer than a few milliseconds.
    pub fn is_slow(&self) -> bool {
        self.encoders.must_be_asked()
    }

    /// Trains again after an edit, keeping the calibration; languages that the edit does not touch are shared as they are.
    ///
    /// # Errors
    /// Where an encoder gave no vectors.
    pub fn update(&self, knowledge: &Knowledge, changed: &BTreeSet<NeedId>) -> Result<Language, EncodeError> {
        let models = LANGS
            .par_iter()
            .map(|&lang| {
                let reader = match self.models.get(&lang) {
                    Some(before) => before.update(lang, knowledge, changed, &self.encoders),
                    None => Reader::new(lang, knowledge, None, &self.encoders),
                };
                Ok((lang, reader?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Language { encoders: self.encoders.clone(), models })
    }

    /// Whether so much was edited since a large index was built that reading takes longer: see [`Language::renewed`].
    pub fn is_worn(&self) -> bool {
        self.models.values().any(Reader::is_worn)
    }

    /// The same with worn indexes built again, of the knowledge that it has.
    ///
    /// # Errors
    /// Where an encoder gave no vectors.
    pub fn renewed(&self, knowledge: &Knowledge) -> Result<Language, EncodeError> {
        let renew = |(lang, reader): (&Lang, &Reader)| {
            let reader =
                if reader.is_worn() { Reader::new(*lang, knowledge, Some(reader), &self.encoders) } else { Ok(reader.clone()) };
            Ok((*lang, reader?))
        };
        Ok(Language { encoders: self.encoders.clone(), models: self.models.iter().map(renew).collect::<Result<_, _>>()? })
    }

    /// Reads one message. Never panics, whatever the text; only the first 2,000 characters are read.
    pub fn understand(&self, reading: &Reading<'_>) -> Understanding {
        self.read(reading, &self.hear(reading), None)
    }

    /// The same, as if `need` did not list this message word for word: how it would be read had nobody written it down there.
    /// `None` where its language is read by a model that was trained on all questions and can forget none.
    pub fn understand_unlisted(&self, reading: &Reading<'_>, need: &NeedId) -> Option<Understanding> {
        let heard = self.hear(reading);
        self.can_hide(heard.lang).then(|| self.read(reading, &heard, Some(need)))
    }

    /// Whether messages of a language can be read as if they were not listed.
    pub fn can_hide(&self, lang: Lang) -> bool {
        self.models.get(&lang).is_some_and(|reader| reader.as_catalogue().is_some())
    }

    fn hear<'a>(&self, reading: &Reading<'a>) -> Heard<'a> {
        let vocabulary = |lang| self.models.get(&lang).map(Reader::vocabulary);
        hear(reading.text, reading.lang_hint, vocabulary(Lang::ZhCn), vocabulary(Lang::En))
    }

    fn read(&self, reading: &Reading<'_>, heard: &Heard<'_>, unlisted: Option<&NeedId>) -> Understanding {
        let lang = heard.lang;
        let normal = &heard.normal;
        let parts: Vec<String> = match heard.tongue {
            Tongue::Own => clauses::clauses(&heard.text).iter().map(|part| normalise(part)).collect(),
            Tongue::Foreign => Vec::new(),
        };
        let model = self.models.get(&lang);
        let mut guessed = model.map(|reader| reader.guess(normal, &parts, unlisted)).unwrap_or_default().into_iter();
        let (mut needs, mut breadth) = guessed.next().unwrap_or_default();
        let mut second = None;
        if let Some(asked) = asked_in_parts(guessed, &needs) {
            (needs, second, breadth) = (asked.needs, asked.second, Breadth::Need);
        }
        if let Some(prior) = reading.context.prior {
            let all = self.models.get(&lang).map_or(0, Reader::len);
            context::weigh(&mut needs, prior, all);
        }
        if heard.tongue == Tongue::Foreign {
            believe_at_most(needs.iter_mut().map(|guess| &mut guess.confidence).collect(), MOST_FOREIGN);
        }
        if let Some(previous) = reading.context.previous.filter(|_| context::leans(normal)) {
            context::follow(&mut needs, previous);
            breadth = Breadth::Need;
        }
        let second = second.filter(|second| needs.first().is_some_and(|first| first.need != second.need));
        needs.retain(|guess| guess.confidence >= LEAST);
        needs.truncate(GUESSES);
        let mut signals = signals::signals(reading.text);
        // "zhuan rengong" asks for a person in the characters it spells.
        if let Cow::Owned(written) = &heard.text {
            signals.extend(signals::signals(written));
        }
        Understanding {
            lang,
            needs,
            second,
            breadth,
            entities: entities::entities(reading.text, reading.today),
            signals,
            mood: mood::mood(reading.text),
        }
    }
}

/// Needs, the likeliest first, and whether they are read from the words or share a bare topic.
type Guessed = (Vec<NeedGuess>, Breadth);

impl Reader {
    fn new(lang: Lang, knowledge: &Knowledge, before: Option<&Reader>, encoders: &Encoders) -> Result<Self, EncodeError> {
        if knowledge.iter().filter(|entry| entry.texts.contains_key(&lang)).count() > MOST_TRAINED {
            let before = before.and_then(Reader::as_catalogue);
            let listed = knowledge.iter().filter_map(|entry| listed(lang, entry));
            return Ok(Reader::Catalogue(Arc::new(Catalogue::new(lang, listed, encoders.of(lang), before)?)));
        }
        let before = before.and_then(Reader::as_trained);
        Ok(Reader::Trained(Arc::new(Trained::new(lang, Written::of(knowledge, lang), before, encoders.of(lang).as_ref())?)))
    }

    fn as_trained(&self) -> Option<&Trained> {
        match self {
            Reader::Trained(trained) => Some(trained),
            Reader::Catalogue(_) => None,
        }
    }

    fn as_catalogue(&self) -> Option<&Catalogue> {
        match self {
            Reader::Trained(_) => None,
            Reader::Catalogue(catalogue) => Some(catalogue),
        }
    }

    fn update(
        &self,
        lang: Lang,
        knowledge: &Knowledge,
        changed: &BTreeSet<NeedId>,
        encoders: &Encoders,
    ) -> Result<Self, EncodeError> {
        match self {
            Reader::Trained(before) => {
                let is_touched = changed.iter().any(|need| before.written.differs(lang, knowledge.get(need), need));
                if is_touched { Reader::new(lang, knowledge, Some(self), encoders) } else { Ok(self.clone()) }
            }
            Reader::Catalogue(before) => {
                let change = |need: &NeedId| (need.clone(), knowledge.get(need).and_then(|entry| listed(lang, entry)));
                match before.edit(changed.iter().map(change).collect())? {
                    Some(edited) if edited.len() > MOST_TRAINED => Ok(Reader::Catalogue(Arc::new(edited))),
                    Some(_) | None => Reader::new(lang, knowledge, Some(self), encoders),
                }
            }
        }
    }

    fn is_worn(&self) -> bool {
        self.as_catalogue().is_some_and(Catalogue::is_worn)
    }

    fn len(&self) -> usize {
        match self {
            Reader::Trained(trained) => trained.needs.len(),
            Reader::Catalogue(catalogue) => catalogue.len(),
        }
    }

    /// What is known of a language's words.
    fn vocabulary(&self) -> &Vocabulary {
        match self {
            Reader::Trained(trained) => &trained.vocabulary,
            Reader::Catalogue(catalogue) => catalogue.vocabulary(),
        }
    }

    /// Of the whole message and of each of its parts, all in normal form; as if `unlisted` did not list the whole, where a
    /// question can be hidden.
    fn guess(&self, whole: &str, parts: &[String], unlisted: Option<&NeedId>) -> Vec<Guessed> {
        let texts: Vec<&str> = std::iter::once(whole).chain(parts.iter().map(String::as_str)).collect();
        match self {
            Reader::Trained(trained) => trained.guess(&texts),
            Reader::Catalogue(catalogue) => catalogue.guess(&texts, unlisted.map(|need| (need, whole))),
        }
    }
}

/// What the parts of a message ask for, where they say more than the whole: two needs, each sure by its own part, in their
/// order; or one need, where all other parts ask for nothing and only blur it.
fn asked_in_parts(parts: impl Iterator<Item = Guessed>, whole: &[NeedGuess]) -> Option<Asked> {
    let mut sure: Vec<Vec<NeedGuess>> = Vec::new();
    let mut others_ask = false;
    for (ranked, breadth) in parts {
        let confidence = ranked.first().map_or(0.0, |first| first.confidence);
        if breadth != Breadth::Need || confidence < SURE_ALONE {
            others_ask |= breadth != Breadth::Need || confidence >= ASKS_NOTHING;
        } else if sure.iter().all(|other| other[0].need != ranked[0].need) {
            sure.push(ranked);
        }
    }
    let is_sure = whole.first().is_some_and(|first| first.confidence >= SURE_ALONE);
    let is_of_part = |need: &NeedId| sure.iter().any(|part| part[0].need == *need);
    match sure.as_slice() {
        [only] if !is_sure && !others_ask => Some(Asked { needs: only.clone(), second: None }),
        // A whole that is sure of something else again is no sum of its parts.
        [first, second, ..] if !is_sure || whole.first().is_some_and(|whole| is_of_part(&whole.need)) => {
            Some(Asked { needs: first.clone(), second: Some(second[0].clone()) })
        }
        _ => None,
    }
}
/// What the parts of a message ask for.
struct Asked {
    needs: Vec<NeedGuess>,
    second: Option<NeedGuess>,
}

fn listed(lang: Lang, entry: &Entry) -> Option<Listed> {
    let text = entry.texts.get(&lang)?;
    let asked = std::iter::once(&text.title).chain(&text.ask).map(|question| normalise(question)).collect();
    Some(Listed { need: entry.id.clone(), asked, solved_by_itself: entry.flow.is_some() })
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
    fn new(
        lang: Lang,
        written: Written,
        before: Option<&Trained>,
        encoder: Option<&Arc<dyn SentenceEncoder>>,
    ) -> Result<Self, EncodeError> {
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
            Some(before) if before.needs.len() * 2 > written.by_need.len() => Calibration::Keep(before.model.blends()),
            Some(_) | None => Calibration::Fit,
        };
        // Without needs there is nothing to ask it for.
        let encoder = encoder.filter(|_| !written.by_need.is_empty());
        let material = Material {
            classes: written.by_need.len(),
            samples: &samples,
            answers: &answers,
            background: &background,
            encoder,
            networks: None,
        };
        let questions = samples.iter().map(|sample| sample.text.as_str());
        let vocabulary = Vocabulary::new(lang, questions, answers.iter().chain(&background).map(String::as_str));
        let model = Model::train(lang, &material, calibration, Traffic::default())?;
        let solved: Vec<bool> = written.by_need.values().map(|lesson| lesson.solved_by_itself).collect();
        let topics = Topics::new(lang, &solved, samples.iter().map(|s| Question { class: s.class, text: &s.text }));
        Ok(Trained { needs: written.by_need.keys().cloned().collect(), written, topics, vocabulary, model })
    }

    /// A bare topic is about all of its needs; a model that has seen it beside one of them more often is only lucky. What is to
    /// be read is shown to the encoder at one go: it may be far away.
    fn guess(&self, normals: &[&str]) -> Vec<Guessed> {
        let topics: Vec<_> = normals.iter().map(|normal| self.topics.needs_of(normal)).collect();
        let of_model = normals.iter().zip(&topics).filter(|(normal, topic)| topic.is_none() && !normal.is_empty());
        let mut meanings = self.model.meanings(&of_model.map(|(normal, _)| *normal).collect::<Vec<_>>()).into_iter();
        let guess = |(class, confidence): (usize, f32)| NeedGuess { need: self.needs[class].clone(), confidence };
        let guessed = |(normal, topic): (&&str, Option<Vec<(usize, f32)>>)| {
            let (ranked, breadth) = match topic {
                Some(needs) => (needs, Breadth::Topic),
                None if normal.is_empty() => (Vec::new(), Breadth::Need),
                None => (self.model.rank_seen(normal, meanings.next().flatten()), Breadth::Need),
            };
            (ranked.into_iter().map(guess).collect(), breadth)
        };
        normals.iter().zip(topics).map(guessed).collect()
    }
}
