//! Questions about many customers: surveys over the columns, break points with what came of them, sessions without names,
//! what comes before contacts, and how well troubles are detected where the truth is known.

use crate::Engine;
use crate::behaviour::checkpoint::columns_of;
use jieti_domain::guidance::Trigger;
use jieti_domain::id::CustomerId;
use jieti_domain::journey::columns::{Class, Columns, Row, columns, day_of, rows, start_of_day};
use jieti_domain::journey::survey::{Counter, Filter, Survey};
use jieti_domain::journey::{
    Act, BreakKind, BreakPoint, CustomerDay, JourneyMap, Name, Names, Network, Platform, Precursor, Routes, Stay, StepNo,
    precursors,
};
use jieti_domain::statistics::{Estimate, Level, Share, wilson};
use jieti_domain::time::Timestamp;
use jieti_store::{ReadError, SegmentRow};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Parts read at a time: some tens of megabytes.
const PORTION: usize = 24;
/// Who gets in touch within a day of being stuck did so because of it, as far as this counts.
const CONTACT_MS: i64 = 86_400_000;
/// Outcomes that say that a customer got in touch, where another system knows of it.
const CONTACTED: &str = "contacted";
const COMPLAINED: &str = "complained";
/// A break point this long before or after a known trouble is a detection of it.
const SLACK_MS: i64 = 60_000;

/// What a survey is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JourneyQuestion {
    pub from: Timestamp,
    pub to: Timestamp,
    pub platform: Option<Platform>,
    pub version: Option<Name>,
}

/// A survey, with what is needed to read it.
#[derive(Debug, Clone)]
pub struct SurveyAnswer {
    pub map: Arc<JourneyMap>,
    pub survey: Survey,
    /// By step: the threshold in ms that is in use for the filter's platform and version, where one is set.
    pub codes: BTreeMap<u32, Name>,
}

/// Break points of one step and kind.
#[derive(Debug, Clone)]
pub struct BreakRow {
    pub journey: String,
    pub step: String,
    pub kind: BreakKind,
    pub times: u64,
    pub customers: u64,
    /// Customers who reached the step in the time asked about.
    pub reached: u64,
    /// Of those stuck, who got in touch within a day.
    pub contacted: Estimate,
    pub contacts: u64,
    pub complaints: u64,
    /// The commonest error, platform and version among them.
    pub code: Option<String>,
    pub platforms: BTreeMap<Platform, u64>,
    pub versions: BTreeMap<String, u64>,
    pub last: Timestamp,
}

/// One act of a session, in names.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionAct {
    pub at: Timestamp,
    pub act: Act,
    pub page: Option<Name>,
    pub target: Option<Name>,
    pub code: Option<Name>,
    pub value: u32,
}

/// One act of a day, with its client.
#[derive(Debug, Clone, PartialEq)]
pub struct DayAct {
    pub visitor: u32,
    pub platform: Platform,
    pub version: Option<Name>,
    pub network: Network,
    pub act: SessionAct,
}

/// A customer who is stuck at this moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    pub visitor: u32,
    pub step: StepNo,
    pub since: Timestamp,
    pub in_sight_ms: u32,
    pub kinds: Vec<BreakKind>,
    pub platform: Platform,
    pub version: Option<Name>,
    pub code: Option<Name>,
}

/// Customers on the way at this moment.
#[derive(Debug, Clone, Default)]
pub struct LiveMap {
    /// In sight, by step.
    pub here: Vec<u64>,
    pub stuck: Vec<Stuck>,
}

/// Something that happened to a customer in the app.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    Broke { journey: String, step: String, kind: BreakKind },
    Error { code: String },
    Version { platform: Platform, version: String },
}

/// How well troubles are detected, where the truth is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// Known troubles in which a break point was noticed, at that step.
    pub recall: Share,
    /// Break points of customers whose truth is known that were in a known trouble.
    pub precision: Share,
}

impl Engine {
    /// Counts customers, visits, stays and ways.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn survey(&self, question: &JourneyQuestion) -> Result<SurveyAnswer, ReadError> {
        let (map, names, visitors, recent) = self.tail(question);
        let mut names = names;
        let routes = Routes::new(&map, &mut names);
        let version = match &question.version {
            Some(version) => match names.known(version) {
                Some(number) => Some(number),
                // A version that nobody has reported has no customers.
                None => return Ok(SurveyAnswer { survey: empty(&map, &routes), map, codes: BTreeMap::new() }),
            },
            None => None,
        };
        let filter = Filter { platform: question.platform, version };
        let (from, to) = (day_of(question.from.0), day_of(question.to.0 - 1));
        let keys = self.0.store.segment_keys(from, to).await?;
        let keys: Vec<SegmentRow> = keys.into_iter().filter(|k| k.class != Class::Touch.code()).collect();
        let half = visitors / 2;
        let mut counters =
            vec![Counter::new(&map, &routes, filter, 0..half), Counter::new(&map, &routes, filter, half..visitors)];
        for portion in keys.chunks(PORTION) {
            let mut bodies = Vec::with_capacity(portion.len());
            for key in portion {
                bodies.push(self.0.store.segment(key).await?);
            }
            let parts = bodies.iter().map(|body| columns_of(body)).collect::<Result<Vec<_>, _>>()?;
            take_all(&mut counters, &parts);
        }
        take_all(&mut counters, &recent);
        let mut survey = empty(&map, &routes);
        counters.into_iter().for_each(|counter| survey.join(counter.finish()));
        let codes: BTreeSet<u32> = survey.steps.iter().flat_map(|s| s.errors.keys().copied()).collect();
        let codes = codes.into_iter().filter_map(|code| Some((code, names.name(code)?.clone()))).collect();
        Ok(SurveyAnswer { map, survey, codes })
    }

    /// What the surveys need of the present: the map, the names, how many visitors there are, and what is not yet in columns.
    fn tail(&self, question: &JourneyQuestion) -> (Arc<JourneyMap>, Names, u32, Vec<Columns>) {
        let recorder = self.0.behaviour.recorder();
        let (from, to) = (start_of_day(day_of(question.from.0)), start_of_day(day_of(question.to.0 - 1) + 1));
        let in_time = |row: &Row| (from..to).contains(&row.record.at);
        let recent = columns(rows(recorder.recent.iter().flat_map(|i| &i.visits)).filter(in_time));
        let recent = recent.into_iter().map(|(_, part)| part).collect();
        let visitors = u32::try_from(recorder.visitors.len()).unwrap_or(u32::MAX);
        let names = Names::of(recorder.names.since(0).iter().cloned());
        (Arc::clone(recorder.map()), names, visitors, recent)
    }

    /// Break points by step and kind, those with most customers first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn break_table(&self, question: &JourneyQuestion) -> Result<Vec<BreakRow>, ReadError> {
        let breaks = self.breaks(question).await?;
        let contacts = self.contacts_by_visitor(question).await?;
        let answer = self.survey(question).await?;
        let mut groups: BTreeMap<(String, String, BreakKind), Vec<&BreakPoint>> = BTreeMap::new();
        for point in &breaks {
            groups.entry((point.journey.0.clone(), point.step.0.clone(), point.kind)).or_default().push(point);
        }
        let mut table: Vec<BreakRow> = groups
            .into_iter()
            .map(|((journey, step, kind), points)| {
                let step_no = answer.map.find(&journey.as_str().into(), &step.as_str().into());
                let reached = step_no.map_or(0, |no| answer.survey.steps[usize::from(no)].visitors);
                break_row(journey, step, kind, &points, reached, &contacts)
            })
            .collect();
        table.sort_by(|a, b| {
            b.customers.cmp(&a.customers).then_with(|| (&a.journey, &a.step, a.kind).cmp(&(&b.journey, &b.step, b.kind)))
        });
        Ok(table)
    }

    async fn breaks(&self, question: &JourneyQuestion) -> Result<Vec<BreakPoint>, ReadError> {
        let mut breaks = self.0.store.break_points(question.from, question.to).await?;
        breaks.retain(|b| {
            question.platform.is_none_or(|p| p == b.platform)
                && question.version.as_ref().is_none_or(|v| b.version.as_ref() == Some(v))
        });
        Ok(breaks)
    }

    /// Conversations, and contacts that an import or another system reported as outcomes.
    async fn contacts_by_visitor(&self, question: &JourneyQuestion) -> Result<HashMap<u32, Vec<Came>>, ReadError> {
        let until = Timestamp(question.to.0 + CONTACT_MS);
        let contacts = self.0.store.contacts(question.from, until).await?;
        let (_, names, _, recent) = self.tail(&JourneyQuestion { to: until, ..question.clone() });
        let known = |name: &str| Name::parse(name).ok().and_then(|name| names.known(&name));
        let codes = [(known(CONTACTED), false), (known(COMPLAINED), true)];
        let mut by_visitor: HashMap<u32, Vec<Came>> = HashMap::new();
        let mut look = |part: &Columns| {
            let numbers: Vec<Option<bool>> = part
                .codes
                .iter()
                .map(|code| codes.iter().find(|(known, _)| *known == Some(*code)).map(|(_, is_complaint)| *is_complaint))
                .collect();
            if numbers.iter().all(Option::is_none) {
                return;
            }
            let mut from = 0;
            for (visitor, count) in &part.runs {
                let to = from + *count as usize;
                for place in from..to {
                    let is_outcome = part.act[place] == Act::Outcome as u8;
                    if let Some(is_complaint) = numbers[usize::from(part.code[place])].filter(|_| is_outcome) {
                        let at = Timestamp(start_of_day(part.day) + i64::from(part.at[place]));
                        by_visitor.entry(*visitor).or_default().push(Came { at, is_complaint });
                    }
                }
                from = to;
            }
        };
        recent.iter().for_each(&mut look);
        for key in self.0.store.segment_keys(day_of(question.from.0), day_of(until.0)).await? {
            if key.class == Class::Way.code() {
                look(&columns_of(&self.0.store.segment(&key).await?)?);
            }
        }
        let recorder = self.0.behaviour.recorder();
        for contact in contacts {
            if let Some(visitor) = recorder.visitors.known(&contact.customer) {
                let came = Came { at: contact.opened_at, is_complaint: contact.is_complaint };
                by_visitor.entry(visitor).or_default().push(came);
            }
        }
        Ok(by_visitor)
    }

    /// Break points of one step, the latest first, at most `most`: the sessions behind a row of the table.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn break_sessions(
        &self,
        question: &JourneyQuestion,
        journey: &str,
        step: &str,
        kind: Option<BreakKind>,
        most: usize,
    ) -> Result<Vec<BreakPoint>, ReadError> {
        let mut breaks = self.breaks(question).await?;
        breaks.retain(|b| b.journey.as_str() == journey && b.step.as_str() == step && kind.is_none_or(|k| k == b.kind));
        breaks.reverse();
        breaks.truncate(most);
        Ok(breaks)
    }

    /// What a visitor did on the day of an instant, in the order of time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn session(&self, visitor: u32, at: Timestamp) -> Result<Vec<SessionAct>, ReadError> {
        let day = day_of(at.0);
        let question = JourneyQuestion { from: at, to: Timestamp(at.0 + 1), ..JourneyQuestion::default() };
        let (_, names, _, recent) = self.tail(&question);
        let mut found: Vec<Row> = recent.iter().flat_map(|part| part.of_visitor(visitor)).collect();
        for key in self.0.store.segment_keys(day, day).await? {
            found.extend(columns_of(&self.0.store.segment(&key).await?)?.of_visitor(visitor));
        }
        found.sort_by_key(|row| row.record.at);
        let name = |number: u32| names.name(number).cloned();
        Ok(found
            .iter()
            .map(|Row { record, .. }| SessionAct {
                at: Timestamp(record.at),
                act: record.act,
                page: name(record.page),
                target: name(record.target),
                code: name(record.code),
                value: record.value,
            })
            .collect())
    }

    /// Days of `from..=to` of which acts are kept, in days since 1970 in China.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn behaviour_days(&self, from: i64, to: i64) -> Result<Vec<i64>, ReadError> {
        let mut days: BTreeSet<i64> = self.0.store.segment_keys(from, to).await?.into_iter().map(|key| key.day).collect();
        let recorder = self.0.behaviour.recorder();
        let recent = recorder.recent.iter().flat_map(|i| &i.visits).flat_map(|v| &v.records);
        days.extend(recent.map(|record| day_of(record.at)).filter(|day| (from..=to).contains(day)));
        Ok(days.into_iter().collect())
    }

    /// Everything that is kept of a day, by visitor and time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn behaviour_of(&self, day: i64) -> Result<Vec<DayAct>, ReadError> {
        let question = JourneyQuestion {
            from: Timestamp(start_of_day(day)),
            to: Timestamp(start_of_day(day + 1)),
            ..JourneyQuestion::default()
        };
        let (_, names, _, mut parts) = self.tail(&question);
        for key in self.0.store.segment_keys(day, day).await? {
            parts.push(columns_of(&self.0.store.segment(&key).await?)?);
        }
        let mut rows: Vec<Row> = Vec::new();
        for part in &parts {
            let mut from = 0;
            for (visitor, count) in &part.runs {
                let to = from + *count as usize;
                rows.extend((from..to).filter_map(|place| part.row(*visitor, place)));
                from = to;
            }
        }
        rows.sort_by_key(|row| (row.visitor, row.record.at));
        let name = |number: u32| names.name(number).cloned();
        Ok(rows
            .iter()
            .map(|Row { visitor, client, record }| DayAct {
                visitor: *visitor,
                platform: client.platform,
                version: name(client.version),
                network: client.network,
                act: SessionAct {
                    at: Timestamp(record.at),
                    act: record.act,
                    page: name(record.page),
                    target: name(record.target),
                    code: name(record.code),
                    value: record.value,
                },
            })
            .collect())
    }

    /// Who is where at this moment, and who is stuck.
    pub fn live_map(&self) -> LiveMap {
        let now = self.now();
        let recorder = self.0.behaviour.recorder();
        let mut live = LiveMap { here: vec![0; recorder.map().places.len()], stuck: Vec::new() };
        for (visitor, walk) in recorder.crowd.walks() {
            let Some(stay) = walk.stay().filter(|stay| stay.is_in_sight()) else { continue };
            live.here[usize::from(stay.step)] += 1;
            let kinds: Vec<BreakKind> = Stay::told(stay).collect();
            if !kinds.is_empty() {
                live.stuck.push(Stuck {
                    visitor,
                    step: stay.step,
                    since: Timestamp(stay.since),
                    in_sight_ms: stay.in_sight_ms(now.0),
                    kinds,
                    platform: walk.platform,
                    version: recorder.names.name(walk.version).cloned(),
                    code: recorder.names.name(walk.code()).cloned(),
                });
            }
        }
        live.stuck.sort_by_key(|s| (s.since, s.visitor));
        live
    }

    /// Versions of the app that customers on the way use.
    pub fn app_versions(&self) -> BTreeSet<(Platform, Name)> {
        let recorder = self.0.behaviour.recorder();
        let versions = recorder.crowd.walks().map(|(_, walk)| (walk.platform, walk.version)).collect::<BTreeSet<_>>();
        versions.into_iter().filter_map(|(platform, version)| Some((platform, recorder.names.name(version)?.clone()))).collect()
    }

    /// The threshold of each step that is in use, in ms, over all platforms.
    pub fn thresholds(&self, platform: Option<Platform>, version: Option<&Name>) -> Vec<u32> {
        let recorder = self.0.behaviour.recorder();
        let version = version.and_then(|v| recorder.names.known(v)).unwrap_or(jieti_domain::journey::NONE);
        let map = recorder.map();
        (0..map.places.len())
            .map(|step| {
                let floor_secs = map.places[step].step.floor_secs;
                let step = StepNo::try_from(step).unwrap_or(StepNo::MAX);
                recorder.crowd.baselines().threshold(step, platform.unwrap_or(Platform::H5), version, floor_secs).0
            })
            .collect()
    }

    /// What comes before contacts (or before complaints alone) of a time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn precursors(
        &self,
        question: &JourneyQuestion,
        outcome: ContactKind,
    ) -> Result<Vec<Precursor<Feature>>, ReadError> {
        let breaks = self.breaks(question).await?;
        let contacts = self.contacts_by_visitor(question).await?;
        let (_, names, _, recent) = self.tail(question);
        let mut days: BTreeMap<(u32, i64), (BTreeSet<Feature>, i64, i64)> = BTreeMap::new();
        let mut note = |visitor: u32, at: i64, feature: Option<Feature>| {
            let entry = days.entry((visitor, day_of(at))).or_insert((BTreeSet::new(), at, at));
            entry.1 = entry.1.min(at);
            entry.2 = entry.2.max(at);
            entry.0.extend(feature);
        };
        let mut look = |part: &Columns| {
            let mut from = 0;
            for (visitor, count) in &part.runs {
                let to = from + *count as usize;
                for row in (from..to).filter_map(|place| part.row(*visitor, place)) {
                    let code = names.name(row.record.code).filter(|_| Class::of(row.record.act) == Class::Trouble);
                    note(*visitor, row.record.at, code.map(|code| Feature::Error { code: code.to_string() }));
                    let version = names.name(row.client.version);
                    note(
                        *visitor,
                        row.record.at,
                        version.map(|v| Feature::Version { platform: row.client.platform, version: v.to_string() }),
                    );
                }
                from = to;
            }
        };
        recent.iter().for_each(&mut look);
        for key in self.0.store.segment_keys(day_of(question.from.0), day_of(question.to.0 - 1)).await? {
            if key.class != Class::Touch.code() {
                look(&columns_of(&self.0.store.segment(&key).await?)?);
            }
        }
        for point in &breaks {
            let (journey, step) = (point.journey.0.clone(), point.step.0.clone());
            note(point.visitor, point.at.0, Some(Feature::Broke { journey, step, kind: point.kind }));
        }
        let days: Vec<CustomerDay<Feature>> = days
            .into_iter()
            .map(|((visitor, _), (features, first, last))| CustomerDay {
                features: features.into_iter().collect(),
                came: came(&contacts, visitor, first, last, outcome),
            })
            .collect();
        Ok(precursors(&days))
    }

    /// How well troubles were detected among customers whose truth is known.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn detection(&self, from: Timestamp, to: Timestamp) -> Result<Accuracy, ReadError> {
        let known = self.0.store.known_troubles(from, to).await?;
        let breaks = self.0.store.break_points(from, Timestamp(to.0 + CONTACT_MS)).await?;
        let recorder = self.0.behaviour.recorder();
        let number = |customer: &CustomerId| recorder.visitors.known(customer);
        let fits = |b: &BreakPoint, visitor: u32, t: &jieti_store::KnownTrouble| {
            // A promise is broken, and a way left, some time after the trouble itself.
            b.visitor == visitor
                && b.journey == t.journey
                && b.step == t.step
                && b.since.0 <= t.until.0 + SLACK_MS
                && b.at.0 + SLACK_MS >= t.since.0
        };
        let troubles: Vec<(u32, &jieti_store::KnownTrouble)> =
            known.iter().filter_map(|t| Some((number(&t.customer)?, t))).collect();
        // A row with no span says that the customer is known to have had no trouble.
        let (real, none): (Vec<_>, Vec<_>) = troubles.iter().copied().partition(|(_, t)| t.until > t.since);
        let judged: BTreeSet<u32> = real.iter().chain(&none).map(|(visitor, _)| *visitor).collect();
        let found = real.iter().filter(|(visitor, t)| breaks.iter().any(|b| fits(b, *visitor, t))).count() as u64;
        let of_judged: Vec<&BreakPoint> = breaks.iter().filter(|b| judged.contains(&b.visitor)).collect();
        let right = of_judged.iter().filter(|b| real.iter().any(|(visitor, t)| fits(b, *visitor, t))).count() as u64;
        Ok(Accuracy { recall: Share::new(found, real.len() as u64), precision: Share::new(right, of_judged.len() as u64) })
    }

    /// A trigger made of a precursor, switched off, for an editor to fill in: one click from the table.
    pub fn trigger_for(&self, feature: &Feature) -> Option<Trigger> {
        let Feature::Broke { journey, step, kind } = feature else { return None };
        let map = self.journeys();
        let place = map.place(map.find(&journey.as_str().into(), &step.as_str().into())?)?;
        let need = place.step.needs.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(need, _)| need.clone());
        crate::behaviour::guide::draft_trigger(journey, &place.step, *kind, need)
    }
}

/// Which contacts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    Any,
    Complaint,
}

/// A customer got in touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Came {
    at: Timestamp,
    is_complaint: bool,
}

fn came(contacts: &HashMap<u32, Vec<Came>>, visitor: u32, first: i64, last: i64, outcome: ContactKind) -> bool {
    contacts.get(&visitor).into_iter().flatten().any(|contact| {
        (first..=last + CONTACT_MS).contains(&contact.at.0)
            && match outcome {
                ContactKind::Any => true,
                ContactKind::Complaint => contact.is_complaint,
            }
    })
}

fn break_row(
    journey: String,
    step: String,
    kind: BreakKind,
    points: &[&BreakPoint],
    reached: u64,
    contacts: &HashMap<u32, Vec<Came>>,
) -> BreakRow {
    let mut first_of: BTreeMap<u32, &BreakPoint> = BTreeMap::new();
    for point in points {
        first_of.entry(point.visitor).or_insert(point);
    }
    let who = |outcome| first_of.values().filter(|p| came(contacts, p.visitor, p.since.0, p.at.0, outcome)).count() as u64;
    let (came, complaints) = (who(ContactKind::Any), who(ContactKind::Complaint));
    let customers = first_of.len() as u64;
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut platforms = BTreeMap::new();
    let mut versions: BTreeMap<String, u64> = BTreeMap::new();
    for point in points {
        point.code.iter().for_each(|code| *codes.entry(code.as_str()).or_default() += 1);
        *platforms.entry(point.platform).or_default() += 1;
        point.version.iter().for_each(|v| *versions.entry(v.to_string()).or_default() += 1);
    }
    BreakRow {
        journey,
        step,
        kind,
        times: points.len() as u64,
        customers,
        reached: reached.max(customers),
        contacted: wilson(Share::new(came, customers), Level::P95),
        contacts: came,
        complaints,
        code: codes.into_iter().max_by_key(|(_, n)| *n).map(|(code, _)| code.to_owned()),
        platforms,
        versions,
        last: points.iter().map(|p| p.at).max().unwrap_or_default(),
    }
}

fn empty(map: &JourneyMap, routes: &Routes) -> Survey {
    Counter::new(map, routes, Filter::default(), 0..0).finish()
}

/// Each counter reads every part, side by side.
fn take_all(counters: &mut [Counter<'_>], parts: &[Columns]) {
    std::thread::scope(|scope| {
        for counter in counters {
            scope.spawn(|| parts.iter().for_each(|part| counter.take(part)));
        }
    });
}
