//! A break point: where a customer stopped, looped, or stayed too long. Shapes only.

use crate::id::{JourneyId, JourneyStepId, SkillId};
use crate::journey::{Name, Platform};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a customer is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum BreakKind {
    /// Stayed longer in sight than those who got through needed.
    Dwell,
    /// The same thing was refused again and again.
    Errors,
    /// Went to and fro between the same steps.
    Loop,
    /// Touched something many times in vain.
    Rage,
    /// Left at a step at which leaving is costly, and did not come back.
    Left,
    /// Something promised did not come in time ("money within 5 minutes").
    Silence,
}

impl BreakKind {
    pub const ALL: [BreakKind; 6] =
        [BreakKind::Dwell, BreakKind::Errors, BreakKind::Loop, BreakKind::Rage, BreakKind::Left, BreakKind::Silence];

    /// As stored and written in rules.
    pub fn code(self) -> &'static str {
        match self {
            BreakKind::Dwell => "dwell",
            BreakKind::Errors => "errors",
            BreakKind::Loop => "loop",
            BreakKind::Rage => "rage",
            BreakKind::Left => "left",
            BreakKind::Silence => "silence",
        }
    }

    pub fn from_code(code: &str) -> Option<BreakKind> {
        BreakKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One customer stuck once. A customer is stuck in one way at most once a visit of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakPoint {
    /// The visitor's number: says who it was to the machine, and to no person.
    pub visitor: u32,
    pub journey: JourneyId,
    pub step: JourneyStepId,
    pub kind: BreakKind,
    /// When the visit of the step began.
    pub since: Timestamp,
    /// When it was noticed.
    pub at: Timestamp,
    /// The commonest error at the step, if there was one.
    pub code: Option<Name>,
    pub platform: Platform,
    pub version: Option<Name>,
}

/// Where in the app a customer was when they got in touch. Kept with the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    pub visitor: u32,
    /// The latest journey that was begun and not ended.
    pub journey: Option<JourneyId>,
    pub step: Option<JourneyStepId>,
    /// When the visit of the step began.
    pub since: Option<Timestamp>,
    /// How the customer was stuck there, the latest first.
    pub stuck: Vec<BreakKind>,
    /// The latest error met.
    pub code: Option<Name>,
    pub platform: Platform,
    pub version: Option<Name>,
    /// The last steps, the latest last, as `journey.step`.
    pub trail: Vec<String>,
    /// Who knows the step best, as the journey says.
    #[serde(default)]
    pub skill: Option<SkillId>,
}
