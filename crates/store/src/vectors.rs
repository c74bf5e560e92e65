//! Vectors of an encoder in an SQLite file of their own, whatever the store is. A cache: nothing in it is lost that could not be
//! worked out again, so a power cut may take the last of them.

use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// Vectors beyond which an opened file begins anew: 400,000 of 384 numbers are 650 MB. Those that nobody asks for any more are not
/// told apart.
const MOST: i64 = 400_000;
/// Tells the file from other databases: "JIVE".
const APPLICATION: i64 = 0x4a49_5645;
const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, numbers BLOB NOT NULL) WITHOUT ROWID;
";

/// Names a vector: a hash of what it depends on.
pub type VectorKey = [u8; 32];

/// Why vectors are not kept.
#[derive(Debug, Error)]
pub enum VectorFileError {
    #[error("it is another database; name a file of its own")]
    Other,
    #[error("{0}; delete the file, or name one that can be written")]
    Sqlite(#[from] rusqlite::Error),
}

#[derive(Debug)]
pub struct VectorFile(Mutex<Connection>);

impl VectorFile {
    /// # Errors
    /// Where the file cannot be written, or is none of these; it is left as it is then.
    pub fn open(file: &Path) -> Result<Self, VectorFileError> {
        let vectors = Connection::open(file)?;
        vectors.busy_timeout(Duration::from_secs(5))?;
        let application: i64 = vectors.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if application != APPLICATION {
            let tables: i64 = vectors.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
            if application != 0 || tables != 0 {
                return Err(VectorFileError::Other);
            }
            vectors.pragma_update(None, "application_id", APPLICATION)?;
        }
        vectors.execute_batch(SCHEMA)?;
        let many: i64 = vectors.query_row("SELECT count(*) FROM vector", [], |row| row.get(0))?;
        if many > MOST {
            vectors.execute_batch("DELETE FROM vector; VACUUM")?;
        }
        Ok(Self(Mutex::new(vectors)))
    }

    /// In the order of the keys; `None` for one that is not there.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn find(&self, keys: &[VectorKey]) -> Result<Vec<Option<Vec<f32>>>, VectorFileError> {
        let vectors = self.lock();
        let mut find = vectors.prepare_cached("SELECT numbers FROM vector WHERE key = ?1")?;
        let vector = |key: &VectorKey| {
            let bytes: Option<Vec<u8>> = find.query_row([key], |row| row.get(0)).optional()?;
            Ok(bytes.map(|bytes| bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect()))
        };
        keys.iter().map(vector).collect()
    }

    /// All of them or none.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn keep(&self, vectors: impl Iterator<Item = (VectorKey, Vec<f32>)>) -> Result<(), VectorFileError> {
        let mut file = self.lock();
        let transaction = file.transaction()?;
        for (key, vector) in vectors {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            let mut keep = transaction.prepare_cached("INSERT OR REPLACE INTO vector (key, numbers) VALUES (?1, ?2)")?;
            keep.execute(params![key, bytes])?;
        }
        Ok(transaction.commit()?)
    }

    /// # Errors
    /// Where the file cannot be written.
    pub fn clear(&self) -> Result<(), VectorFileError> {
        Ok(self.lock().execute_batch("DELETE FROM vector")?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
