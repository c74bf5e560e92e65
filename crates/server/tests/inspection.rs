//! Inspection over HTTP and the console's own socket: who hears alarms, who sees what, and what is refused.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{AGENT, BOSS, Client, SEAT, Server};

fn finding<'a>(view: &'a Value, rule: &str) -> Option<&'a Value> {
    view["findings"].as_array()?.iter().find(|f| f["rule"] == rule)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn supervisors_hear_alarms_agents_see_their_own_and_only_reviewers_judge() {
    let server = Server::demo();
    let (agent, seat, boss) = (server.login(AGENT).await, server.login(SEAT).await, server.login(BOSS).await);
    server.on_duty(&agent, true, false).await;
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    client.send(&json!({ "type": "say", "client_id": "person", "text": "转人工" })).await.expect("the socket is open");
    let frames = client.until(|f| f["event"]["body"]["kind"] == "joined").await;
    let conversation = frames.last().expect("waited for it")["conversation"].as_str().expect("an id").to_owned();

    let (mut deaf, mut hears) = (Client::console(&server, &agent).await, Client::console(&server, &boss).await);
    let say = |text: &str| json!({ "act": "say", "text": text });
    server.act(&conversation, &agent, say("您本期应还 1,079.71 元。")).await;
    let read = hears.until(|f| f["type"] == "alarm").await;
    let alarm = &read.last().expect("waited for it")["alarm"];
    assert_eq!(
        (&alarm["rule"], &alarm["conversation"]),
        (&json!("disclosure"), &json!(conversation)),
        "the visitor is not signed in"
    );
    // A frame that is refused comes after everything that was on its way.
    deaf.send(&json!({ "type": "nonsense" })).await.expect("the socket is open");
    let read = deaf.until(|f| f["type"] == "error").await;
    assert!(read.iter().all(|f| f["type"] != "alarm"), "{read:?}");
    let alarms = server.get("/api/inspection/alarms", &boss).await;
    assert_eq!(alarms["alarms"].as_array().map(Vec::len), Some(1), "{alarms}");

    let (status, _) = server.act(&conversation, &agent, json!({ "act": "close", "wrap_up": null })).await;
    assert_eq!(status, 200);
    let path = format!("/api/inspections/{conversation}");
    let listed = |list: &Value| list["inspections"].as_array().filter(|all| !all.is_empty()).cloned();
    let mine = server.until("/api/inspections", &agent, listed).await;
    assert_eq!(mine[0]["critical"], 1, "{mine:?}");
    let view = server.get(&path, &agent).await;
    let found = finding(&view, "disclosure").expect("found").clone();
    assert_eq!((&view["may_review"], &found["may_appeal"], &found["party"]), (&json!(false), &json!(true), &json!("person")));
    let id = found["id"].as_str().expect("an id").to_owned();

    for (who, method, path, body, status, code) in [
        (&agent, Method::GET, "/api/inspections?filter=all", None, 403, "staff.role"),
        (&agent, Method::GET, "/api/inspection/figures", None, 403, "staff.role"),
        (&agent, Method::GET, "/api/inspection/scorecard", None, 403, "staff.role"),
        (&seat, Method::GET, path.as_str(), None, 403, "staff.role"),
        (&boss, Method::GET, "/api/inspections?filter=odd", None, 400, "filter.unknown"),
        (&boss, Method::GET, "/api/inspections/cv-none", None, 404, "inspection.unknown"),
        (&agent, Method::POST, &format!("/api/findings/{id}/verdict"), Some(json!({ "verdict": "rejected" })), 403, "staff.role"),
        (&seat, Method::POST, &format!("/api/findings/{id}/appeal"), Some(json!({ "reason": "不是" })), 409, "finding.not_yours"),
        (&boss, Method::POST, &format!("/api/findings/{id}/decision"), Some(json!({ "decision": "upheld" })), 409, "appeal.none"),
        (&boss, Method::POST, "/api/findings/none/verdict", Some(json!({ "verdict": "rejected" })), 404, "finding.unknown"),
    ] {
        let (got, answer) = server.call(method, path, Some(who), body).await;
        assert_eq!((got.as_u16(), &answer["code"]), (status, &json!(code)), "{path}: {answer}");
    }
    let verdict = Some(json!({ "verdict": "rejected", "note": "客户当场核身了" }));
    let (status, _) = server.call(Method::POST, &format!("/api/findings/{id}/verdict"), Some(&boss), verdict).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let view = server.get(&path, &boss).await;
    assert_eq!((&view["card"]["critical"], &view["card"]["machine_score"]), (&json!(0), &json!(40)), "{view}");
    assert!(view["card"]["score"].as_u64() > Some(40), "{view}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_scorecard_is_refused_with_every_problem_and_the_old_one_goes_on() {
    let server = Server::demo();
    let boss = server.login(BOSS).await;
    let card = server.get("/api/inspection/scorecard", &boss).await;
    let source = card["source"].as_str().expect("yaml");
    for (broken, problem) in [
        (source.replace("loops: {times: 3}", "loops: {times: 1}"), "going-round"),
        (source.replace("loops: {times: 3}", "moonphase: {times: 3}"), "moonphase"),
        (source.replace("random_percent: 1", "random_percent: 101"), "random_percent"),
        ("criteria: [".to_owned(), ""),
    ] {
        let body = json!({ "source": broken, "note": "" });
        let (status, answer) = server.post("/api/inspection/scorecard", &boss, body).await;
        assert_eq!((status.as_u16(), &answer["code"]), (422, &json!("scorecard.problems")), "{answer}");
        assert!(answer["problems"].to_string().contains(problem), "{problem}: {answer}");
        let trial = json!({ "source": broken, "days": 30 });
        let (status, _) = server.post("/api/inspection/scorecard/trial", &boss, trial).await;
        assert_eq!(status, 422);
    }
    assert_eq!(server.get("/api/inspection/scorecard", &boss).await["version"], 0);
    let (status, answer) = server.post("/api/inspection/scorecard", &boss, json!({ "source": source, "note": "同一张" })).await;
    assert_eq!((status.as_u16(), &answer["version"]), (200, &json!(1)), "{answer}");
    assert_eq!(server.get("/api/inspection/scorecard", &boss).await["versions"][0]["note"], "同一张");
}
