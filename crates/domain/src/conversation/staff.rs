//! What people at the lender may do to a conversation, and when it is refused.

use super::decide::Decider;
use super::event::{CloseReason, Destination, DraftOutcome, Event, Release, Speaker, WrapUp};
use super::state::Stage;
use crate::id::{DraftId, StaffId};
use crate::message::Message;
use crate::phrases;
use crate::ticket::{TicketForm, TicketRefusal};
use crate::tier::{Tier, TierReason};
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRef {
    pub id: StaffId,
    /// Shown to the customer.
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffAct {
    HoldDraft {
        draft: DraftId,
    },
    /// Gives a held draft back to the other seats.
    LetGoOfDraft {
        draft: DraftId,
    },
    SendDraft {
        draft: DraftId,
    },
    EditDraft {
        draft: DraftId,
        text: String,
    },
    /// Asks the customer back instead of answering.
    AskBack {
        draft: DraftId,
        text: String,
    },
    VetoDraft {
        draft: DraftId,
        reason: String,
    },
    TakeOverDraft {
        draft: DraftId,
    },
    /// Takes a conversation from the queue, from the bot, or from the colleague whom the taker saw as its owner.
    Take {
        seen_owner: Option<StaffId>,
    },
    Say {
        text: String,
    },
    Note {
        text: String,
        mentions: Vec<StaffId>,
    },
    /// Sends the customer on; the router finds who takes over.
    Transfer {
        to: Destination,
        note: String,
    },
    /// Asks a colleague to join.
    Invite {
        to: Destination,
        note: String,
    },
    TakeBackInvite,
    /// A guest leaves the conference.
    Leave,
    /// A supervisor's word to the agent.
    Whisper {
        text: String,
    },
    RaiseHand {
        text: String,
    },
    LowerHand,
    /// Opens a ticket; also after the conversation was closed.
    OpenTicket {
        form: Box<TicketForm>,
    },
    /// Gives the conversation back to the queue.
    Release,
    /// Gives the conversation back to the bot: what is left to do needs no person.
    BackToBot,
    Close {
        wrap_up: Option<WrapUp>,
    },
}

/// Why a member of staff cannot do that now. `code` is stable; the text says what, which and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("conversation is closed; the customer's next message opens a new one")]
    Closed,
    #[error("draft {draft} has been settled already; reload the queue")]
    DraftSettled { draft: DraftId },
    #[error("draft {draft} is held by {by}; choose another one")]
    DraftHeld { draft: DraftId, by: StaffId },
    #[error(
        "the text has figures that neither the draft nor the lender gave ({figures}); correct them, or take over and answer in your own name"
    )]
    Figures { figures: String },
    #[error("conversation belongs to {owner}; take it over first")]
    NotYours { owner: String },
    #[error("{owner} took this conversation a moment ago; look at it again before you take it over")]
    TakenFirst { owner: String },
    #[error("{who} is in this conversation already; choose somebody else")]
    AlreadyHere { who: String },
    #[error("an invitation is open already; take it back before you invite somebody else")]
    InviteOpen,
    #[error("no invitation is open; invite somebody first")]
    NoInvite,
    #[error("nobody has this conversation in hand; take it over instead")]
    NobodyToHear,
    #[error("text is empty; write something")]
    Empty,
    #[error(transparent)]
    Ticket(#[from] TicketRefusal),
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Closed => "conversation.closed",
            Refusal::DraftSettled { .. } => "draft.settled",
            Refusal::DraftHeld { .. } => "draft.held",
            Refusal::Figures { .. } => "draft.figures",
            Refusal::NotYours { .. } => "conversation.not_yours",
            Refusal::TakenFirst { .. } => "conversation.taken_first",
            Refusal::AlreadyHere { .. } => "conversation.already_here",
            Refusal::InviteOpen => "invite.open",
            Refusal::NoInvite => "invite.none",
            Refusal::NobodyToHear => "conversation.nobody",
            Refusal::Empty => "text.empty",
            Refusal::Ticket(refusal) => refusal.code(),
        }
    }
}

impl Decider<'_> {
    pub(super) fn staff(&mut self, staff: &StaffRef, act: &StaffAct) -> Result<(), Refusal> {
        if let StaffAct::Note { text, mentions } = act {
            let (staff, text) = (staff.id.clone(), not_empty(text)?);
            self.emit(Event::Noted { staff, text, mentions: mentions.clone() });
            return Ok(());
        }
        if let StaffAct::OpenTicket { form } = act {
            return Ok(self.open_ticket(staff, form)?);
        }
        if !self.before.is_open() {
            return Err(Refusal::Closed);
        }
        match act {
            StaffAct::HoldDraft { draft } => self.hold(staff, draft),
            StaffAct::LetGoOfDraft { draft } => self.let_go(staff, draft),
            StaffAct::SendDraft { draft } => self.send_draft(staff, draft),
            StaffAct::EditDraft { draft, text } => self.edit_draft(staff, draft, text),
            StaffAct::AskBack { draft, text } => self.ask_back(staff, draft, text),
            StaffAct::VetoDraft { draft, reason } => self.veto(staff, draft, reason),
            StaffAct::TakeOverDraft { draft } => self.take_over_draft(staff, draft),
            StaffAct::Take { seen_owner } => self.take(staff, seen_owner.as_ref()),
            StaffAct::Say { text } => self.speak(staff, text),
            StaffAct::Transfer { to, note } => self.transfer(staff, to, note),
            StaffAct::Invite { to, note } => self.invite(staff, to, note),
            StaffAct::TakeBackInvite => self.take_back_invite(staff),
            StaffAct::Leave => self.leave(staff),
            StaffAct::Whisper { text } => self.whisper(staff, text),
            StaffAct::RaiseHand { text } => self.raise_hand(staff, text),
            StaffAct::LowerHand => self.lower_hand(staff),
            StaffAct::Release => self.release(staff),
            StaffAct::BackToBot => self.back_to_bot(staff),
            StaffAct::Close { wrap_up } => self.close(staff, wrap_up.as_ref()),
            StaffAct::Note { .. } | StaffAct::OpenTicket { .. } => Ok(()),
        }
    }

    fn take(&mut self, staff: &StaffRef, seen_owner: Option<&StaffId>) -> Result<(), Refusal> {
        if let Stage::Human { staff: owner, name, .. } = &self.state.stage
            && *owner != staff.id
            && seen_owner != Some(owner)
        {
            return Err(Refusal::TakenFirst { owner: name.clone() });
        }
        if let Stage::Draft(pending) = self.state.stage.clone() {
            self.settle(&pending, DraftOutcome::TakenOver, Some(&staff.id));
        }
        self.own(staff);
        Ok(())
    }

    /// Makes this person the owner, unless they are already.
    pub(super) fn own(&mut self, staff: &StaffRef) {
        if matches!(&self.state.stage, Stage::Human { staff: owner, .. } if *owner == staff.id) {
            return;
        }
        self.climb(Tier::Human, TierReason::TakenOver);
        self.emit(Event::Assigned { staff: staff.id.clone(), name: staff.name.clone() });
    }

    /// Owner and guests of a conference may speak to the customer.
    fn speak(&mut self, staff: &StaffRef, text: &str) -> Result<(), Refusal> {
        if !self.state.is_guest(&staff.id) {
            self.must_own(staff)?;
        }
        let by = Speaker::Agent { staff: staff.id.clone(), name: staff.name.clone() };
        self.emit(Event::Said { by, message: Message::text(not_empty(text)?) });
        Ok(())
    }

    fn release(&mut self, staff: &StaffRef) -> Result<(), Refusal> {
        self.must_own(staff)?;
        self.emit(Event::Released { staff: staff.id.clone(), why: Release::HandedBack });
        let deadline = self.deadline();
        self.queue(self.now, deadline, None);
        Ok(())
    }

    fn back_to_bot(&mut self, staff: &StaffRef) -> Result<(), Refusal> {
        self.must_own(staff)?;
        self.emit(Event::Released { staff: staff.id.clone(), why: Release::HandedBack });
        self.emit(Event::BackWithBot);
        self.say_text(phrases::back_with_bot(self.lang()));
        Ok(())
    }

    fn close(&mut self, staff: &StaffRef, wrap_up: Option<&WrapUp>) -> Result<(), Refusal> {
        if !matches!(self.state.stage, Stage::Waiting { .. }) {
            self.must_own(staff)?;
        }
        if let Some(wrap_up) = wrap_up {
            let wrap_up = WrapUp { summary: not_empty(&wrap_up.summary)?, outcome: wrap_up.outcome };
            self.emit(Event::WrappedUp { staff: staff.id.clone(), wrap_up });
        }
        self.emit(Event::Closed { reason: CloseReason::Agent });
        Ok(())
    }

    pub(super) fn must_own(&self, staff: &StaffRef) -> Result<(), Refusal> {
        match &self.state.stage {
            Stage::Human { staff: owner, .. } if *owner == staff.id => Ok(()),
            Stage::Human { name, .. } => Err(Refusal::NotYours { owner: name.clone() }),
            Stage::Bot | Stage::Draft(_) => Err(Refusal::NotYours { owner: "the bot".to_owned() }),
            Stage::Waiting { .. } => Err(Refusal::NotYours { owner: "the queue".to_owned() }),
            Stage::Closed { .. } => Err(Refusal::Closed),
        }
    }
}

pub(super) fn not_empty(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::Empty) } else { Ok(text.to_owned()) }
}
