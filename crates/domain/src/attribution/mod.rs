//! Attribution: why customers had to get in touch or got stuck, whose it is to mend, how large each problem is, and whether a fix
//! helped. Owns causes, the board, cases and proposals; reads no clock and knows no store.

mod board;
mod case;
mod decide;
mod effect;
mod model;
mod proposal;
mod rules;
mod terms;
#[cfg(test)]
mod tests;
mod trouble;

pub use board::{BoardSpan, Growth, Problem, ProblemKey, board, china_day, day_start, read_day, series};
pub use case::{
    Case, CaseAct, CaseEvent, CaseOpening, CaseRefusal, CaseState, Frozen, StoredCaseEvent, Target, act_on_case, check_at,
};
pub use decide::{attribute, place_reason};
pub use effect::{Measured, Method, Verdict, measure, say};
pub use model::{Accuracy, CauseModel, Example, Teacher};
pub use proposal::{Content, Evidence, Kind, Proposal, propose};
pub use rules::{CaseRules, CauseRule, CauseRules, Costs, Sought, When};
pub use terms::typical;
pub use trouble::{Attributed, Attribution, Decided, Label, Source, Trouble, Weight};
