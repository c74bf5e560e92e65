//! `/api/customer`: sessions, and what is offered before the first word.

use crate::App;
use crate::auth::SignedCustomer;
use crate::dto::{CustomerSession, Offers, OpenSession};
use crate::error::{ApiError, ErrorBody};
use crate::views::customer_view;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use jieti_domain::conversation::Customer;
use jieti_domain::id::CustomerId;
use jieti_domain::understanding::Lang;
use serde::Deserialize;

/// Opens a session for a signed-in customer (by the lender's token) or an anonymous visitor.
#[utoipa::path(post, path = "/api/customer/session", tag = "customer", request_body = OpenSession,
    responses((status = 200, body = CustomerSession), (status = 401, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn open_session(
    State(app): State<App>,
    body: Result<Json<OpenSession>, JsonRejection>,
) -> Result<Json<CustomerSession>, ApiError> {
    let Json(body) = body?;
    let now = app.engine.now();
    let (customer, visitor) = match (body.token, body.visitor) {
        (Some(token), _) => {
            let customer =
                app.keys.identity(&token, now).map_err(|e| ApiError::unauthorized("identity.invalid", e.to_string()))?;
            (customer, None)
        }
        (None, Some(visitor)) => (visitor_of(&visitor)?, Some(visitor)),
        (None, None) => {
            let visitor = jieti_engine::new_id("v");
            (visitor_of(&visitor)?, Some(visitor))
        }
    };
    let conversation = app.engine.open_conversation_of(&customer.id).await?;
    Ok(Json(CustomerSession {
        session: app.keys.seal_session(&customer, body.lang, body.channel.into(), now),
        visitor,
        customer: customer_view(&customer),
        conversation: conversation.map(|c| c.0),
        epoch: app.engine.store().epoch().to_owned(),
    }))
}

fn visitor_of(visitor: &str) -> Result<Customer, ApiError> {
    let legal = (16..=64).contains(&visitor.len()) && visitor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !legal {
        let message = "visitor must be 16 to 64 letters, digits and dashes; leave it out to get a new one";
        return Err(ApiError::bad_request("visitor.invalid", message));
    }
    Ok(Customer { id: CustomerId::new(format!("visitor:{visitor}")), name: None, signed_in: false })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OffersQuery {
    #[serde(default)]
    lang: Lang,
}

/// Buttons to show before the customer types, likeliest need first.
#[utoipa::path(get, path = "/api/customer/offers", tag = "customer", params(OffersQuery),
    responses((status = 200, body = Offers), (status = 401, body = ErrorBody)))]
pub async fn offers(
    State(app): State<App>,
    SignedCustomer(customer): SignedCustomer,
    query: Result<Query<OffersQuery>, QueryRejection>,
) -> Result<Json<Offers>, ApiError> {
    let Query(query) = query?;
    let notices = app.engine.banners(&customer.id, query.lang).await?;
    Ok(Json(Offers { offers: app.engine.offers(&customer, query.lang).await, notices }))
}
