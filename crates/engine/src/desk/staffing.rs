//! Who is on duty, as `decide` looks at it: counted once for many decisions.

use super::Desk;
use super::presence::LEASE_SECS;
use jieti_domain::conversation::Duty;
use jieti_domain::routing::Profile;
use jieti_domain::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A count of who is on duty, good until the first of them could be gone.
#[derive(Debug, Clone)]
pub(crate) struct Staffing {
    agents: u32,
    silent_seats: u32,
    profiles: Arc<[Profile]>,
    until: Timestamp,
}

impl Staffing {
    pub fn duty(&self) -> Duty<'_> {
        Duty { agents: self.agents, silent_seats: self.silent_seats, profiles: &self.profiles }
    }
}

impl Desk {
    pub fn staffing(&mut self, now: Timestamp) -> Staffing {
        if let Some(known) = self.staffing.as_ref().filter(|known| now < known.until) {
            return known.clone();
        }
        let live: Vec<_> = self.leases.values().filter(|lease| lease.is_live(now)).collect();
        let count = |holds: fn(&&&super::Lease) -> bool| u32::try_from(live.iter().filter(holds).count()).unwrap_or(u32::MAX);
        let agents = live.iter().filter(|lease| lease.presence.agent);
        let profiles: BTreeSet<Profile> = agents.map(|lease| self.profile(&lease.staff.id)).collect();
        let ends = live.iter().map(|lease| lease.last_seen.plus_secs(LEASE_SECS)).min();
        let staffing = Staffing {
            agents: count(|lease| lease.presence.agent),
            silent_seats: count(|lease| lease.presence.silent_seat && lease.left_at.is_none()),
            profiles: profiles.into_iter().collect(),
            until: ends.unwrap_or(Timestamp(i64::MAX)),
        };
        self.staffing = Some(staffing.clone());
        staffing
    }
}
