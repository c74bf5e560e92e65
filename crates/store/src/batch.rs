//! Statements as data, and rows as they come back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Bytes(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<u64> for Value {
    /// Sequence numbers and counts; they never reach 2^63.
    fn from(value: u64) -> Self {
        Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// A value as JSON text.
pub fn json(value: &impl Serialize) -> Value {
    Value::Text(serde_json::to_string(value).expect("domain types have string keys and no failing serialisers"))
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub sql: &'static str,
    pub values: Vec<Value>,
    /// `Some(n)`: the whole batch is undone unless the statement changes exactly `n` rows.
    pub must_change: Option<u64>,
}

/// Statements that are committed together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub statements: Vec<Statement>,
}

impl Batch {
    pub fn add(&mut self, sql: &'static str, values: Vec<Value>) {
        self.statements.push(Statement { sql, values, must_change: None });
    }

    /// Adds a statement that must change one row; otherwise the batch is a conflict and changes nothing.
    pub fn add_guard(&mut self, sql: &'static str, values: Vec<Value>) {
        self.statements.push(Statement { sql, values, must_change: Some(1) });
    }
}

#[derive(Debug, Clone, Error)]
pub enum WriteError {
    /// Somebody else was first (a taken sequence number, a finished job): load again and decide again.
    #[error("the store has moved on since it was read; load again")]
    Conflict,
    #[error("the disk of the store is full; free some space, nothing was changed")]
    Full,
    #[error("store could not write: {detail}; nothing was changed")]
    Broken { detail: String },
}

#[derive(Debug, Clone, Error)]
pub enum ReadError {
    #[error("store could not read: {detail}")]
    Broken { detail: String },
    #[error("row of {table} cannot be understood: {detail}; it was written by a newer server or is damaged")]
    Format { table: &'static str, detail: String },
}

/// One row, by column number.
#[derive(Debug, Clone)]
pub struct Row(pub Vec<Value>);

impl Row {
    pub fn int(&self, column: usize) -> i64 {
        match self.0.get(column) {
            Some(Value::Int(value)) => *value,
            _ => 0,
        }
    }

    pub fn seq(&self, column: usize) -> u64 {
        u64::try_from(self.int(column)).unwrap_or(0)
    }

    pub fn text(&self, column: usize) -> String {
        self.opt_text(column).unwrap_or_default()
    }

    pub fn opt_text(&self, column: usize) -> Option<String> {
        match self.0.get(column) {
            Some(Value::Text(value)) => Some(value.clone()),
            _ => None,
        }
    }

    pub fn bytes(&self, column: usize) -> &[u8] {
        match self.0.get(column) {
            Some(Value::Bytes(value)) => value,
            _ => &[],
        }
    }

    pub fn opt_int(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// # Errors
    /// `ReadError::Format` names the table.
    pub fn json<T: DeserializeOwned>(&self, column: usize, table: &'static str) -> Result<T, ReadError> {
        let text = match self.0.get(column) {
            Some(Value::Text(value)) => value.as_str(),
            _ => "null",
        };
        serde_json::from_str(text).map_err(|e| ReadError::Format { table, detail: e.to_string() })
    }
}
