//! The conversation: a fold of its events, and the rule that decides what happens next. Owns who has the word (bot,
//! silent seat, queue, person); stores and sends nothing.

mod assist;
mod decide;
mod draft;
mod event;
mod handoff;
mod judge;
mod self_service;
mod staff;
mod state;
mod summary;
mod teamwork;
mod writing;

#[cfg(test)]
mod tests;

pub use assist::{Assist, Hint, NextAction, assist};
pub use decide::{Decision, Duty, Effect, Input, Rules, Timer, decide};
pub use event::{
    Channel, CloseReason, Customer, Destination, Doing, Draft, DraftOutcome, DraftWhy, Event, FlowPhase, Guest, Hand, Invite,
    InviteEnd, NeedSeen, Outcome, Release, Side, Speaker, StoredEvent, WrapUp, WritingOutcome,
};
pub use judge::Judged;
pub use staff::{Refusal, StaffAct, StaffRef};
pub use state::{Conversation, Stage, Turn, TurnFrom};
pub use summary::summary;
