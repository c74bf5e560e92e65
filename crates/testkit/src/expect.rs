//! Compares what was said with what a scenario expects. Pure.

use crate::scenario::Expect;
use jieti_domain::conversation::{Conversation, Event, Stage, StoredEvent};
use jieti_domain::message::Message;
use serde::Serialize;

/// What holds: everything said since the customer's last turn, and the conversation now.
pub struct Seen<'a> {
    pub events: &'a [StoredEvent],
    pub conversation: &'a Conversation,
}

/// The first expectation that does not hold.
pub fn broken(expect: &Expect, seen: &Seen<'_>) -> Option<String> {
    let said: Vec<&Message> = seen.events.iter().filter_map(|e| message(&e.event)).collect();
    let texts: Vec<String> = said.iter().map(|m| m.text.clone()).collect();
    let cards: Vec<String> = said.iter().flat_map(|m| card_lines(m)).collect();
    let buttons: Vec<String> = said.iter().flat_map(|m| m.buttons.iter().map(|b| b.label.clone())).collect();
    let fields: Vec<String> = said.iter().flat_map(|m| m.form.iter().flat_map(|f| &f.fields)).map(|f| f.label.clone()).collect();
    let missing = |what: &str, wanted: &[String], found: &[String]| {
        let part = wanted.iter().find(|part| !found.iter().any(|f| f.contains(part.as_str())))?;
        Some(format!("{what}: {part:?} is nowhere in {found:?}"))
    };
    let unwanted = || {
        let everything = texts.iter().chain(&cards).chain(&buttons).chain(&fields);
        let found = everything.filter_map(|line| Some((line, expect.not_text.iter().find(|part| line.contains(part.as_str()))?)));
        found.map(|(line, part)| format!("not_text: {part:?} stands in {line:?}")).next()
    };
    missing("text", &expect.text, &texts)
        .or_else(unwanted)
        .or_else(|| missing("card", &expect.card, &cards))
        .or_else(|| missing("buttons", &expect.buttons, &buttons))
        .or_else(|| form(expect, &said))
        .or_else(|| state(expect, seen))
}

pub fn message(event: &Event) -> Option<&Message> {
    match event {
        Event::Said { message, .. } => Some(message),
        _ => None,
    }
}

fn card_lines(message: &Message) -> Vec<String> {
    let rows = message.card.iter().flat_map(|card| card.rows.iter().chain(&card.total));
    let rows = rows.map(|row| format!("{} {}", row.label, row.value));
    message.card.iter().map(|card| card.title.clone()).chain(rows).collect()
}

fn form(expect: &Expect, said: &[&Message]) -> Option<String> {
    let wanted = expect.form.as_ref()?;
    let newest = said.iter().rev().find_map(|m| m.form.as_ref());
    let found: Vec<String> = newest.iter().flat_map(|f| &f.fields).map(|f| f.name.clone()).collect();
    (*wanted != found).then(|| format!("form: wanted the fields {wanted:?}, found {found:?}"))
}

fn state(expect: &Expect, seen: &Seen<'_>) -> Option<String> {
    let now = seen.conversation;
    let differs = |what: &str, wanted: &Option<String>, found: Option<String>| {
        (wanted.is_some() && *wanted != found).then(|| format!("{what}: wanted {wanted:?}, found {found:?}"))
    };
    let flow_differs = |what: &str, wanted: &Option<Option<String>>, found: Option<String>| {
        let wanted = wanted.as_ref()?;
        (*wanted != found).then(|| format!("{what}: wanted {wanted:?}, found {found:?}"))
    };
    let stage = match now.stage {
        Stage::Bot => "bot",
        Stage::Draft(_) => "draft",
        Stage::Waiting { .. } => "waiting",
        Stage::Human { .. } => "human",
        Stage::Closed { .. } => "closed",
    };
    let ended = seen.events.iter().rev().find_map(|e| match &e.event {
        Event::FlowEnded { end, .. } => Some(word(end)),
        _ => None,
    });
    let tickets = expect.tickets.filter(|wanted| *wanted != now.tickets.len());
    flow_differs("flow", &expect.flow, now.flow.as_ref().map(|f| f.flow.to_string()))
        .or_else(|| flow_differs("paused", &expect.paused, now.paused.as_ref().map(|f| f.flow.to_string())))
        .or_else(|| differs("ended", &expect.ended, ended))
        .or_else(|| differs("tier", &expect.tier, now.highest_tier().as_ref().map(word)))
        .or_else(|| differs("stage", &expect.stage, Some(stage.to_owned())))
        .or_else(|| tickets.map(|wanted| format!("tickets: wanted {wanted}, found {:?}", now.tickets)))
}

/// A unit variant as its word in JSON.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
