//! Journeys: what a customer does in the app, told as steps, and where they get stuck. Owns the words of behaviour, the fold
//! of one customer's way, and what was learnt of those who got through. Reads no clock and knows no store.

mod break_point;
mod event;

pub use break_point::{BreakKind, BreakPoint, Whereabouts};
pub use event::{Act, BadName, Behaviour, Consent, Name, Platform};
