//! What goes over the wire, in both directions. Shapes only, by area.

mod customer;
mod knowledge;
mod staff;
mod wall;
mod words;

pub use customer::*;
pub use knowledge::*;
pub use staff::*;
pub use wall::*;
