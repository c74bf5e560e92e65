//! Invariant 1: an acknowledged message is never lost, doubled or reordered, however often the server is killed.
//!
//! `JIETI_KILL_CYCLES` (100) says how often; `JIETI_KILL_SEED` repeats a run as far as the machine allows.

#[path = "../support/mod.rs"]
mod support;

mod customer;
mod history;

use customer::Customer;
use history::{Entry, problems, unanswered};
use jieti_domain::id::ConversationId;
use jieti_store::{Store, StoreUrl};
use serde_json::json;
use std::time::{Duration, Instant};
use support::{BOSS, Lender, PATIENCE, Place, Random, Server, jieti};

/// Cycles after which conversations are closed and begun afresh: a replay stays short enough to be read often.
const ERA: u64 = 20;
/// Customers of the sandbox lender.
const CUSTOMERS: [&str; 10] = ["c1001", "c1002", "c1003", "c1004", "c1005", "c1006", "c1007", "c1008", "c1009", "c1010"];
/// Latest moment of a kill after the first message, in milliseconds: what a customer's message and its answer take on a
/// busy machine, several times over.
const LATEST_MS: u64 = 160;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_message_survives_every_kill_once_and_in_its_place() {
    let cycles: u64 = std::env::var("JIETI_KILL_CYCLES").map_or(100, |n| n.parse().expect("JIETI_KILL_CYCLES is a number"));
    let seed = Random::seed("JIETI_KILL_SEED");
    println!("JIETI_KILL_SEED={seed}");
    let mut random = Random::new(seed);
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), "messages_per_minute = 1000000");
    place.import_questions();
    place.hire(&[(BOSS, &["supervisor", "agent"])]).await;
    let mut finished: Vec<Customer> = Vec::new();
    let mut figures = Figures::default();
    let began = Instant::now();
    for first in (0..cycles).step_by(usize::try_from(ERA).expect("a small number")) {
        let mut customers: Vec<Customer> =
            CUSTOMERS.iter().map(|id| Customer::new(id, &format!("e{first}"), random.next())).collect();
        for _ in first..cycles.min(first + ERA) {
            if random.below(8) == 0 {
                // Killed while it starts.
                let starting = Server::spawn(jieti().arg("serve").arg("--config").arg(place.config()), place.folder.path());
                tokio::time::sleep(Duration::from_millis(random.below(120))).await;
                starting.kill();
            }
            customers = live_and_die(&place, customers, random.below(LATEST_MS), &mut figures).await;
        }
        finish(&place, &mut customers).await;
        finished.extend(customers);
    }
    let took = began.elapsed();
    let (acks, events) = check_store(&place, &finished).await;
    println!(
        "{cycles} kills in {:.0} s (start {:.2} s each): {acks} messages acknowledged, {} resent, {} killed between \
         acknowledgement and answer, {events} events",
        took.as_secs_f64(),
        figures.starting.as_secs_f64() / cycles as f64,
        figures.resent,
        figures.owed,
    );
    assert!(figures.resent > cycles / 4 && figures.owed > cycles / 4, "the kills did not hit messages in flight: {figures:?}");
}

/// What the kills hit; a run whose kills hit nothing proves nothing.
#[derive(Debug, Default)]
struct Figures {
    starting: Duration,
    resent: u64,
    owed: u64,
}

/// One life of the server, with every customer talking, and its death at the given moment.
async fn live_and_die(place: &Place, customers: Vec<Customer>, after_ms: u64, figures: &mut Figures) -> Vec<Customer> {
    let start = Instant::now();
    let mut server = place.serve();
    figures.starting += start.elapsed();
    let address = server.address;
    let talking: Vec<_> = customers
        .into_iter()
        .map(|mut customer| {
            tokio::spawn(async move {
                customer.talk(address).await;
                customer
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(after_ms)).await;
    server.kill();
    let mut customers = Vec::with_capacity(talking.len());
    for customer in talking {
        customers.push(customer.await.expect("a customer's checks hold"));
    }
    figures.resent += customers.iter().map(|c| c.in_flight() as u64).sum::<u64>();
    figures.owed += customers.iter().filter(|c| !unanswered(&c.told, &c.history_seen()).is_empty()).count() as u64;
    customers
}

/// Everybody gets what is owed, reads everything again from the beginning, and is sent home.
async fn finish(place: &Place, customers: &mut [Customer]) {
    let server = place.serve();
    let boss = server.login(BOSS).await;
    for customer in customers.iter_mut() {
        customer.be_answered(server.address).await;
        let history = customer.replay_all(server.address).await;
        let found = problems(&customer.told, &history);
        assert!(found.is_empty(), "{}: {found:#?}", customer.name);
        let found = unanswered(&customer.told, &history);
        assert!(found.is_empty(), "{}: {found:#?}", customer.name);
        let conversation = customer.conversation.clone().expect("somebody who spoke has a conversation");
        for act in ["take", "close"] {
            let (status, body) = server.act(&conversation, &boss, json!({ "act": act })).await;
            assert_eq!(status, 200, "{act} {conversation}: {body}");
        }
    }
    work_is_done(place).await;
}

/// Waits until the server has no work left: what a flow asked of the lender may still be on its way when all have gone.
async fn work_is_done(place: &Place) {
    let base = rusqlite::Connection::open_with_flags(place.store(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the store opens");
    let began = Instant::now();
    loop {
        let left: Vec<String> = base
            .prepare("select key from job")
            .and_then(|mut jobs| jobs.query_map([], |row| row.get(0))?.collect())
            .expect("the jobs can be read");
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "jobs are left behind: {left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The store itself, hidden events included: what no replay shows is checked here.
async fn check_store(place: &Place, customers: &[Customer]) -> (usize, usize) {
    let store = Store::open(&StoreUrl::Sqlite(place.store())).await.expect("the store opens after the last server has gone");
    let (mut acks, mut events) = (0, 0);
    for customer in customers {
        let id = ConversationId::new(customer.conversation.clone().expect("somebody who spoke has a conversation"));
        let stored = store.events(&id, 0).await.expect("every event can be read");
        for (seq, event) in (1..).zip(&stored) {
            assert_eq!(event.seq, seq, "{}: places have no gaps", customer.name);
        }
        let history: Vec<Entry> =
            stored.iter().map(|e| Entry::new(e.seq, serde_json::to_value(&e.event).expect("an event serialises"))).collect();
        // The wire's shape of an event is another one; what was shown was compared with the replay.
        let told = history::Told { shown: Default::default(), hidden: Default::default(), ..customer.told.clone() };
        let found = problems(&told, &history);
        assert!(found.is_empty(), "{}: {found:#?}", customer.name);
        acks += told.acks.len();
        events += stored.len();
    }
    assert_eq!(store.next_due().await.expect("the store reads"), None, "no job is left behind");
    (acks, events)
}
