//! Vocabulary and rules of the staircase. Pure: no async, no clock, no randomness, no I/O.

pub mod attribution;
pub mod calendar;
pub mod conversation;
pub mod figures;
pub mod flow;
pub mod guidance;
pub mod id;
pub mod inspection;
pub mod journey;
pub mod knowledge;
pub mod learning;
pub mod lender;
pub mod masked;
pub mod message;
pub mod money;
pub mod offers;
pub mod personal;
mod phrases;
pub mod routing;
pub mod service;
pub mod staffing;
pub mod statistics;
pub mod ticket;
pub mod tier;
pub mod time;
pub mod traditional;
pub mod understanding;
