//! The fold of what apps report, beside the log: numbers for names and customers, the crowd, and what has come in since the
//! last checkpoint.

use jieti_domain::id::{CustomerId, JourneyId, JourneyStepId};
use jieti_domain::journey::{
    Act, Break, BreakPoint, Consent, Crowd, Instant, JourneyMap, NONE, Name, Names, Network, Platform, Record, Sign, Visit, Walk,
    Whereabouts,
};
use jieti_domain::time::Timestamp;
use jieti_store::{LogAppend, ReadError, Store, WriteError};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Acts older than this are taken as this old: clients give up what they could not send for so long.
const OLDEST_MS: i64 = 7 * 86_400_000;
/// A checkpoint is written after so many acts: it costs time in proportion to them.
const CHECKPOINT: usize = 200_000;
/// Log rows read at a time at the start.
const PORTION: u64 = 500;

/// One client's page load or app start, by its own random name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamName(u64);

impl StreamName {
    /// FNV-1a of the name: the same on every machine and in every version.
    pub fn of(name: &str) -> Self {
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)))
    }
}

/// What a client sent, checked.
#[derive(Debug, Clone)]
pub struct Sent {
    pub customer: CustomerId,
    pub stream: StreamName,
    /// The phone's clock when it sent, in ms since 1970.
    pub sent_at: i64,
    pub consent: Consent,
    pub platform: Platform,
    pub version: Option<Name>,
    pub network: Network,
    pub acts: Vec<SentAct>,
}

#[derive(Debug, Clone)]
pub struct SentAct {
    pub n: u32,
    /// The phone's clock, in ms since 1970.
    pub at: i64,
    pub act: Act,
    pub page: Option<Name>,
    pub target: Option<Name>,
    pub code: Option<Name>,
    pub value: u32,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    pub stored: u64,
    /// Had been received before.
    pub doubled: u64,
}

type Reply = oneshot::Sender<Result<Recorded, WriteError>>;

/// A batch that waits to be committed; without one, the tick of a timer.
pub(crate) struct Request {
    sent: Option<Sent>,
    answer: Answer,
}

/// Where the answer goes; the asker may have gone away, and the commit stands all the same.
pub(crate) struct Answer(Reply);

impl Answer {
    pub fn send(self, answer: Result<Recorded, WriteError>) {
        let _ = self.0.send(answer);
    }
}

impl Request {
    pub fn new(sent: Option<Sent>) -> (Self, oneshot::Receiver<Result<Recorded, WriteError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { sent, answer: Answer(reply) }, answer)
    }

    pub fn acts(&self) -> usize {
        self.sent.as_ref().map_or(0, |sent| sent.acts.len())
    }
}

/// Customers by number.
#[derive(Debug, Default)]
pub(crate) struct Visitors {
    numbers: HashMap<CustomerId, u32>,
    customers: Vec<CustomerId>,
}

impl Visitors {
    pub fn number(&mut self, customer: &CustomerId) -> u32 {
        if let Some(number) = self.numbers.get(customer) {
            return *number;
        }
        let number = u32::try_from(self.customers.len()).expect("a lender has fewer than four thousand million customers");
        self.customers.push(customer.clone());
        self.numbers.insert(customer.clone(), number);
        number
    }

    pub fn known(&self, customer: &CustomerId) -> Option<u32> {
        self.numbers.get(customer).copied()
    }

    pub fn customer(&self, number: u32) -> Option<&CustomerId> {
        self.customers.get(number as usize)
    }

    pub fn len(&self) -> usize {
        self.customers.len()
    }

    pub fn since(&self, known: usize) -> &[CustomerId] {
        &self.customers[known..]
    }
}

pub(crate) struct Recorder {
    pub names: Names,
    pub visitors: Visitors,
    pub crowd: Crowd,
    /// Position of the last instant of the log.
    pub position: u64,
    /// Instants since the last checkpoint.
    pub recent: Vec<Instant>,
    recent_acts: usize,
    last_at: i64,
    /// Walks in the chunks of the checkpoint, those that are out of date included.
    pub written_walks: usize,
    /// Names and visitors that are on disk.
    saved_names: usize,
    saved_visitors: usize,
}

impl Recorder {
    /// Reads the checkpoint and replays the log after it.
    pub async fn load(store: &Store, map: Arc<JourneyMap>) -> Result<Self, ReadError> {
        let state = store.behaviour_state().await?;
        let mut names = Names::of(state.names);
        let mut visitors = Visitors::default();
        for customer in &state.visitors {
            visitors.number(customer);
        }
        // The map's own names, where they are new, are written with the first commit.
        let (saved_names, saved_visitors) = (names.len(), visitors.len());
        let crowd = Crowd::new(map, &mut names);
        let mut recorder = Self {
            names,
            visitors,
            crowd,
            position: state.position,
            recent: Vec::new(),
            recent_acts: 0,
            last_at: 0,
            written_walks: 0,
            saved_names,
            saved_visitors,
        };
        if let Some((memory, walks, written)) = super::checkpoint::unpack(&state.memory)? {
            recorder.last_at = memory.now;
            recorder.written_walks = written;
            recorder.crowd.restore(memory, walks);
        }
        let mut signs = Vec::new();
        loop {
            let rows = store.behaviour_log(recorder.position, PORTION).await?;
            if rows.is_empty() {
                return Ok(recorder);
            }
            for row in rows {
                let mut instant: Instant = postcard::from_bytes(&row.body).map_err(|e| ReadError::Format {
                    table: "behaviour_log",
                    detail: format!("position {}: {e}", row.position),
                })?;
                for visit in &mut instant.visits {
                    recorder.crowd.admit(instant.at, visit);
                }
                signs.clear();
                recorder.crowd.take(&instant, &mut signs);
                recorder.position = row.position;
                recorder.keep(instant);
            }
        }
    }

    pub fn map(&self) -> &Arc<JourneyMap> {
        self.crowd.map()
    }

    pub fn next_ring(&self) -> Option<i64> {
        self.crowd.next_ring()
    }

    pub fn wants_checkpoint(&self) -> bool {
        self.recent_acts >= CHECKPOINT
    }

    pub fn recent_acts(&self) -> usize {
        self.recent_acts
    }

    /// A checkpoint with so many walks is on disk, in the place of the others or beside them.
    pub fn checkpointed(&mut self, walks: usize, anew: bool) {
        self.written_walks = if anew { walks } else { self.written_walks + walks };
        self.crowd.settle();
        self.recent.clear();
        self.recent_acts = 0;
    }

    fn keep(&mut self, instant: Instant) {
        self.last_at = self.last_at.max(instant.at);
        self.recent_acts += instant.visits.iter().map(|v| v.records.len()).sum::<usize>();
        self.recent.push(instant);
    }

    /// Folds a group of batches into one instant. Returns what is to be written, whom to answer then, and what was noticed.
    pub fn take_in(&mut self, group: Vec<Request>, now: Timestamp) -> (LogAppend, Vec<(Answer, Recorded)>, Vec<Sign>) {
        let at = now.0.max(self.last_at);
        let (names_known, visitors_known) = (self.saved_names, self.saved_visitors);
        let mut visits = Vec::with_capacity(group.len());
        let mut answers = Vec::with_capacity(group.len());
        for request in group {
            let Some(sent) = request.sent else {
                answers.push((request.answer, Recorded::default()));
                continue;
            };
            let mut visit = self.visit(sent, at);
            let doubled = self.crowd.admit(at, &mut visit) as u64;
            answers.push((request.answer, Recorded { stored: visit.records.len() as u64, doubled }));
            if !visit.records.is_empty() {
                visits.push(visit);
            }
        }
        let instant = Instant { at, visits };
        let mut signs = Vec::new();
        self.crowd.take(&instant, &mut signs);
        self.position += 1;
        let numbered = |from: usize| u32::try_from(from).unwrap_or(u32::MAX)..;
        let append = LogAppend {
            position: self.position,
            at: Timestamp(at),
            records: instant.visits.iter().map(|v| v.records.len() as u64).sum(),
            body: postcard::to_stdvec(&instant).expect("an instant has no failing serialisers"),
            names: numbered(names_known + 2).zip(self.names.since(names_known).iter().cloned()).collect(),
            visitors: numbered(visitors_known).zip(self.visitors.since(visitors_known).iter().cloned()).collect(),
            breaks: signs.iter().filter_map(|sign| self.broke(sign)).collect(),
            ..LogAppend::default()
        };
        (self.saved_names, self.saved_visitors) = (self.names.len(), self.visitors.len());
        self.keep(instant);
        (append, answers, signs)
    }

    fn visit(&mut self, sent: Sent, at: i64) -> Visit {
        let skew = at - sent.sent_at;
        let mut number = |name: &Option<Name>| name.as_ref().map_or(NONE, |name| self.names.number(name));
        let version = number(&sent.version);
        let records = sent
            .acts
            .iter()
            .map(|act| Record {
                n: act.n,
                at: act.at.saturating_add(skew).clamp(at - OLDEST_MS, at),
                act: act.act,
                page: number(&act.page),
                target: number(&act.target),
                code: number(&act.code),
                value: act.value,
            })
            .collect();
        Visit {
            visitor: self.visitors.number(&sent.customer),
            stream: sent.stream.0,
            platform: sent.platform,
            version,
            network: sent.network,
            consent: sent.consent,
            records,
        }
    }

    pub fn broke(&self, sign: &Sign) -> Option<BreakPoint> {
        let Sign::Broke(Break { visitor, step, kind, since, at, code, platform, version }) = *sign else { return None };
        let (journey, step) = self.step_ids(step)?;
        let name = |number: u32| self.names.name(number).cloned();
        let (since, at) = (Timestamp(since), Timestamp(at));
        Some(BreakPoint { visitor, journey, step, kind, since, at, code: name(code), platform, version: name(version) })
    }

    pub fn step_ids(&self, step: u16) -> Option<(JourneyId, JourneyStepId)> {
        let map = self.crowd.map();
        Some((map.journey_of(step)?.id.clone(), map.place(step)?.step.id.clone()))
    }

    /// Where a customer is; `None` for one whose app has never reported anything, or not for a week.
    pub fn whereabouts(&self, customer: &CustomerId) -> Option<Whereabouts> {
        let visitor = self.visitors.known(customer)?;
        let walk = self.crowd.walk(visitor)?;
        let map = self.crowd.map();
        // Whoever waits for a promise has left the step, and is still at it.
        let step = walk.stay().map(|stay| stay.step).or_else(|| walk.stuck().first().map(|(step, _)| *step));
        let ids = step.and_then(|step| self.step_ids(step));
        let stuck = walk.stuck().iter().filter(|(at, _)| Some(*at) == step).map(|(_, kind)| *kind).collect();
        let (journey, step_id) = ids.unzip();
        Some(Whereabouts {
            visitor,
            journey,
            step: step_id,
            since: walk.stay().map(|stay| Timestamp(stay.since)),
            stuck,
            code: self.names.name(walk.code()).cloned(),
            platform: walk.platform,
            version: self.names.name(walk.version).cloned(),
            trail: walk.trail().iter().filter_map(|step| map.path(*step)).collect(),
            skill: step.and_then(|step| map.place(step)).and_then(|place| place.step.skill.clone()),
        })
    }

    pub fn walk_of(&self, visitor: u32) -> Option<&Walk> {
        self.crowd.walk(visitor)
    }
}
