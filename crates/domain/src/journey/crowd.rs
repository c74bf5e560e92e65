//! Every customer on the way at once: the folds, their timers, and what was learnt. A function of the log alone: replaying
//! the same instants gives the same crowd.

use crate::journey::baseline::Baselines;
use crate::journey::map::{JourneyMap, Routes, StepNo};
use crate::journey::names::Names;
use crate::journey::record::{Instant, Visit};
use crate::journey::stream::Received;
use crate::journey::walk::{Ground, Sign, Walk};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

/// A timer waits so much longer than it says: clients send every 5 s, so what stops it may be on its way.
pub const GRACE_MS: i64 = 8_000;
/// Who has not been heard of for so long is forgotten, with the places of their streams. Clients give up sooner.
const FORGET_MS: i64 = 7 * 86_400_000;
/// Streams remembered of one customer: tabs and devices of a week.
const STREAMS: usize = 16;
const MINUTE_MS: i64 = 60_000;

/// The customers by visitor number, which count from 0.
#[derive(Debug)]
pub struct Crowd {
    map: Arc<JourneyMap>,
    routes: Routes,
    baselines: Baselines,
    walks: Vec<Option<Box<Walk>>>,
    timers: BinaryHeap<Reverse<(i64, u32)>>,
    /// Whose walks are other than in the last snapshot.
    changed: BTreeSet<u32>,
    /// The last instant taken in.
    now: i64,
}

/// All of a crowd but its walks, for a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Paths of the steps by number when it was written: another map numbers them anew.
    pub steps: Vec<String>,
    pub baselines: Baselines,
    pub now: i64,
}

impl Crowd {
    pub fn new(map: Arc<JourneyMap>, names: &mut Names) -> Self {
        let routes = Routes::new(&map, names);
        let (walks, timers, changed) = (Vec::new(), BinaryHeap::new(), BTreeSet::new());
        Self { map, routes, baselines: Baselines::default(), walks, timers, changed, now: 0 }
    }

    pub fn map(&self) -> &Arc<JourneyMap> {
        &self.map
    }

    pub fn baselines(&self) -> &Baselines {
        &self.baselines
    }

    /// Takes over what was learnt elsewhere.
    pub fn learn_from(&mut self, baselines: Baselines) {
        self.baselines = baselines;
    }

    /// Milliseconds since 1970 of the last instant taken in.
    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn walk(&self, visitor: u32) -> Option<&Walk> {
        self.walks.get(visitor as usize)?.as_deref()
    }

    /// Everybody on the way, by visitor number.
    pub fn walks(&self) -> impl Iterator<Item = (u32, &Walk)> {
        (0..).zip(&self.walks).filter_map(|(visitor, walk)| Some((visitor, walk.as_deref()?)))
    }

    /// Whose walks are other than in the last snapshot, by visitor number; those who were forgotten are among them.
    pub fn changed(&self) -> &BTreeSet<u32> {
        &self.changed
    }

    /// What has changed is in a snapshot.
    pub fn settle(&mut self) {
        self.changed.clear();
    }

    /// Takes out of a visit what has been received before, and marks the rest as received. Returns how many were doubled.
    pub fn admit(&mut self, at: i64, visit: &mut Visit) -> usize {
        let sent = visit.records.len();
        self.changed.insert(visit.visitor);
        let walk = entry(&mut self.walks, visit);
        let place = match walk.streams.iter().position(|s| s.stream == visit.stream) {
            Some(place) => place,
            None => {
                if walk.streams.len() == STREAMS {
                    let oldest = (0..STREAMS).min_by_key(|i| walk.streams[*i].heard_min).unwrap_or(0);
                    walk.streams.swap_remove(oldest);
                }
                walk.streams.push(Received::new(visit.stream));
                walk.streams.len() - 1
            }
        };
        let stream = &mut walk.streams[place];
        stream.heard_min = u32::try_from(at / MINUTE_MS).unwrap_or(u32::MAX);
        visit.records.retain(|record| stream.take(record.n));
        sent - visit.records.len()
    }

    /// Takes in an instant whose visits have been admitted. What it says is added to `signs`.
    pub fn take(&mut self, instant: &Instant, signs: &mut Vec<Sign>) {
        self.ring(instant.at, signs);
        for visit in &instant.visits {
            let before = signs.len();
            self.changed.insert(visit.visitor);
            let walk = entry(&mut self.walks, visit);
            walk.platform = visit.platform;
            walk.version = visit.version;
            walk.consent = visit.consent;
            let ground = Ground { map: &self.map, routes: &self.routes, baselines: &self.baselines };
            for record in &visit.records {
                walk.take(visit.visitor, ground, record, signs);
            }
            arm(&mut self.timers, visit.visitor, walk, ground);
            for sign in &signs[before..] {
                if let Sign::Passed { step, ms, platform, version, .. } = *sign {
                    self.baselines.learn(step, platform, version, ms);
                }
            }
        }
    }

    /// When the next timer could ring, in ms since 1970.
    pub fn next_ring(&self) -> Option<i64> {
        self.timers.peek().map(|Reverse((due, _))| due + GRACE_MS)
    }

    fn ring(&mut self, at: i64, signs: &mut Vec<Sign>) {
        self.now = self.now.max(at);
        self.baselines.forget(self.now);
        let until = self.now - GRACE_MS;
        while let Some(Reverse((due, visitor))) = self.timers.peek().copied().filter(|Reverse((due, _))| *due <= until) {
            self.timers.pop();
            let Some(walk) = self.walks.get_mut(visitor as usize).and_then(Option::as_deref_mut) else { continue };
            // Of several entries of one customer the one it is set to counts.
            if walk.rings_at != Some(due) {
                continue;
            }
            walk.rings_at = None;
            self.changed.insert(visitor);
            let ground = Ground { map: &self.map, routes: &self.routes, baselines: &self.baselines };
            walk.ring(visitor, ground, until, signs);
            arm(&mut self.timers, visitor, walk, ground);
        }
    }

    /// Forgets who has not been heard of for a week and awaits nothing. Returns how many.
    pub fn forget(&mut self) -> usize {
        let until = self.now - FORGET_MS;
        let mut forgotten = 0;
        for (visitor, slot) in (0..).zip(&mut self.walks) {
            if slot.as_ref().is_some_and(|walk| walk.heard() < until && walk.rings_at.is_none()) {
                *slot = None;
                self.changed.insert(visitor);
                forgotten += 1;
            }
        }
        forgotten
    }

    pub fn memory(&self) -> Memory {
        let steps = (0..self.map.places.len()).filter_map(|i| self.map.path(StepNo::try_from(i).ok()?)).collect();
        Memory { steps, baselines: self.baselines.clone(), now: self.now }
    }

    /// Takes over a snapshot's memory and walks; the snapshot may be of another map.
    pub fn restore(&mut self, memory: Memory, walks: impl IntoIterator<Item = (u32, Walk)>) {
        let paths: Vec<Option<String>> = (0..self.map.places.len()).map(|i| self.map.path(StepNo::try_from(i).ok()?)).collect();
        let new_number = |step: StepNo| -> Option<StepNo> {
            let path = memory.steps.get(usize::from(step))?;
            StepNo::try_from(paths.iter().position(|p| p.as_ref() == Some(path))?).ok()
        };
        let of: Vec<Option<StepNo>> = (0..memory.steps.len()).map(|i| new_number(StepNo::try_from(i).ok()?)).collect();
        let of = |step: StepNo| of.get(usize::from(step)).copied().flatten();
        self.baselines = memory.baselines.renumbered(of);
        self.now = memory.now;
        let ground = Ground { map: &self.map, routes: &self.routes, baselines: &self.baselines };
        let is_same_map = paths.iter().flatten().eq(&memory.steps);
        for (visitor, mut walk) in walks {
            // A timer goes on as it was set, even where it would be set otherwise now: what is replayed rings as it rang.
            match walk.rings_at.filter(|_| is_same_map) {
                Some(due) => self.timers.push(Reverse((due, visitor))),
                None => {
                    self.changed.insert(visitor);
                    walk.renumber(of);
                    walk.rings_at = None;
                    arm(&mut self.timers, visitor, &mut walk, ground);
                }
            }
            let place = visitor as usize;
            if self.walks.len() <= place {
                self.walks.resize_with(place + 1, || None);
            }
            self.walks[place] = Some(Box::new(walk));
        }
    }
}

fn entry<'a>(walks: &'a mut Vec<Option<Box<Walk>>>, visit: &Visit) -> &'a mut Walk {
    let place = visit.visitor as usize;
    if walks.len() <= place {
        walks.resize_with(place + 1, || None);
    }
    walks[place].get_or_insert_with(|| Box::new(Walk::new(visit.platform, visit.version, visit.consent)))
}

/// Sets the customer's timer, unless one that rings in time is set. A timer that was set too early rings in vain.
fn arm(timers: &mut BinaryHeap<Reverse<(i64, u32)>>, visitor: u32, walk: &mut Walk, ground: Ground<'_>) {
    let Some(due) = walk.due(ground) else { return };
    if walk.rings_at.is_none_or(|set| due < set) {
        walk.rings_at = Some(due);
        timers.push(Reverse((due, visitor)));
    }
}
