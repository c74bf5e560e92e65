//! Who may call what: forged identities, calls without a log-in or in another role, pages of other origins. The calls
//! that need a log-in, and those that pages may make, are looked for in the API's own document.
//!
//! `JIETI_MALFORMED_SEED` (1) makes other forged identities of the same kinds.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::refusals::{assert_refusal, documented, mangled, place, seed};
use support::{AGENT, EDITOR, Random, SEAT, Staff, identity, signed_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_identity_opens_no_session() {
    let (_lender, _place, server) = place().await;
    let mut random = Random::new(seed());
    let right = identity("c1001", 3600);
    let session = server.session_of("c1001").await;
    let mut tokens = vec![
        String::new(),
        ".".to_owned(),
        "a.b".to_owned(),
        "..".to_owned(),
        "null".to_owned(),
        session,
        identity("c1001", -1),
        identity("c1001", -100_000),
        signed_with("another secret, that is just as long as it", "c1001", 3600),
        signed_with("", "c1001", 3600),
    ];
    // The payload of one and the signature of another.
    let other = identity("c1002", 3600);
    tokens.push(format!("{}.{}", other.split('.').next().unwrap_or_default(), right.split('.').nth(1).unwrap_or_default()));
    for _ in 0..80 {
        tokens.push(mangled(&mut random, &right));
    }
    for token in tokens {
        let (status, body) = server.open_session(json!({ "token": token })).await;
        assert_eq!(status, 401, "{token}: {body}");
        assert_eq!(body["code"], "identity.invalid", "{token}");
        assert_refusal(&token, &body);
    }
    for visitor in [
        "",
        "short",
        "x".repeat(65).as_str(),
        "aaaaaaaaaaaaaaaa;",
        "客服客服客服客服客服客服",
        "../../etc/passwd..",
        "c1001\u{0}aaaaaaaaaaaa",
    ] {
        let (status, body) = server.open_session(json!({ "visitor": visitor })).await;
        assert_eq!(status, 400, "{visitor}: {body}");
        assert_eq!(body["code"], "visitor.invalid", "{visitor}");
    }
    let (status, body) = server.open_session(json!({ "token": right })).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_does_what_needs_a_log_in_or_another_role() {
    let (_lender, _place, server) = place().await;
    let calls = documented(&server).await;
    assert!(calls.len() > 25, "the document lists every call: {calls:?}");
    let needs_log_in = |path: &str| {
        (path.starts_with("/api/staff") || path.starts_with("/api/knowledge") || path.starts_with("/api/flows"))
            && !path.ends_with("/login")
            && !path.ends_with("/logout")
    };
    let forged =
        Staff { name: "forged".to_owned(), cookie: "jieti_staff=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned() };
    let odd = Staff { name: "odd".to_owned(), cookie: "jieti_staff=\"; jieti_staff=' or 1=1; a=b".to_owned() };
    let mut guarded = 0;
    for (method, path) in calls.iter().filter(|(_, path)| needs_log_in(path)) {
        guarded += 1;
        let at = path.replace("{id}", "x");
        for staff in [None, Some(&forged), Some(&odd)] {
            let (status, body) = server.call(method.clone(), &at, staff, Some(right_body(path))).await;
            assert_eq!(status, 401, "{method} {at}: {body}");
            assert_eq!(body["code"], "staff.logged_out", "{method} {at}");
            assert_refusal(path, &body);
        }
    }
    assert!(guarded > 20);
    let seat = server.login(SEAT).await;
    let agent = server.login(AGENT).await;
    let editor = server.login(EDITOR).await;
    let mut refused: Vec<(&Staff, Method, String)> = Vec::new();
    refused.push((&editor, Method::POST, "/api/staff/conversations/x/acts".to_owned()));
    for staff in [&editor, &seat] {
        refused.push((staff, Method::POST, "/api/staff/conversations/x/reveal".to_owned()));
    }
    refused.push((&agent, Method::GET, "/api/staff/silent/report".to_owned()));
    refused.push((&seat, Method::GET, "/api/staff/reveals".to_owned()));
    for staff in [&agent, &seat] {
        refused.push((staff, Method::PUT, "/api/knowledge/entries/x/draft".to_owned()));
        for upkeep in ["entries/x/roll-back", "test-questions", "conflicts/x", "inbox/x", "lessons/x", "model"] {
            refused.push((staff, Method::POST, format!("/api/knowledge/{upkeep}")));
        }
        refused.push((staff, Method::DELETE, "/api/knowledge/test-questions/x".to_owned()));
        refused.push((staff, Method::DELETE, "/api/knowledge/entries/x/draft".to_owned()));
        refused.push((staff, Method::POST, "/api/knowledge/publish".to_owned()));
        refused.push((staff, Method::PUT, "/api/staff/presence".to_owned()));
    }
    for staff in [&editor, &seat] {
        refused.push((staff, Method::POST, "/api/staff/tickets/x/acts".to_owned()));
    }
    // Drafts are the seats'; a colleague's conversation and a whisper are the supervisors'.
    for (staff, act) in [
        (&agent, json!({ "act": "hold_draft", "draft": "d" })),
        (&agent, json!({ "act": "send_draft", "draft": "d" })),
        (&agent, json!({ "act": "veto_draft", "draft": "d", "reason": "r" })),
        (&agent, json!({ "act": "take", "seen_owner": "boss" })),
        (&agent, json!({ "act": "whisper", "text": "t" })),
        (&seat, json!({ "act": "whisper", "text": "t" })),
        (&editor, json!({ "act": "say", "text": "t" })),
        (&editor, json!({ "act": "note", "text": "t" })),
    ] {
        let (status, body) = server.act("x", staff, act.clone()).await;
        assert_eq!((status.as_u16(), &body["code"]), (403, &json!("staff.role")), "{act} as {}", staff.name);
    }
    // An editor publishes, and only an owner overrides the gate.
    let over = json!({ "ids": ["x.y"], "reason": "r" });
    let (status, body) = server.call(Method::POST, "/api/knowledge/publish", Some(&editor), Some(over)).await;
    assert_eq!((status.as_u16(), &body["code"]), (403, &json!("staff.role")), "{body}");
    for (staff, method, path) in refused {
        let (status, body) = server.call(method.clone(), &path, Some(staff), Some(right_body(&path))).await;
        assert_eq!(status, 403, "{method} {path} as {}: {body}", staff.name);
        assert_eq!(body["code"], "staff.role", "{method} {path}");
        assert_refusal(&path, &body);
    }
}

/// A browser asks before it lets a page of another origin call: the lender's own pages carry the widget.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_any_origin_may_speak_for_their_customer_and_for_nobody_else() {
    let (_lender, _place, server) = place().await;
    let mut allowed = 0;
    for (method, path) in documented(&server).await {
        let request = reqwest::Client::new()
            .request(Method::OPTIONS, server.url(&path.replace("{id}", "x")))
            .header("origin", "https://lender.example")
            .header("access-control-request-method", method.as_str())
            .header("access-control-request-headers", "authorization,content-type");
        let answer = request.send().await.unwrap();
        let may = answer.status().is_success() && answer.headers().contains_key("access-control-allow-origin");
        assert_eq!(may, path.starts_with("/api/customer/"), "{method} {path}: {}", answer.status());
        allowed += usize::from(may);
    }
    assert!(allowed > 4, "the document lists what customers may do");
    let (status, body) = server.call(Method::DELETE, "/api/customer/session", None, None).await;
    assert_eq!((status, &body["code"]), (StatusCode::METHOD_NOT_ALLOWED, &json!("method.unknown")));
}

/// Bodies that have the right shape.
fn right_body(path: &str) -> Value {
    let entry =
        json!({ "id": "x", "stage": "x", "risk": "low", "cause": { "kind": "process", "area": "x" }, "owner": "x", "texts": {} });
    match path.rsplit('/').next().unwrap_or_default() {
        "acts" if path.contains("/tickets/") => json!({ "client_id": "c", "act": { "act": "resolve", "text": "t" } }),
        "acts" => json!({ "client_id": "c", "act": { "act": "take" } }),
        "reveal" => json!({ "field": "phone", "reason": "回电" }),
        "presence" => json!({ "agent": true, "silent_seat": true }),
        "publish" => json!({ "ids": [] }),
        "draft" => entry,
        "try" => json!({ "text": "t" }),
        "batch-test" | "test-questions" => json!({ "lines": [] }),
        "gate" => json!({ "ids": [] }),
        "roll-back" => json!({ "version": 1, "to": "draft" }),
        "model" => json!({ "order": "train" }),
        _ if path.contains("/conflicts/") => json!({ "act": "leave" }),
        _ if path.contains("/inbox/") => json!({ "act": "dismiss" }),
        _ if path.contains("/lessons/") => json!({ "decision": "refuse", "need": "x" }),
        _ => json!({}),
    }
}
