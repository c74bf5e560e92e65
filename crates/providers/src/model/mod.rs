//! A language model behind the protocol that OpenAI made common (Qwen, DeepSeek, vLLM, Ollama, …): one question, one answer,
//! streamed. Owns time-outs, the daily budget and the rest after failures; what is asked, and what of the answer may be shown,
//! is `jieti_domain::writing`'s business.

mod guard;
mod stream;

use crate::SetUpError;
use crate::peer::Peer;
use guard::Guard;
use jieti_domain::writing::{WritingError, WritingRequest, instructions, prompt};
use reqwest::StatusCode;
use serde_json::json;
use std::fmt;
use std::time::Duration;
use stream::{Piece, Reader};
use tokio::time::{Instant, timeout, timeout_at};

/// Where the model is and what it may cost.
#[derive(Clone)]
pub struct ModelSettings {
    /// Such as `http://127.0.0.1:11434/v1`; `/chat/completions` is added.
    pub base_url: String,
    /// Sent as a bearer token; empty sends none.
    pub api_key: String,
    /// Such as `qwen2.5:7b-instruct`.
    pub model: String,
    /// For a whole answer.
    pub timeout: Duration,
    /// For the first piece, and between two pieces.
    pub silence: Duration,
    /// How long nothing is sent after five failures in a row.
    pub rest: Duration,
    /// Tokens, asked and answered, between two midnights in China.
    pub tokens_a_day: u64,
}

/// Tokens of an answer at most.
const ANSWER_TOKENS: u64 = 600;
/// Bytes of a whole reply at most; a server that goes on for ever is cut off.
const LONGEST: usize = 256 * 1024;

/// A client of one model.
pub struct Model {
    peer: Peer,
    settings: ModelSettings,
    guard: Guard,
}

impl fmt::Debug for Model {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("peer", &self.peer).field("model", &self.settings.model).finish_non_exhaustive()
    }
}

impl Model {
    /// # Errors
    /// Where the address is none.
    pub fn new(settings: ModelSettings) -> Result<Self, SetUpError> {
        let peer = Peer::new(&settings.base_url, "chat/completions", &settings.api_key)?;
        let guard = Guard::new(settings.tokens_a_day, settings.rest);
        Ok(Self { peer, settings, guard })
    }

    /// Asks once.
    ///
    /// # Errors
    /// See [`WritingError`]; after five failures in a row nothing is sent for a while.
    pub async fn write(&self, request: &WritingRequest) -> Result<String, WritingError> {
        let (system, user) = (instructions(request.lang), prompt(request));
        let estimate = tokens(system) + tokens(&user) + ANSWER_TOKENS;
        let ticket = self.guard.enter(estimate)?;
        let answer = self.ask(system, &user).await;
        let spent = match &answer {
            Ok((text, used)) => used.unwrap_or_else(|| tokens(system) + tokens(&user) + tokens(text)),
            // What a server that failed has counted is not known: what was sent is.
            Err(_) => tokens(system) + tokens(&user),
        };
        self.guard.leave(ticket, spent, answer.is_ok());
        answer.map(|(text, _)| text)
    }

    async fn ask(&self, system: &str, user: &str) -> Result<(String, Option<u64>), WritingError> {
        let until = Instant::now() + self.settings.timeout;
        let unreachable = |detail: String| WritingError::Unreachable { detail };
        let body = json!({
            "model": self.settings.model, "temperature": 0, "max_tokens": ANSWER_TOKENS, "stream": true,
            "stream_options": { "include_usage": true },
            "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
        });
        let first = self.settings.silence.min(self.settings.timeout);
        let late = |what: &str| unreachable(format!("{what} within {} s", first.as_secs_f32()));
        let sent = timeout(first, self.peer.post(&body).send()).await.map_err(|_| late("no answer"))?;
        // The address may hold a key: reqwest's words are told without it.
        let mut response = sent.map_err(|e| unreachable(e.without_url().to_string()))?;
        let status = response.status();
        let is_stream = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("text/event-stream"));
        let mut reader = Reader::new(is_stream && status == StatusCode::OK);
        loop {
            let next = (Instant::now() + self.settings.silence).min(until);
            let chunk = timeout_at(next, response.chunk()).await.map_err(|_| late("the answer stopped and nothing came"))?;
            match chunk.map_err(|e| unreachable(e.without_url().to_string()))? {
                Some(bytes) => {
                    if let Piece::End = reader.take(&bytes)? {
                        return reader.finish(true);
                    }
                    if reader.len() > LONGEST {
                        return Err(unreachable(format!("its answer is longer than {LONGEST} bytes")));
                    }
                }
                None if status == StatusCode::OK => return reader.finish(false),
                None => {
                    return Err(WritingError::Refused { detail: format!("{status} {}", self.peer.told(&reader.raw())) });
                }
            }
        }
    }
}

/// Tokens of a text, on the high side: a Chinese character is about one, four Latin letters are.
fn tokens(text: &str) -> u64 {
    let (wide, narrow) = text.chars().fold((0_u64, 0_u64), |(w, n), c| if c.is_ascii() { (w, n + 1) } else { (w + 1, n) });
    wide + narrow.div_ceil(3)
}
