//! The public API as the crowd uses it. Owns the wire; decides nothing.

use crate::history::{Row, Truth};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use thiserror::Error;
use tokio_tungstenite::tungstenite::Message;

/// A server that has not answered by then will not.
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows of truth that are sent at once.
const ROWS_AT_ONCE: usize = 2_000;
/// The import takes a customer's day in one piece, and counts days in China.
const CHINA_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Error)]
pub enum CrowdError {
    #[error("{what}: no answer from {server}; is the service up? {source}")]
    Unreachable { what: &'static str, server: String, source: reqwest::Error },
    #[error("{what}: the service answered {status}: {body}")]
    Refused { what: &'static str, status: u16, body: String },
    #[error("{what}: the answer is not what the API says: {found}")]
    Unreadable { what: &'static str, found: String },
    #[error("chat: {0}")]
    Chat(String),
}

/// What a batch was answered.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub guidance: Vec<Offered>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Offered {
    pub id: String,
    #[serde(default)]
    pub need: Option<String>,
}

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: String,
}

impl Client {
    pub fn new(server: &str) -> Self {
        Self { http: reqwest::Client::new(), server: server.trim_end_matches('/').to_owned() }
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.server)).timeout(PATIENCE)
    }

    async fn done(&self, what: &'static str, request: reqwest::RequestBuilder) -> Result<reqwest::Response, CrowdError> {
        let reply =
            request.send().await.map_err(|source| CrowdError::Unreachable { what, server: self.server.clone(), source })?;
        if reply.status().is_success() {
            return Ok(reply);
        }
        let status = reply.status().as_u16();
        Err(CrowdError::Refused { what, status, body: reply.text().await.unwrap_or_default() })
    }

    async fn json(&self, what: &'static str, request: reqwest::RequestBuilder) -> Result<Value, CrowdError> {
        let text = self.done(what, request).await?.text().await.unwrap_or_default();
        serde_json::from_str(&text).map_err(|_| CrowdError::Unreadable { what, found: text })
    }

    /// A session of a visitor.
    pub async fn session(&self, visitor: &str) -> Result<String, CrowdError> {
        let what = "session";
        let body =
            self.json(what, self.post("/api/customer/session").json(&json!({ "visitor": visitor, "channel": "app" }))).await?;
        let session = body["session"].as_str().ok_or_else(|| CrowdError::Unreadable { what, found: body.to_string() })?;
        Ok(session.to_owned())
    }

    pub async fn behaviour(&self, session: &str, batch: &Value) -> Result<Answer, CrowdError> {
        let what = "behaviour";
        let mut tries = 0;
        loop {
            match self.json(what, self.post("/api/customer/behaviour").bearer_auth(session).json(batch)).await {
                Ok(body) => {
                    return serde_json::from_value(body.clone())
                        .map_err(|_| CrowdError::Unreadable { what, found: body.to_string() });
                }
                Err(CrowdError::Refused { status, .. }) if tries < 3 && (status == 429 || status >= 500) => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_secs(5 << tries)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub async fn guided(&self, session: &str, id: &str, act: &str) -> Result<(), CrowdError> {
        let request = self.post("/api/customer/guidance").bearer_auth(session).json(&json!({ "id": id, "act": act }));
        self.done("guidance", request).await.map(drop)
    }

    /// Says something in the chat and reads on until it is answered or taken by the queue.
    pub async fn say(&self, session: &str, text: &str) -> Result<(), CrowdError> {
        let chat = |e: &dyn std::fmt::Display| CrowdError::Chat(e.to_string());
        let url = format!("{}/api/customer/live?session={session}", self.server.replacen("http", "ws", 1));
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.map_err(|e| chat(&e))?;
        let frame = json!({ "type": "say", "client_id": "crowd", "text": text });
        socket.send(Message::text(frame.to_string())).await.map_err(|e| chat(&e))?;
        let answered = async {
            let mut stored = false;
            while let Some(frame) = socket.next().await {
                let Ok(Message::Text(text)) = frame else { continue };
                let Ok(frame) = serde_json::from_str::<Value>(text.as_str()) else { continue };
                stored |= frame["type"] == "ack";
                let kind = frame["event"]["body"]["kind"].as_str();
                if frame["type"] == "error" {
                    return Err(CrowdError::Chat(frame["message"].to_string()));
                }
                if stored && matches!(kind, Some("said" | "waiting" | "ticket" | "checking")) {
                    return Ok(());
                }
            }
            Err(CrowdError::Chat("the service closed the line before it answered".to_owned()))
        };
        let outcome = tokio::time::timeout(PATIENCE, answered).await.map_err(|e| chat(&e))?;
        // The customer closes the app; the server does not wait for a goodbye.
        drop(socket);
        outcome
    }

    /// Logs a member of staff in; the cookie.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<String, CrowdError> {
        let what = "log-in";
        let reply = self.done(what, self.post("/api/staff/login").json(&json!({ "name": name, "password": password }))).await?;
        let cookie = reply.headers().get("set-cookie").and_then(|c| c.to_str().ok()).and_then(|c| c.split(';').next());
        cookie.map(str::to_owned).ok_or(CrowdError::Unreadable { what, found: "no cookie".to_owned() })
    }

    /// Takes the rows in order of time, a day at a time.
    pub async fn import(&self, cookie: &str, rows: &[Row]) -> Result<(), CrowdError> {
        let day = |row: &Row| (row.at + CHINA_MS).div_euclid(DAY_MS);
        for part in rows.chunk_by(|a, b| day(a) == day(b)) {
            let mut text = String::new();
            for row in part {
                text += &serde_json::to_string(row).expect("a row is plain data");
                text.push('\n');
            }
            let request = self.post("/api/staff/journeys/import").header("cookie", cookie);
            self.done("import", request.header("content-type", "application/x-ndjson").body(text)).await?;
        }
        Ok(())
    }

    pub async fn tell_truth(&self, cookie: &str, rows: &[Truth]) -> Result<(), CrowdError> {
        for part in rows.chunks(ROWS_AT_ONCE) {
            let request =
                self.http.put(format!("{}/api/staff/journeys/truth", self.server)).timeout(PATIENCE).header("cookie", cookie);
            self.done("truth", request.json(&json!({ "rows": part }))).await?;
        }
        Ok(())
    }
}
