//! The sandbox lender over a real socket.

mod borrowing;
mod guards;
mod paying;
mod persistence;

use jieti_sandbox_lender::clock::ManualClock;
use jieti_sandbox_lender::{Config, Place, Running, start};
use jiff::civil::{Date, date};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const TODAY: Date = date(2026, 11, 22);
const KEY: &str = "test-key";

/// A lender whose day is noon in China, and a client of it.
struct Bench {
    url: String,
    clock: Arc<ManualClock>,
    client: Client,
    asked: AtomicU64,
    _running: Running,
}

impl Bench {
    async fn open() -> Bench {
        Bench::on(TODAY).await
    }

    async fn on(today: Date) -> Bench {
        let clock = Arc::new(ManualClock::at_noon(today));
        let running = start(Config { store: Place::Memory, api_key: KEY.to_owned(), public_url: None, clock: clock.clone() }, 0)
            .await
            .unwrap();
        Bench { url: running.url(), clock, client: client(), asked: AtomicU64::new(0), _running: running }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(KEY)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }

    /// Posts with a fresh idempotency key.
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let key = self.asked.fetch_add(1, Ordering::SeqCst);
        self.post_as(&format!("key-{key}"), path, &body).await
    }

    async fn post_as(&self, key: &str, path: &str, body: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    async fn got(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn posted(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.post(path, body).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let (status, body) = self.post(path, body).await;
        let problem = ["code", "message", "message_en"].map(|name| body[name].as_str().unwrap_or_default().to_owned());
        assert!(status >= 400 && problem.iter().all(|text| !text.is_empty()), "{path}: {status} {body}");
        let [code, ..] = problem;
        (status, code)
    }

    async fn set_weather(&self, weather: Value) {
        self.posted("/v1/sandbox/weather", weather).await;
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn fen(body: &Value, name: &str) -> i64 {
    body[name].as_i64().unwrap_or_else(|| panic!("{name} of {body} is not a sum"))
}
