//! What happened to one customer, and what it was put down to. Shapes only; kept as JSON, fields are only ever added.

use crate::conversation::{Conversation, Event, StoredEvent};
use crate::id::{JourneyId, JourneyStepId, NeedId};
use crate::journey::{BreakKind, BreakPoint, Name, Platform, Whereabouts};
use crate::knowledge::Cause;
use crate::money::Fen;
use crate::ticket::TicketCard;
use crate::time::Timestamp;
use crate::understanding::{Localized, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was attributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CauseSource))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Contact,
    Ticket,
    BreakPoint,
}

impl Source {
    pub fn code(self) -> &'static str {
        match self {
            Source::Contact => "contact",
            Source::Ticket => "ticket",
            Source::BreakPoint => "break_point",
        }
    }
}

/// What it cost, by kind; the sums are the lender's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    Contact,
    Ticket,
    Complaint,
    BreakPoint,
}

/// One contact, ticket or break point, with everything that may tell why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// `contact:<conversation>`, `ticket:<ticket>` or `break:<visitor>:<journey>:<step>:<kind>:<since>`: the same thing has the
    /// same id whenever it is looked at.
    pub id: String,
    pub source: Source,
    pub weight: Weight,
    pub at: Timestamp,
    /// `visitor:<number>` where the app told who it was, else the customer's id. Counted, shown to no person.
    pub customer: String,
    pub need: Option<NeedId>,
    /// 0–1, of the need; 1 where a person chose it.
    pub certainty: f32,
    pub journey: Option<JourneyId>,
    pub step: Option<JourneyStepId>,
    pub kind: Option<BreakKind>,
    pub code: Option<Name>,
    pub platform: Option<Platform>,
    pub version: Option<Name>,
    pub signals: BTreeSet<Signal>,
    /// What the customer wrote first, masked at the door.
    pub words: String,
    /// At stake, as the ticket has it.
    pub sum: Fen,
}

/// Cause and owner: what is learnt and corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub cause: Cause,
    /// Id of the department that can remove the cause.
    pub owner: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    pub label: Label,
    pub decided: Decided,
    /// 0–1: of what is decided with such a figure, so many are right.
    pub confidence: f64,
    /// For people, in both languages.
    pub reasons: Vec<Localized>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Decided {
    Rule {
        rule: String,
    },
    /// The cause and owner of the knowledge entry of the need.
    Entry,
    Model,
    Person {
        name: String,
    },
    /// Nothing fits.
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attributed {
    pub trouble: Trouble,
    pub attribution: Attribution,
}

/// Longest words kept, in characters.
const LONGEST_WORDS: usize = 200;

impl Trouble {
    /// A conversation as a contact. `visitor` is the app's number of the customer, if it is known.
    pub fn contact(
        conversation: &Conversation,
        events: &[StoredEvent],
        whereabouts: Option<&Whereabouts>,
        visitor: Option<u32>,
    ) -> Trouble {
        let mut signals = BTreeSet::new();
        let mut best: Option<(&NeedId, f32)> = None;
        let mut words = String::new();
        for stored in events {
            match &stored.event {
                Event::Understood { needs, signals: heard, .. } => {
                    signals.extend(heard.iter().copied());
                    if let Some(seen) = needs.first().filter(|seen| best.is_none_or(|(_, sure)| seen.confidence > sure)) {
                        best = Some((&seen.need, seen.confidence));
                    }
                }
                Event::CustomerSaid { text, .. } if words.is_empty() => {
                    words = text.chars().take(LONGEST_WORDS).collect();
                }
                _ => {}
            }
        }
        let visitor = whereabouts.map(|w| w.visitor).or(visitor);
        Trouble {
            id: format!("contact:{}", conversation.id),
            source: Source::Contact,
            weight: if complains(&signals) { Weight::Complaint } else { Weight::Contact },
            at: conversation.opened_at,
            customer: visitor.map_or_else(|| conversation.customer.id.0.clone(), |number| format!("visitor:{number}")),
            // Half sure is as good as a guess; then the need says nothing about the cause.
            need: best.filter(|(_, sure)| *sure >= 0.5).map(|(need, _)| need.clone()),
            certainty: best.map_or(0.0, |(_, sure)| sure),
            journey: whereabouts.and_then(|w| w.journey.clone()),
            step: whereabouts.and_then(|w| w.step.clone()),
            kind: whereabouts.and_then(|w| w.stuck.first().copied()),
            code: whereabouts.and_then(|w| w.code.clone()),
            platform: whereabouts.map(|w| w.platform),
            version: whereabouts.and_then(|w| w.version.clone()),
            signals,
            words,
            sum: Fen::ZERO,
        }
    }

    /// A ticket, with where its customer was when the conversation began.
    pub fn ticket(card: &TicketCard, sums: &[Fen], need: Option<&NeedId>, contact: Option<&Trouble>, complaint: bool) -> Trouble {
        Trouble {
            id: format!("ticket:{}", card.id),
            source: Source::Ticket,
            weight: if complaint { Weight::Complaint } else { Weight::Ticket },
            at: card.opened_at,
            customer: contact.map_or_else(|| card.customer.0.clone(), |c| c.customer.clone()),
            need: need.cloned().or_else(|| contact.and_then(|c| c.need.clone())),
            certainty: if need.is_some() { 1.0 } else { contact.map_or(0.0, |c| c.certainty) },
            journey: contact.and_then(|c| c.journey.clone()),
            step: contact.and_then(|c| c.step.clone()),
            kind: contact.and_then(|c| c.kind),
            code: contact.and_then(|c| c.code.clone()),
            platform: contact.and_then(|c| c.platform),
            version: contact.and_then(|c| c.version.clone()),
            signals: contact.map(|c| c.signals.clone()).unwrap_or_default(),
            words: card.title.chars().take(LONGEST_WORDS).collect(),
            // The largest is what the matter is about; a sum of a total and its parts would count twice.
            sum: sums.iter().copied().max().unwrap_or(Fen::ZERO),
        }
    }

    pub fn break_point(broke: &BreakPoint) -> Trouble {
        let BreakPoint { visitor, journey, step, kind, since, at, code, platform, version } = broke;
        Trouble {
            id: format!("break:{visitor}:{journey}:{step}:{}:{}", kind.code(), since.0),
            source: Source::BreakPoint,
            weight: Weight::BreakPoint,
            at: *at,
            customer: format!("visitor:{visitor}"),
            need: None,
            certainty: 0.0,
            journey: Some(journey.clone()),
            step: Some(step.clone()),
            kind: Some(*kind),
            code: code.clone(),
            platform: Some(*platform),
            version: version.clone(),
            signals: BTreeSet::new(),
            words: String::new(),
            sum: Fen::ZERO,
        }
    }

    /// `journey.step`.
    pub fn place(&self) -> Option<String> {
        Some(format!("{}.{}", self.journey.as_ref()?, self.step.as_ref()?))
    }

    pub fn stage(&self) -> Option<&str> {
        self.need.as_ref()?.as_str().split('.').next()
    }

    /// Forgets where in the app the customer was: the matter is another one.
    pub(super) fn out_of_place(mut self) -> Trouble {
        (self.journey, self.step, self.kind, self.code) = (None, None, None, None);
        self
    }
}

fn complains(signals: &BTreeSet<Signal>) -> bool {
    signals.contains(&Signal::Complaint) || signals.contains(&Signal::RegulatorThreat)
}
