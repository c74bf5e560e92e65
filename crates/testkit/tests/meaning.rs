//! A service whose sentence encoder must be asked: taken up while it serves, not there when it is needed, and back again.

use jieti_domain::conversation::{Channel, Customer, Event};
use jieti_domain::id::{ClientMessageId, NeedId};
use jieti_domain::understanding::Lang;
use jieti_engine::{Inbound, KnowledgeError};
use jieti_language::encoder::sentence::{EncodeError, Encoders, Masked, Nature, Patience, Remembered, SentenceEncoder, checked};
use jieti_testkit::Service;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Pairs of characters, hashed; can be switched off, and keeps what it was shown of customers.
#[derive(Debug, Default)]
struct Switched {
    is_off: AtomicBool,
    of_customers: Mutex<Vec<String>>,
}

impl SentenceEncoder for Switched {
    fn knows(&self, lang: Lang) -> bool {
        lang == Lang::ZhCn
    }

    fn nature(&self) -> Nature {
        Nature::Asked
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        if self.is_off.load(Ordering::SeqCst) {
            return Err(EncodeError { encoder: "here".to_owned(), detail: "it is switched off".to_owned() });
        }
        if patience == Patience::Customer {
            self.of_customers.lock().unwrap().extend(texts.iter().map(|text| text.as_str().to_owned()));
        }
        let vector = |text: &Masked| {
            let mut vector = vec![0.01; 64];
            let chars: Vec<char> = text.as_str().chars().collect();
            chars.windows(2).for_each(|pair| vector[(pair[0] as usize * 31 + pair[1] as usize) % 64] += 1.0);
            vector
        };
        Ok(checked(texts.iter().map(vector).collect(), texts.len()).unwrap())
    }
}

struct Talk {
    service: Service,
    messages: u32,
}

impl Talk {
    /// What the bot answers.
    async fn say(&mut self, text: &str) -> String {
        self.messages += 1;
        let customer = Customer { id: format!("c{}", self.messages).as_str().into(), name: None, signed_in: false };
        let id = ClientMessageId::new(format!("m{}", self.messages));
        let say = Inbound::Say { text: text.to_owned() };
        let receipt = self.service.engine.receive(&customer, Channel::Web, Lang::ZhCn, id, say).await.unwrap();
        for _ in 0..2000 {
            let events = self.service.engine.store().events(&receipt.conversation, 0).await.unwrap();
            let said = events.into_iter().find_map(|stored| match stored.event {
                Event::Said { message, .. } => Some(message.text),
                _ => None,
            });
            if let Some(said) = said {
                return said;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no answer to {text:?}");
    }
}

const ASK: &str = "我的额度是多少";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoder_that_does_not_answer_costs_neither_an_answer_nor_the_model_in_use() {
    let mut talk = Talk { service: Service::start().await.unwrap(), messages: 0 };
    let engine = talk.service.engine.clone();
    let by_words = talk.say(ASK).await;
    let elsewhere = Arc::new(Switched::default());
    let encoders = Encoders::default().with(Arc::new(Remembered::new(Arc::clone(&elsewhere) as Arc<dyn SentenceEncoder>)));

    // Not there at the start.
    elsewhere.is_off.store(true, Ordering::SeqCst);
    let error = engine.use_encoders(encoders.clone()).await.unwrap_err();
    assert!(error.to_string().contains("it is switched off"), "{error}");
    assert!(!engine.brain().language.is_slow(), "the model in use stays");
    assert_eq!(talk.say(ASK).await, by_words);

    // There.
    elsewhere.is_off.store(false, Ordering::SeqCst);
    engine.use_encoders(encoders).await.unwrap();
    assert!(engine.brain().language.is_slow());
    assert_eq!(talk.say(ASK).await, by_words);
    talk.say("我的卡号是6222020200112233446 手机13812345678 怎么提额").await;
    let shown = elsewhere.of_customers.lock().unwrap().clone();
    assert!(shown.iter().any(|text| text.contains("提额")), "{shown:?}");
    for text in &shown {
        let run = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(run <= Some(4), "a personal number was shown: {text:?}");
    }

    // Gone while it serves.
    elsewhere.is_off.store(true, Ordering::SeqCst);
    assert_eq!(talk.say(ASK).await, by_words, "read by its words alone");
    let need = NeedId::from("test.night_mode");
    let entry = serde_json::from_value(serde_json::json!({
        "id": need, "stage": "test", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "显示"},
        "texts": {"zh-CN": {"title": "夜间模式", "ask": ["夜间模式怎么打开", "屏幕能不能变黑"], "answer": "在设置里打开。"}},
    }));
    engine.store().save_draft(&entry.unwrap(), "tang", engine.now()).await.unwrap();
    let error = engine.publish(std::slice::from_ref(&need), "tang", None).await.unwrap_err();
    assert!(matches!(error, KnowledgeError::Encode(_)) && error.to_string().contains("the one in use goes on"), "{error}");
    assert!(engine.brain().rules.knowledge.get(&need).is_none(), "nothing was published");

    // And back.
    elsewhere.is_off.store(false, Ordering::SeqCst);
    engine.publish(&[need], "tang", None).await.unwrap();
    assert_eq!(talk.say("夜间模式怎么打开").await, "在设置里打开。");
}
