//! A running service with a sentence encoder from elsewhere: an embedding server that comes, goes and comes back, a folder, and
//! what is told of both.

mod support;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::*;

/// Speaks OpenAI's protocol; can be out of order.
#[derive(Clone, Default)]
struct Embeddings {
    is_out: Arc<AtomicBool>,
    shown: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Embeddings {
    async fn start() -> (Self, String) {
        let embeddings = Embeddings::default();
        let router = Router::new().route("/v1/embeddings", post(answer)).with_state(embeddings.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (embeddings, url)
    }

    fn is_out(&self, is_out: bool) {
        self.is_out.store(is_out, Ordering::SeqCst);
    }

    /// Until it was shown something that `holds`.
    async fn until_shown(&self, what: &str, holds: impl Fn(&[String]) -> bool) {
        let start = Instant::now();
        while !self.shown.lock().unwrap().iter().any(|texts| holds(texts)) {
            assert!(start.elapsed() < PATIENCE, "it was never shown {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn until_logged(server: &Server, line: &str) {
    let start = Instant::now();
    while !server.log().contains(line) {
        assert!(start.elapsed() < PATIENCE, "{line:?} is not in the log: {}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn answer(State(embeddings): State<Embeddings>, Json(body): Json<Value>) -> Response {
    if embeddings.is_out.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
    let vector = |text: &String| {
        let mut vector = vec![0.01; 64];
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).for_each(|pair| vector[(pair[0] as usize * 31 + pair[1] as usize) % 64] += 1.0);
        vector
    };
    let data: Vec<Value> =
        texts.iter().enumerate().map(|(index, text)| json!({ "index": index, "embedding": vector(text) })).collect();
    embeddings.shown.lock().unwrap().push(texts);
    Json(json!({ "object": "list", "data": data })).into_response()
}

fn settings(url: &str) -> String {
    format!("[encoder]\nurl = {url:?}\nmodel = \"bge-m3\"\nkey = \"sk-secret\"\nlangs = [\"zh-CN\"]\nkept = \"\"\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_starts_without_its_embedding_server_takes_it_up_and_answers_while_it_is_gone() {
    let lender = Lender::start().await;
    let (embeddings, url) = Embeddings::start().await;
    embeddings.is_out(true);
    let place = Place::new(&lender.url(), &settings(&url));
    place.import_questions();
    let server = place.serve_after("export JIETI_LOG=info");
    let (_, question, answer) = QUESTIONS[1];
    let mut client = Client::connect(&server, &server.session_of("c1").await).await;
    assert_eq!(client.ask("m1", question).await["text"], answer);
    until_logged(&server, "messages are read without the sentence encoder for now").await;

    // It is tried again by itself.
    embeddings.is_out(false);
    embeddings.until_shown("the training's questions", |texts| texts.len() > 1).await;
    until_logged(&server, "messages are read with the sentence encoder").await;
    embeddings.shown.lock().unwrap().clear();
    client.ask("m2", "13812345678 忘记登录密码怎么办呀").await;
    embeddings.until_shown("a customer's message", |texts| texts.iter().any(|text| text.contains("密码"))).await;
    let shown = embeddings.shown.lock().unwrap().concat();
    assert!(shown.iter().all(|text| !text.contains("12345678")), "{shown:?}");

    embeddings.is_out(true);
    // A question of the training is remembered; one that is not must be asked for.
    client.ask("m3", "登录时忘记了密码该怎么弄").await;
    until_logged(&server, "messages are read by their words alone until it answers").await;
    assert_eq!(client.ask("m4", QUESTIONS[2].1).await["text"], QUESTIONS[2].2);
    assert!(!server.log().contains("sk-secret") && !server.log().contains(QUESTIONS[2].1), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_knowledge_is_not_sent_to_the_embedding_server_again() {
    let lender = Lender::start().await;
    let (embeddings, url) = Embeddings::start().await;
    let place = Place::new(&lender.url(), "");
    let kept = place.folder.path().join("kept/vectors.db");
    place.configure(&lender.url(), &settings(&url).replace("kept = \"\"", &format!("kept = {kept:?}")));
    place.import_questions();
    let mut server = place.serve_after("export JIETI_LOG=info");
    until_logged(&server, "messages are read with the sentence encoder").await;
    assert!(embeddings.shown.lock().unwrap().concat().len() > QUESTIONS.len());
    server.kill();

    embeddings.shown.lock().unwrap().clear();
    let server = place.serve_after("export JIETI_LOG=info");
    until_logged(&server, "messages are read with the sentence encoder").await;
    // One as a proof that it is the same encoder.
    assert_eq!(embeddings.shown.lock().unwrap().concat().len(), 1, "{:?}", embeddings.shown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_tried_by_the_doctor_and_a_bad_one_does_not_start() {
    let lender = Lender::start().await;
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoders/tests/fixtures/roberta");
    let place = Place::new(&lender.url(), &format!("[encoder]\nfolder = {fixture:?}\n"));
    let check = || {
        let output = tokio::task::block_in_place(|| run(jieti().args(["doctor", "--json", "--config"]).arg(place.config())));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["checks"].as_array().unwrap().iter().find(|c| c["name"] == "encoders").unwrap().clone()
    };
    let well = check();
    assert!(well["ok"] == true && well["detail"].as_str().unwrap().contains("zh-CN: 16 numbers"), "{well}");

    let nowhere = place.folder.path().join("nowhere");
    place.configure(&lender.url(), &format!("[encoder]\nfolder = {nowhere:?}\n"));
    let ill = check();
    assert!(ill["ok"] == false && ill["detail"].as_str().unwrap().contains("model.onnx"), "{ill}");
    let refused = tokio::task::block_in_place(|| run(jieti().args(["serve", "--config"]).arg(place.config())));
    let error = refusal(&refused);
    assert!(error.contains("encoder.folder") && error.contains("model.onnx"), "{error}");
}
