//! `/api/staff/tickets`: lists, one ticket, its acts, and tickets opened from a conversation.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{
    ActOnTicket, CategoryView, DepartmentView, LinkView, OpenTicket, TicketActBody, TicketDetail, TicketWords, Tickets, TitleView,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::staff_ref;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use jieti_domain::id::{ConversationId, TicketId};
use jieti_domain::ticket::{Accused, Actor, Assignee, TicketAct, TicketCard, TicketForm, timeline};
use jieti_domain::understanding::Localized;
use jieti_engine::Pair;
use jieti_store::{StaffRow, TicketFilter};
use serde::Deserialize;

/// Tickets listed at once.
const LISTED: u64 = 200;
/// A deadline within this time is soon.
const SOON_SECS: i64 = 24 * 3600;
/// Longest name that a client gives its act.
const LONGEST_ID: usize = 64;
/// Who opens tickets, and who works on them.
const OPENERS: [&str; 3] = ["agent", "silent_seat", "supervisor"];
const HANDLERS: [&str; 2] = ["agent", "supervisor"];

type Body<T> = Result<Json<T>, JsonRejection>;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TicketQuery {
    /// `open`, `resolved`, `withdrawn` or `merged`.
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    department: Option<String>,
    /// Id of the person who handles it.
    #[serde(default)]
    assignee: Option<String>,
    #[serde(default)]
    customer: Option<String>,
    /// `overdue`, or `soon`: within a day.
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    limit: Option<u64>,
}

/// Tickets: the open ones by deadline, then the others, the latest first.
#[utoipa::path(get, path = "/api/staff/tickets", tag = "tickets", params(TicketQuery),
    responses((status = 200, body = Tickets), (status = 400, body = ErrorBody)))]
pub async fn tickets(
    State(app): State<App>,
    _staff: SignedStaff,
    query: Result<Query<TicketQuery>, QueryRejection>,
) -> Result<Json<Tickets>, ApiError> {
    let Query(query) = query?;
    if let Some(state) = query.state.as_deref().filter(|s| !["open", "resolved", "withdrawn", "merged"].contains(s)) {
        let message = format!("state {state:?} is not known; use open, resolved, withdrawn or merged");
        return Err(ApiError::bad_request("state.unknown", message));
    }
    let due_before = match query.due.as_deref() {
        None => None,
        Some("overdue") => Some(app.engine.now()),
        Some("soon") => Some(app.engine.now().plus_secs(SOON_SECS)),
        Some(other) => {
            return Err(ApiError::bad_request("due.unknown", format!("due {other:?} is not known; use overdue or soon")));
        }
    };
    let filter = TicketFilter {
        state: query.state,
        department: query.department,
        assignee: query.assignee,
        customer: query.customer,
        due_before,
    };
    let limit = query.limit.unwrap_or(LISTED).min(LISTED);
    Ok(Json(Tickets { tickets: app.engine.store().tickets(&filter, limit).await? }))
}

/// One ticket. A merged one is shown as it was; `merged_into` says where it went.
#[utoipa::path(get, path = "/api/staff/tickets/{id}", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketDetail), (status = 404, body = ErrorBody)))]
pub async fn ticket(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<TicketDetail>, ApiError> {
    let (ticket, events) = app.engine.ticket(&TicketId::new(id)).await?;
    Ok(Json(TicketDetail {
        card: app.engine.ticket_card(&ticket),
        timeline: timeline(&events),
        links: ticket.links.iter().map(|l| LinkView { to: l.to.0.clone(), link: l.kind }).collect(),
        form: ticket.opening.form,
        conversations: ticket.conversations.into_iter().map(|c| c.0).collect(),
        evidence: ticket.evidence,
        promises: ticket.promises,
        about: ticket.about,
    }))
}

/// Categories, departments and people, for forms and menus.
#[utoipa::path(get, path = "/api/staff/ticket-words", tag = "tickets", responses((status = 200, body = TicketWords)))]
pub async fn ticket_words(State(app): State<App>, _staff: SignedStaff) -> Result<Json<TicketWords>, ApiError> {
    let brain = app.engine.brain();
    let tickets = &brain.rules.service.tickets;
    let title = |t: &Localized| TitleView { zh_cn: t.zh_cn.clone(), en: t.en.clone() };
    let staff = app.engine.store().all_staff().await?;
    let staff = staff.into_iter().filter(|s| s.roles.iter().any(|r| HANDLERS.contains(&r.as_str())));
    Ok(Json(TicketWords {
        categories: tickets
            .categories
            .iter()
            .map(|c| CategoryView { id: c.id.clone(), title: title(&c.title), complaint: c.complaint })
            .collect(),
        departments: tickets.departments.iter().map(|d| DepartmentView { id: d.id.clone(), title: title(&d.title) }).collect(),
        staff: staff.map(|s| Assignee { id: s.id, name: s.display_name }).collect(),
    }))
}

/// The ticket that would be opened from a conversation, already filled in.
#[utoipa::path(get, path = "/api/staff/conversations/{id}/tickets/new", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketForm), (status = 404, body = ErrorBody)))]
pub async fn filled_ticket(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<TicketForm>, ApiError> {
    Ok(Json(app.engine.filled_ticket(&ConversationId::new(id)).await?))
}

/// Opens a ticket from a conversation; the customer is told its number and the promise.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/tickets", tag = "tickets", params(("id" = String, Path)),
    request_body = OpenTicket,
    responses((status = 200, body = TicketCard), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn open_ticket(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<OpenTicket>,
) -> Result<Json<TicketCard>, ApiError> {
    staff.must_be(&OPENERS)?;
    let Json(body) = body?;
    check_client_id(&body.client_id)?;
    let opened = app.engine.open_ticket(&ConversationId::new(id), &staff_ref(&staff.0), body.form, &body.client_id).await?;
    let (ticket, _) = app.engine.ticket(&opened).await?;
    Ok(Json(app.engine.ticket_card(&ticket)))
}

/// Does one act. Approving an extension needs a supervisor who neither asked for it nor handles the ticket.
#[utoipa::path(post, path = "/api/staff/tickets/{id}/acts", tag = "tickets", params(("id" = String, Path)),
    request_body = ActOnTicket,
    responses((status = 200, body = TicketCard), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn act_on_ticket(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<ActOnTicket>,
) -> Result<Json<TicketCard>, ApiError> {
    staff.must_be(&HANDLERS)?;
    let Json(ActOnTicket { client_id, seq, act }) = body?;
    check_client_id(&client_id)?;
    let (id, by) = (TicketId::new(id), actor(&staff.0));
    let act = match act {
        TicketActBody::MergeInto { ticket } => {
            let (into, pair) = (TicketId::new(ticket), Pair::Merge);
            return Ok(Json(app.engine.pair_tickets(&id, &into, &pair, &by, &client_id, seq).await?));
        }
        TicketActBody::Link { to, link } => {
            let (to, pair) = (TicketId::new(to), Pair::Link(link));
            return Ok(Json(app.engine.pair_tickets(&id, &to, &pair, &by, &client_id, seq).await?));
        }
        TicketActBody::Assign { staff: None } => {
            TicketAct::Assign { staff: staff.0.id.clone(), name: staff.0.display_name.clone() }
        }
        TicketActBody::Assign { staff: Some(other) } => {
            let Assignee { id, name } = person(&app, &other).await?;
            TicketAct::Assign { staff: id, name }
        }
        TicketActBody::NameParty { staff: Some(other), department: None } => {
            let Assignee { id, name } = person(&app, &other).await?;
            TicketAct::NameParty { party: Accused::Person { staff: id, name } }
        }
        TicketActBody::NameParty { staff: None, department: Some(department) } => {
            TicketAct::NameParty { party: Accused::Department { department } }
        }
        TicketActBody::NameParty { .. } => {
            let message = "name either staff or department, whom the complaint is about";
            return Err(ApiError::bad_request("party.unclear", message));
        }
        TicketActBody::ApproveExtension => {
            staff.must_be(&["supervisor"])?;
            TicketAct::ApproveExtension
        }
        TicketActBody::Move { department } => TicketAct::Move { department },
        TicketActBody::Answer { text } => TicketAct::Answer { text },
        TicketActBody::Note { text } => TicketAct::Note { text },
        TicketActBody::Pause { why, text } => TicketAct::Pause { why, text },
        TicketActBody::Resume { why } => TicketAct::Resume { why },
        TicketActBody::Escalate { text } => TicketAct::Escalate { text },
        TicketActBody::Complex { text } => TicketAct::MarkComplex { text },
        TicketActBody::AskExtension { text } => TicketAct::AskExtension { text },
        TicketActBody::GiveNotice { text } => TicketAct::GiveNotice { how: text },
        TicketActBody::Resolve { text } => TicketAct::Resolve { answer: text },
        TicketActBody::Reopen { text } => TicketAct::Reopen { text },
        TicketActBody::Withdraw { text } => TicketAct::Withdraw { text },
    };
    Ok(Json(app.engine.act_on_ticket(&id, &by, &act, Some(&client_id), seq).await?))
}

/// Takes a part of a ticket out into a new one, which is returned.
#[utoipa::path(post, path = "/api/staff/tickets/{id}/split", tag = "tickets", params(("id" = String, Path)),
    request_body = OpenTicket,
    responses((status = 200, body = TicketCard), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn split_ticket(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<OpenTicket>,
) -> Result<Json<TicketCard>, ApiError> {
    staff.must_be(&HANDLERS)?;
    let Json(OpenTicket { client_id, form }) = body?;
    check_client_id(&client_id)?;
    Ok(Json(app.engine.split_ticket(&TicketId::new(id), &form, &actor(&staff.0), &client_id).await?))
}

fn actor(staff: &StaffRow) -> Actor {
    Actor::Staff { staff: staff.id.clone(), name: staff.display_name.clone() }
}

async fn person(app: &App, id: &str) -> Result<Assignee, ApiError> {
    let staff = app.engine.store().all_staff().await?;
    let found = staff.into_iter().find(|s| s.id.as_str() == id);
    found.map(|s| Assignee { id: s.id, name: s.display_name }).ok_or_else(|| {
        ApiError::not_found("staff.unknown", format!("nobody has the id {id:?}; choose somebody of /api/staff/ticket-words"))
    })
}

pub fn check_client_id(id: &str) -> Result<(), ApiError> {
    if id.is_empty() || id.len() > LONGEST_ID {
        let message = format!("client_id must have 1 to {LONGEST_ID} bytes; use a UUID");
        return Err(ApiError::bad_request("client_id.invalid", message));
    }
    Ok(())
}
