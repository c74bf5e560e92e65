//! Attribution: what every contact, ticket and break point was put down to, cases of departments, and decisions on proposals.

use crate::Store;
use crate::batch::{Batch, ReadError, WriteError, json};
use crate::jobs::{self, NewJob};
use jieti_domain::attribution::{Attributed, Content, Label, ProblemKey, Source, StoredCaseEvent};
use jieti_domain::id::{CaseId, StaffId};
use jieti_domain::ticket::TicketCard;
use jieti_domain::time::Timestamp;

/// What a person decided of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    /// Of the proposal.
    pub id: String,
    pub problem: String,
    pub accepted: bool,
    pub by: String,
    pub at: Timestamp,
    /// As it was accepted, edits included.
    pub content: Content,
}

/// Everything that one step of a case writes.
#[derive(Debug, Clone)]
pub struct CaseStep<'a> {
    pub id: &'a CaseId,
    pub problem: &'a str,
    pub owner: &'a str,
    /// The state after the step, in one word.
    pub state: &'a str,
    /// In order; an opening is the first event of its case.
    pub events: &'a [StoredCaseEvent],
    /// Client's id of the last event, if a client sent it.
    pub external_id: Option<&'a str>,
    pub jobs: Vec<NewJob>,
}

impl Store {
    /// Stores attributions, each once, with the end of the job that made them. What is attributed already stays as it is.
    ///
    /// # Errors
    /// `Conflict` where the job is done already.
    pub async fn save_attributions(&self, rows: &[Attributed], job: Option<&str>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if let Some(job) = job {
            jobs::finish(&mut batch, job);
        }
        for row in rows {
            batch.add(
                "insert into attribution (id, source, at, problem, body) values ($1, $2, $3, $4, $5) on conflict (id) do nothing",
                vec![
                    row.trouble.id.as_str().into(),
                    row.trouble.source.code().into(),
                    row.trouble.at.0.into(),
                    ProblemKey::of(row).id().into(),
                    json(row),
                ],
            );
        }
        self.write(batch).await
    }

    /// Puts one down to what a person says.
    ///
    /// # Errors
    /// `Conflict` where it does not exist.
    pub async fn correct_attribution(&self, row: &Attributed, by: &StaffId, at: Timestamp) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add_guard(
            "update attribution set problem = $2, body = $3, label = $4, labelled_by = $5, labelled_at = $6 where id = $1",
            vec![
                row.trouble.id.as_str().into(),
                ProblemKey::of(row).id().into(),
                json(row),
                json(&row.attribution.label),
                by.as_str().into(),
                at.0.into(),
            ],
        );
        self.write(batch).await
    }

    /// Of what happened in `from..to`, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn attributions(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Attributed>, ReadError> {
        let rows = self
            .read("select body from attribution where at >= $1 and at < $2 order by at, id", vec![from.0.into(), to.0.into()])
            .await?;
        rows.iter().map(|row| row.json(0, "attribution")).collect()
    }

    /// A page of what happened before `to`: those after (`at`, `id`) in the order of time and id, so many at most.
    ///
    /// # Errors
    /// Like [`Store::attributions`].
    pub async fn attributions_after(
        &self,
        (at, id): (Timestamp, &str),
        to: Timestamp,
        limit: u64,
    ) -> Result<Vec<Attributed>, ReadError> {
        let rows = self
            .read(
                "select body from attribution where (at, id) > ($1, $2) and at < $3 order by at, id limit $4",
                vec![at.0.into(), id.into(), to.0.into(), limit.into()],
            )
            .await?;
        rows.iter().map(|row| row.json(0, "attribution")).collect()
    }

    /// The latest, so many at most, the latest first.
    ///
    /// # Errors
    /// Like [`Store::attributions`].
    pub async fn latest_attributions(&self, limit: u64) -> Result<Vec<Attributed>, ReadError> {
        let rows = self.read("select body from attribution order by at desc, id limit $1", vec![limit.into()]).await?;
        rows.iter().map(|row| row.json(0, "attribution")).collect()
    }

    /// # Errors
    /// Like [`Store::attributions`].
    pub async fn attribution(&self, id: &str) -> Result<Option<Attributed>, ReadError> {
        let rows = self.read("select body from attribution where id = $1", vec![id.into()]).await?;
        rows.first().map(|row| row.json(0, "attribution")).transpose()
    }

    /// What people corrected or confirmed, with their label, the latest first.
    ///
    /// # Errors
    /// Like [`Store::attributions`].
    pub async fn cause_labels(&self, limit: u64) -> Result<Vec<(Attributed, Label)>, ReadError> {
        let rows = self
            .read(
                "select body, label from attribution where label is not null order by labelled_at desc, id limit $1",
                vec![limit.into()],
            )
            .await?;
        rows.iter().map(|row| Ok((row.json(0, "attribution")?, row.json(1, "attribution")?))).collect()
    }

    /// When the first thing attributed happened.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn attributed_since(&self) -> Result<Option<Timestamp>, ReadError> {
        let rows = self.read("select min(at) from attribution", vec![]).await?;
        Ok(rows.first().and_then(|row| row.opt_int(0)).map(Timestamp))
    }

    /// When the latest of a source happened.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn attributed_until(&self, source: Source) -> Result<Option<Timestamp>, ReadError> {
        let rows = self.read("select max(at) from attribution where source = $1", vec![source.code().into()]).await?;
        Ok(rows.first().and_then(|row| row.opt_int(0)).map(Timestamp))
    }

    /// Tickets opened in `from..to`, the oldest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn tickets_opened(&self, from: Timestamp, to: Timestamp) -> Result<Vec<TicketCard>, ReadError> {
        let rows = self
            .read(
                "select body from ticket where seq > 0 and opened_at >= $1 and opened_at < $2 order by opened_at, id",
                vec![from.0.into(), to.0.into()],
            )
            .await?;
        rows.iter().map(|row| row.json(0, "ticket")).collect()
    }

    /// Commits one step of a case, and the end of the job that made it.
    ///
    /// # Errors
    /// `Conflict` where the case has moved on, the client's act is stored already, or the job is done.
    pub async fn append_case(&self, step: &CaseStep<'_>, done: Option<&str>) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        if let Some(job) = done {
            jobs::finish(&mut batch, job);
        }
        let (id, mut last) = (step.id.as_str(), 0);
        for (place, event) in step.events.iter().enumerate() {
            let external = step.external_id.filter(|_| place + 1 == step.events.len());
            batch.add(
                "insert into case_event (case_id, seq, at, external_id, body) values ($1, $2, $3, $4, $5)",
                vec![id.into(), event.seq.into(), event.at.0.into(), external.into(), json(event)],
            );
            last = event.seq;
        }
        batch.add_guard(
            "insert into problem_case (id, problem, owner, state, seq) values ($1, $2, $3, $4, $5) \
             on conflict (id) do update set state = excluded.state, seq = excluded.seq",
            vec![id.into(), step.problem.into(), step.owner.into(), step.state.into(), last.into()],
        );
        for job in &step.jobs {
            jobs::add(&mut batch, job);
        }
        self.write(batch).await
    }

    /// The events of a case, in order; none where it does not exist.
    ///
    /// # Errors
    /// `ReadError::Format` where an event was written by a newer server.
    pub async fn case_events(&self, id: &CaseId) -> Result<Vec<StoredCaseEvent>, ReadError> {
        let rows = self.read("select body from case_event where case_id = $1 order by seq", vec![id.as_str().into()]).await?;
        rows.iter().map(|row| row.json(0, "case_event")).collect()
    }

    /// Whether a client's act is stored, and in which case.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn case_act(&self, external_id: &str) -> Result<Option<CaseId>, ReadError> {
        let rows = self.read("select case_id from case_event where external_id = $1", vec![external_id.into()]).await?;
        Ok(rows.first().map(|row| CaseId::new(row.text(0))))
    }

    /// Ids of cases, those that are not over first, then the latest.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn case_ids(&self, limit: u64) -> Result<Vec<CaseId>, ReadError> {
        let rows = self
            .read(
                "select c.id from problem_case c join case_event e on e.case_id = c.id and e.seq = 1 \
                 order by case when c.state in ('proved', 'declined') then 1 else 0 end, e.at desc, c.id limit $1",
                vec![limit.into()],
            )
            .await?;
        Ok(rows.iter().map(|row| CaseId::new(row.text(0))).collect())
    }

    /// Stores a decision on a proposal; a later one replaces it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn save_decision(&self, row: &DecisionRow) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        batch.add(
            "insert into proposal_decision (id, problem, accepted, decided_by, at, body) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do update set accepted = excluded.accepted, decided_by = excluded.decided_by, at = excluded.at, \
             body = excluded.body",
            vec![
                row.id.as_str().into(),
                row.problem.as_str().into(),
                row.accepted.into(),
                row.by.as_str().into(),
                row.at.0.into(),
                json(&row.content),
            ],
        );
        self.write(batch).await
    }

    /// Every decision on a proposal, the latest first.
    ///
    /// # Errors
    /// `ReadError::Format` where one was written by a newer server.
    pub async fn decisions(&self) -> Result<Vec<DecisionRow>, ReadError> {
        let rows = self
            .read("select id, problem, accepted, decided_by, at, body from proposal_decision order by at desc, id", vec![])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DecisionRow {
                    id: row.text(0),
                    problem: row.text(1),
                    accepted: row.int(2) != 0,
                    by: row.text(3),
                    at: Timestamp(row.int(4)),
                    content: row.json(5, "proposal_decision")?,
                })
            })
            .collect()
    }
}
