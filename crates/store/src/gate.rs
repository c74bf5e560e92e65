//! What stands between a draft and its publication: the lender's test questions, every publication with what its test said, and
//! conflicts that an editor leaves as they are.

use crate::Store;
use crate::batch::{Batch, ReadError, WriteError, json};
use jieti_domain::id::NeedId;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;

/// A question of which the lender knows what it means; no model ever learns it.
#[derive(Debug, Clone, PartialEq)]
pub struct TestQuestion {
    pub id: String,
    pub text: String,
    pub lang: Lang,
    /// `None`: no need of the lender's.
    pub expect: Option<NeedId>,
    pub author: String,
    pub at: Timestamp,
}

/// One publication, with what the test before it said.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicationRow {
    pub id: String,
    pub at: Timestamp,
    pub author: String,
    pub needs: Vec<NeedId>,
    pub tested: u64,
    pub broken: u64,
    pub mended: u64,
    /// Why it was published although it broke more than it mended.
    pub reason: Option<String>,
}

impl Store {
    /// Saves a test question; one with the same id is replaced.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_test_question(&self, question: &TestQuestion) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into test_question (id, text, lang, expect, author, at) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do update set text = excluded.text, lang = excluded.lang, expect = excluded.expect, \
             author = excluded.author, at = excluded.at",
            vec![
                question.id.as_str().into(),
                question.text.as_str().into(),
                json(&question.lang),
                question.expect.as_ref().map(|n| n.0.clone()).into(),
                question.author.as_str().into(),
                question.at.0.into(),
            ],
        );
        self.write(batch).await
    }

    /// # Errors
    /// Where the store cannot be written.
    pub async fn drop_test_question(&self, id: &str) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from test_question where id = $1", vec![id.into()]);
        self.write(batch).await
    }

    /// The oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn test_questions(&self) -> Result<Vec<TestQuestion>, ReadError> {
        let rows = self.read("select id, text, lang, expect, author, at from test_question order by at, id", vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(TestQuestion {
                    id: row.text(0),
                    text: row.text(1),
                    lang: row.json(2, "test_question")?,
                    expect: row.opt_text(3).map(NeedId),
                    author: row.text(4),
                    at: Timestamp(row.int(5)),
                })
            })
            .collect()
    }

    /// The latest first, so many at most.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn publications(&self, limit: u64) -> Result<Vec<PublicationRow>, ReadError> {
        let rows = self
            .read(
                "select id, at, author, needs, tested, broken, mended, reason from publication order by at desc, id limit $1",
                vec![limit.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(PublicationRow {
                    id: row.text(0),
                    at: Timestamp(row.int(1)),
                    author: row.text(2),
                    needs: row.json(3, "publication")?,
                    tested: row.seq(4),
                    broken: row.seq(5),
                    mended: row.seq(6),
                    reason: row.opt_text(7),
                })
            })
            .collect()
    }

    /// Leaves a conflict as it is; it is not listed again while it says the same.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn leave_conflict(&self, id: &str, by: &str, at: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into conflict_left (id, author, at) values ($1, $2, $3) on conflict (id) do nothing",
            vec![id.into(), by.into(), at.0.into()],
        );
        self.write(batch).await
    }

    /// Ids of the conflicts that were left as they are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn conflicts_left(&self) -> Result<Vec<String>, ReadError> {
        let rows = self.read("select id from conflict_left order by id", vec![]).await?;
        Ok(rows.iter().map(|row| row.text(0)).collect())
    }
}

pub(crate) fn keep(batch: &mut Batch, row: &PublicationRow) {
    batch.add(
        "insert into publication (id, at, author, needs, tested, broken, mended, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            row.id.as_str().into(),
            row.at.0.into(),
            row.author.as_str().into(),
            json(&row.needs),
            row.tested.into(),
            row.broken.into(),
            row.mended.into(),
            row.reason.clone().into(),
        ],
    );
}
