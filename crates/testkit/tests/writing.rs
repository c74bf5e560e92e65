//! A language model behind the real client and the real engine: a question the bot is not sure of is answered from cited
//! knowledge, an invented figure is never said, and a model that fails costs the customer nothing but a moment.

use async_trait::async_trait;
use jieti_domain::conversation::{Channel, Customer, Event, WritingOutcome};
use jieti_domain::id::{ClientMessageId, ConversationId};
use jieti_domain::understanding::Lang;
use jieti_domain::writing::{WritingError, WritingRequest};
use jieti_engine::{Inbound, Setup, Writer};
use jieti_providers::model::{Model, ModelSettings};
use jieti_testkit::{Service, World};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Port(Model);

#[async_trait]
impl Writer for Port {
    async fn write(&self, request: &WritingRequest) -> Result<String, WritingError> {
        self.0.write(request).await
    }
}

type Asked = Arc<Mutex<Vec<String>>>;

/// A server that answers every question with the same words, or with an error where there are none.
async fn model_server(words: Option<&'static str>) -> (Arc<dyn Writer>, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, words, Arc::clone(&log)));
        }
    });
    let settings = ModelSettings {
        base_url,
        api_key: String::new(),
        model: "m".to_owned(),
        timeout: Duration::from_secs(20),
        silence: Duration::from_secs(20),
        rest: Duration::from_secs(1),
        tokens_a_day: 1_000_000,
    };
    (Arc::new(Port(Model::new(settings).unwrap())), asked)
}

async fn answer(mut socket: TcpStream, words: Option<&str>, log: Asked) {
    let mut bytes = Vec::new();
    let body: Value = loop {
        let mut piece = [0_u8; 8192];
        let read = socket.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        match serde_json::from_slice(&bytes[end + 4..]) {
            Ok(body) => break body,
            Err(_) if read > 0 => {}
            Err(error) => panic!("{error}"),
        }
    };
    let prompt = body["messages"][1]["content"].as_str().unwrap().to_owned();
    let cited =
        prompt.lines().find(|line| line.ends_with(CITED)).and_then(|line| line.split_once(' ')).map_or("[0]", |(mark, _)| mark);
    let words = words.map(|words| words.replace("[?]", cited));
    log.lock().unwrap().push(prompt.clone());
    let reply = match words {
        Some(words) => {
            let event = json!({ "choices": [{ "delta": { "content": words } }] });
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {event}\n\ndata: [DONE]\n\n"
            )
        }
        None => "HTTP/1.1 503 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
    };
    socket.write_all(reply.as_bytes()).await.unwrap();
}

/// The source that the model cites: of low risk.
const CITED: &str = "我的额度是多少";
/// A question that no entry asks in these words: the bot is not sure of it.
const UNSURE: &str = "那个额度的事情到底怎么弄";

async fn ask(words: Option<&'static str>) -> (Vec<Event>, Vec<String>) {
    let (writer, asked) = model_server(words).await;
    let service = Service::start_with(&World::new().unwrap(), Setup { writer: Some(writer), ..Setup::default() }).await.unwrap();
    let customer = Customer { id: "c1".into(), name: None, signed_in: false };
    let say = Inbound::Say { text: UNSURE.to_owned() };
    let receipt = service.engine.receive(&customer, Channel::Web, Lang::ZhCn, ClientMessageId::new("m1"), say).await.unwrap();
    let events = until_ended(&service, &receipt.conversation).await;
    let asked = asked.lock().unwrap().clone();
    (events, asked)
}

async fn until_ended(service: &Service, id: &ConversationId) -> Vec<Event> {
    for _ in 0..2000 {
        let events: Vec<Event> =
            service.engine.store().events(id, 0).await.unwrap().into_iter().map(|stored| stored.event).collect();
        let ended = events.iter().position(|e| matches!(e, Event::WritingEnded { .. }));
        if ended.is_some_and(|at| events[at..].iter().any(|e| matches!(e, Event::Said { .. }))) {
            return events;
        }
        service.wait_secs(0).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no answer: {:?}", service.engine.store().events(id, 0).await.unwrap());
}

fn outcome(events: &[Event]) -> &WritingOutcome {
    let found = events.iter().find_map(|e| match e {
        Event::WritingEnded { outcome, .. } => Some(outcome),
        _ => None,
    });
    found.expect("the model's answer has an end")
}

fn said(events: &[Event]) -> String {
    let texts = events.iter().filter_map(|e| match e {
        Event::Said { message, .. } => Some(message.text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_the_bot_is_not_sure_of_is_answered_from_what_is_cited() {
    let (events, asked) = ask(Some("可用额度等于总额度减去还没还的本金[?]。")).await;
    assert!(asked[0].contains("[1] ") && asked[0].ends_with(UNSURE), "{asked:?}");
    assert_eq!(outcome(&events), &WritingOutcome::Answered, "{asked:?}");
    assert!(said(&events).contains("可用额度等于总额度减去还没还的本金。\n（由 AI 根据知识库“"), "{}", said(&events));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invented_sum_is_never_said_and_a_failure_is_no_loss() {
    let (invented, _) = ask(Some("您的额度是 88,000 元[?]。")).await;
    assert!(matches!(outcome(&invented), WritingOutcome::Stopped { .. }), "{:?}", outcome(&invented));
    assert!(!said(&invented).contains("88,000"), "{}", said(&invented));
    let (failed, asked) = ask(None).await;
    assert!(matches!(outcome(&failed), WritingOutcome::Failed { .. }), "{:?}", outcome(&failed));
    assert_eq!((said(&failed), asked.len()), (said(&invented), 1), "the same answer as without a model");
}
