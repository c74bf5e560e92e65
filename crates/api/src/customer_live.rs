//! The customer's WebSocket: messages in, acknowledgements and events out, resume by `(epoch, seq)`.

use crate::App;
use crate::auth::session_error;
use crate::behaviour::guidance_view;
use crate::dto::{Author, ChannelName, CustomerToServer, ServerToCustomer};
use crate::error::ApiError;
use crate::views::customer_event;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use jieti_domain::conversation::{Channel, Customer, Doing, Event, StoredEvent};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId};
use jieti_domain::understanding::Lang;
use jieti_engine::{CustomerNews, Inbound, LiveEvents, Subscription};
use serde::Deserialize;
use std::time::Duration;

/// Largest frame of a customer: a full message of four-byte characters and its form.
const LARGEST_FRAME: usize = 16 * 1024;
/// Read buffer a socket: most frames are a sentence; ten thousand idle sockets must stay small.
const READ_BUFFER: usize = 2 * 1024;
/// How often a waiting customer hears about the queue.
const QUEUE_NEWS: Duration = Duration::from_secs(5);
/// A frame that cannot be delivered for so long means that the client has gone.
const SEND_PATIENCE: Duration = Duration::from_secs(20);
/// Longest client message id.
const LONGEST_ID: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    session: String,
    #[serde(default)]
    conversation: Option<String>,
    #[serde(default)]
    epoch: Option<String>,
    #[serde(default)]
    seq: u64,
    /// Where they differ from the session's.
    #[serde(default)]
    lang: Option<Lang>,
    #[serde(default)]
    channel: Option<ChannelName>,
}

pub fn routes(app: App) -> Router {
    Router::new().route("/api/customer/live", get(live)).with_state(app)
}

async fn live(
    State(app): State<App>,
    cursor: Result<Query<Cursor>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let Query(cursor) = cursor?;
    let session = app.keys.session(&cursor.session, app.engine.now()).map_err(session_error)?;
    let upgrade = upgrade.map_err(|e| ApiError::new(e.status(), "socket.upgrade", e.body_text()))?;
    Ok(upgrade
        .max_message_size(LARGEST_FRAME)
        .max_frame_size(LARGEST_FRAME)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .on_upgrade(move |socket| async move {
            let channel = cursor.channel.map_or(session.channel, Into::into);
            let lang = cursor.lang.unwrap_or(session.lang);
            let customer = session.customer;
            let mut line = Line { app, customer, channel, lang, socket, conversation: None, sent: 0, waiting: false };
            // A socket that breaks is the client's to open again; everything it needs is stored.
            if let Err(error) = line.serve(cursor.conversation, cursor.epoch, cursor.seq).await {
                tracing::debug!(%error, "a customer's socket ended");
            }
        }))
}

/// One connected client.
struct Line {
    app: App,
    customer: Customer,
    channel: Channel,
    lang: Lang,
    socket: WebSocket,
    conversation: Option<ConversationId>,
    /// Place of the last event sent.
    sent: u64,
    waiting: bool,
}

type Ended = Box<dyn std::error::Error + Send + Sync>;

impl Line {
    async fn serve(&mut self, conversation: Option<String>, epoch: Option<String>, seq: u64) -> Result<(), Ended> {
        // Subscribed before the replay is read: nothing can fall between the two.
        let mut events = self.app.engine.subscribe_customer(&self.customer.id);
        self.replay(conversation, epoch, seq).await?;
        loop {
            tokio::select! {
                frame = self.socket.recv() => match frame {
                    Some(Ok(Frame::Text(text))) => self.frame(text.as_str()).await?,
                    Some(Ok(Frame::Binary(_))) => self.refuse("frame.binary", "frames are JSON text; send text", None).await?,
                    Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                    Some(Ok(Frame::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return Err(error.into()),
                },
                news = next(&mut events) => match news {
                    CustomerNews::Events(news) => self.events(&news).await?,
                    CustomerNews::Guidance(row) => {
                        if let Some(guidance) = self.app.engine.offered(&row, self.lang).map(|o| guidance_view(o, self.lang)) {
                            self.send(&ServerToCustomer::Guidance { guidance }).await?;
                        }
                    }
                    CustomerNews::AgentTyping => self.send(&ServerToCustomer::Typing { from: Author::Agent }).await?,
                },
                () = tokio::time::sleep(QUEUE_NEWS), if self.waiting => self.queue_news().await?,
            }
        }
    }

    /// Sends what the client has not seen: everything after its cursor, or all where the cursor is of another store or
    /// conversation.
    async fn replay(&mut self, conversation: Option<String>, epoch: Option<String>, seq: u64) -> Result<(), Ended> {
        let here = self.app.engine.store().epoch().to_owned();
        let current = self.app.engine.open_conversation_of(&self.customer.id).await?;
        let asked = conversation.map(ConversationId::new);
        let same = epoch.as_deref() == Some(here.as_str()) && asked.is_some() && (asked == current || current.is_none());
        // A client may have missed the end of the conversation it shows.
        let shown = if same { asked } else { current };
        self.sent = if same { seq } else { 0 };
        self.conversation = shown.clone();
        let events = match &shown {
            Some(id) if owns(&self.app.clone(), &self.customer.id.clone(), id).await? => {
                // Read from the event that the client saw last: where that one is not there, the cursor is of nothing that
                // is stored, and would hide what comes next.
                let events = self.app.engine.store().events(id, self.sent.saturating_sub(1)).await?;
                if events.is_empty() && self.sent > 0 {
                    self.sent = 0;
                    self.app.engine.store().events(id, 0).await?
                } else {
                    events
                }
            }
            Some(_) | None => Vec::new(),
        };
        let last_seq = events.last().map_or(self.sent, |e| e.seq);
        self.send(&ServerToCustomer::Hello { epoch: here, conversation: shown.map(|c| c.0), last_seq }).await?;
        self.pass_on(&events).await
    }

    async fn events(&mut self, news: &LiveEvents) -> Result<(), Ended> {
        if self.conversation.as_ref() != Some(&news.conversation) {
            // A note on an earlier conversation is no news of the customer's.
            if news.events.iter().all(|e| customer_event(e).is_none()) {
                return Ok(());
            }
            self.conversation = Some(news.conversation.clone());
            self.sent = 0;
            let epoch = self.app.engine.store().epoch().to_owned();
            self.send(&ServerToCustomer::Hello { epoch, conversation: Some(news.conversation.0.clone()), last_seq: 0 }).await?;
        }
        self.pass_on(&news.events).await
    }

    async fn pass_on(&mut self, events: &[StoredEvent]) -> Result<(), Ended> {
        for stored in events {
            if stored.seq <= self.sent {
                continue;
            }
            self.sent = stored.seq;
            match stored.event {
                Event::Queued { .. } => self.waiting = true,
                Event::Assigned { .. } | Event::BackWithBot | Event::Closed { .. } => self.waiting = false,
                _ => {}
            }
            if let (Some(event), Some(id)) = (customer_event(stored), &self.conversation) {
                let conversation = id.0.clone();
                self.send(&ServerToCustomer::Event { conversation, event }).await?;
            }
        }
        if self.waiting { self.queue_news().await } else { Ok(()) }
    }

    async fn queue_news(&mut self) -> Result<(), Ended> {
        let place = self.conversation.as_ref().and_then(|id| self.app.engine.queue_place(id));
        match place {
            Some(place) => {
                let news = ServerToCustomer::Queue { position: place.position, expected_wait_secs: place.expected_wait_secs };
                self.send(&news).await
            }
            None => {
                self.waiting = false;
                Ok(())
            }
        }
    }

    async fn frame(&mut self, text: &str) -> Result<(), Ended> {
        let frame: CustomerToServer = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(error) => {
                let code = if error.is_data() { "frame.wrong_shape" } else { "frame.not_json" };
                let message = format!("{error}; frames are described at /api/openapi.json under CustomerToServer");
                return self.refuse(code, &message, client_id_of(text)).await;
            }
        };
        let (client_id, inbound) = match frame {
            CustomerToServer::Ping => return self.send(&ServerToCustomer::Pong).await,
            CustomerToServer::Doing { page, title, dwell_secs } => {
                self.app.engine.customer_does(&self.customer.id, Doing { page, title, dwell_secs });
                return Ok(());
            }
            CustomerToServer::Say { client_id, text } => (client_id, Inbound::Say { text }),
            CustomerToServer::Press { client_id, action, label } => (client_id, Inbound::Press { action, label }),
            CustomerToServer::Submit { client_id, flow, step, values } => {
                (client_id, Inbound::Submit { flow: flow.as_str().into(), step: step.as_str().into(), values })
            }
            CustomerToServer::Rate { client_id, score, seq } => (client_id, Inbound::Rate { score: score.signum(), of: seq }),
        };
        if client_id.is_empty() || client_id.len() > LONGEST_ID {
            let message = format!("client_id must have 1 to {LONGEST_ID} bytes; use a UUID");
            return self.refuse("client_id.invalid", &message, None).await;
        }
        if let Err(error) = self.app.limits.message(self.customer.id.as_str()) {
            return self.refuse(&error.body.code, &error.body.message, Some(client_id)).await;
        }
        let engine = self.app.engine.clone();
        let id = ClientMessageId::new(client_id.as_str());
        match engine.receive(&self.customer, self.channel, self.lang, id, inbound).await {
            Ok(receipt) => self.send(&ServerToCustomer::Ack { client_id, seq: receipt.seq }).await,
            Err(error) => {
                let error = ApiError::from(error);
                self.refuse(&error.body.code, &error.body.message, Some(client_id)).await
            }
        }
    }

    async fn refuse(&mut self, code: &str, message: &str, client_id: Option<String>) -> Result<(), Ended> {
        self.send(&ServerToCustomer::Error { code: code.to_owned(), message: message.to_owned(), client_id }).await
    }

    async fn send(&mut self, frame: &ServerToCustomer) -> Result<(), Ended> {
        let text = serde_json::to_string(frame)?;
        tokio::time::timeout(SEND_PATIENCE, self.socket.send(Frame::Text(text.into()))).await??;
        Ok(())
    }
}

/// A cursor names a conversation; only the customer's own is shown.
async fn owns(app: &App, customer: &CustomerId, id: &ConversationId) -> Result<bool, Ended> {
    let card = app.engine.store().card(id).await?;
    Ok(card.is_some_and(|c| c.customer == customer.as_str()))
}

/// The client's id in a frame that is otherwise wrong, so that the client knows which message was refused.
fn client_id_of(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("client_id")?.as_str().filter(|id| id.len() <= LONGEST_ID).map(str::to_owned)
}

/// Waits for the next events; for ever once the engine has gone (the process ends then).
async fn next(events: &mut Subscription<CustomerNews>) -> CustomerNews {
    match events.recv().await {
        Some(news) => news,
        None => std::future::pending().await,
    }
}
