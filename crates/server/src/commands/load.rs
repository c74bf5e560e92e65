//! `jieti load`: many customers over WebSocket, against any running server. Measures what a customer would feel.

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Barrier, Mutex};
use tokio_tungstenite::tungstenite::Message;

#[derive(Args)]
pub struct LoadArgs {
    /// Server to drive, on this machine.
    #[arg(long, default_value = "http://127.0.0.1:8420")]
    server: String,
    /// Customers connected at once.
    #[arg(long, default_value_t = 100)]
    customers: usize,
    /// Seconds to drive.
    #[arg(long, default_value_t = 10)]
    secs: u64,
    /// Messages a second over all customers; 0 sends the next as soon as the last is acknowledged.
    #[arg(long, default_value_t = 0)]
    rate: u64,
    /// What customers do.
    #[arg(long, value_enum, default_value_t = Job::Ask)]
    job: Job,
    /// Print one JSON object: customers, secs, sent, acknowledged, answered, errors, acknowledged_per_s, answered_per_s,
    /// ack_p50_ms, ack_p99_ms, answer_p50_ms, answer_p99_ms.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Job {
    /// Ask questions of knowledge; the bot answers each.
    Ask,
    /// Rate only: stored and acknowledged, with no answer to wait for.
    Store,
    /// Connect and stay silent.
    Idle,
}

/// Everyday questions that are answered from the starter pack without the lender.
const QUESTIONS: &[&str] =
    &["怎么提升额度", "提前还款有手续费吗", "忘记登录密码怎么办", "优惠券怎么用", "审核要多久", "放款一般多久到账"];

#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    acknowledged: AtomicU64,
    answered: AtomicU64,
    errors: AtomicU64,
    /// Waits in microseconds.
    acks: Mutex<Vec<u64>>,
    answers: Mutex<Vec<u64>>,
}

pub async fn run(args: &LoadArgs) -> anyhow::Result<()> {
    let host = args.server.strip_prefix("http://").context("--server must begin with http://")?.trim_end_matches('/').to_owned();
    if args.customers == 0 {
        bail!("--customers is 0; take at least one");
    }
    let tally = Arc::new(Tally::default());
    let start = Arc::new(Barrier::new(args.customers + 1));
    let pause = (args.rate > 0).then(|| Duration::from_secs_f64(args.customers as f64 / args.rate as f64));
    let bar = super::progress(args.customers as u64, "connecting");
    let http = reqwest::Client::new();
    let mut tasks = Vec::with_capacity(args.customers);
    for number in 0..args.customers {
        let session = session(&http, &args.server, number).await?;
        let url = format!("ws://{host}/api/customer/live?session={session}");
        let (socket, _) = tokio_tungstenite::connect_async(&url).await.with_context(|| format!("customer {number} at {host}"))?;
        bar.inc(1);
        let (tally, start, job) = (Arc::clone(&tally), Arc::clone(&start), args.job);
        let time = Duration::from_secs(args.secs);
        tasks.push(tokio::spawn(async move {
            start.wait().await;
            // Customers of a paced load do not all speak at the same instant.
            let offset = pause.map(|p| p.mul_f64(number as f64 % 97.0 / 97.0));
            tokio::time::sleep(offset.unwrap_or_default()).await;
            drive(socket, number, job, pause, time, &tally).await
        }));
    }
    bar.finish_and_clear();
    let began = Instant::now();
    start.wait().await;
    for task in tasks {
        if task.await?.is_err() {
            tally.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
    report(args, &tally, began.elapsed()).await;
    Ok(())
}

async fn session(http: &reqwest::Client, server: &str, number: usize) -> anyhow::Result<String> {
    let visitor = format!("load-{:08}-{:08}", std::process::id(), number);
    let reply = http.post(format!("{server}/api/customer/session")).json(&json!({ "visitor": visitor })).send().await;
    let reply = reply.with_context(|| format!("no server answers at {server}; start one with `jieti demo`"))?;
    let body: Value = reply.error_for_status()?.json().await?;
    Ok(body["session"].as_str().context("the server gave no session")?.to_owned())
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn drive(
    mut socket: Socket,
    number: usize,
    job: Job,
    pause: Option<Duration>,
    time: Duration,
    tally: &Tally,
) -> anyhow::Result<()> {
    let end = Instant::now() + time;
    let mut turn = 0_usize;
    let mut acks = Vec::new();
    let mut answers = Vec::new();
    let mut due = tokio::time::Instant::now();
    while Instant::now() < end {
        if job == Job::Idle {
            tokio::time::sleep_until((end).into()).await;
            break;
        }
        if let Some(pause) = pause {
            tokio::time::sleep_until(due).await;
            due += pause;
        }
        let id = format!("{number}-{turn}");
        let frame = match job {
            Job::Ask => json!({ "type": "say", "client_id": id, "text": QUESTIONS[(number + turn) % QUESTIONS.len()] }),
            Job::Store | Job::Idle => json!({ "type": "rate", "client_id": id, "score": 1 }),
        };
        turn += 1;
        let sent = Instant::now();
        socket.send(Message::text(frame.to_string())).await?;
        tally.sent.fetch_add(1, Ordering::Relaxed);
        await_reply(&mut socket, &id, job, sent, &mut acks, &mut answers, tally).await?;
    }
    tally.acks.lock().await.append(&mut acks);
    tally.answers.lock().await.append(&mut answers);
    socket.close(None).await?;
    Ok(())
}

/// Reads until the message is acknowledged and, where an answer comes, answered.
async fn await_reply(
    socket: &mut Socket,
    id: &str,
    job: Job,
    sent: Instant,
    acks: &mut Vec<u64>,
    answers: &mut Vec<u64>,
    tally: &Tally,
) -> anyhow::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let micros = || u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (mut acknowledged, mut answered) = (false, job == Job::Store);
    while !(acknowledged && answered) {
        let frame =
            tokio::time::timeout(PATIENCE, socket.next()).await.context("no reply in 30 s")?.context("socket closed")??;
        let Message::Text(text) = frame else { continue };
        let frame: HashMap<String, Value> = serde_json::from_str(text.as_str())?;
        match frame["type"].as_str() {
            Some("ack") if frame["client_id"] == id => {
                acknowledged = true;
                acks.push(micros());
                tally.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Some("event") if frame["event"]["body"]["kind"] == "said" => {
                answered = true;
                answers.push(micros());
                tally.answered.fetch_add(1, Ordering::Relaxed);
            }
            Some("error") => bail!("{}", frame["message"]),
            _ => {}
        }
    }
    Ok(())
}

async fn report(args: &LoadArgs, tally: &Tally, took: Duration) {
    let percentile = |waits: &mut Vec<u64>, share: f64| -> Option<f64> {
        waits.sort_unstable();
        let place = ((waits.len() as f64 * share) as usize).min(waits.len().checked_sub(1)?);
        Some(waits[place] as f64 / 1000.0)
    };
    let mut acks = tally.acks.lock().await;
    let mut answers = tally.answers.lock().await;
    let count = |c: &AtomicU64| c.load(Ordering::Relaxed);
    let secs = took.as_secs_f64();
    let result = json!({
        "customers": args.customers,
        "secs": secs,
        "sent": count(&tally.sent),
        "acknowledged": count(&tally.acknowledged),
        "answered": count(&tally.answered),
        "errors": count(&tally.errors),
        "acknowledged_per_s": count(&tally.acknowledged) as f64 / secs,
        "answered_per_s": count(&tally.answered) as f64 / secs,
        "ack_p50_ms": percentile(&mut acks, 0.50),
        "ack_p99_ms": percentile(&mut acks, 0.99),
        "answer_p50_ms": percentile(&mut answers, 0.50),
        "answer_p99_ms": percentile(&mut answers, 0.99),
    });
    if args.json {
        println!("{result}");
        return;
    }
    for (name, value) in result.as_object().into_iter().flatten() {
        match value.as_f64() {
            Some(number) => println!("{name:<20} {}", (number * 100.0).round() / 100.0),
            None => println!("{name:<20} none"),
        }
    }
}
