//! A run through a flow: one input in, messages and at most one question to the lender out.

use super::spec::{Ask, Call, Choose, EndKind, FieldTemplate, Flow, SlotDefault, StepKind};
use super::template::{Filler, look_up};
use super::value::{entity_fact, parse_value};
use crate::id::{CustomerId, FlowId, RequestId, StepId};
use crate::lender::{Fact, Facts, LenderError, LenderRequest, Operation};
use crate::masked::mask_text;
use crate::message::{Action, Button, FieldKind, FieldOption, Form, FormField, Message};
use crate::phrases;
use crate::understanding::{EntityValue, Lang, Signal, Understanding};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a customer stands in a flow. Goes into the conversation's events whole, so secrets are masked once they are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRun {
    pub flow: FlowId,
    pub step: StepId,
    /// Slots and saved answers of the lender, by name.
    pub facts: Facts,
    pub waiting: Waiting,
    /// How often in a row the customer's words did not fit the step.
    pub misses: u32,
}

/// Whom the run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Waiting {
    Customer,
    Lender { request: RequestId, operation: Operation },
}

/// What a run is advanced by.
#[derive(Debug, Clone)]
pub enum FlowInput<'a> {
    /// Values in the message that started the flow are taken as slots.
    Start(&'a Understanding),
    Text {
        text: &'a str,
        understanding: &'a Understanding,
    },
    Submitted(&'a BTreeMap<String, String>),
    Chosen(&'a str),
    Answered(Result<Facts, LenderError>),
    /// Says the waiting step again, after an interruption.
    Again,
}

/// What a run needs to know of the world around it.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    pub flow: &'a Flow,
    pub customer: &'a CustomerId,
    pub lang: Lang,
    pub today: Date,
    /// Used if the run asks the lender something: the same input always gives the same id.
    pub request: RequestId,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Advance {
    pub run: FlowRun,
    pub said: Vec<Message>,
    pub request: Option<LenderRequest>,
    pub ended: Option<FlowEnd>,
    /// The input did not fit the step; nothing was said or changed.
    pub missed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowEnd {
    Solved,
    Unsolved,
    Handoff,
    /// The lender did not answer a question; nothing was changed by it.
    NoAnswer,
    /// The lender did not answer an order: it may or may not have been carried out, so a person must look.
    Unknown,
    Cancelled,
}

impl FlowRun {
    pub fn new(flow: &Flow) -> Self {
        Self { flow: flow.id.clone(), step: flow.start.clone(), facts: Facts::new(), waiting: Waiting::Customer, misses: 0 }
    }
}

/// Advances a run. Pure: the same run, input and scope give the same answer.
pub fn advance(run: FlowRun, input: FlowInput<'_>, scope: &Scope<'_>) -> Advance {
    let out = Advance { run, said: Vec::new(), request: None, ended: None, missed: false };
    let mut walker = Walker { scope, out, ask_afresh: false };
    match input {
        FlowInput::Start(understanding) => walker.start(understanding),
        FlowInput::Text { text, understanding } => walker.text(text, understanding),
        FlowInput::Submitted(values) => walker.submitted(values),
        FlowInput::Chosen(value) => walker.chosen(value),
        FlowInput::Answered(answer) => walker.answered(answer),
        FlowInput::Again => match walker.out.run.waiting {
            Waiting::Customer => walker.go(walker.out.run.step.clone()),
            Waiting::Lender { .. } => walker.say(Message::text(phrases::still_asking(scope.lang))),
        },
    }
    if walker.out.missed {
        walker.out.run.misses += 1;
    } else {
        walker.out.run.misses = 0;
    }
    walker.out
}

struct Walker<'a> {
    scope: &'a Scope<'a>,
    out: Advance,
    /// After a refusal the first form on the way is filled in anew: its old values would be refused again at once.
    ask_afresh: bool,
}

impl<'a> Walker<'a> {
    fn flow(&self) -> &'a Flow {
        self.scope.flow
    }

    fn filler(&self) -> Filler<'_> {
        Filler { flow: self.flow(), facts: &self.out.run.facts, lang: self.scope.lang }
    }

    fn say(&mut self, message: Message) {
        self.out.said.push(message);
    }

    fn current(&self) -> Option<&'a StepKind> {
        self.flow().steps.get(&self.out.run.step).map(|s| &s.kind)
    }

    fn start(&mut self, understanding: &Understanding) {
        for (name, slot) in &self.flow().slots {
            let given = understanding.entities.iter().find_map(|e| entity_fact(slot.kind, &e.value));
            let default = slot.default.map(|d| match d {
                SlotDefault::Today => Fact::Date(self.scope.today),
                SlotDefault::ThisMonth => Fact::Date(self.scope.today.first_of_month()),
            });
            // A secret said in passing is not taken: it is asked for where it is needed.
            let given = given.filter(|_| !slot.kind.is_secret() && (slot.restart.is_some() || slot.default.is_some()));
            if let Some(fact) = given.or(default) {
                self.out.run.facts.insert(name.clone(), fact);
            }
        }
        self.go(self.flow().start.clone());
    }

    /// Walks from a step until one waits for the customer or the lender, or the flow ends.
    fn go(&mut self, from: StepId) {
        let mut at = from;
        // `check.rs` refuses loops without a waiting step; the bound keeps even a broken one finite.
        for _ in 0..self.flow().steps.len() + 1 {
            self.out.run.step = at.clone();
            self.out.run.waiting = Waiting::Customer;
            let Some(step) = self.flow().steps.get(&at) else { return };
            at = match &step.kind {
                StepKind::Say { message, next } => {
                    let message = self.filler().message(message);
                    self.say(message);
                    next.clone()
                }
                StepKind::When { branches, otherwise } => {
                    let facts = &self.out.run.facts;
                    let branch = branches.iter().find(|b| b.holds(look_up(facts, &b.fact)));
                    branch.map_or(otherwise, |b| &b.next).clone()
                }
                StepKind::Call { call, .. } => return self.call(call),
                StepKind::Ask { ask, next } => {
                    if std::mem::take(&mut self.ask_afresh) {
                        self.clear(ask);
                    }
                    if ask.fields.iter().all(|f| self.holds(f)) {
                        next.clone()
                    } else {
                        let message = self.ask(ask);
                        return self.say(message);
                    }
                }
                StepKind::Choose { choose, next } => match self.choose(choose) {
                    Choice::Picked => next.clone(),
                    Choice::None => choose.none.clone(),
                    Choice::Offer(message) => return self.say(*message),
                },
                StepKind::Confirm { confirm, .. } => {
                    let message = self.confirm(&at, confirm);
                    return self.say(message);
                }
                StepKind::End(kind) => {
                    self.out.ended = Some(match kind {
                        EndKind::Solved => FlowEnd::Solved,
                        EndKind::Unsolved => FlowEnd::Unsolved,
                        EndKind::Handoff => FlowEnd::Handoff,
                    });
                    return;
                }
            };
        }
    }

    fn call(&mut self, call: &Call) {
        let facts = &self.out.run.facts;
        let arguments = call
            .with
            .iter()
            .filter_map(|(name, template)| {
                let path = template.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
                let fact = match path {
                    Some(path) => look_up(facts, path).cloned()?,
                    None => Fact::Text(template.clone()),
                };
                Some((name.clone(), fact))
            })
            .collect();
        let request = self.scope.request.clone();
        self.out.run.waiting = Waiting::Lender { request: request.clone(), operation: call.operation };
        let (customer, lang) = (self.scope.customer.clone(), self.scope.lang);
        self.out.request = Some(LenderRequest { id: request, customer, operation: call.operation, arguments, lang });
        for (name, slot) in &self.flow().slots {
            if let Some(Fact::Text(value)) = self.out.run.facts.get_mut(name)
                && slot.kind.is_secret()
            {
                *value = mask_text(value);
            }
        }
    }

    /// Whether a field's value is known. A secret that has been used is stars only, and must be given again.
    fn holds(&self, field: &FieldTemplate) -> bool {
        let is_secret = self.flow().slots.get(&field.slot).is_some_and(|s| s.kind.is_secret());
        match self.out.run.facts.get(&field.slot) {
            None => false,
            Some(Fact::Text(value)) => !(is_secret && value.contains('*')),
            Some(_) => true,
        }
    }

    fn clear(&mut self, ask: &Ask) {
        for field in &ask.fields {
            self.out.run.facts.remove(&field.slot);
        }
    }

    /// The form with the fields that are still open.
    fn ask(&self, ask: &Ask) -> Message {
        let lang = self.scope.lang;
        let fields = ask.fields.iter().filter(|f| !self.holds(f)).map(|f| self.field(f)).collect();
        let submit = ask.submit.as_ref().map_or(phrases::submit(lang), |s| s.get(lang)).to_owned();
        Message {
            text: self.filler().fill(ask.text.get(lang)),
            form: Some(Form { flow: self.flow().id.clone(), step: self.out.run.step.clone(), fields, submit }),
            ..Message::default()
        }
    }

    fn field(&self, field: &FieldTemplate) -> FormField {
        let lang = self.scope.lang;
        let kind = self.flow().slots.get(&field.slot).map_or(FieldKind::Text, |s| s.kind);
        let options =
            field.options.iter().map(|o| FieldOption { value: o.value.clone(), label: o.label.get(lang).to_owned() }).collect();
        FormField {
            name: field.slot.clone(),
            label: field.label.get(lang).to_owned(),
            kind,
            hint: field.hint.as_ref().map(|h| self.filler().fill(h.get(lang))),
            options,
        }
    }

    fn confirm(&self, step: &StepId, confirm: &super::spec::Confirm) -> Message {
        let lang = self.scope.lang;
        let action = |value: &str| Action::Choose { flow: self.flow().id.clone(), step: step.clone(), value: value.to_owned() };
        Message {
            text: self.filler().fill(confirm.text.get(lang)),
            card: confirm.card.as_ref().map(|c| self.filler().card(c)),
            buttons: vec![Button::primary(confirm.yes.get(lang), action("yes")), Button::new(confirm.no.get(lang), action("no"))],
            form: None,
        }
    }

    /// The items that may be chosen: the value, the label and the whole record.
    fn items(&self, choose: &Choose) -> Vec<(String, String, Facts)> {
        let Some(Fact::List(items)) = look_up(&self.out.run.facts, &choose.from) else { return Vec::new() };
        items
            .iter()
            .filter_map(|item| match item {
                Fact::Record(record) => Some(record),
                _ => None,
            })
            .filter(|record| {
                choose.keep.iter().all(|(field, values)| matches!(record.get(field), Some(Fact::Text(v)) if values.contains(v)))
            })
            .filter_map(|record| match record.get(&choose.value) {
                Some(Fact::Text(value)) => {
                    let label = self.filler().fill_with(choose.label.get(self.scope.lang), Some(record));
                    Some((value.clone(), label, record.clone()))
                }
                _ => None,
            })
            .collect()
    }

    fn choose(&mut self, choose: &Choose) -> Choice {
        let items = self.items(choose);
        let picked = match self.out.run.facts.get(&choose.slot) {
            Some(Fact::Text(value)) => items.iter().position(|(v, ..)| v == value),
            _ => None,
        };
        match (items.len(), picked) {
            (0, _) => Choice::None,
            (1, _) | (_, Some(_)) => {
                self.pick(choose, &items[picked.unwrap_or(0)]);
                Choice::Picked
            }
            (_, None) => {
                let (flow, step) = (self.flow().id.clone(), self.out.run.step.clone());
                let buttons = items
                    .into_iter()
                    .map(|(value, label, _)| Button::new(label, Action::Choose { flow: flow.clone(), step: step.clone(), value }))
                    .collect();
                let text = self.filler().fill(choose.text.get(self.scope.lang));
                Choice::Offer(Box::new(Message { text, buttons, ..Message::default() }))
            }
        }
    }

    fn pick(&mut self, choose: &Choose, (value, _, record): &(String, String, Facts)) {
        self.out.run.facts.insert(choose.slot.clone(), Fact::Text(value.clone()));
        self.out.run.facts.insert(format!("{}_item", choose.slot), Fact::Record(record.clone()));
    }

    fn text(&mut self, text: &str, understanding: &Understanding) {
        if matches!(self.out.run.waiting, Waiting::Lender { .. }) {
            self.out.missed = true;
            return;
        }
        match self.current() {
            Some(StepKind::Confirm { yes, .. }) if understanding.has(Signal::Affirm) && !understanding.has(Signal::Deny) => {
                return self.go(yes.clone());
            }
            Some(StepKind::Confirm { no, .. }) if understanding.has(Signal::Deny) && understanding.entities.is_empty() => {
                return self.go(no.clone());
            }
            Some(StepKind::Choose { choose, next }) => {
                let items = self.items(choose);
                let ordinal = understanding.entities.iter().find_map(|e| match e.value {
                    EntityValue::Ordinal(n) | EntityValue::Number(n) => usize::try_from(n - 1).ok(),
                    _ => None,
                });
                let named =
                    items.iter().position(|(value, label, _)| text.contains(value.as_str()) || label.contains(text.trim()));
                if let Some(item) = ordinal.or(named).and_then(|at| items.get(at)) {
                    self.pick(choose, item);
                    return self.go(next.clone());
                }
            }
            Some(StepKind::Ask { ask, .. }) if self.take_words(ask, text, understanding) => {
                return self.go(self.out.run.step.clone());
            }
            Some(_) | None => {}
        }
        if !self.correct(text, understanding) {
            self.out.missed = true;
        }
    }

    /// Fills the open fields of a form from words. True where at least one was filled.
    fn take_words(&mut self, ask: &Ask, text: &str, understanding: &Understanding) -> bool {
        let mut filled = false;
        for field in &ask.fields {
            let Some(slot) = self.flow().slots.get(&field.slot) else { continue };
            if self.holds(field) {
                continue;
            }
            let from_entity = understanding.entities.iter().find_map(|e| entity_fact(slot.kind, &e.value));
            let from_option = || {
                let option = field.options.iter().find(|o| text.contains(o.label.get(self.scope.lang)) || text.trim() == o.value);
                option.map(|o| Fact::Text(o.value.clone()))
            };
            if let Some(fact) = from_entity.or_else(from_option) {
                self.out.run.facts.insert(field.slot.clone(), fact);
                filled = true;
            }
        }
        // A run is written to the log while it waits; a card number must not wait there for its phone number.
        if filled && !ask.fields.iter().all(|f| self.holds(f)) {
            for field in &ask.fields {
                if self.flow().slots.get(&field.slot).is_some_and(|s| s.kind.is_secret()) {
                    self.out.run.facts.remove(&field.slot);
                }
            }
        }
        filled
    }

    /// "不对，是下个月": sets the slot that fits the value and restarts where the flow says. A value in a long sentence
    /// without a word of correction is left alone: the sentence is about something else.
    fn correct(&mut self, text: &str, understanding: &Understanding) -> bool {
        let length = text.chars().filter(|c| c.is_alphanumeric()).count();
        for entity in &understanding.entities {
            let covers = 2 * (entity.end - entity.start) >= length;
            if !covers && !understanding.has(Signal::Correction) {
                continue;
            }
            for (name, slot) in &self.flow().slots {
                let (Some(restart), Some(fact)) = (&slot.restart, entity_fact(slot.kind, &entity.value)) else { continue };
                self.out.run.facts.insert(name.clone(), fact);
                self.go(restart.clone());
                return true;
            }
        }
        false
    }

    fn submitted(&mut self, values: &BTreeMap<String, String>) {
        let Some(StepKind::Ask { ask, .. }) = self.current() else {
            self.out.missed = true;
            return;
        };
        for field in &ask.fields {
            let kind = self.flow().slots.get(&field.slot).map_or(FieldKind::Text, |s| s.kind);
            if !values.contains_key(&field.slot) && self.holds(field) {
                continue;
            }
            let text = values.get(&field.slot).map_or("", String::as_str);
            let listed = kind != FieldKind::Choice || field.options.iter().any(|o| o.value == text);
            match parse_value(kind, text).ok().filter(|_| listed) {
                Some(fact) => {
                    self.out.run.facts.insert(field.slot.clone(), fact);
                }
                None => {
                    let lang = self.scope.lang;
                    let error = super::ValueError { kind };
                    let label = field.label.get(lang);
                    self.clear(ask);
                    let mut message = self.ask(ask);
                    message.text = format!("{label}: {}", error.explain(lang));
                    return self.say(message);
                }
            }
        }
        self.go(self.out.run.step.clone());
    }

    fn chosen(&mut self, value: &str) {
        match self.current() {
            Some(StepKind::Confirm { yes, .. }) if value == "yes" => self.go(yes.clone()),
            Some(StepKind::Confirm { no, .. }) if value == "no" => self.go(no.clone()),
            Some(StepKind::Choose { choose, next }) => {
                let items = self.items(choose);
                match items.iter().find(|(v, ..)| v == value) {
                    Some(item) => {
                        self.pick(choose, item);
                        self.go(next.clone());
                    }
                    None => self.out.missed = true,
                }
            }
            Some(_) | None => self.out.missed = true,
        }
    }

    fn answered(&mut self, answer: Result<Facts, LenderError>) {
        let lang = self.scope.lang;
        let Some(StepKind::Call { call, next }) = self.current() else { return };
        match answer {
            Ok(facts) => {
                self.out.run.facts.insert(call.save.clone(), Fact::Record(facts));
                self.go(next.clone());
            }
            Err(LenderError::Refused { code, message, .. }) => {
                let refusal =
                    Facts::from([("code".to_owned(), Fact::Text(code)), ("message".to_owned(), Fact::Text(message.clone()))]);
                self.out.run.facts.insert("refusal".to_owned(), Fact::Record(refusal));
                match &call.refused {
                    Some(step) => {
                        self.ask_afresh = true;
                        self.go(step.clone());
                    }
                    None => {
                        let buttons = vec![Button::new(phrases::talk_to_person(lang), Action::Human)];
                        self.say(Message { text: message, buttons, ..Message::default() });
                        self.out.ended = Some(FlowEnd::Unsolved);
                    }
                }
            }
            Err(LenderError::Unreachable { .. } | LenderError::Nonsense { .. }) => {
                self.out.run.waiting = Waiting::Customer;
                self.out.ended = Some(if call.operation.changes_something() { FlowEnd::Unknown } else { FlowEnd::NoAnswer });
            }
        }
    }
}

enum Choice {
    Picked,
    None,
    Offer(Box<Message>),
}
