//! Inspections, findings, appeals, alarms, and the scorecard. Shapes only.

use super::customer::CustomerView;
use super::staff::StaffEvent;
use super::words::FindingSource;
use jieti_domain::inspection::{Decision, Party, QueueReason, Severity, Verdict};
use jieti_domain::tier::Tier;
use jieti_domain::understanding::Localized;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Inspections {
    pub inspections: Vec<InspectionCard>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InspectionCard {
    pub conversation: String,
    pub customer: CustomerView,
    pub channel: String,
    #[schema(required, value_type = Option<Tier>)]
    pub tier: Option<String>,
    pub at: i64,
    /// 0–100, as it counts now.
    pub score: u8,
    /// What the machine gave at first.
    pub machine_score: u8,
    /// Version of the scorecard; 0 is the pack's own.
    pub version: u64,
    /// Why a person should look at it; `null` where nobody must.
    #[schema(required)]
    pub reason: Option<QueueReason>,
    #[schema(required)]
    pub reviewer: Option<String>,
    #[schema(required)]
    pub reviewed_at: Option<i64>,
    /// Findings that count, and the critical among them.
    pub findings: u64,
    pub critical: u64,
    /// Appeals that wait for a decision.
    pub appeals: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InspectionView {
    pub card: InspectionCard,
    pub shares: Vec<ShareView>,
    pub findings: Vec<FindingView>,
    pub events: Vec<StaffEvent>,
    /// Rules by which a reviewer may add a finding.
    pub rules: Vec<RuleView>,
    /// The caller may judge, add and finish here.
    pub may_review: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ShareView {
    pub party: Party,
    #[schema(required)]
    pub staff: Option<String>,
    #[schema(required)]
    pub staff_name: Option<String>,
    pub score: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    pub id: String,
    pub title: Localized,
    pub severity: Severity,
    pub weight: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    pub id: String,
    pub rule: String,
    pub title: Localized,
    pub severity: Severity,
    pub weight: u8,
    /// Place of the event that is the evidence.
    pub seq: u64,
    pub quote: String,
    pub why: Localized,
    pub party: Party,
    #[schema(required)]
    pub staff: Option<String>,
    #[schema(required)]
    pub staff_name: Option<String>,
    #[schema(value_type = FindingSource)]
    pub source: String,
    pub verdict: Verdict,
    #[schema(required)]
    pub note: Option<String>,
    /// Whether it costs points as things stand.
    pub counts: bool,
    pub appeal_until: i64,
    #[schema(required)]
    pub appeal: Option<AppealView>,
    /// What the caller may do with it.
    pub may_appeal: bool,
    pub may_decide: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AppealView {
    pub by: String,
    pub reason: String,
    pub at: i64,
    #[schema(required)]
    pub decision: Option<Decision>,
    #[schema(required)]
    pub decided_by: Option<String>,
    #[schema(required)]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlarmView {
    pub conversation: String,
    pub at: i64,
    pub rule: String,
    pub title: Localized,
    pub severity: Severity,
    pub seq: u64,
    pub quote: String,
    pub why: Localized,
    pub party: Party,
    #[schema(required)]
    pub staff_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Alarms {
    pub alarms: Vec<AlarmView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictBody {
    pub verdict: Verdict,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddFindingBody {
    pub rule: String,
    pub seq: u64,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealBody {
    pub reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    pub decision: Decision,
    #[serde(default)]
    pub note: Option<String>,
}

/// Scores, agreement and coaching over the last days.
#[derive(Debug, Serialize, ToSchema)]
pub struct InspectionFigures {
    pub days: i64,
    pub parties: Vec<ScoreView>,
    pub agents: Vec<ScoreView>,
    /// Reviewed conversations of the card in use.
    pub reviewed: u64,
    /// Cohen's kappa over all rules, −1 to 1; `null` where there is nothing to compare.
    #[schema(required)]
    pub kappa: Option<f64>,
    pub agreement: Vec<AgreementView>,
    pub habits: Vec<HabitView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreView {
    pub party: Party,
    #[schema(required)]
    pub staff: Option<String>,
    #[schema(required)]
    pub staff_name: Option<String>,
    pub conversations: u64,
    /// Mean, 0–100.
    pub score: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementView {
    pub rule: String,
    pub title: Localized,
    pub both: u64,
    pub machine_only: u64,
    pub reviewer_only: u64,
    pub neither: u64,
    #[schema(required)]
    pub kappa: Option<f64>,
}

/// A rule that one agent broke more than once.
#[derive(Debug, Serialize, ToSchema)]
pub struct HabitView {
    pub staff: String,
    #[schema(required)]
    pub staff_name: Option<String>,
    pub rule: String,
    pub title: Localized,
    /// Conversations of these days, and of as many days before.
    pub now: u64,
    pub before: u64,
    pub examples: Vec<QuoteView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteView {
    pub conversation: String,
    pub seq: u64,
    pub quote: String,
    pub why: Localized,
    pub party: Party,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScorecardView {
    pub version: u64,
    /// YAML.
    pub source: String,
    pub versions: Vec<ScorecardVersionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScorecardVersionView {
    pub version: u64,
    pub at: i64,
    pub author: String,
    pub note: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialBody {
    /// YAML.
    pub source: String,
    /// Conversations closed within so many days.
    pub days: u16,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TrialView {
    pub conversations: u64,
    pub score_before: f64,
    pub score_after: f64,
    /// Conversations with at least one finding.
    pub flagged_before: u64,
    pub flagged_after: u64,
    pub rules: Vec<RuleTrialView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTrialView {
    pub rule: String,
    pub title: Localized,
    pub before: u64,
    pub after: u64,
    pub gained: Vec<QuoteView>,
    pub lost: Vec<QuoteView>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishScorecard {
    /// YAML.
    pub source: String,
    /// What changed, for the list of versions.
    pub note: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedScorecard {
    pub version: u64,
}
