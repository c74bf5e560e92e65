//! `/api/staff/conversations/{id}/acts`: everything that people do to a conversation, and who may.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{ActBody, ActFrame, Done};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::{Body, staff_ref};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jieti_domain::conversation::{Destination, StaffAct, WrapUp};
use jieti_domain::id::{ClientMessageId, ConversationId, DraftId, StaffId};

/// Longest client id, in bytes; a UUID has 36.
const LONGEST_ID: usize = 64;

/// Does one thing to a conversation. The same `client_id` does it once, however often it is sent.
#[utoipa::path(post, path = "/api/staff/conversations/{id}/acts", tag = "staff", params(("id" = String, Path)), request_body = ActFrame,
    responses((status = 200, body = Done), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn act(State(app): State<App>, staff: SignedStaff, Id(id): Id, body: Body<ActFrame>) -> Result<Json<Done>, ApiError> {
    let Json(ActFrame { client_id, act }) = body?;
    if client_id.is_empty() || client_id.len() > LONGEST_ID {
        let message = format!("client_id must have 1 to {LONGEST_ID} bytes; use a UUID");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "client_id.invalid", message));
    }
    staff.must_be(roles(&act, &staff.0.id))?;
    if let ActBody::Transfer { to: Destination::Staff { staff: wanted }, .. }
    | ActBody::Invite { to: Destination::Staff { staff: wanted }, .. } = &act
        && !app.engine.presence(wanted).agent
    {
        let message = format!("{wanted} is not on duty as an agent; choose somebody who is, or a skill");
        return Err(ApiError::new(StatusCode::CONFLICT, "staff.absent", message));
    }
    let client_id = Some(ClientMessageId::new(client_id));
    let seq =
        app.engine.staff_act_once(&ConversationId::from(id.as_str()), &staff_ref(&staff.0), &domain_act(act), client_id).await?;
    Ok(Json(Done { seq }))
}

/// Drafts are the silent seats'; whispering, and taking from a colleague, are the supervisors'.
fn roles(act: &ActBody, me: &StaffId) -> &'static [&'static str] {
    match act {
        ActBody::HoldDraft { .. }
        | ActBody::LetGoOfDraft { .. }
        | ActBody::SendDraft { .. }
        | ActBody::EditDraft { .. }
        | ActBody::AskBack { .. }
        | ActBody::VetoDraft { .. }
        | ActBody::TakeOverDraft { .. } => &["silent_seat", "supervisor"],
        ActBody::Whisper { .. } => &["supervisor"],
        ActBody::Take { seen_owner: Some(owner) } if owner != me.as_str() => &["supervisor"],
        ActBody::Take { .. }
        | ActBody::Say { .. }
        | ActBody::Note { .. }
        | ActBody::Transfer { .. }
        | ActBody::Invite { .. }
        | ActBody::TakeBackInvite
        | ActBody::Leave
        | ActBody::RaiseHand { .. }
        | ActBody::LowerHand
        | ActBody::Release
        | ActBody::BackToBot
        | ActBody::Close { .. } => &["agent", "silent_seat", "supervisor"],
    }
}

fn domain_act(act: ActBody) -> StaffAct {
    match act {
        ActBody::HoldDraft { draft } => StaffAct::HoldDraft { draft: DraftId::new(draft) },
        ActBody::LetGoOfDraft { draft } => StaffAct::LetGoOfDraft { draft: DraftId::new(draft) },
        ActBody::SendDraft { draft } => StaffAct::SendDraft { draft: DraftId::new(draft) },
        ActBody::EditDraft { draft, text } => StaffAct::EditDraft { draft: DraftId::new(draft), text },
        ActBody::AskBack { draft, text } => StaffAct::AskBack { draft: DraftId::new(draft), text },
        ActBody::VetoDraft { draft, reason } => StaffAct::VetoDraft { draft: DraftId::new(draft), reason },
        ActBody::TakeOverDraft { draft } => StaffAct::TakeOverDraft { draft: DraftId::new(draft) },
        ActBody::Take { seen_owner } => StaffAct::Take { seen_owner: seen_owner.map(StaffId::new) },
        ActBody::Say { text } => StaffAct::Say { text },
        ActBody::Note { text, mentions } => StaffAct::Note { text, mentions: mentions.into_iter().map(StaffId::new).collect() },
        ActBody::Transfer { to, note } => StaffAct::Transfer { to, note },
        ActBody::Invite { to, note } => StaffAct::Invite { to, note },
        ActBody::TakeBackInvite => StaffAct::TakeBackInvite,
        ActBody::Leave => StaffAct::Leave,
        ActBody::Whisper { text } => StaffAct::Whisper { text },
        ActBody::RaiseHand { text } => StaffAct::RaiseHand { text },
        ActBody::LowerHand => StaffAct::LowerHand,
        ActBody::Release => StaffAct::Release,
        ActBody::BackToBot => StaffAct::BackToBot,
        ActBody::Close { wrap_up } => {
            StaffAct::Close { wrap_up: wrap_up.map(|w| WrapUp { summary: w.summary, outcome: w.outcome }) }
        }
    }
}
