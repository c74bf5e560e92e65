//! The desks: every open conversation's card, who is on duty, and who gets whom.

use crate::live::{CustomerNews, DeskNews, LiveCard, Subscription, Watching};
use crate::{Engine, StartError};
use jieti_domain::conversation::{Duty, Input, StaffRef};
use jieti_domain::id::{ConversationId, CustomerId, StaffId};
use jieti_domain::routing::{Agent, Place, assign, expected_wait_secs, in_order};
use jieti_domain::time::Timestamp;
use jieti_store::CardRow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// A presence without a heartbeat for so long is over: three beats of 15 s missed.
const LEASE_SECS: i64 = 45;
/// Chats one agent holds at once.
const CAPACITY: u32 = 4;
/// Mean handling time assumed before any chat has ended: the sample's mean service time, rounded. Source: anonymous
/// bank call centre, February 1999 (177 s).
const FIRST_HANDLE_SECS: u64 = 180;

/// What a member of staff has switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    pub agent: bool,
    pub silent_seat: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffOnDuty {
    pub staff: StaffRef,
    pub presence: Presence,
    pub last_seen: Timestamp,
}

/// Where a waiting customer stands. Position 1 is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    pub position: u64,
    pub expected_wait_secs: Option<u64>,
}

#[derive(Default)]
pub(crate) struct Desk {
    cards: HashMap<ConversationId, Arc<CardRow>>,
    /// Which conversations wait and which are in a person's hands: routing looks at nothing else.
    waiting: HashSet<ConversationId>,
    with_people: HashSet<ConversationId>,
    on_duty: HashMap<StaffId, StaffOnDuty>,
    /// Assignments on their way to being committed: each takes up a place at its agent's desk already.
    assigning: HashMap<ConversationId, StaffId>,
    /// Running mean of handling times, in seconds.
    handle_secs: Option<f64>,
}

impl Desk {
    pub fn duty(&self, now: Timestamp) -> Duty {
        let count = |wanted: fn(&Presence) -> bool| {
            let live = self.on_duty.values().filter(|s| now.secs_since(s.last_seen) < LEASE_SECS && wanted(&s.presence));
            u32::try_from(live.count()).unwrap_or(u32::MAX)
        };
        Duty { agents: count(|p| p.agent), silent_seats: count(|p| p.silent_seat) }
    }

    pub fn idle(&self, before: Timestamp) -> Vec<ConversationId> {
        self.cards.iter().filter(|(_, c)| c.stage == "bot" && c.updated_at < before.0).map(|(id, _)| id.clone()).collect()
    }

    pub fn open_ids(&self) -> HashSet<ConversationId> {
        self.cards.keys().cloned().collect()
    }

    fn places(&self) -> Vec<Place> {
        self.waiting
            .iter()
            .filter_map(|id| self.cards.get(id))
            .map(|c| Place { conversation: c.id.as_str().into(), since: Timestamp(c.stage_since), urgent: c.urgent })
            .collect()
    }

    fn agents(&self, now: Timestamp) -> Vec<Agent> {
        let mut busy: HashMap<&str, u32> = HashMap::new();
        for card in self.with_people.iter().filter_map(|id| self.cards.get(id)) {
            *busy.entry(card.staff.as_deref().unwrap_or_default()).or_default() += 1;
        }
        for staff in self.assigning.values() {
            *busy.entry(staff.as_str()).or_default() += 1;
        }
        self.on_duty
            .values()
            .filter(|s| s.presence.agent && now.secs_since(s.last_seen) < LEASE_SECS)
            .map(|s| Agent {
                staff: s.staff.id.clone(),
                busy: busy.get(s.staff.id.as_str()).copied().unwrap_or(0),
                capacity: CAPACITY,
            })
            .collect()
    }

    fn handle_secs(&self) -> u64 {
        self.handle_secs.map_or(FIRST_HANDLE_SECS, |mean| mean.round() as u64)
    }

    /// Takes a card in; returns the draft that was pending and is no longer.
    fn put(&mut self, card: Arc<CardRow>) -> Option<String> {
        let id = ConversationId::new(card.id.as_str());
        let before = self.cards.get(&id);
        let draft_id = |c: &CardRow| c.draft.as_deref().and_then(draft_id);
        let gone = before.and_then(|b| draft_id(b)).filter(|d| draft_id(&card).as_ref() != Some(d));
        if let Some(before) = before.filter(|b| b.stage == "human" && card.stage != "human") {
            // An exponential mean over about the last ten chats.
            let secs = Timestamp(card.updated_at).secs_since(Timestamp(before.stage_since)) as f64;
            self.handle_secs = Some(self.handle_secs.map_or(secs, |mean| mean + (secs - mean) / 10.0));
        }
        // A customer who writes while the assignment is on its way still waits for it.
        if card.stage != "waiting" {
            self.assigning.remove(&id);
        }
        keep(&mut self.waiting, &id, card.stage == "waiting");
        keep(&mut self.with_people, &id, card.stage == "human");
        if card.stage == "closed" {
            self.cards.remove(&id);
        } else {
            self.cards.insert(id, card);
        }
        gone
    }
}

fn keep(set: &mut HashSet<ConversationId>, id: &ConversationId, member: bool) {
    if member {
        set.insert(id.clone());
    } else {
        set.remove(id);
    }
}

fn draft_id(json: &str) -> Option<String> {
    serde_json::from_str::<serde_json::Value>(json).ok()?.get("id")?.as_str().map(str::to_owned)
}

impl Engine {
    pub(crate) async fn open_desks(&self) -> Result<(), StartError> {
        let cards = self.0.store.open_cards().await?;
        // Nobody is connected yet: whoever held a conversation has one lease to come back before it is given on.
        let now = self.now();
        let mut desk = self.desk();
        for card in cards {
            if let Some(staff) = card.staff.as_deref().filter(|_| card.stage == "human") {
                let name = card.staff_name.clone().unwrap_or_default();
                let staff = StaffRef { id: staff.into(), name };
                desk.on_duty.entry(staff.id.clone()).or_insert(StaffOnDuty {
                    staff,
                    presence: Presence { agent: true, silent_seat: false },
                    last_seen: now,
                });
            }
            desk.put(Arc::new(card));
        }
        Ok(())
    }

    pub(crate) fn publish_card(&self, card: CardRow) {
        let card = Arc::new(card);
        let draft_gone = self.desk().put(Arc::clone(&card));
        self.0.live.publish_card(&LiveCard { card, draft_gone });
    }

    /// Gives waiting customers to free agents, in the background.
    pub(crate) fn after_commit(&self) {
        let now = self.now();
        let assignments: Vec<(ConversationId, StaffRef)> = {
            let mut desk = self.desk();
            let places = desk.places();
            if places.is_empty() {
                return;
            }
            let waiting = places.into_iter().filter(|p| !desk.assigning.contains_key(&p.conversation)).collect();
            let given = assign(waiting, desk.agents(now));
            given
                .into_iter()
                .filter_map(|(conversation, staff)| {
                    let staff = desk.on_duty.get(&staff)?.staff.clone();
                    desk.assigning.insert(conversation.clone(), staff.id.clone());
                    Some((conversation, staff))
                })
                .collect()
        };
        for (conversation, staff) in assignments {
            let engine = self.clone();
            tokio::spawn(async move {
                engine.feed(&conversation, Input::Assign { staff: &staff }).await;
                let left_the_queue = {
                    let mut desk = engine.desk();
                    desk.assigning.remove(&conversation);
                    !desk.waiting.contains(&conversation)
                };
                // The customer went away meanwhile: the place is the next one's.
                if left_the_queue {
                    engine.after_commit();
                }
            });
        }
    }

    /// A member of staff is here; also the heartbeat.
    pub fn set_presence(&self, staff: &StaffRef, presence: Presence) {
        let seen = StaffOnDuty { staff: staff.clone(), presence, last_seen: self.now() };
        self.desk().on_duty.insert(staff.id.clone(), seen);
        self.after_commit();
    }

    pub fn heartbeat(&self, staff: &StaffId) {
        let now = self.now();
        if let Some(seen) = self.desk().on_duty.get_mut(staff) {
            seen.last_seen = now;
        }
    }

    pub fn presence(&self, staff: &StaffId) -> Presence {
        self.desk().on_duty.get(staff).map(|s| s.presence).unwrap_or_default()
    }

    pub fn duty(&self) -> Duty {
        self.desk().duty(self.now())
    }

    /// Takes conversations and drafts back from people whose lease has run out.
    pub async fn check_presence(&self) {
        let now = self.now();
        let lost: Vec<(StaffId, Vec<ConversationId>)> = {
            let mut desk = self.desk();
            let gone: Vec<StaffId> =
                desk.on_duty.values().filter(|s| now.secs_since(s.last_seen) >= LEASE_SECS).map(|s| s.staff.id.clone()).collect();
            gone.into_iter()
                .map(|staff| {
                    desk.on_duty.remove(&staff);
                    let held = desk.cards.values().filter(|c| c.staff.as_deref() == Some(staff.as_str()));
                    let held = held.map(|c| ConversationId::new(c.id.as_str())).collect();
                    (staff, held)
                })
                .collect()
        };
        for (staff, conversations) in lost {
            tracing::info!(%staff, conversations = conversations.len(), "presence lost; conversations go back to the queue");
            for conversation in conversations {
                self.feed(&conversation, Input::LeaseLost { staff: &staff }).await;
            }
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
        let order = in_order(desk.places());
        let position = order.iter().position(|p| p.conversation == *conversation)? as u64 + 1;
        let slots: u64 = desk.agents(now).iter().map(|a| u64::from(a.capacity)).sum();
        Some(QueuePlace { position, expected_wait_secs: expected_wait_secs(position, slots, desk.handle_secs()) })
    }

    /// Expected wait of a customer who would join the queue now.
    pub fn expected_wait_secs(&self) -> Option<u64> {
        let now = self.now();
        let desk = self.desk();
        let agents = desk.agents(now);
        if agents.iter().any(|a| a.busy < a.capacity) {
            return Some(0);
        }
        let slots = agents.iter().map(|a| u64::from(a.capacity)).sum();
        expected_wait_secs(desk.places().len() as u64 + 1, slots, desk.handle_secs())
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
