//! What becomes of a finding: which inspections people look at, what they say, and how the inspected answer back. Owns
//! the order of those and who may do what; stores nothing.

use super::inspector::Inspection;
use super::scorecard::Severity;
use crate::id::{ConversationId, StaffId};
use crate::tier::Tier;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Which inspections are put before a person, and how long an agent may appeal. Part of the scorecard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewPolicy {
    /// Scores below this are reviewed, 0–100.
    pub score_below: u8,
    /// Percent of conversations by the highest step they reached.
    pub sample: Sample,
    /// Percent of all conversations, whatever they are: the share that keeps the machine honest.
    pub random_percent: u8,
    /// Days after the finding, or the reviewer's word on it, in which the inspected may appeal.
    pub appeal_days: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub self_service: u8,
    pub bot: u8,
    pub silent_seat: u8,
    pub human: u8,
}

impl ReviewPolicy {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let percents = [
            ("review.score_below", self.score_below),
            ("review.sample.self_service", self.sample.self_service),
            ("review.sample.bot", self.sample.bot),
            ("review.sample.silent_seat", self.sample.silent_seat),
            ("review.sample.human", self.sample.human),
            ("review.random_percent", self.random_percent),
        ];
        for (name, percent) in percents.into_iter().filter(|(_, percent)| *percent > 100) {
            problems.push(format!("{name} is {percent}; write 0 to 100"));
        }
        if self.appeal_days < 1 {
            problems.push(format!("review.appeal_days is {}; give people at least 1 day", self.appeal_days));
        }
        problems
    }
}

/// Why an inspection is put before a person; the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueReason {
    Critical,
    LowScore,
    Sample,
    Random,
}

/// Whether a person looks at this inspection, and why. The draw depends on the conversation's id alone, so that the same
/// conversation is drawn again after a restart.
pub fn queue_reason(
    conversation: &ConversationId,
    tier: Option<Tier>,
    inspection: &Inspection,
    policy: &ReviewPolicy,
) -> Option<QueueReason> {
    let sample_percent = match tier {
        Some(Tier::SelfService) => policy.sample.self_service,
        Some(Tier::Bot) | None => policy.sample.bot,
        Some(Tier::SilentSeat) => policy.sample.silent_seat,
        Some(Tier::Human) => policy.sample.human,
    };
    if inspection.findings.iter().any(|f| f.severity == Severity::Critical) {
        Some(QueueReason::Critical)
    } else if inspection.score < policy.score_below {
        Some(QueueReason::LowScore)
    } else if draw(conversation, "sample") < u64::from(sample_percent) {
        Some(QueueReason::Sample)
    } else if draw(conversation, "random") < u64::from(policy.random_percent) {
        Some(QueueReason::Random)
    } else {
        None
    }
}

/// 0..100, even over conversations and independent between lots. Source: FNV-1a of Fowler, Noll and Vo, 64 bits.
fn draw(conversation: &ConversationId, lot: &str) -> u64 {
    let bytes = lot.bytes().chain(conversation.as_str().bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The low digits of FNV-1a follow the last byte; folding the high half in mixes them.
    (hash ^ (hash >> 32)) % 100
}

/// What a reviewer says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = FindingVerdict))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody has said anything yet; it counts.
    Open,
    Confirmed,
    /// It does not count.
    Rejected,
}

/// What a supervisor says of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = AppealDecision))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The finding is struck, and the score is counted again.
    Accepted,
    /// The finding stands.
    Upheld,
}

/// An appeal as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    pub by: StaffId,
    pub decided: Option<Decision>,
}

/// What of a finding matters for who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub blamed: Option<StaffId>,
    pub verdict: Verdict,
    /// Who gave the verdict.
    pub reviewer: Option<StaffId>,
    pub appeal_by: Timestamp,
    pub appeal: Option<Appeal>,
}

/// Why that cannot be done with a finding. `code` is stable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("this finding is not about you; only whom it names may appeal")]
    NotYours,
    #[error("the finding was struck already; there is nothing to appeal against")]
    Struck,
    #[error("an appeal has been made already; wait for the decision")]
    AppealedAlready,
    #[error("the time for an appeal is over; ask your supervisor")]
    TooLate,
    #[error("there is no appeal that waits for a decision; reload the list")]
    NoAppeal,
    #[error("whoever gave the verdict or made the appeal may not decide on it; ask another supervisor")]
    Partial,
}

impl Refused {
    pub fn code(&self) -> &'static str {
        match self {
            Refused::NotYours => "finding.not_yours",
            Refused::Struck => "finding.struck",
            Refused::AppealedAlready => "finding.appealed",
            Refused::TooLate => "appeal.too_late",
            Refused::NoAppeal => "appeal.none",
            Refused::Partial => "appeal.partial",
        }
    }
}

/// Until when the inspected may appeal, from the finding or the last word on it.
pub fn appeal_deadline(since: Timestamp, appeal_days: i64) -> Timestamp {
    since.plus_secs(appeal_days.saturating_mul(24 * 3600))
}

/// # Errors
/// Why not. The last moment of the deadline still counts.
pub fn may_appeal(finding: &Standing, who: &StaffId, now: Timestamp) -> Result<(), Refused> {
    if finding.blamed.as_ref() != Some(who) {
        Err(Refused::NotYours)
    } else if finding.verdict == Verdict::Rejected {
        Err(Refused::Struck)
    } else if finding.appeal.is_some() {
        Err(Refused::AppealedAlready)
    } else if now > finding.appeal_by {
        Err(Refused::TooLate)
    } else {
        Ok(())
    }
}

/// # Errors
/// Why not: an appeal is decided once, and by somebody who has no part in it.
pub fn may_decide(finding: &Standing, who: &StaffId) -> Result<(), Refused> {
    let Some(Appeal { by, decided: None }) = &finding.appeal else { return Err(Refused::NoAppeal) };
    if finding.reviewer.as_ref() == Some(who) || by == who || finding.blamed.as_ref() == Some(who) {
        return Err(Refused::Partial);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ReviewPolicy {
        let sample = Sample { self_service: 0, bot: 0, silent_seat: 0, human: 100 };
        ReviewPolicy { score_below: 80, sample, random_percent: 0, appeal_days: 5 }
    }

    fn inspection(score: u8) -> Inspection {
        Inspection { score, shares: Vec::new(), findings: Vec::new() }
    }

    #[test]
    fn low_scores_and_samples_are_reviewed_and_the_rest_is_not() {
        for (tier, score, want) in [
            (Tier::Bot, 79, Some(QueueReason::LowScore)),
            (Tier::Bot, 80, None),
            (Tier::Human, 100, Some(QueueReason::Sample)),
            (Tier::SelfService, 100, None),
        ] {
            let reason = queue_reason(&"cv-1".into(), Some(tier), &inspection(score), &policy());
            assert_eq!(reason, want, "{tier:?} {score}");
        }
        let everybody = ReviewPolicy { random_percent: 100, ..policy() };
        assert_eq!(queue_reason(&"cv-1".into(), None, &inspection(100), &everybody), Some(QueueReason::Random));
    }

    #[test]
    fn a_draw_of_ten_percent_takes_about_a_tenth() {
        let policy = ReviewPolicy { random_percent: 10, ..policy() };
        let drawn = (0..10_000)
            .filter(|n| queue_reason(&ConversationId::new(format!("cv-{n:016x}")), None, &inspection(100), &policy).is_some())
            .count();
        assert!((850..1150).contains(&drawn), "{drawn} of 10,000");
    }

    #[test]
    fn only_the_blamed_appeal_in_time_and_only_the_impartial_decide() {
        let finding = Standing {
            blamed: Some("agent".into()),
            verdict: Verdict::Confirmed,
            reviewer: Some("boss".into()),
            appeal_by: appeal_deadline(Timestamp(0), 5),
            appeal: None,
        };
        let last = Timestamp(5 * 24 * 3600 * 1000);
        assert_eq!(may_appeal(&finding, &"agent".into(), last), Ok(()));
        assert_eq!(may_appeal(&finding, &"agent".into(), Timestamp(last.0 + 1)), Err(Refused::TooLate));
        assert_eq!(may_appeal(&finding, &"other".into(), last), Err(Refused::NotYours));
        let struck = Standing { verdict: Verdict::Rejected, ..finding.clone() };
        assert_eq!(may_appeal(&struck, &"agent".into(), last), Err(Refused::Struck));
        let of_the_bot = Standing { blamed: None, ..finding.clone() };
        assert_eq!(may_appeal(&of_the_bot, &"agent".into(), last), Err(Refused::NotYours));
        assert_eq!(may_decide(&finding, &"judge".into()), Err(Refused::NoAppeal));
        let appealed = Standing { appeal: Some(Appeal { by: "agent".into(), decided: None }), ..finding };
        assert_eq!(may_appeal(&appealed, &"agent".into(), last), Err(Refused::AppealedAlready));
        for (who, want) in [("boss", Err(Refused::Partial)), ("agent", Err(Refused::Partial)), ("judge", Ok(()))] {
            assert_eq!(may_decide(&appealed, &who.into()), want, "{who}");
        }
        let decided = Standing { appeal: Some(Appeal { by: "agent".into(), decided: Some(Decision::Upheld) }), ..appealed };
        assert_eq!(may_decide(&decided, &"judge".into()), Err(Refused::NoAppeal));
    }
}
