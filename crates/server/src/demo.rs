//! `jieti demo`: the service, a sandbox lender and a loan app's back end in one process, with people to log in as.

use crate::assets::{self, Demo};
use crate::config::Config;
use crate::serve;
use anyhow::Context;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Args;
use jieti_domain::id::{CustomerId, RequestId, StaffId};
use jieti_domain::lender::{Fact, Facts, LenderRequest, Operation};
use jieti_domain::understanding::Lang;
use jieti_engine::{Engine, new_id};
use jieti_store::NewStaff;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;

#[derive(Args)]
pub struct DemoArgs {
    /// Folder of the demo's store; delete it to begin afresh.
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    /// Port of the service; 0 takes any free one.
    #[arg(long, default_value_t = 8420)]
    port: u16,
    /// Port of the sandbox lender; 0 takes any free one.
    #[arg(long, default_value_t = 8421)]
    lender_port: u16,
    /// Use this PostgreSQL instead of a SQLite file: postgres://user:password@host/database.
    #[arg(long)]
    store: Option<String>,
    /// Messages one customer may send in a minute; raise it to measure.
    #[arg(long, default_value_t = 120)]
    messages_per_minute: u32,
    /// Let nobody but you use the loan app. Otherwise simulated customers do, with two weeks behind them.
    #[arg(long)]
    no_crowd: bool,
    /// Simulated customers who begin in a minute; raise it to see the effect of guidance sooner.
    #[arg(long, default_value_t = 30.0, value_parser = pace)]
    crowd_a_minute: f64,
}

fn pace(text: &str) -> Result<f64, String> {
    let a_minute: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    if a_minute > 0.0 && a_minute <= 600.0 {
        Ok(a_minute)
    } else {
        Err("must be above 0 and at most 600; --no-crowd leaves them out".to_owned())
    }
}

/// The demo's people. Their password is on the screen, so the demo listens on this machine only.
const STAFF: &[(&str, &str, &[&str])] = &[
    ("agent", "林小雨", &["agent"]),
    ("seat", "周明", &["silent_seat", "agent"]),
    ("boss", "何静", &["supervisor", "agent", "silent_seat"]),
    ("inspector", "苏岚", &["inspector"]),
    ("editor", "唐诗", &["knowledge_editor"]),
    ("admin", "管理员", &["admin", "supervisor", "knowledge_editor", "agent", "silent_seat"]),
];
const PASSWORD: &str = "jieti-demo";

/// The past that a new store gets: enough to see, little enough for a laptop.
const CROWD_DAYS: u32 = 14;
const CROWD_A_DAY: u32 = 120;
/// The crowd's people are the same in every demo.
const CROWD_SEED: u64 = 7;

/// Identity tokens of the demo app live as long as a visit.
const TOKEN_SECS: i64 = 3600;

#[derive(Clone)]
struct App {
    engine: Engine,
    secret: String,
    lender: String,
}

pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.data).with_context(|| format!("--data {}", args.data.display()))?;
    let key = new_id("key");
    let mut lender_config = jieti_sandbox_lender::Config::in_memory(key.as_str());
    let place = args.data.join("lender.db");
    let is_new = !place.exists();
    lender_config.store = jieti_sandbox_lender::Place::File(place);
    let lender = jieti_sandbox_lender::start(lender_config, args.lender_port).await.context("sandbox lender")?;
    let secret = format!("{}{}", new_id("s"), new_id("s"));
    let listen = SocketAddr::from(([127, 0, 0, 1], args.port));
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("port {} is taken; choose another with --port", args.port))?;
    let config = Config {
        listen: listener.local_addr()?,
        store: args.store.unwrap_or_else(|| args.data.join("jieti.db").display().to_string()),
        identity_secret: secret.clone(),
        lender_url: lender.url(),
        lender_key: key.clone(),
        messages_per_minute: args.messages_per_minute,
        logins_per_minute: 60,
        secure_cookies: false,
        ..Config::default()
    };
    let service = serve::start(&config).await?;
    hire(&service.engine).await?;
    let app = App { engine: service.engine.clone(), secret, lender: lender.url() };
    let back_end = Router::new()
        .route("/demo/api/customers", get(customers))
        .route("/demo/api/sign-in", post(sign_in))
        .route("/demo/api/home", get(home))
        .with_state(app);
    let router = service.router.merge(back_end).merge(assets::router(Demo::Yes));
    let at = config.listen;
    println!(
        "\n  Jieti 阶梯 demo\n\n  loan app   http://{at}/demo/\n  console    http://{at}/console/\n  API docs   http://{at}/docs\n  lender     {}/docs\n\n  \
         log in as  {}   (password {PASSWORD})\n  store      {}\n",
        lender.url(),
        STAFF.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "),
        if config.store.starts_with("postgres") { "PostgreSQL" } else { &config.store },
    );
    if !args.no_crowd {
        tokio::spawn(crowd(format!("http://{at}"), is_new, args.crowd_a_minute));
    }
    serve::listen(listener, router, service.engine).await?;
    lender.stop().await.context("sandbox lender")
}

/// Simulated customers use the loan app from outside, as real ones would.
async fn crowd(server: String, is_new: bool, a_minute: f64) {
    let config = jieti_crowd::CrowdConfig {
        server,
        staff: ("admin".to_owned(), PASSWORD.to_owned()),
        seed: CROWD_SEED,
        a_minute,
        days: if is_new { CROWD_DAYS } else { 0 },
        a_day: CROWD_A_DAY,
    };
    if let Err(error) = jieti_crowd::run(config).await {
        tracing::warn!(%error, "simulated customers stay away");
    }
}

/// Makes the demo's people, unless an earlier demo on this store has.
async fn hire(engine: &Engine) -> anyhow::Result<()> {
    let known = engine.store().all_staff().await?;
    for (name, display_name, roles) in STAFF.iter().filter(|(name, ..)| known.iter().all(|k| k.name != *name)) {
        let staff = NewStaff {
            id: StaffId::new(*name),
            name: (*name).to_owned(),
            display_name: (*display_name).to_owned(),
            password_hash: jieti_api::hash_password(PASSWORD).map_err(anyhow::Error::msg)?,
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        };
        engine.store().add_staff(&staff).await?;
    }
    Ok(())
}

type Failed = (StatusCode, Json<Value>);

fn failed(status: StatusCode, code: &str, message: impl ToString) -> Failed {
    (status, Json(json!({ "code": code, "message": message.to_string() })))
}

/// The people one can be in the demo app: a customer of each situation.
const SITUATIONS: &[(&str, &str, &str, &str)] = &[
    ("c1001", "张伟", "两笔借款，本月有一期要还", "two loans, one instalment due this month"),
    ("c1002", "王芳", "逾期 12 天", "12 days overdue"),
    ("c1003", "李娜", "放款处理中", "waiting for the money to arrive"),
    ("c1004", "刘洋", "已结清，可开结清证明", "settled: can get a certificate"),
    ("c1005", "陈静", "申请没有通过", "application rejected"),
    ("c1006", "杨帆", "额度被冻结", "credit limit frozen"),
    ("c1007", "赵敏", "新客户，还没借过", "new, no loan yet"),
    ("c1008", "黄磊", "自动扣款失败", "automatic deduction failed"),
    ("c1009", "周婷", "还了款，迟迟没到账", "repaid, but it does not register"),
    ("c1010", "吴刚", "逾期 45 天", "45 days overdue"),
];

async fn customers() -> Json<Value> {
    let list: Vec<Value> = SITUATIONS
        .iter()
        .map(|(id, name, zh, en)| json!({ "id": id, "name": name, "situation": { "zh-CN": zh, "en": en } }))
        .collect();
    Json(json!({ "customers": list }))
}

#[derive(Deserialize)]
struct SignIn {
    customer: String,
}

/// What a real lender's back end does after its own log-in: signs who the customer is.
async fn sign_in(State(app): State<App>, Json(body): Json<SignIn>) -> Result<Json<Value>, Failed> {
    let Some((id, name, ..)) = SITUATIONS.iter().find(|(id, ..)| *id == body.customer) else {
        return Err(failed(
            StatusCode::NOT_FOUND,
            "customer.unknown",
            format!("customer {:?} is not in the demo; choose one of GET /demo/api/customers", body.customer),
        ));
    };
    let token = jieti_api::sign_identity(&app.secret, id, Some(name), app.engine.now().plus_secs(TOKEN_SECS));
    Ok(Json(json!({ "token": token, "name": name, "lender": app.lender })))
}

#[derive(Deserialize)]
struct Home {
    customer: String,
    #[serde(default)]
    lang: Lang,
}

/// What the loan app shows, straight from the lender.
async fn home(State(app): State<App>, Query(query): Query<Home>) -> Result<Json<Value>, Failed> {
    let today = app.engine.now().china_date();
    let ask = |operation: Operation| {
        let arguments = match operation {
            Operation::Due => Facts::from([("month".to_owned(), Fact::Date(today))]),
            _ => Facts::new(),
        };
        let request = LenderRequest {
            id: RequestId::new(new_id("rq")),
            customer: CustomerId::new(query.customer.as_str()),
            operation,
            arguments,
            lang: query.lang,
        };
        let engine = app.engine.clone();
        async move { engine.lender().ask(&request).await }
    };
    let (profile, limit, loans, due, applications, cards, coupons) = tokio::join!(
        ask(Operation::Profile),
        ask(Operation::Limit),
        ask(Operation::Loans),
        ask(Operation::Due),
        ask(Operation::Applications),
        ask(Operation::Cards),
        ask(Operation::Coupons)
    );
    let profile = profile.map_err(|e| failed(StatusCode::BAD_GATEWAY, "lender.failed", e))?;
    let part = |facts: Result<Facts, _>| facts.map_or(Value::Null, |f| plain(&Fact::Record(f)));
    Ok(Json(json!({
        "profile": plain(&Fact::Record(profile)),
        "limit": part(limit),
        "loans": part(loans)["loans"],
        "due": part(due),
        "applications": part(applications)["applications"],
        "cards": part(cards)["cards"],
        "coupons": part(coupons)["coupons"],
    })))
}

/// Facts as plain JSON; a sum keeps its fen beside its text.
fn plain(fact: &Fact) -> Value {
    match fact {
        Fact::Money(sum) => json!({ "fen": sum.0, "text": sum.to_string() }),
        Fact::Rate(rate) => json!(rate.to_string()),
        Fact::Date(date) => json!(date.to_string()),
        Fact::Count(count) => json!(count),
        Fact::Text(text) => json!(text),
        Fact::Flag(flag) => json!(flag),
        Fact::List(items) => items.iter().map(plain).collect(),
        Fact::Record(record) => Value::Object(record.iter().map(|(name, fact)| (name.clone(), plain(fact))).collect()),
    }
}
