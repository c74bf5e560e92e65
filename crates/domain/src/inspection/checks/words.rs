//! Wording that must be said, must not be said, or binds the lender. Lists are numbered in the order of `Check::lists`.

use super::Found;
use crate::conversation::{CloseReason, Event};
use crate::inspection::scorecard::{Moment, Required};
use crate::inspection::timeline::{Line, Party, Responsible, Timeline};
use crate::inspection::wording::{Hit, ListId, excepts, of_list};
use crate::understanding::Localized;

/// Lists: phrases, trigger.
pub fn required(timeline: &Timeline<'_>, check: &Required, list: ListId) -> Vec<Found> {
    let has = |line: &Line<'_>| !of_list(&line.hits, list).is_empty();
    match &check.when {
        Moment::Opening { turns } => timeline
            .speakers()
            .into_iter()
            .filter_map(|who| {
                let mut said = timeline.ours().filter(|(_, by)| **by == who).map(|(line, _)| line).take(*turns).peekable();
                let first = *said.peek()?;
                if said.any(has) { None } else { Some(Found { at: first.seq, quote: first.quote(), who, detail: None }) }
            })
            .collect(),
        Moment::Closing { turns } => {
            let closed_by_agent =
                timeline.events.iter().any(|stored| matches!(stored.event, Event::Closed { reason: CloseReason::Agent }));
            let last = timeline.ours().rev().find(|(_, by)| by.party == Party::Person);
            let Some((last, who)) = last.filter(|_| closed_by_agent) else { return Vec::new() };
            let mut said = timeline.ours().rev().filter(|(_, by)| *by == who).map(|(line, _)| line).take(*turns);
            if said.any(has) {
                Vec::new()
            } else {
                vec![Found { at: last.seq, quote: last.quote(), who: who.clone(), detail: None }]
            }
        }
        Moment::After { turns, .. } => {
            let triggers = timeline.lines.iter().filter(|line| line.by.is_none() && !of_list(&line.hits, list + 1).is_empty());
            triggers
                .filter_map(|trigger| {
                    let mut answers = timeline.ours().filter(|(line, _)| line.seq > trigger.seq).take(*turns).peekable();
                    let who = answers.peek()?.1.clone();
                    if answers.any(|(line, _)| has(line)) {
                        None
                    } else {
                        Some(Found { at: trigger.seq, quote: trigger.quote(), who, detail: None })
                    }
                })
                .collect()
        }
    }
}

/// Lists: phrases, unless, unless_in_sentence. One finding a line: the first phrase that no exception covers.
pub fn forbidden(timeline: &Timeline<'_>, list: ListId) -> Vec<Found> {
    let said = timeline.ours();
    said.filter_map(|(line, who)| Some(found(line, who, first_bare(line, list)?))).collect()
}

/// Lists: phrases, unless, unless_in_sentence. A ticket in the conversation keeps the promise.
pub fn promise(timeline: &Timeline<'_>, list: ListId) -> Vec<Found> {
    if timeline.events.iter().any(|stored| matches!(stored.event, Event::TicketOpened { .. })) {
        return Vec::new();
    }
    forbidden(timeline, list)
}

fn found(line: &Line<'_>, who: &Responsible, hit: Hit) -> Found {
    let (from, to) = line.plain.original(hit.start, hit.end);
    let phrase = line.text.get(from..to).unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
    let detail = Localized::new(format!("「{phrase}」"), format!("\"{phrase}\""));
    Found { at: line.seq, quote: line.sentence(hit.start, hit.end), who: who.clone(), detail: Some(detail) }
}

/// The first hit of `list` with no exception (the two lists after it) in its clause or sentence.
fn first_bare(line: &Line<'_>, list: ListId) -> Option<Hit> {
    of_list(&line.hits, list).iter().copied().find(|hit| {
        let (from, to) = line.plain.clause(hit.start, hit.end);
        let (begin, end) = line.plain.sentence(hit.start, hit.end);
        !excepts(&line.hits, list + 1, from..to, *hit) && !excepts(&line.hits, list + 2, begin..end, *hit)
    })
}
