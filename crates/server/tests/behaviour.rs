//! What apps report, over HTTP: refusals that name the field, one client throttled alone, nothing lost or doubled over a
//! kill -9, and help that reaches the customer's screen.

mod support;

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{AGENT, BOSS, Client, Lender, Place, Server};

fn batch(stream: &str, events: Vec<Value>) -> Value {
    json!({ "v": 1, "stream": format!("stream-of-a-test-{stream}"), "sent_at": 1_000_000, "consent": "guidance", "platform": "android",
        "version": "5.2.0", "network": "cell", "events": events })
}

fn event(n: u32, act: &str, page: &str) -> Value {
    json!({ "n": n, "at": 1_000_000, "act": act, "page": page })
}

async fn send(server: &Server, session: &str, body: &Value) -> (StatusCode, Value, Option<String>) {
    let request = reqwest::Client::new().post(server.url("/api/customer/behaviour")).bearer_auth(session).json(body);
    let response = request.send().await.expect("the server answers");
    let (status, wait) = (response.status(), response.headers().get(RETRY_AFTER).map(|h| h.to_str().expect("text").to_owned()));
    (status, response.json().await.expect("JSON"), wait)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_reported_is_refused_by_field_and_holds_up_nothing_else() {
    let server = Server::demo();
    let session = server.visitor_session().await;
    let mut bad = Vec::new();
    for (n, (field, value, why)) in [
        ("page", "我的申请", "never send what a customer typed"),
        ("target", "13800138000", "phone, card or identity number"),
        ("code", "a b", "letters, digits"),
        ("target", "", "is empty"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut event = event(u32::try_from(n).expect("few"), "click", "apply/id");
        event["target"] = json!("btn");
        event[field] = json!(value);
        bad.push((event, field, why));
    }
    let mut events: Vec<Value> = bad.iter().map(|(event, ..)| event.clone()).collect();
    events.push(event(4, "page", "apply/id"));
    events.push(event(5, "click", "apply/id"));
    events.push(json!({ "n": 6, "at": 1_000_000, "act": "outcome" }));
    let (status, answer, _) = send(&server, &session, &batch("a", events)).await;
    assert_eq!((status, &answer["stored"]), (StatusCode::OK, &json!(1)), "{answer}");
    let refused = answer["refused"].as_array().expect("a list");
    for (place, (_, field, why)) in bad.iter().enumerate() {
        assert_eq!(refused[place]["field"], *field);
        assert!(refused[place]["why"].as_str().expect("text").contains(why), "{}", refused[place]);
    }
    assert_eq!((&refused[4]["field"], &refused[5]["field"]), (&json!("target"), &json!("code")));

    let with = |change: fn(&mut Value)| {
        let mut body = batch("b", vec![event(0, "page", "apply")]);
        change(&mut body);
        body
    };
    for (name, body, status, word) in [
        ("an unknown field", with(|b| b["phone"] = json!("1")), StatusCode::UNPROCESSABLE_ENTITY, "phone"),
        ("an unknown field of an act", with(|b| b["events"][0]["text"] = json!("x")), StatusCode::UNPROCESSABLE_ENTITY, "text"),
        ("an unknown act", with(|b| b["events"][0]["act"] = json!("sing")), StatusCode::UNPROCESSABLE_ENTITY, "sing"),
        ("no consent", with(|b| b["consent"] = json!("none")), StatusCode::UNPROCESSABLE_ENTITY, "none"),
        ("a short stream", with(|b| b["stream"] = json!("x")), StatusCode::UNPROCESSABLE_ENTITY, "16 to 64"),
        ("another version", with(|b| b["v"] = json!(2)), StatusCode::UNPROCESSABLE_ENTITY, "SDK"),
        ("a version in words", with(|b| b["version"] = json!("最新")), StatusCode::UNPROCESSABLE_ENTITY, "version"),
        ("too many", with(|b| b["events"] = json!(vec![event(0, "page", "apply"); 501])), StatusCode::PAYLOAD_TOO_LARGE, "500"),
    ] {
        let (got, answer, _) = send(&server, &session, &body).await;
        assert_eq!(got, status, "{name}: {answer}");
        assert!(answer["message"].as_str().expect("text").contains(word), "{name}: {answer}");
    }
    let (status, _, _) = send(&server, "forged", &batch("c", vec![])).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_floods_is_throttled_alone_and_loses_nothing_by_waiting() {
    let server = Server::demo();
    let (broken, good) = (server.visitor_session().await, server.visitor_session().await);
    let mut taken = 0;
    let wait = loop {
        let first = taken * 500;
        let events = (first..first + 500).map(|n| event(n, "page", "apply")).collect();
        let (status, answer, wait) = send(&server, &broken, &batch("flood", events)).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer["code"], "rate.limited");
            break wait.expect("seconds to wait");
        }
        assert_eq!((status, &answer["stored"]), (StatusCode::OK, &json!(500)));
        taken += 1;
        assert!(taken < 100, "a million acts from one client are too many");
    };
    assert!(wait.parse::<u64>().is_ok_and(|secs| secs > 0), "{wait}");
    let (status, answer, _) = send(&server, &good, &batch("good", vec![event(0, "page", "apply")])).await;
    assert_eq!((status, &answer["stored"]), (StatusCode::OK, &json!(1)), "others are not held up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_after_a_kill() {
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), "");
    place.import_questions();
    place.hire(&[(BOSS, &["supervisor"])]).await;
    let mut server = place.serve();
    let session = server.session_of("c1").await;
    let batches: Vec<Value> =
        (0..20).map(|i| batch("kill", (i * 10..(i + 1) * 10).map(|n| event(n, "page", "apply/id")).collect())).collect();
    for body in &batches[..12] {
        let (status, answer, _) = send(&server, &session, body).await;
        assert_eq!((status, &answer["stored"]), (StatusCode::OK, &json!(10)));
    }
    // The last ones may or may not have been taken: their acknowledgement is never read.
    let unheard = batches[12..].iter().map(|body| {
        let request = reqwest::Client::new().post(server.url("/api/customer/behaviour")).bearer_auth(&session).json(body);
        tokio::spawn(request.send())
    });
    let unheard: Vec<_> = unheard.collect();
    server.kill();
    for task in unheard {
        let _ = task.await;
    }
    let server = place.serve();
    let session = server.session_of("c1").await;
    let (mut stored, mut doubled) = (0, 0);
    for body in &batches {
        let (status, answer, _) = send(&server, &session, body).await;
        assert_eq!(status, StatusCode::OK);
        stored += answer["stored"].as_u64().expect("a number");
        doubled += answer["doubled"].as_u64().expect("a number");
    }
    assert!(doubled >= 120 && stored + doubled == 200, "acknowledged acts are known again: {stored} stored, {doubled} doubled");
    let boss = server.login(BOSS).await;
    let survey = server.get("/api/staff/journeys/survey?from=0&to=86400000", &boss).await;
    assert_eq!(survey["records"], 0, "a phone that thinks it is 1970 is corrected to now");
    let survey = server.get("/api/staff/journeys/survey", &boss).await;
    assert_eq!(survey["records"], 200, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_reaches_the_screen_of_one_who_is_stuck_and_staff_see_where() {
    let server = Server::demo();
    let (boss, agent) = (server.login(BOSS).await, server.login(AGENT).await);
    let mut helped = None;
    // Arms are by chance of the visitor's number: of some customers most are shown help.
    for number in 0..10 {
        let session = server.visitor_session().await;
        let mut client = Client::connect(&server, &session).await;
        client.until(|f| f["type"] == "hello").await;
        let mut events = vec![event(0, "page", "apply/id")];
        for n in 1..4 {
            let mut error = event(n, "field_error", "apply/id");
            (error["target"], error["code"]) = (json!("photo"), json!("blurred"));
            events.push(error);
        }
        let (status, answer, _) = send(&server, &session, &batch(&format!("{number}"), events)).await;
        assert_eq!((status, &answer["stored"]), (StatusCode::OK, &json!(4)));
        if let Some(help) = answer["guidance"].as_array().expect("a list").first() {
            let frames = client.until(|f| f["type"] == "guidance").await;
            assert_eq!(
                frames.last().expect("waited for it")["guidance"]["id"],
                help["id"],
                "the same help on the widget's socket"
            );
            helped = Some((session, help.clone()));
            break;
        }
    }
    let (session, help) = helped.expect("not all of ten are in the control group");
    assert!(help["items"].as_array().is_some_and(|items| items.len() > 2), "{help}");
    let report = |id: &str, act: &str| {
        let body = json!({ "id": id, "act": act });
        let request = reqwest::Client::new().post(server.url("/api/customer/guidance")).bearer_auth(&session).json(&body);
        async move { request.send().await.expect("the server answers").status() }
    };
    let id = help["id"].as_str().expect("an id");
    assert_eq!(report(id, "shown").await, StatusCode::NO_CONTENT);
    assert_eq!(report(id, "clicked").await, StatusCode::NO_CONTENT);
    assert_eq!(report("gd-another", "clicked").await, StatusCode::NOT_FOUND);

    let live = server.get("/api/staff/journeys/live", &boss).await;
    assert_eq!(live["stuck"][0]["step"], "id_upload", "{live}");
    let table = server.get("/api/staff/journeys/breaks", &boss).await;
    assert_eq!((&table["rows"][0]["kind"], &table["rows"][0]["code"]), (&json!("errors"), &json!("blurred")), "{table}");
    let sessions = server.get("/api/staff/journeys/breaks/sessions?journey=apply&step=id_upload", &boss).await;
    let (visitor, at) = (&sessions["sessions"][0]["visitor"], &sessions["sessions"][0]["at"]);
    let acts = server.get(&format!("/api/staff/journeys/sessions/{visitor}/{at}"), &boss).await;
    assert_eq!(acts["acts"].as_array().map(Vec::len), Some(4), "{acts}");

    let triggers = server.get("/api/staff/guidance", &boss).await;
    let trigger = triggers["triggers"].as_array().expect("a list").iter().find(|t| t["clicked"] == 1).expect("one was opened");
    let mut set = json!({ "trigger": trigger["trigger"], "based_on": trigger["version"], "why": "for this test" });
    set["trigger"]["on"] = json!(false);
    let path = format!("/api/staff/guidance/{}", trigger["trigger"]["id"].as_str().expect("an id"));
    let (status, _) = server.call(Method::PUT, &path, Some(&boss), Some(set.clone())).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, answer) = server.call(Method::PUT, &path, Some(&boss), Some(set.clone())).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("trigger.stale")));
    (set["based_on"], set["trigger"]["when"]["step"]) = (json!(1), json!("gone"));
    let (status, answer) = server.call(Method::PUT, &path, Some(&boss), Some(set)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer["problems"][0].as_str().expect("text").contains("gone"), "{answer}");
    let (status, _) = server.call(Method::GET, "/api/staff/guidance", Some(&agent), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}
