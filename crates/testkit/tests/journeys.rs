//! Behaviour through the real engine on a clock that is moved by hand: from what an app reports to a break point, an offer of
//! help, a contact that brings its journey along, and surveys; over restarts and failures.

use jieti_domain::conversation::{Channel, Customer, Event};
use jieti_domain::guidance::{Arm, arm_of};
use jieti_domain::id::{ClientMessageId, CustomerId, TriggerId};
use jieti_domain::journey::{Act, BreakKind, Consent, Name, Network, Platform};
use jieti_domain::message::Action;
use jieti_domain::tier::Policy;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_engine::{Engine, GuidanceAct, ImportRow, Inbound, JourneyQuestion, Recorded, Sent, SentAct, StreamName};
use jieti_testkit::{Service, World};
use std::sync::Arc;
use std::time::Duration;

struct App<'a> {
    engine: &'a Engine,
    customer: CustomerId,
    next: u32,
}

fn name(text: &str) -> Option<Name> {
    Some(Name::parse(text).unwrap())
}

impl<'a> App<'a> {
    fn new(engine: &'a Engine, customer: &str) -> Self {
        Self { engine, customer: customer.into(), next: 0 }
    }

    fn batch(&self, first: u32, acts: &[(Act, &str, &str)]) -> Sent {
        let at = self.engine.now().0;
        let act = |(n, (act, page, code)): (u32, &(Act, &str, &str))| SentAct {
            n,
            at,
            act: *act,
            page: if page.is_empty() { None } else { name(page) },
            target: matches!(act, Act::FieldError | Act::RageClick).then(|| name("photo")).flatten(),
            code: if code.is_empty() { None } else { name(code) },
            value: 0,
        };
        Sent {
            customer: self.customer.clone(),
            stream: StreamName::of("one-page-load-of-a-test"),
            sent_at: at,
            consent: Consent::Guidance,
            platform: Platform::Android,
            version: name("5.2.0"),
            network: Network::Cell,
            acts: (first..).zip(acts).map(act).collect(),
        }
    }

    async fn does(&mut self, acts: &[(Act, &str, &str)]) -> Recorded {
        let sent = self.batch(self.next, acts);
        self.next += u32::try_from(acts.len()).unwrap();
        self.engine.record(sent).await.unwrap()
    }
}

const PHOTO_REFUSED: [(Act, &str, &str); 4] = [
    (Act::Page, "apply/id", ""),
    (Act::FieldError, "apply/id", "blurred"),
    (Act::FieldError, "apply/id", "blurred"),
    (Act::FieldError, "apply/id", "blurred"),
];

/// A customer who is shown the trigger's help, and one who is not.
fn one_of_each(trigger: &str) -> (String, String) {
    let trigger = TriggerId::from(trigger);
    let first = |arm: Arm| (0_u32..).find(|visitor| arm_of(&trigger, *visitor, 20) == arm).unwrap();
    // Visitors are numbered in the order in which they come.
    (format!("c{}", first(Arm::Shown)), format!("c{}", first(Arm::Control)))
}

fn everything(engine: &Engine) -> JourneyQuestion {
    let now = engine.now().0;
    JourneyQuestion { from: Timestamp(now - 86_400_000 * 3), to: Timestamp(now + 86_400_000), ..JourneyQuestion::default() }
}

async fn talks(engine: &Engine, customer: &str, text: &str) -> Vec<Event> {
    let customer = Customer { id: customer.into(), name: None, signed_in: false };
    let inbound = Inbound::Say { text: text.to_owned() };
    let receipt = engine.receive(&customer, Channel::App, Lang::ZhCn, ClientMessageId::new("m1"), inbound).await.unwrap();
    let events = engine.store().events(&receipt.conversation, 0).await.unwrap();
    events.into_iter().map(|e| e.event).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_is_stuck_is_offered_help_and_brings_the_journey_along() {
    let service = Service::start().await.unwrap();
    let engine = &service.engine;
    let (shown, control) = one_of_each("id-photo-refused");
    let most = [&shown, &control].map(|c| c[1..].parse::<u32>().unwrap()).into_iter().max().unwrap();
    for number in 0..=most {
        App::new(engine, &format!("c{number}")).does(&[(Act::Page, "home", "")]).await;
    }
    for customer in [&shown, &control] {
        let mut app = App::new(engine, customer);
        app.next = 1;
        assert_eq!(app.does(&PHOTO_REFUSED).await, Recorded { stored: 4, doubled: 0 });
    }
    let offered = engine.guidance_for(&shown.as_str().into());
    assert_eq!(offered.len(), 1, "help is waiting for the one");
    assert!(engine.guidance_for(&control.as_str().into()).is_empty(), "and none for the control group");
    let help = engine.offered(&offered[0], Lang::En).unwrap();
    assert!(help.show.items.is_some() && help.show.title.en.contains("Photo"));
    engine.guidance_act(&shown.as_str().into(), &help.id, GuidanceAct::Shown).await.unwrap();
    assert!(engine.guidance_for(&shown.as_str().into()).is_empty(), "once is enough");
    let not_theirs = engine.guidance_act(&control.as_str().into(), &help.id, GuidanceAct::Clicked).await;
    assert!(not_theirs.is_err());

    let offers = engine.offers(&Customer { id: control.as_str().into(), name: None, signed_in: false }, Lang::ZhCn).await;
    assert_eq!(offers[0].action, Action::Ask { need: "application.id_upload_failed".into() }, "{offers:?}");
    let events = talks(engine, &control, "一直不行").await;
    let Some(Event::Whereabouts { whereabouts }) = events.get(1) else { panic!("{events:?}") };
    assert_eq!(whereabouts.step, Some("id_upload".into()));
    assert_eq!((whereabouts.stuck.as_slice(), whereabouts.code.clone()), ([BreakKind::Errors].as_slice(), name("blurred")));
    assert_eq!(whereabouts.skill, Some("stage.lending".into()));

    let state = engine.triggers().into_iter().find(|t| t.trigger.id.as_str() == "id-photo-refused").unwrap();
    assert_eq!(state.customers, 2);
    assert_eq!((state.experiment.contacts.shown.hits, state.experiment.contacts.control.hits), (0, 1));

    let table = engine.break_table(&everything(engine)).await.unwrap();
    let row = &table[0];
    assert_eq!((row.step.as_str(), row.kind, row.customers, row.contacts), ("id_upload", BreakKind::Errors, 2, 1));
    assert_eq!(row.code.as_deref(), Some("blurred"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_that_makes_customers_ask_more_is_switched_off_by_itself_and_stays_off() {
    let world = World::new().unwrap();
    let service = again(&world).await;
    let id = TriggerId::from("id-photo-refused");
    // The hundredth customer is the first look: before it nobody knows.
    for number in 0..100 {
        let customer = format!("c{number}");
        let engine = &service.engine;
        App::new(engine, &customer).does(&PHOTO_REFUSED).await;
        let offered = engine.guidance_for(&customer.as_str().into());
        assert_eq!(offered.is_empty(), arm_of(&id, number, 20) == Arm::Control, "{customer}");
        if let Some(offer) = offered.first() {
            let help = engine.offered(offer, Lang::ZhCn).unwrap();
            engine.guidance_act(&customer.as_str().into(), &help.id, GuidanceAct::Shown).await.unwrap();
            // These customers are hurt by it on purpose: whoever is shown it has to ask.
            talks(engine, &customer, "一直不行").await;
        }
        if number < 99 {
            engine.watch_guidance().await;
        }
    }
    let state = |engine: &Engine| engine.triggers().into_iter().find(|t| t.trigger.id == id).unwrap();
    assert!(state(&service.engine).trigger.on, "not before the look");
    service.engine.watch_guidance().await;
    let off = state(&service.engine);
    assert_eq!((off.trigger.on, off.version, off.why.as_deref(), off.customers), (false, 1, Some("more_contacts"), 100));
    drop(service);
    let second = again(&world).await;
    assert!(!state(&second.engine).trigger.on, "over a restart too");
    App::new(&second.engine, "c-after").does(&PHOTO_REFUSED).await;
    assert!(second.engine.guidance_for(&"c-after".into()).is_empty());
}

/// A new process, as soon as the last one's tasks have let go of the store.
async fn again(world: &Arc<World>) -> Service {
    for _ in 0..500 {
        if let Ok(service) = Service::start_in(world, Policy::default()).await {
            return service;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the last process never let go of the store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_of_a_dwell_loses_and_doubles_nothing() {
    let world = World::new().unwrap();
    let mut stuck = Vec::new();
    for with_checkpoint in [false, true] {
        let customer = format!("c-restart-{with_checkpoint}");
        let first = again(&world).await;
        let mut app = App::new(&first.engine, &customer);
        app.does(&[(Act::Page, "apply/face", "")]).await;
        if with_checkpoint {
            first.engine.checkpoint_behaviour().await.unwrap();
        }
        first.clock.advance_secs(40);
        first.engine.ring_behaviour().await.unwrap();
        let (next, sent) = (app.next, app.batch(0, &[(Act::Page, "apply/face", "")]));
        drop(first);
        let second = again(&world).await;
        assert_eq!(second.engine.record(sent).await.unwrap(), Recorded { stored: 0, doubled: 1 }, "sent again, known again");
        assert_eq!(second.engine.live_map().stuck.len(), 0);
        // Three times the floor of 25 s, and the grace.
        second.clock.advance_secs(44);
        second.engine.ring_behaviour().await.unwrap();
        let live = second.engine.live_map();
        assert_eq!(live.stuck.len(), 1, "the timer went on where it was");
        assert_eq!((live.stuck[0].kinds.as_slice(), next), ([BreakKind::Dwell].as_slice(), 1));
        let mut app = App { engine: &second.engine, customer: customer.as_str().into(), next };
        app.does(&[(Act::Page, "home", "")]).await;
        stuck = second.engine.store().break_points(Timestamp(0), Timestamp(i64::MAX)).await.unwrap();
        let acts = second.engine.session(stuck.last().unwrap().visitor, second.engine.now()).await.unwrap();
        assert_eq!(acts.len(), 2, "each act once: {acts:?}");
    }
    assert_eq!(stuck.len(), 2, "each break point once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_of_what_changed_make_up_the_whole_crowd() {
    let world = World::new().unwrap();
    let customers: Vec<String> = (0..60).map(|number| format!("c-many-{number}")).collect();
    let rounds = 24;
    let first = again(&world).await;
    for round in 0..rounds {
        let mut visits = tokio::task::JoinSet::new();
        for (_, customer) in customers.iter().enumerate().filter(|(number, _)| number % 6 != 0 || round == 0) {
            let (engine, sent) =
                (first.engine.clone(), App::new(&first.engine, customer).batch(round, &[(Act::Page, "home", "")]));
            visits.spawn(async move { engine.record(sent).await.unwrap() });
        }
        assert!(visits.join_all().await.iter().all(|recorded| *recorded == Recorded { stored: 1, doubled: 0 }));
        first.engine.checkpoint_behaviour().await.unwrap();
    }
    let chunks = first.engine.store().behaviour_state().await.unwrap().memory.len();
    assert!(chunks > 2 && chunks < rounds as usize, "changes are added, and now and then the whole is written anew: {chunks}");
    drop(first);

    let second = again(&world).await;
    for (number, customer) in customers.iter().enumerate() {
        let last = if number % 6 == 0 { 0 } else { rounds - 1 };
        let sent = App::new(&second.engine, customer).batch(last, &[(Act::Page, "home", "")]);
        assert_eq!(second.engine.record(sent).await.unwrap(), Recorded { stored: 0, doubled: 1 }, "{customer} is remembered");
    }
    second.clock.advance_secs(8 * 86_400);
    App::new(&second.engine, "c-other").does(&[(Act::Page, "home", "")]).await;
    second.engine.checkpoint_behaviour().await.unwrap();
    drop(second);

    let third = again(&world).await;
    let sent = App::new(&third.engine, &customers[1]).batch(rounds - 1, &[(Act::Page, "home", "")]);
    assert_eq!(third.engine.record(sent).await.unwrap().stored, 1, "who was forgotten stays forgotten over a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_could_not_be_written_is_taken_when_it_comes_again() {
    let world = World::new().unwrap();
    let service = Service::start_in(&world, Policy::default()).await.unwrap();
    let engine = &service.engine;
    let mut app = App::new(engine, "c-one");
    app.does(&[(Act::Page, "apply", "")]).await;
    // Somebody else takes the next position of the log: the commit fails as a whole.
    // An instant at 0 without visits, as it is kept.
    let taken = jieti_store::LogAppend { position: 2, body: vec![0, 0], ..Default::default() };
    engine.store().append_behaviour(&taken).await.unwrap();
    let sent = app.batch(1, &PHOTO_REFUSED);
    engine.record(sent.clone()).await.expect_err("the position is taken");
    assert_eq!(engine.live_map().stuck.len(), 0, "nothing of it is remembered");
    assert_eq!(engine.record(sent).await.unwrap(), Recorded { stored: 4, doubled: 0 });
    assert_eq!(engine.live_map().stuck.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_imported_once_and_teaches_what_live_customers_are_measured_by() {
    let world = World::new().unwrap();
    let service = again(&world).await;
    let engine = &service.engine;
    let start = engine.now().0 - 2 * 86_400_000;
    let row = |customer: usize, secs: i64, act: Act, page: &str, code: &str| ImportRow {
        customer: CustomerId::new(format!("h{customer}")),
        at: start + secs * 1000,
        platform: Platform::Ios,
        version: name("5.2.0"),
        network: Network::Wifi,
        act,
        page: if page.is_empty() { None } else { name(page) },
        target: None,
        code: if code.is_empty() { None } else { name(code) },
        value: 0,
    };
    let mut file = Vec::new();
    for customer in 0..80 {
        let begin = 60 * i64::try_from(customer).unwrap();
        file.push(row(customer, begin, Act::Page, "apply/id", ""));
        file.push(row(customer, begin + 35, Act::Page, "apply/face", ""));
    }
    // One stays for five minutes and gets in touch.
    file.push(row(99, 0, Act::Page, "apply/id", ""));
    file.push(row(99, 300, Act::Hidden, "apply/id", ""));
    file.push(row(99, 360, Act::Outcome, "", "contacted"));
    let first = engine.import_behaviour(file.clone()).await.unwrap();
    assert_eq!((first.stored, first.doubled), (163, 0));
    assert!(first.breaks >= 1, "{first:?}");
    let repeated = engine.import_behaviour(file).await.unwrap();
    assert_eq!((repeated.stored, repeated.doubled), (0, 163));

    let answer = engine.survey(&everything(engine)).await.unwrap();
    let step = answer.map.find(&"apply".into(), &"id_upload".into()).unwrap();
    let count = &answer.survey.steps[usize::from(step)];
    assert_eq!((count.visitors, count.passed), (81, 80));
    let threshold = engine.thresholds(Some(Platform::Ios), name("5.2.0").as_ref())[usize::from(step)];
    assert!((33_000..38_000).contains(&threshold), "learnt from those who got through: {threshold}");
    let table = engine.break_table(&everything(engine)).await.unwrap();
    let dwell = table.iter().find(|r| r.step == "id_upload" && r.kind == BreakKind::Dwell).unwrap();
    assert_eq!((dwell.customers, dwell.contacts), (1, 1), "{dwell:?}");
    let future = row(1, 3 * 86_400, Act::Page, "apply/id", "");
    assert!(engine.import_behaviour(vec![future]).await.is_err());
    drop(service);
    let restarted = again(&world).await;
    let answer = restarted.engine.survey(&everything(&restarted.engine)).await.unwrap();
    assert_eq!(answer.survey.steps[usize::from(step)].visitors, 81, "customers keep their numbers over a restart");
    let mut newcomer = App::new(&restarted.engine, "c-new");
    newcomer.does(&[(Act::Page, "apply/id", "")]).await;
    let answer = restarted.engine.survey(&everything(&restarted.engine)).await.unwrap();
    assert_eq!(answer.survey.steps[usize::from(step)].visitors, 82, "and nobody else gets one of theirs");
}
