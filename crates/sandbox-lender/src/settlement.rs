//! Early settlement: a quote for a day, and taking it up. Interest is counted by the day up to the settlement date; the
//! fee rule is in `schedule`.

use crate::book::{self, Loan, Term};
use crate::cards;
use crate::error::{Failure, conflict, invalid, missing};
use crate::http::{Lender, Order};
use crate::repayments::{Payment, Receipt, submit};
use crate::schedule::{daily_interest_fen, days_between, settlement_fee_fen};
use crate::store::{Desk, stored_as_text};
use crate::transfers::{self, TransferKind};
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteOrder {
    /// From today to the next due date.
    date: Date,
}

#[derive(Debug, Serialize, ToSchema)]
struct SettlementQuote {
    quote: String,
    loan: String,
    date: Date,
    principal_fen: i64,
    interest_fen: i64,
    /// The early settlement fee and fees of open terms.
    fee_fen: i64,
    /// principal + interest + fee
    total_fen: i64,
    /// What the plan would still have cost, less this total.
    saved_fen: i64,
    valid_until: Date,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettlementOrder {
    quote: String,
}

/// What a quote promises; deferral quotes are kept in the same table.
#[derive(Debug, Clone)]
pub(crate) struct Quote {
    pub id: String,
    pub loan: String,
    pub kind: QuoteKind,
    /// The settlement date, or the deferred term's new due date.
    pub on_date: Date,
    pub days: i64,
    pub principal_fen: i64,
    pub interest_fen: i64,
    pub fee_fen: i64,
    pub loan_version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuoteKind {
    Settlement,
    Deferral,
}

stored_as_text!(QuoteKind);

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(quote_settlement)).routes(routes!(settle))
}

/// What settling a loan early would cost
///
/// Changes nothing but to remember the quote.
#[utoipa::path(post, path = "/v1/customers/{customer}/loans/{loan}/settlement-quotes", tag = "settlement", request_body = QuoteOrder, params(("customer" = String, Path), ("loan" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = SettlementQuote)))]
async fn quote_settlement(
    State(lender): State<Lender>,
    Path((customer, loan)): Path<(String, String)>,
    order: Order<QuoteOrder>,
) -> Result<Response, Failure> {
    let quote = move |desk: &Desk, QuoteOrder { date }: QuoteOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let loan = book::active_loan(desk, &customer.id, &loan)?;
        transfers::refuse_while_moving(desk, &loan.id)?;
        let terms = book::terms(desk, &loan.id)?;
        refuse_overdue(&terms, desk.today, "settlement.overdue")?;
        let quote = price(desk, &loan, &terms, date)?;
        let planned_fen: i64 = terms.iter().map(|term| term.owed(loan.rate_bp, desk.today).total_fen()).sum();
        let Quote { id, loan, principal_fen, interest_fen, fee_fen, .. } = quote;
        let total_fen = principal_fen + interest_fen + fee_fen;
        Ok(SettlementQuote {
            quote: id,
            loan,
            date,
            principal_fen,
            interest_fen,
            fee_fen,
            total_fen,
            saved_fen: planned_fen - total_fen,
            valid_until: date,
        })
    };
    lender.change(order, quote).await
}

/// Settle a loan early, as quoted
#[utoipa::path(post, path = "/v1/customers/{customer}/settlements", tag = "settlement", request_body = SettlementOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Receipt)))]
async fn settle(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<SettlementOrder>,
) -> Result<Response, Failure> {
    let settle = move |desk: &Desk, SettlementOrder { quote }: SettlementOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let quote = take_quote(desk, &customer.id, &quote, QuoteKind::Settlement)?;
        let loan = book::active_loan(desk, &customer.id, &quote.loan)?;
        if quote.on_date < desk.today {
            return Err(conflict(
                "quote.expired",
                "试算结果已过期，请重新试算",
                "this quote has expired; please ask for a new one",
            ));
        }
        let card = cards::usable(desk, &customer.id, &loan.card)?;
        let amount_fen = quote.principal_fen + quote.interest_fen + quote.fee_fen;
        submit(
            desk,
            Payment {
                loan: &loan,
                kind: TransferKind::Settlement,
                amount_fen,
                card,
                quote: Some(quote.id),
                value_date: quote.on_date,
            },
        )
    };
    lender.change(order, settle).await
}

fn price(desk: &Desk, loan: &Loan, terms: &[Term], date: Date) -> Result<Quote, Failure> {
    let open: Vec<&Term> = terms.iter().filter(|term| !term.is_paid()).collect();
    let next = open
        .first()
        .ok_or_else(|| conflict("loan.settled", "该笔借款已结清，无需再办理", "this loan has been settled already"))?;
    if date < desk.today || date > next.due_date {
        return Err(invalid(
            "settlement.date_out_of_range",
            format!("结清日期请选择今天至下一还款日（{}）之间的日期", next.due_date),
            format!("please choose a date from today to the next due date ({})", next.due_date),
        ));
    }
    let from = terms.iter().rev().find(|term| term.number < next.number).map(|term| term.due_date).or(loan.disbursed_on);
    let days = from.map_or(0, |from| days_between(from, date));
    let principal_fen = book::balance_fen(terms);
    // A month's interest is a twelfth of a year's; counted by the day, 31 of them would come to more than was agreed.
    let accrued_fen = daily_interest_fen(principal_fen, loan.rate_bp, days).min(next.planned.interest_fen);
    let interest_fen = (accrued_fen - next.paid.interest_fen).max(0);
    let owed = |part: fn(&book::Parts) -> i64| open.iter().map(|term| part(&term.owed(loan.rate_bp, desk.today))).sum::<i64>();
    let saved_fen = owed(|parts| parts.interest_fen) - interest_fen;
    let paid_terms = (terms.len() - open.len()) as i64;
    let fee_fen = settlement_fee_fen(principal_fen, paid_terms, saved_fen) + owed(|parts| parts.fee_fen);
    let id = desk.next_id("q")?;
    let quote = Quote {
        id,
        loan: loan.id.clone(),
        kind: QuoteKind::Settlement,
        on_date: date,
        days,
        principal_fen,
        interest_fen,
        fee_fen,
        loan_version: loan.version,
    };
    save_quote(desk, &loan.customer, &quote)?;
    Ok(quote)
}

pub(crate) fn refuse_overdue(terms: &[Term], today: Date, code: &str) -> Result<(), Failure> {
    if terms.iter().any(|term| term.is_overdue(today)) {
        return Err(conflict(
            code,
            "该笔借款有逾期未还，请先还清逾期款项再办理",
            "this loan is overdue; please pay what is overdue first",
        ));
    }
    Ok(())
}

pub(crate) fn save_quote(desk: &Desk, customer: &str, quote: &Quote) -> Result<(), Failure> {
    desk.tx.execute(
        "insert into quotes (id, customer, loan, kind, on_date, days, principal_fen, interest_fen, fee_fen, loan_version, used)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
        (
            &quote.id,
            customer,
            &quote.loan,
            quote.kind,
            quote.on_date,
            quote.days,
            quote.principal_fen,
            quote.interest_fen,
            quote.fee_fen,
            quote.loan_version,
        ),
    )?;
    Ok(())
}

/// Uses a quote up, where the loan is still as it was when the quote was made.
pub(crate) fn take_quote(desk: &Desk, customer: &str, id: &str, kind: QuoteKind) -> Result<Quote, Failure> {
    let sql = "select id, loan, kind, on_date, days, principal_fen, interest_fen, fee_fen, loan_version, used from quotes
               where id = ?1 and customer = ?2 and kind = ?3";
    let found = desk.row(sql, (id, customer, kind), |row| {
        let quote = Quote {
            id: row.get(0)?,
            loan: row.get(1)?,
            kind: row.get(2)?,
            on_date: row.get(3)?,
            days: row.get(4)?,
            principal_fen: row.get(5)?,
            interest_fen: row.get(6)?,
            fee_fen: row.get(7)?,
            loan_version: row.get(8)?,
        };
        Ok((quote, row.get::<_, bool>(9)?))
    })?;
    let (quote, used) = found.ok_or_else(|| {
        missing("quote.unknown", "未找到该试算结果，请重新试算", "there is no such quote; please ask for a new one")
    })?;
    if used {
        return Err(conflict("quote.used", "该试算结果已办理过，请勿重复提交", "this quote has been taken up already"));
    }
    transfers::refuse_while_moving(desk, &quote.loan)?;
    if book::loan(desk, customer, &quote.loan)?.version != quote.loan_version {
        return Err(conflict(
            "quote.stale",
            "借款信息已变化，请重新试算",
            "the loan has changed since; please ask for a new quote",
        ));
    }
    desk.tx.execute("update quotes set used = 1 where id = ?1", [id])?;
    Ok(quote)
}
