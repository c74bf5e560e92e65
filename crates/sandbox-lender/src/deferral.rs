//! Moving the next due date: a quote, and taking it up. A loan may defer twice, up to 15 days each, and never while it is
//! overdue; the fee rule is in `schedule`. Also the change of the repayment day, which moves every later term.

use crate::book::{self, Term};
use crate::error::{Failure, conflict, invalid};
use crate::http::{Lender, Order};
use crate::schedule::{days_between, deferral_fee_fen, due_date};
use crate::settlement::{Quote, QuoteKind, refuse_overdue, save_quote, take_quote};
use crate::store::Desk;
use crate::transfers;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MAX_DAYS: i64 = 15;
const MAX_DEFERRALS: i64 = 2;
const MAX_REASON_CHARS: usize = 200;
/// The repayment day can be changed once in this many days.
const DAY_CHANGE_EVERY_DAYS: i64 = 180;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteOrder {
    /// 1 to 15.
    days: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct DeferralQuote {
    quote: String,
    loan: String,
    days: i64,
    fee_fen: i64,
    old_due_date: Date,
    new_due_date: Date,
    /// What the term will cost, fee included.
    total_fen: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeferralOrder {
    quote: String,
    /// Why the customer needs it, in their own words.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Deferral {
    deferral: String,
    state: DeferralState,
    new_due_date: Date,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeferralState {
    Approved,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DayOrder {
    /// 1 to 28, so that every month has it.
    day: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct DayChange {
    loan: String,
    old_day: i64,
    new_day: i64,
    next_due_date: Date,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(quote_deferral)).routes(routes!(defer)).routes(routes!(change_day))
}

/// What moving the next due date would cost
///
/// Changes nothing but to remember the quote.
#[utoipa::path(post, path = "/v1/customers/{customer}/loans/{loan}/deferral-quotes", tag = "deferral", request_body = QuoteOrder, params(("customer" = String, Path), ("loan" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = DeferralQuote)))]
async fn quote_deferral(
    State(lender): State<Lender>,
    Path((customer, loan)): Path<(String, String)>,
    order: Order<QuoteOrder>,
) -> Result<Response, Failure> {
    let quote = move |desk: &Desk, QuoteOrder { days }: QuoteOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let loan = book::active_loan(desk, &customer.id, &loan)?;
        transfers::refuse_while_moving(desk, &loan.id)?;
        let terms = book::terms(desk, &loan.id)?;
        refuse_overdue(&terms, desk.today, "deferral.overdue")?;
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(invalid(
                "deferral.days_out_of_range",
                format!("延期天数请选择1至{MAX_DAYS}天"),
                format!("choose 1 to {MAX_DAYS} days"),
            ));
        }
        if terms.iter().map(|term| term.deferrals).sum::<i64>() >= MAX_DEFERRALS {
            return Err(conflict(
                "deferral.used_up",
                format!("每笔借款最多可延期{MAX_DEFERRALS}次，已用完"),
                format!("a loan can be deferred {MAX_DEFERRALS} times, and this one has been"),
            ));
        }
        let term = next_term(&terms)?;
        let new_due_date = term.due_date.saturating_add(days.days());
        if terms.iter().any(|later| later.number > term.number && later.due_date <= new_due_date) {
            return Err(invalid(
                "deferral.reaches_next_term",
                "延期后的日期不能晚于下一期还款日，请减少天数",
                "the new date would pass the following term's due date; choose fewer days",
            ));
        }
        let owed_fen = term.owed(loan.rate_bp, desk.today).total_fen();
        let fee_fen = deferral_fee_fen(owed_fen, days);
        let id = desk.next_id("q")?;
        let quote = Quote {
            id,
            loan: loan.id,
            kind: QuoteKind::Deferral,
            on_date: new_due_date,
            days,
            principal_fen: 0,
            interest_fen: 0,
            fee_fen,
            loan_version: loan.version,
        };
        save_quote(desk, &customer.id, &quote)?;
        Ok(DeferralQuote {
            quote: quote.id,
            loan: quote.loan,
            days,
            fee_fen,
            old_due_date: term.due_date,
            new_due_date,
            total_fen: owed_fen + fee_fen,
        })
    };
    lender.change(order, quote).await
}

/// Move the next due date, as quoted
#[utoipa::path(post, path = "/v1/customers/{customer}/deferrals", tag = "deferral", request_body = DeferralOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Deferral)))]
async fn defer(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<DeferralOrder>,
) -> Result<Response, Failure> {
    let defer = move |desk: &Desk, DeferralOrder { quote, reason }: DeferralOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        if reason.trim().is_empty() || reason.chars().count() > MAX_REASON_CHARS {
            return Err(invalid(
                "deferral.reason_invalid",
                format!("请填写延期原因（{MAX_REASON_CHARS}字以内）"),
                format!("say why, in at most {MAX_REASON_CHARS} characters"),
            ));
        }
        let quote = take_quote(desk, &customer.id, &quote, QuoteKind::Deferral)?;
        let mut loan = book::active_loan(desk, &customer.id, &quote.loan)?;
        let terms = book::terms(desk, &loan.id)?;
        // Time may have passed since the quote: a term that has become overdue in between cannot be deferred any more.
        refuse_overdue(&terms, desk.today, "deferral.overdue")?;
        let mut term = next_term(&terms)?.clone();
        term.planned.fee_fen += quote.fee_fen;
        term.due_date = quote.on_date;
        term.penalty_from = quote.on_date;
        term.deferrals += 1;
        book::save_term(desk, &loan.id, &term)?;
        loan.version += 1;
        book::save_loan(desk, &loan)?;
        let deferral = desk.next_id("d")?;
        let sql = "insert into deferrals (id, quote, reason, made_on) values (?1, ?2, ?3, ?4)";
        desk.tx.execute(sql, (&deferral, &quote.id, reason.trim(), desk.today))?;
        Ok(Deferral { deferral, state: DeferralState::Approved, new_due_date: term.due_date })
    };
    lender.change(order, defer).await
}

/// Change a loan's repayment day
///
/// A term due within three days keeps its date; interest is counted by the month and stays as it is.
#[utoipa::path(post, path = "/v1/customers/{customer}/loans/{loan}/repayment-day", tag = "deferral", request_body = DayOrder, params(("customer" = String, Path), ("loan" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = DayChange)))]
async fn change_day(
    State(lender): State<Lender>,
    Path((customer, loan)): Path<(String, String)>,
    order: Order<DayOrder>,
) -> Result<Response, Failure> {
    let change = move |desk: &Desk, DayOrder { day: new_day }: DayOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let mut loan = book::active_loan(desk, &customer.id, &loan)?;
        transfers::refuse_while_moving(desk, &loan.id)?;
        let mut terms = book::terms(desk, &loan.id)?;
        refuse_overdue(&terms, desk.today, "repayment_day.overdue")?;
        let day = match i8::try_from(new_day) {
            Ok(day @ 1..=28) => day,
            _ => return Err(invalid("repayment_day.out_of_range", "还款日请选择1至28日", "choose a day from 1 to 28")),
        };
        if new_day == loan.repayment_day {
            return Err(invalid("repayment_day.same", "新还款日与当前还款日相同", "that is the repayment day already"));
        }
        if loan.day_changed_on.is_some_and(|changed_on| days_between(changed_on, desk.today) < DAY_CHANGE_EVERY_DAYS) {
            return Err(conflict(
                "repayment_day.changed_recently",
                "还款日每半年可修改一次，请稍后再试",
                "the repayment day can be changed once in half a year",
            ));
        }
        if next_term(&terms)?.deferrals > 0 {
            return Err(conflict(
                "repayment_day.deferred",
                "本期已办理延期，请还清本期后再修改还款日",
                "the next term has been deferred; please pay it first",
            ));
        }
        let keep_until = desk.today.saturating_add(3.days());
        for term in terms.iter_mut().filter(|term| !term.is_paid() && term.due_date > keep_until) {
            let moved = due_date(term.due_date, day, 0);
            // Moved into the past or within reach, the nearest term would be due at once: it keeps its date.
            if moved > keep_until {
                term.due_date = moved;
                term.penalty_from = moved;
                book::save_term(desk, &loan.id, term)?;
            }
        }
        let old_day = std::mem::replace(&mut loan.repayment_day, new_day);
        loan.day_changed_on = Some(desk.today);
        loan.version += 1;
        book::save_loan(desk, &loan)?;
        Ok(DayChange { next_due_date: next_term(&terms)?.due_date, loan: loan.id, old_day, new_day })
    };
    lender.change(order, change).await
}

fn next_term(terms: &[Term]) -> Result<&Term, Failure> {
    terms
        .iter()
        .find(|term| !term.is_paid())
        .ok_or_else(|| conflict("loan.settled", "该笔借款已结清，无需再办理", "this loan has been settled already"))
}
