//! What apps report, what they are offered, and what staff see of journeys. Shapes only.

use jieti_domain::guidance::{Arm, ShowKind, Trigger};
use jieti_domain::id::{JourneyId, JourneyStepId, NeedId};
use jieti_domain::journey::{Act, BreakKind, Consent, Network, Platform};
use jieti_domain::message::Message;
use jieti_domain::statistics::Estimate;
use jieti_domain::understanding::Localized;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// A batch of acts of one page load or app start. At most 500 acts and 256 kB.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourBatch<'a> {
    /// Version of this shape: 1.
    pub v: u32,
    /// 16–64 letters, digits and dashes, new for each page load or app start.
    #[serde(borrow)]
    pub stream: Cow<'a, str>,
    /// The phone's clock, in ms since 1970.
    pub sent_at: i64,
    pub consent: Consent,
    pub platform: Platform,
    /// Version of the app.
    #[serde(default, borrow)]
    pub version: Option<Cow<'a, str>>,
    #[serde(default)]
    pub network: Network,
    #[serde(borrow)]
    pub events: Vec<BehaviourEvent<'a>>,
}

/// One act. Names are 1–64 letters, digits and `/ _ . : -`, with fewer than six digits in a row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourEvent<'a> {
    /// Place in the stream: 0, 1, 2 … without gaps.
    pub n: u32,
    /// The phone's clock, in ms since 1970.
    pub at: i64,
    pub act: Act,
    /// The page, such as `apply/id`; needed for everything but an outcome.
    #[serde(default, borrow)]
    pub page: Option<Cow<'a, str>>,
    /// The step inside the page, the element, the field, or the interface that was called.
    #[serde(default, borrow)]
    pub target: Option<Cow<'a, str>>,
    /// The error or the outcome.
    #[serde(default, borrow)]
    pub code: Option<Cow<'a, str>>,
    /// Milliseconds or a count, as the act says.
    #[serde(default)]
    pub value: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BehaviourAnswer {
    pub stored: u64,
    /// Acts that had been received before.
    pub doubled: u64,
    /// Acts that were not taken. They count as received: do not send them again.
    pub refused: Vec<RefusedEvent>,
    /// Help for this customer that has not been shown yet.
    pub guidance: Vec<Guidance>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefusedEvent {
    pub n: u32,
    pub field: String,
    /// What is wrong with it, and the mend.
    pub why: String,
}

/// Help that is offered unasked, in the language of the session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Guidance {
    pub id: String,
    pub kind: ShowKind,
    pub title: String,
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<NeedId>,
    /// The likely question, and its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Message>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuidanceReport {
    pub id: String,
    pub act: GuidanceActName,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuidanceActName {
    Shown,
    Clicked,
    Dismissed,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyList {
    pub journeys: Vec<JourneyView>,
    /// Versions of the app that have reported lately, by platform.
    pub versions: Vec<AppVersionView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AppVersionView {
    pub platform: Platform,
    pub version: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyView {
    pub id: JourneyId,
    pub title: Localized,
    pub steps: Vec<JourneyStepView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyStepView {
    pub id: JourneyStepId,
    pub title: Localized,
    pub costly: bool,
    pub next: Vec<JourneyStepId>,
}

/// How far customers came, how long they stayed, and where they went from where.
#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyView {
    /// Acts counted.
    pub records: u64,
    pub journeys: Vec<SurveyJourney>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyJourney {
    pub id: JourneyId,
    /// Times it was entered, and times it came to its end.
    pub entered: u64,
    pub done: u64,
    pub steps: Vec<SurveyStep>,
    pub links: Vec<SurveyLink>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyStep {
    pub id: JourneyStepId,
    /// Different customers.
    pub visitors: u64,
    pub visits: u64,
    /// Visits from which the customer went on forward.
    pub passed: u64,
    /// Time in sight of those who went on, in ms: half and nine in ten needed at most so long.
    #[schema(required)]
    pub dwell_p50_ms: Option<u32>,
    #[schema(required)]
    pub dwell_p90_ms: Option<u32>,
    /// A longer stay is a break point.
    pub threshold_ms: u32,
    /// Errors met, the most frequent first.
    pub errors: Vec<CodeCount>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CodeCount {
    pub code: String,
    pub times: u64,
}

/// Visits that went from one step to another; `null` is from before the journey, or out of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyLink {
    #[schema(required)]
    pub from: Option<JourneyStepId>,
    #[schema(required)]
    pub to: Option<JourneyStepId>,
    pub visits: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BreakTable {
    pub rows: Vec<BreakRowView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BreakRowView {
    pub journey: String,
    pub step: String,
    pub kind: BreakKind,
    pub times: u64,
    pub customers: u64,
    /// Customers who reached the step.
    pub reached: u64,
    /// Share of those stuck who got in touch within a day, 0–1.
    pub contacted: Estimate,
    pub contacts: u64,
    pub complaints: u64,
    #[schema(required)]
    pub code: Option<String>,
    pub platforms: Vec<CodeCount>,
    pub versions: Vec<CodeCount>,
    /// Latest one, in ms since 1970.
    pub last: i64,
}

/// One customer stuck once; the number says who to the machine alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct BreakSession {
    pub visitor: u32,
    pub journey: String,
    pub step: String,
    pub kind: BreakKind,
    pub since: i64,
    pub at: i64,
    #[schema(required)]
    pub code: Option<String>,
    pub platform: Platform,
    #[schema(required)]
    pub version: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BreakSessions {
    pub sessions: Vec<BreakSession>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub acts: Vec<SessionActView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SessionActView {
    pub at: i64,
    pub act: Act,
    #[schema(required)]
    pub page: Option<String>,
    #[schema(required)]
    pub target: Option<String>,
    #[schema(required)]
    pub code: Option<String>,
    pub value: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LiveMapView {
    /// Customers who have a step in sight now.
    pub here: Vec<HereView>,
    /// Those of them who are stuck, the longest first; at most 200.
    pub stuck: Vec<StuckView>,
    pub stuck_total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HereView {
    pub journey: String,
    pub step: String,
    pub customers: u64,
    pub stuck: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StuckView {
    pub visitor: u32,
    pub journey: String,
    pub step: String,
    pub since: i64,
    pub in_sight_ms: u32,
    pub kinds: Vec<BreakKind>,
    pub platform: Platform,
    #[schema(required)]
    pub version: Option<String>,
    #[schema(required)]
    pub code: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PrecursorTable {
    pub rows: Vec<PrecursorRow>,
}

/// Something that happened to customers, and how much more often those got in touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrecursorRow {
    pub feature: FeatureView,
    pub with_customers: u64,
    pub with_came: u64,
    pub without_customers: u64,
    pub without_came: u64,
    /// Rate with ÷ rate without.
    pub lift: Estimate,
    /// What it multiplies the odds by when everything else in the table stays the same.
    #[schema(required)]
    pub odds: Option<Estimate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeatureView {
    Broke { journey: String, step: String, kind: BreakKind },
    Error { code: String },
    Version { platform: Platform, version: String },
}

/// Troubles that are known from elsewhere. A row with `until` = `since` says that the customer had none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TruthBody {
    pub rows: Vec<TruthRow>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TruthRow {
    pub customer: String,
    pub journey: String,
    pub step: String,
    pub since: i64,
    pub until: i64,
}

/// How well troubles are detected. Both are `null` where no truth is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetectionView {
    pub known_troubles: u64,
    pub found: u64,
    /// Known troubles that were noticed, 0–1, with their interval at 95 %.
    #[schema(required)]
    pub recall: Option<Estimate>,
    pub noticed: u64,
    pub right: u64,
    /// Break points that were in a known trouble.
    #[schema(required)]
    pub precision: Option<Estimate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    pub stored: u64,
    pub doubled: u64,
    pub breaks: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriggerList {
    pub triggers: Vec<TriggerView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriggerView {
    pub trigger: Trigger,
    /// 0: as the pack has it.
    pub version: u64,
    #[schema(required)]
    pub at: Option<i64>,
    /// `guidance`: the service itself switched it off.
    #[schema(required)]
    pub author: Option<String>,
    /// A remark; `more_contacts`, `more_complaints` or `fewer_completions` where the service did it.
    #[schema(required)]
    pub why: Option<String>,
    /// Customers who met it, in both arms.
    pub customers: u64,
    pub clicked: u64,
    pub dismissed: u64,
    pub contacts: EffectView,
    pub complaints: EffectView,
    pub completions: EffectView,
}

/// One outcome in both arms.
#[derive(Debug, Serialize, ToSchema)]
pub struct EffectView {
    pub shown: ArmView,
    pub control: ArmView,
    /// Rate shown − rate control, with its interval at 95 %; `null` while an arm is empty.
    #[schema(required)]
    pub difference: Option<Estimate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ArmView {
    pub arm: Arm,
    pub customers: u64,
    pub came: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTrigger {
    pub trigger: Trigger,
    /// The version that was edited.
    pub based_on: u64,
    /// Why, for those who look later.
    #[serde(default)]
    pub why: String,
}
