//! What conversations teach: gaps in knowledge with their groups, pairs of message and need to be reviewed, how sure messages were
//! read, and the models trained from it.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError, json};
use jieti_domain::conversation::NeedSeen;
use jieti_domain::id::{ConversationId, NeedId};
use jieti_domain::knowledge::{Gap, GapWhy, Lesson, LessonSource, LessonVerdict};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use serde::{Deserialize, Serialize};

/// A gap with the group it was put into.
#[derive(Debug, Clone, PartialEq)]
pub struct GapRow {
    pub conversation: ConversationId,
    pub gap: Gap,
    pub group: String,
}

/// What an editor decided on a group, and how many messages it had then.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupDecision {
    pub group: String,
    pub decision: GroupEnd,
    pub messages: u64,
    pub author: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum GroupEnd {
    Dismissed,
    /// It became a draft of this entry.
    Accepted {
        need: NeedId,
    },
}

/// A lesson and what a person made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonRow {
    /// Conversation, place, need and source: the same lesson has the same id.
    pub id: String,
    pub conversation: ConversationId,
    pub lesson: Lesson,
    pub review: Option<Review>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub accepted: bool,
    /// What the reviewer says the message means.
    pub need: NeedId,
    pub author: String,
    pub at: Timestamp,
}

/// Messages read in the conversations that closed on one day in China.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingDay {
    /// Days since 1970.
    pub day: i64,
    pub messages: u64,
    pub unsure: u64,
}

/// Everything that one closed conversation teaches, stored once.
#[derive(Debug, Clone, PartialEq)]
pub struct TaughtRows<'a> {
    pub conversation: &'a ConversationId,
    /// Days since 1970, in China.
    pub day: i64,
    pub messages: u64,
    pub unsure: u64,
    pub gaps: &'a [GapRow],
    pub lessons: &'a [Lesson],
}

/// A model of the reader, as it can be trained again.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRow {
    pub version: u64,
    pub at: Timestamp,
    pub author: String,
    /// Training lines and what the test said, as JSON.
    pub body: String,
}

/// What somebody did to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelAct {
    pub at: Timestamp,
    pub version: u64,
    pub act: String,
    pub author: String,
    pub note: String,
}

/// A message that the live model and the one beside it read differently.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowRow {
    pub version: u64,
    pub conversation: ConversationId,
    pub seq: u64,
    pub at: Timestamp,
    pub text: String,
    pub live: Option<NeedSeen>,
    pub shadow: Option<NeedSeen>,
}

fn guess(need: &Option<NeedSeen>) -> crate::batch::Value {
    need.as_ref().map(|n| serde_json::to_string(n).expect("a need has string keys")).into()
}

fn read_guess(row: &Row, column: usize, table: &'static str) -> Result<Option<NeedSeen>, ReadError> {
    row.opt_text(column).map(|_| row.json(column, table)).transpose()
}

impl Store {
    /// Stores what a conversation teaches; said again, it changes nothing.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_taught(&self, rows: &TaughtRows<'_>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into reading (conversation, day, messages, unsure) values ($1, $2, $3, $4) on conflict (conversation) do nothing",
            vec![rows.conversation.as_str().into(), rows.day.into(), rows.messages.into(), rows.unsure.into()],
        );
        for GapRow { conversation, gap, group } in rows.gaps {
            batch.add(
                "insert into gap (conversation, seq, at, lang, words, why, guess, answer, group_id) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (conversation, seq) do nothing",
                vec![
                    conversation.as_str().into(),
                    gap.seq.into(),
                    gap.at.0.into(),
                    json(&gap.lang),
                    gap.text.as_str().into(),
                    gap.why.code().into(),
                    guess(&gap.guess),
                    gap.answer.clone().into(),
                    group.as_str().into(),
                ],
            );
        }
        for lesson in rows.lessons {
            batch.add(
                "insert into lesson (id, conversation, seq, at, lang, words, need, verdict, source, answer) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
                vec![
                    lesson_id(rows.conversation, lesson).into(),
                    rows.conversation.as_str().into(),
                    lesson.seq.into(),
                    lesson.at.0.into(),
                    json(&lesson.lang),
                    lesson.text.as_str().into(),
                    lesson.need.as_str().into(),
                    lesson.verdict.code().into(),
                    lesson.source.code().into(),
                    lesson.answer.clone().into(),
                ],
            );
        }
        self.write(batch).await
    }

    /// Gaps since an instant, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn gaps(&self, since: Timestamp) -> Result<Vec<GapRow>, ReadError> {
        let rows = self
            .read(
                "select conversation, seq, at, lang, words, why, guess, answer, group_id from gap where at >= $1 \
                 order by at, conversation, seq",
                vec![since.0.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let why = row.text(5);
                let unknown = || ReadError::Format { table: "gap", detail: format!("reason {why:?} is not known") };
                Ok(GapRow {
                    conversation: ConversationId::new(row.text(0)),
                    gap: Gap {
                        seq: row.seq(1),
                        at: Timestamp(row.int(2)),
                        lang: row.json(3, "gap")?,
                        text: row.text(4),
                        why: GapWhy::from_code(&why).ok_or_else(unknown)?,
                        guess: read_guess(row, 6, "gap")?,
                        answer: row.opt_text(7),
                    },
                    group: row.text(8),
                })
            })
            .collect()
    }

    /// Keeps what was decided on a group; a later decision replaces an earlier one.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn decide_group(&self, decided: &GroupDecision) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into gap_decision (group_id, decision, messages, author, at) values ($1, $2, $3, $4, $5) \
             on conflict (group_id) do update set decision = excluded.decision, messages = excluded.messages, \
             author = excluded.author, at = excluded.at",
            vec![
                decided.group.as_str().into(),
                json(&decided.decision),
                decided.messages.into(),
                decided.author.as_str().into(),
                decided.at.0.into(),
            ],
        );
        self.write(batch).await
    }

    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn group_decisions(&self) -> Result<Vec<GroupDecision>, ReadError> {
        let rows =
            self.read("select group_id, decision, messages, author, at from gap_decision order by group_id", vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(GroupDecision {
                    group: row.text(0),
                    decision: row.json(1, "gap_decision")?,
                    messages: row.seq(2),
                    author: row.text(3),
                    at: Timestamp(row.int(4)),
                })
            })
            .collect()
    }

    /// Lessons that nobody has reviewed, the oldest first, so many at most.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn lessons_to_review(&self, limit: u64) -> Result<Vec<LessonRow>, ReadError> {
        let rows = self
            .read(
                "select id, conversation, seq, at, lang, words, need, verdict, source, answer, accepted, reviewed_need, reviewer, \
                 reviewed_at from lesson where reviewed_at is null order by at, id limit $1",
                vec![limit.into()],
            )
            .await?;
        rows.iter().map(lesson_of).collect()
    }

    /// Lessons that were accepted, in the order of their reviews.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn lessons_accepted(&self) -> Result<Vec<LessonRow>, ReadError> {
        let rows = self
            .read(
                "select id, conversation, seq, at, lang, words, need, verdict, source, answer, accepted, reviewed_need, reviewer, \
                 reviewed_at from lesson where accepted = 1 order by reviewed_at, id",
                vec![],
            )
            .await?;
        rows.iter().map(lesson_of).collect()
    }

    /// How many lessons wait, were accepted, were refused.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn count_lessons(&self) -> Result<(u64, u64, u64), ReadError> {
        let rows = self
            .read(
                "select sum(case when accepted is null then 1 else 0 end), sum(case when accepted = 1 then 1 else 0 end), \
                 sum(case when accepted = 0 then 1 else 0 end) from lesson",
                vec![],
            )
            .await?;
        Ok(rows.first().map_or((0, 0, 0), |row| (row.seq(0), row.seq(1), row.seq(2))))
    }

    /// Keeps what a person made of a lesson.
    ///
    /// # Errors
    /// `Conflict` where it does not exist.
    pub async fn review_lesson(&self, id: &str, review: &Review) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add_guard(
            "update lesson set accepted = $2, reviewed_need = $3, reviewer = $4, reviewed_at = $5 where id = $1",
            vec![
                id.into(),
                review.accepted.into(),
                review.need.as_str().into(),
                review.author.as_str().into(),
                review.at.0.into(),
            ],
        );
        self.write(batch).await
    }

    /// Messages by the day on which their conversation closed, `from..to` in days since 1970.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn reading_days(&self, from: i64, to: i64) -> Result<Vec<ReadingDay>, ReadError> {
        let rows = self
            .read(
                "select day, cast(sum(messages) as bigint), cast(sum(unsure) as bigint) from reading \
                 where day >= $1 and day < $2 group by day order by day",
                vec![from.into(), to.into()],
            )
            .await?;
        Ok(rows.iter().map(|row| ReadingDay { day: row.int(0), messages: row.seq(1), unsure: row.seq(2) }).collect())
    }

    /// Keeps a trained model, and that it was.
    ///
    /// # Errors
    /// `Conflict` where the version is taken.
    pub async fn save_model(&self, model: &ModelRow, act: &ModelAct) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into model_version (version, at, author, body) values ($1, $2, $3, $4)",
            vec![model.version.into(), model.at.0.into(), model.author.as_str().into(), model.body.as_str().into()],
        );
        keep_act(&mut batch, act);
        self.write(batch).await
    }

    /// Keeps what somebody did to a model.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_model_act(&self, act: &ModelAct) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        keep_act(&mut batch, act);
        self.write(batch).await
    }

    /// The latest first, so many at most.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn models(&self, limit: u64) -> Result<Vec<ModelRow>, ReadError> {
        let rows = self
            .read("select version, at, author, body from model_version order by version desc limit $1", vec![limit.into()])
            .await?;
        let model =
            |row: &Row| ModelRow { version: row.seq(0), at: Timestamp(row.int(1)), author: row.text(2), body: row.text(3) };
        Ok(rows.iter().map(model).collect())
    }

    /// What was done to models, the oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn model_acts(&self) -> Result<Vec<ModelAct>, ReadError> {
        let rows = self.read("select at, version, act, author, note from model_act order by place", vec![]).await?;
        let act = |row: &Row| ModelAct {
            at: Timestamp(row.int(0)),
            version: row.seq(1),
            act: row.text(2),
            author: row.text(3),
            note: row.text(4),
        };
        Ok(rows.iter().map(act).collect())
    }

    /// Counts a message that both models read, and keeps it where they differ.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_shadow(&self, version: u64, differs: Option<&ShadowRow>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into shadow_count (version, messages, differences) values ($1, 1, $2) \
             on conflict (version) do update set messages = shadow_count.messages + 1, \
             differences = shadow_count.differences + excluded.differences",
            vec![version.into(), u64::from(differs.is_some()).into()],
        );
        if let Some(row) = differs {
            batch.add(
                "insert into shadow_reading (version, conversation, seq, at, words, live, shadow) \
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (version, conversation, seq) do nothing",
                vec![
                    row.version.into(),
                    row.conversation.as_str().into(),
                    row.seq.into(),
                    row.at.0.into(),
                    row.text.as_str().into(),
                    guess(&row.live),
                    guess(&row.shadow),
                ],
            );
        }
        self.write(batch).await
    }

    /// How many messages both models have read, and on how many they differed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn shadow_counts(&self, version: u64) -> Result<(u64, u64), ReadError> {
        let rows = self.read("select messages, differences from shadow_count where version = $1", vec![version.into()]).await?;
        Ok(rows.first().map_or((0, 0), |row| (row.seq(0), row.seq(1))))
    }

    /// Messages that were read differently, the latest first, so many at most.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn shadow_readings(&self, version: u64, limit: u64) -> Result<Vec<ShadowRow>, ReadError> {
        let rows = self
            .read(
                "select conversation, seq, at, words, live, shadow from shadow_reading where version = $1 \
                 order by at desc, conversation, seq limit $2",
                vec![version.into(), limit.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ShadowRow {
                    version,
                    conversation: ConversationId::new(row.text(0)),
                    seq: row.seq(1),
                    at: Timestamp(row.int(2)),
                    text: row.text(3),
                    live: read_guess(row, 4, "shadow_reading")?,
                    shadow: read_guess(row, 5, "shadow_reading")?,
                })
            })
            .collect()
    }
}

fn keep_act(batch: &mut Batch, act: &ModelAct) {
    batch.add(
        "insert into model_act (place, at, version, act, author, note) \
         select coalesce(max(place), 0) + 1, $1, $2, $3, $4, $5 from model_act",
        vec![act.at.0.into(), act.version.into(), act.act.as_str().into(), act.author.as_str().into(), act.note.as_str().into()],
    );
}

fn lesson_id(conversation: &ConversationId, lesson: &Lesson) -> String {
    format!("{conversation}:{}:{}:{}", lesson.seq, lesson.source.code(), lesson.need)
}

fn lesson_of(row: &Row) -> Result<LessonRow, ReadError> {
    let unknown = |what: &str, code: &str| ReadError::Format { table: "lesson", detail: format!("{what} {code:?} is not known") };
    let (verdict, source) = (row.text(7), row.text(8));
    let lang: Lang = row.json(4, "lesson")?;
    let review = row.opt_int(13).map(|at| Review {
        accepted: row.int(10) != 0,
        need: NeedId::new(row.text(11)),
        author: row.text(12),
        at: Timestamp(at),
    });
    Ok(LessonRow {
        id: row.text(0),
        conversation: ConversationId::new(row.text(1)),
        lesson: Lesson {
            seq: row.seq(2),
            at: Timestamp(row.int(3)),
            lang,
            text: row.text(5),
            need: NeedId::new(row.text(6)),
            verdict: LessonVerdict::from_code(&verdict).ok_or_else(|| unknown("verdict", &verdict))?,
            source: LessonSource::from_code(&source).ok_or_else(|| unknown("source", &source))?,
            answer: row.opt_text(9),
        },
        review,
    })
}
