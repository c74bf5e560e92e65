//! Journeys: what a customer does in the app, told as steps, and where they get stuck. Owns the words of behaviour, the fold
//! of one customer's way, and what was learnt of those who got through. Reads no clock and knows no store.

mod baseline;
mod break_point;
pub mod columns;
mod crowd;
mod event;
mod map;
mod names;
mod precursor;
mod prior;
pub mod process;
mod record;
mod stream;
pub mod survey;
#[cfg(test)]
mod tests;
mod walk;

pub use baseline::{Baselines, EVIDENCE, Learnt, QUANTILE, Stays};
pub use break_point::{BreakKind, BreakPoint, Whereabouts};
pub use crowd::{Crowd, GRACE_MS, Memory};
pub use event::{Act, BadName, Consent, Name, Platform};
pub use map::{Done, Journey, JourneyMap, Place, Promise, Routes, Step, StepNo};
pub use names::{NONE, Names};
pub use precursor::{CustomerDay, Precursor, precursors};
pub use prior::NeedPrior;
pub use record::{Instant, Network, Record, Visit};
pub use stream::Received;
pub use walk::{Break, Ground, Sign, Stay, Walk};
