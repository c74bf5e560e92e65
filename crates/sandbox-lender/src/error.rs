//! Refusals and failures. Owns the one mapping from them to HTTP: a refusal carries a stable code and a message for the
//! customer in both languages; a failure is the lender's own and tells the caller nothing but that it happened.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// A business rule said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub problem: Problem,
    pub aftermath: Aftermath,
}

/// What becomes of the changes an operation made before it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    Undo,
    /// A wrong verification code must be counted although the request fails.
    Keep,
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable and made for programs, such as `repayment.in_progress`.
    pub code: String,
    /// 给客户看的说明
    pub message: String,
    /// The same for customers who read English.
    pub message_en: String,
}

/// Why a request got no answer of its own.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("refused: {}", .0.problem.code)]
    Refused(Refusal),
    #[error("store: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("answer cannot be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
    #[error("work was cut short: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
    #[error("system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: impl Into<String>, message_en: impl Into<String>) -> Self {
        let problem = Problem { code: code.to_owned(), message: message.into(), message_en: message_en.into() };
        Self { status, problem, aftermath: Aftermath::Undo }
    }
}

/// 404: there is no such thing, or it is another customer's.
pub fn missing(code: &str, message: impl Into<String>, message_en: impl Into<String>) -> Failure {
    Failure::Refused(Refusal::new(StatusCode::NOT_FOUND, code, message, message_en))
}

/// 409: the request is sound, but not in the present state of things.
pub fn conflict(code: &str, message: impl Into<String>, message_en: impl Into<String>) -> Failure {
    Failure::Refused(Refusal::new(StatusCode::CONFLICT, code, message, message_en))
}

/// 422: the request itself cannot be accepted.
pub fn invalid(code: &str, message: impl Into<String>, message_en: impl Into<String>) -> Failure {
    Failure::Refused(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code, message, message_en))
}

/// 401: the API key is absent or wrong.
pub fn unauthorised() -> Failure {
    let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "key.wrong", "接口密钥缺失或不正确", "the API key is missing or wrong");
    Failure::Refused(refusal)
}

/// 503: the weather says that the lender is down.
pub fn down() -> Failure {
    let refusal = Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "lender.down",
        "系统维护中，请稍后再试",
        "the lender is down; please try again later",
    );
    Failure::Refused(refusal)
}

impl Failure {
    /// Keeps what the operation had changed when it was refused.
    pub fn keeping_changes(self) -> Self {
        match self {
            Failure::Refused(refusal) => Failure::Refused(Refusal { aftermath: Aftermath::Keep, ..refusal }),
            other => other,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::Refused(refusal) => (refusal.status, Json(refusal.problem)).into_response(),
            Failure::Store(_) | Failure::Unwritable(_) | Failure::Interrupted(_) | Failure::Random(_) => {
                tracing::error!(error = %self, "a request failed");
                let problem = Problem {
                    code: "lender.failed".to_owned(),
                    message: "系统开小差了，请稍后再试".to_owned(),
                    message_en: "something went wrong at the lender; please try again later".to_owned(),
                };
                (StatusCode::INTERNAL_SERVER_ERROR, Json(problem)).into_response()
            }
        }
    }
}
