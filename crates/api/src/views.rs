//! From what is stored to what goes over the wire.

use crate::dto::{
    Author, ConversationCard, CustomerEvent, CustomerEventBody, CustomerView, DraftCard, GuessView, GuestView, HandView,
    InviteView, LastTurn, NeedView, SideView, Source, StaffEvent, StaffEventBody, StaffOnlyBody, StageView, WhereaboutsView,
};
use jieti_domain::conversation::{
    Customer, Draft, DraftOutcome, DraftWhy, Event, FlowPhase, NeedSeen, Rules, Speaker, StoredEvent,
};
use jieti_domain::id::NeedId;
use jieti_domain::journey::Whereabouts;
use jieti_domain::understanding::Lang;
use jieti_engine::{mood_of, side_of};
use jieti_store::CardRow;
use serde::Serialize;

/// Who reads: the rules that name things, and the language of the names.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub rules: &'a Rules,
    pub lang: Lang,
}

/// What a customer may see of an event; `None` for staff's business.
pub fn customer_event(stored: &StoredEvent) -> Option<CustomerEvent> {
    Some(CustomerEvent { seq: stored.seq, at: stored.at.0, body: customer_body(&stored.event)? })
}

fn customer_body(event: &Event) -> Option<CustomerEventBody> {
    Some(match event {
        Event::CustomerSaid { client_id, text } => {
            CustomerEventBody::CustomerSaid { client_id: client_id.0.clone(), text: text.clone() }
        }
        Event::CustomerPressed { client_id, label, .. } => {
            CustomerEventBody::CustomerPressed { client_id: client_id.0.clone(), label: label.clone() }
        }
        Event::CustomerSubmitted { client_id, rows, .. } => {
            CustomerEventBody::CustomerSubmitted { client_id: client_id.0.clone(), rows: rows.clone() }
        }
        Event::Said { by, message } => {
            let (from, name, reviewed) = match by {
                Speaker::Bot => (Author::Bot, None, false),
                Speaker::ReviewedBot { .. } => (Author::Bot, None, true),
                Speaker::Agent { name, .. } => (Author::Agent, Some(name.clone()), false),
            };
            CustomerEventBody::Said { from, name, reviewed, message: Box::new(message.clone()) }
        }
        Event::DraftProposed { .. } => CustomerEventBody::Checking,
        Event::Queued { .. } => CustomerEventBody::Waiting { position: None },
        Event::Assigned { name, .. } | Event::GuestJoined { name, .. } => CustomerEventBody::Joined { name: name.clone() },
        Event::BackWithBot => CustomerEventBody::Left,
        Event::TicketOpened { ticket, promised_by } => {
            CustomerEventBody::Ticket { ticket: ticket.0.clone(), promised_by: promised_by.0 }
        }
        Event::Closed { .. } => CustomerEventBody::Closed,
        Event::Opened { .. }
        | Event::Rated { .. }
        | Event::Understood { .. }
        | Event::Answered { .. }
        | Event::NotHelped
        | Event::TierReached { .. }
        | Event::FlowMoved { .. }
        | Event::FlowEnded { .. }
        | Event::LenderAsked { .. }
        | Event::WritingAsked { .. }
        | Event::WritingEnded { .. }
        | Event::LenderAnswered { .. }
        | Event::DraftHeld { .. }
        | Event::DraftReleased { .. }
        | Event::DraftExtended { .. }
        | Event::DraftSettled { .. }
        | Event::Released { .. }
        | Event::Invited { .. }
        | Event::InviteEnded { .. }
        | Event::GuestLeft { .. }
        | Event::Whispered { .. }
        | Event::HandRaised { .. }
        | Event::HandLowered { .. }
        | Event::WrappedUp { .. }
        | Event::TicketNews { .. }
        | Event::Doing { .. }
        | Event::AccountSeen { .. }
        | Event::Whereabouts { .. }
        | Event::Noted { .. } => return None,
    })
}

/// What staff see of an event; `None` for steps that would only be noise.
pub fn staff_event(stored: &StoredEvent, reader: Reader<'_>) -> Option<StaffEvent> {
    let body = match &stored.event {
        Event::Understood { needs, signals, mood, .. } => StaffOnlyBody::Understood {
            needs: needs.iter().map(|n| guess(n, reader)).collect(),
            signals: signals.clone(),
            mood: *mood,
        },
        Event::TierReached { tier, reason } => StaffOnlyBody::Tier { tier: *tier, reason: tag(reason, "why") },
        Event::DraftProposed { draft } => {
            StaffOnlyBody::DraftProposed { draft: draft.id.0.clone(), text: draft.message.text.clone() }
        }
        Event::DraftSettled { draft, outcome, staff } => StaffOnlyBody::DraftSettled {
            draft: draft.0.clone(),
            outcome: tag(outcome, "outcome"),
            staff: staff.as_ref().map(|s| s.0.clone()),
            reason: match outcome {
                DraftOutcome::Vetoed { reason } => Some(reason.clone()),
                DraftOutcome::Sent
                | DraftOutcome::Edited { .. }
                | DraftOutcome::TakenOver
                | DraftOutcome::AskedBack { .. }
                | DraftOutcome::Expired
                | DraftOutcome::Withdrawn => None,
            },
        },
        Event::FlowMoved { phase, run } => {
            let state = match phase {
                FlowPhase::Started => "started",
                FlowPhase::Paused => "paused",
                FlowPhase::Resumed => "resumed",
                FlowPhase::Advanced => return None,
            };
            StaffOnlyBody::Flow { flow: run.flow.0.clone(), state: state.to_owned() }
        }
        Event::FlowEnded { run, end } => StaffOnlyBody::Flow { flow: run.flow.0.clone(), state: end.code().to_owned() },
        Event::LenderAnswered { operation, ok, .. } => StaffOnlyBody::Lender { operation: word(operation), ok: *ok },
        Event::Noted { staff, text, mentions } => StaffOnlyBody::Note {
            staff: staff.0.clone(),
            text: text.clone(),
            mentions: mentions.iter().map(|m| m.0.clone()).collect(),
        },
        Event::Whispered { name, text, .. } => StaffOnlyBody::Whisper { name: name.clone(), text: text.clone() },
        Event::HandRaised { name, text, .. } => StaffOnlyBody::Hand { name: name.clone(), text: text.clone(), raised: true },
        Event::HandLowered { staff } => StaffOnlyBody::Hand { name: staff.0.clone(), text: String::new(), raised: false },
        Event::Invited { invite } => StaffOnlyBody::Invite { state: "open".to_owned(), note: invite.note.clone() },
        Event::InviteEnded { why } => StaffOnlyBody::Invite { state: word(why), note: String::new() },
        Event::GuestLeft { staff } => StaffOnlyBody::GuestLeft { staff: staff.0.clone() },
        Event::Released { staff, why } => StaffOnlyBody::Released { staff: staff.0.clone(), why: word(why) },
        Event::DraftExtended { draft, deadline } => StaffOnlyBody::DraftExtended { draft: draft.0.clone(), deadline: deadline.0 },
        Event::WrappedUp { staff, wrap_up } => {
            StaffOnlyBody::WrapUp { staff: staff.0.clone(), summary: wrap_up.summary.clone(), outcome: wrap_up.outcome }
        }
        Event::Whereabouts { whereabouts } => StaffOnlyBody::Whereabouts { whereabouts: whereabouts_view(whereabouts, reader) },
        Event::Doing { doing } => StaffOnlyBody::Doing { doing: doing.clone() },
        Event::Rated { score, of, .. } => StaffOnlyBody::Rated { score: *score, of: *of },
        other => {
            let body = customer_body(other)?;
            return Some(StaffEvent { seq: stored.seq, at: stored.at.0, body: StaffEventBody::Customer(body) });
        }
    };
    Some(StaffEvent { seq: stored.seq, at: stored.at.0, body: StaffEventBody::Staff(body) })
}

/// Where a customer was, in the reader's words.
pub fn whereabouts_view(from: &Whereabouts, reader: Reader<'_>) -> WhereaboutsView {
    let map = &reader.rules.service.journeys;
    let title = |path: &str| {
        let (journey, step) = path.split_once('.')?;
        let place = map.place(map.find(&journey.into(), &step.into())?)?;
        Some(place.step.title.get(reader.lang).to_owned())
    };
    let journey = from.journey.as_ref().and_then(|id| map.journeys.iter().find(|j| j.id == *id));
    let step = from.journey.as_ref().zip(from.step.as_ref());
    WhereaboutsView {
        visitor: from.visitor,
        journey: journey.map(|j| j.title.get(reader.lang).to_owned()),
        step: step.and_then(|(journey, step)| title(&format!("{journey}.{step}"))),
        since: from.since.map(|at| at.0),
        stuck: from.stuck.clone(),
        code: from.code.as_ref().map(ToString::to_string),
        platform: from.platform,
        version: from.version.as_ref().map(ToString::to_string),
        trail: from.trail.iter().filter_map(|path| title(path)).collect(),
    }
}

/// A unit variant as its one word in JSON.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

/// The tag of an internally tagged enum.
fn tag(value: &impl Serialize, name: &str) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.get(name).and_then(|t| t.as_str()).unwrap_or_default().to_owned()
}

/// `need` with its title in the reader's language.
pub fn need(id: &str, reader: Reader<'_>) -> NeedView {
    NeedView { id: id.to_owned(), title: reader.rules.title(&NeedId::from(id), reader.lang) }
}

fn guess(seen: &NeedSeen, reader: Reader<'_>) -> GuessView {
    let NeedView { id, title } = need(seen.need.as_str(), reader);
    GuessView { id, title, confidence: seen.confidence }
}

pub fn customer_view(customer: &Customer) -> CustomerView {
    CustomerView { id: customer.id.0.clone(), name: customer.name.clone(), signed_in: customer.signed_in }
}

fn customer_of(card: &CardRow) -> CustomerView {
    CustomerView { id: card.customer.clone(), name: card.customer_name.clone(), signed_in: card.signed_in }
}

pub fn card(row: &CardRow, reader: Reader<'_>) -> ConversationCard {
    let reason = row.reason.as_deref().and_then(|r| serde_json::from_str::<serde_json::Value>(r).ok());
    ConversationCard {
        id: row.id.clone(),
        customer: customer_of(row),
        channel: row.channel.clone(),
        lang: row.lang.clone(),
        stage: StageView {
            kind: row.stage.clone(),
            since: row.stage_since,
            deadline: row.deadline,
            staff: row.staff.clone(),
            staff_name: row.staff_name.clone(),
        },
        tier: row.tier.clone(),
        reason: reason.and_then(|r| reason_code(&r)),
        need: row.need.as_deref().map(|n| need(n, reader)),
        flow: row.flow.clone(),
        mood: mood_of(row),
        last: match (&row.last_from, &row.last_text, row.last_at) {
            (Some(from), Some(text), Some(at)) => Some(LastTurn { from: from.clone(), text: text.clone(), at }),
            _ => None,
        },
        opened_at: row.opened_at,
        last_seq: row.seq,
        side: side(row),
    }
}

fn side(row: &CardRow) -> SideView {
    let side = side_of(row);
    SideView {
        route: side.route,
        invite: side.invite.map(|i| InviteView { to: i.to, note: i.note, since: i.since.0, deadline: i.deadline.0 }),
        guests: side.guests.into_iter().map(|g| GuestView { id: g.staff.0, name: g.name }).collect(),
        hand: side.hand.map(|h| HandView { staff: h.staff.0, name: h.name, text: h.text, since: h.since.0 }),
        doing: side.doing,
    }
}

/// `signal:complaint`, `asked_for_human`, …: the tag, and for a signal which one.
pub fn reason_code(reason: &serde_json::Value) -> Option<String> {
    let why = reason.get("why")?.as_str()?;
    match reason.get("signal").and_then(|s| s.as_str()) {
        Some(signal) => Some(format!("{why}:{signal}")),
        None => Some(why.to_owned()),
    }
}

pub fn draft(row: &CardRow, reader: Reader<'_>) -> Option<DraftCard> {
    let draft: Draft = serde_json::from_str(row.draft.as_deref()?).ok()?;
    let need_view = need(draft.need.as_str(), reader);
    Some(DraftCard {
        id: draft.id.0,
        conversation: row.id.clone(),
        customer: customer_of(row),
        question: draft.question,
        message: draft.message,
        source: Source { need: need_view.id.clone(), title: need_view.title.clone() },
        need: need_view,
        doing: side_of(row).doing,
        alternatives: draft.alternatives.iter().map(|a| guess(a, reader)).collect(),
        confidence: draft.confidence,
        risk: draft.risk,
        why: match draft.why {
            DraftWhy::HalfSure => "half_sure",
            DraftWhy::Risky => "risky",
            DraftWhy::Written => "written",
        }
        .to_owned(),
        mood: draft.mood,
        created_at: draft.created_at.0,
        deadline: draft.deadline.0,
        at_deadline: draft.at_deadline,
        held_by: draft.held_by.map(|s| s.0),
    })
}
