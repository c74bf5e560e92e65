//! What the customer is told of a ticket: its state, the steps so far, and news. Owns the wording; never a note of staff,
//! never a name of theirs.

use super::clock::PauseReason;
use super::event::{StoredTicketEvent, TicketEvent};
use super::state::{Ticket, TicketState};
use crate::time::Timestamp;
use crate::understanding::Lang;

/// The state in plain words.
pub fn status(ticket: &Ticket, lang: Lang) -> String {
    let text = match (&ticket.state, lang) {
        (TicketState::Open, Lang::ZhCn) if ticket.waiting_for.contains(&PauseReason::Customer) => "等您补充",
        (TicketState::Open, Lang::En) if ticket.waiting_for.contains(&PauseReason::Customer) => "Waiting for you",
        (TicketState::Open, Lang::ZhCn) if ticket.assignee.is_some() => "处理中",
        (TicketState::Open, Lang::En) if ticket.assignee.is_some() => "In progress",
        (TicketState::Open, Lang::ZhCn) => "已受理",
        (TicketState::Open, Lang::En) => "Received",
        (TicketState::Resolved { .. }, Lang::ZhCn) => "已答复",
        (TicketState::Resolved { .. }, Lang::En) => "Answered",
        (TicketState::Withdrawn { .. }, Lang::ZhCn) => "已撤回",
        (TicketState::Withdrawn { .. }, Lang::En) => "Withdrawn",
        (TicketState::Merged { into }, Lang::ZhCn) => return format!("已并入 {into}"),
        (TicketState::Merged { into }, Lang::En) => return format!("Merged into {into}"),
    };
    text.to_owned()
}

/// The steps a customer may see, in order.
pub fn steps(events: &[StoredTicketEvent], lang: Lang) -> Vec<(Timestamp, String)> {
    events.iter().filter_map(|stored| Some((stored.at, step(&stored.event, lang)?))).collect()
}

fn step(event: &TicketEvent, lang: Lang) -> Option<String> {
    let zh = matches!(lang, Lang::ZhCn);
    let plain = |chinese: &str, english: &str| Some(if zh { chinese } else { english }.to_owned());
    let with = |chinese: &str, english: &str, text: &str| Some(format!("{}{text}", if zh { chinese } else { english }));
    match event {
        TicketEvent::Opened { .. } => plain("已受理", "Received"),
        TicketEvent::Assigned { .. } => plain("已安排专人处理", "Somebody is looking after it"),
        TicketEvent::Answered { text } => with("回复：", "Reply: ", text),
        TicketEvent::Paused { why: PauseReason::Customer, text } => with("请您补充：", "We need from you: ", text),
        TicketEvent::Paused { why: PauseReason::ThirdParty, .. } => {
            plain("正在等待合作机构答复", "We are waiting for a partner's answer")
        }
        TicketEvent::Resumed { .. } => plain("继续处理", "Work goes on"),
        TicketEvent::Escalated { .. } => plain("已升级，主管在跟进", "A supervisor is following it"),
        TicketEvent::Complex { .. } => plain("情况复杂，处理期限为 30 日", "The matter is complex: it may take 30 days"),
        TicketEvent::NoticeGiven { .. } => plain("经审批，处理期限延长 30 日", "With approval, 30 more days"),
        TicketEvent::MergedInto { ticket } => with("已并入 ", "Merged into ", ticket.as_str()),
        TicketEvent::SplitOff { ticket, .. } => with("部分内容另立工单 ", "Part of it goes on as ", ticket.as_str()),
        TicketEvent::Resolved { answer } => with("答复：", "Answer: ", answer),
        TicketEvent::Reopened { .. } => plain("重新处理", "Opened again"),
        TicketEvent::Withdrawn { .. } => plain("已撤回", "Withdrawn"),
        TicketEvent::Moved { .. }
        | TicketEvent::Noted { .. }
        | TicketEvent::PartyNamed { .. }
        | TicketEvent::ExtensionAsked { .. }
        | TicketEvent::ExtensionApproved
        | TicketEvent::Linked { .. }
        | TicketEvent::Absorbed { .. }
        | TicketEvent::Rated { .. } => None,
    }
}

/// What the customer is told at once, or at the next contact. `None`: nothing that concerns them.
pub fn news(ticket: &Ticket, event: &TicketEvent) -> Option<String> {
    let id = ticket.id();
    let zh = matches!(ticket.opening.lang, Lang::ZhCn);
    let say = |chinese: String, english: String| Some(if zh { chinese } else { english });
    match event {
        TicketEvent::Answered { text } => say(format!("工单 {id} 有回复：{text}"), format!("News of ticket {id}: {text}")),
        TicketEvent::Paused { why: PauseReason::Customer, text } => {
            say(format!("工单 {id} 需要您补充：{text}"), format!("For ticket {id} we need from you: {text}"))
        }
        TicketEvent::ExtensionApproved => say(
            format!("工单 {id} 情况特别复杂，经审批，处理期限延长 30 日。给您带来不便，我们很抱歉。"),
            format!("Ticket {id} is especially complex: with approval, we need 30 more days. We are sorry."),
        ),
        TicketEvent::MergedInto { ticket } => say(
            format!("工单 {id} 已并入 {ticket}，我们会一并答复您。"),
            format!("Ticket {id} now goes on as {ticket}; you will have one answer for both."),
        ),
        TicketEvent::Resolved { answer } => say(
            format!("工单 {id} 已有答复：{answer}\n如果没有解决，您可以在“我的工单”里要求继续处理。"),
            format!(
                "The answer to ticket {id}: {answer}\nIf this does not solve it, open the ticket again under \"My tickets\"."
            ),
        ),
        TicketEvent::Reopened { .. } => say(format!("工单 {id} 已重新处理。"), format!("Ticket {id} has been opened again.")),
        TicketEvent::Withdrawn { .. } => {
            say(format!("工单 {id} 已按您的意思撤回。"), format!("Ticket {id} has been withdrawn as you asked."))
        }
        TicketEvent::Opened { .. }
        | TicketEvent::Assigned { .. }
        | TicketEvent::Moved { .. }
        | TicketEvent::Noted { .. }
        | TicketEvent::Paused { why: PauseReason::ThirdParty, .. }
        | TicketEvent::Resumed { .. }
        | TicketEvent::Escalated { .. }
        | TicketEvent::PartyNamed { .. }
        | TicketEvent::Complex { .. }
        | TicketEvent::ExtensionAsked { .. }
        | TicketEvent::NoticeGiven { .. }
        | TicketEvent::Linked { .. }
        | TicketEvent::Absorbed { .. }
        | TicketEvent::SplitOff { .. }
        | TicketEvent::Rated { .. } => None,
    }
}
