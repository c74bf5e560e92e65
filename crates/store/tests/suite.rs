//! One suite, two stores: every claim holds on SQLite and on PostgreSQL.

use jieti_domain::attribution::{
    Attributed, Attribution, CaseEvent, Content, Decided, Label as CauseLabel, Source, StoredCaseEvent, Trouble, Weight,
};
use jieti_domain::conversation::{Channel, Customer, Event, FlowPhase, NeedSeen, StoredEvent};
use jieti_domain::flow::{FlowEnd, FlowRun, Waiting};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, FlowId, NeedId, StaffId};
use jieti_domain::inspection::{Decision, Finding, Party, QueueReason, Responsible, Severity, Share, Verdict};
use jieti_domain::knowledge::{
    Audience, Cause, CauseKind, Entry, EntryText, Gap, GapWhy, Lesson, LessonSource, LessonVerdict, Validity,
};
use jieti_domain::learning::{Label, LabelKind};
use jieti_domain::lender::Facts;
use jieti_domain::routing::{Capacity, Profile};
use jieti_domain::service::ServiceRules;
use jieti_domain::ticket::{
    Actor, Opening, Priority, StoredTicketEvent, Ticket, TicketEvent, TicketForm, TicketRules, TicketState, card as ticket_card,
};
use jieti_domain::tier::Risk;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Localized};
use jieti_store::{
    AlarmRow, Append, CardRow, CaseStep, DecisionRow, EndedWait, EntryVersion, FindingChange, GapRow, GroupDecision, GroupEnd,
    InspectionChange, InspectionFilter, ModelAct, ModelRow, NewInspection, NewJob, NewStaff, News, OpenError, PublicationRow,
    ReadingDay, RevealRow, Review, ScorecardVersion, SeatHour, ShadowRow, Store, StoreUrl, TaughtRows, TestQuestion,
    TicketFilter, TicketStep, WaitEnd, WaitError, WriteError,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

macro_rules! store_suite {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { let place = super::Place::sqlite(); super::$name(&place).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { let place = super::Place::postgres().await; super::$name(&place).await; })+
        }
    };
}

store_suite!(
    events_come_back_in_order_and_after_the_cursor,
    a_taken_place_is_a_conflict_and_changes_nothing,
    a_client_message_is_stored_once,
    a_finished_job_cannot_be_finished_again,
    jobs_fall_due_in_order_and_can_be_put_off,
    what_is_owed_to_a_conversation_is_found_in_order,
    a_second_server_is_kept_out,
    what_is_committed_is_there_after_reopening,
    closed_conversations_leave_the_open_list,
    a_ticket_is_its_events_and_an_act_is_stored_once,
    a_ticket_that_has_moved_on_is_a_conflict_and_changes_nothing,
    tickets_are_listed_by_deadline_and_filtered,
    what_a_customer_is_to_be_told_waits_until_it_is_told,
    tickets_of_before_the_event_table_keep_their_story,
    publishing_makes_versions_and_removes_drafts,
    staff_sessions_expire,
    the_wall_counts_tiers_and_flows,
    a_draft_leaves_one_label_and_hours_count_seats,
    every_reveal_is_on_record,
    profiles_acquaintances_and_waits_are_kept,
    concurrent_writers_never_share_a_place,
    an_inspection_is_stored_once_with_its_job_and_listed_by_what_it_needs,
    a_change_to_an_inspection_that_has_moved_on_is_a_conflict,
    an_alarm_repeated_is_one_alarm_and_scorecards_count_up,
    what_was_attributed_stays_until_a_person_corrects_it,
    a_case_that_has_moved_on_is_a_conflict_and_decisions_replace_each_other,
    a_publication_keeps_what_its_test_said,
    what_a_conversation_teaches_is_stored_once_and_reviewed,
    models_and_what_was_done_to_them_are_kept_in_order,
);

/// A store of its own for one test.
struct Place {
    url: StoreUrl,
    _folder: Option<tempfile::TempDir>,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { url: StoreUrl::Sqlite(folder.path().join("store.db")), _folder: Some(folder) }
    }

    async fn postgres() -> Self {
        let base = std::env::var("JIETI_TEST_POSTGRES")
            .expect("JIETI_TEST_POSTGRES names a PostgreSQL server; `make test` starts one and sets it");
        let (client, connection) =
            tokio_postgres::connect(&format!("{base}/postgres"), tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        let name = format!("t{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        client.batch_execute(&format!("create database {name}")).await.expect("a database of its own");
        Self { url: StoreUrl::Postgres(format!("{base}/{name}")), _folder: None }
    }

    /// Runs a statement past the store.
    async fn execute(&self, sql: &str) {
        match &self.url {
            StoreUrl::Sqlite(path) => {
                rusqlite::Connection::open(path).expect("opens").execute(sql, ()).expect("runs");
            }
            StoreUrl::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
                tokio::spawn(connection);
                client.execute(sql, &[]).await.expect("runs");
            }
        }
    }

    async fn open(&self) -> Store {
        // PostgreSQL gives the lock back when it notices that the last connection has gone.
        for _ in 0..200 {
            match Store::open(&self.url).await {
                Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
                opened => return opened.expect("the store opens"),
            }
        }
        Store::open(&self.url).await.expect("the store opens")
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn opened(seq: u64) -> StoredEvent {
    let customer = Customer { id: "c1".into(), name: Some("张伟".to_owned()), signed_in: true };
    StoredEvent { seq, at: at(1), event: Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn } }
}

fn said(seq: u64, text: &str) -> StoredEvent {
    StoredEvent { seq, at: at(seq as i64), event: Event::CustomerSaid { client_id: text.into(), text: text.to_owned() } }
}

fn card(id: &str, stage: &str) -> CardRow {
    CardRow {
        id: id.to_owned(),
        customer: "c1".to_owned(),
        customer_name: None,
        signed_in: true,
        channel: "web".to_owned(),
        lang: "zh-CN".to_owned(),
        opened_at: 10,
        updated_at: 20,
        seq: 1,
        stage: stage.to_owned(),
        stage_since: 10,
        deadline: Some(99),
        staff: None,
        staff_name: None,
        tier: Some("bot".to_owned()),
        reason: Some(r#"{"why":"greeted"}"#.to_owned()),
        urgent: false,
        need: Some("repayment.due_amount".to_owned()),
        flow: None,
        mood: "{}".to_owned(),
        last_from: None,
        last_text: None,
        last_at: None,
        draft: None,
        side: r#"{"guests":[]}"#.to_owned(),
    }
}

fn append<'a>(conversation: &'a ConversationId, events: &'a [StoredEvent]) -> Append<'a> {
    Append {
        conversation,
        events,
        external_id: None,
        card: None,
        jobs: Vec::new(),
        done: None,
        tickets: Vec::new(),
        labels: Vec::new(),
    }
}

fn job(key: &str, due: i64) -> NewJob {
    NewJob { key: key.to_owned(), conversation: "cv".into(), body: "{}".to_owned(), due_at: at(due) }
}

async fn events_come_back_in_order_and_after_the_cursor(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let events = [opened(1), said(2, "你好"), said(3, "还款 ' \" $1 ?1")];
    store.append(append(&cv, &events)).await.expect("commits");
    assert_eq!(store.events(&cv, 0).await.expect("reads"), events);
    assert_eq!(store.events(&cv, 2).await.expect("reads"), events[2..]);
    assert_eq!(store.events(&"other".into(), 0).await.expect("reads"), []);
}

async fn a_taken_place_is_a_conflict_and_changes_nothing(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(append(&cv, &[opened(1)])).await.expect("commits");
    let late = [said(2, "a"), said(1, "b")];
    let result = store.append(Append { jobs: vec![job("j", 1)], ..append(&cv, &late) }).await;
    assert!(matches!(result, Err(WriteError::Conflict)), "{result:?}");
    assert_eq!(store.events(&cv, 0).await.expect("reads").len(), 1);
    assert_eq!(store.due_jobs(at(100), 10).await.expect("reads"), []);
}

async fn a_client_message_is_stored_once(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let id = ClientMessageId::from("m1");
    store.append(Append { external_id: Some(&id), ..append(&cv, &[opened(1), said(2, "a")]) }).await.expect("commits");
    let again = store.append(Append { external_id: Some(&id), ..append(&cv, &[said(3, "a")]) }).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    assert_eq!(store.client_ids(&cv).await.expect("reads"), [(id.clone(), 2)]);
    store.append(Append { card: Some(&card("cv", "closed")), ..append(&cv, &[said(3, "b")]) }).await.expect("commits");
    assert_eq!(store.find_client_message(&"c1".into(), &id).await.expect("reads"), Some((cv, 2)));
    assert_eq!(store.find_client_message(&"c2".into(), &id).await.expect("reads"), None);
}

async fn a_finished_job_cannot_be_finished_again(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store
        .append(Append { jobs: vec![job("j", 1), job("j", 2)], ..append(&cv, &[opened(1)]) })
        .await
        .expect("a repeated job is one job");
    store.append(Append { done: Some("j"), ..append(&cv, &[said(2, "a")]) }).await.expect("commits");
    let again = store.append(Append { done: Some("j"), ..append(&cv, &[said(3, "b")]) }).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    assert_eq!(store.events(&cv, 0).await.expect("reads").len(), 2);
}

async fn jobs_fall_due_in_order_and_can_be_put_off(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let jobs = vec![job("in:late", 300), job("in:early", 100), job("timer:x", 200)];
    store.append(Append { jobs, ..append(&cv, &[opened(1)]) }).await.expect("commits");
    let keys = |jobs: Vec<jieti_store::Job>| jobs.into_iter().map(|j| j.key).collect::<Vec<_>>();
    assert_eq!(keys(store.due_jobs(at(99), 10).await.expect("reads")), [] as [&str; 0]);
    assert_eq!(keys(store.due_jobs(at(200), 10).await.expect("reads")), ["in:early", "timer:x"]);
    assert_eq!(store.next_due().await.expect("reads"), Some(at(100)));
    store.postpone_job("in:early", at(400), "the lender slept").await.expect("commits");
    store.rush_jobs("in:", at(150)).await.expect("commits");
    let due = store.due_jobs(at(200), 10).await.expect("reads");
    assert_eq!(
        due.iter().map(|j| (j.key.as_str(), j.attempts)).collect::<Vec<_>>(),
        [("in:early", 1), ("in:late", 0), ("timer:x", 0)]
    );
    store.drop_job("timer:x").await.expect("commits");
    assert!(matches!(store.postpone_job("timer:x", at(1), "").await, Err(WriteError::Conflict)));
}

async fn what_is_owed_to_a_conversation_is_found_in_order(place: &Place) {
    let store = place.open().await;
    let (cv, other) = (ConversationId::from("cv"), ConversationId::from("cv-2"));
    // The later message falls due first; its turn comes second all the same.
    let jobs = vec![job("in:cv:00000010", 100), job("in:cv:00000009", 300), job("timer:x", 200)];
    store.append(Append { jobs, ..append(&cv, &[opened(1)]) }).await.expect("commits");
    let jobs = vec![NewJob { conversation: other.clone(), ..job("in:cv-2:00000002", 50) }];
    store.append(Append { jobs, ..append(&other, &[opened(1)]) }).await.expect("commits");
    let keys = |jobs: Vec<jieti_store::Job>| jobs.into_iter().map(|j| j.key).collect::<Vec<_>>();
    assert_eq!(keys(store.jobs_of(&cv).await.expect("reads")), ["in:cv:00000009", "in:cv:00000010", "timer:x"]);
    assert_eq!(keys(store.jobs_of(&other).await.expect("reads")), ["in:cv-2:00000002"]);
}

async fn a_second_server_is_kept_out(place: &Place) {
    let store = place.open().await;
    let second = Store::open(&place.url).await.map(drop);
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    drop(store);
    place.open().await;
}

async fn what_is_committed_is_there_after_reopening(place: &Place) {
    let cv = ConversationId::from("cv");
    let store = place.open().await;
    let epoch = store.epoch().to_owned();
    store.append(Append { card: Some(&card("cv", "waiting")), ..append(&cv, &[opened(1)]) }).await.expect("commits");
    drop(store);
    let store = place.open().await;
    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.events(&cv, 0).await.expect("reads"), [opened(1)]);
    assert_eq!(store.open_cards().await.expect("reads"), [card("cv", "waiting")]);
}

async fn closed_conversations_leave_the_open_list(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(Append { card: Some(&card("cv", "bot")), ..append(&cv, &[opened(1)]) }).await.expect("commits");
    assert_eq!(store.open_conversation(&"c1".into()).await.expect("reads"), Some(cv.clone()));
    store.append(Append { card: Some(&card("cv", "closed")), ..append(&cv, &[said(2, "a")]) }).await.expect("commits");
    assert_eq!(store.open_conversation(&"c1".into()).await.expect("reads"), None);
    assert_eq!(store.open_cards().await.expect("reads"), []);
    assert_eq!(store.closed_cards(5).await.expect("reads").len(), 1);
    assert_eq!(store.cards_of_customer(&"c1".into(), 5).await.expect("reads").len(), 1);
}

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

fn entry(answer: &str) -> Entry {
    let text = Box::new(EntryText {
        title: "还款日".to_owned(),
        ask: vec!["哪天还款".to_owned()],
        answer: answer.to_owned(),
        buttons: Vec::new(),
    });
    Entry {
        id: NeedId::from("repayment.due_date"),
        stage: "repayment".to_owned(),
        risk: Risk::Low,
        cause: Cause { kind: CauseKind::Process, area: "还款".to_owned() },
        owner: "repayment".to_owned(),
        flow: None,
        signed_in: false,
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::from([(Lang::ZhCn, text)]),
    }
}

async fn publishing_makes_versions_and_removes_drafts(place: &Place) {
    let store = place.open().await;
    let id = NeedId::from("repayment.due_date");
    store.save_draft(&entry("一"), "editor", at(1)).await.expect("commits");
    store.save_draft(&entry("二"), "editor", at(2)).await.expect("commits");
    assert_eq!(store.drafts().await.expect("reads").len(), 1);
    store.publish(&[(id.clone(), Some(entry("二")))], "editor", at(3)).await.expect("commits");
    store.publish(&[(id.clone(), Some(entry("三")))], "editor", at(4)).await.expect("commits");
    assert!(store.drafts().await.expect("reads").is_empty());
    let versions: Vec<u64> = store.versions(&id).await.expect("reads").iter().map(|v| v.version).collect();
    assert_eq!(versions, [2, 1]);
    let published = store.published().await.expect("reads");
    assert_eq!(published[0].entry, Some(entry("三")));
    let other = |name: &str| (NeedId::from(name), Some(Entry { id: NeedId::from(name), ..entry("四") }));
    store.publish(&[other("repayment.zebra"), other("repayment.ahead")], "editor", at(5)).await.expect("commits");
    let ids = |versions: Vec<EntryVersion>| versions.into_iter().map(|v| v.id.0).collect::<Vec<_>>();
    assert_eq!(ids(store.published_after(None, 2).await.expect("reads")), ["repayment.ahead", "repayment.due_date"]);
    assert_eq!(ids(store.published_after(Some(&id), 2).await.expect("reads")), ["repayment.zebra"]);
    let gone = |name: &str| (NeedId::from(name), None);
    store.publish(&[gone("repayment.zebra"), gone("repayment.ahead"), (id, None)], "editor", at(6)).await.expect("commits");
    assert!(store.published().await.expect("reads").is_empty());
}

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

async fn concurrent_writers_never_share_a_place(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(append(&cv, &[opened(1)])).await.expect("commits");
    let writers = (0..8).map(|writer| {
        let (store, cv) = (store.clone(), cv.clone());
        tokio::spawn(async move {
            let mut written = 0;
            while written < 10 {
                let next = store.events(&cv, 0).await.expect("reads").len() as u64 + 1;
                match store.append(append(&cv, &[said(next, &format!("{writer}-{written}"))])).await {
                    Ok(()) => written += 1,
                    Err(WriteError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("the writer ends");
    }
    let seqs: Vec<u64> = store.events(&cv, 0).await.expect("reads").iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (1..=81).collect::<Vec<u64>>());
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

fn person() -> Responsible {
    Responsible { party: Party::Person, staff: Some("lin".into()) }
}

fn finding(rule: &str, severity: Severity) -> Finding {
    let why = Localized::new("不能承诺", "do not promise");
    Finding { rule: rule.into(), severity, weight: 40, at: 2, quote: "保证下款".to_owned(), why, who: person() }
}

/// A closed conversation with an inspection of two findings, one critical.
async fn inspected(store: &Store, cv: &ConversationId) {
    let jobs = vec![job(&format!("inspect:{cv}"), 1)];
    store.append(Append { jobs, card: Some(&card(cv.as_str(), "closed")), ..append(cv, &[opened(1)]) }).await.expect("commits");
    let findings = [finding("no-guarantee", Severity::Critical), finding("slow-answer", Severity::Minor)];
    let shares = [Share { who: person(), score: 40 }, Share { who: Responsible::bot(), score: 100 }];
    let new = NewInspection {
        conversation: cv,
        version: 3,
        at: at(100),
        score: 40,
        shares: &shares,
        findings: &findings,
        reason: Some(QueueReason::Critical),
        appeal_until: at(900),
    };
    store.save_inspection(&new, &format!("inspect:{cv}")).await.expect("commits");
    let again = store.save_inspection(&new, &format!("inspect:{cv}")).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
}

async fn an_inspection_is_stored_once_with_its_job_and_listed_by_what_it_needs(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    inspected(&store, &cv).await;
    let row = store.inspection(&cv).await.expect("reads").expect("is stored");
    assert_eq!((row.score, row.machine_score, row.findings, row.critical, row.appeals), (40, 40, 2, 1, 0));
    assert_eq!((row.version, row.customer.as_str(), row.tier.as_deref()), (3, "c1", Some("bot")));
    for (filter, want) in [
        (InspectionFilter::All, 1),
        (InspectionFilter::ToReview, 1),
        (InspectionFilter::Critical, 1),
        (InspectionFilter::Appealed, 0),
    ] {
        assert_eq!(store.inspections(filter.clone(), 9).await.expect("reads").len(), want, "{filter:?}");
    }
    assert_eq!(store.inspections_of(&"lin".into(), 9).await.expect("reads").len(), 1);
    assert_eq!(store.inspections_of(&"other".into(), 9).await.expect("reads"), []);
    let scores = store.scores_since(at(0)).await.expect("reads");
    assert_eq!(
        scores.iter().map(|s| (s.party, s.conversations, s.total)).collect::<Vec<_>>(),
        [(Party::Bot, 1, 100), (Party::Person, 1, 40)]
    );
    assert_eq!(store.scores_since(at(101)).await.expect("reads"), []);
    assert_eq!(store.findings_since(at(100), 9).await.expect("reads").len(), 2);
    assert_eq!(store.closed_since(at(0), 9).await.expect("reads"), [cv]);
}

async fn a_change_to_an_inspection_that_has_moved_on_is_a_conflict(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    inspected(&store, &cv).await;
    let (boss, lin, judge) = (StaffId::from("boss"), StaffId::from("lin"), StaffId::from("judge"));
    let row = store.findings(&cv).await.expect("reads")[0].clone();
    let change =
        |revision, by, change| InspectionChange { conversation: &cv, revision, by, at: at(200), change, score: 50, shares: &[] };
    let judge_it = || FindingChange::Judge {
        id: row.id.clone(),
        verdict: Verdict::Confirmed,
        note: Some("确实".to_owned()),
        appeal_until: at(950),
    };
    store.change_inspection(&change(0, &boss, judge_it())).await.expect("commits");
    let late = store.change_inspection(&change(0, &boss, judge_it())).await;
    assert!(matches!(late, Err(WriteError::Conflict)), "{late:?}");
    store
        .change_inspection(&change(1, &lin, FindingChange::Appeal { id: row.id.clone(), reason: "不是".to_owned() }))
        .await
        .expect("commits");
    assert_eq!(store.inspections(InspectionFilter::Appealed, 9).await.expect("reads").len(), 1);
    let decide = FindingChange::Decide { id: row.id.clone(), decision: Decision::Accepted, note: None };
    store.change_inspection(&change(2, &judge, decide.clone())).await.expect("commits");
    let twice = store.change_inspection(&change(3, &judge, decide)).await;
    assert!(matches!(twice, Err(WriteError::Conflict)), "{twice:?}");
    let now = store.finding(&row.id).await.expect("reads").expect("is there");
    assert!(!now.counts());
    let appeal = now.appeal.expect("was made");
    assert_eq!((now.verdict, now.reviewer, now.appeal_until), (Verdict::Confirmed, Some(boss.clone()), at(950)));
    assert_eq!((appeal.by, appeal.decision, appeal.decided_by), (lin.clone(), Some(Decision::Accepted), Some(judge.clone())));
    store.change_inspection(&change(3, &boss, FindingChange::Finish { appeal_until: at(999) })).await.expect("commits");
    let all = store.findings(&cv).await.expect("reads");
    assert!(all.iter().all(|f| f.verdict == Verdict::Confirmed), "{all:?}");
    let row = store.inspection(&cv).await.expect("reads").expect("is stored");
    assert_eq!((row.findings, row.critical, row.appeals, row.reviewer), (1, 0, 0, Some(boss)));
    assert_eq!(store.reviewed(3, at(0)).await.expect("reads"), [cv.clone()]);
    assert_eq!(store.reviewed(2, at(0)).await.expect("reads"), []);
    assert_eq!(store.inspections(InspectionFilter::ToReview, 9).await.expect("reads"), []);
}

async fn an_alarm_repeated_is_one_alarm_and_scorecards_count_up(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let alarm =
        AlarmRow { conversation: cv.clone(), at: at(7), finding: finding("no-guarantee", Severity::Critical), staff_name: None };
    for n in 0..2 {
        let name = format!("alarm:cv:{n}");
        store.append(Append { jobs: vec![job(&name, 1)], ..append(&cv, &[said(n + 1, &name)]) }).await.expect("commits");
        store.save_alarms(std::slice::from_ref(&alarm), &name).await.expect("commits");
        let again = store.save_alarms(std::slice::from_ref(&alarm), &name).await;
        assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    }
    assert_eq!(store.alarms(at(0), 9).await.expect("reads"), [alarm]);
    assert_eq!(store.alarms(at(8), 9).await.expect("reads"), []);
    let version = |version| ScorecardVersion {
        version,
        at: at(5),
        author: "boss".to_owned(),
        note: "更严".to_owned(),
        source: "title: x".to_owned(),
    };
    for n in [1, 2] {
        store.publish_scorecard(&version(n)).await.expect("commits");
    }
    let taken = store.publish_scorecard(&version(2)).await;
    assert!(matches!(taken, Err(WriteError::Conflict)), "{taken:?}");
    assert_eq!(store.scorecards(1).await.expect("reads"), [version(2)]);
}

fn attributed(id: &str, at: Timestamp, owner: &str) -> Attributed {
    let trouble = Trouble {
        id: id.to_owned(),
        source: Source::Contact,
        weight: Weight::Contact,
        at,
        customer: "c1".to_owned(),
        need: None,
        certainty: 0.0,
        journey: None,
        step: None,
        kind: None,
        code: None,
        platform: None,
        version: None,
        signals: [].into(),
        words: "怎么还没到账".to_owned(),
        sum: jieti_domain::money::Fen::ZERO,
    };
    let label = CauseLabel { cause: Cause { kind: CauseKind::Process, area: "放款".to_owned() }, owner: owner.to_owned() };
    Attributed { trouble, attribution: Attribution { label, decided: Decided::Entry, confidence: 0.5, reasons: vec![] } }
}

async fn what_was_attributed_stays_until_a_person_corrects_it(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(Append { jobs: vec![job("attribute:cv", 1)], ..append(&cv, &[said(1, "a")]) }).await.expect("commits");
    let first = attributed("contact:cv", at(10), "funds");
    store.save_attributions(std::slice::from_ref(&first), Some("attribute:cv")).await.expect("commits");
    let again = store.save_attributions(&[attributed("contact:other", at(20), "it")], Some("attribute:cv")).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "the job is done: {again:?}");
    store.save_attributions(&[attributed("contact:cv", at(10), "it")], None).await.expect("commits");
    assert_eq!(store.attributions(at(0), at(100)).await.expect("reads"), [first.clone()]);
    assert_eq!(store.attributions(at(11), at(100)).await.expect("reads"), []);
    assert_eq!(store.attributed_until(Source::Contact).await.expect("reads"), Some(at(10)));
    assert_eq!(store.attributed_until(Source::Ticket).await.expect("reads"), None);
    assert_eq!(store.cause_labels(9).await.expect("reads"), []);
    let corrected = attributed("contact:cv", at(10), "it");
    store.correct_attribution(&corrected, &"boss".into(), at(30)).await.expect("commits");
    assert_eq!(store.attribution("contact:cv").await.expect("reads"), Some(corrected.clone()));
    assert_eq!(store.cause_labels(9).await.expect("reads"), [(corrected.clone(), corrected.attribution.label)]);
    let others =
        ["contact:a", "contact:b", "contact:cw"].map(|id| attributed(id, at(if id == "contact:cw" { 10 } else { 12 }), "it"));
    store.save_attributions(&others, None).await.expect("commits");
    let mut pages = Vec::new();
    let mut after = (at(9), String::new());
    while let Some(row) = store.attributions_after((after.0, &after.1), at(13), 1).await.expect("reads").into_iter().next() {
        after = (row.trouble.at, row.trouble.id.clone());
        pages.push(row.trouble.id);
    }
    assert_eq!(pages, ["contact:cv", "contact:cw", "contact:a", "contact:b"], "each once, by time and id");
    assert_eq!(store.attributions_after((at(0), ""), at(12), 9).await.expect("reads").len(), 2, "the end is left out");
    let nothing = store.correct_attribution(&attributed("contact:none", at(1), "it"), &"boss".into(), at(30)).await;
    assert!(matches!(nothing, Err(WriteError::Conflict)), "{nothing:?}");
}

async fn a_case_that_has_moved_on_is_a_conflict_and_decisions_replace_each_other(place: &Place) {
    let store = place.open().await;
    let id = "ca-1".into();
    let event = |seq, text: &str| StoredCaseEvent {
        seq,
        at: at(seq as i64),
        by: Actor::System,
        event: CaseEvent::Noted { text: text.to_owned() },
    };
    let step = async |events: &[StoredCaseEvent], external_id| {
        let jobs = vec![job("timer:case", 9)];
        let step = CaseStep { id: &id, problem: "pb-1", owner: "it", state: "open", events, external_id, jobs };
        store.append_case(&step, None).await
    };
    step(&[event(1, "a")], Some("once")).await.expect("commits");
    for taken in [step(&[event(1, "b")], None).await, step(&[event(2, "b")], Some("once")).await] {
        assert!(matches!(taken, Err(WriteError::Conflict)), "{taken:?}");
    }
    assert_eq!(store.case_act("once").await.expect("reads"), Some(id.clone()));
    assert_eq!(store.case_events(&id).await.expect("reads"), [event(1, "a")]);
    assert_eq!(store.case_ids(9).await.expect("reads"), [id.clone()]);
    let decision = |accepted| DecisionRow {
        id: "pb-1.banner".to_owned(),
        problem: "pb-1".to_owned(),
        accepted,
        by: "boss".to_owned(),
        at: at(7),
        content: Content::Knowledge { need: "a.b".to_owned(), ask: vec!["怎么".to_owned()] },
    };
    for accepted in [true, false] {
        store.save_decision(&decision(accepted)).await.expect("commits");
        assert_eq!(store.decisions().await.expect("reads"), [decision(accepted)]);
    }
}

async fn a_publication_keeps_what_its_test_said(place: &Place) {
    let store = place.open().await;
    let id = NeedId::from("repayment.due_date");
    let row = PublicationRow {
        id: "pb1".to_owned(),
        at: at(3),
        author: "editor".to_owned(),
        needs: vec![id.clone()],
        tested: 120,
        broken: 3,
        mended: 1,
        reason: Some("旧问法下周下线".to_owned()),
    };
    store.publish_tested(&[(id.clone(), Some(entry("一")))], "editor", at(3), Some(&row)).await.expect("commits");
    // A record that is there already takes the whole publication with it.
    let twice = store.publish_tested(&[(id.clone(), Some(entry("二")))], "editor", at(4), Some(&row)).await;
    assert!(twice.is_err());
    assert_eq!(store.versions(&id).await.expect("reads").len(), 1);
    assert_eq!(store.publications(9).await.expect("reads"), [row]);

    let question = |expect: Option<&str>| TestQuestion {
        id: "zh.几号还款".to_owned(),
        text: "几号还款".to_owned(),
        lang: Lang::ZhCn,
        expect: expect.map(NeedId::from),
        author: "editor".to_owned(),
        at: at(5),
    };
    store.save_test_question(&question(None)).await.expect("commits");
    store.save_test_question(&question(Some("repayment.due_date"))).await.expect("commits");
    assert_eq!(store.test_questions().await.expect("reads"), [question(Some("repayment.due_date"))]);
    store.drop_test_question("zh.几号还款").await.expect("commits");
    assert_eq!(store.test_questions().await.expect("reads"), []);

    store.leave_conflict("c1", "editor", at(6)).await.expect("commits");
    store.leave_conflict("c1", "other", at(7)).await.expect("commits");
    assert_eq!(store.conflicts_left().await.expect("reads"), ["c1"]);
}

async fn what_a_conversation_teaches_is_stored_once_and_reviewed(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let guess = NeedSeen { need: "a.x".into(), confidence: 0.25 };
    let gap = Gap {
        seq: 2,
        at: at(20),
        lang: Lang::ZhCn,
        text: "能开发票吗".to_owned(),
        why: GapWhy::Person,
        guess: Some(guess),
        answer: Some("可以在我的页面里申请。".to_owned()),
    };
    let row = GapRow { conversation: cv.clone(), gap, group: "cv:2".to_owned() };
    let lesson = Lesson {
        seq: 2,
        at: at(20),
        lang: Lang::ZhCn,
        text: "能开发票吗".to_owned(),
        need: "a.x".into(),
        verdict: LessonVerdict::Good,
        source: LessonSource::Agent,
        answer: None,
    };
    let gaps = [row.clone()];
    let lessons = [lesson.clone(), Lesson { source: LessonSource::ThumbDown, verdict: LessonVerdict::Bad, ..lesson.clone() }];
    let rows = TaughtRows { conversation: &cv, day: 20_000, messages: 3, unsure: 1, gaps: &gaps, lessons: &lessons };
    for _ in 0..2 {
        store.save_taught(&rows).await.expect("commits");
    }
    let other = ConversationId::from("cv2");
    store.save_taught(&TaughtRows { conversation: &other, gaps: &[], lessons: &[], ..rows.clone() }).await.expect("commits");
    assert_eq!(store.gaps(at(20)).await.expect("reads"), [row]);
    assert_eq!(store.gaps(at(21)).await.expect("reads"), []);
    assert_eq!(store.reading_days(20_000, 20_001).await.expect("reads"), [ReadingDay { day: 20_000, messages: 6, unsure: 2 }]);
    assert_eq!(store.reading_days(20_001, 20_009).await.expect("reads"), []);

    let waiting = store.lessons_to_review(9).await.expect("reads");
    assert_eq!(waiting.len(), 2);
    let review = Review { accepted: true, need: "a.y".into(), author: "editor".to_owned(), at: at(30) };
    store.review_lesson(&waiting[0].id, &review).await.expect("commits");
    store.review_lesson(&waiting[1].id, &Review { accepted: false, ..review.clone() }).await.expect("commits");
    let nobody = store.review_lesson("nobody", &review).await;
    assert!(matches!(nobody, Err(WriteError::Conflict)), "{nobody:?}");
    let accepted = store.lessons_accepted().await.expect("reads");
    assert_eq!((accepted.len(), accepted[0].review.clone()), (1, Some(review)));
    assert_eq!(accepted[0].lesson, waiting[0].lesson);
    assert_eq!(store.count_lessons().await.expect("reads"), (0, 1, 1));

    let decided = |decision, messages| GroupDecision {
        group: "cv:2".to_owned(),
        decision,
        messages,
        author: "editor".to_owned(),
        at: at(40),
    };
    store.decide_group(&decided(GroupEnd::Dismissed, 1)).await.expect("commits");
    let accepted = decided(GroupEnd::Accepted { need: "a.x".into() }, 4);
    store.decide_group(&accepted).await.expect("commits");
    assert_eq!(store.group_decisions().await.expect("reads"), [accepted]);
}

async fn models_and_what_was_done_to_them_are_kept_in_order(place: &Place) {
    let act = |name: &str, version| ModelAct {
        at: at(1),
        version,
        act: name.to_owned(),
        author: "editor".to_owned(),
        note: String::new(),
    };
    let model = |version| ModelRow { version, at: at(1), author: "editor".to_owned(), body: "{}".to_owned() };
    let store = place.open().await;
    store.save_model(&model(1), &act("trained", 1)).await.expect("commits");
    assert!(store.save_model(&model(1), &act("trained", 1)).await.is_err(), "a version is one model");
    store.save_model_act(&act("promoted", 1)).await.expect("commits");
    store.save_model(&model(2), &act("trained", 2)).await.expect("commits");
    let differs = ShadowRow {
        version: 2,
        conversation: "cv".into(),
        seq: 4,
        at: at(9),
        text: "能开发票吗".to_owned(),
        live: None,
        shadow: Some(NeedSeen { need: "a.x".into(), confidence: 0.75 }),
    };
    store.save_shadow(2, None).await.expect("commits");
    store.save_shadow(2, Some(&differs)).await.expect("commits");
    drop(store);
    let store = place.open().await;
    let acts: Vec<(String, u64)> = store.model_acts().await.expect("reads").into_iter().map(|a| (a.act, a.version)).collect();
    assert_eq!(acts, [("trained".to_owned(), 1), ("promoted".to_owned(), 1), ("trained".to_owned(), 2)]);
    assert_eq!(store.models(9).await.expect("reads"), [model(2), model(1)]);
    assert_eq!(store.shadow_counts(2).await.expect("reads"), (2, 1));
    assert_eq!(store.shadow_counts(1).await.expect("reads"), (0, 0));
    assert_eq!(store.shadow_readings(2, 9).await.expect("reads"), [differs]);
}
