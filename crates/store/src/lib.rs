//! All SQL of the platform. Owns tables, migrations and transactions on SQLite and PostgreSQL; decides nothing.
//!
//! Writes are data: a [`Batch`] of statements is committed whole or not at all. On SQLite one writer thread commits many
//! batches with one `fdatasync` (group commit); on PostgreSQL each batch is a transaction of its own.

mod alarms;
mod attribution;
mod batch;
mod behaviour;
mod conversations;
mod dialect;
mod gate;
mod guidance;
mod inspections;
mod jobs;
mod knowledge;
mod labels;
mod lessons;
mod migrations;
mod postgres;
mod reveals;
mod routing;
mod scorecards;
mod sqlite;
mod staff;
mod ticket_adoption;
mod tickets;
mod vectors;
mod wall;

pub use alarms::AlarmRow;
pub use attribution::{CaseStep, DecisionRow};
pub use batch::{ReadError, WriteError};
pub use behaviour::{BehaviourState, Checkpoint, ContactRow, LogAppend, LogRow, SegmentRow};
pub use conversations::{Append, CardRow};
pub use gate::{PublicationRow, TestQuestion};
pub use guidance::{ExposureMark, ExposureRow, KnownTrouble, TriggerVersion};
pub use inspections::{
    AppealRow, FindingChange, FindingRow, InspectionChange, InspectionFilter, InspectionRow, NewInspection, ScoreRow, Source,
};
pub use jobs::{Job, NewJob};
pub use knowledge::{DraftRow, EntryVersion};
pub use labels::SeatHour;
pub use lessons::{GapRow, GroupDecision, GroupEnd, LessonRow, ModelAct, ModelRow, ReadingDay, Review, ShadowRow, TaughtRows};
pub use reveals::RevealRow;
pub use routing::{EndedWait, WaitEnd, WaitError};
pub use scorecards::ScorecardVersion;
pub use staff::{NewStaff, StaffRow};
pub use tickets::{News, TicketFilter, TicketStep};
pub use vectors::{VectorFile, VectorFileError, VectorKey};
pub use wall::{Count, FlowCount, HourCount, WallRows};

use batch::{Batch, Row, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Where the store is: a file of SQLite, or `postgres://user:password@host/database`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Handle to the one store; clones share it.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    /// Changes when the store is another one (restored, recreated): clients that resume with an old epoch start afresh.
    epoch: Arc<str>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// Why the store could not be opened; nothing has been changed.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("store {path} is in use by another server; stop that one first, or give this one another store")]
    InUse { path: String },
    #[error("SQLite {version} is older than 3.51.3, which loses commits (WAL-reset bug); build with the bundled library")]
    OldSqlite { version: String },
    #[error("store {path} is of schema {found}, newer than this server's {known}; use the newer server")]
    Newer { path: String, found: i64, known: i64 },
    #[error("store {path} could not be opened: {detail}")]
    Broken { path: String, detail: String },
}

impl StoreUrl {
    pub fn parse(text: &str) -> StoreUrl {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            StoreUrl::Postgres(text.to_owned())
        } else {
            StoreUrl::Sqlite(Path::new(text.strip_prefix("sqlite:").unwrap_or(text)).to_owned())
        }
    }
}

impl Store {
    /// Opens the store, brings its schema up to date, and takes the lock that keeps a second server out.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: &StoreUrl) -> Result<Store, OpenError> {
        let backend = match url {
            StoreUrl::Sqlite(path) => Backend::Sqlite(Arc::new(sqlite::Sqlite::open(path)?)),
            StoreUrl::Postgres(url) => Backend::Postgres(Arc::new(postgres::Postgres::open(url).await?)),
        };
        let mut store = Store { backend, epoch: "".into() };
        let broken = |detail: String| OpenError::Broken { path: store.kind().to_owned(), detail };
        let rows = store.read("select value from meta where key = 'epoch'", vec![]).await.map_err(|e| broken(e.to_string()))?;
        let epoch = rows.first().map(|r| r.text(0)).unwrap_or_default();
        store.epoch = epoch.into();
        store.adopt_tickets().await.map_err(|e| OpenError::Broken { path: store.kind().to_owned(), detail: e.to_string() })?;
        Ok(store)
    }

    pub fn kind(&self) -> &'static str {
        match self.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }

    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(batch).await,
            Backend::Postgres(postgres) => postgres.write(batch).await,
        }
    }

    async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(sql, values).await,
            Backend::Postgres(postgres) => postgres.read(sql, values).await,
        }
    }
}
