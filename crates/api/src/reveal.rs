//! The one way to personal data in whole: a field, a reason, and a record that is written before the value is shown.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{PersonalField, RevealBody, RevealView, Revealed, Reveals};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::{Body, find};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jieti_domain::id::RequestId;
use jieti_domain::lender::{Fact, Facts, LenderRequest, Operation};
use jieti_domain::understanding::Lang;
use jieti_engine::new_id;
use jieti_store::RevealRow;

/// Shortest reason, in characters: "回电" says why.
const SHORTEST_REASON: usize = 2;
/// Records listed at once.
const LISTED: u64 = 200;

/// Shows one field of the customer's personal data, with a reason. Each call leaves a record.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/reveal", tag = "staff", params(("id" = String, Path)), request_body = RevealBody,
    responses((status = 200, body = Revealed), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub async fn reveal(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<RevealBody>,
) -> Result<Json<Revealed>, ApiError> {
    staff.must_be(&["agent", "supervisor"])?;
    let Json(RevealBody { field, reason }) = body?;
    let reason = reason.trim();
    if reason.chars().count() < SHORTEST_REASON {
        let message = "reason is empty; say why you need it, it is kept on record";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "reveal.reason", message));
    }
    let (id, conversation) = find(&app, &id).await?;
    if !conversation.customer.signed_in {
        return Err(ApiError::not_found("customer.anonymous", "the customer has not signed in, so there is nothing to show"));
    }
    let name = match field {
        PersonalField::Phone => "phone",
    };
    let row = RevealRow {
        at: app.engine.now(),
        staff: staff.0.id.clone(),
        conversation: id,
        customer: conversation.customer.id.clone(),
        field: name.to_owned(),
        reason: reason.chars().take(200).collect(),
    };
    app.engine.store().record_reveal(&row).await?;
    let request = LenderRequest {
        id: RequestId::new(new_id("rq")),
        customer: conversation.customer.id,
        operation: Operation::Contact,
        arguments: Facts::new(),
        lang: Lang::ZhCn,
    };
    match app.engine.lender().ask(&request).await?.remove(name) {
        Some(Fact::Text(value)) => Ok(Json(Revealed { field, value })),
        Some(_) | None => Err(ApiError::not_found("reveal.unknown", format!("the lender does not know the customer's {name}"))),
    }
}

/// Who has seen what, the latest first.
#[utoipa::path(get, path = "/api/staff/reveals", tag = "staff", responses((status = 200, body = Reveals), (status = 403, body = ErrorBody)))]
pub async fn reveals(State(app): State<App>, staff: SignedStaff) -> Result<Json<Reveals>, ApiError> {
    staff.must_be(&["supervisor"])?;
    let rows = app.engine.store().reveals(None, LISTED).await?;
    let reveals = rows
        .into_iter()
        .map(|row| RevealView {
            at: row.at.0,
            staff: row.staff.0,
            conversation: row.conversation.0,
            customer: row.customer.0,
            field: row.field,
            reason: row.reason,
        })
        .collect();
    Ok(Json(Reveals { reveals }))
}
