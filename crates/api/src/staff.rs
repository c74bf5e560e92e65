//! `/api/staff`: log-in, presence, conversations, drafts, tickets.

use crate::App;
use crate::auth::{COOKIE_NAME, STAFF_SESSION_SECS, SignedStaff, new_token, password_matches, staff_cookie, token_hash};
use crate::dto::{
    Cards, ConversationView, Done, FactsView, Login, NoBody, NoteBody, PresenceView, SayBody, Staff, Suggestion, Suggestions,
    Summary, TextBody, Ticket, Tickets, VetoBody,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::views;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use jieti_domain::conversation::{Conversation, StaffAct, StaffRef, TurnFrom, summary};
use jieti_domain::flow::render_fact;
use jieti_domain::id::{ClientMessageId, ConversationId, DraftId, NeedId, RequestId, TicketId};
use jieti_domain::lender::{Fact, Facts, LenderRequest, Operation};
use jieti_domain::message::{Card, CardRow, Tone};
use jieti_domain::understanding::{Lang, Signal};
use jieti_engine::{Presence, new_id};
use jieti_store::{StaffRow, WriteError};
use serde::Deserialize;

/// Conversations listed at once.
const LISTED: u64 = 200;
/// Least confidence of an answer that is suggested to an agent; people see that it is a guess.
const SUGGESTED_FROM: f32 = 0.10;

type Body<T> = Result<Json<T>, JsonRejection>;

pub fn staff_view(staff: &StaffRow) -> Staff {
    Staff {
        id: staff.id.0.clone(),
        name: staff.name.clone(),
        display_name: staff.display_name.clone(),
        roles: staff.roles.clone(),
    }
}

fn staff_ref(staff: &StaffRow) -> StaffRef {
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
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Cards>, ApiError> {
    let Query(query) = query?;
    let brain = app.engine.brain();
    let limit = query.limit.unwrap_or(LISTED).min(LISTED);
    let rows = match query.state.as_deref() {
        Some("closed") => app.engine.store().closed_cards(limit).await?,
        Some("open") | None => app.engine.cards().iter().map(|c| (**c).clone()).collect(),
        Some(other) => {
            return Err(ApiError::bad_request("state.unknown", format!("state {other:?} is not known; use open or closed")));
        }
    };
    let wanted = rows.iter().filter(|r| query.tier.is_none() || r.tier == query.tier);
    let cards = wanted.take(usize::try_from(limit).unwrap_or(usize::MAX)).map(|r| views::card(r, &brain.rules)).collect();
    Ok(Json(Cards { cards }))
}

async fn find(app: &App, id: &str) -> Result<(ConversationId, Conversation), ApiError> {
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
pub async fn conversation(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<ConversationView>, ApiError> {
    let (id, conversation) = find(&app, &id).await?;
    let brain = app.engine.brain();
    let store = app.engine.store();
    let row = store.card(&id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("conversation.unknown", format!("conversation {id} has no card; reload")))?;
    let events = store.events(&id, 0).await?;
    let earlier = store.cards_of_customer(&conversation.customer.id, 10).await?;
    Ok(Json(ConversationView {
        card: views::card(&row, &brain.rules),
        events: events.iter().filter_map(|e| views::staff_event(e, &brain.rules)).collect(),
        summary: Summary { lines: summary(&conversation, &brain.rules) },
        suggestions: suggest(&app, &conversation),
        earlier: earlier.iter().filter(|c| c.id != row.id).map(|c| views::card(c, &brain.rules)).collect(),
    }))
}

/// Turns looked back on for something to answer: people ask, and then ask for a person.
const SUGGEST_BACK: usize = 3;

fn suggest(app: &App, conversation: &Conversation) -> Vec<Suggestion> {
    let said = conversation.turns.iter().rev().filter(|t| t.from == TurnFrom::Customer).take(SUGGEST_BACK);
    said.map(|turn| answers_to(app, &turn.text, conversation.lang)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Answers to one sentence; none to "转人工", since whoever reads them is that person.
fn answers_to(app: &App, text: &str, lang: Lang) -> Vec<Suggestion> {
    let tried = app.engine.try_out(text, lang);
    if tried.understanding.has(Signal::WantsHuman) {
        return Vec::new();
    }
    let brain = app.engine.brain();
    let guesses = tried.guesses.into_iter().filter(|g| g.confidence >= SUGGESTED_FROM).take(3);
    guesses
        .filter_map(|guess| {
            let message = brain.rules.knowledge.get(&guess.need)?.message(lang);
            Some(Suggestion { need: guess.need.0, title: guess.title, message, confidence: guess.confidence })
        })
        .collect()
}

/// Answers for what the customer said last.
#[utoipa::path(get, path = "/api/staff/conversations/{id}/suggestions", tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = Suggestions), (status = 404, body = ErrorBody)))]
pub async fn suggestions(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<Suggestions>, ApiError> {
    let (_, conversation) = find(&app, &id).await?;
    Ok(Json(Suggestions { suggestions: suggest(&app, &conversation) }))
}

/// The lender's facts about the customer.
#[utoipa::path(get, path = "/api/staff/conversations/{id}/facts", tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = FactsView), (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub async fn facts(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<FactsView>, ApiError> {
    let (_, conversation) = find(&app, &id).await?;
    if !conversation.customer.signed_in {
        let message = "the customer has not signed in, so the lender's facts are not known";
        return Err(ApiError::not_found("customer.anonymous", message));
    }
    let ask = |operation| LenderRequest {
        id: RequestId::new(new_id("rq")),
        customer: conversation.customer.id.clone(),
        operation,
        arguments: Facts::new(),
        lang: Lang::ZhCn,
    };
    let (profile, loans) = (ask(Operation::Profile), ask(Operation::Loans));
    let (profile, loans) = tokio::join!(app.engine.lender().ask(&profile), app.engine.lender().ask(&loans));
    let loans = match loans?.remove("loans") {
        Some(Fact::List(loans)) => loans,
        Some(_) | None => Vec::new(),
    };
    Ok(Json(FactsView { profile: rows(&profile?), loans: loans.iter().filter_map(loan_card).collect() }))
}

/// Facts as rows, named by the lender's own field names; the console translates those it knows.
fn rows(facts: &Facts) -> Vec<CardRow> {
    facts.iter().map(|(name, fact)| CardRow { label: name.clone(), value: render_fact(fact, Lang::ZhCn) }).collect()
}

fn loan_card(fact: &Fact) -> Option<Card> {
    let Fact::Record(loan) = fact else { return None };
    let text = |name: &str| loan.get(name).map(|f| render_fact(f, Lang::ZhCn)).unwrap_or_default();
    let tone = match text("status").as_str() {
        "overdue" => Tone::Warning,
        "settled" => Tone::Good,
        _ => Tone::Plain,
    };
    Some(Card { title: format!("{} {}", text("product"), text("id")), tone, rows: rows(loan), total: None })
}

async fn act(app: &App, staff: &SignedStaff, id: &str, act: StaffAct, client_id: Option<String>) -> Result<Json<Done>, ApiError> {
    staff.must_be(&["agent", "silent_seat", "supervisor"])?;
    let client_id = client_id.map(ClientMessageId::new);
    let seq = app.engine.staff_act_once(&ConversationId::from(id), &staff_ref(&staff.0), &act, client_id).await?;
    Ok(Json(Done { seq }))
}

/// Says something to the customer in one's own name. The same `client_id` is said once.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/say", tag = "staff", params(("id" = String, Path)), request_body = SayBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn say(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<SayBody>) -> Result<Json<Done>, ApiError> {
    let Json(body) = body?;
    act(&app, &staff, &id, StaffAct::Say { text: body.text }, Some(body.client_id)).await
}

/// Takes a conversation from the queue, the bot or a colleague.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/take", tag = "staff", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn take(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<NoBody>) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act(&app, &staff, &id, StaffAct::Take, None).await
}

/// Ends a conversation.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/close", tag = "staff", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn close(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<NoBody>) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act(&app, &staff, &id, StaffAct::Close, None).await
}

/// Writes a note that only staff see.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/note", tag = "staff", params(("id" = String, Path)), request_body = TextBody,
    responses((status = 200, body = Done), (status = 422, body = ErrorBody)))]
pub async fn note(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<TextBody>) -> Result<Json<Done>, ApiError> {
    let Json(body) = body?;
    act(&app, &staff, &id, StaffAct::Note { text: body.text }, None).await
}

/// Gives a conversation back to the queue.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/release", tag = "staff", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn release(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<NoBody>) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act(&app, &staff, &id, StaffAct::Release, None).await
}

/// The conversation that a draft belongs to, by the desks' cards.
fn conversation_of(app: &App, draft: &str) -> Result<String, ApiError> {
    let brain = app.engine.brain();
    let cards = app.engine.cards();
    let card = cards.iter().find(|c| c.draft.is_some() && views::draft(c, &brain.rules).is_some_and(|d| d.id == draft));
    card.map(|c| c.id.clone()).ok_or_else(|| {
        ApiError::new(StatusCode::CONFLICT, "draft.settled", format!("draft {draft} has been settled already; reload the queue"))
    })
}

async fn act_on_draft(
    app: &App,
    staff: &SignedStaff,
    draft: &str,
    action: impl FnOnce(DraftId) -> StaffAct,
) -> Result<Json<Done>, ApiError> {
    staff.must_be(&["silent_seat", "supervisor"])?;
    let conversation = conversation_of(app, draft)?;
    act(app, staff, &conversation, action(DraftId::from(draft)), None).await
}

/// Holds a draft, so that no other seat answers it.
#[utoipa::path(post, path = "/api/staff/drafts/{id}/claim", tag = "silent seat", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn claim_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<NoBody>,
) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act_on_draft(&app, &staff, &id, |draft| StaffAct::HoldDraft { draft }).await
}

/// Sends a draft as it is.
#[utoipa::path(post, path = "/api/staff/drafts/{id}/send", tag = "silent seat", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn send_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<NoBody>,
) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act_on_draft(&app, &staff, &id, |draft| StaffAct::SendDraft { draft }).await
}

/// Sends a draft in other words. Figures that nobody gave are refused.
#[utoipa::path(post, path = "/api/staff/drafts/{id}/edit", tag = "silent seat", params(("id" = String, Path)), request_body = TextBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn edit_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<TextBody>,
) -> Result<Json<Done>, ApiError> {
    let Json(body) = body?;
    act_on_draft(&app, &staff, &id, |draft| StaffAct::EditDraft { draft, text: body.text }).await
}

/// Refuses a draft; a person answers instead. The reason is kept to learn from.
#[utoipa::path(post, path = "/api/staff/drafts/{id}/veto", tag = "silent seat", params(("id" = String, Path)), request_body = VetoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn veto_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<VetoBody>,
) -> Result<Json<Done>, ApiError> {
    let Json(body) = body?;
    act_on_draft(&app, &staff, &id, |draft| StaffAct::VetoDraft { draft, reason: body.reason }).await
}

/// Takes the whole conversation over.
#[utoipa::path(post, path = "/api/staff/drafts/{id}/take-over", tag = "silent seat", params(("id" = String, Path)), request_body = NoBody,
    responses((status = 200, body = Done), (status = 409, body = ErrorBody)))]
pub async fn take_over_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<NoBody>,
) -> Result<Json<Done>, ApiError> {
    let Json(_) = body?;
    act_on_draft(&app, &staff, &id, |draft| StaffAct::TakeOverDraft { draft }).await
}

/// Tickets: the open ones by promise, then the resolved.
#[utoipa::path(get, path = "/api/staff/tickets", tag = "staff", responses((status = 200, body = Tickets)))]
pub async fn tickets(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Tickets>, ApiError> {
    let brain = app.engine.brain();
    let rows = app.engine.store().tickets(LISTED).await?;
    let title = |need: &Option<String>, title: String| {
        let entry = need.as_deref().and_then(|n| brain.rules.knowledge.get(&NeedId::from(n)));
        entry.and_then(|e| e.text(Lang::ZhCn)).map_or(title, |t| t.title.clone())
    };
    let tickets = rows
        .into_iter()
        .map(|row| Ticket {
            title: title(&row.need, row.title),
            id: row.id,
            conversation: row.conversation,
            customer: views::customer_view(&row.customer),
            need: row.need,
            department: row.department,
            summary: row.summary,
            opened_at: row.opened_at,
            promised_by: row.promised_by,
            state: row.state,
            note: row.note,
        })
        .collect();
    Ok(Json(Tickets { tickets }))
}

/// Resolves a ticket with a note on what was done.
#[utoipa::path(post, path = "/api/staff/tickets/{id}/resolve", tag = "staff", params(("id" = String, Path)), request_body = NoteBody,
    responses((status = 204), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn resolve_ticket(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<NoteBody>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(&["agent", "supervisor"])?;
    let Json(body) = body?;
    if body.note.trim().is_empty() {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "note.empty",
            "note is empty; say what was done for the customer",
        ));
    }
    let resolved =
        app.engine.store().resolve_ticket(&TicketId::from(id.as_str()), body.note.trim(), &staff.0.id, app.engine.now()).await;
    match resolved {
        Err(WriteError::Conflict) => {
            let message = format!("ticket {id} does not exist or is resolved already; reload the list");
            Err(ApiError::new(StatusCode::CONFLICT, "ticket.resolved", message))
        }
        other => other.map(|()| StatusCode::NO_CONTENT).map_err(ApiError::from),
    }
}
