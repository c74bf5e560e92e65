//! What customers want who ask at a step: P(need | step, how they were stuck), from the pack's weights and from what those
//! who asked there before turned out to want.

use crate::id::NeedId;
use crate::journey::map::{JourneyMap, StepNo};
use crate::journey::{BreakKind, Whereabouts};
use crate::understanding::NeedGuess;
use std::collections::{BTreeMap, HashMap};

/// The pack's word counts as much as so many customers.
const PACK: f32 = 8.0;
/// What is known of the step counts as much as so many customers stuck there in the same way.
const STEP: f32 = 6.0;
/// Guesses handed on.
const GUESSES: usize = 12;

/// What was learnt of customers who asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeedPrior {
    steps: HashMap<StepNo, Counts>,
    stuck: HashMap<(StepNo, BreakKind), Counts>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Counts {
    needs: BTreeMap<NeedId, f32>,
    total: f32,
}

impl Counts {
    fn add(&mut self, need: &NeedId) {
        *self.needs.entry(need.clone()).or_default() += 1.0;
        self.total += 1.0;
    }

    fn of(&self, need: &NeedId) -> f32 {
        self.needs.get(need).copied().unwrap_or(0.0)
    }
}

impl NeedPrior {
    /// A customer who asked from there wanted this.
    pub fn learn(&mut self, map: &JourneyMap, from: &Whereabouts, need: &NeedId) {
        let Some(step) = step_of(map, from) else { return };
        self.steps.entry(step).or_default().add(need);
        if let Some(kind) = from.stuck.first() {
            self.stuck.entry((step, *kind)).or_default().add(need);
        }
    }

    /// Likely needs, best first; what is missing to 1 is the chance of anything else. Empty for a customer on no journey.
    pub fn guess(&self, map: &JourneyMap, from: &Whereabouts) -> Vec<NeedGuess> {
        let Some(step) = step_of(map, from) else { return Vec::new() };
        let Some(place) = map.place(step) else { return Vec::new() };
        let empty = Counts::default();
        let at_step = self.steps.get(&step).unwrap_or(&empty);
        let stuck = from.stuck.first().and_then(|kind| self.stuck.get(&(step, *kind))).unwrap_or(&empty);
        let written: f32 = place.step.needs.values().sum::<f32>().max(1.0);
        let mut needs: Vec<&NeedId> = place.step.needs.keys().chain(at_step.needs.keys()).collect();
        needs.sort_unstable();
        needs.dedup();
        let share = |need: &NeedId| {
            let pack = place.step.needs.get(need).copied().unwrap_or(0.0) / written;
            let at_step = (at_step.of(need) + PACK * pack) / (at_step.total + PACK);
            (stuck.of(need) + STEP * at_step) / (stuck.total + STEP)
        };
        let mut guesses: Vec<NeedGuess> =
            needs.into_iter().map(|need| NeedGuess { need: need.clone(), confidence: share(need) }).collect();
        guesses.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.need.cmp(&b.need)));
        guesses.truncate(GUESSES);
        guesses
    }
}

fn step_of(map: &JourneyMap, from: &Whereabouts) -> Option<StepNo> {
    map.find(from.journey.as_ref()?, from.step.as_ref()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::Platform;

    #[test]
    fn what_customers_turn_out_to_want_grows_over_what_the_pack_says() {
        let journey = "{id: a, title: {zh-CN: 甲, en: A}, steps: [{id: s, title: {zh-CN: 步, en: S}, pages: [p], needs: {x: 0.6, y: 0.2}}], done: {step: s}}";
        let map = JourneyMap::new(vec![serde_saphyr::from_str(journey).expect("a journey")]).expect("sound");
        let from = |stuck: &[BreakKind]| Whereabouts {
            visitor: 0,
            journey: Some("a".into()),
            step: Some("s".into()),
            since: None,
            stuck: stuck.to_vec(),
            code: None,
            platform: Platform::H5,
            version: None,
            trail: Vec::new(),
            skill: None,
        };
        let mut prior = NeedPrior::default();
        let best = |prior: &NeedPrior, stuck: &[BreakKind]| prior.guess(&map, &from(stuck)).first().cloned().expect("a guess");
        assert_eq!(best(&prior, &[]), NeedGuess { need: "x".into(), confidence: 0.6 });
        (0..10).for_each(|_| prior.learn(&map, &from(&[BreakKind::Errors]), &"z".into()));
        assert_eq!(best(&prior, &[BreakKind::Errors]).need.as_str(), "z");
        let elsewhere = best(&prior, &[]);
        assert!(elsewhere.need.as_str() == "z" && elsewhere.confidence < best(&prior, &[BreakKind::Errors]).confidence);
        let sum: f32 = prior.guess(&map, &from(&[])).iter().map(|g| g.confidence).sum();
        assert!(sum < 1.0, "something else stays possible: {sum}");
        assert_eq!(prior.guess(&map, &Whereabouts { step: Some("gone".into()), ..from(&[]) }), []);
    }
}
