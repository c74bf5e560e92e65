//! Money on its way: disbursements and repayments, how they catch up with the clock, and what they do to the loan when
//! they end. Pace and outcome come from `weather`; the endpoints are in `repayments`, `settlement` and `credit`.

use crate::book::{self, LoanState, Parts, Term};
use crate::clock::china_date;
use crate::error::{Failure, conflict};
use crate::schedule::{due_date, plan};
use crate::store::{Desk, stored_as_text};
use crate::weather::{TransferState, TransferWeather, Weather, next_state};
use jiff::civil::Date;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    Disbursement,
    /// Asked for by the customer.
    Manual,
    /// Taken by the lender on the due date.
    AutoDeduction,
    /// Early settlement of the whole loan.
    Settlement,
}

stored_as_text!(TransferKind);

#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub id: String,
    pub customer: String,
    pub loan: String,
    pub kind: TransferKind,
    pub amount_fen: i64,
    pub card: String,
    pub quote: Option<String>,
    pub value_date: Date,
    pub state: TransferState,
    pub reason: String,
    pub reason_en: String,
    pub since_ms: i64,
    pub held: bool,
}

const COLUMNS: &str = "id, customer, loan, kind, amount_fen, card, quote, value_date, state, reason, reason_en, since_ms, held";

fn read(row: &Row) -> rusqlite::Result<Transfer> {
    Ok(Transfer {
        id: row.get(0)?,
        customer: row.get(1)?,
        loan: row.get(2)?,
        kind: row.get(3)?,
        amount_fen: row.get(4)?,
        card: row.get(5)?,
        quote: row.get(6)?,
        value_date: row.get(7)?,
        state: row.get(8)?,
        reason: row.get(9)?,
        reason_en: row.get(10)?,
        since_ms: row.get(11)?,
        held: row.get(12)?,
    })
}

pub(crate) fn save(desk: &Desk, transfer: &Transfer) -> Result<(), Failure> {
    let sql =
        format!("insert or replace into transfers ({COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    desk.tx.prepare_cached(&sql)?.execute((
        &transfer.id,
        &transfer.customer,
        &transfer.loan,
        transfer.kind,
        transfer.amount_fen,
        &transfer.card,
        &transfer.quote,
        transfer.value_date,
        transfer.state,
        &transfer.reason,
        &transfer.reason_en,
        transfer.since_ms,
        transfer.held,
    ))?;
    Ok(())
}

pub(crate) fn of_customer(desk: &Desk, customer: &str) -> Result<Vec<Transfer>, Failure> {
    let sql = format!("select {COLUMNS} from transfers where customer = ?1 order by value_date desc, id desc");
    desk.rows(&sql, [customer], read)
}

/// Refuses while money of this loan is on its way: a second payment could pay the same term twice.
pub(crate) fn refuse_while_moving(desk: &Desk, loan: &str) -> Result<(), Failure> {
    let sql = "select 1 from transfers where loan = ?1 and state in ('submitted', 'processing')";
    match desk.row(sql, [loan], |_| Ok(()))? {
        None => Ok(()),
        Some(()) => Err(conflict(
            "repayment.in_progress",
            "该笔借款有一笔扣款正在处理中，请等待结果后再操作，以免重复扣款",
            "a payment on this loan is being processed; please wait for its result so that you are not charged twice",
        )),
    }
}

pub(crate) fn weather(desk: &Desk) -> Result<Weather, Failure> {
    let spoken: Option<String> = desk.row("select spoken from weather", [], |row| row.get(0))?;
    spoken.map_or(Ok(Weather::default()), |spoken| Ok(serde_json::from_str(&spoken)?))
}

/// Moves every transfer to where it has got to by now.
pub(crate) fn catch_up(desk: &Desk) -> Result<(), Failure> {
    let sql = format!("select {COLUMNS} from transfers where state in ('submitted', 'processing') and held = 0");
    let moving = desk.rows(&sql, [], read)?;
    if moving.is_empty() {
        return Ok(());
    }
    let weather = weather(desk)?;
    for mut transfer in moving {
        let weather = match transfer.kind {
            TransferKind::Disbursement => weather.disbursement,
            TransferKind::Manual | TransferKind::AutoDeduction | TransferKind::Settlement if declines(desk, &transfer.card)? => {
                TransferWeather::Failing
            }
            TransferKind::Manual | TransferKind::AutoDeduction | TransferKind::Settlement => weather.repayment,
        };
        let before = transfer.state;
        while let Some((state, at_ms)) = next_state(transfer.state, transfer.since_ms, weather, desk.now_ms) {
            (transfer.state, transfer.since_ms) = (state, at_ms);
        }
        if transfer.state != before {
            end(desk, &mut transfer)?;
            save(desk, &transfer)?;
        }
    }
    Ok(())
}

fn declines(desk: &Desk, card: &str) -> Result<bool, Failure> {
    Ok(desk.row("select declines from cards where id = ?1", [card], |row| row.get(0))?.unwrap_or(false))
}

fn end(desk: &Desk, transfer: &mut Transfer) -> Result<(), Failure> {
    match (transfer.kind, transfer.state) {
        (_, TransferState::Submitted | TransferState::Processing) => Ok(()),
        (TransferKind::Disbursement, TransferState::Succeeded) => start_loan(desk, transfer),
        (TransferKind::Disbursement, TransferState::Failed) => {
            transfer.reason = "收款银行退回，请核对收款银行卡状态".to_owned();
            transfer.reason_en = "the receiving bank returned the money; please check the card's state".to_owned();
            fail_loan(desk, transfer)
        }
        (TransferKind::Manual | TransferKind::AutoDeduction, TransferState::Succeeded) => pay(desk, transfer),
        (TransferKind::Settlement, TransferState::Succeeded) => settle(desk, transfer),
        (TransferKind::Manual | TransferKind::AutoDeduction | TransferKind::Settlement, TransferState::Failed) => {
            transfer.reason = "银行卡余额不足，扣款未成功".to_owned();
            transfer.reason_en = "the card's balance was too low, so nothing was taken".to_owned();
            Ok(())
        }
    }
}

/// The money has arrived: the loan's schedule begins.
fn start_loan(desk: &Desk, transfer: &mut Transfer) -> Result<(), Failure> {
    let mut loan = book::loan(desk, &transfer.customer, &transfer.loan)?;
    let arrived_on = china_date(transfer.since_ms);
    let day = i8::try_from(loan.repayment_day).unwrap_or(1);
    for planned in plan(loan.method, loan.principal_fen, loan.rate_bp, loan.terms, due_date(arrived_on, day, 1)) {
        book::save_term(desk, &loan.id, &Term::unpaid(planned))?;
    }
    transfer.value_date = arrived_on;
    loan.state = LoanState::Active;
    loan.disbursed_on = Some(arrived_on);
    book::save_loan(desk, &loan)?;
    let sql = "update applications set state = 'disbursed', expected_by = null where loan = ?1";
    desk.tx.execute(sql, [&loan.id])?;
    Ok(())
}

fn fail_loan(desk: &Desk, transfer: &Transfer) -> Result<(), Failure> {
    let mut loan = book::loan(desk, &transfer.customer, &transfer.loan)?;
    loan.state = LoanState::DisbursementFailed;
    book::save_loan(desk, &loan)?;
    let sql =
        "update applications set state = 'disbursement_failed', expected_by = null, reason = ?2, reason_en = ?3 where loan = ?1";
    desk.tx.execute(sql, (&loan.id, &transfer.reason, &transfer.reason_en))?;
    Ok(())
}

/// A repayment covers the oldest terms first. Its value date is the day it was made, so a slow bank costs no penalty.
fn pay(desk: &Desk, transfer: &Transfer) -> Result<(), Failure> {
    let loan = book::loan(desk, &transfer.customer, &transfer.loan)?;
    let mut left_fen = transfer.amount_fen;
    for mut term in book::terms(desk, &loan.id)? {
        if left_fen == 0 || term.is_paid() {
            continue;
        }
        term.planned = term.charged(loan.rate_bp, transfer.value_date);
        term.penalty_from = term.penalty_from.max(transfer.value_date);
        let covered = term.owed(loan.rate_bp, transfer.value_date).covered_by(left_fen);
        left_fen -= covered.total_fen();
        term.paid = term.paid.plus(covered);
        book::save_term(desk, &loan.id, &term)?;
    }
    close_if_paid(desk, &transfer.customer, &transfer.loan)
}

/// The first open term takes all that the quote settled; the terms after it fall away.
fn settle(desk: &Desk, transfer: &Transfer) -> Result<(), Failure> {
    let sql = "select principal_fen, interest_fen, fee_fen from quotes where id = ?1";
    let settled = desk.row(sql, [&transfer.quote], |row| {
        Ok(Parts { principal_fen: row.get(0)?, interest_fen: row.get(1)?, fee_fen: row.get(2)?, penalty_fen: 0 })
    })?;
    let open = book::terms(desk, &transfer.loan)?.into_iter().find(|term| !term.is_paid());
    if let (Some(settled), Some(mut term)) = (settled, open) {
        term.paid = term.paid.plus(settled);
        term.planned = term.paid;
        term.due_date = transfer.value_date;
        term.penalty_from = transfer.value_date;
        book::save_term(desk, &transfer.loan, &term)?;
        desk.tx.execute("delete from terms where loan = ?1 and number > ?2", (&transfer.loan, term.number))?;
    }
    close_if_paid(desk, &transfer.customer, &transfer.loan)
}

fn close_if_paid(desk: &Desk, customer: &str, loan: &str) -> Result<(), Failure> {
    let mut loan = book::loan(desk, customer, loan)?;
    loan.version += 1;
    if book::terms(desk, &loan.id)?.iter().all(Term::is_paid) {
        loan.state = LoanState::Settled;
    }
    book::save_loan(desk, &loan)
}
