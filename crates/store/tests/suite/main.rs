//! One suite, two stores: every claim holds on SQLite and on PostgreSQL. Here are the places and what the subjects share;
//! each subject's own file names its claims to `store_suite!`, which runs them on both.

macro_rules! store_suite {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() { let place = crate::Place::sqlite(); super::$name(&place).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $name() { let place = crate::Place::postgres().await; super::$name(&place).await; })+
        }
    };
}

// After the macro, which they use.
mod attribution;
mod conversations;
mod inspections;
mod knowledge;
mod staff;
mod tickets;

use jieti_domain::conversation::{Channel, Customer, Event, StoredEvent};
use jieti_domain::id::ConversationId;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_store::{Append, CardRow, NewJob, OpenError, Store, StoreUrl};
use std::sync::atomic::{AtomicU32, Ordering};

/// A store of its own for one test.
struct Place {
    url: StoreUrl,
    _folder: Option<tempfile::TempDir>,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { url: StoreUrl::Sqlite(folder.path().join("store.db")), _folder: Some(folder) }
    }

    async fn postgres() -> Self {
        let base = std::env::var("JIETI_TEST_POSTGRES")
            .expect("JIETI_TEST_POSTGRES names a PostgreSQL server; `make test` starts one and sets it");
        let (client, connection) =
            tokio_postgres::connect(&format!("{base}/postgres"), tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        let name = format!("t{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        client.batch_execute(&format!("create database {name}")).await.expect("a database of its own");
        Self { url: StoreUrl::Postgres(format!("{base}/{name}")), _folder: None }
    }

    /// Runs a statement past the store.
    async fn execute(&self, sql: &str) {
        match &self.url {
            StoreUrl::Sqlite(path) => {
                rusqlite::Connection::open(path).expect("opens").execute(sql, ()).expect("runs");
            }
            StoreUrl::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
                tokio::spawn(connection);
                client.execute(sql, &[]).await.expect("runs");
            }
        }
    }

    async fn open(&self) -> Store {
        // PostgreSQL gives the lock back when it notices that the last connection has gone.
        for _ in 0..200 {
            match Store::open(&self.url).await {
                Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
                opened => return opened.expect("the store opens"),
            }
        }
        Store::open(&self.url).await.expect("the store opens")
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn opened(seq: u64) -> StoredEvent {
    let customer = Customer { id: "c1".into(), name: Some("张伟".to_owned()), signed_in: true };
    StoredEvent { seq, at: at(1), event: Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn } }
}

fn said(seq: u64, text: &str) -> StoredEvent {
    StoredEvent { seq, at: at(seq as i64), event: Event::CustomerSaid { client_id: text.into(), text: text.to_owned() } }
}

fn card(id: &str, stage: &str) -> CardRow {
    CardRow {
        id: id.to_owned(),
        customer: "c1".to_owned(),
        customer_name: None,
        signed_in: true,
        channel: "web".to_owned(),
        lang: "zh-CN".to_owned(),
        opened_at: 10,
        updated_at: 20,
        seq: 1,
        stage: stage.to_owned(),
        stage_since: 10,
        deadline: Some(99),
        staff: None,
        staff_name: None,
        tier: Some("bot".to_owned()),
        reason: Some(r#"{"why":"greeted"}"#.to_owned()),
        urgent: false,
        need: Some("repayment.due_amount".to_owned()),
        flow: None,
        mood: "{}".to_owned(),
        last_from: None,
        last_text: None,
        last_at: None,
        draft: None,
        side: r#"{"guests":[]}"#.to_owned(),
    }
}

fn append<'a>(conversation: &'a ConversationId, events: &'a [StoredEvent]) -> Append<'a> {
    Append {
        conversation,
        events,
        external_id: None,
        card: None,
        jobs: Vec::new(),
        done: None,
        tickets: Vec::new(),
        labels: Vec::new(),
    }
}

fn job(key: &str, due: i64) -> NewJob {
    NewJob { key: key.to_owned(), conversation: "cv".into(), body: "{}".to_owned(), due_at: at(due) }
}
