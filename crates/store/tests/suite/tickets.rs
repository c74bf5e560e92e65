//! Tickets: their events, their list, and the news that customers are owed.

use super::{Place, append, at, job, opened};
use jieti_domain::conversation::Customer;
use jieti_domain::id::{ConversationId, StaffId};
use jieti_domain::service::ServiceRules;
use jieti_domain::ticket::{
    Actor, Opening, Priority, StoredTicketEvent, Ticket, TicketEvent, TicketForm, TicketRules, TicketState, card as ticket_card,
};
use jieti_domain::understanding::Lang;
use jieti_store::{Append, News, TicketFilter, TicketStep, WriteError};

store_suite!(
    a_ticket_is_its_events_and_an_act_is_stored_once,
    a_ticket_that_has_moved_on_is_a_conflict_and_changes_nothing,
    tickets_are_listed_by_deadline_and_filtered,
    what_a_customer_is_to_be_told_waits_until_it_is_told,
    tickets_of_before_the_event_table_keep_their_story,
);

fn ticket_opened(id: &str, department: &str, promised_by: i64) -> StoredTicketEvent {
    let form = TicketForm {
        category: "other".to_owned(),
        priority: Priority::Normal,
        title: "多扣款".to_owned(),
        summary: "客户原话：多扣了 ' \" $1 ?1".to_owned(),
        need: Some("complaints.fee".into()),
        cause: None,
        department: department.to_owned(),
        loan: None,
        sums: Vec::new(),
        dates: Vec::new(),
        promises: Vec::new(),
        evidence: Vec::new(),
        about: Vec::new(),
    };
    let opening = Opening {
        id: id.into(),
        conversation: "cv".into(),
        customer: Customer { id: "c1".into(), name: None, signed_in: true },
        lang: Lang::ZhCn,
        form,
        opened_by: Actor::System,
        promised_by: at(promised_by),
        targets: None,
        complaint_since: None,
        split_from: None,
    };
    let event = TicketEvent::Opened { opening: Box::new(opening) };
    StoredTicketEvent { seq: 1, at: at(5), by: Actor::System, event }
}

fn agent() -> Actor {
    Actor::Staff { staff: StaffId::from("agent"), name: "林".to_owned() }
}

/// The step that adds the last of these events.
fn ticket_step(events: &[StoredTicketEvent], external_id: Option<&str>) -> TicketStep {
    let ticket = Ticket::fold(events.iter().cloned(), &TicketRules::default()).expect("begins with its opening");
    TicketStep {
        events: events.last().into_iter().cloned().collect(),
        external_id: external_id.map(str::to_owned),
        card: ticket_card(&ticket, &ServiceRules::default(), at(9)),
        jobs: Vec::new(),
        news: Vec::new(),
    }
}

fn resolved(seq: u64, answer: &str) -> StoredTicketEvent {
    StoredTicketEvent { seq, at: at(9), by: agent(), event: TicketEvent::Resolved { answer: answer.to_owned() } }
}

async fn a_ticket_is_its_events_and_an_act_is_stored_once(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let events = [ticket_opened("T1", "repayment", 50), resolved(2, "退回了多扣的钱")];
    let first = [opened(1)];
    let opening = Append { tickets: vec![ticket_step(&events[..1], None)], ..append(&cv, &first) };
    store.append(opening).await.expect("commits with its conversation");
    store.append_tickets(&[ticket_step(&events, Some("click-1"))], None).await.expect("commits");
    assert_eq!(store.ticket_events(&"T1".into()).await.expect("reads"), events);
    assert!(store.ticket_act_is_stored(&"T1".into(), "click-1").await.expect("reads"));
    assert!(!store.ticket_act_is_stored(&"T1".into(), "click-2").await.expect("reads"));
    let third = [events[0].clone(), events[1].clone(), resolved(3, "again")];
    let twice = store.append_tickets(&[ticket_step(&third, Some("click-1"))], None).await;
    assert!(matches!(twice, Err(WriteError::Conflict)), "{twice:?}");
    let cards = store.tickets(&TicketFilter::default(), 10).await.expect("reads");
    assert_eq!((cards[0].state.as_str(), cards[0].answer.as_deref()), ("resolved", Some("退回了多扣的钱")));
}

async fn a_ticket_that_has_moved_on_is_a_conflict_and_changes_nothing(place: &Place) {
    let store = place.open().await;
    let (one, two) = (ticket_opened("T1", "repayment", 50), ticket_opened("T2", "repayment", 60));
    let steps = [ticket_step(std::slice::from_ref(&one), None), ticket_step(std::slice::from_ref(&two), None)];
    store.append_tickets(&steps, None).await.expect("commits");
    let late = [ticket_step(&[two.clone(), resolved(2, "b")], None), ticket_step(std::slice::from_ref(&one), None)];
    let result = store.append_tickets(&late, None).await;
    assert!(matches!(result, Err(WriteError::Conflict)), "{result:?}");
    assert_eq!(store.ticket_events(&"T2".into()).await.expect("reads"), [two], "both or neither");
}

async fn tickets_are_listed_by_deadline_and_filtered(place: &Place) {
    let store = place.open().await;
    let opened = [("T1", "repayment", 90), ("T2", "legal", 30), ("T3", "legal", 60), ("T4", "legal", 10)];
    for (id, department, promised_by) in opened {
        store.append_tickets(&[ticket_step(&[ticket_opened(id, department, promised_by)], None)], None).await.expect("commits");
    }
    let done = [ticket_opened("T4", "legal", 10), resolved(2, "done")];
    store.append_tickets(&[ticket_step(&done, None)], None).await.expect("commits");
    let list = async |filter: TicketFilter| -> Vec<String> {
        store.tickets(&filter, 10).await.expect("reads").into_iter().map(|t| t.id.0).collect()
    };
    let legal = || Some("legal".to_owned());
    let open = || Some("open".to_owned());
    assert_eq!(list(TicketFilter::default()).await, ["T2", "T3", "T1", "T4"]);
    assert_eq!(list(TicketFilter { department: legal(), state: open(), ..TicketFilter::default() }).await, ["T2", "T3"]);
    assert_eq!(list(TicketFilter { due_before: Some(at(60)), ..TicketFilter::default() }).await, ["T2"]);
    assert_eq!(list(TicketFilter { due_before: Some(at(61)), ..TicketFilter::default() }).await, ["T2", "T3"]);
    assert_eq!(list(TicketFilter { customer: Some("c2".to_owned()), ..TicketFilter::default() }).await, [] as [&str; 0]);
    assert_eq!(list(TicketFilter { assignee: Some("agent".to_owned()), ..TicketFilter::default() }).await, [] as [&str; 0]);
    assert_eq!(store.tickets(&TicketFilter::default(), 1).await.expect("reads").len(), 1);
}

async fn what_a_customer_is_to_be_told_waits_until_it_is_told(place: &Place) {
    let store = place.open().await;
    let events = [ticket_opened("T1", "repayment", 50), resolved(2, "退回了")];
    store.append_tickets(&[ticket_step(&events[..1], None)], None).await.expect("commits");
    let news = News { ticket: "T1".into(), seq: 2, text: "工单 T1 已有答复".to_owned() };
    let step = TicketStep { news: vec![news.clone()], jobs: vec![job("news:T1:2", 9)], ..ticket_step(&events, None) };
    store.append_tickets(&[step], None).await.expect("commits");
    drop(store);
    let store = place.open().await;
    assert_eq!(store.ticket_news(&"c1".into()).await.expect("reads"), std::slice::from_ref(&news));
    assert_eq!(store.ticket_news(&"c2".into()).await.expect("reads"), []);
    assert_eq!(store.due_jobs(at(9), 10).await.expect("reads").len(), 1);
    store.drop_ticket_news(&news).await.expect("commits");
    assert_eq!(store.ticket_news(&"c1".into()).await.expect("reads"), []);
}

async fn tickets_of_before_the_event_table_keep_their_story(place: &Place) {
    drop(place.open().await);
    let customer = r#"{"id":"c1","name":null,"signed_in":true}"#;
    place
        .execute(&format!(
            "insert into ticket (id, conversation, customer, title, department, summary, opened_at, promised_by, state, note, \
             resolved_by, resolved_at) values \
             ('T1', 'cv', '{customer}', '多扣款', 'repayment', '原话', 5, 50, 'open', null, null, null), \
             ('T2', 'cv', '{customer}', '多扣款', 'repayment', '原话', 5, 50, 'resolved', '退回了', 'agent', 9)"
        ))
        .await;
    for _ in 0..2 {
        let store = place.open().await;
        let events = store.ticket_events(&"T2".into()).await.expect("reads");
        let ticket = Ticket::fold(events, &TicketRules::default()).expect("has its opening");
        assert_eq!(ticket.state, TicketState::Resolved { at: at(9), answer: "退回了".to_owned() });
        assert_eq!(ticket.opening.promised_by, at(50));
        let open = TicketFilter { customer: Some("c1".to_owned()), state: Some("open".to_owned()), ..TicketFilter::default() };
        let open = store.tickets(&open, 10).await.expect("reads");
        assert_eq!(open.iter().map(|t| (t.id.as_str(), t.seq)).collect::<Vec<_>>(), [("T1", 1)]);
        drop(store);
    }
}
