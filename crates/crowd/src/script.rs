//! What a customer does at one step, as acts with times. Pure.

use crate::app::Step;
use crate::person::Person;
use crate::random::Random;
use crate::trouble::{Kind, Trouble};

/// An act at so many milliseconds after the step began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub after_ms: u64,
    pub act: &'static str,
    pub page: &'static str,
    pub target: Option<&'static str>,
    pub code: Option<&'static str>,
    pub value: u32,
}

/// One step played out.
#[derive(Debug, Clone)]
pub struct Scene {
    pub step: &'static str,
    pub moments: Vec<Moment>,
    /// What comes to pass if the customer gets through after all.
    pub then: Option<Moment>,
    /// When the customer goes on or stops.
    pub ends_ms: u64,
    /// The hidden truth: stuck here, from the beginning of the scene to `ends_ms`.
    pub trouble: Option<&'static Trouble>,
}

/// A stay that nobody without trouble has.
const LONG_SECS: (u64, u64) = (200, 420);
const LATE_MS: u64 = 1_800_000;
/// Away for longer than anybody looks something up.
const AWAY_SECS: (u64, u64) = (700, 1500);

struct Acts {
    page: &'static str,
    moments: Vec<Moment>,
}

impl Acts {
    fn act(&mut self, after_ms: u64, act: &'static str, target: Option<&'static str>, code: Option<&'static str>, value: u32) {
        self.moments.push(Moment { after_ms, act, page: self.page, target, code, value });
    }

    fn at(&mut self, page: &'static str, after_ms: u64, act: &'static str, target: Option<&'static str>, value: u32) {
        self.moments.push(Moment { after_ms, act, page, target, code: None, value });
    }
}

/// Plays every step of a person's way, the trouble included. Whether they go on after it is for who plays it to ask.
pub fn scenes(person: &Person, random: &mut Random) -> Vec<Scene> {
    let steps = person.way.steps;
    (0..steps.len()).map(|i| scene(person, steps, i, random)).collect()
}

fn scene(person: &Person, steps: &'static [Step], i: usize, random: &mut Random) -> Scene {
    let step = &steps[i];
    let trouble = person.trouble.filter(|t| t.step == step.id);
    let mut acts = Acts { page: step.page, moments: Vec::new() };
    match step.inside {
        Some(target) => acts.act(0, "step", Some(target), None, 0),
        None => acts.act(0, "page", None, None, 0),
    }
    let usual_ms = (random.around(step.secs, 0.4).clamp(step.secs / 4.0, step.secs * 2.5) * 1000.0) as u64;
    let mut ends_ms = match trouble {
        None => usual(&mut acts, step, usual_ms, random),
        Some(trouble) => stuck(&mut acts, step, i.checked_sub(1).map(|before| &steps[before]), trouble, usual_ms, random),
    };
    let mut then = None;
    if let Some((outcome, secs)) = step.outcome {
        let takes_ms = (random.around(secs, 0.3) * 1000.0) as u64;
        match trouble.map(|t| t.kind) {
            None => {
                acts.act(takes_ms, "outcome", None, Some(outcome), 0);
                ends_ms = ends_ms.max(takes_ms + 2_000);
            }
            // Late is late: what was promised comes long after everybody has stopped waiting.
            Some(Kind::Silence) => acts.act(ends_ms + LATE_MS, "outcome", None, Some(outcome), 0),
            Some(Kind::Dwell | Kind::Errors | Kind::Loop | Kind::Rage | Kind::Left) => {
                then = Some(Moment {
                    after_ms: ends_ms + takes_ms,
                    act: "outcome",
                    page: step.page,
                    target: None,
                    code: Some(outcome),
                    value: 0,
                });
            }
        }
    }
    let same_page_next = steps.get(i + 1).is_some_and(|next| next.inside.is_some());
    if !same_page_next {
        acts.act(ends_ms, "leave", None, None, 0);
    }
    acts.moments.sort_by_key(|m| m.after_ms);
    stays(&mut acts.moments);
    Scene { step: step.id, moments: acts.moments, then, ends_ms, trouble }
}

/// Says at every `leave` how long the page was there. A step inside a page began it with the scene.
fn stays(moments: &mut [Moment]) {
    let mut came_ms = 0;
    for moment in moments {
        match moment.act {
            "page" => came_ms = moment.after_ms,
            "leave" => moment.value = u32::try_from(moment.after_ms - came_ms).unwrap_or(u32::MAX),
            _ => {}
        }
    }
}

/// No trouble: a slip now and then, a glance at another app, and on.
fn usual(acts: &mut Acts, step: &Step, usual_ms: u64, random: &mut Random) -> u64 {
    if random.chance(0.08) {
        acts.act(usual_ms / 3, "field_error", Some("form"), Some("value_missing"), 0);
    }
    let mut ends_ms = usual_ms;
    if random.chance(0.06) {
        let away_ms = random.between(4, 40) * 1000;
        acts.act(usual_ms / 2, "hidden", None, None, 0);
        acts.act(usual_ms / 2 + away_ms, "visible", None, None, 0);
        ends_ms += away_ms;
    }
    acts.act(ends_ms.saturating_sub(600), "click", Some(step.button), None, 0);
    ends_ms
}

fn stuck(acts: &mut Acts, step: &Step, before: Option<&Step>, trouble: &Trouble, usual_ms: u64, random: &mut Random) -> u64 {
    let mut at = usual_ms.min(15_000);
    match trouble.kind {
        Kind::Errors => {
            let (target, code) = trouble.error.unwrap_or((step.button, "refused"));
            for _ in 0..random.between(3, 6) {
                acts.act(at, "click", Some(step.button), None, 0);
                acts.act(at + 900, "field_error", Some(target), Some(code), 0);
                at += random.between(7, 18) * 1000;
            }
            at + random.between(20, 60) * 1000
        }
        Kind::Dwell => at + random.between(LONG_SECS.0, LONG_SECS.1) * 1000,
        Kind::Loop => {
            for _ in 0..random.between(3, 4) {
                let Some(before) = before else { break };
                acts.act(at, "leave", None, None, 0);
                acts.at(before.page, at + 100, "page", None, 0);
                acts.at(before.page, at + 101, "back", Some(step.page), 0);
                let there = random.between(4, 12) * 1000;
                acts.at(before.page, at + there, "leave", None, 0);
                acts.act(at + there + 100, "page", None, None, 0);
                at += there + random.between(8, 20) * 1000;
            }
            at + random.between(20, 50) * 1000
        }
        Kind::Rage => {
            for _ in 0..random.between(2, 3) {
                let count = random.between(5, 11);
                acts.act(at, "rage_click", Some(step.button), None, u32::try_from(count).unwrap_or(u32::MAX));
                at += random.between(10, 25) * 1000;
            }
            at + random.between(15, 40) * 1000
        }
        Kind::Left => {
            acts.act(at, "hidden", None, None, 0);
            at + random.between(AWAY_SECS.0, AWAY_SECS.1) * 1000
        }
        Kind::Silence => {
            // Looks again and again whether it has come.
            let until = at + random.between(LONG_SECS.0 * 2, LONG_SECS.1 * 2) * 1000;
            while at < until {
                acts.act(at, "click", Some(step.button), None, 0);
                at += random.between(40, 110) * 1000;
            }
            until
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_shows_in_the_acts_and_acts_are_in_order_of_time() {
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..5_000 {
            let (person, mut random) = Person::draw(1, number);
            let scenes = scenes(&person, &mut random);
            assert_eq!(scenes.len(), person.way.steps.len());
            for scene in &scenes {
                assert!(scene.moments.windows(2).all(|pair| pair[0].after_ms <= pair[1].after_ms));
                let count = |act: &str| scene.moments.iter().filter(|m| m.act == act).count();
                let Some(trouble) = scene.trouble else {
                    assert!(count("field_error") <= 1 && count("rage_click") == 0 && count("back") == 0, "{scene:?}");
                    continue;
                };
                let came = |m: &Moment| m.act == "outcome" && m.after_ms <= scene.ends_ms;
                assert!(!scene.moments.iter().any(came), "who is stuck at the last step has not got there: {scene:?}");
                seen.insert(trouble.id);
                let shows = match trouble.kind {
                    Kind::Errors => count("field_error") >= 3,
                    Kind::Loop => count("back") >= 3,
                    Kind::Rage => count("rage_click") >= 2,
                    Kind::Left => count("hidden") == 1 && count("visible") == 0,
                    Kind::Dwell | Kind::Silence => scene.ends_ms > 200_000,
                };
                assert!(shows, "{}: {scene:?}", trouble.id);
            }
            assert_eq!(scenes.iter().any(|s| s.trouble.is_some()), person.trouble.is_some());
        }
        assert_eq!(seen.len(), crate::TROUBLES.len(), "all of them happen: {seen:?}");
    }
}
