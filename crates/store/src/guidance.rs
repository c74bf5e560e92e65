//! Triggers by version, and who met one: the two arms of each experiment.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError};
use jieti_domain::id::{CustomerId, JourneyId, JourneyStepId, TriggerId};
use jieti_domain::journey::BreakKind;
use jieti_domain::time::Timestamp;

/// A trigger as somebody, or the service itself, last set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerVersion {
    pub id: TriggerId,
    pub version: u64,
    pub at: Timestamp,
    /// `guidance` where the service switched it off by itself.
    pub author: String,
    pub why: String,
    /// The trigger as JSON.
    pub body: String,
}

/// One customer who met a trigger's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureRow {
    pub id: String,
    pub trigger: TriggerId,
    pub visitor: u32,
    pub at: Timestamp,
    /// `shown` or `control`.
    pub arm: String,
    pub journey: JourneyId,
    pub step: JourneyStepId,
    pub kind: BreakKind,
    /// What the customer is shown, as JSON.
    pub body: String,
    pub shown_at: Option<Timestamp>,
    pub clicked_at: Option<Timestamp>,
    pub dismissed_at: Option<Timestamp>,
    pub contacted_at: Option<Timestamp>,
    pub complained_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
}

/// What became of an exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposureMark {
    Shown,
    Clicked,
    Dismissed,
    Contacted,
    Complained,
}

const COLUMNS: &str = "select id, trigger_id, visitor, at, arm, journey, step, kind, body, shown_at, clicked_at, dismissed_at, \
     contacted_at, complained_at, completed_at from exposure where at >= $1 order by at, id";

pub(crate) fn keep(batch: &mut Batch, row: &ExposureRow) {
    batch.add(
        "insert into exposure (id, trigger_id, visitor, at, arm, journey, step, kind, body) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
        vec![
            row.id.as_str().into(),
            row.trigger.as_str().into(),
            i64::from(row.visitor).into(),
            row.at.0.into(),
            row.arm.as_str().into(),
            row.journey.as_str().into(),
            row.step.as_str().into(),
            row.kind.code().into(),
            row.body.as_str().into(),
        ],
    );
}

impl Store {
    /// The latest version of each trigger.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn triggers(&self) -> Result<Vec<TriggerVersion>, ReadError> {
        let rows = self
            .read(
                "select t.id, t.version, t.at, t.author, t.why, t.body from guidance_trigger t where t.version = \
                 (select max(l.version) from guidance_trigger l where l.id = t.id) order by t.id",
                vec![],
            )
            .await?;
        Ok(rows.iter().map(version_of).collect())
    }

    /// # Errors
    /// `WriteError::Conflict` where somebody else has set it meanwhile.
    pub async fn add_trigger(&self, version: &TriggerVersion) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into guidance_trigger (id, version, at, author, why, body) values ($1, $2, $3, $4, $5, $6)",
            vec![
                version.id.as_str().into(),
                version.version.into(),
                version.at.0.into(),
                version.author.as_str().into(),
                version.why.as_str().into(),
                version.body.as_str().into(),
            ],
        );
        self.write(batch).await
    }

    /// Exposures from an instant on, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn exposures(&self, from: Timestamp) -> Result<Vec<ExposureRow>, ReadError> {
        self.read(COLUMNS, vec![from.0.into()]).await?.iter().map(exposure_of).collect()
    }

    /// Writes what became of an exposure, once; the first time counts. Returns nothing where there is none.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn mark_exposures(&self, ids: &[String], mark: ExposureMark, at: Timestamp) -> Result<(), WriteError> {
        let sql = match mark {
            ExposureMark::Shown => "update exposure set shown_at = $2 where id = $1 and shown_at is null",
            ExposureMark::Clicked => "update exposure set clicked_at = $2 where id = $1 and clicked_at is null",
            ExposureMark::Dismissed => "update exposure set dismissed_at = $2 where id = $1 and dismissed_at is null",
            ExposureMark::Contacted => "update exposure set contacted_at = $2 where id = $1 and contacted_at is null",
            ExposureMark::Complained => "update exposure set complained_at = $2 where id = $1 and complained_at is null",
        };
        let mut batch = Batch::default();
        for id in ids {
            batch.add(sql, vec![id.as_str().into(), at.0.into()]);
        }
        self.write(batch).await
    }

    /// Replaces what is known of these customers' troubles.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn keep_known_troubles(&self, rows: &[KnownTrouble]) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        for row in rows {
            batch.add(
                "insert into known_trouble (customer, journey, step, since, until) values ($1, $2, $3, $4, $5) \
                 on conflict (customer, journey, step, since) do update set until = excluded.until",
                vec![
                    row.customer.as_str().into(),
                    row.journey.as_str().into(),
                    row.step.as_str().into(),
                    row.since.0.into(),
                    row.until.0.into(),
                ],
            );
        }
        self.write(batch).await
    }

    /// # Errors
    /// Where the store cannot be read.
    pub async fn known_troubles(&self, from: Timestamp, to: Timestamp) -> Result<Vec<KnownTrouble>, ReadError> {
        let rows = self
            .read(
                "select customer, journey, step, since, until from known_trouble where since >= $1 and since < $2 order by since",
                vec![from.0.into(), to.0.into()],
            )
            .await?;
        let trouble = |row: &Row| KnownTrouble {
            customer: CustomerId::new(row.text(0)),
            journey: JourneyId::new(row.text(1)),
            step: JourneyStepId::new(row.text(2)),
            since: Timestamp(row.int(3)),
            until: Timestamp(row.int(4)),
        };
        Ok(rows.iter().map(trouble).collect())
    }
}

/// A trouble that is known from elsewhere, to judge what was detected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTrouble {
    pub customer: CustomerId,
    pub journey: JourneyId,
    pub step: JourneyStepId,
    pub since: Timestamp,
    pub until: Timestamp,
}

fn version_of(row: &Row) -> TriggerVersion {
    TriggerVersion {
        id: TriggerId::new(row.text(0)),
        version: row.seq(1),
        at: Timestamp(row.int(2)),
        author: row.text(3),
        why: row.text(4),
        body: row.text(5),
    }
}

fn exposure_of(row: &Row) -> Result<ExposureRow, ReadError> {
    let kind = row.text(7);
    let unknown = || ReadError::Format { table: "exposure", detail: format!("kind {kind:?} is not known") };
    let time = |column: usize| row.opt_int(column).map(Timestamp);
    Ok(ExposureRow {
        id: row.text(0),
        trigger: TriggerId::new(row.text(1)),
        visitor: u32::try_from(row.int(2)).map_err(|_| unknown())?,
        at: Timestamp(row.int(3)),
        arm: row.text(4),
        journey: JourneyId::new(row.text(5)),
        step: JourneyStepId::new(row.text(6)),
        kind: BreakKind::from_code(&kind).ok_or_else(unknown)?,
        body: row.text(8),
        shown_at: time(9),
        clicked_at: time(10),
        dismissed_at: time(11),
        contacted_at: time(12),
        complained_at: time(13),
        completed_at: time(14),
    })
}
