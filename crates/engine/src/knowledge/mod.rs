//! Knowledge while the service runs: load, try, compare, publish. A publication that would break something is refused.

mod conflict;
mod gate;
mod inbox;
mod learnt;
mod model;

pub use conflict::ConflictView;
pub(crate) use gate::GateMemory;
pub use gate::{GateLine, GateReport};
pub(crate) use inbox::GapGroups;
pub use inbox::InboxGroup;
pub(crate) use learnt::with_lines;
pub use learnt::{Learnt, LearntLine};
use model::beside;
pub use model::{ModelState, ModelView, TestResult};
pub(crate) use model::{Shadow, live_lines};

use crate::{Brain, Engine, new_id};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::tier::{Risk, Verdict};
use jieti_domain::understanding::{Breadth, Lang, Understanding};
use jieti_language::encoder::sentence::{EncodeError, Encoders};
use jieti_language::{Context, Language, Reading};
use jieti_store::{PublicationRow, ReadError, Store, WriteError};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum KnowledgeError {
    #[error("nothing was published: {}", problems.join("; "))]
    Problems { problems: Vec<String> },
    #[error("no draft of {ids} to publish; save one first")]
    NoDraft { ids: String },
    #[error("nothing was published: it would break {} questions and mend {}; look at them, or let an owner publish with a reason", report.broken.len(), report.mended.len())]
    Gate { report: Box<GateReport> },
    #[error("conflict {id} is not there any more; load the list again")]
    NoConflict { id: String },
    #[error("conflict {id} cannot be mended that way; edit its entries")]
    NoMend { id: String },
    #[error("group {id} is not in the inbox; load the list again")]
    NoGroup { id: String },
    #[error("lesson {id} is not there; load the list again")]
    NoLesson { id: String },
    #[error("need {id} has no published entry; choose one of GET /api/knowledge/entries")]
    UnknownNeed { id: NeedId },
    #[error("a model is being trained; wait until it is done")]
    Training,
    #[error("no accepted pair is there to learn from; review some lessons first")]
    NothingToLearn,
    #[error("no model reads in the shadow; train one first")]
    NoShadow,
    #[error("nothing was promoted, so there is no way back")]
    NoEarlierModel,
    #[error(
        "model is not shown to be better: {} → {} right of {} test questions, {} broken and {} mended, p = {:.3}; let it learn more, or \
         add test questions",
        test.live_right, test.right, test.questions, test.paired.broken, test.paired.mended, test.paired.p_value
    )]
    NotBetter { test: TestResult },
    #[error("entry {id} has no version {version} to go back to; choose one of its versions")]
    NoVersion { id: NeedId, version: u64 },
    #[error("the model could not be trained, and the one in use goes on: {0}; try again when it answers")]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A need with its title, as understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    pub need: NeedId,
    pub title: String,
    pub confidence: f32,
}

/// What the bot would do with a sentence.
#[derive(Debug, Clone)]
pub struct Tried {
    pub understanding: Understanding,
    pub guesses: Vec<Guess>,
    /// `None` where a self-service flow starts.
    pub verdict: Option<Verdict>,
}

/// A line of a batch test: the sentence and, if known, the right need.
#[derive(Debug, Clone)]
pub struct BatchLine {
    pub text: String,
    pub expect: Option<NeedId>,
}

/// A line as answered by what is published, and by what would be with every draft published.
#[derive(Debug, Clone)]
pub struct BatchRow {
    pub line: BatchLine,
    pub before: Tried,
    pub after: Tried,
}

/// Entries that are read from the store at a time: many at once would be held twice, as rows and as entries.
const LOADED_AT_ONCE: u64 = 2_000;

/// Everything that is published.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) async fn load(store: &Store) -> Result<Knowledge, ReadError> {
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let some = store.published_after(after.as_ref(), LOADED_AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(Knowledge::new(entries)) };
        after = Some(last.id.clone());
        entries.extend(some.into_iter().filter_map(|version| version.entry));
    }
}

/// Why a change is published although it breaks more than it mends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub reason: String,
}

impl Engine {
    /// Publishes the drafts of these entries and answers with them from then on. All or none. A change that breaks more questions
    /// than it mends needs an override.
    ///
    /// # Errors
    /// `KnowledgeError::Problems` lists what is wrong, `Gate` what would break; nothing has changed then.
    pub async fn publish(&self, ids: &[NeedId], author: &str, over: Option<Override>) -> Result<usize, KnowledgeError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        let entries = self.chosen(ids).await?;
        let tested = self.tested(entries.clone()).await?;
        let report = &tested.report;
        let blocked = report.is_blocked();
        if blocked && over.is_none() {
            return Err(KnowledgeError::Gate { report: Box::new(report.clone()) });
        }
        let row = PublicationRow {
            id: new_id("pb"),
            at: self.now(),
            author: author.to_owned(),
            needs: ids.to_vec(),
            tested: report.tested as u64,
            broken: report.broken.len() as u64,
            mended: report.mended.len() as u64,
            reason: over.filter(|_| blocked).map(|o| o.reason),
        };
        let count = entries.len();
        let rows: Vec<(NeedId, Option<Entry>)> = entries.into_iter().map(|e| (e.id.clone(), Some(e))).collect();
        self.0.store.publish_tested(&rows, author, self.now(), Some(&row)).await?;
        self.put_brain(Arc::clone(&tested.after));
        self.used(&tested);
        self.keep_up();
        Ok(count)
    }

    /// What a publication leaves to do beside the service.
    fn keep_up(&self) {
        let engine = self.clone();
        tokio::spawn(async move {
            engine.follow().await;
            engine.renew().await;
        });
    }

    /// Builds a worn index again while the old one answers. What is published meanwhile is taken up by the new one; where the model
    /// is another by then, that one is new itself.
    async fn renew(&self) {
        let brain = self.brain();
        if !brain.language.is_worn() || self.0.renewing.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.renew_from(brain).await {
            tracing::warn!(%error, "the index was not built again; the next publication tries it");
        }
        self.0.renewing.store(false, Ordering::SeqCst);
    }

    async fn renew_from(&self, brain: Arc<Brain>) -> Result<(), EncodeError> {
        let was = Arc::clone(&brain);
        let renewed = beside(move || was.language.renewed(&with_lines(&was.rules.knowledge, &was.learnt))).await?;
        let _one_at_a_time = self.0.publishing.lock().await;
        let now = self.brain();
        if !Arc::ptr_eq(&now.learnt, &brain.learnt) || !now.language.encoders().are(renewed.encoders()) {
            return Ok(());
        }
        let changed = now.rules.knowledge.changed_since(&brain.rules.knowledge);
        let with = Arc::clone(&now);
        let language = beside(move || renewed.update(&with_lines(&with.rules.knowledge, &with.learnt), &changed)).await?;
        let next = Arc::new(Brain { rules: now.rules.clone(), language, learnt: Arc::clone(&now.learnt) });
        self.put_brain(Arc::clone(&next));
        self.gate_goes_on(&now, next);
        Ok(())
    }

    /// The drafts of these entries, checked.
    async fn chosen(&self, ids: &[NeedId]) -> Result<Vec<Entry>, KnowledgeError> {
        let chosen: Vec<Entry> = self.draft_entries().await?.into_iter().filter(|e| ids.contains(&e.id)).collect();
        if chosen.len() != ids.len() || ids.is_empty() {
            let missing: Vec<&str> = ids.iter().filter(|id| chosen.iter().all(|e| e.id != **id)).map(NeedId::as_str).collect();
            return Err(KnowledgeError::NoDraft { ids: missing.join(", ") });
        }
        let brain = self.brain();
        checked(&brain, &chosen)?;
        Ok(chosen)
    }

    async fn draft_entries(&self) -> Result<Vec<Entry>, ReadError> {
        Ok(self.0.store.drafts().await?.into_iter().map(|d| d.entry).collect())
    }

    fn put_brain(&self, brain: impl Into<Arc<Brain>>) {
        *self.0.brain.write().unwrap_or_else(PoisonError::into_inner) = brain.into();
    }

    /// Makes an earlier version the draft of its entry again; nothing is published.
    ///
    /// # Errors
    /// `NoVersion` where there is none of that number, or it was a deletion.
    pub async fn draft_version(&self, id: &NeedId, version: u64, author: &str) -> Result<(), KnowledgeError> {
        let versions = self.0.store.versions(id).await?;
        let found = versions.into_iter().find(|v| v.version == version).and_then(|v| v.entry);
        let entry = found.ok_or_else(|| KnowledgeError::NoVersion { id: id.clone(), version })?;
        Ok(self.0.store.save_draft(&entry, author, self.now()).await?)
    }

    /// Publishes entries as they are (an import).
    ///
    /// # Errors
    /// Like [`Engine::publish`].
    pub async fn import(&self, entries: Vec<Entry>, author: &str) -> Result<usize, KnowledgeError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        self.put_entries(entries, author).await
    }

    async fn put_entries(&self, entries: Vec<Entry>, author: &str) -> Result<usize, KnowledgeError> {
        let brain = self.brain();
        let (knowledge, changed) = checked(&brain, &entries)?;
        let count = entries.len();
        let rows: Vec<(NeedId, Option<Entry>)> = entries.into_iter().map(|e| (e.id.clone(), Some(e))).collect();
        let next = retrain(brain, knowledge, changed).await?;
        self.0.store.publish(&rows, author, self.now()).await?;
        self.put_brain(next);
        self.keep_up();
        Ok(count)
    }

    /// Reads messages with other encoders from now on; the model in use answers while the next is trained, and goes on where
    /// that fails.
    ///
    /// # Errors
    /// Where an encoder gave no vectors; nothing has changed then.
    pub async fn use_encoders(&self, encoders: Encoders) -> Result<(), EncodeError> {
        let mut trained = self.trained_with(&encoders).await?;
        let _one_at_a_time = self.0.publishing.lock().await;
        // Published while it was trained: texts that have been encoded are not encoded again.
        if !Arc::ptr_eq(&trained.0, &self.brain()) {
            trained = self.trained_with(&encoders).await?;
        }
        let (brain, language) = trained;
        self.put_brain(Brain { rules: brain.rules.clone(), language, learnt: Arc::clone(&brain.learnt) });
        // Vectors of another encoder are no neighbours of the old one's.
        *self.0.gap_groups.lock().await = None;
        Ok(())
    }

    /// The brain in use, and a language of the same knowledge.
    async fn trained_with(&self, encoders: &Encoders) -> Result<(Arc<Brain>, Language), EncodeError> {
        let (brain, encoders) = (self.brain(), encoders.clone());
        let work = tokio::task::spawn_blocking(move || {
            let language = Language::train_with(&with_lines(&brain.rules.knowledge, &brain.learnt), encoders)?;
            Ok((brain, language))
        });
        work.await.expect("training does not panic on checked entries")
    }

    /// What the bot would do with a sentence, as published.
    pub async fn try_out(&self, text: &str, lang: Lang) -> Tried {
        let (brain, engine, text) = (self.brain(), self.clone(), text.to_owned());
        if !brain.language.is_slow() {
            return try_with(&brain, &text, Some(lang), &engine);
        }
        let work = tokio::task::spawn_blocking(move || try_with(&brain, &text, Some(lang), &engine));
        work.await.expect("reading a sentence does not panic")
    }

    /// Answers every line twice: as published, and with every draft published.
    ///
    /// # Errors
    /// Where the drafts cannot be read.
    pub async fn batch_test(&self, lines: Vec<BatchLine>) -> Result<Vec<BatchRow>, KnowledgeError> {
        let drafts = self.draft_entries().await?;
        let before = self.brain();
        let after = if drafts.is_empty() {
            Arc::clone(&before)
        } else {
            let (knowledge, changed) = with_entries(&before.rules.knowledge, &drafts);
            Arc::new(retrain(Arc::clone(&before), knowledge, changed).await?)
        };
        let engine = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            lines
                .into_iter()
                .map(|line| BatchRow {
                    before: try_with(&before, &line.text, None, &engine),
                    after: try_with(&after, &line.text, None, &engine),
                    line,
                })
                .collect()
        });
        work.await.map_err(|e| ReadError::Broken { detail: e.to_string() }.into())
    }
}

fn with_entries(knowledge: &Knowledge, entries: &[Entry]) -> (Knowledge, BTreeSet<NeedId>) {
    (knowledge.with(entries.iter().cloned()), entries.iter().map(|e| e.id.clone()).collect())
}

/// Knowledge with these entries, and which needs they are; refused where they have or make a problem.
fn checked(brain: &Brain, entries: &[Entry]) -> Result<(Knowledge, BTreeSet<NeedId>), KnowledgeError> {
    let (knowledge, changed) = with_entries(&brain.rules.knowledge, entries);
    let problems = knowledge.problems_of(&changed, &brain.rules.flows.ids());
    if problems.is_empty() {
        Ok((knowledge, changed))
    } else {
        Err(KnowledgeError::Problems { problems: problems.iter().map(ToString::to_string).collect() })
    }
}

/// Training is work for the processor: it runs beside the service, and the old brain answers meanwhile.
async fn retrain(brain: Arc<Brain>, knowledge: Knowledge, changed: BTreeSet<NeedId>) -> Result<Brain, EncodeError> {
    let mut rules = brain.rules.clone();
    let learnt = Arc::clone(&brain.learnt);
    let taught = with_lines(&knowledge, &learnt);
    rules.knowledge = Arc::new(knowledge);
    let work = tokio::task::spawn_blocking(move || match brain.rules.knowledge.is_empty() {
        true => Language::train_with(&taught, brain.language.encoders().clone()),
        false => brain.language.update(&taught, &changed),
    });
    Ok(Brain { rules, learnt, language: work.await.expect("training does not panic on checked entries")? })
}

fn try_with(brain: &Brain, text: &str, lang: Option<Lang>, engine: &Engine) -> Tried {
    let reading = Reading { text, today: engine.now().china_date(), lang_hint: lang, context: Context::default() };
    let understanding = brain.language.understand(&reading);
    let lang = understanding.lang;
    let knowledge = &brain.rules.knowledge;
    let guesses = understanding
        .needs
        .iter()
        .filter_map(|n| {
            let title = knowledge.get(&n.need)?.text(lang)?.title.clone();
            Some(Guess { need: n.need.clone(), title, confidence: n.confidence })
        })
        .collect();
    let policy = &brain.rules.policy;
    let today = engine.now().china_date();
    let best = understanding.best().and_then(|b| Some((knowledge.get(&b.need)?, policy.band(b.confidence))));
    let verdict = match best.filter(|(entry, _)| entry.is_in_force(today)) {
        None => Some(Verdict::Abstain),
        Some(_) if understanding.breadth == Breadth::Topic => Some(Verdict::Clarify),
        Some((entry, band)) if entry.flow.is_some() && entry.risk != Risk::Human && band >= jieti_domain::tier::Band::Fair => {
            None
        }
        Some((entry, band)) => Some(policy.verdict(entry.risk, band)),
    };
    Tried { understanding, guesses, verdict }
}
