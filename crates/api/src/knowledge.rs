//! `/api/knowledge`: entries, drafts, publication, trying out, batch tests.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{
    BatchRowView, BatchSummary, BatchTest, BatchTested, DraftSaved, Entries, EntrySummary, EntryView, GuessView, Publish,
    Published, RollBack, RollBackTo, TriedView, TryBody, VersionView,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::views::word;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use jieti_domain::flow::render_fact;
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, changes};
use jieti_domain::lender::Fact;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{EntityValue, Lang};
use jieti_engine::{BatchLine, Override, Tried};
use std::collections::BTreeMap;

/// Lines of one batch test.
const MOST_LINES: usize = 10_000;

type Body<T> = Result<Json<T>, JsonRejection>;

const EDITORS: &[&str] = &["knowledge_editor", "owner"];
/// Who may publish what breaks more than it mends.
const OWNERS: &[&str] = &["owner"];

fn summary_of(entry: &Entry, state: &str, now: Timestamp) -> EntrySummary {
    EntrySummary {
        id: entry.id.0.clone(),
        stage: entry.stage.clone(),
        title: entry.text(Lang::ZhCn).map(|t| t.title.clone()).unwrap_or_default(),
        risk: entry.risk,
        owner: entry.owner.clone(),
        languages: entry.texts.keys().copied().collect(),
        state: state.to_owned(),
        life: entry.life(now.china_date()),
        variants: entry.variants.len(),
    }
}

/// Every entry with its state.
#[utoipa::path(get, path = "/api/knowledge/entries", tag = "knowledge", responses((status = 200, body = Entries)))]
pub async fn entries(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Entries>, ApiError> {
    let brain = app.engine.brain();
    let now = app.engine.now();
    let drafts = app.engine.store().drafts().await?;
    let mut all: BTreeMap<NeedId, EntrySummary> =
        brain.rules.knowledge.iter().map(|e| (e.id.clone(), summary_of(e, "published", now))).collect();
    for draft in drafts {
        let state = if all.contains_key(&draft.id) { "changed" } else { "new" };
        all.insert(draft.id, summary_of(&draft.entry, state, now));
    }
    Ok(Json(Entries { entries: all.into_values().collect() }))
}

/// One entry: what is published, the draft, and all versions.
#[utoipa::path(get, path = "/api/knowledge/entries/{id}", tag = "knowledge", params(("id" = String, Path)),
    responses((status = 200, body = EntryView), (status = 404, body = ErrorBody)))]
pub async fn entry(State(app): State<App>, _staff: SignedStaff, Id(id): Id) -> Result<Json<EntryView>, ApiError> {
    let id = NeedId::new(id);
    let published = app.engine.brain().rules.knowledge.get(&id).cloned();
    let draft = app.engine.store().drafts().await?.into_iter().find(|d| d.id == id).map(|d| d.entry);
    if published.is_none() && draft.is_none() {
        return Err(ApiError::not_found(
            "entry.unknown",
            format!("entry {id} does not exist; choose one of GET /api/knowledge/entries"),
        ));
    }
    let versions = app.engine.store().versions(&id).await?;
    let views = versions.iter().enumerate().map(|(place, v)| VersionView {
        version: v.version,
        at: v.at.0,
        by: v.author.clone(),
        deleted: v.entry.is_none(),
        // The latest is first.
        changes: changes(versions.get(place + 1).and_then(|before| before.entry.as_ref()), v.entry.as_ref()),
    });
    let versions = views.collect();
    Ok(Json(EntryView { published, draft, versions }))
}

/// Saves a draft; customers see it when it is published.
#[utoipa::path(put, path = "/api/knowledge/entries/{id}/draft", tag = "knowledge", params(("id" = String, Path)), request_body = Entry,
    responses((status = 200, body = DraftSaved), (status = 403, body = ErrorBody)))]
pub async fn save_draft(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<Entry>,
) -> Result<Json<DraftSaved>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(entry) = body?;
    if entry.id.as_str() != id {
        let message = format!("the address says entry {id}, the body says {}; make them the same", entry.id);
        return Err(ApiError::bad_request("entry.id", message));
    }
    app.engine.store().save_draft(&entry, &staff.0.name, app.engine.now()).await?;
    app.engine.prepare_gate();
    Ok(Json(DraftSaved { problems: entry.problems().iter().map(ToString::to_string).collect() }))
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/knowledge/entries/{id}/draft", tag = "knowledge", params(("id" = String, Path)), responses((status = 204)))]
pub async fn drop_draft(State(app): State<App>, staff: SignedStaff, Id(id): Id) -> Result<StatusCode, ApiError> {
    staff.must_be(EDITORS)?;
    app.engine.store().drop_draft(&NeedId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Goes back to an earlier version: as a draft, or at once.
#[utoipa::path(post, path = "/api/knowledge/entries/{id}/roll-back", tag = "knowledge", params(("id" = String, Path)), request_body = RollBack,
    responses((status = 200, body = Published), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn roll_back(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<RollBack>,
) -> Result<Json<Published>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(body) = body?;
    let id = NeedId::new(id);
    app.engine.draft_version(&id, body.version, &staff.0.name).await?;
    let published = match body.to {
        RollBackTo::Draft => 0,
        RollBackTo::Published => app.engine.publish(&[id], &staff.0.name, None).await?,
    };
    Ok(Json(Published { published }))
}

/// Publishes drafts, all or none; the bot answers with them from the moment this returns.
#[utoipa::path(post, path = "/api/knowledge/publish", tag = "knowledge", request_body = Publish,
    responses((status = 200, body = Published), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn publish(State(app): State<App>, staff: SignedStaff, body: Body<Publish>) -> Result<Json<Published>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(body) = body?;
    let ids: Vec<NeedId> = body.ids.into_iter().map(NeedId::new).collect();
    let reason = body.reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    if reason.is_some() {
        staff.must_be(OWNERS)?;
    }
    let published = app.engine.publish(&ids, &staff.0.name, reason.map(|reason| Override { reason })).await?;
    Ok(Json(Published { published }))
}

fn guesses(tried: &Tried) -> Vec<GuessView> {
    let view = |g: &jieti_engine::Guess| GuessView { id: g.need.0.clone(), title: g.title.clone(), confidence: g.confidence };
    tried.guesses.iter().map(view).collect()
}

/// What the bot would do with a sentence.
#[utoipa::path(post, path = "/api/knowledge/try", tag = "knowledge", request_body = TryBody, responses((status = 200, body = TriedView)))]
pub async fn try_out(State(app): State<App>, _staff: SignedStaff, body: Body<TryBody>) -> Result<Json<TriedView>, ApiError> {
    let Json(body) = body?;
    let tried = app.engine.try_out(&body.text, body.lang).await;
    Ok(Json(TriedView {
        needs: guesses(&tried),
        signals: tried.understanding.signals.iter().copied().collect(),
        entities: tried.understanding.entities.iter().map(|e| entity_words(&e.value)).collect(),
        verdict: tried.verdict.into(),
        mood: tried.understanding.mood,
    }))
}

/// An entity as an editor reads it; personal numbers as their masks.
fn entity_words(value: &EntityValue) -> String {
    let fact = |fact: Fact| render_fact(&fact, Lang::ZhCn);
    match value {
        EntityValue::Money(sum) => fact(Fact::Money(*sum)),
        EntityValue::Date(date) => fact(Fact::Date(*date)),
        EntityValue::Month(month) => format!("{}年{}月", month.year(), month.month()),
        EntityValue::Term(months) => format!("{months} 期"),
        EntityValue::Days(days) => format!("{days} 天"),
        EntityValue::Rate(rate) => rate.to_string(),
        EntityValue::Phone(masked)
        | EntityValue::IdNumber(masked)
        | EntityValue::CardNumber(masked)
        | EntityValue::Code(masked) => masked.mask(),
        EntityValue::Ordinal(n) => format!("第 {n} 个"),
        EntityValue::Number(n) => n.to_string(),
    }
}

/// Answers every line as published and with every draft published, side by side.
#[utoipa::path(post, path = "/api/knowledge/batch-test", tag = "knowledge", request_body = BatchTest,
    responses((status = 200, body = BatchTested), (status = 413, body = ErrorBody)))]
pub async fn batch_test(
    State(app): State<App>,
    _staff: SignedStaff,
    body: Body<BatchTest>,
) -> Result<Json<BatchTested>, ApiError> {
    let Json(body) = body?;
    if body.lines.len() > MOST_LINES {
        let message = format!("{} lines are more than {MOST_LINES}; split the test", body.lines.len());
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "batch.too_long", message));
    }
    let lines = body.lines.into_iter().map(|l| BatchLine { text: l.text, expect: l.expect.map(NeedId::new) }).collect();
    let rows: Vec<BatchRowView> = app
        .engine
        .batch_test(lines)
        .await?
        .into_iter()
        .map(|row| {
            let (before, after) = (guesses(&row.before).into_iter().next(), guesses(&row.after).into_iter().next());
            let right =
                |guess: &Option<GuessView>| row.line.expect.as_ref().map(|e| guess.as_ref().is_some_and(|g| g.id == e.as_str()));
            BatchRowView {
                right_before: right(&before),
                right_after: right(&after),
                text: row.line.text,
                expect: row.line.expect.map(|e| e.0),
                before,
                after,
                verdict_before: row.before.verdict.into(),
                verdict_after: row.after.verdict.into(),
            }
        })
        .collect();
    let id = |g: &Option<GuessView>| g.as_ref().map(|g| g.id.clone());
    let changed = rows.iter().filter(|r| id(&r.before) != id(&r.after) || word(&r.verdict_before) != word(&r.verdict_after));
    let summary = BatchSummary {
        lines: rows.len(),
        right_before: rows.iter().filter(|r| r.right_before == Some(true)).count(),
        right_after: rows.iter().filter(|r| r.right_after == Some(true)).count(),
        changed: changed.count(),
    };
    Ok(Json(BatchTested { rows, summary }))
}
