//! A conversation as a person reads it, with what the machine made of it between the lines.

use jieti_domain::conversation::{Event, Speaker, StoredEvent};
use jieti_domain::message::Message;
use std::fmt::Write as _;

/// Every event that helps to see what went wrong, one after another.
pub fn transcript(events: &[StoredEvent]) -> String {
    let mut lines = String::new();
    for stored in events {
        if let Some(line) = line(&stored.event) {
            let _ = writeln!(lines, "{:>4} {line}", stored.seq);
        }
    }
    lines
}

fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::CustomerSaid { text, .. } => format!("客户 ▸ {text}"),
        Event::CustomerPressed { label, action, .. } => format!("客户 ▸ [{label}]  {action:?}"),
        Event::CustomerSubmitted { rows, step, .. } => {
            let rows: Vec<String> = rows.iter().map(|r| format!("{}={}", r.label, r.value)).collect();
            format!("客户 ▸ ({step}: {})", rows.join(", "))
        }
        Event::Said { by, message } => {
            let who = match by {
                Speaker::Bot => "机器人".to_owned(),
                Speaker::ReviewedBot { staff } => format!("机器人（{staff}）"),
                Speaker::Agent { name, .. } => name.clone(),
            };
            format!("{who} ◂ {}", said(message))
        }
        Event::Understood { lang, needs, signals, .. } => {
            let needs: Vec<String> = needs.iter().take(3).map(|n| format!("{} {:.2}", n.need, n.confidence)).collect();
            format!("      · understood {lang:?} [{}] {signals:?}", needs.join(", "))
        }
        Event::FlowMoved { phase, run } => format!("      · flow {} {phase:?} at {} {:?}", run.flow, run.step, run.waiting),
        Event::FlowEnded { run, end } => format!("      · flow {} ended {end:?} at {}", run.flow, run.step),
        Event::LenderAnswered { operation, ok, .. } => format!("      · lender answered {operation:?}, ok: {ok}"),
        Event::TierReached { tier, reason } => format!("      · tier {tier:?} because {reason:?}"),
        Event::Queued { .. } => "      · queued".to_owned(),
        Event::Assigned { name, .. } => format!("      · assigned to {name}"),
        Event::TicketOpened { ticket, .. } => format!("      · ticket {ticket}"),
        Event::DraftProposed { draft } => format!("      · draft for {} ({:?})", draft.need, draft.why),
        Event::DraftSettled { outcome, .. } => format!("      · draft settled {outcome:?}"),
        Event::DraftExtended { .. } => "      · draft waits on, the customer is told".to_owned(),
        Event::Invited { invite } => format!("      · invited {:?}", invite.to),
        Event::GuestJoined { name, .. } => format!("      · {name} joined"),
        Event::Whispered { name, text, .. } => format!("      · {name} whispered: {text}"),
        Event::HandRaised { name, text, .. } => format!("      · {name} raised a hand: {text}"),
        Event::WrappedUp { wrap_up, .. } => format!("      · wrapped up {:?}: {}", wrap_up.outcome, wrap_up.summary),
        Event::Doing { doing } => format!("      · on {} for {} s", doing.page, doing.dwell_secs),
        Event::NotHelped => "      · not helped".to_owned(),
        Event::Closed { reason } => format!("      · closed {reason:?}"),
        Event::Opened { .. }
        | Event::Rated { .. }
        | Event::Answered { .. }
        | Event::LenderAsked { .. }
        | Event::WritingAsked { .. }
        | Event::WritingEnded { .. }
        | Event::DraftHeld { .. }
        | Event::DraftReleased { .. }
        | Event::Released { .. }
        | Event::InviteEnded { .. }
        | Event::GuestLeft { .. }
        | Event::HandLowered { .. }
        | Event::BackWithBot
        | Event::TicketNews { .. }
        | Event::AccountSeen { .. }
        | Event::Whereabouts { .. }
        | Event::Noted { .. } => return None,
    })
}

fn said(message: &Message) -> String {
    let mut lines = message.text.clone();
    if let Some(card) = &message.card {
        let _ = write!(lines, "\n           ┌ {}", card.title);
        for row in card.rows.iter().chain(&card.total) {
            let _ = write!(lines, "\n           │ {} {}", row.label, row.value);
        }
    }
    if let Some(form) = &message.form {
        for field in &form.fields {
            let _ = write!(lines, "\n           ▢ {} ({}, {:?})", field.label, field.name, field.kind);
        }
    }
    if !message.buttons.is_empty() {
        let labels: Vec<String> = message.buttons.iter().map(|b| format!("[{}]", b.label)).collect();
        let _ = write!(lines, "\n           {}", labels.join(" "));
    }
    lines
}
