//! `jieti eval faq`: frequent questions, with or without an encoder.

use super::super::train::read_pairs;
use super::super::{progress, read_jsonl};
use super::elsewhere::Elsewhere;
use anyhow::Context;
use clap::Args;
use jieti_domain::understanding::Lang;
use jieti_language::encoder::Encoder;
use jieti_language::encoder::train::{Settings, Training};
use jieti_language::eval::{Faq, Kind, Line, Report, evaluate};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Files are JSONL. KB: {"faq", "standard", "similar": []}. Test: {"id", "text", "gold", "kind": "in" | "near" | "far"}.
/// Train pairs: {"a", "b", "label": 0 | 1, "src"}.
#[derive(Args)]
pub struct FaqArgs {
    /// Frequent questions, each with its similar questions.
    #[arg(long)]
    kb: PathBuf,
    /// Question pairs to train an encoder on first; those that contain a question of the KB are left out.
    #[arg(long, conflicts_with = "model")]
    train: Option<PathBuf>,
    /// Only pairs of these sources (`src`), separated by commas.
    #[arg(long, value_delimiter = ',', requires = "train")]
    sources: Vec<String>,
    /// Encoders trained apart and read together.
    #[arg(long, default_value_t = super::super::train::MEMBERS)]
    members: u64,
    /// An encoder that `jieti train` has written.
    #[arg(long)]
    model: Option<PathBuf>,
    #[command(flatten)]
    elsewhere: Elsewhere,
    /// Know only so many questions of each FAQ, the first ones: what a new tenant has.
    #[arg(long)]
    questions: Option<usize>,
    /// Labelled questions to be answered.
    #[arg(long)]
    test: PathBuf,
    /// Print one JSON object: top1, recall3, coverage_p95, coverage_p90, threshold_p95, threshold_coverage,
    /// threshold_answered, threshold_precision, auroc_near, auroc_far, ece, p50_ms, p99_ms, train_secs, encoder_secs, rss_mb,
    /// lines. Shares are 0–1; `null` where the test has no such lines.
    #[arg(long)]
    json: bool,
    /// Also print so many of the worst mistakes.
    #[arg(long, default_value_t = 0)]
    mistakes: usize,
}

#[derive(Deserialize)]
struct FaqLine {
    faq: String,
    standard: String,
    #[serde(default)]
    similar: Vec<String>,
}

#[derive(Deserialize)]
struct TestLine {
    text: String,
    #[serde(default)]
    gold: Option<String>,
    kind: KindName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    In,
    Near,
    Far,
}

pub fn run(args: &FaqArgs) -> anyhow::Result<()> {
    let faqs: Vec<Faq> = read_jsonl::<FaqLine>(&args.kb)?
        .into_iter()
        .map(|line| Faq {
            id: line.faq,
            questions: std::iter::once(line.standard).chain(line.similar).collect(),
            answer: String::new(),
        })
        .collect();
    let clock = Instant::now();
    let mut encoders = args.elsewhere.open()?;
    if let Some(own) = encoder(args, &faqs)? {
        encoders = encoders.with(own);
    }
    let encoder_secs = clock.elapsed().as_secs_f64();
    let most = args.questions.unwrap_or(usize::MAX);
    let faqs: Vec<Faq> =
        faqs.into_iter().map(|faq| Faq { questions: faq.questions.into_iter().take(most).collect(), ..faq }).collect();
    let test: Vec<Line> = read_jsonl::<TestLine>(&args.test)?
        .into_iter()
        .map(|line| Line {
            text: line.text,
            gold: line.gold,
            kind: match line.kind {
                KindName::In => Kind::In,
                KindName::Near => Kind::Near,
                KindName::Far => Kind::Far,
            },
        })
        .collect();
    let encoder = encoders.of(lang(&faqs));
    let mut report = evaluate(&faqs, &[], encoder.as_ref(), &test)?;
    report.rss_mb = report.rss_mb.or_else(peak_rss_mb);
    if args.json {
        println!("{}", as_json(&report, encoder_secs))
    } else {
        print(&report, encoder_secs, args.mistakes)
    }
    Ok(())
}

/// Whether the base is Chinese or English.
fn lang(faqs: &[Faq]) -> Lang {
    let is_latin = |text: &&String| text.chars().filter(char::is_ascii_alphabetic).count() * 2 > text.chars().count();
    let questions = || faqs.iter().flat_map(|faq| &faq.questions);
    if questions().filter(is_latin).count() * 2 > questions().count() { Lang::En } else { Lang::ZhCn }
}

fn encoder(args: &FaqArgs, faqs: &[Faq]) -> anyhow::Result<Option<Arc<Encoder>>> {
    if let Some(path) = &args.model {
        return Ok(Some(Arc::new(read_model(path)?)));
    }
    let Some(path) = &args.train else { return Ok(None) };
    let apart: BTreeSet<&str> = faqs.iter().flat_map(|faq| &faq.questions).map(String::as_str).collect();
    let pairs = read_pairs(path, &args.sources, |text| apart.contains(text))?;
    let members = (0..args.members).map(|member| {
        let settings = Settings { seed: member + 1, ..Settings::default() };
        let mut training = Training::new(&pairs, settings);
        let bar = progress(settings.epochs as u64, "training");
        while !training.is_done() {
            training.run_epoch(|| ());
            bar.inc(1);
        }
        bar.finish_and_clear();
        training.finish()
    });
    Ok(Some(Arc::new(Encoder::new(members.collect(), pairs.langs(), &pairs.asked()))))
}

/// The encoder in a model file.
pub fn read_model(path: &Path) -> anyhow::Result<Encoder> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Encoder::from_bytes(&bytes).with_context(|| path.display().to_string())
}

/// The most memory that this process has held, in mebibytes; nothing where the system does not tell. Source: proc(5).
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn as_json(report: &Report, encoder_secs: f64) -> serde_json::Value {
    json!({
        "lines": report.lines,
        "top1": report.top1,
        "recall3": report.recall3,
        "coverage_p95": report.coverage_p95,
        "coverage_p90": report.coverage_p90,
        "threshold_p95": report.threshold_p95,
        "threshold_coverage": report.threshold_coverage,
        "threshold_answered": report.threshold_answered,
        "threshold_precision": report.threshold_precision,
        "auroc_near": report.auroc_near,
        "auroc_far": report.auroc_far,
        "ece": report.ece,
        "p50_ms": report.p50_ms,
        "p99_ms": report.p99_ms,
        "train_secs": report.train_secs,
        "encoder_secs": encoder_secs,
        "rss_mb": report.rss_mb,
    })
}

fn print(report: &Report, encoder_secs: f64, mistakes: usize) {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let known = |share: Option<f64>| share.map_or_else(|| "no such lines".to_owned(), |s| format!("{s:.3}"));
    println!("lines                      {}", report.lines);
    println!("top 1                      {}", percent(report.top1));
    println!("recall at 3                {}", percent(report.recall3));
    println!("coverage at precision 95 % {}", percent(report.coverage_p95));
    println!("coverage at precision 90 % {}", percent(report.coverage_p90));
    if let Some(threshold) = report.threshold_p95 {
        println!("threshold of the training  {threshold:.3}");
        println!("  known questions answered {}", percent(report.threshold_coverage));
        println!("  of the stream answered   {}", percent(report.threshold_answered));
        println!("  of the answers right     {}", percent(report.threshold_precision));
    }
    println!("AUROC against near misses  {}", known(report.auroc_near));
    println!("AUROC against strangers    {}", known(report.auroc_far));
    println!("calibration error (ECE)    {:.3}", report.ece);
    println!("latency p50 / p99          {:.2} / {:.2} ms", report.p50_ms, report.p99_ms);
    println!("training                   {:.1} s", report.train_secs);
    println!("training the encoder       {encoder_secs:.1} s");
    println!("\nsays    is right    lines");
    for bin in report.reliability.iter().filter(|b| b.count > 0) {
        println!("{:.2}    {:.2}        {}", bin.mean_confidence, bin.share_right, bin.count);
    }
    for mistake in report.mistakes.iter().take(mistakes) {
        let gold = mistake.gold.as_deref().unwrap_or("(abstain)");
        println!("{:.2} {} → {} (right: {gold})", mistake.confidence, mistake.text, mistake.guess);
    }
}
