//! A ticket as people see it: the row of a list with its clocks, the timeline, and the alarms that are to come.

use super::clock::{ClockKind, PauseReason};
use super::complaint::ComplaintEnd;
use super::event::{Accused, Actor, Escalated, Priority, StoredTicketEvent, TicketEvent};
use super::state::{Ticket, TicketState};
use crate::id::{ConversationId, CustomerId, NeedId, StaffId, TicketId};
use crate::service::ServiceRules;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What lists show; kept beside the events, so that a list reads one row a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TicketCard {
    pub id: TicketId,
    /// Place of the last event.
    pub seq: u64,
    pub conversation: ConversationId,
    pub customer: CustomerId,
    #[cfg_attr(feature = "schema", schema(required))]
    pub customer_name: Option<String>,
    pub category: String,
    pub priority: Priority,
    pub title: String,
    #[cfg_attr(feature = "schema", schema(required))]
    pub need: Option<NeedId>,
    pub department: String,
    #[cfg_attr(feature = "schema", schema(required))]
    pub assignee: Option<Assignee>,
    /// `open`, `resolved`, `withdrawn` or `merged`.
    pub state: String,
    pub waiting_for: Vec<PauseReason>,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub opened_at: Timestamp,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub promised_by: Timestamp,
    pub clocks: Vec<ClockView>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub complaint: Option<ComplaintView>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub level: Option<Escalated>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub merged_into: Option<TicketId>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub answer: Option<String>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub rating: Option<u8>,
    pub last: LastChange,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assignee {
    pub id: StaffId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClockView {
    pub clock: ClockKind,
    /// `None` while the clock stands still.
    #[cfg_attr(feature = "schema", schema(required, value_type = Option<i64>))]
    pub due: Option<Timestamp>,
    /// Working time left when the card was written, in milliseconds; negative when the time is over.
    pub left_ms: i64,
    pub budget_ms: i64,
    #[cfg_attr(feature = "schema", schema(required, value_type = Option<i64>))]
    pub stopped_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ComplaintView {
    /// The first instant that is too late.
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub limit: Timestamp,
    pub days: i64,
    pub complex: bool,
    /// `asked`, `approved` (the customer is not told yet) or `in_force`.
    #[cfg_attr(feature = "schema", schema(required))]
    pub extension: Option<String>,
    #[cfg_attr(feature = "schema", schema(required))]
    pub ended: Option<ComplaintEnd>,
}

/// Who changed the ticket last, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LastChange {
    pub by: Actor,
    pub what: String,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: Timestamp,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    pub seq: u64,
    #[cfg_attr(feature = "schema", schema(value_type = i64))]
    pub at: Timestamp,
    pub by: Actor,
    /// Kind of the event, such as `paused`.
    pub what: String,
    /// The word that belongs to it: a department, a reason, a level, another ticket.
    pub word: String,
    /// What was written.
    pub text: String,
}

pub fn card(ticket: &Ticket, rules: &ServiceRules, now: Timestamp) -> TicketCard {
    let opening = &ticket.opening;
    let calendar = opening.targets.as_ref().and_then(|t| rules.calendar(&t.calendar));
    let clocks = ticket.clocks.iter().filter_map(|(kind, clock)| {
        let calendar = calendar?;
        Some(ClockView {
            clock: *kind,
            due: clock.due(calendar),
            left_ms: clock.budget_ms - clock.used_ms(calendar, now),
            budget_ms: clock.budget_ms,
            stopped_at: clock.stopped_at(),
        })
    });
    let (merged_into, answer) = match &ticket.state {
        TicketState::Merged { into } => (Some(into.clone()), None),
        TicketState::Resolved { answer, .. } => (None, Some(answer.clone())),
        TicketState::Open | TicketState::Withdrawn { .. } => (None, None),
    };
    TicketCard {
        id: opening.id.clone(),
        seq: ticket.seq,
        conversation: opening.conversation.clone(),
        customer: opening.customer.id.clone(),
        customer_name: opening.customer.name.clone(),
        category: opening.form.category.clone(),
        priority: opening.form.priority,
        title: opening.form.title.clone(),
        need: opening.form.need.clone(),
        department: ticket.department.clone(),
        assignee: ticket.assignee.clone().map(|(id, name)| Assignee { id, name }),
        state: ticket.state.word().to_owned(),
        waiting_for: ticket.waiting_for.iter().copied().collect(),
        opened_at: ticket.opened_at,
        promised_by: opening.promised_by,
        clocks: clocks.collect(),
        complaint: ticket.complaint.as_ref().map(|c| ComplaintView {
            limit: c.limit(),
            days: c.days(),
            complex: c.is_complex,
            extension: c.extension.as_ref().map(|e| {
                match (&e.approved_by, e.notified_at) {
                    (None, _) => "asked",
                    (Some(_), None) => "approved",
                    (Some(_), Some(_)) => "in_force",
                }
                .to_owned()
            }),
            ended: c.ended.map(|(_, how)| how),
        }),
        level: ticket.level,
        merged_into,
        answer,
        rating: ticket.rating,
        last: LastChange { by: ticket.last_by.clone(), what: ticket.last_kind.to_owned(), at: ticket.last_at },
    }
}

impl TicketCard {
    /// The nearest deadline that still runs.
    pub fn due(&self) -> Option<Timestamp> {
        if self.state != "open" {
            return None;
        }
        let clocks = self.clocks.iter().filter(|c| c.stopped_at.is_none()).filter_map(|c| c.due);
        let promise = self.clocks.is_empty().then_some(self.promised_by);
        clocks.chain(promise).chain(self.complaint.as_ref().map(|c| c.limit)).min()
    }
}

impl TicketState {
    pub fn word(&self) -> &'static str {
        match self {
            TicketState::Open => "open",
            TicketState::Resolved { .. } => "resolved",
            TicketState::Withdrawn { .. } => "withdrawn",
            TicketState::Merged { .. } => "merged",
        }
    }
}

/// When a clock has used this share of its time. `None`: it never will, as things stand.
pub(super) fn alarm_at(ticket: &Ticket, clock: ClockKind, percent: u8, rules: &ServiceRules) -> Option<Timestamp> {
    match clock {
        ClockKind::Complaint => ticket.complaint.as_ref().filter(|c| c.ended.is_none()).map(|c| c.reaches_percent(percent)),
        ClockKind::FirstAnswer | ClockKind::Resolution => {
            let calendar = rules.calendar(&ticket.opening.targets.as_ref()?.calendar)?;
            let clock = ticket.clocks.get(&clock).filter(|c| c.stopped_at().is_none())?;
            clock.reaches(calendar, clock.budget_ms * i64::from(percent) / 100)
        }
    }
}

/// Every escalation that is still to come, with its time.
pub fn next_alarms(ticket: &Ticket, rules: &ServiceRules) -> Vec<(ClockKind, u8, Timestamp)> {
    if !ticket.is_open() {
        return Vec::new();
    }
    let mut alarms = Vec::new();
    for clock in [ClockKind::FirstAnswer, ClockKind::Resolution, ClockKind::Complaint] {
        for step in &rules.tickets.escalation {
            let is_new = !ticket.escalated.contains(&(clock, step.at_percent));
            alarms.extend(
                alarm_at(ticket, clock, step.at_percent, rules).filter(|_| is_new).map(|at| (clock, step.at_percent, at)),
            );
        }
    }
    alarms
}

/// The events as staff read them.
pub fn timeline(events: &[StoredTicketEvent]) -> Vec<TimelineEntry> {
    events.iter().map(entry).collect()
}

fn entry(stored: &StoredTicketEvent) -> TimelineEntry {
    let (word, text) = match &stored.event {
        TicketEvent::Opened { opening } => (opening.form.category.clone(), opening.form.summary.clone()),
        TicketEvent::Assigned { name, .. } => (name.clone(), String::new()),
        TicketEvent::Moved { department, .. } => (department.clone(), String::new()),
        TicketEvent::Answered { text } | TicketEvent::Noted { text } | TicketEvent::Reopened { text } => {
            (String::new(), text.clone())
        }
        TicketEvent::Complex { text } | TicketEvent::ExtensionAsked { text } | TicketEvent::Withdrawn { text } => {
            (String::new(), text.clone())
        }
        TicketEvent::Paused { why, text } => (word(why), text.clone()),
        TicketEvent::Resumed { why } => (word(why), String::new()),
        TicketEvent::Escalated { level, text, .. } => (word(level), text.clone()),
        TicketEvent::PartyNamed { party } => (party.name().to_owned(), String::new()),
        TicketEvent::ExtensionApproved => (String::new(), String::new()),
        TicketEvent::NoticeGiven { how } => (String::new(), how.clone()),
        TicketEvent::Linked { to, link } => (word(link), to.0.clone()),
        TicketEvent::Absorbed { ticket, .. } | TicketEvent::MergedInto { ticket } => (String::new(), ticket.0.clone()),
        TicketEvent::SplitOff { ticket, title } => (ticket.0.clone(), title.clone()),
        TicketEvent::Resolved { answer } => (String::new(), answer.clone()),
        TicketEvent::Rated { score } => (score.to_string(), String::new()),
    };
    TimelineEntry { seq: stored.seq, at: stored.at, by: stored.by.clone(), what: stored.event.kind().to_owned(), word, text }
}

/// A unit variant as its one word in JSON.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Accused {
    pub fn name(&self) -> &str {
        match self {
            Accused::Person { name, .. } => name,
            Accused::Department { department } => department,
        }
    }
}
