//! The client of an embedding model against a server on a socket that speaks the protocol, and all the ways in which it may fail.

mod support;

use jieti_providers::embedding::{Embedder, EmbeddingError, EmbeddingSettings};
use serde_json::{Value, json};
use std::time::Duration;
use support::{Sent, Server};

/// What the server does with a question.
#[derive(Debug, Clone)]
enum Reply {
    /// A vector of so many numbers for each text, made of its length, in their order.
    Vectors(usize),
    /// The same, the last one first.
    Backwards(usize),
    Body(u16, String),
    /// The beginning of an answer; then nothing more, and the connection stays open.
    Stops,
    Silence,
    /// Closes the connection without a word.
    Closed,
}

impl support::Reply for Reply {
    fn to(self, body: &Value) -> Sent {
        let texts = body["input"].as_array().cloned().unwrap_or_default();
        match self {
            Reply::Vectors(width) => Sent::body(200, &json!({ "object": "list", "data": vectors(&texts, width) }).to_string()),
            Reply::Backwards(width) => {
                let mut data = vectors(&texts, width);
                data.reverse();
                Sent::body(200, &json!({ "data": data }).to_string())
            }
            Reply::Body(status, text) => Sent::body(status, &text),
            Reply::Stops => {
                let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"data\": [";
                Sent { pieces: vec![begun.to_vec()], stays_open: true }
            }
            Reply::Silence => Sent { stays_open: true, ..Sent::default() },
            Reply::Closed => Sent::default(),
        }
    }
}

impl Server<Reply> {
    fn client(&self) -> Embedder {
        self.resting(Duration::from_secs(60))
    }

    fn resting(&self, rest: Duration) -> Embedder {
        let settings =
            EmbeddingSettings { base_url: self.url.clone(), api_key: "sk-secret".to_owned(), model: "bge-m3".to_owned(), rest };
        Embedder::new(&settings).expect("an address")
    }
}

fn vectors(texts: &[Value], width: usize) -> Vec<Value> {
    let vector = |text: &Value| (0..width).map(|i| text.as_str().unwrap_or_default().len() as f64 + i as f64).collect::<Vec<_>>();
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text) }))
        .collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn every_text_gets_its_own_vector_whatever_the_order_of_the_answer() {
    let server = Server::start(Reply::Backwards(3)).await;
    let client = server.client();
    let found = client.embed(&texts(&["a", "bbb"]), LONG).await.expect("vectors");
    assert_eq!(found, [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]);
    let asked = server.asked.lock().expect("not poisoned").clone();
    let (head, body) = &asked[0];
    assert!(
        head.starts_with("POST /v1/embeddings ") && head.to_lowercase().contains("authorization: bearer sk-secret"),
        "{head}"
    );
    assert_eq!(*body, json!({ "model": "bge-m3", "input": ["a", "bbb"], "encoding_format": "float" }));
}

#[tokio::test]
async fn many_texts_go_in_batches_and_come_back_in_order() {
    let server = Server::start(Reply::Vectors(2)).await;
    let many: Vec<String> = (0..100).map(|i| "x".repeat(i + 1)).collect();
    let found = server.client().embed(&many, LONG).await.expect("vectors");
    assert!(found.iter().enumerate().all(|(i, vector)| vector[0] == (i + 1) as f32));
    assert_eq!((found.len(), server.times()), (100, 4));
}

#[tokio::test]
async fn every_way_to_fail_is_told_apart_and_none_is_taken_for_vectors() {
    let item = |index: usize, embedding: &str| format!(r#"{{"index": {index}, "embedding": {embedding}}}"#);
    let data = |items: &[String]| Reply::Body(200, format!(r#"{{"data": [{}]}}"#, items.join(", ")));
    let good = || item(0, "[1.0, 2.0, 3.0]");
    let cases: Vec<(&str, Reply, &str)> = vec![
        ("silence", Reply::Silence, "no answer within 300 ms"),
        ("half an answer", Reply::Stops, "no answer within 300 ms"),
        ("closed", Reply::Closed, "cannot be reached"),
        ("too many requests", Reply::Body(429, "slow down, sk-secret".to_owned()), "refused with 429: slow down, ***"),
        ("server error", Reply::Body(500, "boom".to_owned()), "refused with 500: boom"),
        ("moved", Reply::Body(302, String::new()), "refused with 302"),
        ("cut off", Reply::Body(200, r#"{"data": [{"index": 0, "embedd"#.to_owned()), "cannot be used"),
        ("a page", Reply::Body(200, "<html>log in first</html>".to_owned()), "cannot be used"),
        ("nothing", Reply::Body(200, String::new()), "cannot be used"),
        ("an error in good shape", Reply::Body(200, r#"{"error": "no such model"}"#.to_owned()), "cannot be used"),
        ("too few", data(&[good()]), "1 vectors came for 2 texts"),
        ("too many", data(&[good(), item(1, "[1, 2, 3]"), item(2, "[1, 2, 3]")]), "3 vectors came for 2 texts"),
        ("one twice", data(&[good(), good()]), "two vectors have the index 0"),
        ("an index of nothing", data(&[good(), item(7, "[1, 2, 3]")]), "the index 7 of 2 texts"),
        ("another width", data(&[good(), item(1, "[1, 2]")]), "2 numbers and the first one had 3"),
        ("null", data(&[good(), item(1, "[1, null, 3]")]), "cannot be used"),
        ("not a number", data(&[good(), item(1, "[1, NaN, 3]")]), "cannot be used"),
        ("beyond all numbers", data(&[good(), item(1, "[1, 1e300, 3]")]), "numbers that are none"),
        ("zeros", data(&[good(), item(1, "[0, 0, 0]")]), "all zeros"),
        ("empty", data(&[good(), item(1, "[]")]), "empty"),
        ("text for numbers", data(&[good(), item(1, r#""AACAPw==""#)]), "cannot be used"),
    ];
    for (name, reply, says) in cases {
        let server = Server::start(Reply::Vectors(3)).await;
        let client = server.client();
        client.embed(&texts(&["a"]), LONG).await.expect("the width is known");
        server.now(reply);
        let error = client.embed(&texts(&["客户的话", "b"]), SHORT).await.expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
        assert!(!error.contains("客户") && !error.contains("sk-secret"), "{name}: {error}");
        server.now(Reply::Vectors(3));
        assert!(client.embed(&texts(&["a"]), LONG).await.is_ok(), "{name}: it answers again");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_and_an_address_that_is_none() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let at = |base_url: String| EmbeddingSettings { base_url, api_key: String::new(), model: "m".to_owned(), rest: LONG };
    let client = Embedder::new(&at(format!("http://{free}/v1"))).expect("an address");
    let error = client.embed(&texts(&["a"]), LONG).await.expect_err("nobody listens").to_string();
    assert!(error.contains("cannot be reached") && !error.contains("http://"), "{error}");
    for none in ["", "no address", "ftp://x/v1"] {
        assert!(Embedder::new(&at(none.to_owned())).is_err(), "{none:?}");
    }
}

#[tokio::test]
async fn after_five_failures_nothing_is_sent_until_the_rest_is_over() {
    let server = Server::start(Reply::Body(503, String::new())).await;
    let client = server.resting(Duration::from_millis(400));
    for _ in 0..5 {
        let error = client.embed(&texts(&["a"]), LONG).await.expect_err("refused");
        assert_eq!(error, EmbeddingError::Refused { status: 503, detail: String::new() });
    }
    server.now(Reply::Vectors(3));
    let resting = client.embed(&texts(&["a"]), LONG).await.expect_err("rests");
    assert_eq!((resting, server.times()), (EmbeddingError::Resting { secs: 1 }, 5));
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert!(client.embed(&texts(&["a"]), LONG).await.is_ok());
    assert!(client.embed(&texts(&["a"]), LONG).await.is_ok());
    assert_eq!(server.times(), 7);
}
