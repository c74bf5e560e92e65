//! Knowledge that stays good: answers with an audience and an end, and the way back. The real engine and the sandbox
//! lender, on a clock that is moved by hand.

use jieti_domain::conversation::{Channel, Customer, Event};
use jieti_domain::id::{ClientMessageId, ConversationId, CustomerId, NeedId};
use jieti_domain::knowledge::Entry;
use jieti_domain::understanding::Lang;
use jieti_engine::{Engine, Inbound, KnowledgeError};
use jieti_testkit::Service;
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

const ASK: &str = "夜间模式怎么打开";

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
