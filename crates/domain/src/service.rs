//! How a lender's service team works, as data: what the pack's `service/` folder says. Owns the whole; each part has its
//! own module and checks.

use crate::attribution::CauseRules;
use crate::calendar::Calendar;
use crate::flow::placeholders;
use crate::guidance::Trigger;
use crate::inspection::PublishedCard;
use crate::journey::JourneyMap;
use crate::routing::RoutingRules;
use crate::ticket::TicketRules;
use crate::understanding::{Lang, Localized};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Every part of the `service/` folder. The default is an empty folder.
#[derive(Debug, Clone, Default)]
pub struct ServiceRules {
    pub replies: Vec<Reply>,
    pub calendars: Vec<Calendar>,
    pub routing: RoutingRules,
    /// The scorecard that conversations are inspected by; without one nothing is inspected.
    pub scorecard: Option<Arc<PublishedCard>>,
    pub tickets: TicketRules,
    pub journeys: Arc<JourneyMap>,
    /// Help that is offered unasked, as the pack has it; the store may have later versions.
    pub triggers: Vec<Trigger>,
    pub attribution: CauseRules,
}

impl ServiceRules {
    pub fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|c| c.id() == id)
    }
}

/// A canned reply of the desk. `{customer}`, `{agent}` and `{ticket}` are filled in by the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What an agent types after "/".
    pub id: String,
    pub title: Localized,
    pub text: Localized,
}

/// What a reply may have in braces.
pub const PLACEHOLDERS: [&str; 3] = ["customer", "agent", "ticket"];

/// What is wrong with the replies, one line each.
pub fn reply_problems(replies: &[Reply]) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, reply) in replies.iter().enumerate() {
        if replies[..place].iter().any(|r| r.id == reply.id) {
            problems.push(format!("reply {:?} is written twice; rename one", reply.id));
        }
        for lang in [Lang::ZhCn, Lang::En] {
            for name in placeholders(reply.text.get(lang)).into_iter().filter(|name| !PLACEHOLDERS.contains(name)) {
                problems.push(format!("reply {:?}: {{{name}}} is not known; use one of {}", reply.id, PLACEHOLDERS.join(", ")));
            }
        }
    }
    problems
}

/// What is wrong with the calendars, one line each.
pub fn calendar_problems(calendars: &[Calendar]) -> Vec<String> {
    let mut problems: Vec<String> = calendars.iter().flat_map(Calendar::problems).collect();
    for (place, calendar) in calendars.iter().enumerate() {
        if calendars[..place].iter().any(|c| c.id() == calendar.id()) {
            problems.push(format!("calendar {:?} is written twice; rename one", calendar.id()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_an_unknown_placeholder_or_a_taken_name_is_a_problem() {
        let reply = |id: &str, text: &str| Reply {
            id: id.to_owned(),
            title: Localized::new("标题", "title"),
            text: Localized::new(text, "text"),
        };
        assert_eq!(reply_problems(&[reply("hello", "{customer}您好，我是{agent}")]), Vec::<String>::new());
        let problems = reply_problems(&[reply("hello", "您好"), reply("hello", "欠款 {sum} 元")]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[1].contains("{sum}"), "{problems:?}");
    }
}
