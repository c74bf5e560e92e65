//! Knowledge that is published while customers ask, and stays good: answers with an audience and an end, the gate, conflicts, the
//! inbox of gaps, and the next model. The real engine and the sandbox lender, on a clock that is moved by hand.

use jieti_domain::conversation::{Channel, Customer, Event};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, NeedId};
use jieti_domain::knowledge::{Entry, EntryButton, EntryText, Lesson, LessonSource, LessonVerdict, Mend};
use jieti_domain::tier::Policy;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_engine::{BatchLine, Engine, Inbound, KnowledgeError, Override};
use jieti_store::{Review, TaughtRows};
use jieti_testkit::{Service, World};
use std::time::{Duration, Instant};

/// What takes longer will not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(10);

/// The service with the few moves that these tests are made of.
struct Hall {
    service: Service,
}

impl Hall {
    async fn open() -> Hall {
        Hall { service: Service::start().await.unwrap() }
    }

    fn engine(&self) -> &Engine {
        &self.service.engine
    }

    async fn send(&self, customer: &CustomerId, inbound: Inbound) -> ConversationId {
        let client_id = ClientMessageId::new(jieti_engine::new_id("m"));
        let customer = Customer { id: customer.clone(), name: None, signed_in: true };
        let receipt = self.engine().receive(&customer, Channel::Web, Lang::ZhCn, client_id, inbound);
        let id = receipt.await.unwrap().conversation;
        let deadline = Instant::now() + PATIENCE;
        while let open = self.service.open_jobs(&id).await.unwrap()
            && !open.is_empty()
        {
            assert!(Instant::now() < deadline, "still open: {open:?}");
            tokio::time::sleep(GLANCE).await;
        }
        id
    }

    /// Sends a message and gives the last thing said once it is answered.
    async fn ask(&self, customer: &str, text: &str) -> String {
        let id = self.send(&customer.into(), Inbound::Say { text: text.to_owned() }).await;
        let events = self.engine().store().events(&id, 0).await.unwrap();
        let said = events.iter().rev().find_map(|e| match &e.event {
            Event::Said { message, .. } => Some(message.text.clone()),
            _ => None,
        });
        said.unwrap_or_default()
    }

    /// Everybody goes quiet; what follows from a closed conversation is done.
    async fn close_all(&self) {
        self.service.wait_secs(Policy::default().idle_close_minutes * 60 + 60).await;
        let deadline = Instant::now() + PATIENCE;
        let open = async || {
            let jobs = self.engine().store().due_jobs(Timestamp(i64::MAX), 9999).await.unwrap();
            jobs.iter().any(|job| job.key.starts_with("attribute:"))
        };
        while open().await {
            assert!(Instant::now() < deadline, "conversations that closed are still being read");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// A lesson as if a customer's thumb had taught it, accepted by an editor.
    async fn teach(&self, text: &str, need: &NeedId) {
        let lesson = Lesson {
            seq: 2,
            at: self.engine().now(),
            lang: Lang::ZhCn,
            text: text.to_owned(),
            need: need.clone(),
            verdict: LessonVerdict::Good,
            source: LessonSource::ThumbUp,
            answer: None,
        };
        let conversation = ConversationId::new(format!("cv-{text}"));
        let lessons = [lesson];
        let rows = TaughtRows { conversation: &conversation, day: 0, messages: 0, unsure: 0, gaps: &[], lessons: &lessons };
        self.engine().store().save_taught(&rows).await.unwrap();
        let waiting = self.engine().store().lessons_to_review(9).await.unwrap();
        let review = Review { accepted: true, need: need.clone(), author: "tang".to_owned(), at: self.engine().now() };
        self.engine().review_lesson(&waiting[0].id, review).await.unwrap();
    }

    async fn trained(&self) {
        let deadline = Instant::now() + PATIENCE * 3;
        while self.engine().model_state().await.unwrap().training {
            assert!(Instant::now() < deadline, "the model is still being trained");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn shadowed(&self, messages: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.engine().model_state().await.unwrap().shadowed.0 < messages {
            assert!(Instant::now() < deadline, "nothing was read in the shadow");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn publish(&self, entry: &Entry) {
        self.engine().store().save_draft(entry, "tang", self.engine().now()).await.unwrap();
        self.engine().publish(std::slice::from_ref(&entry.id), "tang", None).await.unwrap();
    }
}

fn entry(id: &str, ask: &str, answer: &str) -> Entry {
    let json = serde_json::json!({
        "id": id, "stage": id.split('.').next(), "risk": "low", "owner": "it",
        "cause": {"kind": "operation", "area": "显示"},
        "texts": {"zh-CN": {"title": "夜间模式", "ask": [ask, "屏幕太亮能不能变黑"], "answer": answer}},
    });
    serde_json::from_value(json).unwrap()
}

const NUMERALS: [&str; 5] = ["甲", "乙", "丙", "丁", "戊"];
const ASK: &str = "夜间模式怎么打开";
/// A listed question of the starter pack.
const LISTED: &str = "自动扣款时间";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_question_is_compared_before_and_answered_right_after_it_is_published() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let id = NeedId::from("account.dark_mode");
    let best = |tried: &jieti_engine::Tried| tried.guesses.first().filter(|g| g.confidence >= 0.5).map(|g| g.need.clone());

    assert!(!hall.ask("c1", ASK).await.contains("在设置里打开"));
    engine.store().save_draft(&entry(id.as_str(), ASK, "在设置里打开夜间模式。"), "tang", engine.now()).await.unwrap();
    let line = |text: &str, expect| BatchLine { text: text.to_owned(), expect };
    let rows = engine.batch_test(vec![line(ASK, Some(id.clone())), line(LISTED, None)]).await.unwrap();
    assert_eq!((best(&rows[0].before), best(&rows[0].after)), (None, Some(id.clone())));
    assert_eq!(best(&rows[1].before), best(&rows[1].after), "the rest stays");
    assert_eq!(best(&engine.try_out(ASK, Lang::ZhCn).await), None, "a comparison publishes nothing");

    assert_eq!(engine.publish(std::slice::from_ref(&id), "tang", None).await.unwrap(), 1);
    let said = hall.ask("c1", ASK).await;
    assert!(said.contains("在设置里打开夜间模式。"), "{said}");
    assert!(engine.store().drafts().await.unwrap().is_empty());
    let rows = engine.batch_test(vec![line(ASK, Some(id.clone()))]).await.unwrap();
    assert_eq!(best(&rows[0].before), Some(id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_with_a_problem_changes_nothing() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let good = entry("account.dark_mode", ASK, "在设置里打开。");
    let mut astray = entry("account.big_letters", "字太小了怎么办", "在设置里调。");
    let astray_text: &mut EntryText = astray.texts.get_mut(&Lang::ZhCn).unwrap();
    astray_text.ask.truncate(1);
    astray_text
        .buttons
        .push(EntryButton { label: "去调".to_owned(), open: None, flow: Some("no-such-flow".into()), ask: None });
    let twice = entry("account.bright", LISTED, "一样的问题。");
    let versions = engine.store().published().await.unwrap().len();
    for (wrong, problem) in [(astray, "no-such-flow"), (twice, LISTED)] {
        for draft in [&good, &wrong] {
            engine.store().save_draft(draft, "tang", engine.now()).await.unwrap();
        }
        let refused = engine.publish(&[good.id.clone(), wrong.id.clone()], "tang", None).await;
        match refused {
            Err(KnowledgeError::Problems { problems }) => assert!(problems.iter().any(|p| p.contains(problem)), "{problems:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(engine.store().published().await.unwrap().len(), versions);
        assert!(engine.brain().rules.knowledge.get(&good.id).is_none(), "not even the good one of the two");
        assert_eq!(engine.store().drafts().await.unwrap().len(), 2, "the drafts are there to be mended");
        engine.store().drop_draft(&wrong.id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_follows_what_the_lender_knows_and_ends_with_its_last_day() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let lender = hall.service.fresh_lender().await.unwrap();
    let mut dark = entry("account.dark_mode", ASK, "在设置里打开夜间模式。");
    dark.valid.until = Some(engine.now().china_date());
    let variant = serde_json::json!({
        "name": "还款中", "audience": {"stages": ["repaying"]}, "valid": {"until": "2026-11-22"},
        "texts": {"zh-CN": {"answer": "还款页右上角也能打开夜间模式。"}},
    });
    dark.variants.push(serde_json::from_value(variant).unwrap());
    hall.publish(&dark).await;

    let borrower = lender.customer("c1001");
    let stranger = lender.customer("nobody-of-the-lender");
    assert_eq!(hall.ask(stranger.as_str(), ASK).await, "在设置里打开夜间模式。");
    assert_eq!(hall.ask(borrower.as_str(), ASK).await, "还款页右上角也能打开夜间模式。");
    hall.service.wait_secs(86_400).await;
    for customer in [stranger, borrower] {
        let told = hall.ask(customer.as_str(), ASK).await;
        assert!(!told.is_empty() && !told.contains("夜间模式"), "the last day is over: {told}");
    }
    lender.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_version_becomes_the_draft_again() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let id = NeedId::from("account.dark_mode");
    for answer in ["第一版。", "第二版。"] {
        hall.publish(&entry(id.as_str(), ASK, answer)).await;
    }
    engine.draft_version(&id, 1, "tang").await.unwrap();
    let answer = |entry: &Entry| entry.texts[&Lang::ZhCn].answer.clone();
    assert_eq!(answer(&engine.store().drafts().await.unwrap()[0].entry), "第一版。");
    assert_eq!(answer(engine.brain().rules.knowledge.get(&id).unwrap()), "第二版。", "customers get it when it is published");
    engine.publish(std::slice::from_ref(&id), "tang", None).await.unwrap();
    assert_eq!(answer(engine.brain().rules.knowledge.get(&id).unwrap()), "第一版。");
    assert!(matches!(engine.draft_version(&id, 9, "tang").await, Err(KnowledgeError::NoVersion { version: 9, .. })));
}

/// An entry of which there may be thousands.
fn of_product(number: u32) -> Entry {
    let name: String = [0x4e00 + 7 * number, 0x7000 + 5 * number].into_iter().filter_map(char::from_u32).collect();
    let mut entry = entry(&format!("product.n{number}"), &format!("怎么办{name}"), &format!("{name}在首页办理。"));
    let text = entry.texts.get_mut(&Lang::ZhCn).unwrap();
    text.title = name.clone();
    let ways = ["怎么办{}", "{}如何申请", "在哪里办{}", "{}需要什么材料", "想问{}的事"];
    text.ask = ways.iter().map(|way| way.replace("{}", &name)).collect();
    entry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_thousands_of_edits_have_worn_is_built_again_while_others_are_published() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    engine.import((0..1_300).map(of_product).collect(), "tang").await.unwrap();
    let with_more = |number: u32| {
        let mut entry = of_product(number);
        let text = entry.texts.get_mut(&Lang::ZhCn).unwrap();
        text.ask.push(format!("{}夜里能不能用", text.title));
        entry
    };
    assert!(!engine.brain().language.is_worn());
    engine.import((0..350).map(with_more).collect(), "tang").await.unwrap();
    let worn = engine.brain();
    assert!(worn.language.is_worn(), "the edit did not wait for the index");
    hall.publish(&with_more(1_000)).await;
    let edited_are_found = async || {
        for number in [120, 1_000] {
            let tried = engine.try_out(&format!("{}夜里能不能用", of_product(number).texts[&Lang::ZhCn].title), Lang::ZhCn).await;
            assert_eq!(tried.guesses[0].need.as_str(), format!("product.n{number}"));
        }
    };
    edited_are_found().await;
    let deadline = Instant::now() + PATIENCE;
    while engine.brain().language.is_worn() {
        assert!(Instant::now() < deadline, "the index is still worn");
        tokio::time::sleep(GLANCE).await;
    }
    edited_are_found().await;
    assert_eq!(engine.brain().rules.knowledge.get(&"product.n1000".into()), Some(&with_more(1_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_thousands_of_questions_what_a_change_breaks_is_found_by_reading_those_near_it() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let many: Vec<Entry> = (0..1_300).map(of_product).collect();
    engine.import(many.clone(), "tang").await.unwrap();
    // An entry that takes the questions of others away from them.
    let asked = |entry: &Entry| entry.texts[&Lang::ZhCn].ask.clone();
    let victims: Vec<&Entry> = many.iter().step_by(100).collect();
    let mut thief = entry("account.thief", ASK, "不相干的回答。");
    thief.texts.get_mut(&Lang::ZhCn).unwrap().ask =
        victims.iter().flat_map(|victim| asked(victim)).map(|ask| format!("请问{ask}")).collect();
    engine.store().save_draft(&thief, "tang", engine.now()).await.unwrap();

    let report = engine.gate(std::slice::from_ref(&thief.id)).await.unwrap();
    assert!((1..1_000).contains(&report.tested), "{} tested", report.tested);
    assert!(!report.broken.is_empty(), "{report:?}");
    for line in &report.broken {
        assert!(victims.iter().any(|victim| Some(&victim.id) == line.expect.as_ref()), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_breaks_more_than_it_mends_is_held_up_unless_an_owner_says_why() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    // An entry that takes the questions of another away from it.
    let victim = engine.brain().rules.knowledge.get(&"contract.download".into()).unwrap().clone();
    let asks = victim.texts[&Lang::ZhCn].ask.clone();
    let mut thief = entry("account.thief", "夜间模式怎么打开", "不相干的回答。");
    let text = thief.texts.get_mut(&Lang::ZhCn).unwrap();
    text.title = victim.texts[&Lang::ZhCn].title.clone();
    text.ask = asks.iter().flat_map(|ask| [format!("{ask}呢"), format!("请问{ask}")]).collect();
    let mut robbed = victim.clone();
    // Its questions are still asked; only what is learnt of them goes.
    robbed.texts.get_mut(&Lang::ZhCn).unwrap().ask.truncate(1);
    let question = |text: &str| jieti_store::TestQuestion {
        id: format!("zh.{text}"),
        text: text.to_owned(),
        lang: Lang::ZhCn,
        expect: Some(victim.id.clone()),
        author: "tang".to_owned(),
        at: engine.now(),
    };
    for ask in asks.iter().skip(1) {
        engine.store().save_test_question(&question(&format!("想问{ask}"))).await.unwrap();
    }
    for draft in [&thief, &robbed] {
        engine.store().save_draft(draft, "tang", engine.now()).await.unwrap();
    }
    // The thief's own questions are not its to win: they are in nobody's interest.
    let ids = [thief.id.clone(), robbed.id.clone()];
    let report = engine.gate(&ids).await.unwrap();
    assert!(report.broken.iter().any(|l| l.expect.as_ref() == Some(&victim.id)), "{report:?}");
    assert_eq!(report.is_blocked(), report.broken.len() > report.mended.len());
    let only = [robbed.id.clone()];
    engine.store().drop_draft(&thief.id).await.unwrap();
    let mut emptied = robbed.clone();
    emptied.texts.get_mut(&Lang::ZhCn).unwrap().ask = vec!["红烧肉怎么做".to_owned()];
    emptied.texts.get_mut(&Lang::ZhCn).unwrap().title = "红烧肉".to_owned();
    emptied.texts.get_mut(&Lang::ZhCn).unwrap().answer = "先焯水。".to_owned();
    engine.store().save_draft(&emptied, "tang", engine.now()).await.unwrap();
    let versions = engine.store().versions(&victim.id).await.unwrap().len();
    match engine.publish(&only, "tang", None).await {
        Err(KnowledgeError::Gate { report }) => assert!(report.broken.len() > report.mended.len(), "{report:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(engine.store().versions(&victim.id).await.unwrap().len(), versions, "nothing was published");
    let over = Override { reason: "合同页已下线".to_owned() };
    assert_eq!(engine.publish(&only, "boss", Some(over)).await.unwrap(), 1);
    let record = engine.store().publications(1).await.unwrap().remove(0);
    assert_eq!((record.author.as_str(), record.reason.as_deref()), ("boss", Some("合同页已下线")));
    assert!(record.broken > record.mended && record.tested > 0, "{record:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_is_listed_and_mended_as_a_draft_by_one_act() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    let theirs = engine.brain().rules.knowledge.get(&"contract.download".into()).unwrap().texts[&Lang::ZhCn].ask[0].clone();
    let before = engine.conflicts().await.unwrap().len();
    let draft = entry("account.dark_mode", &format!("{theirs}？"), "在设置里打开。");
    engine.store().save_draft(&draft, "tang", engine.now()).await.unwrap();
    let found = engine.conflicts().await.unwrap();
    assert_eq!(found.len(), before + 1, "a draft is looked at, too");
    let ours = found.iter().find(|c| c.conflict.kind.needs().contains(&&draft.id)).unwrap();
    let delete = match &ours.conflict.kind {
        jieti_domain::knowledge::ConflictKind::SameQuestion { one, .. } if one.need == draft.id => Mend::DeleteOne,
        _ => Mend::DeleteOther,
    };
    assert_eq!(engine.mend_conflict(&ours.conflict.id, delete, "tang").await.unwrap(), [draft.id.clone()]);
    assert_eq!(engine.conflicts().await.unwrap().len(), before);
    let gone = engine.mend_conflict(&ours.conflict.id, delete, "tang").await;
    assert!(matches!(gone, Err(KnowledgeError::NoConflict { .. })), "{gone:?}");
    engine.store().save_draft(&draft, "tang", engine.now()).await.unwrap();
    engine.leave_conflict(&ours.conflict.id, "tang").await.unwrap();
    assert_eq!(engine.conflicts().await.unwrap().len(), before, "what was left as it is stays away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_could_answer_comes_to_the_inbox_grouped_and_becomes_a_draft() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    for (who, text) in
        [("c1", "能寄一本台历给我吗"), ("c2", "可以寄台历给我吗"), ("c3", "寄一本台历给我"), ("c4", "你们公司有篮球队吗")]
    {
        hall.ask(who, text).await;
    }
    assert!(engine.inbox().await.unwrap().is_empty(), "open conversations may still be solved");
    hall.close_all().await;
    let inbox = engine.inbox().await.unwrap();
    assert_eq!(inbox.iter().map(|g| g.messages).collect::<Vec<_>>(), [3, 1], "{inbox:?}");
    assert!(inbox[0].words.iter().any(|w| w.contains("台历")), "{:?}", inbox[0].words);

    engine.dismiss_group(&inbox[1].id, "tang").await.unwrap();
    let need = engine.accept_group(&inbox[0].id, Some("account.calendar".into()), "tang").await.unwrap();
    let draft = engine.store().drafts().await.unwrap().into_iter().find(|d| d.id == need).unwrap().entry;
    assert_eq!(draft.texts[&Lang::ZhCn].ask.len(), 3);
    assert!(engine.inbox().await.unwrap().is_empty(), "both are done with");
    for who in 0..7 {
        hall.ask(&format!("d{who}"), "你们公司有篮球队吗").await;
    }
    hall.close_all().await;
    let again = engine.inbox().await.unwrap();
    assert_eq!(again.iter().map(|g| g.messages).collect::<Vec<_>>(), [8], "it has grown markedly: {again:?}");
    assert!(matches!(engine.dismiss_group("none", "tang").await, Err(KnowledgeError::NoGroup { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepted_lessons_make_a_next_model_that_is_promoted_only_when_it_is_better() {
    let world = World::new().unwrap();
    let hall = Hall { service: Service::start_in(&world, Policy::default()).await.unwrap() };
    let engine = hall.engine();
    assert!(matches!(engine.train_next("tang").await, Err(KnowledgeError::NothingToLearn)));
    // Words that no entry has, taught by thumbs: all mean the same need.
    let need = NeedId::from("contract.download");
    let taught: Vec<String> = (0..24).map(|i| format!("蓝皮{}册子在{}处", NUMERALS[i / 5], NUMERALS[i % 5])).collect();
    let tested: Vec<String> = (0..10).map(|i| format!("那本蓝皮册子{}在何处", NUMERALS[i % 5].repeat(1 + i / 5))).collect();
    for text in &taught {
        hall.teach(text, &need).await;
    }
    for text in &tested {
        let question = jieti_store::TestQuestion {
            id: format!("zh.{text}"),
            text: text.clone(),
            lang: Lang::ZhCn,
            expect: Some(need.clone()),
            author: "tang".to_owned(),
            at: engine.now(),
        };
        engine.store().save_test_question(&question).await.unwrap();
    }
    assert!(matches!(engine.promote("tang").await, Err(KnowledgeError::NoShadow)));
    engine.train_next("tang").await.unwrap();
    hall.trained().await;
    let state = engine.model_state().await.unwrap();
    assert_eq!((state.live, state.shadow, state.previous), (0, Some(1), None));
    let test = state.models[0].test;
    assert!(test.right > test.live_right && test.questions >= 10, "{test:?}");

    // It reads beside the live one and answers nobody.
    let told = hall.ask("c9", "那本蓝皮册子甲在何处").await;
    assert!(!told.contains("合同"), "{told}");
    hall.shadowed(1).await;
    assert_eq!(engine.model_state().await.unwrap().shadowed, (1, 1));

    let test = engine.promote("tang").await.unwrap();
    assert!(test.paired.p_value < 0.05, "{test:?}");
    let told = hall.ask("c10", "那本蓝皮册子甲在何处").await;
    assert!(told.contains("合同"), "{told}");
    drop(hall);
    let hall = Hall { service: Service::start_in(&world, Policy::default()).await.unwrap() };
    let engine = hall.engine();
    assert_eq!(engine.brain().learnt.version, 1, "a restart keeps what was promoted");
    assert_eq!(engine.roll_back_model("tang").await.unwrap(), 0);
    assert!(engine.brain().learnt.lines.is_empty());
    assert!(matches!(engine.roll_back_model("tang").await, Err(KnowledgeError::NoEarlierModel)));
    let acts: Vec<String> = engine.model_state().await.unwrap().acts.into_iter().map(|a| a.act).collect();
    assert_eq!(acts, ["trained", "promoted", "rolled_back"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_not_shown_to_be_better_is_not_promoted() {
    let hall = Hall::open().await;
    let engine = hall.engine();
    // Known word for word already: there is nothing to be better at.
    let need = NeedId::from("contract.download");
    for i in 0..12 {
        hall.teach(&format!("合同在哪里下载啊{}", NUMERALS[i % 5].repeat(1 + i / 5)), &need).await;
    }
    engine.train_next("tang").await.unwrap();
    hall.trained().await;
    match engine.promote("tang").await {
        Err(KnowledgeError::NotBetter { test }) => assert!(test.paired.p_value >= 0.05, "{test:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(engine.brain().learnt.version, 0);
    assert_eq!(engine.model_state().await.unwrap().shadow, Some(1), "it goes on in the shadow");
}
