//! What people at the lender may do to a conversation, and when it is refused.

use super::decide::Decider;
use super::event::{CloseReason, DraftOutcome, Event, Release, Speaker};
use super::state::{Stage, TurnFrom};
use crate::figures::{Figure, unsupported};
use crate::id::{DraftId, StaffId};
use crate::message::Message;
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
    SendDraft {
        draft: DraftId,
    },
    EditDraft {
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
    /// Takes a conversation from the queue, from the bot, or from a colleague.
    Take,
    Say {
        text: String,
    },
    Note {
        text: String,
    },
    /// Gives the conversation back to the queue.
    Release,
    Close,
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
    #[error("text is empty; write something")]
    Empty,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Closed => "conversation.closed",
            Refusal::DraftSettled { .. } => "draft.settled",
            Refusal::DraftHeld { .. } => "draft.held",
            Refusal::Figures { .. } => "draft.figures",
            Refusal::NotYours { .. } => "conversation.not_yours",
            Refusal::Empty => "text.empty",
        }
    }
}

impl Decider<'_> {
    pub(super) fn staff(&mut self, staff: &StaffRef, act: &StaffAct) -> Result<(), Refusal> {
        if let StaffAct::Note { text } = act {
            self.emit(Event::Noted { staff: staff.id.clone(), text: not_empty(text)? });
            return Ok(());
        }
        if !self.before.is_open() {
            return Err(Refusal::Closed);
        }
        match act {
            StaffAct::HoldDraft { draft } => {
                let pending = self.pending(staff, draft)?;
                if pending.held_by.is_none() {
                    self.emit(Event::DraftHeld { draft: draft.clone(), staff: staff.id.clone() });
                }
            }
            StaffAct::SendDraft { draft } => {
                let pending = self.pending(staff, draft)?;
                self.settle(staff, draft, DraftOutcome::Sent);
                self.emit(Event::Said { by: Speaker::ReviewedBot { staff: staff.id.clone() }, message: pending.message });
                self.emit(Event::Answered { need: pending.need });
            }
            StaffAct::EditDraft { draft, text } => {
                let pending = self.pending(staff, draft)?;
                let text = not_empty(text)?;
                self.check_figures(&pending, &text)?;
                self.settle(staff, draft, DraftOutcome::Edited { text: text.clone() });
                let message = Message { text, ..pending.message };
                self.emit(Event::Said { by: Speaker::ReviewedBot { staff: staff.id.clone() }, message });
                self.emit(Event::Answered { need: pending.need });
            }
            StaffAct::VetoDraft { draft, reason } => {
                self.pending(staff, draft)?;
                let reason = not_empty(reason)?;
                self.settle(staff, draft, DraftOutcome::Vetoed { reason });
                self.escalate(TierReason::DraftVetoed);
            }
            StaffAct::TakeOverDraft { draft } => {
                self.pending(staff, draft)?;
                self.settle(staff, draft, DraftOutcome::TakenOver);
                self.take(staff);
            }
            StaffAct::Take => self.take(staff),
            StaffAct::Say { text } => {
                self.must_own(staff)?;
                let by = Speaker::Agent { staff: staff.id.clone(), name: staff.name.clone() };
                self.emit(Event::Said { by, message: Message::text(not_empty(text)?) });
            }
            StaffAct::Release => {
                self.must_own(staff)?;
                self.emit(Event::Released { staff: staff.id.clone(), why: Release::HandedBack });
                let deadline = self.deadline();
                self.queue(self.now, deadline);
            }
            StaffAct::Close => {
                if !matches!(self.state.stage, Stage::Waiting { .. }) {
                    self.must_own(staff)?;
                }
                self.emit(Event::Closed { reason: CloseReason::Agent });
            }
            StaffAct::Note { .. } => {}
        }
        Ok(())
    }

    /// The pending draft, if it is this one and nobody else holds it.
    fn pending(&self, staff: &StaffRef, draft: &DraftId) -> Result<super::event::Draft, Refusal> {
        match &self.state.stage {
            Stage::Draft(pending) if pending.id == *draft => match &pending.held_by {
                Some(by) if *by != staff.id => Err(Refusal::DraftHeld { draft: draft.clone(), by: by.clone() }),
                Some(_) | None => Ok((**pending).clone()),
            },
            _ => Err(Refusal::DraftSettled { draft: draft.clone() }),
        }
    }

    fn settle(&mut self, staff: &StaffRef, draft: &DraftId, outcome: DraftOutcome) {
        self.emit(Event::DraftSettled { draft: draft.clone(), outcome, staff: Some(staff.id.clone()) });
    }

    fn take(&mut self, staff: &StaffRef) {
        if let Stage::Draft(pending) = &self.state.stage {
            let draft = pending.id.clone();
            self.settle(staff, &draft, DraftOutcome::TakenOver);
        }
        if matches!(&self.state.stage, Stage::Human { staff: owner, .. } if *owner == staff.id) {
            return;
        }
        self.climb(Tier::Human, TierReason::TakenOver);
        self.emit(Event::Assigned { staff: staff.id.clone(), name: staff.name.clone() });
    }

    fn must_own(&self, staff: &StaffRef) -> Result<(), Refusal> {
        match &self.state.stage {
            Stage::Human { staff: owner, .. } if *owner == staff.id => Ok(()),
            Stage::Human { name, .. } => Err(Refusal::NotYours { owner: name.clone() }),
            Stage::Bot | Stage::Draft(_) => Err(Refusal::NotYours { owner: "the bot".to_owned() }),
            Stage::Waiting { .. } => Err(Refusal::NotYours { owner: "the queue".to_owned() }),
            Stage::Closed { .. } => Err(Refusal::Closed),
        }
    }

    /// Invariant 3: what goes out under the bot's name carries only figures of the draft, the entry, or the lender.
    fn check_figures(&self, draft: &super::event::Draft, text: &str) -> Result<(), Refusal> {
        let entry = self.rules.knowledge.get(&draft.need).and_then(|e| e.text(self.state.lang)).map(|t| t.answer.as_str());
        let said = self.state.turns.iter().filter(|t| t.from == TurnFrom::Bot).map(|t| t.text.as_str());
        let missing: Vec<String> = unsupported(text, said.chain(entry).chain([draft.message.text.as_str()]))
            .into_iter()
            .filter_map(|f| match f {
                Figure::Sum(fen) => Some(format!("{} 元", crate::money::Fen(fen))),
                Figure::Rate(rate) => Some(crate::money::BasisPoints(rate).to_string()),
                Figure::Day(_, month, day) => Some(format!("{month}月{day}日")),
                // A count ("3 天内") is not a promise about money.
                Figure::Count(..) => None,
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::Figures { figures: missing.join(", ") }) }
    }
}

fn not_empty(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::Empty) } else { Ok(text.to_owned()) }
}
