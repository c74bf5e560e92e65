//! The lender's rules of attribution, as data: `service/attribution.yaml`. Owns their shape and checks.

use super::trouble::{Label, Source, Trouble, Weight};
use crate::calendar::Calendar;
use crate::id::JourneyId;
use crate::journey::{BreakKind, Platform};
use crate::knowledge::{Cause, CauseKind};
use crate::money::Fen;
use crate::ticket::TicketRules;
use crate::understanding::{Localized, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The default knows no rule: every need has the cause of its knowledge entry, and costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseRules {
    pub costs: Costs,
    pub cases: CaseRules,
    /// Stages of needs that can come from a journey. A contact about anything else is not put down to the step it came from.
    pub relates: BTreeMap<JourneyId, Vec<String>>,
    /// English names of product areas.
    pub areas: BTreeMap<String, String>,
    /// The first that fits is taken; where none fits, the knowledge entry of the need decides.
    pub rules: Vec<CauseRule>,
}

/// What one of each costs the lender, in fen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CauseCosts))]
#[serde(deny_unknown_fields)]
pub struct Costs {
    pub contact_fen: i64,
    pub ticket_fen: i64,
    pub complaint_fen: i64,
    pub break_point_fen: i64,
}

/// What a case begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRules {
    /// Business calendar of deadlines.
    pub calendar: String,
    /// Working days until the fix is due.
    pub deadline_days: i64,
    /// By how much the daily count is to fall.
    pub less_percent: u8,
    /// Whole days after the fix until it is measured.
    pub check_after_days: u32,
}

impl Default for CaseRules {
    fn default() -> Self {
        Self { calendar: String::new(), deadline_days: 10, less_percent: 30, check_after_days: 14 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseRule {
    pub id: String,
    pub when: When,
    pub then: Sought,
    /// Shown as the reason.
    pub why: Localized,
}

/// Every part that is named must fit; a list fits with one of its members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Needs, or stages (`repayment`).
    pub needs: Vec<String>,
    pub journey: Option<String>,
    pub steps: Vec<String>,
    pub kinds: Vec<BreakKind>,
    pub codes: Vec<String>,
    pub signals: Vec<Signal>,
    pub platforms: Vec<Platform>,
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    pub kind: CauseKind,
    pub area: String,
    pub owner: String,
}

impl Sought {
    pub fn label(&self) -> Label {
        Label { cause: Cause { kind: self.kind, area: self.area.clone() }, owner: self.owner.clone() }
    }
}

impl Costs {
    pub fn of(&self, weight: Weight) -> Fen {
        Fen(match weight {
            Weight::Contact => self.contact_fen,
            Weight::Ticket => self.ticket_fen,
            Weight::Complaint => self.complaint_fen,
            Weight::BreakPoint => self.break_point_fen,
        })
    }
}

impl When {
    pub fn fits(&self, trouble: &Trouble) -> bool {
        fn one_of<T>(list: &[T], fits: impl Fn(&T) -> bool) -> bool {
            list.is_empty() || list.iter().any(fits)
        }
        let need = |wanted: &String| {
            trouble.need.as_ref().is_some_and(|n| n.as_str() == wanted) || trouble.stage() == Some(wanted.as_str())
        };
        let is = |wanted: &String, found: Option<&str>| found == Some(wanted.as_str());
        one_of(&self.needs, need)
            && self.journey.as_ref().is_none_or(|j| is(j, trouble.journey.as_ref().map(|j| j.as_str())))
            && one_of(&self.steps, |s| is(s, trouble.step.as_ref().map(|s| s.as_str())))
            && one_of(&self.kinds, |k| trouble.kind == Some(*k))
            && one_of(&self.codes, |c| is(c, trouble.code.as_ref().map(|c| c.as_str())))
            && one_of(&self.signals, |s| trouble.signals.contains(s))
            && one_of(&self.platforms, |p| trouble.platform == Some(*p))
            && one_of(&self.sources, |s| trouble.source == *s)
    }
}

impl CauseRules {
    pub fn fit(&self, trouble: &Trouble) -> Option<&CauseRule> {
        self.rules.iter().find(|rule| rule.when.fits(trouble))
    }

    /// An area in both languages; one that has no English name keeps its own.
    pub fn area(&self, area: &str) -> Localized {
        Localized::new(area, self.areas.get(area).map_or(area, String::as_str))
    }

    /// What is wrong with the rules, one line each.
    pub fn problems(&self, calendars: &[Calendar], tickets: &TicketRules) -> Vec<String> {
        if *self == Self::default() {
            return Vec::new();
        }
        let mut problems = Vec::new();
        let mut say = |problem: String| problems.push(format!("attribution: {problem}"));
        let Costs { contact_fen, ticket_fen, complaint_fen, break_point_fen } = self.costs;
        for (name, fen) in [
            ("contact_fen", contact_fen),
            ("ticket_fen", ticket_fen),
            ("complaint_fen", complaint_fen),
            ("break_point_fen", break_point_fen),
        ] {
            if fen < 0 {
                say(format!("{name} is {fen}; write what one costs in fen, 0 or more"));
            }
        }
        let CaseRules { calendar, deadline_days, less_percent, check_after_days } = &self.cases;
        if calendars.iter().all(|c| c.id() != calendar) {
            say(format!("calendar {calendar:?} is not in calendars.yaml; add it or correct the name"));
        }
        if !(1..=250).contains(deadline_days) {
            say(format!("cases: deadline_days is {deadline_days}; choose 1 to 250 working days"));
        }
        if !(1..=100).contains(less_percent) {
            say(format!("cases: less_percent is {less_percent}; choose 1 to 100"));
        }
        if !(7..=90).contains(check_after_days) {
            say(format!(
                "cases: check_after_days is {check_after_days}; choose 7 to 90, fewer days cannot tell an effect from chance"
            ));
        }
        for (place, rule) in self.rules.iter().enumerate() {
            let id = &rule.id;
            if self.rules[..place].iter().any(|r| r.id == *id) {
                say(format!("rule {id:?} is written twice; rename one"));
            }
            if let Some(first) = self.rules[..place].iter().find(|r| r.when == rule.when) {
                say(format!("rule {id:?} asks for the same as rule {:?} and is never reached; remove one", first.id));
            }
            if rule.when == When::default() {
                say(format!("rule {id:?} fits everything; name something under when:"));
            }
            if rule.then.area.trim().is_empty() {
                say(format!("rule {id:?} has no area; write the product area"));
            }
            if !tickets.departments.is_empty() && tickets.department(&rule.then.owner).is_none() {
                say(format!(
                    "rule {id:?}: owner {:?} is not a department of tickets.yaml; add it or correct the name",
                    rule.then.owner
                ));
            }
        }
        problems
    }
}
