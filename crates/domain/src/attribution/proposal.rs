//! What frequent problems propose: better knowledge, a procedure for agents, a banner for the affected, other staffing. A person
//! accepts each or declines it.

use super::board::Problem;
use crate::knowledge::{CauseKind, Entry};
use crate::staffing::{Load, served_within};
use crate::understanding::{Lang, Localized};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Knowledge,
    Procedure,
    Banner,
    Staffing,
}

impl Kind {
    pub fn code(self) -> &'static str {
        match self {
            Kind::Knowledge => "knowledge",
            Kind::Procedure => "procedure",
            Kind::Banner => "banner",
            Kind::Staffing => "staffing",
        }
    }
}

/// What takes effect when a person accepts it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ProposalContent))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Ways to ask that the entry lacks; becomes a draft of the entry.
    Knowledge { need: String, ask: Vec<String> },
    /// A checklist for agents, shown for the need.
    Procedure { need: String, title: Localized, steps: Vec<Localized> },
    /// Told to customers at the step, or of the version, before they ask.
    Banner { journey: Option<String>, step: Option<String>, version: Option<String>, text: Localized },
    /// People at the busiest hour, with the problem and without it.
    Staffing { contacts_per_day: f64, agents_now: u32, agents_without: u32 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// `<problem>.<kind>`: a problem proposes each kind once.
    pub id: String,
    pub problem: String,
    pub content: Content,
    pub why: Localized,
}

/// What a proposal is made from, besides the problem.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    pub title: Localized,
    /// Where it happens, as customers know it.
    pub place: Option<Localized>,
    /// The knowledge entry of its commonest need.
    pub entry: Option<&'a Entry>,
    /// What its customers wrote, the commonest first.
    pub questions: Vec<(String, u64)>,
    /// All contacts a day, of every problem.
    pub all_per_day: f64,
    pub days: f64,
    /// Mean seconds that a contact takes an agent.
    pub handle_secs: f64,
}

/// From so many customers on a problem is frequent.
const FREQUENT: u64 = 5;
/// Ways to ask that are proposed at once.
const QUESTIONS: usize = 5;
/// The busiest hour has this share of the day.
const PEAK_SHARE: f64 = 0.12;
/// Eight in ten are served within 20 seconds: the usual aim of call centres.
const SERVED_SHARE: f64 = 0.8;
const SERVED_SECS: f64 = 20.0;
/// People no calculation asks for more of.
const MOST_AGENTS: u32 = 5000;

/// Proposals of a problem; none of one that is rare.
pub fn propose(problem: &Problem, evidence: &Evidence<'_>) -> Vec<Proposal> {
    if problem.customers < FREQUENT {
        return Vec::new();
    }
    let (title, customers) = (&evidence.title, problem.customers);
    let proposal = |content: Content, why: Localized| Proposal {
        id: format!("{}.{}", problem.id, content.kind().code()),
        problem: problem.id.clone(),
        content,
        why,
    };
    let mut found = Vec::new();
    if let Some(entry) = evidence.entry {
        let known = entry.text(Lang::ZhCn).map(|t| t.ask.as_slice()).unwrap_or_default();
        let ask: Vec<String> = evidence
            .questions
            .iter()
            .map(|(text, _)| text.clone())
            .filter(|text| (4..=40).contains(&text.chars().count()) && !known.contains(text))
            .take(QUESTIONS)
            .collect();
        if !ask.is_empty() {
            let why = Localized::new(
                format!("{customers} 位客户问过，其中 {} 种问法知识里还没有", ask.len()),
                format!("{customers} customers asked, in {} ways that the knowledge does not have yet", ask.len()),
            );
            found.push(proposal(Content::Knowledge { need: entry.id.0.clone(), ask }, why));
        }
        let why = Localized::new(
            format!("{customers} 位客户遇到，坐席照同一份清单处理，答复一致"),
            format!("{customers} customers met it; with one checklist every agent does the same"),
        );
        let steps = steps(problem, evidence.place.as_ref());
        found.push(proposal(Content::Procedure { need: entry.id.0.clone(), title: title.clone(), steps }, why));
    }
    if let Some((journey, step)) = problem.key.place.as_deref().and_then(|place| place.split_once('.')) {
        // Of one version only if nearly everybody hurt has it.
        let seen: u64 = problem.versions.iter().map(|(_, n)| n).sum();
        let version = problem.versions.first().filter(|(_, n)| *n * 10 >= seen * 9 && seen > 0).map(|(v, _)| v.clone());
        let at = evidence.place.as_ref().unwrap_or(title);
        let text = Localized::new(
            format!("我们已经知道“{}”这一步有问题，正在处理。您可以稍后再试，也可以点这里问客服。", at.zh_cn),
            format!("We know of a problem at \"{}\" and are working on it. Please try again later, or ask us here.", at.en),
        );
        let why = Localized::new(
            format!("{customers} 位客户卡在这一步，提前告知可以少一次咨询"),
            format!("{customers} customers were stuck at this step; telling them first saves them a contact"),
        );
        let content = Content::Banner { journey: Some(journey.to_owned()), step: Some(step.to_owned()), version, text };
        found.push(proposal(content, why));
    }
    found.extend(staffing(problem, evidence).map(|(content, why)| proposal(content, why)));
    found
}

fn steps(problem: &Problem, place: Option<&Localized>) -> Vec<Localized> {
    let mut steps = vec![Localized::new("先说明已经知道这个问题，向客户致歉", "Say that we know of the problem, and apologise")];
    if let Some(place) = place {
        steps.push(Localized::new(
            format!("确认客户是否停在“{}”，看到的提示是什么", place.zh_cn),
            format!("Ask whether they are at \"{}\", and what they see", place.en),
        ));
    }
    if let Some((version, _)) = problem.versions.first() {
        steps.push(Localized::new(
            format!("核对 App 版本，受影响最多的是 {version}"),
            format!("Check the version of the app; {version} is hurt most"),
        ));
    }
    steps.push(match problem.kind {
        CauseKind::Business => {
            Localized::new("讲清规则和依据，不承诺例外", "Explain the rule and its ground; promise no exception")
        }
        CauseKind::Process => {
            Localized::new("查清卡在哪个环节，告诉客户下一步和时限", "Find where it is held up; tell the next step and by when")
        }
        CauseKind::Operation => Localized::new("带着客户一步一步重做，直到通过", "Go through it with the customer, step by step"),
    });
    steps.push(Localized::new(
        "仍未解决就建工单，写明单号和答复时间",
        "If it is not solved, open a ticket and give its number and date",
    ));
    steps
}

/// Agents at the busiest hour, with everything and without this problem.
fn staffing(problem: &Problem, evidence: &Evidence<'_>) -> Option<(Content, Localized)> {
    let own = (problem.contacts + problem.tickets) as f64 / evidence.days.max(1.0);
    let all = evidence.all_per_day.max(own);
    let (now, without) = (agents(all, evidence.handle_secs)?, agents(all - own, evidence.handle_secs)?);
    if now == without {
        return None;
    }
    let why = Localized::new(
        format!("高峰一小时要 {now} 人才能让八成客户 20 秒内接通；去掉这个问题只要 {without} 人"),
        format!("At the busiest hour {now} people serve eight in ten within 20 s; without this problem {without} would"),
    );
    Some((Content::Staffing { contacts_per_day: own, agents_now: now, agents_without: without }, why))
}

/// The fewest agents that serve enough in time; `None` where nothing can be computed.
fn agents(per_day: f64, handle_secs: f64) -> Option<u32> {
    if handle_secs <= 0.0 {
        return None;
    }
    let arrivals_per_sec = per_day * PEAK_SHARE / 3600.0;
    if arrivals_per_sec <= 0.0 {
        return Some(0);
    }
    (1..MOST_AGENTS).find(|&agents| {
        served_within(Load { arrivals_per_sec, handle_secs, agents }, SERVED_SECS).is_some_and(|s| s >= SERVED_SHARE)
    })
}

impl Content {
    pub fn kind(&self) -> Kind {
        match self {
            Content::Knowledge { .. } => Kind::Knowledge,
            Content::Procedure { .. } => Kind::Procedure,
            Content::Banner { .. } => Kind::Banner,
            Content::Staffing { .. } => Kind::Staffing,
        }
    }
}
