//! The fold: a ticket as its events have made it.

use super::clock::{ClockKind, PauseReason, WorkClock};
use super::complaint::{ComplaintClock, ComplaintEnd, Extension};
use super::event::{Accused, Actor, Escalated, Evidence, LinkKind, Opening, Promise, StoredTicketEvent, TicketEvent};
use super::rules::TicketRules;
use crate::id::{ConversationId, StaffId, TicketId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TicketState {
    /// In somebody's hands, or waiting for somebody's.
    Open,
    /// Answered for good.
    Resolved {
        at: Timestamp,
        answer: String,
    },
    Withdrawn {
        at: Timestamp,
    },
    /// Lives on in another ticket, under its own number too.
    Merged {
        into: TicketId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub to: TicketId,
    pub kind: LinkKind,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// As it was opened; the fields below hold what has changed since.
    pub opening: Opening,
    pub opened_at: Timestamp,
    /// Place of the last event.
    pub seq: u64,
    pub last_at: Timestamp,
    pub last_by: Actor,
    /// The kind of the last event, in one word.
    pub last_kind: &'static str,
    pub state: TicketState,
    pub department: String,
    pub assignee: Option<(StaffId, String)>,
    pub waiting_for: BTreeSet<PauseReason>,
    /// First answer and resolution, where the rules set a time.
    pub clocks: BTreeMap<ClockKind, WorkClock>,
    pub complaint: Option<ComplaintClock>,
    pub about: Vec<Accused>,
    /// Steps that have been escalated, each once for a run of its clock.
    pub escalated: Vec<(ClockKind, u8)>,
    pub level: Option<Escalated>,
    pub links: Vec<Link>,
    /// Every conversation that belongs here, the first first.
    pub conversations: Vec<ConversationId>,
    pub evidence: Vec<Evidence>,
    pub promises: Vec<Promise>,
    pub rating: Option<u8>,
}

impl Ticket {
    /// Rebuilds a ticket. `None` where the events do not begin with `Opened`. Which clocks a pause stops is `rules`'.
    pub fn fold(events: impl IntoIterator<Item = StoredTicketEvent>, rules: &TicketRules) -> Option<Self> {
        let mut events = events.into_iter();
        let first = events.next()?;
        let TicketEvent::Opened { opening } = first.event else { return None };
        let mut clocks = BTreeMap::new();
        if let Some(targets) = &opening.targets {
            clocks.insert(ClockKind::FirstAnswer, WorkClock::start(first.at, targets.first_answer_ms));
            clocks.insert(ClockKind::Resolution, WorkClock::start(first.at, targets.resolution_ms));
        }
        let parent = opening.split_from.clone().map(|to| Link { to, kind: LinkKind::SplitFrom });
        let mut ticket = Self {
            opened_at: first.at,
            seq: first.seq,
            last_at: first.at,
            last_by: first.by,
            last_kind: "opened",
            state: TicketState::Open,
            department: opening.form.department.clone(),
            assignee: None,
            waiting_for: BTreeSet::new(),
            clocks,
            complaint: opening.complaint_since.map(ComplaintClock::received),
            about: opening.form.about.clone(),
            escalated: Vec::new(),
            level: None,
            links: parent.into_iter().collect(),
            conversations: vec![opening.conversation.clone()],
            evidence: opening.form.evidence.clone(),
            promises: opening.form.promises.clone(),
            rating: None,
            opening: *opening,
        };
        for event in events {
            ticket.apply(&event, rules);
        }
        Some(ticket)
    }

    /// Takes one event in. Events come in order, each once.
    pub fn apply(&mut self, stored: &StoredTicketEvent, rules: &TicketRules) {
        let at = stored.at;
        (self.seq, self.last_at, self.last_kind) = (stored.seq, at, stored.event.kind());
        self.last_by = stored.by.clone();
        match &stored.event {
            TicketEvent::Opened { .. } | TicketEvent::Noted { .. } => {}
            TicketEvent::Assigned { staff, name } => self.assignee = Some((staff.clone(), name.clone())),
            TicketEvent::Moved { department, .. } => {
                self.department.clone_from(department);
                self.assignee = None;
            }
            TicketEvent::Answered { .. } => self.stop(ClockKind::FirstAnswer, at),
            TicketEvent::Paused { why, .. } => {
                self.waiting_for.insert(*why);
                self.each_clock(*why, rules, |clock| clock.pause(*why, at));
            }
            TicketEvent::Resumed { why } => {
                self.waiting_for.remove(why);
                self.each_clock(*why, rules, |clock| clock.resume(*why, at));
            }
            TicketEvent::Escalated { level, clock, percent, .. } => {
                self.level = self.level.max(Some(*level));
                self.escalated.extend(clock.map(|clock| (clock, *percent)));
            }
            TicketEvent::PartyNamed { party } => {
                self.about.push(party.clone());
                let is_accused = |id: &StaffId| matches!(party, Accused::Person { staff, .. } if staff == id);
                self.assignee.take_if(|(id, _)| is_accused(id));
            }
            TicketEvent::Complex { .. } => {
                if let Some(complaint) = &mut self.complaint {
                    complaint.is_complex = true;
                    self.escalated.retain(|(clock, _)| *clock != ClockKind::Complaint);
                }
            }
            TicketEvent::ExtensionAsked { .. } => {
                if let (Some(complaint), Actor::Staff { staff, .. }) = (&mut self.complaint, &stored.by) {
                    complaint.extension = Some(Extension { asked_by: staff.clone(), approved_by: None, notified_at: None });
                }
            }
            TicketEvent::ExtensionApproved => {
                if let (Some(extension), Actor::Staff { staff, .. }) = (self.extension(), &stored.by) {
                    extension.approved_by = Some(staff.clone());
                }
            }
            TicketEvent::NoticeGiven { .. } => {
                if let Some(extension) = self.extension() {
                    extension.notified_at = Some(at);
                    self.escalated.retain(|(clock, _)| *clock != ClockKind::Complaint);
                }
            }
            TicketEvent::Linked { to, link } => self.links.push(Link { to: to.clone(), kind: *link }),
            TicketEvent::Absorbed { ticket, conversations, evidence, promises, complaint_since } => {
                self.links.push(Link { to: ticket.clone(), kind: LinkKind::DuplicatedBy });
                for conversation in conversations {
                    if !self.conversations.contains(conversation) {
                        self.conversations.push(conversation.clone());
                    }
                }
                self.evidence.extend(evidence.iter().cloned());
                self.promises.extend(promises.iter().cloned());
                if let (Some(complaint), Some(since)) = (&mut self.complaint, complaint_since) {
                    complaint.received_at = complaint.received_at.min(*since);
                }
            }
            TicketEvent::SplitOff { ticket, .. } => {
                self.links.push(Link { to: ticket.clone(), kind: LinkKind::SplitInto });
            }
            TicketEvent::MergedInto { ticket } => {
                self.end(at, ComplaintEnd::Merged, TicketState::Merged { into: ticket.clone() });
            }
            TicketEvent::Resolved { answer } => {
                self.end(at, ComplaintEnd::Answered, TicketState::Resolved { at, answer: answer.clone() });
            }
            TicketEvent::Withdrawn { .. } => self.end(at, ComplaintEnd::Withdrawn, TicketState::Withdrawn { at }),
            TicketEvent::Reopened { .. } => self.reopen(at),
            TicketEvent::Rated { score } => self.rating = Some(*score),
        }
    }

    fn extension(&mut self) -> Option<&mut Extension> {
        self.complaint.as_mut()?.extension.as_mut()
    }

    fn stop(&mut self, clock: ClockKind, at: Timestamp) {
        if let Some(clock) = self.clocks.get_mut(&clock) {
            clock.stop(at);
        }
    }

    fn each_clock(&mut self, why: PauseReason, rules: &TicketRules, change: impl Fn(&mut WorkClock)) {
        self.clocks.iter_mut().filter(|(kind, _)| rules.pauses(why, **kind)).for_each(|(_, clock)| change(clock));
    }

    fn end(&mut self, at: Timestamp, how: ComplaintEnd, state: TicketState) {
        self.stop(ClockKind::FirstAnswer, at);
        self.stop(ClockKind::Resolution, at);
        self.waiting_for.clear();
        if let Some(complaint) = &mut self.complaint {
            complaint.ended.get_or_insert((at, how));
        }
        self.state = state;
    }

    /// The work begins again, and so does its time.
    fn reopen(&mut self, at: Timestamp) {
        self.state = TicketState::Open;
        self.level = None;
        self.escalated.clear();
        if let Some(targets) = &self.opening.targets {
            self.clocks.insert(ClockKind::Resolution, WorkClock::start(at, targets.resolution_ms));
        }
        if self.complaint.is_some() {
            self.complaint = Some(ComplaintClock::received(at));
        }
    }

    pub fn id(&self) -> &TicketId {
        &self.opening.id
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, TicketState::Open)
    }

    /// Whether the complaint is about this person.
    pub fn is_about(&self, person: &StaffId) -> bool {
        self.about.iter().any(|p| matches!(p, Accused::Person { staff, .. } if staff == person))
    }
}

impl TicketEvent {
    /// The kind in one word, as it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            TicketEvent::Opened { .. } => "opened",
            TicketEvent::Assigned { .. } => "assigned",
            TicketEvent::Moved { .. } => "moved",
            TicketEvent::Answered { .. } => "answered",
            TicketEvent::Noted { .. } => "noted",
            TicketEvent::Paused { .. } => "paused",
            TicketEvent::Resumed { .. } => "resumed",
            TicketEvent::Escalated { .. } => "escalated",
            TicketEvent::PartyNamed { .. } => "party_named",
            TicketEvent::Complex { .. } => "complex",
            TicketEvent::ExtensionAsked { .. } => "extension_asked",
            TicketEvent::ExtensionApproved => "extension_approved",
            TicketEvent::NoticeGiven { .. } => "notice_given",
            TicketEvent::Linked { .. } => "linked",
            TicketEvent::Absorbed { .. } => "absorbed",
            TicketEvent::MergedInto { .. } => "merged_into",
            TicketEvent::SplitOff { .. } => "split_off",
            TicketEvent::Resolved { .. } => "resolved",
            TicketEvent::Reopened { .. } => "reopened",
            TicketEvent::Withdrawn { .. } => "withdrawn",
            TicketEvent::Rated { .. } => "rated",
        }
    }
}
