//! A call centre's log against its replay: learnt from the first half of the days, compared on the second.

use crate::commands::progress;
use anyhow::{Context, bail};
use jieti_domain::id::{SkillId, StaffId};
use jieti_domain::routing::{Level, Profile};
use jieti_simulation::{Call, CallEnd, Day, Habits, Person, Roster, fit, read_calls, read_shifts, run as play};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

pub struct Replay<'a> {
    pub calls: &'a Path,
    pub shifts: Option<&'a Path>,
    pub per_shift: u32,
    pub seed: u64,
    pub json: bool,
}

/// Habits that are tried; those that fit the first half best are used on the second.
const IDLE_SECS: [i64; 6] = [60, 120, 180, 300, 600, 900];
const WRAP_UP_SECS: [i64; 9] = [0, 5, 10, 15, 20, 25, 30, 40, 50];

/// Sums over days.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Outcome {
    calls: u64,
    /// Over everybody who reached the queue, those served at once included.
    mean_wait_secs: f64,
    /// Over those who had to wait.
    mean_wait_of_waiting_secs: f64,
    abandoned: u64,
    #[serde(skip)]
    waited_secs: f64,
    #[serde(skip)]
    waiting: u64,
}

#[derive(Serialize)]
struct Comparison {
    learnt: Learnt,
    days: usize,
    actual: Outcome,
    simulated: Outcome,
}

#[derive(Serialize)]
struct Learnt {
    days: usize,
    /// `None` where people come from a table of shifts.
    idle_secs: Option<i64>,
    wrap_up_secs: i64,
    actual: Outcome,
    simulated: Outcome,
}

pub fn run(replay: &Replay<'_>) -> anyhow::Result<()> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()));
    let text = String::from_utf8_lossy(&read(replay.calls)?).into_owned();
    let calls = read_calls(&text).with_context(|| replay.calls.display().to_string())?;
    let roster = replay.shifts.map(|path| {
        let text = String::from_utf8_lossy(&read(path)?).into_owned();
        read_shifts(&text).with_context(|| path.display().to_string())
    });
    let roster = roster.transpose()?;
    let dates: BTreeSet<&str> = calls.iter().map(|call| call.date.as_str()).collect();
    if dates.len() < 2 {
        bail!("{}: has {} days; a replay learns from half of them and needs two", replay.calls.display(), dates.len());
    }
    let middle = *dates.iter().nth(dates.len() / 2).expect("two days or more have a middle");
    let (first, second): (Vec<Call>, Vec<Call>) = calls.iter().cloned().partition(|call| call.date.as_str() < middle);
    let idle = if roster.is_some() { &IDLE_SECS[..1] } else { &IDLE_SECS[..] };
    let habits = |idle_secs: &i64| WRAP_UP_SECS.map(|wrap_up_secs| Habits { idle_secs: *idle_secs, wrap_up_secs });
    let candidates: Vec<Habits> = idle.iter().flat_map(habits).collect();
    let bar = progress((candidates.len() + 1) as u64, "replays");
    let simulate = |calls: &[Call], habits: Habits| {
        let days = fit(calls, &first, habits, replay.seed).into_iter().map(|(_, day)| match &roster {
            Some(roster) => Day { people: people_of(roster, replay.per_shift), ..day },
            None => day,
        });
        let outcome = simulated(days);
        bar.inc(1);
        outcome
    };
    let happened = actual(&first);
    let fits = candidates.into_iter().map(|habits| (habits, simulate(&first, habits)));
    // Both in shares of what happened: a second of waiting and a call given up do not weigh the same.
    let distance = |outcome: &Outcome| {
        (outcome.mean_wait_secs / happened.mean_wait_secs - 1.0).abs()
            + (outcome.abandoned as f64 / (happened.abandoned as f64).max(1.0) - 1.0).abs()
    };
    let best = fits.min_by(|a, b| distance(&a.1).total_cmp(&distance(&b.1)));
    let (habits, fitted) = best.expect("there is at least one candidate");
    let comparison = Comparison {
        learnt: Learnt {
            days: dates.iter().filter(|date| **date < middle).count(),
            idle_secs: roster.is_none().then_some(habits.idle_secs),
            wrap_up_secs: habits.wrap_up_secs,
            actual: happened,
            simulated: fitted,
        },
        days: dates.iter().filter(|date| **date >= middle).count(),
        actual: actual(&second),
        simulated: simulate(&second, habits),
    };
    bar.finish_and_clear();
    if replay.json {
        println!("{}", serde_json::to_string(&comparison)?);
    } else {
        print(&comparison);
    }
    Ok(())
}

fn print(comparison: &Comparison) {
    let Comparison { learnt, days, actual, simulated } = comparison;
    println!("fits the first {} days best: {} s of work after each call", learnt.days, learnt.wrap_up_secs);
    if let Some(idle_secs) = learnt.idle_secs {
        println!("and on duty while no more than {idle_secs} s lie between two calls");
    }
    println!();
    println!("{:<26} {:>8} {:>12} {:>22} {:>9}", "", "calls", "mean wait s", "mean of waiting s", "gave up");
    let line = |name: String, outcome: &Outcome| {
        println!(
            "{name:<26} {:>8} {:>12.1} {:>22.1} {:>9}",
            outcome.calls, outcome.mean_wait_secs, outcome.mean_wait_of_waiting_secs, outcome.abandoned
        );
    };
    line(format!("{} days learnt, real", learnt.days), &learnt.actual);
    line(format!("{} days learnt, simulated", learnt.days), &learnt.simulated);
    line(format!("{days} other days, real"), actual);
    line(format!("{days} other days, simulated"), simulated);
}

impl Outcome {
    fn finish(self) -> Outcome {
        Outcome {
            mean_wait_secs: self.waited_secs / (self.calls as f64).max(1.0),
            mean_wait_of_waiting_secs: self.waited_secs / (self.waiting as f64).max(1.0),
            ..self
        }
    }
}

fn actual(calls: &[Call]) -> Outcome {
    let sum = calls.iter().fold(Outcome::default(), |sum, call| Outcome {
        calls: sum.calls + 1,
        waited_secs: sum.waited_secs + call.wait_secs as f64,
        waiting: sum.waiting + u64::from(call.wait_secs > 0),
        abandoned: sum.abandoned + u64::from(call.end == CallEnd::HungUp),
        ..sum
    });
    sum.finish()
}

fn simulated(days: impl Iterator<Item = Day>) -> Outcome {
    let sum = days.map(|day| play(&day, |_| {}).all).fold(Outcome::default(), |sum, waits| {
        let ended = waits.served + waits.abandoned;
        Outcome {
            calls: sum.calls + waits.offered,
            waited_secs: sum.waited_secs + waits.mean_wait_secs * ended as f64,
            waiting: sum.waiting + (waits.waiting_share * waits.offered as f64).round() as u64,
            abandoned: sum.abandoned + waits.abandoned,
            ..sum
        }
    });
    sum.finish()
}

/// Everybody takes every kind: the table says nothing of skills.
fn people_of(roster: &Roster, per_shift: u32) -> Vec<Person> {
    let skills = ["IN", "NE", "PE"].map(|kind| (SkillId::from(kind), Level::HIGHEST)).into();
    let profile = Profile { skills, ..Profile::default() };
    let people = roster.0.iter().enumerate().flat_map(|(number, shifts)| {
        let profile = profile.clone();
        (0..per_shift).map(move |n| Person {
            staff: StaffId(format!("shift{}-{n}", number + 1)),
            profile: profile.clone(),
            shifts: shifts.clone(),
        })
    });
    people.collect()
}
