//! `jieti doctor`: looks for what would fail later, and says how to mend it.

use crate::config::{Config, EncoderConfig};
use crate::{assets, meaning, serve};
use anyhow::bail;
use jieti_domain::routing::{Staffed, stranding};
use jieti_domain::service::ServiceRules;
use jieti_domain::understanding::Lang;
use jieti_engine::pack::{read_knowledge, read_scorecard};
use jieti_language::encoder::sentence::{Masked, Patience};
use jieti_language::{Language, Reading};
use jieti_providers::lender::LenderCore;
use jieti_providers::lender::sandbox::{SandboxLender, SandboxSettings};
use jieti_store::{StaffRow, Store, StoreUrl};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    /// Records one check; gives the value on if it went well.
    fn take<T>(&mut self, name: &'static str, result: anyhow::Result<(T, String)>) -> Option<T> {
        let (value, ok, detail) = match result {
            Ok((value, detail)) => (Some(value), true, detail),
            Err(error) => (None, false, format!("{error:#}")),
        };
        self.0.push(Check { name, ok, detail });
        value
    }
}

/// Sentences that must reach a person or a flow whatever else is configured.
const MUST_UNDERSTAND: &[&str] = &["转人工", "我要投诉", "我这个月要还多少"];

pub async fn run(path: &Path, json: bool) -> anyhow::Result<()> {
    let mut checks = Checks::default();
    let config = checks.take("configuration", Config::load(path).map(|c| (c, path.display().to_string())));
    if let Some(config) = config {
        look(&mut checks, &config).await;
    }
    let failed = checks.0.iter().filter(|c| !c.ok).count();
    if json {
        println!("{}", serde_json::json!({ "checks": checks.0 }));
    } else {
        for check in &checks.0 {
            println!("{} {:<14} {}", if check.ok { "ok  " } else { "FAIL" }, check.name, check.detail);
        }
    }
    if failed > 0 { bail!("{failed} of {} checks failed", checks.0.len()) } else { Ok(()) }
}

async fn look(checks: &mut Checks, config: &Config) {
    let flows = serve::flows(&config.flows).map(|flows| {
        let count = flows.iter().count();
        (flows, format!("{count} flows, every step reachable, nothing changed without consent"))
    });
    let flows = checks.take("flows", flows).unwrap_or_default();
    let service = serve::service(&config.service).map(|rules| {
        let detail = format!("{} canned replies", rules.replies.len());
        (rules, detail)
    });
    let service = checks.take("service", service);
    let opened = Store::open(&StoreUrl::parse(&config.store)).await.map_err(anyhow::Error::from);
    let store = checks.take(
        "store",
        opened.map(|store| {
            let detail = format!("{}, epoch {}", store.kind(), store.epoch());
            (store, detail)
        }),
    );
    if let Some(store) = &store {
        checks.take("scorecard", scorecard(store, config).await);
    }
    let entries = match &store {
        Some(store) => {
            store.published().await.map(|v| v.into_iter().filter_map(|v| v.entry).collect::<Vec<_>>()).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let (entries, origin) = if entries.is_empty() {
        (read_knowledge(&assets::pack(), &flows).unwrap_or_default(), "starter pack (the store has none yet)")
    } else {
        (entries, "published")
    };
    let knowledge = jieti_domain::knowledge::Knowledge::new(entries);
    let problems = knowledge.problems(&flows.ids());
    let verdict = match problems.first() {
        None if knowledge.is_empty() => Err(anyhow::anyhow!("no knowledge at all; import some with `jieti import`")),
        None => Ok(((), format!("{} entries, {origin}", knowledge.len()))),
        Some(first) => Err(anyhow::anyhow!("{} problems; the first: {first}", problems.len())),
    };
    checks.take("knowledge", verdict);
    let language = Language::train(&knowledge);
    let today = jieti_engine::Clock::now(&jieti_engine::SystemClock).china_date();
    let deaf: Vec<&str> = MUST_UNDERSTAND
        .iter()
        .filter(|text| {
            let heard = language.understand(&Reading { text, today, lang_hint: Some(Lang::ZhCn), context: Default::default() });
            heard.signals.is_empty() && heard.best().is_none_or(|b| b.confidence < config.policy.fair_from)
        })
        .copied()
        .collect();
    let heard = if deaf.is_empty() {
        Ok(((), format!("understands {}", MUST_UNDERSTAND.join(", "))))
    } else {
        Err(anyhow::anyhow!("does not understand {}; add ways to ask", deaf.join(", ")))
    };
    checks.take("language", heard);
    checks.take("encoders", encoders(config).await);
    let lender = match SandboxLender::new(SandboxSettings::new(config.lender_url.as_str(), config.lender_key.as_str())) {
        Ok(lender) => lender.health().await.map_err(anyhow::Error::from),
        Err(error) => Err(error.into()),
    };
    checks.take("lender", lender.map(|()| ((), format!("{} answers", config.lender_url))));
    if let Some(store) = &store {
        let staff = store.all_staff().await.unwrap_or_default();
        let agents: Vec<&StaffRow> = staff.iter().filter(|s| s.roles.iter().any(|r| r == "agent" || r == "supervisor")).collect();
        let people = if agents.is_empty() {
            Err(anyhow::anyhow!("nobody has the role agent: every handoff would become a ticket; add one with `jieti staff`"))
        } else {
            Ok(((), format!("{} people, {} of them agents", staff.len(), agents.len())))
        };
        checks.take("staff", people);
        if let Some(service) = &service {
            checks.take("routing", routing(store, service, &agents, config).await);
        }
    }
}

/// What messages are read with besides their words; each is tried on one text, and nothing is kept.
async fn encoders(config: &Config) -> anyhow::Result<((), String)> {
    let encoder = EncoderConfig { kept: String::new(), ..config.encoder.clone() };
    let encoders = meaning::encoders(&Config { encoder, ..config.clone() })?;
    let mut told = Vec::new();
    for (lang, name, text) in [(Lang::ZhCn, "zh-CN", "提前还款要手续费吗"), (Lang::En, "en", "is there a fee for paying early")]
    {
        let Some(encoder) = encoders.of(lang) else { continue };
        let start = Instant::now();
        let work = tokio::task::spawn_blocking(move || encoder.encode(&[Masked::of(text)], Patience::Customer));
        let width = work.await??.first().map_or(0, Vec::len);
        told.push(format!("{}: {width} numbers in {} ms", name, start.elapsed().as_millis()));
    }
    let nothing = "none; messages are read by the words of the knowledge";
    Ok(((), if told.is_empty() { nothing.to_owned() } else { told.join(", ") }))
}

/// The scorecard that conversations are held against: the latest published, or the service folder's.
async fn scorecard(store: &Store, config: &Config) -> anyhow::Result<((), String)> {
    let (card, origin) = match store.scorecards(1).await?.into_iter().next() {
        Some(version) => match read_scorecard(&version.source, version.version) {
            Ok(card) => (Some(card), format!("published as version {}", version.version)),
            Err(problems) => bail!(
                "version {} cannot be used, and an older one goes on: {}; publish a mended one",
                version.version,
                problems.join("; ")
            ),
        },
        None => {
            let card = serve::service(&config.service).ok().and_then(|rules| rules.scorecard);
            (card.map(|card| (*card).clone()), "of the service folder".to_owned())
        }
    };
    match card {
        Some(card) => Ok(((), format!("{} criteria, {origin}", card.inspector.card().criteria.len()))),
        None => bail!("there is none, so nothing is inspected; add service/inspection/scorecard.yaml"),
    }
}

/// Whether somebody comes for everybody who may ask.
async fn routing(store: &Store, service: &ServiceRules, agents: &[&StaffRow], config: &Config) -> anyhow::Result<((), String)> {
    let profiles: BTreeMap<_, _> = store.profiles().await?.into_iter().collect();
    let newcomer = &service.routing.newcomer;
    let of = |agent: &&StaffRow| profiles.get(&agent.id).unwrap_or(newcomer).clone();
    let agents: Vec<_> = agents.iter().map(of).collect();
    let staffed = Staffed {
        rules: &service.routing,
        calendars: &service.calendars,
        agents: &agents,
        queue_deadline_secs: config.policy.queue_deadline_secs,
    };
    let problems = stranding(&staffed, jieti_engine::Clock::now(&jieti_engine::SystemClock));
    if problems.is_empty() {
        let wanted = service.routing.wanted.len();
        Ok(((), format!("{wanted} rules of who wants what; for each there is somebody, within the queue's deadline")))
    } else {
        Err(anyhow::anyhow!("{}", problems.join("\n     ")))
    }
}
