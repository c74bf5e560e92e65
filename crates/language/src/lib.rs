//! From a customer's text to an [`Understanding`](jieti_domain::understanding::Understanding): need with calibrated
//! confidence, values, signals, mood. Pure CPU: no I/O, no clock (but for the stopwatch in [`eval`]), no randomness.

mod background;
mod best;
mod catalogue;
mod clauses;
mod context;
pub mod encoder;
mod entities;
pub mod eval;
pub mod fuzz;
mod language;
pub mod large;
mod mask;
mod model;
mod mood;
pub mod signal_eval;
mod signals;
mod text;
mod tongue;
mod topic;

pub use entities::entities;
pub use language::{Context, Language, Reading};
pub use mask::mask_personal;
pub use text::normalise;
