//! One piece of work that wants somebody, and what a ring asks for it.

use super::rules::{Ring, RoutingRules, Wanted};
use super::skill::Work;
use crate::id::{ConversationId, StaffId};
use crate::time::Timestamp;
use std::sync::Arc;

/// A piece of work: the customer of a conversation, or a place in its conference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkId {
    pub conversation: ConversationId,
    pub work: Work,
    /// Whose place in a conference it is; `None` for the customer, and for an invitation that is still open.
    pub guest: Option<StaffId>,
}

/// Work that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    pub id: WorkId,
    /// When the customer began to wait; decides the order together with the credit.
    pub since: Timestamp,
    /// When it came into this queue; the bullseye widens from here.
    pub queued_at: Timestamp,
    /// Seconds of waiting that urgency is worth.
    pub credit_secs: i64,
    /// Sorted by skill, each once.
    pub wanted: Arc<[Wanted]>,
    /// Whoever served the customer last.
    pub known: Option<StaffId>,
    pub target: Target,
}

/// Who in particular should, or should not, take it for now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Target {
    #[default]
    Anybody,
    /// Sent to this person: theirs alone for the rules' `direct_secs`.
    First(StaffId),
    /// Lost or handed back by this person: not theirs for the rules' `avoid_secs`.
    NotAgain(StaffId),
    /// For this person, however long it takes.
    Only(StaffId),
    /// For anybody but these, who are in the conversation already. In order, each once.
    Besides(Vec<StaffId>),
}

/// Somebody takes a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub id: WorkId,
    pub staff: StaffId,
}

/// Work of one class can be taken by the same people: what it wants, in which ring, and whom it is kept for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ClassKey {
    pub work: Work,
    pub wanted: Arc<[Wanted]>,
    /// Index into the rules' rings.
    pub ring: usize,
    pub target: Target,
}

impl WorkItem {
    /// The instant that orders the queue, earliest first. It never changes, so nobody who comes later than the largest
    /// credit is served before.
    pub fn rank(&self) -> Timestamp {
        self.since.plus_secs(-self.credit_secs)
    }

    /// The class at an instant, and when it changes next.
    pub(super) fn class(&self, rules: &RoutingRules, now: Timestamp) -> (ClassKey, Option<Timestamp>) {
        let begins = |ring: &Ring| self.queued_at.plus_secs(ring.after_secs);
        let ring = rules.rings.partition_point(|ring| begins(ring) <= now).saturating_sub(1);
        let wider = rules.rings.get(ring + 1).map(begins);
        let (target, until) = match &self.target {
            Target::Anybody | Target::Only(_) | Target::Besides(_) => (self.target.clone(), None),
            Target::First(_) => self.until(rules.direct_secs, now),
            Target::NotAgain(_) => self.until(rules.avoid_secs, now),
        };
        let key = ClassKey { work: self.id.work, wanted: Arc::clone(&self.wanted), ring, target };
        (key, wider.into_iter().chain(until).min())
    }

    fn until(&self, secs: i64, now: Timestamp) -> (Target, Option<Timestamp>) {
        let ends = self.queued_at.plus_secs(secs);
        if now < ends { (self.target.clone(), Some(ends)) } else { (Target::Anybody, None) }
    }
}
