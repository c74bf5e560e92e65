//! How a conversation went: mood, people who were asked for and did not come, answers that went round in circles.

use super::Found;
use crate::conversation::{Event, StoredEvent};
use crate::inspection::scorecard::{Loops, MissedHandoff, MoodPart, MoodTurn};
use crate::inspection::timeline::{Responsible, Timeline};
use crate::message::Action;
use crate::time::Timestamp;
use crate::understanding::{Localized, Mood};
use std::collections::BTreeMap;

/// Answered for by whoever spoke for us last.
pub fn mood(timeline: &Timeline<'_>, check: &MoodTurn) -> Vec<Found> {
    let felt = |mood: &Mood| match check.part {
        MoodPart::Anger => mood.anger,
        MoodPart::Worry => mood.worry,
        MoodPart::Urgency => mood.urgency,
    };
    let mut moods = timeline.events.iter().filter_map(|stored| match &stored.event {
        Event::Understood { of, mood, .. } => Some((*of, felt(mood))),
        _ => None,
    });
    let Some((_, start)) = moods.next() else { return Vec::new() };
    let Some((of, end)) = moods.last() else { return Vec::new() };
    if end < check.to || end.saturating_sub(start) < check.rises {
        return Vec::new();
    }
    let quote = timeline.line(of).map(|line| line.quote()).unwrap_or_default();
    let detail = Localized::new(format!("{start} → {end}"), format!("{start} → {end}"));
    vec![Found { at: of, quote, who: timeline.last_of_ours(u64::MAX), detail: Some(detail) }]
}

/// Answered for by whoever had the word: the bot, or the seat whose answer came instead.
pub fn missed_handoff(timeline: &Timeline<'_>, check: &MissedHandoff) -> Vec<Found> {
    /// With people, or on the way to them; a registered ticket is a way too.
    #[derive(PartialEq)]
    enum With {
        Machine,
        People,
    }
    let mut with = With::Machine;
    let mut asked: Option<(u64, Timestamp)> = None;
    let mut found = Vec::new();
    let missed = |(seq, _): (u64, Timestamp)| Found {
        at: seq,
        quote: timeline.line(seq).map(|line| line.quote()).unwrap_or_default(),
        who: timeline.ours().find(|(line, _)| line.seq > seq).map_or_else(Responsible::bot, |(_, by)| by.clone()),
        detail: None,
    };
    for StoredEvent { seq, at, event } in timeline.events {
        if let Some(waiting) = asked.filter(|(_, since)| at.secs_since(*since) > check.within_secs) {
            found.push(missed(waiting));
            asked = None;
        }
        match event {
            Event::Understood { of, signals, .. } if with == With::Machine => {
                if signals.iter().any(|s| check.signals.contains(s)) {
                    asked = asked.or(Some((*of, *at)));
                }
            }
            Event::CustomerPressed { action: Action::Human, .. } if with == With::Machine => asked = asked.or(Some((*seq, *at))),
            // Whoever leaves the queue has taken the question back.
            Event::CustomerPressed { action: Action::LeaveQueue, .. } => asked = None,
            Event::Queued { .. } | Event::Assigned { .. } | Event::TicketOpened { .. } => (asked, with) = (None, With::People),
            Event::BackWithBot if !timeline.has_ticket_before(*seq) => with = With::Machine,
            _ => {}
        }
    }
    found.extend(asked.map(missed));
    found
}

/// Fewest characters of plain text that make a repetition worth a finding; "好的" said thrice is manners.
const SHORTEST: usize = 8;

pub fn loops(timeline: &Timeline<'_>, check: &Loops) -> Vec<Found> {
    let mut said: BTreeMap<(&Responsible, &str), (usize, usize)> = BTreeMap::new();
    let mut customer_turns = 0;
    let mut found = Vec::new();
    for line in &timeline.lines {
        let Some(who) = &line.by else {
            customer_turns += 1;
            continue;
        };
        if line.plain.text.chars().count() < SHORTEST {
            continue;
        }
        let (times, last_turn) = said.entry((who, line.plain.text.as_str())).or_insert((0, usize::MAX));
        if *last_turn == customer_turns {
            continue;
        }
        (*times, *last_turn) = (*times + 1, customer_turns);
        if *times == check.times {
            let detail = Localized::new(format!("第 {times} 次"), format!("said {times} times"));
            found.push(Found { at: line.seq, quote: line.quote(), who: who.clone(), detail: Some(detail) });
        }
    }
    found
}

impl Timeline<'_> {
    fn has_ticket_before(&self, seq: u64) -> bool {
        self.events.iter().any(|stored| stored.seq < seq && matches!(stored.event, Event::TicketOpened { .. }))
    }
}
