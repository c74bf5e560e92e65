//! The tier ladder and the policy that says which step may answer: risk × confidence. Owns the matrix and its defaults.

use crate::conversation::Judged;
use crate::id::{FlowId, NeedId};
use crate::money::Fen;
use crate::understanding::Signal;
use serde::{Deserialize, Serialize};

/// The steps of the staircase, lowest first. A need climbs only when the lower step cannot solve it, or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    SelfService,
    Bot,
    SilentSeat,
    Human,
}

/// Why a conversation reached its tier; shown to staff and counted by supervisors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum TierReason {
    FlowStarted {
        flow: FlowId,
    },
    Answered {
        need: NeedId,
    },
    Greeted,
    HalfSure {
        need: NeedId,
    },
    Risky {
        need: NeedId,
        risk: Risk,
    },
    AskedForHuman,
    Signal {
        signal: Signal,
    },
    NeedsHuman {
        need: NeedId,
    },
    RepeatedFailure,
    /// Going on with the bot would cost more than a person.
    Judged {
        judged: Judged,
    },
    DraftExpired,
    DraftVetoed,
    TakenOver,
    LenderFailed {
        flow: FlowId,
    },
    FlowHandoff {
        flow: FlowId,
    },
}

/// What a wrong word would cost; set on each knowledge entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
    /// Always goes to a person.
    Human,
}

/// How sure the understanding is, by the thresholds of [`Policy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    Unknown,
    Unsure,
    Fair,
    Sure,
}

/// What the policy says to do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The bot answers by itself.
    Answer,
    /// The bot drafts and a silent seat decides.
    Draft,
    /// The bot offers what it may have understood, as buttons.
    Clarify,
    /// The bot says that it does not know.
    Abstain,
    /// A person takes over.
    Human,
}

/// What happens to a draft when its time runs out, or when no silent seat is on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unattended {
    Send,
    /// The customer is told honestly that it takes longer, once; after as long again a person is called.
    Hold,
    Handoff,
}

/// The tier policy. Every field is documented in the generated configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Confidence from which the understanding counts as sure (0–1).
    pub sure_from: f32,
    /// Confidence from which it counts as fair.
    pub fair_from: f32,
    /// Confidence from which it is worth asking "did you mean".
    pub unsure_from: f32,
    /// Two needs whose confidences differ by less than this are offered as buttons, not guessed.
    pub close_margin: f32,
    pub low: Row,
    pub medium: Row,
    pub high: Row,
    /// Consecutive messages the bot could not help with before a person is called.
    pub failures_before_human: u32,
    /// What the handoff judge weighs.
    pub costs: HandoffCosts,
    /// Seconds a customer may wait in the queue before the promise of a call back is made.
    pub queue_deadline_secs: i64,
    /// Hours within which a ticket opened while nobody is on duty is promised to be answered.
    pub promise_hours: i64,
    /// Minutes without a word after which a conversation with the bot is closed.
    pub idle_close_minutes: i64,
}

/// What things cost the lender, in fen. Only their ratios count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandoffCosts {
    /// A conversation with a person.
    pub person_fen: i64,
    /// A complaint to the regulator or in public.
    pub complaint_fen: i64,
    /// A wrong answer, by the risk of its entry.
    pub error_low_fen: i64,
    pub error_medium_fen: i64,
    pub error_high_fen: i64,
}

impl Default for HandoffCosts {
    fn default() -> Self {
        Self { person_fen: 900, complaint_fen: 60_000, error_low_fen: 200, error_medium_fen: 1_500, error_high_fen: 20_000 }
    }
}

impl HandoffCosts {
    pub fn error(&self, risk: Risk) -> Fen {
        Fen(match risk {
            Risk::Low => self.error_low_fen,
            Risk::Medium => self.error_medium_fen,
            Risk::High | Risk::Human => self.error_high_fen,
        })
    }
}

/// One row of the matrix: what to do at each confidence, and how long a draft of this risk may wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub sure: Verdict,
    pub fair: Verdict,
    pub unsure: Verdict,
    /// Seconds a draft waits for a silent seat.
    pub draft_secs: i64,
    /// What happens when the time runs out or no seat is on duty.
    pub unattended: Unattended,
}

impl Default for Policy {
    fn default() -> Self {
        let row = |sure, fair, unsure, draft_secs, unattended| Row { sure, fair, unsure, draft_secs, unattended };
        Self {
            sure_from: 0.75,
            fair_from: 0.50,
            unsure_from: 0.25,
            close_margin: 0.15,
            low: row(Verdict::Answer, Verdict::Answer, Verdict::Clarify, 30, Unattended::Send),
            medium: row(Verdict::Answer, Verdict::Draft, Verdict::Clarify, 45, Unattended::Hold),
            high: row(Verdict::Draft, Verdict::Draft, Verdict::Clarify, 60, Unattended::Handoff),
            failures_before_human: 3,
            costs: HandoffCosts::default(),
            queue_deadline_secs: 600,
            promise_hours: 24,
            idle_close_minutes: 30,
        }
    }
}

impl Policy {
    pub fn band(&self, confidence: f32) -> Band {
        if confidence >= self.sure_from {
            Band::Sure
        } else if confidence >= self.fair_from {
            Band::Fair
        } else if confidence >= self.unsure_from {
            Band::Unsure
        } else {
            Band::Unknown
        }
    }

    /// The matrix itself. `Risk::Human` never depends on the bot: once the need is believed, a person answers.
    pub fn verdict(&self, risk: Risk, band: Band) -> Verdict {
        match (risk, band) {
            (_, Band::Unknown) => Verdict::Abstain,
            (Risk::Human, Band::Sure | Band::Fair) => Verdict::Human,
            (Risk::Human, Band::Unsure) => Verdict::Clarify,
            (Risk::Low | Risk::Medium | Risk::High, band) => {
                let row = self.row(risk);
                match band {
                    Band::Sure => row.sure,
                    Band::Fair => row.fair,
                    Band::Unsure => row.unsure,
                    Band::Unknown => Verdict::Abstain,
                }
            }
        }
    }

    /// The row that governs drafts of this risk; drafts of needs that are for people follow the high row.
    pub fn row(&self, risk: Risk) -> &Row {
        match risk {
            Risk::Low => &self.low,
            Risk::Medium => &self.medium,
            Risk::High | Risk::Human => &self.high,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_every_threshold() {
        let policy = Policy::default();
        for (confidence, band) in [
            (0.75, Band::Sure),
            (0.749, Band::Fair),
            (0.50, Band::Fair),
            (0.499, Band::Unsure),
            (0.25, Band::Unsure),
            (0.249, Band::Unknown),
        ] {
            assert_eq!(policy.band(confidence), band, "{confidence}");
        }
    }

    #[test]
    fn the_bot_never_answers_a_need_that_is_for_people() {
        let policy = Policy::default();
        for band in [Band::Unknown, Band::Unsure, Band::Fair, Band::Sure] {
            assert_ne!(policy.verdict(Risk::Human, band), Verdict::Answer);
            assert_ne!(policy.verdict(Risk::Human, band), Verdict::Draft);
        }
    }
}
