//! More than one person on a conversation, over HTTP and the console's own socket.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{AGENT, BOSS, Client, SEAT, Server, Staff};

/// A conversation in the hands of the demo's agent.
async fn in_hands(server: &Server, agent: &Staff, session: &str) -> (Client, String) {
    server.on_duty(agent, true, false).await;
    let mut client = Client::connect(server, session).await;
    client.send(&json!({ "type": "say", "client_id": "person", "text": "转人工" })).await.expect("the socket is open");
    let frames = client.until(|f| f["event"]["body"]["kind"] == "joined").await;
    let conversation = frames.last().expect("waited for it")["conversation"].as_str().expect("an id").to_owned();
    (client, conversation)
}

fn kinds(view: &Value) -> Vec<String> {
    let events = view["events"].as_array().expect("a list");
    events.iter().map(|e| e["body"]["kind"].as_str().expect("a kind").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consoles_see_who_else_looks_and_only_the_one_named_hears_a_mention() {
    let server = Server::demo();
    let (agent, boss) = (server.login(AGENT).await, server.login(BOSS).await);
    let session = server.visitor_session().await;
    let (_client, conversation) = in_hands(&server, &agent, &session).await;
    let (mut first, mut second) = (Client::console(&server, &agent).await, Client::console(&server, &boss).await);
    let watch = json!({ "type": "watch", "conversation": conversation, "after_seq": 0 });
    let names = |f: &Value| -> Vec<String> {
        let viewers = f["viewers"].as_array().cloned().unwrap_or_default();
        viewers.iter().map(|v| v["id"].as_str().expect("an id").to_owned()).collect()
    };
    first.send(&watch).await.expect("the socket is open");
    first.until(|f| f["type"] == "viewers" && names(f) == ["agent"]).await;
    second.send(&watch).await.expect("the socket is open");
    first.until(|f| f["type"] == "viewers" && names(f) == ["agent", "boss"]).await;
    second.send(&json!({ "type": "typing", "conversation": conversation })).await.expect("the socket is open");
    first.until(|f| f["type"] == "viewers" && f["viewers"][1]["typing"] == true && f["viewers"][0]["typing"] == false).await;
    drop(second);
    first.until(|f| f["type"] == "viewers" && names(f) == ["agent"]).await;

    let note = json!({ "act": "note", "text": "@林小雨 请看一下", "mentions": ["agent"] });
    let mut stranger = Client::console(&server, &server.login(SEAT).await).await;
    let (status, _) = server.act(&conversation, &boss, note).await;
    assert_eq!(status, 200);
    let read = first.until(|f| f["type"] == "mention").await;
    let mention = read.last().expect("waited for it");
    assert_eq!((&mention["by"], &mention["text"]), (&json!("boss"), &json!("@林小雨 请看一下")));
    // A frame that is refused comes after everything that was on its way.
    stranger.send(&json!({ "type": "nonsense" })).await.expect("the socket is open");
    let read = stranger.until(|f| f["type"] == "error").await;
    assert!(read.iter().all(|f| f["type"] != "mention"), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_staff_say_among_themselves_never_reaches_the_customer() {
    let server = Server::demo();
    let (agent, boss) = (server.login(AGENT).await, server.login(BOSS).await);
    let session = server.visitor_session().await;
    let (mut client, conversation) = in_hands(&server, &agent, &session).await;
    for (staff, act) in [
        (&agent, json!({ "act": "raise_hand", "text": "秘密-举手" })),
        (&boss, json!({ "act": "whisper", "text": "秘密-悄悄话" })),
        (&agent, json!({ "act": "note", "text": "秘密-备注" })),
        (&agent, json!({ "act": "invite", "to": { "to": "anybody" }, "note": "秘密-邀请" })),
        (&agent, json!({ "act": "take_back_invite" })),
        (&agent, json!({ "act": "say", "text": "为您核实好了。" })),
        (&agent, json!({ "act": "close", "wrap_up": { "summary": "秘密-小结", "outcome": "solved" } })),
    ] {
        let (status, body) = server.act(&conversation, staff, act.clone()).await;
        assert_eq!(status, 200, "{act}: {body}");
    }
    client.until(|f| f["event"]["body"]["kind"] == "closed").await;
    let replay = Client::connect_at(&server, &format!("session={session}&conversation={conversation}")).await.settled().await;
    assert!(!format!("{replay:?}").contains("秘密"), "{replay:?}");
    let view = server.get(&format!("/api/staff/conversations/{conversation}"), &boss).await;
    let staff_only: Vec<String> =
        kinds(&view).into_iter().filter(|k| ["hand", "whisper", "note", "invite", "wrap_up"].contains(&k.as_str())).collect();
    assert_eq!(staff_only, ["hand", "whisper", "hand", "note", "invite", "invite", "wrap_up"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_supervisors_who_take_over_at_once_one_has_it_and_the_other_is_told() {
    let server = Server::demo();
    let (agent, boss, admin) = (server.login(AGENT).await, server.login(BOSS).await, server.login("admin").await);
    let session = server.visitor_session().await;
    let (mut client, conversation) = in_hands(&server, &agent, &session).await;
    let take = json!({ "act": "take", "seen_owner": "agent" });
    let (one, other) = tokio::join!(server.act(&conversation, &boss, take.clone()), server.act(&conversation, &admin, take));
    let lost = if one.0 == 200 { &other } else { &one };
    assert!(one.0 == 200 || other.0 == 200, "{one:?} {other:?}");
    assert_eq!((lost.0, &lost.1["code"]), (StatusCode::CONFLICT, &json!("conversation.taken_first")), "{one:?} {other:?}");
    // The first agent's late words are refused, and say to whom it belongs now.
    let (status, body) = server.act(&conversation, &agent, json!({ "act": "say", "text": "我还在" })).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("conversation.not_yours")));
    client.until(|f| f["event"]["body"]["kind"] == "joined" && f["event"]["body"]["name"] != "林小雨").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_to_who_is_not_there() {
    let server = Server::demo();
    let agent = server.login(AGENT).await;
    let session = server.visitor_session().await;
    let (_client, conversation) = in_hands(&server, &agent, &session).await;
    for act in ["transfer", "invite"] {
        let (status, body) =
            server.act(&conversation, &agent, json!({ "act": act, "to": { "to": "staff", "staff": "seat" } })).await;
        assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("staff.absent")), "{act}: {body}");
        let (status, body) =
            server.act(&conversation, &agent, json!({ "act": act, "to": { "to": "staff", "staff": "agent" } })).await;
        assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("conversation.already_here")), "{act}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_number_is_shown_for_a_reason_and_the_reason_is_on_record() {
    let server = Server::demo();
    let (agent, boss) = (server.login(AGENT).await, server.login(BOSS).await);
    let session = server.demo_session_of("c1001").await;
    let (_client, conversation) = in_hands(&server, &agent, &session).await;
    let facts = server.get(&format!("/api/staff/conversations/{conversation}/facts"), &agent).await;
    assert!(!facts.to_string().contains("13800001001"), "masked until somebody asks: {facts}");
    let path = format!("/api/staff/conversations/{conversation}/reveal");
    let (status, body) = server.post(&path, &agent, json!({ "field": "phone", "reason": " " })).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reveal.reason")));
    assert_eq!(server.get("/api/staff/reveals", &boss).await["reveals"], json!([]));
    let (status, body) = server.post(&path, &agent, json!({ "field": "phone", "reason": "回电确认" })).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["value"].as_str().map(str::len), Some(11), "{body}");
    let record = server.get("/api/staff/reveals", &boss).await["reveals"][0].clone();
    assert_eq!(
        (&record["staff"], &record["customer"], &record["field"], &record["reason"]),
        (&json!("agent"), &json!("c1001"), &json!("phone"), &json!("回电确认"))
    );
    assert!(!record.to_string().contains(body["value"].as_str().expect("a number")), "the record never holds the value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seats_decisions_are_in_its_report_and_the_customers_page_is_beside_the_draft() {
    let server = Server::demo();
    let seat = server.login(SEAT).await;
    server.on_duty(&seat, false, true).await;
    let mut console = Client::console(&server, &seat).await;
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    let doing = json!({ "type": "doing", "page": "repay/confirm", "title": "还款确认 13812345678", "dwell_secs": 42 });
    client.send(&doing).await.expect("the socket is open");
    client.send(&json!({ "type": "say", "client_id": "q", "text": "逾期有什么影响" })).await.expect("the socket is open");
    let read = console.until(|f| f["type"] == "draft").await;
    let draft = read.last().expect("waited for it")["draft"].clone();
    assert_eq!((&draft["doing"]["page"], &draft["doing"]["dwell_secs"]), (&json!("repay/confirm"), &json!(42)));
    assert!(!draft["doing"].to_string().contains("13812345678"), "personal numbers are masked at the door: {draft}");
    assert_eq!(draft["source"]["need"], draft["need"]["id"]);

    let (conversation, id) = (draft["conversation"].as_str().expect("an id"), draft["id"].as_str().expect("an id"));
    let hold = json!({ "act": "hold_draft", "draft": id });
    assert_eq!(server.act(conversation, &seat, hold).await.0, 200);
    let ask = json!({ "act": "ask_back", "draft": id, "text": "您指的是哪一笔借款？" });
    assert_eq!(server.act(conversation, &seat, ask).await.0, 200);
    client.until_said("您指的是哪一笔借款？").await;
    let report = server.get("/api/staff/silent/report", &seat).await;
    assert_eq!((&report["drafts"], &report["touched"], &report["conversations"]), (&json!(1), &json!(1), &json!(1)), "{report}");
    let asked = report["by_kind"].as_array().expect("a list").iter().find(|k| k["kind"] == "asked_back").cloned();
    assert_eq!(asked, Some(json!({ "kind": "asked_back", "count": 1 })));
    assert_eq!((&report["hours"][0]["seats"], &report["hours"][0]["conversations"]), (&json!(1), &json!(1)), "{report}");
    assert!(report["handling"]["p50_ms"].as_i64().is_some_and(|ms| (0..60_000).contains(&ms)), "{report}");
}
