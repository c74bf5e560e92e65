//! Guidance at work: which triggers are on, who met one, and what became of it.

use crate::{Engine, new_id};
use jieti_domain::conversation::Channel;
use jieti_domain::guidance::{
    Arm, Cap, CustomerNow, Experiment, Harm, Met, OUTCOME_DAYS, Quiet, Show, ShowKind, Trigger, When, decide, look_at, problems,
    report,
};
use jieti_domain::id::{CustomerId, NeedId, TriggerId};
use jieti_domain::journey::{BreakKind, Sign, Step};
use jieti_domain::knowledge::Situation;
use jieti_domain::message::Message;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Localized};
use jieti_store::{ExposureMark, ExposureRow, LogAppend, ReadError, Store, TicketFilter, TriggerVersion, WriteError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use thiserror::Error;

/// Guidance is given to the client for so long; later it would surprise.
const FRESH_SECS: i64 = 600;
/// Open complaints looked up at the start.
const MOST_DISPUTES: u64 = 100_000;
const DAY_SECS: i64 = 86_400;
/// Who is named where the service switched a trigger off by itself.
const ITSELF: &str = "guidance";

/// A trigger, and who set it last.
#[derive(Debug, Clone)]
pub struct TriggerState {
    pub trigger: Trigger,
    /// 0: as the pack has it.
    pub version: u64,
    pub at: Option<Timestamp>,
    pub author: Option<String>,
    pub why: Option<String>,
    pub experiment: Experiment,
    /// Customers who met it, in both arms.
    pub customers: u64,
    /// How many of those shown it opened it, and how many put it away.
    pub clicked: u64,
    pub dismissed: u64,
}

/// What a customer is shown, in their language.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    pub id: String,
    pub show: Show,
    /// The likely question and its answer, where a chat is offered.
    pub question: Option<String>,
    pub answer: Option<Message>,
}

/// What a client reports of guidance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuidanceAct {
    Shown,
    Clicked,
    Dismissed,
}

/// Why a trigger was not set, or an act not kept.
#[derive(Debug, Error)]
pub enum GuidanceError {
    #[error("guidance {0} is not this customer's; report what was given to this session")]
    NotYours(String),
    #[error("the trigger has {} problems", problems.len())]
    Wrong { problems: Vec<String> },
    #[error("trigger {id:?} is at version {current}, not {based_on}: somebody else changed it; load it again")]
    Stale { id: TriggerId, current: u64, based_on: u64 },
    #[error(transparent)]
    Write(#[from] WriteError),
}

struct Known {
    trigger: Trigger,
    version: u64,
    at: Option<Timestamp>,
    author: Option<String>,
    why: Option<String>,
    /// Customers at the last look for harm.
    looked: u64,
}

pub(crate) struct Guidance {
    pack: Vec<Trigger>,
    triggers: BTreeMap<TriggerId, Known>,
    exposures: HashMap<u32, Vec<ExposureRow>>,
    /// Customers with an open complaint.
    disputes: HashSet<CustomerId>,
}

impl Guidance {
    pub async fn load(store: &Store, pack: Vec<Trigger>) -> Result<Self, ReadError> {
        let known =
            |trigger: &Trigger| Known { trigger: trigger.clone(), version: 0, at: None, author: None, why: None, looked: 0 };
        let mut triggers: BTreeMap<TriggerId, Known> = pack.iter().map(|t| (t.id.clone(), known(t))).collect();
        for row in store.triggers().await? {
            let trigger: Trigger = serde_json::from_str(&row.body)
                .map_err(|e| ReadError::Format { table: "guidance_trigger", detail: format!("{}: {e}", row.id) })?;
            let known = Known {
                trigger,
                version: row.version,
                at: Some(row.at),
                author: Some(row.author),
                why: Some(row.why),
                looked: 0,
            };
            triggers.insert(row.id, known);
        }
        let mut exposures: HashMap<u32, Vec<ExposureRow>> = HashMap::new();
        for row in store.exposures(Timestamp(0)).await? {
            exposures.entry(row.visitor).or_default().push(row);
        }
        let open = TicketFilter { state: Some("open".to_owned()), ..TicketFilter::default() };
        let disputes = store.tickets(&open, MOST_DISPUTES).await?;
        let disputes = disputes.into_iter().filter(|card| card.complaint.is_some()).map(|card| card.customer).collect();
        let mut guidance = Self { pack, triggers, exposures, disputes };
        // Looks before the restart are not repeated: the same numbers would be looked at twice.
        let ids: Vec<TriggerId> = guidance.triggers.keys().cloned().collect();
        for id in ids {
            let met = guidance.met(&id).len() as u64;
            if let Some(known) = guidance.triggers.get_mut(&id) {
                known.looked = met;
            }
        }
        Ok(guidance)
    }

    /// Each customer's first meeting with a trigger.
    fn met(&self, id: &TriggerId) -> Vec<Met> {
        self.exposures
            .values()
            .filter_map(|of| of.iter().filter(|e| e.trigger == *id).min_by_key(|e| e.at))
            .map(|e| Met {
                arm: arm_of_row(e),
                at: e.at,
                contacted: e.contacted_at,
                complained: e.complained_at,
                completed: e.completed_at,
            })
            .collect()
    }

    fn state(&self, known: &Known) -> TriggerState {
        let id = &known.trigger.id;
        let met = self.met(id);
        let count = |mark: fn(&ExposureRow) -> Option<Timestamp>| {
            self.exposures.values().flatten().filter(|e| e.trigger == *id && mark(e).is_some()).count() as u64
        };
        TriggerState {
            trigger: known.trigger.clone(),
            version: known.version,
            at: known.at,
            author: known.author.clone(),
            why: known.why.clone(),
            customers: met.len() as u64,
            experiment: report(&met),
            clicked: count(|e| e.clicked_at),
            dismissed: count(|e| e.dismissed_at),
        }
    }

    /// Exposures of a visitor that still count for outcomes.
    fn counting(&mut self, visitor: u32, now: Timestamp) -> impl Iterator<Item = &mut ExposureRow> {
        let of = self.exposures.get_mut(&visitor).map(Vec::as_mut_slice).unwrap_or_default();
        of.iter_mut().filter(move |e| now.secs_since(e.at) <= OUTCOME_DAYS * DAY_SECS)
    }
}

fn arm_of_row(row: &ExposureRow) -> Arm {
    if row.arm == "control" { Arm::Control } else { Arm::Shown }
}

fn arm_word(arm: Arm) -> &'static str {
    match arm {
        Arm::Shown => "shown",
        Arm::Control => "control",
    }
}

/// A trigger for a way of being stuck, with words to start from; switched off until somebody has read it.
pub(super) fn draft_trigger(journey: &str, step: &Step, kind: BreakKind, need: Option<NeedId>) -> Option<Trigger> {
    let id = format!("{journey}-{}-{}", step.id, kind.code()).replace('_', "-");
    let (zh, en) = match kind {
        BreakKind::Dwell => ("停留过久", "too long"),
        BreakKind::Errors => ("反复出错", "errors again and again"),
        BreakKind::Loop => ("来回往返", "to and fro"),
        BreakKind::Rage => ("反复点击无反应", "touched in vain"),
        BreakKind::Left => ("中途离开", "left"),
        BreakKind::Silence => ("承诺未兑现", "a promise not kept"),
    };
    Some(Trigger {
        id: TriggerId::new(id),
        title: Localized::new(format!("{}：{zh}", step.title.zh_cn), format!("{}: {en}", step.title.en)),
        when: When {
            journey: journey.into(),
            step: Some(step.id.clone()),
            kinds: vec![kind],
            platforms: Vec::new(),
            versions: Vec::new(),
            codes: Vec::new(),
        },
        show: Show {
            kind: if need.is_some() { ShowKind::Chat } else { ShowKind::Prompt },
            title: Localized::new(format!("{}遇到问题了吗？", step.title.zh_cn), format!("{}: can we help?", step.title.en)),
            text: Localized::new("您可能想问的，我们已经准备好了答案。", "The answer you may be looking for is ready."),
            items: None,
            link: None,
            label: Some(Localized::new("看看答案", "See the answer")),
            need,
        },
        control_percent: 20,
        at_most: Cap { times: 1, days: 7 },
        quiet: Quiet::try_from("22:00-08:00".to_owned()).ok(),
        on: false,
    })
}

impl Engine {
    /// Decides on every break point of an instant, and adds what follows to what is about to be written. Returns whom to
    /// show what once it is.
    pub(super) fn guide(&self, signs: &[Sign], append: &mut LogAppend, now: Timestamp) -> Vec<(CustomerId, ExposureRow)> {
        let recorder = self.0.behaviour.recorder();
        let mut guidance = self.0.behaviour.guidance();
        let mut offered = Vec::new();
        for sign in signs {
            match *sign {
                Sign::Done { visitor, journey, at } => {
                    let Some(journey) = recorder.map().journeys.get(journey).map(|j| j.id.clone()) else { continue };
                    for exposure in guidance.counting(visitor, now).filter(|e| e.journey == journey && e.completed_at.is_none()) {
                        exposure.completed_at = Some(Timestamp(at));
                        append.completed.push((exposure.id.clone(), Timestamp(at)));
                    }
                }
                Sign::Broke(broke) => {
                    let Some(point) = recorder.broke(sign) else { continue };
                    let Some(customer) = recorder.visitors.customer(broke.visitor) else { continue };
                    let Some(walk) = recorder.walk_of(broke.visitor) else { continue };
                    let met: Vec<(TriggerId, Timestamp)> =
                        guidance.exposures.get(&broke.visitor).into_iter().flatten().map(|e| (e.trigger.clone(), e.at)).collect();
                    let customer_now = CustomerNow {
                        consent: walk.consent,
                        in_dispute: guidance.disputes.contains(customer),
                        in_chat: self.is_in_chat(customer),
                        met: &met,
                    };
                    let first = guidance.triggers.values().find_map(|known| {
                        let arm = decide(&known.trigger, &point, customer_now, now).ok()?;
                        Some((known.trigger.clone(), arm))
                    });
                    let Some((trigger, arm)) = first else { continue };
                    let row = ExposureRow {
                        id: new_id("gd"),
                        trigger: trigger.id,
                        visitor: broke.visitor,
                        at: now,
                        arm: arm_word(arm).to_owned(),
                        journey: point.journey,
                        step: point.step,
                        kind: point.kind,
                        body: serde_json::to_string(&trigger.show).expect("what is shown has string keys"),
                        shown_at: None,
                        clicked_at: None,
                        dismissed_at: None,
                        contacted_at: None,
                        complained_at: None,
                        completed_at: None,
                    };
                    append.exposures.push(row.clone());
                    guidance.exposures.entry(broke.visitor).or_default().push(row.clone());
                    if arm == Arm::Shown {
                        offered.push((customer.clone(), row));
                    }
                }
                Sign::Reached { .. } | Sign::Passed { .. } => {}
            }
        }
        offered
    }

    /// Tells the customers' open widgets.
    pub(super) fn offer(&self, offered: Vec<(CustomerId, ExposureRow)>) {
        for (customer, row) in offered {
            self.0.live.guide(&customer, &Arc::new(row));
        }
    }

    pub(super) async fn reload_guidance(&self) -> Result<(), ReadError> {
        let pack = self.0.behaviour.guidance().pack.clone();
        let guidance = Guidance::load(&self.0.store, pack).await?;
        *self.0.behaviour.guidance() = guidance;
        Ok(())
    }

    /// Guidance that a customer has been given and has not answered yet.
    pub fn guidance_for(&self, customer: &CustomerId) -> Vec<ExposureRow> {
        let now = self.now();
        let Some(visitor) = self.0.behaviour.recorder().visitors.known(customer) else { return Vec::new() };
        let mut guidance = self.0.behaviour.guidance();
        let open = guidance.counting(visitor, now).filter(|e| {
            let unanswered = e.shown_at.is_none() && e.clicked_at.is_none() && e.dismissed_at.is_none();
            arm_of_row(e) == Arm::Shown && unanswered && now.secs_since(e.at) < FRESH_SECS
        });
        open.map(|e| e.clone()).collect()
    }

    /// An exposure in the customer's language, with the answer that an offer of a chat has in it.
    pub fn offered(&self, row: &ExposureRow, lang: Lang) -> Option<Offered> {
        let show: Show = serde_json::from_str(&row.body).ok()?;
        let brain = self.brain();
        let entry = show.need.as_ref().and_then(|need| brain.rules.knowledge.get(need));
        let text = entry.and_then(|entry| entry.texts.get(&lang));
        // Offered to whoever meets the trigger: only what is for everybody there.
        let today = self.now().china_date();
        let anybody = Situation { today, channel: Channel::App, app: None, account: None };
        let answer = text.and(entry).and_then(|entry| entry.answer(lang, &anybody));
        Some(Offered {
            id: row.id.clone(),
            question: answer.and(text).map(|t| t.ask.first().unwrap_or(&t.title).clone()),
            answer: answer.map(|a| Message::text(a.text)),
            show,
        })
    }

    /// Keeps what a client reports of guidance; the first report of each kind counts.
    ///
    /// # Errors
    /// `NotYours` where the customer was not given it.
    pub async fn guidance_act(&self, customer: &CustomerId, id: &str, act: GuidanceAct) -> Result<(), GuidanceError> {
        let now = self.now();
        let not_yours = || GuidanceError::NotYours(id.to_owned());
        let visitor = self.0.behaviour.recorder().visitors.known(customer).ok_or_else(not_yours)?;
        let mark = match act {
            GuidanceAct::Shown => ExposureMark::Shown,
            GuidanceAct::Clicked => ExposureMark::Clicked,
            GuidanceAct::Dismissed => ExposureMark::Dismissed,
        };
        {
            let mut guidance = self.0.behaviour.guidance();
            let of = guidance.exposures.get_mut(&visitor).map(Vec::as_mut_slice).unwrap_or_default();
            let exposure = of.iter_mut().find(|e| e.id == id && e.arm == "shown").ok_or_else(not_yours)?;
            let slot = match act {
                GuidanceAct::Shown => &mut exposure.shown_at,
                GuidanceAct::Clicked => &mut exposure.clicked_at,
                GuidanceAct::Dismissed => &mut exposure.dismissed_at,
            };
            slot.get_or_insert(now);
        }
        Ok(self.0.store.mark_exposures(&[id.to_owned()], mark, now).await?)
    }

    /// A customer got in touch, or complained: an outcome of whatever guidance was met before.
    pub(crate) fn guidance_outcome(&self, customer: &CustomerId, mark: ExposureMark) {
        let now = self.now();
        let Some(visitor) = self.0.behaviour.recorder().visitors.known(customer) else { return };
        let ids: Vec<String> = {
            let mut guidance = self.0.behaviour.guidance();
            let counting = guidance.counting(visitor, now).filter_map(|e| {
                let slot = match mark {
                    ExposureMark::Contacted => &mut e.contacted_at,
                    ExposureMark::Complained => &mut e.complained_at,
                    ExposureMark::Shown | ExposureMark::Clicked | ExposureMark::Dismissed => return None,
                };
                let is_first = slot.is_none();
                slot.get_or_insert(now);
                is_first.then(|| e.id.clone())
            });
            counting.collect()
        };
        if ids.is_empty() {
            return;
        }
        let engine = self.clone();
        tokio::spawn(async move {
            if let Err(error) = engine.0.store.mark_exposures(&ids, mark, now).await {
                tracing::warn!(%error, "an outcome of guidance could not be written");
            }
        });
    }

    /// A complaint was opened or ended.
    pub(crate) fn dispute(&self, customer: &CustomerId, is_open: bool) {
        let mut guidance = self.0.behaviour.guidance();
        if is_open {
            guidance.disputes.insert(customer.clone());
        } else {
            guidance.disputes.remove(customer);
        }
    }

    /// Every trigger with its experiment, by id.
    pub fn triggers(&self) -> Vec<TriggerState> {
        let guidance = self.0.behaviour.guidance();
        guidance.triggers.values().map(|known| guidance.state(known)).collect()
    }

    /// Sets a trigger. `based_on` is the version that was edited.
    ///
    /// # Errors
    /// See [`GuidanceError`]; nothing is changed then.
    pub async fn set_trigger(&self, trigger: Trigger, based_on: u64, author: &str, why: &str) -> Result<(), GuidanceError> {
        let brain = self.brain();
        let found = problems(&trigger, &self.journeys(), |need| brain.rules.knowledge.get(need).is_some());
        if !found.is_empty() {
            return Err(GuidanceError::Wrong { problems: found });
        }
        let id = trigger.id.clone();
        let (current, looked) = {
            let guidance = self.0.behaviour.guidance();
            (guidance.triggers.get(&id).map_or(0, |k| k.version), guidance.triggers.get(&id).map_or(0, |k| k.looked))
        };
        if current != based_on {
            return Err(GuidanceError::Stale { id, current, based_on });
        }
        let row = TriggerVersion {
            id: id.clone(),
            version: current + 1,
            at: self.now(),
            author: author.to_owned(),
            why: why.to_owned(),
            body: serde_json::to_string(&trigger).expect("a trigger has string keys"),
        };
        self.0.store.add_trigger(&row).await?;
        let known =
            Known { trigger, version: row.version, at: Some(row.at), author: Some(row.author), why: Some(row.why), looked };
        self.0.behaviour.guidance().triggers.insert(id, known);
        Ok(())
    }

    /// Looks at every running experiment, and switches off a trigger that does harm.
    pub async fn watch_guidance(&self) {
        let looks: Vec<(TriggerId, u64, Option<Harm>, Trigger, u64)> = {
            let guidance = self.0.behaviour.guidance();
            let running = guidance.triggers.values().filter(|known| known.trigger.on);
            running
                .filter_map(|known| {
                    let (at, harm) = look_at(&guidance.met(&known.trigger.id), known.looked)?;
                    Some((known.trigger.id.clone(), at, harm, known.trigger.clone(), known.version))
                })
                .collect()
        };
        for (id, at, harm, trigger, version) in looks {
            if let Some(known) = self.0.behaviour.guidance().triggers.get_mut(&id) {
                known.looked = at;
            }
            let Some(harm) = harm else { continue };
            let why = match harm {
                Harm::MoreContacts => "more_contacts",
                Harm::MoreComplaints => "more_complaints",
                Harm::FewerCompletions => "fewer_completions",
            };
            tracing::warn!(trigger = %id, why, customers = at, "a trigger does harm and is switched off");
            if let Err(error) = self.set_trigger(Trigger { on: false, ..trigger }, version, ITSELF, why).await {
                tracing::error!(trigger = %id, %error, "a harmful trigger could not be switched off; it is tried at the next look");
            }
        }
    }
}
