//! Quality inspection: a scorecard as data, the checks it is made of, and what becomes of a finding. Owns the same card
//! for bot, silent seat and person; reads events and changes none.

mod checks;
mod inspector;
mod kappa;
mod plain;
mod review;
mod scorecard;
mod timeline;
mod wording;

#[cfg(test)]
mod tests;

pub use inspector::{Finding, Inspection, Inspector, PublishedCard, Share, score};
pub use kappa::{Agreement, kappa};
pub use review::{
    Appeal, Decision, QueueReason, Refused, ReviewPolicy, Sample, Standing, Verdict, appeal_deadline, may_appeal, may_decide,
    queue_reason,
};
pub use scorecard::{
    Check, ContactHours, Criterion, Disclosure, FigureKind, Forbidden, Interruption, Loops, MissedHandoff, Moment, MoodPart,
    MoodTurn, Promise, Required, ResponseTime, Scorecard, Severity, Silence, Unknown, Watch, WrongSums,
};
pub use timeline::{Party, Responsible};
