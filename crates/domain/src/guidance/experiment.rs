//! The experiment that every trigger is: two arms from the start, their outcomes, and the rule by which one that does harm
//! is switched off.

use crate::statistics::{Estimate, Level, Share, difference};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Outcomes count for so many days after a trigger was met: who asks later asks about something else.
pub const OUTCOME_DAYS: i64 = 3;
/// Customers at the first look at harm. Looks are at each doubling.
const FIRST_LOOK: u64 = 100;
/// Chance of switching off a trigger that does no harm, over all looks and outcomes together.
const FALSE_ALARM: f64 = 0.05;
const OUTCOMES: f64 = 3.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// Is shown the guidance.
    Shown,
    /// Meets the condition and is shown nothing.
    Control,
}

/// A customer's first meeting with a trigger, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    pub arm: Arm,
    pub at: Timestamp,
    pub contacted: Option<Timestamp>,
    pub complained: Option<Timestamp>,
    pub completed: Option<Timestamp>,
}

/// One outcome in both arms, and the difference shown − control with its interval at 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    pub shown: Share,
    pub control: Share,
    /// `None` while an arm is empty.
    pub difference: Option<Estimate>,
}

/// A trigger's experiment so far. Both arms were met by chance and watched alike, so counts of a running experiment compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Experiment {
    pub contacts: Effect,
    pub complaints: Effect,
    pub completions: Effect,
}

/// What a trigger made worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    MoreContacts,
    MoreComplaints,
    FewerCompletions,
}

/// Counts the outcomes.
pub fn report(met: &[Met]) -> Experiment {
    let level = Level::P95;
    Experiment {
        contacts: effect(met, level, |m| m.contacted),
        complaints: effect(met, level, |m| m.complained),
        completions: effect(met, level, |m| m.completed),
    }
}

fn effect(met: &[Met], level: Level, outcome: impl Fn(&Met) -> Option<Timestamp>) -> Effect {
    let share = |arm: Arm| {
        let of_arm = || met.iter().filter(move |m| m.arm == arm);
        let came = |m: &&Met| outcome(m).is_some_and(|at| at >= m.at && at.secs_since(m.at) <= OUTCOME_DAYS * 86_400);
        Share::new(of_arm().filter(came).count() as u64, of_arm().count() as u64)
    };
    let (shown, control) = (share(Arm::Shown), share(Arm::Control));
    let both = met.iter().any(|m| m.arm == Arm::Shown) && met.iter().any(|m| m.arm == Arm::Control);
    Effect { shown, control, difference: both.then(|| difference(shown, control, level)) }
}

/// Looks at an experiment that `n` customers have met, the last look having been at `looked` (0: none yet). Between looks
/// nothing is decided; the k-th look may err with chance 0.05 / (k (k + 1)) over all outcomes, so all looks together err
/// with 0.05 at most. Returns the `n` of this look where there was one.
pub fn look_at(met: &[Met], looked: u64) -> Option<(u64, Option<Harm>)> {
    let n = met.len() as u64;
    let mut look = 1_u32;
    while FIRST_LOOK << look <= n {
        look += 1;
    }
    let at = FIRST_LOOK << (look - 1);
    if n < at || at <= looked {
        return None;
    }
    let k = f64::from(look);
    let error = FALSE_ALARM / (k * (k + 1.0)) / OUTCOMES;
    // The interval is two-sided; harm is one side of it.
    let level = Level::new(1.0 - 2.0 * error).expect("a share");
    let worse = |effect: Effect| effect.difference.is_some_and(|d| d.low > 0.0);
    let better = |effect: Effect| effect.difference.is_some_and(|d| d.high < 0.0);
    let harm = if worse(effect(met, level, |m| m.complained)) {
        Some(Harm::MoreComplaints)
    } else if worse(effect(met, level, |m| m.contacted)) {
        Some(Harm::MoreContacts)
    } else if better(effect(met, level, |m| m.completed)) {
        Some(Harm::FewerCompletions)
    } else {
        None
    };
    Some((at, harm))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customers of whom a share of each arm contacts us, decided by a small generator.
    fn customers(n: u64, shown_percent: u64, control_percent: u64, seed: u64) -> Vec<Met> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        (0..n)
            .map(|i| {
                let arm = if i % 5 == 0 { Arm::Control } else { Arm::Shown };
                let percent = if arm == Arm::Shown { shown_percent } else { control_percent };
                let contacted = (next() % 100 < percent).then_some(Timestamp(1000));
                Met { arm, at: Timestamp(0), contacted, complained: None, completed: None }
            })
            .collect()
    }

    #[test]
    fn an_effect_is_counted_by_arm_and_within_its_days() {
        let late = Timestamp(0).plus_secs(OUTCOME_DAYS * 86_400 + 1);
        let mut met = customers(100, 0, 100, 1);
        met[1].contacted = Some(late);
        let contacts = report(&met).contacts;
        assert_eq!((contacts.shown, contacts.control), (Share::new(0, 80), Share::new(20, 20)));
        assert!(contacts.difference.is_some_and(|d| d.value == -1.0 && d.high < -0.7), "{contacts:?}");
        assert_eq!(report(&met[1..2]).contacts.difference, None);
    }

    #[test]
    fn harm_is_found_at_a_look_and_looks_are_at_doublings() {
        assert_eq!(look_at(&customers(99, 60, 10, 3), 0), None);
        assert_eq!(look_at(&customers(100, 60, 10, 3), 0), Some((100, Some(Harm::MoreContacts))));
        assert_eq!(look_at(&customers(199, 60, 10, 3), 100), None, "between two looks");
        assert_eq!(look_at(&customers(400, 60, 10, 3), 100).map(|l| l.0), Some(400), "one that was missed is made up for");
        let good: Vec<Met> = customers(400, 10, 60, 3);
        assert_eq!(look_at(&good, 0), Some((400, None)));
        let mut fewer = customers(400, 0, 0, 3);
        fewer.iter_mut().filter(|m| m.arm == Arm::Control).for_each(|m| m.completed = Some(Timestamp(5)));
        assert_eq!(look_at(&fewer, 0), Some((400, Some(Harm::FewerCompletions))));
    }

    #[test]
    fn a_harmless_trigger_is_rarely_switched_off_over_all_its_looks() {
        let alarms = (0..400)
            .filter(|seed| {
                let met = customers(1600, 20, 20, *seed);
                [100, 200, 400, 800, 1600].iter().any(|n| look_at(&met[..*n], 0).is_some_and(|l| l.1.is_some()))
            })
            .count();
        // One outcome of three is at risk here, so a third of 5 % is expected; 5 % of 400 is 20.
        assert!(alarms <= 20, "{alarms} of 400");
    }
}
