//! The pack's scorecard on hand-written turns: how much of what it finds is right, and how much of what is wrong it finds.

use jieti_domain::conversation::{Channel, Customer, Event, Speaker, StoredEvent};
use jieti_domain::inspection::{Inspector, Scorecard};
use jieti_domain::message::{Card, CardRow, Message, Tone};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    us: String,
    #[serde(default)]
    them: Option<String>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    stranger: bool,
    #[serde(default)]
    hour: Option<i64>,
    #[serde(default)]
    facts: Vec<String>,
    want: BTreeSet<String>,
}

/// Single turns have neither an opening nor an end.
const LEFT_OUT: [&str; 2] = ["greeting", "closing"];
/// Midnight of 2026-11-23 in China, in seconds since 1970.
const MIDNIGHT: i64 = 1_795_363_200;
const LEAST_PRECISION: f64 = 0.95;
const LEAST_RECALL: f64 = 0.93;

fn events(turn: &Turn) -> Vec<StoredEvent> {
    let customer = Customer { id: "c1".into(), name: None, signed_in: !turn.stranger };
    let mut events = vec![Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn }];
    if !turn.facts.is_empty() {
        let rows = turn.facts.iter().map(|sum| CardRow { label: "应还".to_owned(), value: sum.clone() }).collect();
        let card = Card { title: "账单".to_owned(), tone: Tone::Plain, rows, total: None };
        events.push(Event::Said { by: Speaker::Bot, message: Message { card: Some(card), ..Message::text("账单如下") } });
    }
    events.extend(turn.them.iter().map(|text| Event::CustomerSaid { client_id: "m".into(), text: text.clone() }));
    let by = match turn.by.as_deref() {
        Some("bot") => Speaker::Bot,
        _ => Speaker::Agent { staff: "lin".into(), name: "林".to_owned() },
    };
    events.push(Event::Said { by, message: Message::text(turn.us.clone()) });
    let at = Timestamp((MIDNIGHT + turn.hour.unwrap_or(10) * 3600) * 1000);
    events.into_iter().zip(1..).map(|(event, seq)| StoredEvent { seq, at, event }).collect()
}

#[test]
fn most_of_what_is_found_is_right_and_most_of_what_is_wrong_is_found() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let read = |path: &str| std::fs::read_to_string(format!("{folder}/{path}")).expect("the file is in the repository");
    let turns: Vec<Turn> = serde_saphyr::from_str(&read("tests/inspection/labelled.yaml")).expect("the labelled turns read");
    let card: Scorecard = serde_saphyr::from_str(&read("../../packs/consumer-loan/service/inspection/scorecard.yaml"))
        .expect("the scorecard reads");
    let rules: BTreeSet<&str> = card.criteria.iter().map(|c| c.id.as_str()).collect();
    assert!(turns.len() >= 120, "{} turns", turns.len());
    assert!(turns.iter().flat_map(|t| &t.want).all(|want| rules.contains(want.as_str())), "every label is a rule of the card");
    let inspector = Inspector::new(card.clone()).expect("the card is sound");
    let (mut right, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for turn in &turns {
        let found = inspector.inspect(&events(turn)).findings;
        let found: BTreeSet<String> =
            found.into_iter().map(|f| f.rule.0).filter(|rule| !LEFT_OUT.contains(&rule.as_str())).collect();
        right += found.intersection(&turn.want).count();
        wrong.extend(found.difference(&turn.want).map(|rule| format!("{rule}: {}", turn.us)));
        missed.extend(turn.want.difference(&found).map(|rule| format!("{rule}: {}", turn.us)));
    }
    let precision = right as f64 / (right + wrong.len()) as f64;
    let recall = right as f64 / (right + missed.len()) as f64;
    println!("{} turns: precision {precision:.3}, recall {recall:.3}", turns.len());
    assert!(precision >= LEAST_PRECISION, "precision {precision:.3}; wrongly found: {wrong:#?}");
    assert!(recall >= LEAST_RECALL, "recall {recall:.3}; missed: {missed:#?}; wrongly found: {wrong:#?}");
}
