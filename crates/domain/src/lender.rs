//! The lender's core as the platform sees it: operations, typed facts, and refusals. Owns the vocabulary; speaks no
//! protocol (an adapter in `providers` does).

use crate::id::{CustomerId, RequestId};
use crate::money::{BasisPoints, Fen};
use crate::understanding::Lang;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// What can be asked of a lender. Reading operations come first; those that change something carry an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// → {name, level, phone (masked), day_of_month, overdue (flag), days_overdue}
    Profile,
    /// → {phone}, unmasked: only for the reveal gate, which has a reason and leaves a record. No flow may ask for it.
    Contact,
    /// → {loans: [{id, product, principal, balance, rate, terms, terms_left, next_due_date, next_due, status, method, repayment_day, card}]}
    Loans,
    /// `loan` → {terms: [{number, due_date, principal, interest, fee, penalty, total, status}]}
    Schedule,
    /// `month` (any date in it) → {month, total, overdue, items: [{loan, product, term, due_date, principal, interest, fee, penalty, total, status}]}
    Due,
    /// `loan`, `date` → {quote, loan, date, principal, interest, fee, total, saved, valid_until}
    SettlementQuote,
    /// `quote` → {repayment, state, amount, at}
    Settle,
    /// `loan`, `amount`, optional `card` → {repayment, state, amount, at}
    Repay,
    /// `repayment` → {repayment, state (processing|succeeded|failed), amount, reason}
    RepaymentStatus,
    /// → {repayments: [{id, loan, date, amount, state, method}]}
    Repayments,
    /// → {cards: [{id, bank, tail, default}]}
    Cards,
    /// `card_number`, `phone` → {card, bank, tail, code_sent_to}
    AddCard,
    /// `card`, `code` → {card, bank, tail}
    VerifyCard,
    /// `card` → {card, bank, tail}
    SetDefaultCard,
    /// `loan`, `days` → {quote, loan, days, fee, old_due_date, new_due_date, total}
    DeferralQuote,
    /// `quote`, `reason` → {deferral, state, new_due_date}
    Defer,
    /// → {limit, used, available, rate, valid_until, state, reason}
    Limit,
    /// → {applications: [{id, product, amount, applied_on, state, expected_by, reason}]}
    Applications,
    /// `loan`, `kind` (settlement|contract|schedule|debt) → {number, kind, loan, issued_on, url}
    Certificate,
    /// → {coupons: [{id, title, value, min_amount, valid_until, state}]}
    Coupons,
    /// `new_phone` → {change, code_sent_to}
    ChangePhone,
    /// `change`, `code` → {phone}
    VerifyPhone,
    /// `loan`, `day` (1–28) → {loan, old_day, new_day, next_due_date}
    ChangeRepaymentDay,
    /// → {can_close (flag), open_loans, balance, reasons: [text]}
    ClosureCheck,
    /// → {closure, state, done_by}
    CloseAccount,
}

/// A typed leaf or tree of what the lender said. Money can only be `Money`: a flow that shows a sum as text does not load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Money(Fen),
    Rate(BasisPoints),
    Date(Date),
    Count(i64),
    Text(String),
    Flag(bool),
    List(Vec<Fact>),
    Record(Facts),
}

/// Named facts, in a stable order.
pub type Facts = BTreeMap<String, Fact>;

/// A question to the lender, as data: an effect of `decide`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LenderRequest {
    /// Also the idempotency key of an operation that changes something.
    pub id: RequestId,
    pub customer: CustomerId,
    pub operation: Operation,
    pub arguments: Facts,
    /// In which the lender's words (refusals, reasons, names of products) are wanted.
    #[serde(default)]
    pub lang: Lang,
}

/// Why the lender gave no facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LenderError {
    /// No answer in time, a refused connection, or a 5xx: may be asked again with the same key.
    #[error("lender did not answer {operation}: {detail}")]
    Unreachable { operation: String, detail: String },
    /// The answer could not be understood, or its sums do not add up: never shown to a customer.
    #[error("lender answered {operation} with nonsense: {detail}")]
    Nonsense { operation: String, detail: String },
    /// A business rule said no; `message` is for the customer, in the request's language where the lender speaks it.
    #[error("lender refused {operation}: {code}")]
    Refused { operation: String, code: String, message: String },
}

impl Operation {
    /// Whether the operation changes something at the lender, so that it needs the customer's confirmation.
    pub fn changes_something(self) -> bool {
        use Operation::*;
        match self {
            Profile | Contact | Loans | Schedule | Due | SettlementQuote | RepaymentStatus | Repayments | Cards
            | DeferralQuote | Limit | Applications | Coupons | ClosureCheck => false,
            Settle | Repay | AddCard | VerifyCard | SetDefaultCard | Defer | Certificate | ChangePhone | VerifyPhone
            | ChangeRepaymentDay | CloseAccount => true,
        }
    }
}
