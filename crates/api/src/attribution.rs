//! `/api/staff/problems` and `/api/staff/cases`: the board, causes and their corrections, departments' cases, proposals.

use crate::App;
use crate::auth::{ReadsIn, SignedStaff};
use crate::dto::{
    AccuracyShare, AccuracyView, ActOnCase, CaseActBody, CaseDetail, CaseEventView, CaseRow, Cases, CorrectCause, DayCount,
    DecideProposal, DecisionView, DepartmentView, EvidenceView, GrowthView, NamedCount, OpenCase, ProblemDetail, ProblemList,
    ProblemRow, ProposalRow, Proposals, TitleView, TroubleView, WordCount,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::staff_ref;
use crate::tickets::check_client_id;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use jieti_domain::attribution::{Attributed, Case, CaseAct, CaseEvent, Decided, Label, Source, day_start, read_day};
use jieti_domain::id::CaseId;
use jieti_domain::knowledge::Cause;
use jieti_domain::statistics::{Daily, Level, Share, wilson};
use jieti_domain::ticket::Actor;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_engine::{CaseBrief, CaseView, ProblemView, ProposalView};
use serde::Deserialize;

/// Who reads the board, and who corrects, decides and works on cases.
const READERS: &[&str] = &["supervisor", "inspector", "knowledge_editor", "owner"];
const WORKERS: &[&str] = &["supervisor", "owner"];
/// Days over which a board may be counted.
const MOST_DAYS: u16 = 90;

type Body<T> = Result<Json<T>, JsonRejection>;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BoardQuery {
    /// The last day counted, such as `2026-11-22`; today where it is left out.
    #[serde(default)]
    until: Option<String>,
    /// 1–90 days counted; 7 is a week, and 28 where it is left out.
    #[serde(default)]
    days: Option<u16>,
}

impl BoardQuery {
    fn span(&self, now: Timestamp) -> Result<(Timestamp, u16), ApiError> {
        let days = self.days.unwrap_or(28);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(ApiError::bad_request("days.wrong", format!("days is {days}; choose 1 to {MOST_DAYS}")));
        }
        let Some(text) = &self.until else { return Ok((now, days)) };
        let wrong = || ApiError::bad_request("until.wrong", format!("until {text:?} is not a date; write it as 2026-11-22"));
        let day = read_day(text).ok_or_else(wrong)?;
        // The end of that day, or now on the present one.
        Ok((Timestamp(day_start(day + 1).0 - 1).min(now), days))
    }
}

/// The problem board as of today, or of any day.
#[utoipa::path(get, path = "/api/staff/problems", tag = "problems", params(BoardQuery),
    responses((status = 200, body = ProblemList), (status = 400, body = ErrorBody)))]
pub async fn problems(
    State(app): State<App>,
    staff: SignedStaff,
    query: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<Json<ProblemList>, ApiError> {
    staff.must_be(READERS)?;
    let Query(query) = query?;
    let (until, days) = query.span(app.engine.now())?;
    let board = app.engine.problem_board(until, days).await?;
    let brain = app.engine.brain();
    let (rules, tickets) = (&brain.rules.service.attribution, &brain.rules.service.tickets);
    let title = |d: &jieti_domain::ticket::Department| TitleView { zh_cn: d.title.zh_cn.clone(), en: d.title.en.clone() };
    Ok(Json(ProblemList {
        until: board.until.0,
        days: board.days,
        problems: board.problems.iter().cloned().map(problem_row).collect(),
        accuracy: AccuracyView {
            people: accuracy(board.accuracy.people),
            rules_alone: accuracy(board.accuracy.rules_alone),
            rules: accuracy(board.accuracy.rules),
        },
        costs: rules.costs.clone(),
        departments: tickets.departments.iter().map(|d| DepartmentView { id: d.id.clone(), title: title(d) }).collect(),
        areas: rules.areas.keys().map(|area| rules.area(area)).collect(),
    }))
}

/// The board as CSV, in the reader's language.
#[utoipa::path(get, path = "/api/staff/problems/export", tag = "problems", params(BoardQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, body = ErrorBody)))]
pub async fn export(
    State(app): State<App>,
    staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    query: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    staff.must_be(READERS)?;
    let Query(query) = query?;
    let (until, days) = query.span(app.engine.now())?;
    let board = app.engine.problem_board(until, days).await?;
    // Spreadsheets take the mark for UTF-8.
    let mut csv = String::from('\u{feff}');
    csv += match lang {
        Lang::ZhCn => "问题,归因,负责部门,客户,咨询,工单,投诉,断点,成本（元）,涉及金额（元）,近七日倍数,突增,常见用词,版本\n",
        Lang::En => {
            "problem,cause,owner,customers,contacts,tickets,complaints,break points,cost (yuan),at stake (yuan),last week by before,sudden,words,versions\n"
        }
    };
    for view in &board.problems {
        let p = &view.problem;
        let cells = [
            view.title.get(lang).to_owned(),
            crate::views::word(&p.kind),
            p.owner.clone(),
            p.customers.to_string(),
            p.contacts.to_string(),
            p.tickets.to_string(),
            p.complaints.to_string(),
            p.break_points.to_string(),
            p.cost.to_string().replace(',', ""),
            p.at_stake.to_string().replace(',', ""),
            p.growth.map(|g| format!("{:.2}", g.ratio.value)).unwrap_or_default(),
            p.growth.map(|g| u8::from(g.is_sudden).to_string()).unwrap_or_default(),
            p.words.join(" "),
            p.versions.iter().map(|(v, n)| format!("{v}×{n}")).collect::<Vec<_>>().join(" "),
        ];
        csv += &cells.map(|cell| csv_cell(&cell)).join(",");
        csv.push('\n');
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"problems.csv\""),
    ];
    Ok((headers, csv))
}

/// A cell that no spreadsheet takes for a formula.
fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// One problem: what it is made of with reasons, and what it proposes.
#[utoipa::path(get, path = "/api/staff/problems/{id}", tag = "problems", params(("id" = String, Path), BoardQuery),
    responses((status = 200, body = ProblemDetail), (status = 404, body = ErrorBody)))]
pub async fn problem(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    query: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<Json<ProblemDetail>, ApiError> {
    staff.must_be(READERS)?;
    let Query(query) = query?;
    let (until, days) = query.span(app.engine.now())?;
    let (view, parts) = app.engine.problem(&id, until, days).await?;
    // A problem of an earlier week may be gone today: then it proposes nothing.
    let proposals = match app.engine.proposals(&id).await {
        Ok(proposals) => proposals,
        Err(jieti_engine::CauseError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Json(ProblemDetail {
        problem: problem_row(view),
        troubles: parts.iter().map(|row| trouble_view(&app, row)).collect(),
        proposals: proposals.into_iter().map(proposal_row).collect(),
    }))
}

/// Puts one contact, ticket or break point down to another cause; later ones like it follow.
#[utoipa::path(post, path = "/api/staff/causes", tag = "problems", request_body = CorrectCause,
    responses((status = 200, body = TroubleView), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn correct(
    State(app): State<App>,
    staff: SignedStaff,
    body: Body<CorrectCause>,
) -> Result<Json<TroubleView>, ApiError> {
    staff.must_be(WORKERS)?;
    let Json(CorrectCause { id, kind, area, owner }) = body?;
    let label = Label { cause: Cause { kind, area: area.trim().to_owned() }, owner };
    let row = app.engine.correct_cause(&id, label, &staff_ref(&staff.0)).await?;
    Ok(Json(trouble_view(&app, &row)))
}

/// Accepts or declines a proposal; what is accepted is in force at once.
#[utoipa::path(post, path = "/api/staff/problems/{id}/proposals", tag = "problems", params(("id" = String, Path)),
    request_body = DecideProposal,
    responses((status = 200, body = Proposals), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn decide_proposal(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<DecideProposal>,
) -> Result<Json<Proposals>, ApiError> {
    staff.must_be(WORKERS)?;
    let Json(body) = body?;
    let made = app.engine.decide_proposal(&id, &body.id, body.accept, body.content, &staff_ref(&staff.0)).await?;
    Ok(Json(Proposals { proposals: made.into_iter().map(proposal_row).collect() }))
}

/// Makes a problem a case of a department.
#[utoipa::path(post, path = "/api/staff/problems/{id}/case", tag = "problems", params(("id" = String, Path)),
    request_body = OpenCase,
    responses((status = 200, body = CaseDetail), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn open_case(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<OpenCase>,
) -> Result<Json<CaseDetail>, ApiError> {
    staff.must_be(WORKERS)?;
    let Json(OpenCase { client_id, owner, deadline_days, less_percent }) = body?;
    check_client_id(&client_id)?;
    let brief = CaseBrief { owner, deadline_days, less_percent };
    Ok(Json(case_detail(app.engine.open_case(&id, &brief, &staff_ref(&staff.0), &client_id).await?)))
}

/// Cases of every department, those that are not over first.
#[utoipa::path(get, path = "/api/staff/cases", tag = "problems", responses((status = 200, body = Cases)))]
pub async fn cases(State(app): State<App>, staff: SignedStaff) -> Result<Json<Cases>, ApiError> {
    staff.must_be(READERS)?;
    Ok(Json(Cases { cases: app.engine.cases().await?.iter().map(case_row).collect() }))
}

/// One case with its course and effect.
#[utoipa::path(get, path = "/api/staff/cases/{id}", tag = "problems", params(("id" = String, Path)),
    responses((status = 200, body = CaseDetail), (status = 404, body = ErrorBody)))]
pub async fn case(State(app): State<App>, staff: SignedStaff, Id(id): Id) -> Result<Json<CaseDetail>, ApiError> {
    staff.must_be(READERS)?;
    Ok(Json(case_detail(app.engine.case(&CaseId::new(id)).await?)))
}

/// Does one act on a case.
#[utoipa::path(post, path = "/api/staff/cases/{id}/acts", tag = "problems", params(("id" = String, Path)),
    request_body = ActOnCase,
    responses((status = 200, body = CaseDetail), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub async fn act_on_case(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<ActOnCase>,
) -> Result<Json<CaseDetail>, ApiError> {
    staff.must_be(WORKERS)?;
    let Json(ActOnCase { client_id, seq, act }) = body?;
    check_client_id(&client_id)?;
    let by = staff_ref(&staff.0);
    let act = match act {
        CaseActBody::Accept => CaseAct::Accept { staff: by.id.clone(), name: by.name.clone() },
        CaseActBody::Fixing { text } => CaseAct::Fix { text },
        CaseActBody::Fixed { text, live_at } => {
            CaseAct::Fixed { text, live_at: live_at.map_or_else(|| app.engine.now(), Timestamp) }
        }
        CaseActBody::Reopen { text } => CaseAct::Reopen { text },
        CaseActBody::Decline { text } => CaseAct::Decline { text },
        CaseActBody::Note { text } => CaseAct::Note { text },
    };
    Ok(Json(case_detail(app.engine.act_on_case(&CaseId::new(id), &act, &by, &client_id, seq).await?)))
}

fn accuracy(share: Share) -> AccuracyShare {
    AccuracyShare { hits: share.hits, trials: share.trials, share: wilson(share, Level::P95) }
}

fn days(course: &[Daily]) -> Vec<DayCount> {
    course.iter().map(|d| DayCount { day: d.day, count: d.count }).collect()
}

fn words(counts: Vec<(String, u64)>) -> Vec<WordCount> {
    counts.into_iter().map(|(word, count)| WordCount { word, count }).collect()
}

fn problem_row(view: ProblemView) -> ProblemRow {
    let p = view.problem;
    ProblemRow {
        id: p.id,
        title: view.title,
        area: view.area,
        kind: p.kind,
        owner: p.owner,
        place: p.key.place,
        what: p.key.what,
        customers: p.customers,
        contacts: p.contacts,
        tickets: p.tickets,
        complaints: p.complaints,
        break_points: p.break_points,
        cost_fen: p.cost.0,
        at_stake_fen: p.at_stake.0,
        course: days(&p.course),
        growth: p.growth.map(|g| GrowthView {
            ratio: g.ratio,
            false_discovery: g.false_discovery,
            sudden: g.is_sudden,
            since: g.since,
        }),
        words: p.words,
        questions: view.questions.into_iter().map(|(title, count)| NamedCount { title, count }).collect(),
        journeys: words(p.journeys),
        versions: words(p.versions),
        platforms: words(p.platforms),
    }
}

fn trouble_view(app: &App, row: &Attributed) -> TroubleView {
    let (trouble, attribution) = (&row.trouble, &row.attribution);
    let brain = app.engine.brain();
    TroubleView {
        id: trouble.id.clone(),
        source: trouble.source,
        of: match trouble.source {
            Source::Contact | Source::Ticket => trouble.id.split_once(':').map(|(_, of)| of.to_owned()),
            Source::BreakPoint => None,
        },
        at: trouble.at.0,
        words: trouble.words.clone(),
        kind: attribution.label.cause.kind,
        area: brain.rules.service.attribution.area(&attribution.label.cause.area),
        owner: attribution.label.owner.clone(),
        place: trouble.place(),
        code: trouble.code.as_ref().map(ToString::to_string),
        version: trouble.version.as_ref().map(ToString::to_string),
        confidence: attribution.confidence,
        decided: match attribution.decided {
            Decided::Rule { .. } => "rule",
            Decided::Entry => "entry",
            Decided::Model => "model",
            Decided::Person { .. } => "person",
            Decided::Nobody => "nobody",
        }
        .to_owned(),
        reasons: attribution.reasons.clone(),
    }
}

fn proposal_row(view: ProposalView) -> ProposalRow {
    ProposalRow {
        id: view.proposal.id,
        content: view.decision.as_ref().filter(|d| d.accepted).map_or(view.proposal.content, |d| d.content.clone()),
        why: view.proposal.why,
        decision: view.decision.map(|d| DecisionView { accepted: d.accepted, by: d.by, at: d.at.0 }),
    }
}

fn case_row(case: &Case) -> CaseRow {
    CaseRow {
        id: case.opening.id.0.clone(),
        problem: case.opening.problem.clone(),
        title: case.opening.title.clone(),
        owner: case.opening.owner.clone(),
        assignee: case.assignee.as_ref().map(|(_, name)| name.clone()),
        state: case.state.code().to_owned(),
        seq: case.seq,
        opened_at: case.opened_at.0,
        deadline: case.opening.deadline.0,
        live_at: case.live_at.map(|t| t.0),
        check_at: case.check_at().map(|t| t.0),
        target: case.opening.target,
        measured: case.measured.clone(),
    }
}

fn case_detail(view: CaseView) -> CaseDetail {
    let evidence = &view.case.opening.evidence;
    CaseDetail {
        case: case_row(&view.case),
        evidence: EvidenceView {
            customers: evidence.customers,
            contacts: evidence.contacts,
            tickets: evidence.tickets,
            complaints: evidence.complaints,
            break_points: evidence.break_points,
            cost_fen: evidence.cost.0,
            at_stake_fen: evidence.at_stake.0,
            words: evidence.words.clone(),
            versions: words(evidence.versions.clone()),
        },
        events: view
            .events
            .iter()
            .map(|stored| {
                let (kind, text, live_at) = event_words(&stored.event);
                let by = match &stored.by {
                    Actor::Staff { name, .. } => Some(name.clone()),
                    Actor::Customer | Actor::System => None,
                };
                CaseEventView { seq: stored.seq, at: stored.at.0, by, kind: kind.to_owned(), text, live_at: live_at.map(|t| t.0) }
            })
            .collect(),
        course: days(&view.course),
        words: view.words,
        so_far: view.so_far,
    }
}

fn event_words(event: &CaseEvent) -> (&'static str, String, Option<Timestamp>) {
    match event {
        CaseEvent::Opened { .. } => ("opened", String::new(), None),
        CaseEvent::Accepted { name, .. } => ("accepted", name.clone(), None),
        CaseEvent::Fixing { text } => ("fixing", text.clone(), None),
        CaseEvent::Fixed { text, live_at } => ("fixed", text.clone(), Some(*live_at)),
        CaseEvent::Proved { .. } => ("proved", String::new(), None),
        CaseEvent::Reopened { text, .. } => ("reopened", text.clone(), None),
        CaseEvent::Declined { text } => ("declined", text.clone(), None),
        CaseEvent::Noted { text } => ("noted", text.clone(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula_or_breaks_its_row() {
        for (text, want) in [
            ("身份证上传", "身份证上传"),
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("-3.5", "-3.5"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
        ] {
            assert_eq!(csv_cell(text), want);
        }
    }

    #[test]
    fn a_board_ends_with_its_day_and_never_after_now() {
        let now = Timestamp(1_795_300_000_000);
        let span = |until: Option<&str>, days| BoardQuery { until: until.map(str::to_owned), days }.span(now);
        assert_eq!(span(None, None).expect("today"), (now, 28));
        let (until, days) = span(Some("2026-11-15"), Some(7)).expect("a date");
        assert_eq!((until.china_date().to_string().as_str(), days), ("2026-11-15", 7));
        assert_eq!(until.plus_secs(1).china_date().to_string(), "2026-11-16");
        assert_eq!(span(Some("2099-01-01"), None).expect("a date").0, now);
        assert!(span(Some("yesterday"), None).is_err() && span(None, Some(0)).is_err() && span(None, Some(91)).is_err());
    }
}
