//! The loan book: customers, loans and terms as rows, and what a term owes on a given day. Knows no endpoint.

use crate::error::{Failure, conflict, missing};
use crate::schedule::{Method, PlannedTerm, days_between, penalty_fen};
use crate::store::{Desk, stored_as_text};
use jiff::civil::Date;
use rusqlite::Row;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub id: String,
    pub name: String,
    pub level: String,
    pub phone: String,
    pub repayment_day: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Loan {
    pub id: String,
    pub customer: String,
    pub product: String,
    pub principal_fen: i64,
    pub rate_bp: i64,
    pub terms: i64,
    pub method: Method,
    pub repayment_day: i64,
    pub card: String,
    pub state: LoanState,
    pub disbursed_on: Option<Date>,
    pub day_changed_on: Option<Date>,
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoanState {
    Disbursing,
    DisbursementFailed,
    Active,
    Settled,
}

stored_as_text!(LoanState);

/// A term with what has been paid of it. A term's penalty grows by the day, so whoever asks says for which day.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub number: i64,
    pub due_date: Date,
    pub planned: Parts,
    pub paid: Parts,
    pub penalty_from: Date,
    pub deferrals: i64,
}

/// The four parts of a sum, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub principal_fen: i64,
    pub interest_fen: i64,
    pub fee_fen: i64,
    pub penalty_fen: i64,
}

impl Parts {
    pub fn total_fen(self) -> i64 {
        self.principal_fen + self.interest_fen + self.fee_fen + self.penalty_fen
    }

    fn less(self, other: Parts) -> Parts {
        Parts {
            principal_fen: self.principal_fen - other.principal_fen,
            interest_fen: self.interest_fen - other.interest_fen,
            fee_fen: self.fee_fen - other.fee_fen,
            penalty_fen: self.penalty_fen - other.penalty_fen,
        }
    }

    /// Spends up to `money_fen` on these parts in the lender's order: penalty, fee, interest, principal.
    pub fn covered_by(self, money_fen: i64) -> Parts {
        let mut left_fen = money_fen;
        let mut spend = |owed_fen: i64| {
            let spent_fen = owed_fen.min(left_fen);
            left_fen -= spent_fen;
            spent_fen
        };
        let penalty_fen = spend(self.penalty_fen);
        let fee_fen = spend(self.fee_fen);
        let interest_fen = spend(self.interest_fen);
        Parts { principal_fen: spend(self.principal_fen), interest_fen, fee_fen, penalty_fen }
    }

    pub fn plus(self, other: Parts) -> Parts {
        Parts {
            principal_fen: self.principal_fen + other.principal_fen,
            interest_fen: self.interest_fen + other.interest_fen,
            fee_fen: self.fee_fen + other.fee_fen,
            penalty_fen: self.penalty_fen + other.penalty_fen,
        }
    }
}

impl Term {
    /// A term as the schedule planned it, unpaid.
    pub fn unpaid(planned: PlannedTerm) -> Term {
        Term {
            number: planned.number,
            due_date: planned.due_date,
            planned: Parts { principal_fen: planned.principal_fen, interest_fen: planned.interest_fen, ..Parts::default() },
            paid: Parts::default(),
            penalty_from: planned.due_date,
            deferrals: 0,
        }
    }

    /// Everything the term costs with the penalty accrued by `day`, paid or not.
    pub fn charged(&self, rate_bp: i64, day: Date) -> Parts {
        let overdue_principal_fen = self.planned.principal_fen - self.paid.principal_fen;
        let running_fen = penalty_fen(overdue_principal_fen, rate_bp, days_between(self.penalty_from, day));
        Parts { penalty_fen: self.planned.penalty_fen + running_fen, ..self.planned }
    }

    /// What is still to pay on `day`.
    pub fn owed(&self, rate_bp: i64, day: Date) -> Parts {
        self.charged(rate_bp, day).less(self.paid)
    }

    /// Whether nothing is left; once principal is paid no penalty grows, so the day does not matter.
    pub fn is_paid(&self) -> bool {
        self.planned.less(self.paid).total_fen() <= 0
    }

    pub fn is_overdue(&self, today: Date) -> bool {
        !self.is_paid() && self.due_date < today
    }
}

pub(crate) fn customer(desk: &Desk, id: &str) -> Result<Customer, Failure> {
    let sql = "select id, name, level, phone, repayment_day from customers where id = ?1";
    desk.row(sql, [id], |row| {
        Ok(Customer { id: row.get(0)?, name: row.get(1)?, level: row.get(2)?, phone: row.get(3)?, repayment_day: row.get(4)? })
    })?
    .ok_or_else(|| missing("customer.unknown", "未找到该客户", "there is no such customer"))
}

/// A customer who may still change things: one whose account is not being closed.
pub(crate) fn acting_customer(desk: &Desk, id: &str) -> Result<Customer, Failure> {
    let customer = customer(desk, id)?;
    let closing = desk.row("select 1 from closures where customer = ?1", [id], |_| Ok(()))?;
    match closing {
        None => Ok(customer),
        Some(()) => Err(conflict(
            "customer.closing",
            "您的账户正在注销，无法办理该业务",
            "your account is being closed, so this cannot be done",
        )),
    }
}

const LOAN_COLUMNS: &str = "id, customer, product, principal_fen, rate_bp, terms, method, repayment_day, card, state, disbursed_on, \
                            day_changed_on, version";

fn read_loan(row: &Row) -> rusqlite::Result<Loan> {
    Ok(Loan {
        id: row.get(0)?,
        customer: row.get(1)?,
        product: row.get(2)?,
        principal_fen: row.get(3)?,
        rate_bp: row.get(4)?,
        terms: row.get(5)?,
        method: row.get(6)?,
        repayment_day: row.get(7)?,
        card: row.get(8)?,
        state: row.get(9)?,
        disbursed_on: row.get(10)?,
        day_changed_on: row.get(11)?,
        version: row.get(12)?,
    })
}

/// The customer's loan; another customer's loan is as unknown as one that never was.
pub(crate) fn loan(desk: &Desk, customer: &str, id: &str) -> Result<Loan, Failure> {
    let sql = format!("select {LOAN_COLUMNS} from loans where id = ?1 and customer = ?2");
    desk.row(&sql, [id, customer], read_loan)?.ok_or_else(|| missing("loan.unknown", "未找到该笔借款", "there is no such loan"))
}

/// The customer's loan, where it is being repaid.
pub(crate) fn active_loan(desk: &Desk, customer: &str, id: &str) -> Result<Loan, Failure> {
    let loan = loan(desk, customer, id)?;
    match loan.state {
        LoanState::Active => Ok(loan),
        LoanState::Settled => Err(conflict("loan.settled", "该笔借款已结清，无需再办理", "this loan has been settled already")),
        LoanState::Disbursing => Err(not_disbursed()),
        LoanState::DisbursementFailed => Err(conflict(
            "loan.disbursement_failed",
            "该笔借款放款未成功，无需还款",
            "this loan was never paid out, so nothing is owed",
        )),
    }
}

pub(crate) fn not_disbursed() -> Failure {
    conflict(
        "loan.not_disbursed",
        "该笔借款正在放款中，到账后才能办理",
        "this loan is still being paid out; please try again once the money has arrived",
    )
}

pub(crate) fn loans(desk: &Desk, customer: &str) -> Result<Vec<Loan>, Failure> {
    let sql = format!("select {LOAN_COLUMNS} from loans where customer = ?1 order by id");
    desk.rows(&sql, [customer], read_loan)
}

pub(crate) fn terms(desk: &Desk, loan: &str) -> Result<Vec<Term>, Failure> {
    let sql = "select number, due_date, principal_fen, interest_fen, fee_fen, penalty_fen, paid_principal_fen, paid_interest_fen,
               paid_fee_fen, paid_penalty_fen, penalty_from, deferrals from terms where loan = ?1 order by number";
    let parts = |row: &Row, from: usize| {
        Ok::<_, rusqlite::Error>(Parts {
            principal_fen: row.get(from)?,
            interest_fen: row.get(from + 1)?,
            fee_fen: row.get(from + 2)?,
            penalty_fen: row.get(from + 3)?,
        })
    };
    desk.rows(sql, [loan], |row| {
        Ok(Term {
            number: row.get(0)?,
            due_date: row.get(1)?,
            planned: parts(row, 2)?,
            paid: parts(row, 6)?,
            penalty_from: row.get(10)?,
            deferrals: row.get(11)?,
        })
    })
}

pub(crate) fn save_term(desk: &Desk, loan: &str, term: &Term) -> Result<(), Failure> {
    let sql = "insert or replace into terms (loan, number, due_date, principal_fen, interest_fen, fee_fen, penalty_fen, paid_principal_fen,
               paid_interest_fen, paid_fee_fen, paid_penalty_fen, penalty_from, deferrals)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let (planned, paid) = (term.planned, term.paid);
    desk.tx.prepare_cached(sql)?.execute((
        loan,
        term.number,
        term.due_date,
        planned.principal_fen,
        planned.interest_fen,
        planned.fee_fen,
        planned.penalty_fen,
        paid.principal_fen,
        paid.interest_fen,
        paid.fee_fen,
        paid.penalty_fen,
        term.penalty_from,
        term.deferrals,
    ))?;
    Ok(())
}

pub(crate) fn save_loan(desk: &Desk, loan: &Loan) -> Result<(), Failure> {
    let sql =
        format!("insert or replace into loans ({LOAN_COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    desk.tx.prepare_cached(&sql)?.execute((
        &loan.id,
        &loan.customer,
        &loan.product,
        loan.principal_fen,
        loan.rate_bp,
        loan.terms,
        loan.method,
        loan.repayment_day,
        &loan.card,
        loan.state,
        loan.disbursed_on,
        loan.day_changed_on,
        loan.version,
    ))?;
    Ok(())
}

/// Principal still owed on all of the customer's loans, with what is on its way to them: what their limit is used by.
pub(crate) fn principal_outstanding_fen(desk: &Desk, customer: &str) -> Result<i64, Failure> {
    let mut outstanding_fen = 0;
    for loan in loans(desk, customer)? {
        outstanding_fen += match loan.state {
            LoanState::Disbursing => loan.principal_fen,
            LoanState::Active => balance_fen(&terms(desk, &loan.id)?),
            LoanState::Settled | LoanState::DisbursementFailed => 0,
        };
    }
    Ok(outstanding_fen)
}

/// Principal still owed.
pub(crate) fn balance_fen(terms: &[Term]) -> i64 {
    terms.iter().map(|term| term.planned.principal_fen - term.paid.principal_fen).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_covers_penalty_then_fee_then_interest_then_principal() {
        let owed = Parts { principal_fen: 1_000, interest_fen: 100, fee_fen: 10, penalty_fen: 1 };
        for (money_fen, penalty_fen, fee_fen, interest_fen, principal_fen) in [
            (0, 0, 0, 0, 0),
            (1, 1, 0, 0, 0),
            (11, 1, 10, 0, 0),
            (60, 1, 10, 49, 0),
            (1_111, 1, 10, 100, 1_000),
            (9_999, 1, 10, 100, 1_000),
        ] {
            let covered = owed.covered_by(money_fen);
            assert_eq!(covered, Parts { principal_fen, interest_fen, fee_fen, penalty_fen }, "{money_fen}");
        }
    }
}
