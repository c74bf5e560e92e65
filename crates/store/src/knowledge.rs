//! Knowledge entries: every published version, and the drafts that editors work on.

use crate::Store;
use crate::batch::{Batch, ReadError, WriteError, json};
use crate::gate::{self, PublicationRow};
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::Entry;
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct EntryVersion {
    pub id: NeedId,
    pub version: u64,
    pub at: Timestamp,
    pub author: String,
    /// `None` marks a deletion.
    pub entry: Option<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DraftRow {
    pub id: NeedId,
    pub at: Timestamp,
    pub author: String,
    pub entry: Entry,
}

impl Store {
    /// The latest version of every entry that is not deleted.
    pub async fn published(&self) -> Result<Vec<EntryVersion>, ReadError> {
        self.published_after(None, u64::from(u32::MAX)).await
    }

    /// So many of them in the order of their ids, from the one after `after` on.
    pub async fn published_after(&self, after: Option<&NeedId>, limit: u64) -> Result<Vec<EntryVersion>, ReadError> {
        let rows = self
            .read(
                "select e.id, e.version, e.at, e.author, e.body from entry_version e \
                 where e.id > $1 and e.body is not null \
                 and e.version = (select max(version) from entry_version v where v.id = e.id) order by e.id limit $2",
                vec![after.map_or("", NeedId::as_str).into(), limit.into()],
            )
            .await?;
        rows.iter().map(version_of).collect()
    }

    /// Every version of an entry, the latest first.
    pub async fn versions(&self, id: &NeedId) -> Result<Vec<EntryVersion>, ReadError> {
        let rows = self
            .read(
                "select id, version, at, author, body from entry_version where id = $1 order by version desc",
                vec![id.as_str().into()],
            )
            .await?;
        rows.iter().map(version_of).collect()
    }

    /// Publishes entries as new versions, all or none, and removes their drafts.
    pub async fn publish(&self, entries: &[(NeedId, Option<Entry>)], author: &str, now: Timestamp) -> Result<(), WriteError> {
        self.publish_tested(entries, author, now, None).await
    }

    /// The same, with the record of what the test before it said.
    ///
    /// # Errors
    /// Where the store cannot be written; nothing is published then.
    pub async fn publish_tested(
        &self,
        entries: &[(NeedId, Option<Entry>)],
        author: &str,
        now: Timestamp,
        tested: Option<&PublicationRow>,
    ) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if let Some(row) = tested {
            gate::keep(&mut batch, row);
        }
        for (id, entry) in entries {
            batch.add(
                "insert into entry_version (id, version, at, author, body) \
                 select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from entry_version where id = $1",
                vec![id.as_str().into(), now.0.into(), author.into(), entry.as_ref().map_or(crate::batch::Value::Null, json)],
            );
            batch.add("delete from entry_draft where id = $1", vec![id.as_str().into()]);
        }
        self.write(batch).await
    }

    pub async fn drafts(&self) -> Result<Vec<DraftRow>, ReadError> {
        let rows = self.read("select id, at, author, body from entry_draft order by id", vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(DraftRow {
                    id: NeedId::new(row.text(0)),
                    at: Timestamp(row.int(1)),
                    author: row.text(2),
                    entry: row.json(3, "entry_draft")?,
                })
            })
            .collect()
    }

    pub async fn save_draft(&self, entry: &Entry, author: &str, now: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into entry_draft (id, at, author, body) values ($1, $2, $3, $4) \
             on conflict (id) do update set at = excluded.at, author = excluded.author, body = excluded.body",
            vec![entry.id.as_str().into(), now.0.into(), author.into(), json(entry)],
        );
        self.write(batch).await
    }

    pub async fn drop_draft(&self, id: &NeedId) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from entry_draft where id = $1", vec![id.as_str().into()]);
        self.write(batch).await
    }
}

fn version_of(row: &crate::batch::Row) -> Result<EntryVersion, ReadError> {
    let entry = match row.opt_text(4) {
        Some(_) => Some(row.json(4, "entry_version")?),
        None => None,
    };
    Ok(EntryVersion { id: NeedId::new(row.text(0)), version: row.seq(1), at: Timestamp(row.int(2)), author: row.text(3), entry })
}
