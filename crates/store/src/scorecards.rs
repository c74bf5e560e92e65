//! Versions of the scorecard, as they were published.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError};
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct ScorecardVersion {
    pub version: u64,
    pub at: Timestamp,
    pub author: String,
    pub note: String,
    /// YAML as it was written.
    pub source: String,
}

impl Store {
    /// Versions of the scorecard, the latest first.
    pub async fn scorecards(&self, limit: u64) -> Result<Vec<ScorecardVersion>, ReadError> {
        let rows = self
            .read(
                "select version, at, author, note, source from scorecard_version order by version desc limit $1",
                vec![limit.into()],
            )
            .await?;
        let version = |row: &Row| ScorecardVersion {
            version: row.seq(0),
            at: Timestamp(row.int(1)),
            author: row.text(2),
            note: row.text(3),
            source: row.text(4),
        };
        Ok(rows.iter().map(version).collect())
    }

    /// # Errors
    /// `Conflict` where the version is taken.
    pub async fn publish_scorecard(&self, version: &ScorecardVersion) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into scorecard_version (version, at, author, note, source) values ($1, $2, $3, $4, $5)",
            vec![
                version.version.into(),
                version.at.0.into(),
                version.author.as_str().into(),
                version.note.as_str().into(),
                version.source.as_str().into(),
            ],
        );
        self.write(batch).await
    }
}
