//! `jieti replay`: an old chat log through today's policy: who would have answered, and examples of each.

use super::progress;
use crate::config::Config;
use crate::{assets, serve};
use anyhow::{Context, bail};
use clap::Args;
use jieti_domain::conversation::{Channel, Conversation, Customer, Duty, Effect, Event, Input, Rules, StoredEvent, decide};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId};
use jieti_domain::knowledge::Knowledge;
use jieti_domain::lender::LenderError;
use jieti_domain::tier::Tier;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_engine::pack::read_knowledge;
use jieti_language::{Language, Reading};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The log is JSONL with {"conversation", "text"} (and optionally "from": only lines from "customer" are replayed), or
/// CSV with columns of these names, in the order of time.
#[derive(Args)]
pub struct ReplayArgs {
    /// Chat log: .jsonl or .csv.
    log: PathBuf,
    /// Configuration whose [policy] is tried; the defaults where there is none.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Examples printed for each tier.
    #[arg(long, default_value_t = 3)]
    examples: usize,
    /// Silent seats on duty in the replay.
    #[arg(long, default_value_t = 1)]
    silent_seats: u32,
    /// Agents on duty in the replay.
    #[arg(long, default_value_t = 1)]
    agents: u32,
    /// Print one JSON object: conversations, messages, tiers {self_service, bot, silent_seat, human} (counts), share
    /// {same keys} (0–1), examples {same keys: [{conversation, text, reason}]}.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct LogLine {
    conversation: String,
    text: String,
    #[serde(default)]
    from: Option<String>,
}

struct Outcome {
    conversation: String,
    tier: Tier,
    text: String,
    reason: String,
}

pub fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let policy = match &args.config {
        Some(path) => Config::load(path)?.policy,
        None => Config::default().policy,
    };
    let lines = read_log(&args.log)?;
    let flows = serve::flows("")?;
    let knowledge = Knowledge::new(read_knowledge(&assets::pack(), &flows)?);
    let language = Language::train(&knowledge);
    let service = serve::service("")?;
    // A model would not write the same again: what it wrote then is not replayed.
    let rules =
        Rules { policy, knowledge: Arc::new(knowledge), flows: Arc::new(flows), service: Arc::new(service), writes: false };
    let duty = Duty { agents: args.agents, silent_seats: args.silent_seats, ..Duty::default() };
    let mut conversations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines.into_iter().filter(|l| l.from.as_deref().is_none_or(|f| f == "customer")) {
        conversations.entry(line.conversation).or_default().push(line.text);
    }
    if conversations.is_empty() {
        bail!("{} has no line from a customer; lines need \"conversation\" and \"text\"", args.log.display());
    }
    let messages: usize = conversations.values().map(Vec::len).sum();
    let bar = progress(conversations.len() as u64, "replaying");
    let outcomes: Vec<Outcome> = conversations
        .into_iter()
        .map(|(id, texts)| {
            bar.inc(1);
            play(id, &texts, &rules, duty, &language)
        })
        .collect();
    bar.finish_and_clear();
    report(args, &outcomes, messages);
    Ok(())
}

fn read_log(path: &Path) -> anyhow::Result<Vec<LogLine>> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("csv") => {
            let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
            let rows: Result<Vec<LogLine>, csv::Error> = reader.deserialize().collect();
            rows.with_context(|| format!("{}: columns conversation, text and, if wanted, from", path.display()))
        }
        Some("jsonl") => super::read_jsonl(path),
        _ => bail!("{} is neither .jsonl nor .csv; convert it first", path.display()),
    }
}

/// One conversation through the real `decide`. The lender is not asked: its questions are answered with "no answer",
/// which ends a flow but not the count that it was self-service.
fn play(id: String, texts: &[String], rules: &Rules, duty: Duty, language: &Language) -> Outcome {
    let mut now = Timestamp(0);
    let customer = Customer { id: CustomerId::new(id.as_str()), name: None, signed_in: true };
    let opened = Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn };
    let mut state = Conversation::fold(ConversationId::new(id.as_str()), [StoredEvent { seq: 1, at: now, event: opened }])
        .expect("the first event is the opening");
    let mut highest: Option<(Tier, String, String)> = None;
    for text in texts {
        now = now.plus_secs(30);
        let client_id = ClientMessageId::new("replay");
        let said = StoredEvent { seq: state.seq + 1, at: now, event: Event::CustomerSaid { client_id, text: text.clone() } };
        let of = said.seq;
        state.apply(&said);
        let understanding = language.understand(&Reading {
            text,
            today: now.china_date(),
            lang_hint: Some(state.lang),
            context: Default::default(),
        });
        let effects = step(&mut state, Input::Understood { of, text, understanding: &understanding }, rules, duty, now);
        for effect in effects {
            if let Effect::AskLender(request) = effect {
                let operation = format!("{:?}", request.operation);
                let answer = Err(LenderError::Unreachable { operation, detail: "not asked in a replay".to_owned() });
                // A flow that changes something would call a person for a lost answer; that is the replay's doing.
                if !request.operation.changes_something() {
                    step(&mut state, Input::LenderAnswered { request: &request.id, answer }, rules, duty, now);
                }
            }
        }
        if let Some((tier, reason)) = &state.tier
            && highest.as_ref().is_none_or(|(t, ..)| t < tier)
        {
            let reason = serde_json::to_value(reason).ok().and_then(|r| Some(r.get("why")?.as_str()?.to_owned()));
            highest = Some((*tier, text.clone(), reason.unwrap_or_default()));
        }
    }
    let (tier, text, reason) = highest.unwrap_or((Tier::Bot, texts.first().cloned().unwrap_or_default(), String::new()));
    Outcome { conversation: id, tier, text, reason }
}

fn step(state: &mut Conversation, input: Input<'_>, rules: &Rules, duty: Duty, now: Timestamp) -> Vec<Effect> {
    let decision = decide(state, input, rules, duty, now).expect("only staff are refused, and none act in a replay");
    for event in decision.events {
        let stored = StoredEvent { seq: state.seq + 1, at: now, event };
        state.apply(&stored);
    }
    decision.effects
}

const TIERS: [(Tier, &str); 4] =
    [(Tier::SelfService, "self_service"), (Tier::Bot, "bot"), (Tier::SilentSeat, "silent_seat"), (Tier::Human, "human")];

fn report(args: &ReplayArgs, outcomes: &[Outcome], messages: usize) {
    let of = |tier: Tier| outcomes.iter().filter(move |o| o.tier == tier);
    let share = |tier: Tier| of(tier).count() as f64 / outcomes.len() as f64;
    if args.json {
        let counts: BTreeMap<&str, usize> = TIERS.iter().map(|(t, name)| (*name, of(*t).count())).collect();
        let shares: BTreeMap<&str, f64> = TIERS.iter().map(|(t, name)| (*name, share(*t))).collect();
        let examples: BTreeMap<&str, Vec<serde_json::Value>> = TIERS
            .iter()
            .map(|(t, name)| {
                let shown = of(*t).take(args.examples);
                (*name, shown.map(|o| json!({ "conversation": o.conversation, "text": o.text, "reason": o.reason })).collect())
            })
            .collect();
        let report = json!({ "conversations": outcomes.len(), "messages": messages, "tiers": counts, "share": shares, "examples": examples });
        println!("{report}");
        return;
    }
    println!("{} conversations, {messages} messages of customers", outcomes.len());
    for (tier, name) in TIERS {
        println!("\n{name:<12} {:>6}  {:>5.1} %", of(tier).count(), 100.0 * share(tier));
        for example in of(tier).take(args.examples) {
            println!("    {} [{}] {}", example.conversation, example.reason, example.text);
        }
    }
}
