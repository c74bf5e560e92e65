//! The audit of personal data: who opened which field of whom, when and why. Never the value.

use crate::Store;
use crate::batch::{Batch, ReadError, WriteError};
use jieti_domain::id::{ConversationId, CustomerId, StaffId};
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevealRow {
    pub at: Timestamp,
    pub staff: StaffId,
    pub conversation: ConversationId,
    pub customer: CustomerId,
    pub field: String,
    pub reason: String,
}

impl Store {
    /// Records that a field is about to be shown. The caller shows it only after this has returned.
    ///
    /// # Errors
    /// Where the record cannot be written; the field must stay hidden then.
    pub async fn record_reveal(&self, row: &RevealRow) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into reveal (at, staff, conversation, customer, field, reason) values ($1, $2, $3, $4, $5, $6)",
            vec![
                row.at.0.into(),
                row.staff.as_str().into(),
                row.conversation.as_str().into(),
                row.customer.as_str().into(),
                row.field.as_str().into(),
                row.reason.as_str().into(),
            ],
        );
        self.write(batch).await
    }

    /// The latest records, of one customer or of all.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn reveals(&self, customer: Option<&CustomerId>, limit: u64) -> Result<Vec<RevealRow>, ReadError> {
        let rows = self
            .read(
                "select at, staff, conversation, customer, field, reason from reveal \
                 where customer = coalesce($1, customer) order by at desc limit $2",
                vec![customer.map(|c| c.0.clone()).into(), limit.into()],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|r| RevealRow {
                at: Timestamp(r.int(0)),
                staff: StaffId::new(r.text(1)),
                conversation: ConversationId::new(r.text(2)),
                customer: CustomerId::new(r.text(3)),
                field: r.text(4),
                reason: r.text(5),
            })
            .collect())
    }
}
