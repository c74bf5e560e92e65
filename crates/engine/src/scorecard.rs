//! A scorecard before it goes live: run over history beside the one in use, then published as a version.

use crate::pack::read_scorecard;
use crate::{Brain, Engine};
use jieti_domain::id::{ConversationId, RuleId};
use jieti_domain::inspection::{Finding, Inspection, PublishedCard};
use jieti_domain::service::ServiceRules;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Localized;
use jieti_store::{ReadError, ScorecardVersion, Store, WriteError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use thiserror::Error;

/// Why a scorecard was neither tried nor published. The one in use goes on.
#[derive(Debug, Error)]
pub enum ScorecardError {
    #[error("the scorecard was refused: {}", problems.join("; "))]
    Problems { problems: Vec<String> },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What a changed card would have found in conversations that are closed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trial {
    pub conversations: u64,
    /// Mean scores; 100 where there was nothing to inspect.
    pub score_before: f64,
    pub score_after: f64,
    /// Conversations with at least one finding.
    pub flagged_before: u64,
    pub flagged_after: u64,
    /// By rule; those of the new card first, in its order.
    pub rules: Vec<RuleTrial>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RuleTrial {
    pub rule: RuleId,
    pub title: Localized,
    pub before: u64,
    pub after: u64,
    /// Findings that only the new card has, and only the old one; at most [`EXAMPLES`] each.
    pub gained: Vec<Example>,
    pub lost: Vec<Example>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    pub conversation: ConversationId,
    pub finding: Finding,
}

/// Examples kept of each kind: enough to see what a rule does.
const EXAMPLES: usize = 5;
/// Conversations between two breaths, so that a trial does not hold up the service.
const PORTION: usize = 64;

/// Runs a card over closed conversations, the latest first, beside the one in use.
///
/// # Errors
/// Where the store cannot be read.
pub async fn try_card(
    store: &Store,
    before: Option<Arc<PublishedCard>>,
    after: Arc<PublishedCard>,
    since: Timestamp,
    most: u64,
) -> Result<Trial, ReadError> {
    let mut tally = Tally::new(before, after);
    for ids in store.closed_since(since, most).await?.chunks(PORTION) {
        let mut portion = Vec::with_capacity(ids.len());
        for id in ids {
            portion.push((id.clone(), store.events(id, 0).await?));
        }
        let work = tokio::task::spawn_blocking(move || {
            for (id, events) in portion {
                tally.add(&id, &events);
            }
            tally
        });
        tally = work.await.map_err(|e| ReadError::Broken { detail: e.to_string() })?;
    }
    Ok(tally.finish())
}

struct Tally {
    before: Option<Arc<PublishedCard>>,
    after: Arc<PublishedCard>,
    trial: Trial,
    rules: BTreeMap<RuleId, RuleTrial>,
    total_before: u64,
    total_after: u64,
}

impl Tally {
    fn new(before: Option<Arc<PublishedCard>>, after: Arc<PublishedCard>) -> Self {
        let old = before.iter().flat_map(|card| &card.inspector.card().criteria);
        let rules = old
            .chain(&after.inspector.card().criteria)
            .map(|c| {
                let trial = RuleTrial {
                    rule: c.id.clone(),
                    title: c.title.clone(),
                    before: 0,
                    after: 0,
                    gained: Vec::new(),
                    lost: Vec::new(),
                };
                (c.id.clone(), trial)
            })
            .collect();
        Self { before, after, trial: Trial::default(), rules, total_before: 0, total_after: 0 }
    }

    fn add(&mut self, id: &ConversationId, events: &[jieti_domain::conversation::StoredEvent]) {
        let nothing = || Inspection { score: 100, shares: Vec::new(), findings: Vec::new() };
        let before = self.before.as_ref().map_or_else(nothing, |card| card.inspector.inspect(events));
        let after = self.after.inspector.inspect(events);
        self.trial.conversations += 1;
        self.total_before += u64::from(before.score);
        self.total_after += u64::from(after.score);
        self.trial.flagged_before += u64::from(!before.findings.is_empty());
        self.trial.flagged_after += u64::from(!after.findings.is_empty());
        let same = |a: &Finding, b: &Finding| (&a.rule, a.at, &a.who) == (&b.rule, b.at, &b.who);
        for finding in &before.findings {
            let Some(rule) = self.rules.get_mut(&finding.rule) else { continue };
            rule.before += 1;
            if rule.lost.len() < EXAMPLES && !after.findings.iter().any(|f| same(f, finding)) {
                rule.lost.push(Example { conversation: id.clone(), finding: finding.clone() });
            }
        }
        for finding in &after.findings {
            let Some(rule) = self.rules.get_mut(&finding.rule) else { continue };
            rule.after += 1;
            if rule.gained.len() < EXAMPLES && !before.findings.iter().any(|f| same(f, finding)) {
                rule.gained.push(Example { conversation: id.clone(), finding: finding.clone() });
            }
        }
    }

    fn finish(mut self) -> Trial {
        let count = self.trial.conversations;
        let mean = |total: u64| if count == 0 { 100.0 } else { total as f64 / count as f64 };
        (self.trial.score_before, self.trial.score_after) = (mean(self.total_before), mean(self.total_after));
        for criterion in &self.after.inspector.card().criteria {
            self.trial.rules.extend(self.rules.remove(&criterion.id));
        }
        self.trial.rules.extend(self.rules.into_values());
        self.trial
    }
}

impl Engine {
    /// Runs a changed card over history; nothing is stored.
    ///
    /// # Errors
    /// `ScorecardError::Problems` lists everything that is wrong with the card.
    pub async fn try_scorecard(&self, source: &str, since: Timestamp, most: u64) -> Result<Trial, ScorecardError> {
        let after = read_scorecard(source, 0).map_err(|problems| ScorecardError::Problems { problems })?;
        Ok(try_card(&self.0.store, self.scorecard(), Arc::new(after), since, most).await?)
    }

    /// Publishes a card as the next version; conversations that close from now on are held against it.
    ///
    /// # Errors
    /// `ScorecardError::Problems` lists everything that is wrong with the card; the old one goes on then.
    pub async fn publish_scorecard(&self, source: &str, author: &str, note: &str) -> Result<u64, ScorecardError> {
        let _one_at_a_time = self.0.publishing.lock().await;
        let latest = self.0.store.scorecards(1).await?.first().map_or(0, |version| version.version);
        let version = latest + 1;
        let card = read_scorecard(source, version).map_err(|problems| ScorecardError::Problems { problems })?;
        let row = ScorecardVersion {
            version,
            at: self.now(),
            author: author.to_owned(),
            note: note.trim().to_owned(),
            source: source.to_owned(),
        };
        self.0.store.publish_scorecard(&row).await?;
        let mut brain = self.0.brain.write().unwrap_or_else(PoisonError::into_inner);
        let mut rules = brain.rules.clone();
        rules.service = Arc::new(ServiceRules { scorecard: Some(Arc::new(card)), ..(*rules.service).clone() });
        *brain = Arc::new(Brain { rules, language: brain.language.clone(), learnt: Arc::clone(&brain.learnt) });
        Ok(version)
    }
}
