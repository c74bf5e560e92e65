//! Problems, their causes, cases and proposals on the wire. Shapes only. Sums are fen, times milliseconds, days days since 1970 in
//! China, shares −1 and up.

use super::{DepartmentView, words};
use jieti_domain::attribution::{Content, Costs, Measured, Source, Target};
use jieti_domain::knowledge::CauseKind;
use jieti_domain::statistics::Estimate;
use jieti_domain::understanding::Localized;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Problems by customers hurt times cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemList {
    pub until: i64,
    /// Days over which size and cost are counted.
    pub days: u16,
    pub problems: Vec<ProblemRow>,
    pub accuracy: AccuracyView,
    pub costs: Costs,
    pub departments: Vec<DepartmentView>,
    /// Product areas to choose from.
    pub areas: Vec<Localized>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemRow {
    pub id: String,
    pub title: Localized,
    pub area: Localized,
    pub kind: CauseKind,
    /// Department.
    pub owner: String,
    /// `journey.step`.
    #[schema(required)]
    pub place: Option<String>,
    #[schema(required)]
    pub what: Option<String>,
    /// Each once.
    pub customers: u64,
    pub contacts: u64,
    pub tickets: u64,
    pub complaints: u64,
    pub break_points: u64,
    pub cost_fen: i64,
    pub at_stake_fen: i64,
    pub course: Vec<DayCount>,
    #[schema(required)]
    pub growth: Option<GrowthView>,
    pub words: Vec<String>,
    pub questions: Vec<NamedCount>,
    pub journeys: Vec<WordCount>,
    pub versions: Vec<WordCount>,
    pub platforms: Vec<WordCount>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayCount {
    pub day: i64,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NamedCount {
    pub title: Localized,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WordCount {
    pub word: String,
    pub count: u64,
}

/// The last seven whole days against those before.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrowthView {
    pub ratio: Estimate,
    pub false_discovery: f64,
    /// Beyond chance, over the whole board.
    pub sudden: bool,
    #[schema(required)]
    pub since: Option<i64>,
}

/// How often held-out labels are found.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyView {
    /// People's labels, by rules and model together, and by the rules alone.
    pub people: AccuracyShare,
    pub rules_alone: AccuracyShare,
    /// Labels of rules, by the model without being told the rule.
    pub rules: AccuracyShare,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyShare {
    pub hits: u64,
    pub trials: u64,
    /// Wilson's interval, 95 %.
    pub share: Estimate,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetail {
    pub problem: ProblemRow,
    /// The latest first.
    pub troubles: Vec<TroubleView>,
    pub proposals: Vec<ProposalRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TroubleView {
    pub id: String,
    pub source: Source,
    /// Conversation or ticket.
    #[schema(required)]
    pub of: Option<String>,
    pub at: i64,
    pub words: String,
    pub kind: CauseKind,
    pub area: Localized,
    pub owner: String,
    #[schema(required)]
    pub place: Option<String>,
    #[schema(required)]
    pub code: Option<String>,
    #[schema(required)]
    pub version: Option<String>,
    pub confidence: f64,
    #[schema(value_type = words::DecidedBy)]
    pub decided: String,
    pub reasons: Vec<Localized>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalRow {
    pub id: String,
    pub content: Content,
    pub why: Localized,
    #[schema(required)]
    pub decision: Option<DecisionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Proposals {
    pub proposals: Vec<ProposalRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionView {
    pub accepted: bool,
    pub by: String,
    pub at: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideProposal {
    pub id: String,
    pub accept: bool,
    /// As edited; as proposed where it is left out.
    #[serde(default)]
    pub content: Option<Content>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCause {
    /// Of the contact, ticket or break point.
    pub id: String,
    pub kind: CauseKind,
    pub area: String,
    pub owner: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    pub client_id: String,
    #[serde(default)]
    pub owner: Option<String>,
    /// Working days.
    #[serde(default)]
    pub deadline_days: Option<u16>,
    #[serde(default)]
    pub less_percent: Option<u8>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Cases {
    pub cases: Vec<CaseRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseRow {
    pub id: String,
    pub problem: String,
    pub title: Localized,
    pub owner: String,
    #[schema(required)]
    pub assignee: Option<String>,
    #[schema(value_type = words::CaseState)]
    pub state: String,
    pub seq: u64,
    pub opened_at: i64,
    pub deadline: i64,
    #[schema(required)]
    pub live_at: Option<i64>,
    #[schema(required)]
    pub check_at: Option<i64>,
    pub target: Target,
    #[schema(required)]
    pub measured: Option<Measured>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseDetail {
    pub case: CaseRow,
    pub evidence: EvidenceView,
    pub events: Vec<CaseEventView>,
    /// Counted customers by day, from four weeks before the opening.
    pub course: Vec<DayCount>,
    /// The effect in words.
    #[schema(required)]
    pub words: Option<Localized>,
    /// As it would be measured today.
    #[schema(required)]
    pub so_far: Option<Measured>,
}

/// As it was when the case was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    pub customers: u64,
    pub contacts: u64,
    pub tickets: u64,
    pub complaints: u64,
    pub break_points: u64,
    pub cost_fen: i64,
    pub at_stake_fen: i64,
    pub words: Vec<String>,
    pub versions: Vec<WordCount>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseEventView {
    pub seq: u64,
    pub at: i64,
    /// Name, or nothing for the machine.
    #[schema(required)]
    pub by: Option<String>,
    #[schema(value_type = words::CaseEventKind)]
    pub kind: String,
    pub text: String,
    #[schema(required)]
    pub live_at: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnCase {
    pub client_id: String,
    /// Place of the last event that the client has seen.
    #[serde(default)]
    pub seq: Option<u64>,
    pub act: CaseActBody,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseActBody {
    /// By whoever is logged in.
    Accept,
    Fixing {
        text: String,
    },
    /// `live_at`: since when the fix is live; now where it is left out.
    Fixed {
        text: String,
        #[serde(default)]
        live_at: Option<i64>,
    },
    Reopen {
        text: String,
    },
    Decline {
        text: String,
    },
    Note {
        text: String,
    },
}

/// A checklist for agents.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcedureView {
    pub title: Localized,
    pub steps: Vec<Localized>,
}
