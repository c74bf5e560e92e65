//! What helps an agent while the customer waits: coaching when the mood turns, and what to do next.

use super::decide::Rules;
use super::state::{Conversation, Stage, TurnFrom};
use crate::id::{NeedId, TicketId};
use crate::knowledge::CauseKind;
use crate::time::Timestamp;
use crate::understanding::{Lang, Mood};
use serde::Serialize;

/// Computed from the conversation alone; nothing here is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assist {
    /// The most important first.
    pub hints: Vec<Hint>,
    /// The likeliest first.
    pub next: Vec<NextAction>,
}

/// Something about the customer that should change the next sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// The same need again and again: acknowledge before explaining.
    AskedAgain { need: NeedId, title: String, times: u32 },
    /// Anger has risen by at least [`TURN`] since its lowest point.
    Angrier { from: u8, to: u8 },
    /// Worry has risen likewise: the answer first, the reasons after it.
    MoreWorried { from: u8, to: u8 },
    /// The mood has come down again: say what happens next, and when.
    Calmer,
    /// The customer's last words have had no answer for so long.
    Unanswered { secs: i64 },
    /// The customer wrote so many messages in a row: answer all of them in one.
    ManyAtOnce { messages: u32 },
}

/// What an agent would do next; the console has a key for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum NextAction {
    Answer {
        need: NeedId,
        title: String,
    },
    /// Account facts must not be told to somebody who is not signed in.
    VerifyIdentity,
    /// The cause lies with another department: it needs a ticket.
    OpenTicket {
        department: String,
    },
    /// A ticket is open: tell the customer where it stands.
    TellProgress {
        ticket: TicketId,
    },
    /// The customer is angry and the words are the agent's third or later: ask a supervisor.
    RaiseHand,
    WrapUp,
}

/// A change of mood of so many points (of 100) is heard by people; smaller ones are noise of the estimate.
const TURN: u8 = 30;
/// From here on a mood is strong.
const STRONG: u8 = 50;
/// An answer that takes longer than this loses chat customers. Source: the usual service level of chat desks, 60 s.
const SLOW_SECS: i64 = 60;

/// What helps now; titles are in the reader's language.
pub fn assist(conversation: &Conversation, rules: &Rules, lang: Lang, now: Timestamp) -> Assist {
    if !conversation.is_open() {
        return Assist::default();
    }
    Assist { hints: hints(conversation, rules, lang, now), next: next(conversation, rules, lang) }
}

fn hints(conversation: &Conversation, rules: &Rules, lang: Lang, now: Timestamp) -> Vec<Hint> {
    let mut hints = Vec::new();
    let repeated = conversation.asked.iter().filter(|(_, times)| **times >= 3).max_by_key(|(_, times)| **times);
    if let Some((need, times)) = repeated {
        hints.push(Hint::AskedAgain { need: need.clone(), title: rules.title(need, lang), times: *times });
    }
    let anger = course(conversation, |m| m.anger);
    let worry = course(conversation, |m| m.worry);
    match (anger, worry) {
        (Course::Risen { from, to }, _) => hints.push(Hint::Angrier { from, to }),
        (_, Course::Risen { from, to }) => hints.push(Hint::MoreWorried { from, to }),
        (Course::Fallen, Course::Fallen | Course::Level) | (Course::Level, Course::Fallen) => hints.push(Hint::Calmer),
        (Course::Level, Course::Level) => {}
    }
    let unanswered = conversation.turns.iter().rev().take_while(|t| t.from == TurnFrom::Customer);
    let (messages, since) = unanswered.fold((0_u32, None), |(count, _), turn| (count + 1, Some(turn.at)));
    if messages >= 3 {
        hints.push(Hint::ManyAtOnce { messages });
    }
    if let (Stage::Human { since: owned, .. }, Some(since)) = (&conversation.stage, since) {
        let secs = now.secs_since(since.max(*owned));
        if secs >= SLOW_SECS {
            hints.push(Hint::Unanswered { secs });
        }
    }
    hints
}

enum Course {
    Risen {
        from: u8,
        to: u8,
    },
    /// It was strong and has come down.
    Fallen,
    Level,
}

/// The last value against the lowest and the highest before it.
fn course(conversation: &Conversation, part: impl Fn(&Mood) -> u8) -> Course {
    let mut values = conversation.moods.iter().map(|(_, mood)| part(mood));
    let Some(last) = values.next_back() else { return Course::Level };
    let (low, high) = values.fold((last, last), |(low, high), value| (low.min(value), high.max(value)));
    if last >= STRONG && last - low >= TURN {
        Course::Risen { from: low, to: last }
    } else if high >= STRONG && high - last >= TURN {
        Course::Fallen
    } else {
        Course::Level
    }
}

fn next(conversation: &Conversation, rules: &Rules, lang: Lang) -> Vec<NextAction> {
    let mut next = Vec::new();
    let need = conversation.needs.last();
    let entry = need.and_then(|n| rules.knowledge.get(n));
    let last = conversation.turns.back();
    let owes_answer = last.is_some_and(|t| t.from == TurnFrom::Customer);
    if conversation.mood.anger >= STRONG && said_by_agents(conversation) >= 3 && conversation.hand.is_none() {
        next.push(NextAction::RaiseHand);
    }
    if entry.is_some_and(|e| e.signed_in || e.flow.is_some()) && !conversation.customer.signed_in {
        next.push(NextAction::VerifyIdentity);
    }
    if let Some(ticket) = conversation.tickets.last() {
        next.push(NextAction::TellProgress { ticket: ticket.clone() });
    } else if let Some(entry) = entry.filter(|e| e.cause.kind != CauseKind::Operation && e.owner != "customer-service") {
        next.push(NextAction::OpenTicket { department: entry.owner.clone() });
    }
    let asks = conversation.asks.as_ref().filter(|n| owes_answer && rules.knowledge.get(n).is_some());
    if let Some(need) = asks {
        next.insert(0, NextAction::Answer { need: need.clone(), title: rules.title(need, lang) });
    }
    if !owes_answer && said_by_agents(conversation) > 0 {
        next.push(NextAction::WrapUp);
    }
    next
}

fn said_by_agents(conversation: &Conversation) -> usize {
    conversation.turns.iter().filter(|t| t.from == TurnFrom::Agent).count()
}
