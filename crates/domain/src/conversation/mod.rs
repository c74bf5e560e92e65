//! The conversation: a fold of its events, and the rule that decides what happens next. Owns who has the word (bot,
//! silent seat, queue, person); stores and sends nothing.

mod decide;
mod event;
mod handoff;
mod self_service;
mod staff;
mod state;
mod summary;

#[cfg(test)]
mod tests;

pub use decide::{Decision, Duty, Effect, Input, Rules, Timer, decide};
pub use event::{
    Channel, CloseReason, Customer, Draft, DraftOutcome, DraftWhy, Event, FlowPhase, NeedSeen, Release, Speaker, StoredEvent,
};
pub use staff::{Refusal, StaffAct, StaffRef};
pub use state::{Conversation, Stage, Turn, TurnFrom};
pub use summary::summary;
