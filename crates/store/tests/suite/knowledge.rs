//! Knowledge by version, what its publications and conversations taught, and the models made of it.

use super::{Place, at};
use jieti_domain::conversation::NeedSeen;
use jieti_domain::id::{ConversationId, NeedId};
use jieti_domain::knowledge::{
    Audience, Cause, CauseKind, Entry, EntryText, Gap, GapWhy, Lesson, LessonSource, LessonVerdict, Validity,
};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::Lang;
use jieti_store::{
    EntryVersion, GapRow, GroupDecision, GroupEnd, ModelAct, ModelRow, PublicationRow, ReadingDay, Review, ShadowRow, TaughtRows,
    TestQuestion, WriteError,
};
use std::collections::BTreeMap;

store_suite!(
    publishing_makes_versions_and_removes_drafts,
    a_publication_keeps_what_its_test_said,
    what_a_conversation_teaches_is_stored_once_and_reviewed,
    models_and_what_was_done_to_them_are_kept_in_order,
);

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
