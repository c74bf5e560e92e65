//! Applications, disbursement and its weather, the limit, certificates, and the demo customers.

use crate::{Bench, fen};
use jiff::civil::date;
use serde_json::json;

#[tokio::test]
async fn an_application_is_paid_out_and_gets_its_schedule() {
    let bench = Bench::open().await;
    let order = json!({ "amount_fen": 600_000, "terms": 6, "method": "equal_principal" });
    assert_eq!(bench.posted("/v1/customers/c1007/applications", order).await["state"], "disbursing");
    let loan = bench.got("/v1/customers/c1007/loans").await["loans"][0].clone();
    assert_eq!((&loan["status"], loan.get("next_due_date")), (&json!("disbursing"), Some(&json!(null))));
    let limit = bench.got("/v1/customers/c1007/limit").await;
    assert_eq!((fen(&limit, "used_fen"), fen(&limit, "available_fen")), (600_000, 400_000), "money on its way uses the limit");
    let schedule = format!("/v1/customers/c1007/loans/{}/schedule", loan["id"].as_str().unwrap());
    assert_eq!(bench.get(&schedule).await.0, 409);
    bench.clock.advance_secs(3);
    assert_eq!(bench.got("/v1/customers/c1007/applications").await["applications"][0]["state"], "disbursed");
    let terms = bench.got(&schedule).await["terms"].clone();
    assert_eq!((terms.as_array().unwrap().len(), &terms[0]["due_date"]), (6, &json!("2026-12-10")));
}

#[tokio::test]
async fn disbursements_follow_their_own_weather() {
    for (weather, wait_secs, want) in [
        ("normal", 3, "disbursed"),
        ("slow", 299, "disbursing"),
        ("slow", 300, "disbursed"),
        ("silent", 999_999, "disbursing"),
        ("failing", 3, "disbursement_failed"),
    ] {
        let bench = Bench::open().await;
        bench.set_weather(json!({ "disbursement": weather, "repayment": "normal" })).await;
        bench
            .posted(
                "/v1/customers/c1007/applications",
                json!({ "amount_fen": 600_000, "terms": 6, "method": "equal_instalments" }),
            )
            .await;
        bench.clock.advance_secs(wait_secs);
        let application = bench.got("/v1/customers/c1007/applications").await["applications"][0].clone();
        assert_eq!(application["state"], want, "{weather} after {wait_secs} s");
        assert_eq!(application["reason"] == "", weather != "failing");
    }
}

#[tokio::test]
async fn the_late_disbursement_arrives_once_the_weather_is_set() {
    let bench = Bench::open().await;
    bench.clock.advance_secs(3_600);
    assert_eq!(bench.got("/v1/customers/c1003/loans").await["loans"][0]["status"], "disbursing");
    bench.set_weather(json!({ "disbursement": "normal" })).await;
    assert_eq!(bench.got("/v1/customers/c1003/loans").await["loans"][0]["status"], "active");
}

#[tokio::test]
async fn borrowing_beyond_the_rules_is_refused() {
    let bench = Bench::open().await;
    for (customer, amount, terms, want) in [
        ("c1007", 49_900, 6, "application.amount_invalid"),
        ("c1007", 55_000, 6, "application.amount_invalid"),
        ("c1007", 60_000, 7, "application.terms_invalid"),
        ("c1007", 1_010_000, 6, "limit.exceeded"),
        ("c1006", 60_000, 6, "limit.not_active"),
        ("c1005", 60_000, 6, "limit.not_active"),
    ] {
        let order = json!({ "amount_fen": amount, "terms": terms, "method": "equal_instalments" });
        assert_eq!(
            bench.refused(&format!("/v1/customers/{customer}/applications"), order).await.1,
            want,
            "{customer} {amount} {terms}"
        );
    }
}

#[tokio::test]
async fn a_settlement_certificate_is_for_settled_loans_only() {
    let bench = Bench::open().await;
    let active = "/v1/customers/c1001/loans/l1001/certificates";
    assert_eq!(bench.refused(active, json!({ "kind": "settlement" })).await, (409, "certificate.not_settled".to_owned()));
    for kind in ["contract", "schedule", "debt"] {
        bench.posted(active, json!({ "kind": kind })).await;
    }
    let issued = bench.posted("/v1/customers/c1004/loans/l1005/certificates", json!({ "kind": "settlement" })).await;
    let number = issued["number"].as_str().unwrap();
    assert!(number.starts_with("JTS20261122"), "{number}");
    assert_eq!(bench.get(&format!("/certificates/{number}/guessed")).await.0, 404);
    assert_eq!(
        bench.refused("/v1/customers/c1003/loans/l1004/certificates", json!({ "kind": "contract" })).await.1,
        "loan.not_disbursed"
    );
}

#[tokio::test]
async fn a_closing_account_changes_nothing_any_more() {
    let bench = Bench::open().await;
    assert_eq!(bench.refused("/v1/customers/c1001/closures", json!({})).await.1, "closure.not_possible");
    assert_eq!(bench.posted("/v1/customers/c1004/closures", json!({})).await["done_by"], "2026-12-07");
    let order = json!({ "amount_fen": 60_000, "terms": 6, "method": "equal_instalments" });
    assert_eq!(bench.refused("/v1/customers/c1004/applications", order).await.1, "customer.closing");
}

#[tokio::test]
async fn each_demo_customer_is_in_their_situation_on_any_day() {
    for today in
        [date(2026, 11, 22), date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 1), date(2028, 2, 29), date(2028, 3, 12)]
    {
        let bench = Bench::on(today).await;
        assert_eq!(bench.got("/v1/sandbox/customers").await["customers"].as_array().unwrap().len(), 10);
        for (customer, statuses, overdue_days) in [
            ("c1001", &["active", "active"][..], 0),
            ("c1002", &["overdue"], 12),
            ("c1003", &["disbursing"], 0),
            ("c1004", &["settled"], 0),
            ("c1005", &[], 0),
            ("c1006", &["active"], 0),
            ("c1007", &[], 0),
            ("c1008", &["active"], 0),
            ("c1009", &["active"], 0),
            ("c1010", &["overdue"], 45),
        ] {
            let loans = bench.got(&format!("/v1/customers/{customer}/loans")).await["loans"].clone();
            let found: Vec<_> = loans.as_array().unwrap().iter().map(|loan| loan["status"].as_str().unwrap()).collect();
            assert_eq!(found, statuses, "{customer} on {today}");
            assert_eq!(
                bench.got(&format!("/v1/customers/{customer}")).await["days_overdue"],
                overdue_days,
                "{customer} on {today}"
            );
        }
        for (customer, items) in [("c1001", 1), ("c1002", 1), ("c1008", 1), ("c1010", 2)] {
            let due = bench.got(&format!("/v1/customers/{customer}/due?month={today}")).await;
            let due = due["items"].as_array().unwrap();
            assert!(due.len() >= items, "{customer} on {today}: {due:?}");
        }
    }
}
