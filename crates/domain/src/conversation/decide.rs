//! `decide`: one input in, events and effects out. Pure; the engine commits both in one transaction.

use super::event::{Event, FlowPhase, NeedSeen, Speaker, StoredEvent};
use super::judge::{Case, Judged, judge};
use super::staff::{Refusal, StaffAct, StaffRef};
use super::state::{Conversation, Stage};
use crate::flow::{FlowInput, FlowRun, Flows};
use crate::id::{DraftId, FlowId, NeedId, RequestId, StaffId, StepId, TicketId};
use crate::knowledge::{Account, Entry, Knowledge};
use crate::learning::Label;
use crate::lender::{Facts, LenderError, LenderRequest};
use crate::message::{Action, Button, Message};
use crate::phrases;
use crate::routing::{Contact, Profile, Strictness, Work};
use crate::service::ServiceRules;
use crate::ticket::Opening;
use crate::tier::{Band, Policy, Risk, Tier, TierReason, Verdict};
use crate::time::Timestamp;
use crate::understanding::{Breadth, Lang, Mood, NeedGuess, Signal, Understanding};
use crate::writing::{WritingError, WritingRequest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything the lender's people decide beforehand.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub policy: Policy,
    pub knowledge: Arc<Knowledge>,
    pub flows: Arc<Flows>,
    pub service: Arc<ServiceRules>,
    /// A language model is there to write.
    pub writes: bool,
}

impl Rules {
    /// What a need is called in this language, or by its id where no entry names it.
    pub fn title(&self, need: &NeedId, lang: Lang) -> String {
        let text = self.knowledge.get(need).and_then(|e| e.text(lang));
        text.map_or_else(|| need.to_string(), |t| t.title.clone())
    }
}

/// Who is on duty at this moment, over all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duty<'a> {
    pub agents: u32,
    pub silent_seats: u32,
    /// What the agents on duty can do, each profile once. Looked at only where a conversation cannot do without a skill.
    pub profiles: &'a [Profile],
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
    /// A language model answered, or did not.
    Written {
        request: &'a WritingRequest,
        reply: Result<&'a str, &'a WritingError>,
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
    /// Something happened to one of the customer's tickets.
    TicketNews {
        ticket: &'a TicketId,
        seq: u64,
        text: &'a str,
    },
    /// The lender's core said what it knows of the customer.
    AccountSeen {
        account: &'a Account,
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
    /// `deadline` tells an earlier invitation from the present one.
    Invite {
        deadline: Timestamp,
    },
}

/// What must be done after the commit. Each is written to the outbox with the events.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    AskLender(LenderRequest),
    /// Asks a language model to write.
    Write(WritingRequest),
    StartTimer {
        due: Timestamp,
        timer: Timer,
    },
    OpenTicket(Box<Opening>),
    /// A correction to learn from.
    Keep(Label),
    /// Hold the closed conversation against the scorecard.
    Inspect,
    /// Put the conversation that closed down to its cause.
    Attribute,
    /// Something said at `seq` may be a critical finding: look now, and alarm supervisors.
    Alarm {
        seq: u64,
    },
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
    duty: Duty<'_>,
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
        Input::Written { request, reply } => turn.written(request, reply),
        Input::TimerFired(timer) => turn.timer(timer),
        Input::Assign { staff } => turn.assign(staff),
        Input::LeaseLost { staff } => turn.lease_lost(staff),
        Input::Staff { staff, act } => turn.staff(staff, act)?,
        Input::TicketNews { ticket, seq, text } => turn.ticket_news(ticket, seq, text),
        Input::AccountSeen { account } => turn.account_seen(account),
        Input::Idle => turn.idle(),
    }
    Ok(turn.decision)
}

impl Duty<'_> {
    /// Whether somebody on duty can take this conversation, now or after the search has widened, and the desk is open.
    pub fn can_take(&self, conversation: &Conversation, rules: &Rules, now: Timestamp) -> bool {
        let routing = &rules.service.routing;
        let calendar = routing.calendar.as_deref().and_then(|id| rules.service.calendar(id));
        if self.agents == 0 || calendar.is_some_and(|calendar| !calendar.is_open(now)) {
            return false;
        }
        let wanted = routing.wanted(&Contact::of(conversation), &rules.knowledge);
        let musts = wanted.iter().any(|want| want.strictness == Strictness::Must);
        !musts || self.profiles.iter().any(|profile| routing.can_take(profile, Work::Chat, &wanted))
    }
}

/// One decision in the making. `state` is kept up to date with the events emitted so far.
pub(super) struct Decider<'a> {
    pub(super) before: &'a Conversation,
    pub(super) state: Conversation,
    pub(super) rules: &'a Rules,
    pub(super) duty: Duty<'a>,
    pub(super) now: Timestamp,
    pub(super) decision: Decision,
}

impl<'a> Decider<'a> {
    /// The entry of a need that has an answer for this customer today.
    fn answerable(&self, need: &NeedId) -> Option<&'a Entry> {
        let customer = self.state.situation(self.now);
        self.rules.knowledge.get(need).filter(|entry| entry.answer(self.lang(), &customer).is_some())
    }
}

impl Decider<'_> {
    pub(super) fn emit(&mut self, event: Event) {
        let stored = StoredEvent { seq: self.state.seq + 1, at: self.now, event };
        self.state.apply(&stored);
        self.watch(&stored);
        self.decision.events.push(stored.event);
    }

    /// Every conversation is inspected when it closes; what must not be said is looked at as soon as it is.
    fn watch(&mut self, stored: &StoredEvent) {
        let Some(card) = &self.rules.service.scorecard else { return };
        match &stored.event {
            Event::Closed { .. } => self.decision.effects.extend([Effect::Inspect, Effect::Attribute]),
            Event::Said { message, .. } if card.inspector.is_suspicious(message) => {
                self.decision.effects.push(Effect::Alarm { seq: stored.seq });
            }
            _ => {}
        }
    }

    pub(super) fn say(&mut self, message: Message) {
        self.emit(Event::Said { by: Speaker::Bot, message });
    }

    pub(super) fn say_text(&mut self, text: &str) {
        self.say(Message::text(text));
    }

    pub(super) fn lang(&self) -> Lang {
        self.state.lang
    }

    /// Records a step of the staircase if it is higher than what was reached before.
    pub(super) fn climb(&mut self, tier: Tier, reason: TierReason) {
        if self.state.highest_tier() < Some(tier) {
            self.emit(Event::TierReached { tier, reason });
        }
    }

    pub(super) fn human_button(&self) -> Button {
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
                let draft = draft.clone();
                self.withdraw(&draft);
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
        [
            Signal::SelfHarm,
            Signal::FraudVictim,
            Signal::Minor,
            Signal::RegulatorThreat,
            Signal::Complaint,
            Signal::Hardship,
            Signal::WantsHuman,
        ]
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

    pub(super) fn believed(&self, guess: &NeedGuess) -> bool {
        self.rules.policy.band(guess.confidence) >= Band::Fair
    }

    fn converse(&mut self, text: &str, understanding: &Understanding) {
        let best = understanding.best().cloned();
        let believed = best.as_ref().is_some_and(|b| self.believed(b));
        // Who says "go on" with something to go on with means that, unless the words surely ask for something else.
        let sure = best.as_ref().is_some_and(|b| self.rules.policy.band(b.confidence) >= Band::Sure);
        if understanding.has(Signal::Resume) && !sure && self.resume() {
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
                // A thank-you after self-service does not make it the bot's.
                if self.state.tier.is_none() {
                    self.climb(Tier::Bot, TierReason::Greeted);
                }
                return self.say_text(phrase(self.lang()));
            }
        }
        match best {
            None => self.not_helped(phrases::do_not_know(self.lang())),
            Some(_) if understanding.breadth == Breadth::Topic => self.clarify(&understanding.needs),
            Some(best) => {
                self.need(&best, understanding);
                if let Some(second) = &understanding.second {
                    self.offer_second(second);
                }
            }
        }
    }

    fn need(&mut self, best: &NeedGuess, understanding: &Understanding) {
        // What is written for others, or for other days, is as good as not written.
        let Some(entry) = self.answerable(&best.need) else {
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
        let verdict = policy.verdict(entry.risk, band);
        let judged = match verdict {
            Verdict::Answer => self.judged(Some(best), Some(entry.risk)),
            Verdict::Draft => self.judged(Some(best), None),
            // A question back is a chance to say it in other words.
            Verdict::Clarify => self.judged(None, None),
            // The one says itself that it did not help, the other is a person.
            Verdict::Abstain | Verdict::Human => None,
        };
        if let Some(judged) = judged {
            return self.escalate(TierReason::Judged { judged });
        }
        match verdict {
            Verdict::Answer => self.answer(entry),
            Verdict::Draft => self.draft(entry, best, &understanding.needs, band),
            Verdict::Clarify | Verdict::Abstain if self.ask_writer(&understanding.needs) => {}
            Verdict::Clarify => self.clarify(&understanding.needs),
            Verdict::Abstain => self.not_helped(phrases::do_not_know(self.lang())),
            Verdict::Human => self.escalate(TierReason::NeedsHuman { need: best.need.clone() }),
        }
    }

    /// Whether a person should come in now. Only where one can: a promise for tomorrow calms nobody.
    fn judged(&self, best: Option<&NeedGuess>, risk: Option<Risk>) -> Option<Judged> {
        if !self.duty.can_take(&self.state, self.rules, self.now) {
            return None;
        }
        let moods: Vec<Mood> = self.state.moods.iter().map(|(_, mood)| *mood).collect();
        let asked = best.and_then(|best| self.state.asked.get(&best.need)).copied().unwrap_or_default();
        let case = Case {
            confidence: best.map(|best| best.confidence),
            risk,
            moods: &moods,
            not_helped: self.state.failures,
            // This message has been counted.
            asked_before: asked.saturating_sub(1),
        };
        judge(case, &self.rules.policy.costs)
    }

    /// Answers from knowledge by the bot alone, and offers to go on with what was interrupted.
    pub(super) fn answer(&mut self, entry: &Entry) {
        let Some(mut message) = entry.message(self.lang(), &self.state.situation(self.now)) else {
            return self.not_helped(phrases::do_not_know(self.lang()));
        };
        self.offer_resume(&mut message);
        self.say(message);
        self.emit(Event::Answered { need: entry.id.clone() });
        self.climb(Tier::Bot, TierReason::Answered { need: entry.id.clone() });
    }

    pub(super) fn offer_resume(&self, message: &mut Message) {
        if let Some(paused) = &self.state.paused {
            let lang = self.lang();
            let title = self.rules.flows.get(&paused.flow).map_or("", |f| f.title.get(lang));
            let label = format!("{}: {title}", phrases::carry_on(lang));
            message.buttons.push(Button::new(label, Action::Resume { flow: paused.flow.clone() }));
        }
    }

    fn account_seen(&mut self, account: &Account) {
        if self.state.account.as_ref() != Some(account) {
            self.emit(Event::AccountSeen { account: account.clone() });
        }
    }

    /// Buttons, not guesses: the best three.
    pub(super) fn clarify(&mut self, needs: &[NeedGuess]) {
        let lang = self.lang();
        let mut buttons: Vec<Button> = needs
            .iter()
            .filter_map(|n| Some((n, self.answerable(&n.need)?.text(lang)?)))
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

    /// What the message asked for besides: offered, not done, for the customer has the first to look at.
    fn offer_second(&mut self, second: &NeedGuess) {
        let lang = self.lang();
        let Some(text) = self.rules.knowledge.get(&second.need).and_then(|entry| entry.text(lang)) else { return };
        if matches!(self.state.stage, Stage::Bot) {
            let buttons = vec![Button::new(&text.title, Action::Ask { need: second.need.clone() })];
            self.say(Message { text: phrases::you_also_asked(lang).to_owned(), buttons, ..Message::default() });
        }
    }

    pub(super) fn not_helped(&mut self, text: &str) {
        self.emit(Event::NotHelped);
        if self.state.failures >= self.rules.policy.failures_before_human {
            return self.escalate(TierReason::RepeatedFailure);
        }
        if let Some(judged) = self.judged(None, None) {
            return self.escalate(TierReason::Judged { judged });
        }
        self.climb(Tier::Bot, TierReason::Greeted);
        let mut message = Message { text: text.to_owned(), buttons: vec![self.human_button()], ..Message::default() };
        self.offer_resume(&mut message);
        self.say(message);
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
            let draft = draft.clone();
            self.withdraw(&draft);
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
                if self.state.paused.as_ref().is_none_or(|p| p.flow != *flow) || !self.resume() {
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
            Action::Choose { flow, step, value } => self.answer_step(flow, step, FlowInput::Chosen(value)),
        }
    }

    fn submitted(&mut self, flow: &FlowId, step: &StepId, values: &BTreeMap<String, String>) {
        match self.state.stage {
            Stage::Bot => self.answer_step(flow, step, FlowInput::Submitted(values)),
            Stage::Draft(_) | Stage::Waiting { .. } | Stage::Human { .. } | Stage::Closed { .. } => {}
        }
    }

    /// Gives an answer to the step that waits, and only to that one.
    fn answer_step(&mut self, flow: &FlowId, step: &StepId, input: FlowInput<'_>) {
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
}

fn reason_of(signal: Signal) -> TierReason {
    match signal {
        Signal::WantsHuman => TierReason::AskedForHuman,
        other => TierReason::Signal { signal: other },
    }
}
