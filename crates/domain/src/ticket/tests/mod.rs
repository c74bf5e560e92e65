mod acts;
mod clocks;
mod complaints;
mod pairs;

use super::*;
use crate::conversation::Customer;
use crate::id::{StaffId, TicketId};
use crate::service::ServiceRules;
use crate::time::Timestamp;
use crate::understanding::Lang;
use serde_json::json;

pub const HOUR_MS: i64 = 3_600_000;
/// Monday 2026-03-02, 09:00 in China.
pub const MONDAY: Timestamp = Timestamp(1_772_413_200_000);

pub fn hours(count: i64) -> Timestamp {
    MONDAY.plus_secs(count * 3_600)
}

pub fn days(count: i64) -> Timestamp {
    hours(24 * count)
}

/// Monday to Friday, nine to five.
pub fn rules() -> ServiceRules {
    let title = json!({"zh-CN": "标题", "en": "title"});
    let day = json!(["09:00-17:00"]);
    let week = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day});
    let target = json!({"first_answer_hours": 4, "resolution_hours": 16});
    let targets = json!({"low": target, "normal": target, "high": target, "urgent": target});
    let department = |id: &str, alternate: &str| json!({"id": id, "title": title, "alternate": alternate});
    ServiceRules {
        calendars: serde_json::from_value(json!([{"id": "office", "title": title, "week": week}])).expect("a calendar"),
        tickets: serde_json::from_value(json!({
            "calendar": "office",
            "categories": [
                {"id": "complaint", "title": title, "complaint": true, "department": "protection", "priority": "high",
                 "needs": ["complaints"], "signals": ["complaint"], "targets": targets},
                {"id": "other", "title": title, "priority": "normal", "targets": targets},
            ],
            "departments": [department("protection", "legal"), department("legal", "protection"),
                department("collections", "protection")],
            "pauses": {"customer": ["first_answer", "resolution"], "third_party": ["resolution"]},
            "escalation": [{"at_percent": 75, "to": "team_lead"}, {"at_percent": 100, "to": "department_head"}],
            "reopen_days": 7,
            "conflicts": [{"need": "complaints.collector", "department": "collections"}, {"need": "complaints.manner"}],
        }))
        .expect("ticket rules"),
        ..ServiceRules::default()
    }
}

pub fn form(category: &str) -> TicketForm {
    TicketForm {
        category: category.to_owned(),
        priority: Priority::Normal,
        title: "多扣了一期".to_owned(),
        summary: "客户原话：多扣了".to_owned(),
        need: None,
        cause: None,
        department: "collections".to_owned(),
        loan: None,
        sums: Vec::new(),
        dates: Vec::new(),
        promises: Vec::new(),
        evidence: vec![Evidence { conversation: "cv1".into(), seq: 3, quote: "多扣了".to_owned() }],
        about: Vec::new(),
    }
}

pub fn by(name: &str) -> Actor {
    Actor::Staff { staff: StaffId::from(name), name: name.to_owned() }
}

/// A ticket with the few moves that these tests are made of.
pub struct Case {
    pub rules: ServiceRules,
    pub ticket: Ticket,
    pub events: Vec<StoredTicketEvent>,
}

impl Case {
    pub fn open(category: &str) -> Case {
        Case::open_as("T1", category, MONDAY)
    }

    pub fn open_as(id: &str, category: &str, at: Timestamp) -> Case {
        let rules = rules();
        let opening = Opening {
            id: TicketId::from(id),
            conversation: format!("cv-{id}").as_str().into(),
            customer: Customer { id: "c1".into(), name: None, signed_in: true },
            lang: Lang::ZhCn,
            form: form(category),
            opened_by: by("agent"),
            promised_by: at.plus_secs(4 * 3_600),
            targets: rules.tickets.targets(category, Priority::Normal),
            complaint_since: rules.tickets.category(category).is_some_and(|c| c.complaint).then_some(at),
            split_from: None,
        };
        let event = TicketEvent::Opened { opening: Box::new(opening) };
        let first = StoredTicketEvent { seq: 1, at, by: by("agent"), event };
        let ticket = Ticket::fold([first.clone()], &rules.tickets).expect("begins with its opening");
        Case { rules, ticket, events: vec![first] }
    }

    pub fn act(&mut self, who: &str, what: TicketAct, at: Timestamp) -> Result<Vec<TicketEvent>, TicketRefusal> {
        let events = act(&self.ticket, &by(who), what, &self.rules, at)?;
        self.take(who, &events, at);
        Ok(events)
    }

    pub fn must(&mut self, who: &str, what: TicketAct, at: Timestamp) {
        self.act(who, what, at).expect("it may be done");
    }

    pub fn refused(&mut self, who: &str, what: TicketAct, at: Timestamp) -> &'static str {
        self.act(who, what, at).expect_err("it is refused").code()
    }

    pub fn take(&mut self, who: &str, events: &[TicketEvent], at: Timestamp) {
        for event in events {
            let stored = StoredTicketEvent { seq: self.ticket.seq + 1, at, by: by(who), event: event.clone() };
            self.ticket.apply(&stored, &self.rules.tickets);
            self.events.push(stored);
        }
    }

    pub fn due(&self, clock: ClockKind) -> Option<Timestamp> {
        self.ticket.clocks[&clock].due(&self.rules.calendars[0])
    }
}

pub fn pause(why: PauseReason) -> TicketAct {
    TicketAct::Pause { why, text: "流水".to_owned() }
}

pub fn text() -> String {
    "原因".to_owned()
}
