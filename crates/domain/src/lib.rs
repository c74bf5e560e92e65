//! Vocabulary and rules of the staircase. Pure: no async, no clock, no randomness, no I/O.

pub mod id;
pub mod lender;
pub mod money;
pub mod time;
pub mod knowledge;
pub mod masked;
pub mod message;
pub mod tier;
pub mod understanding;
