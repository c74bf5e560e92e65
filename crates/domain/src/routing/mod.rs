//! The queue for people: what a contact wants, who can give it, who is next, and how long it will be. Pure and
//! incremental; the engine and the simulation run the same router.

mod bits;
mod ordered;
mod router;
mod rules;
mod skill;
mod stranding;
#[cfg(test)]
mod tests;
mod wait;
mod work;

pub use router::{ClassLine, Place, Router};
pub use rules::{
    Choice, Contact, Ring, RoutingRules, Strictness, UrgencyClass, WantRule, Wanted, When, Wishes, signal_of, specialist_of,
};
pub use skill::{Capacity, Level, MOST_AT_ONCE, Profile, ProfileError, Work};
pub use stranding::{Staffed, stranding};
pub use wait::{Pace, expected_wait_secs};
pub use work::{Assignment, Target, WorkId, WorkItem};
