//! `/api/staff`: log-in, presence, conversations, drafts.

use crate::App;
use crate::assist;
use crate::auth::{COOKIE_NAME, ReadsIn, STAFF_SESSION_SECS, SignedStaff, new_token, password_matches, staff_cookie, token_hash};
use crate::dto::{Cards, ConversationView, Login, People, Person, PresenceView, SkillView, Staff};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::views::{self, Reader};
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use jieti_domain::conversation::{Conversation, StaffRef};
use jieti_domain::id::ConversationId;
use jieti_engine::Presence;
use jieti_store::StaffRow;
use serde::Deserialize;

/// Conversations listed at once.
const LISTED: u64 = 200;
pub(crate) type Body<T> = Result<Json<T>, JsonRejection>;

pub fn staff_view(staff: &StaffRow) -> Staff {
    Staff {
        id: staff.id.0.clone(),
        name: staff.name.clone(),
        display_name: staff.display_name.clone(),
        roles: staff.roles.clone(),
    }
}

pub(crate) fn staff_ref(staff: &StaffRow) -> StaffRef {
    StaffRef { id: staff.id.clone(), name: staff.display_name.clone() }
}

/// Opens a session; it is in an HttpOnly cookie.
#[utoipa::path(post, path = "/api/staff/login", tag = "staff", request_body = Login,
    responses((status = 200, body = Staff), (status = 401, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub async fn login(State(app): State<App>, body: Body<Login>) -> Result<(HeaderMap, Json<Staff>), ApiError> {
    let Json(login) = body?;
    app.limits.login(&login.name)?;
    let staff = app.engine.store().staff_by_name(&login.name).await?;
    let matches = tokio::task::spawn_blocking(move || {
        // A hash is computed for unknown names too, so that the time does not tell which names exist.
        let hash = staff.as_ref().map_or(UNKNOWN_HASH, |s| s.password_hash.as_str());
        password_matches(&login.password, hash).then_some(staff).flatten()
    });
    let staff = matches.await.map_err(|e| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "login.failed", e.to_string()))?;
    let staff = staff
        .ok_or_else(|| ApiError::unauthorized("login.refused", "name or password is wrong; try again or ask an administrator"))?;
    let token = new_token();
    let expires_at = app.engine.now().plus_secs(STAFF_SESSION_SECS);
    app.engine.store().open_session(&token_hash(&token), &staff.id, expires_at).await?;
    Ok((cookie(&app, &token, STAFF_SESSION_SECS), Json(staff_view(&staff))))
}

/// argon2id of a random password nobody has.
const UNKNOWN_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2zkN1EXXbmRpvX8lmrkKMSsy6IBq7mOY2vW2P6q4kqs";

fn cookie(app: &App, token: &str, max_age_secs: i64) -> HeaderMap {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_secs}{secure}");
    let value = HeaderValue::from_str(&text).expect("base64url and digits are legal in a header");
    HeaderMap::from_iter([(SET_COOKIE, value)])
}

/// Ends the session.
#[utoipa::path(post, path = "/api/staff/logout", tag = "staff", responses((status = 204)))]
pub async fn logout(State(app): State<App>, parts: Parts) -> Result<(StatusCode, HeaderMap), ApiError> {
    if let Some(token) = staff_cookie(&parts) {
        app.engine.store().close_session(&token_hash(&token)).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookie(&app, "", 0)))
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/staff/me", tag = "staff", responses((status = 200, body = Staff), (status = 401, body = ErrorBody)))]
pub async fn me(staff: SignedStaff) -> Json<Staff> {
    Json(staff_view(&staff.0))
}

/// Colleagues and skills, to mention or to send a customer to.
#[utoipa::path(get, path = "/api/staff/people", tag = "staff", responses((status = 200, body = People)))]
pub async fn people(State(app): State<App>, _staff: SignedStaff) -> Result<Json<People>, ApiError> {
    let brain = app.engine.brain();
    let all = app.engine.store().all_staff().await?;
    let person =
        |row: StaffRow| Person { on_duty: app.engine.presence(&row.id).agent, id: row.id.0, display_name: row.display_name };
    let skills = brain.rules.service.routing.skills.iter();
    let skills = skills.map(|(id, title)| SkillView { id: id.to_string(), title: title.clone() }).collect();
    Ok(Json(People { people: all.into_iter().map(person).collect(), skills }))
}

/// Goes on or off duty. Being on duty needs a live WebSocket with heartbeats.
#[utoipa::path(put, path = "/api/staff/presence", tag = "staff", request_body = PresenceView,
    responses((status = 204), (status = 403, body = ErrorBody)))]
pub async fn presence(State(app): State<App>, staff: SignedStaff, body: Body<PresenceView>) -> Result<StatusCode, ApiError> {
    let Json(wanted) = body?;
    if wanted.agent {
        staff.must_be(&["agent", "supervisor"])?;
    }
    if wanted.silent_seat {
        staff.must_be(&["silent_seat", "supervisor"])?;
    }
    app.engine.set_presence(&staff_ref(&staff.0), Presence { agent: wanted.agent, silent_seat: wanted.silent_seat });
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// `open` (the default) or `closed`.
    #[serde(default)]
    state: Option<String>,
    /// `self_service`, `bot`, `silent_seat` or `human`.
    #[serde(default)]
    tier: Option<String>,
    #[serde(default)]
    limit: Option<u64>,
}

/// Conversations, open or closed.
#[utoipa::path(get, path = "/api/staff/conversations", tag = "staff", params(ListQuery), responses((status = 200, body = Cards)))]
pub async fn conversations(
    State(app): State<App>,
    _staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Cards>, ApiError> {
    let Query(query) = query?;
    let brain = app.engine.brain();
    let reader = Reader { rules: &brain.rules, lang };
    let limit = query.limit.unwrap_or(LISTED).min(LISTED);
    let rows = match query.state.as_deref() {
        Some("closed") => app.engine.store().closed_cards(limit).await?,
        Some("open") | None => app.engine.cards().iter().map(|c| (**c).clone()).collect(),
        Some(other) => {
            return Err(ApiError::bad_request("state.unknown", format!("state {other:?} is not known; use open or closed")));
        }
    };
    let wanted = rows.iter().filter(|r| query.tier.is_none() || r.tier == query.tier);
    let cards = wanted.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(|r| views::card(r, reader)).collect();
    Ok(Json(Cards { cards }))
}

pub(crate) async fn find(app: &App, id: &str) -> Result<(ConversationId, Conversation), ApiError> {
    let id = ConversationId::from(id);
    let conversation = app.engine.conversation(&id).await?;
    let conversation = conversation.ok_or_else(|| {
        ApiError::not_found("conversation.unknown", format!("conversation {id} does not exist; reload the list"))
    })?;
    Ok((id, conversation))
}

/// One conversation with everything an agent needs before the first word.
#[utoipa::path(get, path = "/api/staff/conversations/{id}", tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = ConversationView), (status = 404, body = ErrorBody)))]
pub async fn conversation(
    State(app): State<App>,
    _staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    Id(id): Id,
) -> Result<Json<ConversationView>, ApiError> {
    let (id, conversation) = find(&app, &id).await?;
    let brain = app.engine.brain();
    let reader = Reader { rules: &brain.rules, lang };
    let store = app.engine.store();
    let row = store.card(&id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("conversation.unknown", format!("conversation {id} has no card; reload")))?;
    let events = store.events(&id, 0).await?;
    let earlier = store.cards_of_customer(&conversation.customer.id, 10).await?;
    Ok(Json(ConversationView {
        card: views::card(&row, reader),
        events: events.iter().filter_map(|e| views::staff_event(e, reader)).collect(),
        assist: assist::view(&app, &conversation, lang).await,
        earlier: earlier.iter().filter(|c| c.id != row.id).map(|c| views::card(c, reader)).collect(),
    }))
}
