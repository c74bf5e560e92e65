//! `/api/staff/wall`: today's split against the targets, and what is going on now.

use crate::App;
use crate::auth::{ReadsIn, SignedStaff};
use crate::dto::{FlowCountView, HourView, NeedCount, NowView, ReasonCount, Targets, TierCount, Wall};
use crate::error::ApiError;
use crate::views::{Reader, need, reason_code, word};
use axum::Json;
use axum::extract::State;
use jieti_domain::id::{FlowId, NeedId};
use std::collections::BTreeMap;

/// What the lender holds the platform to, in percent. Source: DESIGN, "what it is for".
const TARGETS: Targets = Targets { self_service_and_bot: 70, silent_seat: 20, human: 10 };
const TIERS: [&str; 4] = ["self_service", "bot", "silent_seat", "human"];

/// The supervisor's first page.
#[utoipa::path(get, path = "/api/staff/wall", tag = "staff", responses((status = 200, body = Wall)))]
pub async fn wall(State(app): State<App>, _staff: SignedStaff, ReadsIn(lang): ReadsIn) -> Result<Json<Wall>, ApiError> {
    let engine = &app.engine;
    let brain = engine.brain();
    let now = engine.now();
    let rows = engine.store().wall(now.start_of_china_day()).await?;
    let cards = engine.cards();
    let count_of = |tier: &str| rows.tiers.iter().find(|t| t.key == tier).map_or(0, |t| t.count);
    let waiting = cards.iter().filter(|c| c.stage == "waiting");
    let longest = waiting.clone().map(|c| (now.0 - c.stage_since).max(0) / 1000).max().unwrap_or(0);
    let (agents_on, seats_on) = engine.on_duty_counts();
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows.reasons {
        let code = serde_json::from_str(&row.key).ok().and_then(|r: serde_json::Value| reason_code(&r));
        *reasons.entry(code.unwrap_or_default()).or_default() += row.count;
    }
    let mut reasons: Vec<ReasonCount> = reasons.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect();
    reasons.sort_by_key(|r| std::cmp::Reverse(r.count));
    let needs = rows
        .needs
        .iter()
        .map(|row| {
            let entry = brain.rules.knowledge.get(&NeedId::from(row.key.as_str()));
            NeedCount {
                id: row.key.clone(),
                title: need(&row.key, Reader { rules: &brain.rules, lang }).title,
                count: row.count,
                owner: entry.map(|e| e.owner.clone()).unwrap_or_default(),
                cause: entry.map(|e| word(&e.cause.kind)).unwrap_or_default(),
            }
        })
        .collect();
    let flows = rows
        .flows
        .iter()
        .filter_map(|row| {
            let flow = brain.rules.flows.get(&FlowId::from(row.flow.as_str()))?;
            Some(FlowCountView { id: row.flow.clone(), title: flow.title.clone(), started: row.started, solved: row.solved })
        })
        .collect();
    let mut hours: BTreeMap<u64, HourView> = BTreeMap::new();
    for row in &rows.hours {
        let hour =
            hours.entry(row.hour).or_insert(HourView { hour: row.hour, self_service: 0, bot: 0, silent_seat: 0, human: 0 });
        match row.tier.as_str() {
            "self_service" => hour.self_service += row.count,
            "bot" => hour.bot += row.count,
            "silent_seat" => hour.silent_seat += row.count,
            _ => hour.human += row.count,
        }
    }
    Ok(Json(Wall {
        day: now.china_date().to_string(),
        targets: TARGETS,
        conversations: rows.tiers.iter().map(|t| t.count).sum(),
        tiers: TIERS.iter().map(|t| TierCount { tier: (*t).to_owned(), count: count_of(t) }).collect(),
        now: NowView {
            open: cards.len() as u64,
            waiting: waiting.count() as u64,
            longest_wait_secs: u64::try_from(longest).unwrap_or(0),
            drafts: cards.iter().filter(|c| c.draft.is_some()).count() as u64,
            agents_on,
            seats_on,
            expected_wait_secs: engine.expected_wait_secs(),
        },
        reasons,
        needs,
        flows,
        hours: hours.into_values().collect(),
    }))
}
