//! The shape of a flow: as written in `flow.yaml` ([`FlowFile`]) and as checked ([`Flow`]).

use crate::id::{FlowId, NeedId, StepId};
use crate::lender::{Fact, Operation};
use crate::message::{ButtonStyle, FieldKind, Tone};
use crate::understanding::Localized;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// `flow.yaml` as written. Turn it into a [`Flow`] with [`FlowFile::check`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowFile {
    pub id: FlowId,
    pub title: Localized,
    /// What the widget writes on its offer; the title where absent.
    #[serde(default)]
    pub offer: Option<Localized>,
    /// Needs that start this flow.
    #[serde(default)]
    pub needs: Vec<NeedId>,
    #[serde(default)]
    pub slots: BTreeMap<String, Slot>,
    /// Words for the codes that the lender uses (`processing` → 处理中).
    #[serde(default)]
    pub words: BTreeMap<String, Localized>,
    pub steps: Vec<StepFile>,
}

/// A value that the customer may give in words at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    pub kind: FieldKind,
    #[serde(default)]
    pub default: Option<SlotDefault>,
    /// Step to go back to when the customer corrects this value.
    #[serde(default)]
    pub restart: Option<StepId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotDefault {
    Today,
    ThisMonth,
}

/// One step as written: exactly one of `say`, `ask`, `choose`, `confirm`, `call`, `when`, `end`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    pub id: StepId,
    #[serde(default)]
    pub say: Option<MessageTemplate>,
    #[serde(default)]
    pub ask: Option<Ask>,
    #[serde(default)]
    pub choose: Option<Choose>,
    #[serde(default)]
    pub confirm: Option<Confirm>,
    #[serde(default)]
    pub call: Option<Call>,
    #[serde(default)]
    pub when: Option<Vec<Branch>>,
    #[serde(default)]
    pub end: Option<EndKind>,
    #[serde(default)]
    pub next: Option<StepId>,
    /// Where a `when` goes if no branch holds, and a `confirm` on "no".
    #[serde(default)]
    pub otherwise: Option<StepId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    Solved,
    /// Ends without having solved anything (nothing due, customer declined).
    Unsolved,
    Handoff,
}

/// A flow that may run: every rule of `check.rs` holds.
#[derive(Debug, Clone)]
pub struct Flow {
    pub id: FlowId,
    pub title: Localized,
    pub offer: Localized,
    pub needs: Vec<NeedId>,
    pub slots: BTreeMap<String, Slot>,
    pub words: BTreeMap<String, Localized>,
    pub start: StepId,
    pub steps: BTreeMap<StepId, Step>,
    /// Step ids in the order of the file, for people who read the flow.
    pub order: Vec<StepId>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub id: StepId,
    pub kind: StepKind,
}

#[derive(Debug, Clone)]
pub enum StepKind {
    Say { message: MessageTemplate, next: StepId },
    Ask { ask: Ask, next: StepId },
    Choose { choose: Choose, next: StepId },
    Confirm { confirm: Confirm, yes: StepId, no: StepId },
    Call { call: Call, next: StepId },
    When { branches: Vec<Branch>, otherwise: StepId },
    End(EndKind),
}

/// A message with `{path}` placeholders into slots and saved facts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageTemplate {
    pub text: Localized,
    #[serde(default)]
    pub card: Option<CardTemplate>,
    #[serde(default)]
    pub buttons: Vec<ButtonTemplate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardTemplate {
    pub title: Localized,
    #[serde(default)]
    pub tone: Tone,
    #[serde(default)]
    pub rows: Vec<RowTemplate>,
    /// One row for every item of a list.
    #[serde(default)]
    pub each: Option<EachTemplate>,
    #[serde(default)]
    pub total: Option<RowTemplate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowTemplate {
    pub label: Localized,
    /// Same in both languages, because it is a placeholder: `"{due.total}"`.
    pub value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EachTemplate {
    pub list: String,
    pub label: Localized,
    pub value: String,
    /// At most so many rows; the rest is counted in a last row.
    #[serde(default)]
    pub most: Option<usize>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonTemplate {
    pub label: Localized,
    #[serde(default)]
    pub open: Option<String>,
    #[serde(default)]
    pub flow: Option<FlowId>,
    #[serde(default)]
    pub ask: Option<NeedId>,
    /// `true` offers a person.
    #[serde(default)]
    pub human: bool,
    #[serde(default)]
    pub style: ButtonStyle,
}

/// Asks for one or more values with a form; a value given in words is taken too.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub text: Localized,
    pub fields: Vec<FieldTemplate>,
    #[serde(default)]
    pub submit: Option<Localized>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTemplate {
    /// Name of the slot that takes the value.
    pub slot: String,
    pub label: Localized,
    #[serde(default)]
    pub hint: Option<Localized>,
    #[serde(default)]
    pub options: Vec<OptionTemplate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionTemplate {
    pub value: String,
    pub label: Localized,
}

/// Lets the customer pick one item of a list of facts; one item alone is picked without asking.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    pub text: Localized,
    /// Path of the list, such as `loans.loans`.
    pub from: String,
    /// Only items whose text fact has one of these values.
    #[serde(default)]
    pub keep: BTreeMap<String, Vec<String>>,
    /// Slot that takes the chosen item's `value` field; the whole item is saved as `<slot>_item`.
    pub slot: String,
    pub value: String,
    pub label: Localized,
    /// Step for an empty list.
    pub none: StepId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    pub text: Localized,
    #[serde(default)]
    pub card: Option<CardTemplate>,
    pub yes: Localized,
    pub no: Localized,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub operation: Operation,
    /// Argument → `"{path}"` (passed with its type) or a literal word.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Name under which the facts are saved.
    pub save: String,
    /// Step for a refusal; the reason is at `refusal.message`. Without it the reason is told and the flow ends.
    #[serde(default)]
    pub refused: Option<StepId>,
}

/// One way out of a `when`: exactly one condition on one fact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Path of the fact that is looked at.
    pub fact: String,
    /// The text or code equals one of these.
    #[serde(default)]
    pub one_of: Option<Vec<String>>,
    #[serde(default)]
    pub flag: Option<bool>,
    /// A sum (fen) or count greater than this, or a list with more items.
    #[serde(default)]
    pub above: Option<i64>,
    /// `true`: a list with no item, or a fact that is absent.
    #[serde(default)]
    pub empty: Option<bool>,
    pub next: StepId,
}

impl Branch {
    pub(super) fn conditions(&self) -> usize {
        usize::from(self.one_of.is_some())
            + usize::from(self.flag.is_some())
            + usize::from(self.above.is_some())
            + usize::from(self.empty.is_some())
    }

    pub(super) fn holds(&self, fact: Option<&Fact>) -> bool {
        let one_of = self.one_of.as_ref().is_none_or(|codes| matches!(fact, Some(Fact::Text(code)) if codes.contains(code)));
        let flag = self.flag.is_none_or(|flag| matches!(fact, Some(Fact::Flag(f)) if *f == flag));
        let above = self.above.is_none_or(|floor| match fact {
            Some(Fact::Money(sum)) => sum.0 > floor,
            Some(Fact::Count(count)) => *count > floor,
            Some(Fact::List(items)) => i64::try_from(items.len()).is_ok_and(|count| count > floor),
            _ => false,
        });
        let is_empty = match fact {
            None => true,
            Some(Fact::List(items)) => items.is_empty(),
            Some(Fact::Text(text)) => text.is_empty(),
            Some(_) => false,
        };
        one_of && flag && above && self.empty.is_none_or(|empty| empty == is_empty)
    }
}

/// Why a flow file may not run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FlowError {
    #[error("flow \"{flow}\": has no steps; add at least one")]
    NoSteps { flow: FlowId },
    #[error("flow \"{flow}\": two steps are called \"{step}\"; rename one")]
    DoubleStep { flow: FlowId, step: StepId },
    #[error("flow \"{flow}\": step \"{step}\" must be exactly one of say, ask, choose, confirm, call, when, end")]
    Kind { flow: FlowId, step: StepId },
    #[error("flow \"{flow}\": step \"{step}\" has no exit; add one under {field}:")]
    NoExit { flow: FlowId, step: StepId, field: &'static str },
    #[error("flow \"{flow}\": step \"{step}\" goes to \"{target}\", which does not exist; correct the name")]
    Target { flow: FlowId, step: StepId, target: StepId },
    #[error("flow \"{flow}\": step \"{step}\" is never reached; remove it or lead to it")]
    Unreachable { flow: FlowId, step: StepId },
    #[error(
        "flow \"{flow}\": step \"{step}\" changes something at the lender, but can be reached without a confirm step or a code; put one before it"
    )]
    Unconfirmed { flow: FlowId, step: StepId },
    #[error("flow \"{flow}\": step \"{step}\" asks for unmasked personal data; use profile, which is masked")]
    Personal { flow: FlowId, step: StepId },
    #[error("flow \"{flow}\": step \"{step}\" uses {{{path}}}, but nothing saves \"{root}\" before it; correct the name")]
    Placeholder { flow: FlowId, step: StepId, path: String, root: String },
    #[error(
        "flow \"{flow}\": step \"{step}\" has the literal sum {literal:?} in its text; sums come from the lender, so use a placeholder"
    )]
    LiteralSum { flow: FlowId, step: StepId, literal: String },
    #[error("flow \"{flow}\": step \"{step}\" asks for slot \"{slot}\", which is not under slots:; declare it")]
    Slot { flow: FlowId, step: StepId, slot: String },
    #[error("flow \"{flow}\": slot \"{slot}\" restarts at \"{target}\", which does not exist; correct the name")]
    Restart { flow: FlowId, slot: String, target: StepId },
    #[error("flow \"{flow}\": a branch of step \"{step}\" must have exactly one of one_of, flag, above and empty")]
    Branch { flow: FlowId, step: StepId },
    #[error("flow \"{flow}\": steps {steps} form a loop in which the customer is never asked; break it")]
    Loop { flow: FlowId, steps: String },
}
