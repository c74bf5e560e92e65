//! Sentence vectors from a server that speaks OpenAI's protocol (vLLM, Ollama, text-embeddings-inference, …). Owns batches, time-outs,
//! the rest after failures and the check of what comes back: a vector for each text, in its place, of one width, of numbers.

use crate::peer::{Peer, SetUpError};
use crate::rest::{Rest, Resting};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use std::sync::OnceLock;
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

/// Where the server is.
#[derive(Clone)]
pub struct EmbeddingSettings {
    /// Such as `http://127.0.0.1:11434/v1`; `/embeddings` is added.
    pub base_url: String,
    /// Sent as a bearer token; empty sends none.
    pub api_key: String,
    /// Such as `bge-m3`.
    pub model: String,
    /// How long nothing is sent after five failures in a row.
    pub rest: Duration,
}

/// Why there are no vectors.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EmbeddingError {
    #[error("no answer within {ms} ms; raise the time-out, or move the server nearer")]
    Late { ms: u128 },
    #[error("cannot be reached: {detail}; look whether it runs")]
    Unreachable { detail: String },
    #[error("refused with {status}: {detail}")]
    Refused { status: u16, detail: String },
    #[error("its answer cannot be used: {detail}; look whether model and address are those of an embedding model")]
    Unusable { detail: String },
    #[error("it failed several times; nothing is sent for {secs} s")]
    Resting { secs: u64 },
}

/// Texts in a request at most. Source: text-embeddings-inference takes 32 by default, others more.
const BATCH: usize = 32;
/// Bytes of an answer at most: 32 vectors of 8,192 numbers of 20 digits each, and some room.
const LONGEST: usize = 8 * 1024 * 1024;

/// A client of one embedding model.
pub struct Embedder {
    peer: Peer,
    model: String,
    rest: Rest,
    /// Numbers of a vector, as the first answer had them.
    width: OnceLock<usize>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Embedder {
    /// # Errors
    /// Where the address is none.
    pub fn new(settings: &EmbeddingSettings) -> Result<Self, SetUpError> {
        let peer = Peer::new(&settings.base_url, "embeddings", &settings.api_key)?;
        Ok(Self { peer, model: settings.model.clone(), rest: Rest::new(settings.rest), width: OnceLock::new() })
    }

    /// A vector for each text, in their order. `timeout` is for each request.
    ///
    /// # Errors
    /// See [`EmbeddingError`]; after five failures in a row nothing is sent for a while.
    pub async fn embed(&self, texts: &[String], timeout: Duration) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            self.rest.enter().map_err(|Resting { secs }| EmbeddingError::Resting { secs })?;
            match self.ask(batch, timeout).await {
                Ok(found) => {
                    self.rest.answered();
                    vectors.extend(found);
                }
                Err(error) => {
                    self.rest.failed();
                    return Err(error);
                }
            }
        }
        Ok(vectors)
    }

    async fn ask(&self, texts: &[String], timeout: Duration) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        let until = Instant::now() + timeout;
        let late = |_| EmbeddingError::Late { ms: timeout.as_millis() };
        // The address may hold a key: reqwest's words are told without it.
        let unreachable = |e: reqwest::Error| EmbeddingError::Unreachable { detail: e.without_url().to_string() };
        let body = json!({ "model": self.model, "input": texts, "encoding_format": "float" });
        let mut response = timeout_at(until, self.peer.post(&body).send()).await.map_err(late)?.map_err(unreachable)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = timeout_at(until, response.chunk()).await.map_err(late)?.map_err(unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST {
                return Err(EmbeddingError::Unusable { detail: format!("it is longer than {LONGEST} bytes") });
            }
        }
        if status != StatusCode::OK {
            let detail = self.peer.told(&String::from_utf8_lossy(&bytes));
            return Err(EmbeddingError::Refused { status: status.as_u16(), detail });
        }
        // Serde's words may quote the answer, which may hold the texts; its kind and place do not.
        let unreadable = |e: serde_json::Error| EmbeddingError::Unusable {
            detail: format!("{:?} error at byte {} of line {}", e.classify(), e.column(), e.line()),
        };
        let answer: Answer = serde_json::from_slice(&bytes).map_err(unreadable)?;
        self.in_their_places(answer, texts.len()).map_err(|detail| EmbeddingError::Unusable { detail })
    }

    fn in_their_places(&self, answer: Answer, texts: usize) -> Result<Vec<Vec<f32>>, String> {
        if answer.data.len() != texts {
            return Err(format!("{} vectors came for {texts} texts", answer.data.len()));
        }
        let mut placed: Vec<Option<Vec<f32>>> = vec![None; texts];
        for Item { index, embedding } in answer.data {
            let usable = embedding.iter().all(|v| v.is_finite()) && embedding.iter().any(|v| *v != 0.0);
            if !usable {
                return Err("a vector is empty, all zeros, or has numbers that are none".to_owned());
            }
            let width = *self.width.get_or_init(|| embedding.len());
            if embedding.len() != width {
                return Err(format!("a vector has {} numbers and the first one had {width}", embedding.len()));
            }
            match placed.get_mut(index) {
                Some(place @ None) => *place = Some(embedding),
                Some(Some(_)) => return Err(format!("two vectors have the index {index}")),
                None => return Err(format!("a vector has the index {index} of {texts} texts")),
            }
        }
        Ok(placed.into_iter().flatten().collect())
    }
}
