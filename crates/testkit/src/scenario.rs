//! Scenario files: a conversation as a test. Owns their shape and the errors in them; plays none.

use jieti_domain::understanding::Lang;
use jieti_engine::pack::SourceFile;
use jieti_sandbox_lender::weather::{ApiWeather, TransferWeather};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A file of `flows/<flow>/scenarios/`.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub path: String,
    pub name: String,
    /// One of the sandbox lender's demo customers.
    pub customer: String,
    pub lang: Lang,
    pub signed_in: bool,
    pub weather: WeatherOrder,
    pub on_duty: OnDuty,
    pub turns: Vec<Turn>,
}

#[derive(Debug, Clone)]
pub enum Turn {
    /// The customer types.
    Customer(String),
    /// The customer presses the newest button whose label contains this.
    Press(String),
    /// The customer fills in the newest form.
    Submit(BTreeMap<String, String>),
    WaitSecs(i64),
    /// The lender's weather changes.
    Weather(WeatherOrder),
    Expect(Box<Expect>),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnDuty {
    pub agents: u32,
    pub silent_seats: u32,
}

/// Parts that are absent stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WeatherOrder {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiWeather>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disbursement: Option<TransferWeather>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repayment: Option<TransferWeather>,
}

/// What must hold of everything said since the customer's last turn, and of the conversation now. Absent: anything goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Parts of the texts.
    pub text: Vec<String>,
    /// What must stand nowhere: neither in texts nor in cards, buttons and forms.
    pub not_text: Vec<String>,
    /// Parts of a card's title or of one of its rows, written `label value`.
    pub card: Vec<String>,
    /// Parts of button labels.
    pub buttons: Vec<String>,
    /// Exactly the fields of the newest form; an empty list where there must be none.
    pub form: Option<Vec<String>>,
    /// The flow that is running; `null` where none must be.
    #[serde(deserialize_with = "present")]
    pub flow: Option<Option<String>>,
    /// The flow that was interrupted.
    #[serde(deserialize_with = "present")]
    pub paused: Option<Option<String>>,
    /// How a flow ended: `solved`, `unsolved`, `handoff`, `no_answer`, `unknown`, `cancelled`.
    pub ended: Option<String>,
    /// The highest step reached: `self_service`, `bot`, `silent_seat`, `human`.
    pub tier: Option<String>,
    /// `bot`, `draft`, `waiting`, `human`, `closed`.
    pub stage: Option<String>,
    /// How many tickets there are.
    pub tickets: Option<usize>,
}

/// What is wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioError {
    pub path: String,
    /// Counted from 1.
    pub turn: Option<usize>,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    name: String,
    customer: String,
    #[serde(default)]
    lang: Lang,
    #[serde(default = "yes")]
    signed_in: bool,
    #[serde(default)]
    weather: WeatherOrder,
    #[serde(default)]
    on_duty: OnDuty,
    turns: Vec<TurnFile>,
}

/// One turn as written: exactly one of the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TurnFile {
    customer: Option<String>,
    press: Option<String>,
    submit: Option<BTreeMap<String, String>>,
    wait_secs: Option<i64>,
    weather: Option<WeatherOrder>,
    expect: Option<Expect>,
}

impl Scenario {
    /// Reads one file.
    ///
    /// # Errors
    /// `ScenarioError` with the file, the turn where one is at fault, and the reason.
    pub fn parse(source: &SourceFile) -> Result<Scenario, ScenarioError> {
        let wrong = |turn, reason| ScenarioError { path: source.path.clone(), turn, reason };
        let file: ScenarioFile = serde_saphyr::from_str(&source.text).map_err(|e| wrong(None, e.to_string()))?;
        let mut turns = Vec::with_capacity(file.turns.len());
        for (place, turn) in (1..).zip(file.turns) {
            turns.push(turn.parse().map_err(|reason| wrong(Some(place), reason.to_owned()))?);
        }
        if !turns.iter().any(|turn| matches!(turn, Turn::Expect(_))) {
            return Err(wrong(None, "expects nothing; add an expect turn".to_owned()));
        }
        Ok(Scenario {
            path: source.path.clone(),
            name: file.name,
            customer: file.customer,
            lang: file.lang,
            signed_in: file.signed_in,
            weather: file.weather,
            on_duty: file.on_duty,
            turns,
        })
    }
}

impl TurnFile {
    fn parse(self) -> Result<Turn, &'static str> {
        match (self.customer, self.press, self.submit, self.wait_secs, self.weather, self.expect) {
            (Some(text), None, None, None, None, None) => Ok(Turn::Customer(text)),
            (None, Some(label), None, None, None, None) => Ok(Turn::Press(label)),
            (None, None, Some(values), None, None, None) => Ok(Turn::Submit(values)),
            (None, None, None, Some(secs), None, None) => Ok(Turn::WaitSecs(secs)),
            (None, None, None, None, Some(weather), None) => Ok(Turn::Weather(weather)),
            (None, None, None, None, None, Some(expect)) if expect == Expect::default() => {
                Err("expects nothing; write what must be said")
            }
            (None, None, None, None, None, Some(expect)) => Ok(Turn::Expect(Box::new(expect))),
            _ => Err("must be exactly one of customer, press, submit, wait_secs, weather, expect"),
        }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.turn {
            Some(turn) => write!(f, "{}: turn {turn}: {}", self.path, self.reason),
            None => write!(f, "{}: {}", self.path, self.reason),
        }
    }
}

impl std::error::Error for ScenarioError {}

fn yes() -> bool {
    true
}

/// Tells `field: null` (`Some(None)`) from a field that is not there (`None`).
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(turns: &str) -> Result<Scenario, ScenarioError> {
        let text = format!("name: n\ncustomer: c1001\nlang: en\nturns:\n{turns}");
        Scenario::parse(&SourceFile { path: "s.yaml".to_owned(), text })
    }

    #[test]
    fn a_wrong_turn_is_named_with_its_file_and_reason() {
        let error = parse("  - customer: hello\n  - {press: a, wait_secs: 3}\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "s.yaml: turn 2: must be exactly one of customer, press, submit, wait_secs, weather, expect"
        );
        let error = parse("  - customer: hello\n").unwrap_err();
        assert_eq!(error.to_string(), "s.yaml: expects nothing; add an expect turn");
        assert!(parse("  - expect: {txet: [a]}\n").unwrap_err().to_string().contains("txet"));
    }

    #[test]
    fn no_flow_is_not_any_flow() {
        for (written, want) in
            [("{flow: null}", Some(None)), ("{text: [a]}", None), ("{flow: coupons}", Some(Some("coupons".to_owned())))]
        {
            let scenario = parse(&format!("  - expect: {written}\n")).unwrap();
            let Turn::Expect(expect) = &scenario.turns[0] else { panic!("{:?}", scenario.turns) };
            assert_eq!(expect.flow, want, "{written}");
        }
    }
}
