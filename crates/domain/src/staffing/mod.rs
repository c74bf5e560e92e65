//! How many people a queue needs: the theory that the simulation is checked against.

mod erlang;

pub use erlang::{Load, Steady, erlang_a, erlang_c, served_within};
