//! Simulated customers of the loan app. Each has a plan and perhaps a hidden trouble that makes them stay, err, go round in
//! circles or leave, and then ask in the chat or complain; help that fits the trouble makes that less likely. So the
//! service can be held against what is known: who was stuck, where, and what help does. Talks only to the public HTTP API,
//! and uses none of this workspace's crates.

mod app;
mod client;
mod history;
mod live;
mod person;
mod random;
mod script;
mod trouble;

pub use client::CrowdError;
pub use history::{Row, Truth, past};
pub use live::{CrowdConfig, run, tell_past};
pub use person::{End, HELPED, Person};
pub use trouble::{Kind, TROUBLES, Trouble};
