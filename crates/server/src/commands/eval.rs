//! `jieti eval`: measures understanding on files of one's own.

use super::{progress, read_jsonl};
use clap::{Args, Subcommand};
use jieti_language::eval::{Faq, Kind, Line, Pair, Report, evaluate};
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum EvalCommand {
    /// Answer or abstain over frequent questions: accuracy, coverage at precision, calibration, latency.
    Faq(FaqArgs),
}

/// Files are JSONL. KB: {"faq", "standard", "similar": []}. Test: {"id", "text", "gold", "kind": "in" | "near" | "far"}.
/// Train pairs: {"a", "b", "label": 0 | 1}.
#[derive(Args)]
pub struct FaqArgs {
    /// Frequent questions, each with its similar questions.
    #[arg(long)]
    kb: PathBuf,
    /// Question pairs to train on, if there are any.
    #[arg(long)]
    train: Option<PathBuf>,
    /// Labelled questions to be answered.
    #[arg(long)]
    test: PathBuf,
    /// Print one JSON object: top1, recall3, coverage_p95, coverage_p90, auroc_near, auroc_far, ece, p50_ms, p99_ms,
    /// train_secs, rss_mb, lines. Shares are 0–1; `null` where the test has no such lines.
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

#[derive(Deserialize)]
struct PairLine {
    a: String,
    b: String,
    label: u8,
}

pub fn run(command: EvalCommand) -> anyhow::Result<()> {
    match command {
        EvalCommand::Faq(args) => faq(&args),
    }
}

fn faq(args: &FaqArgs) -> anyhow::Result<()> {
    let steps = progress(3, "reading");
    let faqs: Vec<Faq> = read_jsonl::<FaqLine>(&args.kb)?
        .into_iter()
        .map(|line| Faq {
            id: line.faq,
            questions: std::iter::once(line.standard).chain(line.similar).collect(),
            answer: String::new(),
        })
        .collect();
    let pairs: Option<Vec<Pair>> = match &args.train {
        Some(path) => {
            let lines = read_jsonl::<PairLine>(path)?;
            Some(lines.into_iter().map(|l| Pair { a: l.a, b: l.b, same: l.label == 1 }).collect())
        }
        None => None,
    };
    steps.inc(1);
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
    steps.set_message("measuring");
    steps.inc(1);
    let mut report = evaluate(&faqs, &[], pairs.as_deref(), &test);
    report.rss_mb = report.rss_mb.or_else(peak_rss_mb);
    steps.finish_and_clear();
    if args.json {
        println!("{}", as_json(&report))
    } else {
        print(&report, args.mistakes)
    }
    Ok(())
}

/// The most memory that this process has held, in mebibytes; nothing where the system does not tell. Source: proc(5).
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn as_json(report: &Report) -> serde_json::Value {
    json!({
        "lines": report.lines,
        "top1": report.top1,
        "recall3": report.recall3,
        "coverage_p95": report.coverage_p95,
        "coverage_p90": report.coverage_p90,
        "auroc_near": report.auroc_near,
        "auroc_far": report.auroc_far,
        "ece": report.ece,
        "p50_ms": report.p50_ms,
        "p99_ms": report.p99_ms,
        "train_secs": report.train_secs,
        "rss_mb": report.rss_mb,
    })
}

fn print(report: &Report, mistakes: usize) {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let known = |share: Option<f64>| share.map_or_else(|| "no such lines".to_owned(), |s| format!("{s:.3}"));
    println!("lines                      {}", report.lines);
    println!("top 1                      {}", percent(report.top1));
    println!("recall at 3                {}", percent(report.recall3));
    println!("coverage at precision 95 % {}", percent(report.coverage_p95));
    println!("coverage at precision 90 % {}", percent(report.coverage_p90));
    println!("AUROC against near misses  {}", known(report.auroc_near));
    println!("AUROC against strangers    {}", known(report.auroc_far));
    println!("calibration error (ECE)    {:.3}", report.ece);
    println!("latency p50 / p99          {:.2} / {:.2} ms", report.p50_ms, report.p99_ms);
    println!("training                   {:.1} s", report.train_secs);
    println!("\nsays    is right    lines");
    for bin in report.reliability.iter().filter(|b| b.count > 0) {
        println!("{:.2}    {:.2}        {}", bin.mean_confidence, bin.share_right, bin.count);
    }
    for mistake in report.mistakes.iter().take(mistakes) {
        let gold = mistake.gold.as_deref().unwrap_or("(abstain)");
        println!("{:.2} {} → {} (right: {gold})", mistake.confidence, mistake.text, mistake.guess);
    }
}
