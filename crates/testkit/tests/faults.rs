//! Invariant 2 under faults: ten thousand conversations, hundreds of people who hang, vanish, come back and beat twice, and
//! a server that ends in the middle. Nobody is lost, nobody is held by somebody who has gone, and whoever was, waits again
//! within five seconds of the end of the lease. The real engine, on a clock that is moved by hand.

use jieti_domain::conversation::{Channel, Customer, StaffAct, StaffRef};
use jieti_domain::id::{ClientMessageId, ConversationId};
use jieti_domain::tier::Policy;
use jieti_domain::understanding::Lang;
use jieti_engine::{Engine, Inbound, Presence};
use jieti_testkit::{Service, World};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const CONVERSATIONS: usize = 10_000;
const PEOPLE: usize = 300;
/// Chats one person holds at once.
const CAPACITY: usize = 4;
const LEASE_SECS: i64 = 45;
/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(50);
const GLANCE: Duration = Duration::from_millis(20);
const AGENT: Presence = Presence { agent: true, silent_seat: false };

fn person(number: usize) -> StaffRef {
    StaffRef { id: format!("s{number:03}").as_str().into(), name: format!("客服{number}") }
}

struct Hall {
    service: Service,
    /// People whose heartbeats come, by number.
    there: BTreeSet<usize>,
    /// People without a heartbeat, and the seconds since their last one.
    silent: BTreeMap<usize, i64>,
}

impl Hall {
    async fn open(world: &Arc<World>) -> Hall {
        let service = Service::start_in(world, Policy::default()).await.unwrap();
        Hall { service, there: BTreeSet::new(), silent: BTreeMap::new() }
    }

    fn engine(&self) -> &Engine {
        &self.service.engine
    }

    async fn everybody_asks(&self) {
        let mut asking = JoinSet::new();
        for number in 0..CONVERSATIONS {
            let engine = self.engine().clone();
            asking.spawn(async move {
                let customer = Customer { id: format!("c{number}").as_str().into(), name: None, signed_in: true };
                let inbound = Inbound::Say { text: "转人工".to_owned() };
                let id = ClientMessageId::new(format!("m{number}"));
                engine.receive(&customer, Channel::Web, Lang::ZhCn, id, inbound).await.unwrap();
            });
        }
        while let Some(asked) = asking.join_next().await {
            asked.unwrap();
        }
        let engine = self.engine();
        self.until("everybody waits or is served", || engine.cards().iter().all(|c| c.stage != "bot")).await;
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "{what}: never came");
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn comes(&mut self, number: usize) {
        self.silent.remove(&number);
        self.there.insert(number);
        self.engine().set_presence(&person(number), AGENT);
    }

    /// Their browser hangs, their laptop is closed: the server hears nothing more.
    fn falls_silent(&mut self, number: usize) {
        if self.there.remove(&number) {
            self.silent.insert(number, 0);
        }
    }

    /// Moves the clock in steps as small as the promise, with heartbeats (some of them twice), and checks at each.
    async fn pass(&mut self, steps: usize) {
        for step in 0..steps {
            self.service.clock.advance_secs(5);
            self.silent.values_mut().for_each(|secs| *secs += 5);
            for number in &self.there {
                assert!(self.engine().heartbeat(&person(*number).id), "who beats is on duty");
                if number % 7 == step % 7 {
                    self.engine().heartbeat(&person(*number).id);
                }
            }
            self.engine().check_presence().await;
            self.check();
        }
    }

    /// As soon as assignments have settled, every place is taken as long as somebody waits.
    async fn settled(&self) {
        let (engine, there) = (self.engine(), self.there.len());
        self.until("every free place is given", || {
            let cards = engine.cards();
            let waiting = cards.iter().filter(|c| c.stage == "waiting").count();
            let served = cards.iter().filter(|c| self.is_there(c.staff.as_deref())).count();
            waiting == 0 || served == there * CAPACITY
        })
        .await;
    }

    fn is_there(&self, staff: Option<&str>) -> bool {
        staff.is_some_and(|staff| self.there.contains(&number_of(staff)))
    }

    fn check(&self) {
        let now = self.engine().now();
        let mut held: BTreeMap<&str, usize> = BTreeMap::new();
        let cards = self.engine().cards();
        for card in &cards {
            match (card.stage.as_str(), card.staff.as_deref(), card.deadline) {
                ("waiting", None, Some(deadline)) => {
                    assert!(deadline > now.0, "{}: the deadline has passed", card.id);
                    let id = ConversationId::new(card.id.as_str());
                    let on_its_way = self.engine().queue_place(&id).is_none();
                    assert!(!on_its_way || !self.there.is_empty(), "{}: no place in the queue", card.id);
                }
                ("human", Some(owner), None) => {
                    let silent_secs = self.silent.get(&number_of(owner)).copied().unwrap_or(0);
                    assert!(silent_secs < LEASE_SECS + 5, "{}: {owner} has been gone for {silent_secs} s", card.id);
                    *held.entry(owner).or_default() += 1;
                }
                other => panic!("{}: neither an owner nor a deadline: {other:?}", card.id),
            }
        }
        assert!(held.values().all(|count| *count <= CAPACITY), "{held:?}");
    }
}

fn number_of(staff: &str) -> usize {
    staff.trim_start_matches('s').parse().unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn of_ten_thousand_conversations_nobody_is_lost_whoever_fails() {
    let world = World::new().unwrap();
    let first = runtime();
    let (before, there) = first.block_on(async {
        let mut hall = Hall::open(&world).await;
        (0..PEOPLE).for_each(|number| hall.comes(number));
        hall.everybody_asks().await;
        hall.settled().await;
        hall.check();
        assert_eq!(hall.engine().cards().len(), CONVERSATIONS);

        // A third hangs; some of them are back before the lease ends, some after it, some never.
        (0..PEOPLE).filter(|n| n % 3 == 0).for_each(|number| hall.falls_silent(number));
        hall.pass(4).await;
        (0..PEOPLE).filter(|n| n % 9 == 0).for_each(|number| hall.comes(number));
        hall.pass(6).await;
        hall.settled().await;
        (0..PEOPLE).filter(|n| n % 9 == 3).for_each(|number| hall.comes(number));
        hall.settled().await;

        // Some finish what they have; each place goes to the next. A double click closes once.
        let mine: Vec<_> = hall.engine().cards().into_iter().filter(|c| c.stage == "human").step_by(5).collect();
        for card in &mine {
            let staff = person(number_of(card.staff.as_deref().unwrap()));
            let (id, click) = (ConversationId::new(card.id.as_str()), ClientMessageId::new(format!("close-{}", card.id)));
            let close = || StaffAct::Close { wrap_up: None };
            let once = hall.engine().staff_act_once(&id, &staff, &close(), Some(click.clone())).await.unwrap();
            let twice = hall.engine().staff_act_once(&id, &staff, &close(), Some(click)).await.unwrap();
            assert_eq!(once, twice);
        }
        hall.settled().await;
        hall.pass(1).await;
        assert_eq!(hall.engine().cards().len(), CONVERSATIONS - mine.len());
        let names: BTreeSet<String> = hall.engine().cards().iter().map(|c| c.id.clone()).collect();
        (names, hall.there.clone())
    });
    drop(first);

    // The server has ended without a word. Half of the people come back to the next one.
    let second = runtime();
    second.block_on(async {
        let mut hall = Hall::open(&world).await;
        let names: BTreeSet<String> = hall.engine().cards().iter().map(|c| c.id.clone()).collect();
        assert_eq!(names, before, "nobody is lost and nobody is new");
        hall.silent = there.iter().map(|number| (*number, 0)).collect();
        hall.check();
        there.iter().filter(|n| *n % 2 == 0).for_each(|number| hall.comes(*number));
        hall.pass(10).await;
        hall.settled().await;
        hall.check();
        let gone = hall.engine().cards().iter().filter(|c| c.stage == "human").any(|c| !hall.is_there(c.staff.as_deref()));
        assert!(!gone, "whoever has not come back holds nothing");
    });
}
