//! People: sessions, profiles, reveals, and what the wall and the silent seats' report count.

use super::{Place, append, at, card, opened};
use jieti_domain::conversation::{Event, FlowPhase, StoredEvent};
use jieti_domain::flow::{FlowEnd, FlowRun, Waiting};
use jieti_domain::id::{ConversationId, CustomerId, FlowId, StaffId};
use jieti_domain::learning::{Label, LabelKind};
use jieti_domain::lender::Facts;
use jieti_domain::routing::{Capacity, Profile};
use jieti_store::{Append, EndedWait, NewStaff, RevealRow, SeatHour, WaitEnd, WaitError, WriteError};

store_suite!(
    staff_sessions_expire,
    the_wall_counts_tiers_and_flows,
    a_draft_leaves_one_label_and_hours_count_seats,
    every_reveal_is_on_record,
    profiles_acquaintances_and_waits_are_kept,
);

async fn staff_sessions_expire(place: &Place) {
    let store = place.open().await;
    let staff = NewStaff {
        id: StaffId::from("s1"),
        name: "agent".to_owned(),
        display_name: "林小雨".to_owned(),
        password_hash: "hash".to_owned(),
        roles: vec!["agent".to_owned()],
    };
    store.add_staff(&staff).await.expect("commits");
    let twice = NewStaff { id: StaffId::from("s2"), ..staff.clone() };
    assert!(matches!(store.add_staff(&twice).await, Err(WriteError::Conflict)));
    store.open_session("hash", &staff.id, at(100)).await.expect("commits");
    assert!(store.session_staff("hash", at(99)).await.expect("reads").is_some());
    assert!(store.session_staff("hash", at(100)).await.expect("reads").is_none());
    store.close_session("hash").await.expect("commits");
    assert!(store.session_staff("hash", at(99)).await.expect("reads").is_none());
}

async fn profiles_acquaintances_and_waits_are_kept(place: &Place) {
    let store = place.open().await;
    let (lin, he) = (StaffId::from("lin"), StaffId::from("he"));
    let profile = |chat| Profile { capacity: Capacity { chat, ..Capacity::default() }, ..Profile::default() };
    for (staff, chat) in [(&lin, 2), (&he, 3), (&lin, 5)] {
        store.save_profile(staff, &profile(chat)).await.expect("commits");
    }
    assert_eq!(store.profiles().await.expect("reads"), [(he.clone(), profile(3)), (lin.clone(), profile(5))]);

    let cv = ConversationId::from("cv");
    let card = card("cv", "human");
    let customer = CustomerId::new(card.customer.as_str());
    assert_eq!(store.acquaintance(&customer).await.expect("reads"), None);
    for (seq, staff) in [(1, &lin), (2, &he)] {
        let assigned = Event::Assigned { staff: staff.clone(), name: "x".to_owned() };
        let event = StoredEvent { seq, at: at(seq as i64), event: assigned };
        store.append(Append { card: Some(&card), ..append(&cv, &[event]) }).await.expect("commits");
        assert_eq!(store.acquaintance(&customer).await.expect("reads").as_ref(), Some(staff));
    }

    let wait = |at_secs, estimated_secs, waited_secs, end| EndedWait {
        conversation: cv.clone(),
        queued_at: at(at_secs),
        estimated_secs,
        waited_secs,
        end,
    };
    assert_eq!(store.wait_error(at(0)).await.expect("reads"), WaitError::default());
    for wait in [
        wait(1, Some(10), 40, WaitEnd::Served),
        wait(1, Some(10), 99, WaitEnd::Served),
        wait(2, Some(30), 20, WaitEnd::Served),
        wait(3, None, 500, WaitEnd::Served),
        wait(4, Some(30), 500, WaitEnd::Left),
    ] {
        store.add_wait(&wait).await.expect("commits");
    }
    let error = store.wait_error(at(0)).await.expect("reads");
    assert_eq!(error, WaitError { waits: 2, mean_absolute_secs: 20, bias_secs: 10 });
    assert_eq!(store.wait_error(at(2)).await.expect("reads").bias_secs, -10);
}

async fn the_wall_counts_tiers_and_flows(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let run = FlowRun {
        flow: FlowId::from("repayment-due"),
        step: "done".into(),
        facts: Facts::new(),
        waiting: Waiting::Customer,
        misses: 0,
    };
    let events = [
        opened(1),
        StoredEvent { seq: 2, at: at(12), event: Event::FlowMoved { phase: FlowPhase::Started, run: run.clone() } },
        StoredEvent { seq: 3, at: at(13), event: Event::FlowEnded { run, end: FlowEnd::Solved } },
    ];
    store.append(Append { card: Some(&card("cv", "bot")), ..append(&cv, &events) }).await.expect("commits");
    let wall = store.wall(at(10)).await.expect("reads");
    assert_eq!(wall.tiers.iter().map(|t| (t.key.as_str(), t.count)).collect::<Vec<_>>(), [("bot", 1)]);
    assert_eq!(wall.needs[0].key, "repayment.due_amount");
    assert_eq!((wall.flows[0].started, wall.flows[0].solved), (1, 1));
    assert_eq!((wall.hours[0].hour, wall.hours[0].count), (0, 1));
    assert_eq!(store.wall(at(11)).await.expect("reads").tiers, []);
}

async fn a_draft_leaves_one_label_and_hours_count_seats(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let hour = 3_600_000;
    let label = |draft: &str, staff: &str, settled_at: i64| Label {
        draft: draft.into(),
        conversation: cv.clone(),
        kind: LabelKind::Edited,
        need: "repayment.due_amount".into(),
        question: "这个月还多少".to_owned(),
        proposed: "请看还款计划".to_owned(),
        said: Some("请看「还款计划」".to_owned()),
        reason: None,
        confidence: 0.62,
        staff: Some(staff.into()),
        edits: Some(2),
        proposed_at: at(settled_at - 20),
        held_at: Some(at(settled_at - 10)),
        settled_at: at(settled_at),
    };
    let (first, second) = (label("d1", "zhou", hour), label("d2", "he", hour + 5));
    let events = [opened(1)];
    let labels = vec![&first, &second, &first];
    store.append(Append { labels, card: Some(&card("cv", "bot")), ..append(&cv, &events) }).await.expect("commits");
    assert_eq!(store.labels(at(0), at(2 * hour)).await.expect("reads"), [first, second]);
    assert_eq!(store.labels(at(0), at(hour)).await.expect("reads"), []);
    let hours = store.seat_hours(at(0), at(2 * hour)).await.expect("reads");
    assert_eq!(hours, [SeatHour { hour: 1, conversations: 1, seats: 2 }]);
    assert_eq!(store.count_opened(at(10), at(11)).await.expect("reads"), 1);
}

async fn every_reveal_is_on_record(place: &Place) {
    let store = place.open().await;
    let row = |at_ms: i64, customer: &str| RevealRow {
        at: at(at_ms),
        staff: "lin".into(),
        conversation: "cv".into(),
        customer: customer.into(),
        field: "phone".to_owned(),
        reason: "call back".to_owned(),
    };
    for (at_ms, customer) in [(1, "c1"), (2, "c2"), (3, "c1")] {
        store.record_reveal(&row(at_ms, customer)).await.expect("commits");
    }
    let of_c1 = store.reveals(Some(&CustomerId::from("c1")), 10).await.expect("reads");
    assert_eq!(of_c1, [row(3, "c1"), row(1, "c1")]);
    assert_eq!(store.reveals(None, 2).await.expect("reads").len(), 2);
}
