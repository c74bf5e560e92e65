//! Checkpoints: the fold as bytes, and the log up to there as columns. A restart reads the one and replays what came after.

use crate::Engine;
use jieti_domain::journey::columns::{Class, Columns, columns, day_of, rows};
use jieti_domain::journey::{Memory, Walk};
use jieti_store::{Checkpoint, ReadError, SegmentRow, WriteError};
use std::collections::BTreeMap;

/// Customers in one chunk: some megabytes.
const CHUNK: usize = 20_000;
/// So many walks may be out of date on disk, however few customers there are.
const SPARE: usize = 1_000;
/// Parts that one checkpoint may add: the number of a part is its position times this, and its place.
const MOST_PARTS: u64 = 4096;

fn pack(value: &impl serde::Serialize) -> Vec<u8> {
    lz4_flex::compress_prepend_size(&postcard::to_stdvec(value).expect("the fold has no failing serialisers"))
}

fn open<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let broken = |detail: String| ReadError::Format { table: "behaviour_memory", detail };
    let plain = lz4_flex::decompress_size_prepended(bytes).map_err(|e| broken(e.to_string()))?;
    postcard::from_bytes(&plain).map_err(|e| broken(e.to_string()))
}

/// The fold of a checkpoint; `None` where there is none. The number is that of the walks in its chunks, early and late.
pub(super) fn unpack(chunks: &[Vec<u8>]) -> Result<Option<(Memory, BTreeMap<u32, Walk>, usize)>, ReadError> {
    let Some((first, rest)) = chunks.split_first() else { return Ok(None) };
    let (mut walks, mut written) = (BTreeMap::new(), 0);
    for chunk in rest {
        let chunk = open::<Vec<(u32, Option<Walk>)>>(chunk)?;
        written += chunk.len();
        for (visitor, walk) in chunk {
            match walk {
                Some(walk) => walks.insert(visitor, walk),
                None => walks.remove(&visitor),
            };
        }
    }
    Ok(Some((open(first)?, walks, written)))
}

/// Columns as a row of the store.
pub(super) fn segment_row(class: Class, part: u64, columns: &Columns) -> SegmentRow {
    SegmentRow {
        day: columns.day,
        class: class.code().to_owned(),
        part,
        records: columns.len() as u64,
        body: lz4_flex::compress_prepend_size(&columns.to_bytes()),
    }
}

/// A row of the store as columns.
pub(super) fn columns_of(body: &[u8]) -> Result<Columns, ReadError> {
    let broken = |detail: String| ReadError::Format { table: "behaviour_segment", detail };
    let plain = lz4_flex::decompress_size_prepended(body).map_err(|e| broken(e.to_string()))?;
    Columns::from_bytes(&plain).map_err(|e| broken(e.to_string()))
}

/// Parts with their numbers, from position and place.
pub(super) fn numbered(position: u64, parts: &[(Class, Columns)]) -> Vec<SegmentRow> {
    (position * MOST_PARTS..).zip(parts).map(|(part, (class, columns))| segment_row(*class, part, columns)).collect()
}

impl Engine {
    /// Writes a checkpoint now. Held by whoever holds `whole`.
    pub(super) async fn checkpoint(&self) -> Result<(), WriteError> {
        self.checkpoint_with(Vec::new()).await
    }

    /// The same, with columns that come from elsewhere. Walks that have changed are added to those that are there, until half
    /// of what is there is out of date: the work is in proportion to what has changed, however many customers there are.
    pub(super) async fn checkpoint_with(&self, more: Vec<SegmentRow>) -> Result<(), WriteError> {
        let behaviour = &self.0.behaviour;
        let (position, today, mut memory, segments, visitors, anew) = {
            let mut recorder = behaviour.recorder();
            recorder.crowd.forget();
            let parts = columns(rows(recorder.recent.iter().flat_map(|instant| &instant.visits)));
            let position = recorder.position;
            // Parts from elsewhere have the position's own numbers; these come after them.
            let mut segments = numbered(position, &parts);
            segments.iter_mut().zip(more.len() as u64..).for_each(|(s, place)| s.part = position * MOST_PARTS + place);
            segments.extend(more);
            let (crowd, changed) = (&recorder.crowd, recorder.crowd.changed());
            let anew = recorder.written_walks + changed.len() > 2 * crowd.walks().count() + SPARE;
            let visitors: Vec<u32> =
                if anew { crowd.walks().map(|(visitor, _)| visitor).collect() } else { changed.iter().copied().collect() };
            (position, day_of(crowd.now()), vec![pack(&crowd.memory())], segments, visitors, anew)
        };
        // Nothing changes while `whole` is held; those who only want to read get their turn between the chunks.
        for chunk in visitors.chunks(CHUNK) {
            memory.push({
                let recorder = behaviour.recorder();
                pack(&chunk.iter().map(|visitor| (*visitor, recorder.crowd.walk(*visitor))).collect::<Vec<_>>())
            });
            tokio::task::yield_now().await;
        }
        self.0.store.save_checkpoint(Checkpoint { position, memory, anew, segments }).await?;
        behaviour.recorder().checkpointed(visitors.len(), anew);
        let keep = behaviour.retention;
        for (class, days) in [(Class::Way, keep.way_days), (Class::Trouble, keep.trouble_days), (Class::Touch, keep.touch_days)] {
            self.0.store.drop_segments(class.code(), today - days).await?;
        }
        Ok(())
    }

    /// Writes a checkpoint where there is anything to write: at the end of the process, and once an hour.
    ///
    /// # Errors
    /// Where the store cannot be written; the log goes on.
    pub async fn checkpoint_behaviour(&self) -> Result<(), WriteError> {
        let _whole = self.0.behaviour.whole.lock().await;
        if self.0.behaviour.recorder().recent_acts() == 0 {
            return Ok(());
        }
        self.checkpoint().await
    }
}
