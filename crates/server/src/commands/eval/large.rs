//! `jieti eval large`: the reader with a knowledge base of many entries: time a message, memory, time to take up one edit.

use super::faq::{peak_rss_mb, read_model};
use anyhow::bail;
use clap::Args;
use jieti_language::encoder::sentence::Encoders;
use jieti_language::{Context, Language, Reading, large};
use jiff::civil::date;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

#[derive(Args)]
pub struct LargeArgs {
    /// Entries with one to five questions each, composed of a lender's words.
    #[arg(long, default_value_t = 100_000)]
    entries: usize,
    /// Messages to read, one after the other.
    #[arg(long, default_value_t = 3_000)]
    messages: usize,
    /// A model file of `jieti train`, to read by meaning as well; without it, by words alone.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print one JSON object: entries, build_secs, p50_ms, p99_ms, found (share of slightly reworded questions whose entry
    /// comes first), edit_ms (from the edit to being found), rss_mb (the most held, the knowledge base itself included).
    #[arg(long)]
    json: bool,
}

pub fn run(args: &LargeArgs) -> anyhow::Result<()> {
    if args.entries == 0 || args.messages == 0 {
        bail!("--entries {} --messages {}: choose one or more of each", args.entries, args.messages);
    }
    let knowledge = large::knowledge(args.entries);
    let read = |language: &Language, text: &str| {
        language.understand(&Reading { text, today: date(2026, 11, 22), lang_hint: None, context: Context::default() })
    };
    let mut encoders = Encoders::default();
    if let Some(path) = &args.model {
        encoders = encoders.with(Arc::new(read_model(path)?));
    }
    let clock = Instant::now();
    let language = Language::train_with(&knowledge, encoders)?;
    let build_secs = clock.elapsed().as_secs_f64();
    let mut times_ms = Vec::with_capacity(args.messages);
    let mut found = 0;
    for message in 0..args.messages {
        let (need, text) = large::asked(message * args.entries / args.messages);
        let clock = Instant::now();
        let understood = read(&language, &text);
        times_ms.push(clock.elapsed().as_secs_f64() * 1e3);
        found += usize::from(understood.best().is_some_and(|best| best.need == need));
    }
    times_ms.sort_by(f64::total_cmp);
    let quantile = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share) as usize];
    let rss_mb = peak_rss_mb();
    let (edited, need, question) = large::edited(&knowledge);
    let clock = Instant::now();
    let language = language.update(&edited, &BTreeSet::from([need.clone()]))?;
    let is_found = read(&language, &question).best().is_some_and(|best| best.need == need);
    let edit_ms = clock.elapsed().as_secs_f64() * 1e3;
    if !is_found {
        bail!("the edited entry is not found by its own question {question:?}");
    }
    let found = found as f64 / args.messages as f64;
    let (p50_ms, p99_ms) = (quantile(0.5), quantile(0.99));
    if args.json {
        println!(
            "{}",
            json!({ "entries": args.entries, "build_secs": build_secs, "p50_ms": p50_ms, "p99_ms": p99_ms, "found": found, "edit_ms": edit_ms, "rss_mb": rss_mb })
        );
    } else {
        println!("entries                   {}", args.entries);
        println!("built in                  {build_secs:.1} s");
        println!("understanding p50 / p99   {p50_ms:.2} / {p99_ms:.2} ms");
        println!("reworded questions found  {:.1} %", 100.0 * found);
        println!("an edit is found after    {edit_ms:.1} ms");
        println!("memory, all together      {:.0} MB", rss_mb.unwrap_or(0.0));
    }
    Ok(())
}
