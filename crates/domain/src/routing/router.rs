//! The router: who waits, who holds what, and who gets whom next. Incremental: each change costs what it touches. Owns the
//! order and the assignment; knows no sockets, no store and no clock.
//!
//! Work is kept in queues by class (work that the same people can take), agents' room and ability in bit sets. After
//! [`Router::assign`] nobody waits for whom somebody able has room; so the next call looks only at work that has come or
//! widened since, and at people who have gained room.

use super::bits::Bits;
use super::ordered::Ordered;
use super::rules::{Choice, Ring, RoutingRules, Wanted};
use super::skill::{Profile, WHOLE_DESK, Work};
use super::wait::{Pace, expected_wait_secs};
use super::work::{Assignment, ClassKey, Target, WorkId, WorkItem};
use crate::id::{SkillId, StaffId};
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// Earlier rank first; of equals by name, so that the order is the same after a restart.
type QueueKey = (Timestamp, WorkId);

#[derive(Debug, Clone, Default)]
pub struct Router {
    rules: Arc<RoutingRules>,
    agents: Vec<Agent>,
    by_staff: HashMap<StaffId, usize>,
    /// By kind of work: agents on duty with a free place.
    room: [Bits; 4],
    classes: Vec<Class>,
    by_key: HashMap<ClassKey, usize>,
    /// Places of classes that are no longer used.
    spare: Vec<usize>,
    /// Classes in which somebody waits.
    occupied: Bits,
    work: HashMap<WorkId, Standing>,
    /// When classes change; entries of work that has gone are passed over.
    changes: BinaryHeap<Reverse<(Timestamp, WorkId)>>,
    /// Since the last assignment: classes that work has come into, agents who have gained room or skills.
    new_work: Bits,
    new_room: Bits,
    waiting: usize,
    /// Assignments so far; orders people by who has been without a new one for longest.
    given: u64,
}

#[derive(Debug, Clone)]
struct Agent {
    staff: StaffId,
    /// `None` while not on duty; what is held stays held.
    profile: Option<Profile>,
    held: [u32; 4],
    /// Units of the desk that are taken, out of [`WHOLE_DESK`].
    used: u32,
    last_given: u64,
}

#[derive(Debug, Clone)]
struct Class {
    key: ClassKey,
    /// Agents on duty who can take it.
    able: Bits,
    queue: Ordered<QueueKey>,
}

#[derive(Debug, Clone)]
enum Standing {
    Waiting { item: Box<WorkItem>, class: usize, changes_at: Option<Timestamp> },
    Held { agent: usize },
}

/// Where waiting work stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Work before this one that somebody able to take this one could take; 0 is next.
    pub ahead: u64,
    /// `None` where nobody on duty could ever take it.
    pub expected_wait_secs: Option<f64>,
}

/// One class of the queue, for people to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassLine {
    pub work: Work,
    pub wanted: Vec<SkillId>,
    pub waiting: u64,
    pub longest_since: Timestamp,
    /// People on duty who could take it in the ring of those who have waited longest.
    pub able: u64,
}

impl Router {
    /// An empty router. Rules that have [`RoutingRules::problems`] may leave work waiting that nobody gets.
    pub fn new(rules: Arc<RoutingRules>) -> Self {
        Self { rules, ..Self::default() }
    }

    pub fn rules(&self) -> &RoutingRules {
        &self.rules
    }

    /// Somebody comes on duty, or is on duty with another profile.
    pub fn on_duty(&mut self, staff: &StaffId, profile: Profile) {
        let index = self.agent(staff);
        if self.agents[index].profile.as_ref() == Some(&profile) {
            return;
        }
        self.agents[index].profile = Some(profile);
        self.reckon(index);
    }

    /// Somebody gets nothing new. What they hold stays with them until it is moved.
    pub fn off_duty(&mut self, staff: &StaffId) {
        if let Some(index) = self.by_staff.get(staff).copied().filter(|index| self.agents[*index].profile.is_some()) {
            self.agents[index].profile = None;
            self.reckon(index);
        }
    }

    /// Work begins to wait, or waits with other wishes. Asking again for the same changes nothing.
    pub fn wait(&mut self, item: WorkItem, now: Timestamp) {
        if let Some(Standing::Waiting { item: present, .. }) = self.work.get(&item.id)
            && **present == item
        {
            return;
        }
        self.gone(&item.id);
        self.enqueue(Box::new(item), now);
    }

    /// Work is in somebody's hands, whoever gave it to them.
    pub fn hold(&mut self, id: &WorkId, staff: &StaffId) {
        if self.holder(id) == Some(staff) {
            return;
        }
        self.gone(id);
        let agent = self.agent(staff);
        self.work.insert(id.clone(), Standing::Held { agent });
        self.agents[agent].held[id.work.place()] += 1;
        self.reckon_load(agent);
    }

    /// Work neither waits nor is held any longer.
    pub fn gone(&mut self, id: &WorkId) {
        match self.work.remove(id) {
            None => {}
            Some(Standing::Waiting { item, class, .. }) => self.leave(class, &(item.rank(), item.id)),
            Some(Standing::Held { agent }) => {
                let held = &mut self.agents[agent].held[id.work.place()];
                *held = held.saturating_sub(1);
                self.reckon_load(agent);
            }
        }
    }

    pub fn holder(&self, id: &WorkId) -> Option<&StaffId> {
        match self.work.get(id)? {
            Standing::Held { agent } => Some(&self.agents[*agent].staff),
            Standing::Waiting { .. } => None,
        }
    }

    pub fn waits(&self, id: &WorkId) -> bool {
        matches!(self.work.get(id), Some(Standing::Waiting { .. }))
    }

    /// How many pieces of work wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Pieces of this work in somebody's hands.
    pub fn held(&self, staff: &StaffId, work: Work) -> u32 {
        self.by_staff.get(staff).map_or(0, |index| self.agents[*index].held[work.place()])
    }

    /// When waiting work widens next: [`Router::assign`] has something to do then even if nothing else happens.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.changes.peek().map(|Reverse((at, _))| *at)
    }

    /// Gives waiting work to people with room until one or the other runs out, the first in the queue first.
    pub fn assign(&mut self, now: Timestamp) -> Vec<Assignment> {
        self.widen(now);
        let mut classes = self.candidates();
        let mut given = Vec::new();
        while let Some(place) = self.first_of(&classes) {
            let class = classes[place];
            match self.choose(class, now) {
                Some((id, agent)) => {
                    let staff = self.agents[agent].staff.clone();
                    self.given += 1;
                    self.agents[agent].last_given = self.given;
                    self.hold(&id, &staff);
                    given.push(Assignment { id, staff });
                    if self.room.iter().all(Bits::is_empty) {
                        break;
                    }
                }
                // Room only shrinks from here on: this class is served in a later call.
                None => drop(classes.swap_remove(place)),
            }
        }
        given
    }

    /// Classes that may be servable although they were not at the end of the last call.
    fn candidates(&mut self) -> Vec<usize> {
        let (new_work, new_room) = (std::mem::take(&mut self.new_work), std::mem::take(&mut self.new_room));
        let has_work = |class: &usize| {
            let Class { key, able, .. } = &self.classes[*class];
            let room = &self.room[key.work.place()];
            (new_work.has(*class) && able.meets(room)) || able.both(&new_room).any(|agent| room.has(agent))
        };
        self.occupied.iter().filter(has_work).collect()
    }

    /// The place in `classes` of the one whose first is before all others.
    fn first_of(&self, classes: &[usize]) -> Option<usize> {
        let first = |place: &usize| self.classes[classes[*place]].queue.first();
        (0..classes.len()).filter(|place| first(place).is_some()).min_by_key(|place| first(place))
    }

    /// Who takes the first of a class.
    fn choose(&self, class: usize, now: Timestamp) -> Option<(WorkId, usize)> {
        let Class { key, able, queue } = &self.classes[class];
        let (_, id) = queue.first()?;
        let room = &self.room[key.work.place()];
        let known = match self.work.get(id) {
            Some(Standing::Waiting { item, .. }) if now < item.queued_at.plus_secs(self.rules.known_secs) => item.known.as_ref(),
            _ => None,
        };
        let known = known.and_then(|staff| self.by_staff.get(staff)).copied();
        if let Some(known) = known.filter(|agent| able.has(*agent) && room.has(*agent)) {
            return Some((id.clone(), known));
        }
        let best = able.both(room).min_by(|a, b| self.preference(*a, &key.wanted).cmp(&self.preference(*b, &key.wanted)));
        best.map(|agent| (id.clone(), agent))
    }

    /// Smaller is better.
    fn preference(&self, agent: usize, wanted: &[Wanted]) -> (u32, u32, u64, &StaffId) {
        let Agent { staff, profile, used, last_given, .. } = &self.agents[agent];
        let skills = profile.as_ref().map(|p| &p.skills);
        let levels = wanted.iter().filter_map(|want| skills?.get(&want.skill));
        let lacking = u32::MAX - levels.map(|level| u32::from(level.number())).sum::<u32>();
        match self.rules.choice {
            Choice::LeastLoaded => (*used, lacking, *last_given, staff),
            Choice::BestSkilled => (lacking, *used, *last_given, staff),
        }
    }

    /// Moves work whose class changes by `now`.
    fn widen(&mut self, now: Timestamp) {
        while let Some(Reverse((at, _))) = self.changes.peek()
            && *at <= now
        {
            let Some(Reverse((at, id))) = self.changes.pop() else { return };
            let due = matches!(self.work.get(&id), Some(Standing::Waiting { changes_at: Some(due), .. }) if *due == at);
            if due && let Some(Standing::Waiting { item, class, .. }) = self.work.remove(&id) {
                self.leave(class, &(item.rank(), id));
                self.enqueue(item, now);
            }
        }
    }

    fn enqueue(&mut self, item: Box<WorkItem>, now: Timestamp) {
        let (key, changes_at) = item.class(&self.rules, now);
        let class = self.class(key);
        self.classes[class].queue.insert((item.rank(), item.id.clone()));
        self.occupied.set(class, true);
        self.new_work.set(class, true);
        self.waiting += 1;
        if let Some(at) = changes_at {
            self.changes.push(Reverse((at, item.id.clone())));
        }
        self.work.insert(item.id.clone(), Standing::Waiting { item, class, changes_at });
    }

    fn leave(&mut self, class: usize, key: &QueueKey) {
        self.waiting -= 1;
        self.classes[class].queue.remove(key);
        if self.classes[class].queue.is_empty() {
            self.occupied.set(class, false);
            // Classes for one person come and go with the people; the others are as many as the rules make.
            if self.classes[class].key.target != Target::Anybody {
                self.by_key.remove(&self.classes[class].key);
                self.spare.push(class);
            }
        }
    }

    fn class(&mut self, key: ClassKey) -> usize {
        match self.by_key.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let key = new.key().clone();
                let class = Class { able: able(&self.agents, &key, &self.rules.rings), key, queue: Ordered::default() };
                let index = match self.spare.pop() {
                    Some(index) => {
                        self.classes[index] = class;
                        index
                    }
                    None => {
                        self.classes.push(class);
                        self.classes.len() - 1
                    }
                };
                *new.insert(index)
            }
        }
    }

    fn agent(&mut self, staff: &StaffId) -> usize {
        if let Some(index) = self.by_staff.get(staff) {
            return *index;
        }
        let agent = Agent { staff: staff.clone(), profile: None, held: [0; 4], used: 0, last_given: 0 };
        self.agents.push(agent);
        self.by_staff.insert(staff.clone(), self.agents.len() - 1);
        self.agents.len() - 1
    }

    /// After a change of profile: what this agent can take, and how much of it.
    fn reckon(&mut self, index: usize) {
        let agent = &self.agents[index];
        for class in &mut self.classes {
            class.able.set(index, is_able(agent, &class.key, &self.rules.rings));
        }
        self.reckon_load(index);
        self.new_room.set(index, true);
    }

    /// After a change of load: which kinds of work this agent has room for.
    fn reckon_load(&mut self, index: usize) {
        let agent = &mut self.agents[index];
        let capacity = agent.profile.as_ref().map(|p| p.capacity);
        let before = agent.used;
        let used = |work: Work| {
            let share = capacity.and_then(|c| c.share(work)).unwrap_or(WHOLE_DESK);
            agent.held[work.place()].saturating_mul(share)
        };
        let used = Work::ALL.into_iter().map(used).fold(0, u32::saturating_add);
        agent.used = used;
        for work in Work::ALL {
            let fits = capacity.and_then(|c| c.share(work)).is_some_and(|share| used.saturating_add(share) <= WHOLE_DESK);
            self.room[work.place()].set(index, fits);
        }
        if used < before {
            self.new_room.set(index, true);
        }
    }

    /// Where work stands in the queue.
    pub fn place(&self, id: &WorkId, pace: Pace, now: Timestamp) -> Option<Place> {
        match self.work.get(id)? {
            Standing::Waiting { item, .. } => Some(self.place_of(item, pace, now)),
            Standing::Held { .. } => None,
        }
    }

    /// Where work would stand if it came now.
    ///
    /// For each ring that is still to come: the time until then, or, if that is longer, the time until its people have
    /// served those before. Others before count by the part of their own people that are these people.
    pub fn place_of(&self, item: &WorkItem, pace: Pace, now: Timestamp) -> Place {
        let key = (item.rank(), item.id.clone());
        let (mut class, _) = item.class(&self.rules, now);
        let mut place = Place { ahead: 0, expected_wait_secs: None };
        let first_ring = class.ring;
        for ring in first_ring..self.rules.rings.len().max(1) {
            class.ring = ring;
            let able = match self.by_key.get(&class) {
                Some(known) => self.classes[*known].able.clone(),
                None => able(&self.agents, &class, &self.rules.rings),
            };
            let (mut ahead, mut competing) = (0_u64, 0.0);
            for other in self.occupied.iter().map(|other| &self.classes[other]) {
                let before = other.queue.before(&key) as u64;
                let shared = other.able.shared(&able);
                // With nobody on duty for either, they would be served in their order.
                let same_people = shared > 0 || (able.is_empty() && other.able.is_empty());
                if before > 0 && same_people && other.key.work == class.work {
                    ahead += before;
                    competing += before as f64 * f64::from(shared) / f64::from(other.able.len().max(1));
                }
            }
            let rings_in = self.rules.rings.get(ring).map_or(0, |r| r.after_secs);
            let until_ring = item.queued_at.plus_secs(rings_in).secs_since(now) as f64;
            let has_room = able.both(&self.room[class.work.place()]).count() as u64 > ahead;
            let slots: u64 = able.iter().map(|agent| u64::from(self.slots(agent, class.work))).sum();
            let served = if has_room { Some(0.0) } else { expected_wait_secs(competing, slots, pace) };
            let wait = served.map(|secs| secs.max(until_ring));
            if ring == first_ring || wait.is_some_and(|w| place.expected_wait_secs.is_none_or(|best| w < best)) {
                place = Place { ahead: ahead.max(place.ahead), expected_wait_secs: wait };
            }
        }
        place
    }

    fn slots(&self, agent: usize, work: Work) -> u32 {
        self.agents[agent].profile.as_ref().map_or(0, |p| p.capacity.of(work))
    }

    /// The queue by what is wanted, whatever the ring; those who wait longest first.
    pub fn lines(&self) -> Vec<ClassLine> {
        let mut lines: HashMap<(Work, &[Wanted]), ClassLine> = HashMap::new();
        for class in self.occupied.iter().map(|class| &self.classes[class]) {
            let since = class.queue.iter().filter_map(|(_, id)| match self.work.get(id) {
                Some(Standing::Waiting { item, .. }) => Some(item.since),
                _ => None,
            });
            let Some(since) = since.min() else { continue };
            let line = lines.entry((class.key.work, &class.key.wanted)).or_insert_with(|| ClassLine {
                work: class.key.work,
                wanted: class.key.wanted.iter().map(|want| want.skill.clone()).collect(),
                waiting: 0,
                longest_since: since,
                able: 0,
            });
            line.waiting += class.queue.len() as u64;
            line.able = line.able.max(u64::from(class.able.len()));
            line.longest_since = line.longest_since.min(since);
        }
        let mut lines: Vec<ClassLine> = lines.into_values().collect();
        lines.sort_by(|a, b| (a.longest_since, a.work, &a.wanted).cmp(&(b.longest_since, b.work, &b.wanted)));
        lines
    }
}

fn able(agents: &[Agent], key: &ClassKey, rings: &[Ring]) -> Bits {
    let mut able = Bits::default();
    for (index, agent) in agents.iter().enumerate() {
        able.set(index, is_able(agent, key, rings));
    }
    able
}

fn is_able(agent: &Agent, key: &ClassKey, rings: &[Ring]) -> bool {
    let Some(profile) = &agent.profile else { return false };
    let may = match &key.target {
        Target::Anybody => true,
        // Sent to a person: they can be asked whatever they know.
        Target::First(staff) | Target::Only(staff) => return *staff == agent.staff && profile.capacity.of(key.work) > 0,
        Target::NotAgain(staff) => *staff != agent.staff,
        Target::Besides(present) => !present.contains(&agent.staff),
    };
    let fits = |ring: &Ring| super::rules::fits_ring(profile, &key.wanted, ring);
    may && profile.capacity.of(key.work) > 0 && rings.get(key.ring).is_some_and(fits)
}
