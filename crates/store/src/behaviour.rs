//! What apps reported: the log since the last checkpoint, the checkpoint, and the columns before it. The bytes are the
//! engine's; here they are kept.

use crate::Store;
use crate::batch::{Batch, ReadError, Row, WriteError};
use jieti_domain::conversation::Event;
use jieti_domain::id::{ConversationId, CustomerId, JourneyId, JourneyStepId, NeedId};
use jieti_domain::journey::{BreakKind, BreakPoint, Name, Platform, Whereabouts};
use jieti_domain::time::Timestamp;

/// One instant of the log, and what follows from it; committed together.
#[derive(Debug, Clone, Default)]
pub struct LogAppend {
    /// One more than that of the last.
    pub position: u64,
    pub at: Timestamp,
    pub records: u64,
    pub body: Vec<u8>,
    /// New names with their numbers.
    pub names: Vec<(u32, Name)>,
    /// New visitors with their numbers.
    pub visitors: Vec<(u32, CustomerId)>,
    pub breaks: Vec<BreakPoint>,
    pub exposures: Vec<crate::ExposureRow>,
    /// Exposures after which the journey came to its end.
    pub completed: Vec<(String, Timestamp)>,
}

/// One instant of the log, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    pub position: u64,
    pub body: Vec<u8>,
}

/// Columns of one day and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Days since 1970 in China.
    pub day: i64,
    pub class: String,
    pub part: u64,
    pub records: u64,
    pub body: Vec<u8>,
}

/// The fold at a position of the log, in chunks, and the log up to there as columns.
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    pub position: u64,
    /// The first takes the place of the first one there; the others come after those that are there.
    pub memory: Vec<Vec<u8>>,
    /// The chunks that are there go first.
    pub anew: bool,
    pub segments: Vec<SegmentRow>,
}

/// Everything that a start needs.
#[derive(Debug, Clone, Default)]
pub struct BehaviourState {
    /// In the order of their numbers.
    pub names: Vec<Name>,
    /// In the order of their numbers.
    pub visitors: Vec<CustomerId>,
    /// Position of the checkpoint, 0 without one.
    pub position: u64,
    pub memory: Vec<Vec<u8>>,
}

impl Store {
    /// # Errors
    /// `WriteError::Conflict` where the position is taken.
    pub async fn append_behaviour(&self, append: &LogAppend) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into behaviour_log (position, at, records, body) values ($1, $2, $3, $4)",
            vec![append.position.into(), append.at.0.into(), append.records.into(), append.body.clone().into()],
        );
        for (number, name) in &append.names {
            batch.add(
                "insert into behaviour_name (number, name) values ($1, $2)",
                vec![i64::from(*number).into(), name.as_str().into()],
            );
        }
        for (number, customer) in &append.visitors {
            batch.add(
                "insert into visitor (number, customer) values ($1, $2)",
                vec![i64::from(*number).into(), customer.as_str().into()],
            );
        }
        for broke in &append.breaks {
            keep_break(&mut batch, broke);
        }
        for exposure in &append.exposures {
            crate::guidance::keep(&mut batch, exposure);
        }
        for (id, at) in &append.completed {
            batch.add(
                "update exposure set completed_at = $2 where id = $1 and completed_at is null",
                vec![id.as_str().into(), at.0.into()],
            );
        }
        self.write(batch).await
    }

    /// Replaces the checkpoint, adds the columns, and drops the log up to the position.
    ///
    /// # Errors
    /// Where the store cannot be written; nothing is changed then.
    pub async fn save_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if checkpoint.anew {
            batch.add("delete from behaviour_memory", vec![]);
        }
        let mut chunks = checkpoint.memory.into_iter();
        if let Some(first) = chunks.next() {
            batch.add("delete from behaviour_memory where chunk = 0", vec![]);
            batch.add(
                "insert into behaviour_memory (chunk, position, body) values (0, $1, $2)",
                vec![checkpoint.position.into(), first.into()],
            );
        }
        for body in chunks {
            batch.add(
                "insert into behaviour_memory (chunk, position, body) select max(chunk) + 1, $1, $2 from behaviour_memory",
                vec![checkpoint.position.into(), body.into()],
            );
        }
        for segment in checkpoint.segments {
            batch.add(
                "insert into behaviour_segment (day, class, part, records, body) values ($1, $2, $3, $4, $5)",
                vec![segment.day.into(), segment.class.into(), segment.part.into(), segment.records.into(), segment.body.into()],
            );
        }
        batch.add("delete from behaviour_log where position <= $1", vec![checkpoint.position.into()]);
        self.write(batch).await
    }

    /// # Errors
    /// `ReadError::Format` where a name is none.
    pub async fn behaviour_state(&self) -> Result<BehaviourState, ReadError> {
        let names = self.read("select name from behaviour_name order by number", vec![]).await?;
        let visitors = self.read("select customer from visitor order by number", vec![]).await?;
        let memory = self.read("select position, body from behaviour_memory order by chunk", vec![]).await?;
        Ok(BehaviourState {
            names: names.iter().map(|row| name_of(row, 0, "behaviour_name")).collect::<Result<_, _>>()?,
            visitors: visitors.iter().map(|row| CustomerId::new(row.text(0))).collect(),
            position: memory.first().map_or(0, |row| row.seq(0)),
            memory: memory.iter().map(|row| row.bytes(1).to_vec()).collect(),
        })
    }

    /// The log after a position, in order, at most `most` rows.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn behaviour_log(&self, after: u64, most: u64) -> Result<Vec<LogRow>, ReadError> {
        let rows = self
            .read(
                "select position, body from behaviour_log where position > $1 order by position limit $2",
                vec![after.into(), most.into()],
            )
            .await?;
        Ok(rows.iter().map(|row| LogRow { position: row.seq(0), body: row.bytes(1).to_vec() }).collect())
    }

    /// Which columns there are for the days `from..=to`: their keys and sizes, without the bytes.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn segment_keys(&self, from: i64, to: i64) -> Result<Vec<SegmentRow>, ReadError> {
        let rows = self
            .read(
                "select day, class, part, records from behaviour_segment where day >= $1 and day <= $2 order by day, part, class",
                vec![from.into(), to.into()],
            )
            .await?;
        let key = |row: &Row| SegmentRow {
            day: row.int(0),
            class: row.text(1),
            part: row.seq(2),
            records: row.seq(3),
            body: Vec::new(),
        };
        Ok(rows.iter().map(key).collect())
    }

    /// The bytes of one part.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn segment(&self, key: &SegmentRow) -> Result<Vec<u8>, ReadError> {
        let rows = self
            .read(
                "select body from behaviour_segment where day = $1 and class = $2 and part = $3",
                vec![key.day.into(), key.class.as_str().into(), key.part.into()],
            )
            .await?;
        Ok(rows.first().map(|row| row.bytes(0).to_vec()).unwrap_or_default())
    }

    /// Drops the columns of a class before a day.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn drop_segments(&self, class: &str, before: i64) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add("delete from behaviour_segment where class = $1 and day < $2", vec![class.into(), before.into()]);
        self.write(batch).await
    }

    /// Break points noticed in `from..to`, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn break_points(&self, from: Timestamp, to: Timestamp) -> Result<Vec<BreakPoint>, ReadError> {
        let rows = self
            .read(
                "select visitor, journey, step, kind, since, at, code, platform, version from break_point \
                 where at >= $1 and at < $2 order by at, visitor",
                vec![from.0.into(), to.0.into()],
            )
            .await?;
        rows.iter().map(break_of).collect()
    }

    /// Who a visitor is. For joins inside the service; staff see the number.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn visitor(&self, customer: &CustomerId) -> Result<Option<u32>, ReadError> {
        let rows = self.read("select number from visitor where customer = $1", vec![customer.as_str().into()]).await?;
        Ok(rows.first().and_then(|row| u32::try_from(row.int(0)).ok()))
    }
}

fn keep_break(batch: &mut Batch, broke: &BreakPoint) {
    batch.add(
        "insert into break_point (visitor, journey, step, kind, since, at, code, platform, version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (visitor, journey, step, kind, since) do nothing",
        vec![
            i64::from(broke.visitor).into(),
            broke.journey.as_str().into(),
            broke.step.as_str().into(),
            broke.kind.code().into(),
            broke.since.0.into(),
            broke.at.0.into(),
            broke.code.as_ref().map(Name::as_str).into(),
            broke.platform.code().into(),
            broke.version.as_ref().map(Name::as_str).into(),
        ],
    );
}

fn break_of(row: &Row) -> Result<BreakPoint, ReadError> {
    let unknown = |what: &str| ReadError::Format { table: "break_point", detail: format!("{what} is not known") };
    let opt_name = |column: usize| match row.opt_text(column) {
        Some(_) => name_of(row, column, "break_point").map(Some),
        None => Ok(None),
    };
    Ok(BreakPoint {
        visitor: u32::try_from(row.int(0)).map_err(|_| unknown("visitor"))?,
        journey: JourneyId::new(row.text(1)),
        step: JourneyStepId::new(row.text(2)),
        kind: BreakKind::from_code(&row.text(3)).ok_or_else(|| unknown(&row.text(3)))?,
        since: Timestamp(row.int(4)),
        at: Timestamp(row.int(5)),
        code: opt_name(6)?,
        platform: Platform::from_code(&row.text(7)).ok_or_else(|| unknown(&row.text(7)))?,
        version: opt_name(8)?,
    })
}

fn name_of(row: &Row, column: usize, table: &'static str) -> Result<Name, ReadError> {
    let text = row.text(column);
    Name::parse(&text).map_err(|error| ReadError::Format { table, detail: format!("{text:?} {error}") })
}

/// A conversation as somebody's getting in touch.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactRow {
    pub conversation: ConversationId,
    pub customer: CustomerId,
    pub opened_at: Timestamp,
    /// What it turned out to be about.
    pub need: Option<NeedId>,
    pub is_complaint: bool,
    /// Where in the app the customer was.
    pub whereabouts: Option<Whereabouts>,
}

impl Store {
    /// Conversations opened in `from..to`, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where an event was written by a newer server.
    pub async fn contacts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ContactRow>, ReadError> {
        // The whereabouts are the second event of the conversations that have them.
        let rows = self
            .read(
                "select c.id, c.customer, c.opened_at, c.need, c.reason, e.body from conversation c \
                 left join event e on e.conversation = c.id and e.seq = 2 \
                 where c.opened_at >= $1 and c.opened_at < $2 order by c.opened_at, c.id",
                vec![from.0.into(), to.0.into()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let event: Option<Event> = if row.opt_text(5).is_some() { Some(row.json(5, "event")?) } else { None };
                let reason = row.opt_text(4).unwrap_or_default();
                Ok(ContactRow {
                    conversation: ConversationId::new(row.text(0)),
                    customer: CustomerId::new(row.text(1)),
                    opened_at: Timestamp(row.int(2)),
                    need: row.opt_text(3).map(NeedId::new),
                    is_complaint: COMPLAINTS.iter().any(|word| reason.contains(word)),
                    whereabouts: match event {
                        Some(Event::Whereabouts { whereabouts }) => Some(whereabouts),
                        Some(_) | None => None,
                    },
                })
            })
            .collect()
    }
}

/// Signals in the reason of a tier that make a contact a complaint.
const COMPLAINTS: [&str; 2] = ["\"complaint\"", "\"regulator_threat\""];
