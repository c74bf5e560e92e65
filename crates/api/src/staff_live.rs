//! The console's WebSocket: cards and drafts of every open conversation, and the events of those that are watched.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{PresenceView, ServerToStaff, StaffToServer, ViewerView};
use crate::error::ApiError;
use crate::inspection;
use crate::staff::{staff_ref, staff_view};
use crate::views::{self, Reader};
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use jieti_domain::conversation::StoredEvent;
use jieti_domain::id::ConversationId;
use jieti_domain::understanding::Lang;
use jieti_engine::{DeskNews, LiveCard, Viewer, Watching};
use jieti_store::StaffRow;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Cards change with every message; an eye sees five changes a second at most.
const CARD_PAUSE: Duration = Duration::from_millis(200);
const LARGEST_FRAME: usize = 16 * 1024;
const SEND_PATIENCE: Duration = Duration::from_secs(20);
/// Consoles opened since the process began.
static LINES: AtomicU64 = AtomicU64::new(0);

pub fn routes(app: App) -> Router {
    Router::new().route("/api/staff/live", get(live)).with_state(app)
}

/// A browser gives a socket no header of the page's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reads {
    lang: Option<Lang>,
}

async fn live(
    State(app): State<App>,
    staff: SignedStaff,
    query: Result<Query<Reads>, QueryRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    same_origin(&headers)?;
    let Query(Reads { lang }) = query?;
    let upgrade = upgrade.map_err(|e| ApiError::new(e.status(), "socket.upgrade", e.body_text()))?;
    Ok(upgrade.max_message_size(LARGEST_FRAME).on_upgrade(move |socket| async move {
        let (sender, receiver) = unbounded_channel();
        let mut desk = DeskLine {
            app,
            staff: staff.0,
            lang: lang.unwrap_or_default(),
            socket,
            watched: HashMap::new(),
            sender,
            receiver,
            line: LINES.fetch_add(1, Ordering::Relaxed),
            cards: HashMap::new(),
            drafts_gone: Vec::new(),
        };
        desk.app.engine.console_opened(&desk.staff.id);
        let ended = desk.serve().await;
        for conversation in desk.watched.keys() {
            desk.app.engine.unwatch(conversation, desk.line);
        }
        if let Err(error) = ended {
            tracing::debug!(%error, "a console's socket ended");
        }
        desk.app.engine.console_closed(&desk.staff.id);
    }))
}

/// The cookie comes along from any page; only pages of this server may use it.
fn same_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).and_then(|h| h.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) if origin.split_once("://").is_some_and(|(_, o)| o == host) => Ok(()),
        (None, _) => Ok(()),
        (Some(origin), _) => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "origin.foreign",
            format!("pages of {origin} may not open the console's socket; open the console itself"),
        )),
    }
}

/// One open console.
struct DeskLine {
    app: App,
    staff: StaffRow,
    lang: Lang,
    socket: WebSocket,
    /// Watched conversations with the place of the last event sent.
    watched: HashMap<ConversationId, u64>,
    sender: UnboundedSender<Watching>,
    receiver: UnboundedReceiver<Watching>,
    /// Tells this console from the others of the same person.
    line: u64,
    /// Changed cards that have not been sent yet, the latest of each.
    cards: HashMap<String, LiveCard>,
    drafts_gone: Vec<(String, String)>,
}

type Ended = Box<dyn std::error::Error + Send + Sync>;

impl DeskLine {
    async fn serve(&mut self) -> Result<(), Ended> {
        let mut desks = self.app.engine.subscribe_desk();
        let mut alarms = self.app.engine.subscribe_alarms();
        let hears_alarms = inspection::is_reviewer(&self.staff);
        let mut tickets = self.app.engine.subscribe_tickets();
        self.hello().await?;
        loop {
            let dirty = !self.cards.is_empty() || !self.drafts_gone.is_empty();
            tokio::select! {
                frame = self.socket.recv() => match frame {
                    Some(Ok(Frame::Text(text))) => self.frame(text.as_str()).await?,
                    Some(Ok(Frame::Binary(_))) => self.refuse("frame.binary", "frames are JSON text; send text").await?,
                    Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                    Some(Ok(Frame::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return Err(error.into()),
                },
                Some(news) = desks.recv() => self.desk_news(news).await?,
                Some(alarm) = alarms.recv(), if hears_alarms => {
                    let alarm = Box::new(inspection::alarm_view(&alarm, self.app.engine.scorecard().as_deref()));
                    self.send(&ServerToStaff::Alarm { alarm }).await?;
                }
                Some(ticket) = tickets.recv() => self.send(&ServerToStaff::Ticket { ticket: Box::new((*ticket).clone()) }).await?,
                Some(news) = self.receiver.recv() => match news {
                    Watching::Events(news) => self.events(&news.conversation, &news.events).await?,
                    Watching::Viewers { conversation, viewers } => self.viewers(conversation, &viewers).await?,
                },
                () = tokio::time::sleep(CARD_PAUSE), if dirty => self.flush().await?,
            }
        }
    }

    async fn hello(&mut self) -> Result<(), Ended> {
        self.app.engine.heartbeat(&self.staff.id);
        let brain = self.app.engine.brain();
        let reader = Reader { rules: &brain.rules, lang: self.lang };
        let cards = self.app.engine.cards();
        let hello = ServerToStaff::Hello {
            epoch: self.app.engine.store().epoch().to_owned(),
            staff: staff_view(&self.staff),
            presence: self.presence(),
            cards: cards.iter().map(|c| views::card(c, reader)).collect(),
            drafts: cards.iter().filter_map(|c| views::draft(c, reader)).collect(),
        };
        self.send(&hello).await
    }

    async fn desk_news(&mut self, news: DeskNews) -> Result<(), Ended> {
        match news {
            DeskNews::Card(card) => {
                if let Some(gone) = &card.draft_gone {
                    self.drafts_gone.push((gone.clone(), card.card.id.clone()));
                }
                self.cards.insert(card.card.id.clone(), card);
                Ok(())
            }
            DeskNews::Mention(mention) if mention.who == self.staff.id => {
                let conversation = mention.conversation.0;
                self.send(&ServerToStaff::Mention { conversation, by: mention.by.0, text: mention.text }).await
            }
            DeskNews::Mention(_) => Ok(()),
        }
    }

    async fn viewers(&mut self, conversation: ConversationId, viewers: &[Viewer]) -> Result<(), Ended> {
        let view = |v: &Viewer| ViewerView { id: v.staff.id.0.clone(), name: v.staff.name.clone(), typing: v.typing };
        self.send(&ServerToStaff::Viewers { conversation: conversation.0, viewers: viewers.iter().map(view).collect() }).await
    }

    fn presence(&self) -> PresenceView {
        let presence = self.app.engine.presence(&self.staff.id);
        PresenceView { agent: presence.agent, silent_seat: presence.silent_seat }
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        let brain = self.app.engine.brain();
        let reader = Reader { rules: &brain.rules, lang: self.lang };
        for (id, conversation) in std::mem::take(&mut self.drafts_gone) {
            self.send(&ServerToStaff::DraftGone { id, conversation }).await?;
        }
        for live in std::mem::take(&mut self.cards).into_values() {
            if let Some(draft) = views::draft(&live.card, reader) {
                self.send(&ServerToStaff::Draft { draft: Box::new(draft) }).await?;
            }
            self.send(&ServerToStaff::Card { card: Box::new(views::card(&live.card, reader)) }).await?;
        }
        Ok(())
    }

    async fn frame(&mut self, text: &str) -> Result<(), Ended> {
        match serde_json::from_str::<StaffToServer>(text) {
            Ok(StaffToServer::Heartbeat) => {
                // A console that has hung learns that its lease is over: the person goes on duty again.
                if !self.app.engine.heartbeat(&self.staff.id) {
                    self.send(&ServerToStaff::Presence { presence: self.presence() }).await?;
                }
            }
            Ok(StaffToServer::Typing { conversation }) => {
                self.app.engine.agent_types(&self.staff.id, &ConversationId::new(conversation));
            }
            Ok(StaffToServer::Unwatch { conversation }) => {
                let id = ConversationId::new(conversation);
                self.watched.remove(&id);
                self.app.engine.unwatch(&id, self.line);
            }
            Ok(StaffToServer::Watch { conversation, after_seq }) => {
                let id = ConversationId::new(conversation);
                if self.watched.insert(id.clone(), after_seq).is_none() {
                    self.app.engine.watch(&id, &staff_ref(&self.staff), self.line, self.sender.clone());
                }
                let missed = self.app.engine.store().events(&id, after_seq).await?;
                self.events(&id, &missed).await?;
            }
            Err(error) => {
                let message = format!("{error}; frames are described at /api/openapi.json under StaffToServer");
                self.refuse(if error.is_data() { "frame.wrong_shape" } else { "frame.not_json" }, &message).await?;
            }
        }
        Ok(())
    }

    async fn events(&mut self, id: &ConversationId, events: &[StoredEvent]) -> Result<(), Ended> {
        let brain = self.app.engine.brain();
        let reader = Reader { rules: &brain.rules, lang: self.lang };
        for stored in events {
            let Some(sent) = self.watched.get_mut(id) else { return Ok(()) };
            if stored.seq <= *sent {
                continue;
            }
            *sent = stored.seq;
            if let Some(event) = views::staff_event(stored, reader) {
                self.send(&ServerToStaff::Event { conversation: id.0.clone(), event }).await?;
            }
        }
        Ok(())
    }

    async fn refuse(&mut self, code: &str, message: &str) -> Result<(), Ended> {
        self.send(&ServerToStaff::Error { code: code.to_owned(), message: message.to_owned() }).await
    }

    async fn send(&mut self, frame: &ServerToStaff) -> Result<(), Ended> {
        let text = serde_json::to_string(frame)?;
        tokio::time::timeout(SEND_PATIENCE, self.socket.send(Frame::Text(text.into()))).await??;
        Ok(())
    }
}
