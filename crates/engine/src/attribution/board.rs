//! The problem board: what the domain grouped, with titles that people read.

use super::CauseError;
use crate::Engine;
use jieti_domain::attribution::{Accuracy, Attributed, BoardSpan, Problem, ProblemKey, Source, board, china_day};
use jieti_domain::conversation::Rules;
use jieti_domain::id::NeedId;
use jieti_domain::journey::BreakKind;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Localized};
use jieti_store::ReadError;
use std::collections::BTreeMap;

/// Days that the rise of a problem looks back on.
const BACK_DAYS: i64 = 36;

#[derive(Debug, Clone)]
pub struct ProblemBoard {
    pub until: Timestamp,
    pub days: u16,
    pub problems: Vec<ProblemView>,
    pub accuracy: Accuracy,
}

#[derive(Debug, Clone)]
pub struct ProblemView {
    pub title: Localized,
    pub area: Localized,
    pub problem: Problem,
    /// Needs by title, with how often each was asked.
    pub questions: Vec<(Localized, u64)>,
}

impl Engine {
    /// Problems as of an instant, over so many days before it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn problem_board(&self, until: Timestamp, days: u16) -> Result<ProblemBoard, ReadError> {
        let rows = self.rows_of(until, BACK_DAYS.max(i64::from(days))).await?;
        Ok(self.board_of(&rows, until, days, self.known_since().await?))
    }

    /// One problem with what it is made of, the latest first.
    ///
    /// # Errors
    /// `NotFound` where nothing of it happened in the span.
    pub async fn problem(&self, id: &str, until: Timestamp, days: u16) -> Result<(ProblemView, Vec<Attributed>), CauseError> {
        let rows = self.rows_of(until, BACK_DAYS.max(i64::from(days))).await?;
        let known_since = self.known_since().await?;
        let found = self.board_of(&rows, until, days, known_since).problems.into_iter().find(|p| p.problem.id == id);
        let view = found.ok_or_else(|| CauseError::NotFound { what: "problem", id: id.to_owned() })?;
        let mut by_id: BTreeMap<String, Attributed> = rows.into_iter().map(|row| (row.trouble.id.clone(), row)).collect();
        let parts = view.problem.troubles.iter().filter_map(|id| by_id.remove(id)).collect();
        Ok((view, parts))
    }

    async fn known_since(&self) -> Result<i64, ReadError> {
        Ok(china_day(self.0.store.attributed_since().await?.unwrap_or_else(|| self.now())))
    }

    fn board_of(&self, rows: &[Attributed], until: Timestamp, days: u16, known_since: i64) -> ProblemBoard {
        let brain = self.brain();
        let rules = &brain.rules.service.attribution;
        let problems = board(rows, rules, BoardSpan { until, days, known_since });
        let view = |problem: Problem| ProblemView {
            title: title(&problem.key, &brain.rules),
            area: rules.area(&problem.key.area),
            questions: problem.needs.iter().map(|(need, count)| (need_title(need, &brain.rules), *count)).collect(),
            problem,
        };
        let accuracy = self.taught().accuracy;
        ProblemBoard { until, days, problems: problems.into_iter().map(view).collect(), accuracy }
    }

    /// Contacts and tickets a day, over all problems.
    pub(super) fn contacts_per_day(rows: &[Attributed], days: u16) -> f64 {
        rows.iter().filter(|r| r.trouble.source != Source::BreakPoint).count() as f64 / f64::from(days.max(1))
    }
}

/// Area, step and what it is, in both languages.
pub(super) fn title(key: &ProblemKey, rules: &Rules) -> Localized {
    let area = rules.service.attribution.area(&key.area);
    let what = key.what.as_deref().map(|what| match BreakKind::from_code(what) {
        Some(kind) => kind_title(kind),
        None if what.contains('.') && rules.knowledge.get(&NeedId::new(what)).is_some() => need_title(what, rules),
        None => Localized::new(what, what),
    });
    let join = |lang: Lang| {
        let place = key.place.as_deref().map(|place| step_title(place, rules).get(lang).to_owned());
        let parts = [Some(area.get(lang).to_owned()), place, what.as_ref().map(|w| w.get(lang).to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    Localized::new(join(Lang::ZhCn), join(Lang::En))
}

/// A step by its title, with that of its journey; one that the pack no longer has keeps its name.
pub(super) fn step_title(place: &str, rules: &Rules) -> Localized {
    let map = &rules.service.journeys;
    let known = place.split_once('.').and_then(|(journey, step)| map.find(&journey.into(), &step.into()));
    let titles = known.and_then(|no| Some((map.journey_of(no)?, map.place(no)?)));
    titles.map_or_else(
        || Localized::new(place, place),
        |(journey, place)| {
            let join = |lang| format!("{}/{}", journey.title.get(lang), place.step.title.get(lang));
            Localized::new(join(Lang::ZhCn), join(Lang::En))
        },
    )
}

fn need_title(need: &str, rules: &Rules) -> Localized {
    let id = NeedId::new(need);
    Localized::new(rules.title(&id, Lang::ZhCn), rules.title(&id, Lang::En))
}

fn kind_title(kind: BreakKind) -> Localized {
    match kind {
        BreakKind::Dwell => Localized::new("停留过久", "stayed too long"),
        BreakKind::Errors => Localized::new("反复出错", "errors again and again"),
        BreakKind::Loop => Localized::new("来回折返", "to and fro"),
        BreakKind::Rage => Localized::new("连续点击", "touched in vain"),
        BreakKind::Left => Localized::new("中途离开", "left"),
        BreakKind::Silence => Localized::new("承诺未到", "promise not kept"),
    }
}
