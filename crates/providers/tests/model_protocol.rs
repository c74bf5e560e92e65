//! The client of a language model against a server on a socket that speaks the protocol, and all the ways in which it may fail.

mod support;

use jieti_domain::id::RequestId;
use jieti_domain::understanding::Lang;
use jieti_domain::writing::{Source, WritingError, WritingRequest};
use jieti_providers::model::{Model, ModelSettings};
use serde_json::{Value, json};
use std::time::Duration;
use support::{Sent, Server};

/// What the server does with a question.
#[derive(Debug, Clone)]
enum Reply {
    /// Server-sent events in these pieces; then the stream ends as HTTP has it, or the connection just closes.
    Stream(Vec<Vec<u8>>),
    Json(u16, String),
    /// Takes the question and says nothing.
    Silence,
    /// So many pieces, then nothing more; the connection stays open.
    StopsAfter(Vec<Vec<u8>>),
}

impl support::Reply for Reply {
    fn to(self, _body: &Value) -> Sent {
        let streamed = |pieces: Vec<Vec<u8>>, stays_open| {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec();
            Sent { pieces: std::iter::once(head).chain(pieces).collect(), stays_open }
        };
        match self {
            Reply::Stream(pieces) => streamed(pieces, false),
            Reply::Json(status, text) => Sent::body(status, &text),
            Reply::Silence => Sent { stays_open: true, ..Sent::default() },
            Reply::StopsAfter(pieces) => streamed(pieces, true),
        }
    }
}

fn event(content: &str) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": content }, "finish_reason": null }] }))
}

const DONE: &str = "data: [DONE]\n\n";

fn streamed(pieces: &[&str]) -> Vec<Vec<u8>> {
    pieces.iter().map(|p| event(p).into_bytes()).chain([DONE.as_bytes().to_vec()]).collect()
}

fn settings(url: &str) -> ModelSettings {
    ModelSettings {
        base_url: url.to_owned(),
        api_key: "sk-secret-of-the-test".to_owned(),
        model: "a-model".to_owned(),
        timeout: Duration::from_secs(20),
        silence: Duration::from_secs(10),
        rest: Duration::from_secs(3600),
        tokens_a_day: 1_000_000,
    }
}

fn impatient(url: &str) -> ModelSettings {
    ModelSettings { silence: Duration::from_millis(200), ..settings(url) }
}

fn question() -> WritingRequest {
    let source = Source { need: "a.b".into(), title: "提前还款".to_owned(), text: "可以提前还款。".to_owned() };
    WritingRequest { id: RequestId::new("wr-1"), lang: Lang::ZhCn, question: "能提前还吗".to_owned(), sources: vec![source] }
}

#[tokio::test]
async fn a_streamed_answer_is_put_together_however_it_is_cut() {
    let whole: Vec<u8> = streamed(&["可以", "提前还款", "[1]。"]).concat();
    let cuts: Vec<Vec<Vec<u8>>> = vec![
        vec![whole.clone()],
        whole.iter().map(|b| vec![*b]).collect(),
        whole.chunks(7).map(<[u8]>::to_vec).collect(),
        // Comments, events without content, Windows line ends, the count of tokens at the end.
        vec![
            b": keep-alive\r\n\r\n".to_vec(),
            b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\n".to_vec(),
            event("可以提前还款[1]。").into_bytes(),
            b"data: {\"choices\":[],\"usage\":{\"total_tokens\":42}}\n\n".to_vec(),
            DONE.as_bytes().to_vec(),
        ],
        // A server that ends with a reason and no mark.
        vec![
            event("可以提前还款[1]。").into_bytes(),
            b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_vec(),
        ],
    ];
    for pieces in cuts {
        let server = Server::start(Reply::Stream(pieces.clone())).await;
        let model = Model::new(settings(&server.url)).expect("set up");
        assert_eq!(model.write(&question()).await, Ok("可以提前还款[1]。".to_owned()), "{} pieces", pieces.len());
    }
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_too_and_hears_all_it_needs() {
    let body = json!({ "choices": [{ "message": { "role": "assistant", "content": "可以[1]。" }, "finish_reason": "stop" }], "usage": { "total_tokens": 9 } });
    let server = Server::start(Reply::Json(200, body.to_string())).await;
    let model = Model::new(settings(&server.url)).expect("set up");
    assert_eq!(model.write(&question()).await, Ok("可以[1]。".to_owned()));
    let asked = server.asked.lock().expect("not poisoned").clone();
    let (head, body) = &asked[0];
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer sk-secret-of-the-test"), "{head}");
    assert_eq!((body["model"].as_str(), body["stream"].as_bool()), (Some("a-model"), Some(true)));
    assert_eq!(body["messages"][0]["role"], "system");
    assert!(
        body["messages"][1]["content"].as_str().is_some_and(|text| text.contains("[1] 提前还款") && text.ends_with("能提前还吗"))
    );
    assert!(!format!("{model:?}").contains("sk-secret"), "{model:?}");
}

#[tokio::test]
async fn each_failure_is_said_and_none_hangs() {
    let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n".as_bytes().to_vec();
    let broken = "data: {\"choices\": oh\n\n".as_bytes().to_vec();
    let error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n".as_bytes().to_vec();
    let half = || event("可以提前").into_bytes();
    for (name, reply, is_refusal, says) in [
        ("an error of the server", Reply::Json(500, "{\"error\":\"boom\"}".to_owned()), true, "500"),
        ("too many requests", Reply::Json(429, "slow down".to_owned()), true, "429"),
        ("a wrong key", Reply::Json(401, "key sk-secret-of-the-test is wrong".to_owned()), true, "key *** is wrong"),
        ("a redirect", Reply::Json(302, String::new()), true, "302"),
        ("no JSON", Reply::Json(200, "<html>".to_owned()), false, "cannot be read"),
        ("an event that is no JSON", Reply::Stream(vec![broken]), false, "cannot be read"),
        ("an error in the stream", Reply::Stream(vec![half(), error]), true, "overloaded"),
        ("an answer at its longest", Reply::Stream(vec![half(), stop, DONE.as_bytes().to_vec()]), true, "cut off"),
        ("a connection that ends", Reply::Stream(vec![half()]), false, "in the middle"),
        ("no answer at all", Reply::Silence, false, "no answer within 0.2 s"),
        ("an answer that stops", Reply::StopsAfter(vec![half()]), false, "the answer stopped"),
        ("an answer without end", Reply::Stream(vec![vec![b'x'; 64 * 1024]; 8]), false, "longer than"),
    ] {
        let server = Server::start(reply).await;
        let model = Model::new(impatient(&server.url)).expect("set up");
        match model.write(&question()).await {
            Err(WritingError::Refused { detail }) if is_refusal => assert!(detail.contains(says), "{name}: {detail}"),
            Err(WritingError::Unreachable { detail }) if !is_refusal => assert!(detail.contains(says), "{name}: {detail}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let model = Model::new(settings(&format!("http://{nobody}/v1"))).expect("set up");
    assert!(matches!(model.write(&question()).await, Err(WritingError::Unreachable { .. })));
    for address in ["ftp://x/v1", "model.example", ""] {
        assert!(Model::new(settings(address)).is_err(), "{address}");
    }
}

#[tokio::test]
async fn after_failures_in_a_row_the_server_is_left_alone_and_then_tried_once() {
    let server = Server::start(Reply::Json(500, String::new())).await;
    let model = Model::new(settings(&server.url)).expect("set up");
    for _ in 0..5 {
        assert!(matches!(model.write(&question()).await, Err(WritingError::Refused { .. })));
    }
    assert!(matches!(model.write(&question()).await, Err(WritingError::Resting { secs: 1..=3600 })));
    assert_eq!(server.times(), 5);

    let model = Model::new(ModelSettings { rest: Duration::from_millis(20), ..settings(&server.url) }).expect("set up");
    for _ in 0..5 {
        assert!(matches!(model.write(&question()).await, Err(WritingError::Refused { .. })));
    }
    let after_the_rest = async || loop {
        match model.write(&question()).await {
            Err(WritingError::Resting { .. }) => tokio::task::yield_now().await,
            other => return other,
        }
    };
    assert!(matches!(after_the_rest().await, Err(WritingError::Refused { .. })), "tried again");
    assert_eq!(server.times(), 11, "once");
    server.now(Reply::Stream(streamed(&["好[1]。"])));
    assert_eq!(after_the_rest().await, Ok("好[1]。".to_owned()));
    server.now(Reply::Json(500, String::new()));
    for _ in 0..4 {
        assert!(matches!(model.write(&question()).await, Err(WritingError::Refused { .. })), "a success begins the count anew");
    }
}

#[tokio::test]
async fn the_day_has_a_budget_and_what_was_not_used_is_given_back() {
    let used = |tokens: u64| {
        let last = format!("data: {}\n\n", json!({ "choices": [], "usage": { "total_tokens": tokens } }));
        Reply::Stream(vec![event("好[1]。").into_bytes(), last.into_bytes(), DONE.as_bytes().to_vec()])
    };
    let server = Server::start(used(10)).await;
    // A question sets about 850 aside: with 10 used each time there is room for many.
    let model = Model::new(ModelSettings { tokens_a_day: 1_000, ..settings(&server.url) }).expect("set up");
    for _ in 0..5 {
        assert!(model.write(&question()).await.is_ok());
    }
    server.now(used(900));
    assert!(model.write(&question()).await.is_ok());
    assert_eq!(model.write(&question()).await, Err(WritingError::Spent { tokens: 1_000 }));
    assert_eq!(server.times(), 6, "what cannot be paid for is not sent");
}
