//! The gate before a publication: questions are read before and after the change by a model that has not seen them. What breaks
//! more than it mends is held up.

use super::learnt::with_lines;
use crate::{Brain, Engine, KnowledgeError};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, Knowledge, bare};
use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::EncodeError;
use jieti_language::{Context, Language, Reading};
use jieti_store::TestQuestion;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

/// One question that reads otherwise after the change.
#[derive(Debug, Clone, PartialEq)]
pub struct GateLine {
    pub text: String,
    pub lang: Lang,
    /// `None`: no need of the lender's.
    pub expect: Option<NeedId>,
    /// What was believed, if anything was.
    pub before: Option<NeedId>,
    pub after: Option<NeedId>,
}

/// What the test of a change said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GateReport {
    pub tested: usize,
    pub right_before: usize,
    pub right_after: usize,
    /// Believed rightly before, clearly not after, and the change has to do with it: the question is a changed entry's, or one
    /// wins or loses it. Every training moves a few others by a hair; an editor can do nothing about those.
    pub broken: Vec<GateLine>,
    /// The other way round.
    pub mended: Vec<GateLine>,
}

impl GateReport {
    pub fn is_blocked(&self) -> bool {
        self.broken.len() > self.mended.len()
    }
}

/// A change that was tested, ready to be used: nothing is trained twice.
pub(crate) struct Tested {
    before: Arc<Brain>,
    entries: Vec<Entry>,
    questions: Vec<TestQuestion>,
    pub(super) report: GateReport,
    pub(super) after: Arc<Brain>,
    folds: Folds,
}

/// Models that have not seen a part of the questions, each; of one brain, in the languages whose models can hide none.
pub(crate) type Folds = Arc<Vec<Language>>;

/// Kept between two tests: what holds for the brain in use, and the change that was tested last.
#[derive(Default)]
pub(crate) struct GateMemory {
    folds: Option<(Arc<Brain>, Folds)>,
    last: Option<Arc<Tested>>,
}

/// Parts of the questions, each read by a model trained on the others, where a model cannot hide a question that it reads.
const FOLDS: usize = 5;
/// With more questions than this, one part of five is tested, and of it what lies near the change.
const MANY: usize = 6000;
/// Questions of the changed entries by which is found what lies near them.
const LOOKED_ROUND: usize = 400;

/// How many parts of the questions in these languages are tested.
fn parts_of(knowledge: &Knowledge, langs: &BTreeSet<Lang>) -> usize {
    let texts = knowledge.iter().flat_map(|entry| &entry.texts).filter(|(lang, _)| langs.contains(lang));
    match texts.map(|(_, text)| text.ask.len()).sum() {
        0 => 0,
        1..=MANY => FOLDS,
        _ => 1,
    }
}

/// The part of a question: the same whenever and wherever it is asked.
fn fold_of(bare: &str) -> usize {
    let hash = bare.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from((hash >> 17) % FOLDS as u64).unwrap_or(0)
}

/// A line to be read: its part, where it must be held out.
struct Line {
    text: String,
    lang: Lang,
    expect: Option<NeedId>,
    fold: Option<usize>,
}

/// The likeliest need and its confidence, 0–1.
type Read = (Option<NeedId>, f32);

/// A confidence this far below what is believed is clearly not believed; what lies between moves with every training.
const MARGIN: f32 = 0.15;

impl Line {
    fn of_lender(question: &TestQuestion) -> Self {
        let TestQuestion { text, lang, expect, .. } = question;
        Self { text: text.clone(), lang: *lang, expect: expect.clone(), fold: None }
    }

    fn is_right(&self, (need, confidence): &Read, fair: f32) -> bool {
        match &self.expect {
            Some(_) => *need == self.expect && *confidence >= fair,
            None => *confidence < fair,
        }
    }

    fn is_wrong(&self, (need, confidence): &Read, fair: f32) -> bool {
        match &self.expect {
            Some(_) => *need != self.expect || *confidence < fair - MARGIN,
            None => *confidence >= fair + MARGIN,
        }
    }
}

impl Engine {
    /// Trains the models to compare the next change with, so that its test is quick. Nobody waits for it.
    pub fn prepare_gate(&self) {
        let engine = self.clone();
        tokio::task::spawn_blocking(move || {
            let brain = engine.brain();
            let ready = |memory: &GateMemory| memory.folds.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, &brain));
            if brain.rules.knowledge.is_empty() || ready(&engine.0.gate.lock().unwrap_or_else(PoisonError::into_inner)) {
                return;
            }
            let langs = trained(&[&brain.language]);
            let folds = match trained_folds(&brain, &langs, parts_of(&brain.rules.knowledge, &langs)) {
                Ok(folds) => folds,
                Err(error) => {
                    tracing::warn!(%error, "the gate is not prepared; the next publication trains what it needs");
                    return;
                }
            };
            engine.0.gate.lock().unwrap_or_else(PoisonError::into_inner).folds = Some((brain, folds));
        });
    }

    /// What publishing these drafts would break and mend.
    ///
    /// # Errors
    /// As for [`Engine::publish`], but for the gate itself.
    pub async fn gate(&self, ids: &[NeedId]) -> Result<GateReport, KnowledgeError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        let chosen = self.chosen(ids).await?;
        Ok(self.tested(chosen).await?.report.clone())
    }

    /// Tests a change, or takes the test that was made of the same change on the same knowledge.
    pub(super) async fn tested(&self, entries: Vec<Entry>) -> Result<Arc<Tested>, KnowledgeError> {
        let brain = self.brain();
        let questions = self.0.store.test_questions().await?;
        let (last, folds) = {
            let memory = self.0.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let folds = memory.folds.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &brain)).map(|(_, folds)| Arc::clone(folds));
            (memory.last.clone(), folds)
        };
        let same = |t: &Arc<Tested>| Arc::ptr_eq(&t.before, &brain) && t.entries == entries && t.questions == questions;
        if let Some(tested) = last.filter(same) {
            return Ok(tested);
        }
        let engine = self.clone();
        let work = tokio::task::spawn_blocking(move || engine.test(brain, entries, questions, folds).map(Arc::new));
        let tested = work.await.expect("training does not panic on checked entries")?;
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner).last = Some(Arc::clone(&tested));
        Ok(tested)
    }

    /// What was tested is in use now: its parts are those to compare the next change with.
    pub(super) fn used(&self, tested: &Arc<Tested>) {
        let mut memory = self.0.gate.lock().unwrap_or_else(PoisonError::into_inner);
        memory.folds = Some((Arc::clone(&tested.after), Arc::clone(&tested.folds)));
        memory.last = None;
    }

    /// The same knowledge is read by another brain: its parts hold on.
    pub(super) fn gate_goes_on(&self, before: &Arc<Brain>, after: Arc<Brain>) {
        let mut memory = self.0.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, _)) = memory.folds.as_mut().filter(|(of, _)| Arc::ptr_eq(of, before)) {
            *of = after;
        }
    }

    fn test(
        &self,
        before: Arc<Brain>,
        entries: Vec<Entry>,
        questions: Vec<TestQuestion>,
        folds: Option<Folds>,
    ) -> Result<Tested, EncodeError> {
        let knowledge = &before.rules.knowledge;
        let (after, changed) = super::with_entries(knowledge, &entries);
        let learnt = Arc::clone(&before.learnt);
        let all = |after: &Knowledge| with_lines(after, &learnt);
        let language = match knowledge.is_empty() {
            true => Language::train_with(&all(&after), before.language.encoders().clone())?,
            false => before.language.update(&all(&after), &changed)?,
        };
        let touched =
            |lang: &Lang| entries.iter().any(|e| knowledge.get(&e.id).and_then(|old| old.texts.get(lang)) != e.texts.get(lang));
        let langs: BTreeSet<Lang> = [Lang::ZhCn, Lang::En].into_iter().filter(touched).collect();
        let by_parts = trained(&[&before.language, &language]);
        let parts = parts_of(&after, &by_parts);
        let everywhere = if parts == FOLDS { &langs & &by_parts } else { BTreeSet::new() };
        let nearby = &langs - &everywhere;
        let mut lines: Vec<Line> = after.iter().flat_map(|entry| asked(entry, &everywhere)).collect();
        if !nearby.is_empty() {
            let near = self.near(&entries, (&before, &language), &nearby);
            let near = near.iter().filter_map(|need| after.get(need)).flat_map(|entry| asked(entry, &nearby));
            lines.extend(near.filter(|line| !by_parts.contains(&line.lang) || line.fold.is_some_and(|fold| fold < parts)));
        }
        lines.extend(questions.iter().filter(|question| langs.contains(&question.lang)).map(Line::of_lender));
        let folds: Folds = match folds.filter(|folds| folds.len() >= parts) {
            Some(folds) => folds,
            None => trained_folds(&before, &by_parts, parts)?,
        };
        let taught = with_lines(&after, &learnt);
        let next: Vec<Language> = (0..parts)
            .zip(folds.iter())
            .map(|(part, before)| before.update(&without(&taught, &by_parts, part), &changed))
            .collect::<Result<_, _>>()?;
        let mut rules = before.rules.clone();
        rules.knowledge = Arc::new(after);
        let after = Arc::new(Brain { rules, language, learnt: Arc::clone(&learnt) });
        let report = self.compare(&lines, &changed, (&before, &folds), (&after, &next));
        Ok(Tested { before, entries, questions, report, after, folds: Arc::new(next) })
    }

    /// The needs that are changed, and those which the changed entries' questions resemble, as they are and as they will be.
    fn near(&self, entries: &[Entry], (before, after): (&Brain, &Language), langs: &BTreeSet<Lang>) -> BTreeSet<NeedId> {
        let today = self.now().china_date();
        let old = entries.iter().filter_map(|entry| before.rules.knowledge.get(&entry.id));
        let texts = old.chain(entries).flat_map(|entry| &entry.texts).filter(|(lang, _)| langs.contains(lang));
        let asked: Vec<(Lang, &str)> = texts
            .flat_map(|(lang, text)| std::iter::once(&text.title).chain(&text.ask).map(|ask| (*lang, ask.as_str())))
            .collect();
        let some: Vec<(Lang, &str)> = asked.iter().copied().step_by(asked.len().div_ceil(LOOKED_ROUND).max(1)).collect();
        let resembled = |(lang, text): &(Lang, &str)| -> Vec<NeedId> {
            let reading = Reading { text, today, lang_hint: Some(*lang), context: Context::default() };
            let read = |language: &Language| language.understand(&reading).needs.into_iter().map(|guess| guess.need);
            read(&before.language).chain(read(after)).collect()
        };
        let resembled = in_parallel(&some, resembled).into_iter().flatten();
        resembled.chain(entries.iter().map(|entry| entry.id.clone())).collect()
    }

    fn compare(
        &self,
        lines: &[Line],
        changed: &BTreeSet<NeedId>,
        (before, folds): (&Brain, &[Language]),
        (after, next): (&Brain, &[Language]),
    ) -> GateReport {
        let today = self.now().china_date();
        let fair = before.rules.policy.fair_from;
        let read = |whole: &Language, parts: &[Language], line: &Line| {
            let reading = Reading { text: &line.text, today, lang_hint: Some(line.lang), context: Context::default() };
            let hidden = line.fold.zip(line.expect.as_ref()).and_then(|(_, need)| whole.understand_unlisted(&reading, need));
            let part = line.fold.and_then(|fold| parts.get(fold));
            let understanding = hidden.unwrap_or_else(|| part.unwrap_or(whole).understand(&reading));
            let best = understanding.needs.into_iter().next();
            best.map_or((None, 0.0), |b| (Some(b.need), b.confidence))
        };
        let judge = |line: &Line| (read(&before.language, folds, line), read(&after.language, next, line));
        let mut report = GateReport { tested: lines.len(), ..GateReport::default() };
        for (line, (was, is)) in lines.iter().zip(in_parallel(lines, judge)) {
            let (right_before, right_after) = (line.is_right(&was, fair), line.is_right(&is, fair));
            report.right_before += usize::from(right_before);
            report.right_after += usize::from(right_after);
            let broken = right_before && line.is_wrong(&is, fair);
            let mended = right_after && line.is_wrong(&was, fair);
            let touched = [&line.expect, &was.0, &is.0].into_iter().flatten().any(|need| changed.contains(need));
            if (broken || mended) && touched {
                let believed = |(need, confidence): Read| need.filter(|_| confidence >= fair);
                let (text, lang, expect) = (line.text.clone(), line.lang, line.expect.clone());
                let found = GateLine { text, lang, expect, before: believed(was), after: believed(is) };
                if broken { report.broken.push(found) } else { report.mended.push(found) }
            }
        }
        report
    }
}

/// The languages whose models cannot hide a question, in all of these.
fn trained(languages: &[&Language]) -> BTreeSet<Lang> {
    [Lang::ZhCn, Lang::En].into_iter().filter(|lang| languages.iter().all(|language| !language.can_hide(*lang))).collect()
}

/// The questions of an entry in some languages, each once.
fn asked(entry: &Entry, langs: &BTreeSet<Lang>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (lang, text) in entry.texts.iter().filter(|(lang, _)| langs.contains(lang)) {
        let mut own = BTreeSet::new();
        for ask in text.ask.iter().filter(|ask| own.insert(bare(ask))) {
            let fold = Some(fold_of(&bare(ask)));
            lines.push(Line { text: ask.clone(), lang: *lang, expect: Some(entry.id.clone()), fold });
        }
    }
    lines
}

/// Models of a brain that have not seen one part each.
fn trained_folds(brain: &Brain, langs: &BTreeSet<Lang>, parts: usize) -> Result<Folds, EncodeError> {
    let knowledge = with_lines(&brain.rules.knowledge, &brain.learnt);
    let everything: BTreeSet<NeedId> = knowledge.iter().map(|entry| entry.id.clone()).collect();
    let without_part = |part| brain.language.update(&without(&knowledge, langs, part), &everything);
    Ok(Arc::new((0..parts).map(without_part).collect::<Result<_, _>>()?))
}

/// Knowledge in some languages, without the questions of one part.
fn without(knowledge: &Knowledge, langs: &BTreeSet<Lang>, part: usize) -> Knowledge {
    let written = knowledge.iter().filter(|entry| entry.texts.keys().any(|lang| langs.contains(lang)));
    Knowledge::new(written.cloned().map(|mut entry| {
        entry.texts.retain(|lang, _| langs.contains(lang));
        for text in entry.texts.values_mut() {
            text.ask.retain(|ask| fold_of(&bare(ask)) != part);
        }
        entry
    }))
}

/// What `judge` says of each, in order, on every core.
fn in_parallel<T: Sync, R: Send>(items: &[T], judge: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let portion = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let judge = &judge;
        let works: Vec<_> =
            items.chunks(portion).map(|chunk| scope.spawn(move || chunk.iter().map(judge).collect::<Vec<R>>())).collect();
        works.into_iter().flat_map(|work| work.join().expect("reading a question does not panic")).collect()
    })
}
