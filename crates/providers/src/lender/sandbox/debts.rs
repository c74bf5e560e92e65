//! Reads answers about owing and paying: loans, schedules, what is due, quotes, repayments, deferrals.

use super::reading::{Natural, Sum, Wrong, check, check_total, facts, list, parse, text, text_in, with_date, words};
use jieti_domain::lender::{Fact, Facts};
use jieti_domain::money::Fen;
use jieti_domain::understanding::Lang;
use jiff::civil::Date;
use serde::Deserialize;

words! {
    LoanStatus { "disbursing", "disbursement_failed", "active", "overdue", "settled" }
    Method { "equal_instalments", "equal_principal" }
    TermStatus { "pending", "due", "overdue", "paid" }
    /// A repayment the lender has not taken up yet is, for the customer, being processed.
    PaymentState { "submitted" => "processing", "processing", "succeeded", "failed" }
    PaymentMethod { "manual", "auto_deduction", "settlement" }
    DeferralState { "approved" }
}

#[derive(Deserialize)]
struct Loans {
    loans: Vec<Loan>,
}

#[derive(Deserialize)]
struct Loan {
    id: String,
    product: String,
    #[serde(default)]
    product_en: String,
    principal_fen: Sum,
    balance_fen: Sum,
    rate_bp: Natural,
    terms: Natural,
    terms_left: Natural,
    next_due_date: Option<Date>,
    next_due_fen: Sum,
    status: LoanStatus,
    method: Method,
    repayment_day: Natural,
    card: String,
}

pub(super) fn loans(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let Loans { loans } = parse(body)?;
    for loan in &loans {
        check(loan.balance_fen.0 <= loan.principal_fen.0, || {
            format!("loan {:?}: the balance is more than the principal", loan.id)
        })?;
        check(loan.terms_left.0 <= loan.terms.0, || format!("loan {:?}: more terms are left than there are", loan.id))?;
    }
    let record = |loan: Loan| {
        let named = facts([
            ("id", text(loan.id)),
            ("product", text_in(lang, loan.product, loan.product_en)),
            ("principal", loan.principal_fen.fact()),
            ("balance", loan.balance_fen.fact()),
            ("rate", loan.rate_bp.rate()),
            ("terms", loan.terms.count()),
            ("terms_left", loan.terms_left.count()),
            ("next_due", loan.next_due_fen.fact()),
            ("status", loan.status.fact()),
            ("method", loan.method.fact()),
            ("repayment_day", loan.repayment_day.count()),
            ("card", text(loan.card)),
        ]);
        with_date(named, "next_due_date", loan.next_due_date)
    };
    Ok(facts([("loans", list(loans, record))]))
}

#[derive(Deserialize)]
struct Schedule {
    terms: Vec<Term>,
}

#[derive(Deserialize)]
struct Term {
    number: Natural,
    due_date: Date,
    #[serde(flatten)]
    sums: Sums,
    status: TermStatus,
}

/// The parts of what a term costs, with their total.
#[derive(Deserialize)]
struct Sums {
    principal_fen: Sum,
    interest_fen: Sum,
    fee_fen: Sum,
    penalty_fen: Sum,
    total_fen: Sum,
}

impl Sums {
    fn check(&self, what: &str) -> Result<(), Wrong> {
        check_total(what, [self.principal_fen, self.interest_fen, self.fee_fen, self.penalty_fen], self.total_fen)
    }

    fn facts(self) -> Facts {
        facts([
            ("principal", self.principal_fen.fact()),
            ("interest", self.interest_fen.fact()),
            ("fee", self.fee_fen.fact()),
            ("penalty", self.penalty_fen.fact()),
            ("total", self.total_fen.fact()),
        ])
    }
}

pub(super) fn schedule(body: &[u8]) -> Result<Facts, Wrong> {
    let Schedule { terms } = parse(body)?;
    for (place, term) in (1..).zip(&terms) {
        check(term.number.0 == place, || format!("term {place} is numbered {}", term.number.0))?;
        term.sums.check(&format!("term {place}"))?;
    }
    let record = |Term { number, due_date, sums, status }: Term| {
        let mut named = sums.facts();
        named.append(&mut facts([("number", number.count()), ("due_date", Fact::Date(due_date)), ("status", status.fact())]));
        named
    };
    Ok(facts([("terms", list(terms, record))]))
}

#[derive(Deserialize)]
struct Due {
    month: Date,
    total_fen: Sum,
    overdue_fen: Sum,
    items: Vec<DueItem>,
}

#[derive(Deserialize)]
struct DueItem {
    loan: String,
    product: String,
    #[serde(default)]
    product_en: String,
    term: Natural,
    due_date: Date,
    #[serde(flatten)]
    sums: Sums,
    status: TermStatus,
}

pub(super) fn due(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let Due { month, total_fen, overdue_fen, items } = parse(body)?;
    for item in &items {
        item.sums.check(&format!("loan {:?} term {}", item.loan, item.term.0))?;
    }
    check_total("due in the month", items.iter().map(|item| item.sums.total_fen), total_fen)?;
    let overdue = items.iter().filter(|item| item.status == "overdue").map(|item| item.sums.total_fen);
    check_total("overdue", overdue, overdue_fen)?;
    let record = |DueItem { loan, product, product_en, term, due_date, sums, status }: DueItem| {
        let mut named = sums.facts();
        named.append(&mut facts([
            ("loan", text(loan)),
            ("product", text_in(lang, product, product_en)),
            ("term", term.count()),
            ("due_date", Fact::Date(due_date)),
            ("status", status.fact()),
        ]));
        named
    };
    Ok(facts([
        ("month", Fact::Date(month)),
        ("total", total_fen.fact()),
        ("overdue", overdue_fen.fact()),
        ("items", list(items, record)),
    ]))
}

#[derive(Deserialize)]
struct SettlementQuote {
    quote: String,
    loan: String,
    date: Date,
    principal_fen: Sum,
    interest_fen: Sum,
    fee_fen: Sum,
    total_fen: Sum,
    /// The one sum that a lender may make negative: a fee above the interest it saves.
    saved_fen: i64,
    valid_until: Date,
}

pub(super) fn settlement_quote(body: &[u8]) -> Result<Facts, Wrong> {
    let quote: SettlementQuote = parse(body)?;
    check_total("settlement quote", [quote.principal_fen, quote.interest_fen, quote.fee_fen], quote.total_fen)?;
    Ok(facts([
        ("quote", text(quote.quote)),
        ("loan", text(quote.loan)),
        ("date", Fact::Date(quote.date)),
        ("principal", quote.principal_fen.fact()),
        ("interest", quote.interest_fen.fact()),
        ("fee", quote.fee_fen.fact()),
        ("total", quote.total_fen.fact()),
        ("saved", Fact::Money(Fen(quote.saved_fen))),
        ("valid_until", Fact::Date(quote.valid_until)),
    ]))
}

#[derive(Deserialize)]
struct Receipt {
    repayment: String,
    state: PaymentState,
    amount_fen: Sum,
    at: Date,
}

pub(super) fn receipt(body: &[u8]) -> Result<Facts, Wrong> {
    let Receipt { repayment, state, amount_fen, at } = parse(body)?;
    Ok(facts([("repayment", text(repayment)), ("state", state.fact()), ("amount", amount_fen.fact()), ("at", Fact::Date(at))]))
}

#[derive(Deserialize)]
struct RepaymentStatus {
    repayment: String,
    state: PaymentState,
    amount_fen: Sum,
    reason: String,
    #[serde(default)]
    reason_en: String,
}

pub(super) fn repayment_status(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let RepaymentStatus { repayment, state, amount_fen, reason, reason_en } = parse(body)?;
    check((state == "failed") != reason.is_empty(), || "a failed repayment, and only that, has a reason".to_owned())?;
    let reason = text_in(lang, reason, reason_en);
    Ok(facts([("repayment", text(repayment)), ("state", state.fact()), ("amount", amount_fen.fact()), ("reason", reason)]))
}

#[derive(Deserialize)]
struct Repayments {
    repayments: Vec<Repayment>,
}

#[derive(Deserialize)]
struct Repayment {
    id: String,
    loan: String,
    date: Date,
    amount_fen: Sum,
    state: PaymentState,
    method: PaymentMethod,
}

pub(super) fn repayments(body: &[u8]) -> Result<Facts, Wrong> {
    let Repayments { repayments } = parse(body)?;
    let record = |Repayment { id, loan, date, amount_fen, state, method }: Repayment| {
        facts([
            ("id", text(id)),
            ("loan", text(loan)),
            ("date", Fact::Date(date)),
            ("amount", amount_fen.fact()),
            ("state", state.fact()),
            ("method", method.fact()),
        ])
    };
    Ok(facts([("repayments", list(repayments, record))]))
}

#[derive(Deserialize)]
struct DeferralQuote {
    quote: String,
    loan: String,
    days: Natural,
    fee_fen: Sum,
    old_due_date: Date,
    new_due_date: Date,
    total_fen: Sum,
}

pub(super) fn deferral_quote(body: &[u8]) -> Result<Facts, Wrong> {
    let quote: DeferralQuote = parse(body)?;
    let moved = jiff::Span::new().try_days(quote.days.0).and_then(|days| quote.old_due_date.checked_add(days));
    check(moved.is_ok_and(|moved| moved == quote.new_due_date), || {
        "the new due date is not the old one and the days".to_owned()
    })?;
    check(quote.fee_fen.0 <= quote.total_fen.0, || "the fee is more than the total".to_owned())?;
    Ok(facts([
        ("quote", text(quote.quote)),
        ("loan", text(quote.loan)),
        ("days", quote.days.count()),
        ("fee", quote.fee_fen.fact()),
        ("old_due_date", Fact::Date(quote.old_due_date)),
        ("new_due_date", Fact::Date(quote.new_due_date)),
        ("total", quote.total_fen.fact()),
    ]))
}

#[derive(Deserialize)]
struct Deferral {
    deferral: String,
    state: DeferralState,
    new_due_date: Date,
}

pub(super) fn deferral(body: &[u8]) -> Result<Facts, Wrong> {
    let Deferral { deferral, state, new_due_date } = parse(body)?;
    Ok(facts([("deferral", text(deferral)), ("state", state.fact()), ("new_due_date", Fact::Date(new_due_date))]))
}

#[derive(Deserialize)]
struct DayChange {
    loan: String,
    old_day: Natural,
    new_day: Natural,
    next_due_date: Date,
}

pub(super) fn day_change(body: &[u8]) -> Result<Facts, Wrong> {
    let DayChange { loan, old_day, new_day, next_due_date } = parse(body)?;
    Ok(facts([
        ("loan", text(loan)),
        ("old_day", old_day.count()),
        ("new_day", new_day.count()),
        ("next_due_date", Fact::Date(next_due_date)),
    ]))
}
