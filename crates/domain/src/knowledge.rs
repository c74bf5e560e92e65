//! Knowledge: needs, the ways customers ask for them, and the answers with their buttons. Owns the entry and its checks;
//! finds nothing by text (that is `language`).

use crate::id::{FlowId, NeedId};
use crate::message::{Action, Button, Message};
use crate::tier::Risk;
use crate::understanding::Lang;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
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
    pub texts: BTreeMap<Lang, EntryText>,
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

/// Everything that is published, by need.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    entries: BTreeMap<NeedId, Entry>,
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
    #[error("entry {id:?} and entry {other:?} both list the question {question:?}; keep it in one")]
    Contradiction { id: String, other: String, question: String },
}

impl Entry {
    /// The text in `lang`, or in the other language where it is not written in that one.
    pub fn text(&self, lang: Lang) -> Option<&EntryText> {
        self.texts.get(&lang).or_else(|| self.texts.values().next())
    }

    /// The answer as a message, buttons included.
    pub fn message(&self, lang: Lang) -> Message {
        let Some(text) = self.text(lang) else { return Message::default() };
        let buttons = text.buttons.iter().filter_map(|b| Some(Button::new(&b.label, b.action()?))).collect();
        Message { text: text.answer.trim().to_owned(), buttons, ..Message::default() }
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
            for button in &text.buttons {
                if button.action().is_none() {
                    found.push(EntryError::Button { id: id.clone(), lang, label: button.label.clone() });
                }
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
        Self { entries: entries.into_iter().map(|e| (e.id.clone(), e)).collect() }
    }

    pub fn get(&self, need: &NeedId) -> Option<&Entry> {
        self.entries.get(need)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every problem of every entry and between entries; publishing is refused unless this is empty.
    pub fn problems(&self, flows: &BTreeSet<FlowId>) -> Vec<EntryError> {
        let mut found = Vec::new();
        let mut asked: BTreeMap<String, &NeedId> = BTreeMap::new();
        for entry in self.iter() {
            found.extend(entry.problems());
            if let Some(flow) = entry.flow.as_ref().filter(|f| !flows.contains(f)) {
                found.push(EntryError::Flow { id: entry.id.0.clone(), flow: flow.0.clone() });
            }
            for (&lang, text) in &entry.texts {
                for button in &text.buttons {
                    if let Some(target) = button.ask.as_ref().filter(|t| !self.entries.contains_key(t)) {
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
                for question in &text.ask {
                    let key = question.trim().to_lowercase();
                    match asked.insert(key, &entry.id) {
                        Some(other) if *other != entry.id => found.push(EntryError::Contradiction {
                            id: entry.id.0.clone(),
                            other: other.0.clone(),
                            question: question.clone(),
                        }),
                        Some(_) | None => {}
                    }
                }
            }
        }
        found
    }
}
