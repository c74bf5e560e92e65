//! Waits, silences, interruptions, and the hours at which a debtor may be written to.

use super::Found;
use crate::conversation::{CloseReason, Event, StoredEvent};
use crate::id::StaffId;
use crate::inspection::scorecard::{ContactHours, Interruption, ResponseTime, Silence};
use crate::inspection::timeline::{Responsible, Timeline};
use crate::inspection::wording::{ListId, of_list};
use crate::message::Action;
use crate::time::Timestamp;
use crate::understanding::{Localized, Signal};

/// A customer who waits for an answer: since when, and what waits.
#[derive(Clone, Copy)]
struct Open {
    seq: u64,
    at: Timestamp,
    limit_secs: i64,
}

/// Waiting in the queue is nobody's silence: the clock of a person starts when they join.
pub fn response_time(timeline: &Timeline<'_>, check: &ResponseTime) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    let mut owner: Option<&StaffId> = None;
    for StoredEvent { seq, at, event } in timeline.events {
        match event {
            Event::CustomerSaid { .. } | Event::CustomerSubmitted { .. } => {
                open = open.or(Some(Open { seq: *seq, at: *at, limit_secs: check.next_secs }));
            }
            Event::CustomerPressed { action, .. } if !matches!(action, Action::Open { .. }) => {
                open = open.or(Some(Open { seq: *seq, at: *at, limit_secs: check.next_secs }));
            }
            // Thanks and goodbyes ask for nothing.
            Event::Understood { of, signals, .. } => {
                let asks_nothing = signals.iter().any(|s| matches!(s, Signal::Thanks | Signal::Goodbye));
                open = open.filter(|waiting| waiting.seq != *of || !asks_nothing);
            }
            Event::Assigned { staff, .. } => {
                owner = Some(staff);
                open = Some(Open { seq: *seq, at: *at, limit_secs: check.first_secs });
            }
            Event::Queued { .. } | Event::BackWithBot | Event::Released { .. } => (open, owner) = (None, None),
            Event::Said { by, message } => {
                let late = open.take().and_then(|waiting| late(&waiting, *at));
                let who = Responsible::from(by);
                found.extend(late.map(|detail| Found { at: *seq, quote: clip(&message.text), who, detail: Some(detail) }));
            }
            Event::Closed { reason: CloseReason::Agent } => {
                let unanswered = open.take().and_then(|waiting| Some((waiting, owner?, late(&waiting, *at)?)));
                found.extend(unanswered.map(|(waiting, staff, detail)| Found {
                    at: waiting.seq,
                    quote: timeline.line(waiting.seq).map(|line| line.quote()).unwrap_or_default(),
                    who: Responsible::person(staff),
                    detail: Some(detail),
                }));
            }
            _ => {}
        }
    }
    found
}

fn clip(text: &str) -> String {
    text.trim().chars().take(160).collect()
}

fn late(waiting: &Open, now: Timestamp) -> Option<Localized> {
    let secs = now.secs_since(waiting.at);
    (secs > waiting.limit_secs).then(|| waited(secs, waiting.limit_secs))
}

fn waited(secs: i64, limit_secs: i64) -> Localized {
    Localized::new(format!("等了 {secs} 秒，标准 {limit_secs} 秒"), format!("{secs} s, the standard is {limit_secs} s"))
}

/// Lists: phrases.
pub fn silence(timeline: &Timeline<'_>, check: &Silence, list: ListId) -> Vec<Found> {
    let ended = timeline.events.last().map_or(Timestamp(0), |stored| stored.at);
    let ours: Vec<_> = timeline.ours().collect();
    let mut found = Vec::new();
    for (place, (line, who)) in ours.iter().enumerate() {
        if of_list(&line.hits, list).is_empty() {
            continue;
        }
        let back = ours.get(place + 1).map_or(ended, |(next, _)| next.at);
        let secs = back.secs_since(line.at);
        if secs > check.secs {
            found.push(Found { at: line.seq, quote: line.quote(), who: (*who).clone(), detail: Some(waited(secs, check.secs)) });
        }
    }
    found
}

/// Three lines in a row: customer, us, customer, each within the seconds of the one before.
pub fn interruption(timeline: &Timeline<'_>, check: &Interruption) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for who in timeline.speakers() {
        let cuts: Vec<_> = timeline
            .lines
            .windows(3)
            .filter(|three| three[0].by.is_none() && three[1].by.as_ref() == Some(&who) && three[2].by.is_none())
            .filter(|three| {
                three[1].at.secs_since(three[0].at) <= check.within_secs
                    && three[2].at.secs_since(three[1].at) <= check.within_secs
            })
            .map(|three| &three[1])
            .collect();
        if let Some(last) = cuts.last().filter(|_| cuts.len() >= check.times) {
            let detail = Localized::new(format!("共 {} 次", cuts.len()), format!("{} times", cuts.len()));
            found.push(Found { at: last.seq, quote: last.quote(), who, detail: Some(detail) });
        }
    }
    found
}

/// Lists: phrases.
pub fn contact_hours(timeline: &Timeline<'_>, check: &ContactHours, list: ListId) -> Vec<Found> {
    let mut customer_at: Option<Timestamp> = None;
    let mut found = Vec::new();
    for line in &timeline.lines {
        let Some(who) = &line.by else {
            customer_at = Some(line.at);
            continue;
        };
        let hour = line.at.china_time().hour();
        let is_answer = customer_at.is_some_and(|at| line.at.secs_since(at) <= check.unless_customer_within_secs);
        if is_night(hour, check) && !is_answer && !of_list(&line.hits, list).is_empty() {
            let minute = line.at.china_time().minute();
            let detail = Localized::new(format!("{hour:02}:{minute:02} 发出"), format!("sent at {hour:02}:{minute:02}"));
            found.push(Found { at: line.seq, quote: line.quote(), who: who.clone(), detail: Some(detail) });
        }
    }
    found
}

/// The span may run over midnight.
fn is_night(hour: i8, check: &ContactHours) -> bool {
    if check.from_hour < check.until_hour {
        (check.from_hour..check.until_hour).contains(&hour)
    } else {
        hour >= check.from_hour || hour < check.until_hour
    }
}
