//! `jieti eval fuzz`: the reader against texts that no customer should send and some will.

use super::super::progress;
use anyhow::bail;
use clap::Args;
use jieti_domain::knowledge::Knowledge;
use jieti_engine::pack::read_knowledge;
use jieti_language::fuzz::text;
use jieti_language::{Context, Language, Reading, mask_personal};
use jiff::civil::date;
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Args)]
pub struct FuzzArgs {
    /// Texts to read.
    #[arg(long, default_value_t = 100_000)]
    inputs: u64,
    /// The same seed and number give the same text.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Of the pack's entries, every so many are learnt.
const EVERY: usize = 5;
/// Texts between two steps of the progress bar.
const BLOCK: u64 = 10_000;

pub fn run(args: &FuzzArgs) -> anyhow::Result<()> {
    let knowledge = read_knowledge(&crate::assets::pack(), &crate::serve::flows("")?)?;
    // A small model: what breaks a reader is in the text, and ten million texts are to be read in minutes.
    let language = Language::train(&Knowledge::new(knowledge.into_iter().step_by(EVERY)));
    let bar = progress(args.inputs, "reading");
    let broken = |number: u64| {
        let text = text(args.seed, number);
        let read = catch_unwind(AssertUnwindSafe(|| {
            let reading = Reading { text: &text, today: date(2026, 11, 22), lang_hint: None, context: Context::default() };
            let understood = language.understand(&reading);
            let sum: f32 = understood.needs.iter().map(|n| n.confidence).sum();
            let masked = mask_personal(&text);
            (sum <= 1.0 + 1e-3 && sum >= 0.0 && mask_personal(&masked) == masked).then_some(())
        }));
        !matches!(read, Ok(Some(())))
    };
    for start in (0..args.inputs).step_by(BLOCK as usize) {
        let end = (start + BLOCK).min(args.inputs);
        if let Some(number) = (start..end).into_par_iter().find_first(|number| broken(*number)) {
            bail!("text {number} of seed {} is not read: {:?}", args.seed, text(args.seed, number));
        }
        bar.inc(end - start);
    }
    bar.finish_and_clear();
    println!("{} texts of seed {} read", args.inputs, args.seed);
    Ok(())
}
