//! Live updates: who listens to what. Owns the channels; a listener that has gone is forgotten at the next message.

use jieti_domain::conversation::StoredEvent;
use jieti_domain::id::{ConversationId, CustomerId};
use jieti_store::CardRow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Events of one conversation, as committed together.
#[derive(Debug, Clone)]
pub struct LiveEvents {
    pub conversation: ConversationId,
    pub events: Arc<[StoredEvent]>,
}

/// What a customer's client hears.
#[derive(Debug, Clone)]
pub enum CustomerNews {
    Events(LiveEvents),
    /// The agent is typing; never stored.
    AgentTyping,
}

/// A card that has changed.
#[derive(Debug, Clone)]
pub struct LiveCard {
    pub card: Arc<CardRow>,
    /// The draft that was pending before and is no longer.
    pub draft_gone: Option<String>,
}

pub type Subscription<T> = UnboundedReceiver<T>;

#[derive(Default)]
pub(crate) struct Live {
    customers: Mutex<HashMap<CustomerId, Vec<UnboundedSender<CustomerNews>>>>,
    watchers: Mutex<HashMap<ConversationId, Vec<UnboundedSender<LiveEvents>>>>,
    desks: Mutex<Vec<UnboundedSender<LiveCard>>>,
}

impl Live {
    pub fn customer(&self, id: &CustomerId) -> Subscription<CustomerNews> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.customers).entry(id.clone()).or_default().push(sender);
        receiver
    }

    pub fn watch(&self, id: &ConversationId, sender: UnboundedSender<LiveEvents>) {
        lock(&self.watchers).entry(id.clone()).or_default().push(sender);
    }

    pub fn desk(&self) -> Subscription<LiveCard> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.desks).push(sender);
        receiver
    }

    pub fn publish(&self, customer: &CustomerId, events: &LiveEvents) {
        send(&self.customers, customer, &CustomerNews::Events(events.clone()));
        send(&self.watchers, &events.conversation, events);
    }

    pub fn agent_types(&self, customer: &CustomerId) {
        send(&self.customers, customer, &CustomerNews::AgentTyping);
    }

    pub fn publish_card(&self, card: &LiveCard) {
        lock(&self.desks).retain(|sender| sender.send(card.clone()).is_ok());
    }

    /// Forgets listeners that have gone without another message for them.
    pub fn sweep(&self) {
        lock(&self.customers).retain(|_, senders| {
            senders.retain(|s| !s.is_closed());
            !senders.is_empty()
        });
        lock(&self.watchers).retain(|_, senders| {
            senders.retain(|s| !s.is_closed());
            !senders.is_empty()
        });
    }
}

fn send<K: std::hash::Hash + Eq, T: Clone>(map: &Mutex<HashMap<K, Vec<UnboundedSender<T>>>>, key: &K, news: &T) {
    if let Some(senders) = lock(map).get_mut(key) {
        senders.retain(|sender| sender.send(news.clone()).is_ok());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
