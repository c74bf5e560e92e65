//! How requests come in: the API key, the weather over the API, and the idempotency key of everything that changes
//! something. Owns no business.

use crate::clock::Clock;
use crate::error::{Failure, down, invalid, missing, unauthorised};
use crate::store::{Answer, Desk, RequestKey, Store};
use crate::transfers;
use crate::weather::ApiWeather;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// What every endpoint works with.
#[derive(Clone)]
pub(crate) struct Lender(pub Arc<Premises>);

pub(crate) struct Premises {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub api_key: String,
    /// Where customers reach this lender, without a slash at the end: the links on certificates begin with it.
    pub public_url: String,
}

/// The body of a request that changes something, with the key that makes it happen once.
pub(crate) struct Order<T> {
    pub body: T,
    request: RequestKey,
}

/// Longer keys are refused: a key is an identifier, not a document.
const MAX_KEY_LENGTH: usize = 200;

impl Lender {
    /// Reads, in a transaction of its own.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Json<T>, Failure> {
        let lender = self.clone();
        tokio::task::spawn_blocking(move || lender.0.store.run(lender.0.clock.now_ms(), work)).await?.map(Json)
    }

    /// Changes something once for each idempotency key.
    pub async fn change<B: Send + 'static, T: Serialize>(
        &self,
        order: Order<B>,
        work: impl FnOnce(&Desk, B) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let lender = self.clone();
        let Order { body, request } = order;
        let work = move || lender.0.store.run_once(lender.0.clock.now_ms(), &request, |desk| work(desk, body));
        Ok(tokio::task::spawn_blocking(work).await??.into_response())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response()
    }
}

impl<T: DeserializeOwned> FromRequest<Lender> for Order<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, lender: &Lender) -> Result<Self, Failure> {
        let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        if key.is_empty() || key.len() > MAX_KEY_LENGTH {
            return Err(invalid(
                "idempotency.key_required",
                "缺少请求编号，请重新提交",
                "send an Idempotency-Key header of 1 to 200 characters with every request that changes something",
            ));
        }
        let path = request.uri().path().to_owned();
        let unreadable = |detail: String| invalid("request.unreadable", "提交的内容不正确，请检查后重试", detail);
        let body = Bytes::from_request(request, lender).await.map_err(|cause| unreadable(cause.to_string()))?;
        // A hash, so that card numbers and phone numbers of past requests are not kept.
        let fingerprint = Sha256::new().chain_update(path.as_bytes()).chain_update([0]).chain_update(&body).finalize().to_vec();
        let body = serde_json::from_slice(&body).map_err(|cause| unreadable(cause.to_string()))?;
        Ok(Self { body, request: RequestKey { key, fingerprint } })
    }
}

/// Lets in those who hold the API key.
pub(crate) async fn check_key(State(lender): State<Lender>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match given {
        Some(key) if key == lender.0.api_key => next.run(request).await,
        _ => unauthorised().into_response(),
    }
}

/// Lets the API's weather have its way with a request.
pub(crate) async fn weather_over_api(State(lender): State<Lender>, request: Request, next: Next) -> Response {
    let weather = match lender.look(transfers::weather).await {
        Ok(Json(weather)) => weather,
        Err(failure) => return failure.into_response(),
    };
    match weather.api {
        ApiWeather::Normal => next.run(request).await,
        ApiWeather::Slow { delay_ms } => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            next.run(request).await
        }
        ApiWeather::Down => down().into_response(),
        ApiWeather::Nonsense => {
            // The request is carried out: the worst case for the caller is work that is done and cannot be read.
            next.run(request).await;
            Json(serde_json::json!({ "ret": "0000", "data": "<html>系统繁忙</html>" })).into_response()
        }
    }
}

pub(crate) async fn unknown_path() -> Response {
    missing("path.unknown", "没有这个接口", "there is no such endpoint; see /docs").into_response()
}
