//! `jieti eval signals`: recall and false alarms of each signal on written lists and, without lists of one's own, on the
//! blind ones, by tables alone, by the model alone and by both.

use anyhow::Context;
use clap::Args;
use jieti_domain::understanding::Signal;
use jieti_language::signal_eval::{ASKED, Blind, By, Half, List, Score, measure, measure_blind};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Args)]
pub struct SignalsArgs {
    /// Lists of one's own (YAML: [{signal, says: [], not: []}]); without any, those that come with the program.
    lists: Vec<PathBuf>,
    /// Print a JSON line a signal: list, signal, lines, recall, lookalikes, false_alarm; of a blind list also by
    /// (tables, taught, both), and a line for the signal "all". Shares are 0–1.
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

const BLIND_ZH: &str = include_str!("../../../../language/tests/signals/blind.zh-CN.jsonl");
const BLIND_EN: &str = include_str!("../../../../language/tests/signals/blind.en.jsonl");

pub fn run(args: &SignalsArgs) -> anyhow::Result<()> {
    if args.lists.is_empty() {
        print("zh-CN", ZH, args.json)?;
        print("en", EN, args.json)?;
        print_blind("blind zh-CN", BLIND_ZH, args.json)?;
        return print_blind("blind en", BLIND_EN, args.json);
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

fn print_blind(name: &str, jsonl: &str, as_json: bool) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        signals: BTreeSet<String>,
    }
    let mut lines = Vec::new();
    for line in jsonl.lines() {
        let Line { text, signals } = serde_json::from_str(line).with_context(|| format!("{name}: {line}"))?;
        lines.push(Blind { text, signals });
    }
    for (by, by_name) in [(By::Tables, "tables"), (By::Taught, "taught"), (By::Both, "both")] {
        let score = measure_blind(&lines, by);
        let show = |signal: &str, says: usize, recall: f64, false_alarm: f64| {
            if as_json {
                println!(
                    "{}",
                    json!({
                        "list": name, "by": by_name, "signal": signal, "lines": says, "recall": recall,
                        "lookalikes": score.not, "false_alarm": false_alarm
                    })
                );
            } else {
                println!(
                    "{name:<11} {by_name:<6} {signal:<16} recall {:5.1} % of {says:>3}   false alarms {:4.1} % of {}",
                    100.0 * recall,
                    100.0 * false_alarm,
                    score.not
                );
            }
        };
        for (part, (signal, _)) in score.parts.iter().zip(ASKED) {
            let recall = part.found as f64 / part.says.max(1) as f64;
            show(signal, part.says, recall, part.alarms as f64 / score.not.max(1) as f64);
        }
        show("all", score.parts.iter().map(|part| part.says).sum(), score.recall(), score.false_alarm());
    }
    Ok(())
}
