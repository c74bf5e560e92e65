//! Whose causes troubles have, and the cases and decisions that follow.

use super::{Place, append, at, job, said};
use jieti_domain::attribution::{
    Attributed, Attribution, CaseEvent, Content, Decided, Label as CauseLabel, Source, StoredCaseEvent, Trouble, Weight,
};
use jieti_domain::id::ConversationId;
use jieti_domain::knowledge::{Cause, CauseKind};
use jieti_domain::ticket::Actor;
use jieti_domain::time::Timestamp;
use jieti_store::{Append, CaseStep, DecisionRow, WriteError};

store_suite!(
    what_was_attributed_stays_until_a_person_corrects_it,
    a_case_that_has_moved_on_is_a_conflict_and_decisions_replace_each_other,
);

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
