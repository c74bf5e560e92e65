//! Keys, idempotency, weather over the API, codes, and the description.

use crate::{Bench, answer, client};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn nothing_is_told_without_the_key() {
    let bench = Bench::open().await;
    for path in ["/v1/customers/c1001", "/v1/health", "/v1/sandbox/weather", "/v1/sandbox/customers"] {
        for request in
            [client().get(format!("{}{path}", bench.url)), client().get(format!("{}{path}", bench.url)).bearer_auth("wrong")]
        {
            let (status, body) = answer(request).await;
            assert_eq!((status, &body["code"]), (401, &json!("key.wrong")), "{path}");
        }
    }
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_another_body_is_refused() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1001/repayments";
    let order = json!({ "loan": "l1001", "amount_fen": 1_000 });
    let first = bench.post_as("k", path, &order).await;
    bench.clock.advance_secs(60);
    assert_eq!(bench.post_as("k", path, &order).await, first);
    let (status, body) = bench.post_as("k", path, &json!({ "loan": "l1001", "amount_fen": 1_001 })).await;
    assert_eq!((status, &body["code"]), (422, &json!("idempotency.key_reused")));
    let manual = bench.got(path).await["repayments"].as_array().unwrap().iter().filter(|row| row["method"] == "manual").count();
    assert_eq!(manual, 1);
}

#[tokio::test]
async fn a_refusal_is_remembered_too() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1009/repayments";
    let order = json!({ "loan": "l1008", "amount_fen": 100 });
    let first = bench.post_as("k", path, &order).await;
    assert_eq!((first.0, &first.1["code"]), (409, &json!("repayment.in_progress")));
    bench.set_weather(json!({ "repayment": "normal" })).await;
    assert_eq!(bench.post_as("k", path, &order).await, first);
}

#[tokio::test]
async fn a_change_without_a_key_or_with_an_unknown_field_is_refused() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1001/closures";
    let (status, body) = answer(bench.request(Method::POST, path).json(&json!({}))).await;
    assert_eq!((status, &body["code"]), (422, &json!("idempotency.key_required")));
    assert_eq!(bench.refused(path, json!({ "force": true })).await, (422, "request.unreadable".to_owned()));
    assert_eq!(bench.refused("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 10.5 })).await.0, 422);
    assert_eq!(bench.get("/v1/nowhere").await.1["code"], "path.unknown");
}

#[tokio::test]
async fn weather_over_the_api_spares_the_sandbox_and_can_be_read() {
    let bench = Bench::open().await;
    let path = "/v1/customers/c1001";
    bench.set_weather(json!({ "api": { "kind": "down" } })).await;
    assert_eq!((bench.get(path).await.0, bench.get("/v1/health").await.0), (503, 503));
    bench.set_weather(json!({ "api": { "kind": "slow", "delay_ms": 150 }, "repayment": "silent" })).await;
    let asked = Instant::now();
    assert_eq!(bench.get(path).await.0, 200);
    assert!(asked.elapsed() >= Duration::from_millis(150));
    bench.set_weather(json!({ "api": { "kind": "nonsense" } })).await;
    let (status, body) = bench.get(path).await;
    assert_eq!((status, body.get("name")), (200, None));
    let weather = bench.got("/v1/sandbox/weather").await;
    assert_eq!(weather, json!({ "api": { "kind": "nonsense" }, "repayment": "silent", "disbursement": "normal" }));
    assert_eq!(bench.refused("/v1/sandbox/weather", json!({ "api": { "kind": "hail" } })).await.1, "weather.unreadable");
}

#[tokio::test]
async fn what_is_asked_while_down_is_not_carried_out() {
    let bench = Bench::open().await;
    let (path, order) = ("/v1/customers/c1001/repayments", json!({ "loan": "l1001", "amount_fen": 1_000 }));
    let before = bench.got(path).await;
    bench.set_weather(json!({ "api": { "kind": "down" } })).await;
    assert_eq!(bench.post_as("k", path, &order).await.0, 503);
    bench.set_weather(json!({ "api": { "kind": "normal" } })).await;
    assert_eq!(bench.got(path).await, before);
    assert_eq!(bench.post_as("k", path, &order).await.0, 200, "the key was not used up");
}

#[tokio::test]
async fn wrong_codes_are_counted_and_then_locked() {
    let bench = Bench::open().await;
    let change = bench.posted("/v1/customers/c1001/phone-changes", json!({ "new_phone": "13900139001" })).await["change"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(bench.got(&format!("/v1/sandbox/codes/{change}")).await, json!({ "code": "888888", "sent_to": "139****9001" }));
    let path = format!("/v1/customers/c1001/phone-changes/{change}/verification");
    for want in ["code.wrong", "code.wrong", "code.wrong", "code.locked"] {
        assert_eq!(bench.refused(&path, json!({ "code": "000000" })).await.1, want);
    }
    assert_eq!(bench.refused(&path, json!({ "code": "888888" })).await, (409, "code.locked".to_owned()));
}

#[tokio::test]
async fn codes_expire_after_five_minutes() {
    for (waited_secs, want) in [(300, 200), (301, 409)] {
        let bench = Bench::open().await;
        let change = bench.posted("/v1/customers/c1001/phone-changes", json!({ "new_phone": "13900139001" })).await["change"]
            .as_str()
            .unwrap()
            .to_owned();
        bench.clock.advance_secs(waited_secs);
        let path = format!("/v1/customers/c1001/phone-changes/{change}/verification");
        assert_eq!(bench.post(&path, json!({ "code": "888888" })).await.0, want, "after {waited_secs} s");
    }
}

#[tokio::test]
async fn cards_that_cannot_be_bound_are_refused() {
    let bench = Bench::open().await;
    for (number, phone, want) in [
        ("6222021234567890", "13900139000", "card.number_invalid"),
        ("622202", "13900139000", "card.number_invalid"),
        ("4539578763621486", "13900139000", "card.bank_unsupported"),
        ("6222021234567894", "12900139000", "phone.invalid"),
        ("6222021234567894", "1390013900", "phone.invalid"),
    ] {
        let order = json!({ "card_number": number, "phone": phone });
        assert_eq!(bench.refused("/v1/customers/c1001/cards", order).await, (422, want.to_owned()), "{number} {phone}");
    }
    let order = json!({ "card_number": "6222021234567894", "phone": "13900139000" });
    let card = bench.posted("/v1/customers/c1001/cards", order).await["card"].as_str().unwrap().to_owned();
    let repayment = json!({ "loan": "l1001", "amount_fen": 100, "card": card });
    assert_eq!(bench.refused("/v1/customers/c1001/repayments", repayment).await.1, "card.unverified");
}

#[tokio::test]
async fn the_description_covers_every_endpoint_and_has_its_page() {
    let bench = Bench::open().await;
    let description = bench.got("/v1/openapi.json").await;
    let paths = description["paths"].as_object().unwrap();
    let operations: Vec<_> = paths.values().flat_map(|methods| methods.as_object().unwrap().values()).collect();
    assert_eq!((paths.len(), operations.len()), (28, 32), "{:?}", paths.keys().collect::<Vec<_>>());
    for operation in operations {
        assert!(operation["summary"].is_string() && operation["responses"]["200"].is_object(), "{operation}");
    }
    let page = client().get(format!("{}/docs", bench.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("/v1/openapi.json") && !page.contains("https://"), "the page needs nothing from elsewhere");
}
