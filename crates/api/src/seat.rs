//! `/api/staff/silent/report`: what silent seats did, and what one of them carries.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{KindCount, SeatHourView, SeatReportView, SpreadView};
use crate::error::ApiError;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jieti_domain::learning::{Spread, report, wait};
use jieti_domain::time::Timestamp;
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// Days up to now, 1 to 90; 1 is the last 24 hours.
    #[serde(default)]
    days: Option<u32>,
}

const DAY_SECS: i64 = 24 * 3600;
const HOUR_MS: i64 = 3_600_000;

/// Share touched, seconds a draft, edits, vetoes, and conversations a seat at what wait.
#[utoipa::path(get, path = "/api/staff/silent/report", tag = "silent seat", params(Days), responses((status = 200, body = SeatReportView)))]
pub async fn seat_report(
    State(app): State<App>,
    staff: SignedStaff,
    query: Result<Query<Days>, QueryRejection>,
) -> Result<Json<SeatReportView>, ApiError> {
    staff.must_be(&["silent_seat", "supervisor"])?;
    let Query(query) = query?;
    let days = query.days.unwrap_or(1).clamp(1, 90);
    let store = app.engine.store();
    // A draft settled in this millisecond counts.
    let to = Timestamp(app.engine.now().0 + 1);
    let from = to.plus_secs(-i64::from(days) * DAY_SECS);
    let labels = store.labels(from, to).await?;
    let opened = store.count_opened(from, to).await?;
    let hours = store.seat_hours(from, to).await?;
    let made = report(&labels, opened);
    let hours = hours
        .into_iter()
        .map(|hour| {
            let of_hour: Vec<_> = labels.iter().filter(|l| l.settled_at.0 / HOUR_MS == hour.hour).cloned().collect();
            SeatHourView {
                at: hour.hour * HOUR_MS,
                seats: hour.seats,
                conversations: hour.conversations,
                wait: wait(&of_hour).map(spread),
            }
        })
        .collect();
    Ok(Json(SeatReportView {
        conversations: made.conversations,
        touched: made.touched,
        drafts: made.drafts,
        by_kind: made.by_kind.into_iter().map(|(kind, count)| KindCount { kind, count }).collect(),
        handling: made.handling.map(spread),
        wait: made.wait.map(spread),
        edit_share: made.edit_share,
        veto_rate: made.veto_rate,
        hours,
    }))
}

fn spread(spread: Spread) -> SpreadView {
    SpreadView { p50_ms: spread.p50, p90_ms: spread.p90 }
}
