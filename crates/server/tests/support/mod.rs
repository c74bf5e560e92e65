//! What the server's tests share: the built binary in a folder of its own on free ports, a lender in the test's process,
//! and clients that wait for what they expect. Owns processes and sockets; asserts nothing about the service but what every
//! refusal has.

// Each test binary uses its own part of this module.
#![allow(dead_code, unused_imports)]

mod client;
mod random;
pub mod refusals;

pub use client::Client;
pub use random::Random;

use jieti_domain::time::Timestamp;
use jieti_engine::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// How long anything that must happen may take on a machine that is busy with other things. Only a failing test waits so
/// long.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Shared with the "lender's back end", which is the test.
pub const SECRET: &str = "an identity secret of the tests, long enough";
pub const LENDER_KEY: &str = "lender-key-of-the-tests";
/// Of the demo's people.
pub const PASSWORD: &str = "jieti-demo";

pub const AGENT: &str = "agent";
pub const SEAT: &str = "seat";
pub const BOSS: &str = "boss";
pub const EDITOR: &str = "editor";
pub const ADMIN: &str = "admin";

/// Needs whose questions are answered word for word, with nothing else to be confused with.
pub const QUESTIONS: [(&str, &str, &str); 8] = [
    ("small.invoice", "怎么开发票", "答复甲：发票在“我的”里申请。"),
    ("small.password", "忘记登录密码怎么办", "答复乙：在登录页点“忘记密码”。"),
    ("small.hours", "客服几点上班", "答复丙：每天都有人值班。"),
    ("small.address", "怎么修改联系地址", "答复丁：在“个人资料”里修改。"),
    ("small.app", "在哪里下载手机软件", "答复戊：在应用商店搜索我们的名字。"),
    ("small.notice", "怎么关闭短信通知", "答复己：在“消息设置”里关闭。"),
    ("small.friend", "推荐朋友有什么奖励", "答复庚：活动规则在“推荐有礼”里。"),
    ("small.language", "软件能切换成英文吗", "答复辛：在“设置”里选语言。"),
];

/// The binary, without the environment's own settings of the service.
pub fn jieti() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jieti"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("JIETI_")) {
        command.env_remove(name);
    }
    command.env("JIETI_LOG", "warn");
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the binary runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Ran, failed, and said why: the message.
pub fn refusal(output: &Output) -> String {
    let error = text(&output.stderr);
    assert!(!output.status.success(), "must fail, but printed {}", text(&output.stdout));
    assert!(error.contains("error:"), "says nothing of an error: {error}");
    assert!(!error.contains("panicked"), "panicked: {error}");
    error
}

/// A port that was free a moment ago, for servers that must come back on the same one.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A folder with a configuration, in which servers are started one after another.
pub struct Place {
    pub folder: TempDir,
    port: u16,
}

impl Place {
    /// `settings` are lines of TOML.
    pub fn new(lender_url: &str, settings: &str) -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { folder, port: free_port() };
        place.configure(lender_url, settings);
        place
    }

    pub fn configure(&self, lender_url: &str, settings: &str) {
        // Settings come first: a table at their end would swallow what follows.
        let own = format!(
            "listen = \"127.0.0.1:{}\"\nstore = {:?}\nidentity_secret = {SECRET:?}\nlender_url = {lender_url:?}\nlender_key = {LENDER_KEY:?}\n\
             logins_per_minute = 1000\nsecure_cookies = false\n",
            self.port,
            self.store(),
        );
        std::fs::write(self.config(), format!("{own}{settings}\n")).expect("the folder is writable");
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("jieti.toml")
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("jieti.db")
    }

    /// Publishes [`QUESTIONS`] instead of the starter pack: a model of eight needs is trained in a blink.
    pub fn import_questions(&self) {
        let mut table = String::from("id,title,risk,cause,area,owner,ask,answer\n");
        for (id, question, answer) in QUESTIONS {
            let asks = [format!("请问{question}"), format!("我想知道{question}"), format!("{question}呢")].join("|");
            table.push_str(&format!("{id},{question},low,process,常见问题,service,{asks},{answer}\n"));
        }
        let path = self.folder.path().join("questions.csv");
        std::fs::write(&path, table).expect("the folder is writable");
        let output = run(jieti().arg("import").arg(&path).arg("--config").arg(self.config()));
        assert!(output.status.success(), "import: {}{}", text(&output.stdout), text(&output.stderr));
    }

    /// Hires without the command line, which `cli.rs` is about.
    pub async fn hire(&self, people: &[(&str, &[&str])]) {
        let store = jieti_store::Store::open(&jieti_store::StoreUrl::Sqlite(self.store())).await.expect("the store opens");
        for (name, roles) in people {
            let staff = jieti_store::NewStaff {
                id: jieti_domain::id::StaffId::new(*name),
                name: (*name).to_owned(),
                display_name: format!("坐席{name}"),
                password_hash: jieti_api::hash_password(PASSWORD).expect("an ordinary password"),
                roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            };
            store.add_staff(&staff).await.expect("the name is free");
        }
    }

    pub fn serve(&self) -> Server {
        Server::start(jieti().arg("serve").arg("--config").arg(self.config()), self.folder.path())
    }

    /// Like [`Place::serve`], with a shell's preparations in front.
    pub fn serve_after(&self, preparations: &str) -> Server {
        let mut command = Command::new("sh");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("JIETI_")) {
            command.env_remove(name);
        }
        let line = format!("{preparations}; exec \"$0\" \"$@\"");
        command.env("JIETI_LOG", "warn").args(["-c", &line, env!("CARGO_BIN_EXE_jieti"), "serve", "--config"]);
        Server::start(command.arg(self.config()), self.folder.path())
    }
}

/// A running server. It ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
    http: reqwest::Client,
    /// The demo's own folder.
    _folder: Option<TempDir>,
}

impl Server {
    /// Everything in one process, with the starter pack and people to log in as.
    pub fn demo() -> Server {
        Server::demo_with(&[])
    }

    pub fn demo_with(arguments: &[&str]) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = jieti();
        command.args(["demo", "--no-crowd", "--port", "0", "--lender-port", "0", "--data"]).arg(folder.path()).args(arguments);
        let mut server = Server::start(&mut command, folder.path());
        server._folder = Some(folder);
        server
    }

    /// Starts and waits for the address on standard output.
    fn start(command: &mut Command, folder: &Path) -> Server {
        Server::spawn(command, folder).wait()
    }

    pub fn spawn(command: &mut Command, folder: &Path) -> Starting {
        let log = folder.join("server.log");
        let errors = std::fs::File::options().create(true).append(true).open(&log).expect("the folder is writable");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().expect("the binary starts");
        let out = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let (sender, address) = mpsc::channel();
        // Reads to the end, so that the server never writes to a closed pipe.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("console") {
                    let at = rest.trim().trim_start_matches("http://").trim_end_matches("/console/");
                    let _ = sender.send(at.parse::<SocketAddr>().expect("the console's address is an address"));
                }
            }
        });
        Starting { child, address, log }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server is ours to kill");
        self.child.wait().expect("the server is ours to wait for");
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the server is ours to wait for").is_none()
    }

    /// The demo's folder.
    pub fn folder(&self) -> &Path {
        self._folder.as_ref().expect("a demo has its own folder").path()
    }

    pub async fn call(&self, method: Method, path: &str, as_staff: Option<&Staff>, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method.clone(), self.url(path));
        if let Some(staff) = as_staff {
            request = request.header("cookie", &staff.cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await.unwrap_or_else(|e| panic!("{method} {path}: {e}\n{}", self.log()));
        let status = reply.status();
        let text = reply.text().await.expect("the body is text");
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        (status, body)
    }

    pub async fn get(&self, path: &str, staff: &Staff) -> Value {
        let (status, body) = self.call(Method::GET, path, Some(staff), None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, staff: &Staff, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(staff), Some(body)).await
    }

    /// Does something to a conversation, under an id of its own.
    pub async fn act(&self, conversation: &str, staff: &Staff, act: Value) -> (StatusCode, Value) {
        static ACTS: AtomicU32 = AtomicU32::new(0);
        let client_id = format!("act-{}", ACTS.fetch_add(1, Ordering::Relaxed));
        let body = json!({ "client_id": client_id, "act": act });
        self.post(&format!("/api/staff/conversations/{conversation}/acts"), staff, body).await
    }

    pub async fn login(&self, name: &str) -> Staff {
        let body = json!({ "name": name, "password": PASSWORD });
        let reply = self.http.post(self.url("/api/staff/login")).json(&body).send().await.expect("the server answers");
        assert_eq!(reply.status(), 200, "log-in of {name}");
        let cookie = reply.headers()["set-cookie"].to_str().expect("a cookie is text");
        let cookie = cookie.split(';').next().expect("a cookie has a first part").to_owned();
        Staff { name: name.to_owned(), cookie }
    }

    /// On duty; heartbeats last for 45 s, longer than a test needs.
    pub async fn on_duty(&self, staff: &Staff, agent: bool, silent_seat: bool) {
        let body = json!({ "agent": agent, "silent_seat": silent_seat });
        let (status, body) = self.call(Method::PUT, "/api/staff/presence", Some(staff), Some(body)).await;
        assert_eq!(status, 204, "{body}");
    }

    pub async fn open_session(&self, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, "/api/customer/session", None, Some(body)).await
    }

    /// A session of a customer whose identity the test signs: only for servers with [`SECRET`].
    pub async fn session_of(&self, customer: &str) -> String {
        let (status, body) = self.open_session(json!({ "token": identity(customer, 3600) })).await;
        assert_eq!(status, 200, "{body}");
        body["session"].as_str().expect("a session is text").to_owned()
    }

    /// A session of a customer of the demo.
    pub async fn demo_session_of(&self, customer: &str) -> String {
        let (status, body) = self.call(Method::POST, "/demo/api/sign-in", None, Some(json!({ "customer": customer }))).await;
        assert_eq!(status, 200, "{body}");
        let (status, body) = self.open_session(json!({ "token": body["token"] })).await;
        assert_eq!(status, 200, "{body}");
        body["session"].as_str().expect("a session is text").to_owned()
    }

    /// A session of somebody unknown.
    pub async fn visitor_session(&self) -> String {
        let (status, body) = self.open_session(json!({})).await;
        assert_eq!(status, 200, "{body}");
        body["session"].as_str().expect("a session is text").to_owned()
    }

    /// Asks until the answer will do.
    pub async fn until<T>(&self, path: &str, staff: &Staff, enough: impl Fn(&Value) -> Option<T>) -> T {
        let began = std::time::Instant::now();
        loop {
            let body = self.get(path, staff).await;
            if let Some(found) = enough(&body) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "GET {path} never became what was waited for: {body}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only where the server has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            eprintln!("the server's last lines:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

/// A server that may not listen yet.
pub struct Starting {
    child: Child,
    address: mpsc::Receiver<SocketAddr>,
    log: PathBuf,
}

impl Starting {
    pub fn wait(mut self) -> Server {
        match self.address.recv_timeout(PATIENCE) {
            Ok(address) => {
                let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
                Server { child: self.child, address, log: self.log, http, _folder: None }
            }
            Err(_) => {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("the server did not start: {}", std::fs::read_to_string(&self.log).unwrap_or_default())
            }
        }
    }

    pub fn kill(mut self) {
        self.child.kill().expect("the server is ours to kill");
        self.child.wait().expect("the server is ours to wait for");
    }
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Staff {
    pub name: String,
    pub cookie: String,
}

/// An identity token as the lender's back end signs it.
pub fn identity(customer: &str, valid_secs: i64) -> String {
    signed_with(SECRET, customer, valid_secs)
}

pub fn signed_with(secret: &str, customer: &str, valid_secs: i64) -> String {
    let now: Timestamp = SystemClock.now();
    jieti_api::sign_identity(secret, customer, Some("测试客户"), now.plus_secs(valid_secs))
}

/// A lender that lives in the test's process, so that it survives the server's death.
pub struct Lender {
    running: jieti_sandbox_lender::Running,
    http: reqwest::Client,
}

impl Lender {
    pub async fn start() -> Lender {
        let running =
            jieti_sandbox_lender::start(jieti_sandbox_lender::Config::in_memory(LENDER_KEY), 0).await.expect("the lender starts");
        Lender { running, http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client") }
    }

    pub fn url(&self) -> String {
        self.running.url()
    }

    /// `{"api": {"kind": "down"}}`, `{"repayment": "silent"}`.
    pub async fn weather(&self, weather: Value) {
        let url = format!("{}/v1/sandbox/weather", self.url());
        let reply = self.http.post(url).bearer_auth(LENDER_KEY).json(&weather).send().await.expect("the lender answers");
        assert_eq!(reply.status(), 200, "weather {weather}");
    }

    /// What the lender itself has in its books, whatever the weather is afterwards.
    pub async fn repayments(&self, customer: &str) -> Vec<Value> {
        let url = format!("{}/v1/customers/{customer}/repayments", self.url());
        let reply = self.http.get(url).bearer_auth(LENDER_KEY).send().await.expect("the lender answers");
        assert_eq!(reply.status(), 200, "repayments of {customer}");
        let body: Value = reply.json().await.expect("the lender speaks JSON");
        body["repayments"].as_array().expect("a list").clone()
    }
}
