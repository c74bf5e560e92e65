//! Knowledge entries, trying out, flows. Shapes only.

use super::staff::GuessView;
use super::words::{EntryState, StepKind, StoreKind};
use jieti_domain::knowledge::{Entry, FieldChange, Life};
use jieti_domain::tier::{Risk, Verdict};
use jieti_domain::understanding::{Lang, Localized, Mood, Signal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Entries {
    pub entries: Vec<EntrySummary>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EntrySummary {
    pub id: String,
    pub stage: String,
    pub title: String,
    pub risk: Risk,
    pub owner: String,
    pub languages: Vec<Lang>,
    /// `published`, `changed` (a draft waits) or `new` (never published).
    #[schema(value_type = EntryState)]
    pub state: String,
    /// Of the answer that ends first.
    pub life: Life,
    /// Other answers, for narrower audiences.
    pub variants: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    #[schema(required)]
    pub published: Option<Entry>,
    #[schema(required)]
    pub draft: Option<Entry>,
    pub versions: Vec<VersionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    pub version: u64,
    pub at: i64,
    pub by: String,
    /// A deletion.
    pub deleted: bool,
    /// Against the version before.
    pub changes: Vec<FieldChange>,
}

/// What to do with an earlier version.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RollBackTo {
    /// It becomes the draft.
    Draft,
    /// It is published at once, if it passes like any other draft.
    Published,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    pub version: u64,
    pub to: RollBackTo,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DraftSaved {
    /// What would keep the draft from being published; it is saved all the same.
    pub problems: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    pub ids: Vec<String>,
    /// An owner's, for a change that breaks more questions than it mends; kept on record.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Published {
    pub published: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryBody {
    pub text: String,
    #[serde(default)]
    pub lang: Lang,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriedView {
    pub needs: Vec<GuessView>,
    pub signals: Vec<Signal>,
    pub entities: Vec<String>,
    pub verdict: VerdictView,
    pub mood: Mood,
}

/// What the bot would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictView {
    Flow,
    Answer,
    Draft,
    Clarify,
    Abstain,
    Human,
}

impl From<Option<Verdict>> for VerdictView {
    fn from(verdict: Option<Verdict>) -> Self {
        match verdict {
            None => VerdictView::Flow,
            Some(Verdict::Answer) => VerdictView::Answer,
            Some(Verdict::Draft) => VerdictView::Draft,
            Some(Verdict::Clarify) => VerdictView::Clarify,
            Some(Verdict::Abstain) => VerdictView::Abstain,
            Some(Verdict::Human) => VerdictView::Human,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchTest {
    pub lines: Vec<BatchLineBody>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchLineBody {
    pub text: String,
    pub expect: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchTested {
    pub rows: Vec<BatchRowView>,
    pub summary: BatchSummary,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchRowView {
    pub text: String,
    #[schema(required)]
    pub expect: Option<String>,
    #[schema(required)]
    pub before: Option<GuessView>,
    #[schema(required)]
    pub after: Option<GuessView>,
    pub verdict_before: VerdictView,
    pub verdict_after: VerdictView,
    /// `null` where nothing was expected.
    #[schema(required)]
    pub right_before: Option<bool>,
    #[schema(required)]
    pub right_after: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatchSummary {
    pub lines: usize,
    pub right_before: usize,
    pub right_after: usize,
    pub changed: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowList {
    pub flows: Vec<FlowView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowView {
    pub id: String,
    pub title: Localized,
    pub steps: Vec<StepView>,
    /// Needs that start the flow.
    pub needs: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    pub id: String,
    /// `say`, `ask`, `choose`, `confirm`, `call`, `when` or `end`.
    #[schema(value_type = StepKind)]
    pub kind: String,
    pub summary: String,
    pub next: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` as soon as the server answers at all.
    pub status: String,
    pub version: String,
    /// `sqlite` or `postgres`.
    #[schema(value_type = StoreKind)]
    pub store: String,
    pub entries: usize,
}
