//! The tools around the service, one file each. Every one that measures prints documented, stable JSON with `--json`.

pub mod behaviour;
pub mod doctor;
pub mod eval;
pub mod import;
pub mod inspect;
pub mod load;
pub mod replay;
pub mod simulate;
pub mod staff;
pub mod train;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use std::path::Path;

/// A bar on standard error for long work; it disappears where nobody looks.
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>12} {wide_bar} {pos}/{len} {eta}").expect("the template is fixed and legal");
    ProgressBar::new(length).with_style(style).with_message(what)
}

/// Reads JSONL; the first bad line ends it with file, line and reason.
pub fn read_jsonl<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| serde_json::from_str(line).with_context(|| format!("{} line {}", path.display(), number + 1)))
        .collect()
}
