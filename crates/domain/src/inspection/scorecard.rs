//! The scorecard as data: criteria with their weights and checks, and everything that can be wrong with them. Owns the
//! shape and its rules; inspects nothing.

use super::plain::Plain;
use super::review::ReviewPolicy;
use super::timeline::Party;
use crate::id::RuleId;
use crate::understanding::{Localized, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What every conversation is held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    pub title: Localized,
    pub review: ReviewPolicy,
    pub criteria: Vec<Criterion>,
}

/// One rule of the card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub id: RuleId,
    pub title: Localized,
    /// Shown with each finding: what is wrong with it, and what to do instead.
    pub why: Localized,
    pub severity: Severity,
    /// Points of 100 that breaking it costs, however often, 1–100.
    pub weight: u8,
    pub applies_to: BTreeSet<Party>,
    #[serde(default)]
    pub watch: Watch,
    pub check: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Minor,
    Major,
    /// The conversation fails, whatever else was good.
    Critical,
}

/// When a criterion is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    #[default]
    AtClose,
    /// Also while the conversation runs, after each thing our side says; a finding alarms supervisors.
    AtOnce,
}

/// What a criterion looks for. Phrases are matched on plain text (see `plain`); `unless` is looked for in the same clause,
/// `unless_in_sentence` in the same sentence, both outside the phrase itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    Required(Required),
    Forbidden(Forbidden),
    Promise(Promise),
    WrongSums(WrongSums),
    Disclosure(Disclosure),
    ResponseTime(ResponseTime),
    Silence(Silence),
    Interruption(Interruption),
    Mood(MoodTurn),
    MissedHandoff(MissedHandoff),
    Loops(Loops),
    ContactHours(ContactHours),
}

/// One of the phrases must be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    pub phrases: Vec<String>,
    pub when: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Moment {
    /// Within the first so many messages of each speaker.
    Opening { turns: usize },
    /// Within the last so many messages of the agent who closes the conversation.
    Closing { turns: usize },
    /// Within so many of our messages after the customer said one of the phrases.
    After { phrases: Vec<String>, turns: usize },
}

/// None of the phrases may be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    pub phrases: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub unless_in_sentence: Vec<String>,
}

/// Who promises opens a ticket, so that somebody keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    pub phrases: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub unless_in_sentence: Vec<String>,
}

/// A figure that neither the lender nor the bot nor the customer gave in this conversation. A sum or difference of two
/// given sums counts as given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongSums {
    pub kinds: BTreeSet<FigureKind>,
    pub when_nothing_is_known: Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    Sum,
    Rate,
    Day,
}

/// What to make of a figure in a conversation that has no figure of its kind to hold it against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    Pass,
    Flag,
}

/// Account facts, with a figure or a card, said to somebody who is not signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    pub phrases: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
}

/// Seconds within which the customer is answered: the first time by a person since they joined, and after that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseTime {
    pub first_secs: i64,
    pub next_secs: i64,
}

/// Who says one of the phrases ("please wait") comes back within so many seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    pub phrases: Vec<String>,
    pub secs: i64,
}

/// Answers that come within so many seconds after the customer wrote and before the customer goes on, as often as `times`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interruption {
    pub within_secs: i64,
    pub times: usize,
}

/// The customer's mood at the end against the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoodTurn {
    pub part: MoodPart,
    /// Points of 100 that it rose by, at least.
    pub rises: u8,
    /// Where it ended, at least.
    pub to: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoodPart {
    Anger,
    Worry,
    Urgency,
}

/// The customer gave one of the signals, or pressed the button, and neither queue, person nor ticket followed in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissedHandoff {
    pub signals: BTreeSet<Signal>,
    pub within_secs: i64,
}

/// The same speaker says the same thing so many times, with the customer speaking in between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loops {
    pub times: usize,
}

/// Dunning between two hours of the day in China, unless the customer has just written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactHours {
    pub phrases: Vec<String>,
    /// First forbidden hour, 0–23.
    pub from_hour: i8,
    /// First allowed hour, 0–23.
    pub until_hour: i8,
    pub unless_customer_within_secs: i64,
}

/// Fewest characters of a phrase: what is shorter is found in nearly everything that is said.
const SHORTEST_HAN: usize = 2;
/// Latin phrases are whole words, so that even "hi" is found as itself only.
const SHORTEST_LATIN: usize = 2;

impl Scorecard {
    /// What is wrong with the card, one line each; empty where it may be used.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.review.problems();
        if self.criteria.is_empty() {
            problems.push("scorecard has no criteria; write at least one under criteria:".to_owned());
        }
        for (place, criterion) in self.criteria.iter().enumerate() {
            if self.criteria[..place].iter().any(|c| c.id == criterion.id) {
                problems.push(format!("criterion {:?} is written twice; rename one", criterion.id.as_str()));
            }
            problems.extend(criterion.problems().into_iter().map(|p| format!("criterion {:?}: {p}", criterion.id.as_str())));
        }
        problems
    }

    pub fn criterion(&self, rule: &RuleId) -> Option<&Criterion> {
        self.criteria.iter().find(|c| c.id == *rule)
    }
}

impl Criterion {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut must = |holds: bool, problem: &str| {
            if !holds {
                problems.push(problem.to_owned());
            }
        };
        must(!self.id.as_str().trim().is_empty(), "id is empty; give it a name such as no-guarantee");
        let texts = [&self.title.zh_cn, &self.title.en, &self.why.zh_cn, &self.why.en];
        must(texts.iter().all(|t| !t.trim().is_empty()), "title and why need both zh-CN and en; write what is missing");
        must((1..=100).contains(&self.weight), "weight must be between 1 and 100 points; correct it");
        must(!self.applies_to.is_empty(), "applies_to is empty; name bot, silent_seat or person");
        match &self.check {
            Check::Required(required) => match &required.when {
                Moment::Opening { turns } | Moment::Closing { turns } | Moment::After { turns, .. } => {
                    must(*turns > 0, "turns must be at least 1; correct it");
                }
            },
            Check::WrongSums(sums) => must(!sums.kinds.is_empty(), "kinds is empty; name sum, rate or day"),
            Check::ResponseTime(time) => {
                must(time.first_secs > 0 && time.next_secs > 0, "first_secs and next_secs must be at least 1; correct them");
            }
            Check::Silence(silence) => must(silence.secs > 0, "secs must be at least 1; correct it"),
            Check::Interruption(burst) => {
                must(burst.within_secs > 0 && burst.times > 0, "within_secs and times must be at least 1; correct them");
            }
            Check::Mood(mood) => {
                let in_range = (1..=100).contains(&mood.rises) && (1..=100).contains(&mood.to);
                must(in_range, "rises and to must be between 1 and 100; correct them");
            }
            Check::MissedHandoff(handoff) => {
                must(!handoff.signals.is_empty(), "signals is empty; name one such as wants_human");
                must(handoff.within_secs > 0, "within_secs must be at least 1; correct it");
            }
            Check::Loops(loops) => must(loops.times > 1, "times must be at least 2; saying something once is no loop"),
            Check::ContactHours(hours) => {
                let are_hours = (0..24).contains(&hours.from_hour) && (0..24).contains(&hours.until_hour);
                must(are_hours && hours.from_hour != hours.until_hour, "from_hour and until_hour must be two hours of 0–23");
                must(hours.unless_customer_within_secs >= 0, "unless_customer_within_secs is negative; write 0 or more");
            }
            Check::Forbidden(_) | Check::Promise(_) | Check::Disclosure(_) => {}
        }
        for list in self.check.lists() {
            problems.extend(list.problems());
        }
        problems
    }
}

/// One list of phrases of a check, by the name of its field.
pub(super) struct PhraseList<'a> {
    pub name: &'static str,
    pub phrases: &'a [String],
    pub needs: Needs,
    /// A phrase that is its own exception contradicts itself.
    pub exceptions: [&'a [String]; 2],
}

#[derive(PartialEq)]
pub(super) enum Needs {
    AtLeastOne,
    Nothing,
}

impl Check {
    /// Every list of phrases, in the order in which the compiled card numbers them.
    pub(super) fn lists(&self) -> Vec<PhraseList<'_>> {
        let needed = |phrases, exceptions| PhraseList { name: "phrases", phrases, needs: Needs::AtLeastOne, exceptions };
        let exempt = |name, phrases| PhraseList { name, phrases, needs: Needs::Nothing, exceptions: [&[], &[]] };
        match self {
            Check::Required(c) => {
                let trigger: &[String] = match &c.when {
                    Moment::After { phrases, .. } => phrases,
                    Moment::Opening { .. } | Moment::Closing { .. } => &[],
                };
                let needs = if matches!(c.when, Moment::After { .. }) { Needs::AtLeastOne } else { Needs::Nothing };
                let after = PhraseList { name: "when.after.phrases", phrases: trigger, needs, exceptions: [&[], &[]] };
                vec![needed(&c.phrases, [&[], &[]]), after]
            }
            Check::Forbidden(Forbidden { phrases, unless, unless_in_sentence })
            | Check::Promise(Promise { phrases, unless, unless_in_sentence }) => vec![
                needed(phrases, [unless, unless_in_sentence]),
                exempt("unless", unless),
                exempt("unless_in_sentence", unless_in_sentence),
            ],
            Check::Disclosure(c) => vec![needed(&c.phrases, [&c.unless, &[]]), exempt("unless", &c.unless)],
            Check::Silence(c) => vec![needed(&c.phrases, [&[], &[]])],
            Check::ContactHours(c) => vec![needed(&c.phrases, [&[], &[]])],
            Check::WrongSums(_)
            | Check::ResponseTime(_)
            | Check::Interruption(_)
            | Check::Mood(_)
            | Check::MissedHandoff(_)
            | Check::Loops(_) => Vec::new(),
        }
    }
}

impl PhraseList<'_> {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.needs == Needs::AtLeastOne && self.phrases.is_empty() {
            problems.push(format!("{} is empty; write at least one phrase", self.name));
        }
        for phrase in self.phrases {
            let plain = Plain::new(phrase);
            let shortest = if plain.text.is_ascii() { SHORTEST_LATIN } else { SHORTEST_HAN };
            if plain.text.chars().count() < shortest {
                problems.push(format!("{}: {phrase:?} is too short and would be found everywhere; write more of it", self.name));
                continue;
            }
            let mut exceptions = self.exceptions.iter().copied().flatten();
            if exceptions.any(|exception| Plain::new(exception).text == plain.text) {
                problems.push(format!("{phrase:?} is both forbidden and excepted; remove one"));
            }
        }
        problems
    }
}
