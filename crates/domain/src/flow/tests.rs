//! Runs through small flows: what a refusal, a used secret and half a form do.

use super::{Advance, Flow, FlowEnd, FlowFile, FlowInput, FlowRun, Scope, Waiting, advance};
use crate::id::CustomerId;
use crate::lender::{Fact, Facts, LenderError};
use crate::masked::Masked;
use crate::money::Fen;
use crate::understanding::{Entity, EntityValue, Lang, Understanding};
use jiff::civil::date;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn both(text: &str) -> Value {
    json!({ "zh-CN": text, "en": text })
}

/// Card and phone, then a code; a refused code leads back over a `when`.
fn card_flow() -> Flow {
    let field = |slot: &str| json!({ "slot": slot, "label": both(slot) });
    let file = json!({
        "id": "card",
        "title": both("card"),
        "slots": { "card_number": { "kind": "card" }, "phone": { "kind": "phone" }, "code": { "kind": "code" } },
        "steps": [
            { "id": "ask", "ask": { "text": both("which card"), "fields": [field("card_number"), field("phone")] }, "next": "add" },
            { "id": "add", "call": { "operation": "add_card", "with": { "card_number": "{card_number}", "phone": "{phone}" }, "save": "card" }, "next": "ask_code" },
            { "id": "ask_code", "ask": { "text": both("which code"), "fields": [field("code")] }, "next": "verify" },
            { "id": "verify", "call": { "operation": "verify_card", "with": { "code": "{code}" }, "save": "done", "refused": "refused" }, "next": "solved" },
            { "id": "refused", "when": [{ "fact": "refusal.code", "one_of": ["code.wrong"], "next": "ask_code" }], "otherwise": "ask" },
            { "id": "solved", "end": "solved" }
        ]
    });
    checked(file)
}

fn checked(file: Value) -> Flow {
    serde_json::from_value::<FlowFile>(file).unwrap().check().unwrap()
}

fn go(flow: &Flow, run: FlowRun, input: FlowInput<'_>) -> Advance {
    let customer = CustomerId::from("c1");
    let scope = Scope { flow, customer: &customer, lang: Lang::En, today: date(2026, 11, 22), request: "rq".into() };
    advance(run, input, &scope)
}

fn submit(flow: &Flow, run: FlowRun, values: &[(&str, &str)]) -> Advance {
    let values: BTreeMap<String, String> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    go(flow, run, FlowInput::Submitted(&values))
}

fn refused(code: &str) -> FlowInput<'static> {
    let error = LenderError::Refused { operation: "verify_card".to_owned(), code: code.to_owned(), message: "no".to_owned() };
    FlowInput::Answered(Err(error))
}

fn fields(outcome: &Advance) -> Vec<&str> {
    let form = outcome.said.last().and_then(|m| m.form.as_ref());
    form.iter().flat_map(|f| &f.fields).map(|f| f.name.as_str()).collect()
}

const CARD: &str = "4539578763621486";

fn up_to_code(flow: &Flow) -> FlowRun {
    let run = go(flow, FlowRun::new(flow), FlowInput::Start(&Understanding::default())).run;
    let run = submit(flow, run, &[("card_number", CARD), ("phone", "13900001111")]).run;
    let run = go(flow, run, FlowInput::Answered(Ok(Facts::new()))).run;
    submit(flow, run, &[("code", "123456")]).run
}

#[test]
fn a_refused_value_is_asked_for_again_however_the_form_is_reached() {
    let flow = card_flow();
    let again = go(&flow, up_to_code(&flow), refused("code.wrong"));
    assert_eq!((again.run.step.as_str(), fields(&again)), ("ask_code", vec!["code"]));
    assert_eq!(again.request, None, "the refused code is not sent again");
}

#[test]
fn a_used_secret_is_asked_for_again_on_the_way() {
    let flow = card_flow();
    let from_start = go(&flow, up_to_code(&flow), refused("code.expired"));
    assert_eq!(fields(&from_start), ["card_number", "phone"]);
    let run = submit(&flow, from_start.run, &[("card_number", CARD), ("phone", "13900001111")]).run;
    let code = go(&flow, run, FlowInput::Answered(Ok(Facts::new())));
    assert_eq!((code.run.step.as_str(), fields(&code)), ("ask_code", vec!["code"]), "the old code is stars by now");
}

#[test]
fn half_a_form_said_in_words_leaves_no_secret_in_the_log() {
    let flow = card_flow();
    let run = go(&flow, FlowRun::new(&flow), FlowInput::Start(&Understanding::default())).run;
    let entity = Entity { value: EntityValue::CardNumber(Masked::new(CARD)), start: 0, end: CARD.len() };
    let understanding = Understanding { entities: vec![entity], ..Understanding::default() };
    let outcome = go(&flow, run, FlowInput::Text { text: CARD, understanding: &understanding });
    assert!(!outcome.missed);
    assert_eq!(fields(&outcome), ["card_number", "phone"]);
    let logged = serde_json::to_string(&outcome.run).unwrap();
    assert!(!logged.contains(CARD), "{logged}");
}

#[test]
fn a_form_asks_only_for_what_is_open() {
    let field = |slot: &str| json!({ "slot": slot, "label": both(slot) });
    let flow = checked(json!({
        "id": "defer",
        "title": both("defer"),
        "slots": { "days": { "kind": "days", "restart": "ask" }, "reason": { "kind": "text" } },
        "steps": [
            { "id": "ask", "ask": { "text": both("how long"), "fields": [field("days"), field("reason")] }, "next": "quote" },
            { "id": "quote", "call": { "operation": "deferral_quote", "with": { "days": "{days}" }, "save": "quote" }, "next": "solved" },
            { "id": "solved", "end": "solved" }
        ]
    }));
    let entity = Entity { value: EntityValue::Days(7), start: 0, end: 2 };
    let understanding = Understanding { entities: vec![entity], ..Understanding::default() };
    let asked = go(&flow, FlowRun::new(&flow), FlowInput::Start(&understanding));
    assert_eq!(fields(&asked), ["reason"]);
    let sent = submit(&flow, asked.run, &[("reason", "ill")]);
    assert_eq!(sent.request.unwrap().arguments["days"], Fact::Count(7));
    assert!(matches!(sent.run.waiting, Waiting::Lender { .. }));
}

#[test]
fn cards_write_months_and_plain_lists() {
    let flow = checked(json!({
        "id": "shown",
        "title": both("shown"),
        "slots": { "month": { "kind": "month", "default": "this_month" } },
        "steps": [
            { "id": "check", "call": { "operation": "closure_check", "save": "check" }, "next": "many" },
            { "id": "many", "when": [{ "fact": "check.reasons", "above": 1, "next": "shown" }], "otherwise": "unsolved" },
            { "id": "shown", "say": { "text": both("{month}, {check.balance}"), "card": {
                "title": both("why"), "each": { "list": "check.reasons", "label": both("because"), "value": "{item}" }
            } }, "next": "solved" },
            { "id": "solved", "end": "solved" },
            { "id": "unsolved", "end": "unsolved" }
        ]
    }));
    for (reasons, end) in [(vec!["a"], FlowEnd::Unsolved), (vec!["a", "b"], FlowEnd::Solved)] {
        let run = go(&flow, FlowRun::new(&flow), FlowInput::Start(&Understanding::default())).run;
        let list = Fact::List(reasons.iter().map(|r| Fact::Text((*r).to_owned())).collect());
        let facts = Facts::from([("reasons".to_owned(), list), ("balance".to_owned(), Fact::Money(Fen(123_456)))]);
        let outcome = go(&flow, run, FlowInput::Answered(Ok(facts)));
        assert_eq!(outcome.ended, Some(end));
        let Some(message) = outcome.said.first() else { continue };
        assert_eq!(message.text, "Nov 2026, ¥1,234.56");
        let rows: Vec<&str> = message.card.iter().flat_map(|c| &c.rows).map(|r| r.value.as_str()).collect();
        assert_eq!(rows, reasons);
    }
}
