//! The adapter against a real sandbox lender over a real socket: every operation once, and every way to get no answer.

use jieti_domain::lender::{Fact, Facts, LenderError, LenderRequest, Operation};
use jieti_domain::money::{BasisPoints, Fen};
use jieti_domain::understanding::Lang;
use jieti_providers::lender::LenderCore;
use jieti_providers::lender::sandbox::{SandboxLender, SandboxSettings};
use jieti_sandbox_lender::clock::ManualClock;
use jieti_sandbox_lender::{Config, Place, Running, start};
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const TODAY: Date = date(2026, 11, 22);
const KEY: &str = "contract-key";

struct Bench {
    running: Running,
    clock: Arc<ManualClock>,
    lender: SandboxLender,
    asked: AtomicU64,
}

impl Bench {
    async fn open() -> Bench {
        let clock = Arc::new(ManualClock::at_noon(TODAY));
        let config = Config { store: Place::Memory, api_key: KEY.to_owned(), public_url: None, clock: clock.clone() };
        let running = start(config, 0).await.unwrap();
        let lender = adapter(&running.url(), KEY);
        Bench { running, clock, lender, asked: AtomicU64::new(0) }
    }

    async fn try_call(&self, customer: &str, operation: Operation, arguments: &[(&str, Fact)]) -> Result<Facts, LenderError> {
        let id = self.asked.fetch_add(1, Ordering::SeqCst);
        self.lender.call(&request(&format!("request-{id}"), customer, operation, arguments)).await
    }

    async fn call(&self, customer: &str, operation: Operation, arguments: &[(&str, Fact)]) -> Facts {
        self.try_call(customer, operation, arguments).await.unwrap()
    }

    async fn set_weather(&self, weather: Value) {
        let url = format!("{}/v1/sandbox/weather", self.running.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.post(url).bearer_auth(KEY).json(&weather).send().await.unwrap();
        assert!(answer.status().is_success());
    }
}

fn adapter(url: &str, key: &str) -> SandboxLender {
    SandboxLender::new(SandboxSettings { timeout: Duration::from_millis(800), ..SandboxSettings::new(url, key) }).unwrap()
}

fn request(id: &str, customer: &str, operation: Operation, arguments: &[(&str, Fact)]) -> LenderRequest {
    let arguments = arguments.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect();
    LenderRequest { id: id.into(), customer: customer.into(), operation, arguments, lang: Lang::ZhCn }
}

fn text(text: &str) -> Fact {
    Fact::Text(text.to_owned())
}

fn money(facts: &Facts, name: &str) -> i64 {
    match &facts[name] {
        Fact::Money(Fen(fen)) => *fen,
        other => panic!("{name} is {other:?}"),
    }
}

fn records<'a>(facts: &'a Facts, name: &str) -> Vec<&'a Facts> {
    let Fact::List(rows) = &facts[name] else { panic!("{name} is {:?}", facts[name]) };
    let record = |row: &'a Fact| match row {
        Fact::Record(record) => record,
        other => panic!("{name} holds {other:?}"),
    };
    rows.iter().map(record).collect()
}

fn names(facts: &Facts) -> String {
    facts.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn profile_says_who_is_overdue() {
    let bench = Bench::open().await;
    let overdue = bench.call("c1002", Operation::Profile, &[]).await;
    assert_eq!(names(&overdue), "day_of_month days_overdue level name overdue phone");
    assert_eq!((&overdue["overdue"], &overdue["days_overdue"]), (&Fact::Flag(true), &Fact::Count(12)));
    assert_eq!((&overdue["name"], &overdue["phone"]), (&text("王芳"), &text("138****1002")));
    let sound = bench.call("c1001", Operation::Profile, &[]).await;
    assert_eq!((&sound["overdue"], &sound["days_overdue"]), (&Fact::Flag(false), &Fact::Count(0)));
}

#[tokio::test]
async fn loans_come_typed() {
    let bench = Bench::open().await;
    let answer = bench.call("c1001", Operation::Loans, &[]).await;
    let loans = records(&answer, "loans");
    assert_eq!(loans.len(), 2);
    assert_eq!(
        names(loans[0]),
        "balance card id method next_due next_due_date principal product rate repayment_day status terms terms_left"
    );
    assert_eq!(loans[0]["rate"], Fact::Rate(BasisPoints(1440)));
    assert_eq!(loans[0]["next_due_date"], Fact::Date(date(2026, 11, 27)));
    assert_eq!(loans[0]["status"], text("active"));
    let settled = bench.call("c1004", Operation::Loans, &[]).await;
    let settled = records(&settled, "loans")[0].clone();
    assert!(!settled.contains_key("next_due_date"), "nothing is due on a settled loan");
    assert_eq!((&settled["status"], money(&settled, "next_due")), (&text("settled"), 0));
}

#[tokio::test]
async fn schedule_adds_up_to_the_principal() {
    let bench = Bench::open().await;
    let answer = bench.call("c1001", Operation::Schedule, &[("loan", text("l1001"))]).await;
    let terms = records(&answer, "terms");
    assert_eq!(names(terms[0]), "due_date fee interest number penalty principal status total");
    assert_eq!(terms.iter().map(|term| money(term, "principal")).sum::<i64>(), 1_200_000);
}

#[tokio::test]
async fn due_takes_any_date_of_the_month() {
    let bench = Bench::open().await;
    let answer = bench.call("c1002", Operation::Due, &[("month", Fact::Date(TODAY))]).await;
    assert_eq!(names(&answer), "items month overdue total");
    assert_eq!(answer["month"], Fact::Date(date(2026, 11, 1)));
    let items = records(&answer, "items");
    assert_eq!(names(items[0]), "due_date fee interest loan penalty principal product status term total");
    assert_eq!(items[0]["status"], text("overdue"));
    assert!(money(items[0], "penalty") > 0);
    assert_eq!(money(&answer, "overdue"), money(items[0], "total"));
}

#[tokio::test]
async fn a_loan_is_settled_as_quoted() {
    let bench = Bench::open().await;
    let quote = bench.call("c1001", Operation::SettlementQuote, &[("loan", text("l1001")), ("date", Fact::Date(TODAY))]).await;
    assert_eq!(names(&quote), "date fee interest loan principal quote saved total valid_until");
    let receipt = bench.call("c1001", Operation::Settle, &[("quote", quote["quote"].clone())]).await;
    assert_eq!(names(&receipt), "amount at repayment state");
    assert_eq!(receipt["amount"], quote["total"]);
    assert_eq!(receipt["state"], text("processing"));
    bench.clock.advance_secs(10);
    let status = bench.call("c1001", Operation::RepaymentStatus, &[("repayment", receipt["repayment"].clone())]).await;
    assert_eq!(status["state"], text("succeeded"));
    let loans = bench.call("c1001", Operation::Loans, &[]).await;
    assert_eq!(records(&loans, "loans")[0]["status"], text("settled"));
}

#[tokio::test]
async fn a_repayment_can_be_followed_to_its_end() {
    let bench = Bench::open().await;
    let due = money(&bench.call("c1001", Operation::Due, &[("month", Fact::Date(TODAY))]).await, "total");
    let arguments = [("loan", text("l1001")), ("amount", Fact::Money(Fen(due))), ("card", text("k1001"))];
    let receipt = bench.call("c1001", Operation::Repay, &arguments).await;
    assert_eq!((names(&receipt), &receipt["at"]), ("amount at repayment state".to_owned(), &Fact::Date(TODAY)));
    let waiting = bench.call("c1001", Operation::RepaymentStatus, &[("repayment", receipt["repayment"].clone())]).await;
    assert_eq!(
        (names(&waiting), &waiting["state"], &waiting["reason"]),
        ("amount reason repayment state".to_owned(), &text("processing"), &text(""))
    );
    bench.clock.advance_secs(10);
    let all = bench.call("c1001", Operation::Repayments, &[]).await;
    let latest = records(&all, "repayments")[0];
    assert_eq!(names(latest), "amount date id loan method state");
    assert_eq!(
        (&latest["id"], &latest["state"], &latest["method"]),
        (&receipt["repayment"], &text("succeeded"), &text("manual"))
    );
    let due = bench.call("c1001", Operation::Due, &[("month", Fact::Date(TODAY))]).await;
    assert_eq!((money(&due, "total"), records(&due, "items").len()), (0, 0));
}

#[tokio::test]
async fn a_failed_deduction_says_why() {
    let bench = Bench::open().await;
    let all = bench.call("c1008", Operation::Repayments, &[]).await;
    let failed = records(&all, "repayments")[0];
    let status = bench.call("c1008", Operation::RepaymentStatus, &[("repayment", failed["id"].clone())]).await;
    assert_eq!((&status["state"], &status["reason"]), (&text("failed"), &text("银行卡余额不足，扣款未成功")));
}

#[tokio::test]
async fn a_card_is_added_verified_and_made_the_default() {
    let bench = Bench::open().await;
    let added = bench
        .call("c1001", Operation::AddCard, &[("card_number", text("6222021234567894")), ("phone", text("13900139000"))])
        .await;
    assert_eq!(names(&added), "bank card code_sent_to tail");
    assert_eq!(
        (&added["bank"], &added["tail"], &added["code_sent_to"]),
        (&text("中国工商银行"), &text("7894"), &text("139****9000"))
    );
    let card = added["card"].clone();
    let verified = bench.call("c1001", Operation::VerifyCard, &[("card", card.clone()), ("code", text("888888"))]).await;
    assert_eq!(names(&verified), "bank card tail");
    bench.call("c1001", Operation::SetDefaultCard, &[("card", card.clone())]).await;
    let cards = bench.call("c1001", Operation::Cards, &[]).await;
    let cards = records(&cards, "cards");
    assert_eq!(names(cards[0]), "bank default id tail");
    assert_eq!((&cards[0]["id"], &cards[0]["default"], cards.len()), (&card, &Fact::Flag(true), 2));
}

#[tokio::test]
async fn a_term_is_deferred_as_quoted() {
    let bench = Bench::open().await;
    let quote = bench.call("c1001", Operation::DeferralQuote, &[("loan", text("l1001")), ("days", Fact::Count(7))]).await;
    assert_eq!(names(&quote), "days fee loan new_due_date old_due_date quote total");
    let done = bench.call("c1001", Operation::Defer, &[("quote", quote["quote"].clone()), ("reason", text("工资晚发"))]).await;
    assert_eq!(names(&done), "deferral new_due_date state");
    assert_eq!((&done["new_due_date"], &done["state"]), (&quote["new_due_date"], &text("approved")));
    let loans = bench.call("c1001", Operation::Loans, &[]).await;
    let loan = records(&loans, "loans")[0];
    assert_eq!((&loan["next_due_date"], &loan["next_due"]), (&quote["new_due_date"], &quote["total"]));
}

#[tokio::test]
async fn limit_applications_and_coupons_are_read() {
    let bench = Bench::open().await;
    let frozen = bench.call("c1006", Operation::Limit, &[]).await;
    assert_eq!(names(&frozen), "available limit rate reason state used valid_until");
    assert_eq!((&frozen["state"], money(&frozen, "available")), (&text("frozen"), 0));
    let rejected = bench.call("c1005", Operation::Applications, &[]).await;
    let rejected = records(&rejected, "applications")[0];
    assert_eq!(names(rejected), "amount applied_on id product reason state", "a rejected application expects nothing");
    assert_eq!(rejected["state"], text("rejected"));
    let late = bench.call("c1003", Operation::Applications, &[]).await;
    let late = records(&late, "applications")[0];
    assert_eq!((&late["state"], &late["expected_by"]), (&text("disbursing"), &Fact::Date(date(2026, 11, 23))));
    let coupons = bench.call("c1001", Operation::Coupons, &[]).await;
    let states: Vec<_> = records(&coupons, "coupons").iter().map(|coupon| coupon["state"].clone()).collect();
    assert_eq!(states, [text("expired"), text("usable")]);
    assert_eq!(names(records(&coupons, "coupons")[0]), "id min_amount state title valid_until value");
}

#[tokio::test]
async fn the_contact_is_whole_where_the_profile_is_masked() {
    let bench = Bench::open().await;
    let (profile, contact) =
        (bench.call("c1001", Operation::Profile, &[]).await, bench.call("c1001", Operation::Contact, &[]).await);
    let (Fact::Text(masked), Fact::Text(whole)) = (&profile["phone"], &contact["phone"]) else { panic!("two texts") };
    assert!(masked.contains('*') && whole.len() == 11 && whole.starts_with(&masked[..3]) && whole.ends_with(&masked[7..]));
}

#[tokio::test]
async fn a_settled_loan_gets_its_certificate() {
    let bench = Bench::open().await;
    let loan = records(&bench.call("c1004", Operation::Loans, &[]).await, "loans")[0]["id"].clone();
    let issued = bench.call("c1004", Operation::Certificate, &[("loan", loan), ("kind", text("settlement"))]).await;
    assert_eq!(names(&issued), "issued_on kind loan number url");
    let Fact::Text(url) = &issued["url"] else { panic!() };
    let page = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("贷款结清证明") && page.contains("刘洋"), "{page}");
}

#[tokio::test]
async fn phone_and_repayment_day_are_changed() {
    let bench = Bench::open().await;
    let change = bench.call("c1001", Operation::ChangePhone, &[("new_phone", text("13900139001"))]).await;
    assert_eq!(names(&change), "change code_sent_to");
    let phone =
        bench.call("c1001", Operation::VerifyPhone, &[("change", change["change"].clone()), ("code", text("888888"))]).await;
    assert_eq!(phone, Facts::from([("phone".to_owned(), text("139****9001"))]));
    let day = bench.call("c1001", Operation::ChangeRepaymentDay, &[("loan", text("l1001")), ("day", Fact::Count(28))]).await;
    assert_eq!(names(&day), "loan new_day next_due_date old_day");
    assert_eq!(
        (&day["old_day"], &day["new_day"], &day["next_due_date"]),
        (&Fact::Count(27), &Fact::Count(28), &Fact::Date(date(2026, 11, 28)))
    );
}

#[tokio::test]
async fn an_account_is_closed_only_when_nothing_is_owed() {
    let bench = Bench::open().await;
    let no = bench.call("c1001", Operation::ClosureCheck, &[]).await;
    assert_eq!(names(&no), "balance can_close open_loans reasons");
    assert_eq!((&no["can_close"], &no["open_loans"]), (&Fact::Flag(false), &Fact::Count(2)));
    let refused = bench.try_call("c1001", Operation::CloseAccount, &[]).await;
    assert!(
        matches!(refused, Err(LenderError::Refused { code, message, .. }) if code == "closure.not_possible" && message.contains("未结清"))
    );
    let yes = bench.call("c1004", Operation::ClosureCheck, &[]).await;
    assert_eq!(yes["can_close"], Fact::Flag(true));
    let closing = bench.call("c1004", Operation::CloseAccount, &[]).await;
    assert_eq!(names(&closing), "closure done_by state");
}

#[tokio::test]
async fn a_refusal_carries_the_lenders_words() {
    let bench = Bench::open().await;
    for (customer, operation, arguments, want) in [
        (
            "c1001",
            Operation::Repay,
            vec![("loan", text("l1001")), ("amount", Fact::Money(Fen(99_999_999)))],
            "repayment.amount_too_large",
        ),
        ("c1001", Operation::Certificate, vec![("loan", text("l1001")), ("kind", text("settlement"))], "certificate.not_settled"),
        (
            "c1001",
            Operation::AddCard,
            vec![("card_number", text("6222021234567890")), ("phone", text("13900139000"))],
            "card.number_invalid",
        ),
        ("c1002", Operation::Schedule, vec![("loan", text("l1001"))], "loan.unknown"),
        ("c1009", Operation::Repay, vec![("loan", text("l1008")), ("amount", Fact::Money(Fen(100)))], "repayment.in_progress"),
        ("nobody", Operation::Profile, vec![], "customer.unknown"),
    ] {
        match bench.try_call(customer, operation, &arguments).await {
            Err(LenderError::Refused { code, message, .. }) => {
                assert_eq!(code, want);
                assert!(message.chars().any(|letter| letter > '\u{4e00}'), "{message} is for customers who read Chinese");
            }
            other => panic!("{operation:?} for {customer}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn customers_who_read_english_get_the_lenders_words_in_english() {
    let bench = Bench::open().await;
    let failed = records(&bench.call("c1008", Operation::Repayments, &[]).await, "repayments")[0]["id"].clone();
    let month = [("month", Fact::Date(TODAY))];
    let new_card = [("card_number", text("6222021234567894")), ("phone", text("13900139000"))];
    for (number, (customer, operation, arguments)) in [
        ("c1001", Operation::Profile, vec![]),
        ("c1001", Operation::Loans, vec![]),
        ("c1002", Operation::Due, month.to_vec()),
        ("c1008", Operation::RepaymentStatus, vec![("repayment", failed)]),
        ("c1001", Operation::Cards, vec![]),
        ("c1001", Operation::AddCard, new_card.to_vec()),
        ("c1006", Operation::Limit, vec![]),
        ("c1005", Operation::Limit, vec![]),
        ("c1005", Operation::Applications, vec![]),
        ("c1001", Operation::Coupons, vec![]),
        ("c1007", Operation::Coupons, vec![]),
        ("c1001", Operation::ClosureCheck, vec![]),
        ("c1002", Operation::SettlementQuote, vec![("loan", text("l1003")), ("date", Fact::Date(TODAY))]),
        ("c1009", Operation::Repay, vec![("loan", text("l1008")), ("amount", Fact::Money(Fen(100)))]),
        ("c1001", Operation::CloseAccount, vec![]),
    ]
    .into_iter()
    .enumerate()
    {
        let request = request(&format!("english-{number}"), customer, operation, &arguments);
        let said = match bench.lender.call(&LenderRequest { lang: Lang::En, ..request }).await {
            // People keep their names.
            Ok(mut facts) => {
                facts.remove("name");
                format!("{facts:?}")
            }
            Err(LenderError::Refused { message, .. }) => {
                assert!(message.starts_with(char::is_uppercase), "{operation:?}: {message}");
                message
            }
            Err(other) => panic!("{operation:?} for {customer}: {other:?}"),
        };
        assert!(!said.chars().any(|letter| letter >= '\u{4e00}'), "{operation:?} for {customer}: {said}");
    }
    let frozen =
        bench.lender.call(&LenderRequest { lang: Lang::En, ..request("f", "c1006", Operation::Limit, &[]) }).await.unwrap();
    assert_eq!(frozen["reason"], text("your identity document has expired; update it to restore the limit"));
}

#[tokio::test]
async fn bad_weather_is_unreachable_or_nonsense_and_ends() {
    let bench = Bench::open().await;
    let loans = |operation| bench.try_call("c1001", operation, &[]);
    for (weather, want) in [
        (json!({ "api": { "kind": "down" } }), "unreachable"),
        (json!({ "api": { "kind": "slow", "delay_ms": 5_000 } }), "unreachable"),
        (json!({ "api": { "kind": "nonsense" } }), "nonsense"),
        (json!({ "api": { "kind": "normal" } }), "facts"),
    ] {
        bench.set_weather(weather).await;
        for outcome in [loans(Operation::Loans).await.map(|_| ()), bench.lender.health().await] {
            let got = match outcome {
                Ok(()) => "facts",
                Err(LenderError::Unreachable { .. }) => "unreachable",
                Err(LenderError::Nonsense { .. }) => "nonsense",
                Err(LenderError::Refused { .. }) => "refused",
            };
            assert_eq!(got, want);
        }
    }
}

#[tokio::test]
async fn the_same_request_is_carried_out_once() {
    let bench = Bench::open().await;
    let repay = request("once", "c1001", Operation::Repay, &[("loan", text("l1001")), ("amount", Fact::Money(Fen(1_000)))]);
    bench.set_weather(json!({ "api": { "kind": "nonsense" } })).await;
    assert!(matches!(bench.lender.call(&repay).await, Err(LenderError::Nonsense { .. })));
    bench.set_weather(json!({ "api": { "kind": "normal" } })).await;
    let first = bench.lender.call(&repay).await.unwrap();
    assert_eq!(bench.lender.call(&repay).await.unwrap(), first);
    let all = bench.call("c1001", Operation::Repayments, &[]).await;
    let manual = records(&all, "repayments").iter().filter(|row| row["method"] == text("manual")).count();
    assert_eq!(manual, 1);
}

#[tokio::test]
async fn a_wrong_key_or_a_closed_door_is_unreachable_and_never_the_customers_business() {
    let bench = Bench::open().await;
    let profile = request("r", "c1001", Operation::Profile, &[]);
    let refused = adapter(&bench.running.url(), "wrong").call(&profile).await;
    assert!(matches!(&refused, Err(LenderError::Unreachable { detail, .. }) if detail.contains("key")), "{refused:?}");
    let url = bench.running.url();
    bench.running.stop().await.unwrap();
    let closed = adapter(&url, KEY).call(&profile).await;
    assert!(matches!(&closed, Err(LenderError::Unreachable { detail, .. }) if !detail.contains("c1001")), "{closed:?}");
}

#[tokio::test]
async fn a_request_without_its_arguments_is_not_sent() {
    let bench = Bench::open().await;
    for arguments in [vec![], vec![("loan", Fact::Count(1))], vec![("loan", text(".."))]] {
        let outcome = bench.try_call("c1001", Operation::Schedule, &arguments).await;
        assert!(matches!(outcome, Err(LenderError::Nonsense { .. })), "{outcome:?}");
    }
}
