//! Reads answers about the customer: profile, cards, limit, applications, coupons, certificates, phone, closing.

use super::reading::{Natural, Sum, Wrong, check, facts, list, parse, text, text_in, with_date, words};
use jieti_domain::lender::{Fact, Facts};
use jieti_domain::understanding::Lang;
use jiff::civil::Date;
use serde::Deserialize;

words! {
    LimitState { "active", "frozen", "expired", "none" }
    ApplicationState { "reviewing", "rejected", "disbursing", "disbursed", "disbursement_failed" }
    CertificateKind { "settlement", "contract", "schedule", "debt" }
    CouponState { "usable", "used", "expired" }
    ClosureState { "processing" }
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    level: String,
    #[serde(default)]
    level_en: String,
    phone: String,
    day_of_month: Natural,
    overdue: bool,
    days_overdue: Natural,
}

pub(super) fn profile(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let profile: Profile = parse(body)?;
    check(profile.overdue == (profile.days_overdue.0 > 0), || {
        "the overdue flag and the days overdue contradict each other".to_owned()
    })?;
    check_masked(&profile.phone)?;
    Ok(facts([
        ("name", text(profile.name)),
        ("level", text_in(lang, profile.level, profile.level_en)),
        ("phone", text(profile.phone)),
        ("day_of_month", profile.day_of_month.count()),
        ("overdue", Fact::Flag(profile.overdue)),
        ("days_overdue", profile.days_overdue.count()),
    ]))
}

#[derive(Deserialize)]
struct Contact {
    phone: String,
}

pub(super) fn contact(body: &[u8]) -> Result<Facts, Wrong> {
    let contact: Contact = parse(body)?;
    check(!contact.phone.contains('*'), || "the phone number that was asked for is masked".to_owned())?;
    Ok(facts([("phone", text(contact.phone))]))
}

/// A lender that forgets to mask must not make us show a whole number.
fn check_masked(phone: &str) -> Result<(), Wrong> {
    check(phone.contains('*'), || "a phone number is not masked".to_owned())
}

#[derive(Deserialize)]
struct Cards {
    cards: Vec<CardRow>,
}

#[derive(Deserialize)]
struct CardRow {
    id: String,
    bank: String,
    #[serde(default)]
    bank_en: String,
    tail: String,
    default: bool,
}

pub(super) fn cards(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let Cards { cards } = parse(body)?;
    for card in &cards {
        check_tail(&card.tail)?;
    }
    let record = |CardRow { id, bank, bank_en, tail, default }: CardRow| {
        let bank = text_in(lang, bank, bank_en);
        facts([("id", text(id)), ("bank", bank), ("tail", text(tail)), ("default", Fact::Flag(default))])
    };
    Ok(facts([("cards", list(cards, record))]))
}

fn check_tail(tail: &str) -> Result<(), Wrong> {
    let is_tail = tail.len() == 4 && tail.bytes().all(|byte| byte.is_ascii_digit());
    check(is_tail, || "a card's tail is not four digits".to_owned())
}

#[derive(Deserialize)]
struct CardWithCode {
    #[serde(flatten)]
    card: Card,
    code_sent_to: String,
}

#[derive(Deserialize)]
struct Card {
    card: String,
    bank: String,
    #[serde(default)]
    bank_en: String,
    tail: String,
}

pub(super) fn card_with_code(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let CardWithCode { card, code_sent_to } = parse(body)?;
    check_masked(&code_sent_to)?;
    let mut named = card_facts(card, lang)?;
    named.append(&mut facts([("code_sent_to", text(code_sent_to))]));
    Ok(named)
}

pub(super) fn card(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    card_facts(parse(body)?, lang)
}

fn card_facts(Card { card, bank, bank_en, tail }: Card, lang: Lang) -> Result<Facts, Wrong> {
    check_tail(&tail)?;
    Ok(facts([("card", text(card)), ("bank", text_in(lang, bank, bank_en)), ("tail", text(tail))]))
}

#[derive(Deserialize)]
struct Limit {
    limit_fen: Sum,
    used_fen: Sum,
    available_fen: Sum,
    rate_bp: Natural,
    valid_until: Option<Date>,
    state: LimitState,
    reason: String,
    #[serde(default)]
    reason_en: String,
}

pub(super) fn limit(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let limit: Limit = parse(body)?;
    let free_fen = limit.limit_fen.0.0.saturating_sub(limit.used_fen.0.0).max(0);
    let want_fen = if limit.state == "active" { free_fen } else { 0 };
    check(limit.available_fen.0.0 == want_fen, || "what is available is not the limit less what is used".to_owned())?;
    let named = facts([
        ("limit", limit.limit_fen.fact()),
        ("used", limit.used_fen.fact()),
        ("available", limit.available_fen.fact()),
        ("rate", limit.rate_bp.rate()),
        ("state", limit.state.fact()),
        ("reason", text_in(lang, limit.reason, limit.reason_en)),
    ]);
    Ok(with_date(named, "valid_until", limit.valid_until))
}

#[derive(Deserialize)]
struct Applications {
    applications: Vec<Application>,
}

#[derive(Deserialize)]
struct Application {
    id: String,
    product: String,
    #[serde(default)]
    product_en: String,
    amount_fen: Sum,
    applied_on: Date,
    state: ApplicationState,
    expected_by: Option<Date>,
    reason: String,
    #[serde(default)]
    reason_en: String,
}

pub(super) fn applications(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let Applications { applications } = parse(body)?;
    let record = |application: Application| {
        let named = facts([
            ("id", text(application.id)),
            ("product", text_in(lang, application.product, application.product_en)),
            ("amount", application.amount_fen.fact()),
            ("applied_on", Fact::Date(application.applied_on)),
            ("state", application.state.fact()),
            ("reason", text_in(lang, application.reason, application.reason_en)),
        ]);
        with_date(named, "expected_by", application.expected_by)
    };
    Ok(facts([("applications", list(applications, record))]))
}

#[derive(Deserialize)]
struct Certificate {
    number: String,
    kind: CertificateKind,
    loan: String,
    issued_on: Date,
    url: String,
}

pub(super) fn certificate(body: &[u8]) -> Result<Facts, Wrong> {
    let Certificate { number, kind, loan, issued_on, url } = parse(body)?;
    // The customer will be asked to open it.
    check(url.starts_with("https://") || url.starts_with("http://"), || {
        "the certificate's address is not on the web".to_owned()
    })?;
    Ok(facts([
        ("number", text(number)),
        ("kind", kind.fact()),
        ("loan", text(loan)),
        ("issued_on", Fact::Date(issued_on)),
        ("url", text(url)),
    ]))
}

#[derive(Deserialize)]
struct Coupons {
    coupons: Vec<Coupon>,
}

#[derive(Deserialize)]
struct Coupon {
    id: String,
    title: String,
    #[serde(default)]
    title_en: String,
    value_fen: Sum,
    min_amount_fen: Sum,
    valid_until: Date,
    state: CouponState,
}

pub(super) fn coupons(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let Coupons { coupons } = parse(body)?;
    let record = |Coupon { id, title, title_en, value_fen, min_amount_fen, valid_until, state }: Coupon| {
        facts([
            ("id", text(id)),
            ("title", text_in(lang, title, title_en)),
            ("value", value_fen.fact()),
            ("min_amount", min_amount_fen.fact()),
            ("valid_until", Fact::Date(valid_until)),
            ("state", state.fact()),
        ])
    };
    Ok(facts([("coupons", list(coupons, record))]))
}

#[derive(Deserialize)]
struct PhoneChange {
    change: String,
    code_sent_to: String,
}

pub(super) fn phone_change(body: &[u8]) -> Result<Facts, Wrong> {
    let PhoneChange { change, code_sent_to } = parse(body)?;
    check_masked(&code_sent_to)?;
    Ok(facts([("change", text(change)), ("code_sent_to", text(code_sent_to))]))
}

#[derive(Deserialize)]
struct Phone {
    phone: String,
}

pub(super) fn phone(body: &[u8]) -> Result<Facts, Wrong> {
    let Phone { phone } = parse(body)?;
    check_masked(&phone)?;
    Ok(facts([("phone", text(phone))]))
}

#[derive(Deserialize)]
struct ClosureCheck {
    can_close: bool,
    open_loans: Natural,
    balance_fen: Sum,
    reasons: Vec<String>,
    #[serde(default)]
    reasons_en: Vec<String>,
}

pub(super) fn closure_check(body: &[u8], lang: Lang) -> Result<Facts, Wrong> {
    let ClosureCheck { can_close, open_loans, balance_fen, reasons, reasons_en } = parse(body)?;
    check(can_close == reasons.is_empty(), || "closing is refused without a reason, or allowed with one".to_owned())?;
    // A reason that is not told in both languages is told in Chinese.
    let english = reasons_en.into_iter().chain(std::iter::repeat(String::new()));
    let reasons = reasons.into_iter().zip(english).map(|(chinese, english)| text_in(lang, chinese, english)).collect();
    Ok(facts([
        ("can_close", Fact::Flag(can_close)),
        ("open_loans", open_loans.count()),
        ("balance", balance_fen.fact()),
        ("reasons", Fact::List(reasons)),
    ]))
}

#[derive(Deserialize)]
struct Closure {
    closure: String,
    state: ClosureState,
    done_by: Date,
}

pub(super) fn closure(body: &[u8]) -> Result<Facts, Wrong> {
    let Closure { closure, state, done_by } = parse(body)?;
    Ok(facts([("closure", text(closure)), ("state", state.fact()), ("done_by", Fact::Date(done_by))]))
}
