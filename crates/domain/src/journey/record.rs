//! A customer's acts in numbers: what is kept, replayed and counted.

use crate::journey::{Act, Consent, Platform};
use serde::{Deserialize, Serialize};

/// Kind of network, where the app says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Network {
    #[default]
    Unknown,
    Wifi,
    Cell,
    Offline,
}

impl Network {
    pub const ALL: [Network; 4] = [Network::Unknown, Network::Wifi, Network::Cell, Network::Offline];
}

/// One act, with names by number (see [`Names`](crate::journey::Names)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Place in its stream, from 0 without gaps.
    pub n: u32,
    /// Milliseconds since 1970, corrected for the phone's clock.
    pub at: i64,
    pub act: Act,
    pub page: u32,
    pub target: u32,
    pub code: u32,
    /// Milliseconds or a count, as the act says.
    pub value: u32,
}

/// What one client sent at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub visitor: u32,
    /// The stream that the places count in: one page load, one start of the app.
    pub stream: u64,
    pub platform: Platform,
    /// Version of the app, by number of its name.
    pub version: u32,
    pub network: Network,
    pub consent: Consent,
    pub records: Vec<Record>,
}

/// What the fold takes in at one instant: the log is a row of these, and the fold is a function of the log alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instant {
    /// Milliseconds since 1970 on the server's clock; never earlier than the one before. Timers ring by it.
    pub at: i64,
    pub visits: Vec<Visit>,
}
