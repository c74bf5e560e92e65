//! `jieti`: one binary for the service, its demo, and the tools around it. Owns wiring; rules are elsewhere.

mod assets;
mod commands;
mod config;
mod demo;
mod lender;
mod meaning;
mod serve;
mod writer;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Customer service for consumer finance: AI and people on one staircase.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service as a configuration file says (`jieti config` writes one).
    Serve {
        /// Configuration file (TOML). `JIETI_<NAME>` in the environment wins over the file.
        #[arg(long, default_value = "jieti.toml")]
        config: PathBuf,
    },
    /// Run everything on this machine: service, sandbox lender, demo loan app. Needs no key and no server.
    Demo(demo::DemoArgs),
    /// What apps report: take history in, give it out as Parquet, survey it, measure its intake.
    #[command(subcommand)]
    Behaviour(commands::behaviour::BehaviourCommand),
    /// Print a configuration file with every setting, its default and what it means.
    Config,
    /// Measure how well questions are understood, on files of your own.
    #[command(subcommand)]
    Eval(commands::eval::EvalCommand),
    /// Train an encoder on pairs of questions, from scratch; goes on where it was interrupted.
    Train(commands::train::TrainArgs),
    /// Run an old chat log (JSONL or CSV) through the policy and print who would have answered.
    Replay(commands::replay::ReplayArgs),
    /// Take knowledge in from CSV, XLSX or YAML; every bad row is reported, and nothing is imported unless all are good.
    Import(commands::import::ImportArgs),
    /// Run a scorecard over closed conversations beside the one in use: what it would find, and what no longer.
    Inspect(commands::inspect::InspectArgs),
    /// Drive many customers over WebSocket against a running server and report throughput and waits.
    Load(commands::load::LoadArgs),
    /// Play a day in virtual time over the real router and print waits, service level, occupancy and abandons.
    Simulate(commands::simulate::SimulateArgs),
    /// Look for what could go wrong before it does: configuration, store, lender, knowledge, flows.
    Doctor {
        /// Configuration file (TOML).
        #[arg(long, default_value = "jieti.toml")]
        config: PathBuf,
        /// Print JSON: {"checks": [{"name", "ok", "detail"}]}.
        #[arg(long)]
        json: bool,
    },
    /// Add a person who works at the lender.
    Staff(commands::staff::StaffArgs),
}

/// All threads share one arena of memory: what one frees another uses, where each would keep its own. With large knowledge that is a
/// sixth of the whole (docs/knowledge.md). Small pieces are kept by thread anyway, so that hardly any waits.
#[cfg(target_env = "gnu")]
fn share_memory() {
    // SAFETY: it sets a number of the allocator, and this is the only thread.
    let is_set = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    debug_assert_eq!(is_set, 1);
}

#[cfg(not(target_env = "gnu"))]
fn share_memory() {}

fn main() -> ExitCode {
    share_memory();
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("JIETI_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A log on a full disk is lost; complaining about that on the same disk would panic whoever logs.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false).init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the operating system gave no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve { config } => serve::run(&config).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Config => {
                print!("{}", config::example());
                Ok(())
            }
            Command::Behaviour(command) => commands::behaviour::run(command).await,
            Command::Eval(command) => commands::eval::run(command),
            Command::Train(args) => commands::train::run(&args),
            Command::Replay(args) => commands::replay::run(&args),
            Command::Import(args) => commands::import::run(&args).await,
            Command::Inspect(args) => commands::inspect::run(args).await,
            Command::Load(args) => commands::load::run(&args).await,
            Command::Simulate(args) => commands::simulate::run(&args),
            Command::Doctor { config, json } => commands::doctor::run(&config, json).await,
            Command::Staff(args) => commands::staff::run(args).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
