//! The fold: a conversation as its events have made it.

use super::event::{
    Channel, Customer, Destination, Doing, Draft, Event, FlowPhase, Guest, Hand, Invite, NeedSeen, Speaker, StoredEvent,
};
use crate::flow::FlowRun;
use crate::id::{ConversationId, NeedId, RequestId, StaffId, TicketId};
use crate::journey::Whereabouts;
use crate::knowledge::{Account, AppVersion, Situation};
use crate::tier::{Tier, TierReason, Unattended};
use crate::time::Timestamp;
use crate::understanding::{Lang, Mood, Previous};
use std::collections::{BTreeMap, VecDeque};

/// Turns kept for context, summary and the seat's screen.
const TURNS_KEPT: usize = 40;

/// Who has the word. An open conversation always has an owner or a deadline (invariant 2): the bot answers at once, a
/// draft and a place in the queue have their deadlines, a person has a lease.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    Bot,
    Draft(Box<Draft>),
    Waiting { since: Timestamp, deadline: Timestamp, to: Option<Destination> },
    Human { staff: StaffId, name: String, since: Timestamp },
    Closed { at: Timestamp },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    pub customer: Customer,
    pub channel: Channel,
    pub lang: Lang,
    pub opened_at: Timestamp,
    /// Place of the last event.
    pub seq: u64,
    pub last_at: Timestamp,
    pub stage: Stage,
    /// Highest step reached, and why.
    pub tier: Option<(Tier, TierReason)>,
    pub flow: Option<FlowRun>,
    pub paused: Option<FlowRun>,
    /// The flow that ended last, for "不对，是下个月" after the answer.
    pub last_flow: Option<(FlowRun, Timestamp)>,
    /// Consecutive messages that the bot could not help with.
    pub failures: u32,
    /// Needs believed, oldest first.
    pub needs: Vec<NeedId>,
    /// What the latest message asks for, if that is believed.
    pub asks: Option<NeedId>,
    /// How often each need was believed.
    pub asked: BTreeMap<NeedId, u32>,
    /// How the customer sounded last.
    pub mood: Mood,
    /// How the customer sounded at each of the last messages, oldest first.
    pub moods: VecDeque<(Timestamp, Mood)>,
    /// Colleagues in the conference besides the owner.
    pub guests: Vec<Guest>,
    pub invite: Option<Invite>,
    pub hand: Option<Hand>,
    /// What the customer was doing in the app at the last message that said so.
    pub doing: Option<Doing>,
    /// A language model is asked for an answer to the latest message.
    pub writing: Option<Writing>,
    /// Where in the app the customer was at the beginning.
    pub whereabouts: Option<Whereabouts>,
    /// What the lender's core said of the customer last.
    pub account: Option<Account>,
    pub tickets: Vec<TicketId>,
    /// Places of tickets that the customer has been told of here.
    pub told: Vec<(TicketId, u64)>,
    pub turns: VecDeque<Turn>,
}

/// A question to a language model that is not answered yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Writing {
    pub request: RequestId,
    pub needs: Vec<NeedSeen>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    pub seq: u64,
    pub at: Timestamp,
    pub from: TurnFrom,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnFrom {
    Customer,
    Bot,
    Agent,
}

impl Conversation {
    /// Rebuilds a conversation. `None` where the events do not begin with `Opened`.
    pub fn fold(id: ConversationId, events: impl IntoIterator<Item = StoredEvent>) -> Option<Self> {
        let mut events = events.into_iter();
        let first = events.next()?;
        let Event::Opened { customer, channel, lang } = first.event else { return None };
        let mut conversation = Self {
            id,
            customer,
            channel,
            lang,
            opened_at: first.at,
            seq: first.seq,
            last_at: first.at,
            stage: Stage::Bot,
            tier: None,
            flow: None,
            paused: None,
            last_flow: None,
            failures: 0,
            needs: Vec::new(),
            asks: None,
            asked: BTreeMap::new(),
            mood: Mood::default(),
            moods: VecDeque::new(),
            guests: Vec::new(),
            invite: None,
            hand: None,
            doing: None,
            writing: None,
            whereabouts: None,
            account: None,
            tickets: Vec::new(),
            told: Vec::new(),
            turns: VecDeque::new(),
        };
        for event in events {
            conversation.apply(&event);
        }
        Some(conversation)
    }

    /// Takes one event in. Events come in order, each once.
    pub fn apply(&mut self, stored: &StoredEvent) {
        self.seq = stored.seq;
        self.last_at = stored.at;
        match &stored.event {
            Event::Opened { .. }
            | Event::Rated { .. }
            | Event::LenderAsked { .. }
            | Event::LenderAnswered { .. }
            | Event::Noted { .. }
            | Event::Whispered { .. }
            | Event::WrappedUp { .. } => {}
            Event::CustomerSaid { text, .. } => {
                self.writing = None;
                self.turn(stored, TurnFrom::Customer, text.clone());
            }
            Event::CustomerPressed { label, .. } => {
                self.writing = None;
                self.turn(stored, TurnFrom::Customer, label.clone());
            }
            Event::WritingAsked { request, needs } => {
                self.writing = Some(Writing { request: request.clone(), needs: needs.clone() });
            }
            Event::WritingEnded { .. } => self.writing = None,
            Event::CustomerSubmitted { rows, .. } => {
                let text = rows.iter().map(|r| format!("{}: {}", r.label, r.value)).collect::<Vec<_>>().join("; ");
                self.turn(stored, TurnFrom::Customer, text);
            }
            Event::Understood { lang, needs, mood, .. } => {
                self.lang = *lang;
                self.mood = *mood;
                if self.moods.len() == TURNS_KEPT {
                    self.moods.pop_front();
                }
                self.moods.push_back((stored.at, *mood));
                let best = needs.first().filter(|n| n.confidence >= 0.5);
                self.asks = best.map(|n| n.need.clone());
                if let Some(best) = best {
                    *self.asked.entry(best.need.clone()).or_default() += 1;
                    if self.needs.last() != Some(&best.need) {
                        self.needs.push(best.need.clone());
                    }
                }
            }
            Event::Said { by, message } => {
                let from = match by {
                    Speaker::Bot | Speaker::ReviewedBot { .. } => TurnFrom::Bot,
                    Speaker::Agent { .. } => TurnFrom::Agent,
                };
                let card = message.card.iter().flat_map(|c| c.rows.iter().chain(&c.total));
                let rows = card.map(|r| format!("\n{} {}", r.label, r.value)).collect::<String>();
                self.turn(stored, from, format!("{}{rows}", message.text));
            }
            Event::Answered { .. } => self.failures = 0,
            Event::NotHelped => self.failures += 1,
            Event::TierReached { tier, reason } => self.tier = Some((*tier, reason.clone())),
            Event::FlowMoved { phase, run } => match phase {
                FlowPhase::Started | FlowPhase::Advanced | FlowPhase::Resumed => {
                    self.flow = Some(run.clone());
                    if *phase == FlowPhase::Resumed {
                        self.paused = None;
                    }
                    if run.misses == 0 {
                        self.failures = 0;
                    }
                }
                FlowPhase::Paused => {
                    self.flow = None;
                    self.paused = Some(run.clone());
                }
            },
            Event::FlowEnded { run, .. } => {
                if self.flow.as_ref().is_some_and(|f| f.flow == run.flow) {
                    self.flow = None;
                }
                if self.paused.as_ref().is_some_and(|f| f.flow == run.flow) {
                    self.paused = None;
                }
                self.last_flow = Some((run.clone(), stored.at));
            }
            Event::DraftProposed { draft } => self.stage = Stage::Draft(Box::new(draft.clone())),
            Event::DraftHeld { draft, staff } => {
                if let Stage::Draft(pending) = &mut self.stage
                    && pending.id == *draft
                {
                    pending.held_by = Some(staff.clone());
                    pending.held_at = Some(stored.at);
                }
            }
            Event::DraftReleased { draft } => {
                if let Stage::Draft(pending) = &mut self.stage
                    && pending.id == *draft
                {
                    pending.held_by = None;
                    pending.held_at = None;
                }
            }
            Event::DraftExtended { draft, deadline } => {
                if let Stage::Draft(pending) = &mut self.stage
                    && pending.id == *draft
                {
                    pending.deadline = *deadline;
                    pending.at_deadline = Unattended::Handoff;
                }
            }
            Event::DraftSettled { draft, .. } => {
                if matches!(&self.stage, Stage::Draft(pending) if pending.id == *draft) {
                    self.stage = Stage::Bot;
                }
            }
            Event::Queued { since, deadline, to } => {
                self.alone();
                self.stage = Stage::Waiting { since: *since, deadline: *deadline, to: to.clone() };
            }
            Event::Assigned { staff, name } => {
                self.guests.retain(|g| g.staff != *staff);
                self.hand = None;
                self.stage = Stage::Human { staff: staff.clone(), name: name.clone(), since: stored.at };
            }
            // Always followed by `Queued`, `Assigned` or `BackWithBot` in the same decision.
            Event::Released { .. } => self.stage = Stage::Bot,
            Event::BackWithBot => {
                self.alone();
                self.stage = Stage::Bot;
            }
            Event::TicketOpened { ticket, .. } => self.tickets.push(ticket.clone()),
            Event::Closed { .. } => {
                self.alone();
                self.stage = Stage::Closed { at: stored.at };
            }
            Event::Invited { invite } => self.invite = Some(invite.clone()),
            Event::InviteEnded { .. } => self.invite = None,
            Event::GuestJoined { staff, name } => {
                self.invite = None;
                self.guests.push(Guest { staff: staff.clone(), name: name.clone() });
            }
            Event::GuestLeft { staff } => self.guests.retain(|g| g.staff != *staff),
            Event::HandRaised { staff, name, text } => {
                self.hand = Some(Hand { staff: staff.clone(), name: name.clone(), text: text.clone(), since: stored.at });
            }
            Event::HandLowered { .. } => self.hand = None,
            Event::TicketNews { ticket, seq } => self.told.push((ticket.clone(), *seq)),
            Event::Whereabouts { whereabouts } => self.whereabouts = Some(whereabouts.clone()),
            Event::Doing { doing } => self.doing = Some(doing.clone()),
            Event::AccountSeen { account } => self.account = Some(account.clone()),
        }
    }

    /// No person has the word any more.
    fn alone(&mut self) {
        self.guests.clear();
        self.invite = None;
        self.hand = None;
    }

    fn turn(&mut self, stored: &StoredEvent, from: TurnFrom, text: String) {
        if self.turns.len() == TURNS_KEPT {
            self.turns.pop_front();
        }
        self.turns.push_back(Turn { seq: stored.seq, at: stored.at, from, text });
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed { .. })
    }

    pub fn highest_tier(&self) -> Option<Tier> {
        self.tier.as_ref().map(|(tier, _)| *tier)
    }

    pub fn is_guest(&self, staff: &StaffId) -> bool {
        self.guests.iter().any(|g| g.staff == *staff)
    }

    /// The customer at this moment, as answers are chosen by it.
    pub fn situation(&self, now: Timestamp) -> Situation<'_> {
        let version = self.whereabouts.as_ref().and_then(|w| w.version.as_ref());
        Situation {
            today: now.china_date(),
            channel: self.channel,
            app: version.and_then(|v| AppVersion::parse(v.as_str())),
            account: self.account.as_ref(),
        }
    }

    /// What a message such as "那下个月呢" leans on: the need believed last.
    pub fn previous(&self) -> Option<Previous> {
        self.needs.last().map(|need| Previous { need: need.clone() })
    }

    /// What the customer said last, in their words.
    pub fn last_question(&self) -> Option<&Turn> {
        self.turns.iter().rev().find(|t| t.from == TurnFrom::Customer)
    }
}
