//! The adapter for the sandbox lender's HTTP API. Owns the transport: addresses, key, timeout, and what each status
//! means. `calls` maps operations to requests; `debts` and `account` read the answers.

mod account;
mod calls;
mod debts;
mod reading;

use super::LenderCore;
use async_trait::async_trait;
use calls::{Call, Verb};
use jieti_domain::lender::{Facts, LenderError, LenderRequest};
use jieti_domain::understanding::Lang;
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// Where the sandbox lender is and how to talk to it.
#[derive(Clone)]
pub struct SandboxSettings {
    /// Such as `http://127.0.0.1:7071`.
    pub base_url: String,
    pub api_key: String,
    /// For a whole request, connecting included.
    pub timeout: Duration,
}

/// A client of the sandbox lender.
#[derive(Debug, Clone)]
pub struct SandboxLender {
    base: Url,
    client: reqwest::Client,
    api_key: ApiKey,
}

#[derive(Debug, Error)]
pub enum SetUpError {
    #[error("lender address {address:?} is not an http(s) URL: {detail}")]
    Address { address: String, detail: String },
    #[error("http client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// Longer than this and a customer who waits in a chat should be told so instead.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(4);

/// The lender's refusals that say that this adapter asked wrongly: no customer could mend them.
const OUR_MISTAKES: [&str; 4] = ["path.unknown", "request.unreadable", "idempotency.key_required", "idempotency.key_reused"];

#[derive(Clone)]
struct ApiKey(String);

/// The body of the lender's refusals.
#[derive(Deserialize)]
struct Problem {
    code: String,
    message: String,
    #[serde(default)]
    message_en: String,
}

/// An answer as it came, before anybody has read it.
struct Raw {
    status: StatusCode,
    body: Vec<u8>,
}

/// Whether a request that did not reach the lender is sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    OnceIfUnconnected,
}

impl SandboxSettings {
    pub fn new(base_url: impl Into<String>, api_key: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), api_key: api_key.into(), timeout: DEFAULT_TIMEOUT }
    }
}

impl SandboxLender {
    /// # Errors
    /// `Address` where the base URL cannot be used, `Client` where the system has no TLS roots to offer.
    pub fn new(settings: SandboxSettings) -> Result<Self, SetUpError> {
        let SandboxSettings { base_url, api_key, timeout } = settings;
        let wrong = |detail: String| SetUpError::Address { address: base_url.clone(), detail };
        let base = Url::parse(&base_url).map_err(|cause| wrong(cause.to_string()))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(wrong("its scheme must be http or https".to_owned()));
        }
        // A lender's core is reached directly, whatever proxy the environment names for the web; a redirect would carry
        // the key to somewhere nobody configured.
        let client =
            reqwest::Client::builder().timeout(timeout).no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { base, client, api_key: ApiKey(api_key) })
    }

    async fn ask(&self, operation: &str, key: Option<&str>, call: &Call, retry: Retry) -> Result<Raw, LenderError> {
        let first = self.send(key, call).await;
        let outcome = match first {
            Err(cause) if cause.is_connect() && retry == Retry::OnceIfUnconnected => {
                tracing::info!(operation, "lender was not reached; asking once more");
                self.send(key, call).await
            }
            other => other,
        };
        // The URL holds customer and card identifiers, and errors are logged.
        outcome.map_err(|cause| LenderError::Unreachable {
            operation: operation.to_owned(),
            detail: cause.without_url().to_string(),
        })
    }

    async fn send(&self, key: Option<&str>, call: &Call) -> Result<Raw, reqwest::Error> {
        let url = call.url(&self.base);
        let mut request = match &call.verb {
            Verb::Get => self.client.get(url),
            Verb::Post(body) => self.client.post(url).json(body),
        };
        request = request.bearer_auth(&self.api_key.0);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = request.send().await?;
        Ok(Raw { status: answer.status(), body: answer.bytes().await?.to_vec() })
    }
}

impl Raw {
    /// The body of a success, or the error that any other status is, in the customer's language.
    fn body(self, operation: &str, lang: Lang) -> Result<Vec<u8>, LenderError> {
        let operation = operation.to_owned();
        let unreachable = |detail: String| LenderError::Unreachable { operation: operation.clone(), detail };
        if self.status.is_success() {
            return Ok(self.body);
        }
        if self.status.is_server_error() {
            return Err(unreachable(format!("status {}", self.status.as_u16())));
        }
        if matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(unreachable(format!("status {}: the lender does not accept our key", self.status.as_u16())));
        }
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(Problem { code, message, message_en })
                if self.status.is_client_error() && !OUR_MISTAKES.contains(&code.as_str()) && !message.is_empty() =>
            {
                let message = match lang {
                    Lang::En if !message_en.is_empty() => capitalised(&message_en),
                    Lang::En | Lang::ZhCn => message,
                };
                Err(LenderError::Refused { operation, code, message })
            }
            Ok(Problem { code, .. }) => {
                Err(LenderError::Nonsense { operation, detail: format!("status {} with code {code:?}", self.status.as_u16()) })
            }
            Err(_) => Err(LenderError::Nonsense {
                operation,
                detail: format!("status {} without a readable refusal", self.status.as_u16()),
            }),
        }
    }
}

/// The lender writes its English refusals as parts of a sentence; a customer reads a whole one.
fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[async_trait]
impl LenderCore for SandboxLender {
    async fn call(&self, request: &LenderRequest) -> Result<Facts, LenderError> {
        let operation = calls::name(request.operation);
        let nonsense = |detail: String| LenderError::Nonsense { operation: operation.clone(), detail };
        let call = calls::call(request).map_err(nonsense)?;
        let retry = if request.operation.changes_something() { Retry::Never } else { Retry::OnceIfUnconnected };
        let body = self.ask(&operation, Some(request.id.as_str()), &call, retry).await?.body(&operation, request.lang)?;
        calls::read(request, &body).map_err(nonsense)
    }

    async fn health(&self) -> Result<(), LenderError> {
        let operation = "health";
        let body =
            self.ask(operation, None, &calls::health(), Retry::OnceIfUnconnected).await?.body(operation, Lang::default())?;
        calls::read_health(&body).map_err(|detail| LenderError::Nonsense { operation: operation.to_owned(), detail })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}
