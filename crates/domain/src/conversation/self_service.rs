//! Flows inside a conversation: starting, advancing, pausing, correcting, resuming, and how each end goes on.

use super::decide::{Decider, Effect};
use super::event::{Event, FlowPhase};
use crate::flow::{Advance, FlowEnd, FlowInput, FlowRun, Scope, advance};
use crate::id::{FlowId, NeedId, RequestId};
use crate::knowledge::Entry;
use crate::message::{Action, Button, Message};
use crate::phrases;
use crate::tier::{Band, Tier, TierReason};
use crate::understanding::{Signal, Understanding};

impl Decider<'_> {
    /// Offers the words to the running flow. False where they are about something else.
    pub(super) fn flow_takes(&mut self, text: &str, understanding: &Understanding) -> bool {
        let Some(run) = self.state.flow.clone() else { return false };
        if understanding.has(Signal::Cancel) {
            self.cancel_flow(run);
            return true;
        }
        // A message that is surely about another need is not squeezed into a form.
        let other = understanding.best().is_some_and(|b| {
            self.rules.policy.band(b.confidence) == Band::Sure && self.flow_of(&b.need).is_none_or(|f| f != run.flow)
        });
        let answers_step =
            understanding.has(Signal::Correction) || understanding.has(Signal::Affirm) || understanding.has(Signal::Deny);
        if other && !answers_step {
            self.emit(Event::FlowMoved { phase: FlowPhase::Paused, run });
            return false;
        }
        let Some(mut outcome) = self.advance(run.clone(), FlowInput::Text { text, understanding }) else { return false };
        if !outcome.missed {
            self.take_advance(outcome, FlowPhase::Advanced);
            return true;
        }
        if understanding.best().is_some_and(|b| self.believed(b)) {
            self.emit(Event::FlowMoved { phase: FlowPhase::Paused, run });
            return false;
        }
        if understanding.has(Signal::NotSolved) || understanding.has(Signal::Greeting) || understanding.has(Signal::Thanks) {
            return false;
        }
        let misses = outcome.run.misses;
        self.emit(Event::NotHelped);
        if self.state.failures >= self.rules.policy.failures_before_human {
            self.emit(Event::FlowMoved { phase: FlowPhase::Advanced, run: outcome.run });
            self.escalate(TierReason::RepeatedFailure);
            return true;
        }
        if let Some(again) = self.advance(run, FlowInput::Again) {
            outcome.said = again.said;
        }
        if let Some(first) = outcome.said.first_mut() {
            first.text = format!("{} {}", phrases::did_not_fit(self.state.lang), first.text);
        }
        if let Some(last) = outcome.said.last_mut() {
            last.buttons
                .push(Button::new(phrases::stop_this(self.state.lang), Action::Cancel { flow: outcome.run.flow.clone() }));
            if misses >= 2 {
                let human = Button::new(phrases::talk_to_person(self.state.lang), Action::Human);
                last.buttons.push(human);
            }
        }
        self.emit(Event::FlowMoved { phase: FlowPhase::Advanced, run: outcome.run });
        for message in outcome.said {
            self.say(message);
        }
        true
    }

    /// "不对，是下个月", or "那下个月呢", soon after a flow has ended: the same flow again with the new value.
    pub(super) fn corrects_last_flow(&mut self, text: &str, understanding: &Understanding) -> bool {
        const FRESH_SECS: i64 = 600;
        let Some((run, ended_at)) = self.state.last_flow.clone() else { return false };
        if self.now.secs_since(ended_at) > FRESH_SECS || understanding.entities.is_empty() || self.state.flow.is_some() {
            return false;
        }
        // "809.78 元还了没入账" names a sum, and is no wish to pay it again.
        let other = understanding.best().is_some_and(|b| {
            self.rules.policy.band(b.confidence) == Band::Sure && self.flow_of(&b.need).is_none_or(|f| f != run.flow)
        });
        if other && !understanding.has(Signal::Correction) {
            return false;
        }
        let Some(outcome) = self.advance(run, FlowInput::Text { text, understanding }) else { return false };
        if outcome.missed {
            return false;
        }
        self.take_advance(outcome, FlowPhase::Started);
        true
    }

    pub(super) fn flow_of(&self, need: &NeedId) -> Option<FlowId> {
        let entry = self.rules.knowledge.get(need).and_then(|e| e.flow.as_ref());
        let flow = entry.and_then(|f| self.rules.flows.get(f)).or_else(|| self.rules.flows.for_need(need));
        flow.map(|f| f.id.clone())
    }

    pub(super) fn advance(&self, run: FlowRun, input: FlowInput<'_>) -> Option<Advance> {
        let flow = self.rules.flows.get(&run.flow)?;
        let scope = Scope {
            flow,
            customer: &self.state.customer.id,
            lang: self.state.lang,
            today: self.now.china_date(),
            request: RequestId::new(format!("rq-{}-{}", self.state.id, self.state.seq)),
        };
        Some(advance(run, input, &scope))
    }

    pub(super) fn start_flow(&mut self, flow: &FlowId, entry: Option<&Entry>, understanding: &Understanding) {
        if !self.state.customer.signed_in {
            let mut message = entry.and_then(|e| e.message(self.state.lang, &self.state.situation(self.now))).unwrap_or_default();
            message.text = format!("{}\n{}", phrases::sign_in_first(self.lang()), message.text).trim().to_owned();
            self.say(message);
            if let Some(entry) = entry {
                self.emit(Event::Answered { need: entry.id.clone() });
            }
            return self.climb(Tier::Bot, TierReason::FlowStarted { flow: flow.clone() });
        }
        let Some(spec) = self.rules.flows.get(flow) else {
            return self.say_text(phrases::expired_button(self.lang()));
        };
        if let Some(running) = self.state.flow.clone() {
            if running.flow == *flow {
                self.emit(Event::FlowEnded { run: running, end: FlowEnd::Cancelled });
            } else {
                self.emit(Event::FlowMoved { phase: FlowPhase::Paused, run: running });
            }
        }
        self.climb(Tier::SelfService, TierReason::FlowStarted { flow: flow.clone() });
        if let Some(outcome) = self.advance(FlowRun::new(spec), FlowInput::Start(understanding)) {
            self.take_advance(outcome, FlowPhase::Started);
        }
    }

    /// Turns a step of a flow into events and effects.
    pub(super) fn take_advance(&mut self, outcome: Advance, phase: FlowPhase) {
        let Advance { run, said, request, ended, .. } = outcome;
        self.emit(Event::FlowMoved { phase, run: run.clone() });
        for message in said {
            self.say(message);
        }
        if let Some(request) = request {
            self.emit(Event::LenderAsked { request: request.id.clone(), operation: request.operation });
            self.decision.effects.push(Effect::AskLender(request));
        }
        let Some(end) = ended else { return };
        let flow = run.flow.clone();
        self.emit(Event::FlowEnded { run, end });
        let lang = self.lang();
        match end {
            FlowEnd::Solved | FlowEnd::Unsolved | FlowEnd::Cancelled => {
                if let Some(paused) = self.state.paused.clone() {
                    let mut message = Message::text(phrases::paused(lang));
                    self.offer_resume(&mut message);
                    message.buttons.push(Button::new(phrases::stop_this(lang), Action::Cancel { flow: paused.flow }));
                    self.say(message);
                }
            }
            FlowEnd::Handoff => self.escalate(TierReason::FlowHandoff { flow }),
            FlowEnd::NoAnswer => {
                let buttons = vec![Button::primary(phrases::try_again(lang), Action::Flow { flow }), self.human_button()];
                self.say(Message { text: phrases::no_answer(lang).to_owned(), buttons, ..Message::default() });
            }
            FlowEnd::Unknown => {
                self.say_text(phrases::unknown_outcome(lang));
                self.escalate(TierReason::LenderFailed { flow });
            }
        }
    }

    pub(super) fn cancel_flow(&mut self, run: FlowRun) {
        self.emit(Event::FlowEnded { run, end: FlowEnd::Cancelled });
        self.say_text(phrases::cancelled(self.lang()));
    }

    /// Goes on with the paused flow, if there is one.
    pub(super) fn resume(&mut self) -> bool {
        let Some(run) = self.state.paused.clone() else { return false };
        if let Some(running) = self.state.flow.clone() {
            self.emit(Event::FlowEnded { run: running, end: FlowEnd::Cancelled });
        }
        let Some(outcome) = self.advance(run, FlowInput::Again) else { return false };
        self.take_advance(outcome, FlowPhase::Resumed);
        true
    }
}
