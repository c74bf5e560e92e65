//! The problem board: what the domain grouped, with titles that people read.

use super::CauseError;
use crate::Engine;
use jieti_domain::attribution::{Accuracy, Attributed, BoardSpan, Problem, ProblemKey, Source, board, china_day, day_start};
use jieti_domain::conversation::Rules;
use jieti_domain::id::NeedId;
use jieti_domain::journey::BreakKind;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Localized};
use jieti_store::ReadError;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Days that the rise of a problem looks back on.
const BACK_DAYS: i64 = 36;

/// A board that took so long to make is shown again instead of made again …
const SLOW: Duration = Duration::from_millis(50);
/// … for so many times as long: at most a twentieth of a core goes into boards, however many people look at them.
const SHOWN_AGAIN: u32 = 20;
/// Boards kept at once, of different days and spans.
const BOARDS: usize = 8;

#[derive(Debug, Clone)]
pub struct ProblemBoard {
    pub until: Timestamp,
    pub days: u16,
    /// Contacts and tickets a day, over all problems.
    pub contacts_a_day: f64,
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
    /// Problems as of an instant, over so many days before it. One that took long to make may be shown for some seconds.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn problem_board(&self, until: Timestamp, days: u16) -> Result<Arc<ProblemBoard>, ReadError> {
        // Held while one is made: who asks for the same in the meantime waits for it.
        let mut made = self.0.boards.lock().await;
        let now = self.now();
        made.retain(|m| now.0 < m.shown_until.0);
        let fits = |m: &&Made| m.board.days == days && (until.0 - m.board.until.0).abs() < m.shown_until.0 - m.at.0;
        if let Some(found) = made.iter().find(fits) {
            return Ok(Arc::clone(&found.board));
        }
        let began = Instant::now();
        let rows = self.rows_of(until, BACK_DAYS.max(i64::from(days))).await?;
        let known_since = self.known_since().await?;
        let engine = self.clone();
        let work = tokio::task::spawn_blocking(move || Arc::new(engine.board_of(&rows, until, days, known_since)));
        let board = work.await.map_err(|e| ReadError::Broken { detail: e.to_string() })?;
        let took = began.elapsed();
        if took >= SLOW {
            let ms = i64::try_from((took * SHOWN_AGAIN).as_millis()).unwrap_or(i64::MAX);
            made.truncate(BOARDS - 1);
            made.insert(0, Made { at: now, shown_until: Timestamp(now.0.saturating_add(ms)), board: Arc::clone(&board) });
        }
        Ok(board)
    }

    /// One problem with the latest of what it is made of, the latest first.
    ///
    /// # Errors
    /// `NotFound` where nothing of it happened in the span.
    pub async fn problem(&self, id: &str, until: Timestamp, days: u16) -> Result<(ProblemView, Vec<Attributed>), CauseError> {
        let board = self.problem_board(until, days).await?;
        let found = board.problems.iter().find(|p| p.problem.id == id);
        let view = found.ok_or_else(|| CauseError::NotFound { what: "problem", id: id.to_owned() })?.clone();
        let mut parts = Vec::with_capacity(view.problem.troubles.len());
        for id in &view.problem.troubles {
            parts.extend(self.0.store.attribution(id).await?);
        }
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
        let from = day_start(china_day(until) - i64::from(days));
        let contacts = rows.iter().filter(|r| r.trouble.at >= from && r.trouble.source != Source::BreakPoint).count();
        let contacts_a_day = contacts as f64 / f64::from(days.max(1));
        ProblemBoard { until, days, contacts_a_day, problems: problems.into_iter().map(view).collect(), accuracy }
    }
}

/// A board that took long to make, and until when it is shown.
#[derive(Debug)]
pub(crate) struct Made {
    at: Timestamp,
    shown_until: Timestamp,
    board: Arc<ProblemBoard>,
}

/// Boards that took long to make, the latest first.
pub(crate) type Boards = tokio::sync::Mutex<Vec<Made>>;

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
