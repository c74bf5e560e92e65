//! What routing remembers: profiles of people, who knows which customer, and how long customers really waited.

use crate::Store;
use crate::batch::{Batch, ReadError, WriteError, json};
use jieti_domain::id::{ConversationId, CustomerId, StaffId};
use jieti_domain::routing::Profile;
use jieti_domain::time::Timestamp;

/// One wait that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedWait {
    pub conversation: ConversationId,
    pub queued_at: Timestamp,
    /// What the customer was told at the beginning; `None` where nothing could be said.
    pub estimated_secs: Option<u64>,
    pub waited_secs: u64,
    pub end: WaitEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitEnd {
    Served,
    /// The customer went away, or was given back to the bot.
    Left,
}

/// How far expected waits were from the real ones, over the waits that ended with a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaitError {
    pub waits: u64,
    pub mean_absolute_secs: u64,
    /// Real minus expected: above 0 where people waited longer than they were told.
    pub bias_secs: i64,
}

/// Keeps who served a customer last.
pub(crate) fn meet(batch: &mut Batch, customer: &str, staff: &StaffId, at: Timestamp) {
    batch.add(
        "insert into acquaintance (customer, staff, at) values ($1, $2, $3) \
         on conflict (customer) do update set staff = excluded.staff, at = excluded.at",
        vec![customer.into(), staff.as_str().into(), at.0.into()],
    );
}

impl Store {
    /// Whoever served the customer last.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn acquaintance(&self, customer: &CustomerId) -> Result<Option<StaffId>, ReadError> {
        let rows = self.read("select staff from acquaintance where customer = $1", vec![customer.as_str().into()]).await?;
        Ok(rows.first().map(|row| StaffId::new(row.text(0))))
    }

    /// Every profile that has been set.
    ///
    /// # Errors
    /// `ReadError::Format` where a profile was written by a newer server.
    pub async fn profiles(&self) -> Result<Vec<(StaffId, Profile)>, ReadError> {
        let rows = self.read("select staff, body from staff_profile order by staff", vec![]).await?;
        rows.iter().map(|row| Ok((StaffId::new(row.text(0)), row.json(1, "staff_profile")?))).collect()
    }

    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_profile(&self, staff: &StaffId, profile: &Profile) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into staff_profile (staff, body) values ($1, $2) on conflict (staff) do update set body = excluded.body",
            vec![staff.as_str().into(), json(profile)],
        );
        self.write(batch).await
    }

    /// # Errors
    /// Where the store cannot be written. The same wait twice is kept once.
    pub async fn add_wait(&self, wait: &EndedWait) -> Result<(), WriteError> {
        let end = match wait.end {
            WaitEnd::Served => "served",
            WaitEnd::Left => "left",
        };
        let mut batch = Batch::default();
        batch.add(
            "insert into queue_wait (conversation, queued_at, estimated_secs, waited_secs, ended) values ($1, $2, $3, $4, $5) \
             on conflict (conversation, queued_at) do nothing",
            vec![
                wait.conversation.as_str().into(),
                wait.queued_at.0.into(),
                wait.estimated_secs.into(),
                wait.waited_secs.into(),
                end.into(),
            ],
        );
        self.write(batch).await
    }

    /// The error of the expected waits that began at `from` or later.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn wait_error(&self, from: Timestamp) -> Result<WaitError, ReadError> {
        let rows = self
            .read(
                "select count(*), coalesce(cast(sum(abs(waited_secs - estimated_secs)) as bigint), 0), \
                 coalesce(cast(sum(waited_secs - estimated_secs) as bigint), 0) from queue_wait \
                 where queued_at >= $1 and ended = 'served' and estimated_secs is not null",
                vec![from.0.into()],
            )
            .await?;
        let Some(row) = rows.first().filter(|row| row.int(0) > 0) else { return Ok(WaitError::default()) };
        let waits = row.int(0);
        Ok(WaitError {
            waits: row.seq(0),
            mean_absolute_secs: (row.int(1) / waits).unsigned_abs(),
            bias_secs: row.int(2) / waits,
        })
    }
}
