//! Cases on departments' desks: opened from the board with their evidence, acted on, and measured when their days are over.

use super::CauseError;
use crate::converse::{ReadOrWrite, new_job};
use crate::work::JobBody;
use crate::{Engine, new_id};
use jieti_domain::attribution::{
    Case, CaseAct, CaseEvent, CaseOpening, CaseState, Frozen, Measured, Problem, Source, StoredCaseEvent, Target, act_on_case,
    check_at, china_day, measure, say, series,
};
use jieti_domain::conversation::StaffRef;
use jieti_domain::id::{CaseId, ConversationId};
use jieti_domain::statistics::{Daily, SeriesError};
use jieti_domain::ticket::Actor;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Localized;
use jieti_store::{CaseStep, WriteError};

/// Tries against a case that moves on.
const TRIES: usize = 5;
/// Days of a case's course before its fix.
const BEFORE_DAYS: i64 = 28;
/// Days of the span that a case is opened from.
const SPAN_DAYS: u16 = 28;
const CASES: u64 = 200;
/// Working hours of a working day.
const HOURS: i64 = 8;
const DAY_SECS: i64 = 86_400;

/// What a person chooses when they make a problem a case; an absent part is the rules'.
#[derive(Debug, Clone, Default)]
pub struct CaseBrief {
    pub owner: Option<String>,
    /// Working days until the fix is due.
    pub deadline_days: Option<u16>,
    pub less_percent: Option<u8>,
}

/// A case with its course and, when it was measured, its effect in words.
#[derive(Debug, Clone)]
pub struct CaseView {
    pub case: Case,
    pub events: Vec<StoredCaseEvent>,
    /// Counted customers by day, from four weeks before the opening.
    pub course: Vec<Daily>,
    pub words: Option<Localized>,
    /// As it would be measured today; `None` before the fix, or with too few days.
    pub so_far: Option<Measured>,
}

impl Engine {
    /// Makes a problem a case; repeated with the same client id it is one.
    ///
    /// # Errors
    /// See [`CauseError`].
    pub async fn open_case(
        &self,
        problem: &str,
        brief: &CaseBrief,
        by: &StaffRef,
        client_id: &str,
    ) -> Result<CaseView, CauseError> {
        if let Some(id) = self.0.store.case_act(client_id).await? {
            return self.case(&id).await;
        }
        let now = self.now();
        let (view, _) = self.problem(problem, now, SPAN_DAYS).await?;
        let brain = self.brain();
        let service = &brain.rules.service;
        let rules = &service.attribution.cases;
        let owner = brief.owner.clone().unwrap_or_else(|| view.problem.owner.clone());
        self.must_be_department(&owner)?;
        let less_percent = brief.less_percent.unwrap_or(rules.less_percent);
        if !(1..=100).contains(&less_percent) {
            return Err(CauseError::Target { less_percent });
        }
        let days = brief.deadline_days.map_or(rules.deadline_days, i64::from);
        let working = service.calendar(&rules.calendar).and_then(|c| c.add_working_secs(now, days * HOURS * 3600));
        let opening = CaseOpening {
            id: CaseId::new(new_id("ca")),
            problem: problem.to_owned(),
            key: view.problem.key.clone(),
            title: view.title,
            owner,
            deadline: working.unwrap_or_else(|| now.plus_secs(days * DAY_SECS)),
            target: Target { less_percent, check_after_days: rules.check_after_days },
            counted: counted(&view.problem),
            evidence: frozen(&view.problem, now),
        };
        let id = opening.id.clone();
        let event = CaseEvent::Opened { opening: Box::new(opening) };
        let events = vec![StoredCaseEvent { seq: 1, at: now, by: actor(by), event }];
        match self.commit_case(&id, events, Some(client_id), None).await {
            Ok(()) => self.case(&id).await,
            Err(WriteError::Conflict) => match self.0.store.case_act(client_id).await? {
                Some(id) => self.case(&id).await,
                None => Err(WriteError::Conflict.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Does one act; repeated with the same client id it is done once. `seen` is the place that the client has read.
    ///
    /// # Errors
    /// See [`CauseError`]; nothing has changed then.
    pub async fn act_on_case(
        &self,
        id: &CaseId,
        act: &CaseAct,
        by: &StaffRef,
        client_id: &str,
        seen: Option<u64>,
    ) -> Result<CaseView, CauseError> {
        for _ in 0..TRIES {
            if self.0.store.case_act(client_id).await?.is_some() {
                return self.case(id).await;
            }
            let (case, _) = self.folded(id).await?;
            if seen.is_some_and(|seen| seen < case.seq) {
                return Err(CauseError::Changed { id: id.clone() });
            }
            match self.step_case(&case, &actor(by), act.clone(), Some(client_id), None).await {
                Err(CauseError::Write(WriteError::Conflict)) => {}
                other => {
                    other?;
                    return self.case(id).await;
                }
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// The days of a fix are over: it is proved, or the case reopens. With too few days to tell it is looked at again in a week.
    pub(crate) async fn check_case(&self, id: &CaseId, live_at: Timestamp, job: &str) -> Result<(), ReadOrWrite> {
        for _ in 0..TRIES {
            let (case, _) = self.folded(id).await?;
            if case.state != (CaseState::Fixed { live_at }) {
                return Ok(self.0.store.drop_job(job).await?);
            }
            let measured = match self.measured(&case, self.now()).await? {
                Ok(measured) => measured,
                Err(error) => {
                    let later = self.now().plus_secs(7 * DAY_SECS);
                    return Ok(self.0.store.postpone_job(job, later, &error.to_string()).await?);
                }
            };
            let act = CaseAct::Measured { of: live_at, measured: Box::new(measured) };
            match self.step_case(&case, &Actor::System, act, None, Some(job)).await {
                Err(CauseError::Write(WriteError::Conflict)) => {}
                other => return Ok(other?),
            }
        }
        Err(WriteError::Conflict.into())
    }

    /// A case as it stands.
    ///
    /// # Errors
    /// `NotFound`, or where the store cannot be read.
    pub async fn case(&self, id: &CaseId) -> Result<CaseView, CauseError> {
        let (case, events) = self.folded(id).await?;
        let now = self.now();
        let from = china_day(case.opened_at) - BEFORE_DAYS;
        let rows = self.rows_of(now, china_day(now) - from).await?;
        let (course, _) = series(&rows, &case.opening.problem, &case.opening.counted, from, china_day(now));
        let so_far = match case.state {
            CaseState::Fixed { .. } => self.measured(&case, now).await?.ok(),
            _ => None,
        };
        let words = case.measured.as_ref().or(so_far.as_ref()).map(|m| say(m, &counted_in_words(&case.opening.counted)));
        Ok(CaseView { case, events, course, words, so_far })
    }

    /// Cases, those that are not over first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn cases(&self) -> Result<Vec<Case>, CauseError> {
        let mut cases = Vec::new();
        for id in self.0.store.case_ids(CASES).await? {
            cases.push(self.folded(&id).await?.0);
        }
        Ok(cases)
    }

    async fn folded(&self, id: &CaseId) -> Result<(Case, Vec<StoredCaseEvent>), CauseError> {
        let events = self.0.store.case_events(id).await?;
        let case = Case::fold(events.iter().cloned());
        Ok((case.ok_or_else(|| CauseError::NotFound { what: "case", id: id.0.clone() })?, events))
    }

    /// Whole days only: four weeks before the fix, the day of the fix left out, until yesterday.
    async fn measured(&self, case: &Case, now: Timestamp) -> Result<Result<Measured, SeriesError>, CauseError> {
        let Some(live_at) = case.live_at else { return Ok(Err(SeriesError::Silent)) };
        let fixed = china_day(live_at);
        let known_since = self.0.store.attributed_since().await?.map_or(fixed, china_day);
        let from = (fixed - BEFORE_DAYS).max(known_since + 1);
        let rows = self.rows_of(now, china_day(now) - from).await?;
        let (days, control) = series(&rows, &case.opening.problem, &case.opening.counted, from, china_day(now) - 1);
        let (days, control): (Vec<Daily>, Vec<u64>) = days.into_iter().zip(control).filter(|(d, _)| d.day != fixed).unzip();
        Ok(measure(&days, fixed + 1, &control, case.opening.target.less_percent))
    }

    async fn step_case(
        &self,
        case: &Case,
        by: &Actor,
        act: CaseAct,
        client_id: Option<&str>,
        job: Option<&str>,
    ) -> Result<(), CauseError> {
        let now = self.now();
        let made = act_on_case(case, act, now)?;
        let events: Vec<StoredCaseEvent> = made
            .into_iter()
            .zip(case.seq + 1..)
            .map(|(event, seq)| StoredCaseEvent { seq, at: now, by: by.clone(), event })
            .collect();
        match (events.is_empty(), job) {
            (true, Some(job)) => Ok(self.0.store.drop_job(job).await?),
            (true, None) => Ok(()),
            (false, job) => {
                let mut before = self.0.store.case_events(&case.opening.id).await?;
                before.retain(|e| e.seq <= case.seq);
                before.extend(events.iter().cloned());
                Ok(self.commit_case_after(&case.opening.id, &before, &events, client_id, job).await?)
            }
        }
    }

    async fn commit_case(
        &self,
        id: &CaseId,
        events: Vec<StoredCaseEvent>,
        client_id: Option<&str>,
        job: Option<&str>,
    ) -> Result<(), WriteError> {
        self.commit_case_after(id, &events, &events, client_id, job).await
    }

    /// `all` ends with the new `events`.
    async fn commit_case_after(
        &self,
        id: &CaseId,
        all: &[StoredCaseEvent],
        events: &[StoredCaseEvent],
        client_id: Option<&str>,
        job: Option<&str>,
    ) -> Result<(), WriteError> {
        let case = Case::fold(all.iter().cloned()).expect("the first event of a case is its opening");
        // Jobs belong to a conversation; a case has none, so its own id stands there.
        let owner = ConversationId::new(id.as_str());
        let jobs = match case.state {
            CaseState::Fixed { live_at } => {
                let body = JobBody::CheckCase { case: id.clone(), live_at };
                vec![new_job(&owner, body.key(&owner), &body, check_at(live_at, case.opening.target))]
            }
            _ => Vec::new(),
        };
        let step = CaseStep {
            id,
            problem: &case.opening.problem,
            owner: &case.opening.owner,
            state: case.state.code(),
            events,
            external_id: client_id,
            jobs,
        };
        self.0.store.append_case(&step, job).await
    }
}

/// Who got in touch is counted; where nobody has, who got stuck.
fn counted(problem: &Problem) -> Vec<Source> {
    if problem.contacts + problem.tickets > 0 { vec![Source::Contact, Source::Ticket] } else { vec![Source::BreakPoint] }
}

fn counted_in_words(counted: &[Source]) -> Localized {
    if counted.contains(&Source::BreakPoint) {
        Localized::new("卡住的客户", "Customers stuck")
    } else {
        Localized::new("咨询", "Contacts")
    }
}

fn frozen(problem: &Problem, at: Timestamp) -> Frozen {
    Frozen {
        at,
        customers: problem.customers,
        contacts: problem.contacts,
        tickets: problem.tickets,
        complaints: problem.complaints,
        break_points: problem.break_points,
        cost: problem.cost,
        at_stake: problem.at_stake,
        course: Frozen::course(&problem.course),
        words: problem.words.clone(),
        versions: problem.versions.clone(),
        troubles: problem.troubles.clone(),
    }
}

fn actor(staff: &StaffRef) -> Actor {
    Actor::Staff { staff: staff.id.clone(), name: staff.name.clone() }
}

impl From<CauseError> for ReadOrWrite {
    fn from(error: CauseError) -> Self {
        match error {
            CauseError::Read(error) => ReadOrWrite::Read(error),
            CauseError::Write(error) => ReadOrWrite::Write(error),
            CauseError::Changed { .. } => ReadOrWrite::Write(WriteError::Conflict),
            CauseError::NotFound { .. }
            | CauseError::UnknownOwner(_)
            | CauseError::Empty { .. }
            | CauseError::Target { .. }
            | CauseError::Content { .. }
            | CauseError::Refused(_) => ReadOrWrite::NotFound,
        }
    }
}
