//! Parts for tests of the whole service: a clock that is moved by hand, a service with real parts (SQLite file, language
//! model, sandbox lender over HTTP), and the runner of scenarios. Mocks nothing of ours; is never part of the product.

mod clock;
mod expect;
mod play;
pub mod repository;
mod scenario;
mod service;
mod transcript;

pub use clock::TestClock;
pub use play::{Failure, play, play_flow};
pub use scenario::{Expect, OnDuty, Scenario, ScenarioError, Turn};
pub use service::{FreshLender, Service, ServiceError, TODAY, World};
