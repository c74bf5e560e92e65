//! `jieti simulate`: a day in virtual time over the router that the service runs.

mod bank;
mod bench;

use crate::commands::progress;
use crate::serve;
use anyhow::Context;
use clap::Args;
use jieti_domain::routing::RoutingRules;
use jieti_simulation::{Report, Scenario, Waits, run as play};
use std::path::PathBuf;
use std::time::Instant;

#[derive(Args)]
pub struct SimulateArgs {
    /// Scenario (YAML); a working day of a small desk where it is left out. `--example` prints that one.
    scenario: Option<PathBuf>,
    /// Print the built-in scenario and end.
    #[arg(long)]
    example: bool,
    /// Replay a call centre's log (tab-separated, with a heading; the anonymous bank's format) and compare with what happened.
    #[arg(long, conflicts_with = "scenario")]
    calls: Option<PathBuf>,
    /// With --calls: people by this table of hours by shifts, instead of who took calls.
    #[arg(long, requires = "calls")]
    shifts: Option<PathBuf>,
    /// With --shifts: people in each shift.
    #[arg(long, default_value_t = 1)]
    per_shift: u32,
    /// Draws another day; the same seed gives the same one.
    #[arg(long)]
    seed: Option<u64>,
    /// Folder of the service rules; the built-in ones where it is left out.
    #[arg(long, default_value = "")]
    service: String,
    /// Measure assignments a second with 2,000 people and 50,000 waiting, and end.
    #[arg(long)]
    bench: bool,
    /// Print JSON: a day's `Report`; with --calls {"learnt": {…}, "days": n, "actual": {…}, "simulated": {…}}; with --bench
    /// {"agents", "waiting", "assignments", "secs", "assignments_per_sec"}.
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = include_str!("day.yaml");

pub fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    if args.example {
        print!("{EXAMPLE}");
        return Ok(());
    }
    let rules = serve::service(&args.service)?.routing;
    if args.bench {
        return bench::run(&rules, args.json);
    }
    if let Some(calls) = &args.calls {
        return bank::run(&bank::Replay {
            calls,
            shifts: args.shifts.as_deref(),
            per_shift: args.per_shift,
            seed: args.seed.unwrap_or(1),
            json: args.json,
        });
    }
    day(args, &rules)
}

fn day(args: &SimulateArgs, rules: &RoutingRules) -> anyhow::Result<()> {
    let (name, text) = match &args.scenario {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
            (path.display().to_string(), text)
        }
        None => ("the built-in scenario".to_owned(), EXAMPLE.to_owned()),
    };
    let mut scenario: Scenario = serde_saphyr::from_str(&text).with_context(|| name.clone())?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let day = scenario.day(rules).with_context(|| name)?;
    let bar = progress(day.incoming.len() as u64, "contacts");
    let started = Instant::now();
    let report = play(&day, |contacts| bar.set_position(contacts as u64));
    bar.finish_and_clear();
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print_report(&report, day.people.len(), started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn print_report(report: &Report, people: usize, secs: f64) {
    println!("{} contacts, {people} people, played in {secs:.2} s\n", report.all.offered);
    println!(
        "{:<16} {:>8} {:>9} {:>7} {:>7} {:>7} {:>8} {:>9}",
        "", "offered", "mean s", "p50 s", "p90 s", "≤ 20 s", "gave up", "unserved"
    );
    let line = |name: &str, waits: &Waits| {
        println!(
            "{name:<16} {:>8} {:>9.1} {:>7.0} {:>7.0} {:>6.1}% {:>7.1}% {:>9}",
            waits.offered,
            waits.mean_wait_secs,
            waits.p50_wait_secs,
            waits.p90_wait_secs,
            waits.in_time * 100.0,
            waits.abandoned_share * 100.0,
            waits.unserved
        );
    };
    line("all", &report.all);
    report.streams.iter().for_each(|(name, waits)| line(name, waits));
    println!("\noccupancy {:.1} %, requeued {}", report.occupancy * 100.0, report.requeued);
    println!(
        "expected wait: off by {:.1} s in the mean (bias {:+.1} s); by {:.1} s where a wait was expected",
        report.expected_wait_error_secs, report.expected_wait_bias_secs, report.expected_wait_error_of_waiting_secs
    );
}
