//! `/api/customer/behaviour` and `/api/customer/guidance`: what apps report, and what they are offered.

use crate::App;
use crate::auth::SignedSession;
use crate::dto::{BehaviourAnswer, BehaviourBatch, BehaviourEvent, Guidance, GuidanceActName, GuidanceReport, RefusedEvent};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jieti_domain::journey::{Act, Name};
use jieti_domain::understanding::Lang;
use jieti_engine::{GuidanceAct, Offered, Sent, SentAct, StreamName};
use std::borrow::Cow;

/// Most acts of a batch.
const MOST: usize = 500;
/// Most bytes of a batch.
const LARGEST: usize = 256 * 1024;

/// Takes what an app reports. Acts that are refused do not hold up the others.
#[utoipa::path(post, path = "/api/customer/behaviour", tag = "customer", request_body = BehaviourBatch,
    responses((status = 200, body = BehaviourAnswer), (status = 401, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn record(
    State(app): State<App>,
    SignedSession(session): SignedSession,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") {
        let message = "batches are JSON; send Content-Type: application/json";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.not_json", message));
    }
    let body = body.map_err(|e| ApiError::new(e.status(), "body.unreadable", e.body_text()))?;
    if body.len() > LARGEST {
        return Err(too_large(format!("batch has {} bytes, more than {LARGEST}; send fewer acts at once", body.len())));
    }
    let batch: BehaviourBatch<'_> = serde_json::from_slice(&body).map_err(|error| {
        let (status, code) = if error.is_data() {
            (StatusCode::UNPROCESSABLE_ENTITY, "behaviour.wrong_shape")
        } else {
            (StatusCode::BAD_REQUEST, "body.not_json")
        };
        ApiError::new(status, code, format!("{error}; see BehaviourBatch at /api/openapi.json"))
    })?;
    if batch.events.len() > MOST {
        return Err(too_large(format!("batch has {} acts, more than {MOST}; send fewer at once", batch.events.len())));
    }
    let wrong = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "behaviour.invalid", message);
    if batch.v != 1 {
        return Err(wrong(format!("v is {}, and this server knows 1; use an SDK of the same release", batch.v)));
    }
    let stream = batch.stream.as_bytes();
    if !(16..=64).contains(&stream.len()) || !stream.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
        return Err(wrong("stream must be 16 to 64 letters, digits and dashes; make a new one for each page load".to_owned()));
    }
    let version = match &batch.version {
        Some(version) => Some(Name::parse(version).map_err(|e| wrong(format!("version {e}")))?),
        None => None,
    };
    let acts = u32::try_from(batch.events.len()).unwrap_or(u32::MAX);
    if let Err(secs) = app.limits.acts(session.customer.id.as_str(), acts) {
        let message = format!("too many acts of one customer; keep them and try again in {secs} s");
        let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate.limited", message);
        return Ok(([(header::RETRY_AFTER, secs.to_string())], error).into_response());
    }
    let mut refused = Vec::new();
    let acts = batch.events.iter().filter_map(|event| act_of(event).map_err(|why| refused.push(why)).ok()).collect();
    let sent = Sent {
        customer: session.customer.id.clone(),
        stream: StreamName::of(&batch.stream),
        sent_at: batch.sent_at,
        consent: batch.consent,
        platform: batch.platform,
        version,
        network: batch.network,
        acts,
    };
    let recorded = if sent.acts.is_empty() { Default::default() } else { app.engine.record(sent).await? };
    let guidance = app.engine.guidance_for(&session.customer.id);
    let guidance = guidance.iter().filter_map(|row| app.engine.offered(row, session.lang));
    let guidance = guidance.map(|offered| guidance_view(offered, session.lang)).collect();
    Ok(Json(BehaviourAnswer { stored: recorded.stored, doubled: recorded.doubled, refused, guidance }).into_response())
}

fn too_large(message: String) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "behaviour.too_large", message)
}

fn act_of(event: &BehaviourEvent<'_>) -> Result<SentAct, RefusedEvent> {
    let refuse = |field: &str, why: String| RefusedEvent { n: event.n, field: field.to_owned(), why };
    let name = |field: &str, text: &Option<Cow<'_, str>>| match text {
        Some(text) => Name::parse(text).map(Some).map_err(|error| refuse(field, error.to_string())),
        None => Ok(None),
    };
    let (page, target, code) = (name("page", &event.page)?, name("target", &event.target)?, name("code", &event.code)?);
    let missing = |field: &str, what: &str| Err(refuse(field, format!("is missing; {what}")));
    match event.act {
        Act::Outcome if code.is_none() => return missing("code", "an outcome says what came to pass"),
        Act::Outcome => {}
        _ if page.is_none() => return missing("page", "every act but an outcome is on a page"),
        Act::Step | Act::Click | Act::FieldError | Act::ApiError | Act::RageClick if target.is_none() => {
            return missing("target", "name the step, element, field or interface");
        }
        _ => {}
    }
    Ok(SentAct { n: event.n, at: event.at, act: event.act, page, target, code, value: event.value })
}

/// Guidance as the client gets it.
pub fn guidance_view(offered: Offered, lang: Lang) -> Guidance {
    let Offered { id, show, question, answer } = offered;
    Guidance {
        id,
        kind: show.kind,
        title: show.title.get(lang).to_owned(),
        text: show.text.get(lang).to_owned(),
        items: show.items.map(|items| items.get(lang).to_vec()).unwrap_or_default(),
        link: show.link,
        label: show.label.map(|label| label.get(lang).to_owned()),
        need: show.need,
        question,
        answer,
    }
}

/// Keeps what became of guidance: shown, opened, or put away.
#[utoipa::path(post, path = "/api/customer/guidance", tag = "customer", request_body = GuidanceReport,
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn guidance_act(
    State(app): State<App>,
    SignedSession(session): SignedSession,
    body: Result<Json<GuidanceReport>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Json(report) = body?;
    let act = match report.act {
        GuidanceActName::Shown => GuidanceAct::Shown,
        GuidanceActName::Clicked => GuidanceAct::Clicked,
        GuidanceActName::Dismissed => GuidanceAct::Dismissed,
    };
    app.engine.guidance_act(&session.customer.id, &report.id, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
