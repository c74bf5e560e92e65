//! Knowledge that stays good, on the wire: gate, test questions, conflicts, inbox, lessons, models. Shapes only. Times are milliseconds.

use jieti_domain::knowledge::{Conflict, Drift, GapWhy, LessonSource, LessonVerdict, Mend, Proposal};
use jieti_domain::statistics::Paired;
use jieti_domain::understanding::Lang;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Entries whose drafts are to be tested.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GateBody {
    pub ids: Vec<String>,
}

/// What publishing would break and mend. Each question was read by models that had not seen it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GateView {
    pub tested: usize,
    pub right_before: usize,
    pub right_after: usize,
    /// It breaks more than it mends: only an owner publishes it, with a reason.
    pub blocked: bool,
    pub broken: Vec<GateLineView>,
    pub mended: Vec<GateLineView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GateLineView {
    pub text: String,
    pub lang: Lang,
    /// `null`: no need of the lender's.
    #[schema(required)]
    pub expect: Option<String>,
    #[schema(required)]
    pub before: Option<String>,
    #[schema(required)]
    pub after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TestQuestions {
    pub questions: Vec<TestQuestionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TestQuestionView {
    pub id: String,
    pub text: String,
    pub lang: Lang,
    #[schema(required)]
    pub expect: Option<String>,
    pub by: String,
    pub at: i64,
}

/// Questions to test every change with; no model ever learns them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTestQuestions {
    pub lines: Vec<NewTestQuestion>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTestQuestion {
    pub text: String,
    #[serde(default)]
    pub lang: Lang,
    /// `null`: no need of the lender's.
    pub expect: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Publications {
    pub publications: Vec<PublicationView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PublicationView {
    pub at: i64,
    pub by: String,
    pub needs: Vec<String>,
    pub tested: u64,
    pub broken: u64,
    pub mended: u64,
    /// Why it was published although it broke more than it mended.
    #[schema(required)]
    pub reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Conflicts {
    pub conflicts: Vec<ConflictRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConflictRow {
    pub conflict: Conflict,
    /// The likeliest first; none where a person has to edit.
    pub mends: Vec<Mend>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConflictAct {
    Mend {
        mend: Mend,
    },
    /// It is right as it is.
    Leave,
}

/// Entries that have a draft now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drafted {
    pub ids: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Inbox {
    pub groups: Vec<InboxGroupView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InboxGroupView {
    pub id: String,
    pub lang: Lang,
    pub messages: usize,
    pub first_at: i64,
    pub last_at: i64,
    pub words: Vec<String>,
    pub why: Vec<GapCount>,
    pub shown: Vec<GapView>,
    pub proposal: Proposal,
    /// Of the entry proposed.
    #[schema(required)]
    pub title: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GapCount {
    pub why: GapWhy,
    pub messages: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GapView {
    pub conversation: String,
    pub text: String,
    /// What a person answered then.
    #[schema(required)]
    pub answer: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum InboxAct {
    /// Makes a draft of what is proposed, in the entry named; without one, in the one proposed or a new one.
    Accept { need: Option<String> },
    /// Stays away until it has grown markedly.
    Dismiss,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Lessons {
    pub lessons: Vec<LessonView>,
    pub waiting: u64,
    pub accepted: u64,
    pub refused: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonView {
    pub id: String,
    pub conversation: String,
    pub at: i64,
    pub lang: Lang,
    pub text: String,
    pub need: String,
    pub title: String,
    pub verdict: LessonVerdict,
    pub source: LessonSource,
    /// What the customer was told.
    #[schema(required)]
    pub answer: Option<String>,
}

/// What a person makes of a lesson.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    Accept,
    Refuse,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBody {
    pub decision: ReviewDecision,
    /// What the message means.
    pub need: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ModelPage {
    /// 0 has learnt nothing but the knowledge.
    pub live: u64,
    #[schema(required)]
    pub shadow: Option<u64>,
    /// Where a way back leads.
    #[schema(required)]
    pub previous: Option<u64>,
    pub training: bool,
    pub models: Vec<ModelRowView>,
    pub acts: Vec<ModelActView>,
    /// Messages that both models have read, and on how many they differ.
    pub shadowed: u64,
    pub differing: u64,
    pub differences: Vec<ShadowView>,
    pub waiting: u64,
    pub accepted: u64,
    pub refused: u64,
    pub days: Vec<ReadingDayView>,
    /// `null` while there are too few messages.
    #[schema(required)]
    pub drift: Option<Drift>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ModelRowView {
    pub version: u64,
    pub at: i64,
    pub by: String,
    /// Pairs it has learnt.
    pub lines: usize,
    /// Against the model that was live when it was trained.
    pub test: TestResultView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TestResultView {
    pub questions: usize,
    pub live_right: usize,
    pub right: usize,
    pub paired: Paired,
    /// Test questions that stand in the knowledge word for word, and test nothing.
    pub left_out: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ModelActView {
    pub at: i64,
    pub version: u64,
    #[schema(value_type = super::words::ModelActKind)]
    pub act: String,
    pub by: String,
    pub note: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ShadowView {
    pub conversation: String,
    pub at: i64,
    pub text: String,
    #[schema(required)]
    pub live: Option<super::GuessView>,
    #[schema(required)]
    pub shadow: Option<super::GuessView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingDayView {
    /// Days since 1970, in China.
    pub day: i64,
    pub messages: u64,
    pub unsure: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelOrder {
    /// Train a next model in the background.
    Train,
    /// Make the one in the shadow the live one, if it is shown to be better.
    Promote,
    /// Go back to the one before the last promotion.
    RollBack,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelBody {
    pub order: ModelOrder,
}
