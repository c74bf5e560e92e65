//! Figures against what was given in the conversation, and account facts said to strangers.

use super::Found;
use crate::conversation::{Event, Speaker};
use crate::figures::{Figure, figures};
use crate::inspection::scorecard::{FigureKind, Unknown, WrongSums};
use crate::inspection::timeline::{Party, Timeline};
use crate::inspection::wording::{ListId, excepts, of_list};
use crate::lender::{Fact, Facts};
use crate::message::Message;
use crate::money::{BasisPoints, Fen};
use crate::understanding::Localized;
use std::collections::BTreeSet;

/// The bot's own figures are sources: its flows and entries cannot say others (invariant 3).
pub fn wrong_sums(timeline: &Timeline<'_>, check: &WrongSums) -> Vec<Found> {
    let said: Vec<_> = timeline
        .ours()
        .filter(|(_, by)| by.party != Party::Bot)
        .filter_map(|(line, by)| {
            let claimed: Vec<Figure> =
                figures(line.text).into_iter().filter(|f| kind(f).is_some_and(|k| check.kinds.contains(&k))).collect();
            if claimed.is_empty() { None } else { Some((line, by, claimed)) }
        })
        .collect();
    if said.is_empty() {
        return Vec::new();
    }
    let given = given(timeline);
    let is_judged =
        |figure: &Figure| check.when_nothing_is_known == Unknown::Flag || given.iter().any(|known| kind(known) == kind(figure));
    said.into_iter()
        .filter_map(|(line, by, claimed)| {
            let wrong = claimed.into_iter().find(|figure| is_judged(figure) && !is_given(figure, &given))?;
            let shown = shown(&wrong);
            let detail = Localized::new(format!("{shown} 不在已知事实中"), format!("{shown} is not among the facts given"));
            Some(Found { at: line.seq, quote: line.quote(), who: by.clone(), detail: Some(detail) })
        })
        .collect()
}

/// Lists: phrases, unless.
pub fn disclosure(timeline: &Timeline<'_>, list: ListId) -> Vec<Found> {
    if timeline.signed_in != Some(false) {
        return Vec::new();
    }
    timeline
        .ours()
        .filter_map(|(line, who)| {
            let hit = of_list(&line.hits, list).iter().find(|hit| {
                let (from, to) = line.plain.clause(hit.start, hit.end);
                !excepts(&line.hits, list + 1, from..to, **hit)
            })?;
            let has_card = line.message.is_some_and(|m| m.card.is_some());
            let has_figure = || figures(line.text).iter().any(|f| kind(f).is_some());
            if !has_card && !has_figure() {
                return None;
            }
            Some(Found { at: line.seq, quote: line.sentence(hit.start, hit.end), who: who.clone(), detail: None })
        })
        .collect()
}

fn kind(figure: &Figure) -> Option<FigureKind> {
    match figure {
        Figure::Sum(_) => Some(FigureKind::Sum),
        Figure::Rate(_) => Some(FigureKind::Rate),
        Figure::Day(..) => Some(FigureKind::Day),
        Figure::Count(..) => None,
    }
}

/// What the lender, the bot, a draft or the customer gave.
fn given(timeline: &Timeline<'_>) -> BTreeSet<Figure> {
    let mut given = BTreeSet::new();
    for stored in timeline.events {
        match &stored.event {
            Event::CustomerSaid { text, .. } => given.extend(figures(text)),
            Event::CustomerSubmitted { rows, .. } => given.extend(rows.iter().flat_map(|row| figures(&row.value))),
            Event::Said { by: Speaker::Bot, message } => take_message(message, &mut given),
            Event::Said { by: Speaker::ReviewedBot { .. } | Speaker::Agent { .. }, message } => take_card(message, &mut given),
            Event::DraftProposed { draft } => take_message(&draft.message, &mut given),
            Event::FlowMoved { run, .. } | Event::FlowEnded { run, .. } => take_facts(&run.facts, &mut given),
            _ => {}
        }
    }
    given
}

fn take_message(message: &Message, given: &mut BTreeSet<Figure>) {
    given.extend(figures(&message.text));
    take_card(message, given);
}

/// A card's rows carry sums with and without their unit: both are read as sums.
fn take_card(message: &Message, given: &mut BTreeSet<Figure>) {
    for row in message.card.iter().flat_map(|card| card.rows.iter().chain(&card.total)) {
        given.extend(figures(&row.value));
        if let Ok(sum) = Fen::parse_yuan(&row.value) {
            given.insert(Figure::Sum(sum.0));
        }
    }
}

fn take_facts(facts: &Facts, given: &mut BTreeSet<Figure>) {
    facts.values().for_each(|fact| take_fact(fact, given));
}

fn take_fact(fact: &Fact, given: &mut BTreeSet<Figure>) {
    match fact {
        Fact::Money(sum) => drop(given.insert(Figure::Sum(sum.0))),
        Fact::Rate(rate) => drop(given.insert(Figure::Rate(rate.0))),
        Fact::Date(day) => drop(given.insert(Figure::Day(i64::from(day.year()), i64::from(day.month()), i64::from(day.day())))),
        Fact::Text(text) => given.extend(figures(text)),
        Fact::List(items) => items.iter().for_each(|item| take_fact(item, given)),
        Fact::Record(record) => take_facts(record, given),
        Fact::Count(_) | Fact::Flag(_) => {}
    }
}

fn is_given(figure: &Figure, given: &BTreeSet<Figure>) -> bool {
    match figure {
        // A day without its year is the same day wherever month and day agree.
        Figure::Day(year, month, day) => given
            .iter()
            .any(|g| matches!(g, Figure::Day(y, m, d) if m == month && d == day && (y == year || *y == 0 || *year == 0))),
        // "Both loans together", "what is left after paying that": adding up two given sums invents nothing.
        Figure::Sum(sum) => {
            let sums = || given.iter().filter_map(|g| if let Figure::Sum(fen) = g { Some(*fen) } else { None });
            given.contains(figure) || sums().any(|a| sums().any(|b| a.saturating_add(b) == *sum || a.saturating_sub(b) == *sum))
        }
        Figure::Rate(_) | Figure::Count(..) => given.contains(figure),
    }
}

fn shown(figure: &Figure) -> String {
    match figure {
        Figure::Sum(fen) => format!("¥{}", Fen(*fen)),
        Figure::Rate(rate) => BasisPoints(*rate).to_string(),
        Figure::Day(0, month, day) => format!("{month:02}-{day:02}"),
        Figure::Day(year, month, day) => format!("{year}-{month:02}-{day:02}"),
        Figure::Count(unit, count) => format!("{}{unit}", count / 100),
    }
}
