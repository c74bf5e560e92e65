//! What is owed, paid, settled and put off, to the fen.

use crate::{Bench, fen};
use serde_json::json;

#[tokio::test]
async fn every_row_of_every_schedule_adds_up() {
    let bench = Bench::open().await;
    for customer in ["c1001", "c1002", "c1004", "c1006", "c1008", "c1009", "c1010"] {
        for loan in bench.got(&format!("/v1/customers/{customer}/loans")).await["loans"].as_array().unwrap() {
            let path = format!("/v1/customers/{customer}/loans/{}/schedule", loan["id"].as_str().unwrap());
            let schedule = bench.got(&path).await;
            let terms = schedule["terms"].as_array().unwrap();
            for term in terms {
                let parts = ["principal_fen", "interest_fen", "fee_fen", "penalty_fen"].map(|part| fen(term, part));
                assert_eq!(parts.iter().sum::<i64>(), fen(term, "total_fen"));
            }
            assert_eq!(terms.iter().map(|term| fen(term, "principal_fen")).sum::<i64>(), fen(loan, "principal_fen"));
        }
    }
}

#[tokio::test]
async fn penalty_grows_by_the_day_at_one_and_a_half_times_the_rate() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1002/due?month=2026-11-01";
    let due = bench.got(path).await;
    let item = due["items"][0].clone();
    let principal = fen(&item, "principal_fen");
    let penalty = |days: i64| (principal * 1440 * 3 * days * 2 + 7_200_000) / (2 * 7_200_000);
    assert_eq!((fen(&item, "penalty_fen"), item["status"].as_str()), (penalty(12), Some("overdue")));
    assert_eq!((fen(&due, "total_fen"), fen(&due, "overdue_fen")), (fen(&item, "total_fen"), fen(&item, "total_fen")));
    bench.clock.advance_secs(86_400);
    assert_eq!(fen(&bench.got(path).await["items"][0], "penalty_fen"), penalty(13));
}

#[tokio::test]
async fn an_overdue_term_paid_in_parts_costs_exactly_what_was_due() {
    let bench = Bench::open().await;
    let due_path = "/v1/customers/c1002/due?month=2026-11-22";
    let total = fen(&bench.got(due_path).await, "total_fen");
    for (part, left) in [(1_000, total - 1_000), (total - 1_001, 1), (1, 0)] {
        bench.posted("/v1/customers/c1002/repayments", json!({ "loan": "l1003", "amount_fen": part })).await;
        bench.clock.advance_secs(3);
        assert_eq!(fen(&bench.got(due_path).await, "total_fen"), left);
    }
    assert_eq!(bench.got("/v1/customers/c1002").await["overdue"], false);
}

#[tokio::test]
async fn a_repayment_is_submitted_then_processing_then_succeeded() {
    let bench = Bench::open().await;
    let receipt = bench.posted("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 1_000 })).await;
    let path = format!("/v1/customers/c1001/repayments/{}", receipt["repayment"].as_str().unwrap());
    for (wait_secs, want) in [(0, "submitted"), (1, "processing"), (1, "processing"), (1, "succeeded"), (9_999, "succeeded")] {
        bench.clock.advance_secs(wait_secs);
        assert_eq!(bench.got(&path).await["state"], want);
    }
}

#[tokio::test]
async fn repayments_follow_their_own_weather() {
    for (weather, wait_secs, want) in
        [("slow", 299, "processing"), ("slow", 300, "succeeded"), ("silent", 999_999, "submitted"), ("failing", 3, "failed")]
    {
        let bench = Bench::open().await;
        bench.set_weather(json!({ "repayment": weather, "disbursement": "normal" })).await;
        let receipt = bench.posted("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 1_000 })).await;
        bench.clock.advance_secs(wait_secs);
        let path = format!("/v1/customers/c1001/repayments/{}", receipt["repayment"].as_str().unwrap());
        let status = bench.got(&path).await;
        assert_eq!(status["state"], want, "{weather} after {wait_secs} s");
        assert_eq!(status["reason"] == "", want != "failed");
        bench.set_weather(json!({ "repayment": "normal" })).await;
        let after = bench.got(&path).await["state"].as_str().unwrap().to_owned();
        assert_eq!(after, if want == "failed" { "failed" } else { "succeeded" }, "silence ends with the weather");
    }
}

#[tokio::test]
async fn what_had_ended_before_the_weather_changed_stays_ended() {
    let bench = Bench::open().await;
    let receipt = bench.posted("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 1_000 })).await;
    bench.clock.advance_secs(10);
    bench.set_weather(json!({ "repayment": "failing" })).await;
    let path = format!("/v1/customers/c1001/repayments/{}", receipt["repayment"].as_str().unwrap());
    assert_eq!(bench.got(&path).await["state"], "succeeded");
}

#[tokio::test]
async fn sums_that_cannot_be_repaid_are_refused() {
    let bench = Bench::open().await;
    let most = fen(&bench.got("/v1/customers/c1001/loans").await["loans"][0], "next_due_fen");
    let path = "/v1/customers/c1001/repayments";
    for (amount, want) in
        [(0, "repayment.amount_invalid"), (-5, "repayment.amount_invalid"), (most + 1, "repayment.amount_too_large")]
    {
        assert_eq!(bench.refused(path, json!({ "loan": "l1001", "amount_fen": amount })).await, (422, want.to_owned()));
    }
    bench.posted(path, json!({ "loan": "l1001", "amount_fen": most })).await;
    assert_eq!(bench.refused(path, json!({ "loan": "l1001", "amount_fen": 1 })).await, (409, "repayment.in_progress".to_owned()));
    assert_eq!(
        bench.refused("/v1/customers/c1004/repayments", json!({ "loan": "l1005", "amount_fen": 1 })).await.1,
        "loan.settled"
    );
    assert_eq!(
        bench.refused("/v1/customers/c1003/repayments", json!({ "loan": "l1004", "amount_fen": 1 })).await.1,
        "loan.not_disbursed"
    );
    assert_eq!(
        bench.refused("/v1/customers/c1003/repayments", json!({ "loan": "l1001", "amount_fen": 1 })).await,
        (404, "loan.unknown".to_owned())
    );
}

#[tokio::test]
async fn a_quote_adds_up_and_saves_what_the_plan_would_have_cost() {
    let bench = Bench::open().await;
    for (loan, fee_is_due) in [("l1001", true), ("l1002", false)] {
        let schedule = bench.got(&format!("/v1/customers/c1001/loans/{loan}/schedule")).await;
        let open: Vec<_> = schedule["terms"].as_array().unwrap().iter().filter(|term| term["status"] == "pending").collect();
        let sum = |part: &str| open.iter().map(|term| fen(term, part)).sum::<i64>();
        let quote =
            bench.posted(&format!("/v1/customers/c1001/loans/{loan}/settlement-quotes"), json!({ "date": "2026-11-24" })).await;
        let [principal, interest, fee, total] =
            ["principal_fen", "interest_fen", "fee_fen", "total_fen"].map(|part| fen(&quote, part));
        assert_eq!((principal + interest + fee, principal), (total, sum("principal_fen")));
        assert_eq!(fen(&quote, "saved_fen"), sum("total_fen") - total);
        assert!(interest > 0 && interest <= fen(open[0], "interest_fen"), "{quote}");
        assert_eq!(fee > 0, fee_is_due, "{quote}");
        assert_eq!(quote["valid_until"], "2026-11-24");
    }
}

#[tokio::test]
async fn a_settlement_for_a_later_day_waits_for_it() {
    let bench = Bench::open().await;
    let quote = bench.posted("/v1/customers/c1001/loans/l1001/settlement-quotes", json!({ "date": "2026-11-24" })).await;
    let order = json!({ "quote": quote["quote"] });
    let receipt = bench.posted("/v1/customers/c1001/settlements", order.clone()).await;
    assert_eq!((fen(&receipt, "amount_fen"), &receipt["at"]), (fen(&quote, "total_fen"), &json!("2026-11-24")));
    assert_eq!(bench.refused("/v1/customers/c1001/settlements", order).await.1, "quote.used");
    for (wait_secs, want) in [(86_400, "active"), (43_200, "settled")] {
        bench.clock.advance_secs(wait_secs + 3);
        assert_eq!(bench.got("/v1/customers/c1001/loans").await["loans"][0]["status"], want);
    }
    let schedule = bench.got("/v1/customers/c1001/loans/l1001/schedule").await;
    let terms = schedule["terms"].as_array().unwrap();
    assert_eq!(terms.iter().map(|term| fen(term, "principal_fen")).sum::<i64>(), 1_200_000);
    assert_eq!(fen(&terms[terms.len() - 1], "total_fen"), fen(&quote, "total_fen"));
}

#[tokio::test]
async fn quotes_are_refused_out_of_range_overdue_stale_and_expired() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1001/loans/l1001/settlement-quotes";
    for date in ["2026-11-21", "2026-11-28"] {
        assert_eq!(bench.refused(path, json!({ "date": date })).await, (422, "settlement.date_out_of_range".to_owned()));
    }
    assert_eq!(
        bench.refused("/v1/customers/c1002/loans/l1003/settlement-quotes", json!({ "date": "2026-11-22" })).await.1,
        "settlement.overdue"
    );
    let stale = bench.posted(path, json!({ "date": "2026-11-22" })).await["quote"].clone();
    bench.posted("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 1 })).await;
    bench.clock.advance_secs(3);
    assert_eq!(
        bench.refused("/v1/customers/c1001/settlements", json!({ "quote": stale })).await,
        (409, "quote.stale".to_owned())
    );
    let expired = bench.posted(path, json!({ "date": "2026-11-22" })).await["quote"].clone();
    assert_eq!(
        bench.refused("/v1/customers/c1006/settlements", json!({ "quote": expired })).await,
        (404, "quote.unknown".to_owned())
    );
    bench.clock.advance_secs(86_400);
    assert_eq!(
        bench.refused("/v1/customers/c1001/settlements", json!({ "quote": expired })).await,
        (409, "quote.expired".to_owned())
    );
}

#[tokio::test]
async fn a_loan_is_deferred_twice_and_never_past_the_next_term() {
    let bench = Bench::open().await;
    let quotes = "/v1/customers/c1001/loans/l1001/deferral-quotes";
    for days in [0, 16] {
        assert_eq!(bench.refused(quotes, json!({ "days": days })).await.1, "deferral.days_out_of_range");
    }
    for days in [15, 14] {
        let quote = bench.posted(quotes, json!({ "days": days })).await;
        let order = json!({ "quote": quote["quote"], "reason": "工资晚发" });
        bench.posted("/v1/customers/c1001/deferrals", order).await;
        let loan = bench.got("/v1/customers/c1001/loans").await["loans"][0].clone();
        assert_eq!((&loan["next_due_date"], fen(&loan, "next_due_fen")), (&quote["new_due_date"], fen(&quote, "total_fen")));
    }
    assert_eq!(bench.refused(quotes, json!({ "days": 1 })).await, (409, "deferral.used_up".to_owned()));
    assert_eq!(
        bench.refused("/v1/customers/c1002/loans/l1003/deferral-quotes", json!({ "days": 5 })).await.1,
        "deferral.overdue"
    );
}

#[tokio::test]
async fn the_repayment_day_changes_once_in_half_a_year() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1001/loans/l1001/repayment-day";
    for (day, want) in [(0, "repayment_day.out_of_range"), (29, "repayment_day.out_of_range"), (27, "repayment_day.same")] {
        assert_eq!(bench.refused(path, json!({ "day": day })).await, (422, want.to_owned()));
    }
    let changed = bench.posted(path, json!({ "day": 5 })).await;
    // The 5th of this month is gone, so the nearest term keeps its date and the later ones move.
    assert_eq!(changed, json!({ "loan": "l1001", "old_day": 27, "new_day": 5, "next_due_date": "2026-11-27" }));
    let schedule = bench.got("/v1/customers/c1001/loans/l1001/schedule").await;
    let next: Vec<_> =
        schedule["terms"].as_array().unwrap()[3..6].iter().map(|term| term["due_date"].as_str().unwrap().to_owned()).collect();
    assert_eq!(next, ["2026-11-27", "2026-12-05", "2027-01-05"]);
    assert_eq!(bench.refused(path, json!({ "day": 6 })).await.1, "repayment_day.changed_recently");
}
