//! `jieti inspect`: runs a scorecard over closed conversations of a store, beside the one in use, before it goes live.
//! Stores nothing.

use crate::assets;
use anyhow::{Context, bail};
use clap::Args;
use jieti_domain::time::Timestamp;
use jieti_engine::pack::{read_scorecard, read_service};
use jieti_engine::{Example, RuleTrial, Trial, try_card, with_published_card};
use jieti_store::{Store, StoreUrl};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

#[derive(Args)]
pub struct InspectArgs {
    /// Scorecard to try (YAML), in the shape of packs/consumer-loan/service/inspection/scorecard.yaml.
    #[arg(long)]
    scorecard: PathBuf,
    /// SQLite file (no server may be running on it: take a copy), or postgres://user:password@host/database.
    #[arg(long)]
    store: String,
    /// Only conversations closed since the beginning of this day in China, YYYY-MM-DD.
    #[arg(long)]
    since: Option<String>,
    /// Conversations at most, the latest first.
    #[arg(long, default_value_t = 100_000)]
    limit: u64,
    /// Print JSON: {"conversations", "secs", "score": {"before", "after"}, "flagged": {…}, "rules": [{"rule", "before",
    /// "after", "gained": [{"conversation", "seq", "quote"}], "lost": […]}]}.
    #[arg(long)]
    json: bool,
}

pub async fn run(args: InspectArgs) -> anyhow::Result<()> {
    let path = args.scorecard.display();
    let source = std::fs::read_to_string(&args.scorecard).with_context(|| path.to_string())?;
    let after = match read_scorecard(&source, 0) {
        Ok(card) => Arc::new(card),
        Err(problems) => bail!("{path}:\n{}", problems.join("\n")),
    };
    let since = args.since.as_deref().map_or(Ok(Timestamp(0)), day)?;
    let url = StoreUrl::parse(&args.store);
    if let StoreUrl::Sqlite(file) = &url
        && !file.exists()
    {
        bail!("--store {} does not exist; name the store of a service", file.display());
    }
    let store = Store::open(&url).await?;
    let before = with_published_card(&store, read_service(&assets::service())?).await?.scorecard;
    let began = Instant::now();
    let trial = try_card(&store, before, after, since, args.limit).await?;
    let secs = began.elapsed().as_secs_f64();
    if args.json {
        println!("{}", as_json(&trial, secs))
    } else {
        print(&trial, secs)
    }
    Ok(())
}

fn day(text: &str) -> anyhow::Result<Timestamp> {
    // China has one zone without daylight saving: UTC+8.
    let midnight: jiff::Timestamp =
        format!("{text}T00:00:00+08:00").parse().with_context(|| format!("--since {text:?} is not a day; write YYYY-MM-DD"))?;
    Ok(Timestamp(midnight.as_millisecond()))
}

fn as_json(trial: &Trial, secs: f64) -> Value {
    let examples = |examples: &[Example]| -> Vec<Value> {
        let one = |e: &Example| json!({ "conversation": e.conversation, "seq": e.finding.at, "quote": e.finding.quote });
        examples.iter().map(one).collect()
    };
    let rule = |rule: &RuleTrial| {
        json!({
            "rule": rule.rule, "before": rule.before, "after": rule.after,
            "gained": examples(&rule.gained), "lost": examples(&rule.lost),
        })
    };
    json!({
        "conversations": trial.conversations,
        "secs": secs,
        "score": { "before": trial.score_before, "after": trial.score_after },
        "flagged": { "before": trial.flagged_before, "after": trial.flagged_after },
        "rules": trial.rules.iter().map(rule).collect::<Vec<_>>(),
    })
}

fn print(trial: &Trial, secs: f64) {
    println!("{} closed conversations in {secs:.2} s", trial.conversations);
    println!("mean score             {:6.1} → {:6.1}", trial.score_before, trial.score_after);
    println!("with findings          {:6} → {:6}", trial.flagged_before, trial.flagged_after);
    for rule in &trial.rules {
        println!("\n{:<22} {:6} → {:6}", rule.rule.as_str(), rule.before, rule.after);
        for (sign, examples) in [("+", &rule.gained), ("-", &rule.lost)] {
            for example in examples {
                println!(
                    "    {sign} {} #{} {}",
                    example.conversation,
                    example.finding.at,
                    example.finding.quote.replace('\n', " ")
                );
            }
        }
    }
}
