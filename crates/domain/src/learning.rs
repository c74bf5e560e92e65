//! What people's corrections teach: each draft's ending is a label. Owns their shape; training reads them elsewhere.

use crate::id::{ConversationId, DraftId, NeedId, StaffId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

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
    fn every_code_is_read_back() {
        for kind in LabelKind::ALL {
            assert_eq!(LabelKind::from_code(kind.code()), Some(kind));
        }
    }
}
