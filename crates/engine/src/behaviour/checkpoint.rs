//! Checkpoints: the fold as bytes, and the log up to there as columns. A restart reads the one and replays what came after.

use crate::Engine;
use jieti_domain::journey::columns::{Class, Columns, columns, day_of, rows};
use jieti_domain::journey::{Memory, Walk};
use jieti_store::{Checkpoint, ReadError, SegmentRow, WriteError};

/// Customers in one chunk: some megabytes.
const CHUNK: usize = 20_000;
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

/// The fold of a checkpoint; `None` where there is none.
pub(super) fn unpack(chunks: &[Vec<u8>]) -> Result<Option<(Memory, Vec<(u32, Walk)>)>, ReadError> {
    let Some((first, rest)) = chunks.split_first() else { return Ok(None) };
    let mut walks = Vec::new();
    for chunk in rest {
        walks.extend(open::<Vec<(u32, Walk)>>(chunk)?);
    }
    Ok(Some((open(first)?, walks)))
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

    /// The same, with columns that come from elsewhere.
    pub(super) async fn checkpoint_with(&self, more: Vec<SegmentRow>) -> Result<(), WriteError> {
        let (checkpoint, today) = {
            let mut recorder = self.0.behaviour.recorder();
            recorder.crowd.forget();
            let parts = columns(rows(recorder.recent.iter().flat_map(|instant| &instant.visits)));
            let mut memory = vec![pack(&recorder.crowd.memory())];
            let walks: Vec<(u32, &Walk)> = recorder.crowd.walks().collect();
            memory.extend(walks.chunks(CHUNK).map(|chunk| pack(&chunk)));
            let position = recorder.position;
            // Parts from elsewhere have the position's own numbers; these come after them.
            let mut segments = numbered(position, &parts);
            segments.iter_mut().zip(more.len() as u64..).for_each(|(s, place)| s.part = position * MOST_PARTS + place);
            segments.extend(more);
            (Checkpoint { position, memory, segments }, day_of(recorder.crowd.now()))
        };
        self.0.store.save_checkpoint(checkpoint).await?;
        self.0.behaviour.recorder().forget_recent();
        let keep = self.0.behaviour.retention;
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
