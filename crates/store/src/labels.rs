//! Labels: how silent seats judged drafts. Kept to learn from, and counted for the report.

use crate::Store;
use crate::batch::{Batch, ReadError, Row};
use jieti_domain::id::{ConversationId, DraftId, NeedId, StaffId};
use jieti_domain::learning::{Label, LabelKind};
use jieti_domain::time::Timestamp;

/// Conversations and silent seats of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatHour {
    /// Hours since 1970.
    pub hour: i64,
    /// Conversations that were open at some time of the hour.
    pub conversations: u64,
    /// People who settled at least one draft in it.
    pub seats: u64,
}

const HOUR_MS: i64 = 3_600_000;

/// A draft settles once; a repeated label is the same one.
pub(crate) fn keep(batch: &mut Batch, label: &Label) {
    batch.add(
        "insert into label (draft, conversation, kind, need, question, proposed, said, reason, confidence_percent, staff, edits, \
         proposed_at, held_at, settled_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (draft) do nothing",
        vec![
            label.draft.as_str().into(),
            label.conversation.as_str().into(),
            label.kind.code().into(),
            label.need.as_str().into(),
            label.question.as_str().into(),
            label.proposed.as_str().into(),
            label.said.clone().into(),
            label.reason.clone().into(),
            // A whole percent is as fine as a person can judge.
            ((label.confidence * 100.0).round() as i64).into(),
            label.staff.as_ref().map(|s| s.0.clone()).into(),
            label.edits.map(i64::from).into(),
            label.proposed_at.0.into(),
            label.held_at.map(|t| t.0).into(),
            label.settled_at.0.into(),
        ],
    );
}

impl Store {
    /// Labels settled in `from..to`, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where a label was written by a newer server.
    pub async fn labels(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Label>, ReadError> {
        let rows = self
            .read(
                "select draft, conversation, kind, need, question, proposed, said, reason, confidence_percent, staff, edits, \
                 proposed_at, held_at, settled_at from label where settled_at >= $1 and settled_at < $2 order by settled_at",
                vec![from.0.into(), to.0.into()],
            )
            .await?;
        rows.iter().map(label_of).collect()
    }

    /// Conversations opened in `from..to`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn count_opened(&self, from: Timestamp, to: Timestamp) -> Result<u64, ReadError> {
        let rows = self
            .read("select count(*) from conversation where opened_at >= $1 and opened_at < $2", vec![from.0.into(), to.0.into()])
            .await?;
        Ok(rows.first().map_or(0, |r| r.seq(0)))
    }

    /// Hours of `from..to` in which a seat settled a draft.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn seat_hours(&self, from: Timestamp, to: Timestamp) -> Result<Vec<SeatHour>, ReadError> {
        let rows = self
            .read(
                "select h.hour, h.seats, (select count(*) from conversation c where c.opened_at < (h.hour + 1) * $3 \
                 and (c.stage <> 'closed' or c.updated_at >= h.hour * $3)) \
                 from (select settled_at / $3 as hour, count(distinct staff) as seats from label \
                 where settled_at >= $1 and settled_at < $2 and staff is not null group by settled_at / $3) h order by h.hour",
                vec![from.0.into(), to.0.into(), HOUR_MS.into()],
            )
            .await?;
        Ok(rows.iter().map(|r| SeatHour { hour: r.int(0), seats: r.seq(1), conversations: r.seq(2) }).collect())
    }
}

fn label_of(row: &Row) -> Result<Label, ReadError> {
    let kind = row.text(2);
    let unknown = || ReadError::Format { table: "label", detail: format!("kind {kind:?} is not known") };
    Ok(Label {
        draft: DraftId::new(row.text(0)),
        conversation: ConversationId::new(row.text(1)),
        kind: LabelKind::from_code(&kind).ok_or_else(unknown)?,
        need: NeedId::new(row.text(3)),
        question: row.text(4),
        proposed: row.text(5),
        said: row.opt_text(6),
        reason: row.opt_text(7),
        confidence: row.int(8) as f32 / 100.0,
        staff: row.opt_text(9).map(StaffId),
        edits: row.opt_int(10).and_then(|n| u32::try_from(n).ok()),
        proposed_at: Timestamp(row.int(11)),
        held_at: row.opt_int(12).map(Timestamp),
        settled_at: Timestamp(row.int(13)),
    })
}
