//! The few lines an agent reads before the first word.

use super::decide::Rules;
use super::state::{Conversation, TurnFrom};
use crate::flow::FlowEnd;
use crate::id::NeedId;
use crate::understanding::Lang;

/// Lines in Chinese, for staff: needs, where self-service stands, mood, the customer's own last words.
pub fn summary(conversation: &Conversation, rules: &Rules) -> Vec<String> {
    let title = |need: &NeedId| {
        let text = rules.knowledge.get(need).and_then(|e| e.text(Lang::ZhCn));
        text.map_or_else(|| need.to_string(), |t| t.title.clone())
    };
    let flow_title = |flow| rules.flows.get(flow).map_or_else(|| flow.to_string(), |f| f.title.zh_cn.clone());
    let mut lines = Vec::new();
    if !conversation.needs.is_empty() {
        let needs: Vec<String> = conversation.needs.iter().rev().take(3).map(title).collect();
        lines.push(format!("需求：{}", needs.join("、")));
    }
    if let Some(run) = conversation.flow.as_ref().or(conversation.paused.as_ref()) {
        lines.push(format!("办理中：{}（停在步骤 {}）", flow_title(&run.flow), run.step));
    } else if let Some((run, _)) = &conversation.last_flow {
        lines.push(format!("刚办过：{}", flow_title(&run.flow)));
    }
    if conversation.failures > 0 {
        lines.push(format!("机器人连续 {} 次没有帮上忙", conversation.failures));
    }
    if conversation.mood.anger >= 50 {
        lines.push("情绪：生气，先安抚再解释".to_owned());
    } else if conversation.mood.worry >= 50 {
        lines.push("情绪：着急，先说结论".to_owned());
    }
    if !conversation.tickets.is_empty() {
        let tickets: Vec<&str> = conversation.tickets.iter().map(|t| t.as_str()).collect();
        lines.push(format!("工单：{}", tickets.join("、")));
    }
    let words: Vec<&str> =
        conversation.turns.iter().rev().filter(|t| t.from == TurnFrom::Customer).take(3).map(|t| t.text.as_str()).collect();
    if !words.is_empty() {
        lines.push(format!("客户原话：{}", words.into_iter().rev().collect::<Vec<_>>().join(" / ")));
    }
    lines
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
