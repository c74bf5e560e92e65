//! The ticket rules of a lender, as data: `service/tickets.yaml`. Owns their shape and checks.

use super::clock::{ClockKind, PauseReason};
use super::event::{Accused, Escalated, Priority, Targets};
use crate::calendar::Calendar;
use crate::id::NeedId;
use crate::understanding::{Localized, Signal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const HOUR_MS: i64 = 3_600_000;

/// The default has no categories: tickets are opened without clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketRules {
    /// Business calendar of the clocks, unless the category names another.
    pub calendar: String,
    /// The first that fits is taken; the last fits everything.
    pub categories: Vec<Category>,
    pub departments: Vec<Department>,
    /// Which clocks stand still while somebody is awaited.
    pub pauses: BTreeMap<PauseReason, Vec<ClockKind>>,
    pub escalation: Vec<EscalationStep>,
    /// Calendar days after the answer within which a ticket may be opened again.
    pub reopen_days: i64,
    /// Needs that are complaints about somebody in particular.
    #[serde(default)]
    pub conflicts: Vec<ConflictRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub title: Localized,
    /// The legal limit of complaints runs.
    #[serde(default)]
    pub complaint: bool,
    #[serde(default)]
    pub calendar: Option<String>,
    /// Instead of the need's owner.
    #[serde(default)]
    pub department: Option<String>,
    pub priority: Priority,
    /// Needs, or stages (`complaints`), that belong here.
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub signals: Vec<Signal>,
    pub targets: BTreeMap<Priority, Target>,
}

/// Working hours of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub first_answer_hours: i64,
    pub resolution_hours: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: String,
    pub title: Localized,
    /// Handles complaints about this one.
    pub alternate: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationStep {
    /// Share of the clock's time that is gone.
    pub at_percent: u8,
    pub to: Escalated,
}

/// A need that is a complaint about a department, or, without one, about the people who spoke in the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictRule {
    pub need: NeedId,
    #[serde(default)]
    pub department: Option<String>,
}

impl TicketRules {
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|c| c.id == id)
    }

    /// The category of a need and of what was heard.
    pub fn category_of(&self, need: Option<&NeedId>, signals: &BTreeSet<Signal>) -> Option<&Category> {
        let fits = |category: &&Category| {
            let by_need = need.is_some_and(|need| {
                let stage = need.as_str().split('.').next().unwrap_or_default();
                category.needs.iter().any(|n| n == need.as_str() || n == stage)
            });
            by_need || category.signals.iter().any(|s| signals.contains(s))
        };
        self.categories.iter().find(fits).or(self.categories.last())
    }

    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments.iter().find(|d| d.id == id)
    }

    /// `department`, or the nearest alternate that nobody complains about.
    pub fn without_conflict(&self, department: &str, about: &[Accused]) -> String {
        let accused = |id: &str| about.iter().any(|p| matches!(p, Accused::Department { department } if department == id));
        let mut id = department.to_owned();
        // A ring of alternates ends where every department has been asked.
        for _ in 0..self.departments.len() {
            if !accused(&id) {
                break;
            }
            match self.department(&id) {
                Some(next) => id.clone_from(&next.alternate),
                None => break,
            }
        }
        id
    }

    /// The time that a category allows at a priority.
    pub fn targets(&self, category: &str, priority: Priority) -> Option<Targets> {
        let category = self.category(category)?;
        let target = category.targets.get(&priority)?;
        Some(Targets {
            calendar: category.calendar.clone().unwrap_or_else(|| self.calendar.clone()),
            first_answer_ms: target.first_answer_hours.saturating_mul(HOUR_MS),
            resolution_ms: target.resolution_hours.saturating_mul(HOUR_MS),
        })
    }

    /// Whether a clock stands still for this reason.
    pub fn pauses(&self, why: PauseReason, clock: ClockKind) -> bool {
        self.pauses.get(&why).is_some_and(|clocks| clocks.contains(&clock))
    }

    /// What is wrong with the rules, one line each.
    pub fn problems(&self, calendars: &[Calendar]) -> Vec<String> {
        let mut problems = Vec::new();
        if *self == Self::default() {
            return problems;
        }
        let named = self.categories.iter().filter_map(|c| c.calendar.as_ref());
        for calendar in named.chain([&self.calendar]) {
            if calendars.iter().all(|c| c.id() != calendar) {
                problems.push(format!("tickets: calendar {calendar:?} is not in calendars.yaml; add it or correct the name"));
            }
        }
        if self.categories.is_empty() {
            problems.push("tickets: there is no category; add at least one, the last fits everything".to_owned());
        }
        for (place, category) in self.categories.iter().enumerate() {
            let id = &category.id;
            if self.categories[..place].iter().any(|c| c.id == *id) {
                problems.push(format!("tickets: category {id:?} is written twice; rename one"));
            }
            for priority in [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent] {
                match category.targets.get(&priority) {
                    None => problems.push(format!("tickets: category {id:?} has no time for priority {priority:?}; add it under targets:")),
                    Some(t) if t.first_answer_hours < 1 || t.resolution_hours < t.first_answer_hours => problems.push(format!(
                        "tickets: category {id:?}, priority {priority:?}: first answer in {} h, resolution in {} h; the first must be at least 1 and not the later",
                        t.first_answer_hours, t.resolution_hours
                    )),
                    Some(_) => {}
                }
            }
        }
        let departments = self.categories.iter().filter_map(|c| c.department.as_ref());
        let accused = self.conflicts.iter().filter_map(|c| c.department.as_ref());
        let alternates = self.departments.iter().map(|d| &d.alternate);
        for department in departments.chain(accused).chain(alternates) {
            if self.department(department).is_none() {
                problems.push(format!("tickets: department {department:?} is not listed; add it under departments:"));
            }
        }
        for department in self.departments.iter().filter(|d| d.alternate == d.id) {
            problems
                .push(format!("tickets: department {:?} handles complaints about itself; name another alternate", department.id));
        }
        if self.pauses.values().flatten().any(|clock| *clock == ClockKind::Complaint) {
            problems.push("tickets: the complaint clock is the law's and never pauses; take it out of pauses:".to_owned());
        }
        for step in self.escalation.iter().filter(|s| !(1..=100).contains(&s.at_percent)) {
            problems.push(format!("tickets: escalation at {} %; choose 1 to 100", step.at_percent));
        }
        problems
    }
}
