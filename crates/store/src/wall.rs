//! Counts for the supervisor's first page.

use crate::Store;
use crate::batch::ReadError;
use jieti_domain::time::Timestamp;

/// What happened from one instant on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WallRows {
    /// Highest tier reached → conversations.
    pub tiers: Vec<Count>,
    /// JSON of the reason → conversations.
    pub reasons: Vec<Count>,
    /// Last need → conversations.
    pub needs: Vec<Count>,
    pub flows: Vec<FlowCount>,
    pub hours: Vec<HourCount>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    pub key: String,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FlowCount {
    pub flow: String,
    pub started: u64,
    pub solved: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct HourCount {
    /// Hours since the first instant.
    pub hour: u64,
    pub tier: String,
    pub count: u64,
}

impl Store {
    pub async fn wall(&self, since: Timestamp) -> Result<WallRows, ReadError> {
        let since = || vec![since.0.into()];
        let counts = |rows: Vec<crate::batch::Row>| rows.iter().map(|r| Count { key: r.text(0), count: r.seq(1) }).collect();
        let tiers = self
            .read("select tier, count(*) from conversation where opened_at >= $1 and tier is not null group by tier", since())
            .await?;
        let reasons = self
            .read(
                "select reason, count(*) from conversation where opened_at >= $1 and reason is not null group by reason order by count(*) desc, reason",
                since(),
            )
            .await?;
        let needs = self
            .read(
                "select need, count(*) from conversation where opened_at >= $1 and need is not null group by need order by count(*) desc, need limit 12",
                since(),
            )
            .await?;
        let flows = self
            .read(
                "select flow, count(*), cast(sum(case when ended = 'solved' then 1 else 0 end) as bigint) from flow_use \
                 where started_at >= $1 group by flow order by count(*) desc, flow",
                since(),
            )
            .await?;
        let hours = self
            .read(
                "select (opened_at - $1) / 3600000, tier, count(*) from conversation where opened_at >= $1 and tier is not null \
                 group by (opened_at - $1) / 3600000, tier order by 1, 2",
                since(),
            )
            .await?;
        Ok(WallRows {
            tiers: counts(tiers),
            reasons: counts(reasons),
            needs: counts(needs),
            flows: flows.iter().map(|r| FlowCount { flow: r.text(0), started: r.seq(1), solved: r.seq(2) }).collect(),
            hours: hours.iter().map(|r| HourCount { hour: r.seq(0), tier: r.text(1), count: r.seq(2) }).collect(),
        })
    }
}
