//! `/api/knowledge`, the part that keeps it good: the gate, test questions, conflicts, the inbox of gaps, lessons and models.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{
    ConflictAct, ConflictRow, Conflicts, Drafted, GapCount, GapView, GateBody, GateLineView, GateView, GuessView, Inbox,
    InboxAct, InboxGroupView, LessonView, Lessons, ModelActView, ModelBody, ModelOrder, ModelPage, ModelRowView,
    NewTestQuestions, PublicationView, Publications, ReadingDayView, ReviewBody, ReviewDecision, ShadowView, TestQuestionView,
    TestQuestions, TestResultView,
};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use jieti_domain::conversation::NeedSeen;
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::bare;
use jieti_domain::understanding::Lang;
use jieti_engine::{GateLine, GateReport, TestResult};
use jieti_store::{Review, TestQuestion};

type Body<T> = Result<Json<T>, JsonRejection>;

const EDITORS: &[&str] = &["knowledge_editor", "owner"];
/// Test questions that one call may bring.
const MOST_QUESTIONS: usize = 5000;
/// Lessons on one screen.
const LESSONS: u64 = 200;
const PUBLICATIONS: u64 = 100;

pub fn gate_view(report: GateReport) -> GateView {
    let line = |l: GateLine| GateLineView {
        text: l.text,
        lang: l.lang,
        expect: l.expect.map(|n| n.0),
        before: l.before.map(|n| n.0),
        after: l.after.map(|n| n.0),
    };
    GateView {
        tested: report.tested,
        right_before: report.right_before,
        right_after: report.right_after,
        blocked: report.is_blocked(),
        broken: report.broken.into_iter().map(line).collect(),
        mended: report.mended.into_iter().map(line).collect(),
    }
}

/// Tests drafts before they are published: every question of every entry, held out, and the lender's test questions.
#[utoipa::path(post, path = "/api/knowledge/gate", tag = "knowledge", request_body = GateBody,
    responses((status = 200, body = GateView), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn gate(State(app): State<App>, _staff: SignedStaff, body: Body<GateBody>) -> Result<Json<GateView>, ApiError> {
    let Json(body) = body?;
    let ids: Vec<NeedId> = body.ids.into_iter().map(NeedId::new).collect();
    Ok(Json(gate_view(app.engine.gate(&ids).await?)))
}

/// The lender's test questions.
#[utoipa::path(get, path = "/api/knowledge/test-questions", tag = "knowledge", responses((status = 200, body = TestQuestions)))]
pub async fn test_questions(State(app): State<App>, _staff: SignedStaff) -> Result<Json<TestQuestions>, ApiError> {
    let view = |q: TestQuestion| TestQuestionView {
        id: q.id,
        text: q.text,
        lang: q.lang,
        expect: q.expect.map(|n| n.0),
        by: q.author,
        at: q.at.0,
    };
    let questions = app.engine.store().test_questions().await?.into_iter().map(view).collect();
    Ok(Json(TestQuestions { questions }))
}

/// Adds test questions; one that is there already gets the new expectation.
#[utoipa::path(post, path = "/api/knowledge/test-questions", tag = "knowledge", request_body = NewTestQuestions,
    responses((status = 200, body = TestQuestions), (status = 413, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn add_test_questions(
    State(app): State<App>,
    staff: SignedStaff,
    body: Body<NewTestQuestions>,
) -> Result<Json<TestQuestions>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(body) = body?;
    if body.lines.len() > MOST_QUESTIONS {
        let message = format!("{} questions are more than {MOST_QUESTIONS}; bring them in parts", body.lines.len());
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "test_questions.too_many", message));
    }
    let brain = app.engine.brain();
    let unknown = body.lines.iter().find(|l| {
        bare(&l.text).is_empty() || l.expect.as_deref().is_some_and(|id| brain.rules.knowledge.get(&id.into()).is_none())
    });
    if let Some(line) = unknown {
        let message = format!("question {:?} is empty or expects an entry that is not published; correct it", line.text);
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "test_questions.unknown", message));
    }
    for line in body.lines {
        let lang = match line.lang {
            Lang::ZhCn => "zh",
            Lang::En => "en",
        };
        let question = TestQuestion {
            id: format!("{lang}.{}", bare(&line.text)),
            text: line.text.trim().to_owned(),
            lang: line.lang,
            expect: line.expect.map(NeedId::new),
            author: staff.0.name.clone(),
            at: app.engine.now(),
        };
        app.engine.store().save_test_question(&question).await?;
    }
    test_questions(State(app), staff).await
}

/// Takes a test question away.
#[utoipa::path(delete, path = "/api/knowledge/test-questions/{id}", tag = "knowledge", params(("id" = String, Path)), responses((status = 204)))]
pub async fn drop_test_question(State(app): State<App>, staff: SignedStaff, Id(id): Id) -> Result<StatusCode, ApiError> {
    staff.must_be(EDITORS)?;
    app.engine.store().drop_test_question(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was published, by whom, and what its test said; the latest first.
#[utoipa::path(get, path = "/api/knowledge/publications", tag = "knowledge", responses((status = 200, body = Publications)))]
pub async fn publications(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Publications>, ApiError> {
    let rows = app.engine.store().publications(PUBLICATIONS).await?;
    let publications = rows
        .into_iter()
        .map(|row| PublicationView {
            at: row.at.0,
            by: row.author,
            needs: row.needs.into_iter().map(|n| n.0).collect(),
            tested: row.tested,
            broken: row.broken,
            mended: row.mended,
            reason: row.reason,
        })
        .collect();
    Ok(Json(Publications { publications }))
}

/// Contradictions and repetitions, drafts included.
#[utoipa::path(get, path = "/api/knowledge/conflicts", tag = "knowledge", responses((status = 200, body = Conflicts)))]
pub async fn conflicts(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Conflicts>, ApiError> {
    let found = app.engine.conflicts().await?;
    let conflicts = found.into_iter().map(|c| ConflictRow { conflict: c.conflict, mends: c.mends }).collect();
    Ok(Json(Conflicts { conflicts }))
}

/// Mends a conflict, as drafts, or leaves it as it is.
#[utoipa::path(post, path = "/api/knowledge/conflicts/{id}", tag = "knowledge", params(("id" = String, Path)), request_body = ConflictAct,
    responses((status = 200, body = Drafted), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn act_on_conflict(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<ConflictAct>,
) -> Result<Json<Drafted>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(act) = body?;
    let changed = match act {
        ConflictAct::Mend { mend } => app.engine.mend_conflict(&id, mend, &staff.0.name).await?,
        ConflictAct::Leave => {
            app.engine.leave_conflict(&id, &staff.0.name).await?;
            Vec::new()
        }
    };
    Ok(Json(Drafted { ids: changed.into_iter().map(|n| n.0).collect() }))
}

/// What nobody had an answer for, grouped by meaning, the largest group first.
#[utoipa::path(get, path = "/api/knowledge/inbox", tag = "knowledge", responses((status = 200, body = Inbox)))]
pub async fn inbox(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Inbox>, ApiError> {
    let brain = app.engine.brain();
    let groups = app
        .engine
        .inbox()
        .await?
        .into_iter()
        .map(|g| InboxGroupView {
            title: g.proposal.need.as_ref().map(|need| brain.rules.title(need, g.lang)),
            id: g.id,
            lang: g.lang,
            messages: g.messages,
            first_at: g.first_at.0,
            last_at: g.last_at.0,
            words: g.words,
            why: g.why.into_iter().map(|(why, messages)| GapCount { why, messages }).collect(),
            shown: g
                .shown
                .into_iter()
                .map(|(conversation, text, answer)| GapView { conversation: conversation.0, text, answer })
                .collect(),
            proposal: g.proposal,
        })
        .collect();
    Ok(Json(Inbox { groups }))
}

/// Accepts a group's proposal as a draft, or puts the group away.
#[utoipa::path(post, path = "/api/knowledge/inbox/{id}", tag = "knowledge", params(("id" = String, Path)), request_body = InboxAct,
    responses((status = 200, body = Drafted), (status = 404, body = ErrorBody)))]
pub async fn act_on_group(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<InboxAct>,
) -> Result<Json<Drafted>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(act) = body?;
    let ids = match act {
        InboxAct::Accept { need } => {
            vec![app.engine.accept_group(&id, need.map(NeedId::new), &staff.0.name).await?.0]
        }
        InboxAct::Dismiss => {
            app.engine.dismiss_group(&id, &staff.0.name).await?;
            Vec::new()
        }
    };
    Ok(Json(Drafted { ids }))
}

/// Pairs of message and need to be reviewed, the oldest first.
#[utoipa::path(get, path = "/api/knowledge/lessons", tag = "knowledge", responses((status = 200, body = Lessons)))]
pub async fn lessons(State(app): State<App>, _staff: SignedStaff) -> Result<Json<Lessons>, ApiError> {
    let brain = app.engine.brain();
    let rows = app.engine.store().lessons_to_review(LESSONS).await?;
    let (waiting, accepted, refused) = app.engine.store().count_lessons().await?;
    let lessons = rows
        .into_iter()
        .map(|row| LessonView {
            id: row.id,
            conversation: row.conversation.0,
            at: row.lesson.at.0,
            lang: row.lesson.lang,
            title: brain.rules.title(&row.lesson.need, row.lesson.lang),
            text: row.lesson.text,
            need: row.lesson.need.0,
            verdict: row.lesson.verdict,
            source: row.lesson.source,
            answer: row.lesson.answer,
        })
        .collect();
    Ok(Json(Lessons { lessons, waiting, accepted, refused }))
}

/// Accepts a lesson, for this need or another, or refuses it. A later decision replaces an earlier one.
#[utoipa::path(post, path = "/api/knowledge/lessons/{id}", tag = "knowledge", params(("id" = String, Path)), request_body = ReviewBody,
    responses((status = 204), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub async fn review_lesson(
    State(app): State<App>,
    staff: SignedStaff,
    Id(id): Id,
    body: Body<ReviewBody>,
) -> Result<StatusCode, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(body) = body?;
    let accepted = match body.decision {
        ReviewDecision::Accept => true,
        ReviewDecision::Refuse => false,
    };
    let (need, author, at) = (NeedId::new(body.need), staff.0.name.clone(), app.engine.now());
    app.engine.review_lesson(&id, Review { accepted, need, author, at }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Models, their tests and their story; what the one in the shadow reads otherwise; whether messages are read less surely than before.
#[utoipa::path(get, path = "/api/knowledge/model", tag = "knowledge", responses((status = 200, body = ModelPage)))]
pub async fn model(State(app): State<App>, _staff: SignedStaff) -> Result<Json<ModelPage>, ApiError> {
    let state = app.engine.model_state().await?;
    let brain = app.engine.brain();
    let guess = |seen: NeedSeen| GuessView {
        title: brain.rules.title(&seen.need, Lang::ZhCn),
        id: seen.need.0,
        confidence: seen.confidence,
    };
    Ok(Json(ModelPage {
        live: state.live,
        shadow: state.shadow,
        previous: state.previous,
        training: state.training,
        models: state
            .models
            .into_iter()
            .map(|m| ModelRowView { version: m.version, at: m.at.0, by: m.author, lines: m.lines, test: test_view(m.test) })
            .collect(),
        acts: state
            .acts
            .into_iter()
            .map(|a| ModelActView { at: a.at.0, version: a.version, act: a.act, by: a.author, note: a.note })
            .collect(),
        shadowed: state.shadowed.0,
        differing: state.shadowed.1,
        differences: state
            .differences
            .into_iter()
            .map(|d| ShadowView {
                conversation: d.conversation.0,
                at: d.at.0,
                text: d.text,
                live: d.live.map(&guess),
                shadow: d.shadow.map(&guess),
            })
            .collect(),
        waiting: state.lessons.0,
        accepted: state.lessons.1,
        refused: state.lessons.2,
        days: state.days.into_iter().map(|d| ReadingDayView { day: d.day, messages: d.messages, unsure: d.unsure }).collect(),
        drift: state.drift,
    }))
}

fn test_view(test: TestResult) -> TestResultView {
    TestResultView {
        questions: test.questions,
        live_right: test.live_right,
        right: test.right,
        paired: test.paired,
        left_out: test.left_out,
    }
}

/// Trains a next model, promotes the one in the shadow, or goes back.
#[utoipa::path(post, path = "/api/knowledge/model", tag = "knowledge", request_body = ModelBody,
    responses((status = 200, body = ModelPage), (status = 409, body = ErrorBody)))]
pub async fn order_model(State(app): State<App>, staff: SignedStaff, body: Body<ModelBody>) -> Result<Json<ModelPage>, ApiError> {
    staff.must_be(EDITORS)?;
    let Json(body) = body?;
    let author = &staff.0.name;
    match body.order {
        ModelOrder::Train => app.engine.train_next(author).await?,
        ModelOrder::Promote => {
            app.engine.promote(author).await?;
        }
        ModelOrder::RollBack => {
            app.engine.roll_back_model(author).await?;
        }
    }
    model(State(app), staff).await
}
