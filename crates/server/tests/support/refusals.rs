//! What the tests of refusals share: a server with people of every role, the calls it documents, tokens with something wrong
//! with them, and what every refusal has.

use super::{ADMIN, AGENT, BOSS, EDITOR, Lender, Place, Random, SEAT, Server};
use reqwest::Method;
use serde_json::Value;

/// Of the cases that are made at random.
pub fn seed() -> u64 {
    std::env::var("JIETI_MALFORMED_SEED").map_or(1, |n| n.parse().expect("JIETI_MALFORMED_SEED is a number"))
}

/// A server that knows eight questions, and people of every role.
pub async fn place() -> (Lender, Place, Server) {
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), "messages_per_minute = 1000000");
    place.import_questions();
    let people: [(&str, &[&str]); 5] = [
        (AGENT, &["agent"]),
        (SEAT, &["silent_seat"]),
        (BOSS, &["supervisor", "agent"]),
        (EDITOR, &["knowledge_editor"]),
        (ADMIN, &["admin"]),
    ];
    place.hire(&people).await;
    let server = place.serve();
    (lender, place, server)
}

/// Every documented call, from the document itself.
pub async fn documented(server: &Server) -> Vec<(Method, String)> {
    let (_, document) = server.call(Method::GET, "/api/openapi.json", None, None).await;
    let paths = document["paths"].as_object().expect("a document has paths");
    let calls = paths.iter().flat_map(|(path, calls)| {
        let methods: Vec<String> = calls.as_object().expect("a path has methods").keys().cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase().parse().expect("a method"), path.clone()))
    });
    calls.collect()
}

/// A token with something wrong with it.
pub fn mangled(random: &mut Random, token: &str) -> String {
    let chars: Vec<char> = token.chars().collect();
    let place = |random: &mut Random| usize::try_from(random.below(chars.len() as u64)).expect("short");
    match random.below(4) {
        0 => chars[..place(random)].iter().collect(),
        1 => {
            let mut other = chars.clone();
            let at = place(random);
            // The last character of a part has bits that mean nothing; a dash there is no letter at all.
            other[at] = if other[at] == '!' { '.' } else { '!' };
            other.into_iter().collect()
        }
        2 => chars.iter().rev().collect(),
        _ => format!("{token}{token}"),
    }
}

pub fn assert_refusal(name: &str, body: &Value) {
    let filled = |field: &str| body[field].as_str().is_some_and(|text| !text.trim().is_empty());
    assert!(filled("code") && filled("message"), "{name}: a refusal has a code and a message, this is {body}");
}
