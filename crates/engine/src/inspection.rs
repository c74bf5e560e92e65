//! Inspection while the service runs: every closed conversation, and at once what must not be said. Owns the order of
//! load, judge, commit, alarm; what counts is `domain::inspection`'s business.

use crate::converse::ReadOrWrite;
use crate::live::Subscription;
use crate::{Engine, work::JobBody};
use jieti_domain::conversation::{Event, StoredEvent};
use jieti_domain::id::{ConversationId, RuleId, StaffId};
use jieti_domain::inspection::{
    Appeal, Decision, Finding, PublishedCard, Refused, Responsible, Share, Standing, Verdict, appeal_deadline, may_appeal,
    may_decide, queue_reason, score,
};
use jieti_domain::service::ServiceRules;
use jieti_domain::tier::Tier;
use jieti_store::{
    AlarmRow, FindingChange, FindingRow, InspectionChange, InspectionRow, NewInspection, ReadError, Source, WriteError,
};
use std::sync::Arc;
use thiserror::Error;

/// Why a review, an appeal or a decision did not happen. Nothing has changed then.
#[derive(Debug, Error)]
pub enum InspectionError {
    #[error("conversation {0} has not been inspected; it is within a minute of closing")]
    NotInspected(ConversationId),
    #[error("finding {0} does not exist; reload the inspection")]
    NoFinding(String),
    #[error("rule {0} is not on the scorecard; choose one of it")]
    NoRule(RuleId),
    #[error("conversation {conversation} has no event {seq}; point at something that was said")]
    NoEvent { conversation: ConversationId, seq: u64 },
    #[error("{what} is empty; write why")]
    Empty { what: &'static str },
    #[error("you spoke in this conversation; somebody else must review it")]
    OwnConversation,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A finding that a reviewer adds.
#[derive(Debug, Clone)]
pub struct Addition {
    pub rule: RuleId,
    pub seq: u64,
    pub note: Option<String>,
}

/// Tries against colleagues who review the same conversation at the same moment.
const TRIES: usize = 5;

impl Engine {
    /// The scorecard in use; `None` where the service has none.
    pub fn scorecard(&self) -> Option<Arc<PublishedCard>> {
        self.brain().rules.service.scorecard.clone()
    }

    /// Inspects a closed conversation and ends its job.
    pub(crate) async fn inspect(&self, id: &ConversationId, job: &str) -> Result<(), ReadOrWrite> {
        let Some(card) = self.scorecard() else { return Ok(self.0.store.drop_job(job).await?) };
        let events = self.0.store.events(id, 0).await?;
        let inspection = card.inspector.inspect(&events);
        let policy = &card.inspector.card().review;
        let now = self.now();
        let new = NewInspection {
            conversation: id,
            version: card.version,
            at: now,
            score: inspection.score,
            shares: &inspection.shares,
            findings: &inspection.findings,
            reason: queue_reason(id, tier(&events), &inspection, policy),
            appeal_until: appeal_deadline(now, policy.appeal_days),
        };
        done_once(self.0.store.save_inspection(&new, job).await)
    }

    /// Looks at what was just said, and alarms supervisors where it breaks a rule that is watched at once.
    pub(crate) async fn alarm(&self, id: &ConversationId, seq: u64, job: &str) -> Result<(), ReadOrWrite> {
        let Some(card) = self.scorecard() else { return Ok(self.0.store.drop_job(job).await?) };
        let mut events = self.0.store.events(id, 0).await?;
        events.retain(|stored| stored.seq <= seq);
        let findings = card.inspector.alarms(&events, seq);
        if findings.is_empty() {
            return Ok(self.0.store.drop_job(job).await?);
        }
        let staff = self.0.store.all_staff().await?;
        let name = |who: &Responsible| {
            let row = staff.iter().find(|s| Some(&s.id) == who.staff.as_ref());
            row.map(|s| s.display_name.clone()).or_else(|| spoken_name(&events, who))
        };
        let alarms: Vec<AlarmRow> = findings
            .into_iter()
            .map(|finding| AlarmRow { conversation: id.clone(), at: self.now(), staff_name: name(&finding.who), finding })
            .collect();
        match self.0.store.save_alarms(&alarms, job).await {
            Ok(()) => alarms.into_iter().for_each(|alarm| self.0.live.publish_alarm(&Arc::new(alarm))),
            other => return done_once(other),
        }
        Ok(())
    }

    pub fn subscribe_alarms(&self) -> Subscription<Arc<AlarmRow>> {
        self.0.live.alarms()
    }

    /// Starts inspections and alarms beside the conversation; the job is in the store all the same.
    pub(crate) fn set_off_job(&self, id: &ConversationId, body: JobBody) {
        let (engine, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let handle = engine.slot(&id);
            let mut slot = handle.lock().await;
            if let Err(error) = engine.carry_out(&id, &mut slot, &body).await {
                tracing::warn!(conversation = %id, %error, "an inspection failed; it will be tried again");
            }
        });
    }

    /// A reviewer confirms or rejects a finding.
    ///
    /// # Errors
    /// See [`InspectionError`].
    pub async fn judge_finding(
        &self,
        finding: &str,
        by: &StaffId,
        verdict: Verdict,
        note: Option<String>,
    ) -> Result<(), InspectionError> {
        let id = self.finding(finding).await?.conversation;
        let now = self.now();
        let appeal_until = appeal_deadline(now, self.appeal_days());
        self.change(&id, by, |findings| {
            must_be_impartial(findings.shares, by)?;
            let row = find(findings.rows, finding)?;
            row.verdict = verdict;
            Ok(FindingChange::Judge { id: finding.to_owned(), verdict, note: note.clone(), appeal_until })
        })
        .await
    }

    /// A reviewer adds what the machine did not see, by a rule of the card.
    ///
    /// # Errors
    /// See [`InspectionError`].
    pub async fn add_finding(&self, id: &ConversationId, by: &StaffId, addition: &Addition) -> Result<(), InspectionError> {
        let card = self.scorecard().ok_or_else(|| InspectionError::NoRule(addition.rule.clone()))?;
        let criterion = card.inspector.card().criterion(&addition.rule);
        let criterion = criterion.ok_or_else(|| InspectionError::NoRule(addition.rule.clone()))?.clone();
        let events = self.0.store.events(id, 0).await?;
        let no_event = || InspectionError::NoEvent { conversation: id.clone(), seq: addition.seq };
        let at = events.iter().find(|e| e.seq == addition.seq).ok_or_else(no_event)?;
        let (quote, who) = evidence(at, &events).ok_or_else(no_event)?;
        let now = self.now();
        let appeal_until = appeal_deadline(now, card.inspector.card().review.appeal_days);
        self.change(id, by, |findings| {
            must_be_impartial(findings.shares, by)?;
            let row = FindingRow {
                id: format!("{id}.{}", findings.rows.len() + 1),
                conversation: id.clone(),
                version: card.version,
                finding: Finding {
                    rule: criterion.id.clone(),
                    severity: criterion.severity,
                    weight: criterion.weight,
                    at: addition.seq,
                    quote: quote.clone(),
                    why: criterion.why.clone(),
                    who: who.clone(),
                },
                staff_name: None,
                source: Source::Reviewer,
                found_at: now,
                verdict: Verdict::Confirmed,
                reviewer: Some(by.clone()),
                note: addition.note.clone(),
                appeal_until,
                appeal: None,
            };
            findings.rows.push(row.clone());
            Ok(FindingChange::Add { row: Box::new(row) })
        })
        .await
    }

    /// The review is done: what nobody has judged is confirmed, and what was not found was not there.
    ///
    /// # Errors
    /// See [`InspectionError`].
    pub async fn finish_review(&self, id: &ConversationId, by: &StaffId) -> Result<(), InspectionError> {
        let appeal_until = appeal_deadline(self.now(), self.appeal_days());
        self.change(id, by, |findings| {
            must_be_impartial(findings.shares, by)?;
            Ok(FindingChange::Finish { appeal_until })
        })
        .await
    }

    /// Whom a finding blames answers back.
    ///
    /// # Errors
    /// See [`InspectionError`]; `Refused` where it is too late or not theirs.
    pub async fn appeal(&self, finding: &str, by: &StaffId, reason: &str) -> Result<(), InspectionError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(InspectionError::Empty { what: "the reason of an appeal" });
        }
        let id = self.finding(finding).await?.conversation;
        let now = self.now();
        self.change(&id, by, |findings| {
            may_appeal(&standing(find(findings.rows, finding)?), by, now)?;
            Ok(FindingChange::Appeal { id: finding.to_owned(), reason: reason.to_owned() })
        })
        .await
    }

    /// Somebody who had no part in it decides on an appeal; an accepted one changes the score.
    ///
    /// # Errors
    /// See [`InspectionError`]; `Refused` where it is not theirs to decide.
    pub async fn decide_appeal(
        &self,
        finding: &str,
        by: &StaffId,
        decision: Decision,
        note: Option<String>,
    ) -> Result<(), InspectionError> {
        let id = self.finding(finding).await?.conversation;
        self.change(&id, by, |findings| {
            let row = find(findings.rows, finding)?;
            may_decide(&standing(row), by)?;
            if let Some(appeal) = &mut row.appeal {
                appeal.decision = Some(decision);
            }
            Ok(FindingChange::Decide { id: finding.to_owned(), decision, note: note.clone() })
        })
        .await
    }

    /// Whether this person may appeal against a finding now.
    pub fn may_appeal(&self, finding: &FindingRow, who: &StaffId) -> bool {
        may_appeal(&standing(finding), who, self.now()).is_ok()
    }

    /// Whether this person is impartial enough to decide on its appeal.
    pub fn may_decide(&self, finding: &FindingRow, who: &StaffId) -> bool {
        may_decide(&standing(finding), who).is_ok()
    }

    async fn finding(&self, id: &str) -> Result<FindingRow, InspectionError> {
        self.0.store.finding(id).await?.ok_or_else(|| InspectionError::NoFinding(id.to_owned()))
    }

    fn appeal_days(&self) -> i64 {
        self.scorecard().map_or(0, |card| card.inspector.card().review.appeal_days)
    }

    /// Loads, lets `alter` change the findings in memory, counts the scores again, and commits; again where a colleague
    /// was first.
    async fn change(
        &self,
        id: &ConversationId,
        by: &StaffId,
        mut alter: impl FnMut(&mut Loaded<'_>) -> Result<FindingChange, InspectionError>,
    ) -> Result<(), InspectionError> {
        for _ in 0..TRIES {
            let inspection: InspectionRow =
                self.0.store.inspection(id).await?.ok_or_else(|| InspectionError::NotInspected(id.clone()))?;
            let mut rows = self.0.store.findings(id).await?;
            let shares = self.0.store.shares(id).await?;
            let change = alter(&mut Loaded { rows: &mut rows, shares: &shares })?;
            let counting: Vec<&Finding> = rows.iter().filter(|row| row.counts()).map(|row| &row.finding).collect();
            let mut speakers: Vec<Responsible> = shares.into_iter().map(|share| share.who).collect();
            speakers.extend(counting.iter().map(|finding| finding.who.clone()));
            speakers.sort();
            speakers.dedup();
            let shares: Vec<Share> = speakers
                .into_iter()
                .map(|who| Share { score: score(counting.iter().copied().filter(|f| f.who == who)), who })
                .collect();
            let done = self
                .0
                .store
                .change_inspection(&InspectionChange {
                    conversation: id,
                    revision: inspection.revision,
                    by,
                    at: self.now(),
                    change,
                    score: score(counting.iter().copied()),
                    shares: &shares,
                })
                .await;
            match done {
                Err(WriteError::Conflict) => {}
                other => return Ok(other?),
            }
        }
        Err(WriteError::Conflict.into())
    }
}

/// An inspection as it was read.
struct Loaded<'a> {
    rows: &'a mut Vec<FindingRow>,
    shares: &'a [Share],
}

/// A job that somebody has finished is finished.
fn done_once(written: Result<(), WriteError>) -> Result<(), ReadOrWrite> {
    match written {
        Err(WriteError::Conflict) => Ok(()),
        other => Ok(other?),
    }
}

fn find<'a>(rows: &'a mut [FindingRow], id: &str) -> Result<&'a mut FindingRow, InspectionError> {
    rows.iter_mut().find(|row| row.id == id).ok_or_else(|| InspectionError::NoFinding(id.to_owned()))
}

/// Nobody reviews what they have said themselves.
fn must_be_impartial(shares: &[Share], by: &StaffId) -> Result<(), InspectionError> {
    match shares.iter().any(|share| share.who.staff.as_ref() == Some(by)) {
        true => Err(InspectionError::OwnConversation),
        false => Ok(()),
    }
}

fn standing(row: &FindingRow) -> Standing {
    Standing {
        blamed: row.finding.who.staff.clone(),
        verdict: row.verdict,
        reviewer: row.reviewer.clone(),
        appeal_by: row.appeal_until,
        appeal: row.appeal.as_ref().map(|a| Appeal { by: a.by.clone(), decided: a.decision }),
    }
}

/// The words at a place, and who answers for them: their speaker, or whoever spoke for us before the customer did.
fn evidence(at: &StoredEvent, events: &[StoredEvent]) -> Option<(String, Responsible)> {
    let before = || {
        let said = events.iter().rev().filter(|e| e.seq <= at.seq).find_map(|e| match &e.event {
            Event::Said { by, .. } => Some(Responsible::from(by)),
            _ => None,
        });
        said.unwrap_or_else(Responsible::bot)
    };
    match &at.event {
        Event::Said { by, message } => Some((message.text.clone(), Responsible::from(by))),
        Event::CustomerSaid { text, .. } => Some((text.clone(), before())),
        Event::CustomerPressed { label, .. } => Some((label.clone(), before())),
        _ => None,
    }
}

/// The name under which somebody spoke.
fn spoken_name(events: &[StoredEvent], who: &Responsible) -> Option<String> {
    events.iter().rev().find_map(|stored| match &stored.event {
        Event::Assigned { staff, name } if Some(staff) == who.staff.as_ref() => Some(name.clone()),
        _ => None,
    })
}

fn tier(events: &[StoredEvent]) -> Option<Tier> {
    events.iter().rev().find_map(|stored| match &stored.event {
        Event::TierReached { tier, .. } => Some(*tier),
        _ => None,
    })
}

/// The service's rules with the scorecard in force: the latest published one of the store that can be used, or the
/// pack's where there is none.
///
/// # Errors
/// Where the store cannot be read.
pub async fn with_published_card(store: &jieti_store::Store, service: ServiceRules) -> Result<ServiceRules, ReadError> {
    for version in store.scorecards(u64::from(u32::MAX)).await? {
        match crate::pack::read_scorecard(&version.source, version.version) {
            Ok(card) => return Ok(ServiceRules { scorecard: Some(Arc::new(card)), ..service }),
            Err(problems) => {
                tracing::error!(
                    version = version.version,
                    problems = problems.join("; "),
                    "a published scorecard cannot be used; the one before it goes on"
                );
            }
        }
    }
    Ok(service)
}
