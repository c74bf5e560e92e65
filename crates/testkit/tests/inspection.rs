//! Inspection in the running service: every conversation that closes, alarms while it runs, a process that dies in
//! between, reviews, appeals and scorecards. The real engine, on a clock that is moved by hand.

use jieti_domain::conversation::{Channel, Customer, StaffAct, StaffRef};
use jieti_domain::id::{ClientMessageId, ConversationId, StaffId};
use jieti_domain::inspection::{Decision, Party, QueueReason, Refused, Verdict};
use jieti_domain::tier::Policy;
use jieti_domain::understanding::Lang;
use jieti_engine::{Addition, Inbound, InspectionError, ScorecardError};
use jieti_store::{FindingRow, InspectionRow};
use jieti_testkit::{Service, World};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(10);
const FORBIDDEN: &str = "您放心，我们保证下款。";

fn staff(id: &str) -> StaffRef {
    StaffRef { id: id.into(), name: format!("客服{id}") }
}

struct Room {
    service: Service,
}

impl Room {
    async fn open(world: &Arc<World>) -> Room {
        Room { service: Service::start_in(world, Policy::default()).await.unwrap() }
    }

    /// A customer asks, an agent takes over and says these things.
    async fn talk(&self, who: &str, agent: &str, texts: &[&str]) -> ConversationId {
        let customer = Customer { id: who.into(), name: None, signed_in: true };
        let inbound = Inbound::Say { text: "你好".to_owned() };
        let client_id = ClientMessageId::new(jieti_engine::new_id("m"));
        let receipt = self.service.engine.receive(&customer, Channel::Web, Lang::ZhCn, client_id, inbound);
        let id = receipt.await.unwrap().conversation;
        self.settle(&id).await;
        self.act(&id, agent, StaffAct::Take { seen_owner: None }).await;
        for text in texts {
            self.act(&id, agent, StaffAct::Say { text: (*text).to_owned() }).await;
        }
        id
    }

    async fn act(&self, id: &ConversationId, who: &str, act: StaffAct) {
        self.service.engine.staff_act(id, &staff(who), &act).await.unwrap();
    }

    async fn close(&self, id: &ConversationId, who: &str) {
        self.act(id, who, StaffAct::Close { wrap_up: None }).await;
        self.settle(id).await;
    }

    /// Nothing is left to do for this conversation.
    async fn settle(&self, id: &ConversationId) {
        let deadline = Instant::now() + PATIENCE;
        while let open = self.service.open_jobs(id).await.unwrap()
            && !open.is_empty()
        {
            assert!(Instant::now() < deadline, "still open: {open:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn inspection(&self, id: &ConversationId) -> Option<InspectionRow> {
        self.service.engine.store().inspection(id).await.unwrap()
    }

    async fn findings(&self, id: &ConversationId) -> Vec<FindingRow> {
        self.service.engine.store().findings(id).await.unwrap()
    }

    async fn finding(&self, id: &ConversationId, rule: &str) -> FindingRow {
        let all = self.findings(id).await;
        all.into_iter().find(|f| f.finding.rule.as_str() == rule).unwrap_or_else(|| panic!("{rule} is found"))
    }
}

#[tokio::test]
async fn a_closed_conversation_is_inspected_at_once_and_the_forbidden_is_alarmed_while_it_runs() {
    let room = Room::open(&World::new().unwrap()).await;
    let mut alarms = room.service.engine.subscribe_alarms();
    let id = room.talk("c1", "lin", &["您好", FORBIDDEN]).await;
    let alarm = tokio::time::timeout(PATIENCE, alarms.recv()).await.unwrap().unwrap();
    assert_eq!((alarm.conversation.as_str(), alarm.finding.rule.as_str()), (id.as_str(), "no-guarantee"));
    assert_eq!(room.inspection(&id).await, None, "the conversation still runs");
    room.close(&id, "lin").await;
    let inspection = room.inspection(&id).await.expect("inspected");
    assert_eq!((inspection.reason, inspection.critical), (Some(QueueReason::Critical), 1));
    let finding = room.finding(&id, "no-guarantee").await.finding;
    assert_eq!((finding.quote.as_str(), finding.at), (FORBIDDEN, alarm.finding.at));
    assert_eq!((finding.who.party, finding.who.staff), (Party::Person, Some(StaffId::from("lin"))));
    assert_eq!(room.service.engine.store().alarms(jieti_domain::time::Timestamp(0), 9).await.unwrap().len(), 1);
}

#[test]
fn a_process_that_dies_before_the_inspection_inspects_after_the_restart_once() {
    // On one thread a started task runs when somebody waits, and nobody waits after the closing is committed.
    let process = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::new().unwrap();
    let first = process();
    let (room, id) = first.block_on(async {
        let room = Room::open(&world).await;
        let id = room.talk("c1", "lin", &["您好"]).await;
        room.act(&id, "lin", StaffAct::Close { wrap_up: None }).await;
        (room, id)
    });
    drop(first);
    drop(room);
    process().block_on(async {
        let room = Room::open(&world).await;
        assert_eq!(room.inspection(&id).await, None);
        let owed = [format!("attribute:{id}"), format!("inspect:{id}")];
        let mut open = room.service.open_jobs(&id).await.unwrap();
        open.sort();
        assert_eq!(open, owed, "committed with the closing");
        room.service.wait_secs(60).await;
        let inspection = room.inspection(&id).await.expect("within a minute of closing");
        room.service.wait_secs(60).await;
        assert_eq!(room.inspection(&id).await, Some(inspection));
        assert_eq!(room.service.open_jobs(&id).await.unwrap(), [""; 0]);
    });
}

#[tokio::test]
async fn an_accepted_appeal_gives_the_points_back_and_only_the_impartial_decide() {
    let room = Room::open(&World::new().unwrap()).await;
    let id = room.talk("c1", "lin", &["您好", FORBIDDEN, "还有其他可以帮您的吗"]).await;
    room.close(&id, "lin").await;
    let engine = &room.service.engine;
    let finding = room.finding(&id, "no-guarantee").await.id;
    let score = room.inspection(&id).await.unwrap().score;
    assert_eq!(score, 40);
    let own = engine.judge_finding(&finding, &"lin".into(), Verdict::Rejected, None).await;
    assert!(matches!(own, Err(InspectionError::OwnConversation)), "{own:?}");
    engine.judge_finding(&finding, &"boss".into(), Verdict::Confirmed, None).await.unwrap();
    let empty = engine.appeal(&finding, &"lin".into(), " ").await;
    assert!(matches!(empty, Err(InspectionError::Empty { .. })), "{empty:?}");
    engine.appeal(&finding, &"lin".into(), "我说的是还款提醒").await.unwrap();
    let again = engine.appeal(&finding, &"lin".into(), "再说一次").await;
    assert!(matches!(again, Err(InspectionError::Refused(Refused::AppealedAlready))), "{again:?}");
    assert_eq!(room.inspection(&id).await.unwrap().appeals, 1);
    let partial = engine.decide_appeal(&finding, &"boss".into(), Decision::Accepted, None).await;
    assert!(matches!(partial, Err(InspectionError::Refused(Refused::Partial))), "{partial:?}");
    engine.decide_appeal(&finding, &"judge".into(), Decision::Accepted, Some("属实".to_owned())).await.unwrap();
    let after = room.inspection(&id).await.unwrap();
    assert_eq!((after.score, after.machine_score, after.appeals, after.critical), (100, 40, 0, 0));
    let shares = engine.store().shares(&id).await.unwrap();
    assert!(shares.iter().all(|share| share.score == 100), "{shares:?}");
}

#[tokio::test]
async fn a_reviewer_adds_what_was_missed_and_finishing_confirms_the_rest() {
    let room = Room::open(&World::new().unwrap()).await;
    let id = room.talk("c1", "lin", &["您好", FORBIDDEN]).await;
    room.close(&id, "lin").await;
    let engine = &room.service.engine;
    let seq = room.finding(&id, "no-guarantee").await.finding.at;
    let add = |rule: &str, seq| Addition { rule: rule.into(), seq, note: None };
    let unknown = engine.add_finding(&id, &"boss".into(), &add("no-such-rule", seq)).await;
    assert!(matches!(unknown, Err(InspectionError::NoRule(_))), "{unknown:?}");
    let nowhere = engine.add_finding(&id, &"boss".into(), &add("brush-off", 999)).await;
    assert!(matches!(nowhere, Err(InspectionError::NoEvent { .. })), "{nowhere:?}");
    engine.add_finding(&id, &"boss".into(), &add("brush-off", seq)).await.unwrap();
    engine.finish_review(&id, &"boss".into()).await.unwrap();
    let findings = room.findings(&id).await;
    assert!(findings.iter().all(|f| f.verdict == Verdict::Confirmed), "{findings:?}");
    let figures = engine.agreement(jieti_domain::time::Timestamp(0)).await.unwrap();
    let of = |rule: &str| {
        figures.iter().find(|(r, _)| r.as_str() == rule).map(|(_, a)| (a.both, a.machine_only, a.reviewer_only, a.neither))
    };
    assert_eq!(of("no-guarantee"), Some((1, 0, 0, 0)));
    assert_eq!(of("brush-off"), Some((0, 0, 1, 0)));
    assert_eq!(of("rude"), Some((0, 0, 0, 1)));
}

#[tokio::test]
async fn a_card_is_tried_over_history_published_as_a_version_and_survives_a_restart() {
    let world = World::new().unwrap();
    let room = Room::open(&world).await;
    let id = room.talk("c1", "lin", &["您好", FORBIDDEN]).await;
    room.close(&id, "lin").await;
    let engine = &room.service.engine;
    let source = engine.scorecard().expect("the pack has one").source.clone();
    let since = jieti_domain::time::Timestamp(0);
    let stricter = source.replace("          - 保证下款\n", "          - 我们很好\n");
    assert_ne!(stricter, source);
    let trial = engine.try_scorecard(&stricter, since, 100).await.unwrap();
    let rule = trial.rules.iter().find(|r| r.rule.as_str() == "no-guarantee").expect("is on both cards");
    assert_eq!((trial.conversations, rule.before, rule.after, rule.lost.len()), (1, 1, 0, 1));
    assert_eq!(rule.lost[0].finding.quote, FORBIDDEN);
    let broken = source.replace("check:\n      loops: {times: 3}", "check:\n      moonphase: {times: 3}");
    assert_ne!(broken, source);
    for refused in
        [engine.publish_scorecard(&broken, "boss", "").await.map(drop), engine.try_scorecard(&broken, since, 1).await.map(drop)]
    {
        let Err(ScorecardError::Problems { problems }) = refused else { panic!("{refused:?}") };
        assert!(problems[0].contains("moonphase"), "{problems:?}");
    }
    assert_eq!(engine.scorecard().unwrap().version, 0, "the old one goes on");
    assert_eq!(engine.publish_scorecard(&stricter, "boss", "不再查下款").await.unwrap(), 1);
    let after = room.talk("c2", "lin", &["您好", FORBIDDEN]).await;
    room.close(&after, "lin").await;
    let row = room.inspection(&after).await.unwrap();
    assert_eq!((row.version, row.critical), (1, 0));
    assert_eq!(room.inspection(&id).await.unwrap().version, 0, "findings keep their version");
    drop(room);
    let room = Room::open(&world).await;
    assert_eq!(room.service.engine.scorecard().unwrap().version, 1);
}
