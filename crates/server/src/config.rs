//! The configuration: one documented struct; the example file is generated from it.

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use jieti_domain::tier::Policy;
use jieti_domain::understanding::Lang;
use jieti_engine::Retention;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

/// Everything that can be set. Names are those of the file; `JIETI_LISTEN` in the environment is `listen`,
/// `JIETI_POLICY__SURE_FROM` is `sure_from` under `[policy]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub listen: SocketAddr,
    pub store: String,
    pub identity_secret: String,
    pub lender_url: String,
    pub lender_key: String,
    pub flows: String,
    pub service: String,
    pub journeys: String,
    pub model: String,
    pub messages_per_minute: u32,
    pub logins_per_minute: u32,
    pub secure_cookies: bool,
    pub policy: Policy,
    pub llm: Llm,
    pub encoder: EncoderConfig,
    pub behaviour: Retention,
}

/// Where a language model is, and what it may cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Llm {
    pub url: String,
    pub key: String,
    pub model: String,
    /// For a whole answer.
    pub timeout_secs: u64,
    pub tokens_a_day: u64,
}

impl Default for Llm {
    fn default() -> Self {
        Self { url: String::new(), key: String::new(), model: String::new(), timeout_secs: 12, tokens_a_day: 1_000_000 }
    }
}

/// Sentence encoders that were trained elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderConfig {
    /// With model.onnx, or model.safetensors and config.json of a BERT, and tokenizer.json.
    pub folder: String,
    /// `/embeddings` is added.
    pub url: String,
    pub key: String,
    pub model: String,
    /// For a customer's message.
    pub timeout_ms: u64,
    pub langs: BTreeSet<Lang>,
    /// Of the folder's model, those whose detail is used, counted from 1.
    pub layers: BTreeSet<usize>,
    /// SQLite file for the vectors of the knowledge; empty keeps none.
    pub kept: String,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            folder: String::new(),
            url: String::new(),
            key: String::new(),
            model: String::new(),
            timeout_ms: 300,
            langs: BTreeSet::from([Lang::ZhCn, Lang::En]),
            layers: BTreeSet::new(),
            kept: "data/vectors.db".to_owned(),
        }
    }
}

/// Shortest identity secret: 128 bits in hexadecimal.
const SHORTEST_SECRET: usize = 32;

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8420)),
            store: "data/jieti.db".to_owned(),
            identity_secret: String::new(),
            lender_url: "http://127.0.0.1:8421".to_owned(),
            lender_key: String::new(),
            flows: String::new(),
            service: String::new(),
            journeys: String::new(),
            model: String::new(),
            messages_per_minute: 120,
            logins_per_minute: 10,
            secure_cookies: true,
            policy: Policy::default(),
            llm: Llm::default(),
            encoder: EncoderConfig::default(),
            behaviour: Retention::default(),
        }
    }
}

/// Field → what it means, for the example file. A test holds it against the struct.
const DOCUMENTED: &[(&str, &str)] = &[
    ("listen", "Address and port to listen on."),
    ("store", "SQLite file, or postgres://user:password@host/database."),
    ("identity_secret", "Shared with your back end, which signs customers' identities with it. At least 32 characters."),
    ("lender_url", "Base address of the lender's API (sandbox-lender's protocol)."),
    ("lender_key", "Bearer key for the lender's API."),
    ("flows", "Folder of flows; empty takes those built in."),
    ("service", "Folder of the service team's rules (replies, calendars, ...); empty takes those built in."),
    ("journeys", "Folder with journeys/ and guidance/ (ways through the app, help offered unasked); empty takes those built in."),
    (
        "model",
        "Model file written by `jieti train`; empty reads messages by the words of the knowledge alone. SIGHUP reads it again;\n\
         # a file that is damaged or of another version is refused, and the old model goes on.",
    ),
    ("messages_per_minute", "Messages one customer may send in a minute."),
    ("logins_per_minute", "Log-ins tried for one name in a minute."),
    ("secure_cookies", "Staff cookies over HTTPS only. Set to false on plain HTTP."),
    ("policy.sure_from", "Confidence (0-1) from which an understanding counts as sure."),
    ("policy.fair_from", "Confidence from which it counts as fair."),
    ("policy.unsure_from", "Confidence from which it is worth asking \"did you mean\"."),
    ("policy.close_margin", "Two needs closer than this are offered as buttons, not guessed."),
    ("policy.failures_before_human", "Messages in a row the bot could not help with before a person is called."),
    ("policy.queue_deadline_secs", "Seconds in the queue after which a call back is promised."),
    ("policy.promise_hours", "Hours within which a ticket is promised to be answered while nobody is on duty."),
    ("policy.idle_close_minutes", "Minutes without a word after which a conversation with the bot is closed."),
    (
        "policy.costs",
        "What the handoff judge weighs, in fen: a person's conversation, a complaint to the regulator or in public, a wrong answer of\n\
         # low, medium and high risk. The dearer a complaint beside a person, the sooner an angry or unheard customer gets one.",
    ),
    (
        "policy.low",
        "The matrix: what the bot does with an answer of low risk when it is sure, fair or unsure: answer, draft (a silent seat\n\
         # decides), clarify (buttons), abstain, human. draft_secs: how long a draft waits. unattended: send, hold (an honest note, as\n\
         # long again, then a person) or handoff, when the time runs out or no seat is on duty.",
    ),
    ("policy.medium", "Rules, fees, rates."),
    ("policy.high", "Credit bureau, disputes, law: anything a wrong word makes expensive."),
    (
        "llm",
        "A language model that speaks OpenAI's protocol (Qwen, DeepSeek, vLLM, Ollama, ...), asked only where the bot does not know by\n\
         # itself. Every sentence must cite knowledge and its figures must stand there, and the matrix above decides whether it is\n\
         # said or drafted. url such as http://127.0.0.1:11434/v1 (empty: no model). tokens_a_day: asked and answered, by China's day.",
    ),
    (
        "encoder",
        "A sentence encoder from elsewhere, beside the model file: in folder one as it comes from Hugging Face (model.onnx,\n\
         # or model.safetensors and config.json of a BERT or RoBERTa; tokenizer.json; 1_Pooling/config.json where it has one), or behind url\n\
         # one that speaks OpenAI's protocol (such as http://127.0.0.1:8080/v1, with model and key). It sees texts with personal numbers masked. langs: those it was trained on. layers: of the folder's\n\
         # model, such as [4, 6], whose detail helps where needs have dozens of ways to ask (several times the memory). timeout_ms: how long a customer's\n\
         # message waits for it; then that message is read by its words. kept: file in which the vectors of the knowledge (and no text) are\n\
         # kept, so that a start asks only for new ones; empty keeps none. SIGHUP reads this section and the model file again.",
    ),
    ("behaviour", "Days for which what apps report is kept: pages and steps, errors, every touch."),
];

impl Config {
    /// Reads the file and the environment, in that order.
    ///
    /// # Errors
    /// What is wrong, in which setting, and how to mend it.
    pub fn load(path: &Path) -> anyhow::Result<Config> {
        if !path.exists() {
            bail!("{} does not exist; write one with `jieti config > {}`", path.display(), path.display());
        }
        let figment = Figment::from(Serialized::defaults(Config::default()))
            .merge(Toml::file(path))
            .merge(Env::prefixed("JIETI_").ignore(&["log"]).split("__"));
        let config: Config = figment.extract().with_context(|| format!("configuration {}", path.display()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.identity_secret.len() < SHORTEST_SECRET {
            bail!("identity_secret has {} characters; set one of at least {SHORTEST_SECRET}", self.identity_secret.len());
        }
        let llm = &self.llm;
        if !llm.url.is_empty() && (llm.model.is_empty() || llm.timeout_secs < 1 || llm.tokens_a_day < 1) {
            bail!("llm: url is set, so model must name one, and timeout_secs and tokens_a_day be at least 1");
        }
        let encoder = &self.encoder;
        if !encoder.url.is_empty() && (encoder.model.is_empty() || encoder.timeout_ms < 1) {
            bail!("encoder: url is set, so model must name one, and timeout_ms be at least 1");
        }
        if !(encoder.folder.is_empty() && encoder.url.is_empty()) && encoder.langs.is_empty() {
            bail!("encoder: langs is empty, so it would read nothing; name zh-CN, en or both");
        }
        let keep = self.behaviour;
        if [keep.way_days, keep.trouble_days, keep.touch_days].iter().any(|days| *days < 1) {
            bail!("behaviour: way_days, trouble_days and touch_days must be at least 1");
        }
        let policy = &self.policy;
        let thresholds = [policy.unsure_from, policy.fair_from, policy.sure_from];
        if !thresholds.is_sorted() || thresholds.iter().any(|t| !(0.0..=1.0).contains(t)) {
            bail!("policy: unsure_from ≤ fair_from ≤ sure_from must hold, all between 0 and 1; they are {thresholds:?}");
        }
        for (name, row) in [("low", &policy.low), ("medium", &policy.medium), ("high", &policy.high)] {
            if row.draft_secs < 5 {
                bail!("policy.{name}.draft_secs is {}; nobody can read a draft in less than 5 seconds", row.draft_secs);
            }
        }
        if policy.queue_deadline_secs < 30 || policy.promise_hours < 1 || policy.idle_close_minutes < 1 {
            bail!("policy: queue_deadline_secs must be at least 30, promise_hours and idle_close_minutes at least 1");
        }
        Ok(())
    }
}

/// The whole file with every setting, its default and its meaning.
pub fn example() -> String {
    let config = serde_json::to_value(Config::default()).expect("the configuration has string keys");
    let mut text = String::from("# Configuration of Jieti. Generated by `jieti config`; every value is the default.\n");
    let mut in_policy = false;
    for (path, meaning) in DOCUMENTED {
        let value = path.split('.').fold(&config, |value, name| &value[name]);
        let name = path.rsplit('.').next().unwrap_or(path);
        if path.starts_with("policy.") && !in_policy {
            in_policy = true;
            text.push_str("\n[policy]\n");
        }
        match value {
            serde_json::Value::Object(fields) => {
                text.push_str(&format!("\n# {meaning}\n[{path}]\n"));
                for (field, value) in fields {
                    text.push_str(&format!("{field} = {}\n", short(value)));
                }
            }
            value => text.push_str(&format!("# {meaning}\n{name} = {}\n", short(value))),
        }
    }
    text
}

/// Thresholds are 32-bit: written as JSON they would show digits that nobody meant.
fn short(value: &serde_json::Value) -> String {
    match value.as_f64().filter(|_| value.is_f64()) {
        Some(number) => format!("{}", (number * 1000.0).round() / 1000.0),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(value: &serde_json::Value, prefix: &str, found: &mut Vec<String>) {
        for (name, value) in value.as_object().expect("a table") {
            let path = format!("{prefix}{name}");
            match value {
                serde_json::Value::Object(_) if name == "policy" => paths(value, "policy.", found),
                _ => found.push(path),
            }
        }
    }

    #[test]
    fn every_setting_is_documented_and_the_example_is_the_default() {
        let default = serde_json::to_value(Config::default()).expect("serialises");
        let mut settings = Vec::new();
        paths(&default, "", &mut settings);
        for path in &settings {
            assert!(DOCUMENTED.iter().any(|(p, _)| p == path), "{path} has no description");
        }
        assert_eq!(settings.len(), DOCUMENTED.len());
        let read: Config = Figment::from(Toml::string(&example())).extract().expect("the example is a configuration");
        assert_eq!(example_of(&read), example_of(&Config::default()));
    }

    fn example_of(config: &Config) -> String {
        format!("{config:?}")
    }

    #[test]
    fn a_short_secret_and_crossed_thresholds_are_refused_with_the_mend() {
        let secret = "x".repeat(32);
        let short = Config::default().check().expect_err("no secret").to_string();
        assert!(short.contains("identity_secret") && short.contains("32"), "{short}");
        let mut crossed = Config { identity_secret: secret, ..Config::default() };
        crossed.policy.fair_from = 0.9;
        let crossed = crossed.check().expect_err("crossed").to_string();
        assert!(crossed.contains("sure_from"), "{crossed}");
    }
}
