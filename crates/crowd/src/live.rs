//! Customers in real time: a few a minute, each a task that walks through the app, sends what the app would send, sees what
//! help is offered, and asks in the chat when it did not do.

use crate::client::{Client, CrowdError, Offered};
use crate::history::{Truth, past};
use crate::person::{End, Person};
use crate::random::Random;
use crate::script::{Moment, Scene, scenes};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Debug, Clone)]
pub struct CrowdConfig {
    /// `http://127.0.0.1:8420`.
    pub server: String,
    /// Who imports the past and tells the truth: name and password of a member of staff.
    pub staff: (String, String),
    pub seed: u64,
    /// Customers who begin in a minute; above 0.
    pub a_minute: f64,
    /// Days of past to import first; 0 for none.
    pub days: u32,
    /// Customers of each of those days.
    pub a_day: u32,
}

/// The app sends what it has so often, and asks so often while its customer sits still.
const SEND_EVERY: Duration = Duration::from_secs(5);
const ASK_EVERY: Duration = Duration::from_secs(12);
/// Reading help before doing something about it.
const READING: Duration = Duration::from_secs(4);

/// Imports the days before now and tells the truth about them.
///
/// # Errors
/// A row is refused, or the staff cannot log in.
pub async fn tell_past(config: &CrowdConfig) -> Result<(), CrowdError> {
    let client = Client::new(&config.server);
    let cookie = client.log_in(&config.staff.0, &config.staff.1).await?;
    let (rows, truth) = past(config.seed, now_ms(), config.days, config.a_day);
    client.import(&cookie, &rows).await?;
    client.tell_truth(&cookie, &truth).await?;
    tracing::info!(rows = rows.len(), visits = truth.len(), "the crowd's past is imported");
    Ok(())
}

/// Lets customers come until the future is dropped; a past is imported first where the configuration has one.
///
/// # Errors
/// The past is refused, or the staff cannot log in. One customer's failure is logged and ends that customer only.
pub async fn run(config: CrowdConfig) -> Result<(), CrowdError> {
    if config.days > 0 {
        tell_past(&config).await?;
    }
    let client = Client::new(&config.server);
    let cookie = client.log_in(&config.staff.0, &config.staff.1).await?;
    // A demo that is started again goes on with new people.
    let first = u64::try_from(now_ms() / 1000).unwrap_or_default() % 900_000;
    let mut arrivals = Random::of(config.seed, u64::MAX);
    for number in first.. {
        let (client, cookie, seed) = (client.clone(), cookie.clone(), config.seed);
        tokio::spawn(async move {
            match Visit::begin(client, cookie, seed, number).await {
                Ok(()) => tracing::debug!(number, "a simulated customer is done"),
                Err(error) => tracing::debug!(number, %error, "a simulated customer stops"),
            }
        });
        let mean_secs = 60.0 / config.a_minute;
        let gap = (-mean_secs * arrivals.fraction().ln()).min(mean_secs * 4.0);
        tokio::time::sleep(Duration::from_secs_f64(gap)).await;
    }
    Ok(())
}

/// One customer's visit of the app.
struct Visit {
    client: Client,
    session: String,
    person: Person,
    stream: String,
    n: u32,
    /// What the app has not sent yet.
    held: Vec<Value>,
    sent: tokio::time::Instant,
    /// The app is before its customer; out of sight it asks for nothing.
    in_sight: bool,
    /// Help that fits came up.
    helped: bool,
    seen: Vec<String>,
}

impl Visit {
    async fn begin(client: Client, cookie: String, seed: u64, number: u64) -> Result<(), CrowdError> {
        let (person, mut random) = Person::draw(seed, number);
        let session = client.session(&person.visitor).await?;
        let scenes = scenes(&person, &mut random);
        let stream = format!("{}-{}", person.visitor, now_ms() % 1000);
        let mut visit = Visit {
            client,
            session,
            person,
            stream,
            n: 0,
            held: Vec::new(),
            sent: tokio::time::Instant::now(),
            in_sight: true,
            helped: false,
            seen: Vec::new(),
        };
        if visit.person.trouble.is_none() {
            visit.tell(&cookie, Truth::none(&visit.person, now_ms())).await?;
        }
        for scene in &scenes {
            let began = now_ms();
            let stuck = scene.trouble.is_some();
            visit.play(scene).await?;
            if stuck {
                visit.tell(&cookie, Truth::stuck(&visit.person, scene.step, began, now_ms())).await?;
                if visit.after(scene).await? == Next::Stop {
                    return Ok(());
                }
                if let Some(moment) = &scene.then {
                    visit.record(moment);
                }
            }
        }
        if visit.person.curious {
            visit.client.say(&visit.session, "优惠券怎么用").await?;
        }
        visit.send(true).await
    }

    async fn tell(&self, cookie: &str, truth: Truth) -> Result<(), CrowdError> {
        self.client.tell_truth(cookie, &[truth]).await
    }

    async fn play(&mut self, scene: &Scene) -> Result<(), CrowdError> {
        let began = tokio::time::Instant::now();
        for moment in scene.moments.iter().filter(|m| m.after_ms <= scene.ends_ms) {
            self.wait_until(began + Duration::from_millis(moment.after_ms), scene).await?;
            if self.relieved(scene) {
                self.held.push(self.event(
                    moment.page,
                    "leave",
                    None,
                    None,
                    u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
                ));
                return self.send(true).await;
            }
            self.record(moment);
        }
        self.wait_until(began + Duration::from_millis(scene.ends_ms), scene).await
    }

    /// The trouble is over early: help that fits came, and this person can be helped.
    fn relieved(&self, scene: &Scene) -> bool {
        scene.trouble.is_some() && self.helped && self.person.can_be_helped
    }

    async fn wait_until(&mut self, until: tokio::time::Instant, scene: &Scene) -> Result<(), CrowdError> {
        loop {
            if self.held.is_empty() && !self.in_sight {
                tokio::time::sleep_until(until).await;
                return Ok(());
            }
            let pause = if self.held.is_empty() { ASK_EVERY } else { SEND_EVERY };
            let next = (self.sent + pause).min(until);
            tokio::time::sleep_until(next).await;
            if tokio::time::Instant::now() >= self.sent + pause {
                self.send(true).await?;
                if self.relieved(scene) {
                    return Ok(());
                }
            }
            if next == until {
                return Ok(());
            }
        }
    }

    fn record(&mut self, m: &Moment) {
        self.in_sight = m.act != "hidden" && (self.in_sight || m.act == "visible" || m.act == "page");
        let event = self.event(m.page, m.act, m.target, m.code, m.value);
        self.held.push(event);
    }

    fn event(&self, page: &str, act: &str, target: Option<&str>, code: Option<&str>, value: u32) -> Value {
        let mut event = json!({ "at": now_ms(), "act": act, "page": page });
        for (name, text) in [("target", target), ("code", code)] {
            if let Some(text) = text {
                event[name] = json!(text);
            }
        }
        if value > 0 {
            event["value"] = json!(value);
        }
        event
    }

    /// Sends what is held; `ask` sends even nothing, to hear of help.
    async fn send(&mut self, ask: bool) -> Result<(), CrowdError> {
        self.sent = tokio::time::Instant::now();
        if self.held.is_empty() && !ask {
            return Ok(());
        }
        let mut events = std::mem::take(&mut self.held);
        for event in &mut events {
            event["n"] = json!(self.n);
            self.n += 1;
        }
        let batch = json!({
            "v": 1, "stream": self.stream, "sent_at": now_ms(), "consent": "guidance", "platform": self.person.platform,
            "version": self.person.version, "events": events,
        });
        let answer = self.client.behaviour(&self.session, &batch).await?;
        for offered in answer.guidance {
            self.look_at(offered).await?;
        }
        Ok(())
    }

    async fn look_at(&mut self, offered: Offered) -> Result<(), CrowdError> {
        if self.seen.contains(&offered.id) {
            return Ok(());
        }
        self.seen.push(offered.id.clone());
        self.client.guided(&self.session, &offered.id, "shown").await?;
        tokio::time::sleep(READING).await;
        let fits = self.person.trouble.is_some_and(|t| offered.need.as_deref() == Some(t.need));
        self.helped |= fits;
        let act = if fits && self.person.can_be_helped { "clicked" } else { "dismissed" };
        self.client.guided(&self.session, &offered.id, act).await
    }

    /// What the person does once it was too much.
    async fn after(&mut self, scene: &Scene) -> Result<Next, CrowdError> {
        let Some(trouble) = scene.trouble else { return Ok(Next::GoOn) };
        self.send(true).await?;
        match self.person.end(self.helped) {
            End::GoOn => return Ok(Next::GoOn),
            End::GiveUp => {}
            End::Contact => self.client.say(&self.session, trouble.question).await?,
            End::Complain => self.client.say(&self.session, &format!("我要投诉，{}", trouble.question)).await?,
        }
        Ok(Next::Stop)
    }
}

#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
