//! What helps an agent: suggested answers with their sources, coaching, what to do next, canned replies, the lender's facts.

use crate::App;
use crate::auth::{ReadsIn, SignedStaff};
use crate::dto::{AssistView, FactsView, ProcedureView, Replies, ReplyView, Source, Suggestion};
use crate::error::{ApiError, ErrorBody};
use crate::path::Id;
use crate::staff::find;
use axum::Json;
use axum::extract::State;
use jieti_domain::conversation::{Conversation, TurnFrom, assist as domain_assist, summary};
use jieti_domain::flow::render_fact;
use jieti_domain::id::RequestId;
use jieti_domain::lender::{Fact, Facts, LenderRequest, Operation};
use jieti_domain::message::{Card, CardRow, Tone};
use jieti_domain::understanding::{Lang, Signal};
use jieti_engine::new_id;

/// Least confidence of an answer that is suggested to an agent; people see that it is a guess.
const SUGGESTED_FROM: f32 = 0.10;
/// Turns looked back on for something to answer: people ask, and then ask for a person.
const SUGGEST_BACK: usize = 3;

async fn suggest(app: &App, conversation: &Conversation, reads_in: Lang) -> Vec<Suggestion> {
    for turn in conversation.turns.iter().rev().filter(|t| t.from == TurnFrom::Customer).take(SUGGEST_BACK) {
        let found = answers_to(app, &turn.text, conversation, reads_in).await;
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Answers to one sentence; none to "转人工", since whoever reads them is that person.
async fn answers_to(app: &App, text: &str, conversation: &Conversation, reads_in: Lang) -> Vec<Suggestion> {
    let (lang, customer) = (conversation.lang, conversation.situation(app.engine.now()));
    let tried = app.engine.try_out(text, lang).await;
    if tried.understanding.has(Signal::WantsHuman) {
        return Vec::new();
    }
    let brain = app.engine.brain();
    let guesses = tried.guesses.into_iter().filter(|g| g.confidence >= SUGGESTED_FROM).take(3);
    guesses
        .filter_map(|guess| {
            let message = brain.rules.knowledge.get(&guess.need)?.message(lang, &customer)?;
            let source = Source { title: brain.rules.title(&guess.need, reads_in), need: guess.need.0 };
            Some(Suggestion { source, message, confidence: guess.confidence })
        })
        .collect()
}

pub async fn view(app: &App, conversation: &Conversation, reads_in: Lang) -> AssistView {
    let brain = app.engine.brain();
    let helped = domain_assist(conversation, &brain.rules, reads_in, app.engine.now());
    AssistView {
        summary: summary(conversation, &brain.rules, reads_in),
        suggestions: suggest(app, conversation, reads_in).await,
        hints: helped.hints,
        next: helped.next,
        procedures: procedures(app, conversation),
    }
}

fn procedures(app: &App, conversation: &Conversation) -> Vec<ProcedureView> {
    let need = conversation.asks.as_ref().or(conversation.needs.last());
    let found = need.map(|need| app.engine.procedures(need)).unwrap_or_default();
    found.into_iter().map(|(title, steps)| ProcedureView { title, steps }).collect()
}

/// Everything that helps now; asked for again whenever the customer has written.
#[utoipa::path(get, path = "/api/staff/conversations/{id}/assist", tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = AssistView), (status = 404, body = ErrorBody)))]
pub async fn assist(
    State(app): State<App>,
    _staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    Id(id): Id,
) -> Result<Json<AssistView>, ApiError> {
    let (_, conversation) = find(&app, &id).await?;
    Ok(Json(view(&app, &conversation, lang).await))
}

/// Canned replies of the pack.
#[utoipa::path(get, path = "/api/staff/replies", tag = "staff", responses((status = 200, body = Replies)))]
pub async fn replies(State(app): State<App>, _staff: SignedStaff) -> Json<Replies> {
    let brain = app.engine.brain();
    let replies = brain.rules.service.replies.iter();
    let replies = replies.map(|r| ReplyView { id: r.id.clone(), title: r.title.clone(), text: r.text.clone() }).collect();
    Json(Replies { replies })
}

/// The lender's facts about the customer.
#[utoipa::path(get, path = "/api/staff/conversations/{id}/facts", tag = "staff", params(("id" = String, Path)),
    responses((status = 200, body = FactsView), (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub async fn facts(
    State(app): State<App>,
    _staff: SignedStaff,
    ReadsIn(lang): ReadsIn,
    Id(id): Id,
) -> Result<Json<FactsView>, ApiError> {
    let (_, conversation) = find(&app, &id).await?;
    if !conversation.customer.signed_in {
        let message = "the customer has not signed in, so the lender's facts are not known";
        return Err(ApiError::not_found("customer.anonymous", message));
    }
    let ask = |operation| LenderRequest {
        id: RequestId::new(new_id("rq")),
        customer: conversation.customer.id.clone(),
        operation,
        arguments: Facts::new(),
        lang,
    };
    let (profile, loans) = (ask(Operation::Profile), ask(Operation::Loans));
    let (profile, loans) = tokio::join!(app.engine.lender().ask(&profile), app.engine.lender().ask(&loans));
    let loans = match loans?.remove("loans") {
        Some(Fact::List(loans)) => loans,
        Some(_) | None => Vec::new(),
    };
    Ok(Json(FactsView { profile: rows(&profile?, lang), loans: loans.iter().filter_map(|l| loan_card(l, lang)).collect() }))
}

/// Facts as rows, named by the lender's own field names; the console translates those it knows.
fn rows(facts: &Facts, lang: Lang) -> Vec<CardRow> {
    facts.iter().map(|(name, fact)| CardRow { label: name.clone(), value: render_fact(fact, lang) }).collect()
}

fn loan_card(fact: &Fact, lang: Lang) -> Option<Card> {
    let Fact::Record(loan) = fact else { return None };
    let text = |name: &str| loan.get(name).map(|f| render_fact(f, lang)).unwrap_or_default();
    let tone = match text("status").as_str() {
        "overdue" => Tone::Warning,
        "settled" => Tone::Good,
        _ => Tone::Plain,
    };
    Some(Card { title: format!("{} {}", text("product"), text("id")), tone, rows: rows(loan, lang), total: None })
}
