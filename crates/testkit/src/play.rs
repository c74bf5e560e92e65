//! Plays a scenario against the service, turn by turn, waiting for each answer without guessing how long it takes.

use crate::expect::{Seen, broken, message};
use crate::repository;
use crate::scenario::{OnDuty, Scenario, ScenarioError, Turn};
use crate::service::{FreshLender, Service, ServiceError};
use crate::transcript::transcript;
use jieti_domain::conversation::{Channel, Conversation, Customer, StaffRef, Stage, StoredEvent};
use jieti_domain::id::{ClientMessageId, ConversationId};
use jieti_domain::message::{Form, Message};
use jieti_engine::{CustomerNews, Inbound, Presence, Subscription};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// A turn that took longer than this will not be answered at all. Twice what the lender's adapter and the engine's
/// repetitions can take together: three tries of 4 s and waits of 1 s and 3 s.
const PATIENCE: Duration = Duration::from_secs(32);
/// An input that changes nothing tells nobody; whether it is done is looked at so often.
const GLANCE: Duration = Duration::from_millis(20);

/// Why a scenario did not pass.
#[derive(Debug)]
pub enum Failure {
    /// The file itself is wrong.
    File(ScenarioError),
    /// It was played, and something was not as expected.
    Broken { path: String, name: String, turn: usize, reason: String, transcript: String },
    /// It could not be played.
    Service { path: String, error: ServiceError },
}

/// Plays every scenario of a flow; all failures are reported, not the first alone.
///
/// # Errors
/// The failures, ready to be printed.
pub async fn play_flow(flow: &str) -> Result<usize, String> {
    let folder = repository::root().join("flows").join(flow).join("scenarios");
    let files = repository::files_in(&folder).map_err(|e| e.to_string())?;
    let service = Service::start().await.map_err(|e| format!("the service does not start:\n{e}"))?;
    let mut failures = Vec::new();
    for file in &files {
        let played = match Scenario::parse(file) {
            Ok(scenario) => play(&service, &scenario).await,
            Err(error) => Err(Failure::File(error)),
        };
        match played {
            // Seen with `--no-capture`: the way to read how a flow talks.
            Ok(transcript) => println!("✓ {}\n{transcript}", file.path),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    if failures.is_empty() { Ok(files.len()) } else { Err(failures.join("\n")) }
}

/// Plays one scenario with a lender of its own. Returns the transcript.
///
/// # Errors
/// See [`Failure`].
pub async fn play(service: &Service, scenario: &Scenario) -> Result<String, Failure> {
    let path = || scenario.path.clone();
    let unplayed = |error| Failure::Service { path: path(), error };
    let lender = service.fresh_lender().await.map_err(unplayed)?;
    lender.set_weather(scenario.weather).await.map_err(unplayed)?;
    let mut player = Player::new(service, scenario, lender);
    player.keep_on_duty();
    let mut reason = None;
    for (turn, step) in (1..).zip(&scenario.turns) {
        if let Err(broken) = player.take(turn, step).await {
            reason = Some((turn, broken));
            break;
        }
    }
    let transcript = transcript(&player.events().await.unwrap_or_default());
    player.leave_duty();
    player.lender.stop().await.map_err(unplayed)?;
    match reason {
        None => Ok(transcript),
        Some((turn, reason)) => Err(Failure::Broken { path: path(), name: scenario.name.clone(), turn, reason, transcript }),
    }
}

struct Player<'a> {
    service: &'a Service,
    lender: FreshLender,
    customer: Customer,
    scenario: &'a Scenario,
    live: Subscription<CustomerNews>,
    conversation: Option<ConversationId>,
    /// The customer's last turn: what came after it is what an expectation looks at.
    since: u64,
}

impl<'a> Player<'a> {
    fn new(service: &'a Service, scenario: &'a Scenario, lender: FreshLender) -> Self {
        let customer = Customer { id: lender.customer(&scenario.customer), name: None, signed_in: scenario.signed_in };
        let live = service.engine.subscribe_customer(&customer.id);
        Self { service, lender, customer, scenario, live, conversation: None, since: 0 }
    }

    async fn take(&mut self, turn: usize, step: &Turn) -> Result<(), String> {
        self.keep_on_duty();
        match step {
            Turn::Customer(text) => self.send(turn, Inbound::Say { text: text.clone() }).await,
            Turn::Press(label) => {
                let said = self.said().await?;
                let buttons = || said.iter().rev().flat_map(|m| &m.buttons);
                let button = buttons().find(|b| b.label.contains(label.as_str()));
                let Some(button) = button else {
                    let labels: Vec<&str> = buttons().map(|b| b.label.as_str()).collect();
                    return Err(format!("no button says {label:?}; there are {labels:?}"));
                };
                self.send(turn, Inbound::Press { action: button.action.clone(), label: button.label.clone() }).await
            }
            Turn::Submit(values) => {
                let said = self.said().await?;
                let Some(Form { flow, step, fields, .. }) = said.iter().rev().find_map(|m| m.form.clone()) else {
                    return Err("no form has been shown".to_owned());
                };
                if let Some(name) = values.keys().find(|name| fields.iter().all(|f| f.name != **name)) {
                    let names: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
                    return Err(format!("the form has no field {name:?}; it has {names:?}"));
                }
                self.send(turn, Inbound::Submit { flow, step, values: values.clone() }).await
            }
            Turn::WaitSecs(secs) => {
                self.since = self.events().await?.last().map_or(0, |e| e.seq);
                self.service.clock.advance_secs(*secs);
                // Whoever is on duty has been there all the time.
                self.keep_on_duty();
                self.service.wait_secs(0).await;
                self.settle().await
            }
            Turn::Weather(weather) => self.lender.set_weather(*weather).await.map_err(|e| e.to_string()),
            Turn::Expect(expect) => {
                let Some(conversation) = self.state().await? else { return Err("nothing has been said yet".to_owned()) };
                let events: Vec<StoredEvent> = self.events().await?.into_iter().filter(|e| e.seq > self.since).collect();
                let seen = Seen { events: &events, conversation: &conversation };
                broken(expect, &seen).map_or(Ok(()), Err)
            }
        }
    }

    async fn send(&mut self, turn: usize, inbound: Inbound) -> Result<(), String> {
        let client_id = ClientMessageId::new(format!("turn-{turn}"));
        let receipt = self.service.engine.receive(&self.customer, Channel::Web, self.scenario.lang, client_id, inbound);
        let receipt = receipt.await.map_err(|e| e.to_string())?;
        self.since = receipt.seq;
        self.conversation = Some(receipt.conversation);
        self.settle().await
    }

    /// Returns once every input is answered, the lender has no open question, and a free agent has taken over.
    async fn settle(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let open = self.open_work().await?;
            if open.is_empty() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(format!("no end after {PATIENCE:?}; still open: {open:?}"));
            }
            // The answer may come without an event; then the glance finds it.
            let _ = tokio::time::timeout(GLANCE, self.live.recv()).await;
        }
    }

    async fn open_work(&self) -> Result<Vec<String>, String> {
        let Some(id) = &self.conversation else { return Ok(Vec::new()) };
        let mut open = self.service.open_jobs(id).await.map_err(|e| e.to_string())?;
        let is_waiting = self.state().await?.is_some_and(|c| matches!(c.stage, Stage::Waiting { .. }));
        if is_waiting && self.scenario.on_duty.agents > 0 {
            open.push("an agent is free, and the customer waits".to_owned());
        }
        Ok(open)
    }

    async fn state(&self) -> Result<Option<Conversation>, String> {
        let Some(id) = &self.conversation else { return Ok(None) };
        self.service.engine.conversation(id).await.map_err(|e| e.to_string())
    }

    async fn events(&self) -> Result<Vec<StoredEvent>, String> {
        let Some(id) = &self.conversation else { return Ok(Vec::new()) };
        self.service.engine.store().events(id, 0).await.map_err(|e| e.to_string())
    }

    async fn said(&self) -> Result<Vec<Message>, String> {
        Ok(self.events().await?.iter().filter_map(|e| message(&e.event)).cloned().collect())
    }

    fn keep_on_duty(&self) {
        self.set_duty(|presence| presence);
    }

    fn leave_duty(&self) {
        self.set_duty(|_| Presence::default());
    }

    fn set_duty(&self, presence: impl Fn(Presence) -> Presence) {
        let OnDuty { agents, silent_seats } = self.scenario.on_duty;
        let agents = (0..agents).map(|n| ("agent", n, Presence { agent: true, silent_seat: false }));
        let seats = (0..silent_seats).map(|n| ("seat", n, Presence { agent: false, silent_seat: true }));
        for (kind, n, on) in agents.chain(seats) {
            // Another scenario's agent is another person: that one's chats are not on this one's desk.
            let id = format!("{kind}-{}-{n}", self.lender.number);
            let staff = StaffRef { id: id.as_str().into(), name: format!("客服{n}") };
            self.service.engine.set_presence(&staff, presence(on));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::File(error) => write!(f, "✗ {error}"),
            Failure::Service { path, error } => write!(f, "✗ {path}: could not be played: {error}"),
            Failure::Broken { path, name, turn, reason, transcript } => {
                write!(f, "✗ {path} ({name})\n  turn {turn}: {reason}\n{transcript}")
            }
        }
    }
}

impl std::error::Error for Failure {}
