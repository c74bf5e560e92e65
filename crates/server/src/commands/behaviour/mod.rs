//! `jieti behaviour`: history in (CSV, JSONL, Parquet), history out (Parquet by day), a survey, and the measure of the intake.

mod bench;
mod files;
mod prior;
mod process;

use crate::config::Config;
use crate::serve;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jieti_domain::journey::columns::{day_of, start_of_day};
use jieti_domain::journey::survey::quantile;
use jieti_domain::time::Timestamp;
use jieti_engine::{ImportRow, Imported, JourneyQuestion};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Rows given to the engine at once; a customer's day is never split.
const PIECE: usize = 100_000;
const DAY_MS: i64 = 86_400_000;

#[derive(Subcommand)]
pub enum BehaviourCommand {
    /// Take in acts of the past. Columns: customer, at (ms since 1970), platform, act; and if there: version, network, page, target,
    /// code, value. The same row twice is kept once. The server must not be running on a SQLite store.
    Import(ImportArgs),
    /// Write what is kept as Parquet, a folder a day: DIR/day=2026-11-22/behaviour.parquet. Customers are numbers.
    Export(ExportArgs),
    /// Count customers, visits, stays and ways of every journey.
    Survey(SurveyArgs),
    /// Measure the durable intake with live break points, from JSON to disk, on a store of its own.
    Bench(bench::BenchArgs),
    /// Find where cases wait in a process log (XES), and tell what comes next.
    Process(process::ProcessArgs),
    /// Measure how much the journey helps to tell what a customer wants.
    Prior(prior::PriorArgs),
}

#[derive(Args)]
pub struct ImportArgs {
    /// .csv, .jsonl or .parquet files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Configuration file (TOML) that names the store.
    #[arg(long, default_value = "jieti.toml")]
    config: PathBuf,
    /// Print one JSON object: rows, stored, doubled, breaks.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ExportArgs {
    /// Folder to write into; it is made where it is missing.
    #[arg(long)]
    to: PathBuf,
    /// Days up to now.
    #[arg(long, default_value_t = 400)]
    days: i64,
    #[arg(long, default_value = "jieti.toml")]
    config: PathBuf,
}

#[derive(Args)]
pub struct SurveyArgs {
    /// Days up to now.
    #[arg(long, default_value_t = 7)]
    days: i64,
    #[arg(long, default_value = "jieti.toml")]
    config: PathBuf,
    /// Print one JSON object: records, secs, journeys [{id, entered, done, steps [{id, visitors, visits, passed, p50_ms, p90_ms}]}].
    #[arg(long)]
    json: bool,
}

pub async fn run(command: BehaviourCommand) -> anyhow::Result<()> {
    match command {
        BehaviourCommand::Import(args) => import(&args).await,
        BehaviourCommand::Export(args) => export(&args).await,
        BehaviourCommand::Survey(args) => survey(&args).await,
        BehaviourCommand::Bench(args) => bench::run(&args).await,
        BehaviourCommand::Process(args) => process::run(&args),
        BehaviourCommand::Prior(args) => prior::run(&args),
    }
}

async fn import(args: &ImportArgs) -> anyhow::Result<()> {
    let mut rows: Vec<ImportRow> = Vec::new();
    for path in &args.files {
        rows.extend(match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => files::read_csv(path)?,
            Some("jsonl" | "ndjson") => super::read_jsonl(path)?,
            Some("parquet") => files::read_parquet(path)?,
            _ => bail!("{} is neither .csv, .jsonl nor .parquet; convert it first", path.display()),
        });
    }
    rows.sort_by(|a, b| (day_of(a.at), &a.customer, a.at).cmp(&(day_of(b.at), &b.customer, b.at)));
    let service = serve::start(&Config::load(&args.config)?).await?;
    let bar = super::progress(rows.len() as u64, "importing");
    let mut total = Imported::default();
    let given = rows.len();
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let whole = |end: usize| {
            let (last, next) = (&rest[end - 1], &rest[end]);
            (day_of(last.at), &last.customer) != (day_of(next.at), &next.customer)
        };
        let end = (PIECE.min(rest.len())..rest.len()).find(|end| whole(*end)).unwrap_or(rest.len());
        let (piece, more) = rest.split_at(end);
        let imported = service.engine.import_behaviour(piece.to_vec()).await?;
        total.stored += imported.stored;
        total.doubled += imported.doubled;
        total.breaks += imported.breaks;
        bar.inc(piece.len() as u64);
        rest = more;
    }
    bar.finish_and_clear();
    let Imported { stored, doubled, breaks } = total;
    if args.json {
        println!("{}", json!({ "rows": given, "stored": stored, "doubled": doubled, "breaks": breaks }));
    } else {
        println!("{given} rows: {stored} stored, {doubled} were there already; {breaks} break points");
    }
    Ok(())
}

async fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let service = serve::start(&Config::load(&args.config)?).await?;
    let today = day_of(service.engine.now().0);
    let days = service.engine.behaviour_days(today - args.days, today).await?;
    let bar = super::progress(days.len() as u64, "exporting");
    let mut acts = 0;
    for day in &days {
        let rows = service.engine.behaviour_of(*day).await?;
        acts += rows.len();
        let folder = args.to.join(format!("day={}", Timestamp(start_of_day(*day)).china_date()));
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        files::write_parquet(&folder.join("behaviour.parquet"), &rows)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{acts} acts of {} days in {}", days.len(), args.to.display());
    Ok(())
}

async fn survey(args: &SurveyArgs) -> anyhow::Result<()> {
    let service = serve::start(&Config::load(&args.config)?).await?;
    let to = Timestamp(service.engine.now().0 + 1);
    let question = JourneyQuestion { from: Timestamp(to.0 - args.days * DAY_MS), to, ..JourneyQuestion::default() };
    let began = Instant::now();
    let mut answer = service.engine.survey(&question).await?;
    let map = std::sync::Arc::clone(&answer.map);
    let mut journeys = Vec::new();
    for (number, journey) in map.journeys.iter().enumerate() {
        let mut steps = Vec::new();
        for (step, place) in map.places.iter().enumerate().filter(|(_, place)| place.journey == number) {
            let count = &mut answer.survey.steps[step];
            steps.push(json!({
                "id": place.step.id, "visitors": count.visitors, "visits": count.visits, "passed": count.passed,
                "p50_ms": quantile(&mut count.dwells_ms, 0.5), "p90_ms": quantile(&mut count.dwells_ms, 0.9),
            }));
        }
        journeys.push(json!({ "id": journey.id, "done": answer.survey.done[number], "steps": steps }));
    }
    let secs = began.elapsed().as_secs_f64();
    if args.json {
        println!("{}", json!({ "records": answer.survey.records, "secs": secs, "journeys": journeys }));
        return Ok(());
    }
    println!("{} acts counted in {secs:.2} s\n", answer.survey.records);
    println!("{:<36}{:>10}{:>10}{:>10}{:>10}{:>10}", "step", "visitors", "visits", "passed", "p50 s", "p90 s");
    for (step, place) in map.places.iter().enumerate() {
        let count = &mut answer.survey.steps[step];
        let secs = |ms: Option<u32>| ms.map_or("-".to_owned(), |ms| format!("{:.1}", f64::from(ms) / 1000.0));
        let path = format!("{}.{}", map.journeys[place.journey].id, place.step.id);
        let (p50, p90) = (quantile(&mut count.dwells_ms, 0.5), quantile(&mut count.dwells_ms, 0.9));
        println!("{path:<36}{:>10}{:>10}{:>10}{:>10}{:>10}", count.visitors, count.visits, count.passed, secs(p50), secs(p90));
    }
    Ok(())
}
