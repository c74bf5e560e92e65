//! A case: a problem on a department's desk. A fold of events like a ticket: open, accepted, fixing, fixed, proved – or reopened by
//! itself where the fix did not help.

use super::board::ProblemKey;
use super::effect::{Measured, Verdict};
use super::trouble::Source;
use crate::id::{CaseId, StaffId};
use crate::money::Fen;
use crate::statistics::Daily;
use crate::ticket::Actor;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A case as it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseOpening {
    pub id: CaseId,
    pub problem: String,
    pub key: ProblemKey,
    pub title: crate::understanding::Localized,
    /// Department.
    pub owner: String,
    pub deadline: Timestamp,
    pub target: Target,
    /// What is counted: contacts and tickets, or break points where nobody has asked yet.
    pub counted: Vec<Source>,
    pub evidence: Frozen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CaseTarget))]
pub struct Target {
    /// By how much the daily count is to fall, 1–100.
    pub less_percent: u8,
    /// Whole days after the fix until it is measured.
    pub check_after_days: u32,
}

/// The problem as it was when the case was opened; later corrections do not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    pub at: Timestamp,
    pub customers: u64,
    pub contacts: u64,
    pub tickets: u64,
    pub complaints: u64,
    pub break_points: u64,
    pub cost: Fen,
    pub at_stake: Fen,
    /// Customers by day, as (days since 1970, count).
    pub course: Vec<(i64, u64)>,
    pub words: Vec<String>,
    pub versions: Vec<(String, u64)>,
    /// Ids of the troubles.
    pub troubles: Vec<String>,
}

/// An event with its place and time. `seq` begins at 1 and has no gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredCaseEvent {
    pub seq: u64,
    pub at: Timestamp,
    pub by: Actor,
    pub event: CaseEvent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CaseEvent {
    Opened {
        opening: Box<CaseOpening>,
    },
    /// The department takes it on; `staff` answers for it.
    Accepted {
        staff: StaffId,
        name: String,
    },
    Fixing {
        text: String,
    },
    /// The fix is live since `live_at`.
    Fixed {
        text: String,
        live_at: Timestamp,
    },
    /// The contacts fell as was aimed at.
    Proved {
        measured: Box<Measured>,
    },
    /// They did not, or somebody says it is not fixed.
    Reopened {
        text: String,
        measured: Option<Box<Measured>>,
    },
    Declined {
        text: String,
    },
    Noted {
        text: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum CaseState {
    Open,
    Accepted,
    Fixing,
    /// Waits for its measurement.
    Fixed {
        live_at: Timestamp,
    },
    Proved {
        at: Timestamp,
    },
    Reopened,
    Declined {
        at: Timestamp,
    },
}

impl CaseState {
    pub fn code(&self) -> &'static str {
        match self {
            CaseState::Open => "open",
            CaseState::Accepted => "accepted",
            CaseState::Fixing => "fixing",
            CaseState::Fixed { .. } => "fixed",
            CaseState::Proved { .. } => "proved",
            CaseState::Reopened => "reopened",
            CaseState::Declined { .. } => "declined",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub opening: CaseOpening,
    pub opened_at: Timestamp,
    pub seq: u64,
    pub state: CaseState,
    pub assignee: Option<(StaffId, String)>,
    /// The last measurement.
    pub measured: Option<Measured>,
    /// The fix that is or was live last.
    pub live_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CaseAct {
    Accept {
        staff: StaffId,
        name: String,
    },
    Fix {
        text: String,
    },
    /// `live_at`: since when the fix is live, not in the future.
    Fixed {
        text: String,
        live_at: Timestamp,
    },
    Reopen {
        text: String,
    },
    Decline {
        text: String,
    },
    Note {
        text: String,
    },
    /// The days are over; by the machine.
    Measured {
        of: Timestamp,
        measured: Box<Measured>,
    },
}

/// Why that cannot be done to the case. The text says what, which and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseRefusal {
    #[error("{what} is empty; write it")]
    Empty { what: &'static str },
    #[error("case {id} is {state}; {mend}")]
    State { id: CaseId, state: &'static str, mend: &'static str },
    #[error("the fix of case {id} is said to be live in the future; say so when it is")]
    Future { id: CaseId },
    #[error("the fix of case {id} is said to be live before the case was opened; choose a time since then")]
    TooEarly { id: CaseId },
}

impl CaseRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            CaseRefusal::Empty { .. } => "case.empty",
            CaseRefusal::State { .. } => "case.state",
            CaseRefusal::Future { .. } => "case.future",
            CaseRefusal::TooEarly { .. } => "case.too_early",
        }
    }
}

impl Case {
    /// Rebuilds a case. `None` where the events do not begin with `Opened`.
    pub fn fold(events: impl IntoIterator<Item = StoredCaseEvent>) -> Option<Case> {
        let mut events = events.into_iter();
        let first = events.next()?;
        let CaseEvent::Opened { opening } = first.event else { return None };
        let mut case = Case {
            opening: *opening,
            opened_at: first.at,
            seq: first.seq,
            state: CaseState::Open,
            assignee: None,
            measured: None,
            live_at: None,
        };
        events.for_each(|event| case.apply(&event));
        Some(case)
    }

    /// Takes one event in. Events come in order, each once.
    pub fn apply(&mut self, stored: &StoredCaseEvent) {
        self.seq = stored.seq;
        match &stored.event {
            CaseEvent::Opened { .. } | CaseEvent::Noted { .. } => {}
            CaseEvent::Accepted { staff, name } => {
                self.assignee = Some((staff.clone(), name.clone()));
                self.state = CaseState::Accepted;
            }
            CaseEvent::Fixing { .. } => self.state = CaseState::Fixing,
            CaseEvent::Fixed { live_at, .. } => {
                (self.state, self.live_at) = (CaseState::Fixed { live_at: *live_at }, Some(*live_at));
            }
            CaseEvent::Proved { measured } => {
                self.measured = Some(measured.as_ref().clone());
                self.state = CaseState::Proved { at: stored.at };
            }
            CaseEvent::Reopened { measured, .. } => {
                self.measured = measured.as_ref().map(|m| m.as_ref().clone()).or(self.measured.take());
                self.state = CaseState::Reopened;
            }
            CaseEvent::Declined { .. } => self.state = CaseState::Declined { at: stored.at },
        }
    }

    /// When a fix is to be measured: after its whole days.
    pub fn check_at(&self) -> Option<Timestamp> {
        match self.state {
            CaseState::Fixed { live_at } => Some(check_at(live_at, self.opening.target)),
            _ => None,
        }
    }
}

/// The day of the fix does not count, then come the whole days, and the morning after they are looked at.
pub fn check_at(live_at: Timestamp, target: Target) -> Timestamp {
    live_at.start_of_china_day().plus_secs((i64::from(target.check_after_days) + 1) * 86_400)
}

/// Decides what follows from one act.
///
/// # Errors
/// `CaseRefusal`; nothing changes then. A measurement of a fix that is no longer the last has no effect.
pub fn act_on_case(case: &Case, act: CaseAct, now: Timestamp) -> Result<Vec<CaseEvent>, CaseRefusal> {
    let refuse = |mend| Err(CaseRefusal::State { id: case.opening.id.clone(), state: case.state.code(), mend });
    let is_in_hand = matches!(case.state, CaseState::Open | CaseState::Accepted | CaseState::Fixing | CaseState::Reopened);
    let is_over = matches!(case.state, CaseState::Proved { .. } | CaseState::Declined { .. });
    Ok(vec![match act {
        CaseAct::Accept { staff, name } if is_in_hand => CaseEvent::Accepted { staff, name },
        CaseAct::Accept { .. } => return refuse("reopen it first"),
        CaseAct::Fix { text } if is_in_hand => CaseEvent::Fixing { text: written("what is being done", &text)? },
        CaseAct::Fix { .. } => return refuse("reopen it first"),
        CaseAct::Fixed { text, live_at } if is_in_hand => {
            if live_at > now {
                return Err(CaseRefusal::Future { id: case.opening.id.clone() });
            }
            if live_at < case.opened_at {
                return Err(CaseRefusal::TooEarly { id: case.opening.id.clone() });
            }
            CaseEvent::Fixed { text: written("what was fixed", &text)?, live_at }
        }
        CaseAct::Fixed { .. } => return refuse("reopen it first"),
        CaseAct::Decline { text } if !is_over => CaseEvent::Declined { text: written("the reason", &text)? },
        CaseAct::Decline { .. } => return refuse("it is over already"),
        CaseAct::Reopen { text } if is_over || matches!(case.state, CaseState::Fixed { .. }) => {
            CaseEvent::Reopened { text: written("the reason", &text)?, measured: None }
        }
        CaseAct::Reopen { .. } => return refuse("it is being worked on"),
        CaseAct::Note { text } => CaseEvent::Noted { text: written("the note", &text)? },
        CaseAct::Measured { of, measured } => match case.state {
            CaseState::Fixed { live_at } if live_at == of => match measured.verdict {
                Verdict::Reached => CaseEvent::Proved { measured },
                Verdict::NotReached => CaseEvent::Reopened { text: String::new(), measured: Some(measured) },
            },
            _ => return Ok(Vec::new()),
        },
    }])
}

fn written(what: &'static str, text: &str) -> Result<String, CaseRefusal> {
    let text = text.trim();
    if text.is_empty() { Err(CaseRefusal::Empty { what }) } else { Ok(text.to_owned()) }
}

impl Frozen {
    pub fn course(days: &[Daily]) -> Vec<(i64, u64)> {
        days.iter().map(|d| (d.day, d.count)).collect()
    }
}
