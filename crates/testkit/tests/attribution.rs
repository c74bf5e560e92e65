//! Attribution in the running service: every conversation that closes, break points, corrections, cases that prove themselves or
//! reopen, proposals that take effect. The real engine on a real store, on a clock that is moved by hand.

use jieti_domain::attribution::{
    Attributed, Attribution, CaseAct, Content, Decided, Kind, Label, Source, Trouble, Weight, china_day, day_start,
};
use jieti_domain::conversation::{Channel, Customer, StaffAct, StaffRef};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId};
use jieti_domain::journey::{BreakKind, BreakPoint, Name, Platform};
use jieti_domain::knowledge::{Cause, CauseKind};
use jieti_domain::money::Fen;
use jieti_domain::tier::Policy;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_engine::{CaseBrief, Inbound};
use jieti_store::{Checkpoint, LogAppend};
use jieti_testkit::{Service, World};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(10);
const DAY_SECS: i64 = 86_400;

fn boss() -> StaffRef {
    StaffRef { id: "boss".into(), name: "周主管".to_owned() }
}

async fn start(world: &Arc<World>) -> Service {
    Service::start_in(world, Policy::default()).await.unwrap()
}

/// A customer asks one thing, and the conversation is closed.
async fn asks(service: &Service, who: &str, text: &str) -> ConversationId {
    let customer = Customer { id: who.into(), name: None, signed_in: true };
    let client_id = ClientMessageId::new(jieti_engine::new_id("m"));
    let inbound = Inbound::Say { text: text.to_owned() };
    let id = service.engine.receive(&customer, Channel::Web, Lang::ZhCn, client_id, inbound).await.unwrap().conversation;
    settle(service, &id).await;
    service.engine.staff_act(&id, &boss(), &StaffAct::Take { seen_owner: None }).await.unwrap();
    service.engine.staff_act(&id, &boss(), &StaffAct::Close { wrap_up: None }).await.unwrap();
    id
}

async fn settle(service: &Service, id: &ConversationId) {
    let deadline = Instant::now() + PATIENCE;
    while let open = service.open_jobs(id).await.unwrap()
        && !open.is_empty()
    {
        assert!(Instant::now() < deadline, "still open: {open:?}");
        tokio::time::sleep(GLANCE).await;
    }
}

async fn attributed(service: &Service) -> Vec<Attributed> {
    service.engine.store().attributions(Timestamp(0), Timestamp(i64::MAX)).await.unwrap()
}

fn stuck(service: &Service, visitor: u32, code: &str, secs_ago: i64) -> BreakPoint {
    let at = service.engine.now().plus_secs(-secs_ago);
    BreakPoint {
        visitor,
        journey: "apply".into(),
        step: "id_upload".into(),
        kind: BreakKind::Errors,
        since: at.plus_secs(-60),
        at,
        code: Some(Name::parse(code).unwrap()),
        platform: Platform::Android,
        version: Some(Name::parse("v5.2.1").unwrap()),
    }
}

async fn report(service: &Service, position: u64, visitors: Vec<(u32, CustomerId)>, breaks: Vec<BreakPoint>) {
    let at = service.engine.now();
    let append = LogAppend { position, at, records: 1, visitors, breaks, ..LogAppend::default() };
    service.engine.store().append_behaviour(&append).await.unwrap();
    // What only the store was told is behind a checkpoint, as after an hour of service.
    service.engine.store().save_checkpoint(Checkpoint { position, ..Checkpoint::default() }).await.unwrap();
}

#[tokio::test]
async fn closed_conversation_is_put_down_to_its_cause_and_shows_on_the_board() {
    let service = start(&World::new().unwrap()).await;
    let id = asks(&service, "c1", "放款多久到账").await;
    settle(&service, &id).await;
    let rows = attributed(&service).await;
    assert_eq!(rows.iter().map(|r| r.trouble.id.clone()).collect::<Vec<_>>(), [format!("contact:{id}")]);
    let attribution = &rows[0].attribution;
    assert_eq!((attribution.label.cause.area.as_str(), attribution.label.owner.as_str()), ("放款时效", "funds"));
    assert_eq!(attribution.decided, Decided::Entry);
    assert!(!attribution.reasons.is_empty());
    let board = service.engine.problem_board(service.engine.now(), 28).await.unwrap();
    let first = &board.problems[0];
    assert_eq!((first.problem.customers, first.problem.cost), (1, Fen(900)));
    let title = service.engine.brain().rules.title(&"disbursement.how_long".into(), Lang::En);
    assert_eq!(first.title.en, format!("Payout time · {title}"));
}

#[test]
fn process_that_dies_before_the_attribution_attributes_after_the_restart_once() {
    // On one thread a started task runs when somebody waits, and nobody waits after the closing is committed.
    let process = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::new().unwrap();
    let first = process();
    let (service, id) = first.block_on(async {
        let service = start(&world).await;
        let id = asks(&service, "c1", "放款多久到账").await;
        (service, id)
    });
    drop(first);
    drop(service);
    process().block_on(async {
        let service = start(&world).await;
        assert_eq!(attributed(&service).await, []);
        assert!(service.open_jobs(&id).await.unwrap().contains(&format!("attribute:{id}")), "committed with the closing");
        for _ in 0..2 {
            service.wait_secs(60).await;
            assert_eq!(attributed(&service).await.len(), 1);
        }
    });
}

#[tokio::test]
async fn break_points_are_attributed_once_however_often_the_sweep_runs_and_the_server_restarts() {
    let world = World::new().unwrap();
    {
        let service = start(&world).await;
        report(&service, 1, vec![(7, "c7".into())], vec![stuck(&service, 7, "blurred", 30), stuck(&service, 7, "E504", 20)])
            .await;
        service.engine.sweep_causes().await.unwrap();
        service.engine.sweep_causes().await.unwrap();
        let owners: Vec<String> = attributed(&service).await.into_iter().map(|r| r.attribution.label.owner).collect();
        assert_eq!(owners, ["product", "product"], "the first rule that fits decides");
    }
    let service = start(&world).await;
    report(&service, 2, vec![], vec![stuck(&service, 7, "blurred", 5)]).await;
    service.engine.sweep_causes().await.unwrap();
    assert_eq!(attributed(&service).await.len(), 3);
    // Who was stuck and then asks is one customer with one problem, seen twice.
    let id = asks(&service, "c7", "身份证照片一直传不上去").await;
    settle(&service, &id).await;
    let contact = attributed(&service).await.into_iter().find(|r| r.trouble.source == Source::Contact).expect("the contact");
    assert_eq!((contact.trouble.place().as_deref(), contact.trouble.customer.as_str()), (Some("apply.id_upload"), "visitor:7"));
    let board = service.engine.problem_board(service.engine.now(), 28).await.unwrap();
    let blurred = board.problems.iter().find(|p| p.problem.key.what.as_deref() == Some("blurred")).expect("on the board");
    assert_eq!((blurred.problem.customers, blurred.problem.contacts, blurred.problem.break_points), (1, 1, 2));
}

#[tokio::test]
async fn correction_on_the_screen_changes_what_comes_later_and_survives_a_restart() {
    let world = World::new().unwrap();
    let label = Label { cause: Cause { kind: CauseKind::Process, area: "App性能".to_owned() }, owner: "it".to_owned() };
    {
        let service = start(&world).await;
        report(&service, 1, vec![], vec![stuck(&service, 7, "blurred", 30)]).await;
        service.engine.sweep_causes().await.unwrap();
        let id = attributed(&service).await[0].trouble.id.clone();
        let nowhere = Label { owner: "no-such-department".to_owned(), ..label.clone() };
        assert!(service.engine.correct_cause(&id, nowhere, &boss()).await.is_err());
        assert!(service.engine.correct_cause("contact:none", label.clone(), &boss()).await.is_err());
        let row = service.engine.correct_cause(&id, label.clone(), &boss()).await.unwrap();
        assert_eq!(row.attribution.decided, Decided::Person { name: "周主管".to_owned() });
    }
    let service = start(&world).await;
    report(&service, 2, vec![], vec![stuck(&service, 8, "blurred", 10)]).await;
    service.engine.sweep_causes().await.unwrap();
    let rows = attributed(&service).await;
    let later = rows.iter().find(|r| r.trouble.customer == "visitor:8").expect("attributed");
    assert_eq!((&later.attribution.label, &later.attribution.decided), (&label, &Decided::Model));
    assert!(later.attribution.reasons[0].zh_cn.contains("同事更正过"), "{:?}", later.attribution.reasons);
}

/// So many customers a day ask one thing, from one day to another.
async fn history(service: &Service, need: &str, area: &str, per_day: impl Fn(i64) -> u64, days: std::ops::Range<i64>) {
    let mut rows = Vec::new();
    for day in days {
        for n in 0..per_day(day) {
            let trouble = Trouble {
                id: format!("contact:{need}-{day}-{n}"),
                source: Source::Contact,
                weight: Weight::Contact,
                at: day_start(day).plus_secs(10 * 3600),
                customer: format!("{need}-{day}-{n}"),
                need: Some(need.into()),
                certainty: 0.9,
                journey: None,
                step: None,
                kind: None,
                code: None,
                platform: None,
                version: None,
                signals: BTreeSet::new(),
                words: "怎么还没到账".to_owned(),
                sum: Fen::ZERO,
            };
            let label = Label { cause: Cause { kind: CauseKind::Process, area: area.to_owned() }, owner: "funds".to_owned() };
            let attribution = Attribution { label, decided: Decided::Entry, confidence: 0.9, reasons: vec![] };
            rows.push(Attributed { trouble, attribution });
        }
    }
    service.engine.store().save_attributions(&rows, None).await.unwrap();
}

const NEED: &str = "disbursement.slow";
const AREA: &str = "放款时效";

async fn slow_payouts(service: &Service) -> String {
    let board = service.engine.problem_board(service.engine.now(), 28).await.unwrap();
    board.problems.iter().find(|p| p.problem.key.area == AREA).expect("on the board").problem.id.clone()
}

#[tokio::test]
async fn case_is_proved_where_contacts_fell_and_reopens_by_itself_where_they_did_not() {
    for (after, want) in [(8_u64, "proved"), (20, "reopened")] {
        let service = start(&World::new().unwrap()).await;
        let today = china_day(service.engine.now());
        history(&service, NEED, AREA, |day| 19 + day.unsigned_abs() % 3, today - 35..today).await;
        history(&service, "repayment.due_amount", "还款查询", |day| 60 + day.unsigned_abs() % 5, today - 35..today + 16).await;
        let problem = slow_payouts(&service).await;
        let brief = CaseBrief::default();
        let case = service.engine.open_case(&problem, &brief, &boss(), "once").await.unwrap().case;
        let again = service.engine.open_case(&problem, &brief, &boss(), "once").await.unwrap().case;
        assert_eq!(case.opening.id, again.opening.id, "sent twice, opened once");
        assert_eq!((case.opening.owner.as_str(), case.opening.target.less_percent), ("funds", 30));
        assert!(case.opening.evidence.customers >= 28 * 19);
        let id = case.opening.id.clone();
        let act = |act, client: &'static str| {
            let (engine, id) = (service.engine.clone(), id.clone());
            async move { engine.act_on_case(&id, &act, &boss(), client, None).await }
        };
        act(CaseAct::Accept { staff: "boss".into(), name: "周主管".to_owned() }, "a1").await.unwrap();
        let live_at = service.engine.now();
        act(CaseAct::Fixed { text: "换了放款通道".to_owned(), live_at }, "a2").await.unwrap();
        history(&service, NEED, AREA, |day| after + day.unsigned_abs() % 3, today..today + 16).await;
        // Six days are too few; nothing happens before its time.
        service.wait_secs(6 * DAY_SECS).await;
        assert_eq!(service.engine.case(&id).await.unwrap().case.state.code(), "fixed");
        service.wait_secs(10 * DAY_SECS).await;
        let view = service.engine.case(&id).await.unwrap();
        assert_eq!(view.case.state.code(), want);
        let words = view.words.expect("it was measured").zh_cn;
        if want == "proved" {
            assert!(words.starts_with("修复后每天咨询少了约") && words.contains("同期其他问题没有明显变化"), "{words}");
        } else {
            assert!(words.contains("没有可靠的变化"), "{words}");
        }
        service.wait_secs(30 * DAY_SECS).await;
        assert_eq!(service.engine.case(&id).await.unwrap().case.seq, view.case.seq, "it is measured once");
    }
}

#[tokio::test]
async fn accepted_proposals_take_effect_and_declined_ones_do_not() {
    let service = start(&World::new().unwrap()).await;
    let engine = &service.engine;
    let visitors = (1..=8).map(|n| (n, CustomerId::new(format!("c{n}")))).collect();
    let breaks = (1..=8).map(|n| stuck(&service, n, "blurred", 30)).collect();
    report(&service, 1, visitors, breaks).await;
    engine.sweep_causes().await.unwrap();
    for n in 1..=8 {
        let id = asks(&service, &format!("c{n}"), "身份证上传失败怎么回事呀").await;
        settle(&service, &id).await;
    }
    let board = engine.problem_board(engine.now(), 28).await.unwrap();
    let problem = board.problems.iter().find(|p| p.problem.customers == 8).expect("eight customers").problem.id.clone();
    let proposals = engine.proposals(&problem).await.unwrap();
    let of = |kind: Kind| proposals.iter().find(|p| p.proposal.content.kind() == kind).map(|p| p.proposal.id.clone());
    let (procedure, banner) = (of(Kind::Procedure).expect("proposed"), of(Kind::Banner).expect("proposed"));
    let need = "application.id_upload_failed".into();
    assert!(engine.procedures(&need).is_empty() && engine.banners(&"c1".into(), Lang::ZhCn).await.unwrap().is_empty());
    engine.decide_proposal(&problem, &procedure, true, None, &boss()).await.unwrap();
    engine.decide_proposal(&problem, &banner, false, None, &boss()).await.unwrap();
    assert_eq!(engine.procedures(&need).len(), 1);
    assert!(engine.banners(&"c1".into(), Lang::ZhCn).await.unwrap().is_empty(), "it was declined");
    let decided = engine.decide_proposal(&problem, &banner, true, None, &boss()).await.unwrap();
    assert!(decided.iter().filter(|p| p.decision.is_some()).count() == 2);
    assert_eq!(engine.banners(&"c1".into(), Lang::ZhCn).await.unwrap().len(), 1);
    assert!(engine.banners(&"c99".into(), Lang::ZhCn).await.unwrap().is_empty(), "nobody else is told");
    if let Some(knowledge) = of(Kind::Knowledge) {
        engine.decide_proposal(&problem, &knowledge, true, None, &boss()).await.unwrap();
        let drafts = engine.store().drafts().await.unwrap();
        assert!(
            drafts.iter().any(|d| d.id == need && d.entry.texts[&Lang::ZhCn].ask.iter().any(|a| a == "身份证上传失败怎么回事呀"))
        );
    }
    let wrong = Content::Knowledge { need: "x".to_owned(), ask: vec![] };
    assert!(engine.decide_proposal(&problem, &banner, true, Some(wrong), &boss()).await.is_err());
}
