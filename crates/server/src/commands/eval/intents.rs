//! `jieti eval intents`: public English sets of intents, from scratch, never on their test splits.

use super::elsewhere::Elsewhere;
use anyhow::Context;
use clap::Args;
use jieti_domain::understanding::Lang;
use jieti_language::encoder::Encoder;
use jieti_language::encoder::sentence::{Encoders, SentenceEncoder};
use jieti_language::encoder::train::{Pairs, Settings, Training};
use jieti_language::eval::{Faq, Kind, Line, Read, Report, Settings as Networks, evaluate_with};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// BANKING77's train.csv (text, category): each fold is read by a model trained on the rest.
    #[arg(long)]
    banking77: Option<PathBuf>,
    /// CLINC150's JSON with train, val, oos_train and oos_val: trained on train, read on val.
    #[arg(long)]
    clinc150: Option<PathBuf>,
}

#[derive(Args)]
pub struct IntentsArgs {
    #[command(flatten)]
    source: Source,
    /// Encoders to train on the training questions' intents; 0 goes by words alone.
    #[arg(long, default_value_t = super::super::train::MEMBERS)]
    members: u64,
    #[command(flatten)]
    elsewhere: Elsewhere,
    /// Networks that read words in their order, trained on all of the training questions, beside the five that cross-validation
    /// trains; without it there are none at all.
    #[arg(long)]
    networks: Option<usize>,
    /// Folds of BANKING77: five train on four fifths of the questions, ten on nine tenths.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=20))]
    folds: u32,
    /// Share of CLINC150's known questions that must still be answered right at the second threshold that is shown.
    #[arg(long, default_value_t = 0.95)]
    in_scope: f64,
    /// Print JSON: one object a fold with accuracy, and for CLINC150 accuracy, auroc, and threshold, in_scope and out_of_scope at
    /// the threshold of the best overall accuracy and (at_in_scope) at the one that keeps --in-scope; null where none keeps it.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct BankingLine {
    text: String,
    category: String,
}

#[derive(Deserialize)]
struct Clinc {
    train: Vec<(String, String)>,
    val: Vec<(String, String)>,
    oos_train: Vec<(String, String)>,
    oos_val: Vec<(String, String)>,
}

impl IntentsArgs {
    fn read(&self, elsewhere: &Encoders, faqs: &[Faq], outside: &[Line], test: &[Line]) -> anyhow::Result<Report> {
        let networks = self.networks.map(|whole| Networks { whole, ..Networks::default() });
        Ok(evaluate_with(faqs, outside, encoder(faqs, self.members, elsewhere).as_ref(), networks, test)?)
    }
}

pub fn run(args: &IntentsArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.source.banking77 {
        return banking(args, path);
    }
    match &args.source.clinc150 {
        Some(path) => clinc(args, path),
        None => Ok(()),
    }
}

fn banking(args: &IntentsArgs, path: &Path) -> anyhow::Result<()> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let lines: Vec<BankingLine> = reader.deserialize().collect::<Result<_, _>>().with_context(|| path.display().to_string())?;
    let elsewhere = args.elsewhere.open()?;
    let mut right = 0.0;
    let folds = args.folds as usize;
    for fold in 0..folds {
        let (held, kept): (Vec<_>, Vec<_>) = lines.iter().enumerate().partition(|(i, _)| i % folds == fold);
        let faqs = by_intent(kept.iter().map(|(_, line)| (line.category.as_str(), line.text.as_str())));
        let test: Vec<Line> = held.iter().map(|(_, line)| known(&line.text, &line.category)).collect();
        let report = args.read(&elsewhere, &faqs, &[], &test)?;
        right += report.top1 * test.len() as f64;
        if args.json {
            println!(
                "{}",
                json!({ "fold": fold, "accuracy": report.top1, "ece": report.ece, "train_secs": report.train_secs, "p99_ms": report.p99_ms })
            );
        } else {
            let Report { top1, train_secs, p99_ms, .. } = report;
            println!("fold {fold}: {:.2} % right, trained in {train_secs:.1} s, p99 {p99_ms:.2} ms", 100.0 * top1);
        }
    }
    if !args.json {
        println!("all: {:.2} %", 100.0 * right / lines.len() as f64);
    }
    Ok(())
}

fn clinc(args: &IntentsArgs, path: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let data: Clinc = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let faqs = by_intent(data.train.iter().map(|(text, intent)| (intent.as_str(), text.as_str())));
    let stranger = |text: &String| Line { text: text.clone(), gold: None, kind: Kind::Near };
    let outside: Vec<Line> = data.oos_train.iter().map(|(text, _)| stranger(text)).collect();
    let test: Vec<Line> =
        data.val.iter().map(|(text, intent)| known(text, intent)).chain(data.oos_val.iter().map(|(t, _)| stranger(t))).collect();
    let report = args.read(&args.elsewhere.open()?, &faqs, &outside, &test)?;
    let points = operating_points(&report);
    let best = points.iter().copied().max_by(|a, b| a.overall.total_cmp(&b.overall).then(b.threshold.total_cmp(&a.threshold)));
    let best = best.context("the validation split is empty")?;
    let kept = points.iter().copied().rfind(|point| point.within >= args.in_scope);
    let auroc = report.auroc_near.unwrap_or(0.0);
    if args.json {
        println!(
            "{}",
            json!({
                "accuracy": report.top1,
                "auroc": auroc,
                "in_scope": best.within,
                "out_of_scope": best.outside,
                "threshold": best.threshold,
                "at_in_scope": kept.map(|k| json!({ "in_scope": k.within, "out_of_scope": k.outside, "threshold": k.threshold })),
            })
        );
    } else {
        println!("in scope, answered always            {:.2} %", 100.0 * report.top1);
        let shown = |name: &str, point: OperatingPoint| {
            let OperatingPoint { threshold, within, outside, .. } = point;
            println!("{name:<37}in scope {:.2} %, out of scope {:.2} % at {threshold:.3}", 100.0 * within, 100.0 * outside);
        };
        shown("best overall accuracy", best);
        match kept {
            Some(point) => shown("highest threshold that keeps enough", point),
            None => println!("no threshold keeps {:.1} % in scope", 100.0 * args.in_scope),
        }
        println!("AUROC                                {auroc:.3}");
        println!("trained in                           {:.1} s", report.train_secs);
        println!("latency p50 / p99                    {:.2} / {:.2} ms", report.p50_ms, report.p99_ms);
    }
    Ok(())
}

/// What becomes of the lines when those below a threshold are refused.
#[derive(Clone, Copy)]
struct OperatingPoint {
    threshold: f32,
    /// Share of the known questions that are answered, and right.
    within: f64,
    /// Share of the others that are refused.
    outside: f64,
    /// Share of all lines treated right: by the best of it the set's authors choose their threshold.
    overall: f64,
}

/// One for each confidence that occurs, rising; the threshold is chosen on the lines that it is then judged on.
fn operating_points(report: &Report) -> Vec<OperatingPoint> {
    let (known, strangers): (Vec<&Read>, Vec<&Read>) = report.read.iter().partition(|r| r.kind == Kind::In);
    let mut lines: Vec<&Read> = report.read.iter().collect();
    lines.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let mut right = known.iter().filter(|r| r.right).count();
    let mut refused = 0;
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let mut points = Vec::with_capacity(lines.len());
    for equal in lines.chunk_by(|a, b| a.confidence == b.confidence) {
        points.push(OperatingPoint {
            threshold: equal[0].confidence,
            within: share(right, known.len()),
            outside: share(refused, strangers.len()),
            overall: share(right + refused, lines.len()),
        });
        right -= equal.iter().filter(|r| r.right).count();
        refused += equal.iter().filter(|r| r.kind != Kind::In).count();
    }
    points
}

fn known(text: &str, intent: &str) -> Line {
    Line { text: text.to_owned(), gold: Some(intent.to_owned()), kind: Kind::In }
}

fn by_intent<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Faq> {
    let mut questions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (intent, text) in lines {
        questions.entry(intent).or_default().push(text.to_owned());
    }
    questions.into_iter().map(|(id, questions)| Faq { id: id.to_owned(), questions, answer: String::new() }).collect()
}

/// What was trained on the intents and what comes from elsewhere, side by side.
fn encoder(faqs: &[Faq], members: u64, elsewhere: &Encoders) -> Option<Arc<dyn SentenceEncoder>> {
    let mut pairs = Pairs::default();
    faqs.iter().for_each(|faq| pairs.add_group(&faq.questions));
    let train = |member: u64| {
        let mut training = Training::new(&pairs, Settings { seed: member + 1, ..Settings::default() });
        while !training.is_done() {
            training.run_epoch(|| ());
        }
        training.finish()
    };
    let mut encoders = elsewhere.clone();
    if members > 0 {
        encoders = encoders.with(Arc::new(Encoder::new((0..members).map(train).collect(), pairs.langs(), &pairs.asked())));
    }
    encoders.of(Lang::En)
}
