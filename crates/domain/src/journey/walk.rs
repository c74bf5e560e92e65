//! One customer's way as a fold of what the app reported, and the moments at which time alone says something: a stay too
//! long, a way left, a promise not kept.

use crate::journey::baseline::Baselines;
use crate::journey::map::{JourneyMap, Routes, StepNo};
use crate::journey::names::NONE;
use crate::journey::record::Record;
use crate::journey::stream::Received;
use crate::journey::{Act, BreakKind, Consent, Platform};
use serde::{Deserialize, Serialize};

/// Errors at one visit of a step that mean that it does not work: one is a slip, two are bad luck.
const ERRORS: u8 = 3;
/// Visits of the same step within the trail that mean going round in circles.
const ROUNDS: usize = 3;
/// Steps that are remembered.
const TRAIL: usize = 8;
/// Out of sight for so long at a costly step: left.
const LEFT_MS: i64 = 10 * 60_000;
/// Ways of being stuck that are remembered.
const STUCK: usize = 4;
/// Promises awaited at once.
const AWAITED: usize = 4;

/// What happened, in numbers; see [`BreakPoint`](crate::journey::BreakPoint) for the shape that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    pub visitor: u32,
    pub step: StepNo,
    pub kind: BreakKind,
    pub since: i64,
    pub at: i64,
    pub code: u32,
    pub platform: Platform,
    pub version: u32,
}

/// What the fold noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Reached {
        visitor: u32,
        step: StepNo,
        at: i64,
    },
    /// Went on from `step` after `ms` in sight.
    Passed {
        visitor: u32,
        step: StepNo,
        ms: u32,
        platform: Platform,
        version: u32,
    },
    Broke(Break),
    /// The end of journey number `journey` was reached.
    Done {
        visitor: u32,
        journey: usize,
        at: i64,
    },
}

/// What the fold goes by.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub map: &'a JourneyMap,
    pub routes: &'a Routes,
    pub baselines: &'a Baselines,
}

/// A visit of a step that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub step: StepNo,
    pub since: i64,
    /// In sight so far, the stretch that goes on not included.
    seen_ms: u32,
    in_sight_since: Option<i64>,
    errors: u8,
    code: u32,
    /// Bit i: `BreakKind::ALL[i]` has been noticed at this visit.
    told: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Awaited {
    outcome: u32,
    step: StepNo,
    since: i64,
    due: i64,
}

/// A costly step that the customer went away from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Away {
    step: StepNo,
    since: i64,
    from: i64,
}

/// One customer's way. About 300 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    pub platform: Platform,
    pub version: u32,
    pub consent: Consent,
    stay: Option<Stay>,
    away: Option<Away>,
    awaited: Vec<Awaited>,
    /// The last steps, the latest last.
    trail: Vec<StepNo>,
    looping: bool,
    /// How the customer was stuck, the latest first.
    stuck: Vec<(StepNo, BreakKind)>,
    /// The latest error.
    code: u32,
    /// Time of the latest record.
    heard: i64,
    pub(super) streams: Vec<Received>,
    /// When its timer is set to ring.
    pub(super) rings_at: Option<i64>,
}

impl Walk {
    pub fn new(platform: Platform, version: u32, consent: Consent) -> Self {
        Self {
            platform,
            version,
            consent,
            stay: None,
            away: None,
            awaited: Vec::new(),
            trail: Vec::new(),
            looping: false,
            stuck: Vec::new(),
            code: NONE,
            heard: 0,
            streams: Vec::new(),
            rings_at: None,
        }
    }

    pub fn stay(&self) -> Option<&Stay> {
        self.stay.as_ref()
    }

    pub fn stuck(&self) -> &[(StepNo, BreakKind)] {
        &self.stuck
    }

    pub fn trail(&self) -> &[StepNo] {
        &self.trail
    }

    /// Number of the latest error's name.
    pub fn code(&self) -> u32 {
        self.code
    }

    pub fn heard(&self) -> i64 {
        self.heard
    }

    /// Takes in one record. One that is older than what is known changes no place: it came late.
    pub fn take(&mut self, visitor: u32, ground: Ground<'_>, record: &Record, signs: &mut Vec<Sign>) {
        let is_late = record.at < self.heard;
        self.heard = self.heard.max(record.at);
        match record.act {
            Act::Page | Act::Step if !is_late => {
                let current = self.stay.as_ref().map(|s| s.step);
                match ground.routes.reached(ground.map, record, current) {
                    Some(step) => self.reach(visitor, ground, step, record.at, signs),
                    None if record.act == Act::Step => {}
                    None => self.lose_sight(ground, record.at),
                }
            }
            Act::Hidden if !is_late => self.lose_sight(ground, record.at),
            Act::Leave if !is_late && self.is_here(ground, record.page) => self.lose_sight(ground, record.at),
            Act::Visible if !is_late && self.is_here(ground, record.page) => self.come_back(record.at),
            Act::FieldError | Act::ApiError => {
                self.code = record.code;
                if self.is_here(ground, record.page)
                    && let Some(stay) = &mut self.stay
                {
                    stay.errors = stay.errors.saturating_add(1);
                    stay.code = record.code;
                    if stay.errors >= ERRORS {
                        self.tell(visitor, BreakKind::Errors, record.at, signs);
                    }
                }
            }
            Act::RageClick => {
                if self.is_here(ground, record.page) {
                    self.tell(visitor, BreakKind::Rage, record.at, signs);
                }
            }
            Act::Outcome => self.come_to_pass(visitor, ground, record, signs),
            Act::Back | Act::Page | Act::Step | Act::Hidden | Act::Leave | Act::Visible | Act::Click => {}
        }
    }

    /// When time alone could next say something.
    pub fn due(&self, ground: Ground<'_>) -> Option<i64> {
        let dwell = self.stay.as_ref().and_then(|stay| {
            let since = stay.in_sight_since.filter(|_| !stay.has_told(BreakKind::Dwell))?;
            Some(since + i64::from(self.threshold(ground, stay.step).saturating_sub(stay.seen_ms)))
        });
        let left = self.away.as_ref().map(|away| away.from + LEFT_MS);
        let silence = self.awaited.iter().map(|a| a.due).min();
        [dwell, left, silence].into_iter().flatten().min()
    }

    /// Says what time alone says at `now`.
    pub fn ring(&mut self, visitor: u32, ground: Ground<'_>, now: i64, signs: &mut Vec<Sign>) {
        while let Some(place) = self.awaited.iter().position(|a| a.due <= now) {
            let awaited = self.awaited.remove(place);
            self.broke(visitor, awaited.step, BreakKind::Silence, awaited.since, awaited.due, NONE, signs);
        }
        if let Some(away) = self.away.take_if(|away| away.from + LEFT_MS <= now) {
            self.broke(visitor, away.step, BreakKind::Left, away.since, away.from + LEFT_MS, self.code, signs);
        }
        if let Some(stay) = &self.stay
            && let Some(since) = stay.in_sight_since
        {
            let due = since + i64::from(self.threshold(ground, stay.step).saturating_sub(stay.seen_ms));
            if due <= now {
                self.tell(visitor, BreakKind::Dwell, due, signs);
            }
        }
    }

    fn threshold(&self, ground: Ground<'_>, step: StepNo) -> u32 {
        let floor_secs = ground.map.place(step).map_or(0, |p| p.step.floor_secs);
        ground.baselines.threshold(step, self.platform, self.version, floor_secs).0
    }

    fn is_here(&self, ground: Ground<'_>, page: u32) -> bool {
        self.stay.as_ref().is_some_and(|stay| ground.routes.is_page_of(page, stay.step))
    }

    fn reach(&mut self, visitor: u32, ground: Ground<'_>, step: StepNo, at: i64, signs: &mut Vec<Sign>) {
        if self.stay.as_ref().is_some_and(|stay| stay.step == step) {
            self.come_back(at);
            return;
        }
        let Some(place) = ground.map.place(step) else { return };
        let same_journey = |other: StepNo| ground.map.place(other).is_some_and(|p| p.journey == place.journey);
        self.lose_sight(ground, at);
        if let Some(stay) = self.stay.take()
            && ground.map.place(stay.step).is_some_and(|before| before.ahead.contains(&step))
        {
            self.passed(visitor, &stay, signs);
        }
        self.away.take_if(|away| same_journey(away.step));
        signs.push(Sign::Reached { visitor, step, at });
        if !self.trail.contains(&step) {
            self.looping = false;
        }
        if self.trail.len() == TRAIL {
            self.trail.remove(0);
        }
        self.trail.push(step);
        if place.is_end {
            self.end(visitor, place.journey, at, ground, signs);
            return;
        }
        self.stay = Some(Stay { step, since: at, seen_ms: 0, in_sight_since: Some(at), errors: 0, code: NONE, told: 0 });
        if !self.looping && self.trail.iter().filter(|s| **s == step).count() >= ROUNDS {
            self.looping = true;
            self.tell(visitor, BreakKind::Loop, at, signs);
        }
        let promised = ground.routes.promised(step);
        if let Some(promise) = place.step.promise.as_ref().filter(|_| promised != NONE)
            && self.awaited.len() < AWAITED
            && self.awaited.iter().all(|a| a.outcome != promised)
        {
            let due = at + i64::from(promise.within_secs) * 1000;
            self.awaited.push(Awaited { outcome: promised, step, since: at, due });
        }
    }

    fn come_to_pass(&mut self, visitor: u32, ground: Ground<'_>, record: &Record, signs: &mut Vec<Sign>) {
        self.awaited.retain(|a| a.outcome != record.code);
        let journey_of = |step: StepNo| ground.map.place(step).map(|p| p.journey);
        for journey in ground.routes.ended_by(record.code) {
            // An outcome of a journey that nobody walked (money from another app) is no end of one.
            if !self.trail.iter().any(|step| journey_of(*step) == Some(journey)) {
                continue;
            }
            self.lose_sight(ground, record.at);
            if let Some(stay) = self.stay.take_if(|stay| journey_of(stay.step) == Some(journey)) {
                self.passed(visitor, &stay, signs);
            }
            self.end(visitor, journey, record.at, ground, signs);
        }
    }

    fn end(&mut self, visitor: u32, journey: usize, at: i64, ground: Ground<'_>, signs: &mut Vec<Sign>) {
        let of_it = |step: StepNo| ground.map.place(step).is_some_and(|p| p.journey == journey);
        self.trail.retain(|step| !of_it(*step));
        self.away.take_if(|away| of_it(away.step));
        self.stuck.retain(|(step, _)| !of_it(*step));
        self.looping = false;
        signs.push(Sign::Done { visitor, journey, at });
    }

    fn passed(&self, visitor: u32, stay: &Stay, signs: &mut Vec<Sign>) {
        let Stay { step, seen_ms: ms, .. } = *stay;
        signs.push(Sign::Passed { visitor, step, ms, platform: self.platform, version: self.version });
    }

    fn lose_sight(&mut self, ground: Ground<'_>, at: i64) {
        let Some(stay) = &mut self.stay else { return };
        let Some(since) = stay.in_sight_since.take() else { return };
        stay.seen_ms = stay.seen_ms.saturating_add(u32::try_from((at - since).max(0)).unwrap_or(u32::MAX));
        let costly = ground.map.place(stay.step).is_some_and(|p| p.step.costly);
        if costly && !stay.has_told(BreakKind::Left) && self.away.is_none() {
            self.away = Some(Away { step: stay.step, since: stay.since, from: at });
        }
    }

    fn come_back(&mut self, at: i64) {
        let Some(stay) = &mut self.stay else { return };
        stay.in_sight_since.get_or_insert(at);
        let step = stay.step;
        self.away.take_if(|away| away.step == step);
    }

    /// Notices a way of being stuck at the visit that goes on, once.
    fn tell(&mut self, visitor: u32, kind: BreakKind, at: i64, signs: &mut Vec<Sign>) {
        let Some(stay) = &mut self.stay else { return };
        if stay.has_told(kind) {
            return;
        }
        stay.told |= 1 << kind as u8;
        let Stay { step, since, code, .. } = *stay;
        self.broke(visitor, step, kind, since, at, code, signs);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a break point")]
    fn broke(&mut self, visitor: u32, step: StepNo, kind: BreakKind, since: i64, at: i64, code: u32, signs: &mut Vec<Sign>) {
        self.stuck.retain(|known| *known != (step, kind));
        self.stuck.truncate(STUCK - 1);
        self.stuck.insert(0, (step, kind));
        let (platform, version) = (self.platform, self.version);
        signs.push(Sign::Broke(Break { visitor, step, kind, since, at, code, platform, version }));
    }

    /// Takes over numbers of another map; steps that are gone are forgotten.
    pub(super) fn renumber(&mut self, of: impl Fn(StepNo) -> Option<StepNo>) {
        fn keep<T>(slot: &mut Option<T>, step: impl Fn(&mut T) -> &mut StepNo, of: &impl Fn(StepNo) -> Option<StepNo>) {
            if let Some(value) = slot {
                match of(*step(value)) {
                    Some(new) => *step(value) = new,
                    None => *slot = None,
                }
            }
        }
        keep(&mut self.stay, |stay| &mut stay.step, &of);
        keep(&mut self.away, |away| &mut away.step, &of);
        self.awaited = self.awaited.drain(..).filter_map(|a| Some(Awaited { step: of(a.step)?, ..a })).collect();
        self.trail = self.trail.iter().filter_map(|step| of(*step)).collect();
        self.stuck = self.stuck.iter().filter_map(|(step, kind)| Some((of(*step)?, *kind))).collect();
    }
}

impl Stay {
    fn has_told(&self, kind: BreakKind) -> bool {
        self.told & (1 << kind as u8) != 0
    }

    /// Ways of being stuck at this visit.
    pub fn told(&self) -> impl Iterator<Item = BreakKind> + '_ {
        BreakKind::ALL.into_iter().filter(|kind| self.has_told(*kind))
    }

    /// In sight until `now`, in ms.
    pub fn in_sight_ms(&self, now: i64) -> u32 {
        let going_on = self.in_sight_since.map_or(0, |since| (now - since).max(0));
        self.seen_ms.saturating_add(u32::try_from(going_on).unwrap_or(u32::MAX))
    }

    pub fn is_in_sight(&self) -> bool {
        self.in_sight_since.is_some()
    }
}
