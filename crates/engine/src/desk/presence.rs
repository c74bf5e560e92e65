//! Presence: a lease that heartbeats prolong. Owns who is here, who has gone, and what goes back to the queue when they
//! have.

use super::Desk;
use crate::Engine;
use jieti_domain::conversation::{Input, StaffRef};
use jieti_domain::id::{ConversationId, StaffId};
use jieti_domain::routing::{ClassLine, Profile, Work};
use jieti_domain::time::Timestamp;
use jieti_store::WriteError;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A presence without a heartbeat for so long is over: three beats of 15 s missed.
pub(super) const LEASE_SECS: i64 = 45;
/// A closed console has so long to come back (a reload, a change of network) before its drafts are free for others.
const RELOAD_SECS: i64 = 5;
/// Without a heartbeat for so long, a console hangs: one beat of 15 s missed, and the time of a reload.
const HUNG_SECS: i64 = 20;
/// Conversations given back at a time: enough to share each of the store's commits.
const AT_ONCE: usize = 256;

/// What a member of staff has switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    pub agent: bool,
    pub silent_seat: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffOnDuty {
    pub staff: StaffRef,
    pub presence: Presence,
    pub last_seen: Timestamp,
}

/// Somebody who is on duty, or holds something.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub staff: StaffRef,
    pub presence: Presence,
    pub last_seen: Timestamp,
    /// When the last of their consoles was closed.
    pub left_at: Option<Timestamp>,
}

impl Lease {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.secs_since(self.last_seen) < LEASE_SECS
    }

    /// Whether drafts in this person's hands are safe there.
    fn is_at_desk(&self, now: Timestamp) -> bool {
        self.left_at.is_none_or(|at| now.secs_since(at) < RELOAD_SECS) && now.secs_since(self.last_seen) < HUNG_SECS
    }
}

impl Desk {
    pub(super) fn profile(&self, staff: &StaffId) -> Profile {
        self.profiles.get(staff).unwrap_or(&self.rules.newcomer).clone()
    }

    pub(super) fn ensure_lease(&mut self, staff: StaffRef, now: Timestamp) {
        if !self.leases.contains_key(&staff.id) {
            let lease = Lease { staff: staff.clone(), presence: Presence::default(), last_seen: now, left_at: None };
            self.leases.insert(staff.id, lease);
        }
    }

    fn set_presence(&mut self, staff: &StaffRef, presence: Presence, now: Timestamp) {
        let lease = Lease { staff: staff.clone(), presence, last_seen: now, left_at: None };
        let before = self.leases.insert(staff.id.clone(), lease);
        if before.is_none_or(|before| before.presence != presence || !before.is_live(now) || before.left_at.is_some()) {
            self.staffing = None;
        }
        if presence.agent {
            self.router.on_duty(&staff.id, self.profile(&staff.id));
        } else {
            self.router.off_duty(&staff.id);
        }
    }

    fn prolong(&mut self, staff: &StaffId, now: Timestamp) -> bool {
        let Some(lease) = self.leases.get_mut(staff).filter(|lease| lease.is_live(now)) else { return false };
        lease.last_seen = now;
        // After a restart this is the first sign of somebody who was on duty before it.
        if lease.presence.agent {
            self.router.on_duty(staff, self.profile(staff));
        }
        true
    }

    /// After a restart: whoever held a conversation was on duty and has one lease to come back. Until then they get nothing
    /// new.
    pub(super) fn presume_agent(&mut self, staff: &StaffId) {
        if let Some(lease) = self.leases.get_mut(staff) {
            lease.presence.agent = true;
        }
        self.staffing = None;
    }

    fn set_profile(&mut self, staff: &StaffId, profile: Profile) {
        self.profiles.insert(staff.clone(), profile.clone());
        self.staffing = None;
        if self.leases.get(staff).is_some_and(|lease| lease.presence.agent) {
            self.router.on_duty(staff, profile);
        }
    }

    /// People whose lease has run out, with everything they held; they are off duty now.
    fn end_leases(&mut self, now: Timestamp) -> HashMap<StaffId, Vec<ConversationId>> {
        let over = |lease: &&Lease| !lease.is_live(now);
        let mut gone: HashMap<StaffId, Vec<ConversationId>> =
            self.leases.values().filter(over).map(|lease| (lease.staff.id.clone(), Vec::new())).collect();
        if gone.is_empty() {
            return gone;
        }
        self.staffing = None;
        for staff in gone.keys() {
            self.leases.remove(staff);
            self.router.off_duty(staff);
        }
        self.collect_held(&mut gone, |_| true);
        self.collect_conferences(&mut gone);
        gone
    }

    /// Drafts in the hands of people who have left their desk, although their lease has not run out yet.
    fn unattended_drafts(&self, now: Timestamp) -> HashMap<StaffId, Vec<ConversationId>> {
        let away = self.leases.values().filter(|lease| !lease.is_at_desk(now));
        let mut away: HashMap<StaffId, Vec<ConversationId>> = away.map(|lease| (lease.staff.id.clone(), Vec::new())).collect();
        if !away.is_empty() {
            self.collect_held(&mut away, |stage| stage == "draft");
        }
        away
    }

    fn collect_held(&self, by: &mut HashMap<StaffId, Vec<ConversationId>>, wanted: impl Fn(&str) -> bool) {
        for (id, card) in self.cards.iter().filter(|(_, card)| wanted(&card.stage)) {
            if let Some(held) = card.staff.as_deref().and_then(|staff| by.get_mut(&StaffId::from(staff))) {
                held.push(id.clone());
            }
        }
    }

    /// Conferences in which these people were guests.
    fn collect_conferences(&self, by: &mut HashMap<StaffId, Vec<ConversationId>>) {
        for (id, guests) in &self.guests {
            for guest in guests {
                by.get_mut(guest).into_iter().for_each(|held| held.push(id.clone()));
            }
        }
    }
}

impl Engine {
    /// A member of staff is here; also counts as a heartbeat.
    pub fn set_presence(&self, staff: &StaffRef, presence: Presence) {
        let now = self.now();
        self.desk().set_presence(staff, presence, now);
        self.route();
    }

    /// Prolongs the lease. `false` where it has run out: the person must go on duty again.
    pub fn heartbeat(&self, staff: &StaffId) -> bool {
        let now = self.now();
        let prolonged = self.desk().prolong(staff, now);
        if prolonged {
            self.route();
        }
        prolonged
    }

    pub fn presence(&self, staff: &StaffId) -> Presence {
        self.desk().leases.get(staff).map(|lease| lease.presence).unwrap_or_default()
    }

    /// Everybody with a lease, by name.
    pub fn on_duty(&self) -> Vec<StaffOnDuty> {
        let desk = self.desk();
        let mut people: Vec<StaffOnDuty> = desk
            .leases
            .values()
            .map(|l| StaffOnDuty { staff: l.staff.clone(), presence: l.presence, last_seen: l.last_seen })
            .collect();
        people.sort_by(|a, b| (&a.staff.name, &a.staff.id).cmp(&(&b.staff.name, &b.staff.id)));
        people
    }

    /// What somebody can do, and how many chats they have in hand.
    pub fn profile_and_chats(&self, staff: &StaffId) -> (Profile, u32) {
        let desk = self.desk();
        (desk.profile(staff), desk.router.held(staff, Work::Chat))
    }

    /// The queue by what is wanted.
    pub fn queue_lines(&self) -> Vec<ClassLine> {
        self.desk().router.lines()
    }

    /// Agents and silent seats on duty.
    pub fn on_duty_counts(&self) -> (u32, u32) {
        let now = self.now();
        let staffing = self.desk().staffing(now);
        (staffing.duty().agents, staffing.duty().silent_seats)
    }

    /// A console has been opened.
    pub fn console_opened(&self, staff: &StaffId) {
        let mut desk = self.desk();
        *desk.consoles.entry(staff.clone()).or_default() += 1;
        if let Some(lease) = desk.leases.get_mut(staff)
            && lease.left_at.take().is_some()
        {
            desk.staffing = None;
        }
    }

    /// A console has been closed, or its line has broken.
    pub fn console_closed(&self, staff: &StaffId) {
        let now = self.now();
        let mut desk = self.desk();
        let left = desk.consoles.get(staff).copied().unwrap_or(0).saturating_sub(1);
        if left > 0 {
            desk.consoles.insert(staff.clone(), left);
            return;
        }
        desk.consoles.remove(staff);
        if let Some(lease) = desk.leases.get_mut(staff) {
            lease.left_at = Some(now);
        }
        desk.staffing = None;
    }

    /// Keeps what somebody can do, and routes by it from now on.
    ///
    /// # Errors
    /// Where the store cannot be written; nothing has changed then.
    pub async fn set_profile(&self, staff: &StaffId, profile: Profile) -> Result<(), WriteError> {
        self.0.store.save_profile(staff, &profile).await?;
        self.desk().set_profile(staff, profile);
        self.route();
        Ok(())
    }

    /// Takes conversations and drafts back from people who have gone.
    pub async fn check_presence(&self) {
        let now = self.now();
        let (gone, away) = {
            let mut desk = self.desk();
            (desk.end_leases(now), desk.unattended_drafts(now))
        };
        for (staff, held) in gone.iter().chain(&away).filter(|(_, held)| !held.is_empty()) {
            tracing::info!(%staff, conversations = held.len(), "nobody is there; what they held goes back");
        }
        let held = gone.into_iter().chain(away).flat_map(|(staff, held)| {
            let staff = Arc::new(staff);
            held.into_iter().map(move |id| (Arc::clone(&staff), id))
        });
        // Many at once share the store's commits: a node's worth of people goes back in a second.
        let mut giving_back = JoinSet::new();
        for (staff, conversation) in held {
            if giving_back.len() >= AT_ONCE {
                giving_back.join_next().await;
            }
            let engine = self.clone();
            giving_back.spawn(async move { engine.feed(&conversation, Input::LeaseLost { staff: &staff }).await });
        }
        while giving_back.join_next().await.is_some() {}
    }
}
