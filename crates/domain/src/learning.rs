//! What people's corrections teach: each draft's ending is a label. Owns their shape; training reads them elsewhere.

use crate::id::{ConversationId, DraftId, NeedId, StaffId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a silent seat judged one draft. Stored for ever, with the texts as the customer and the seat wrote them (personal
/// numbers are masked before they get here).
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub draft: DraftId,
    pub conversation: ConversationId,
    pub kind: LabelKind,
    /// What the bot took the question for.
    pub need: NeedId,
    pub question: String,
    pub proposed: String,
    /// What the customer got instead, if it was this seat's.
    pub said: Option<String>,
    pub reason: Option<String>,
    /// 0–1, as the bot believed it.
    pub confidence: f32,
    pub staff: Option<StaffId>,
    /// Characters inserted, deleted or replaced by an edit.
    pub edits: Option<u32>,
    pub proposed_at: Timestamp,
    /// When a seat first had it before them.
    pub held_at: Option<Timestamp>,
    pub settled_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    Sent,
    Edited,
    AskedBack,
    Vetoed,
    TakenOver,
    /// Nobody decided in time.
    Expired,
    /// The customer went on before anybody decided.
    Withdrawn,
}

impl LabelKind {
    pub const ALL: [LabelKind; 7] = [
        LabelKind::Sent,
        LabelKind::Edited,
        LabelKind::AskedBack,
        LabelKind::Vetoed,
        LabelKind::TakenOver,
        LabelKind::Expired,
        LabelKind::Withdrawn,
    ];

    pub fn code(self) -> &'static str {
        match self {
            LabelKind::Sent => "sent",
            LabelKind::Edited => "edited",
            LabelKind::AskedBack => "asked_back",
            LabelKind::Vetoed => "vetoed",
            LabelKind::TakenOver => "taken_over",
            LabelKind::Expired => "expired",
            LabelKind::Withdrawn => "withdrawn",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// Levenshtein distance in characters: insertions, deletions and replacements from one text to the other.
pub fn edit_distance(from: &str, to: &str) -> u32 {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<u32> = (0..).take(to.len() + 1).collect();
    for (above, from) in (0..).zip(from.chars()) {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, to) in to.iter().enumerate() {
            let replaced = diagonal + u32::from(from != *to);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}

/// What silent seats did in a span of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeatReport {
    /// Conversations opened.
    pub conversations: u64,
    /// Conversations of which a seat settled at least one draft.
    pub touched: u64,
    pub drafts: u64,
    pub by_kind: Vec<(LabelKind, u64)>,
    /// From the moment a seat had the draft before them until they decided, in milliseconds.
    pub handling: Option<Spread>,
    /// From the draft until anybody or the clock decided, in milliseconds: how long the customer waited.
    pub wait: Option<Spread>,
    /// Mean share of characters changed, over edited drafts, 0–1.
    pub edit_share: Option<f64>,
    /// Vetoes among drafts on which a seat decided, 0–1.
    pub veto_rate: Option<f64>,
}

/// Median and ninetieth percentile: the smallest value that so many do not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    pub p50: i64,
    pub p90: i64,
}

impl Spread {
    /// `None` for no values.
    pub fn of(mut values: Vec<i64>) -> Option<Self> {
        values.sort_unstable();
        let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { p50: at(50)?, p90: at(90)? })
    }
}

/// Counts labels of a span in which `conversations` were opened.
pub fn report(labels: &[Label], conversations: u64) -> SeatReport {
    let decided: Vec<&Label> = labels.iter().filter(|l| l.staff.is_some()).collect();
    let touched: BTreeSet<&ConversationId> = decided.iter().map(|l| &l.conversation).collect();
    let count = |kind: LabelKind| labels.iter().filter(|l| l.kind == kind).count() as u64;
    let shares: Vec<f64> = labels
        .iter()
        .filter_map(|l| {
            let longest = l.proposed.chars().count().max(l.said.as_ref()?.chars().count()).max(1);
            Some(f64::from(l.edits?) / longest as f64)
        })
        .collect();
    let ratio = |part: u64, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    SeatReport {
        conversations,
        touched: touched.len() as u64,
        drafts: labels.len() as u64,
        by_kind: LabelKind::ALL.into_iter().map(|kind| (kind, count(kind))).collect(),
        handling: Spread::of(decided.iter().filter_map(|l| Some(l.settled_at.0 - l.held_at?.0)).collect()),
        wait: wait(labels),
        edit_share: (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64),
        veto_rate: ratio(count(LabelKind::Vetoed), decided.len()),
    }
}

/// How long customers waited for these drafts; one who went on by themselves did not wait to the end.
pub fn wait(labels: &[Label]) -> Option<Spread> {
    let ended = labels.iter().filter(|l| l.kind != LabelKind::Withdrawn);
    Spread::of(ended.map(|l| l.settled_at.0 - l.proposed_at.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_counted_in_characters() {
        for (from, to, want) in [
            ("", "", 0),
            ("还款日", "还款日", 0),
            ("还款日是8号", "还款日是18号", 1),
            ("abc", "", 3),
            ("", "你好", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edit_distance(from, to), want, "{from} → {to}");
            assert_eq!(edit_distance(to, from), want, "{to} → {from}");
        }
    }

    #[test]
    fn a_report_counts_what_seats_decided_and_what_they_did_not() {
        let label = |conversation: &str, kind: LabelKind, secs: i64| Label {
            draft: "d".into(),
            conversation: conversation.into(),
            kind,
            need: "n".into(),
            question: "q".to_owned(),
            proposed: "还款日是8号".to_owned(),
            said: (kind == LabelKind::Edited).then(|| "还款日是18号".to_owned()),
            reason: None,
            confidence: 0.6,
            staff: (!matches!(kind, LabelKind::Expired | LabelKind::Withdrawn)).then(|| "zhou".into()),
            edits: (kind == LabelKind::Edited).then_some(1),
            proposed_at: Timestamp(0),
            held_at: Some(Timestamp(1000)),
            settled_at: Timestamp(secs * 1000),
        };
        let labels = [
            label("a", LabelKind::Sent, 4),
            label("a", LabelKind::Edited, 11),
            label("b", LabelKind::Vetoed, 6),
            label("c", LabelKind::Expired, 45),
            label("d", LabelKind::Withdrawn, 2),
        ];
        let report = report(&labels, 10);
        assert_eq!((report.conversations, report.touched, report.drafts), (10, 2, 5));
        assert_eq!(report.handling, Some(Spread { p50: 5000, p90: 10_000 }));
        assert_eq!(report.wait, Some(Spread { p50: 6000, p90: 45_000 }));
        assert_eq!((report.edit_share, report.veto_rate), (Some(1.0 / 7.0), Some(1.0 / 3.0)));
        assert_eq!(super::report(&[], 0).wait, None);
    }

    #[test]
    fn every_code_is_read_back() {
        for kind in LabelKind::ALL {
            assert_eq!(LabelKind::from_code(kind.code()), Some(kind));
        }
    }
}
