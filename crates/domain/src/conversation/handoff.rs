//! Up to a person: queue or promise, timers that run out, assignments and people who go away.

use super::decide::{Decider, Effect, Timer};
use super::event::{CloseReason, Destination, Event, InviteEnd, Release, Speaker};
use super::staff::StaffRef;
use super::state::{Conversation, Stage};
use crate::id::{StaffId, TicketId};
use crate::message::{Action, Button, Message};
use crate::phrases;
use crate::ticket::{Actor, Background, Opening, TicketForm, TicketRefusal, check_form, fill, opening};
use crate::tier::{Tier, TierReason};
use crate::time::Timestamp;
use crate::understanding::Signal;
use std::collections::BTreeSet;

impl Decider<'_> {
    /// Invariant 4: this always ends with a place in the queue, or a ticket with a promise.
    pub(super) fn escalate(&mut self, reason: TierReason) {
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
            TierReason::Signal { signal: Signal::Minor } => Some(phrases::not_for_bot(lang)),
            TierReason::Signal { .. } => Some(phrases::complaint(lang)),
            TierReason::RepeatedFailure | TierReason::Judged { .. } => Some(phrases::repeated_failure(lang)),
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
        if self.somebody_can_come() {
            let deadline = self.deadline();
            let text = words.map_or_else(String::new, |w| format!("{w}\n")) + phrases::connecting(lang);
            let buttons = vec![Button::new(phrases::leave_queue(lang), Action::LeaveQueue)];
            self.say(Message { text, buttons, ..Message::default() });
            return self.queue(self.now, deadline, None);
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

    /// Whether waiting makes sense: otherwise a promise is better than a queue that nobody serves.
    fn somebody_can_come(&self) -> bool {
        self.duty.can_take(&self.state, self.rules, self.now)
    }

    /// When a wait that begins now gets its promise.
    pub(super) fn deadline(&self) -> Timestamp {
        self.now.plus_secs(self.rules.policy.queue_deadline_secs)
    }

    pub(super) fn queue(&mut self, since: Timestamp, deadline: Timestamp, to: Option<Destination>) {
        self.decision.effects.push(Effect::StartTimer { due: deadline, timer: Timer::Queue { deadline } });
        self.emit(Event::Queued { since, deadline, to });
    }

    fn ticket(&mut self, reason: &TierReason) {
        let need = match reason {
            TierReason::NeedsHuman { need } | TierReason::Risky { need, .. } => Some(need),
            _ => None,
        };
        let signals = match reason {
            TierReason::Signal { signal } => BTreeSet::from([*signal]),
            _ => BTreeSet::new(),
        };
        let form = fill(&self.state, &Background { need, signals: &signals, loans: None, spoke: &[] }, self.rules);
        let opening = opening(&self.state, self.next_ticket(), form, Actor::System, &self.rules.service, self.now);
        let promised_by = self.now.plus_secs(self.rules.policy.promise_hours * 3600);
        let id = opening.id.clone();
        self.decision.effects.push(Effect::OpenTicket(Box::new(Opening { promised_by, ..opening })));
        let staffing = if self.somebody_can_come() {
            phrases::Staffing::EverybodyBusy
        } else if self.duty.agents > 0 {
            phrases::Staffing::NobodyAble
        } else {
            phrases::Staffing::NobodyOnline
        };
        self.say_text(&phrases::promise(self.lang(), staffing, id.as_str(), promised_by));
        self.emit(Event::TicketOpened { ticket: id, promised_by });
    }

    /// Opens a ticket as an agent has filled it in, and tells the customer where the conversation still goes on.
    pub(super) fn open_ticket(&mut self, staff: &StaffRef, form: &TicketForm) -> Result<(), TicketRefusal> {
        check_form(form, &self.rules.service)?;
        let by = Actor::Staff { staff: staff.id.clone(), name: staff.name.clone() };
        let opening = opening(&self.state, self.next_ticket(), form.clone(), by, &self.rules.service, self.now);
        let (ticket, promised_by) = (opening.id.clone(), opening.promised_by);
        if self.before.is_open() {
            let text = phrases::ticket_opened(self.lang(), ticket.as_str(), promised_by);
            let by = match &self.state.stage {
                Stage::Human { staff: owner, name, .. } if *owner == staff.id => {
                    Speaker::Agent { staff: owner.clone(), name: name.clone() }
                }
                _ => Speaker::Bot,
            };
            self.emit(Event::Said { by, message: Message::text(text) });
        }
        self.decision.effects.push(Effect::OpenTicket(Box::new(opening)));
        self.emit(Event::TicketOpened { ticket, promised_by });
        Ok(())
    }

    fn next_ticket(&self) -> TicketId {
        let number = ticket_number(&self.state, self.now);
        match self.state.tickets.len() {
            0 => TicketId::new(number),
            before => TicketId::new(format!("{number}-{}", before + 1)),
        }
    }

    /// Told once, whoever has the word.
    pub(super) fn ticket_news(&mut self, ticket: &TicketId, seq: u64, text: &str) {
        let place = (ticket.clone(), seq);
        if !self.state.told.contains(&place) {
            self.emit(Event::TicketNews { ticket: place.0, seq });
            self.say_text(text);
        }
    }

    pub(super) fn timer(&mut self, timer: &Timer) {
        match (timer, self.state.stage.clone()) {
            (Timer::Draft { draft }, Stage::Draft(pending)) if pending.id == *draft => self.draft_expired(*pending),
            (Timer::Queue { deadline }, Stage::Waiting { since, deadline: pending, .. }) if pending == *deadline => {
                if self.state.tickets.is_empty() {
                    self.ticket(&TierReason::AskedForHuman);
                }
                if self.somebody_can_come() {
                    let next = self.deadline();
                    // Whoever was asked for did not come: now it is anybody's.
                    self.queue(since, next, None);
                } else {
                    self.emit(Event::BackWithBot);
                }
            }
            (Timer::Invite { deadline }, Stage::Human { .. })
                if self.state.invite.as_ref().is_some_and(|i| i.deadline == *deadline) =>
            {
                self.emit(Event::InviteEnded { why: InviteEnd::Expired });
            }
            (Timer::Draft { .. } | Timer::Queue { .. } | Timer::Invite { .. }, _) => {}
        }
    }

    /// The router found somebody: for the queue, or for an invitation.
    pub(super) fn assign(&mut self, staff: &StaffRef) {
        match &self.state.stage {
            Stage::Waiting { .. } => self.emit(Event::Assigned { staff: staff.id.clone(), name: staff.name.clone() }),
            Stage::Human { .. } if self.state.invite.is_some() => self.join(staff),
            Stage::Human { .. } | Stage::Bot | Stage::Draft(_) | Stage::Closed { .. } => {}
        }
    }

    pub(super) fn lease_lost(&mut self, staff: &StaffId) {
        match &self.state.stage {
            Stage::Human { staff: owner, since, .. } if owner == staff => {
                // Keeps the place of one who has waited since the agent took over.
                let since = *since;
                self.emit(Event::Released { staff: staff.clone(), why: Release::LeaseLost });
                if let Some(guest) = self.state.guests.first().cloned() {
                    // The conference goes on with the colleague who is here.
                    return self.emit(Event::Assigned { staff: guest.staff, name: guest.name });
                }
                self.say_text(phrases::agent_left(self.lang()));
                let deadline = self.deadline();
                self.queue(since, deadline, None);
            }
            Stage::Human { .. } if self.state.is_guest(staff) => self.emit(Event::GuestLeft { staff: staff.clone() }),
            Stage::Draft(draft) if draft.held_by.as_ref() == Some(staff) => {
                let draft = draft.id.clone();
                self.emit(Event::DraftReleased { draft });
            }
            Stage::Human { .. } | Stage::Bot | Stage::Draft(_) | Stage::Waiting { .. } | Stage::Closed { .. } => {}
        }
    }

    pub(super) fn idle(&mut self) {
        if let Stage::Bot = self.state.stage {
            self.emit(Event::Closed { reason: CloseReason::Idle });
        }
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
