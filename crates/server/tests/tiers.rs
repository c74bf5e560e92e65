//! The staircase over the wire: what is offered, who answers, who may act, and what is never shown or kept.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{AGENT, BOSS, Client, SEAT, Server, Staff};

/// A need of high risk in the starter pack, word for word: the bot drafts and a silent seat decides.
const RISKY: &str = "可以用我的名字给朋友借吗";
const CARD: &str = "6222021234567890128";

/// A number that passes the check digit of cards, made of these first digits.
fn card_number(start: &str) -> String {
    let sum: u32 = start
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| {
            let digit = c.to_digit(10).expect("a digit");
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    format!("{start}{}", (10 - sum % 10) % 10)
}

fn press(id: &str, action: Value) -> Value {
    json!({ "type": "press", "client_id": id, "action": action, "label": "按钮" })
}

/// Asks the risky question; the draft's id, from the silent seat's own list.
async fn risky_draft(server: &Server, client: &mut Client, seat: &Staff) -> (String, String) {
    client.send(&json!({ "type": "say", "client_id": "risky", "text": RISKY })).await.expect("the socket is open");
    let frames = client.until(|f| f["event"]["body"]["kind"] == "checking").await;
    let checking = frames.last().expect("waited for it");
    let conversation = checking["conversation"].as_str().expect("an id").to_owned();
    let view = server.get(&format!("/api/staff/conversations/{conversation}"), seat).await;
    let events = view["events"].as_array().expect("a list");
    let draft = events.iter().find(|e| e["body"]["kind"] == "draft_proposed").expect("staff see the draft");
    (conversation, draft["body"]["draft"].as_str().expect("an id").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overdue_customer_is_first_offered_to_repay_and_a_stranger_gets_no_facts() {
    let server = Server::demo();
    let offers = async |session: String| {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let reply = http.get(server.url("/api/customer/offers")).bearer_auth(session).send().await.expect("an answer");
        assert_eq!(reply.status(), 200);
        let body: Value = reply.json().await.expect("JSON");
        let offers = body["offers"].as_array().expect("a list").clone();
        assert!(offers.iter().all(|o| o["label"].as_str().is_some_and(|l| !l.is_empty())), "{offers:?}");
        let flows = offers.iter().filter_map(|o| o["action"]["flow"].as_str().map(str::to_owned));
        flows.collect::<Vec<String>>()
    };
    let overdue = offers(server.demo_session_of("c1002").await).await;
    assert_eq!(overdue[0], "repay-now", "{overdue:?}");
    let waiting = offers(server.demo_session_of("c1003").await).await;
    assert_eq!(waiting[0], "disbursement-progress", "{waiting:?}");
    let stranger = offers(server.visitor_session().await).await;
    assert_eq!(stranger[0], "repayment-due", "the order of everybody: {stranger:?}");
    let (status, body) = server.open_session(json!({ "token": "nonsense.token" })).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("identity.invalid")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_seats_race_for_a_draft_and_one_wins() {
    let server = Server::demo();
    let (seat, boss) = (server.login(SEAT).await, server.login(BOSS).await);
    server.on_duty(&seat, false, true).await;
    server.on_duty(&boss, false, true).await;
    for round in 0..5 {
        let session = server.visitor_session().await;
        let mut client = Client::connect(&server, &session).await;
        let (conversation, draft) = risky_draft(&server, &mut client, &seat).await;
        let send = json!({ "act": "send_draft", "draft": draft });
        let veto = json!({ "act": "veto_draft", "draft": draft, "reason": "要由人来说" });
        let (one, other) =
            tokio::join!(server.act(&conversation, &seat, send.clone()), server.act(&conversation, &boss, veto.clone()));
        let statuses = [one.0.as_u16(), other.0.as_u16()];
        assert!(statuses == [200, 409] || statuses == [409, 200], "round {round}: {one:?} {other:?}");
        let lost = if one.0 == 409 { &one.1 } else { &other.1 };
        assert_eq!(lost["code"], "draft.settled", "round {round}: {lost}");
        // A second click of the winner is told that it is done.
        let (status, body) = if one.0 == 200 {
            server.act(&conversation, &seat, send).await
        } else {
            server.act(&conversation, &boss, veto).await
        };
        assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("draft.settled")), "round {round}");
        let view = server.get(&format!("/api/staff/conversations/{conversation}"), &boss).await;
        let events = view["events"].as_array().expect("a list");
        let settled = events.iter().filter(|e| e["body"]["kind"] == "draft_settled").count();
        assert_eq!(settled, 1, "round {round}: {events:?}");
        let reviewed = events.iter().filter(|e| e["body"]["reviewed"] == true).count();
        assert_eq!(reviewed, usize::from(one.0 == 200), "round {round}: sent once, or not at all");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_one_seat_holds_is_refused_to_the_other() {
    let server = Server::demo();
    let (seat, boss) = (server.login(SEAT).await, server.login(BOSS).await);
    server.on_duty(&seat, false, true).await;
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    let (conversation, draft) = risky_draft(&server, &mut client, &seat).await;
    let hold = json!({ "act": "hold_draft", "draft": draft });
    let (status, _) = server.act(&conversation, &seat, hold.clone()).await;
    assert_eq!(status, 200);
    let (status, _) = server.act(&conversation, &seat, hold).await;
    assert_eq!(status, 200, "a second click on one's own claim");
    for act in ["hold_draft", "let_go_of_draft", "send_draft", "take_over_draft"] {
        let (status, body) = server.act(&conversation, &boss, json!({ "act": act, "draft": draft })).await;
        assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("draft.held")), "{act}: {body}");
    }
    let edit = |text: &str| json!({ "act": "edit_draft", "draft": draft, "text": text });
    let (status, body) = server.act(&conversation, &seat, edit("利率只要 1.5%，给您减免 500 元。")).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("draft.figures")), "{body}");
    let (status, body) = server.act(&conversation, &seat, edit("请本人来申请。")).await;
    assert_eq!(status, 200, "{body}");
    client.until_said("请本人来申请。").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_on_take_or_send_does_it_once() {
    let server = Server::demo();
    let (agent, boss) = (server.login(AGENT).await, server.login(BOSS).await);
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    let frames = client.exchange(&json!({ "type": "say", "client_id": "hello", "text": "你好" })).await;
    let conversation = frames.iter().find_map(|f| f["conversation"].as_str()).expect("an id").to_owned();
    let acts = format!("/api/staff/conversations/{conversation}/acts");
    let take = json!({ "act": "take" });
    let (one, other) = tokio::join!(server.act(&conversation, &agent, take.clone()), server.act(&conversation, &agent, take));
    assert_eq!((one.0, other.0), (StatusCode::OK, StatusCode::OK), "{one:?} {other:?}");
    assert_eq!(one.1["seq"], other.1["seq"], "the second take changes nothing");
    let words = json!({ "client_id": "click", "act": { "act": "say", "text": "我来帮您。" } });
    let (one, other) = tokio::join!(server.post(&acts, &agent, words.clone()), server.post(&acts, &agent, words.clone()));
    assert_eq!((one.0, other.0), (StatusCode::OK, StatusCode::OK), "{one:?} {other:?}");
    assert_eq!(one.1["seq"], other.1["seq"]);
    let (status, body) = server.act(&conversation, &boss, json!({ "act": "say", "text": "我也在。" })).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("conversation.not_yours")), "{body}");
    client.until_said("我来帮您。").await;
    let replay = Client::connect(&server, &session).await.settled().await;
    let count = |kind: &str| replay.iter().filter(|f| f["event"]["body"]["kind"] == kind).count();
    assert_eq!(count("joined"), 1, "{replay:?}");
    let agent_said = replay.iter().filter(|f| f["event"]["body"]["from"] == "agent").count();
    assert_eq!(agent_said, 1, "{replay:?}");
    let close = json!({ "act": "close", "wrap_up": { "summary": "已解答", "outcome": "solved" } });
    let (status, _) = server.act(&conversation, &agent, close.clone()).await;
    assert_eq!(status, 200);
    let (status, body) = server.act(&conversation, &agent, close).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("conversation.closed")), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_brings_exactly_what_is_missing_and_a_note_on_an_old_conversation_nothing() {
    let server = Server::demo();
    let agent = server.login(AGENT).await;
    let session = server.demo_session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    client.ask("a", "怎么提升额度").await;
    client.ask("b", "忘记登录密码怎么办").await;
    client.settled().await;
    let all = Client::connect(&server, &session).await.settled().await;
    let (hello, events) = all.split_first().expect("a hello comes first");
    let (conversation, epoch) = (hello["conversation"].as_str().expect("an id"), hello["epoch"].as_str().expect("an epoch"));
    let place = |f: &Value| f["event"]["seq"].as_u64().expect("a place");
    for (known, last) in events.iter().enumerate().map(|(n, f)| (n + 1, place(f))).chain([(0, 0)]) {
        let query = format!("session={session}&conversation={conversation}&epoch={epoch}&seq={last}");
        let missing = Client::connect_at(&server, &query).await.settled().await;
        assert_eq!(&missing[1..], &events[known..], "after {last}");
    }
    // The conversation ends; the next message opens another.
    for act in ["take", "close"] {
        let (status, body) = server.act(&conversation, &agent, json!({ "act": act })).await;
        assert_eq!(status, 200, "{act}: {body}");
    }
    client.until(|f| f["event"]["body"]["kind"] == "closed").await;
    let frames = client.exchange(&json!({ "type": "say", "client_id": "c", "text": "怎么提升额度" })).await;
    let hello = frames.iter().find(|f| f["type"] == "hello").expect("the new conversation is announced");
    let now = hello["conversation"].as_str().expect("an id").to_owned();
    assert_ne!(now, conversation);
    client.settled().await;
    let (status, body) = server.act(&conversation, &agent, json!({ "act": "note", "text": "客户很客气" })).await;
    assert_eq!(status, 200, "{body}");
    let frames = client.exchange(&json!({ "type": "say", "client_id": "d", "text": "忘记登录密码怎么办" })).await;
    assert!(frames.iter().all(|f| f["type"] != "hello"), "the client is thrown back to the old conversation: {frames:?}");
    assert!(frames.iter().all(|f| f["type"] != "event" || f["conversation"] == json!(now)), "{frames:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_shown_another_customers_conversation() {
    let server = Server::demo();
    let (mine, yours) = (server.demo_session_of("c1001").await, server.demo_session_of("c1002").await);
    let mut your_client = Client::connect(&server, &yours).await;
    your_client.ask("secret", "怎么提升额度").await;
    your_client.settled().await;
    let told = Client::connect(&server, &yours).await.settled().await;
    let (conversation, epoch) = (told[0]["conversation"].as_str().expect("an id"), told[0]["epoch"].as_str().expect("an epoch"));
    for from in [0, 1, 2] {
        let query = format!("session={mine}&conversation={conversation}&epoch={epoch}&seq={from}");
        let mut client = Client::connect_at(&server, &query).await;
        let shown = client.settled().await;
        assert_eq!(shown.len(), 1, "only a hello: {shown:?}");
        assert_eq!(shown[0]["last_seq"], from, "{shown:?}");
    }
    // Nor live, on a connection that claims the conversation.
    let query = format!("session={mine}&conversation={conversation}&epoch={epoch}&seq=1");
    let mut my_client = Client::connect_at(&server, &query).await;
    my_client.settled().await;
    your_client.ask("more", "忘记登录密码怎么办").await;
    let shown = my_client.settled().await;
    assert!(shown.is_empty(), "{shown:?}");
    // A message of mine goes to a conversation of mine.
    let frames = my_client.exchange(&json!({ "type": "say", "client_id": "mine", "text": "怎么提升额度" })).await;
    let own = frames.iter().filter_map(|f| f["event"]["seq"].as_u64().and(f["conversation"].as_str()));
    assert!(own.clone().count() > 0 && own.clone().all(|c| c != conversation), "{frames:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_starts_no_money_flow() {
    let server = Server::demo();
    let boss = server.login(BOSS).await;
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    let mut conversation = String::new();
    for (number, flow) in
        ["repay-now", "early-repayment", "change-card", "close-account", "deferral", "limit-query"].iter().enumerate()
    {
        let frames = client.exchange(&press(&format!("p{number}"), json!({ "do": "flow", "flow": flow }))).await;
        let said = frames.iter().rev().find(|f| f["event"]["body"]["kind"] == "said").expect("waited for it");
        let message = &said["event"]["body"]["message"];
        assert!(message["card"].is_null() && message["form"].is_null(), "{flow}: {message}");
        assert!(message["text"].as_str().is_some_and(|t| t.contains("登录")), "{flow}: says to sign in: {message}");
        conversation = said["conversation"].as_str().expect("an id").to_owned();
    }
    let view = server.get(&format!("/api/staff/conversations/{conversation}"), &boss).await;
    let events = view["events"].as_array().expect("a list");
    assert!(events.iter().all(|e| e["body"]["kind"] != "lender" && e["body"]["kind"] != "flow"), "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_number_is_masked_wherever_it_is_kept() {
    let mut server = Server::demo();
    let boss = server.login(BOSS).await;
    let session = server.demo_session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    let said = card_number(&CARD[..18]);
    let typed = card_number("621700123456789012");
    let phone = "13987654321";
    let frames =
        client.exchange(&json!({ "type": "say", "client_id": "say", "text": format!("我的卡号是{said}，手机{phone}") })).await;
    let conversation = frames.iter().find_map(|f| f["conversation"].as_str()).expect("an id").to_owned();
    // The same in a form, which the flow must have in full to bind the card.
    client.send(&press("start", json!({ "do": "flow", "flow": "change-card" }))).await.expect("open");
    let frames = client.until(|f| f["event"]["body"]["message"]["form"].is_object()).await;
    let form = &frames.last().expect("waited for it")["event"]["body"]["message"]["form"];
    let (flow, mut step) = (form["flow"].clone(), form["step"].clone());
    if form["fields"][0]["name"] == "way" {
        let submit = json!({ "type": "submit", "client_id": "way", "flow": flow, "step": step, "values": { "way": "new" } });
        let frames = {
            client.send(&submit).await.expect("open");
            client.until(|f| f["event"]["body"]["message"]["form"]["fields"][0]["name"] == "card_number").await
        };
        step = frames.last().expect("waited for it")["event"]["body"]["message"]["form"]["step"].clone();
    }
    let values = json!({ "card_number": typed, "phone": phone });
    let submit = json!({ "type": "submit", "client_id": "card", "flow": flow, "step": step, "values": values });
    let frames = {
        client.send(&submit).await.expect("open");
        client.until(|f| f["event"]["body"]["kind"] == "said" && f["event"]["body"]["message"]["form"].is_object()).await
    };
    let shown = serde_json::to_string(&frames).expect("JSON");
    let view = server.get(&format!("/api/staff/conversations/{conversation}"), &boss).await.to_string();
    let cards = server.get("/api/staff/conversations", &boss).await.to_string();
    let secrets = [said.as_str(), typed.as_str(), phone];
    for (place, text) in [("the client", &shown), ("the conversation", &view), ("the list", &cards)] {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is shown in {place}: {text}");
        }
    }
    assert!(
        view.contains(&said[said.len() - 4..]) && view.contains(&typed[typed.len() - 4..]),
        "the last digits are kept: {view}"
    );
    // The log of committed pages is written into the store and cut; what is in the file then is what a copy of it gives away.
    server.kill();
    let store = rusqlite::Connection::open(server.folder().join("jieti.db")).expect("the store opens");
    let busy: i64 = store.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0)).expect("a checkpoint");
    assert_eq!(busy, 0, "nobody else is in the store");
    for entry in std::fs::read_dir(server.folder()).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        // The lender's own books are another company's.
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("lender")) {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}
