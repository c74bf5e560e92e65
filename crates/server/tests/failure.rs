//! What fails around the service: the lender, the disk, the clock on a session, the operator's configuration. The customer
//! hears the truth, nothing acknowledged is lost, and money moves once or not at all.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::process::Command;
use support::{AGENT, BOSS, Client, LENDER_KEY, Lender, Place, SECRET, Server, free_port, identity, jieti, refusal, run};

async fn place(settings: &str) -> (Lender, Place) {
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), settings);
    place.import_questions();
    place.hire(&[(BOSS, &["supervisor", "agent"]), (AGENT, &["agent"])]).await;
    (lender, place)
}

fn press(id: &str, action: &Value) -> Value {
    json!({ "type": "press", "client_id": id, "action": action, "label": "按钮" })
}

// ---- the lender ----

const UNKNOWN: &str = "系统还没有告诉我结果";
const NO_ANSWER: &str = "没有产生任何改动";

/// Goes through `repay-now` until the last yes; that button's action.
async fn until_the_last_yes(client: &mut Client) -> Value {
    let mut action = json!({ "do": "flow", "flow": "repay-now" });
    for step in 0..5 {
        let message = client.answer_to(&press(&format!("to-yes-{step}"), &action)).await;
        let buttons = message["buttons"].as_array().unwrap_or_else(|| panic!("a choice or a question: {message}"));
        let yes = buttons.iter().find(|b| b["action"]["value"] == "yes").map(|b| b["action"].clone());
        if let Some(yes) = yes {
            assert!(message["card"]["total"]["value"].is_string(), "the sum is shown before the yes: {message}");
            return yes;
        }
        action = buttons[0]["action"].clone();
    }
    panic!("repay-now never asks for a yes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_to_a_lender_that_is_down_or_talks_nonsense_ends_in_an_honest_sentence() {
    let (lender, place) = place("").await;
    let server = place.serve();
    let session = server.session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    let limit = json!({ "do": "flow", "flow": "limit-query" });
    for (number, weather) in [json!({ "kind": "down" }), json!({ "kind": "nonsense" })].into_iter().enumerate() {
        lender.weather(json!({ "api": weather })).await;
        let message = client.answer_to(&press(&format!("bad-{number}"), &limit)).await;
        let text = message["text"].as_str().unwrap_or_default();
        assert!(text.contains(NO_ANSWER), "{weather}: {message}");
        assert!(!text.contains('元') && message["card"].is_null(), "{weather}: no sum is made up: {message}");
        let again = message["buttons"].as_array().expect("a way on").iter().find(|b| b["action"] == limit);
        let human = message["buttons"].as_array().expect("a way on").iter().find(|b| b["action"]["do"] == "human");
        assert!(again.is_some() && human.is_some(), "{weather}: {message}");
        // What needs no lender is answered all the while.
        let message = client.ask(&format!("q-{number}"), "怎么开发票").await;
        assert!(message["text"].as_str().is_some_and(|t| t.contains("答复甲")), "{message}");
        lender.weather(json!({ "api": { "kind": "normal" } })).await;
        let message = client.answer_to(&press(&format!("good-{number}"), &limit)).await;
        assert!(message["card"]["total"].is_object(), "after {weather}: {message}");
    }
    lender.weather(json!({ "api": { "kind": "slow", "delay_ms": 1500 } })).await;
    let message = client.answer_to(&press("slow", &limit)).await;
    assert!(message["card"]["total"].is_object(), "late is not never: {message}");
}

/// The lender's outcome is not known: no claim, a ticket or a person, and the money moved at most once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repayment_of_unknown_outcome_goes_to_a_person_and_is_made_at_most_once() {
    let (lender, place) = place("").await;
    let server = place.serve();
    let boss = server.login(BOSS).await;
    let cases = [
        // Down: nothing is carried out. Nonsense: carried out, and nobody can read the answer. Later than the patience of
        // every try: the sandbox lender drops what nobody waits for any more.
        ("c1001", json!({ "kind": "down" }), 0),
        ("c1002", json!({ "kind": "nonsense" }), 1),
        ("c1008", json!({ "kind": "slow", "delay_ms": 4500 }), 0),
    ];
    for (customer, weather, made) in cases {
        let before = lender.repayments(customer).await.len();
        let session = server.session_of(customer).await;
        let mut client = Client::connect(&server, &session).await;
        let yes = until_the_last_yes(&mut client).await;
        lender.weather(json!({ "api": weather })).await;
        // An impatient finger: the same button three times.
        for id in ["yes", "yes", "yes-again"] {
            client.send(&press(id, &yes)).await.expect("the socket is open");
        }
        client.until_said(UNKNOWN).await;
        let conversation = client.until(|f| f["event"]["body"]["kind"] == "ticket").await;
        let conversation = conversation.last().expect("waited for it")["conversation"].as_str().expect("an id").to_owned();
        lender.weather(json!({ "api": { "kind": "normal" } })).await;
        let tickets = server.get("/api/staff/tickets", &boss).await;
        let mine = tickets["tickets"].as_array().expect("a list").iter().filter(|t| t["conversation"] == json!(conversation));
        assert_eq!(mine.count(), 1, "{weather}: {tickets}");
        let now = lender.repayments(customer).await.len();
        assert_eq!(now - before, made, "{weather}: repayments in the lender's books");
        let replay = Client::connect(&server, &session).await.settled().await;
        let claims = replay.iter().filter_map(|f| f["event"]["body"]["message"]["text"].as_str());
        let claims: Vec<&str> = claims.filter(|t| t.contains("还好了") || t.contains("已提交，银行")).collect();
        assert!(claims.is_empty(), "{weather}: {claims:?}");
        let message = client.ask("after", "怎么开发票").await;
        assert!(message["text"].as_str().is_some_and(|t| t.contains("答复甲")), "the bot is still there: {message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repayment_that_the_server_dies_over_is_made_once_and_answered_by_the_next() {
    let (lender, place) = place("").await;
    let mut server = place.serve();
    let session = server.session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    let yes = until_the_last_yes(&mut client).await;
    let before = lender.repayments("c1001").await.len();
    lender.weather(json!({ "api": { "kind": "slow", "delay_ms": 1000 }, "repayment": "silent" })).await;
    let ack = client.send_and_settle(&press("yes", &yes)).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    // Three deaths while the lender thinks: the question is put again each time, with the same key.
    for _ in 0..3 {
        let boss = server.login(BOSS).await;
        let cards = server.get("/api/staff/conversations", &boss).await;
        let conversation = cards["cards"][0]["id"].as_str().expect("an id").to_owned();
        server.kill();
        server = place.serve();
        let boss = server.login(BOSS).await;
        server.get(&format!("/api/staff/conversations/{conversation}"), &boss).await;
    }
    lender.weather(json!({ "api": { "kind": "normal" } })).await;
    let mut client = Client::connect(&server, &session).await;
    let message = client.until_said("还没有最终结果").await;
    assert!(message["card"].is_object(), "a receipt, and no claim that it is done: {message}");
    assert_eq!(lender.repayments("c1001").await.len() - before, 1, "once in the lender's books");
    let ack = client.send_and_settle(&press("yes", &yes)).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    client.ask("after", "怎么开发票").await;
    assert_eq!(lender.repayments("c1001").await.len() - before, 1, "still once");
}

// ---- the store and the disk ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_the_same_store_is_refused() {
    let (_lender, place) = place("").await;
    let server = place.serve();
    let store = place.store().display().to_string();
    let other = format!("127.0.0.1:{}", free_port());
    let error = refusal(&run(jieti().env("JIETI_LISTEN", &other).arg("serve").arg("--config").arg(place.config())));
    assert!(error.contains(&store) && error.contains("in use") && error.contains("stop that one"), "{error}");
    // The same address with another store.
    let another = place.folder.path().join("another.db");
    let error = refusal(&run(jieti().env("JIETI_STORE", &another).arg("serve").arg("--config").arg(place.config())));
    assert!(error.contains(&server.address.to_string()) && error.contains("choose another address"), "{error}");
    // The tools that write are refused as well, and the server never noticed.
    let error =
        refusal(&run(jieti().args(["staff", "x", "--display-name", "x", "--roles", "agent", "--config"]).arg(place.config())));
    assert!(error.contains("password") || error.contains("in use"), "{error}");
    let session = server.visitor_session().await;
    Client::connect(&server, &session).await.ask("one", "怎么开发票").await;
}

/// Sets how large any file of the server may become. Source: prlimit(1) of util-linux; the limit is the soft one, which its
/// owner may raise again.
fn limit_files(server: &Server, bytes: &str) {
    let status = Command::new("prlimit").args(["--pid", &server.pid().to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(status.expect("prlimit of util-linux is installed").success(), "--fsize={bytes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_finds_the_disk_full_is_not_acknowledged_and_accepted_later() {
    let (_lender, place) = place("messages_per_minute = 1000000").await;
    // The signal that a large file is answered with would end the server; a full disk sends none.
    let server = place.serve_after("trap '' XFSZ");
    let session = server.session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    client.ask("before", "怎么开发票").await;
    client.settled().await;
    let log = std::fs::metadata(place.store().with_extension("db-wal")).expect("the store has a log").len();
    limit_files(&server, &log.to_string());
    // What still fits into the log's last page may be stored; then no more.
    let mut stored = vec!["before".to_owned()];
    let mut refused = Vec::new();
    for number in 0..8 {
        let id = format!("full-{number}");
        let reply = client.send_and_settle(&json!({ "type": "say", "client_id": id, "text": "忘记登录密码怎么办" })).await;
        match reply["type"].as_str() {
            Some("ack") => stored.push(id),
            _ => {
                let code = reply["code"].as_str().unwrap_or_default();
                assert!(code == "store.full" || code == "store.broken", "{reply}");
                assert!(reply["message"].as_str().is_some_and(|m| m.contains("nothing was changed")), "{reply}");
                refused.push(id);
            }
        }
    }
    assert!(refused.len() > 4, "the disk is full: {stored:?}");
    // Reading goes on.
    let replay = Client::connect(&server, &session).await.settled().await;
    let shown: Vec<&str> = replay.iter().filter_map(|f| f["event"]["body"]["client_id"].as_str()).collect();
    assert_eq!(shown, stored, "what was refused is not there");
    let (status, _) = server.call(Method::GET, "/api/health", None, None).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) =
        server.call(Method::POST, "/api/staff/login", None, Some(json!({ "name": BOSS, "password": support::PASSWORD }))).await;
    assert!(status == 503 || status == 507, "a log-in needs the store: {status} {body}");

    limit_files(&server, "unlimited");
    for id in &refused {
        let message = client.ask(id, "忘记登录密码怎么办").await;
        assert!(message["text"].as_str().is_some_and(|t| t.contains("答复乙")), "{id}: {message}");
    }
    let replay = Client::connect(&server, &session).await.settled().await;
    let shown: Vec<&str> = replay.iter().filter_map(|f| f["event"]["body"]["client_id"].as_str()).collect();
    let wanted: Vec<&String> = stored.iter().chain(&refused).collect();
    assert_eq!(shown, wanted, "each once, in order");
}

/// A full disk takes the log file with it; the service goes on without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_stops_nobody() {
    let (lender, place) = place("").await;
    let server = place.serve_after("export JIETI_LOG=trace; exec 2>/dev/full");
    let session = server.session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    client.ask("one", "怎么开发票").await;
    lender.weather(json!({ "api": { "kind": "down" } })).await;
    let limit = json!({ "do": "flow", "flow": "limit-query" });
    client.answer_to(&press("two", &limit)).await;
    // The worker still works: it gives a waiting customer to an agent.
    client.send(&press("three", &json!({ "do": "human" }))).await.expect("open");
    client.until(|f| f["event"]["body"]["kind"] == "ticket").await;
    client.ask("four", "忘记登录密码怎么办").await;
}

// ---- sessions and limits ----

/// A session as the server seals it: `base64url(json) . base64url(HMAC-SHA-256(sha256("jieti session <secret>"), json))`.
fn sealed_session(customer: &str, exp: i64) -> String {
    let key = Sha256::digest(format!("jieti session {SECRET}"));
    let payload =
        json!({ "customer": { "id": customer, "name": null, "signed_in": true }, "exp": exp, "lang": "zh-CN", "channel": "web" })
            .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("keys of any length");
    mac.update(payload.as_bytes());
    format!("{}.{}", BASE64.encode(&payload), BASE64.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_session_is_refused_and_a_new_one_goes_on_where_it_was() {
    let (_lender, place) = place("").await;
    let server = place.serve();
    let session = server.session_of("c1001").await;
    Client::connect(&server, &session).await.ask("one", "怎么开发票").await;
    // The test's own seal is the server's, so what is refused below is refused for its age.
    let fresh = sealed_session("c1001", 4_000_000_000);
    Client::connect(&server, &fresh).await.settled().await;
    match Client::dial(server.address, &format!("session={}", sealed_session("c1001", 1_700_000_000))).await {
        Err(tokio_tungstenite::tungstenite::Error::Http(reply)) => {
            assert_eq!(reply.status(), 401);
            let body: Value = serde_json::from_slice(reply.body().as_deref().expect("a body")).expect("JSON");
            assert_eq!(body["code"], "session.invalid");
            let message = body["message"].as_str().unwrap_or_default();
            assert!(message.contains("expired") && message.contains("POST /api/customer/session"), "{body}");
        }
        other => panic!("must be refused: {:?}", other.map(|_| "let in").map_err(|e| e.to_string())),
    }
    let (status, body) = server.open_session(json!({ "token": identity("c1001", -5) })).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("identity.invalid")), "{body}");
    let again = server.session_of("c1001").await;
    let replay = Client::connect(&server, &again).await.settled().await;
    assert!(replay.iter().any(|f| f["event"]["body"]["client_id"] == "one"), "{replay:?}");
    // Staff: the session's row is made old.
    let boss = server.login(BOSS).await;
    server.get("/api/staff/me", &boss).await;
    let store = rusqlite::Connection::open(place.store()).expect("the store opens beside the server");
    store.execute("update staff_session set expires_at = 1", []).expect("the row is there");
    let (status, body) = server.call(Method::GET, "/api/staff/me", Some(&boss), None).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("staff.logged_out")), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_too_much_is_told_to_wait_and_disturbs_nobody_else() {
    let (_lender, place) = place("messages_per_minute = 5").await;
    // The environment wins over the file.
    let server = place.serve_after("export JIETI_LOGINS_PER_MINUTE=3");
    let session = server.session_of("c1001").await;
    let mut client = Client::connect(&server, &session).await;
    for number in 0..5 {
        let reply = client.send_and_settle(&json!({ "type": "rate", "client_id": format!("r{number}"), "score": 1 })).await;
        assert_eq!(reply["type"], "ack", "{number}: {reply}");
    }
    let limited = client.send_and_settle(&json!({ "type": "say", "client_id": "more", "text": "怎么开发票" })).await;
    assert_eq!(limited["code"], "rate.limited", "{limited}");
    assert!(limited["message"].as_str().is_some_and(|m| m.contains("try again in")), "{limited}");
    // Another connection of the same customer is the same customer.
    let mut second = Client::connect(&server, &session).await;
    let limited = second.send_and_settle(&json!({ "type": "say", "client_id": "more", "text": "怎么开发票" })).await;
    assert_eq!(limited["code"], "rate.limited", "{limited}");
    let replay = second.settled().await;
    assert!(replay.iter().all(|f| f["event"]["body"]["client_id"] != "more"), "what was refused is not stored: {replay:?}");
    let other = server.visitor_session().await;
    Client::connect(&server, &other).await.ask("other", "怎么开发票").await;
    let login = |name: &'static str| {
        server.call(Method::POST, "/api/staff/login", None, Some(json!({ "name": name, "password": "wrong" })))
    };
    for number in 0..3 {
        assert_eq!(login(BOSS).await.0, 401, "{number}");
    }
    let (status, body) = login(BOSS).await;
    assert_eq!((status, &body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate.limited")), "{body}");
    server.login(AGENT).await;
}

// ---- configuration ----

#[test]
fn a_wrong_configuration_is_refused_with_what_which_and_the_mend() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("jieti.toml");
    let store = folder.path().join("jieti.db");
    let right = format!(
        "listen = \"127.0.0.1:{}\"\nstore = {store:?}\nidentity_secret = {SECRET:?}\nlender_url = \"http://127.0.0.1:1\"\nlender_key = {LENDER_KEY:?}\n",
        free_port()
    );
    let taken = folder.path().join("a-file");
    std::fs::write(&taken, "x").expect("the folder is writable");
    let below_a_file = format!("{:?}", taken.join("jieti.db"));
    let newer = folder.path().join("newer.db");
    let connection = rusqlite::Connection::open(&newer).expect("a new store");
    connection
        .execute_batch(
            "create table meta (key text primary key, value text not null); insert into meta values ('schema', '999');",
        )
        .expect("a new table");
    drop(connection);
    let not_a_store = folder.path().join("not-a-store.db");
    std::fs::write(&not_a_store, "this is no database, however long one looks at it ".repeat(100)).expect("writable");
    let change = |from: &str, to: &str| {
        let line = right.lines().find(|l| l.starts_with(from)).expect("the setting is there");
        right.replace(line, to)
    };
    let cases: Vec<(&str, String, Vec<&str>)> = vec![
        ("a short secret", change("identity_secret", "identity_secret = \"short\""), vec!["identity_secret", "32"]),
        ("no secret", change("identity_secret", ""), vec!["identity_secret", "32"]),
        ("an unknown key", format!("colour = 1\n{right}"), vec!["colour", "jieti.toml"]),
        ("an unknown key of the policy", format!("{right}[policy]\nbrave = true\n"), vec!["brave"]),
        ("a wrong type", change("store", "store = 5"), vec!["store"]),
        ("no address", change("listen", "listen = \"everywhere\""), vec!["listen"]),
        ("no TOML", "listen = \n".to_owned(), vec!["jieti.toml"]),
        ("crossed thresholds", format!("{right}[policy]\nfair_from = 0.9\n"), vec!["sure_from", "0.9"]),
        (
            "no time to read",
            format!(
                "{right}[policy.low]\nsure = \"answer\"\nfair = \"answer\"\nunsure = \"clarify\"\ndraft_secs = 1\nunattended = \"send\"\n"
            ),
            vec!["draft_secs", "5"],
        ),
        (
            "an unknown verdict",
            format!(
                "{right}[policy.low]\nsure = \"shout\"\nfair = \"answer\"\nunsure = \"clarify\"\ndraft_secs = 30\nunattended = \"send\"\n"
            ),
            vec!["shout"],
        ),
        ("a store below a file", change("store", &format!("store = {below_a_file}")), vec!["a-file"]),
        ("a newer store", change("store", &format!("store = {newer:?}")), vec!["newer.db", "999", "use the newer server"]),
        ("no store at all", change("store", &format!("store = {not_a_store:?}")), vec!["not-a-store.db", "not a database"]),
        ("no flows", format!("flows = \"/nowhere/at/all\"\n{right}"), vec!["flows", "/nowhere/at/all"]),
        ("no lender's address", change("lender_url", "lender_url = \"not an address\""), vec!["lender_url"]),
    ];
    for (name, text, wanted) in cases {
        std::fs::write(&path, text).expect("the folder is writable");
        let error = refusal(&run(jieti().arg("serve").arg("--config").arg(&path)));
        for word in wanted {
            assert!(error.contains(word), "{name}: does not say {word}: {error}");
        }
    }
    let missing = folder.path().join("missing.toml");
    let error = refusal(&run(jieti().arg("serve").arg("--config").arg(&missing)));
    assert!(error.contains("missing.toml") && error.contains("does not exist") && error.contains("jieti config"), "{error}");
    std::fs::write(&path, &right).expect("the folder is writable");
    let error = refusal(&run(jieti().env("JIETI_COLOUR", "1").arg("serve").arg("--config").arg(&path)));
    assert!(error.to_lowercase().contains("colour"), "{error}");
}
