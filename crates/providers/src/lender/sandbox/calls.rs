//! Operations as HTTP requests, and which reader each answer belongs to. Owns both exhaustive matches; sends nothing.

use super::reading::{Wrong, check, parse};
use super::{account, debts};
use jieti_domain::lender::{Fact, Facts, LenderRequest, Operation};
use jiff::civil::Date;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

/// A request to be sent.
pub(super) struct Call {
    path: Vec<String>,
    query: Option<(&'static str, String)>,
    pub verb: Verb,
}

pub(super) enum Verb {
    Get,
    Post(Value),
}

/// A request's arguments, asked for by name and type.
struct Arguments<'a>(&'a Facts);

impl Arguments<'_> {
    fn text(&self, name: &str) -> Result<&str, Wrong> {
        match self.0.get(name) {
            Some(Fact::Text(text)) => Ok(text),
            other => Err(mistyped(name, "text", other)),
        }
    }

    fn count(&self, name: &str) -> Result<i64, Wrong> {
        match self.0.get(name) {
            Some(Fact::Count(count)) => Ok(*count),
            other => Err(mistyped(name, "a count", other)),
        }
    }

    fn date(&self, name: &str) -> Result<Date, Wrong> {
        match self.0.get(name) {
            Some(Fact::Date(date)) => Ok(*date),
            other => Err(mistyped(name, "a date", other)),
        }
    }

    fn amount_fen(&self, name: &str) -> Result<i64, Wrong> {
        match self.0.get(name) {
            Some(Fact::Money(amount)) => Ok(amount.0),
            other => Err(mistyped(name, "money", other)),
        }
    }
}

/// Says what kind of fact was found, and never its content: arguments hold card and phone numbers.
fn mistyped(name: &str, want: &str, found: Option<&Fact>) -> Wrong {
    let found = match found {
        None => "absent",
        Some(Fact::Money(_)) => "money",
        Some(Fact::Rate(_)) => "a rate",
        Some(Fact::Date(_)) => "a date",
        Some(Fact::Count(_)) => "a count",
        Some(Fact::Text(_)) => "text",
        Some(Fact::Flag(_)) => "a flag",
        Some(Fact::List(_)) => "a list",
        Some(Fact::Record(_)) => "a record",
    };
    format!("the request's argument {name:?} must be {want} and is {found}")
}

impl Call {
    /// Each segment is escaped, so an identifier cannot lead to another path.
    pub fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&self.path);
        }
        if let Some((name, value)) = &self.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        url
    }
}

/// The operation's own name, as it stands in errors and logs.
pub(super) fn name(operation: Operation) -> String {
    match serde_json::to_value(operation) {
        Ok(Value::String(name)) => name,
        _ => format!("{operation:?}"),
    }
}

pub(super) fn health() -> Call {
    Call { path: vec!["v1".to_owned(), "health".to_owned()], query: None, verb: Verb::Get }
}

/// # Errors
/// Where an argument is absent or of another type.
pub(super) fn call(request: &LenderRequest) -> Result<Call, Wrong> {
    let given = Arguments(&request.arguments);
    let segments = |rest: &[&str]| {
        ["v1", "customers", request.customer.as_str()].iter().chain(rest).map(|part| (*part).to_owned()).collect()
    };
    let get = |rest: &[&str]| Call { path: segments(rest), query: None, verb: Verb::Get };
    let post = |rest: &[&str], body: Value| Call { path: segments(rest), query: None, verb: Verb::Post(body) };
    // An identifier of "." or ".." would vanish from a URL even when escaped.
    let identifiers = [
        Some(request.customer.as_str()),
        given.text("loan").ok(),
        given.text("card").ok(),
        given.text("repayment").ok(),
        given.text("change").ok(),
    ];
    check(!identifiers.into_iter().flatten().any(|id| matches!(id, "" | "." | "..")), || {
        "an identifier is empty or a path of its own".to_owned()
    })?;
    Ok(match request.operation {
        Operation::Profile => get(&[]),
        Operation::Contact => get(&["contact"]),
        Operation::Loans => get(&["loans"]),
        Operation::Schedule => get(&["loans", given.text("loan")?, "schedule"]),
        Operation::Due => Call { query: Some(("month", given.date("month")?.to_string())), ..get(&["due"]) },
        Operation::SettlementQuote => {
            post(&["loans", given.text("loan")?, "settlement-quotes"], json!({ "date": given.date("date")? }))
        }
        Operation::Settle => post(&["settlements"], json!({ "quote": given.text("quote")? })),
        Operation::Repay => {
            let mut body = json!({ "loan": given.text("loan")?, "amount_fen": given.amount_fen("amount")? });
            if request.arguments.contains_key("card") {
                body["card"] = given.text("card")?.into();
            }
            post(&["repayments"], body)
        }
        Operation::RepaymentStatus => get(&["repayments", given.text("repayment")?]),
        Operation::Repayments => get(&["repayments"]),
        Operation::Cards => get(&["cards"]),
        Operation::AddCard => {
            post(&["cards"], json!({ "card_number": given.text("card_number")?, "phone": given.text("phone")? }))
        }
        Operation::VerifyCard => post(&["cards", given.text("card")?, "verification"], json!({ "code": given.text("code")? })),
        Operation::SetDefaultCard => post(&["default-card"], json!({ "card": given.text("card")? })),
        Operation::DeferralQuote => {
            post(&["loans", given.text("loan")?, "deferral-quotes"], json!({ "days": given.count("days")? }))
        }
        Operation::Defer => post(&["deferrals"], json!({ "quote": given.text("quote")?, "reason": given.text("reason")? })),
        Operation::Limit => get(&["limit"]),
        Operation::Applications => get(&["applications"]),
        Operation::Certificate => post(&["loans", given.text("loan")?, "certificates"], json!({ "kind": given.text("kind")? })),
        Operation::Coupons => get(&["coupons"]),
        Operation::ChangePhone => post(&["phone-changes"], json!({ "new_phone": given.text("new_phone")? })),
        Operation::VerifyPhone => {
            post(&["phone-changes", given.text("change")?, "verification"], json!({ "code": given.text("code")? }))
        }
        Operation::ChangeRepaymentDay => {
            post(&["loans", given.text("loan")?, "repayment-day"], json!({ "day": given.count("day")? }))
        }
        Operation::ClosureCheck => get(&["closure-check"]),
        Operation::CloseAccount => post(&["closures"], json!({})),
    })
}

/// # Errors
/// Where the answer has another shape, its sums do not add up, or it answers another question.
pub(super) fn read(request: &LenderRequest, body: &[u8]) -> Result<Facts, Wrong> {
    let lang = request.lang;
    let facts = match request.operation {
        Operation::Profile => account::profile(body, lang),
        Operation::Contact => account::contact(body),
        Operation::Loans => debts::loans(body, lang),
        Operation::Schedule => debts::schedule(body),
        Operation::Due => debts::due(body, lang),
        Operation::SettlementQuote => debts::settlement_quote(body),
        Operation::Settle | Operation::Repay => debts::receipt(body),
        Operation::RepaymentStatus => debts::repayment_status(body, lang),
        Operation::Repayments => debts::repayments(body),
        Operation::Cards => account::cards(body, lang),
        Operation::AddCard => account::card_with_code(body, lang),
        Operation::VerifyCard | Operation::SetDefaultCard => account::card(body, lang),
        Operation::DeferralQuote => debts::deferral_quote(body),
        Operation::Defer => debts::deferral(body),
        Operation::Limit => account::limit(body, lang),
        Operation::Applications => account::applications(body, lang),
        Operation::Certificate => account::certificate(body),
        Operation::Coupons => account::coupons(body, lang),
        Operation::ChangePhone => account::phone_change(body),
        Operation::VerifyPhone => account::phone(body),
        Operation::ChangeRepaymentDay => debts::day_change(body),
        Operation::ClosureCheck => account::closure_check(body, lang),
        Operation::CloseAccount => account::closure(body),
    }?;
    check_echo(request, &facts)?;
    Ok(facts)
}

/// What the answer repeats of the question must be what was asked.
fn check_echo(request: &LenderRequest, facts: &Facts) -> Result<(), Wrong> {
    for (name, asked) in &request.arguments {
        let same = match (name.as_str(), facts.get(name)) {
            ("month", Some(Fact::Date(month))) => matches!(asked, Fact::Date(date) if date.first_of_month() == *month),
            ("loan" | "date" | "amount" | "repayment" | "days" | "kind" | "card", Some(answered)) => answered == asked,
            _ => true,
        };
        check(same, || format!("the answer's {name:?} is not the one asked about"))?;
    }
    match (request.arguments.get("day"), facts.get("new_day")) {
        (Some(asked), Some(answered)) => {
            check(asked == answered, || "the answer's \"new_day\" is not the one asked for".to_owned())
        }
        _ => Ok(()),
    }
}

/// # Errors
/// Where the answer is not the lender's.
pub(super) fn read_health(body: &[u8]) -> Result<(), Wrong> {
    #[derive(Deserialize)]
    struct Health {
        #[serde(rename = "today")]
        _today: Date,
    }
    parse::<Health>(body).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jieti_domain::money::Fen;
    use jieti_domain::understanding::Lang;
    use jiff::civil::date;

    fn ask(operation: Operation, arguments: &[(&str, Fact)]) -> LenderRequest {
        let arguments = arguments.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect();
        LenderRequest { id: "r".into(), customer: "c".into(), operation, arguments, lang: Lang::default() }
    }

    fn text(text: &str) -> Fact {
        Fact::Text(text.to_owned())
    }

    /// Reads `good`, and then each altered body, which must be refused.
    fn only_good_is_read(request: &LenderRequest, good: &Value, altered: &[(&str, Value)]) {
        assert!(read(request, good.to_string().as_bytes()).is_ok(), "{:?}", read(request, good.to_string().as_bytes()));
        for (pointer, value) in altered {
            let mut body = good.clone();
            *body.pointer_mut(pointer).unwrap() = value.clone();
            assert!(read(request, body.to_string().as_bytes()).is_err(), "{:?}: {pointer} = {value}", request.operation);
        }
    }

    #[test]
    fn a_quote_that_is_a_fen_off_or_about_another_loan_or_day_is_nonsense() {
        let request = ask(Operation::SettlementQuote, &[("loan", text("l1")), ("date", Fact::Date(date(2026, 11, 22)))]);
        let good = json!({
            "quote": "q1", "loan": "l1", "date": "2026-11-22", "principal_fen": 100, "interest_fen": 20, "fee_fen": 3, "total_fen": 123,
            "saved_fen": -1, "valid_until": "2026-11-22"
        });
        let altered = [
            ("/total_fen", json!(124)),
            ("/fee_fen", json!(2)),
            ("/fee_fen", json!(-3)),
            ("/principal_fen", json!(100.0)),
            ("/principal_fen", json!("100")),
            ("/date", json!("2026-11-23")),
            ("/valid_until", json!("tomorrow")),
            ("/loan", json!("l2")),
        ];
        only_good_is_read(&request, &good, &altered);
    }

    #[test]
    fn what_is_due_must_add_up_item_by_item_and_in_all() {
        let request = ask(Operation::Due, &[("month", Fact::Date(date(2026, 11, 22)))]);
        let item = |status: &str| {
            json!({
                "loan": "l1", "product": "p", "term": 1, "due_date": "2026-11-01", "principal_fen": 100, "interest_fen": 5, "fee_fen": 0,
                "penalty_fen": 1, "total_fen": 106, "status": status
            })
        };
        let good =
            json!({ "month": "2026-11-01", "total_fen": 212, "overdue_fen": 106, "items": [item("overdue"), item("pending")] });
        let altered = [
            ("/total_fen", json!(213)),
            ("/overdue_fen", json!(0)),
            ("/items/0/penalty_fen", json!(2)),
            ("/items/1/status", json!("overdue")),
            ("/items/1/status", json!("late")),
            ("/items/1", json!({})),
            ("/month", json!("2026-12-01")),
        ];
        only_good_is_read(&request, &good, &altered);
    }

    #[test]
    fn a_schedule_must_add_up_and_count_its_terms() {
        let request = ask(Operation::Schedule, &[("loan", text("l1"))]);
        let good = json!({ "terms": [{
            "number": 1, "due_date": "2026-11-01", "principal_fen": 100, "interest_fen": 5, "fee_fen": 0, "penalty_fen": 0, "total_fen": 105,
            "status": "paid"
        }] });
        only_good_is_read(
            &request,
            &good,
            &[("/terms/0/total_fen", json!(104)), ("/terms/0/number", json!(2)), ("/terms", json!(null))],
        );
    }

    #[test]
    fn answers_that_contradict_themselves_or_the_question_are_nonsense() {
        let repay = ask(Operation::Repay, &[("loan", text("l1")), ("amount", Fact::Money(Fen(100)))]);
        let receipt = json!({ "repayment": "r1", "state": "submitted", "amount_fen": 100, "at": "2026-11-22" });
        only_good_is_read(&repay, &receipt, &[("/amount_fen", json!(1_000)), ("/state", json!("done"))]);

        let status = ask(Operation::RepaymentStatus, &[("repayment", text("r1"))]);
        let failed = json!({ "repayment": "r1", "state": "failed", "amount_fen": 100, "reason": "余额不足" });
        only_good_is_read(
            &status,
            &failed,
            &[("/repayment", json!("r2")), ("/state", json!("succeeded")), ("/reason", json!(""))],
        );

        let defer = ask(Operation::DeferralQuote, &[("loan", text("l1")), ("days", Fact::Count(7))]);
        let quote = json!({
            "quote": "q1", "loan": "l1", "days": 7, "fee_fen": 100, "old_due_date": "2026-11-27", "new_due_date": "2026-12-04", "total_fen": 900
        });
        only_good_is_read(
            &defer,
            &quote,
            &[("/new_due_date", json!("2026-12-05")), ("/days", json!(8)), ("/total_fen", json!(99))],
        );

        let limit = json!({ "limit_fen": 500, "used_fen": 200, "available_fen": 300, "rate_bp": 1440, "valid_until": null, "state": "active", "reason": "" });
        let altered = [("/available_fen", json!(301)), ("/state", json!("frozen")), ("/rate_bp", json!(-1))];
        only_good_is_read(&ask(Operation::Limit, &[]), &limit, &altered);

        let profile =
            json!({ "name": "n", "level": "l", "phone": "138****1001", "day_of_month": 10, "overdue": true, "days_overdue": 3 });
        let altered = [
            ("/overdue", json!(false)),
            ("/days_overdue", json!(0)),
            ("/phone", json!("13800131001")),
            ("/overdue", json!("true")),
        ];
        only_good_is_read(&ask(Operation::Profile, &[]), &profile, &altered);

        let closure = json!({ "can_close": false, "open_loans": 1, "balance_fen": 5, "reasons": ["还有借款"] });
        only_good_is_read(&ask(Operation::ClosureCheck, &[]), &closure, &[("/can_close", json!(true)), ("/reasons", json!([]))]);
    }

    #[test]
    fn identifiers_cannot_lead_to_another_path() {
        let base = Url::parse("http://lender.example/core/").unwrap();
        let call = call(&ask(Operation::Schedule, &[("loan", text("../../closures?x=1#y"))])).unwrap();
        assert_eq!(
            call.url(&base).as_str(),
            "http://lender.example/core/v1/customers/c/loans/..%2F..%2Fclosures%3Fx=1%23y/schedule"
        );
    }
}
