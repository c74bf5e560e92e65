//! The lender's own store file. Owns opening it and the one transaction each request is; the rows belong to the modules
//! that use them. A lender that is killed comes back as its last committed request left it.

use crate::clock::china_date;
use crate::error::{Aftermath, Failure, invalid};
use crate::{seed, transfers};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

const SCHEMA_VERSION: i64 = 1;

/// Where the store is kept.
#[derive(Debug, Clone)]
pub enum Place {
    Memory,
    File(PathBuf),
}

#[derive(Debug, Error)]
pub enum OpenError {
    #[error("store {place:?} cannot be opened: {cause}")]
    Unusable { place: Place, cause: rusqlite::Error },
    #[error("store {place:?} has version {found} and this lender reads version {SCHEMA_VERSION}; start it on another file")]
    OtherVersion { place: Place, found: i64 },
    #[error("store {place:?} cannot be seeded: {cause}")]
    Unseeded { place: Place, cause: Failure },
}

pub(crate) struct Store(Mutex<Connection>);

/// One request's view of the store: its transaction, and the time at which it happens.
pub(crate) struct Desk<'a> {
    pub tx: &'a Connection,
    pub now_ms: i64,
    pub today: Date,
}

/// An answer as it is sent, and kept for the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
}

/// What makes a repeated request recognisable.
#[derive(Debug, Clone)]
pub(crate) struct RequestKey {
    pub key: String,
    /// Of path and body: the same key with another fingerprint is a caller's mistake.
    pub fingerprint: Vec<u8>,
}

impl Store {
    /// Opens the store, and fills it with the demo customers where it is new.
    pub fn open(place: &Place, now_ms: i64) -> Result<Self, OpenError> {
        let unusable = |cause| OpenError::Unusable { place: place.clone(), cause };
        let mut connection = match place {
            Place::Memory => Connection::open_in_memory(),
            Place::File(path) => Connection::open(path),
        }
        .map_err(unusable)?;
        connection
            .execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;")
            .map_err(unusable)?;
        let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0)).map_err(unusable)?;
        if found == 0 {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unusable)?;
            tx.execute_batch(include_str!("schema.sql")).map_err(unusable)?;
            seed::plant(&Desk::new(&tx, now_ms)).map_err(|cause| OpenError::Unseeded { place: place.clone(), cause })?;
            tx.commit().map_err(unusable)?;
        } else if found != SCHEMA_VERSION {
            return Err(OpenError::OtherVersion { place: place.clone(), found });
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs `work` in one transaction, after the transfers have caught up with the clock.
    pub fn run<T>(&self, now_ms: i64, work: impl FnOnce(&Desk) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let desk = Desk::new(&tx, now_ms);
        transfers::catch_up(&desk)?;
        let outcome = work(&desk);
        // A refused read has changed nothing but what time had changed anyway, and that stays.
        if matches!(outcome, Ok(_) | Err(Failure::Refused(_))) {
            tx.commit()?;
        }
        outcome
    }

    /// Runs `work` unless this key was answered before; either way the answer is the key's from now on, a refusal too.
    pub fn run_once<T: Serialize>(
        &self,
        now_ms: i64,
        request: &RequestKey,
        work: impl FnOnce(&Desk) -> Result<T, Failure>,
    ) -> Result<Answer, Failure> {
        self.run(now_ms, |desk| {
            if let Some(answer) = remembered(desk, request)? {
                return Ok(answer);
            }
            desk.tx.execute_batch("savepoint work")?;
            let answer = match work(desk) {
                Ok(body) => Answer { status: 200, body: serde_json::to_string(&body)? },
                Err(Failure::Refused(refusal)) => {
                    if refusal.aftermath == Aftermath::Undo {
                        desk.tx.execute_batch("rollback to work")?;
                    }
                    Answer { status: refusal.status.as_u16(), body: serde_json::to_string(&refusal.problem)? }
                }
                Err(failure) => return Err(failure),
            };
            desk.tx.execute_batch("release work")?;
            desk.tx.execute(
                "insert into answers (idempotency_key, fingerprint, status, body) values (?1, ?2, ?3, ?4)",
                (&request.key, &request.fingerprint, answer.status, &answer.body),
            )?;
            Ok(answer)
        })
    }
}

fn remembered(desk: &Desk, request: &RequestKey) -> Result<Option<Answer>, Failure> {
    let sql = "select fingerprint, status, body from answers where idempotency_key = ?1";
    let found =
        desk.row(sql, [&request.key], |row| Ok((row.get::<_, Vec<u8>>(0)?, Answer { status: row.get(1)?, body: row.get(2)? })))?;
    match found {
        Some((fingerprint, _)) if fingerprint != request.fingerprint => Err(invalid(
            "idempotency.key_reused",
            "该请求编号已用于另一笔请求",
            "this Idempotency-Key was used for a different request",
        )),
        other => Ok(other.map(|(_, answer)| answer)),
    }
}

impl<'a> Desk<'a> {
    pub fn new(tx: &'a Connection, now_ms: i64) -> Self {
        Self { tx, now_ms, today: china_date(now_ms) }
    }

    pub fn row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Failure> {
        Ok(self.tx.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    pub fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The next identifier of a kind, such as `r1001`.
    pub fn next_id(&self, prefix: &str) -> Result<String, Failure> {
        let sql = "insert into counters (name, value) values (?1, 1001)
                   on conflict (name) do update set value = value + 1 returning value";
        let value: i64 = self.tx.prepare_cached(sql)?.query_row([prefix], |row| row.get(0))?;
        Ok(format!("{prefix}{value}"))
    }
}

/// Stores plain enums as the text that serde gives them, so that the file and the API say the same word.
macro_rules! stored_as_text {
    ($($word:ty),+ $(,)?) => {$(
        impl rusqlite::ToSql for $word {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                match serde_json::to_value(self) {
                    Ok(serde_json::Value::String(text)) => Ok(text.into()),
                    Ok(other) => Err(rusqlite::Error::ToSqlConversionFailure(format!("{other} is not a word").into())),
                    Err(cause) => Err(rusqlite::Error::ToSqlConversionFailure(cause.into())),
                }
            }
        }

        impl rusqlite::types::FromSql for $word {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                serde_json::from_value(value.as_str()?.into()).map_err(|cause| rusqlite::types::FromSqlError::Other(cause.into()))
            }
        }
    )+};
}
pub(crate) use stored_as_text;

stored_as_text!(crate::schedule::Method, crate::weather::TransferState);
