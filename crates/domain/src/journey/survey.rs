//! Surveys over many customers: how far they came, how long they needed, where they went from where. Pure counting over
//! columns; a part is read once.

use crate::journey::columns::{Client, Columns, start_of_day};
use crate::journey::map::{JourneyMap, Routes, StepNo};
use crate::journey::{Act, NONE, Platform, Record};
use std::collections::BTreeMap;

/// Without a word for so long, the visit of a step is over. Somebody who comes back begins a new one.
const PAUSE_MS: i64 = 30 * 60_000;
/// Stands for "came into the journey" and "ended or gave up" in links.
pub const OUTSIDE: StepNo = StepNo::MAX;

/// Which clients are looked at; `None` is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    pub platform: Option<Platform>,
    /// Number of the version's name.
    pub version: Option<u32>,
}

impl Filter {
    fn fits(&self, client: &Client) -> bool {
        self.platform.is_none_or(|p| p == client.platform) && self.version.is_none_or(|v| v == client.version)
    }
}

/// What was counted of one step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepCount {
    /// Different customers who reached it.
    pub visitors: u64,
    pub visits: u64,
    /// Visits from which the customer went on forward.
    pub passed: u64,
    /// Time in sight of the visits that were passed, in ms, in no order.
    pub dwells_ms: Vec<u32>,
    /// Errors met at it, by number of the code.
    pub errors: BTreeMap<u32, u64>,
}

/// The counts of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// By step number.
    pub steps: Vec<StepCount>,
    /// Visits that went from one step to another of the same journey; [`OUTSIDE`] is before the first and after the last.
    pub links: BTreeMap<(StepNo, StepNo), u64>,
    /// By journey: times it came to its end.
    pub done: Vec<u64>,
    /// Acts counted; touches are not.
    pub records: u64,
}

impl Survey {
    fn new(map: &JourneyMap) -> Self {
        Self {
            steps: vec![StepCount::default(); map.places.len()],
            links: BTreeMap::new(),
            done: vec![0; map.journeys.len()],
            records: 0,
        }
    }

    /// Adds the counts of other customers. Order does not matter.
    pub fn join(&mut self, other: Survey) {
        for (mine, theirs) in self.steps.iter_mut().zip(other.steps) {
            mine.visitors += theirs.visitors;
            mine.visits += theirs.visits;
            mine.passed += theirs.passed;
            mine.dwells_ms.extend(theirs.dwells_ms);
            theirs.errors.into_iter().for_each(|(code, n)| *mine.errors.entry(code).or_default() += n);
        }
        other.links.into_iter().for_each(|(link, n)| *self.links.entry(link).or_default() += n);
        self.done.iter_mut().zip(other.done).for_each(|(mine, theirs)| *mine += theirs);
        self.records += other.records;
    }
}

/// The exact quantile of a step's stays, in ms: the smallest that a share `q` does not exceed. Sorts a part of them.
pub fn quantile(dwells_ms: &mut [u32], q: f64) -> Option<u32> {
    let rank = ((dwells_ms.len() as f64 * q).ceil() as usize).clamp(1, dwells_ms.len().max(1)) - 1;
    if dwells_ms.is_empty() {
        return None;
    }
    Some(*dwells_ms.select_nth_unstable(rank).1)
}

/// One customer between two parts.
#[derive(Debug, Clone, Copy)]
struct At {
    step: StepNo,
    last: i64,
    seen_ms: u32,
    in_sight_since: i64,
}

const NOWHERE: At = At { step: OUTSIDE, last: 0, seen_ms: 0, in_sight_since: 0 };

/// Counts the customers whose numbers are in a range; ranges can be counted side by side.
pub struct Counter<'a> {
    map: &'a JourneyMap,
    routes: &'a Routes,
    filter: Filter,
    visitors: std::ops::Range<u32>,
    /// By visitor, from the first of the range.
    at: Vec<At>,
    /// A bit a visitor and step: reached.
    reached: Vec<u64>,
    words: usize,
    survey: Survey,
    journey_of: Vec<usize>,
    /// Counts of links, from × to; the last row and column are outside.
    links: Vec<u64>,
}

impl<'a> Counter<'a> {
    pub fn new(map: &'a JourneyMap, routes: &'a Routes, filter: Filter, visitors: std::ops::Range<u32>) -> Self {
        let words = map.places.len().div_ceil(64).max(1);
        let many = visitors.len();
        let side = map.places.len() + 1;
        Self {
            map,
            routes,
            filter,
            at: vec![NOWHERE; many],
            reached: vec![0; many * words],
            words,
            survey: Survey::new(map),
            journey_of: map.places.iter().map(|p| p.journey).collect(),
            links: vec![0; side * side],
            visitors,
        }
    }

    /// Takes in one part. Parts must come in the order of their days.
    pub fn take(&mut self, part: &Columns) {
        let fits: Vec<bool> = part.clients.iter().map(|client| self.filter.fits(client)).collect();
        let start = start_of_day(part.day);
        // Most places are one step, whatever journey the customer is in; only the others are looked up at each record.
        let fixed: Vec<Option<Option<StepNo>>> =
            part.places.iter().map(|(page, target)| self.routes.only_step(*page, *target)).collect();
        let mut from = 0;
        for (visitor, count) in &part.runs {
            let to = from + *count as usize;
            if self.visitors.contains(visitor) {
                let slot = (*visitor - self.visitors.start) as usize;
                let mut at = self.at[slot];
                for place in from..to {
                    if !fits[usize::from(part.client[place])] {
                        continue;
                    }
                    let act = Act::ALL[usize::from(part.act[place])];
                    // Touches say nothing of the way, and are kept for less long.
                    if act == Act::Click {
                        continue;
                    }
                    self.survey.records += 1;
                    let time = start + i64::from(part.at[place]);
                    let named = usize::from(part.place[place]);
                    self.one(
                        slot,
                        &mut at,
                        time,
                        act,
                        part.places[named],
                        fixed[named],
                        part.codes[usize::from(part.code[place])],
                    );
                }
                self.at[slot] = at;
            }
            from = to;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one record")]
    fn one(
        &mut self,
        slot: usize,
        at: &mut At,
        time: i64,
        act: Act,
        (page, target): (u32, u32),
        fixed: Option<Option<StepNo>>,
        code: u32,
    ) {
        // Errors are in parts of their own, so they are told by their page, not by where the customer is known to be.
        if matches!(act, Act::FieldError | Act::ApiError) {
            if let Some(step) = self.routes.step(self.map, page, NONE, None) {
                *self.survey.steps[usize::from(step)].errors.entry(code).or_default() += 1;
            }
            return;
        }
        if at.step != OUTSIDE && time - at.last > PAUSE_MS {
            self.give_up(at);
        }
        at.last = time;
        match act {
            Act::Page | Act::Step => {
                let current = (at.step != OUTSIDE).then_some(at.step);
                let step = match (act, fixed) {
                    (Act::Step, Some(step)) => step,
                    (Act::Page, Some(step)) if target == NONE => step,
                    _ => {
                        let record = Record { n: 0, at: time, act, page, target, code, value: 0 };
                        self.routes.reached(self.map, &record, current)
                    }
                };
                match step {
                    Some(step) if step == at.step => {
                        if at.in_sight_since == 0 {
                            at.in_sight_since = time;
                        }
                    }
                    Some(step) => self.reach(slot, at, step, time),
                    None if act == Act::Page => hide(at, time),
                    None => {}
                }
            }
            Act::Hidden | Act::Leave => {
                if at.step != OUTSIDE && (act == Act::Hidden || self.routes.is_page_of(page, at.step)) {
                    hide(at, time);
                }
            }
            Act::Visible => {
                if at.step != OUTSIDE && at.in_sight_since == 0 && self.routes.is_page_of(page, at.step) {
                    at.in_sight_since = time;
                }
            }
            Act::Outcome => {
                let journey = (at.step != OUTSIDE).then(|| self.journey_of[usize::from(at.step)]);
                if let Some(ended) = self.routes.ended_by(code).find(|ended| Some(*ended) == journey) {
                    self.survey.done[ended] += 1;
                    hide(at, time);
                    self.pass(at);
                    self.link(at.step, OUTSIDE);
                    *at = NOWHERE;
                }
            }
            Act::FieldError | Act::ApiError | Act::Click | Act::RageClick | Act::Back => {}
        }
    }

    fn reach(&mut self, slot: usize, at: &mut At, step: StepNo, time: i64) {
        let to = usize::from(step);
        let place = &self.map.places[to];
        if at.step != OUTSIDE {
            let from = usize::from(at.step);
            if self.journey_of[from] == place.journey {
                if self.map.places[from].ahead.contains(&step) {
                    hide(at, time);
                    self.pass(at);
                }
                self.link(at.step, step);
            } else {
                self.give_up(at);
            }
        }
        if at.step == OUTSIDE {
            self.link(OUTSIDE, step);
        }
        let count = &mut self.survey.steps[to];
        count.visits += 1;
        let (word, bit) = (slot * self.words + to / 64, 1_u64 << (to % 64));
        if self.reached[word] & bit == 0 {
            self.reached[word] |= bit;
            count.visitors += 1;
        }
        *at = At { step, last: time, seen_ms: 0, in_sight_since: time };
        if place.is_end {
            self.survey.done[place.journey] += 1;
            self.link(step, OUTSIDE);
            *at = NOWHERE;
        }
    }

    fn pass(&mut self, at: &At) {
        let count = &mut self.survey.steps[usize::from(at.step)];
        count.passed += 1;
        count.dwells_ms.push(at.seen_ms);
    }

    fn give_up(&mut self, at: &mut At) {
        self.link(at.step, OUTSIDE);
        *at = NOWHERE;
    }

    fn link(&mut self, from: StepNo, to: StepNo) {
        let side = self.map.places.len() + 1;
        let index = |step: StepNo| if step == OUTSIDE { side - 1 } else { usize::from(step) };
        self.links[index(from) * side + index(to)] += 1;
    }

    /// The counts. Visits that still go on are counted as visits and have no link onward.
    pub fn finish(mut self) -> Survey {
        let side = self.map.places.len() + 1;
        let step = |index: usize| if index == side - 1 { OUTSIDE } else { index as StepNo };
        for (index, count) in self.links.iter().enumerate().filter(|(_, count)| **count > 0) {
            self.survey.links.insert((step(index / side), step(index % side)), *count);
        }
        self.survey
    }
}

fn hide(at: &mut At, time: i64) {
    if at.in_sight_since != 0 {
        let ms = (time - at.in_sight_since).max(0);
        at.seen_ms = at.seen_ms.saturating_add(u32::try_from(ms).unwrap_or(u32::MAX));
        at.in_sight_since = 0;
    }
}

/// Counts all customers up to number `visitors`.
pub fn survey<'a>(
    map: &JourneyMap,
    routes: &Routes,
    filter: Filter,
    visitors: u32,
    parts: impl IntoIterator<Item = &'a Columns>,
) -> Survey {
    let mut counter = Counter::new(map, routes, filter, 0..visitors);
    parts.into_iter().for_each(|part| counter.take(part));
    counter.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::columns::{Row, columns};
    use crate::journey::{Name, Names, Network};
    use std::collections::HashMap;

    const JOURNEY: &str = r#"
id: apply
title: {zh-CN: 申请, en: Apply}
steps:
  - {id: form, title: {zh-CN: 填写, en: Form}, pages: [form], next: [upload]}
  - {id: upload, title: {zh-CN: 上传, en: Upload}, pages: [id], next: [end]}
  - {id: end, title: {zh-CN: 完成, en: End}, pages: [end]}
done: {step: end}
"#;

    #[test]
    fn a_survey_counts_customers_visits_ways_and_stays() {
        let map = JourneyMap::new(vec![serde_saphyr::from_str(JOURNEY).expect("a journey")]).expect("sound");
        let mut names = Names::default();
        let routes = Routes::new(&map, &mut names);
        let mut number = |text: &str| if text.is_empty() { NONE } else { names.number(&Name::parse(text).expect("a name")) };
        let blurred = number("blurred");
        // Visitor, seconds, act, page.
        let acts = [
            (1, 0, Act::Page, "form"),
            (1, 10, Act::Page, "id"),
            (1, 20, Act::Hidden, "id"),
            (1, 50, Act::Visible, "id"),
            (1, 60, Act::FieldError, "id"),
            (1, 70, Act::Page, "end"),
            (2, 0, Act::Page, "form"),
            (2, 30, Act::Page, "id"),
            (2, 40, Act::Page, "form"),
            (2, 90, Act::Page, "id"),
            // An hour later the same page is a new visit, and the old one was given up.
            (2, 4000, Act::Page, "id"),
            (3, 5, Act::Page, "nowhere"),
            (3, 6, Act::Click, "id"),
        ];
        let client = Client { platform: Platform::Ios, version: 2, network: Network::Wifi };
        let rows = acts.map(|(visitor, secs, act, page)| {
            let code = if act == Act::FieldError { blurred } else { NONE };
            let record = Record { n: 0, at: 1_000_000 + secs * 1000, act, page: number(page), target: NONE, code, value: 0 };
            Row { visitor, client, record }
        });
        let parts: Vec<Columns> = columns(rows).into_iter().map(|(_, part)| part).collect();
        let all = survey(&map, &routes, Filter::default(), 10, &parts);
        let [form, upload, end] = [0, 1, 2].map(|i| all.steps[i].clone());
        assert_eq!((form.visitors, form.visits, form.passed), (2, 3, 3));
        assert_eq!((upload.visitors, upload.visits, upload.passed), (2, 4, 1));
        assert_eq!((end.visitors, all.done[0]), (1, 1));
        assert_eq!(upload.dwells_ms, [30_000], "out of sight does not count");
        assert_eq!(upload.errors, BTreeMap::from([(blurred, 1)]));
        let mut dwells = form.dwells_ms;
        assert_eq!(quantile(&mut dwells, 0.5), Some(30_000));
        let links: HashMap<_, _> = all.links.clone().into_iter().collect();
        assert_eq!((links[&(OUTSIDE, 0)], links[&(0, 1)], links[&(1, 0)], links[&(1, 2)]), (2, 3, 1, 1));
        assert_eq!((links[&(1, OUTSIDE)], links[&(2, OUTSIDE)]), (1, 1));
        assert_eq!(all.records, 12);

        let mut halves = survey(&map, &routes, Filter::default(), 2, &parts);
        let mut rest = Counter::new(&map, &routes, Filter::default(), 2..10);
        parts.iter().for_each(|part| rest.take(part));
        halves.join(rest.finish());
        assert_eq!((halves.links, halves.done, halves.records), (all.links, all.done, all.records), "ranges add up");
        let none = survey(&map, &routes, Filter { platform: Some(Platform::H5), version: None }, 10, &parts);
        assert_eq!(none.records, 0);
    }

    #[test]
    fn quantiles_are_exact() {
        let mut dwells: Vec<u32> = (1..=100).rev().collect();
        for (q, want) in [(0.0, 1), (0.5, 50), (0.9, 90), (1.0, 100)] {
            assert_eq!(quantile(&mut dwells, q), Some(want));
        }
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
