//! `inspect`: a conversation's events in, findings and scores out. Pure; the card is compiled once.

use super::checks::{self, Found};
use super::plain::Plain;
use super::scorecard::{Check, Criterion, Scorecard, Severity, Watch};
use super::timeline::{Responsible, Timeline};
use super::wording::{ListId, Wording, of_list};
use crate::conversation::StoredEvent;
use crate::id::RuleId;
use crate::message::Message;
use crate::understanding::Localized;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A rule that was broken, with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: RuleId,
    pub severity: Severity,
    /// Points that the rule costs.
    pub weight: u8,
    /// Place of the event that is the evidence.
    pub at: u64,
    /// The words themselves, as they were written.
    pub quote: String,
    pub why: Localized,
    pub who: Responsible,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// 0–100; 100 where nothing was found.
    pub score: u8,
    /// The same for everybody who spoke for us, by what they answer for.
    pub shares: Vec<Share>,
    /// By place, then in the order of the card.
    pub findings: Vec<Finding>,
}

/// One speaker's part in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub who: Responsible,
    pub score: u8,
}

/// A conversation with a critical finding scores no more than this: below every pass mark in use (60).
const CRITICAL_CAP: u8 = 40;

/// A card in use. Version 0 is the pack's own; every publication counts one up.
#[derive(Debug, Clone)]
pub struct PublishedCard {
    pub version: u64,
    /// As it was written, for the editor.
    pub source: String,
    pub inspector: Inspector,
}

/// A compiled scorecard.
#[derive(Debug, Clone)]
pub struct Inspector {
    card: Scorecard,
    wording: Wording,
    /// First list of each criterion, by its place on the card.
    lists: Vec<ListId>,
}

impl Inspector {
    /// # Errors
    /// Everything that is wrong with the card, one line each.
    pub fn new(card: Scorecard) -> Result<Self, Vec<String>> {
        let problems = card.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut lists = Vec::with_capacity(card.criteria.len());
        let mut phrases: Vec<&[String]> = Vec::new();
        for criterion in &card.criteria {
            lists.push(phrases.len());
            phrases.extend(criterion.check.lists().iter().map(|list| list.phrases));
        }
        let wording =
            Wording::compile(phrases).map_err(|error| vec![format!("the phrases do not compile: {error}; write fewer")])?;
        Ok(Self { wording, lists, card })
    }

    pub fn card(&self) -> &Scorecard {
        &self.card
    }

    /// Holds a conversation against the whole card.
    pub fn inspect(&self, events: &[StoredEvent]) -> Inspection {
        let timeline = Timeline::new(events, &self.wording);
        let findings = self.findings(&timeline, |_| true);
        let mut speakers = timeline.speakers();
        speakers.extend(findings.iter().map(|f| f.who.clone()));
        speakers.sort();
        speakers.dedup();
        let shares =
            speakers.into_iter().map(|who| Share { score: score(findings.iter().filter(|f| f.who == who)), who }).collect();
        Inspection { score: score(&findings), shares, findings }
    }

    /// What supervisors are alarmed about in a conversation that runs: criteria that are watched at once, broken at `at`.
    pub fn alarms(&self, events: &[StoredEvent], at: u64) -> Vec<Finding> {
        let timeline = Timeline::new(events, &self.wording);
        let mut findings = self.findings(&timeline, |criterion| criterion.watch == Watch::AtOnce);
        findings.retain(|finding| finding.at == at);
        findings
    }

    /// Whether a message is worth a look by [`Inspector::alarms`]: it has a phrase of a criterion that is watched at once.
    /// Looks at the words alone, so it is cheap enough for everything that is said.
    pub fn is_suspicious(&self, message: &Message) -> bool {
        let hits = self.wording.find(&Plain::new(&message.text));
        self.criteria().any(|(criterion, list)| criterion.watch == Watch::AtOnce && !of_list(&hits, list).is_empty())
    }

    fn criteria(&self) -> impl Iterator<Item = (&Criterion, ListId)> {
        self.card.criteria.iter().zip(self.lists.iter().copied())
    }

    fn findings(&self, timeline: &Timeline<'_>, wanted: impl Fn(&Criterion) -> bool) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for (criterion, list) in self.criteria().filter(|(criterion, _)| wanted(criterion)) {
            let found = match &criterion.check {
                Check::Required(check) => checks::required(timeline, check, list),
                Check::Forbidden(_) => checks::forbidden(timeline, list),
                Check::Promise(_) => checks::promise(timeline, list),
                Check::WrongSums(check) => checks::wrong_sums(timeline, check),
                Check::Disclosure(_) => checks::disclosure(timeline, list),
                Check::ResponseTime(check) => checks::response_time(timeline, check),
                Check::Silence(check) => checks::silence(timeline, check, list),
                Check::Interruption(check) => checks::interruption(timeline, check),
                Check::Mood(check) => checks::mood(timeline, check),
                Check::MissedHandoff(check) => checks::missed_handoff(timeline, check),
                Check::Loops(check) => checks::loops(timeline, check),
                Check::ContactHours(check) => checks::contact_hours(timeline, check, list),
            };
            let applicable = found.into_iter().filter(|f| criterion.applies_to.contains(&f.who.party));
            findings.extend(applicable.map(|found| finding(criterion, found)));
        }
        findings.sort_by_key(|finding| finding.at);
        findings
    }
}

fn finding(criterion: &Criterion, found: Found) -> Finding {
    let why = match found.detail {
        Some(detail) => Localized::new(
            format!("{}（{}）", criterion.why.zh_cn, detail.zh_cn),
            format!("{} ({})", criterion.why.en, detail.en),
        ),
        None => criterion.why.clone(),
    };
    Finding {
        rule: criterion.id.clone(),
        severity: criterion.severity,
        weight: criterion.weight,
        at: found.at,
        quote: found.quote,
        why,
        who: found.who,
    }
}

/// 100 less the weight of each broken rule, counted once for everybody who broke it; at most [`CRITICAL_CAP`] with a
/// critical finding.
pub fn score<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> u8 {
    let mut broken: BTreeMap<(&RuleId, &Responsible), u8> = BTreeMap::new();
    let mut severities = BTreeSet::new();
    for finding in findings {
        broken.insert((&finding.rule, &finding.who), finding.weight);
        severities.insert(finding.severity);
    }
    let lost: u32 = broken.values().copied().map(u32::from).sum();
    let score = u8::try_from(100_u32.saturating_sub(lost)).unwrap_or(0);
    if severities.contains(&Severity::Critical) { score.min(CRITICAL_CAP) } else { score }
}
