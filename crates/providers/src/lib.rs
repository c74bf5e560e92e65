//! Clients of other systems. Owns protocols, timeouts and strict reading of what comes back; hands the rest of the
//! platform typed facts, and never a half-understood answer.

pub mod embedding;
pub mod lender;
pub mod model;
mod peer;
mod rest;

pub use peer::SetUpError;
