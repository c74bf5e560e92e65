//! `/api/staff/journeys`: how far customers come, where they are stuck, and what comes before contacts.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{
    AppVersionView, BreakRowView, BreakSession, BreakSessions, BreakTable, CodeCount, DetectionView, FeatureView, HereView,
    ImportView, JourneyList, JourneyStepView, JourneyView, LiveMapView, PrecursorRow, PrecursorTable, SessionActView,
    SessionView, StuckView, SurveyJourney, SurveyLink, SurveyStep, SurveyView, TruthBody,
};
use crate::error::{ApiError, ErrorBody};
use crate::staff::Body;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jieti_domain::guidance::Trigger;
use jieti_domain::id::CustomerId;
use jieti_domain::journey::survey::{OUTSIDE, quantile};
use jieti_domain::journey::{BreakKind, JourneyMap, Name, Platform, StepNo};
use jieti_domain::statistics::{Level, Share, wilson};
use jieti_domain::time::Timestamp;
use jieti_engine::{BreakRow, ContactKind, Feature, ImportRow, JourneyQuestion, SurveyAnswer};
use jieti_store::KnownTrouble;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who looks at journeys.
const READERS: &[&str] = &["supervisor", "knowledge_editor", "inspector"];
/// Days looked at where nothing else is asked for, and the most.
const DAYS: i64 = 7;
const MOST_DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;
/// Sessions behind a row of the table, and customers stuck now, listed at once.
const LISTED: usize = 200;
/// Rows of one piece of history.
const MOST_ROWS: usize = 20_000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Milliseconds since 1970; the last seven days where left out.
    #[serde(default)]
    from: Option<i64>,
    #[serde(default)]
    to: Option<i64>,
    #[serde(default)]
    platform: Option<Platform>,
    /// Version of the app.
    #[serde(default)]
    version: Option<String>,
    /// Of one row of the table: its journey, step and kind.
    #[serde(default)]
    journey: Option<String>,
    #[serde(default)]
    step: Option<String>,
    #[serde(default)]
    kind: Option<BreakKind>,
    /// `any` contact, or `complaint` alone.
    #[serde(default)]
    outcome: Option<String>,
}

type Asked = Result<Query<Span>, QueryRejection>;

fn question(app: &App, span: &Span) -> Result<JourneyQuestion, ApiError> {
    let wrong = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "span.invalid", message);
    // What happened in this millisecond counts.
    let to = span.to.unwrap_or(app.engine.now().0 + 1);
    let from = span.from.unwrap_or(to - DAYS * DAY_MS);
    if from >= to || to - from > MOST_DAYS * DAY_MS {
        return Err(wrong(format!("from {from} to {to} is no span of up to {MOST_DAYS} days; give both in ms since 1970")));
    }
    let version = match &span.version {
        Some(version) => Some(Name::parse(version).map_err(|e| wrong(format!("version {e}")))?),
        None => None,
    };
    Ok(JourneyQuestion { from: Timestamp(from), to: Timestamp(to), platform: span.platform, version })
}

/// The journeys and their steps.
#[utoipa::path(get, path = "/api/staff/journeys", tag = "journeys", responses((status = 200, body = JourneyList), (status = 403, body = ErrorBody)))]
pub async fn journeys(State(app): State<App>, staff: SignedStaff) -> Result<Json<JourneyList>, ApiError> {
    staff.must_be(READERS)?;
    let map = app.engine.journeys();
    let journeys = map.journeys.iter().map(|journey| JourneyView {
        id: journey.id.clone(),
        title: journey.title.clone(),
        steps: journey
            .steps
            .iter()
            .map(|step| JourneyStepView {
                id: step.id.clone(),
                title: step.title.clone(),
                costly: step.costly,
                next: step.next.clone(),
            })
            .collect(),
    });
    let versions = app.engine.app_versions();
    let versions = versions.into_iter().map(|(platform, version)| AppVersionView { platform, version: version.to_string() });
    Ok(Json(JourneyList { journeys: journeys.collect(), versions: versions.collect() }))
}

/// Customers, visits, stays and ways of every journey.
#[utoipa::path(get, path = "/api/staff/journeys/survey", tag = "journeys", params(Span),
    responses((status = 200, body = SurveyView), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn survey(State(app): State<App>, staff: SignedStaff, span: Asked) -> Result<Json<SurveyView>, ApiError> {
    staff.must_be(READERS)?;
    let Query(span) = span?;
    let question = question(&app, &span)?;
    let mut answer = app.engine.survey(&question).await?;
    let thresholds = app.engine.thresholds(question.platform, question.version.as_ref());
    let map = std::sync::Arc::clone(&answer.map);
    let journeys = (0..map.journeys.len()).map(|number| journey_view(&map, number, &mut answer, &thresholds)).collect();
    Ok(Json(SurveyView { records: answer.survey.records, journeys }))
}

fn journey_view(map: &JourneyMap, number: usize, answer: &mut SurveyAnswer, thresholds: &[u32]) -> SurveyJourney {
    let of_journey = |step: StepNo| map.place(step).is_some_and(|p| p.journey == number);
    let step_id = |step: StepNo| map.place(step).map(|p| p.step.id.clone());
    let links: Vec<_> = answer.survey.links.iter().filter(|((from, to), _)| of_journey(*from) || of_journey(*to)).collect();
    let entered = links.iter().filter(|((from, _), _)| *from == OUTSIDE).map(|(_, n)| **n).sum();
    let links = links.iter().map(|((from, to), n)| SurveyLink { from: step_id(*from), to: step_id(*to), visits: **n }).collect();
    let numbers = (0..map.places.len()).filter(|step| map.places[*step].journey == number);
    let steps = numbers
        .map(|step| {
            let count = &mut answer.survey.steps[step];
            let mut errors: Vec<CodeCount> = count
                .errors
                .iter()
                .map(|(code, times)| CodeCount {
                    code: answer.codes.get(code).map(ToString::to_string).unwrap_or_else(|| "other".to_owned()),
                    times: *times,
                })
                .collect();
            errors.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.code.cmp(&b.code)));
            SurveyStep {
                id: map.places[step].step.id.clone(),
                visitors: count.visitors,
                visits: count.visits,
                passed: count.passed,
                dwell_p50_ms: quantile(&mut count.dwells_ms, 0.5),
                dwell_p90_ms: quantile(&mut count.dwells_ms, 0.9),
                threshold_ms: thresholds[step],
                errors,
            }
        })
        .collect();
    SurveyJourney { id: map.journeys[number].id.clone(), entered, done: answer.survey.done[number], steps, links }
}

/// Break points by step and kind, those with most customers first.
#[utoipa::path(get, path = "/api/staff/journeys/breaks", tag = "journeys", params(Span),
    responses((status = 200, body = BreakTable), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn breaks(State(app): State<App>, staff: SignedStaff, span: Asked) -> Result<Json<BreakTable>, ApiError> {
    staff.must_be(READERS)?;
    let Query(span) = span?;
    let rows = app.engine.break_table(&question(&app, &span)?).await?;
    Ok(Json(BreakTable { rows: rows.into_iter().map(row_view).collect() }))
}

fn row_view(row: BreakRow) -> BreakRowView {
    let counts = |counts: Vec<(String, u64)>| {
        let mut counts: Vec<CodeCount> = counts.into_iter().map(|(code, times)| CodeCount { code, times }).collect();
        counts.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.code.cmp(&b.code)));
        counts
    };
    BreakRowView {
        journey: row.journey,
        step: row.step,
        kind: row.kind,
        times: row.times,
        customers: row.customers,
        reached: row.reached,
        contacted: row.contacted,
        contacts: row.contacts,
        complaints: row.complaints,
        code: row.code,
        platforms: counts(row.platforms.into_iter().map(|(p, n)| (p.code().to_owned(), n)).collect()),
        versions: counts(row.versions.into_iter().collect()),
        last: row.last.0,
    }
}

/// The sessions behind a row of the table, the latest first. Nobody is named.
#[utoipa::path(get, path = "/api/staff/journeys/breaks/sessions", tag = "journeys", params(Span),
    responses((status = 200, body = BreakSessions), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn break_sessions(State(app): State<App>, staff: SignedStaff, span: Asked) -> Result<Json<BreakSessions>, ApiError> {
    staff.must_be(READERS)?;
    let Query(span) = span?;
    let (Some(journey), Some(step)) = (&span.journey, &span.step) else {
        let message = "journey and step are needed; take them from a row of the table";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "span.invalid", message));
    };
    let found = app.engine.break_sessions(&question(&app, &span)?, journey, step, span.kind, LISTED).await?;
    let sessions = found.into_iter().map(|b| BreakSession {
        visitor: b.visitor,
        journey: b.journey.0,
        step: b.step.0,
        kind: b.kind,
        since: b.since.0,
        at: b.at.0,
        code: b.code.map(String::from),
        platform: b.platform,
        version: b.version.map(String::from),
    });
    Ok(Json(BreakSessions { sessions: sessions.collect() }))
}

/// What a visitor did on one day, in the app's own names.
#[utoipa::path(get, path = "/api/staff/journeys/sessions/{visitor}/{at}", tag = "journeys",
    params(("visitor" = u32, Path), ("at" = i64, Path, description = "an instant of the day, in ms since 1970")),
    responses((status = 200, body = SessionView), (status = 403, body = ErrorBody)))]
pub async fn session(
    State(app): State<App>,
    staff: SignedStaff,
    path: Result<Path<(u32, i64)>, axum::extract::rejection::PathRejection>,
) -> Result<Json<SessionView>, ApiError> {
    staff.must_be(READERS)?;
    let Path((visitor, at)) = path?;
    let acts = app.engine.session(visitor, Timestamp(at)).await?;
    let acts = acts.into_iter().map(|act| SessionActView {
        at: act.at.0,
        act: act.act,
        page: act.page.map(String::from),
        target: act.target.map(String::from),
        code: act.code.map(String::from),
        value: act.value,
    });
    Ok(Json(SessionView { acts: acts.collect() }))
}

/// Who is where at this moment, and who is stuck.
#[utoipa::path(get, path = "/api/staff/journeys/live", tag = "journeys", responses((status = 200, body = LiveMapView), (status = 403, body = ErrorBody)))]
pub async fn live_map(State(app): State<App>, staff: SignedStaff) -> Result<Json<LiveMapView>, ApiError> {
    staff.must_be(READERS)?;
    let map = app.engine.journeys();
    let live = app.engine.live_map();
    let ids = |step: StepNo| map.journey_of(step).zip(map.place(step)).map(|(j, p)| (j.id.0.clone(), p.step.id.0.clone()));
    let mut stuck_at: BTreeMap<StepNo, u64> = BTreeMap::new();
    live.stuck.iter().for_each(|s| *stuck_at.entry(s.step).or_default() += 1);
    let here = (0..).zip(&live.here).filter(|(_, customers)| **customers > 0).filter_map(|(step, customers)| {
        let (journey, step_id) = ids(step)?;
        Some(HereView { journey, step: step_id, customers: *customers, stuck: stuck_at.get(&step).copied().unwrap_or(0) })
    });
    let here = here.collect();
    let stuck_total = live.stuck.len() as u64;
    let stuck = live.stuck.into_iter().take(LISTED).filter_map(|s| {
        let (journey, step) = ids(s.step)?;
        Some(StuckView {
            visitor: s.visitor,
            journey,
            step,
            since: s.since.0,
            in_sight_ms: s.in_sight_ms,
            kinds: s.kinds,
            platform: s.platform,
            version: s.version.map(String::from),
            code: s.code.map(String::from),
        })
    });
    Ok(Json(LiveMapView { here, stuck: stuck.collect(), stuck_total }))
}

/// What comes before contacts, or before complaints: the surest first.
#[utoipa::path(get, path = "/api/staff/journeys/precursors", tag = "journeys", params(Span),
    responses((status = 200, body = PrecursorTable), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn precursors(State(app): State<App>, staff: SignedStaff, span: Asked) -> Result<Json<PrecursorTable>, ApiError> {
    staff.must_be(READERS)?;
    let Query(span) = span?;
    let outcome = match span.outcome.as_deref() {
        None | Some("any") => ContactKind::Any,
        Some("complaint") => ContactKind::Complaint,
        Some(other) => {
            let message = format!("outcome {other:?} is not known; ask for any or complaint");
            return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "span.invalid", message));
        }
    };
    let table = app.engine.precursors(&question(&app, &span)?, outcome).await?;
    let rows = table.into_iter().map(|row| PrecursorRow {
        feature: match row.feature {
            Feature::Broke { journey, step, kind } => FeatureView::Broke { journey, step, kind },
            Feature::Error { code } => FeatureView::Error { code },
            Feature::Version { platform, version } => FeatureView::Version { platform, version },
        },
        with_customers: row.with.trials,
        with_came: row.with.hits,
        without_customers: row.without.trials,
        without_came: row.without.hits,
        lift: row.lift,
        odds: row.odds,
    });
    Ok(Json(PrecursorTable { rows: rows.collect() }))
}

/// A trigger made of a precursor, switched off, to be read, mended and saved.
#[utoipa::path(post, path = "/api/staff/journeys/precursors/trigger", tag = "journeys", request_body = FeatureView,
    responses((status = 200, body = Trigger), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn draft_trigger(
    State(app): State<App>,
    staff: SignedStaff,
    body: Body<FeatureView>,
) -> Result<Json<Trigger>, ApiError> {
    staff.must_be(&["supervisor", "knowledge_editor"])?;
    let Json(feature) = body?;
    let FeatureView::Broke { journey, step, kind } = feature else {
        let message = "only a way of being stuck becomes a trigger; add the code or version to its when:";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "feature.no_trigger", message));
    };
    let unknown = format!("step {step:?} of journey {journey:?} is not known; reload the table");
    let trigger = app.engine.trigger_for(&Feature::Broke { journey, step, kind });
    trigger.map(Json).ok_or_else(|| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "feature.unknown", unknown))
}

/// Keeps troubles that are known from elsewhere, to judge what is detected.
#[utoipa::path(put, path = "/api/staff/journeys/truth", tag = "journeys", request_body = TruthBody,
    responses((status = 204), (status = 403, body = ErrorBody)))]
pub async fn keep_truth(State(app): State<App>, staff: SignedStaff, body: Body<TruthBody>) -> Result<StatusCode, ApiError> {
    staff.must_be(&["supervisor"])?;
    let Json(truth) = body?;
    let rows: Vec<KnownTrouble> = truth
        .rows
        .into_iter()
        .map(|row| KnownTrouble {
            customer: CustomerId::new(row.customer),
            journey: row.journey.as_str().into(),
            step: row.step.as_str().into(),
            since: Timestamp(row.since),
            until: Timestamp(row.until.max(row.since)),
        })
        .collect();
    app.engine.store().keep_known_troubles(&rows).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Recall and precision of the break points, where the truth is known.
#[utoipa::path(get, path = "/api/staff/journeys/detection", tag = "journeys", params(Span),
    responses((status = 200, body = DetectionView), (status = 403, body = ErrorBody)))]
pub async fn detection(State(app): State<App>, staff: SignedStaff, span: Asked) -> Result<Json<DetectionView>, ApiError> {
    staff.must_be(READERS)?;
    let Query(span) = span?;
    let question = question(&app, &span)?;
    let accuracy = app.engine.detection(question.from, question.to).await?;
    let estimate = |share: Share| (share.trials > 0).then(|| wilson(share, Level::P95));
    Ok(Json(DetectionView {
        known_troubles: accuracy.recall.trials,
        found: accuracy.recall.hits,
        recall: estimate(accuracy.recall),
        noticed: accuracy.precision.trials,
        right: accuracy.precision.hits,
        precision: estimate(accuracy.precision),
    }))
}

/// Takes in a piece of history: one JSON object a line (`customer`, `at`, `platform`, `act`, `page` …), at most 20,000. The same
/// row twice is kept once.
#[utoipa::path(post, path = "/api/staff/journeys/import", tag = "journeys", request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = ImportView), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn import(
    State(app): State<App>,
    staff: SignedStaff,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportView>, ApiError> {
    staff.must_be(&["supervisor"])?;
    let body = body.map_err(|e| ApiError::new(e.status(), "body.unreadable", e.body_text()))?;
    let wrong = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "import.invalid", message);
    let text = std::str::from_utf8(&body)
        .map_err(|e| wrong(format!("the file is not UTF-8 from byte {}; save it as UTF-8", e.valid_up_to())))?;
    let mut rows: Vec<ImportRow> = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        rows.push(serde_json::from_str(text).map_err(|e| wrong(format!("line {line}: {e}; nothing was imported")))?);
    }
    if rows.len() > MOST_ROWS {
        return Err(wrong(format!("the piece has {} rows, more than {MOST_ROWS}; send it in smaller pieces", rows.len())));
    }
    let imported = app.engine.import_behaviour(rows).await?;
    Ok(Json(ImportView { stored: imported.stored, doubled: imported.doubled, breaks: imported.breaks }))
}
