//! The few places where SQLite and PostgreSQL differ. SQL text is shared and uses `$1`.

/// SQLite counts `$1` as a *name*, numbered by first appearance; `?1` is the position itself.
pub fn for_sqlite(sql: &str) -> String {
    sql.replace('$', "?")
}
