//! What goes over the wire, in both directions. Shapes only, by area.

mod acts;
mod attribution;
mod behaviour;
mod customer;
mod desk;
mod inspection;
mod knowledge;
mod staff;
mod team;
mod ticket;
mod upkeep;
mod wall;
mod words;

pub use acts::*;
pub use attribution::*;
pub use behaviour::*;
pub use customer::*;
pub use desk::*;
pub use inspection::*;
pub use knowledge::*;
pub use staff::*;
pub use team::*;
pub use ticket::*;
pub use upkeep::*;
pub use wall::*;
