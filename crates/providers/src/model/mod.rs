//! A language model behind the protocol that OpenAI made common (Qwen, DeepSeek, vLLM, Ollama, …): one question, one answer,
//! streamed. Owns time-outs, the daily budget and the rest after failures; what is asked, and what of the answer may be shown,
//! is `jieti_domain::writing`'s business.

mod guard;
mod stream;

use guard::Guard;
use jieti_domain::writing::{WritingError, WritingRequest, instructions, prompt};
use reqwest::{StatusCode, Url};
use serde_json::json;
use std::fmt;
use std::time::Duration;
use stream::{Piece, Reader};
use thiserror::Error;
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

#[derive(Debug, Error)]
pub enum SetUpError {
    #[error("model address {address:?} is not an http(s) URL: {detail}")]
    Address { address: String, detail: String },
    #[error("http client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// Tokens of an answer at most.
const ANSWER_TOKENS: u64 = 600;
/// Bytes of a refusal that are told.
const DETAIL: usize = 300;
/// Bytes of a whole reply at most; a server that goes on for ever is cut off.
const LONGEST: usize = 256 * 1024;

/// A client of one model.
pub struct Model {
    url: Url,
    client: reqwest::Client,
    settings: ModelSettings,
    guard: Guard,
}

impl fmt::Debug for Model {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("url", &self.url.as_str()).field("model", &self.settings.model).finish_non_exhaustive()
    }
}

impl Model {
    /// # Errors
    /// Where the address is none.
    pub fn new(settings: ModelSettings) -> Result<Self, SetUpError> {
        let wrong = |detail: String| SetUpError::Address { address: settings.base_url.clone(), detail };
        let text = format!("{}/chat/completions", settings.base_url.trim_end_matches('/'));
        let url = Url::parse(&text).map_err(|e| wrong(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(format!("its scheme is {}", url.scheme())));
        }
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let guard = Guard::new(settings.tokens_a_day, settings.rest);
        Ok(Self { url, client, settings, guard })
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
        let mut request = self.client.post(self.url.clone()).json(&body);
        if !self.settings.api_key.is_empty() {
            request = request.bearer_auth(&self.settings.api_key);
        }
        let first = self.settings.silence.min(self.settings.timeout);
        let late = |what: &str| unreachable(format!("{what} within {} s", first.as_secs_f32()));
        let sent = timeout(first, request.send()).await.map_err(|_| late("no answer"))?;
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
                    let told: String = reader.raw().chars().take(DETAIL).collect();
                    return Err(WritingError::Refused { detail: format!("{status} {}", self.without_key(&told)) });
                }
            }
        }
    }

    /// Some servers repeat a wrong key in their refusal.
    fn without_key(&self, text: &str) -> String {
        if self.settings.api_key.is_empty() { text.to_owned() } else { text.replace(&self.settings.api_key, "***") }
    }
}

/// Tokens of a text, on the high side: a Chinese character is about one, four Latin letters are.
fn tokens(text: &str) -> u64 {
    let (wide, narrow) = text.chars().fold((0_u64, 0_u64), |(w, n), c| if c.is_ascii() { (w, n + 1) } else { (w + 1, n) });
    wide + narrow.div_ceil(3)
}
