//! The next model: trained beside the service from what people accepted, read in the shadow of the live one, promoted only when it is
//! better on the frozen test, and taken back by one act. Its story is in the store; a restart trains the same models again.

use super::KnowledgeError;
use super::learnt::{Learnt, LearntLine, Split, split, with_lines};
use crate::{Brain, Engine};
use jieti_domain::attribution::china_day;
use jieti_domain::conversation::NeedSeen;
use jieti_domain::id::ConversationId;
use jieti_domain::knowledge::{Drift, Knowledge, ReadOn, drift};
use jieti_domain::statistics::{Paired, mcnemar};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Understanding;
use jieti_language::encoder::sentence::{EncodeError, Encoders};
use jieti_language::{Context, Language, Reading};
use jieti_store::{ModelAct, ModelRow, ReadingDay, Review, ShadowRow, Store};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError};

/// A model that reads beside the live one and answers nobody.
pub(crate) struct Shadow {
    learnt: Arc<Learnt>,
    language: Language,
    /// What it was trained on besides its lines.
    knowledge: Arc<Knowledge>,
}

/// How a model did on the frozen test, against the one that was live.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    pub questions: usize,
    pub live_right: usize,
    pub right: usize,
    pub paired: Paired,
    /// Test questions that stand in the knowledge word for word.
    pub left_out: usize,
}

/// A model's lines and its test, as stored.
#[derive(Serialize, Deserialize)]
struct Body {
    lines: Vec<LearntLine>,
    test: TestResult,
}

/// One trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelView {
    pub version: u64,
    pub at: Timestamp,
    pub author: String,
    pub lines: usize,
    pub test: TestResult,
}

/// Everything that the model page shows.
#[derive(Debug, Clone)]
pub struct ModelState {
    pub live: u64,
    pub shadow: Option<u64>,
    /// Where a way back leads; `None` where nothing was promoted.
    pub previous: Option<u64>,
    pub training: bool,
    pub models: Vec<ModelView>,
    pub acts: Vec<ModelAct>,
    /// Messages that both have read, and on how many they differ.
    pub shadowed: (u64, u64),
    pub differences: Vec<ShadowRow>,
    /// Lessons that wait, were accepted, were refused.
    pub lessons: (u64, u64, u64),
    pub days: Vec<ReadingDay>,
    pub drift: Option<Drift>,
}

/// Which model is what, as the acts have made it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Story {
    pub live: u64,
    before: Vec<u64>,
    shadow: Option<u64>,
}

const TRAINED: &str = "trained";
const PROMOTED: &str = "promoted";
const ROLLED_BACK: &str = "rolled_back";
/// Level of the significance test before a promotion.
const LEVEL: f64 = 0.05;
const MODELS_SHOWN: u64 = 20;
const DIFFERENCES_SHOWN: u64 = 100;
const WEEK: i64 = 7;

impl Story {
    fn of(acts: &[ModelAct]) -> Story {
        let mut story = Story::default();
        for act in acts {
            match act.act.as_str() {
                TRAINED => story.shadow = Some(act.version),
                PROMOTED => {
                    story.before.push(story.live);
                    story.live = act.version;
                    story.shadow = None;
                }
                ROLLED_BACK => {
                    story.before.pop();
                    story.live = act.version;
                }
                _ => {}
            }
        }
        story
    }
}

/// The lines that the live model has learnt.
pub(crate) async fn live_lines(store: &Store) -> Result<Learnt, jieti_store::ReadError> {
    let story = Story::of(&store.model_acts().await?);
    lines_of(store, story.live).await
}

async fn lines_of(store: &Store, version: u64) -> Result<Learnt, jieti_store::ReadError> {
    if version == 0 {
        return Ok(Learnt::default());
    }
    let models = store.models(u64::from(u32::MAX)).await?;
    let found = models.iter().find(|m| m.version == version).map(body).transpose()?;
    Ok(Learnt { version, lines: found.map(|b| b.lines).unwrap_or_default() })
}

fn body(row: &ModelRow) -> Result<Body, jieti_store::ReadError> {
    serde_json::from_str(&row.body).map_err(|e| jieti_store::ReadError::Format { table: "model_version", detail: e.to_string() })
}

async fn train(knowledge: Arc<Knowledge>, learnt: Arc<Learnt>, encoders: Encoders) -> Result<Language, EncodeError> {
    beside(move || Language::train_with(&with_lines(&knowledge, &learnt), encoders)).await
}

/// Trains on one thread, so that a core is left for customers.
pub(super) async fn beside(
    training: impl FnOnce() -> Result<Language, EncodeError> + Send + 'static,
) -> Result<Language, EncodeError> {
    let work = tokio::task::spawn_blocking(move || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one more thread can be had");
        pool.install(training)
    });
    work.await.expect("training does not panic on checked entries")
}

impl Engine {
    /// Trains a next model in the background; it reads beside the live one when it is done.
    ///
    /// # Errors
    /// `Training` where one is being trained already, `NothingToLearn` where no accepted pair is new.
    pub async fn train_next(&self, author: &str) -> Result<(), KnowledgeError> {
        let split = self.split().await?;
        if split.lines.is_empty() {
            return Err(KnowledgeError::NothingToLearn);
        }
        if self.0.training.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return Err(KnowledgeError::Training);
        }
        let (engine, author) = (self.clone(), author.to_owned());
        tokio::spawn(async move {
            if let Err(error) = engine.train_from(split, &author).await {
                tracing::warn!(%error, "the next model could not be kept; the live one goes on, train again");
            }
            engine.0.training.store(false, std::sync::atomic::Ordering::SeqCst);
        });
        Ok(())
    }

    async fn split(&self) -> Result<Split, KnowledgeError> {
        let (accepted, questions) = (self.0.store.lessons_accepted().await?, self.0.store.test_questions().await?);
        Ok(split(&accepted, &questions, &self.brain().rules.knowledge))
    }

    async fn train_from(&self, split: Split, author: &str) -> Result<(), KnowledgeError> {
        let version = self.0.store.models(1).await?.first().map_or(0, |m| m.version) + 1;
        let brain = self.brain();
        let shadow = self.trained_shadow(&Arc::new(Learnt { version, lines: split.lines.clone() })).await?;
        let (engine, live, next) = (self.clone(), Arc::clone(&brain), Arc::clone(&shadow));
        let work = tokio::task::spawn_blocking(move || {
            let test = engine.tested_on(&split, &live.language, &next.language);
            (test, split.lines)
        });
        let (test, lines) = work.await.expect("reading a question does not panic");
        let now = self.now();
        let row = ModelRow {
            version,
            at: now,
            author: author.to_owned(),
            body: serde_json::to_string(&Body { lines, test }).expect("lines have string keys"),
        };
        self.0.store.save_model(&row, &act(TRAINED, version, author, String::new(), now)).await?;
        self.set_shadow(Some(shadow));
        // What was published while it was trained is not in it yet.
        self.follow().await;
        Ok(())
    }

    fn tested_on(&self, split: &Split, live: &Language, next: &Language) -> TestResult {
        let (today, fair) = (self.now().china_date(), self.brain().rules.policy.fair_from);
        let right = |language: &Language, text: &str, lang, expect: &Option<_>| {
            let reading = Reading { text, today, lang_hint: Some(lang), context: Context::default() };
            let best = language.understand(&reading).needs.into_iter().next();
            best.filter(|b| expect.is_some() || b.confidence >= fair).map(|b| b.need) == *expect
        };
        let (mut live_right, mut next_right, mut broken, mut mended) = (0, 0, 0, 0);
        for (text, lang, expect) in &split.test {
            let (was, is) = (right(live, text, *lang, expect), right(next, text, *lang, expect));
            live_right += usize::from(was);
            next_right += usize::from(is);
            broken += u64::from(was && !is);
            mended += u64::from(!was && is);
        }
        TestResult {
            questions: split.test.len(),
            live_right,
            right: next_right,
            paired: mcnemar(broken, mended),
            left_out: split.left_out,
        }
    }

    fn shadow(&self) -> Option<Arc<Shadow>> {
        self.0.shadow.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_shadow(&self, shadow: Option<Arc<Shadow>>) {
        *self.0.shadow.write().unwrap_or_else(PoisonError::into_inner) = shadow;
    }

    /// Brings the model in the shadow to the knowledge that is live.
    pub(super) async fn follow(&self) {
        while let Some(shadow) = self.shadow().filter(|s| !Arc::ptr_eq(&s.knowledge, &self.brain().rules.knowledge)) {
            let next = match self.trained_shadow(&shadow.learnt).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "the model in the shadow stays behind the knowledge until the next publication");
                    return;
                }
            };
            let is_the_same = self.shadow().is_some_and(|s| s.learnt.version == shadow.learnt.version);
            if !is_the_same {
                return;
            }
            self.set_shadow(Some(next));
        }
    }

    async fn trained_shadow(&self, learnt: &Arc<Learnt>) -> Result<Arc<Shadow>, EncodeError> {
        let brain = self.brain();
        let (knowledge, encoders) = (Arc::clone(&brain.rules.knowledge), brain.language.encoders().clone());
        let language = train(Arc::clone(&knowledge), Arc::clone(learnt), encoders).await?;
        Ok(Arc::new(Shadow { learnt: Arc::clone(learnt), language, knowledge }))
    }

    /// After a restart: the model that read in the shadow does so again.
    pub(crate) async fn restore_shadow(&self) -> Result<(), KnowledgeError> {
        let story = Story::of(&self.0.store.model_acts().await?);
        let Some(version) = story.shadow else { return Ok(()) };
        let learnt = Arc::new(lines_of(&self.0.store, version).await?);
        let shadow = self.trained_shadow(&learnt).await?;
        self.set_shadow(Some(shadow));
        Ok(())
    }

    /// Reads a message in the shadow, counts it, and keeps it where the two differ. Nobody waits for it.
    pub(crate) fn read_in_shadow(&self, id: &ConversationId, seq: u64, text: &str, live: &Understanding) {
        let Some(shadow) = self.shadow() else { return };
        let (engine, id, text) = (self.clone(), id.clone(), text.to_owned());
        let (lang, live) = (live.lang, live.best().map(|b| NeedSeen { need: b.need.clone(), confidence: b.confidence }));
        tokio::spawn(async move {
            let now = engine.now();
            let other = engine.understand(&shadow.language, &text, Some(lang), (None, None)).await;
            let other = other.best().map(|b| NeedSeen { need: b.need.clone(), confidence: b.confidence });
            let fair = engine.brain().rules.policy.fair_from;
            let believed = |seen: &Option<NeedSeen>| seen.as_ref().filter(|s| s.confidence >= fair).map(|s| s.need.clone());
            let version = shadow.learnt.version;
            let differs = (believed(&live) != believed(&other)).then(|| ShadowRow {
                version,
                conversation: id,
                seq,
                at: now,
                text: jieti_language::mask_personal(&text),
                live,
                shadow: other,
            });
            if let Err(error) = engine.0.store.save_shadow(version, differs.as_ref()).await {
                tracing::warn!(%error, "a reading in the shadow was not counted");
            }
        });
    }

    /// Makes the model in the shadow the live one, if it is better on the frozen test and not by chance.
    ///
    /// # Errors
    /// `NoShadow`, or `NotBetter` with what the test said; nothing has changed then.
    pub async fn promote(&self, author: &str) -> Result<TestResult, KnowledgeError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        let (mut shadow, brain) = (self.shadow().ok_or(KnowledgeError::NoShadow)?, self.brain());
        if !Arc::ptr_eq(&shadow.knowledge, &brain.rules.knowledge) {
            shadow = self.trained_shadow(&shadow.learnt).await?;
        }
        // Accepted since: tested with, unless this model has learnt it.
        let mut split = self.split().await?;
        split.test.retain(|(text, ..)| shadow.learnt.lines.iter().all(|line| line.text != *text));
        let (engine, live) = (self.clone(), Arc::clone(&brain));
        let tried = Arc::clone(&shadow);
        let work = tokio::task::spawn_blocking(move || engine.tested_on(&split, &live.language, &tried.language));
        let test = work.await.expect("reading a question does not panic");
        if !test.paired.is_better(LEVEL) {
            return Err(KnowledgeError::NotBetter { test });
        }
        let note = format!("{} → {} of {}; p = {:.4}", test.live_right, test.right, test.questions, test.paired.p_value);
        let act = act(PROMOTED, shadow.learnt.version, author, note, self.now());
        self.0.store.save_model_act(&act).await?;
        self.put_brain(Brain {
            rules: brain.rules.clone(),
            language: shadow.language.clone(),
            learnt: Arc::clone(&shadow.learnt),
        });
        self.set_shadow(None);
        Ok(test)
    }

    /// Goes back to the model that was live before the last promotion. Gives its version.
    ///
    /// # Errors
    /// `NoEarlierModel` where nothing was promoted.
    pub async fn roll_back_model(&self, author: &str) -> Result<u64, KnowledgeError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        let story = Story::of(&self.0.store.model_acts().await?);
        let version = *story.before.last().ok_or(KnowledgeError::NoEarlierModel)?;
        let learnt = Arc::new(lines_of(&self.0.store, version).await?);
        let brain = self.brain();
        let encoders = brain.language.encoders().clone();
        let language = train(Arc::clone(&brain.rules.knowledge), Arc::clone(&learnt), encoders).await?;
        let note = format!("from {}", story.live);
        self.0.store.save_model_act(&act(ROLLED_BACK, version, author, note, self.now())).await?;
        self.put_brain(Brain { rules: brain.rules.clone(), language, learnt });
        Ok(version)
    }

    /// Keeps what a person made of a lesson.
    ///
    /// # Errors
    /// `NoLesson` where it does not exist, `UnknownNeed` where the need has no entry.
    pub async fn review_lesson(&self, id: &str, review: Review) -> Result<(), KnowledgeError> {
        if self.brain().rules.knowledge.get(&review.need).is_none() {
            return Err(KnowledgeError::UnknownNeed { id: review.need });
        }
        match self.0.store.review_lesson(id, &review).await {
            Err(jieti_store::WriteError::Conflict) => Err(KnowledgeError::NoLesson { id: id.to_owned() }),
            other => Ok(other?),
        }
    }

    /// Models, their story, what the shadow has read, and whether messages are read less surely than before.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn model_state(&self) -> Result<ModelState, KnowledgeError> {
        let store = &self.0.store;
        let acts = store.model_acts().await?;
        let story = Story::of(&acts);
        let mut models = Vec::new();
        for row in store.models(MODELS_SHOWN).await? {
            let Body { lines, test } = body(&row)?;
            models.push(ModelView { version: row.version, at: row.at, author: row.author, lines: lines.len(), test });
        }
        let (shadowed, differences) = match story.shadow {
            Some(version) => (store.shadow_counts(version).await?, store.shadow_readings(version, DIFFERENCES_SHOWN).await?),
            None => ((0, 0), Vec::new()),
        };
        let tomorrow = china_day(self.now()) + 1;
        let days = store.reading_days(tomorrow - 5 * WEEK, tomorrow).await?;
        let read = |from: i64, to: i64| -> Vec<ReadOn> {
            let within = days.iter().filter(|d| (from..to).contains(&d.day));
            within.map(|d| ReadOn { day: d.day, messages: d.messages, unsure: d.unsure }).collect()
        };
        let drift = drift(&read(tomorrow - 5 * WEEK, tomorrow - WEEK), &read(tomorrow - WEEK, tomorrow));
        Ok(ModelState {
            live: story.live,
            shadow: story.shadow,
            previous: story.before.last().copied(),
            training: self.0.training.load(std::sync::atomic::Ordering::SeqCst),
            models,
            acts,
            shadowed,
            differences,
            lessons: store.count_lessons().await?,
            days,
            drift,
        })
    }
}

fn act(act: &str, version: u64, author: &str, note: String, at: Timestamp) -> ModelAct {
    ModelAct { at, version, act: act.to_owned(), author: author.to_owned(), note }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_says_which_model_is_live_and_where_a_way_back_leads() {
        let story = |acts: &[(&str, u64)]| {
            let acts: Vec<ModelAct> =
                acts.iter().map(|(name, version)| act(name, *version, "tang", String::new(), Timestamp(0))).collect();
            let story = Story::of(&acts);
            (story.live, story.shadow, story.before.last().copied())
        };
        for (acts, want) in [
            (vec![], (0, None, None)),
            (vec![(TRAINED, 1)], (0, Some(1), None)),
            (vec![(TRAINED, 1), (TRAINED, 2)], (0, Some(2), None)),
            (vec![(TRAINED, 1), (PROMOTED, 1)], (1, None, Some(0))),
            (vec![(TRAINED, 1), (PROMOTED, 1), (TRAINED, 2), (PROMOTED, 2)], (2, None, Some(1))),
            (vec![(TRAINED, 1), (PROMOTED, 1), (TRAINED, 2), (PROMOTED, 2), (ROLLED_BACK, 1)], (1, None, Some(0))),
            (vec![(TRAINED, 1), (PROMOTED, 1), (ROLLED_BACK, 0)], (0, None, None)),
        ] {
            assert_eq!(story(&acts), want, "{acts:?}");
        }
    }
}
