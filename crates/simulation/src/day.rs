//! The day itself: events in order of time, each given to the router as the engine would.

use crate::report::{Report, Tally};
use jieti_domain::id::{ConversationId, StaffId};
use jieti_domain::routing::{Assignment, Pace, Profile, Router, RoutingRules, Target, Wanted, Work, WorkId, WorkItem};
use jieti_domain::time::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

/// One contact that will come.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Milliseconds from the beginning of the day.
    pub at_ms: i64,
    /// Name of its stream, for the report.
    pub stream: Arc<str>,
    pub work: Work,
    pub wanted: Arc<[Wanted]>,
    pub credit_secs: i64,
    pub handle_secs: f64,
    /// Seconds after which it gives up; `None` for never.
    pub patience_secs: Option<f64>,
}

/// Somebody who works this day.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub staff: StaffId,
    pub profile: Profile,
    /// In order, not overlapping.
    pub shifts: Vec<Shift>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub from_ms: i64,
    pub to_ms: i64,
}

/// What a day is made of.
#[derive(Debug, Clone, Default)]
pub struct Day {
    pub rules: RoutingRules,
    pub people: Vec<Person>,
    /// In order of time.
    pub incoming: Vec<Incoming>,
    /// Who vanishes when (index into `people`, milliseconds), without a word: the lease runs out, and what they held waits
    /// again. They are back after `away_secs`.
    pub vanishing: Vec<(usize, i64)>,
    pub away_secs: i64,
}

/// A presence without a heartbeat for so long is over, as in the engine: three beats of 15 s missed.
const LEASE_SECS: i64 = 45;
/// Handling time assumed before any contact has ended, as in the engine.
const FIRST_HANDLE_SECS: f64 = 180.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// First, so that a place that is free at this instant is free for who comes at it.
    Done {
        contact: usize,
        turn: u32,
    },
    ShiftBegins {
        person: usize,
    },
    ShiftEnds {
        person: usize,
    },
    Vanishes {
        person: usize,
    },
    LeaseEnds {
        person: usize,
    },
    GivesUp {
        contact: usize,
        turn: u32,
    },
    Widens,
}

struct Run<'a> {
    day: &'a Day,
    router: Router,
    events: BinaryHeap<Reverse<(i64, Event)>>,
    contacts: Vec<Contact>,
    by_staff: HashMap<StaffId, usize>,
    /// By person: what they hold.
    holding: Vec<Vec<usize>>,
    is_away: Vec<bool>,
    on_shift: Vec<bool>,
    tally: Tally,
    handled: f64,
    handle_secs: f64,
    widens_at: i64,
}

#[derive(Clone, Default)]
struct Contact {
    /// When this wait began: a contact whose agent vanished waits again.
    queued_ms: i64,
    estimated_secs: Option<f64>,
    is_waiting: bool,
    /// Grows whenever it is given to somebody or they vanish; an event of an earlier turn means nothing.
    turn: u32,
    started_ms: i64,
}

/// Plays a day. `progress` hears how many contacts have come, now and then.
pub fn run(day: &Day, mut progress: impl FnMut(usize)) -> Report {
    let mut run = Run::new(day);
    for (contact, incoming) in day.incoming.iter().enumerate() {
        run.until(incoming.at_ms);
        run.comes(contact);
        if contact % 4096 == 0 {
            progress(contact);
        }
    }
    run.until(i64::MAX);
    progress(day.incoming.len());
    run.report()
}

fn work_id(contact: usize, work: Work) -> WorkId {
    WorkId { conversation: ConversationId(format!("{contact:07}")), work, guest: None }
}

fn contact_of(id: &WorkId) -> usize {
    id.conversation.as_str().parse().expect("the simulation names its contacts by number")
}

impl<'a> Run<'a> {
    fn new(day: &'a Day) -> Self {
        let mut events = BinaryHeap::new();
        for (person, who) in day.people.iter().enumerate() {
            for shift in &who.shifts {
                events.push(Reverse((shift.from_ms, Event::ShiftBegins { person })));
                events.push(Reverse((shift.to_ms, Event::ShiftEnds { person })));
            }
        }
        for (person, at_ms) in &day.vanishing {
            events.push(Reverse((*at_ms, Event::Vanishes { person: *person })));
        }
        Self {
            day,
            router: Router::new(Arc::new(day.rules.clone())),
            events,
            contacts: vec![Contact::default(); day.incoming.len()],
            by_staff: day.people.iter().enumerate().map(|(index, person)| (person.staff.clone(), index)).collect(),
            holding: vec![Vec::new(); day.people.len()],
            is_away: vec![false; day.people.len()],
            on_shift: vec![false; day.people.len()],
            tally: Tally::default(),
            handled: 0.0,
            handle_secs: FIRST_HANDLE_SECS,
            widens_at: i64::MAX,
        }
    }

    /// Everything that happens up to an instant, and what the router makes of it.
    fn until(&mut self, at_ms: i64) {
        while let Some(Reverse((now_ms, _))) = self.events.peek()
            && *now_ms <= at_ms
        {
            let Some(Reverse((now_ms, event))) = self.events.pop() else { return };
            self.happens(event, now_ms);
            self.route(now_ms);
        }
    }

    fn happens(&mut self, event: Event, now_ms: i64) {
        match event {
            Event::Done { contact, turn } => {
                if self.contacts[contact].turn == turn {
                    self.done(contact, now_ms);
                }
            }
            Event::ShiftBegins { person } => {
                self.on_shift[person] = true;
                self.comes_back(person);
            }
            Event::ShiftEnds { person } => {
                self.on_shift[person] = false;
                self.router.off_duty(&self.day.people[person].staff);
            }
            Event::Vanishes { person } => {
                if self.on_shift[person] && !self.is_away[person] {
                    self.is_away[person] = true;
                    // What they were doing comes to nothing; nobody knows it until the lease ends.
                    self.holding[person].iter().for_each(|contact| self.contacts[*contact].turn += 1);
                    self.events.push(Reverse((now_ms + LEASE_SECS * 1000, Event::LeaseEnds { person })));
                }
            }
            Event::LeaseEnds { person } => self.lease_ends(person, now_ms),
            Event::GivesUp { contact, turn } => {
                if self.contacts[contact].is_waiting && self.contacts[contact].turn == turn {
                    self.contacts[contact].is_waiting = false;
                    self.router.gone(&work_id(contact, self.day.incoming[contact].work));
                    let wait_secs = secs(now_ms - self.contacts[contact].queued_ms);
                    self.tally.gave_up(&self.day.incoming[contact].stream, wait_secs);
                }
            }
            Event::Widens => self.widens_at = i64::MAX,
        }
    }

    fn comes_back(&mut self, person: usize) {
        if self.on_shift[person] && !self.is_away[person] {
            let Person { staff, profile, .. } = &self.day.people[person];
            self.router.on_duty(staff, profile.clone());
        }
    }

    fn lease_ends(&mut self, person: usize, now_ms: i64) {
        if !std::mem::replace(&mut self.is_away[person], false) {
            return;
        }
        let staff = self.day.people[person].staff.clone();
        self.router.off_duty(&staff);
        for contact in std::mem::take(&mut self.holding[person]) {
            self.tally.requeued();
            self.waits(contact, now_ms, Target::NotAgain(staff.clone()));
        }
        // Back at the desk later in the same shift, if there is anything left of it.
        let back_ms = now_ms + self.day.away_secs * 1000;
        let rest = self.day.people[person].shifts.iter().any(|s| s.from_ms <= now_ms && back_ms < s.to_ms);
        if rest {
            self.events.push(Reverse((back_ms, Event::ShiftBegins { person })));
        }
    }

    fn comes(&mut self, contact: usize) {
        let Incoming { at_ms, stream, .. } = &self.day.incoming[contact];
        self.tally.offered(stream);
        self.waits(contact, *at_ms, Target::Anybody);
        self.route(*at_ms);
    }

    fn waits(&mut self, contact: usize, now_ms: i64, target: Target) {
        let incoming = &self.day.incoming[contact];
        let item = WorkItem {
            id: work_id(contact, incoming.work),
            since: Timestamp(incoming.at_ms),
            queued_at: Timestamp(now_ms),
            credit_secs: incoming.credit_secs,
            wanted: Arc::clone(&incoming.wanted),
            known: None,
            target,
        };
        let place = self.router.place_of(&item, self.pace(), Timestamp(now_ms));
        let state = &mut self.contacts[contact];
        state.queued_ms = now_ms;
        state.is_waiting = true;
        state.estimated_secs = place.expected_wait_secs;
        let turn = state.turn;
        self.router.wait(item, Timestamp(now_ms));
        if let Some(patience_secs) = incoming.patience_secs {
            self.events.push(Reverse((now_ms + ms(patience_secs), Event::GivesUp { contact, turn })));
        }
    }

    fn pace(&self) -> Pace {
        Pace { handle_secs: self.handle_secs, patience_secs: self.tally.patience_secs() }
    }

    fn route(&mut self, now_ms: i64) {
        for Assignment { id, staff } in self.router.assign(Timestamp(now_ms)) {
            let contact = contact_of(&id);
            let person = self.by_staff[&staff];
            let incoming = &self.day.incoming[contact];
            let state = &mut self.contacts[contact];
            state.is_waiting = false;
            state.turn += 1;
            state.started_ms = now_ms;
            self.tally.served(&incoming.stream, secs(now_ms - state.queued_ms), state.estimated_secs);
            self.holding[person].push(contact);
            let turn = state.turn;
            if !self.is_away[person] {
                self.events.push(Reverse((now_ms + ms(incoming.handle_secs), Event::Done { contact, turn })));
            }
        }
        // One tick for the next widening is enough: each looks for the one after it.
        if let Some(at) = self.router.next_change().filter(|at| at.0 < self.widens_at) {
            self.widens_at = at.0;
            self.events.push(Reverse((at.0, Event::Widens)));
        }
    }

    fn done(&mut self, contact: usize, now_ms: i64) {
        let incoming = &self.day.incoming[contact];
        let id = work_id(contact, incoming.work);
        let Some(person) = self.router.holder(&id).map(|staff| self.by_staff[staff]) else { return };
        self.router.gone(&id);
        self.holding[person].retain(|held| *held != contact);
        let handle_secs = secs(now_ms - self.contacts[contact].started_ms);
        self.handled = (self.handled + 1.0).min(500.0);
        self.handle_secs += (handle_secs - self.handle_secs) / self.handled;
        let places = self.day.people[person].profile.capacity.of(incoming.work).max(1);
        self.tally.worked(handle_secs / f64::from(places));
    }

    fn report(self) -> Report {
        let staffed_secs: f64 = self.day.people.iter().flat_map(|p| &p.shifts).map(|s| secs(s.to_ms - s.from_ms)).sum();
        let left: BTreeMap<Arc<str>, u64> = self.contacts.iter().zip(&self.day.incoming).filter(|(c, _)| c.is_waiting).fold(
            BTreeMap::new(),
            |mut left, (_, incoming)| {
                *left.entry(Arc::clone(&incoming.stream)).or_default() += 1;
                left
            },
        );
        self.tally.report(staffed_secs, &left)
    }
}

fn secs(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn ms(secs: f64) -> i64 {
    (secs * 1000.0).round() as i64
}
