//! Proposals of frequent problems: made afresh from the board, decided by a person, in force when accepted.

use super::CauseError;
use super::board::step_title;
use crate::Engine;
use jieti_domain::attribution::{Attributed, Content, Evidence, Proposal, propose};
use jieti_domain::conversation::StaffRef;
use jieti_domain::id::{CustomerId, NeedId};
use jieti_domain::journey::Whereabouts;
use jieti_domain::knowledge::Entry;
use jieti_domain::understanding::{Lang, Localized};
use jieti_store::{DecisionRow, ReadError};
use std::collections::BTreeMap;

/// Days of which a problem proposes.
const SPAN_DAYS: u16 = 28;

/// A proposal, and what a person decided of it.
#[derive(Debug, Clone)]
pub struct ProposalView {
    pub proposal: Proposal,
    pub decision: Option<DecisionRow>,
}

impl Engine {
    /// What a problem proposes now.
    ///
    /// # Errors
    /// `NotFound` where the problem is not on the board.
    pub async fn proposals(&self, problem: &str) -> Result<Vec<ProposalView>, CauseError> {
        let now = self.now();
        let (view, parts) = self.problem(problem, now, SPAN_DAYS).await?;
        let all_per_day = self.problem_board(now, SPAN_DAYS).await?.contacts_a_day;
        let brain = self.brain();
        let need = view.problem.needs.first().map(|(need, _)| NeedId::new(need));
        let evidence = Evidence {
            title: view.title.clone(),
            place: view.problem.key.place.as_deref().map(|place| step_title(place, &brain.rules)),
            entry: need.as_ref().and_then(|need| brain.rules.knowledge.get(need)),
            questions: questions(&parts),
            all_per_day,
            days: f64::from(SPAN_DAYS),
            handle_secs: self.desk().mean_handle_secs(),
        };
        let taught = self.taught();
        let made = propose(&view.problem, &evidence).into_iter().map(|proposal| {
            let decision = taught.decisions.iter().find(|d| d.id == proposal.id).cloned();
            ProposalView { proposal, decision }
        });
        Ok(made.collect())
    }

    /// Accepts a proposal, as it is or as edited, or declines it. What is accepted is in force when this returns.
    ///
    /// # Errors
    /// See [`CauseError`]; nothing has changed then.
    pub async fn decide_proposal(
        &self,
        problem: &str,
        id: &str,
        is_accepted: bool,
        content: Option<Content>,
        by: &StaffRef,
    ) -> Result<Vec<ProposalView>, CauseError> {
        let proposals = self.proposals(problem).await?;
        let found = proposals.into_iter().find(|p| p.proposal.id == id);
        let made = found.ok_or_else(|| CauseError::NotFound { what: "proposal", id: id.to_owned() })?.proposal.content;
        let content = content.unwrap_or_else(|| made.clone());
        if content.kind() != made.kind() {
            let (wanted, found) = (made.kind().code(), content.kind().code());
            return Err(CauseError::Content { id: id.to_owned(), wanted, found });
        }
        if is_accepted && let Content::Knowledge { need, ask } = &content {
            let entry = self.with_questions(&NeedId::new(need), ask).await?;
            self.0.store.save_draft(&entry, &by.name, self.now()).await?;
        }
        let row = DecisionRow {
            id: id.to_owned(),
            problem: problem.to_owned(),
            accepted: is_accepted,
            by: by.name.clone(),
            at: self.now(),
            content,
        };
        self.0.store.save_decision(&row).await?;
        self.learn_causes().await?;
        self.proposals(problem).await
    }

    /// Every decision, the latest first.
    pub fn proposal_decisions(&self) -> Vec<DecisionRow> {
        self.taught().decisions.clone()
    }

    /// Checklists in force for a need.
    pub fn procedures(&self, need: &NeedId) -> Vec<(Localized, Vec<Localized>)> {
        let taught = self.taught();
        let accepted = taught.decisions.iter().filter(|d| d.accepted);
        accepted
            .filter_map(|d| match &d.content {
                Content::Procedure { need: of, title, steps } if of == need.as_str() => Some((title.clone(), steps.clone())),
                _ => None,
            })
            .collect()
    }

    /// Known problems that this customer is affected by now, in words.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn banners(&self, customer: &CustomerId, lang: Lang) -> Result<Vec<String>, ReadError> {
        let taught = self.taught();
        let in_force: Vec<&Content> = taught.decisions.iter().filter(|d| d.accepted).map(|d| &d.content).collect();
        if !in_force.iter().any(|c| matches!(c, Content::Banner { .. })) {
            return Ok(Vec::new());
        }
        let Some(stuck) = self.stuck_now(customer).await? else { return Ok(Vec::new()) };
        Ok(in_force.into_iter().filter_map(|content| banner_for(content, &stuck, lang)).collect())
    }

    /// The draft of the entry, or what is published, with more ways to ask.
    async fn with_questions(&self, need: &NeedId, ask: &[String]) -> Result<Entry, CauseError> {
        let draft = self.0.store.drafts().await?.into_iter().find(|d| d.id == *need).map(|d| d.entry);
        let published = || self.brain().rules.knowledge.get(need).cloned();
        let entry = draft.or_else(published);
        let mut entry = entry.ok_or_else(|| CauseError::NotFound { what: "entry", id: need.0.clone() })?;
        if let Some(text) = entry.texts.get_mut(&Lang::ZhCn) {
            let new: Vec<String> = ask.iter().filter(|a| !a.trim().is_empty() && !text.ask.contains(a)).cloned().collect();
            text.ask.extend(new);
        }
        Ok(entry)
    }
}

fn banner_for(content: &Content, stuck: &Whereabouts, lang: Lang) -> Option<String> {
    let Content::Banner { journey, step, version, text } = content else { return None };
    let fits = |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|w| found == Some(w));
    let is_hit = fits(journey, stuck.journey.as_ref().map(|j| j.as_str()))
        && fits(step, stuck.step.as_ref().map(|s| s.as_str()))
        && fits(version, stuck.version.as_ref().map(|v| v.as_str()));
    is_hit.then(|| text.get(lang).to_owned())
}

/// What the customers of a problem wrote, the commonest first.
fn questions(parts: &[Attributed]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for words in parts.iter().map(|p| p.trouble.words.trim()).filter(|w| !w.is_empty()) {
        *counts.entry(words).or_default() += 1;
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().map(|(words, count)| (words.to_owned(), count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
