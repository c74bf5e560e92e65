//! Tickets: work that outlives the chat. Owns the ticket as a fold of its own events, its clocks, the complaint's legal
//! limit, and the rule of what may be done to it by whom. Stores and sends nothing.

mod act;
mod card;
mod clock;
mod complaint;
mod event;
mod fill;
mod pair;
mod progress;
mod promises;
mod rules;
mod state;

#[cfg(test)]
mod tests;

pub use act::{TicketAct, TicketRefusal, act, check_form};
pub use card::{Assignee, ClockView, ComplaintView, LastChange, TicketCard, TimelineEntry, card, next_alarms, timeline};
pub use clock::{ClockKind, PauseReason, WorkClock};
pub use complaint::{ComplaintClock, ComplaintEnd, Extension};
pub use event::{
    Accused, Actor, Escalated, Evidence, LinkKind, MoveReason, NamedDate, Opening, Priority, Promise, StoredTicketEvent, Sum,
    Targets, TicketEvent, TicketForm,
};
pub use fill::{Background, fill, opening};
pub use pair::{link, merge, split};
pub use progress::{news, status, steps};
pub use rules::{Category, ConflictRule, Department, EscalationStep, Target, TicketRules};
pub use state::{Link, Ticket, TicketState};
