//! A customer whose phone keeps what was not acknowledged and sends it again, in order.

use crate::history::{Entry, Told};
use crate::support::{Client, PATIENCE, QUESTIONS, Random, identity};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

/// Messages on their way at once, at most.
const WINDOW: usize = 3;
/// New messages in one life of the server.
const MOST_NEW: usize = 12;
/// Flows that only read, and say something at once.
const FLOWS: [&str; 3] = ["limit-query", "repayment-history", "coupons"];

pub struct Customer {
    pub name: String,
    id: String,
    pub told: Told,
    unacked: VecDeque<(String, Value)>,
    session: Option<String>,
    epoch: Option<String>,
    pub conversation: Option<String>,
    random: Random,
}

impl Customer {
    pub fn new(id: &str, era: &str, seed: u64) -> Customer {
        Customer {
            name: format!("{id}-{era}"),
            id: id.to_owned(),
            told: Told::default(),
            unacked: VecDeque::new(),
            session: None,
            epoch: None,
            conversation: None,
            random: Random::new(seed),
        }
    }

    pub fn in_flight(&self) -> usize {
        self.unacked.len()
    }

    pub fn history_seen(&self) -> Vec<Entry> {
        self.told.shown.iter().map(|(seq, body)| Entry::new(*seq, body.clone())).collect()
    }

    /// Talks until the server dies.
    pub async fn talk(&mut self, server: SocketAddr) {
        let Some(mut client) = self.reconnect(server).await else { return };
        let mut new = 0;
        loop {
            while self.unacked.len() < WINDOW && new < MOST_NEW {
                new += 1;
                let frame = self.invent();
                if client.send(&frame).await.is_err() {
                    return;
                }
            }
            match client.next().await {
                Ok(frame) => self.take_in(&frame),
                Err(_) => return,
            }
        }
    }

    /// Goes on until everything is acknowledged and answered.
    pub async fn be_answered(&mut self, server: SocketAddr) {
        let mut client = self.reconnect(server).await.expect("the server stays");
        let began = Instant::now();
        loop {
            let owed = crate::history::unanswered(&self.told, &self.history_seen());
            // An acknowledgement may come before the event itself.
            let shown = |id: &String| self.told.shown.values().any(|body| body["client_id"] == **id);
            let unseen = self.told.acks.iter().filter(|(id, _)| !self.told.hidden.contains(id) && !shown(id)).count();
            if self.unacked.is_empty() && owed.is_empty() && unseen == 0 {
                return;
            }
            // A wrong answer never becomes right; what is missing may still come.
            assert!(began.elapsed() < PATIENCE, "{}: {} in flight, {owed:#?}", self.name, self.unacked.len());
            tokio::select! {
                frame = client.next() => self.take_in(&frame.expect("the server stays")),
                () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
            }
        }
    }

    /// Everything, as a client without memory sees it.
    pub async fn replay_all(&mut self, server: SocketAddr) -> Vec<Entry> {
        let session = self.session(server).await.expect("the server stays");
        let mut client = Client::dial(server, &format!("session={session}")).await.expect("the server stays");
        let frames = client.settled().await;
        frames
            .iter()
            .filter(|f| f["type"] == "event")
            .map(|f| Entry::new(f["event"]["seq"].as_u64().expect("a place"), f["event"]["body"].clone()))
            .collect()
    }

    /// Connects where it left off, or now and then from the beginning, and sends again what was not acknowledged.
    async fn reconnect(&mut self, server: SocketAddr) -> Option<Client> {
        let session = self.session(server).await?;
        let mut query = format!("session={session}");
        if let (Some(conversation), Some(epoch), true) = (&self.conversation, &self.epoch, self.random.below(4) > 0) {
            let from = self.told.shown.last_key_value().map_or(0, |(seq, _)| *seq);
            query.push_str(&format!("&conversation={conversation}&epoch={epoch}&seq={from}"));
        }
        let mut client = Client::dial(server, &query).await.ok()?;
        let hello = client.next().await.ok()?;
        assert_eq!(hello["type"], "hello", "{}: {hello}", self.name);
        let epoch = hello["epoch"].as_str().map(str::to_owned);
        assert!(self.epoch.is_none() || self.epoch == epoch, "{}: the store has become another one", self.name);
        self.epoch = epoch;
        if let Some(conversation) = hello["conversation"].as_str() {
            assert!(
                self.conversation.as_deref().is_none_or(|c| c == conversation),
                "{}: the conversation {:?} has become {conversation}",
                self.name,
                self.conversation
            );
            self.conversation = Some(conversation.to_owned());
        } else {
            assert!(self.told.acks.is_empty(), "{}: the conversation is gone", self.name);
        }
        for (_, frame) in &self.unacked {
            client.send(frame).await.ok()?;
        }
        Some(client)
    }

    /// A session outlives the server, so one is enough.
    async fn session(&mut self, server: SocketAddr) -> Option<String> {
        if self.session.is_none() {
            let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
            let body = json!({ "token": identity(&self.id, 3600) });
            let reply = http.post(format!("http://{server}/api/customer/session")).json(&body).send().await.ok()?;
            assert_eq!(reply.status(), 200, "{}", self.name);
            let body: Value = reply.json().await.ok()?;
            self.session = Some(body["session"].as_str().expect("a session is text").to_owned());
        }
        self.session.clone()
    }

    fn invent(&mut self) -> Value {
        let id = format!("{}-{}", self.name, self.told.sent.len());
        let frame = match self.random.below(20) {
            0..=2 => {
                self.told.hidden.insert(id.clone());
                json!({ "type": "rate", "client_id": id, "score": 1 })
            }
            3..=6 => {
                self.told.pressed.push(id.clone());
                let flow = self.random.one_of(&FLOWS);
                json!({ "type": "press", "client_id": id, "action": { "do": "flow", "flow": flow }, "label": flow })
            }
            _ => {
                let (_, question, answer) = self.random.one_of(&QUESTIONS);
                self.told.asked.push((id.clone(), (*answer).to_owned()));
                json!({ "type": "say", "client_id": id, "text": question })
            }
        };
        self.told.sent.push(id.clone());
        self.unacked.push_back((id, frame.clone()));
        frame
    }

    fn take_in(&mut self, frame: &Value) {
        match frame["type"].as_str() {
            Some("ack") => {
                let id = frame["client_id"].as_str().expect("an acknowledgement names its message");
                let (first, _) = self.unacked.pop_front().expect("only what was sent is acknowledged");
                assert_eq!(first, id, "{}: acknowledged out of order", self.name);
                self.told.acks.push((first, frame["seq"].as_u64().expect("an acknowledgement has a place")));
            }
            Some("event") => {
                let conversation = frame["conversation"].as_str().expect("an event names its conversation");
                assert!(self.conversation.as_deref().is_none_or(|c| c == conversation), "{}: {frame}", self.name);
                self.conversation = Some(conversation.to_owned());
                let seq = frame["event"]["seq"].as_u64().expect("an event has a place");
                let before = self.told.shown.insert(seq, frame["event"]["body"].clone());
                if let Some(before) = before {
                    assert_eq!(before, frame["event"]["body"], "{}: event {seq} has changed", self.name);
                }
            }
            Some("hello") => self.conversation = frame["conversation"].as_str().map(str::to_owned).or(self.conversation.take()),
            Some("error") => panic!("{}: refused: {frame}", self.name),
            _ => {}
        }
    }
}
