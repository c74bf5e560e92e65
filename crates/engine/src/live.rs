//! Live updates: who listens to what. Owns the channels; a listener that has gone is forgotten at the next message.

use jieti_domain::conversation::{Event, StaffRef, StoredEvent};
use jieti_domain::id::{ConversationId, CustomerId, StaffId};
use jieti_domain::ticket::TicketCard;
use jieti_store::{AlarmRow, CardRow, ExposureRow};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    /// Help that is offered unasked.
    Guidance(Arc<ExposureRow>),
}

/// What somebody who looks at a conversation hears.
#[derive(Debug, Clone)]
pub enum Watching {
    Events(LiveEvents),
    /// Everybody who looks at it now, the listener included.
    Viewers {
        conversation: ConversationId,
        viewers: Arc<[Viewer]>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub staff: StaffRef,
    /// Typed just now; the next news says when no longer.
    pub typing: bool,
}

/// A card that has changed.
#[derive(Debug, Clone)]
pub struct LiveCard {
    pub card: Arc<CardRow>,
    /// The draft that was pending before and is no longer.
    pub draft_gone: Option<String>,
}

/// Somebody was named with "@" in a note.
#[derive(Debug, Clone)]
pub struct LiveMention {
    pub who: StaffId,
    pub by: StaffId,
    pub conversation: ConversationId,
    pub text: String,
}

/// What every console hears.
#[derive(Debug, Clone)]
pub enum DeskNews {
    Card(LiveCard),
    Mention(LiveMention),
}

pub type Subscription<T> = UnboundedReceiver<T>;

struct Watcher {
    staff: StaffRef,
    /// One open console.
    line: u64,
    listener: UnboundedSender<Watching>,
}

#[derive(Default)]
pub(crate) struct Live {
    customers: Mutex<HashMap<CustomerId, Vec<UnboundedSender<CustomerNews>>>>,
    watchers: Mutex<HashMap<ConversationId, Vec<Watcher>>>,
    desks: Mutex<Vec<UnboundedSender<DeskNews>>>,
    alarms: Mutex<Vec<UnboundedSender<Arc<AlarmRow>>>>,
    tickets: Mutex<Vec<UnboundedSender<Arc<TicketCard>>>>,
}

impl Live {
    pub fn customer(&self, id: &CustomerId) -> Subscription<CustomerNews> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.customers).entry(id.clone()).or_default().push(sender);
        receiver
    }

    pub fn watch(&self, id: &ConversationId, staff: &StaffRef, line: u64, listener: UnboundedSender<Watching>) {
        let mut all = lock(&self.watchers);
        let watchers = all.entry(id.clone()).or_default();
        watchers.retain(|w| w.line != line && !w.listener.is_closed());
        watchers.push(Watcher { staff: staff.clone(), line, listener });
        tell_viewers(id, watchers, None);
    }

    pub fn unwatch(&self, id: &ConversationId, line: u64) {
        let mut all = lock(&self.watchers);
        let Some(watchers) = all.get_mut(id) else { return };
        watchers.retain(|w| w.line != line && !w.listener.is_closed());
        tell_viewers(id, watchers, None);
        if watchers.is_empty() {
            all.remove(id);
        }
    }

    pub fn colleague_types(&self, id: &ConversationId, staff: &StaffId) {
        if let Some(watchers) = lock(&self.watchers).get(id) {
            tell_viewers(id, watchers, Some(staff));
        }
    }

    pub fn desk(&self) -> Subscription<DeskNews> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.desks).push(sender);
        receiver
    }

    pub fn alarms(&self) -> Subscription<Arc<AlarmRow>> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.alarms).push(sender);
        receiver
    }

    pub fn publish_alarm(&self, alarm: &Arc<AlarmRow>) {
        lock(&self.alarms).retain(|sender| sender.send(Arc::clone(alarm)).is_ok());
    }

    pub fn tickets(&self) -> Subscription<Arc<TicketCard>> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.tickets).push(sender);
        receiver
    }

    pub fn publish_ticket(&self, card: &Arc<TicketCard>) {
        lock(&self.tickets).retain(|sender| sender.send(Arc::clone(card)).is_ok());
    }

    pub fn publish(&self, customer: &CustomerId, events: &LiveEvents) {
        send(&self.customers, customer, &CustomerNews::Events(events.clone()));
        if let Some(watchers) = lock(&self.watchers).get_mut(&events.conversation) {
            watchers.retain(|w| w.listener.send(Watching::Events(events.clone())).is_ok());
        }
    }

    pub fn guide(&self, customer: &CustomerId, row: &Arc<ExposureRow>) {
        send(&self.customers, customer, &CustomerNews::Guidance(Arc::clone(row)));
    }

    pub fn agent_types(&self, customer: &CustomerId) {
        send(&self.customers, customer, &CustomerNews::AgentTyping);
    }

    pub fn publish_card(&self, card: &LiveCard) {
        self.tell_desks(&DeskNews::Card(card.clone()));
    }

    pub fn mention(&self, conversation: &ConversationId, events: &[StoredEvent]) {
        for stored in events {
            let Event::Noted { staff, text, mentions } = &stored.event else { continue };
            for who in mentions {
                let (who, by, conversation) = (who.clone(), staff.clone(), conversation.clone());
                self.tell_desks(&DeskNews::Mention(LiveMention { who, by, conversation, text: text.clone() }));
            }
        }
    }

    fn tell_desks(&self, news: &DeskNews) {
        lock(&self.desks).retain(|sender| sender.send(news.clone()).is_ok());
    }

    /// Forgets listeners that have gone without another message for them.
    pub fn sweep(&self) {
        lock(&self.alarms).retain(|s| !s.is_closed());
        lock(&self.customers).retain(|_, senders| {
            senders.retain(|s| !s.is_closed());
            !senders.is_empty()
        });
        lock(&self.watchers).retain(|_, watchers| {
            watchers.retain(|w| !w.listener.is_closed());
            !watchers.is_empty()
        });
    }
}

/// Each person once, however many consoles they have open.
fn tell_viewers(id: &ConversationId, watchers: &[Watcher], typing: Option<&StaffId>) {
    let mut viewers: Vec<Viewer> = Vec::with_capacity(watchers.len());
    for watcher in watchers {
        if viewers.iter().all(|v| v.staff.id != watcher.staff.id) {
            viewers.push(Viewer { staff: watcher.staff.clone(), typing: typing == Some(&watcher.staff.id) });
        }
    }
    let viewers: Arc<[Viewer]> = viewers.into();
    for watcher in watchers {
        // A listener that has gone is forgotten when it is next looked for.
        let _ = watcher.listener.send(Watching::Viewers { conversation: id.clone(), viewers: Arc::clone(&viewers) });
    }
}

fn send<K: Hash + Eq, T: Clone>(map: &Mutex<HashMap<K, Vec<UnboundedSender<T>>>>, key: &K, news: &T) {
    if let Some(senders) = lock(map).get_mut(key) {
        senders.retain(|sender| sender.send(news.clone()).is_ok());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
