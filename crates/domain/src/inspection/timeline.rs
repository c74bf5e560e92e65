//! One conversation read for inspection: what was said, by whom, folded once. Owns who answers for a line; judges nothing.

use super::plain::Plain;
use super::wording::{Hit, Wording};
use crate::conversation::{Event, Speaker, StoredEvent};
use crate::id::StaffId;
use crate::message::Message;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who speaks for the lender; the same card is held against each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    Bot,
    SilentSeat,
    Person,
}

/// Who answers for what was said or left undone. The bot has no `staff`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Responsible {
    pub party: Party,
    pub staff: Option<StaffId>,
}

impl Responsible {
    pub fn bot() -> Self {
        Self { party: Party::Bot, staff: None }
    }

    pub fn person(staff: &StaffId) -> Self {
        Self { party: Party::Person, staff: Some(staff.clone()) }
    }
}

impl From<&Speaker> for Responsible {
    fn from(speaker: &Speaker) -> Self {
        match speaker {
            Speaker::Bot => Self::bot(),
            Speaker::ReviewedBot { staff } => Self { party: Party::SilentSeat, staff: Some(staff.clone()) },
            Speaker::Agent { staff, .. } => Self::person(staff),
        }
    }
}

/// One thing said.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub seq: u64,
    pub at: Timestamp,
    /// `None` for the customer.
    pub by: Option<Responsible>,
    pub text: &'a str,
    /// What went with our words: cards, buttons.
    pub message: Option<&'a Message>,
    pub plain: Plain,
    pub hits: Vec<Hit>,
}

#[derive(Debug)]
pub(super) struct Timeline<'a> {
    pub events: &'a [StoredEvent],
    pub lines: Vec<Line<'a>>,
    /// `None` where the events do not begin with the opening: nothing is concluded from that.
    pub signed_in: Option<bool>,
}

impl<'a> Timeline<'a> {
    pub fn new(events: &'a [StoredEvent], wording: &Wording) -> Self {
        let signed_in = events.iter().find_map(|stored| match &stored.event {
            Event::Opened { customer, .. } => Some(customer.signed_in),
            _ => None,
        });
        let lines = events
            .iter()
            .filter_map(|stored| {
                let (by, text, message) = match &stored.event {
                    Event::CustomerSaid { text, .. } => (None, text.as_str(), None),
                    Event::CustomerPressed { label, .. } => (None, label.as_str(), None),
                    Event::CustomerSubmitted { .. } => (None, "", None),
                    Event::Said { by, message } => (Some(Responsible::from(by)), message.text.as_str(), Some(message)),
                    _ => return None,
                };
                let plain = Plain::new(text);
                let hits = wording.find(&plain);
                Some(Line { seq: stored.seq, at: stored.at, by, text, message, plain, hits })
            })
            .collect();
        Self { events, lines, signed_in }
    }

    /// What our side said, with who said it.
    pub fn ours(&self) -> impl DoubleEndedIterator<Item = (&Line<'a>, &Responsible)> {
        self.lines.iter().filter_map(|line| Some((line, line.by.as_ref()?)))
    }

    /// Who spoke for us last, before or at this place; the bot where nobody has.
    pub fn last_of_ours(&self, seq: u64) -> Responsible {
        self.ours().rev().find(|(line, _)| line.seq <= seq).map_or_else(Responsible::bot, |(_, by)| by.clone())
    }

    pub fn line(&self, seq: u64) -> Option<&Line<'a>> {
        self.lines.iter().find(|line| line.seq == seq)
    }

    /// Everybody who spoke for us, each once, in order of party and name.
    pub fn speakers(&self) -> Vec<Responsible> {
        let mut speakers: Vec<Responsible> = self.ours().map(|(_, by)| by.clone()).collect();
        speakers.sort();
        speakers.dedup();
        speakers
    }
}

/// Longest quote, in characters: a glance's worth.
const QUOTE: usize = 160;

impl Line<'_> {
    /// The sentence around a span of the plain text, as it was written.
    pub fn sentence(&self, start: usize, end: usize) -> String {
        let (from, to) = self.plain.sentence(start, end);
        let (from, to) = self.plain.original(from, to);
        clip(self.text.get(from..to).unwrap_or(self.text))
    }

    pub fn quote(&self) -> String {
        clip(self.text)
    }
}

fn clip(text: &str) -> String {
    text.trim().chars().take(QUOTE).collect()
}
