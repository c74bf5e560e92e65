//! What helps people at the desk: assistance, replies, colleagues, personal data, the silent seats' report. Shapes only.

use jieti_domain::conversation::{Hint, NextAction};
use jieti_domain::learning::LabelKind;
use jieti_domain::message::Message;
use jieti_domain::understanding::Localized;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct AssistView {
    /// What an agent reads before the first word.
    pub summary: Vec<String>,
    pub suggestions: Vec<Suggestion>,
    /// Coaching, the most important first.
    pub hints: Vec<Hint>,
    /// What to do next, the likeliest first.
    pub next: Vec<NextAction>,
    /// Checklists in force for what is asked.
    pub procedures: Vec<super::ProcedureView>,
}

/// The knowledge entry that an answer comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    pub need: String,
    pub title: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Suggestion {
    pub source: Source,
    pub message: Message,
    /// 0–1, calibrated.
    pub confidence: f32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Replies {
    pub replies: Vec<ReplyView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyView {
    pub id: String,
    pub title: Localized,
    /// `{customer}`, `{agent}` and `{ticket}` are filled in by the console.
    pub text: Localized,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct People {
    pub people: Vec<Person>,
    /// What a customer can be sent to instead of a person.
    pub skills: Vec<SkillView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SkillView {
    pub id: String,
    pub title: Localized,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    pub id: String,
    pub display_name: String,
    /// On duty as an agent.
    pub on_duty: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonalField {
    Phone,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealBody {
    pub field: PersonalField,
    /// Kept on record.
    pub reason: String,
}

#[derive(Serialize, ToSchema)]
pub struct Revealed {
    pub field: PersonalField,
    pub value: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Reveals {
    pub reveals: Vec<RevealView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevealView {
    pub at: i64,
    pub staff: String,
    pub conversation: String,
    pub customer: String,
    pub field: String,
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeatReportView {
    /// Conversations opened.
    pub conversations: u64,
    /// Of these, the ones in which a seat settled a draft.
    pub touched: u64,
    pub drafts: u64,
    pub by_kind: Vec<KindCount>,
    /// From the seat's first look until it decided.
    #[schema(required)]
    pub handling: Option<SpreadView>,
    /// From the draft until anybody or the clock decided.
    #[schema(required)]
    pub wait: Option<SpreadView>,
    /// Share of characters changed by edits, 0–1.
    #[schema(required)]
    pub edit_share: Option<f64>,
    /// Vetoes among decided drafts, 0–1.
    #[schema(required)]
    pub veto_rate: Option<f64>,
    pub hours: Vec<SeatHourView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KindCount {
    pub kind: LabelKind,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SpreadView {
    pub p50_ms: i64,
    pub p90_ms: i64,
}

/// One hour in which a seat decided: conversations ÷ seats is what one of them carries.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatHourView {
    /// Beginning of the hour, in milliseconds since 1970.
    pub at: i64,
    pub seats: u64,
    pub conversations: u64,
    #[schema(required)]
    pub wait: Option<SpreadView>,
}
