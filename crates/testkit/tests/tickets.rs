//! Tickets in the running service: opened already filled in, told to the customer, clocks that survive a process that ends,
//! and people who act at the same time. The real engine, on a clock that is moved by hand.

use jieti_domain::conversation::{Channel, Customer, Event, StaffAct, StaffRef};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, TicketId};
use jieti_domain::money::Fen;
use jieti_domain::ticket::{Actor, ClockKind, Escalated, LinkKind, PauseReason, TicketAct, TicketEvent, TicketRefusal};
use jieti_domain::tier::Policy;
use jieti_domain::understanding::Lang;
use jieti_engine::{Inbound, Pair, Presence, TicketError};
use jieti_store::TicketFilter;
use jieti_testkit::{Service, World};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(10);
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn staff(id: &str) -> StaffRef {
    StaffRef { id: id.into(), name: format!("客服{id}") }
}

fn by(id: &str) -> Actor {
    Actor::Staff { staff: id.into(), name: format!("客服{id}") }
}

/// The service with the few moves that these tests are made of.
struct Office {
    service: Service,
}

impl Office {
    async fn open(world: &Arc<World>) -> Office {
        Office { service: Service::start_in(world, Policy::default()).await.unwrap() }
    }

    async fn say(&self, who: &CustomerId, text: &str) -> ConversationId {
        let customer = Customer { id: who.clone(), name: Some("张伟".to_owned()), signed_in: true };
        let inbound = Inbound::Say { text: text.to_owned() };
        let client_id = ClientMessageId::new(jieti_engine::new_id("m"));
        let receipt = self.service.engine.receive(&customer, Channel::Web, Lang::ZhCn, client_id, inbound).await.unwrap();
        self.until("everything is answered", async || self.service.open_jobs(&receipt.conversation).await.unwrap().is_empty())
            .await;
        receipt.conversation
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            assert!(Instant::now() < deadline, "{what}: never came");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Everything the customer was told in a conversation.
    async fn told(&self, id: &ConversationId) -> Vec<String> {
        let events = self.service.engine.store().events(id, 0).await.unwrap();
        let said = events.into_iter().filter_map(|e| match e.event {
            Event::Said { message, .. } => Some(message.text),
            _ => None,
        });
        said.collect()
    }

    async fn until_told(&self, id: &ConversationId, words: &str) {
        self.until(words, async || self.told(id).await.iter().any(|t| t.contains(words))).await;
    }

    async fn only_ticket(&self) -> TicketId {
        let tickets = self.service.engine.store().tickets(&TicketFilter::default(), 9).await.unwrap();
        assert_eq!(tickets.len(), 1);
        tickets[0].id.clone()
    }

    async fn act(&self, who: &str, id: &TicketId, act: TicketAct) -> Result<u64, TicketError> {
        self.service.engine.act_on_ticket(id, &by(who), &act, None, None).await.map(|card| card.seq)
    }

    /// Levels the ticket was escalated to by its clocks, in order.
    async fn rung(&self, id: &TicketId, wanted: ClockKind) -> Vec<Escalated> {
        let (_, events) = self.service.engine.ticket(id).await.unwrap();
        let rung = events.into_iter().filter_map(|e| match e.event {
            TicketEvent::Escalated { level, clock, .. } if clock == Some(wanted) => Some(level),
            _ => None,
        });
        rung.collect()
    }

    async fn days_of(&self, id: &TicketId) -> i64 {
        let (ticket, _) = self.service.engine.ticket(id).await.unwrap();
        ticket.complaint.expect("a complaint").days()
    }
}

/// One process of the platform; ending it ends everything that runs in it.
struct Process {
    runtime: Runtime,
    office: Office,
}

impl Process {
    fn start(world: &Arc<World>) -> Process {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let office = runtime.block_on(Office::open(world));
        Process { runtime, office }
    }

    fn end(self) {
        let Process { runtime, office } = self;
        drop(runtime);
        drop(office);
    }
}

#[test]
fn clocks_and_escalations_survive_a_process_that_ends() {
    let world = World::new().unwrap();
    let process = Process::start(&world);
    // Sunday noon, nobody on duty: the complaint becomes a ticket whose clocks begin on Monday at nine.
    let (id, chat) = process.runtime.block_on(async {
        let chat = process.office.say(&"c1".into(), "我要投诉你们").await;
        let id = process.office.only_ticket().await;
        let (ticket, _) = process.office.service.engine.ticket(&id).await.unwrap();
        assert_eq!((ticket.opening.form.category.as_str(), ticket.department.as_str()), ("complaint", "consumer-protection"));
        (id, chat)
    });
    process.end();

    // Three of its four hours for a first answer are gone on Monday at noon.
    let process = Process::start(&world);
    process.runtime.block_on(async {
        process.office.service.wait_secs(DAY - 1).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await, []);
        process.office.service.wait_secs(1).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await, [Escalated::TeamLead]);
        process
            .office
            .act("lin", &id, TicketAct::Pause { why: PauseReason::Customer, text: "请发流水".to_owned() })
            .await
            .unwrap();
    });
    process.end();

    // Paused over a restart and a day: the alarm of before rings in vain.
    let process = Process::start(&world);
    process.runtime.block_on(async {
        process.office.service.wait_secs(DAY).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await, [Escalated::TeamLead]);
        // The chat had been closed; what is awaited is said at the next contact.
        assert!(process.office.told(&chat).await.iter().all(|t| !t.contains("请发流水")));
        let owed = process.office.service.engine.store().ticket_news(&"c1".into()).await.unwrap();
        assert!(owed.len() == 1 && owed[0].text.contains("请发流水"), "{owed:?}");
        process.office.act("lin", &id, TicketAct::Resume { why: PauseReason::Customer }).await.unwrap();
    });
    process.end();

    // Tuesday noon, one working hour left, and lunch in between: Tuesday at two.
    let process = Process::start(&world);
    process.runtime.block_on(async {
        process.office.service.wait_secs(2 * HOUR - 1).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await, [Escalated::TeamLead]);
        process.office.service.wait_secs(1).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await, [Escalated::TeamLead, Escalated::DepartmentHead]);
        process.office.service.wait_secs(DAY).await;
        assert_eq!(process.office.rung(&id, ClockKind::FirstAnswer).await.len(), 2, "each step once");
    });
    process.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_opened_already_filled_in_and_once() {
    let office = Office::open(&World::new().unwrap()).await;
    let lender = office.service.fresh_lender().await.unwrap();
    let engine = &office.service.engine;
    engine.set_presence(&staff("lin"), Presence { agent: true, silent_seat: false });
    let chat = office.say(&lender.customer("c1002"), "我要投诉，你们多扣了我的钱").await;
    engine.staff_act(&chat, &staff("lin"), &StaffAct::Take { seen_owner: None }).await.unwrap();
    engine.staff_act(&chat, &staff("lin"), &StaffAct::Say { text: "您好。我会在今天下班前给您回电！".to_owned() }).await.unwrap();

    let form = engine.filled_ticket(&chat).await.unwrap();
    assert_eq!(form.category, "complaint");
    assert!(form.loan.is_some(), "the overdue loan: {form:?}");
    assert!(form.sums.iter().any(|s| s.label == "balance" && s.amount_fen > Fen::ZERO), "{:?}", form.sums);
    assert!(form.dates.iter().any(|d| d.label == "next_due_date"), "{:?}", form.dates);
    let promises: Vec<&str> = form.promises.iter().map(|p| p.text.as_str()).collect();
    assert!(promises.contains(&"我会在今天下班前给您回电"), "{promises:?}");
    assert!(form.evidence.iter().any(|e| e.quote.contains("多扣了我的钱")), "{:?}", form.evidence);
    assert!(form.summary.contains("客户原话"), "{}", form.summary);

    let first = engine.open_ticket(&chat, &staff("lin"), form.clone(), "click").await.unwrap();
    let again = engine.open_ticket(&chat, &staff("lin"), form.clone(), "click").await.unwrap();
    assert_eq!(first, again, "a double click opens one");
    let told = office.told(&chat).await;
    assert_eq!(told.iter().filter(|t| t.contains(first.as_str()) && t.contains("前给您答复")).count(), 1, "{told:?}");
    let other = engine.open_ticket(&chat, &staff("lin"), form, "another click").await.unwrap();
    assert_ne!(first, other);
    lender.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_told_at_once_or_at_the_next_contact_and_once() {
    let office = Office::open(&World::new().unwrap()).await;
    let customer = CustomerId::from("c1");
    let chat = office.say(&customer, "转人工").await;
    let id = office.only_ticket().await;
    office.act("lin", &id, TicketAct::Answer { text: "已经在核对".to_owned() }).await.unwrap();
    office.until_told(&chat, "已经在核对").await;

    office.service.wait_secs(DAY).await;
    assert!(!office.service.engine.conversation(&chat).await.unwrap().unwrap().is_open(), "closed by then");
    office.act("lin", &id, TicketAct::Resolve { answer: "多扣的钱已经退回".to_owned() }).await.unwrap();
    let next = office.say(&customer, "自动扣款时间").await;
    assert_ne!(next, chat);
    office.until_told(&next, "多扣的钱已经退回").await;
    office.service.wait_secs(60).await;
    let told = office.told(&next).await;
    assert_eq!(told.iter().filter(|t| t.contains("多扣的钱")).count(), 1, "{told:?}");
    office.until("nothing owed", async || office.service.engine.store().ticket_news(&customer).await.unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_extension_is_in_force_when_the_customer_knows() {
    let office = Office::open(&World::new().unwrap()).await;
    let customer = CustomerId::from("c1");
    office.say(&customer, "我要投诉你们").await;
    let id = office.only_ticket().await;
    office.service.wait_secs(DAY).await;
    let text = || "要与合作方核对".to_owned();
    office.act("lin", &id, TicketAct::MarkComplex { text: text() }).await.unwrap();
    office.act("lin", &id, TicketAct::AskExtension { text: text() }).await.unwrap();
    let own = office.act("lin", &id, TicketAct::ApproveExtension).await;
    assert!(matches!(own, Err(TicketError::Refused(TicketRefusal::SamePerson { .. }))), "{own:?}");
    office.act("boss", &id, TicketAct::ApproveExtension).await.unwrap();
    assert_eq!(office.days_of(&id).await, 30, "the chat is closed: nobody has told the customer");
    let chat = office.say(&customer, "我的投诉怎么样了").await;
    office.until_told(&chat, "延长 30 日").await;
    office.until("in force", async || office.days_of(&id).await == 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_acts_on_what_has_changed_hears_who_changed_it_and_a_double_click_acts_once() {
    let office = Office::open(&World::new().unwrap()).await;
    office.say(&"c1".into(), "转人工").await;
    let id = office.only_ticket().await;
    let engine = &office.service.engine;
    let pause = TicketAct::Pause { why: PauseReason::Customer, text: "流水".to_owned() };
    let first = engine.act_on_ticket(&id, &by("lin"), &pause, Some("click"), Some(1)).await.unwrap();
    let again = engine.act_on_ticket(&id, &by("lin"), &pause, Some("click"), Some(1)).await.unwrap();
    assert_eq!((first.seq, again.seq), (2, 2));
    let resolve = TicketAct::Resolve { answer: "好了".to_owned() };
    let late = engine.act_on_ticket(&id, &by("boss"), &resolve, Some("late"), Some(1)).await;
    match late {
        Err(TicketError::Changed { by, what, .. }) => assert_eq!((by.as_str(), what), ("客服lin", "paused")),
        other => panic!("{other:?}"),
    }
    engine.act_on_ticket(&id, &by("boss"), &resolve, Some("late"), Some(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_supervisors_who_merge_at_once_merge_once() {
    let office = Office::open(&World::new().unwrap()).await;
    let chat = office.say(&"c1".into(), "转人工").await;
    let engine = &office.service.engine;
    let one = office.only_ticket().await;
    let form = engine.filled_ticket(&chat).await.unwrap();
    let two = engine.open_ticket(&chat, &staff("lin"), form.clone(), "second").await.unwrap();
    let merge = |who: &'static str, client: &'static str| {
        let (engine, one, two) = (engine.clone(), one.clone(), two.clone());
        async move { engine.pair_tickets(&one, &two, &Pair::Merge, &by(who), client, None).await }
    };
    let (lin, boss) = tokio::join!(merge("lin", "a"), merge("boss", "b"));
    assert_eq!([&lin, &boss].iter().filter(|r| r.is_ok()).count(), 1, "{lin:?} {boss:?}");
    let (merged, _) = engine.ticket(&one).await.unwrap();
    assert_eq!(engine.ticket_card(&merged).merged_into, Some(two.clone()));
    let (target, _) = engine.ticket(&two).await.unwrap();
    assert_eq!(target.links.iter().map(|l| (&l.to, l.kind)).collect::<Vec<_>>(), [(&one, LinkKind::DuplicatedBy)]);
    let part = engine.split_ticket(&two, &form, &by("lin"), "part").await.unwrap();
    let again = engine.split_ticket(&two, &form, &by("lin"), "part").await.unwrap();
    assert_eq!(part.id, again.id);
}
