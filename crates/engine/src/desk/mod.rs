//! The desks: every open conversation's card, and the router that gives them to people. Owns what is in memory of both;
//! everything here can be made again from the store.

mod presence;
mod staffing;
mod waits;

pub use presence::{Presence, StaffOnDuty};
pub(crate) use staffing::Staffing;

use crate::live::{CustomerNews, DeskNews, LiveCard, Subscription, Watching};
use crate::{Engine, StartError, side_of};
use jieti_domain::conversation::{Channel, Destination, Event, Input, Side, StaffRef, StoredEvent};
use jieti_domain::id::{ConversationId, CustomerId, FlowId, NeedId, SkillId, StaffId};
use jieti_domain::knowledge::Knowledge;
use jieti_domain::routing::{
    Contact, Level, Profile, Router, RoutingRules, Strictness, Target, Wanted, Work, WorkId, WorkItem, signal_of, specialist_of,
};
use jieti_domain::tier::TierReason;
use jieti_domain::time::Timestamp;
use jieti_store::{CardRow, EndedWait};
use presence::Lease;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use waits::Pacing;

/// Where a waiting customer stands. Position 1 is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    pub position: u64,
    pub expected_wait_secs: Option<u64>,
}

pub(crate) struct Desk {
    cards: HashMap<ConversationId, Arc<CardRow>>,
    router: Router,
    rules: Arc<RoutingRules>,
    profiles: HashMap<StaffId, Profile>,
    leases: HashMap<StaffId, Lease>,
    /// Open consoles of each person.
    consoles: HashMap<StaffId, u32>,
    staffing: Option<Staffing>,
    /// Given by the router and on the way to being committed; the place at the desk is taken already.
    assigning: HashMap<WorkId, StaffId>,
    /// Colleagues in conferences.
    guests: HashMap<ConversationId, Vec<StaffId>>,
    queued: HashMap<ConversationId, Queued>,
    /// Who lost or handed back a conversation that is about to wait again.
    lost_by: HashMap<ConversationId, StaffId>,
    /// Who served a customer last, of customers who are about to wait.
    known: HashMap<ConversationId, StaffId>,
    pacing: Pacing,
}

/// What the desk remembers of one wait.
struct Queued {
    at: Timestamp,
    known: Option<StaffId>,
    target: Target,
    /// What the customer was told at the beginning.
    estimated_secs: Option<u64>,
}

/// What taking a card in has ended.
#[derive(Default)]
struct Ended {
    draft: Option<String>,
    wait: Option<EndedWait>,
}

impl Desk {
    /// Mean seconds that a chat takes an agent, as measured lately.
    pub fn mean_handle_secs(&self) -> f64 {
        self.pacing.pace().handle_secs
    }

    pub fn new(rules: Arc<RoutingRules>) -> Self {
        Self {
            cards: HashMap::new(),
            router: Router::new(Arc::clone(&rules)),
            rules,
            profiles: HashMap::new(),
            leases: HashMap::new(),
            consoles: HashMap::new(),
            staffing: None,
            assigning: HashMap::new(),
            guests: HashMap::new(),
            queued: HashMap::new(),
            lost_by: HashMap::new(),
            known: HashMap::new(),
            pacing: Pacing::default(),
        }
    }

    pub fn idle(&self, before: Timestamp) -> Vec<ConversationId> {
        self.cards.iter().filter(|(_, c)| c.stage == "bot" && c.updated_at < before.0).map(|(id, _)| id.clone()).collect()
    }

    pub fn open_ids(&self) -> HashSet<ConversationId> {
        self.cards.keys().cloned().collect()
    }

    /// Takes a card in: whoever waits, waits with the router; whoever is served takes up a place at a desk.
    fn put(&mut self, card: Arc<CardRow>, knowledge: &Knowledge, now: Timestamp) -> Ended {
        let id = ConversationId::new(card.id.as_str());
        let before = self.cards.get(&id).cloned();
        let draft = before.as_deref().and_then(draft_of).filter(|draft| draft_of(&card).as_ref() != Some(draft));
        if let Some(before) = before.filter(|b| b.stage == "human" && (card.stage != "human" || card.staff != b.staff)) {
            self.pacing.handled(Timestamp(card.updated_at).secs_since(Timestamp(before.stage_since)));
        }
        let side = side_of(&card);
        let mut wait = None;
        if card.stage == "waiting" {
            self.queue(&card, &side, &id, knowledge, now);
        } else {
            wait = self.queued.remove(&id).map(|queued| self.pacing.ended(&id, &queued, card.stage == "human", now));
            self.assigning.remove(&chat(&id));
            self.hold(&card, &id, now);
        }
        self.conference(&card, &side, &id, knowledge, now);
        if card.stage == "closed" {
            self.cards.remove(&id);
        } else {
            self.cards.insert(id, card);
        }
        Ended { draft, wait }
    }

    /// Whoever has something in hand takes up a place and has a lease, on duty or not: otherwise nobody would miss them.
    fn hold(&mut self, card: &CardRow, id: &ConversationId, now: Timestamp) {
        let holder = card.staff.as_deref().map(StaffId::from);
        match holder.as_ref().filter(|_| card.stage == "human") {
            Some(holder) => self.router.hold(&chat(id), holder),
            None => self.router.gone(&chat(id)),
        }
        if let Some(holder) = holder {
            self.ensure_lease(StaffRef { id: holder, name: card.staff_name.clone().unwrap_or_default() }, now);
        }
    }

    fn queue(&mut self, card: &CardRow, side: &Side, id: &ConversationId, knowledge: &Knowledge, now: Timestamp) {
        // A customer who writes while the assignment is on its way has somebody already.
        if self.assigning.contains_key(&chat(id)) {
            return;
        }
        let is_new = !self.queued.contains_key(id);
        let (lost_by, known) = (self.lost_by.remove(id), self.known.remove(id));
        let queued = self.queued.entry(id.clone()).or_insert_with(|| Queued {
            at: now,
            known,
            target: match (&side.route, lost_by) {
                (Some(Destination::Staff { staff }), _) => Target::First(staff.clone()),
                (_, Some(staff)) => Target::NotAgain(staff),
                (_, None) => Target::Anybody,
            },
            estimated_secs: None,
        });
        let contact = contact_of(card);
        let item = WorkItem {
            id: chat(id),
            since: Timestamp(card.stage_since),
            queued_at: queued.at,
            credit_secs: self.rules.credit_secs(&contact),
            wanted: wanted_of(self.rules.wanted(&contact, knowledge), side.route.as_ref()),
            known: queued.known.clone(),
            target: queued.target.clone(),
        };
        if is_new {
            let place = self.router.place_of(&item, self.pacing.pace(), now);
            queued.estimated_secs = place.expected_wait_secs.map(whole_secs);
        }
        self.router.wait(item, now);
    }

    /// Guests take up places, and an open invitation waits like a customer does.
    fn conference(&mut self, card: &CardRow, side: &Side, id: &ConversationId, knowledge: &Knowledge, now: Timestamp) {
        let is_open = card.stage == "human";
        let guests: Vec<StaffId> = side.guests.iter().filter(|_| is_open).map(|guest| guest.staff.clone()).collect();
        for left in self.guests.remove(id).unwrap_or_default().iter().filter(|staff| !guests.contains(staff)) {
            self.router.gone(&conference(id, Some(left)));
        }
        for guest in side.guests.iter().filter(|_| is_open) {
            self.router.hold(&conference(id, Some(&guest.staff)), &guest.staff);
            self.ensure_lease(StaffRef { id: guest.staff.clone(), name: guest.name.clone() }, now);
        }
        match side.invite.as_ref().filter(|_| is_open) {
            // The colleague is on the way.
            Some(_) if self.assigning.contains_key(&conference(id, None)) => {}
            Some(invite) => {
                let mut present: Vec<StaffId> = guests.iter().cloned().chain(card.staff.as_deref().map(StaffId::from)).collect();
                present.sort();
                let contact = contact_of(card);
                let item = WorkItem {
                    id: conference(id, None),
                    since: invite.since,
                    queued_at: invite.since,
                    credit_secs: self.rules.credit_secs(&contact),
                    wanted: wanted_of(self.rules.wanted(&contact, knowledge), Some(&invite.to)),
                    known: None,
                    target: match &invite.to {
                        Destination::Staff { staff } => Target::Only(staff.clone()),
                        Destination::Skill { .. } | Destination::Anybody => Target::Besides(present),
                    },
                };
                self.router.wait(item, now);
            }
            None => {
                self.assigning.remove(&conference(id, None));
                self.router.gone(&conference(id, None));
            }
        }
        if !guests.is_empty() {
            self.guests.insert(id.clone(), guests);
        }
    }

    /// Gives waiting work to people with room.
    fn assign(&mut self, now: Timestamp) -> Vec<(WorkId, StaffRef)> {
        let given = self.router.assign(now);
        let mut assignments = Vec::with_capacity(given.len());
        for assignment in given {
            if let Some(lease) = self.leases.get(&assignment.staff) {
                self.assigning.insert(assignment.id.clone(), assignment.staff);
                assignments.push((assignment.id, lease.staff.clone()));
            }
        }
        assignments
    }

    /// An assignment has been committed or has come to nothing. Whoever is still there waits on, until the worker's next
    /// tick: a store that cannot be written is not asked again at once.
    fn assigned(&mut self, work: &WorkId, knowledge: &Knowledge, now: Timestamp) {
        if self.assigning.remove(work).is_none() {
            return;
        }
        self.router.gone(work);
        if let Some(card) = self.cards.get(&work.conversation).cloned() {
            self.put(card, knowledge, now);
        }
    }
}

fn chat(id: &ConversationId) -> WorkId {
    WorkId { conversation: id.clone(), work: Work::Chat, guest: None }
}

fn conference(id: &ConversationId, guest: Option<&StaffId>) -> WorkId {
    WorkId { conversation: id.clone(), work: Work::Conference, guest: guest.cloned() }
}

/// What the rules want, and the skill to which somebody has sent it: a wish, so that a skill nobody has strands nobody.
fn wanted_of(mut wanted: Vec<Wanted>, to: Option<&Destination>) -> Arc<[Wanted]> {
    if let Some(Destination::Skill { skill }) = to {
        let skill = SkillId::from(skill.as_str());
        wanted.retain(|want| want.skill != skill || want.strictness == Strictness::Must);
        if wanted.iter().all(|want| want.skill != skill) {
            wanted.push(Wanted { skill, level: Level::LOWEST, strictness: Strictness::Wish });
            wanted.sort();
        }
    }
    wanted.into()
}

fn draft_of(card: &CardRow) -> Option<String> {
    let draft: serde_json::Value = serde_json::from_str(card.draft.as_deref()?).ok()?;
    draft.get("id")?.as_str().map(str::to_owned)
}

/// What routing looks at, from a card; the same as [`Contact::of`] its conversation.
pub(crate) fn contact_of(card: &CardRow) -> Contact {
    let reason: Option<TierReason> = card.reason.as_deref().and_then(|reason| serde_json::from_str(reason).ok());
    Contact {
        channel: word(&card.channel).unwrap_or(Channel::Web),
        lang: word(&card.lang).unwrap_or_default(),
        need: card.need.as_deref().map(NeedId::from),
        break_point: card.flow.as_deref().map(FlowId::from),
        signal: reason.as_ref().and_then(signal_of),
        specialist: specialist_of(side_of(card).whereabouts.as_ref()),
    }
}

fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn whole_secs(secs: f64) -> u64 {
    secs.round() as u64
}

impl Engine {
    pub(crate) async fn open_desks(&self) -> Result<(), StartError> {
        let cards = self.0.store.open_cards().await?;
        let profiles = self.0.store.profiles().await?;
        let (now, brain) = (self.now(), self.brain());
        for card in &cards {
            if card.stage == "waiting" {
                self.remember_acquaintance(&card.id.as_str().into(), &card.customer.as_str().into()).await;
            }
        }
        let mut desk = self.desk();
        desk.profiles = profiles.into_iter().collect();
        for card in cards {
            let holder = card.staff.as_deref().filter(|_| card.stage == "human").map(StaffId::from);
            desk.put(Arc::new(card), &brain.rules.knowledge, now);
            if let Some(holder) = holder {
                desk.presume_agent(&holder);
            }
        }
        Ok(())
    }

    pub(crate) fn publish_card(&self, card: CardRow) {
        let card = Arc::new(card);
        let (now, brain) = (self.now(), self.brain());
        let ended = self.desk().put(Arc::clone(&card), &brain.rules.knowledge, now);
        self.0.live.publish_card(&LiveCard { card, draft_gone: ended.draft });
        if let Some(wait) = ended.wait {
            self.keep_wait(wait);
        }
    }

    /// Before a conversation begins to wait: who knows the customer, and who must not get it again.
    pub(crate) async fn before_waiting(&self, id: &ConversationId, customer: &CustomerId, events: &[StoredEvent]) {
        let released = events.iter().rev().find_map(|stored| match &stored.event {
            Event::Released { staff, .. } => Some(staff.clone()),
            _ => None,
        });
        match released {
            Some(staff) => drop(self.desk().lost_by.insert(id.clone(), staff)),
            None => self.remember_acquaintance(id, customer).await,
        }
    }

    /// Not knowing costs the customer a familiar name, no more.
    async fn remember_acquaintance(&self, id: &ConversationId, customer: &CustomerId) {
        match self.0.store.acquaintance(customer).await {
            Ok(Some(staff)) => drop(self.desk().known.insert(id.clone(), staff)),
            Ok(None) => {}
            Err(error) => tracing::warn!(conversation = %id, %error, "who knows the customer could not be read"),
        }
    }

    /// Gives waiting customers to people with room, in the background.
    pub(crate) fn route(&self) {
        let now = self.now();
        let assignments = self.desk().assign(now);
        for (work, staff) in assignments {
            let engine = self.clone();
            tokio::spawn(async move {
                engine.feed(&work.conversation, Input::Assign { staff: &staff }).await;
                let (now, brain) = (engine.now(), engine.brain());
                engine.desk().assigned(&work, &brain.rules.knowledge, now);
            });
        }
    }

    /// Routes where somebody's search has widened meanwhile; the worker's tick.
    pub fn route_widened(&self) {
        let now = self.now();
        let is_due = self.desk().router.next_change().is_some_and(|at| at <= now);
        if is_due {
            self.route();
        }
    }

    /// Cards of every open conversation, the oldest first.
    pub fn cards(&self) -> Vec<Arc<CardRow>> {
        let mut cards: Vec<Arc<CardRow>> = self.desk().cards.values().cloned().collect();
        cards.sort_by(|a, b| (a.opened_at, &a.id).cmp(&(b.opened_at, &b.id)));
        cards
    }

    /// Where a conversation stands in the queue; `None` where it is not waiting.
    pub fn queue_place(&self, conversation: &ConversationId) -> Option<QueuePlace> {
        let now = self.now();
        let desk = self.desk();
        let place = desk.router.place(&chat(conversation), desk.pacing.pace(), now)?;
        Some(QueuePlace { position: place.ahead + 1, expected_wait_secs: place.expected_wait_secs.map(whole_secs) })
    }

    /// Expected wait of a customer without particular wishes who would join the queue now.
    pub fn expected_wait_secs(&self) -> Option<u64> {
        let now = self.now();
        let desk = self.desk();
        let next = WorkItem {
            id: chat(&"next".into()),
            since: now,
            queued_at: now,
            credit_secs: 0,
            wanted: Arc::from([]),
            known: None,
            target: Target::Anybody,
        };
        desk.router.place_of(&next, desk.pacing.pace(), now).expected_wait_secs.map(whole_secs)
    }

    pub fn subscribe_customer(&self, customer: &CustomerId) -> Subscription<CustomerNews> {
        self.0.live.customer(customer)
    }

    pub fn subscribe_desk(&self) -> Subscription<DeskNews> {
        self.0.live.desk()
    }

    /// Tells colleagues who watch, and the customer if the conversation is this agent's, that the agent is typing.
    pub fn agent_types(&self, staff: &StaffId, conversation: &ConversationId) {
        self.0.live.colleague_types(conversation, staff);
        let card = self.desk().cards.get(conversation).cloned();
        if let Some(card) = card.filter(|c| c.stage == "human" && c.staff.as_deref() == Some(staff.as_str())) {
            self.0.live.agent_types(&CustomerId::new(card.customer.as_str()));
        }
    }

    /// From now on `listener` hears this conversation's events and who else looks at it.
    pub fn watch(&self, conversation: &ConversationId, staff: &StaffRef, line: u64, listener: UnboundedSender<Watching>) {
        self.0.live.watch(conversation, staff, line, listener);
    }

    pub fn unwatch(&self, conversation: &ConversationId, line: u64) {
        self.0.live.unwatch(conversation, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;
    use jieti_domain::conversation::{Conversation, Customer, NeedSeen};
    use jieti_domain::tier::Tier;
    use jieti_domain::understanding::{Lang, Mood, Signal};

    #[test]
    fn a_card_says_the_same_of_a_contact_as_its_conversation() {
        let customer = Customer { id: "c1".into(), name: None, signed_in: true };
        let needs = vec![NeedSeen { need: "repayment.due_amount".into(), confidence: 0.9 }];
        let understood = Event::Understood { of: 1, lang: Lang::En, needs, signals: Vec::new(), mood: Mood::default() };
        let reason = TierReason::Signal { signal: Signal::Complaint };
        let events = [
            Event::Opened { customer, channel: Channel::App, lang: Lang::ZhCn },
            understood,
            Event::TierReached { tier: Tier::Human, reason },
        ];
        let stored = events.into_iter().zip(1..).map(|(event, seq)| StoredEvent { seq, at: Timestamp(0), event });
        let conversation = Conversation::fold("cv".into(), stored).unwrap();
        let contact = Contact::of(&conversation);
        assert_eq!(contact_of(&project::card(&conversation)), contact);
        assert_eq!((contact.lang, contact.signal, contact.need.is_some()), (Lang::En, Some(Signal::Complaint), true));
    }
}
