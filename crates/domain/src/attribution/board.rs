//! The board: problems by customers hurt times cost, with their course, and which of them have risen beyond chance.

use super::rules::CauseRules;
use super::terms::typical;
use super::trouble::{Attributed, Source, Weight};
use crate::knowledge::CauseKind;
use crate::money::Fen;
use crate::statistics::{Daily, Estimate, Level, false_discovery, rise, turning_point};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What makes two troubles the same problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProblemKey {
    /// Product area.
    pub area: String,
    /// `journey.step`, where the app told.
    pub place: Option<String>,
    /// The error code, else the need, else the kind of break point.
    pub what: Option<String>,
}

/// Which time a board is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardSpan {
    pub until: Timestamp,
    /// Days of which size and cost are counted, the last of them not over yet.
    pub days: u16,
    /// The first day on which anything was attributed at all: nothing is known of the days before.
    pub known_since: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub id: String,
    pub key: ProblemKey,
    /// Of most of its troubles.
    pub kind: CauseKind,
    pub owner: String,
    /// Customers hurt, each once.
    pub customers: u64,
    pub contacts: u64,
    pub tickets: u64,
    /// Those of the contacts and tickets that complain.
    pub complaints: u64,
    pub break_points: u64,
    pub cost: Fen,
    /// Sums of its tickets.
    pub at_stake: Fen,
    /// Customers a day over the last 28 days, the last of them today.
    pub course: Vec<Daily>,
    /// `None` where too little time is known to compare with.
    pub growth: Option<Growth>,
    pub words: Vec<String>,
    /// Needs that were asked, journeys, versions and platforms with their counts, the commonest first.
    pub needs: Vec<(String, u64)>,
    pub journeys: Vec<(String, u64)>,
    pub versions: Vec<(String, u64)>,
    pub platforms: Vec<(String, u64)>,
    /// Ids of its troubles, the latest first.
    pub troubles: Vec<String>,
}

/// The last seven whole days against up to 28 before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Customers a day by those before.
    pub ratio: Estimate,
    /// The false-discovery rate at which it counts as risen, over the whole board.
    pub false_discovery: f64,
    /// Whether it has: at most one in twenty such calls is wrong.
    pub is_sudden: bool,
    /// The day from which on there were more.
    pub since: Option<i64>,
}

const COURSE_DAYS: i64 = 28;
const RECENT_DAYS: i64 = 7;
const BEFORE_DAYS: i64 = 28;
/// With fewer days before there is nothing to compare with.
const LEAST_BEFORE: i64 = 7;
const FALSE_DISCOVERY: f64 = 0.05;
const WORDS: usize = 6;
const TROUBLES: usize = 50;
const DAY_MS: i64 = 86_400_000;
/// China is eight hours ahead, all year.
const CHINA_MS: i64 = 8 * 3_600_000;

/// Days since 1970 on the calendar of China.
pub fn china_day(at: Timestamp) -> i64 {
    (at.0 + CHINA_MS).div_euclid(DAY_MS)
}

/// Such a day, written as `2026-11-22`; `None` where that is no date.
pub fn read_day(date: &str) -> Option<i64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    date.since(epoch).ok().map(|span| i64::from(span.get_days()))
}

/// When such a day begins.
pub fn day_start(day: i64) -> Timestamp {
    Timestamp(day * DAY_MS - CHINA_MS)
}

impl ProblemKey {
    pub fn of(row: &Attributed) -> ProblemKey {
        let trouble = &row.trouble;
        let code = trouble.code.as_ref().map(|c| c.to_string());
        let need = || trouble.need.as_ref().map(ToString::to_string);
        let kind = || trouble.kind.map(|k| k.code().to_owned());
        ProblemKey {
            area: row.attribution.label.cause.area.clone(),
            place: trouble.place(),
            what: code.or_else(need).or_else(kind),
        }
    }

    /// The same for the same problem on every machine.
    pub fn id(&self) -> String {
        let text = format!("{}|{:?}|{:?}", self.area, self.place, self.what);
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        format!("pb-{hash:016x}")
    }
}

/// Groups what was attributed into problems, those with the most customers hurt times cost first. `rows` reach back 35 days from
/// the end of the span, or as far as anything is known.
pub fn board(rows: &[Attributed], rules: &CauseRules, span: BoardSpan) -> Vec<Problem> {
    let today = china_day(span.until);
    let from = today - i64::from(span.days) + 1;
    let mut groups: BTreeMap<ProblemKey, Vec<&Attributed>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.trouble.at <= span.until) {
        groups.entry(ProblemKey::of(row)).or_default().push(row);
    }
    let in_span = |row: &&Attributed| china_day(row.trouble.at) >= from;
    let texts: Vec<(&ProblemKey, &str)> = groups
        .iter()
        .flat_map(|(key, rows)| {
            rows.iter().filter(|r| in_span(r) && !r.trouble.words.is_empty()).map(move |r| (key, r.trouble.words.as_str()))
        })
        .collect();
    let mut problems: Vec<Problem> = groups
        .iter()
        .filter(|(_, rows)| rows.iter().any(|r| in_span(r)))
        .map(|(key, rows)| {
            let mut problem = problem(key, rows, rules, today, from);
            let of =
                |is_here: bool| texts.iter().filter(|(k, _)| (*k == key) == is_here).map(|(_, text)| *text).collect::<Vec<_>>();
            problem.words = typical(&of(true), &of(false), WORDS);
            problem.growth = growth(rows, today, span.known_since);
            problem
        })
        .collect();
    let p_values: Vec<f64> = problems.iter().map(|p| p.growth.map_or(1.0, |g| g.false_discovery)).collect();
    for (problem, rate) in problems.iter_mut().zip(false_discovery(&p_values)) {
        if let Some(growth) = &mut problem.growth {
            (growth.false_discovery, growth.is_sudden) = (rate, rate <= FALSE_DISCOVERY);
            growth.since = growth.since.filter(|_| growth.is_sudden);
        }
    }
    problems.sort_by(|a, b| b.harm().cmp(&a.harm()).then(b.customers.cmp(&a.customers)).then(a.key.cmp(&b.key)));
    problems
}

impl Problem {
    /// Customers hurt times cost: what the board is ordered by.
    pub fn harm(&self) -> i128 {
        i128::from(self.customers) * i128::from(self.cost.0)
    }
}

fn problem(key: &ProblemKey, rows: &[&Attributed], rules: &CauseRules, today: i64, from: i64) -> Problem {
    let inside: Vec<&&Attributed> = rows.iter().filter(|r| china_day(r.trouble.at) >= from).collect();
    let of = |source: Source| inside.iter().filter(|r| r.trouble.source == source).count() as u64;
    let counted = |name: &dyn Fn(&Attributed) -> Option<String>| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        inside.iter().filter_map(|r| name(r)).for_each(|n| *counts.entry(n).or_default() += 1);
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    };
    let commonest = |name: &dyn Fn(&Attributed) -> Option<String>| counted(name).into_iter().next().map(|(n, _)| n);
    let owner = commonest(&|r| Some(r.attribution.label.owner.clone())).unwrap_or_default();
    let kind = commonest(&|r| Some(kind_code(r.attribution.label.cause.kind).to_owned()));
    let sum = |fen: &dyn Fn(&Attributed) -> Fen| Fen(inside.iter().fold(0_i64, |all, r| all.saturating_add(fen(r).0)));
    let mut latest: Vec<&&&Attributed> = inside.iter().collect();
    latest.sort_by_key(|r| std::cmp::Reverse(r.trouble.at));
    Problem {
        id: key.id(),
        key: key.clone(),
        kind: match kind.as_deref() {
            Some("business") => CauseKind::Business,
            Some("process") => CauseKind::Process,
            Some(_) | None => CauseKind::Operation,
        },
        owner,
        customers: inside.iter().map(|r| &r.trouble.customer).collect::<BTreeSet<_>>().len() as u64,
        contacts: of(Source::Contact),
        tickets: of(Source::Ticket),
        complaints: inside.iter().filter(|r| r.trouble.weight == Weight::Complaint).count() as u64,
        break_points: of(Source::BreakPoint),
        cost: sum(&|r| rules.costs.of(r.trouble.weight)),
        at_stake: sum(&|r| r.trouble.sum),
        course: daily(rows.iter().copied(), today - COURSE_DAYS + 1, today),
        growth: None,
        words: Vec::new(),
        needs: counted(&|r| r.trouble.need.as_ref().map(ToString::to_string)),
        journeys: counted(&|r| r.trouble.journey.as_ref().map(ToString::to_string)),
        versions: counted(&|r| r.trouble.version.as_ref().map(ToString::to_string)),
        platforms: counted(&|r| r.trouble.platform.map(|p| format!("{p:?}").to_lowercase())),
        troubles: latest.into_iter().take(TROUBLES).map(|r| r.trouble.id.clone()).collect(),
    }
}

fn kind_code(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Business => "business",
        CauseKind::Process => "process",
        CauseKind::Operation => "operation",
    }
}

/// Customers a day, each once a day, from one day to another, both included.
fn daily<'a>(rows: impl Iterator<Item = &'a Attributed>, from: i64, to: i64) -> Vec<Daily> {
    let mut days: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        days.entry(china_day(row.trouble.at)).or_default().insert(&row.trouble.customer);
    }
    (from..=to).map(|day| Daily { day, count: days.get(&day).map_or(0, |c| c.len() as u64) }).collect()
}

/// Daily customers of one problem and of all others, contacts and tickets or break points, over whole days.
pub fn series(rows: &[Attributed], problem: &str, sources: &[Source], from: i64, to: i64) -> (Vec<Daily>, Vec<u64>) {
    let counted = || rows.iter().filter(|r| sources.contains(&r.trouble.source));
    let own = daily(counted().filter(|r| ProblemKey::of(r).id() == problem), from, to);
    let others = daily(counted().filter(|r| ProblemKey::of(r).id() != problem), from, to);
    (own, others.into_iter().map(|d| d.count).collect())
}

/// The p-value stands in the place of the false-discovery rate until the whole board is known.
fn growth(rows: &[&Attributed], today: i64, known_since: i64) -> Option<Growth> {
    let recent_from = today - RECENT_DAYS;
    // The first day known is seldom a whole one.
    let before_from = (recent_from - BEFORE_DAYS).max(known_since + 1);
    if recent_from - before_from < LEAST_BEFORE {
        return None;
    }
    let days = daily(rows.iter().copied(), before_from, today - 1);
    let split = days.partition_point(|d| d.day < recent_from);
    let rise = rise(&days[..split], &days[split..], Level::P95)?;
    let since = turning_point(&days).filter(|t| t.per_day_after > t.per_day_before).map(|t| t.day);
    Some(Growth { ratio: rise.ratio, false_discovery: rise.p_value, is_sudden: false, since })
}
