//! Evaluation of the reader on questions with known answers: does it find, does it abstain, does its confidence tell the
//! truth. Owns the measures; reads no files. The only module that looks at a clock, as a stopwatch: durations go into
//! the report and nowhere else.

use crate::background;
use crate::encoder::sentence::{EncodeError, SentenceEncoder};
pub use crate::model::network::Settings;
use crate::model::{Calibration, FOLDS, Material, Model, Ranked, Sample, Traffic};
use crate::text::{detect, normalise};
use jieti_domain::understanding::Lang;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// One question of a knowledge base with every way to ask it.
#[derive(Debug, Clone)]
pub struct Faq {
    pub id: String,
    pub questions: Vec<String>,
    /// May be empty.
    pub answer: String,
}

/// Where a line stands to the knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A FAQ answers it.
    In,
    /// A lender's question that no FAQ answers.
    Near,
    /// Anything else.
    Far,
}

/// A customer's line with the right FAQ, if any.
#[derive(Debug, Clone)]
pub struct Line {
    pub text: String,
    pub gold: Option<String>,
    pub kind: Kind,
}

/// Confidences in one band, and how many of them were right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    pub count: usize,
    pub mean_confidence: f64,
    pub share_right: f64,
}

/// A line that was read as something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    pub text: String,
    pub gold: Option<String>,
    pub guess: String,
    pub confidence: f32,
}

/// How sure the reader was of a line, and whether it was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Read {
    pub kind: Kind,
    pub confidence: f32,
    pub right: bool,
}

/// Everything measured. Shares are 0–1.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub lines: usize,
    pub top1: f64,
    pub recall3: f64,
    /// Largest share of `In` lines answered with at least 95 % of all answers to `In` and `Near` lines right, the
    /// threshold chosen in hindsight.
    pub coverage_p95: f64,
    pub coverage_p90: f64,
    /// The confidence from which held-out training questions, with a fifth of strangers among them, were right in 95 % of
    /// all answers; nothing of the test is looked at. `None` where no threshold was.
    pub threshold_p95: Option<f32>,
    /// At that threshold: share of `In` lines answered, share of `In` and `Near` lines answered, share of answers right.
    pub threshold_coverage: f64,
    pub threshold_answered: f64,
    pub threshold_precision: f64,
    /// Of `In` lines, the share with a first confidence of 0.75 or more: the threshold that the default policy uses.
    pub coverage_sure: f64,
    /// Of all `In` and `Near` lines at or above that threshold, the share that is right.
    pub precision_sure: f64,
    /// Probability that an `In` line has a higher confidence than a `Near` (a `Far`) one; `None` without such lines.
    pub auroc_near: Option<f64>,
    pub auroc_far: Option<f64>,
    /// Share of `Far` lines below 0.25, where the default policy abstains.
    pub far_abstained: Option<f64>,
    /// Expected calibration error over `In` and `Near` lines, ten bins.
    pub ece: f64,
    pub reliability: Vec<Bin>,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub train_secs: f64,
    /// Lines whose first guess was wrong, surest first: where two FAQs collide, or one is missing.
    pub mistakes: Vec<Mistake>,
    /// Every line as it was read, in the order of the test.
    pub read: Vec<Read>,
    /// Left to the caller: this crate does not ask the operating system.
    pub rss_mb: Option<f64>,
}

/// Answers are to be right so often.
/// What the streams that are measured consist of: one stranger in five.
const MEASURED: Traffic = Traffic { familiar: 0.25, near: 0.25, far: 0.15 };

const PRECISION: f64 = 0.95;
/// Lender's questions without an entry beside each known one, as in the test's stream: 20 % of it.
const STRANGERS: f32 = 0.25;

/// One judged line: confidence of the first guess, and where the right one stood.
struct Outcome {
    kind: Kind,
    confidence: f32,
    right: bool,
    among_three: bool,
    mistake: Option<Mistake>,
}

/// Trains on `faqs` (and on `train`: `In` lines as further ways to ask, others as examples of none), then reads `test`.
///
/// # Errors
/// Where the encoder gave no vectors to train on; without one, never.
pub fn evaluate(
    faqs: &[Faq],
    train: &[Line],
    encoder: Option<&Arc<dyn SentenceEncoder>>,
    test: &[Line],
) -> Result<Report, EncodeError> {
    evaluate_with(faqs, train, encoder, None, test)
}

/// The same, with networks that read words in their order beside the rest.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_with(
    faqs: &[Faq],
    train: &[Line],
    encoder: Option<&Arc<dyn SentenceEncoder>>,
    networks: Option<Settings>,
    test: &[Line],
) -> Result<Report, EncodeError> {
    let start = Instant::now();
    let (model, ids) = fit(faqs, train, encoder, networks)?;
    let train_secs = start.elapsed().as_secs_f64();
    let mut times_ms = Vec::with_capacity(test.len());
    let outcomes: Vec<Outcome> = test
        .iter()
        .map(|line| {
            let start = Instant::now();
            let ranked = model.rank(&normalise(&line.text));
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
            judge(line, &ranked, &ids)
        })
        .collect();
    Ok(report(&outcomes, model.threshold(PRECISION, STRANGERS), &mut times_ms, train_secs))
}

/// Cross-validates over the ways to ask: each fifth of every FAQ's questions is read by a model that has not seen it.
/// `outside` lines are read by every model.
///
/// # Errors
/// As for [`evaluate`].
pub fn cross_validate(faqs: &[Faq], outside: &[Line], encoder: Option<&Arc<dyn SentenceEncoder>>) -> Result<Report, EncodeError> {
    let mut outcomes = Vec::new();
    let mut times_ms = Vec::new();
    let start = Instant::now();
    for fold in 0..FOLDS {
        let held = |i: usize, j: usize| (i + j) % FOLDS == fold;
        let part = |keep: bool| -> Vec<Faq> {
            let questions = |i: usize, faq: &Faq| {
                faq.questions.iter().enumerate().filter(|(j, _)| held(i, *j) != keep).map(|(_, q)| q.clone()).collect()
            };
            faqs.iter().enumerate().map(|(i, faq)| Faq { questions: questions(i, faq), ..faq.clone() }).collect()
        };
        let kept = part(true);
        let (model, ids) = fit(&kept, &[], encoder, None)?;
        let test = part(false)
            .into_iter()
            .flat_map(|faq| faq.questions.into_iter().map(move |text| Line { text, gold: Some(faq.id.clone()), kind: Kind::In }))
            .chain(outside.iter().cloned());
        for line in test {
            let start = Instant::now();
            let ranked = model.rank(&normalise(&line.text));
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
            outcomes.push(judge(&line, &ranked, &ids));
        }
    }
    let train_secs = start.elapsed().as_secs_f64() / FOLDS as f64;
    Ok(report(&outcomes, None, &mut times_ms, train_secs))
}

fn fit<'a>(
    faqs: &'a [Faq],
    train: &[Line],
    encoder: Option<&Arc<dyn SentenceEncoder>>,
    networks: Option<Settings>,
) -> Result<(Model, Vec<&'a str>), EncodeError> {
    let mut ids: Vec<&str> = faqs.iter().map(|f| f.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let lang = majority_lang(faqs);
    let class = |id: &str| ids.binary_search(&id).ok();
    let sample = |id: &str, text: &str| Some(Sample { class: class(id)?, text: normalise(text), weight: 1.0 });
    let mut samples: Vec<Sample> = faqs.iter().flat_map(|f| f.questions.iter().filter_map(|q| sample(&f.id, q))).collect();
    samples.extend(train.iter().filter_map(|line| sample(line.gold.as_deref()?, &line.text)));
    let mut none: Vec<String> = background::lines(lang).map(normalise).collect();
    none.extend(train.iter().filter(|line| line.gold.is_none()).map(|line| normalise(&line.text)));
    let mut answers = vec![String::new(); ids.len()];
    for faq in faqs {
        if let Some(class) = class(&faq.id) {
            answers[class] = normalise(&faq.answer);
        }
    }
    let material = Material { classes: ids.len(), samples: &samples, answers: &answers, background: &none, encoder, networks };
    let model = Model::train(lang, &material, Calibration::Fit, MEASURED)?;
    Ok((model, ids))
}

fn majority_lang(faqs: &[Faq]) -> Lang {
    let mut votes: BTreeMap<Lang, usize> = BTreeMap::new();
    for question in faqs.iter().flat_map(|f| &f.questions) {
        *votes.entry(detect(question, None)).or_default() += 1;
    }
    votes.into_iter().max_by_key(|(_, n)| *n).map(|(lang, _)| lang).unwrap_or_default()
}

fn judge(line: &Line, ranked: &Ranked, ids: &[&str]) -> Outcome {
    let is_gold = |(class, _): &(usize, f32)| Some(ids[*class]) == line.gold.as_deref();
    let wrong = ranked.first().filter(|first| !is_gold(first));
    Outcome {
        kind: line.kind,
        confidence: ranked.first().map_or(0.0, |(_, c)| *c),
        right: ranked.first().is_some_and(is_gold),
        among_three: ranked.iter().take(3).any(is_gold),
        mistake: wrong.map(|(class, confidence)| Mistake {
            text: line.text.clone(),
            gold: line.gold.clone(),
            guess: ids[*class].to_owned(),
            confidence: *confidence,
        }),
    }
}

fn report(outcomes: &[Outcome], threshold: Option<f32>, times_ms: &mut [f64], train_secs: f64) -> Report {
    let of = |kind: Kind| outcomes.iter().filter(move |o| o.kind == kind);
    let share = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let within = of(Kind::In).count();
    let sure = |o: &&Outcome| o.confidence >= 0.75 && o.kind != Kind::Far;
    let above = |o: &&Outcome| threshold.is_some_and(|t| o.confidence >= t) && o.kind != Kind::Far;
    let stream = outcomes.iter().filter(|o| o.kind != Kind::Far).count();
    let answered = outcomes.iter().filter(above).count();
    let (coverage_p95, coverage_p90) = (coverage(outcomes, 0.95), coverage(outcomes, 0.90));
    let (ece, reliability) = calibration_error(outcomes);
    times_ms.sort_by(f64::total_cmp);
    let quantile = |q: f64| times_ms.get(((times_ms.len().saturating_sub(1)) as f64 * q) as usize).copied().unwrap_or(0.0);
    let far = of(Kind::Far).count();
    let mut mistakes: Vec<Mistake> = outcomes.iter().filter_map(|o| o.mistake.clone()).collect();
    mistakes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    Report {
        lines: outcomes.len(),
        top1: share(of(Kind::In).filter(|o| o.right).count(), within),
        recall3: share(of(Kind::In).filter(|o| o.among_three).count(), within),
        coverage_p95,
        coverage_p90,
        threshold_p95: threshold,
        threshold_coverage: share(of(Kind::In).filter(above).count(), within),
        threshold_answered: share(answered, stream),
        threshold_precision: share(outcomes.iter().filter(above).filter(|o| o.right).count(), answered),
        coverage_sure: share(of(Kind::In).filter(sure).count(), within),
        precision_sure: share(outcomes.iter().filter(sure).filter(|o| o.right).count(), outcomes.iter().filter(sure).count()),
        auroc_near: auroc(outcomes, Kind::Near),
        auroc_far: auroc(outcomes, Kind::Far),
        far_abstained: (far > 0).then(|| share(of(Kind::Far).filter(|o| o.confidence < 0.25).count(), far)),
        ece,
        reliability,
        p50_ms: quantile(0.5),
        p99_ms: quantile(0.99),
        train_secs,
        mistakes,
        read: outcomes.iter().map(|o| Read { kind: o.kind, confidence: o.confidence, right: o.right }).collect(),
        rss_mb: None,
    }
}

fn coverage(outcomes: &[Outcome], precision: f64) -> f64 {
    let mut stream: Vec<&Outcome> = outcomes.iter().filter(|o| o.kind != Kind::Far).collect();
    stream.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let within = stream.iter().filter(|o| o.kind == Kind::In).count();
    let (mut answered, mut right, mut covered, mut best) = (0_usize, 0_usize, 0_usize, 0_usize);
    for (i, outcome) in stream.iter().enumerate() {
        answered += 1;
        right += usize::from(outcome.right);
        covered += usize::from(outcome.kind == Kind::In);
        // A threshold cannot fall between equal confidences.
        let tied = stream.get(i + 1).is_some_and(|next| next.confidence == outcome.confidence);
        if !tied && right as f64 >= precision * answered as f64 {
            best = covered;
        }
    }
    if within == 0 { 0.0 } else { best as f64 / within as f64 }
}

fn auroc(outcomes: &[Outcome], outside: Kind) -> Option<f64> {
    let of = |kind: Kind| outcomes.iter().filter(move |o| o.kind == kind);
    let (within, out) = (of(Kind::In).count(), of(outside).count());
    if within == 0 || out == 0 {
        return None;
    }
    let wins: f64 = of(Kind::In)
        .map(|a| {
            of(outside)
                .map(|b| {
                    if a.confidence > b.confidence {
                        1.0
                    } else if a.confidence == b.confidence {
                        0.5
                    } else {
                        0.0
                    }
                })
                .sum::<f64>()
        })
        .sum();
    Some(wins / (within as f64 * out as f64))
}

fn calibration_error(outcomes: &[Outcome]) -> (f64, Vec<Bin>) {
    const BINS: usize = 10;
    let mut sums = [(0_usize, 0.0_f64, 0_usize); BINS];
    for outcome in outcomes.iter().filter(|o| o.kind != Kind::Far) {
        let bin = &mut sums[((outcome.confidence * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += 1;
        bin.1 += f64::from(outcome.confidence);
        bin.2 += usize::from(outcome.right);
    }
    let total: usize = sums.iter().map(|s| s.0).sum();
    let bins: Vec<Bin> = sums
        .iter()
        .map(|&(count, confidence, right)| {
            let n = count.max(1) as f64;
            Bin { count, mean_confidence: confidence / n, share_right: right as f64 / n }
        })
        .collect();
    let error = bins.iter().map(|b| b.count as f64 * (b.mean_confidence - b.share_right).abs()).sum::<f64>();
    (if total == 0 { 0.0 } else { error / total as f64 }, bins)
}
