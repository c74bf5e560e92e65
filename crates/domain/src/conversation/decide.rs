//! `decide`: one input in, events and effects out. Pure; the engine commits both in one transaction.

use super::event::{CloseReason, Draft, DraftOutcome, DraftWhy, Event, FlowPhase, NeedSeen, Release, Speaker, StoredEvent};
use super::staff::{Refusal, StaffAct, StaffRef};
use super::state::{Conversation, Stage};
use crate::flow::{Advance, FlowEnd, FlowInput, FlowRun, Flows, Scope, advance};
use crate::id::{DraftId, FlowId, NeedId, RequestId, StaffId, StepId, TicketId};
use crate::knowledge::{Entry, Knowledge};
use crate::lender::{Facts, LenderError, LenderRequest};
use crate::message::{Action, Button, Message};
use crate::phrases;
use crate::ticket::NewTicket;
use crate::tier::{Band, Policy, Risk, Tier, TierReason, Unattended, Verdict};
use crate::time::Timestamp;
use crate::understanding::{Breadth, Lang, NeedGuess, Signal, Understanding};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything the lender's people decide beforehand.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub policy: Policy,
    pub knowledge: Arc<Knowledge>,
    pub flows: Arc<Flows>,
}

/// Who is on duty at this moment, over all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duty {
    pub agents: u32,
    pub silent_seats: u32,
}

#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// The customer's event `of`, understood. `text` is as typed, before personal numbers were masked.
    Understood {
        of: u64,
        text: &'a str,
        understanding: &'a Understanding,
    },
    Pressed {
        action: &'a Action,
    },
    Submitted {
        flow: &'a FlowId,
        step: &'a StepId,
        values: &'a BTreeMap<String, String>,
    },
    LenderAnswered {
        request: &'a RequestId,
        answer: Result<Facts, LenderError>,
    },
    TimerFired(&'a Timer),
    /// The router found an agent.
    Assign {
        staff: &'a StaffRef,
    },
    /// The agent's presence ran out.
    LeaseLost {
        staff: &'a StaffId,
    },
    Staff {
        staff: &'a StaffRef,
        act: &'a StaffAct,
    },
    /// Nothing was said for the policy's time.
    Idle,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "timer", rename_all = "snake_case")]
pub enum Timer {
    Draft {
        draft: DraftId,
    },
    /// `deadline` tells a timer of an earlier wait from the present one.
    Queue {
        deadline: Timestamp,
    },
}

/// What must be done after the commit. Each is written to the outbox with the events.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    AskLender(LenderRequest),
    StartTimer { due: Timestamp, timer: Timer },
    OpenTicket(NewTicket),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
}

/// Decides what follows from one input.
///
/// # Errors
/// `Refusal` where a member of staff asks for what is not theirs to do, or no longer possible. Nothing changes then.
/// Customers' inputs are never refused.
pub fn decide(
    conversation: &Conversation,
    input: Input<'_>,
    rules: &Rules,
    duty: Duty,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let mut turn = Decider { before: conversation, state: conversation.clone(), rules, duty, now, decision: Decision::default() };
    if !conversation.is_open() {
        return match input {
            Input::Staff { staff, act } => turn.staff(staff, act).map(|()| turn.decision),
            _ => Ok(turn.decision),
        };
    }
    match input {
        Input::Understood { of, text, understanding } => turn.understood(of, text, understanding),
        Input::Pressed { action } => turn.pressed(action),
        Input::Submitted { flow, step, values } => turn.submitted(flow, step, values),
        Input::LenderAnswered { request, answer } => turn.lender_answered(request, answer),
        Input::TimerFired(timer) => turn.timer(timer),
        Input::Assign { staff } => turn.assign(staff),
        Input::LeaseLost { staff } => turn.lease_lost(staff),
        Input::Staff { staff, act } => turn.staff(staff, act)?,
        Input::Idle => turn.idle(),
    }
    Ok(turn.decision)
}

/// One decision in the making. `state` is kept up to date with the events emitted so far.
pub(super) struct Decider<'a> {
    before: &'a Conversation,
    pub(super) state: Conversation,
    rules: &'a Rules,
    duty: Duty,
    pub(super) now: Timestamp,
    decision: Decision,
}

impl Decider<'_> {
    pub(super) fn emit(&mut self, event: Event) {
        let stored = StoredEvent { seq: self.state.seq + 1, at: self.now, event };
        self.state.apply(&stored);
        self.decision.events.push(stored.event);
    }

    fn say(&mut self, message: Message) {
        self.emit(Event::Said { by: Speaker::Bot, message });
    }

    fn say_text(&mut self, text: &str) {
        self.say(Message::text(text));
    }

    fn lang(&self) -> Lang {
        self.state.lang
    }

    /// Records a step of the staircase if it is higher than what was reached before.
    pub(super) fn climb(&mut self, tier: Tier, reason: TierReason) {
        if self.state.highest_tier() < Some(tier) {
            self.emit(Event::TierReached { tier, reason });
        }
    }

    fn human_button(&self) -> Button {
        Button::new(phrases::talk_to_person(self.lang()), Action::Human)
    }

    // ---- the customer's words ----

    fn understood(&mut self, of: u64, text: &str, understanding: &Understanding) {
        self.emit(Event::Understood {
            of,
            lang: understanding.lang,
            needs: understanding.needs.iter().map(|n| NeedSeen { need: n.need.clone(), confidence: n.confidence }).collect(),
            signals: understanding.signals.iter().copied().collect(),
            mood: understanding.mood,
        });
        match &self.state.stage {
            // A person has the word; the bot only watches.
            Stage::Human { .. } | Stage::Closed { .. } => return,
            Stage::Waiting { .. } => return self.while_waiting(understanding),
            Stage::Draft(draft) => {
                let other_need = understanding.best().is_some_and(|b| self.believed(b) && b.need != draft.need);
                if self.up_at_once(understanding).is_none() && !other_need {
                    return;
                }
                let draft = draft.id.clone();
                self.emit(Event::DraftSettled { draft, outcome: DraftOutcome::Withdrawn, staff: None });
            }
            Stage::Bot => {}
        }
        if let Some(signal) = self.up_at_once(understanding) {
            return self.escalate(reason_of(signal));
        }
        if self.state.flow.is_some() && self.flow_takes(text, understanding) {
            return;
        }
        self.converse(text, understanding);
    }

    /// Invariant 6: these go to a person whatever a lower step could say.
    fn up_at_once(&self, understanding: &Understanding) -> Option<Signal> {
        [Signal::SelfHarm, Signal::FraudVictim, Signal::RegulatorThreat, Signal::Complaint, Signal::Hardship, Signal::WantsHuman]
            .into_iter()
            .find(|s| understanding.has(*s))
    }

    fn while_waiting(&mut self, understanding: &Understanding) {
        if understanding.has(Signal::Cancel) && self.up_at_once(understanding).is_none() {
            self.leave_queue();
        }
    }

    fn leave_queue(&mut self) {
        if matches!(self.state.stage, Stage::Waiting { .. }) {
            self.emit(Event::BackWithBot);
            self.say_text(phrases::back_with_bot(self.lang()));
        }
    }

    fn believed(&self, guess: &NeedGuess) -> bool {
        self.rules.policy.band(guess.confidence) >= Band::Fair
    }

    /// Offers the words to the running flow. False where they are about something else.
    fn flow_takes(&mut self, text: &str, understanding: &Understanding) -> bool {
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

    fn converse(&mut self, text: &str, understanding: &Understanding) {
        let best = understanding.best().cloned();
        let believed = best.as_ref().is_some_and(|b| self.believed(b));
        if understanding.has(Signal::Resume) && !believed && self.resume() {
            return;
        }
        if understanding.has(Signal::Cancel) && !believed {
            match self.state.paused.clone() {
                Some(run) => return self.cancel_flow(run),
                None => return self.say_text(phrases::cancelled(self.lang())),
            }
        }
        if self.corrects_last_flow(text, understanding) {
            return;
        }
        if understanding.has(Signal::NotSolved) && !believed {
            return self.not_helped(phrases::sorry_not_solved(self.lang()));
        }
        if !believed {
            let polite = [
                (Signal::Goodbye, phrases::goodbye as fn(Lang) -> &'static str),
                (Signal::Thanks, phrases::thanks),
                (Signal::Greeting, phrases::greeting),
            ];
            if let Some((_, phrase)) = polite.into_iter().find(|(signal, _)| understanding.has(*signal)) {
                self.climb(Tier::Bot, TierReason::Greeted);
                return self.say_text(phrase(self.lang()));
            }
        }
        match best {
            None => self.not_helped(phrases::do_not_know(self.lang())),
            Some(_) if understanding.breadth == Breadth::Topic => self.clarify(&understanding.needs),
            Some(best) => self.need(&best, understanding),
        }
    }

    /// "不对，是下个月", or "那下个月呢", soon after a flow has ended: the same flow again with the new value.
    fn corrects_last_flow(&mut self, text: &str, understanding: &Understanding) -> bool {
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

    fn need(&mut self, best: &NeedGuess, understanding: &Understanding) {
        let Some(entry) = self.rules.knowledge.get(&best.need) else {
            return self.not_helped(phrases::do_not_know(self.lang()));
        };
        let policy = &self.rules.policy;
        let band = policy.band(best.confidence);
        let close = understanding.needs.get(1).is_some_and(|second| {
            band < Band::Sure
                && best.confidence - second.confidence < policy.close_margin
                && second.confidence >= policy.unsure_from
        });
        if close {
            return self.clarify(&understanding.needs);
        }
        if band >= Band::Fair
            && entry.risk != Risk::Human
            && let Some(flow) = self.flow_of(&best.need)
        {
            return self.start_flow(&flow, Some(entry), understanding);
        }
        match policy.verdict(entry.risk, band) {
            Verdict::Answer => self.answer(entry),
            Verdict::Draft => self.draft(entry, best, &understanding.needs, band),
            Verdict::Clarify => self.clarify(&understanding.needs),
            Verdict::Abstain => self.not_helped(phrases::do_not_know(self.lang())),
            Verdict::Human => self.escalate(TierReason::NeedsHuman { need: best.need.clone() }),
        }
    }

    fn flow_of(&self, need: &NeedId) -> Option<FlowId> {
        let entry = self.rules.knowledge.get(need).and_then(|e| e.flow.as_ref());
        let flow = entry.and_then(|f| self.rules.flows.get(f)).or_else(|| self.rules.flows.for_need(need));
        flow.map(|f| f.id.clone())
    }

    /// Answers from knowledge by the bot alone, and offers to go on with what was interrupted.
    fn answer(&mut self, entry: &Entry) {
        let mut message = entry.message(self.lang());
        self.offer_resume(&mut message);
        self.say(message);
        self.emit(Event::Answered { need: entry.id.clone() });
        self.climb(Tier::Bot, TierReason::Answered { need: entry.id.clone() });
    }

    fn offer_resume(&self, message: &mut Message) {
        if let Some(paused) = &self.state.paused {
            let lang = self.lang();
            let title = self.rules.flows.get(&paused.flow).map_or("", |f| f.title.get(lang));
            let label = format!("{}: {title}", phrases::carry_on(lang));
            message.buttons.push(Button::new(label, Action::Resume { flow: paused.flow.clone() }));
        }
    }

    fn draft(&mut self, entry: &Entry, best: &NeedGuess, needs: &[NeedGuess], band: Band) {
        let row = self.rules.policy.row(entry.risk);
        let half_sure = band < Band::Sure;
        if self.duty.silent_seats == 0 {
            return match row.unattended {
                // Nobody can check, but the customer can: half sure is a question, not an answer.
                Unattended::Send if half_sure => self.clarify(needs),
                Unattended::Send => self.answer(entry),
                Unattended::Handoff => self.escalate(TierReason::Risky { need: entry.id.clone(), risk: entry.risk }),
            };
        }
        let mut message = entry.message(self.lang());
        self.offer_resume(&mut message);
        let draft = Draft {
            id: DraftId::new(format!("dr-{}-{}", self.state.id, self.state.seq)),
            question: self.state.last_question().map(|t| t.text.clone()).unwrap_or_default(),
            need: entry.id.clone(),
            message,
            confidence: best.confidence,
            alternatives: needs.iter().skip(1).map(|n| NeedSeen { need: n.need.clone(), confidence: n.confidence }).collect(),
            risk: entry.risk,
            why: if half_sure { DraftWhy::HalfSure } else { DraftWhy::Risky },
            mood: self.state.mood,
            created_at: self.now,
            deadline: self.now.plus_secs(row.draft_secs),
            at_deadline: row.unattended,
            held_by: None,
        };
        self.decision.effects.push(Effect::StartTimer { due: draft.deadline, timer: Timer::Draft { draft: draft.id.clone() } });
        self.climb(
            Tier::SilentSeat,
            if half_sure {
                TierReason::HalfSure { need: entry.id.clone() }
            } else {
                TierReason::Risky { need: entry.id.clone(), risk: entry.risk }
            },
        );
        self.emit(Event::DraftProposed { draft });
    }

    /// Buttons, not guesses: the best three.
    fn clarify(&mut self, needs: &[NeedGuess]) {
        let lang = self.lang();
        let mut buttons: Vec<Button> = needs
            .iter()
            .filter_map(|n| Some((n, self.rules.knowledge.get(&n.need)?.text(lang)?)))
            .map(|(n, text)| Button::new(&text.title, Action::Ask { need: n.need.clone() }))
            .take(3)
            .collect();
        if buttons.is_empty() {
            return self.not_helped(phrases::do_not_know(lang));
        }
        buttons.push(Button::new(phrases::none_of_these(lang), Action::NoneOfThese));
        self.climb(Tier::Bot, TierReason::HalfSure { need: needs[0].need.clone() });
        self.say(Message { text: phrases::did_you_mean(lang).to_owned(), buttons, ..Message::default() });
    }

    fn not_helped(&mut self, text: &str) {
        self.emit(Event::NotHelped);
        if self.state.failures >= self.rules.policy.failures_before_human {
            return self.escalate(TierReason::RepeatedFailure);
        }
        self.climb(Tier::Bot, TierReason::Greeted);
        let mut message = Message { text: text.to_owned(), buttons: vec![self.human_button()], ..Message::default() };
        self.offer_resume(&mut message);
        self.say(message);
    }

    // ---- flows ----

    fn advance(&self, run: FlowRun, input: FlowInput<'_>) -> Option<Advance> {
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

    fn start_flow(&mut self, flow: &FlowId, entry: Option<&Entry>, understanding: &Understanding) {
        if !self.state.customer.signed_in {
            let mut message = entry.map(|e| e.message(self.state.lang)).unwrap_or_default();
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
    fn take_advance(&mut self, outcome: Advance, phase: FlowPhase) {
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

    fn cancel_flow(&mut self, run: FlowRun) {
        self.emit(Event::FlowEnded { run, end: FlowEnd::Cancelled });
        self.say_text(phrases::cancelled(self.lang()));
    }

    /// Goes on with the paused flow, if there is one.
    fn resume(&mut self) -> bool {
        let Some(run) = self.state.paused.clone() else { return false };
        if let Some(running) = self.state.flow.clone() {
            self.emit(Event::FlowEnded { run: running, end: FlowEnd::Cancelled });
        }
        let Some(outcome) = self.advance(run, FlowInput::Again) else { return false };
        self.take_advance(outcome, FlowPhase::Resumed);
        true
    }

    // ---- buttons, forms, the lender ----

    fn pressed(&mut self, action: &Action) {
        let lang = self.lang();
        if let Stage::Human { .. } = self.state.stage {
            return;
        }
        if let Stage::Draft(draft) = &self.state.stage
            && !matches!(action, Action::Open { .. })
        {
            let draft = draft.id.clone();
            self.emit(Event::DraftSettled { draft, outcome: DraftOutcome::Withdrawn, staff: None });
        }
        if let Stage::Waiting { .. } = self.state.stage {
            return match action {
                Action::LeaveQueue => self.leave_queue(),
                Action::Open { .. } => {}
                _ => {
                    let buttons = vec![Button::new(phrases::leave_queue(lang), Action::LeaveQueue)];
                    self.say(Message { text: phrases::in_queue(lang).to_owned(), buttons, ..Message::default() });
                }
            };
        }
        let none = Understanding { lang, ..Understanding::default() };
        match action {
            Action::Open { .. } => {}
            Action::Human => self.escalate(TierReason::AskedForHuman),
            Action::LeaveQueue => self.say_text(phrases::back_with_bot(lang)),
            Action::NoneOfThese => self.not_helped(phrases::sorry_not_solved(lang)),
            Action::Flow { flow } => self.start_flow(flow, None, &none),
            Action::Ask { need } => {
                if let Some(running) = self.state.flow.clone() {
                    self.emit(Event::FlowMoved { phase: FlowPhase::Paused, run: running });
                }
                // The customer chose it: as sure as can be.
                self.need(&NeedGuess { need: need.clone(), confidence: 1.0 }, &none);
            }
            Action::Resume { flow } => {
                if !self.state.paused.as_ref().is_some_and(|p| p.flow == *flow) || !self.resume() {
                    self.say_text(phrases::expired_button(lang));
                }
            }
            Action::Cancel { flow } => {
                let run = self.state.flow.iter().chain(&self.state.paused).find(|r| r.flow == *flow).cloned();
                match run {
                    Some(run) => self.cancel_flow(run),
                    None => self.say_text(phrases::expired_button(lang)),
                }
            }
            Action::Choose { flow, step, value } => self.to_step(flow, step, FlowInput::Chosen(value)),
        }
    }

    fn submitted(&mut self, flow: &FlowId, step: &StepId, values: &BTreeMap<String, String>) {
        match self.state.stage {
            Stage::Bot => self.to_step(flow, step, FlowInput::Submitted(values)),
            Stage::Draft(_) | Stage::Waiting { .. } | Stage::Human { .. } | Stage::Closed { .. } => {}
        }
    }

    /// Gives an answer to the step that waits, and only to that one.
    fn to_step(&mut self, flow: &FlowId, step: &StepId, input: FlowInput<'_>) {
        let run = self.state.flow.iter().chain(&self.state.paused).find(|r| r.flow == *flow && r.step == *step).cloned();
        let outcome = run.and_then(|run| self.advance(run, input)).filter(|o| !o.missed);
        match outcome {
            Some(outcome) => {
                let phase = if self.state.flow.as_ref().is_some_and(|r| r.flow == *flow) {
                    FlowPhase::Advanced
                } else {
                    FlowPhase::Resumed
                };
                self.take_advance(outcome, phase);
            }
            None => self.say_text(phrases::expired_button(self.lang())),
        }
    }

    fn lender_answered(&mut self, request: &RequestId, answer: Result<Facts, LenderError>) {
        let asked = |run: &&FlowRun| matches!(&run.waiting, crate::flow::Waiting::Lender { request: r, .. } if r == request);
        let Some(run) = self.state.flow.iter().chain(&self.state.paused).find(asked).cloned() else { return };
        let crate::flow::Waiting::Lender { operation, .. } = run.waiting else { return };
        self.emit(Event::LenderAnswered { request: request.clone(), operation, ok: answer.is_ok() });
        let phase =
            if self.state.flow.as_ref().is_some_and(|r| r.flow == run.flow) { FlowPhase::Advanced } else { FlowPhase::Resumed };
        if let Some(outcome) = self.advance(run, FlowInput::Answered(answer)) {
            self.take_advance(outcome, phase);
        }
    }

    // ---- up to a person ----

    /// Invariant 4: this always ends with a place in the queue, or a ticket with a promise.
    fn escalate(&mut self, reason: TierReason) {
        let lang = self.lang();
        match self.state.stage {
            Stage::Waiting { .. } | Stage::Human { .. } | Stage::Closed { .. } => return,
            Stage::Bot | Stage::Draft(_) => {}
        }
        // Sympathy and safety first; whether a person comes now or later is said after it.
        let words = match &reason {
            TierReason::Signal { signal: Signal::FraudVictim } => Some(phrases::fraud(lang)),
            TierReason::Signal { signal: Signal::SelfHarm } => Some(phrases::distress(lang)),
            TierReason::Signal { signal: Signal::Hardship } => Some(phrases::hardship(lang)),
            TierReason::Signal { .. } => Some(phrases::complaint(lang)),
            TierReason::RepeatedFailure => Some(phrases::repeated_failure(lang)),
            TierReason::NeedsHuman { .. } | TierReason::Risky { .. } => Some(phrases::not_for_bot(lang)),
            TierReason::DraftVetoed | TierReason::DraftExpired => Some(phrases::veto_followup(lang)),
            TierReason::AskedForHuman
            | TierReason::FlowStarted { .. }
            | TierReason::Answered { .. }
            | TierReason::Greeted
            | TierReason::HalfSure { .. }
            | TierReason::TakenOver
            | TierReason::LenderFailed { .. }
            | TierReason::FlowHandoff { .. } => None,
        };
        self.climb(Tier::Human, reason.clone());
        if self.duty.agents > 0 {
            let deadline = self.now.plus_secs(self.rules.policy.queue_deadline_secs);
            let text = words.map_or_else(String::new, |w| format!("{w}\n")) + phrases::connecting(lang);
            let buttons = vec![Button::new(phrases::leave_queue(lang), Action::LeaveQueue)];
            self.say(Message { text, buttons, ..Message::default() });
            return self.queue(self.now, deadline);
        }
        if let Some(words) = words {
            self.say_text(words);
        }
        if self.state.tickets.is_empty() {
            self.ticket(&reason);
        } else {
            self.say_text(phrases::already_promised(lang));
        }
    }

    pub(super) fn queue(&mut self, since: Timestamp, deadline: Timestamp) {
        self.decision.effects.push(Effect::StartTimer { due: deadline, timer: Timer::Queue { deadline } });
        self.emit(Event::Queued { since, deadline });
    }

    fn ticket(&mut self, reason: &TierReason) {
        let id = TicketId::new(ticket_number(&self.state, self.now));
        let promised_by = self.now.plus_secs(self.rules.policy.promise_hours * 3600);
        let need = match reason {
            TierReason::NeedsHuman { need } | TierReason::Risky { need, .. } => Some(need.clone()),
            _ => self.state.needs.last().cloned(),
        };
        let entry = need.as_ref().and_then(|n| self.rules.knowledge.get(n));
        let title = entry.and_then(|e| e.text(Lang::ZhCn)).map_or_else(|| "客户要求人工处理".to_owned(), |t| t.title.clone());
        let department = entry.map_or_else(|| "customer-service".to_owned(), |e| e.owner.clone());
        self.decision.effects.push(Effect::OpenTicket(NewTicket {
            id: id.clone(),
            conversation: self.state.id.clone(),
            customer: self.state.customer.clone(),
            need,
            title,
            department,
            summary: super::summary(&self.state, self.rules).join("\n"),
            opened_at: self.now,
            promised_by,
        }));
        let staffing = if self.duty.agents > 0 { phrases::Staffing::EverybodyBusy } else { phrases::Staffing::NobodyOnline };
        self.say_text(&phrases::promise(self.lang(), staffing, id.as_str(), promised_by));
        self.emit(Event::TicketOpened { ticket: id, promised_by });
    }

    fn timer(&mut self, timer: &Timer) {
        match (timer, self.state.stage.clone()) {
            (Timer::Draft { draft }, Stage::Draft(pending)) if pending.id == *draft => {
                self.emit(Event::DraftSettled { draft: draft.clone(), outcome: DraftOutcome::Expired, staff: None });
                match pending.at_deadline {
                    Unattended::Send => {
                        self.say(pending.message);
                        self.emit(Event::Answered { need: pending.need });
                    }
                    Unattended::Handoff => self.escalate(TierReason::DraftExpired),
                }
            }
            (Timer::Queue { deadline }, Stage::Waiting { since, deadline: pending }) if pending == *deadline => {
                if self.state.tickets.is_empty() {
                    self.ticket(&TierReason::AskedForHuman);
                }
                if self.duty.agents > 0 {
                    let next = self.now.plus_secs(self.rules.policy.queue_deadline_secs);
                    self.queue(since, next);
                } else {
                    self.emit(Event::BackWithBot);
                }
            }
            (Timer::Draft { .. } | Timer::Queue { .. }, _) => {}
        }
    }

    fn assign(&mut self, staff: &StaffRef) {
        if let Stage::Waiting { .. } = self.state.stage {
            self.emit(Event::Assigned { staff: staff.id.clone(), name: staff.name.clone() });
        }
    }

    fn lease_lost(&mut self, staff: &StaffId) {
        match &self.state.stage {
            Stage::Human { staff: owner, since, .. } if owner == staff => {
                // Keeps the place of one who has waited since the agent took over.
                let since = *since;
                self.emit(Event::Released { staff: staff.clone(), why: Release::LeaseLost });
                self.say_text(phrases::agent_left(self.lang()));
                let deadline = self.now.plus_secs(self.rules.policy.queue_deadline_secs);
                self.queue(since, deadline);
            }
            Stage::Draft(draft) if draft.held_by.as_ref() == Some(staff) => {
                let draft = draft.id.clone();
                self.emit(Event::DraftReleased { draft });
            }
            Stage::Human { .. } | Stage::Bot | Stage::Draft(_) | Stage::Waiting { .. } | Stage::Closed { .. } => {}
        }
    }

    fn idle(&mut self) {
        if let Stage::Bot = self.state.stage {
            self.emit(Event::Closed { reason: CloseReason::Idle });
        }
    }

    // ---- used by staff.rs ----

    pub(super) fn was(&self) -> &Conversation {
        self.before
    }

    pub(super) fn escalate_after_draft(&mut self, reason: TierReason) {
        self.escalate(reason);
    }

    pub(super) fn deadline(&self) -> Timestamp {
        self.now.plus_secs(self.rules.policy.queue_deadline_secs)
    }

    pub(super) fn entry(&self, need: &NeedId) -> Option<&Entry> {
        self.rules.knowledge.get(need)
    }
}

fn reason_of(signal: Signal) -> TierReason {
    match signal {
        Signal::WantsHuman => TierReason::AskedForHuman,
        other => TierReason::Signal { signal: other },
    }
}

/// `T` + day + ten digits of the conversation: the same for the same decision, and short enough for the phone. Forty bits
/// keep ten thousand tickets of one day apart (a collision in some 20,000 days).
fn ticket_number(conversation: &Conversation, now: Timestamp) -> String {
    let day = now.china_date();
    let digits: Vec<char> = conversation.id.as_str().chars().rev().take(10).collect();
    let digits: String = digits.into_iter().rev().collect::<String>().to_uppercase();
    let (head, tail) = digits.split_at(digits.len() / 2);
    format!("T{:02}{:02}{:02}-{head}-{tail}", day.year() % 100, day.month(), day.day())
}
