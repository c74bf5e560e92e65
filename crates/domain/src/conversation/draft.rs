//! The silent seat: a bot's answer that waits for one person, and how it ends. Each ending is a label to learn from.

use super::decide::{Decider, Effect, Timer};
use super::event::{Draft, DraftOutcome, DraftWhy, Event, NeedSeen, Speaker};
use super::staff::{Refusal, StaffRef, not_empty};
use super::state::{Stage, TurnFrom};
use crate::figures::{Figure, unsupported};
use crate::id::{DraftId, NeedId, StaffId};
use crate::knowledge::Entry;
use crate::learning::{Label, LabelKind, edit_distance};
use crate::message::Message;
use crate::money::{BasisPoints, Fen};
use crate::phrases;
use crate::tier::{Band, Tier, TierReason, Unattended};
use crate::time::Timestamp;
use crate::understanding::NeedGuess;

impl Decider<'_> {
    pub(super) fn draft(&mut self, entry: &Entry, best: &NeedGuess, needs: &[NeedGuess], band: Band) {
        let row = self.rules.policy.row(entry.risk);
        let half_sure = band < Band::Sure;
        if self.duty.silent_seats == 0 {
            return match row.unattended {
                // Nobody can check, but the customer can: half sure is a question, not an answer.
                Unattended::Send | Unattended::Hold if half_sure => self.clarify(needs),
                Unattended::Send => self.answer(entry),
                // Nobody would come back to a note that says "one moment".
                Unattended::Hold | Unattended::Handoff => {
                    self.escalate(TierReason::Risky { need: entry.id.clone(), risk: entry.risk });
                }
            };
        }
        let Some(mut message) = entry.message(self.lang(), &self.state.situation(self.now)) else {
            return self.clarify(needs);
        };
        self.offer_resume(&mut message);
        let why = if half_sure { DraftWhy::HalfSure } else { DraftWhy::Risky };
        self.propose(entry, message, best.confidence, needs, why);
    }

    /// Holds a message for a silent seat, for as long as the row of its risk says.
    pub(super) fn propose(&mut self, entry: &Entry, message: Message, confidence: f32, needs: &[NeedGuess], why: DraftWhy) {
        let row = self.rules.policy.row(entry.risk);
        let draft = Draft {
            id: DraftId::new(format!("dr-{}-{}", self.state.id, self.state.seq)),
            question: self.state.last_question().map(|t| t.text.clone()).unwrap_or_default(),
            need: entry.id.clone(),
            message,
            confidence,
            alternatives: needs
                .iter()
                .filter(|n| n.need != entry.id)
                .map(|n| NeedSeen { need: n.need.clone(), confidence: n.confidence })
                .collect(),
            risk: entry.risk,
            why,
            mood: self.state.mood,
            created_at: self.now,
            deadline: self.now.plus_secs(row.draft_secs),
            at_deadline: row.unattended,
            held_by: None,
            held_at: None,
        };
        self.draft_timer(&draft.id, draft.deadline);
        self.climb(
            Tier::SilentSeat,
            match why {
                DraftWhy::HalfSure | DraftWhy::Written => TierReason::HalfSure { need: entry.id.clone() },
                DraftWhy::Risky => TierReason::Risky { need: entry.id.clone(), risk: entry.risk },
            },
        );
        self.emit(Event::DraftProposed { draft });
    }

    fn draft_timer(&mut self, draft: &DraftId, deadline: Timestamp) {
        let timer = Timer::Draft { draft: draft.clone() };
        self.decision.effects.push(Effect::StartTimer { due: deadline, timer });
    }

    /// Time ran out: what the row of its risk says.
    pub(super) fn draft_expired(&mut self, pending: Draft) {
        match pending.at_deadline {
            Unattended::Send => {
                self.settle(&pending, DraftOutcome::Expired, None);
                self.say(pending.message);
                self.emit(Event::Answered { need: pending.need });
            }
            Unattended::Hold => {
                let deadline = self.now.plus_secs(self.rules.policy.row(pending.risk).draft_secs);
                self.draft_timer(&pending.id, deadline);
                self.emit(Event::DraftExtended { draft: pending.id, deadline });
                self.say_text(phrases::takes_longer(self.lang()));
            }
            Unattended::Handoff => {
                self.settle(&pending, DraftOutcome::Expired, None);
                self.escalate(TierReason::DraftExpired);
            }
        }
    }

    /// The customer went on; nobody decides on this draft any more.
    pub(super) fn withdraw(&mut self, pending: &Draft) {
        self.settle(pending, DraftOutcome::Withdrawn, None);
    }

    pub(super) fn hold(&mut self, staff: &StaffRef, draft: &DraftId) -> Result<(), Refusal> {
        if self.pending(staff, draft)?.held_by.is_none() {
            self.emit(Event::DraftHeld { draft: draft.clone(), staff: staff.id.clone() });
        }
        Ok(())
    }

    /// Gives a held draft back to the other seats.
    pub(super) fn let_go(&mut self, staff: &StaffRef, draft: &DraftId) -> Result<(), Refusal> {
        if self.pending(staff, draft)?.held_by.is_some() {
            self.emit(Event::DraftReleased { draft: draft.clone() });
        }
        Ok(())
    }

    pub(super) fn send_draft(&mut self, staff: &StaffRef, draft: &DraftId) -> Result<(), Refusal> {
        let pending = self.pending(staff, draft)?;
        self.settle(&pending, DraftOutcome::Sent, Some(&staff.id));
        self.reviewed(staff, pending.message, pending.need);
        Ok(())
    }

    pub(super) fn edit_draft(&mut self, staff: &StaffRef, draft: &DraftId, text: &str) -> Result<(), Refusal> {
        let pending = self.pending(staff, draft)?;
        let text = not_empty(text)?;
        self.check_figures(&pending, &text)?;
        self.settle(&pending, DraftOutcome::Edited { text: text.clone() }, Some(&staff.id));
        self.reviewed(staff, Message { text, ..pending.message }, pending.need);
        Ok(())
    }

    fn reviewed(&mut self, staff: &StaffRef, message: Message, need: NeedId) {
        self.emit(Event::Said { by: Speaker::ReviewedBot { staff: staff.id.clone() }, message });
        self.emit(Event::Answered { need });
    }

    /// Asks the customer back, under the bot's name: the question was not clear enough for any answer.
    pub(super) fn ask_back(&mut self, staff: &StaffRef, draft: &DraftId, text: &str) -> Result<(), Refusal> {
        let pending = self.pending(staff, draft)?;
        let text = not_empty(text)?;
        self.check_figures(&pending, &text)?;
        self.settle(&pending, DraftOutcome::AskedBack { text: text.clone() }, Some(&staff.id));
        self.emit(Event::Said { by: Speaker::ReviewedBot { staff: staff.id.clone() }, message: Message::text(text) });
        Ok(())
    }

    pub(super) fn veto(&mut self, staff: &StaffRef, draft: &DraftId, reason: &str) -> Result<(), Refusal> {
        let pending = self.pending(staff, draft)?;
        let reason = not_empty(reason)?;
        self.settle(&pending, DraftOutcome::Vetoed { reason }, Some(&staff.id));
        self.escalate(TierReason::DraftVetoed);
        Ok(())
    }

    pub(super) fn take_over_draft(&mut self, staff: &StaffRef, draft: &DraftId) -> Result<(), Refusal> {
        let pending = self.pending(staff, draft)?;
        self.settle(&pending, DraftOutcome::TakenOver, Some(&staff.id));
        self.own(staff);
        Ok(())
    }

    /// The pending draft, if it is this one and nobody else holds it.
    fn pending(&self, staff: &StaffRef, draft: &DraftId) -> Result<Draft, Refusal> {
        match &self.state.stage {
            Stage::Draft(pending) if pending.id == *draft => match &pending.held_by {
                Some(by) if *by != staff.id => Err(Refusal::DraftHeld { draft: draft.clone(), by: by.clone() }),
                Some(_) | None => Ok((**pending).clone()),
            },
            _ => Err(Refusal::DraftSettled { draft: draft.clone() }),
        }
    }

    /// Ends a draft and keeps the label.
    pub(super) fn settle(&mut self, draft: &Draft, outcome: DraftOutcome, staff: Option<&StaffId>) {
        let (kind, said, reason) = match &outcome {
            DraftOutcome::Sent => (LabelKind::Sent, Some(draft.message.text.clone()), None),
            DraftOutcome::Edited { text } => (LabelKind::Edited, Some(text.clone()), None),
            DraftOutcome::AskedBack { text } => (LabelKind::AskedBack, Some(text.clone()), None),
            DraftOutcome::Vetoed { reason } => (LabelKind::Vetoed, None, Some(reason.clone())),
            DraftOutcome::TakenOver => (LabelKind::TakenOver, None, None),
            DraftOutcome::Expired => (LabelKind::Expired, None, None),
            DraftOutcome::Withdrawn => (LabelKind::Withdrawn, None, None),
        };
        self.decision.effects.push(Effect::Keep(Label {
            draft: draft.id.clone(),
            conversation: self.state.id.clone(),
            kind,
            need: draft.need.clone(),
            question: draft.question.clone(),
            proposed: draft.message.text.clone(),
            edits: said.as_deref().filter(|_| kind == LabelKind::Edited).map(|said| edit_distance(&draft.message.text, said)),
            said,
            reason,
            confidence: draft.confidence,
            staff: staff.cloned(),
            proposed_at: draft.created_at,
            held_at: draft.held_at,
            settled_at: self.now,
        }));
        self.emit(Event::DraftSettled { draft: draft.id.clone(), outcome, staff: staff.cloned() });
    }

    /// Invariant 3: what goes out under the bot's name carries only figures of the draft, the entry, or the lender.
    fn check_figures(&self, draft: &Draft, text: &str) -> Result<(), Refusal> {
        let entry = self.rules.knowledge.get(&draft.need);
        let entry = entry.and_then(|e| e.answer(self.state.lang, &self.state.situation(self.now))).map(|a| a.text);
        let said = self.state.turns.iter().filter(|t| t.from == TurnFrom::Bot).map(|t| t.text.as_str());
        let missing: Vec<String> = unsupported(text, said.chain(entry).chain([draft.message.text.as_str()]))
            .into_iter()
            .filter_map(|f| match f {
                Figure::Sum(fen) => Some(format!("{} 元", Fen(fen))),
                Figure::Rate(rate) => Some(BasisPoints(rate).to_string()),
                Figure::Day(_, month, day) => Some(format!("{month}月{day}日")),
                // A count ("3 天内") is not a promise about money.
                Figure::Count(..) => None,
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::Figures { figures: missing.join(", ") }) }
    }
}
