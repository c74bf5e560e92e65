//! A server that speaks the protocol which OpenAI made common: its address and the key that is sent with each question and told to
//! nobody.

use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use std::fmt;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SetUpError {
    #[error("address {address:?} is not an http(s) URL: {detail}; give one such as http://127.0.0.1:11434/v1")]
    Address { address: String, detail: String },
    #[error("http client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// Characters of a refusal that are told.
pub(crate) const DETAIL: usize = 300;

pub(crate) struct Peer {
    url: Url,
    key: String,
    client: reqwest::Client,
}

impl fmt::Debug for Peer {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Peer {
    /// `path` such as `chat/completions`; an empty key sends none.
    pub fn new(base_url: &str, path: &str, key: &str) -> Result<Self, SetUpError> {
        let wrong = |detail: String| SetUpError::Address { address: base_url.to_owned(), detail };
        let url = Url::parse(&format!("{}/{path}", base_url.trim_end_matches('/'))).map_err(|e| wrong(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong(format!("its scheme is {}", url.scheme())));
        }
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { url, key: key.to_owned(), client })
    }

    pub fn post(&self, body: &Value) -> RequestBuilder {
        let request = self.client.post(self.url.clone()).json(body);
        if self.key.is_empty() { request } else { request.bearer_auth(&self.key) }
    }

    /// The beginning of a refusal; some servers repeat a wrong key in it.
    pub fn told(&self, text: &str) -> String {
        let text = if self.key.is_empty() { text.to_owned() } else { text.replace(&self.key, "***") };
        text.chars().take(DETAIL).collect()
    }
}
