//! `jieti train`: an encoder from pairs of questions. Owns files, progress and taking up again; the learning is
//! `language`'s.

use super::{progress, read_jsonl};
use anyhow::{Context, bail};
use clap::Args;
use jieti_language::encoder::train::{Pairs, Settings, Training};
use jieti_language::encoder::{Encoder, file};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Encoders trained apart and read together: one more than two gains a little still, a fourth next to nothing.
pub const MEMBERS: u64 = 3;

/// Pairs are JSONL: {"a", "b", "label": 1 (mean the same) | 0, "src": where from}.
#[derive(Args)]
pub struct TrainArgs {
    /// Question pairs.
    #[arg(long)]
    pairs: PathBuf,
    /// Frequent questions (JSONL: {"standard", "similar": []}) of the knowledge base to be served. Pairs that contain one are
    /// left out: what has been seen in training looks surer than it is.
    #[arg(long)]
    without: Option<PathBuf>,
    /// Only pairs of these sources (`src`), separated by commas.
    #[arg(long, value_delimiter = ',')]
    sources: Vec<String>,
    /// The model file to write.
    #[arg(long)]
    out: PathBuf,
    /// Encoders trained apart and read together.
    #[arg(long, default_value_t = MEMBERS)]
    members: u64,
    /// Times each pair is learnt from.
    #[arg(long, default_value_t = Settings::default().epochs)]
    epochs: usize,
    /// The same pairs, settings and seed give the same file, on any number of threads.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Deserialize)]
struct PairLine {
    a: String,
    b: String,
    label: u8,
    #[serde(default)]
    src: String,
}

#[derive(Deserialize)]
struct FaqLine {
    standard: String,
    #[serde(default)]
    similar: Vec<String>,
}

pub fn run(args: &TrainArgs) -> anyhow::Result<()> {
    if args.members == 0 || args.members > 8 || args.epochs == 0 {
        bail!("--members {} --epochs {}: choose 1 to 8 members and at least one epoch", args.members, args.epochs);
    }
    let mut apart = BTreeSet::new();
    if let Some(path) = &args.without {
        for line in read_jsonl::<FaqLine>(path)? {
            apart.insert(line.standard);
            apart.extend(line.similar);
        }
    }
    let pairs = read_pairs(&args.pairs, &args.sources, |text| apart.contains(text))?;
    let (same, different) = pairs.counts();
    eprintln!("{same} pairs that mean the same, {different} that do not");
    let mut bar = None;
    let mut members = Vec::new();
    let mut checkpoints = Vec::new();
    for member in 0..args.members {
        let settings = Settings { epochs: args.epochs, seed: args.seed.wrapping_add(member), ..Settings::default() };
        let checkpoint = beside(&args.out, &format!("checkpoint-{member}"));
        let mut training = match std::fs::read(&checkpoint) {
            Ok(bytes) => Training::resume(&pairs, settings, &bytes).with_context(|| checkpoint.display().to_string())?,
            Err(_) => Training::new(&pairs, settings),
        };
        let each = (training.batches() * args.epochs) as u64;
        let bar = bar.get_or_insert_with(|| progress(each * args.members, "training"));
        bar.set_position(each * member + (training.batches() * training.epoch()) as u64);
        while !training.is_done() {
            training.run_epoch(|| bar.inc(1));
            write_whole(&checkpoint, &training.checkpoint())?;
        }
        members.push(training.finish());
        checkpoints.push(checkpoint);
    }
    let bytes = Encoder::new(members, pairs.langs(), &pairs.asked()).to_bytes();
    write_whole(&args.out, &bytes)?;
    for checkpoint in &checkpoints {
        std::fs::remove_file(checkpoint).with_context(|| checkpoint.display().to_string())?;
    }
    println!("{}  {} MB  {}", args.out.display(), bytes.len() >> 20, file::fingerprint(&bytes));
    Ok(())
}

/// Reads pairs of the named sources (of all where none is named) that have no text to be kept apart.
pub fn read_pairs(path: &Path, sources: &[String], apart: impl Fn(&str) -> bool) -> anyhow::Result<Pairs> {
    let mut pairs = Pairs::default();
    for line in read_jsonl::<PairLine>(path)? {
        let wanted = sources.is_empty() || sources.contains(&line.src);
        if wanted && !apart(&line.a) && !apart(&line.b) {
            pairs.add(&line.a, &line.b, line.label == 1);
        }
    }
    if pairs.counts().0 == 0 {
        bail!("{}: no pair with label 1 is left to learn from; check label and --sources", path.display());
    }
    Ok(pairs)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}

/// A file is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = beside(path, "part");
    std::fs::write(&part, bytes).with_context(|| part.display().to_string())?;
    std::fs::rename(&part, path).with_context(|| path.display().to_string())
}
