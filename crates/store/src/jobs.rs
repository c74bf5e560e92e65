//! Durable jobs: what must still be done, and timers. A job exists until the step that finishes it is committed.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError};
use jieti_domain::id::ConversationId;
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Unique: adding the same job again changes nothing.
    pub key: String,
    pub conversation: ConversationId,
    /// JSON of the work, in the engine's own shape.
    pub body: String,
    /// When the worker takes it up if nobody has finished it before.
    pub due_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub key: String,
    pub conversation: ConversationId,
    pub body: String,
    pub due_at: Timestamp,
    pub attempts: u64,
}

pub(crate) fn add(batch: &mut Batch, job: &NewJob) {
    batch.add(
        "insert into job (key, conversation, body, due_at, attempts) values ($1, $2, $3, $4, 0) on conflict (key) do nothing",
        vec![job.key.as_str().into(), job.conversation.as_str().into(), job.body.as_str().into(), job.due_at.0.into()],
    );
}

/// A conflict where the job has been finished already.
pub(crate) fn finish(batch: &mut Batch, key: &str) {
    batch.add_guard("delete from job where key = $1", vec![key.into()]);
}

impl Store {
    /// Jobs due at `now`, the most overdue first.
    pub async fn due_jobs(&self, now: Timestamp, limit: u64) -> Result<Vec<Job>, ReadError> {
        let rows = self
            .read(
                "select key, conversation, body, due_at, attempts from job where due_at <= $1 order by due_at, key limit $2",
                vec![now.0.into(), limit.into()],
            )
            .await?;
        Ok(rows.iter().map(job_of).collect())
    }

    /// Every job of a conversation, by key.
    pub async fn jobs_of(&self, conversation: &ConversationId) -> Result<Vec<Job>, ReadError> {
        let rows = self
            .read(
                "select key, conversation, body, due_at, attempts from job where conversation = $1 order by key",
                vec![conversation.as_str().into()],
            )
            .await?;
        Ok(rows.iter().map(job_of).collect())
    }

    /// When the next job is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, ReadError> {
        let rows = self.read("select min(due_at) from job", vec![]).await?;
        Ok(rows.first().and_then(|r| r.opt_int(0)).map(Timestamp))
    }

    /// Puts a job off after a failed try.
    ///
    /// # Errors
    /// `Conflict` where the job has been finished meanwhile.
    pub async fn postpone_job(&self, key: &str, due_at: Timestamp, error: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add_guard(
            "update job set due_at = $2, attempts = attempts + 1, last_error = $3 where key = $1",
            vec![key.into(), due_at.0.into(), error.into()],
        );
        self.write(batch).await
    }

    /// Makes every job with this prefix due now: after a restart nobody else is working on it.
    pub async fn rush_jobs(&self, prefix: &str, now: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch
            .add("update job set due_at = $2 where key like $1 and due_at > $2", vec![format!("{prefix}%").into(), now.0.into()]);
        self.write(batch).await
    }

    /// Removes a job that has nothing left to do.
    pub async fn drop_job(&self, key: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from job where key = $1", vec![key.into()]);
        self.write(batch).await
    }
}

fn job_of(row: &Row) -> Job {
    Job {
        key: row.text(0),
        conversation: ConversationId::new(row.text(1)),
        body: row.text(2),
        due_at: Timestamp(row.int(3)),
        attempts: row.seq(4),
    }
}
