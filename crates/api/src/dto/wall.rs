//! The supervisor's first page. Shapes only.

use jieti_domain::knowledge::CauseKind;
use jieti_domain::tier::Tier;
use jieti_domain::understanding::Localized;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Wall {
    /// The day in China, `2026-12-01`.
    pub day: String,
    pub targets: Targets,
    pub conversations: u64,
    pub tiers: Vec<TierCount>,
    pub now: NowView,
    pub reasons: Vec<ReasonCount>,
    pub needs: Vec<NeedCount>,
    pub flows: Vec<FlowCountView>,
    pub hours: Vec<HourView>,
}

/// Percent of conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Targets {
    pub self_service_and_bot: u8,
    pub silent_seat: u8,
    pub human: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TierCount {
    #[schema(value_type = Tier)]
    pub tier: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NowView {
    pub open: u64,
    pub waiting: u64,
    pub longest_wait_secs: u64,
    pub drafts: u64,
    pub agents_on: u32,
    pub seats_on: u32,
    #[schema(required)]
    pub expected_wait_secs: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    pub reason: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NeedCount {
    pub id: String,
    pub title: String,
    pub count: u64,
    pub owner: String,
    /// `business`, `process` or `operation`.
    #[schema(value_type = CauseKind)]
    pub cause: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowCountView {
    pub id: String,
    pub title: Localized,
    pub started: u64,
    pub solved: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HourView {
    pub hour: u64,
    pub self_service: u64,
    pub bot: u64,
    pub silent_seat: u64,
    pub human: u64,
}
