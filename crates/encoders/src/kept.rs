//! Vectors that an encoder has given before, in an SQLite file, so that a start does not ask it for all of them again. It holds hashes
//! of texts and no texts, and only what a model was trained on: a customer's message is not kept. Losing the file costs time, and
//! what a server charges, and nothing else.

use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder};
use jieti_language::encoder::{Cohort, dot};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Vectors beyond which a start begins anew: 400,000 of 384 numbers are 650 MB. Those of texts that no entry has any more, and of
/// encoders that nobody uses any more, are not told apart.
const MOST: i64 = 400_000;
/// Cosine from which two vectors are one encoder's of one text; arithmetic differs a little between batches.
const SAME: f32 = 0.999;
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS vector (text BLOB PRIMARY KEY, numbers BLOB NOT NULL) WITHOUT ROWID;
";

/// An encoder, and what it has given before. Several may share a file.
#[derive(Debug)]
pub struct Kept<E> {
    encoder: E,
    fingerprint: String,
    file: PathBuf,
    kept: Mutex<Connection>,
    /// The encoder still gives what it gave: a server may have another model under the same name.
    is_proven: AtomicBool,
}

impl<E: SentenceEncoder> Kept<E> {
    /// Takes up what an encoder of this `fingerprint` gave before: two with the same one give the same vectors. A damaged file and
    /// one that has grown too large begin anew.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(encoder: E, fingerprint: String, file: &Path) -> rusqlite::Result<Self> {
        let kept = open(file).or_else(|error| {
            let is_damaged = matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
            );
            if !is_damaged || std::fs::remove_file(file).is_err() {
                return Err(error);
            }
            tracing::warn!(%error, file = %file.display(), "kept vectors are damaged; they are asked for again");
            open(file)
        })?;
        Ok(Self { encoder, fingerprint, file: file.to_owned(), kept: Mutex::new(kept), is_proven: AtomicBool::new(false) })
    }

    fn key(&self, text: &Masked) -> Vec<u8> {
        Sha256::new().chain_update(&self.fingerprint).chain_update([0]).chain_update(text.as_str()).finalize().to_vec()
    }

    fn kept(&self) -> MutexGuard<'_, Connection> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, texts: &[Masked]) -> rusqlite::Result<Vec<Option<Vec<f32>>>> {
        let kept = self.kept();
        let mut find = kept.prepare_cached("SELECT numbers FROM vector WHERE text = ?1")?;
        let vector = |text: &Masked| {
            let bytes: Option<Vec<u8>> = find.query_row([self.key(text)], |row| row.get(0)).optional()?;
            Ok(bytes.map(|bytes| bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect()))
        };
        texts.iter().map(vector).collect()
    }

    fn keep(&self, texts: &[Masked], vectors: &[Vec<f32>]) -> rusqlite::Result<()> {
        let mut kept = self.kept();
        let transaction = kept.transaction()?;
        for (text, vector) in texts.iter().zip(vectors) {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            transaction
                .prepare_cached("INSERT OR REPLACE INTO vector (text, numbers) VALUES (?1, ?2)")?
                .execute(params![self.key(text), bytes])?;
        }
        transaction.commit()
    }

    /// The encoder works without its file, only slower: what fails there is told and changes nothing.
    fn or_without<T: Default>(&self, done: rusqlite::Result<T>) -> T {
        done.unwrap_or_else(|error| {
            tracing::warn!(%error, file = %self.file.display(), "vectors are not kept; free the disk, or delete the file");
            T::default()
        })
    }
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let kept = Connection::open(file)?;
    kept.busy_timeout(Duration::from_secs(5))?;
    kept.execute_batch(SCHEMA)?;
    let vectors: i64 = kept.query_row("SELECT count(*) FROM vector", [], |row| row.get(0))?;
    if vectors > MOST {
        kept.execute_batch("DELETE FROM vector; VACUUM")?;
    }
    Ok(kept)
}

impl<E: SentenceEncoder> SentenceEncoder for Kept<E> {
    fn knows(&self, lang: Lang) -> bool {
        self.encoder.knows(lang)
    }

    fn nature(&self) -> Nature {
        self.encoder.nature()
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        if patience == Patience::Customer {
            return self.encoder.encode(texts, patience);
        }
        let mut known = self.or_without(self.recall(texts));
        known.resize(texts.len(), None);
        let tried = known.iter().position(Option::is_some).filter(|_| !self.is_proven.load(Ordering::Relaxed));
        if let Some((i, before)) = tried.and_then(|i| Some((i, known[i].take()?))) {
            let now = self.encoder.encode(&texts[i..=i], patience)?.pop().unwrap_or_default();
            if now.len() != before.len() || dot(&now, &before) < SAME {
                tracing::info!(file = %self.file.display(), "the encoder gives other vectors than before; all are asked for again");
                self.or_without(self.kept().execute("DELETE FROM vector", []));
                self.or_without(self.keep(&texts[i..=i], std::slice::from_ref(&now)));
                known.fill(None);
            }
            known[i] = Some(now);
        }
        let missing: Vec<Masked> =
            texts.iter().zip(&known).filter(|(_, vector)| vector.is_none()).map(|(text, _)| text.clone()).collect();
        let mut new = Vec::new().into_iter();
        if !missing.is_empty() {
            let vectors = self.encoder.encode(&missing, patience)?;
            self.or_without(self.keep(&missing, &vectors));
            new = vectors.into_iter();
        }
        self.is_proven.store(true, Ordering::Relaxed);
        Ok(known.into_iter().filter_map(|vector| vector.or_else(|| new.next())).collect())
    }

    fn cohort(&self) -> Option<&Cohort> {
        self.encoder.cohort()
    }
}
