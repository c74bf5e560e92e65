//! `jieti behaviour bench`: the intake from JSON to disk, live break points included, on a store of its own. Everything of the
//! service is in it but the sockets: the batches go through the API's router.

use crate::config::Config;
use crate::serve;
use anyhow::{Context, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use clap::Args;
use jieti_domain::time::Timestamp;
use jieti_engine::JourneyQuestion;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tower::ServiceExt;

#[derive(Args)]
pub struct BenchArgs {
    /// Acts to take in.
    #[arg(long, default_value_t = 2_000_000)]
    events: usize,
    /// Customers they are of.
    #[arg(long, default_value_t = 20_000)]
    customers: usize,
    /// Acts in a batch.
    #[arg(long, default_value_t = 50)]
    batch: usize,
    /// Clients at once.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Folder for the store; it must not hold one.
    #[arg(long)]
    folder: PathBuf,
    /// Print one JSON object: events, customers, batch, clients, secs, per_sec, stuck, rss_kb_before, rss_kb_after.
    #[arg(long)]
    json: bool,
}

/// Pages of the starter pack's journey `apply`, in order, and one that is no step.
const PAGES: [&str; 7] = ["apply", "apply/id", "apply/face", "apply/card", "apply/contract", "apply/disbursement", "home"];

/// The `n`th act of a customer: a way through the application with errors, touches and breaks on it.
fn act(customer: usize, n: usize, at: i64, out: &mut String) {
    let page = PAGES[(n / 5 + customer) % PAGES.len()];
    let written = match n % 5 {
        0 => write!(out, r#"{{"n":{n},"at":{at},"act":"page","page":"{page}"}}"#),
        1 => write!(out, r#"{{"n":{n},"at":{at},"act":"click","page":"{page}","target":"btn.next"}}"#),
        2 if customer.is_multiple_of(7) => {
            write!(out, r#"{{"n":{n},"at":{at},"act":"field_error","page":"{page}","target":"photo","code":"blurred"}}"#)
        }
        2 => write!(out, r#"{{"n":{n},"at":{at},"act":"hidden","page":"{page}"}}"#),
        3 => write!(out, r#"{{"n":{n},"at":{at},"act":"visible","page":"{page}"}}"#),
        _ => write!(out, r#"{{"n":{n},"at":{at},"act":"leave","page":"{page}","value":4200,"code":"active_2"}}"#),
    };
    written.expect("writing to a String does not fail");
}

pub async fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let store = args.folder.join("bench.db");
    if store.exists() {
        bail!("{} is there already; name an empty folder", store.display());
    }
    let secret = "a secret for this measurement alone".to_owned();
    let config =
        Config { store: store.display().to_string(), identity_secret: secret, secure_cookies: false, ..Config::default() };
    let service = serve::start(&config).await?;
    let sessions = Arc::new(sessions(&service.router, args.customers).await?);
    // The tokens are the clients' memory, not the service's.
    let before = rss_kb()?;
    let batches = args.events / args.batch;
    let bar = super::super::progress(batches as u64, "taking in");
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..args.clients {
        let (router, sessions, next, bar) = (service.router.clone(), Arc::clone(&sessions), Arc::clone(&next), bar.clone());
        let (batch, customers) = (args.batch, args.customers);
        clients.spawn(async move {
            let mut body = String::with_capacity(batch * 90);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= batches {
                    return Ok::<(), anyhow::Error>(());
                }
                let (customer, first) = (number % customers, number / customers * batch);
                body.clear();
                let now = jieti_engine::Clock::now(&jieti_engine::SystemClock).0;
                write!(body, r#"{{"v":1,"stream":"bench-{customer:012}","sent_at":{now},"consent":"guidance","platform":"android","version":"5.2.0","network":"wifi","events":["#)?;
                for n in first..first + batch {
                    if n > first {
                        body.push(',');
                    }
                    act(customer, n, now - (batch + first - n) as i64 * 3, &mut body);
                }
                body.push_str("]}");
                let request = Request::post("/api/customer/behaviour")
                    .header(header::AUTHORIZATION, format!("Bearer {}", sessions[customer]))
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(Body::from(body.clone()))?;
                let response = router.clone().oneshot(request).await?;
                if response.status() != StatusCode::OK {
                    let status = response.status();
                    let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await?;
                    bail!("batch {number}: {status} {}", String::from_utf8_lossy(&bytes));
                }
                bar.inc(1);
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    let secs = began.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let events = batches * args.batch;
    let to = service.engine.now();
    let question = JourneyQuestion { from: Timestamp(to.0 - 86_400_000), to: Timestamp(to.0 + 1), ..JourneyQuestion::default() };
    let kept = service.engine.survey(&question).await?.survey.records;
    // Touches are not surveyed; they are one act in five.
    if kept as usize != events / 5 * 4 {
        bail!("{kept} acts are counted, and {} were sent that count", events / 5 * 4);
    }
    let stuck = service.engine.live_map().stuck.len();
    let after = rss_kb()?;
    let per_sec = events as f64 / secs;
    if args.json {
        println!(
            "{}",
            json!({ "events": events, "customers": args.customers, "batch": args.batch, "clients": args.clients, "secs": secs,
                "per_sec": per_sec, "stuck": stuck, "rss_kb_before": before, "rss_kb_after": after })
        );
    } else {
        println!(
            "{events} acts of {} customers on disk in {secs:.1} s: {per_sec:.0}/s; {stuck} are stuck now; memory {before} → {after} kB",
            args.customers
        );
    }
    Ok(())
}

/// A session for each customer, as their apps would have opened them before.
async fn sessions(router: &Router, customers: usize) -> anyhow::Result<Vec<String>> {
    let mut sessions = Vec::with_capacity(customers);
    for customer in 0..customers {
        let body = json!({ "visitor": format!("bench-visitor-{customer:08}") }).to_string();
        let request =
            Request::post("/api/customer/session").header(header::CONTENT_TYPE, "application/json").body(Body::from(body))?;
        let response = router.clone().oneshot(request).await?;
        let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await?;
        let answer: Value = serde_json::from_slice(&bytes)?;
        sessions.push(answer["session"].as_str().context("a session was opened")?.to_owned());
    }
    Ok(sessions)
}

/// Memory of this process that is in use, in kB.
fn rss_kb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the system tells the memory in use")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
