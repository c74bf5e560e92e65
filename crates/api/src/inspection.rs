//! `/api/inspections`, `/api/findings`, `/api/inspection`: what was found, reviews, appeals, figures, and the scorecard.

use crate::App;
use crate::auth::{ReadsIn, SignedStaff};
use crate::dto::{
    AddFindingBody, AgreementView, AlarmView, Alarms, AppealBody, AppealView, DecisionBody, FindingView, HabitView,
    InspectionCard, InspectionFigures, InspectionView, Inspections, PublishScorecard, PublishedScorecard, QuoteView,
    RuleTrialView, RuleView, ScoreView, ScorecardVersionView, ScorecardView, ShareView, TrialBody, TrialView, VerdictBody,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::views::{self, Reader};
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jieti_domain::conversation::Customer;
use jieti_domain::id::{ConversationId, CustomerId, RuleId, StaffId};
use jieti_domain::inspection::{Agreement, Finding, Party, PublishedCard, kappa};
use jieti_domain::understanding::Localized;
use jieti_engine::{Addition, Example, RuleTrial};
use jieti_store::{AlarmRow, FindingRow, InspectionFilter, InspectionRow, ScoreRow, Source, StaffRow};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who reviews, decides on appeals and changes the scorecard.
const REVIEWERS: &[&str] = &["supervisor", "inspector"];
/// Inspections and alarms listed at once.
const LISTED: u64 = 200;
/// Days of figures where nothing else is asked for.
const DAYS: i64 = 30;
/// Conversations of one trial: some seconds of work.
const TRIED: u64 = 5_000;
const DAY_SECS: i64 = 86_400;

type Body<T> = Result<Json<T>, JsonRejection>;

/// Supervisors and inspectors, and administrators as everywhere.
pub fn is_reviewer(staff: &StaffRow) -> bool {
    staff.roles.iter().any(|role| role == "admin" || REVIEWERS.contains(&role.as_str()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InspectionQuery {
    /// `mine` (the only one for agents), `all`, `to_review`, `critical` or `appealed`.
    #[serde(default)]
    filter: Option<String>,
}

/// Inspections of closed conversations. Agents see those in which they spoke.
#[utoipa::path(get, path = "/api/inspections", tag = "inspection", params(InspectionQuery),
    responses((status = 200, body = Inspections), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub async fn inspections(
    State(app): State<App>,
    staff: SignedStaff,
    query: Result<Query<InspectionQuery>, QueryRejection>,
) -> Result<Json<Inspections>, ApiError> {
    let Query(query) = query?;
    let store = app.engine.store();
    let filter = match query.filter.as_deref().unwrap_or("mine") {
        "mine" => {
            let rows = store.inspections_of(&staff.0.id, LISTED).await?;
            return Ok(Json(Inspections { inspections: cards(&app, rows).await? }));
        }
        "all" => InspectionFilter::All,
        "to_review" => InspectionFilter::ToReview,
        "critical" => InspectionFilter::Critical,
        "appealed" => InspectionFilter::Appealed,
        other => {
            let message = format!("filter {other:?} is not known; use mine, all, to_review, critical or appealed");
            return Err(ApiError::bad_request("filter.unknown", message));
        }
    };
    staff.must_be(REVIEWERS)?;
    let rows = store.inspections(filter, LISTED).await?;
    Ok(Json(Inspections { inspections: cards(&app, rows).await? }))
}

/// One inspection with its thread. Agents see those in which they spoke.
#[utoipa::path(get, path = "/api/inspections/{id}", tag = "inspection", params(("id" = String, Path)),
    responses((status = 200, body = InspectionView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn inspection(
    State(app): State<App>,
    staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    Id(id): Id,
) -> Result<Json<InspectionView>, ApiError> {
    let id = ConversationId::new(id);
    let store = app.engine.store();
    let row = store.inspection(&id).await?.ok_or_else(|| {
        ApiError::not_found("inspection.unknown", format!("conversation {id} has no inspection; reload the list"))
    })?;
    let shares = store.shares(&id).await?;
    let spoke = shares.iter().any(|share| share.who.staff.as_ref() == Some(&staff.0.id));
    if !spoke {
        staff.must_be(REVIEWERS)?;
    }
    let names = names(&app).await?;
    let brain = app.engine.brain();
    let reader = Reader { rules: &brain.rules, lang };
    let card = app.engine.scorecard();
    let may_review = is_reviewer(&staff.0) && !spoke;
    let findings = store.findings(&id).await?;
    let findings = findings.iter().map(|row| finding_view(&app, row, &staff.0, &names, card.as_deref())).collect();
    let rules = card.iter().flat_map(|card| &card.inspector.card().criteria);
    let cards = inspection_card(row, &names);
    Ok(Json(InspectionView {
        card: cards,
        shares: shares
            .into_iter()
            .map(|share| ShareView {
                party: share.who.party,
                staff_name: share.who.staff.as_ref().and_then(|s| names.get(s).cloned()),
                staff: share.who.staff.map(|s| s.0),
                score: share.score,
            })
            .collect(),
        findings,
        events: store.events(&id, 0).await?.iter().filter_map(|e| views::staff_event(e, reader)).collect(),
        rules: rules
            .map(|c| RuleView { id: c.id.0.clone(), title: c.title.clone(), severity: c.severity, weight: c.weight })
            .collect(),
        may_review,
    }))
}

/// Adds what the machine did not see, by a rule of the card.
#[utoipa::path(post, path = "/api/inspections/{id}/findings", tag = "inspection", params(("id" = String, Path)),
    request_body = AddFindingBody, responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn add_finding(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<AddFindingBody>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(REVIEWERS)?;
    let Json(body) = body?;
    let addition = Addition { rule: RuleId::new(body.rule), seq: body.seq, note: said(body.note) };
    app.engine.add_finding(&ConversationId::new(id), &staff.0.id, &addition).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the review: what nobody has judged is confirmed.
#[utoipa::path(post, path = "/api/inspections/{id}/finish", tag = "inspection", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn finish(State(app): State<App>, staff: SignedStaff, Id(id): Id) -> Result<StatusCode, ApiError> {
    staff.must_be(REVIEWERS)?;
    app.engine.finish_review(&ConversationId::new(id), &staff.0.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms or rejects a finding.
#[utoipa::path(post, path = "/api/findings/{id}/verdict", tag = "inspection", params(("id" = String, Path)),
    request_body = VerdictBody, responses((status = 204), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn judge(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<VerdictBody>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(REVIEWERS)?;
    let Json(body) = body?;
    app.engine.judge_finding(&id, &staff.0.id, body.verdict, said(body.note)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Appeals against a finding about oneself.
#[utoipa::path(post, path = "/api/findings/{id}/appeal", tag = "inspection", params(("id" = String, Path)),
    request_body = AppealBody, responses((status = 204), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn appeal(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<AppealBody>,
) -> Result<StatusCode, ApiError> {
    let Json(body) = body?;
    app.engine.appeal(&id, &staff.0.id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Decides on an appeal; whoever gave the verdict may not.
#[utoipa::path(post, path = "/api/findings/{id}/decision", tag = "inspection", params(("id" = String, Path)),
    request_body = DecisionBody, responses((status = 204), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub async fn decide(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<DecisionBody>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(REVIEWERS)?;
    let Json(body) = body?;
    app.engine.decide_appeal(&id, &staff.0.id, body.decision, said(body.note)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Alarms of today in China, the latest first.
#[utoipa::path(get, path = "/api/inspection/alarms", tag = "inspection",
    responses((status = 200, body = Alarms), (status = 403, body = ErrorBody)))]
pub async fn alarms(State(app): State<App>, staff: SignedStaff) -> Result<Json<Alarms>, ApiError> {
    staff.must_be(REVIEWERS)?;
    let card = app.engine.scorecard();
    let rows = app.engine.store().alarms(app.engine.now().start_of_china_day(), LISTED).await?;
    Ok(Json(Alarms { alarms: rows.iter().map(|row| alarm_view(row, card.as_deref())).collect() }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FiguresQuery {
    /// Days to look back, 1–366; 30 where nothing is asked for.
    #[serde(default)]
    days: Option<u16>,
}

/// Scores by tier and agent, agreement of machine and reviewers, and the coaching list.
#[utoipa::path(get, path = "/api/inspection/figures", tag = "inspection", params(FiguresQuery),
    responses((status = 200, body = InspectionFigures), (status = 403, body = ErrorBody)))]
pub async fn figures(
    State(app): State<App>,
    staff: SignedStaff,
    query: Result<Query<FiguresQuery>, QueryRejection>,
) -> Result<Json<InspectionFigures>, ApiError> {
    let Query(query) = query?;
    staff.must_be(REVIEWERS)?;
    let days = query.days.map_or(DAYS, |days| i64::from(days).clamp(1, 366));
    let since = app.engine.now().plus_secs(-days * DAY_SECS);
    let card = app.engine.scorecard();
    let scores = app.engine.store().scores_since(since).await?;
    let agreement = app.engine.agreement(since).await?;
    let mut whole = Agreement::default();
    agreement.iter().for_each(|(_, part)| whole.add(part));
    let habits = app.engine.habits(days).await?;
    Ok(Json(InspectionFigures {
        days,
        parties: by_party(&scores),
        agents: scores.iter().filter(|row| row.staff.is_some()).map(score_view).collect(),
        reviewed: agreement.first().map_or(0, |(_, part)| part.total()),
        kappa: kappa(&whole),
        agreement: agreement
            .into_iter()
            .map(|(rule, part)| AgreementView {
                title: title(&rule, card.as_deref()),
                rule: rule.0,
                both: part.both,
                machine_only: part.machine_only,
                reviewer_only: part.reviewer_only,
                neither: part.neither,
                kappa: kappa(&part),
            })
            .collect(),
        habits: habits
            .into_iter()
            .map(|habit| HabitView {
                staff: habit.staff.0,
                staff_name: habit.staff_name,
                title: title(&habit.rule, card.as_deref()),
                rule: habit.rule.0,
                now: habit.now,
                before: habit.before,
                examples: habit.examples.iter().map(|row| quote_view(&row.conversation, &row.finding)).collect(),
            })
            .collect(),
    }))
}

/// The scorecard in use, as it was written, and its versions.
#[utoipa::path(get, path = "/api/inspection/scorecard", tag = "inspection",
    responses((status = 200, body = ScorecardView), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub async fn scorecard(State(app): State<App>, staff: SignedStaff) -> Result<Json<ScorecardView>, ApiError> {
    staff.must_be(REVIEWERS)?;
    let card = app.engine.scorecard().ok_or_else(|| {
        ApiError::not_found("scorecard.none", "there is no scorecard; publish one, or add service/inspection/scorecard.yaml")
    })?;
    let versions = app.engine.store().scorecards(LISTED).await?;
    let versions = versions
        .into_iter()
        .map(|v| ScorecardVersionView { version: v.version, at: v.at.0, author: v.author, note: v.note })
        .collect();
    Ok(Json(ScorecardView { version: card.version, source: card.source.clone(), versions }))
}

/// Publishes a scorecard as the next version. A broken one is refused, and the one in use goes on.
#[utoipa::path(post, path = "/api/inspection/scorecard", tag = "inspection", request_body = PublishScorecard,
    responses((status = 200, body = PublishedScorecard), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn publish_scorecard(
    State(app): State<App>,
    staff: SignedStaff,
    body: Body<PublishScorecard>,
) -> Result<Json<PublishedScorecard>, ApiError> {
    staff.must_be(REVIEWERS)?;
    let Json(body) = body?;
    let version = app.engine.publish_scorecard(&body.source, &staff.0.display_name, &body.note).await?;
    Ok(Json(PublishedScorecard { version }))
}

/// Runs a scorecard over closed conversations beside the one in use; nothing is stored.
#[utoipa::path(post, path = "/api/inspection/scorecard/trial", tag = "inspection", request_body = TrialBody,
    responses((status = 200, body = TrialView), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn try_scorecard(
    State(app): State<App>,
    staff: SignedStaff,
    body: Body<TrialBody>,
) -> Result<Json<TrialView>, ApiError> {
    staff.must_be(REVIEWERS)?;
    let Json(body) = body?;
    let since = app.engine.now().plus_secs(-i64::from(body.days) * DAY_SECS);
    let trial = app.engine.try_scorecard(&body.source, since, TRIED).await?;
    let rule = |rule: RuleTrial| RuleTrialView {
        rule: rule.rule.0,
        title: rule.title,
        before: rule.before,
        after: rule.after,
        gained: quotes(&rule.gained),
        lost: quotes(&rule.lost),
    };
    Ok(Json(TrialView {
        conversations: trial.conversations,
        score_before: trial.score_before,
        score_after: trial.score_after,
        flagged_before: trial.flagged_before,
        flagged_after: trial.flagged_after,
        rules: trial.rules.into_iter().map(rule).collect(),
    }))
}

fn said(note: Option<String>) -> Option<String> {
    note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty())
}

type Names = BTreeMap<StaffId, String>;

async fn names(app: &App) -> Result<Names, ApiError> {
    Ok(app.engine.store().all_staff().await?.into_iter().map(|s| (s.id, s.display_name)).collect())
}

async fn cards(app: &App, rows: Vec<InspectionRow>) -> Result<Vec<InspectionCard>, ApiError> {
    let names = names(app).await?;
    Ok(rows.into_iter().map(|row| inspection_card(row, &names)).collect())
}

fn inspection_card(row: InspectionRow, names: &Names) -> InspectionCard {
    let customer = CustomerId::new(row.customer.as_str());
    let signed_in = !customer.as_str().starts_with("visitor:");
    InspectionCard {
        conversation: row.conversation.0,
        customer: views::customer_view(&Customer { id: customer, name: row.customer_name, signed_in }),
        channel: row.channel,
        tier: row.tier,
        at: row.at.0,
        score: row.score,
        machine_score: row.machine_score,
        version: row.version,
        reason: row.reason,
        reviewer: row.reviewer.map(|id| names.get(&id).cloned().unwrap_or(id.0)),
        reviewed_at: row.reviewed_at.map(|at| at.0),
        findings: row.findings,
        critical: row.critical,
        appeals: row.appeals,
    }
}

fn finding_view(app: &App, row: &FindingRow, me: &StaffRow, names: &Names, card: Option<&PublishedCard>) -> FindingView {
    let name = |id: &StaffId| names.get(id).cloned().unwrap_or_else(|| id.0.clone());
    let finding = &row.finding;
    FindingView {
        id: row.id.clone(),
        rule: finding.rule.0.clone(),
        title: title(&finding.rule, card),
        severity: finding.severity,
        weight: finding.weight,
        seq: finding.at,
        quote: finding.quote.clone(),
        why: finding.why.clone(),
        party: finding.who.party,
        staff: finding.who.staff.as_ref().map(|s| s.0.clone()),
        staff_name: finding.who.staff.as_ref().map(&name),
        source: match row.source {
            Source::Machine => "machine",
            Source::Reviewer => "reviewer",
        }
        .to_owned(),
        verdict: row.verdict,
        note: row.note.clone(),
        counts: row.counts(),
        appeal_until: row.appeal_until.0,
        appeal: row.appeal.as_ref().map(|appeal| AppealView {
            by: name(&appeal.by),
            reason: appeal.reason.clone(),
            at: appeal.at.0,
            decision: appeal.decision,
            decided_by: appeal.decided_by.as_ref().map(&name),
            note: appeal.note.clone(),
        }),
        may_appeal: app.engine.may_appeal(row, &me.id),
        may_decide: is_reviewer(me) && app.engine.may_decide(row, &me.id),
    }
}

/// A rule's title on the card in use; its id where the rule is no longer there.
fn title(rule: &RuleId, card: Option<&PublishedCard>) -> Localized {
    let criterion = card.and_then(|card| card.inspector.card().criterion(rule));
    criterion.map_or_else(|| Localized::new(rule.as_str(), rule.as_str()), |c| c.title.clone())
}

pub fn alarm_view(alarm: &AlarmRow, card: Option<&PublishedCard>) -> AlarmView {
    let finding = &alarm.finding;
    AlarmView {
        conversation: alarm.conversation.0.clone(),
        at: alarm.at.0,
        rule: finding.rule.0.clone(),
        title: title(&finding.rule, card),
        severity: finding.severity,
        seq: finding.at,
        quote: finding.quote.clone(),
        why: finding.why.clone(),
        party: finding.who.party,
        staff_name: alarm.staff_name.clone(),
    }
}

fn quotes(examples: &[Example]) -> Vec<QuoteView> {
    examples.iter().map(|example| quote_view(&example.conversation, &example.finding)).collect()
}

fn quote_view(conversation: &ConversationId, finding: &Finding) -> QuoteView {
    QuoteView {
        conversation: conversation.0.clone(),
        seq: finding.at,
        quote: finding.quote.clone(),
        why: finding.why.clone(),
        party: finding.who.party,
    }
}

fn score_view(row: &ScoreRow) -> ScoreView {
    ScoreView {
        party: row.party,
        staff: row.staff.as_ref().map(|s| s.0.clone()),
        staff_name: row.staff_name.clone(),
        conversations: row.conversations,
        score: mean(row.total, row.conversations),
    }
}

fn by_party(rows: &[ScoreRow]) -> Vec<ScoreView> {
    let mut parties: BTreeMap<Party, (u64, u64)> = BTreeMap::new();
    for row in rows {
        let (conversations, total) = parties.entry(row.party).or_default();
        (*conversations, *total) = (*conversations + row.conversations, *total + row.total);
    }
    parties
        .into_iter()
        .map(|(party, (conversations, total))| ScoreView {
            party,
            staff: None,
            staff_name: None,
            conversations,
            score: mean(total, conversations),
        })
        .collect()
}

fn mean(total: u64, count: u64) -> f64 {
    if count == 0 { 100.0 } else { total as f64 / count as f64 }
}
