//! Events, cards and jobs of conversations; one server at a time; what is committed stays.

use super::{Place, append, at, card, job, opened, said};
use jieti_domain::id::{ClientMessageId, ConversationId};
use jieti_store::{Append, NewJob, OpenError, Store, WriteError};

store_suite!(
    events_come_back_in_order_and_after_the_cursor,
    a_taken_place_is_a_conflict_and_changes_nothing,
    a_client_message_is_stored_once,
    a_finished_job_cannot_be_finished_again,
    jobs_fall_due_in_order_and_can_be_put_off,
    what_is_owed_to_a_conversation_is_found_in_order,
    a_second_server_is_kept_out,
    what_is_committed_is_there_after_reopening,
    closed_conversations_leave_the_open_list,
    concurrent_writers_never_share_a_place,
);

async fn events_come_back_in_order_and_after_the_cursor(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let events = [opened(1), said(2, "你好"), said(3, "还款 ' \" $1 ?1")];
    store.append(append(&cv, &events)).await.expect("commits");
    assert_eq!(store.events(&cv, 0).await.expect("reads"), events);
    assert_eq!(store.events(&cv, 2).await.expect("reads"), events[2..]);
    assert_eq!(store.events(&"other".into(), 0).await.expect("reads"), []);
}

async fn a_taken_place_is_a_conflict_and_changes_nothing(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(append(&cv, &[opened(1)])).await.expect("commits");
    let late = [said(2, "a"), said(1, "b")];
    let result = store.append(Append { jobs: vec![job("j", 1)], ..append(&cv, &late) }).await;
    assert!(matches!(result, Err(WriteError::Conflict)), "{result:?}");
    assert_eq!(store.events(&cv, 0).await.expect("reads").len(), 1);
    assert_eq!(store.due_jobs(at(100), 10).await.expect("reads"), []);
}

async fn a_client_message_is_stored_once(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let id = ClientMessageId::from("m1");
    store.append(Append { external_id: Some(&id), ..append(&cv, &[opened(1), said(2, "a")]) }).await.expect("commits");
    let again = store.append(Append { external_id: Some(&id), ..append(&cv, &[said(3, "a")]) }).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    assert_eq!(store.client_ids(&cv).await.expect("reads"), [(id.clone(), 2)]);
    store.append(Append { card: Some(&card("cv", "closed")), ..append(&cv, &[said(3, "b")]) }).await.expect("commits");
    assert_eq!(store.find_client_message(&"c1".into(), &id).await.expect("reads"), Some((cv, 2)));
    assert_eq!(store.find_client_message(&"c2".into(), &id).await.expect("reads"), None);
}

async fn a_finished_job_cannot_be_finished_again(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store
        .append(Append { jobs: vec![job("j", 1), job("j", 2)], ..append(&cv, &[opened(1)]) })
        .await
        .expect("a repeated job is one job");
    store.append(Append { done: Some("j"), ..append(&cv, &[said(2, "a")]) }).await.expect("commits");
    let again = store.append(Append { done: Some("j"), ..append(&cv, &[said(3, "b")]) }).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    assert_eq!(store.events(&cv, 0).await.expect("reads").len(), 2);
}

async fn jobs_fall_due_in_order_and_can_be_put_off(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    let jobs = vec![job("in:late", 300), job("in:early", 100), job("timer:x", 200)];
    store.append(Append { jobs, ..append(&cv, &[opened(1)]) }).await.expect("commits");
    let keys = |jobs: Vec<jieti_store::Job>| jobs.into_iter().map(|j| j.key).collect::<Vec<_>>();
    assert_eq!(keys(store.due_jobs(at(99), 10).await.expect("reads")), [] as [&str; 0]);
    assert_eq!(keys(store.due_jobs(at(200), 10).await.expect("reads")), ["in:early", "timer:x"]);
    assert_eq!(store.next_due().await.expect("reads"), Some(at(100)));
    store.postpone_job("in:early", at(400), "the lender slept").await.expect("commits");
    store.rush_jobs("in:", at(150)).await.expect("commits");
    let due = store.due_jobs(at(200), 10).await.expect("reads");
    assert_eq!(
        due.iter().map(|j| (j.key.as_str(), j.attempts)).collect::<Vec<_>>(),
        [("in:early", 1), ("in:late", 0), ("timer:x", 0)]
    );
    store.drop_job("timer:x").await.expect("commits");
    assert!(matches!(store.postpone_job("timer:x", at(1), "").await, Err(WriteError::Conflict)));
}

async fn what_is_owed_to_a_conversation_is_found_in_order(place: &Place) {
    let store = place.open().await;
    let (cv, other) = (ConversationId::from("cv"), ConversationId::from("cv-2"));
    // The later message falls due first; its turn comes second all the same.
    let jobs = vec![job("in:cv:00000010", 100), job("in:cv:00000009", 300), job("timer:x", 200)];
    store.append(Append { jobs, ..append(&cv, &[opened(1)]) }).await.expect("commits");
    let jobs = vec![NewJob { conversation: other.clone(), ..job("in:cv-2:00000002", 50) }];
    store.append(Append { jobs, ..append(&other, &[opened(1)]) }).await.expect("commits");
    let keys = |jobs: Vec<jieti_store::Job>| jobs.into_iter().map(|j| j.key).collect::<Vec<_>>();
    assert_eq!(keys(store.jobs_of(&cv).await.expect("reads")), ["in:cv:00000009", "in:cv:00000010", "timer:x"]);
    assert_eq!(keys(store.jobs_of(&other).await.expect("reads")), ["in:cv-2:00000002"]);
}

async fn a_second_server_is_kept_out(place: &Place) {
    let store = place.open().await;
    let second = Store::open(&place.url).await.map(drop);
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    drop(store);
    place.open().await;
}

async fn what_is_committed_is_there_after_reopening(place: &Place) {
    let cv = ConversationId::from("cv");
    let store = place.open().await;
    let epoch = store.epoch().to_owned();
    store.append(Append { card: Some(&card("cv", "waiting")), ..append(&cv, &[opened(1)]) }).await.expect("commits");
    drop(store);
    let store = place.open().await;
    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.events(&cv, 0).await.expect("reads"), [opened(1)]);
    assert_eq!(store.open_cards().await.expect("reads"), [card("cv", "waiting")]);
}

async fn closed_conversations_leave_the_open_list(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(Append { card: Some(&card("cv", "bot")), ..append(&cv, &[opened(1)]) }).await.expect("commits");
    assert_eq!(store.open_conversation(&"c1".into()).await.expect("reads"), Some(cv.clone()));
    store.append(Append { card: Some(&card("cv", "closed")), ..append(&cv, &[said(2, "a")]) }).await.expect("commits");
    assert_eq!(store.open_conversation(&"c1".into()).await.expect("reads"), None);
    assert_eq!(store.open_cards().await.expect("reads"), []);
    assert_eq!(store.closed_cards(5).await.expect("reads").len(), 1);
    assert_eq!(store.cards_of_customer(&"c1".into(), 5).await.expect("reads").len(), 1);
}

async fn concurrent_writers_never_share_a_place(place: &Place) {
    let store = place.open().await;
    let cv = ConversationId::from("cv");
    store.append(append(&cv, &[opened(1)])).await.expect("commits");
    let writers = (0..8).map(|writer| {
        let (store, cv) = (store.clone(), cv.clone());
        tokio::spawn(async move {
            let mut written = 0;
            while written < 10 {
                let next = store.events(&cv, 0).await.expect("reads").len() as u64 + 1;
                match store.append(append(&cv, &[said(next, &format!("{writer}-{written}"))])).await {
                    Ok(()) => written += 1,
                    Err(WriteError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("the writer ends");
    }
    let seqs: Vec<u64> = store.events(&cv, 0).await.expect("reads").iter().map(|e| e.seq).collect();
    assert_eq!(seqs, (1..=81).collect::<Vec<u64>>());
}
