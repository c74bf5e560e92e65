//! `jieti eval signals`: recall and false alarms of each signal on written lists.

use anyhow::Context;
use clap::Args;
use jieti_domain::understanding::Signal;
use jieti_language::signal_eval::{Half, List, Score, measure};
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub struct SignalsArgs {
    /// Lists of one's own (YAML: [{signal, says: [], not: []}]); without any, those that come with the program.
    lists: Vec<PathBuf>,
    /// Print a JSON line a signal: list, signal, lines, recall, lookalikes, false_alarm. Shares are 0–1.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Written {
    signal: Signal,
    says: Vec<String>,
    not: Vec<String>,
}

const ZH: &str = include_str!("../../../../language/tests/signals/zh-CN.yaml");
const EN: &str = include_str!("../../../../language/tests/signals/en.yaml");

pub fn run(args: &SignalsArgs) -> anyhow::Result<()> {
    if args.lists.is_empty() {
        print("zh-CN", ZH, args.json)?;
        return print("en", EN, args.json);
    }
    for path in &args.lists {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        print(&path.display().to_string(), &text, args.json)?;
    }
    Ok(())
}

fn print(name: &str, yaml: &str, as_json: bool) -> anyhow::Result<()> {
    let written: Vec<Written> = serde_saphyr::from_str(yaml).with_context(|| name.to_owned())?;
    let lists: Vec<List> = written.into_iter().map(|w| List { signal: w.signal, says: w.says, not: w.not }).collect();
    let halves = [measure(&lists, Half::Mended), measure(&lists, Half::HeldOut)];
    for (one, other) in halves[0].iter().zip(&halves[1]) {
        let sum = |part: fn(&Score) -> usize| part(one) + part(other);
        let (says, not) = (sum(|s| s.says), sum(|s| s.not));
        let recall = sum(|s| s.found) as f64 / says.max(1) as f64;
        let false_alarm = sum(|s| s.alarms) as f64 / not.max(1) as f64;
        let signal = serde_json::to_value(one.signal)?;
        if as_json {
            println!(
                "{}",
                json!({ "list": name, "signal": signal, "lines": says, "recall": recall, "lookalikes": not, "false_alarm": false_alarm })
            );
        } else {
            let signal = signal.as_str().unwrap_or_default().to_owned();
            println!(
                "{name:<6} {signal:<18} recall {:5.1} % of {says:>3}   false alarms {:4.1} % of {not}",
                100.0 * recall,
                100.0 * false_alarm
            );
        }
    }
    Ok(())
}
