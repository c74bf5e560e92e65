//! Knowledge: needs, the ways customers ask for them, and the answers with their buttons. Owns the entry and its checks;
//! finds nothing by text (that is `language`).

mod audience;
mod conflict;
mod difference;
mod drift;
mod gap;
mod group;

pub use audience::{Account, AppVersion, Audience, Life, LifeStage, Situation, Validity};
pub use conflict::{Conflict, ConflictKind, Mend, Place, alike, bare, conflicts, mended};
pub use difference::{FieldChange, changes};
pub use drift::{Drift, ReadOn, drift};
pub use gap::{Gap, GapWhy, Lesson, LessonSource, LessonVerdict, Taught, taught};
pub use group::{Groups, Member, Proposal, drafted, has_grown, plain_vector, propose, typical_words};

use crate::id::{FlowId, NeedId};
use crate::message::{Action, Button, Message};
use crate::tier::Risk;
use crate::understanding::Lang;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

/// One need with its answer in each language it is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: NeedId,
    /// Stage of the customer's life with the lender, such as `repayment`: the first part of the id.
    pub stage: String,
    pub risk: Risk,
    pub cause: Cause,
    /// Department that can remove the reason for the question.
    pub owner: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowId>,
    /// Only meaningful for a customer whose identity is proven.
    #[serde(default)]
    pub signed_in: bool,
    /// When the answer may be given.
    #[serde(default, skip_serializing_if = "Validity::is_always")]
    pub valid: Validity,
    /// For whom the answer is; others get the variant that fits them, or none.
    #[serde(default, skip_serializing_if = "Audience::is_everybody")]
    pub audience: Audience,
    /// Other answers to the same need, for narrower audiences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    // Boxed: a map makes room for eleven, a kilobyte, where an entry has one or two.
    pub texts: BTreeMap<Lang, Box<EntryText>>,
}

/// Another answer to the same need, for those whom it fits better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What editors call it, once in its entry.
    pub name: String,
    #[serde(default)]
    pub audience: Audience,
    #[serde(default)]
    pub valid: Validity,
    pub texts: BTreeMap<Lang, VariantText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VariantText {
    pub answer: String,
    #[serde(default)]
    pub buttons: Vec<EntryButton>,
}

/// The answer that fits a customer, in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Of the variant; `None` for the entry's own answer.
    pub variant: Option<&'a str>,
    pub text: &'a str,
    pub buttons: &'a [EntryButton],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryText {
    pub title: String,
    pub ask: Vec<String>,
    pub answer: String,
    #[serde(default)]
    pub buttons: Vec<EntryButton>,
}

/// A button as an editor writes it: exactly one of `open`, `flow` and `ask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryButton {
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<NeedId>,
}

/// Attribution: why customers have to ask at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub kind: CauseKind,
    /// Product area, a short phrase.
    pub area: String,
}

/// 业务, 流程, 操作.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    Business,
    Process,
    Operation,
}

/// Everything that is published, by need. Clones share the entries.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// By their needs' names, each once.
    entries: Vec<Arc<Entry>>,
    asks_the_lender: bool,
}

/// What is wrong with one entry; `mend` is in the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryError {
    #[error("entry {id:?}: id must be <stage>.<name> in lower-case letters, digits and underscores")]
    Id { id: String },
    #[error("entry {id:?}: stage is {stage:?} but the id begins with {prefix:?}; make them the same")]
    Stage { id: String, stage: String, prefix: String },
    #[error("entry {id:?}: no text in any language; add one under texts")]
    NoText { id: String },
    #[error("entry {id:?} ({lang:?}): {field} is empty; write it")]
    Empty { id: String, lang: Lang, field: &'static str },
    #[error("entry {id:?} ({lang:?}): button {label:?} needs exactly one of open, flow and ask")]
    Button { id: String, lang: Lang, label: String },
    #[error("entry {id:?} ({lang:?}): button {label:?} asks for {target:?}, which is not an entry; correct the id")]
    ButtonTarget { id: String, lang: Lang, label: String, target: String },
    #[error("entry {id:?}: flow {flow:?} does not exist; correct it or add flows/{flow}/flow.yaml")]
    Flow { id: String, flow: String },
    #[error("entry {id:?}: {place} ends before it begins; exchange the days")]
    Validity { id: String, place: String },
    #[error("entry {id:?}: {place} is for app versions from {from} and below {below}, which is none; correct one of them")]
    Versions { id: String, place: String, from: String, below: String },
    #[error("entry {id:?}: variant {name:?} is there twice; rename one")]
    VariantTwice { id: String, name: String },
    #[error("entry {id:?}: variant {name:?} has no answer; write one in a language")]
    VariantEmpty { id: String, name: String },
    #[error("entry {id:?}: {one} and {other} are for the same customers on the same days; narrow one of them")]
    SameAudience { id: String, one: String, other: String },
    #[error("entry {id:?} and entry {other:?} both list the question {question:?}; keep it in one")]
    Contradiction { id: String, other: String, question: String },
}

impl Entry {
    /// The text in `lang`, or in the other language where it is not written in that one.
    pub fn text(&self, lang: Lang) -> Option<&EntryText> {
        self.texts.get(&lang).or_else(|| self.texts.values().next()).map(|text| &**text)
    }

    /// The answer for this customer: of those whose audience and validity fit, the one that asks most of the customer; among
    /// equals the entry's own, then the first. `None` where nothing fits: the customer gets no answer to this need.
    pub fn answer(&self, lang: Lang, customer: &Situation<'_>) -> Option<Answer<'_>> {
        let own =
            (self.valid.holds(customer.today) && self.audience.fits(customer)).then_some((self.audience.specificity(), None));
        let fitting = self.variants.iter().filter(|v| v.valid.holds(customer.today) && v.audience.fits(customer));
        let all = own.into_iter().chain(fitting.map(|v| (v.audience.specificity(), Some(v))));
        // The first of the most specific, which `max_by_key` is not.
        let (_, best) = all.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        match best {
            None => self.text(lang).map(|t| Answer { variant: None, text: &t.answer, buttons: &t.buttons }),
            Some(variant) => {
                let text = variant.texts.get(&lang).or_else(|| variant.texts.values().next())?;
                Some(Answer { variant: Some(&variant.name), text: &text.answer, buttons: &text.buttons })
            }
        }
    }

    /// The answer for this customer as a message, buttons included; `None` where nothing fits.
    pub fn message(&self, lang: Lang, customer: &Situation<'_>) -> Option<Message> {
        let answer = self.answer(lang, customer)?;
        let buttons = answer.buttons.iter().filter_map(|b| Some(Button::new(&b.label, b.action()?))).collect();
        Some(Message { text: answer.text.trim().to_owned(), buttons, ..Message::default() })
    }

    /// Whether somebody gets an answer on this day.
    pub fn is_in_force(&self, today: Date) -> bool {
        self.valid.holds(today) || self.variants.iter().any(|v| v.valid.holds(today))
    }

    /// How the answer that ends first stands on a day.
    pub fn life(&self, today: Date) -> Life {
        let lives = std::iter::once(self.valid).chain(self.variants.iter().map(|v| v.valid)).map(|v| v.life(today));
        lives.min().unwrap_or(Life::Lasting)
    }

    /// Whether only the lender's core can say which answer fits.
    pub fn asks_the_lender(&self) -> bool {
        self.audience.asks_the_lender() || self.variants.iter().any(|v| v.audience.asks_the_lender())
    }

    /// Every way to ask, in every language.
    fn questions(&self) -> impl Iterator<Item = &String> {
        self.texts.values().flat_map(|text| &text.ask)
    }

    /// Every answer's buttons with the language they are written in.
    fn buttons(&self) -> impl Iterator<Item = (Lang, &EntryButton)> {
        let own = self.texts.iter().flat_map(|(lang, text)| text.buttons.iter().map(|b| (*lang, b)));
        let variants = self.variants.iter().flat_map(|v| &v.texts);
        own.chain(variants.flat_map(|(lang, text)| text.buttons.iter().map(|b| (*lang, b))))
    }

    /// Checks what can be seen in the entry alone.
    pub fn problems(&self) -> Vec<EntryError> {
        let id = self.id.0.clone();
        let mut found = Vec::new();
        let legal =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        match self.id.0.split_once('.') {
            Some((prefix, name)) if legal(prefix) && legal(name) => {
                if prefix != self.stage {
                    found.push(EntryError::Stage { id: id.clone(), stage: self.stage.clone(), prefix: prefix.to_owned() });
                }
            }
            Some(_) | None => found.push(EntryError::Id { id: id.clone() }),
        }
        if self.texts.is_empty() {
            found.push(EntryError::NoText { id: id.clone() });
        }
        for (&lang, text) in &self.texts {
            let empty = |field| EntryError::Empty { id: id.clone(), lang, field };
            if text.title.trim().is_empty() {
                found.push(empty("title"));
            }
            if text.answer.trim().is_empty() {
                found.push(empty("answer"));
            }
            if text.ask.iter().all(|a| a.trim().is_empty()) {
                found.push(empty("ask"));
            }
        }
        for (lang, button) in self.buttons().filter(|(_, button)| button.action().is_none()) {
            found.push(EntryError::Button { id: id.clone(), lang, label: button.label.clone() });
        }
        found.extend(self.audience_problems());
        found
    }

    fn audience_problems(&self) -> Vec<EntryError> {
        let id = || self.id.0.clone();
        let mut found = Vec::new();
        let own = ("the entry's own answer".to_owned(), &self.valid, &self.audience);
        let variants = self.variants.iter().map(|v| (format!("variant {:?}", v.name), &v.valid, &v.audience));
        let all: Vec<(String, &Validity, &Audience)> = std::iter::once(own).chain(variants).collect();
        for (place, (name, valid, audience)) in all.iter().enumerate() {
            if valid.from.zip(valid.until).is_some_and(|(from, until)| until < from) {
                found.push(EntryError::Validity { id: id(), place: name.clone() });
            }
            if let (Some(from), Some(below)) = (&audience.app_from, &audience.app_below)
                && below <= from
            {
                let (from, below) = (from.clone().into(), below.clone().into());
                found.push(EntryError::Versions { id: id(), place: name.clone(), from, below });
            }
            let twin = all[..place].iter().find(|(_, v, a)| a == audience && v.meets(valid));
            if let Some((other, ..)) = twin {
                found.push(EntryError::SameAudience { id: id(), one: other.clone(), other: name.clone() });
            }
        }
        for (place, variant) in self.variants.iter().enumerate() {
            if self.variants[..place].iter().any(|v| v.name == variant.name) {
                found.push(EntryError::VariantTwice { id: id(), name: variant.name.clone() });
            }
            if variant.texts.is_empty() || variant.texts.values().any(|t| t.answer.trim().is_empty()) {
                found.push(EntryError::VariantEmpty { id: id(), name: variant.name.clone() });
            }
        }
        found
    }
}

impl EntryButton {
    /// `None` unless exactly one target is given.
    pub fn action(&self) -> Option<Action> {
        match (&self.open, &self.flow, &self.ask) {
            (Some(link), None, None) => Some(Action::Open { link: link.clone() }),
            (None, Some(flow), None) => Some(Action::Flow { flow: flow.clone() }),
            (None, None, Some(need)) => Some(Action::Ask { need: need.clone() }),
            _ => None,
        }
    }
}

impl Knowledge {
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self::default().with(entries)
    }

    /// The same with entries put in or replaced; all others are shared.
    #[must_use]
    pub fn with(&self, entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut all = self.entries.clone();
        all.extend(entries.into_iter().map(Arc::new));
        // Of one need the last counts: the order of equals stays.
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let entries: Vec<Arc<Entry>> = all.chunk_by(|a, b| a.id == b.id).filter_map(|same| same.last().cloned()).collect();
        let asks_the_lender = entries.iter().any(|entry| entry.asks_the_lender());
        Self { entries, asks_the_lender }
    }

    /// Needs whose entry is another than it was before, new, or gone.
    pub fn changed_since(&self, before: &Knowledge) -> BTreeSet<NeedId> {
        let is_other = |entry: &&Arc<Entry>| before.find(&entry.id).is_none_or(|old| old != *entry);
        let changed = self.entries.iter().filter(is_other);
        let gone = before.entries.iter().filter(|old| self.find(&old.id).is_none());
        changed.chain(gone).map(|entry| entry.id.clone()).collect()
    }

    fn find(&self, need: &NeedId) -> Option<&Arc<Entry>> {
        let place = self.entries.binary_search_by(|entry| entry.id.cmp(need));
        place.ok().map(|place| &self.entries[place])
    }

    pub fn get(&self, need: &NeedId) -> Option<&Entry> {
        self.find(need).map(|entry| &**entry)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there is an answer that only the lender's core can place.
    pub fn asks_the_lender(&self) -> bool {
        self.asks_the_lender
    }

    /// Every problem of every entry and between entries.
    pub fn problems(&self, flows: &BTreeSet<FlowId>) -> Vec<EntryError> {
        self.problems_of(&self.iter().map(|entry| entry.id.clone()).collect(), flows)
    }

    /// The problems that these needs' entries have or make; publishing them is refused unless this is empty.
    pub fn problems_of(&self, needs: &BTreeSet<NeedId>, flows: &BTreeSet<FlowId>) -> Vec<EntryError> {
        let mut found = Vec::new();
        for entry in needs.iter().filter_map(|need| self.get(need)) {
            found.extend(entry.problems());
            if let Some(flow) = entry.flow.as_ref().filter(|f| !flows.contains(f)) {
                found.push(EntryError::Flow { id: entry.id.0.clone(), flow: flow.0.clone() });
            }
            for (lang, button) in entry.buttons() {
                if let Some(target) = button.ask.as_ref().filter(|target| self.find(target).is_none()) {
                    found.push(EntryError::ButtonTarget {
                        id: entry.id.0.clone(),
                        lang,
                        label: button.label.clone(),
                        target: target.0.clone(),
                    });
                }
                if let Some(flow) = button.flow.as_ref().filter(|f| !flows.contains(f)) {
                    found.push(EntryError::Flow { id: entry.id.0.clone(), flow: flow.0.clone() });
                }
            }
        }
        found.extend(self.contradictions(needs));
        found
    }

    /// Questions that one of these needs and another list.
    fn contradictions(&self, needs: &BTreeSet<NeedId>) -> Vec<EntryError> {
        let key = |question: &str| question.trim().to_lowercase();
        let own = needs.iter().filter_map(|need| self.get(need)).flat_map(Entry::questions);
        let mut listed_in: BTreeMap<String, Option<&NeedId>> = own.map(|question| (key(question), None)).collect();
        let mut found = Vec::new();
        for entry in self.iter() {
            for question in entry.questions() {
                let Some(first) = listed_in.get_mut(&key(question)) else { continue };
                match first.replace(&entry.id) {
                    Some(other) if *other != entry.id => found.push(EntryError::Contradiction {
                        id: entry.id.0.clone(),
                        other: other.0.clone(),
                        question: question.clone(),
                    }),
                    Some(_) | None => {}
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Channel;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 22);

    fn entry(json: &serde_json::Value) -> Entry {
        let mut whole = serde_json::json!({
            "id": "repayment.early", "stage": "repayment", "risk": "low", "owner": "repayment",
            "cause": {"kind": "operation", "area": "还款"},
            "texts": {"zh-CN": {"title": "提前还款", "ask": ["提前还清"], "answer": "大家"}},
        });
        whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    fn variant(name: &str, audience: serde_json::Value, valid: serde_json::Value) -> serde_json::Value {
        serde_json::json!({"name": name, "audience": audience, "valid": valid, "texts": {"zh-CN": {"answer": name}}})
    }

    #[test]
    fn entries_are_shared_replaced_and_told_apart_from_what_they_were() {
        let of = |id: &str, title: &str| -> Entry {
            entry(&serde_json::json!({"id": id, "texts": {"zh-CN": {"title": title, "ask": [title], "answer": "答"}}}))
        };
        let titles = |knowledge: &Knowledge| -> Vec<String> {
            knowledge.iter().map(|entry| format!("{} {}", entry.id, entry.texts[&Lang::ZhCn].title)).collect()
        };
        let before = Knowledge::new([of("repayment.b", "二"), of("repayment.a", "一"), of("repayment.b", "三")]);
        assert_eq!(titles(&before), ["repayment.a 一", "repayment.b 三"]);
        let after = before.with([of("repayment.c", "四"), of("repayment.a", "五"), of("repayment.b", "三")]);
        assert_eq!(titles(&after), ["repayment.a 五", "repayment.b 三", "repayment.c 四"]);
        assert_eq!(titles(&before), ["repayment.a 一", "repayment.b 三"]);
        let changed = BTreeSet::from(["repayment.a".into(), "repayment.c".into()]);
        assert_eq!((after.changed_since(&before), before.changed_since(&after)), (changed.clone(), changed));
        assert!(after.changed_since(&after.clone()).is_empty());
        assert_eq!(after.get(&"repayment.d".into()), None);
    }

    #[test]
    fn the_answer_that_asks_most_of_the_customer_wins_and_an_expired_one_is_never_given() {
        use serde_json::json;
        let account =
            Account { products: BTreeSet::from(["极速贷".to_owned()]), stages: BTreeSet::from([LifeStage::Repaying]) };
        let customer = Situation { today: TODAY, channel: Channel::App, app: AppVersion::parse("5.2"), account: Some(&account) };
        let quick = || json!({"products": ["极速贷"]});
        let none = || json!({});
        for (name, fields, want) in [
            ("nothing but its own", json!({}), Some("大家")),
            ("a variant that fits", json!({"variants": [variant("极速", quick(), none())]}), Some("极速")),
            (
                "the narrower one",
                json!({"variants": [variant("极速", quick(), none()), variant("新版", json!({"products": ["极速贷"], "app_from": "5.2"}), none())]}),
                Some("新版"),
            ),
            (
                "the first of two as narrow",
                json!({"variants": [variant("App", json!({"channels": ["app"]}), none()), variant("极速", quick(), none())]}),
                Some("App"),
            ),
            (
                "a variant that has expired",
                json!({"variants": [variant("极速", quick(), json!({"until": "2026-11-21"}))]}),
                Some("大家"),
            ),
            ("an answer that has expired", json!({"valid": {"until": "2026-11-21"}}), None),
            ("an answer that has not begun", json!({"valid": {"from": "2026-11-23"}}), None),
            ("an answer for others", json!({"audience": {"channels": ["web"]}}), None),
            (
                "its own has expired, and a variant has not",
                json!({"valid": {"until": "2026-11-21"}, "variants": [variant("极速", quick(), none())]}),
                Some("极速"),
            ),
        ] {
            let entry = entry(&fields);
            assert_eq!(entry.problems(), [], "{name}");
            assert_eq!(entry.answer(Lang::ZhCn, &customer).map(|a| a.text), want, "{name}");
            assert_eq!(entry.message(Lang::En, &customer).map(|m| m.text).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn audiences_that_contradict_themselves_or_each_other_are_problems() {
        use serde_json::json;
        let app = || json!({"channels": ["app"]});
        for (fields, problem) in [
            (json!({"valid": {"from": "2026-11-22", "until": "2026-11-21"}}), "ends before it begins"),
            (json!({"audience": {"app_from": "5.2", "app_below": "5.2.0"}}), "which is none"),
            (json!({"variants": [variant("a", app(), json!({})), variant("b", app(), json!({}))]}), "same customers"),
            (json!({"variants": [variant("a", json!({}), json!({}))]}), "same customers"),
            (
                json!({"variants": [variant("a", app(), json!({})), variant("a", json!({"channels": ["web"]}), json!({}))]}),
                "there twice",
            ),
            (json!({"variants": [{"name": "a", "audience": app(), "texts": {"zh-CN": {"answer": " "}}}]}), "no answer"),
            (
                json!({"variants": [{"name": "a", "audience": app(), "texts": {"zh-CN": {"answer": "好", "buttons": [{"label": "去"}]}}}]}),
                "exactly one of",
            ),
        ] {
            let problems: Vec<String> = entry(&fields).problems().iter().map(ToString::to_string).collect();
            assert!(problems.len() == 1 && problems[0].contains(problem), "{problems:?} {problem}");
        }
        // One after the other is no contradiction.
        let follow =
            json!({"valid": {"until": "2026-11-21"}, "variants": [variant("a", json!({}), json!({"from": "2026-11-22"}))]});
        assert_eq!(entry(&follow).problems(), []);
    }

    #[test]
    fn an_entry_of_before_audiences_reads_and_is_written_as_it_was() {
        let written = serde_json::to_value(entry(&serde_json::json!({}))).unwrap();
        for field in ["valid", "audience", "variants"] {
            assert!(written.get(field).is_none(), "{written}");
        }
    }

    #[test]
    fn the_answer_that_ends_first_says_how_the_entry_stands() {
        use serde_json::json;
        for (fields, want) in [
            (json!({}), Life::Lasting),
            (json!({"valid": {"until": "2026-11-27"}}), Life::Expires { days: 5 }),
            (
                json!({"valid": {"until": "2026-11-27"}, "variants": [variant("a", json!({"channels": ["app"]}), json!({"until": "2026-11-20"}))]}),
                Life::Expired { days: 2 },
            ),
        ] {
            assert_eq!(entry(&fields).life(TODAY), want);
        }
    }
}
