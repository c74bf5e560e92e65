//! More than one person on a conversation: transfer, conference, a supervisor's whisper, a raised hand.

use super::decide::{Decider, Effect, Timer};
use super::event::{Destination, Event, Invite, InviteEnd, Release};
use super::staff::{Refusal, StaffRef, not_empty};
use super::state::Stage;
use crate::id::StaffId;
use crate::phrases;

/// Seconds an invitation waits for a colleague: longer, and the customer sits with two people who talk to each other.
const INVITE_SECS: i64 = 120;

impl Decider<'_> {
    /// The customer keeps the place of one who has waited since this agent took over, so a transfer never starts at the end.
    pub(super) fn transfer(&mut self, staff: &StaffRef, to: &Destination, note: &str) -> Result<(), Refusal> {
        self.must_own(staff)?;
        let Stage::Human { since, .. } = self.state.stage else { return Ok(()) };
        self.not_here(to)?;
        if let Ok(text) = not_empty(note) {
            self.emit(Event::Noted { staff: staff.id.clone(), text, mentions: named(to) });
        }
        self.emit(Event::Released { staff: staff.id.clone(), why: Release::Transferred });
        self.say_text(phrases::transferring(self.lang()));
        let deadline = self.deadline();
        self.queue(since, deadline, Some(to.clone()));
        Ok(())
    }

    pub(super) fn invite(&mut self, staff: &StaffRef, to: &Destination, note: &str) -> Result<(), Refusal> {
        self.must_own(staff)?;
        if self.state.invite.is_some() {
            return Err(Refusal::InviteOpen);
        }
        self.not_here(to)?;
        let deadline = self.now.plus_secs(INVITE_SECS);
        self.decision.effects.push(Effect::StartTimer { due: deadline, timer: Timer::Invite { deadline } });
        let (by, note) = (staff.id.clone(), note.trim().to_owned());
        self.emit(Event::Invited { invite: Invite { by, to: to.clone(), note, since: self.now, deadline } });
        Ok(())
    }

    pub(super) fn take_back_invite(&mut self, staff: &StaffRef) -> Result<(), Refusal> {
        self.must_own(staff)?;
        if self.state.invite.is_none() {
            return Err(Refusal::NoInvite);
        }
        self.emit(Event::InviteEnded { why: InviteEnd::TakenBack });
        Ok(())
    }

    /// The router found the colleague. One who is here already does not come twice; the invitation stays open.
    pub(super) fn join(&mut self, staff: &StaffRef) {
        if !self.is_here(&staff.id) {
            self.emit(Event::GuestJoined { staff: staff.id.clone(), name: staff.name.clone() });
        }
    }

    pub(super) fn leave(&mut self, staff: &StaffRef) -> Result<(), Refusal> {
        if self.state.is_guest(&staff.id) {
            self.emit(Event::GuestLeft { staff: staff.id.clone() });
            return Ok(());
        }
        // An owner who leaves hands over to the first guest.
        self.must_own(staff)?;
        let Some(guest) = self.state.guests.first().cloned() else { return Err(Refusal::NobodyToHear) };
        self.emit(Event::Released { staff: staff.id.clone(), why: Release::Transferred });
        self.emit(Event::Assigned { staff: guest.staff, name: guest.name });
        Ok(())
    }

    pub(super) fn whisper(&mut self, staff: &StaffRef, text: &str) -> Result<(), Refusal> {
        let Stage::Human { .. } = self.state.stage else { return Err(Refusal::NobodyToHear) };
        let text = not_empty(text)?;
        self.emit(Event::Whispered { staff: staff.id.clone(), name: staff.name.clone(), text });
        if self.state.hand.is_some() {
            self.emit(Event::HandLowered { staff: staff.id.clone() });
        }
        Ok(())
    }

    /// Raised twice, the later words stand.
    pub(super) fn raise_hand(&mut self, staff: &StaffRef, text: &str) -> Result<(), Refusal> {
        if !self.state.is_guest(&staff.id) {
            self.must_own(staff)?;
        }
        let (staff, name, text) = (staff.id.clone(), staff.name.clone(), text.trim().to_owned());
        self.emit(Event::HandRaised { staff, name, text });
        Ok(())
    }

    /// By the agent, or by the supervisor who has seen to it.
    pub(super) fn lower_hand(&mut self, staff: &StaffRef) -> Result<(), Refusal> {
        if self.state.hand.is_some() {
            self.emit(Event::HandLowered { staff: staff.id.clone() });
        }
        Ok(())
    }

    fn is_here(&self, staff: &StaffId) -> bool {
        self.state.is_guest(staff) || matches!(&self.state.stage, Stage::Human { staff: owner, .. } if owner == staff)
    }

    fn not_here(&self, to: &Destination) -> Result<(), Refusal> {
        match to {
            Destination::Staff { staff } if self.is_here(staff) => Err(Refusal::AlreadyHere { who: staff.to_string() }),
            Destination::Staff { .. } | Destination::Skill { .. } | Destination::Anybody => Ok(()),
        }
    }
}

fn named(to: &Destination) -> Vec<StaffId> {
    match to {
        Destination::Staff { staff } => vec![staff.clone()],
        Destination::Skill { .. } | Destination::Anybody => Vec::new(),
    }
}
