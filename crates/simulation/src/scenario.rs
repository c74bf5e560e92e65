//! A day as data: who comes, who works, how long things take. Owns the file of `jieti simulate`; plays nothing.

use crate::day::{Day, Incoming, Person, Shift};
use crate::random::Random;
use crate::times::Times;
use jieti_domain::id::{SkillId, StaffId};
use jieti_domain::routing::{Level, Profile, RoutingRules, Strictness, Wanted, Work};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use thiserror::Error;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    #[serde(default)]
    pub seed: u64,
    /// Routing rules of the day; the pack's where the file names none.
    #[serde(default)]
    pub routing: Option<RoutingRules>,
    pub arrivals: Vec<Arrivals>,
    pub teams: Vec<Team>,
    #[serde(default)]
    pub absences: Option<Absences>,
}

/// One stream of contacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    pub name: String,
    #[serde(default = "chat")]
    pub work: Work,
    /// Contacts a day.
    pub contacts: f64,
    /// How they spread over the half-hours from midnight on, as weights; an even day where it is left out. A shorter list
    /// repeats: two weights alternate.
    #[serde(default)]
    pub half_hours: Vec<f64>,
    #[serde(default)]
    pub wanted: Vec<WantedText>,
    #[serde(default)]
    pub credit_secs: i64,
    pub handling: Times,
    pub patience: Times,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedText {
    pub skill: SkillId,
    #[serde(default = "lowest")]
    pub level: Level,
    #[serde(default)]
    pub strictness: Strictness,
}

/// People with the same profile and shifts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub name: String,
    pub people: u32,
    #[serde(default)]
    pub profile: Profile,
    /// Hours of the day, such as `[[8, 12], [13, 17.5]]`.
    pub shifts: Vec<(f64, f64)>,
}

/// People who vanish in the middle of their work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absences {
    /// Hours on shift from one to the next, in the mean.
    pub every_hours: f64,
    /// Seconds until they are back after their lease has ended.
    pub away_secs: i64,
}

/// Everything wrong with a scenario, one line each.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{}", problems.join("\n"))]
pub struct ScenarioError {
    pub problems: Vec<String>,
}

const DAY_SECS: f64 = 86_400.0;
const HALF_HOURS: usize = 48;

fn chat() -> Work {
    Work::Chat
}

fn lowest() -> Level {
    Level::LOWEST
}

impl Scenario {
    /// Draws the day. `rules` are used where the scenario has none of its own.
    ///
    /// # Errors
    /// `ScenarioError` lists every problem.
    pub fn day(&self, rules: &RoutingRules) -> Result<Day, ScenarioError> {
        let rules = self.routing.as_ref().unwrap_or(rules).clone();
        let mut problems: Vec<String> = rules.problems().into_iter().map(|p| format!("routing: {p}")).collect();
        self.arrivals.iter().for_each(|stream| problems.extend(stream.problems()));
        self.teams.iter().for_each(|team| problems.extend(team.problems()));
        if self.absences.is_some_and(|a| a.every_hours <= 0.0 || !a.every_hours.is_finite() || a.away_secs < 0) {
            problems.push("absences: every_hours must be above 0 and away_secs not below it; correct them".to_owned());
        }
        if !problems.is_empty() {
            return Err(ScenarioError { problems });
        }
        let mut random = Random::new(self.seed);
        let mut incoming: Vec<Incoming> = self.arrivals.iter().flat_map(|stream| stream.draw(&mut random.split())).collect();
        incoming.sort_by_key(|contact| contact.at_ms);
        let people: Vec<Person> = self.teams.iter().flat_map(Team::people).collect();
        let vanishing = self.absences.map(|absences| absences.draw(&people, &mut random.split())).unwrap_or_default();
        Ok(Day { rules, people, incoming, vanishing, away_secs: self.absences.map_or(0, |a| a.away_secs) })
    }
}

impl Arrivals {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut add = |what: &str| problems.push(format!("arrivals {:?}: {what}", self.name));
        if !self.contacts.is_finite() || self.contacts < 0.0 {
            add("contacts is below 0; give a number of contacts a day");
        }
        if self.half_hours.iter().any(|w| !w.is_finite() || *w < 0.0) || (!self.half_hours.is_empty() && self.weight() <= 0.0) {
            add("half_hours needs weights not below 0, and one above it");
        }
        self.handling.problem().into_iter().for_each(|what| add(&format!("handling: {what}")));
        self.patience.problem().into_iter().for_each(|what| add(&format!("patience: {what}")));
        if self.handling == Times::Never {
            add("handling: a contact that never ends takes its agent for ever; give a time");
        }
        problems
    }

    fn weight_of(&self, half_hour: usize) -> f64 {
        if self.half_hours.is_empty() { 1.0 } else { self.half_hours[half_hour % self.half_hours.len()] }
    }

    fn weight(&self) -> f64 {
        (0..HALF_HOURS).map(|half_hour| self.weight_of(half_hour)).sum()
    }

    /// A Poisson process whose rate is constant within each half-hour.
    fn draw(&self, random: &mut Random) -> Vec<Incoming> {
        let wanted = |want: &WantedText| Wanted { skill: want.skill.clone(), level: want.level, strictness: want.strictness };
        let mut wanted: Vec<Wanted> = self.wanted.iter().map(wanted).collect();
        wanted.sort();
        let (wanted, stream): (Arc<[Wanted]>, Arc<str>) = (wanted.into(), self.name.as_str().into());
        let slot_secs = DAY_SECS / HALF_HOURS as f64;
        let mut incoming = Vec::new();
        for half_hour in 0..HALF_HOURS {
            let per_sec = self.contacts * self.weight_of(half_hour) / self.weight() / slot_secs;
            let (mut at_secs, end_secs) = (slot_secs * half_hour as f64, slot_secs * (half_hour + 1) as f64);
            while per_sec > 0.0 {
                at_secs += random.exponential(1.0 / per_sec);
                if at_secs >= end_secs {
                    break;
                }
                incoming.push(Incoming {
                    at_ms: (at_secs * 1000.0) as i64,
                    stream: Arc::clone(&stream),
                    work: self.work,
                    wanted: Arc::clone(&wanted),
                    credit_secs: self.credit_secs,
                    handle_secs: self.handling.draw(random).unwrap_or(0.0),
                    patience_secs: self.patience.draw(random),
                });
            }
        }
        incoming
    }
}

impl Team {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut add = |what: &str| problems.push(format!("team {:?}: {what}", self.name));
        if self.shifts.iter().any(|(from, to)| !(0.0..=48.0).contains(from) || !(0.0..=48.0).contains(to) || from >= to) {
            add("a shift does not end after its start, within 48 hours; correct it");
        }
        if self.shifts.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            add("shifts overlap or are out of order; put them in order");
        }
        self.profile.check().err().into_iter().for_each(|error| add(&error.to_string()));
        problems
    }

    fn people(&self) -> Vec<Person> {
        let hours = |hours: f64| (hours * 3_600_000.0) as i64;
        let shifts: Vec<Shift> =
            self.shifts.iter().map(|(from, to)| Shift { from_ms: hours(*from), to_ms: hours(*to) }).collect();
        (1..=self.people)
            .map(|n| Person {
                staff: StaffId(format!("{}-{n}", self.name)),
                profile: self.profile.clone(),
                shifts: shifts.clone(),
            })
            .collect()
    }
}

impl Absences {
    fn draw(&self, people: &[Person], random: &mut Random) -> Vec<(usize, i64)> {
        let mut vanishing = Vec::new();
        for (index, person) in people.iter().enumerate() {
            for shift in &person.shifts {
                let mut at_ms = shift.from_ms;
                loop {
                    at_ms += (random.exponential(self.every_hours) * 3_600_000.0) as i64 + 1;
                    if at_ms >= shift.to_ms {
                        break;
                    }
                    vanishing.push((index, at_ms));
                }
            }
        }
        vanishing
    }
}
