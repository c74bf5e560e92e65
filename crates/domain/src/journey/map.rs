//! Journeys as data: the steps of each, the pages by which they are known, and where the way goes on. Owns the reading and
//! the checks.

use crate::id::{JourneyId, JourneyStepId, NeedId, SkillId};
use crate::journey::names::{NONE, Names};
use crate::journey::{Name, Record};
use crate::understanding::Localized;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A step's number over all journeys, in the order of the files.
pub type StepNo = u16;
/// Most steps of all journeys together.
const MOST_STEPS: usize = 1000;

/// A journey as it is written in the pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    pub id: JourneyId,
    pub title: Localized,
    pub steps: Vec<Step>,
    pub done: Done,
}

/// How one sees that a journey has come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// This came to pass at the lender.
    Outcome(Name),
    /// This step was reached.
    Step(JourneyStepId),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: JourneyStepId,
    pub title: Localized,
    /// Pages of the app that are this step.
    pub pages: Vec<Name>,
    /// The step inside the page; without it the page itself is the step.
    #[serde(default)]
    pub target: Option<Name>,
    /// Who leaves here loses work or money; leaving is a break point.
    #[serde(default)]
    pub costly: bool,
    /// A stay in sight shorter than this is never a break point. Three times as long is one until enough is known.
    #[serde(default = "floor_secs")]
    pub floor_secs: u32,
    /// What the lender promised to whoever reaches this step.
    #[serde(default)]
    pub promise: Option<Promise>,
    /// What customers who ask at this step want, likeliest first by weight. What is learnt comes on top.
    #[serde(default)]
    pub needs: BTreeMap<NeedId, f32>,
    /// Who knows this step best.
    #[serde(default)]
    pub skill: Option<SkillId>,
    /// Where the way goes on. Going back needs no entry.
    #[serde(default)]
    pub next: Vec<JourneyStepId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    pub outcome: Name,
    pub within_secs: u32,
}

fn floor_secs() -> u32 {
    20
}

/// A step in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Place of its journey in [`JourneyMap::journeys`].
    pub journey: usize,
    pub step: Step,
    /// Steps that come later on some way through the journey, the step itself not included.
    pub ahead: BTreeSet<StepNo>,
    /// Reaching it ends the journey.
    pub is_end: bool,
}

/// Every journey, checked and numbered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JourneyMap {
    pub journeys: Vec<Journey>,
    pub places: Vec<Place>,
}

impl JourneyMap {
    /// # Errors
    /// Everything that is wrong, one line each, with the mend.
    pub fn new(journeys: Vec<Journey>) -> Result<JourneyMap, Vec<String>> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for journey in &journeys {
            if !seen.insert(&journey.id) {
                problems.push(format!("journey {:?} is written twice; rename one", journey.id.as_str()));
            }
            problems.extend(check(journey));
        }
        let steps: usize = journeys.iter().map(|j| j.steps.len()).sum();
        if steps > MOST_STEPS {
            problems.push(format!("journeys have {steps} steps together, more than {MOST_STEPS}; merge some"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut places = Vec::with_capacity(steps);
        for (number, journey) in journeys.iter().enumerate() {
            let first = places.len();
            for step in &journey.steps {
                places.push(Place {
                    journey: number,
                    ahead: ahead(journey, &step.id).into_iter().map(|i| no(first + i)).collect(),
                    is_end: journey.done == Done::Step(step.id.clone()),
                    step: step.clone(),
                });
            }
        }
        Ok(JourneyMap { journeys, places })
    }

    pub fn place(&self, step: StepNo) -> Option<&Place> {
        self.places.get(usize::from(step))
    }

    pub fn journey_of(&self, step: StepNo) -> Option<&Journey> {
        self.journeys.get(self.place(step)?.journey)
    }

    pub fn find(&self, journey: &JourneyId, step: &JourneyStepId) -> Option<StepNo> {
        let found = self.places.iter().position(|p| p.step.id == *step && self.journeys[p.journey].id == *journey)?;
        Some(no(found))
    }

    /// `apply.id_upload`, as rules and trails write it.
    pub fn path(&self, step: StepNo) -> Option<String> {
        let place = self.place(step)?;
        Some(format!("{}.{}", self.journeys[place.journey].id, place.step.id))
    }
}

fn no(index: usize) -> StepNo {
    StepNo::try_from(index).expect("checked against the most steps there may be")
}

fn check(journey: &Journey) -> Vec<String> {
    let name = journey.id.as_str();
    let mut problems = Vec::new();
    let ids: BTreeSet<&JourneyStepId> = journey.steps.iter().map(|s| &s.id).collect();
    if journey.steps.is_empty() {
        problems.push(format!("journey {name:?} has no steps; write at least one under steps:"));
    }
    if ids.len() < journey.steps.len() {
        problems.push(format!("journey {name:?} has two steps of one id; rename one"));
    }
    for step in &journey.steps {
        if step.pages.is_empty() {
            problems.push(format!("journey {name:?}: step {:?} has no pages; name the app's page it is on", step.id.as_str()));
        }
        for next in step.next.iter().filter(|next| !ids.contains(next)) {
            problems.push(format!(
                "journey {name:?}: step {:?} goes on to {:?}, which is not a step of it; correct next:",
                step.id.as_str(),
                next.as_str()
            ));
        }
        if step.needs.values().any(|w| !w.is_finite() || *w < 0.0) {
            problems.push(format!("journey {name:?}: step {:?} has a need with a negative weight; use 0 to 1", step.id.as_str()));
        }
    }
    if let Done::Step(step) = &journey.done
        && !ids.contains(step)
    {
        problems.push(format!("journey {name:?}: done names step {:?}, which is not a step of it", step.as_str()));
    }
    if let Some(looped) = journey.steps.iter().find(|s| ahead(journey, &s.id).iter().any(|i| journey.steps[*i].id == s.id)) {
        problems.push(format!(
            "journey {name:?}: the way from step {:?} comes back to it; next: names only the way forward, going back needs no entry",
            looped.id.as_str()
        ));
    }
    problems
}

/// Places in the journey of every step that can be reached from this one by going forward.
fn ahead(journey: &Journey, from: &JourneyStepId) -> BTreeSet<usize> {
    let at = |id: &JourneyStepId| journey.steps.iter().position(|s| s.id == *id);
    let mut found = BTreeSet::new();
    let mut todo: Vec<usize> = at(from).into_iter().collect();
    while let Some(step) = todo.pop() {
        for next in journey.steps[step].next.iter().filter_map(at) {
            if found.insert(next) {
                todo.push(next);
            }
        }
    }
    found
}

/// From numbered names to steps: what the fold asks for each record.
#[derive(Debug, Default)]
pub struct Routes {
    /// By page number: the steps it may be, by target.
    pages: Vec<Vec<(u32, StepNo)>>,
    /// Outcomes that end journeys, by number of the name.
    ends: Vec<(u32, usize)>,
    /// Outcome promised at each step, by number of the name; [`NONE`] where nothing is.
    promised: Vec<u32>,
}

impl Routes {
    pub fn new(map: &JourneyMap, names: &mut Names) -> Routes {
        let mut pages: Vec<Vec<(u32, StepNo)>> = Vec::new();
        let mut promised = Vec::with_capacity(map.places.len());
        for (number, place) in map.places.iter().enumerate() {
            let target = place.step.target.as_ref().map_or(NONE, |t| names.number(t));
            for page in &place.step.pages {
                let page = names.number(page) as usize;
                if pages.len() <= page {
                    pages.resize_with(page + 1, Vec::new);
                }
                pages[page].push((target, no(number)));
            }
            promised.push(place.step.promise.as_ref().map_or(NONE, |p| names.number(&p.outcome)));
        }
        let ends = map.journeys.iter().enumerate().filter_map(|(i, journey)| match &journey.done {
            Done::Outcome(name) => Some((names.number(name), i)),
            Done::Step(_) => None,
        });
        Routes { ends: ends.collect(), pages, promised }
    }

    /// The step that a page or a step inside it is; of several, one of the journey that the customer is in.
    pub fn step(&self, map: &JourneyMap, page: u32, target: u32, current: Option<StepNo>) -> Option<StepNo> {
        let found = self.pages.get(page as usize)?;
        let mut fitting = found.iter().filter(|(t, _)| *t == target).map(|(_, step)| *step);
        let journey = current.and_then(|s| map.place(s)).map(|p| p.journey);
        let first = fitting.next()?;
        let of_journey = |step: &StepNo| map.place(*step).map(|p| p.journey) == journey;
        if of_journey(&first) { Some(first) } else { fitting.find(of_journey).or(Some(first)) }
    }

    /// The step of a page and target where it does not depend on the journey: `None` where it does.
    pub fn only_step(&self, page: u32, target: u32) -> Option<Option<StepNo>> {
        let Some(found) = self.pages.get(page as usize) else { return Some(None) };
        let mut fitting = found.iter().filter(|(t, _)| *t == target).map(|(_, step)| *step);
        match (fitting.next(), fitting.next()) {
            (first, None) => Some(first),
            (_, Some(_)) => None,
        }
    }

    /// Whether the page belongs to the step, whatever is done inside it.
    pub fn is_page_of(&self, page: u32, step: StepNo) -> bool {
        self.pages.get(page as usize).is_some_and(|found| found.iter().any(|(_, s)| *s == step))
    }

    pub fn promised(&self, step: StepNo) -> u32 {
        self.promised.get(usize::from(step)).copied().unwrap_or(NONE)
    }

    /// Journeys that this outcome ends.
    pub fn ended_by(&self, outcome: u32) -> impl Iterator<Item = usize> + '_ {
        self.ends.iter().filter(move |(name, _)| *name == outcome && outcome != NONE).map(|(_, journey)| *journey)
    }

    /// The step that a record says the customer reached.
    pub fn reached(&self, map: &JourneyMap, record: &Record, current: Option<StepNo>) -> Option<StepNo> {
        use crate::journey::Act;
        match record.act {
            Act::Page => self.step(map, record.page, NONE, current),
            Act::Step => self.step(map, record.page, record.target, current),
            // A page that came up says so itself, back or not.
            Act::Back
            | Act::Visible
            | Act::Click
            | Act::FieldError
            | Act::ApiError
            | Act::RageClick
            | Act::Hidden
            | Act::Leave
            | Act::Outcome => None,
        }
    }
}
