//! Guidance: help offered at a break point before the customer asks. Owns the triggers, who may be shown what, and the
//! experiment that every trigger is. Reads no clock; chance is a hash of ids.

mod experiment;
mod trigger;

pub use experiment::{Arm, Effect, Experiment, Harm, Met, OUTCOME_DAYS, look_at, report};
pub use trigger::{Cap, CustomerNow, HeldBack, Items, Quiet, Show, ShowKind, Trigger, When, arm_of, decide, problems};
