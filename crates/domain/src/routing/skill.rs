//! What people can do, how well, and how much of it at once. Owns levels, capacity and profiles; routes nothing.

use crate::id::SkillId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// How well somebody does something: 1 (has begun) to 5 (teaches it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

/// A kind of work that takes up a place at somebody's desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Chat,
    Call,
    /// A second person in somebody else's conversation.
    Conference,
    Callback,
}

/// How many of each kind of work somebody holds at once; 0 is none of it. Kinds share one desk: with four chats or one
/// call, two chats are half of it, and leave no room for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Capacity {
    pub chat: u32,
    pub call: u32,
    pub conference: u32,
    pub callback: u32,
}

/// What somebody can do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    pub skills: BTreeMap<SkillId, Level>,
    pub capacity: Capacity,
}

/// Why a number is no level or no capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("level {0} does not exist; use 1 to 5")]
    Level(u8),
    #[error("capacity {0} is more than {MOST_AT_ONCE}; nobody serves so many at once")]
    Capacity(u32),
}

/// Most pieces of one kind of work at one desk.
pub const MOST_AT_ONCE: u32 = 12;
/// A whole desk in units: the least number that every capacity from 1 to [`MOST_AT_ONCE`] divides.
pub(super) const WHOLE_DESK: u32 = 27_720;

impl Work {
    pub const ALL: [Work; 4] = [Work::Chat, Work::Call, Work::Conference, Work::Callback];

    pub(super) fn place(self) -> usize {
        match self {
            Work::Chat => 0,
            Work::Call => 1,
            Work::Conference => 2,
            Work::Callback => 3,
        }
    }
}

impl Level {
    pub const LOWEST: Level = Level(1);
    pub const MIDDLE: Level = Level(3);
    pub const HIGHEST: Level = Level(5);

    /// # Errors
    /// Where the number is not 1 to 5.
    pub fn new(number: u8) -> Result<Level, ProfileError> {
        if (Self::LOWEST.0..=Self::HIGHEST.0).contains(&number) { Ok(Level(number)) } else { Err(ProfileError::Level(number)) }
    }

    pub fn number(self) -> u8 {
        self.0
    }

    /// So many levels less, but never less than the lowest.
    #[must_use]
    pub fn lowered_by(self, levels: u8) -> Level {
        Level(self.0.saturating_sub(levels).max(Self::LOWEST.0))
    }
}

impl TryFrom<u8> for Level {
    type Error = ProfileError;

    fn try_from(number: u8) -> Result<Level, ProfileError> {
        Level::new(number)
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> u8 {
        level.0
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self { chat: 4, call: 1, conference: 2, callback: 1 }
    }
}

impl Capacity {
    pub fn of(&self, work: Work) -> u32 {
        match work {
            Work::Chat => self.chat,
            Work::Call => self.call,
            Work::Conference => self.conference,
            Work::Callback => self.callback,
        }
    }

    /// The part of a desk, in units of [`WHOLE_DESK`], that one piece of this work takes; `None` where it is not done here.
    pub(super) fn share(&self, work: Work) -> Option<u32> {
        WHOLE_DESK.checked_div(self.of(work).min(MOST_AT_ONCE))
    }

    pub fn is_none(&self) -> bool {
        Work::ALL.iter().all(|work| self.of(*work) == 0)
    }
}

impl Profile {
    /// # Errors
    /// Where more work is to be held at once than anybody can.
    pub fn check(&self) -> Result<(), ProfileError> {
        let most = Work::ALL.iter().map(|work| self.capacity.of(*work)).max().unwrap_or(0);
        if most > MOST_AT_ONCE { Err(ProfileError::Capacity(most)) } else { Ok(()) }
    }

    /// Whether the skill is there at this level or above.
    pub fn has(&self, skill: &SkillId, at_least: Level) -> bool {
        self.skills.get(skill).is_some_and(|level| *level >= at_least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_to_five_on_both_sides() {
        for (number, ok) in [(0, false), (1, true), (5, true), (6, false)] {
            assert_eq!(Level::new(number).is_ok(), ok, "{number}");
        }
        assert_eq!(Level::HIGHEST.lowered_by(9), Level::LOWEST);
    }

    #[test]
    fn every_capacity_divides_a_desk_without_rest() {
        for capacity in 1..=MOST_AT_ONCE {
            assert_eq!(WHOLE_DESK % capacity, 0, "{capacity}");
        }
        let profile = |chat| Profile { capacity: Capacity { chat, ..Capacity::default() }, ..Profile::default() };
        assert_eq!(profile(MOST_AT_ONCE).check(), Ok(()));
        assert_eq!(profile(MOST_AT_ONCE + 1).check(), Err(ProfileError::Capacity(MOST_AT_ONCE + 1)));
        assert_eq!(profile(0).capacity.share(Work::Chat), None);
    }
}
