//! The few lines an agent reads before the first word, and checks after the last.

use super::decide::Rules;
use super::state::{Conversation, TurnFrom};
use crate::flow::FlowEnd;
use crate::tier::TierReason;
use crate::understanding::Lang;

/// Lines in the reader's language: needs, where self-service stands, mood, tickets, the customer's own last words, and what
/// the agent answered.
pub fn summary(conversation: &Conversation, rules: &Rules, lang: Lang) -> Vec<String> {
    let zh = lang == Lang::ZhCn;
    let (between, colon) = if zh { ("、", "：") } else { (", ", ": ") };
    let named = |zh_name: &str, en_name: &str, text: &str| format!("{}{colon}{text}", if zh { zh_name } else { en_name });
    let flow_title = |flow| rules.flows.get(flow).map_or_else(|| flow.to_string(), |f| f.title.get(lang).to_owned());
    let mut lines = Vec::new();
    if let Some((_, TierReason::Judged { judged })) = &conversation.tier {
        lines.push(judged.words(lang));
    }
    if !conversation.needs.is_empty() {
        let needs: Vec<String> = conversation.needs.iter().rev().take(3).map(|need| rules.title(need, lang)).collect();
        lines.push(named("需求", "Needs", &needs.join(between)));
    }
    if let Some(run) = conversation.flow.as_ref().or(conversation.paused.as_ref()) {
        let title = flow_title(&run.flow);
        lines.push(if zh {
            format!("办理中：{title}（停在步骤 {}）", run.step)
        } else {
            format!("In progress: {title} (at step {})", run.step)
        });
    } else if let Some((run, _)) = &conversation.last_flow {
        lines.push(named("刚办过", "Just done", &flow_title(&run.flow)));
    }
    if conversation.failures > 0 {
        let failures = conversation.failures;
        lines.push(if zh {
            format!("机器人连续 {failures} 次没有帮上忙")
        } else {
            format!("The bot could not help {failures} times in a row")
        });
    }
    if conversation.mood.anger >= 50 {
        lines.push(named("情绪", "Mood", if zh { "生气，先安抚再解释" } else { "angry; calm first, explain after" }));
    } else if conversation.mood.worry >= 50 {
        lines.push(named("情绪", "Mood", if zh { "着急，先说结论" } else { "worried; the answer first" }));
    }
    if !conversation.tickets.is_empty() {
        let tickets: Vec<&str> = conversation.tickets.iter().map(|t| t.as_str()).collect();
        lines.push(named("工单", "Tickets", &tickets.join(between)));
    }
    let words = last_words(conversation, TurnFrom::Customer, 3);
    if !words.is_empty() {
        lines.push(named("客户原话", "In the customer's words", &words));
    }
    let answers = last_words(conversation, TurnFrom::Agent, 2);
    if !answers.is_empty() {
        lines.push(named("坐席答复", "Answered", &answers));
    }
    lines
}

/// The last few turns of one side, oldest first.
fn last_words(conversation: &Conversation, from: TurnFrom, count: usize) -> String {
    let words: Vec<&str> =
        conversation.turns.iter().rev().filter(|t| t.from == from).take(count).map(|t| t.text.as_str()).collect();
    words.into_iter().rev().collect::<Vec<_>>().join(" / ")
}

/// One word for how a flow ended, stable for staff screens.
impl FlowEnd {
    pub fn code(self) -> &'static str {
        match self {
            FlowEnd::Solved => "solved",
            FlowEnd::Unsolved => "unsolved",
            FlowEnd::Handoff => "handoff",
            FlowEnd::NoAnswer => "no_answer",
            FlowEnd::Unknown => "unknown",
            FlowEnd::Cancelled => "cancelled",
        }
    }
}
