//! What is said to a customer: text and interface. Owns messages, cards, forms and what a button does; renders for no
//! channel.

use crate::id::{FlowId, NeedId, StepId};
use serde::{Deserialize, Serialize};

/// One thing said to the customer. Parts that are absent are left out of the JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Button {
    pub label: String,
    pub action: Action,
    #[serde(default, skip_serializing_if = "ButtonStyle::is_plain")]
    pub style: ButtonStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    #[default]
    Plain,
    Primary,
}

impl ButtonStyle {
    fn is_plain(&self) -> bool {
        matches!(self, ButtonStyle::Plain)
    }
}

/// What pressing a button does. `Open` happens in the customer's app; everything else comes back to the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Opens a page of the lender's app, such as `app://bills`.
    Open { link: String },
    /// Starts a self-service flow.
    Flow { flow: FlowId },
    /// Asks for a knowledge entry by its need.
    Ask { need: NeedId },
    /// Answers the step of a flow that is waiting: a choice, or `yes` and `no` of a confirmation.
    Choose { flow: FlowId, step: StepId, value: String },
    /// Goes on with the flow that was interrupted.
    Resume { flow: FlowId },
    /// Ends the flow that is running or paused.
    Cancel { flow: FlowId },
    /// Asks for a person.
    Human,
    /// Leaves the queue and goes on with the bot.
    LeaveQueue,
    /// None of the needs the bot offered was meant.
    NoneOfThese,
}

/// A small table of facts with an optional total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub title: String,
    #[serde(default, skip_serializing_if = "Tone::is_plain")]
    pub tone: Tone,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<CardRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<CardRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Warning,
}

impl Tone {
    fn is_plain(&self) -> bool {
        matches!(self, Tone::Plain)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CardRow {
    pub label: String,
    pub value: String,
}

/// Fields the customer fills in and sends as one answer to the step that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub flow: FlowId,
    pub step: StepId,
    pub fields: Vec<FormField>,
    pub submit: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FormField {
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FieldOption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldOption {
    pub value: String,
    pub label: String,
}

/// What a field or slot holds, which says how text becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    Money,
    Date,
    Month,
    /// Day of the month, 1–28: every month has it.
    DayOfMonth,
    Days,
    Phone,
    Card,
    Code,
    /// One of the field's options.
    Choice,
}

impl FieldKind {
    /// Personal data that must not stay in the log once it has been used.
    pub fn is_secret(self) -> bool {
        match self {
            FieldKind::Phone | FieldKind::Card | FieldKind::Code => true,
            FieldKind::Text
            | FieldKind::Money
            | FieldKind::Date
            | FieldKind::Month
            | FieldKind::DayOfMonth
            | FieldKind::Days
            | FieldKind::Choice => false,
        }
    }
}

impl Message {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Button {
    pub fn new(label: impl Into<String>, action: Action) -> Self {
        Self { label: label.into(), action, style: ButtonStyle::Plain }
    }

    pub fn primary(label: impl Into<String>, action: Action) -> Self {
        Self { label: label.into(), action, style: ButtonStyle::Primary }
    }
}
