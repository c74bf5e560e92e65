//! SQLite: one writer thread with group commit, and a few readers.

use crate::OpenError;
use crate::batch::{Batch, ReadError, Row, Statement, Value, WriteError};
use crate::dialect::for_sqlite;
use crate::migrations;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::{Semaphore, oneshot};

/// Batches committed together at most: bounds the time one commit takes (about 1 ms of work for each hundred).
const GROUP: usize = 512;
/// Readers: more than the cores of a small server never helps a store that fits its page cache.
const READERS: usize = 4;
/// First version without the WAL-reset bug. Source: SQLite release notes of 3.51.3.
const OLDEST: i32 = 3_051_003;

pub struct Sqlite {
    writer: mpsc::Sender<(Batch, oneshot::Sender<Result<(), WriteError>>)>,
    readers: Arc<Readers>,
    /// Locked for as long as the store is open.
    _lock: File,
}

struct Readers {
    idle: Mutex<Vec<Session>>,
    free: Semaphore,
}

impl Sqlite {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let shown = path.display().to_string();
        let broken = |detail: String| OpenError::Broken { path: shown.clone(), detail };
        if rusqlite::version_number() < OLDEST {
            return Err(OpenError::OldSqlite { version: rusqlite::version().to_owned() });
        }
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| broken(format!("{}: {e}", folder.display())))?;
        }
        let lock = lock(path).map_err(|e| e.unwrap_or_else(|| OpenError::InUse { path: shown.clone() }))?;
        let connect = || -> Result<Connection, OpenError> {
            let connection = Connection::open(path).map_err(|e| broken(e.to_string()))?;
            connection
                .execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000; pragma cache_size = -16000;")
                .map_err(|e| broken(e.to_string()))?;
            connection.set_prepared_statement_cache_capacity(128);
            Ok(connection)
        };
        let writer = connect()?;
        // A job holds a card number as typed until it is done; deleted rows must not stay in free pages.
        writer.execute_batch("pragma secure_delete = on").map_err(|e| broken(e.to_string()))?;
        let mut writer = Session::new(writer);
        writer.migrate(&shown)?;
        let mut idle = Vec::new();
        for _ in 0..READERS {
            idle.push(Session::new(connect()?));
        }
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|e| broken(e.to_string()))?;
        let readers = Arc::new(Readers { idle: Mutex::new(idle), free: Semaphore::new(READERS) });
        Ok(Self { writer: sender, readers, _lock: lock })
    }

    pub async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        let gone = || WriteError::Broken { detail: "the writer has stopped".to_owned() };
        let (reply, answer) = oneshot::channel();
        self.writer.send((batch, reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        let broken = |detail: String| ReadError::Broken { detail };
        let _permit = self.readers.free.acquire().await.map_err(|e| broken(e.to_string()))?;
        let readers = Arc::clone(&self.readers);
        let work = tokio::task::spawn_blocking(move || {
            let mut session =
                readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().expect("the semaphore counts idle sessions");
            let rows = session.read(sql, &values);
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
            rows
        });
        work.await.map_err(|e| broken(e.to_string()))?.map_err(|e| broken(e.to_string()))
    }
}

/// `Err(None)`: somebody else holds the lock.
fn lock(path: &Path) -> Result<File, Option<OpenError>> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let broken = |e: &dyn std::fmt::Display| {
        Some(OpenError::Broken { path: path.display().to_string(), detail: format!("lock file: {e}") })
    };
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(|e| broken(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(None),
        Err(std::fs::TryLockError::Error(e)) => Err(broken(&e)),
    }
}

/// A connection and the SQL texts it has seen, in SQLite's spelling.
struct Session {
    connection: Connection,
    texts: HashMap<&'static str, String>,
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl Session {
    fn new(connection: Connection) -> Self {
        Self { connection, texts: HashMap::new() }
    }

    fn read(&mut self, sql: &'static str, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
        let text = self.texts.entry(sql).or_insert_with(|| for_sqlite(sql));
        let mut statement = self.connection.prepare_cached(text)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Integer(value) => Value::Int(value),
                    ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
                    ValueRef::Blob(value) => Value::Bytes(value.to_vec()),
                    ValueRef::Null | ValueRef::Real(_) => Value::Null,
                });
            }
            found.push(Row(values));
        }
        Ok(found)
    }

    fn execute(&mut self, statement: &Statement) -> Result<(), WriteError> {
        let text = self.texts.entry(statement.sql).or_insert_with(|| for_sqlite(statement.sql));
        let mut prepared = self.connection.prepare_cached(text).map_err(write_error)?;
        let changed = prepared.execute(rusqlite::params_from_iter(&statement.values)).map_err(write_error)?;
        match statement.must_change {
            Some(rows) if rows != changed as u64 => Err(WriteError::Conflict),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes everything that has come in while the last commit was on its way to the disk, and commits it at once.
    fn run(mut self, receiver: &mpsc::Receiver<(Batch, oneshot::Sender<Result<(), WriteError>>)>) {
        while let Ok(first) = receiver.recv() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = receiver.try_recv()
            {
                group.push(next);
            }
            let (batches, replies): (Vec<Batch>, Vec<_>) = group.into_iter().unzip();
            for (reply, result) in replies.into_iter().zip(self.commit(&batches)) {
                // The asker may have gone away; the commit stands all the same.
                let _ = reply.send(result);
            }
        }
    }

    fn commit(&mut self, batches: &[Batch]) -> Vec<Result<(), WriteError>> {
        if let Err(error) = self.connection.execute_batch("begin immediate") {
            return vec![Err(write_error(error)); batches.len()];
        }
        let mut results: Vec<Result<(), WriteError>> = batches.iter().map(|batch| self.apply(batch)).collect();
        if let Err(error) = self.connection.execute_batch("commit") {
            let error = write_error(error);
            let _ = self.connection.execute_batch("rollback");
            for result in results.iter_mut().filter(|r| r.is_ok()) {
                *result = Err(error.clone());
            }
        }
        results
    }

    /// One batch inside the group's transaction; a failed one is undone without touching its neighbours.
    fn apply(&mut self, batch: &Batch) -> Result<(), WriteError> {
        self.connection.prepare_cached("savepoint batch").and_then(|mut s| s.execute([])).map_err(write_error)?;
        let applied = batch.statements.iter().try_for_each(|s| self.execute(s));
        let end = if applied.is_ok() { "release batch" } else { "rollback to batch" };
        self.connection.prepare_cached(end).and_then(|mut s| s.execute([])).map_err(write_error)?;
        if applied.is_err() {
            self.connection.prepare_cached("release batch").and_then(|mut s| s.execute([])).map_err(write_error)?;
        }
        applied
    }

    fn migrate(&mut self, shown: &str) -> Result<(), OpenError> {
        let broken = |e: rusqlite::Error| OpenError::Broken { path: shown.to_owned(), detail: e.to_string() };
        self.connection.execute_batch(migrations::META).map_err(broken)?;
        let found: i64 = self
            .connection
            .query_row("select cast(value as integer) from meta where key = 'schema'", [], |row| row.get(0))
            .or_else(|e| if e == rusqlite::Error::QueryReturnedNoRows { Ok(0) } else { Err(e) })
            .map_err(broken)?;
        let known = i64::try_from(migrations::STEPS.len()).unwrap_or(i64::MAX);
        if found > known {
            return Err(OpenError::Newer { path: shown.to_owned(), found, known });
        }
        for (number, step) in (1..).zip(migrations::STEPS).skip(usize::try_from(found).unwrap_or(0)) {
            let transaction = self.connection.transaction().map_err(broken)?;
            for sql in *step {
                transaction.execute_batch(sql).map_err(broken)?;
            }
            let number: i64 = number;
            transaction
                .execute(
                    "insert into meta values ('schema', ?1) on conflict (key) do update set value = excluded.value",
                    [number.to_string()],
                )
                .map_err(broken)?;
            transaction
                .execute("insert into meta values ('epoch', lower(hex(randomblob(8)))) on conflict (key) do nothing", [])
                .map_err(broken)?;
            transaction.commit().map_err(broken)?;
        }
        Ok(())
    }
}

fn write_error(error: rusqlite::Error) -> WriteError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => WriteError::Conflict,
        Some(ErrorCode::DiskFull) => WriteError::Full,
        Some(_) | None => WriteError::Broken { detail: error.to_string() },
    }
}
