//! What the supervisor sees of the people and the queue. Shapes only.

use super::desk::SkillView;
use super::words::Role;
use jieti_domain::id::SkillId;
use jieti_domain::routing::{Profile, Work};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    pub people: Vec<TeamMember>,
    /// The queue by what is wanted, those who have waited longest first.
    pub queue: Vec<QueueLine>,
    /// Seconds a customer without particular wishes would wait now; `null` with nobody on duty.
    #[schema(required)]
    pub expected_wait_secs: Option<u64>,
    pub wait_error: WaitErrorView,
    pub skills: Vec<SkillView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TeamMember {
    pub id: String,
    pub display_name: String,
    #[schema(value_type = Vec<Role>)]
    pub roles: Vec<String>,
    pub agent: bool,
    pub silent_seat: bool,
    /// Chats in hand.
    pub chats: u32,
    pub profile: Profile,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QueueLine {
    pub work: Work,
    pub wanted: Vec<SkillId>,
    pub waiting: u64,
    pub longest_wait_secs: u64,
    /// People on duty who could take it as wide as the search is now.
    pub able: u64,
}

/// How far today's expected waits were from the real ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitErrorView {
    pub waits: u64,
    pub mean_absolute_secs: u64,
    /// Above 0 where people waited longer than they were told.
    pub bias_secs: i64,
}
