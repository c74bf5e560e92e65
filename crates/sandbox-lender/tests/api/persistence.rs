//! A lender that is killed comes back with everything it had answered.

use crate::{KEY, answer, client};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A lender in a process of its own, on a port of its choice.
fn spawn(store: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sandbox-lender"))
        .args(["--port", "0", "--api-key", KEY, "--db"])
        .arg(store)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().split_once("address=").map(|(_, address)| address.trim().to_owned()));
    (child, format!("http://{}", address.expect("the lender says where it listens")))
}

async fn repay(url: &str, key: &str, amount_fen: i64) -> (u16, Value) {
    let request = client().post(format!("{url}/v1/customers/c1001/repayments")).bearer_auth(KEY).header("Idempotency-Key", key);
    answer(request.json(&json!({ "loan": "l1001", "amount_fen": amount_fen }))).await
}

#[tokio::test]
async fn a_killed_lender_remembers_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("lender.db");
    let (mut child, url) = spawn(&store);
    let weather = client().post(format!("{url}/v1/sandbox/weather")).bearer_auth(KEY).json(&json!({ "repayment": "silent" }));
    assert_eq!(answer(weather).await.0, 200);
    let first = repay(&url, "k", 1_000).await;
    assert_eq!(first.0, 200);
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, url) = spawn(&store);
    assert_eq!(repay(&url, "k", 1_000).await, first);
    let (_, refused) = repay(&url, "another", 1_000).await;
    assert_eq!(refused["code"], "repayment.in_progress", "the first one is still on its way, in the same weather");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_store_of_another_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("lender.db");
    rusqlite::Connection::open(&store).unwrap().execute_batch("pragma user_version = 99").unwrap();
    let config = jieti_sandbox_lender::Config {
        store: jieti_sandbox_lender::Place::File(store),
        ..jieti_sandbox_lender::Config::in_memory(KEY)
    };
    let error = jieti_sandbox_lender::start(config, 0).await.err().expect("it must not start").to_string();
    assert!(error.contains("version 99"), "{error}");
}
