//! `/api/staff/team`: who is on duty with what in hand, who waits for whom, and what people can do.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{QueueLine, SkillView, Team, TeamMember, WaitErrorView};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::Body;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jieti_domain::id::{SkillId, StaffId};
use jieti_domain::routing::Profile;
use std::collections::HashMap;

/// People, load and queue.
#[utoipa::path(get, path = "/api/staff/team", tag = "staff", responses((status = 200, body = Team), (status = 403, body = ErrorBody)))]
pub async fn team(State(app): State<App>, staff: SignedStaff) -> Result<Json<Team>, ApiError> {
    staff.must_be(&["supervisor"])?;
    let engine = &app.engine;
    let now = engine.now();
    let on_duty: HashMap<StaffId, _> = engine.on_duty().into_iter().map(|p| (p.staff.id.clone(), p.presence)).collect();
    let rows = engine.store().all_staff().await?;
    let people = rows.into_iter().map(|row| {
        let presence = on_duty.get(&row.id).copied().unwrap_or_default();
        let (profile, chats) = engine.profile_and_chats(&row.id);
        TeamMember {
            id: row.id.0,
            display_name: row.display_name,
            roles: row.roles,
            agent: presence.agent,
            silent_seat: presence.silent_seat,
            chats,
            profile,
        }
    });
    let queue = engine.queue_lines().into_iter().map(|line| QueueLine {
        work: line.work,
        wanted: line.wanted,
        waiting: line.waiting,
        longest_wait_secs: now.secs_since(line.longest_since).unsigned_abs(),
        able: line.able,
    });
    let error = engine.wait_error_today().await?;
    let skills = &engine.brain().rules.service.routing.skills;
    Ok(Json(Team {
        people: people.collect(),
        queue: queue.collect(),
        expected_wait_secs: engine.expected_wait_secs(),
        wait_error: WaitErrorView {
            waits: error.waits,
            mean_absolute_secs: error.mean_absolute_secs,
            bias_secs: error.bias_secs,
        },
        skills: skills.iter().map(|(id, title)| SkillView { id: id.to_string(), title: title.clone() }).collect(),
    }))
}

/// Sets what somebody can do, and how much at once. Routing follows at once; what they hold stays with them.
#[utoipa::path(put, path = "/api/staff/team/{id}/profile", tag = "staff", params(("id" = String, Path)), request_body = Profile,
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn set_profile(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<Profile>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(&["supervisor"])?;
    let Json(profile) = body?;
    let refused = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "profile.invalid", message);
    profile.check().map_err(|error| refused(error.to_string()))?;
    let known = &app.engine.brain().rules.service.routing.skills;
    let unknown: Vec<&str> = profile.skills.keys().filter(|s| !known.contains_key(*s)).map(SkillId::as_str).collect();
    if !unknown.is_empty() {
        return Err(refused(format!("{} is no skill of service/routing.yaml; name it there first", unknown.join(", "))));
    }
    let id = StaffId::new(id);
    if app.engine.store().all_staff().await?.iter().all(|row| row.id != id) {
        return Err(ApiError::not_found("staff.unknown", format!("nobody has the id {id}; reload the list")));
    }
    app.engine.set_profile(&id, profile).await?;
    Ok(StatusCode::NO_CONTENT)
}
