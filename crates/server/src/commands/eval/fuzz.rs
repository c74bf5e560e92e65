//! `jieti eval fuzz`: the reader against texts that no customer should send and some will.

use super::super::progress;
use anyhow::bail;
use clap::Args;
use jieti_domain::knowledge::Knowledge;
use jieti_engine::pack::read_knowledge;
use jieti_language::Language;
use jieti_language::fuzz::{check, text};
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
    let fault = |number: u64| {
        let text = text(args.seed, number);
        match catch_unwind(AssertUnwindSafe(|| check(&language, &text))) {
            Ok(Ok(())) => None,
            Ok(Err(fault)) => Some((number, fault.to_string())),
            Err(_) => Some((number, "the reader panicked".to_owned())),
        }
    };
    for start in (0..args.inputs).step_by(BLOCK as usize) {
        let end = (start + BLOCK).min(args.inputs);
        if let Some((number, fault)) = (start..end).into_par_iter().find_map_first(fault) {
            bail!("text {number} of seed {} is not read: {fault}: {:?}", args.seed, text(args.seed, number));
        }
        bar.inc(end - start);
    }
    bar.finish_and_clear();
    println!("{} texts of seed {} read", args.inputs, args.seed);
    Ok(())
}
