//! People who work at the lender, and their sessions. Passwords and tokens come in hashed.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError, json};
use jieti_domain::id::StaffId;
use jieti_domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct StaffRow {
    pub id: StaffId,
    pub name: String,
    pub display_name: String,
    pub password_hash: String,
    pub roles: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct NewStaff {
    pub id: StaffId,
    /// Login name, unique.
    pub name: String,
    pub display_name: String,
    pub password_hash: String,
    pub roles: Vec<String>,
}

impl Store {
    /// # Errors
    /// `Conflict` where the login name is taken.
    pub async fn add_staff(&self, staff: &NewStaff) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into staff (id, name, display_name, password_hash, roles) values ($1, $2, $3, $4, $5)",
            vec![
                staff.id.as_str().into(),
                staff.name.as_str().into(),
                staff.display_name.as_str().into(),
                staff.password_hash.as_str().into(),
                json(&staff.roles),
            ],
        );
        self.write(batch).await
    }

    pub async fn staff_by_name(&self, name: &str) -> Result<Option<StaffRow>, ReadError> {
        let rows = self
            .read("select id, name, display_name, password_hash, roles from staff where name = $1", vec![name.into()])
            .await?;
        rows.first().map(staff_of).transpose()
    }

    pub async fn all_staff(&self) -> Result<Vec<StaffRow>, ReadError> {
        let rows = self.read("select id, name, display_name, password_hash, roles from staff order by name", vec![]).await?;
        rows.iter().map(staff_of).collect()
    }

    pub async fn open_session(&self, token_hash: &str, staff: &StaffId, expires_at: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into staff_session (token_hash, staff, expires_at) values ($1, $2, $3)",
            vec![token_hash.into(), staff.as_str().into(), expires_at.0.into()],
        );
        self.write(batch).await
    }

    pub async fn close_session(&self, token_hash: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from staff_session where token_hash = $1", vec![token_hash.into()]);
        self.write(batch).await
    }

    /// The owner of a session that has not expired.
    pub async fn session_staff(&self, token_hash: &str, now: Timestamp) -> Result<Option<StaffRow>, ReadError> {
        let rows = self
            .read(
                "select s.id, s.name, s.display_name, s.password_hash, s.roles from staff_session x \
                 join staff s on s.id = x.staff where x.token_hash = $1 and x.expires_at > $2",
                vec![token_hash.into(), now.0.into()],
            )
            .await?;
        rows.first().map(staff_of).transpose()
    }
}

fn staff_of(row: &Row) -> Result<StaffRow, ReadError> {
    Ok(StaffRow {
        id: StaffId::new(row.text(0)),
        name: row.text(1),
        display_name: row.text(2),
        password_hash: row.text(3),
        roles: row.json(4, "staff")?,
    })
}
