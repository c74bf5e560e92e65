//! PostgreSQL: a pool of connections; each batch is one transaction.

use crate::OpenError;
use crate::batch::{Batch, ReadError, Row, Value, WriteError};
use crate::migrations;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use std::error::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls};

/// Connections: enough to overlap the commits of a busy server, few enough for a small PostgreSQL.
const CONNECTIONS: usize = 16;
/// Key of the advisory lock that keeps a second server out: "jieti" in ASCII.
const LOCK: i64 = 0x6a_69_65_74_69;

pub struct Postgres {
    pool: Pool,
    /// Holds the advisory lock for as long as the store is open.
    _lock: Client,
}

impl Postgres {
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let config: tokio_postgres::Config = url.parse().map_err(|e: tokio_postgres::Error| OpenError::Broken {
            path: "postgres".to_owned(),
            detail: format!("address: {e}"),
        })?;
        // The address holds a password; only host and database are shown.
        let shown = format!("postgres database {:?}", config.get_dbname().unwrap_or("?"));
        let broken = |e: &dyn Error| OpenError::Broken { path: shown.clone(), detail: with_source(e) };
        let (lock, connection) = config.connect(NoTls).await.map_err(|e| broken(&e))?;
        tokio::spawn(connection);
        let locked = lock.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await.map_err(|e| broken(&e))?;
        if !locked.get::<_, bool>(0) {
            return Err(OpenError::InUse { path: shown });
        }
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build().map_err(|e| broken(&e))?;
        migrate(&pool, &shown).await?;
        Ok(Self { pool, _lock: lock })
    }

    pub async fn write(&self, batch: Batch) -> Result<(), WriteError> {
        let mut client = self.pool.get().await.map_err(|e| WriteError::Broken { detail: with_source(&e) })?;
        let transaction = client.transaction().await.map_err(write_error)?;
        for statement in &batch.statements {
            let prepared = transaction.prepare_cached(statement.sql).await.map_err(write_error)?;
            let values: Vec<&(dyn ToSql + Sync)> = statement.values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
            let changed = transaction.execute(&prepared, &values).await.map_err(write_error)?;
            if statement.must_change.is_some_and(|rows| rows != changed) {
                return Err(WriteError::Conflict);
            }
        }
        transaction.commit().await.map_err(write_error)
    }

    pub async fn read(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        let broken = |e: &dyn Error| ReadError::Broken { detail: with_source(e) };
        let client = self.pool.get().await.map_err(|e| broken(&e))?;
        let prepared = client.prepare_cached(sql).await.map_err(|e| broken(&e))?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let rows = client.query(&prepared, &values).await.map_err(|e| broken(&e))?;
        rows.iter()
            .map(|row| {
                let value = |column: usize| -> Result<Value, tokio_postgres::Error> {
                    Ok(match *row.columns()[column].type_() {
                        Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map_or(Value::Null, Value::Int),
                        Type::INT4 => row.try_get::<_, Option<i32>>(column)?.map_or(Value::Null, |v| Value::Int(v.into())),
                        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map_or(Value::Null, Value::Bytes),
                        _ => row.try_get::<_, Option<String>>(column)?.map_or(Value::Null, Value::Text),
                    })
                };
                let values: Result<Vec<Value>, _> = (0..row.len()).map(value).collect();
                values.map(Row).map_err(|e| broken(&e))
            })
            .collect()
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Bytes(value) => value.as_slice().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

async fn migrate(pool: &Pool, shown: &str) -> Result<(), OpenError> {
    let broken = |e: &dyn Error| OpenError::Broken { path: shown.to_owned(), detail: with_source(e) };
    let mut client = pool.get().await.map_err(|e| broken(&e))?;
    client.batch_execute(migrations::META).await.map_err(|e| broken(&e))?;
    let row = client.query_opt("select value from meta where key = 'schema'", &[]).await.map_err(|e| broken(&e))?;
    let found: i64 = row.and_then(|r| r.get::<_, String>(0).parse().ok()).unwrap_or(0);
    let known = i64::try_from(migrations::STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { path: shown.to_owned(), found, known });
    }
    for (number, step) in (1_i64..).zip(migrations::STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = client.transaction().await.map_err(|e| broken(&e))?;
        for sql in *step {
            transaction.batch_execute(sql).await.map_err(|e| broken(&e))?;
        }
        let done = format!(
            "insert into meta values ('schema', '{number}') on conflict (key) do update set value = excluded.value;
             insert into meta values ('epoch', md5(random()::text || clock_timestamp()::text)) on conflict (key) do nothing"
        );
        transaction.batch_execute(&done).await.map_err(|e| broken(&e))?;
        transaction.commit().await.map_err(|e| broken(&e))?;
    }
    Ok(())
}

fn write_error(error: tokio_postgres::Error) -> WriteError {
    match error.code() {
        Some(code)
            if [SqlState::UNIQUE_VIOLATION, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]
                .contains(code) =>
        {
            WriteError::Conflict
        }
        Some(code) if *code == SqlState::DISK_FULL => WriteError::Full,
        Some(_) | None => WriteError::Broken { detail: with_source(&error) },
    }
}

/// PostgreSQL's own words are in the source of the client's error.
fn with_source(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
