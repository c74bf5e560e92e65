//! What inspections say over time: how far machine and reviewers agree, and what each agent could do better.

use crate::Engine;
use jieti_domain::id::{ConversationId, RuleId, StaffId};
use jieti_domain::inspection::{Agreement, Verdict};
use jieti_domain::time::Timestamp;
use jieti_store::{FindingRow, ReadError, Source};
use std::collections::{BTreeMap, BTreeSet};

/// A rule that one agent broke more than once.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    pub staff: StaffId,
    pub staff_name: Option<String>,
    pub rule: RuleId,
    /// Conversations of this period in which it was broken, and of the period of the same length before.
    pub now: u64,
    pub before: u64,
    /// The latest findings of this period, at most [`EXAMPLES`].
    pub examples: Vec<FindingRow>,
}

const EXAMPLES: usize = 3;
/// Conversations from which a slip is a habit.
const RECURS_FROM: u64 = 2;
/// Findings looked at: a year of a team of a hundred.
const MOST: u64 = 50_000;

impl Engine {
    /// What machine and reviewers said, by the rules of the card in use, over conversations reviewed with that card. An
    /// added finding is one that the machine did not see; a rejected one is one that the reviewer did not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn agreement(&self, since: Timestamp) -> Result<Vec<(RuleId, Agreement)>, ReadError> {
        let Some(card) = self.scorecard() else { return Ok(Vec::new()) };
        let reviewed: BTreeSet<ConversationId> = self.store().reviewed(card.version, since).await?.into_iter().collect();
        let mut seen: BTreeMap<(RuleId, ConversationId), (bool, bool)> = BTreeMap::new();
        for row in
            self.store().findings_since(Timestamp(0), MOST).await?.into_iter().filter(|f| reviewed.contains(&f.conversation))
        {
            let (machine, reviewer) = seen.entry((row.finding.rule.clone(), row.conversation.clone())).or_default();
            *machine |= row.source == Source::Machine;
            *reviewer |= row.verdict == Verdict::Confirmed;
        }
        let by_rule = card.inspector.card().criteria.iter().map(|criterion| {
            let judged = seen.iter().filter(|((rule, _), _)| *rule == criterion.id).map(|(_, said)| *said);
            let mut agreement = Agreement::default();
            for said in judged {
                match said {
                    (true, true) => agreement.both += 1,
                    (true, false) => agreement.machine_only += 1,
                    (false, true) => agreement.reviewer_only += 1,
                    (false, false) => {}
                }
            }
            agreement.neither = reviewed.len() as u64 - agreement.total();
            (criterion.id.clone(), agreement)
        });
        Ok(by_rule.collect())
    }

    /// Rules that recur by agent, the most frequent first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn habits(&self, days: i64) -> Result<Vec<Habit>, ReadError> {
        let now = self.now();
        let (middle, start) = (now.plus_secs(-days * 86_400), now.plus_secs(-2 * days * 86_400));
        let rows = self.store().findings_since(start, MOST).await?;
        let mut habits: BTreeMap<(StaffId, RuleId), Habit> = BTreeMap::new();
        let mut counted: BTreeSet<(StaffId, RuleId, ConversationId)> = BTreeSet::new();
        for row in rows.into_iter().filter(FindingRow::counts) {
            let Some(staff) = row.finding.who.staff.clone() else { continue };
            let rule = row.finding.rule.clone();
            if !counted.insert((staff.clone(), rule.clone(), row.conversation.clone())) {
                continue;
            }
            let habit = habits.entry((staff.clone(), rule.clone())).or_insert_with(|| Habit {
                staff,
                staff_name: row.staff_name.clone(),
                rule,
                now: 0,
                before: 0,
                examples: Vec::new(),
            });
            if row.found_at < middle {
                habit.before += 1;
                continue;
            }
            habit.now += 1;
            if habit.examples.len() < EXAMPLES {
                habit.examples.push(row);
            }
        }
        let mut habits: Vec<Habit> = habits.into_values().filter(|habit| habit.now >= RECURS_FROM).collect();
        habits.sort_by(|a, b| (b.now, &a.staff, &a.rule).cmp(&(a.now, &b.staff, &b.rule)));
        Ok(habits)
    }
}
