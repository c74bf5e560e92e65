//! Inspections with their findings, alarms, and versions of the scorecard.

use super::{Place, append, at, card, job, opened, said};
use jieti_domain::id::{ConversationId, StaffId};
use jieti_domain::inspection::{Decision, Finding, Party, QueueReason, Responsible, Severity, Share, Verdict};
use jieti_domain::understanding::Localized;
use jieti_store::{
    AlarmRow, Append, FindingChange, InspectionChange, InspectionFilter, NewInspection, ScorecardVersion, Store, WriteError,
};

store_suite!(
    an_inspection_is_stored_once_with_its_job_and_listed_by_what_it_needs,
    a_change_to_an_inspection_that_has_moved_on_is_a_conflict,
    an_alarm_repeated_is_one_alarm_and_scorecards_count_up,
);

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
