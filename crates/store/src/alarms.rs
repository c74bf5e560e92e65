//! Alarms: critical findings in conversations that were still running.

use crate::batch::{Batch, ReadError, WriteError, json};
use crate::inspections::{found, word};
use crate::{Store, jobs};
use jieti_domain::id::ConversationId;
use jieti_domain::inspection::Finding;
use jieti_domain::time::Timestamp;

/// A critical finding in a conversation that was running.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmRow {
    pub conversation: ConversationId,
    pub at: Timestamp,
    pub finding: Finding,
    pub staff_name: Option<String>,
}

impl Store {
    /// Stores alarms with the end of their job; an alarm that is stored already is one alarm.
    ///
    /// # Errors
    /// `Conflict` where the job is done already.
    pub async fn save_alarms(&self, alarms: &[AlarmRow], job: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        jobs::finish(&mut batch, job);
        for AlarmRow { conversation, at, finding, .. } in alarms {
            batch.add(
                "insert into alarm (conversation, rule, seq, at, severity, weight, quote, why, party, staff) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (conversation, rule, seq) do nothing",
                vec![
                    conversation.as_str().into(),
                    finding.rule.as_str().into(),
                    finding.at.into(),
                    at.0.into(),
                    word(&finding.severity).into(),
                    u64::from(finding.weight).into(),
                    finding.quote.as_str().into(),
                    json(&finding.why),
                    word(&finding.who.party).into(),
                    finding.who.staff.as_ref().map(|s| s.0.clone()).into(),
                ],
            );
        }
        self.write(batch).await
    }

    /// Alarms since an instant, the latest first.
    pub async fn alarms(&self, since: Timestamp, limit: u64) -> Result<Vec<AlarmRow>, ReadError> {
        let rows = self
            .read(
                "select a.conversation, a.at, a.rule, a.severity, a.weight, a.seq, a.quote, a.why, a.party, a.staff, s.display_name \
                 from alarm a left join staff s on s.id = a.staff where a.at >= $1 order by a.at desc, a.conversation, a.rule limit $2",
                vec![since.0.into(), limit.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(AlarmRow {
                    conversation: ConversationId::new(row.text(0)),
                    at: Timestamp(row.int(1)),
                    finding: found(row, 2)?,
                    staff_name: row.opt_text(10),
                })
            })
            .collect()
    }
}
