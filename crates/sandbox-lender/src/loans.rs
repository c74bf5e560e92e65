//! What the customer owes: loans, their schedules, and what is due in a month. Reads only.

use crate::book::{self, Loan, LoanState, Parts, Term};
use crate::english::english;
use crate::error::{Failure, invalid};
use crate::http::Lender;
use crate::schedule::Method;
use crate::store::Desk;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Debug, Serialize, ToSchema)]
struct LoanList {
    loans: Vec<LoanView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LoanView {
    id: String,
    product: String,
    product_en: String,
    principal_fen: i64,
    /// Principal still owed.
    balance_fen: i64,
    /// A year's rate in basis points.
    rate_bp: i64,
    terms: i64,
    terms_left: i64,
    /// Absent where nothing is left to pay, or nothing has been paid out yet.
    next_due_date: Option<Date>,
    next_due_fen: i64,
    status: LoanStatus,
    method: Method,
    repayment_day: i64,
    /// The card repayments are taken from.
    card: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoanStatus {
    Disbursing,
    DisbursementFailed,
    Active,
    Overdue,
    Settled,
}

#[derive(Debug, Serialize, ToSchema)]
struct Schedule {
    terms: Vec<TermView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TermView {
    number: i64,
    due_date: Date,
    principal_fen: i64,
    interest_fen: i64,
    fee_fen: i64,
    penalty_fen: i64,
    /// The sum of the four parts, whether paid or not.
    total_fen: i64,
    status: TermStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TermStatus {
    /// Not due yet.
    Pending,
    /// Due today.
    Due,
    Overdue,
    Paid,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct DueQuery {
    /// Any date in the month.
    month: Date,
}

#[derive(Debug, Serialize, ToSchema)]
struct DueView {
    /// The month's first day.
    month: Date,
    /// Still to pay: the sum of the items.
    total_fen: i64,
    /// The part of it that is overdue.
    overdue_fen: i64,
    /// Unpaid terms due in the month; for the current month, also those overdue from earlier ones.
    items: Vec<DueItem>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DueItem {
    loan: String,
    product: String,
    product_en: String,
    term: i64,
    due_date: Date,
    principal_fen: i64,
    interest_fen: i64,
    fee_fen: i64,
    penalty_fen: i64,
    /// Still to pay: the sum of the four parts.
    total_fen: i64,
    status: TermStatus,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(list_loans)).routes(routes!(show_schedule)).routes(routes!(show_due))
}

/// All of the customer's loans
#[utoipa::path(get, path = "/v1/customers/{customer}/loans", tag = "loans", params(("customer" = String, Path)), responses((status = 200, body = LoanList)))]
async fn list_loans(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<LoanList>, Failure> {
    let list = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let loans = book::loans(desk, &customer.id)?;
        let loans = loans.into_iter().map(|loan| view(desk, loan)).collect::<Result<_, _>>()?;
        Ok(LoanList { loans })
    };
    lender.look(list).await
}

/// A loan's repayment schedule
#[utoipa::path(get, path = "/v1/customers/{customer}/loans/{loan}/schedule", tag = "loans", params(("customer" = String, Path), ("loan" = String, Path)), responses((status = 200, body = Schedule)))]
async fn show_schedule(
    State(lender): State<Lender>,
    Path((customer, loan)): Path<(String, String)>,
) -> Result<Json<Schedule>, Failure> {
    let show = move |desk: &Desk| {
        let loan = book::loan(desk, &customer, &loan)?;
        if loan.state == LoanState::Disbursing {
            return Err(book::not_disbursed());
        }
        let terms = book::terms(desk, &loan.id)?.into_iter().map(|term| {
            let Parts { principal_fen, interest_fen, fee_fen, penalty_fen } = term.charged(loan.rate_bp, desk.today);
            let total_fen = principal_fen + interest_fen + fee_fen + penalty_fen;
            TermView {
                number: term.number,
                due_date: term.due_date,
                principal_fen,
                interest_fen,
                fee_fen,
                penalty_fen,
                total_fen,
                status: status(&term, desk.today),
            }
        });
        Ok(Schedule { terms: terms.collect() })
    };
    lender.look(show).await
}

/// What is still to pay in a month
#[utoipa::path(get, path = "/v1/customers/{customer}/due", tag = "loans", params(("customer" = String, Path), DueQuery), responses((status = 200, body = DueView)))]
async fn show_due(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    query: Result<Query<DueQuery>, QueryRejection>,
) -> Result<Json<DueView>, Failure> {
    let Query(DueQuery { month }) =
        query.map_err(|cause| invalid("due.month_unreadable", "请提供要查询的月份", cause.to_string()))?;
    lender.look(move |desk| due_in(desk, &customer, month.first_of_month())).await
}

fn due_in(desk: &Desk, customer: &str, month: Date) -> Result<DueView, Failure> {
    let customer = book::customer(desk, customer)?;
    let is_current = month == desk.today.first_of_month();
    let mut items = Vec::new();
    for loan in book::loans(desk, &customer.id)? {
        for term in book::terms(desk, &loan.id)?.into_iter().filter(|term| !term.is_paid()) {
            if term.due_date.first_of_month() == month || (is_current && term.due_date < month) {
                let Parts { principal_fen, interest_fen, fee_fen, penalty_fen } = term.owed(loan.rate_bp, desk.today);
                let total_fen = principal_fen + interest_fen + fee_fen + penalty_fen;
                let (loan, product) = (loan.id.clone(), loan.product.clone());
                let status = status(&term, desk.today);
                items.push(DueItem {
                    loan,
                    product_en: english(&product),
                    product,
                    term: term.number,
                    due_date: term.due_date,
                    principal_fen,
                    interest_fen,
                    fee_fen,
                    penalty_fen,
                    total_fen,
                    status,
                });
            }
        }
    }
    items.sort_by(|a, b| (a.due_date, &a.loan).cmp(&(b.due_date, &b.loan)));
    let overdue_fen = items.iter().filter(|item| item.status == TermStatus::Overdue).map(|item| item.total_fen).sum();
    Ok(DueView { month, total_fen: items.iter().map(|item| item.total_fen).sum(), overdue_fen, items })
}

fn view(desk: &Desk, loan: Loan) -> Result<LoanView, Failure> {
    let terms = book::terms(desk, &loan.id)?;
    let open: Vec<&Term> = terms.iter().filter(|term| !term.is_paid()).collect();
    let next = open.first();
    let (status, terms_left) = match loan.state {
        LoanState::Disbursing => (LoanStatus::Disbursing, loan.terms),
        LoanState::DisbursementFailed => (LoanStatus::DisbursementFailed, 0),
        LoanState::Settled => (LoanStatus::Settled, 0),
        LoanState::Active if next.is_some_and(|term| term.is_overdue(desk.today)) => (LoanStatus::Overdue, open.len() as i64),
        LoanState::Active => (LoanStatus::Active, open.len() as i64),
    };
    Ok(LoanView {
        balance_fen: book::balance_fen(&terms),
        next_due_date: next.map(|term| term.due_date),
        next_due_fen: next.map_or(0, |term| term.owed(loan.rate_bp, desk.today).total_fen()),
        terms_left,
        status,
        id: loan.id,
        product_en: english(&loan.product),
        product: loan.product,
        principal_fen: loan.principal_fen,
        rate_bp: loan.rate_bp,
        terms: loan.terms,
        method: loan.method,
        repayment_day: loan.repayment_day,
        card: loan.card,
    })
}

fn status(term: &Term, today: Date) -> TermStatus {
    if term.is_paid() {
        TermStatus::Paid
    } else {
        match term.due_date.cmp(&today) {
            std::cmp::Ordering::Less => TermStatus::Overdue,
            std::cmp::Ordering::Equal => TermStatus::Due,
            std::cmp::Ordering::Greater => TermStatus::Pending,
        }
    }
}
