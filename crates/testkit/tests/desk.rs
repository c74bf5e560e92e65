//! People and time: presence, drafts and queues with their deadlines, a process that ends in the middle of everything. The real
//! engine, on a clock that is moved by hand.

use jieti_domain::conversation::{
    Channel, Conversation, Customer, Destination, Event, Speaker, StaffAct, StaffRef, Stage, StoredEvent,
};
use jieti_domain::id::{ClientMessageId, ConversationId, DraftId};
use jieti_domain::message::Action;
use jieti_domain::routing::Level;
use jieti_domain::tier::{Policy, Row, Tier, Unattended, Verdict};
use jieti_domain::understanding::Lang;
use jieti_engine::{Inbound, Presence, StaffError};
use jieti_store::TicketFilter;
use jieti_testkit::{Service, World};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// An agent's presence without a heartbeat is over after this.
const LEASE_SECS: i64 = 45;
/// Drafts go back after this without a heartbeat, or with the console closed.
const HUNG_SECS: i64 = 20;
const RELOAD_SECS: i64 = 5;
/// Chats one agent holds at once.
const CAPACITY: usize = 4;
/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(10);

const AGENT: Presence = Presence { agent: true, silent_seat: false };
const SEAT: Presence = Presence { agent: false, silent_seat: true };

/// Listed questions of the starter pack, so that the bot is sure of them: one of each risk.
const LOW: &str = "自动扣款时间";
const MEDIUM: &str = "还款日遇到节假日";
const HIGH: &str = "有宽限期吗";

/// Medium risk goes to a seat however sure the bot is; everything else is as delivered.
fn watched() -> Policy {
    let policy = Policy::default();
    Policy { medium: Row { sure: Verdict::Draft, unattended: Unattended::Send, ..policy.medium.clone() }, ..policy }
}

fn staff(id: &str) -> StaffRef {
    StaffRef { id: id.into(), name: format!("客服{id}") }
}

fn customer(id: &str) -> Customer {
    Customer { id: id.into(), name: None, signed_in: true }
}

/// The service with the few moves that these tests are made of.
struct Hall {
    service: Service,
}

impl Hall {
    async fn open() -> Hall {
        let world = World::new().unwrap();
        Hall { service: Service::start_in(&world, watched()).await.unwrap() }
    }

    /// Sends a message and waits until it is answered.
    async fn say(&self, who: &str, text: &str) -> ConversationId {
        let id = self.send(who, Inbound::Say { text: text.to_owned() }).await;
        self.settle(&id).await;
        id
    }

    async fn send(&self, who: &str, inbound: Inbound) -> ConversationId {
        let client_id = ClientMessageId::new(jieti_engine::new_id("m"));
        let customer = customer(who);
        let receipt = self.service.engine.receive(&customer, Channel::Web, Lang::ZhCn, client_id, inbound);
        receipt.await.unwrap().conversation
    }

    async fn settle(&self, id: &ConversationId) {
        let deadline = Instant::now() + PATIENCE;
        while let open = self.service.open_jobs(id).await.unwrap()
            && !open.is_empty()
        {
            assert!(Instant::now() < deadline, "still open: {open:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn until(&self, id: &ConversationId, what: &str, holds: impl Fn(&Conversation) -> bool) -> Conversation {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.conversation(id).await;
            if holds(&now) {
                return now;
            }
            assert!(Instant::now() < deadline, "{what}: never came; the stage is {:?}", now.stage);
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn until_with(&self, id: &ConversationId, agent: &str) {
        self.until(id, &format!("assigned to {agent}"), |c| owner(c) == Some(agent)).await;
    }

    async fn conversation(&self, id: &ConversationId) -> Conversation {
        self.service.engine.conversation(id).await.unwrap().unwrap()
    }

    async fn events(&self, id: &ConversationId) -> Vec<StoredEvent> {
        self.service.engine.store().events(id, 0).await.unwrap()
    }

    /// The last thing the customer was told.
    async fn told(&self, id: &ConversationId) -> String {
        let events = self.events(id).await;
        let said = events.iter().rev().find_map(|e| match &e.event {
            Event::Said { message, .. } => Some(message.text.clone()),
            _ => None,
        });
        said.unwrap_or_default()
    }

    fn on_duty(&self, who: &str, presence: Presence) {
        self.service.engine.set_presence(&staff(who), presence);
    }

    async fn act(&self, who: &str, id: &ConversationId, act: StaffAct) -> Result<u64, StaffError> {
        self.service.engine.staff_act(id, &staff(who), &act).await
    }

    /// Moves the clock while these people stay at their desks, and does what has become due.
    async fn pass_secs(&self, secs: i64, there: &[&str]) {
        self.service.clock.advance_secs(secs);
        for who in there {
            self.service.engine.heartbeat(&(*who).into());
        }
        self.service.engine.work_off().await;
        self.service.engine.check_presence().await;
        self.service.engine.close_idle().await;
    }

    /// Fills every place at the agent's desk.
    async fn keep_busy(&self, agent: &str) -> Vec<ConversationId> {
        let mut held = Vec::new();
        for n in 0..CAPACITY {
            let id = self.say(&format!("busy-{n}"), "转人工").await;
            self.until_with(&id, agent).await;
            held.push(id);
        }
        held
    }

    async fn draft(&self, who: &str, question: &str) -> (ConversationId, DraftId) {
        let id = self.say(who, question).await;
        match self.conversation(&id).await.stage {
            Stage::Draft(draft) => (id, draft.id),
            other => panic!("{question}: {other:?}"),
        }
    }
}

fn owner(conversation: &Conversation) -> Option<&str> {
    match &conversation.stage {
        Stage::Human { staff, .. } => Some(staff.as_str()),
        _ => None,
    }
}

fn held_by(conversation: &Conversation) -> Option<&str> {
    match &conversation.stage {
        Stage::Draft(draft) => draft.held_by.as_ref().map(|staff| staff.as_str()),
        other => panic!("no draft: {other:?}"),
    }
}

fn code(refused: Result<u64, StaffError>) -> Option<&'static str> {
    match refused {
        Err(StaffError::Refused(refusal)) => Some(refusal.code()),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    }
}

// ---- presence ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chats_of_an_agent_who_is_gone_go_back_to_the_front_of_the_queue() {
    let hall = Hall::open().await;
    hall.on_duty("lin", AGENT);
    let held = hall.keep_busy("lin").await;
    hall.pass_secs(10, &["lin"]).await;
    let later = hall.say("later", "转人工").await;
    assert_eq!(hall.service.engine.queue_place(&later).map(|p| p.position), Some(1));

    hall.pass_secs(LEASE_SECS - 1, &[]).await;
    assert_eq!(owner(&hall.conversation(&held[0]).await), Some("lin"), "a lease that has a second left holds");
    hall.pass_secs(1, &[]).await;

    let places: Vec<_> = held.iter().map(|id| hall.service.engine.queue_place(id).map(|p| p.position)).collect();
    assert!(places.iter().all(|p| p.is_some_and(|p| p <= CAPACITY as u64)), "{places:?}");
    assert_eq!(hall.service.engine.queue_place(&later).map(|p| p.position), Some(CAPACITY as u64 + 1));
    assert!(hall.told(&held[0]).await.contains("您的位置保留在最前面"));

    let late = hall.act("lin", &held[0], StaffAct::Say { text: "我回来了".to_owned() }).await;
    assert_eq!(code(late), Some("conversation.not_yours"));

    hall.on_duty("he", AGENT);
    for id in &held {
        hall.until_with(id, "he").await;
    }
    assert!(matches!(hall.conversation(&later).await.stage, Stage::Waiting { .. }), "the later one still waits");
    let late = hall.act("lin", &held[0], StaffAct::Say { text: "我回来了".to_owned() }).await;
    assert_eq!(code(late), Some("conversation.not_yours"));
    assert_eq!(code(hall.act("he", &held[0], StaffAct::Say { text: "您好，我接着帮您".to_owned() }).await), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_whose_seat_is_gone_is_free_again() {
    let hall = Hall::open().await;
    for seat in ["zhou", "wu"] {
        hall.on_duty(seat, SEAT);
    }
    let (id, draft) = hall.draft("c1", HIGH).await;
    assert_eq!(code(hall.act("zhou", &id, StaffAct::HoldDraft { draft: draft.clone() }).await), None);
    let send = StaffAct::SendDraft { draft: draft.clone() };
    assert_eq!(code(hall.act("wu", &id, send.clone()).await), Some("draft.held"));

    hall.pass_secs(HUNG_SECS - 1, &["wu"]).await;
    assert_eq!(held_by(&hall.conversation(&id).await), Some("zhou"));
    hall.pass_secs(1, &["wu"]).await;
    assert_eq!(held_by(&hall.conversation(&id).await), None, "hung for a beat and a reload");

    // A reload keeps the draft; a closed console does not.
    let engine = &hall.service.engine;
    let wu = "wu".into();
    engine.console_opened(&wu);
    assert_eq!(code(hall.act("wu", &id, StaffAct::HoldDraft { draft }).await), None);
    engine.console_closed(&wu);
    hall.pass_secs(RELOAD_SECS - 1, &["wu"]).await;
    engine.console_opened(&wu);
    hall.pass_secs(RELOAD_SECS, &["wu"]).await;
    assert_eq!(held_by(&hall.conversation(&id).await), Some("wu"));
    engine.console_closed(&wu);
    hall.pass_secs(RELOAD_SECS, &[]).await;
    assert_eq!(held_by(&hall.conversation(&id).await), None);

    assert_eq!(code(hall.act("wu", &id, send.clone()).await), None);
    assert!(hall.told(&id).await.contains("没有统一的宽限期"));
    assert_eq!(code(hall.act("zhou", &id, send).await), Some("draft.settled"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_agents_who_take_a_chat_at_once_one_has_it() {
    let hall = Hall::open().await;
    hall.on_duty("lin", AGENT);
    hall.keep_busy("lin").await;
    let id = hall.say("c1", "转人工").await;
    let take = StaffAct::Take { seen_owner: None };
    let (first, second) = tokio::join!(hall.act("he", &id, take.clone()), hall.act("wu", &id, take));
    let mut codes = [code(first), code(second)];
    codes.sort_unstable();
    assert_eq!(codes, [None, Some("conversation.taken_first")], "whoever is second is told so");
    let now = hall.conversation(&id).await;
    let (has, lost) = if owner(&now) == Some("he") { ("he", "wu") } else { ("wu", "he") };
    assert_eq!(owner(&now), Some(has));
    let say = StaffAct::Say { text: "您好".to_owned() };
    assert_eq!(code(hall.act(lost, &id, say.clone()).await), Some("conversation.not_yours"));
    assert_eq!(code(hall.act(has, &id, say).await), None);
    let greetings =
        hall.events(&id).await.into_iter().filter(|e| matches!(&e.event, Event::Said { by: Speaker::Agent { .. }, .. }));
    assert_eq!(greetings.count(), 1, "the customer hears one of them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_a_chat_without_being_on_duty_has_a_lease_too() {
    let hall = Hall::open().await;
    let id = hall.say("c1", LOW).await;
    assert_eq!(code(hall.act("he", &id, StaffAct::Take { seen_owner: None }).await), None);
    hall.pass_secs(LEASE_SECS - 1, &[]).await;
    assert_eq!(owner(&hall.conversation(&id).await), Some("he"));
    hall.pass_secs(1, &[]).await;
    assert!(matches!(hall.conversation(&id).await.stage, Stage::Waiting { .. }), "nobody is there");
}

// ---- routing ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_person_gets_it_and_the_search_widens() {
    let hall = Hall::open().await;
    let engine = &hall.service.engine;
    let newcomer = engine.brain().rules.service.routing.newcomer.clone();
    let (mut little, mut none) = (newcomer.clone(), newcomer);
    little.skills.insert("lang.en".into(), Level::LOWEST);
    none.skills.remove(&"lang.en".into());
    engine.set_profile(&"lin".into(), little).await.unwrap();
    engine.set_profile(&"he".into(), none).await.unwrap();
    hall.on_duty("he", AGENT);
    let promised = hall.say("c1", "human").await;
    assert_eq!(hall.conversation(&promised).await.tickets.len(), 1, "nobody on duty speaks English");
    hall.on_duty("lin", AGENT);
    let waits = hall.say("c2", "human").await;
    assert!(matches!(hall.conversation(&waits).await.stage, Stage::Waiting { .. }), "lin speaks too little of it for now");
    let place = engine.queue_place(&waits).unwrap();
    assert_eq!((place.position, place.expected_wait_secs), (1, Some(45)), "two levels less will do after 45 s");
    hall.pass_secs(44, &["lin", "he"]).await;
    engine.route_widened();
    assert_eq!(owner(&hall.conversation(&waits).await), None);
    hall.pass_secs(1, &["lin", "he"]).await;
    engine.route_widened();
    hall.until_with(&waits, "lin").await;

    // Back a second time: lin knows the customer, and has more in hand than he.
    assert_eq!(code(hall.act("lin", &waits, StaffAct::Close { wrap_up: None }).await), None);
    let other = hall.say("c3", "转人工").await;
    hall.until(&other, "somebody", |c| owner(c).is_some()).await;
    let again = hall.say("c2", "转人工").await;
    hall.until_with(&again, "lin").await;
    let deadline = Instant::now() + PATIENCE;
    while engine.wait_error_today().await.unwrap().waits < 3 {
        assert!(Instant::now() < deadline, "the waits were never kept");
        tokio::time::sleep(GLANCE).await;
    }
    let error = engine.wait_error_today().await.unwrap();
    assert_eq!((error.mean_absolute_secs, error.bias_secs), (0, 0), "everybody waited as long as they were told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_and_invitations_go_through_the_same_router() {
    let hall = Hall::open().await;
    let engine = &hall.service.engine;
    let mut expert = engine.brain().rules.service.routing.newcomer.clone();
    expert.skills.insert("stage.repayment".into(), Level::HIGHEST);
    engine.set_profile(&"wu".into(), expert).await.unwrap();
    hall.on_duty("lin", AGENT);
    let id = hall.say("c1", "转人工").await;
    hall.until_with(&id, "lin").await;
    hall.on_duty("he", AGENT);
    hall.on_duty("wu", AGENT);
    let busy = hall.say("c2", "转人工").await;
    hall.until(&busy, "somebody", |c| owner(c).is_some()).await;

    let to = Destination::Staff { staff: "he".into() };
    let transfer = StaffAct::Transfer { to, note: String::new() };
    assert_eq!(code(hall.act("lin", &id, transfer).await), None);
    hall.until_with(&id, "he").await;

    let invite = StaffAct::Invite { to: Destination::Anybody, note: "一起看看".to_owned() };
    assert_eq!(code(hall.act("he", &id, invite).await), None);
    let guest = |c: &Conversation| c.guests.first().map(|guest| guest.staff.0.clone());
    let first = guest(&hall.until(&id, "a guest", |c| guest(c).is_some()).await).unwrap();
    assert_ne!(first, "he", "who is there already is not asked");
    hall.pass_secs(LEASE_SECS - 1, &["he"]).await;
    hall.pass_secs(1, &["he"]).await;
    hall.until(&id, "the guest has gone", |c| guest(c).is_none()).await;
    assert_eq!(owner(&hall.conversation(&id).await), Some("he"), "the customer's own agent is still there");
}

// ---- deadlines ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_nobody_looks_at_is_sent_or_handed_off_by_its_risk() {
    let hall = Hall::open().await;
    hall.on_duty("zhou", SEAT);
    hall.on_duty("lin", AGENT);
    let there = ["zhou", "lin"];
    let (medium, _) = hall.draft("c1", MEDIUM).await;
    let (high, _) = hall.draft("c2", HIGH).await;
    let policy = watched();

    hall.pass_secs(policy.medium.draft_secs - 1, &there).await;
    assert!(matches!(hall.conversation(&medium).await.stage, Stage::Draft(_)), "a second is left");
    hall.pass_secs(1, &there).await;
    assert_eq!(hall.conversation(&medium).await.stage, Stage::Bot);
    assert!(hall.told(&medium).await.contains("周末和节假日不顺延"));

    hall.pass_secs(policy.high.draft_secs - policy.medium.draft_secs - 1, &there).await;
    assert!(matches!(hall.conversation(&high).await.stage, Stage::Draft(_)), "a second is left");
    hall.pass_secs(1, &there).await;
    hall.until_with(&high, "lin").await;
    let events = hall.events(&high).await;
    let answered = events.iter().any(|e| matches!(&e.event, Event::Answered { .. }));
    assert!(!answered, "what nobody has checked is not sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_waited_too_long_gets_a_ticket_and_keeps_the_place() {
    let hall = Hall::open().await;
    hall.on_duty("lin", AGENT);
    hall.keep_busy("lin").await;
    let id = hall.say("c1", "转人工").await;
    let since = match hall.conversation(&id).await.stage {
        Stage::Waiting { since, .. } => since,
        other => panic!("{other:?}"),
    };
    let deadline_secs = watched().queue_deadline_secs;
    for _ in 0..(deadline_secs / 30 - 1) {
        hall.pass_secs(30, &["lin"]).await;
    }
    hall.pass_secs(29, &["lin"]).await;
    assert!(hall.conversation(&id).await.tickets.is_empty(), "a second is left");
    hall.pass_secs(1, &["lin"]).await;

    let now = hall.conversation(&id).await;
    assert!(
        matches!(now.stage, Stage::Waiting { since: s, deadline, .. } if s == since && deadline > hall.service.engine.now()),
        "{:?}",
        now.stage
    );
    assert_eq!(now.tickets.len(), 1);
    let told = hall.told(&id).await;
    assert!(told.contains(now.tickets[0].as_str()) && told.contains("前联系您"), "{told}");
    assert!(!told.contains("没有同事在线"), "somebody is there, but busy: {told}");
    let tickets = hall.service.engine.store().tickets(&TicketFilter::default(), 10).await.unwrap();
    assert_eq!(tickets.iter().filter(|t| t.id == now.tickets[0]).count(), 1);

    // The next deadline makes no second ticket, and everybody gone gives the word back to the bot.
    hall.pass_secs(deadline_secs, &[]).await;
    let now = hall.conversation(&id).await;
    assert_eq!((now.stage, now.tickets.len()), (Stage::Bot, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nobody_on_duty_the_customer_gets_a_promise_and_the_bot_goes_on() {
    let hall = Hall::open().await;
    let id = hall.say("c1", "转人工").await;
    let now = hall.conversation(&id).await;
    assert_eq!((now.stage, now.tickets.len(), now.tier.map(|(tier, _)| tier)), (Stage::Bot, 1, Some(Tier::Human)));
    let told = hall.told(&id).await;
    assert!(told.contains("没有同事在线") && told.contains("前联系您"), "{told}");
    assert_eq!(hall.say("c1", LOW).await, id);
    assert!(hall.told(&id).await.contains("8点起开始自动扣款"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_conversation_is_closed_and_the_next_message_opens_another() {
    let hall = Hall::open().await;
    let first = hall.say("c1", LOW).await;
    let idle_secs = watched().idle_close_minutes * 60;
    hall.pass_secs(idle_secs, &[]).await;
    assert!(hall.conversation(&first).await.is_open());
    hall.pass_secs(1, &[]).await;
    assert!(!hall.conversation(&first).await.is_open());
    let second = hall.say("c1", LOW).await;
    assert_ne!(first, second);
    assert!(hall.told(&second).await.contains("8点起开始自动扣款"));
    assert_eq!(code(hall.act("lin", &first, StaffAct::Take { seen_owner: None }).await), Some("conversation.closed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_again_after_its_conversation_was_closed_is_not_stored_again() {
    let hall = Hall::open().await;
    let id = ClientMessageId::from("sent-twice");
    let send = || {
        let inbound = Inbound::Say { text: LOW.to_owned() };
        let engine = hall.service.engine.clone();
        let id = id.clone();
        async move { engine.receive(&customer("c1"), Channel::Web, Lang::ZhCn, id, inbound).await.unwrap() }
    };
    let first = send().await;
    hall.settle(&first.conversation).await;
    hall.pass_secs(watched().idle_close_minutes * 60 + 1, &[]).await;
    assert!(!hall.conversation(&first.conversation).await.is_open());
    let again = send().await;
    assert_eq!((&again.conversation, again.seq, again.duplicate), (&first.conversation, first.seq, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_need_is_served_before_who_came_earlier() {
    let hall = Hall::open().await;
    hall.on_duty("lin", AGENT);
    let held = hall.keep_busy("lin").await;
    let first = hall.say("c1", "转人工").await;
    hall.pass_secs(20, &["lin"]).await;
    let urgent = hall.say("c2", "我被骗子骗了，钱已经转走了").await;
    assert!(matches!(hall.conversation(&urgent).await.stage, Stage::Waiting { .. }));
    let position = |id| hall.service.engine.queue_place(id).map(|p| p.position);
    assert_eq!((position(&urgent), position(&first)), (Some(1), Some(2)));
    for (chat, next) in [(&held[0], &urgent), (&held[1], &first)] {
        assert_eq!(code(hall.act("lin", chat, StaffAct::Close { wrap_up: None }).await), None);
        hall.until_with(next, "lin").await;
    }
}

// ---- a process that ends ----

/// A process of the platform; dropped, it ends without a word: its tasks are gone and its store is free for the next.
struct Process {
    runtime: tokio::runtime::Runtime,
    hall: Hall,
}

impl Process {
    fn start(world: &std::sync::Arc<World>) -> Process {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let service = runtime.block_on(Service::start_in(world, watched())).unwrap();
        Process { runtime, hall: Hall { service } }
    }

    fn end(self) {
        let Process { runtime, hall } = self;
        drop(runtime);
        drop(hall);
    }
}

#[test]
fn after_a_restart_every_conversation_stands_where_it_stood_and_goes_on() {
    let lenders = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let world = World::new().unwrap();
    let process = Process::start(&world);
    let lender = lenders.block_on(process.hall.service.fresh_lender()).unwrap();
    let name = |id: &str| lender.customer(id).to_string();
    let (asks, confirms) = (name("c1001"), name("c1008"));

    let (before, asked, confirming, drafted, waiting, with_lin) = process.runtime.block_on(async {
        let hall = &process.hall;
        hall.on_duty("lin", AGENT);
        hall.on_duty("zhou", SEAT);
        let with_lin = hall.keep_busy("lin").await;
        let waiting = hall.say("c1", "转人工").await;
        let (drafted, _) = hall.draft("c2", MEDIUM).await;
        let confirming = hall.say(&confirms, "怎么还款").await;
        world.silence_lender(true);
        let asked = hall.send(&asks, Inbound::Say { text: "我这个月要还多少".to_owned() }).await;
        hall.until(&asked, "the lender is asked", |c| c.flow.is_some()).await;
        let mut before = BTreeMap::new();
        for id in with_lin.iter().chain([&waiting, &drafted, &confirming, &asked]) {
            before.insert(id.clone(), hall.conversation(id).await);
        }
        (before, asked, confirming, drafted, waiting, with_lin)
    });
    process.end();

    let process = Process::start(&world);
    process.runtime.block_on(async {
        let hall = &process.hall;
        for (id, was) in &before {
            assert_eq!(hall.conversation(id).await, *was, "a restart changes nothing by itself");
        }
        world.silence_lender(false);
        tokio::spawn(hall.service.engine.clone().run_worker());

        // Awaiting the lender: asked again, with the same key, and answered.
        hall.until(&asked, "the lender's answer", |c| c.flow.is_none()).await;
        let events = hall.events(&asked).await;
        assert!(events.iter().any(|e| matches!(&e.event, Event::LenderAnswered { ok: true, .. })));
        let sums = events.iter().any(|e| matches!(&e.event, Event::Said { message, .. } if message.text.contains("1,079.71")));
        assert!(sums, "{}", hall.told(&asked).await);

        // Before a confirmation: the button that was on the screen still works.
        let run = before[&confirming].flow.clone().expect("the flow stands at its confirmation");
        let yes = Action::Choose { flow: run.flow, step: run.step, value: "yes".to_owned() };
        hall.send(&confirms, Inbound::Press { action: yes, label: "确认还款".to_owned() }).await;
        hall.settle(&confirming).await;
        assert!(
            hall.events(&confirming)
                .await
                .iter()
                .any(|e| matches!(&e.event, Event::LenderAnswered { ok: true, operation, .. } if operation.changes_something()))
        );

        // With a person: theirs when they come back.
        hall.on_duty("lin", AGENT);
        assert_eq!(code(hall.act("lin", &with_lin[0], StaffAct::Say { text: "我在".to_owned() }).await), None);

        // Waiting: served as soon as a place is free.
        assert_eq!(hall.service.engine.queue_place(&waiting).map(|p| p.position), Some(1));
        assert_eq!(code(hall.act("lin", &with_lin[0], StaffAct::Close { wrap_up: None }).await), None);
        hall.until_with(&waiting, "lin").await;

        // A draft: its time runs on.
        hall.service.clock.advance_secs(watched().medium.draft_secs);
        hall.until(&drafted, "the draft's deadline", |c| c.stage == Stage::Bot).await;
        assert!(hall.told(&drafted).await.contains("周末和节假日不顺延"));

        // With a person who has not come back for a lease: in the queue again.
        hall.service.clock.advance_secs(LEASE_SECS);
        hall.until(&with_lin[1], "lin's lease is over", |c| matches!(c.stage, Stage::Waiting { .. })).await;
    });
    process.end();
    lenders.block_on(lender.stop()).unwrap();
}
