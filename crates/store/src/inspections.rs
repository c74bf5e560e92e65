//! Inspections: what was found in each closed conversation, what people said of it, and the scores that came of it.

use crate::batch::{Batch, ReadError, Row, WriteError, json};
use crate::{Store, jobs};
use jieti_domain::id::{ConversationId, RuleId, StaffId};
use jieti_domain::inspection::{Decision, Finding, Party, QueueReason, Responsible, Severity, Share, Verdict};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Localized;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A conversation's inspection as it is first stored.
#[derive(Debug)]
pub struct NewInspection<'a> {
    pub conversation: &'a ConversationId,
    /// Of the scorecard.
    pub version: u64,
    pub at: Timestamp,
    pub score: u8,
    pub shares: &'a [Share],
    pub findings: &'a [Finding],
    pub reason: Option<QueueReason>,
    /// Until when a finding may be appealed against.
    pub appeal_until: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InspectionRow {
    pub conversation: ConversationId,
    pub version: u64,
    pub at: Timestamp,
    /// As it counts now, after reviews and appeals.
    pub score: u8,
    pub machine_score: u8,
    pub reason: Option<QueueReason>,
    pub reviewer: Option<StaffId>,
    pub reviewed_at: Option<Timestamp>,
    /// Counts changes: whoever changes something names the one they have read.
    pub revision: u64,
    /// JSON of `Channel` and `Tier`, and who the customer is, from the conversation's card.
    pub customer: String,
    pub customer_name: Option<String>,
    pub channel: String,
    pub tier: Option<String>,
    /// Findings that count, the critical among them, and appeals that wait.
    pub findings: u64,
    pub critical: u64,
    pub appeals: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    pub id: String,
    pub conversation: ConversationId,
    pub version: u64,
    pub finding: Finding,
    /// Display name of whom it blames.
    pub staff_name: Option<String>,
    pub source: Source,
    pub found_at: Timestamp,
    pub verdict: Verdict,
    pub reviewer: Option<StaffId>,
    pub note: Option<String>,
    pub appeal_until: Timestamp,
    pub appeal: Option<AppealRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Machine,
    Reviewer,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AppealRow {
    pub by: StaffId,
    pub reason: String,
    pub at: Timestamp,
    pub decision: Option<Decision>,
    pub decided_by: Option<StaffId>,
    pub decided_at: Option<Timestamp>,
    pub note: Option<String>,
}

impl FindingRow {
    /// Struck findings cost nothing.
    pub fn counts(&self) -> bool {
        let is_struck = self.appeal.as_ref().is_some_and(|a| a.decision == Some(Decision::Accepted));
        self.verdict != Verdict::Rejected && !is_struck
    }
}

/// Which inspections are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectionFilter {
    All,
    ToReview,
    Critical,
    Appealed,
}

/// What a person does to a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingChange {
    Judge {
        id: String,
        verdict: Verdict,
        note: Option<String>,
        appeal_until: Timestamp,
    },
    Add {
        row: Box<FindingRow>,
    },
    Appeal {
        id: String,
        reason: String,
    },
    Decide {
        id: String,
        decision: Decision,
        note: Option<String>,
    },
    /// The review is done; what was left open is confirmed.
    Finish {
        appeal_until: Timestamp,
    },
}

/// A change with the scores that follow from it, committed together.
#[derive(Debug)]
pub struct InspectionChange<'a> {
    pub conversation: &'a ConversationId,
    /// The revision that was read; another one is a conflict.
    pub revision: u64,
    pub by: &'a StaffId,
    pub at: Timestamp,
    pub change: FindingChange,
    pub score: u8,
    pub shares: &'a [Share],
}

/// Scores of one speaker or kind of speaker over a time.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    pub party: Party,
    pub staff: Option<StaffId>,
    pub staff_name: Option<String>,
    pub conversations: u64,
    pub total: u64,
}

macro_rules! select_inspections {
    ($rest:literal) => {
        concat!(
            "select i.conversation, i.version, i.at, i.score, i.machine_score, i.reason, i.reviewer, i.reviewed_at, i.revision, \
             c.customer, c.customer_name, c.channel, c.tier, i.findings, i.critical, i.appeals \
             from inspection i join conversation c on c.id = i.conversation ",
            $rest
        )
    };
}

macro_rules! select_findings {
    ($rest:literal) => {
        concat!(
            "select f.id, f.conversation, f.version, f.rule, f.severity, f.weight, f.seq, f.quote, f.why, f.party, f.staff, \
             s.display_name, f.source, f.found_at, f.verdict, f.reviewer, f.note, f.appeal_until, f.appeal_by, f.appeal_reason, \
             f.appeal_at, f.decision, f.decided_by, f.decided_at, f.decision_note \
             from finding f left join staff s on s.id = f.staff ",
            $rest
        )
    };
}

impl Store {
    /// Stores an inspection with the end of its job.
    ///
    /// # Errors
    /// `Conflict` where the job is done already.
    pub async fn save_inspection(&self, new: &NewInspection<'_>, job: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        jobs::finish(&mut batch, job);
        let id = new.conversation.as_str();
        batch.add(
            "insert into inspection (conversation, version, at, score, machine_score, reason, revision, findings, critical, appeals) \
             values ($1, $2, $3, $4, $4, $5, 0, 0, 0, 0)",
            vec![id.into(), new.version.into(), new.at.0.into(), u64::from(new.score).into(), new.reason.map(|r| word(&r)).into()],
        );
        for share in new.shares {
            save_share(&mut batch, id, share, new.at);
        }
        for (place, finding) in new.findings.iter().enumerate() {
            let row = FindingRow {
                id: format!("{id}.{}", place + 1),
                conversation: new.conversation.clone(),
                version: new.version,
                finding: finding.clone(),
                staff_name: None,
                source: Source::Machine,
                found_at: new.at,
                verdict: Verdict::Open,
                reviewer: None,
                note: None,
                appeal_until: new.appeal_until,
                appeal: None,
            };
            save_finding(&mut batch, &row);
        }
        count(&mut batch, id);
        self.write(batch).await
    }

    /// Changes what counts in an inspection, and its scores with it.
    ///
    /// # Errors
    /// `Conflict` where somebody else has changed the inspection since it was read.
    pub async fn change_inspection(&self, change: &InspectionChange<'_>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        let id = change.conversation.as_str();
        batch.add_guard(
            "update inspection set score = $2, revision = revision + 1 where conversation = $1 and revision = $3",
            vec![id.into(), u64::from(change.score).into(), change.revision.into()],
        );
        let (by, at) = (change.by.as_str(), change.at.0);
        match &change.change {
            FindingChange::Judge { id, verdict, note, appeal_until } => batch.add_guard(
                "update finding set verdict = $2, reviewer = $3, note = $4, appeal_until = $5 where id = $1",
                vec![id.as_str().into(), word(verdict).into(), by.into(), note.clone().into(), appeal_until.0.into()],
            ),
            FindingChange::Add { row } => save_finding(&mut batch, row),
            FindingChange::Appeal { id, reason } => batch.add_guard(
                "update finding set appeal_by = $2, appeal_reason = $3, appeal_at = $4 where id = $1 and appeal_by is null",
                vec![id.as_str().into(), by.into(), reason.as_str().into(), at.into()],
            ),
            FindingChange::Decide { id, decision, note } => batch.add_guard(
                "update finding set decision = $2, decided_by = $3, decided_at = $4, decision_note = $5 \
                 where id = $1 and appeal_by is not null and decision is null",
                vec![id.as_str().into(), word(decision).into(), by.into(), at.into(), note.clone().into()],
            ),
            FindingChange::Finish { appeal_until } => {
                batch.add(
                    "update finding set verdict = 'confirmed', reviewer = $2, appeal_until = $3 \
                     where conversation = $1 and verdict = 'open'",
                    vec![id.into(), by.into(), appeal_until.0.into()],
                );
                batch.add(
                    "update inspection set reviewer = $2, reviewed_at = $3 where conversation = $1",
                    vec![id.into(), by.into(), at.into()],
                );
            }
        }
        for share in change.shares {
            save_share(&mut batch, id, share, change.at);
        }
        count(&mut batch, id);
        self.write(batch).await
    }

    pub async fn inspection(&self, conversation: &ConversationId) -> Result<Option<InspectionRow>, ReadError> {
        let rows = self.read(select_inspections!("where i.conversation = $1"), vec![conversation.as_str().into()]).await?;
        rows.first().map(inspection_of).transpose()
    }

    /// Inspections, the latest first; those that wait for a review by score, the worst first.
    pub async fn inspections(&self, filter: InspectionFilter, limit: u64) -> Result<Vec<InspectionRow>, ReadError> {
        let sql = match filter {
            InspectionFilter::All => select_inspections!("order by i.at desc limit $1"),
            InspectionFilter::ToReview => {
                select_inspections!("where i.reason is not null and i.reviewed_at is null order by i.score, i.at desc limit $1")
            }
            InspectionFilter::Critical => select_inspections!("where i.critical > 0 order by i.at desc limit $1"),
            InspectionFilter::Appealed => select_inspections!("where i.appeals > 0 order by i.at limit $1"),
        };
        self.read(sql, vec![limit.into()]).await?.iter().map(inspection_of).collect()
    }

    /// Inspections of conversations in which this person spoke, the latest first.
    pub async fn inspections_of(&self, staff: &StaffId, limit: u64) -> Result<Vec<InspectionRow>, ReadError> {
        let rows = self
            .read(
                select_inspections!(
                    "where i.conversation in (select conversation from inspection_share where staff = $1) order by i.at desc limit $2"
                ),
                vec![staff.as_str().into(), limit.into()],
            )
            .await?;
        rows.iter().map(inspection_of).collect()
    }

    /// Findings of one conversation, in its order.
    pub async fn findings(&self, conversation: &ConversationId) -> Result<Vec<FindingRow>, ReadError> {
        let rows = self
            .read(select_findings!("where f.conversation = $1 order by f.seq, f.id"), vec![conversation.as_str().into()])
            .await?;
        rows.iter().map(finding_of).collect()
    }

    pub async fn finding(&self, id: &str) -> Result<Option<FindingRow>, ReadError> {
        let rows = self.read(select_findings!("where f.id = $1"), vec![id.into()]).await?;
        rows.first().map(finding_of).transpose()
    }

    /// Findings since an instant, the latest first.
    pub async fn findings_since(&self, since: Timestamp, limit: u64) -> Result<Vec<FindingRow>, ReadError> {
        let rows = self
            .read(
                select_findings!("where f.found_at >= $1 order by f.found_at desc, f.id limit $2"),
                vec![since.0.into(), limit.into()],
            )
            .await?;
        rows.iter().map(finding_of).collect()
    }

    /// Everybody's part in an inspection.
    pub async fn shares(&self, conversation: &ConversationId) -> Result<Vec<Share>, ReadError> {
        let rows = self
            .read(
                "select party, staff, score from inspection_share where conversation = $1 order by party, staff",
                vec![conversation.as_str().into()],
            )
            .await?;
        rows.iter()
            .map(|row| Ok(Share { who: Responsible { party: unword(row, 0)?, staff: staff_of(row, 1) }, score: small(row, 2) }))
            .collect()
    }

    /// Reviewed conversations of a card's version since an instant.
    pub async fn reviewed(&self, version: u64, since: Timestamp) -> Result<Vec<ConversationId>, ReadError> {
        let rows = self
            .read(
                "select conversation from inspection where version = $1 and reviewed_at >= $2 order by conversation",
                vec![version.into(), since.0.into()],
            )
            .await?;
        Ok(rows.iter().map(|row| ConversationId::new(row.text(0))).collect())
    }

    /// Scores by speaker since an instant.
    pub async fn scores_since(&self, since: Timestamp) -> Result<Vec<ScoreRow>, ReadError> {
        let rows = self
            .read(
                "select h.party, h.staff, s.display_name, count(*), cast(sum(h.score) as bigint) \
                 from inspection_share h left join staff s on s.id = h.staff where h.at >= $1 \
                 group by h.party, h.staff, s.display_name order by h.party, h.staff",
                vec![since.0.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ScoreRow {
                    party: unword(row, 0)?,
                    staff: staff_of(row, 1),
                    staff_name: row.opt_text(2),
                    conversations: row.seq(3),
                    total: row.seq(4),
                })
            })
            .collect()
    }

    /// Conversations closed since an instant, the latest first.
    pub async fn closed_since(&self, since: Timestamp, limit: u64) -> Result<Vec<ConversationId>, ReadError> {
        let rows = self
            .read(
                "select id from conversation where stage = 'closed' and updated_at >= $1 order by updated_at desc, id limit $2",
                vec![since.0.into(), limit.into()],
            )
            .await?;
        Ok(rows.iter().map(|row| ConversationId::new(row.text(0))).collect())
    }
}

fn save_share(batch: &mut Batch, conversation: &str, share: &Share, at: Timestamp) {
    batch.add(
        "insert into inspection_share (conversation, party, staff, score, at) values ($1, $2, $3, $4, $5) \
         on conflict (conversation, party, staff) do update set score = excluded.score",
        vec![
            conversation.into(),
            word(&share.who.party).into(),
            share.who.staff.as_ref().map_or("", StaffId::as_str).into(),
            u64::from(share.score).into(),
            at.0.into(),
        ],
    );
}

fn save_finding(batch: &mut Batch, row: &FindingRow) {
    let finding = &row.finding;
    batch.add(
        "insert into finding (id, conversation, version, rule, severity, weight, seq, quote, why, party, staff, source, found_at, \
         verdict, reviewer, note, appeal_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        vec![
            row.id.as_str().into(),
            row.conversation.as_str().into(),
            row.version.into(),
            finding.rule.as_str().into(),
            word(&finding.severity).into(),
            u64::from(finding.weight).into(),
            finding.at.into(),
            finding.quote.as_str().into(),
            json(&finding.why),
            word(&finding.who.party).into(),
            finding.who.staff.as_ref().map(|s| s.0.clone()).into(),
            match row.source {
                Source::Machine => "machine",
                Source::Reviewer => "reviewer",
            }
            .into(),
            row.found_at.0.into(),
            word(&row.verdict).into(),
            row.reviewer.as_ref().map(|s| s.0.clone()).into(),
            row.note.clone().into(),
            row.appeal_until.0.into(),
        ],
    );
}

/// Keeps the counts of the list beside what is counted.
fn count(batch: &mut Batch, conversation: &str) {
    batch.add(
        "update inspection set \
         findings = (select count(*) from finding where conversation = $1 and verdict <> 'rejected' \
           and coalesce(decision, '') <> 'accepted'), \
         critical = (select count(*) from finding where conversation = $1 and severity = 'critical' and verdict <> 'rejected' \
           and coalesce(decision, '') <> 'accepted'), \
         appeals = (select count(*) from finding where conversation = $1 and appeal_by is not null and decision is null) \
         where conversation = $1",
        vec![conversation.into()],
    );
}

/// A unit variant as its one word.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn unword<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, ReadError> {
    let read = serde_json::from_value(serde_json::Value::String(row.text(column)));
    read.map_err(|error| ReadError::Format { table: "inspection", detail: error.to_string() })
}

fn opt_unword<T: DeserializeOwned>(row: &Row, column: usize) -> Result<Option<T>, ReadError> {
    row.opt_text(column).map(|_| unword(row, column)).transpose()
}

fn staff_of(row: &Row, column: usize) -> Option<StaffId> {
    row.opt_text(column).filter(|id| !id.is_empty()).map(StaffId::new)
}

fn small(row: &Row, column: usize) -> u8 {
    u8::try_from(row.int(column)).unwrap_or(0)
}

fn inspection_of(row: &Row) -> Result<InspectionRow, ReadError> {
    Ok(InspectionRow {
        conversation: ConversationId::new(row.text(0)),
        version: row.seq(1),
        at: Timestamp(row.int(2)),
        score: small(row, 3),
        machine_score: small(row, 4),
        reason: opt_unword(row, 5)?,
        reviewer: staff_of(row, 6),
        reviewed_at: row.opt_int(7).map(Timestamp),
        revision: row.seq(8),
        customer: row.text(9),
        customer_name: row.opt_text(10),
        channel: row.text(11),
        tier: row.opt_text(12),
        findings: row.seq(13),
        critical: row.seq(14),
        appeals: row.seq(15),
    })
}

/// Eight columns from `first`: rule, severity, weight, place, quote, why, party, staff.
pub(crate) fn found(row: &Row, first: usize) -> Result<Finding, ReadError> {
    Ok(Finding {
        rule: RuleId::new(row.text(first)),
        severity: unword::<Severity>(row, first + 1)?,
        weight: small(row, first + 2),
        at: row.seq(first + 3),
        quote: row.text(first + 4),
        why: row.json::<Localized>(first + 5, "finding")?,
        who: Responsible { party: unword(row, first + 6)?, staff: staff_of(row, first + 7) },
    })
}

fn finding_of(row: &Row) -> Result<FindingRow, ReadError> {
    let appeal = match staff_of(row, 18) {
        Some(by) => Some(AppealRow {
            by,
            reason: row.text(19),
            at: Timestamp(row.int(20)),
            decision: opt_unword(row, 21)?,
            decided_by: staff_of(row, 22),
            decided_at: row.opt_int(23).map(Timestamp),
            note: row.opt_text(24),
        }),
        None => None,
    };
    Ok(FindingRow {
        id: row.text(0),
        conversation: ConversationId::new(row.text(1)),
        version: row.seq(2),
        finding: found(row, 3)?,
        staff_name: row.opt_text(11),
        source: if row.text(12) == "reviewer" { Source::Reviewer } else { Source::Machine },
        found_at: Timestamp(row.int(13)),
        verdict: unword(row, 14)?,
        reviewer: staff_of(row, 15),
        note: row.opt_text(16),
        appeal_until: Timestamp(row.int(17)),
        appeal,
    })
}
