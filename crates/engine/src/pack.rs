//! Packs and flows as files: reads `packs/<product>/knowledge/<language>/<stage>.yaml` and `flows/<flow>/flow.yaml` from
//! text. Owns their layout; where the text comes from (a folder, the binary itself) is the caller's business.

use jieti_domain::flow::{Flow, FlowFile, Flows};
use jieti_domain::guidance::Trigger;
use jieti_domain::id::{FlowId, NeedId};
use jieti_domain::inspection::{Inspector, PublishedCard, Scorecard};
use jieti_domain::journey::{Journey, JourneyMap};
use jieti_domain::knowledge::{Audience, Cause, Entry, EntryButton, EntryText, Knowledge, Validity};
use jieti_domain::routing::RoutingRules;
use jieti_domain::service::{ServiceRules, calendar_problems, reply_problems};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::Lang;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

/// One file: its path as shown in errors, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

/// Everything wrong with a set of files, one line each: file, place, reason.
#[derive(Debug, Error)]
#[error("{}", problems.join("\n"))]
pub struct PackError {
    pub problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    stage: String,
    entries: Vec<MainEntry>,
}

/// An entry in the pack's first language, which also says what it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MainEntry {
    id: NeedId,
    title: String,
    risk: Risk,
    cause: Cause,
    owner: String,
    #[serde(default)]
    flow: Option<FlowId>,
    #[serde(default)]
    signed_in: bool,
    ask: Vec<String>,
    answer: String,
    #[serde(default)]
    buttons: Vec<EntryButton>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TranslatedFile {
    #[serde(rename = "stage")]
    _stage: String,
    entries: Vec<TranslatedEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TranslatedEntry {
    id: NeedId,
    title: String,
    ask: Vec<String>,
    answer: String,
    #[serde(default)]
    buttons: Vec<EntryButton>,
}

/// Reads flows. Files that are not called `flow.yaml` (scenarios, replies) are passed over.
///
/// # Errors
/// `PackError` lists every problem of every file.
pub fn read_flows(files: &[SourceFile]) -> Result<Flows, PackError> {
    let mut problems = Vec::new();
    let mut flows: Vec<Flow> = Vec::new();
    for file in files.iter().filter(|f| f.path.ends_with("flow.yaml")) {
        match parse::<FlowFile>(file).and_then(|f| f.check().map_err(|errors| lines(file, errors))) {
            Ok(flow) => flows.push(flow),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(Flows::new(flows)) } else { Err(PackError { problems }) }
}

/// Reads a pack's `service/` folder.
///
/// # Errors
/// `PackError` lists every problem of every file; a file that is not known is one.
pub fn read_service(files: &[SourceFile]) -> Result<ServiceRules, PackError> {
    let mut problems = Vec::new();
    let mut rules = ServiceRules::default();
    for file in files {
        let name = file.path.rsplit_once("service/").map_or(file.path.as_str(), |(_, name)| name);
        let read = match name {
            "routing.yaml" => parse(file).map(|routing| rules.routing = routing),
            "calendars.yaml" => parse(file).map(|calendars| rules.calendars = calendars),
            "inspection/scorecard.yaml" => read_scorecard(&file.text, 0)
                .map(|card| rules.scorecard = Some(Arc::new(card)))
                .map_err(|problems| lines(file, problems)),
            "tickets.yaml" => parse(file).map(|tickets| rules.tickets = tickets),
            "attribution.yaml" => parse(file).map(|attribution| rules.attribution = attribution),
            "replies.yaml" => parse(file).map(|replies| rules.replies = replies),
            _ => Err(vec![format!("{}: no such file belongs in service/; remove it or correct its name", file.path)]),
        };
        problems.extend(read.err().into_iter().flatten());
    }
    problems.extend(reply_problems(&rules.replies));
    problems.extend(calendar_problems(&rules.calendars));
    problems.extend(rules.routing.problems().into_iter().map(|problem| format!("service/routing.yaml: {problem}")));
    if let Some(calendar) = rules.routing.calendar.as_deref().filter(|id| rules.calendar(id).is_none()) {
        problems.push(format!(
            "service/routing.yaml: calendar {calendar:?} is not in calendars.yaml; write it there or name another"
        ));
    }
    problems.extend(rules.tickets.problems(&rules.calendars));
    problems.extend(rules.attribution.problems(&rules.calendars, &rules.tickets));
    if problems.is_empty() { Ok(rules) } else { Err(PackError { problems }) }
}

/// Reads a pack's `journeys/` and `guidance/` folders.
///
/// # Errors
/// `PackError` lists every problem of every file.
pub fn read_journeys(files: &[SourceFile]) -> Result<(JourneyMap, Vec<Trigger>), PackError> {
    let mut problems = Vec::new();
    let (mut journeys, mut triggers) = (Vec::new(), Vec::new());
    let mut files: Vec<&SourceFile> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for file in files {
        let read = if file.path.contains("guidance/") {
            parse::<Vec<Trigger>>(file).map(|read| triggers.extend(read))
        } else {
            parse::<Journey>(file).map(|journey| journeys.push(journey))
        };
        problems.extend(read.err().into_iter().flatten());
    }
    let map = JourneyMap::new(journeys).unwrap_or_else(|found| {
        problems.extend(found);
        JourneyMap::default()
    });
    let mut seen = BTreeSet::new();
    problems.extend(
        triggers.iter().filter(|t| !seen.insert(t.id.clone())).map(|t| format!("trigger {} is written twice; rename one", t.id)),
    );
    if problems.is_empty() { Ok((map, triggers)) } else { Err(PackError { problems }) }
}

/// What names in journeys and triggers point to nothing, one line each: needs without an entry, skills nobody has.
pub fn journey_problems(map: &JourneyMap, triggers: &[Trigger], knowledge: &Knowledge, routing: &RoutingRules) -> Vec<String> {
    let mut problems = Vec::new();
    for place in &map.places {
        let path = format!("journey {:?}, step {:?}", map.journeys[place.journey].id.as_str(), place.step.id.as_str());
        for need in place.step.needs.keys().filter(|need| knowledge.get(need).is_none()) {
            problems.push(format!("{path}: need {:?} has no knowledge entry; write one or name another", need.as_str()));
        }
        if let Some(skill) = place.step.skill.as_ref().filter(|skill| !routing.skills.contains_key(*skill)) {
            problems.push(format!("{path}: skill {:?} is not in service/routing.yaml; name it there first", skill.as_str()));
        }
    }
    for trigger in triggers {
        problems.extend(jieti_domain::guidance::problems(trigger, map, |need| knowledge.get(need).is_some()));
    }
    problems
}

/// Reads and compiles a scorecard.
///
/// # Errors
/// Everything that is wrong with it, one line each.
pub fn read_scorecard(source: &str, version: u64) -> Result<PublishedCard, Vec<String>> {
    let card: Scorecard = serde_saphyr::from_str(source).map_err(|e| vec![e.to_string()])?;
    Ok(PublishedCard { version, source: source.to_owned(), inspector: Inspector::new(card)? })
}

/// Reads a pack's knowledge: paths with `/zh-CN/` give the entries, paths with `/en/` their English.
///
/// # Errors
/// `PackError` lists every problem of every file and between entries.
pub fn read_knowledge(files: &[SourceFile], flows: &Flows) -> Result<Vec<Entry>, PackError> {
    let mut problems = Vec::new();
    let mut entries: BTreeMap<NeedId, Entry> = BTreeMap::new();
    for file in files.iter().filter(|f| f.path.contains("zh-CN/") && f.path.ends_with(".yaml")) {
        match parse::<StageFile>(file) {
            Ok(stage) => {
                for entry in stage.entries {
                    let entry = main_entry(&stage.stage, entry);
                    if let Some(twice) = entries.insert(entry.id.clone(), entry) {
                        problems.push(format!("{}: entry {} is written twice; keep one", file.path, twice.id));
                    }
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    for file in files.iter().filter(|f| f.path.contains("en/") && !f.path.contains("zh-CN/") && f.path.ends_with(".yaml")) {
        match parse::<TranslatedFile>(file) {
            Ok(stage) => {
                for text in stage.entries {
                    match entries.get_mut(&text.id) {
                        Some(entry) => {
                            entry.texts.insert(
                                Lang::En,
                                Box::new(EntryText {
                                    title: text.title,
                                    ask: text.ask,
                                    answer: text.answer,
                                    buttons: text.buttons,
                                }),
                            );
                        }
                        None => problems.push(format!("{}: entry {} is not in zh-CN; write it there first", file.path, text.id)),
                    }
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    let knowledge = Knowledge::new(entries.into_values());
    problems.extend(knowledge.problems(&flows.ids()).iter().map(ToString::to_string));
    if problems.is_empty() { Ok(knowledge.iter().cloned().collect()) } else { Err(PackError { problems }) }
}

fn main_entry(stage: &str, entry: MainEntry) -> Entry {
    let text = Box::new(EntryText { title: entry.title, ask: entry.ask, answer: entry.answer, buttons: entry.buttons });
    Entry {
        id: entry.id,
        stage: stage.to_owned(),
        risk: entry.risk,
        cause: entry.cause,
        owner: entry.owner,
        flow: entry.flow,
        signed_in: entry.signed_in,
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::from([(Lang::ZhCn, text)]),
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &SourceFile) -> Result<T, Vec<String>> {
    serde_saphyr::from_str(&file.text).map_err(|e| vec![format!("{}: {e}", file.path)])
}

fn lines<E: ToString>(file: &SourceFile, errors: Vec<E>) -> Vec<String> {
    errors.iter().map(|e| format!("{}: {}", file.path, e.to_string())).collect()
}
