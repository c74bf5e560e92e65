//! A service day in virtual time, over the router and the presence rules that the engine runs. Owns arrivals, handling
//! times, patience and shifts; reads no clock, no file and no socket, and is the same for the same seed.

mod bank;
mod day;
mod random;
mod report;
mod scenario;
mod times;

pub use bank::{BankError, Call, CallEnd, Habits, Roster, fit, read_calls, read_shifts};
pub use day::{Day, Incoming, Person, Shift, run};
pub use random::Random;
pub use report::{Report, Waits};
pub use scenario::{Absences, Arrivals, Scenario, ScenarioError, Team};
pub use times::{Times, patience_of};
