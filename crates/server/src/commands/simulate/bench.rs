//! Assignments a second: people finish, customers come, and each place that falls free goes to the right one of fifty
//! thousand.

use crate::commands::progress;
use jieti_domain::id::StaffId;
use jieti_domain::routing::{Capacity, Level, Profile, Router, RoutingRules, Target, WantRule, Wanted, Work, WorkId, WorkItem};
use jieti_domain::time::Timestamp;
use jieti_simulation::Random;
use std::sync::Arc;
use std::time::Instant;

const AGENTS: usize = 2000;
const WAITING: usize = 50_000;
const ASSIGNMENTS: usize = 400_000;
/// Milliseconds of virtual time between two ends of work: two thousand people with four chats of seven minutes.
const STEP_MS: i64 = 52;

struct Hall<'a> {
    rules: &'a RoutingRules,
    router: Router,
    random: Random,
    held: Vec<WorkId>,
    came: usize,
    now: Timestamp,
}

pub fn run(rules: &RoutingRules, json: bool) -> anyhow::Result<()> {
    let mut hall = Hall {
        rules,
        router: Router::new(Arc::new(rules.clone())),
        random: Random::new(1),
        held: Vec::new(),
        came: 0,
        now: Timestamp(0),
    };
    for agent in 0..AGENTS {
        let profile = hall.profile();
        hall.router.on_duty(&StaffId(format!("s{agent:04}")), profile);
    }
    while hall.router.waiting() < WAITING {
        hall.comes();
        hall.assign();
    }
    let bar = progress(ASSIGNMENTS as u64, "assignments");
    let started = Instant::now();
    let mut assignments = 0;
    while assignments < ASSIGNMENTS {
        hall.now = Timestamp(hall.now.0 + STEP_MS);
        let done = hall.random.below(hall.held.len());
        let done = hall.held.swap_remove(done);
        hall.router.gone(&done);
        let given = hall.assign();
        (0..given).for_each(|_| hall.comes());
        assignments += given;
        if assignments % 16_384 == 0 {
            bar.set_position(assignments as u64);
        }
    }
    let secs = started.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let per_sec = (assignments as f64 / secs).round();
    let waiting = hall.router.waiting();
    if json {
        let report = serde_json::json!({
            "agents": AGENTS, "waiting": waiting, "assignments": assignments, "secs": secs, "assignments_per_sec": per_sec,
        });
        println!("{report}");
    } else {
        println!("{per_sec:.0} assignments/s on one core: {AGENTS} people, {waiting} waiting, {assignments} in {secs:.2} s");
    }
    Ok(())
}

impl Hall<'_> {
    /// Some of the pack's skills at random levels.
    fn profile(&mut self) -> Profile {
        let mut profile = Profile { capacity: Capacity::default(), ..Profile::default() };
        for skill in self.rules.skills.keys() {
            if self.random.fraction() < 0.5 {
                let level = Level::new(1 + self.random.below(5) as u8).unwrap_or(Level::LOWEST);
                profile.skills.insert(skill.clone(), level);
            }
        }
        profile
    }

    /// A customer with up to three wishes of the pack's.
    fn comes(&mut self) {
        self.came += 1;
        let mut wanted: Vec<Wanted> = Vec::new();
        for _ in 0..self.random.below(4) {
            let WantRule { skill, level, strictness, .. } = &self.rules.wanted[self.random.below(self.rules.wanted.len())];
            if wanted.iter().all(|want| want.skill != *skill) {
                wanted.push(Wanted { skill: skill.clone(), level: *level, strictness: *strictness });
            }
        }
        wanted.sort();
        let credit_secs = if self.random.fraction() < 0.1 { 900 } else { 0 };
        let item = WorkItem {
            id: WorkId { conversation: format!("c{:08}", self.came).as_str().into(), work: Work::Chat, guest: None },
            since: self.now,
            queued_at: self.now,
            credit_secs,
            wanted: wanted.into(),
            known: None,
            target: Target::Anybody,
        };
        self.router.wait(item, self.now);
    }

    fn assign(&mut self) -> usize {
        let given = self.router.assign(self.now);
        let count = given.len();
        self.held.extend(given.into_iter().map(|assignment| assignment.id));
        count
    }
}
