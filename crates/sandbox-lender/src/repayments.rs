//! Paying: a customer's own repayments and what became of them.

use crate::book::{self, Loan, Term};
use crate::cards;
use crate::clock::start_of_day_ms;
use crate::error::{Failure, invalid, missing};
use crate::http::{Lender, Order};
use crate::money::{MAX_REQUEST_FEN, yuan};
use crate::store::Desk;
use crate::transfers::{self, Transfer, TransferKind};
use crate::weather::TransferState;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RepaymentOrder {
    loan: String,
    amount_fen: i64,
    /// The loan's own card where absent.
    card: Option<String>,
}

/// A repayment that has been taken on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Receipt {
    pub repayment: String,
    pub state: TransferState,
    pub amount_fen: i64,
    /// The day for which it counts.
    pub at: Date,
}

#[derive(Debug, Serialize, ToSchema)]
struct RepaymentView {
    repayment: String,
    state: TransferState,
    amount_fen: i64,
    /// Empty unless the repayment failed.
    reason: String,
    reason_en: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct RepaymentList {
    /// Latest first.
    repayments: Vec<RepaymentRow>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RepaymentRow {
    id: String,
    loan: String,
    date: Date,
    amount_fen: i64,
    state: TransferState,
    method: TransferKind,
}

pub(crate) fn routes() -> OpenApiRouter<Lender> {
    OpenApiRouter::new().routes(routes!(list_repayments, repay)).routes(routes!(show_repayment))
}

/// The customer's repayments
#[utoipa::path(get, path = "/v1/customers/{customer}/repayments", tag = "repayments", params(("customer" = String, Path)), responses((status = 200, body = RepaymentList)))]
async fn list_repayments(State(lender): State<Lender>, Path(customer): Path<String>) -> Result<Json<RepaymentList>, Failure> {
    let list = move |desk: &Desk| {
        let customer = book::customer(desk, &customer)?;
        let repayments =
            all(desk, &customer.id)?.into_iter().map(|Transfer { id, loan, value_date, amount_fen, state, kind, .. }| {
                RepaymentRow { id, loan, date: value_date, amount_fen, state, method: kind }
            });
        Ok(RepaymentList { repayments: repayments.collect() })
    };
    lender.look(list).await
}

/// One repayment's state
#[utoipa::path(get, path = "/v1/customers/{customer}/repayments/{repayment}", tag = "repayments", params(("customer" = String, Path), ("repayment" = String, Path)), responses((status = 200, body = RepaymentView)))]
async fn show_repayment(
    State(lender): State<Lender>,
    Path((customer, id)): Path<(String, String)>,
) -> Result<Json<RepaymentView>, Failure> {
    let show = move |desk: &Desk| {
        let found = all(desk, &customer)?.into_iter().find(|transfer| transfer.id == id);
        let Transfer { id, state, amount_fen, reason, reason_en, .. } =
            found.ok_or_else(|| missing("repayment.unknown", "未找到该笔还款", "there is no such repayment"))?;
        Ok(RepaymentView { repayment: id, state, amount_fen, reason, reason_en })
    };
    lender.look(show).await
}

/// Repay part or all of what is due
///
/// At most the overdue terms and the next one can be paid; to pay everything, ask for a settlement quote.
#[utoipa::path(post, path = "/v1/customers/{customer}/repayments", tag = "repayments", request_body = RepaymentOrder, params(("customer" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = Receipt)))]
async fn repay(
    State(lender): State<Lender>,
    Path(customer): Path<String>,
    order: Order<RepaymentOrder>,
) -> Result<Response, Failure> {
    let pay = move |desk: &Desk, RepaymentOrder { loan, amount_fen, card }: RepaymentOrder| {
        let customer = book::acting_customer(desk, &customer)?;
        let loan = book::active_loan(desk, &customer.id, &loan)?;
        transfers::refuse_while_moving(desk, &loan.id)?;
        if !(1..=MAX_REQUEST_FEN).contains(&amount_fen) {
            return Err(invalid("repayment.amount_invalid", "还款金额必须大于0", "the amount must be more than zero"));
        }
        let most_fen = payable_fen(&book::terms(desk, &loan.id)?, loan.rate_bp, desk.today);
        if amount_fen > most_fen {
            return Err(invalid(
                "repayment.amount_too_large",
                format!("本次最多可还{}元；如需一次还清，请办理提前结清", yuan(most_fen)),
                format!("at most {} yuan can be repaid now; to pay everything, settle the loan early", yuan(most_fen)),
            ));
        }
        let card = cards::usable(desk, &customer.id, card.as_deref().unwrap_or(&loan.card))?;
        submit(desk, Payment { loan: &loan, kind: TransferKind::Manual, amount_fen, card, quote: None, value_date: desk.today })
    };
    lender.change(order, pay).await
}

/// Money to be taken for a loan.
pub(crate) struct Payment<'a> {
    pub loan: &'a Loan,
    pub kind: TransferKind,
    pub amount_fen: i64,
    pub card: String,
    pub quote: Option<String>,
    /// The day for which it counts; on a later day it waits for that day's midnight.
    pub value_date: Date,
}

/// Sends a payment on its way.
pub(crate) fn submit(desk: &Desk, payment: Payment) -> Result<Receipt, Failure> {
    let Payment { loan, kind, amount_fen, card, quote, value_date } = payment;
    let transfer = Transfer {
        id: desk.next_id("r")?,
        customer: loan.customer.clone(),
        loan: loan.id.clone(),
        kind,
        amount_fen,
        card,
        quote,
        value_date,
        state: TransferState::Submitted,
        reason: String::new(),
        reason_en: String::new(),
        since_ms: desk.now_ms.max(start_of_day_ms(value_date)),
        held: false,
    };
    transfers::save(desk, &transfer)?;
    Ok(Receipt { repayment: transfer.id, state: transfer.state, amount_fen, at: value_date })
}

/// The overdue terms and the next one.
fn payable_fen(terms: &[Term], rate_bp: i64, today: Date) -> i64 {
    let open: Vec<&Term> = terms.iter().filter(|term| !term.is_paid()).collect();
    let overdue = open.iter().filter(|term| term.is_overdue(today)).count();
    open.iter().take(overdue + 1).map(|term| term.owed(rate_bp, today).total_fen()).sum()
}

fn all(desk: &Desk, customer: &str) -> Result<Vec<Transfer>, Failure> {
    let mut transfers = transfers::of_customer(desk, customer)?;
    transfers.retain(|transfer| transfer.kind != TransferKind::Disbursement);
    Ok(transfers)
}
