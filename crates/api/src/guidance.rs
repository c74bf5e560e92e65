//! `/api/staff/guidance`: triggers, and the experiment that each of them is.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{ArmView, EffectView, SetTrigger, TriggerList, TriggerView};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::Body;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jieti_domain::guidance::{Arm, Effect};
use jieti_domain::statistics::Share;
use jieti_engine::TriggerState;

/// Who sets triggers.
const EDITORS: &[&str] = &["supervisor", "knowledge_editor"];

/// Every trigger with both arms of its experiment.
#[utoipa::path(get, path = "/api/staff/guidance", tag = "guidance",
    responses((status = 200, body = TriggerList), (status = 403, body = ErrorBody)))]
pub async fn triggers(State(app): State<App>, staff: SignedStaff) -> Result<Json<TriggerList>, ApiError> {
    staff.must_be(EDITORS)?;
    Ok(Json(TriggerList { triggers: app.engine.triggers().into_iter().map(view).collect() }))
}

/// Sets a trigger, or makes a new one (based on version 0). It works from the next break point on.
#[utoipa::path(put, path = "/api/staff/guidance/{id}", tag = "guidance", params(("id" = String, Path)), request_body = SetTrigger,
    responses((status = 204), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn set_trigger(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<SetTrigger>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(set) = body?;
    if set.trigger.id.as_str() != id {
        let message = format!("the trigger's id is {:?}, and the path says {id:?}; make them the same", set.trigger.id.as_str());
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "trigger.other_id", message));
    }
    app.engine.set_trigger(set.trigger, set.based_on, &staff.0.name, &set.why).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(state: TriggerState) -> TriggerView {
    TriggerView {
        trigger: state.trigger,
        version: state.version,
        at: state.at.map(|at| at.0),
        author: state.author,
        why: state.why,
        customers: state.customers,
        clicked: state.clicked,
        dismissed: state.dismissed,
        contacts: effect(state.experiment.contacts),
        complaints: effect(state.experiment.complaints),
        completions: effect(state.experiment.completions),
    }
}

fn effect(effect: Effect) -> EffectView {
    let arm = |arm: Arm, share: Share| ArmView { arm, customers: share.trials, came: share.hits };
    EffectView { shown: arm(Arm::Shown, effect.shown), control: arm(Arm::Control, effect.control), difference: effect.difference }
}
