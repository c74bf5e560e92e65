//! `/api/customer/tickets`: what a customer sees of their own tickets, and may do to them.

use crate::App;
use crate::auth::SignedCustomer;
use crate::dto::{CustomerStep, CustomerTicket, CustomerTicketAct, CustomerTicketActBody, CustomerTickets};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::tickets::check_client_id;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jieti_domain::conversation::Customer;
use jieti_domain::id::TicketId;
use jieti_domain::ticket::{Actor, StoredTicketEvent, Ticket, TicketAct, act, status, steps};
use jieti_domain::understanding::Lang;
use jieti_store::TicketFilter;
use serde::Deserialize;

/// Tickets listed at once.
const LISTED: u64 = 20;
/// Longest reason, in characters.
const LONGEST: usize = 500;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MyTicketsQuery {
    #[serde(default)]
    lang: Lang,
}

/// The customer's own tickets, with the steps so far.
#[utoipa::path(get, path = "/api/customer/tickets", tag = "customer", params(MyTicketsQuery),
    responses((status = 200, body = CustomerTickets), (status = 401, body = ErrorBody)))]
pub async fn my_tickets(
    State(app): State<App>,
    SignedCustomer(customer): SignedCustomer,
    query: Result<Query<MyTicketsQuery>, QueryRejection>,
) -> Result<Json<CustomerTickets>, ApiError> {
    let Query(query) = query?;
    let filter = TicketFilter { customer: Some(customer.id.0.clone()), ..TicketFilter::default() };
    let mut tickets = Vec::new();
    for card in app.engine.store().tickets(&filter, LISTED).await? {
        let (ticket, events) = app.engine.ticket(&card.id).await?;
        tickets.push(view(&app, &ticket, &events, query.lang));
    }
    Ok(Json(CustomerTickets { tickets }))
}

/// Opens a ticket again, withdraws it, or says how the answer was.
#[utoipa::path(post, path = "/api/customer/tickets/{id}/acts", tag = "customer", params(("id" = String, Path), MyTicketsQuery),
    request_body = CustomerTicketAct,
    responses((status = 200, body = CustomerTicket), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn act_on_my_ticket(
    State(app): State<App>,
    SignedCustomer(customer): SignedCustomer,
    Id(id): Id,
    query: Result<Query<MyTicketsQuery>, QueryRejection>,
    body: Result<Json<CustomerTicketAct>, JsonRejection>,
) -> Result<Json<CustomerTicket>, ApiError> {
    let Query(query) = query?;
    let Json(CustomerTicketAct { client_id, act }) = body?;
    check_client_id(&client_id)?;
    app.limits.message(customer.id.as_str())?;
    let id = TicketId::new(id);
    own(&app, &customer, &id).await?;
    let what = match act {
        CustomerTicketActBody::Reopen { text } => TicketAct::Reopen { text: not_too_long(text)? },
        CustomerTicketActBody::Withdraw { text } => TicketAct::Withdraw { text: not_too_long(text)? },
        CustomerTicketActBody::Rate { score } => TicketAct::Rate { score },
    };
    app.engine.act_on_ticket(&id, &Actor::Customer, &what, Some(&client_id), None).await?;
    let (ticket, events) = app.engine.ticket(&id).await?;
    Ok(Json(view(&app, &ticket, &events, query.lang)))
}

fn not_too_long(text: String) -> Result<String, ApiError> {
    let chars = text.chars().count();
    if chars <= LONGEST {
        return Ok(text);
    }
    let message = format!("text has {chars} characters, more than {LONGEST}; shorten it");
    Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "text.too_long", message))
}

/// Another customer's ticket is as good as none.
async fn own(app: &App, customer: &Customer, id: &TicketId) -> Result<(), ApiError> {
    let found = app.engine.ticket(id).await;
    match found {
        Ok((ticket, _)) if ticket.opening.customer.id == customer.id => Ok(()),
        Ok(_) | Err(jieti_engine::TicketError::NotFound(_)) => {
            Err(ApiError::not_found("ticket.unknown", format!("you have no ticket {id}; look at the list again")))
        }
        Err(error) => Err(error.into()),
    }
}

fn view(app: &App, ticket: &Ticket, events: &[StoredTicketEvent], lang: Lang) -> CustomerTicket {
    let again = TicketAct::Reopen { text: "?".to_owned() };
    let rules = &app.engine.brain().rules.service;
    CustomerTicket {
        id: ticket.id().0.clone(),
        title: ticket.opening.form.title.clone(),
        state: ticket.state.word().to_owned(),
        status: status(ticket, lang),
        opened_at: ticket.opened_at.0,
        promised_by: ticket.opening.promised_by.0,
        can_reopen: act(ticket, &Actor::Customer, again, rules, app.engine.now()).is_ok(),
        rating: ticket.rating,
        steps: steps(events, lang).into_iter().map(|(at, text)| CustomerStep { at: at.0, text }).collect(),
    }
}
