//! From a conversation to its card: the one row that desks and walls read.

use jieti_domain::conversation::{Channel, Conversation, Side, Stage, TurnFrom};
use jieti_domain::tier::{Tier, TierReason};
use jieti_domain::understanding::{Lang, Mood, Signal};
use jieti_store::CardRow;
use serde::Serialize;

/// A unit variant as its one word in JSON (`"waiting"`).
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("domain types have string keys and no failing serialisers")
}

/// What goes on beside the thread, as stored in a card.
pub fn side_of(card: &CardRow) -> Side {
    serde_json::from_str(&card.side).unwrap_or_default()
}

/// Mood as stored in a card.
pub fn mood_of(card: &CardRow) -> Mood {
    serde_json::from_str(&card.mood).unwrap_or_default()
}

pub(crate) fn card(conversation: &Conversation) -> CardRow {
    let (stage, since, deadline, staff, staff_name) = match &conversation.stage {
        Stage::Bot => ("bot", conversation.last_at, None, None, None),
        Stage::Draft(draft) => ("draft", draft.created_at, Some(draft.deadline), draft.held_by.clone(), None),
        Stage::Waiting { since, deadline, .. } => ("waiting", *since, Some(*deadline), None, None),
        Stage::Human { staff, name, since } => ("human", *since, None, Some(staff.clone()), Some(name.clone())),
        Stage::Closed { at } => ("closed", *at, None, None, None),
    };
    let last = conversation.turns.back();
    let lang: Lang = conversation.lang;
    let channel: Channel = conversation.channel;
    CardRow {
        id: conversation.id.0.clone(),
        customer: conversation.customer.id.0.clone(),
        customer_name: conversation.customer.name.clone(),
        signed_in: conversation.customer.signed_in,
        channel: word(&channel),
        lang: word(&lang),
        opened_at: conversation.opened_at.0,
        updated_at: conversation.last_at.0,
        seq: conversation.seq,
        stage: stage.to_owned(),
        stage_since: since.0,
        deadline: deadline.map(|d| d.0),
        staff: staff.map(|s| s.0),
        staff_name,
        tier: conversation.highest_tier().map(|t: Tier| word(&t)),
        reason: conversation.tier.as_ref().map(|(_, reason)| json(reason)),
        urgent: is_urgent(conversation),
        need: conversation.needs.last().map(|n| n.0.clone()),
        flow: conversation.flow.as_ref().or(conversation.paused.as_ref()).map(|f| f.flow.0.clone()),
        mood: json(&conversation.mood),
        last_from: last.map(|t| {
            match t.from {
                TurnFrom::Customer => "customer",
                TurnFrom::Bot => "bot",
                TurnFrom::Agent => "agent",
            }
            .to_owned()
        }),
        last_text: last.map(|t| t.text.chars().take(120).collect()),
        last_at: last.map(|t| t.at.0),
        draft: match &conversation.stage {
            Stage::Draft(draft) => Some(json(draft)),
            Stage::Bot | Stage::Waiting { .. } | Stage::Human { .. } | Stage::Closed { .. } => None,
        },
        side: json(&side(conversation)),
    }
}

fn side(conversation: &Conversation) -> Side {
    Side {
        route: match &conversation.stage {
            Stage::Waiting { to, .. } => to.clone(),
            Stage::Bot | Stage::Draft(_) | Stage::Human { .. } | Stage::Closed { .. } => None,
        },
        invite: conversation.invite.clone(),
        guests: conversation.guests.clone(),
        hand: conversation.hand.clone(),
        doing: conversation.doing.clone(),
        whereabouts: conversation.whereabouts.clone(),
    }
}

/// These do not wait behind others.
fn is_urgent(conversation: &Conversation) -> bool {
    matches!(
        conversation.tier,
        Some((
            _,
            TierReason::Signal {
                signal: Signal::FraudVictim | Signal::SelfHarm | Signal::RegulatorThreat | Signal::Complaint | Signal::Hardship
            }
        ))
    )
}
