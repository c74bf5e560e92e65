//! What may be done to a ticket, by whom, and when it is refused. Pure: events out, nothing stored.

use super::clock::{ClockKind, PauseReason};
use super::event::{Accused, Actor, Escalated, MoveReason, TicketEvent, TicketForm};
use super::state::{Ticket, TicketState};
use crate::id::{StaffId, TicketId};
use crate::service::ServiceRules;
use crate::time::Timestamp;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketAct {
    Assign {
        staff: StaffId,
        name: String,
    },
    Move {
        department: String,
    },
    /// Tells the customer something; the matter goes on.
    Answer {
        text: String,
    },
    Note {
        text: String,
    },
    Pause {
        why: PauseReason,
        text: String,
    },
    Resume {
        why: PauseReason,
    },
    /// One level up, by hand.
    Escalate {
        text: String,
    },
    NameParty {
        party: Accused,
    },
    MarkComplex {
        text: String,
    },
    AskExtension {
        text: String,
    },
    /// By another person than the one who asked and the one who handles.
    ApproveExtension,
    /// The customer has been told of the extension, and how.
    GiveNotice {
        how: String,
    },
    Resolve {
        answer: String,
    },
    Reopen {
        text: String,
    },
    Withdraw {
        text: String,
    },
    /// 1 to 5.
    Rate {
        score: u8,
    },
    /// A clock has come to a step of the escalation.
    ClockReached {
        clock: ClockKind,
        percent: u8,
    },
}

/// Why that cannot be done to the ticket. `code` is stable; the text says what, which and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TicketRefusal {
    #[error("{what} is empty; write it")]
    Empty { what: &'static str },
    #[error("ticket {id} is {state}; reopen it first")]
    Finished { id: TicketId, state: &'static str },
    #[error("ticket {id} was merged into {into}; work there")]
    Merged { id: TicketId, into: TicketId },
    #[error("the complaint of ticket {id} is about {who}, who may not handle it; leave it to a colleague")]
    ConflictOfInterest { id: TicketId, who: String },
    #[error("{what} {id:?} is not in the ticket rules; choose another")]
    Unknown { what: &'static str, id: String },
    #[error("ticket {id} already waits for {why}; resume it first")]
    Paused { id: TicketId, why: &'static str },
    #[error("ticket {id} does not wait for {why}; nothing is to be resumed")]
    NotPaused { id: TicketId, why: &'static str },
    #[error("ticket {id} is no complaint, so no legal limit runs; choose another action")]
    NoComplaint { id: TicketId },
    #[error("the legal limit of ticket {id} has passed; it cannot be lengthened any more, answer the customer now")]
    TooLate { id: TicketId },
    #[error("the extension of ticket {id} is {state}; {mend}")]
    Extension { id: TicketId, state: &'static str, mend: &'static str },
    #[error("the extension of ticket {id} was asked for or is used by {who}; another person must approve it")]
    SamePerson { id: TicketId, who: StaffId },
    #[error("ticket {id} was answered more than {days} days ago; open a new one")]
    ReopenTooLate { id: TicketId, days: i64 },
    #[error("ticket {id} is open; there is nothing to {what} yet")]
    StillOpen { id: TicketId, what: &'static str },
    #[error("score {score} is not 1 to 5; choose one of these")]
    Score { score: u8 },
    #[error("ticket {id} and ticket {other} do not belong together: {why}")]
    Pair { id: TicketId, other: TicketId, why: &'static str },
}

impl TicketRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            TicketRefusal::Empty { .. } => "ticket.empty",
            TicketRefusal::Finished { .. } => "ticket.finished",
            TicketRefusal::Merged { .. } => "ticket.merged",
            TicketRefusal::ConflictOfInterest { .. } => "ticket.conflict_of_interest",
            TicketRefusal::Unknown { .. } => "ticket.unknown_word",
            TicketRefusal::Paused { .. } => "ticket.paused",
            TicketRefusal::NotPaused { .. } => "ticket.not_paused",
            TicketRefusal::NoComplaint { .. } => "ticket.no_complaint",
            TicketRefusal::TooLate { .. } => "ticket.limit_passed",
            TicketRefusal::Extension { .. } => "ticket.extension",
            TicketRefusal::SamePerson { .. } => "ticket.same_person",
            TicketRefusal::ReopenTooLate { .. } => "ticket.reopen_too_late",
            TicketRefusal::StillOpen { .. } => "ticket.still_open",
            TicketRefusal::Score { .. } => "ticket.score",
            TicketRefusal::Pair { .. } => "ticket.pair",
        }
    }
}

/// Decides what follows from one act.
///
/// # Errors
/// `TicketRefusal`; nothing changes then. A clock's own step is never refused: one that is no longer true has no effect.
pub fn act(
    ticket: &Ticket,
    by: &Actor,
    act: TicketAct,
    rules: &ServiceRules,
    now: Timestamp,
) -> Result<Vec<TicketEvent>, TicketRefusal> {
    if let TicketAct::ClockReached { clock, percent } = act {
        return Ok(clock_reached(ticket, clock, percent, rules, now));
    }
    may_handle(ticket, by)?;
    match &act {
        TicketAct::Note { .. } | TicketAct::Reopen { .. } | TicketAct::Rate { .. } => {}
        _ => must_be_open(ticket)?,
    }
    let id = || ticket.id().clone();
    Ok(match act {
        TicketAct::Assign { staff, name } => {
            if ticket.is_about(&staff) {
                return Err(TicketRefusal::ConflictOfInterest { id: id(), who: name });
            }
            vec![TicketEvent::Assigned { staff, name }]
        }
        TicketAct::Move { department } => vec![moved(ticket, department, rules)?],
        TicketAct::Answer { text } => vec![TicketEvent::Answered { text: not_empty("the answer", &text)? }],
        TicketAct::Note { text } => vec![TicketEvent::Noted { text: not_empty("the note", &text)? }],
        TicketAct::Pause { why, text } => {
            if ticket.waiting_for.contains(&why) {
                return Err(TicketRefusal::Paused { id: id(), why: why.word() });
            }
            vec![TicketEvent::Paused { why, text: not_empty("what is awaited", &text)? }]
        }
        TicketAct::Resume { why } => {
            if !ticket.waiting_for.contains(&why) {
                return Err(TicketRefusal::NotPaused { id: id(), why: why.word() });
            }
            vec![TicketEvent::Resumed { why }]
        }
        TicketAct::Escalate { text } => {
            let level = if ticket.level.is_none() { Escalated::TeamLead } else { Escalated::DepartmentHead };
            vec![TicketEvent::Escalated { level, clock: None, percent: 0, text: not_empty("the reason", &text)? }]
        }
        TicketAct::NameParty { party } => name_party(ticket, party, rules)?,
        TicketAct::MarkComplex { text } => mark_complex(ticket, &text, now)?,
        TicketAct::AskExtension { text } => ask_extension(ticket, &text, now)?,
        TicketAct::ApproveExtension => approve_extension(ticket, by, now)?,
        TicketAct::GiveNotice { how } => give_notice(ticket, &how, now)?,
        TicketAct::Resolve { answer } => {
            vec![TicketEvent::Resolved { answer: not_empty("the answer to the customer", &answer)? }]
        }
        TicketAct::Reopen { text } => reopen(ticket, &text, rules, now)?,
        TicketAct::Withdraw { text } => vec![TicketEvent::Withdrawn { text: text.trim().to_owned() }],
        TicketAct::Rate { score } => rate(ticket, score)?,
        TicketAct::ClockReached { .. } => Vec::new(),
    })
}

/// What is wrong with a form that an agent sends.
///
/// # Errors
/// `Empty` and `Unknown` name the field.
pub fn check_form(form: &TicketForm, rules: &ServiceRules) -> Result<(), TicketRefusal> {
    not_empty("the title", &form.title)?;
    not_empty("the summary", &form.summary)?;
    let tickets = &rules.tickets;
    if !tickets.categories.is_empty() && tickets.category(&form.category).is_none() {
        return Err(TicketRefusal::Unknown { what: "category", id: form.category.clone() });
    }
    let accused = form.about.iter().filter_map(|p| match p {
        Accused::Department { department } => Some(department),
        Accused::Person { .. } => None,
    });
    for department in accused.chain([&form.department]) {
        if !tickets.departments.is_empty() && tickets.department(department).is_none() {
            return Err(TicketRefusal::Unknown { what: "department", id: department.clone() });
        }
    }
    Ok(())
}

/// Whoever a complaint is about does not touch it.
pub(super) fn may_handle(ticket: &Ticket, by: &Actor) -> Result<(), TicketRefusal> {
    match by {
        Actor::Staff { staff, name } if ticket.is_about(staff) => {
            Err(TicketRefusal::ConflictOfInterest { id: ticket.id().clone(), who: name.clone() })
        }
        Actor::Staff { .. } | Actor::Customer | Actor::System => Ok(()),
    }
}

pub(super) fn must_be_open(ticket: &Ticket) -> Result<(), TicketRefusal> {
    let id = ticket.id().clone();
    match &ticket.state {
        TicketState::Open => Ok(()),
        TicketState::Resolved { .. } => Err(TicketRefusal::Finished { id, state: "resolved" }),
        TicketState::Withdrawn { .. } => Err(TicketRefusal::Finished { id, state: "withdrawn" }),
        TicketState::Merged { into } => Err(TicketRefusal::Merged { id, into: into.clone() }),
    }
}

fn moved(ticket: &Ticket, department: String, rules: &ServiceRules) -> Result<TicketEvent, TicketRefusal> {
    let Some(known) = rules.tickets.department(&department) else {
        return Err(TicketRefusal::Unknown { what: "department", id: department });
    };
    if rules.tickets.without_conflict(&department, &ticket.about) != department {
        let who = known.title.en.clone();
        return Err(TicketRefusal::ConflictOfInterest { id: ticket.id().clone(), who });
    }
    Ok(TicketEvent::Moved { department, why: MoveReason::Staff })
}

/// Names whom the complaint is about, and takes it out of their hands.
fn name_party(ticket: &Ticket, party: Accused, rules: &ServiceRules) -> Result<Vec<TicketEvent>, TicketRefusal> {
    if let Accused::Department { department } = &party
        && rules.tickets.department(department).is_none()
    {
        return Err(TicketRefusal::Unknown { what: "department", id: department.clone() });
    }
    let about: Vec<Accused> = ticket.about.iter().cloned().chain([party.clone()]).collect();
    let owner = rules.tickets.without_conflict(&ticket.department, &about);
    let mut events = vec![TicketEvent::PartyNamed { party }];
    if owner != ticket.department {
        events.push(TicketEvent::Moved { department: owner, why: MoveReason::Conflict });
    }
    Ok(events)
}

fn in_time(ticket: &Ticket, now: Timestamp) -> Result<&super::ComplaintClock, TicketRefusal> {
    let complaint = ticket.complaint.as_ref().ok_or_else(|| TicketRefusal::NoComplaint { id: ticket.id().clone() })?;
    if complaint.is_over(now) { Err(TicketRefusal::TooLate { id: ticket.id().clone() }) } else { Ok(complaint) }
}

fn mark_complex(ticket: &Ticket, text: &str, now: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
    if in_time(ticket, now)?.is_complex {
        return Ok(Vec::new());
    }
    Ok(vec![TicketEvent::Complex { text: not_empty("the reason", text)? }])
}

fn extension(ticket: &Ticket, state: &'static str, mend: &'static str) -> TicketRefusal {
    TicketRefusal::Extension { id: ticket.id().clone(), state, mend }
}

fn ask_extension(ticket: &Ticket, text: &str, now: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
    let complaint = in_time(ticket, now)?;
    if !complaint.is_complex {
        return Err(extension(ticket, "only for complex matters", "mark the complaint as complex first"));
    }
    if complaint.extension.is_some() {
        return Err(extension(ticket, "asked for already", "there is only one"));
    }
    Ok(vec![TicketEvent::ExtensionAsked { text: not_empty("the reason", text)? }])
}

fn approve_extension(ticket: &Ticket, by: &Actor, now: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
    let asked = in_time(ticket, now)?.extension.as_ref();
    let asked = asked.ok_or_else(|| extension(ticket, "not asked for", "ask for it first"))?;
    if asked.approved_by.is_some() {
        return Err(extension(ticket, "approved already", "tell the customer"));
    }
    let Actor::Staff { staff, .. } = by else {
        return Err(extension(ticket, "for staff to approve", "leave it to a supervisor"));
    };
    let handles = ticket.assignee.as_ref().is_some_and(|(assignee, _)| assignee == staff);
    if handles || asked.asked_by == *staff {
        return Err(TicketRefusal::SamePerson { id: ticket.id().clone(), who: staff.clone() });
    }
    Ok(vec![TicketEvent::ExtensionApproved])
}

fn give_notice(ticket: &Ticket, how: &str, now: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
    let asked = in_time(ticket, now)?.extension.as_ref();
    match asked {
        Some(asked) if asked.notified_at.is_some() => Ok(Vec::new()),
        Some(asked) if asked.approved_by.is_some() => {
            Ok(vec![TicketEvent::NoticeGiven { how: not_empty("how the customer was told", how)? }])
        }
        Some(_) | None => Err(extension(ticket, "not approved", "have a supervisor approve it first")),
    }
}

fn reopen(ticket: &Ticket, text: &str, rules: &ServiceRules, now: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
    let id = ticket.id().clone();
    match &ticket.state {
        TicketState::Open => Err(TicketRefusal::StillOpen { id, what: "reopen" }),
        TicketState::Merged { into } => Err(TicketRefusal::Merged { id, into: into.clone() }),
        TicketState::Resolved { at, .. } | TicketState::Withdrawn { at } => {
            let days = rules.tickets.reopen_days;
            if now >= at.start_of_china_day().plus_secs((days + 1) * 86_400) {
                return Err(TicketRefusal::ReopenTooLate { id, days });
            }
            Ok(vec![TicketEvent::Reopened { text: not_empty("the reason", text)? }])
        }
    }
}

fn rate(ticket: &Ticket, score: u8) -> Result<Vec<TicketEvent>, TicketRefusal> {
    if !(1..=5).contains(&score) {
        return Err(TicketRefusal::Score { score });
    }
    match &ticket.state {
        TicketState::Resolved { .. } if ticket.rating == Some(score) => Ok(Vec::new()),
        TicketState::Resolved { .. } => Ok(vec![TicketEvent::Rated { score }]),
        TicketState::Open | TicketState::Withdrawn { .. } => {
            Err(TicketRefusal::StillOpen { id: ticket.id().clone(), what: "rate" })
        }
        TicketState::Merged { into } => Err(TicketRefusal::Merged { id: ticket.id().clone(), into: into.clone() }),
    }
}

/// Escalates if the clock has really come so far, and has not been escalated for it before.
fn clock_reached(ticket: &Ticket, clock: ClockKind, percent: u8, rules: &ServiceRules, now: Timestamp) -> Vec<TicketEvent> {
    let step = rules.tickets.escalation.iter().find(|s| s.at_percent == percent);
    let Some(step) = step.filter(|_| ticket.is_open() && !ticket.escalated.contains(&(clock, percent))) else {
        return Vec::new();
    };
    let reached = super::card::alarm_at(ticket, clock, percent, rules).is_some_and(|at| at <= now);
    if !reached {
        return Vec::new();
    }
    vec![TicketEvent::Escalated { level: step.to, clock: Some(clock), percent, text: String::new() }]
}

pub(super) fn not_empty(what: &'static str, text: &str) -> Result<String, TicketRefusal> {
    let text = text.trim();
    if text.is_empty() { Err(TicketRefusal::Empty { what }) } else { Ok(text.to_owned()) }
}

impl PauseReason {
    fn word(self) -> &'static str {
        match self {
            PauseReason::Customer => "the customer",
            PauseReason::ThirdParty => "a third party",
        }
    }
}
