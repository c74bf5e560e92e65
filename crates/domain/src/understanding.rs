//! What a message was understood to say. Owns the shape that `language` produces and `decide` consumes; understands
//! nothing itself.

use crate::id::NeedId;
use crate::masked::Masked;
use crate::money::{BasisPoints, Fen};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A language the platform answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

/// One message, understood. Produced by `language`, pure data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Understanding {
    pub lang: Lang,
    /// Best first, at most five, confidences calibrated: of all messages whose first guess says 0.9, nine in ten are
    /// right. An empty list, or a low first confidence, is an abstention.
    pub needs: Vec<NeedGuess>,
    /// Another need that the same message asks for, sure by its own part of it.
    pub second: Option<NeedGuess>,
    pub breadth: Breadth,
    /// In order of appearance, not overlapping.
    pub entities: Vec<Entity>,
    pub signals: BTreeSet<Signal>,
    pub mood: Mood,
}

/// Whether a message asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Breadth {
    #[default]
    Need,
    /// It only names what it is about ("还款", "额度"): `needs` are the needs of that topic, and none may be taken for granted.
    Topic,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeedGuess {
    pub need: NeedId,
    /// Probability in 0..=1 that this need is what the customer meant.
    pub confidence: f32,
}

/// P(need | what the customer was doing before they wrote). Needs that are not listed share what is left to 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prior {
    /// By need; positive, together at most 1.
    listed: Vec<NeedGuess>,
}

impl Prior {
    /// Takes shares in any order: what is not a positive number is left out, a need that is
    /// named twice is added up, and shares of more than 1 together are scaled down to 1.
    pub fn new(shares: impl IntoIterator<Item = (NeedId, f32)>) -> Self {
        let mut by_need: BTreeMap<NeedId, f32> = BTreeMap::new();
        for (need, share) in shares {
            if share.is_finite() && share > 0.0 {
                *by_need.entry(need).or_default() += share;
            }
        }
        let scale = by_need.values().sum::<f32>().max(1.0);
        Self { listed: by_need.into_iter().map(|(need, share)| NeedGuess { need, confidence: share / scale }).collect() }
    }

    /// Share of a need; 0 where it is not listed.
    pub fn of(&self, need: &NeedId) -> f32 {
        self.listed.binary_search_by(|l| l.need.cmp(need)).map_or(0.0, |found| self.listed[found].confidence)
    }

    /// What the listed needs leave to all others.
    pub fn rest(&self) -> f32 {
        (1.0 - self.listed.iter().map(|l| l.confidence).sum::<f32>()).max(0.0)
    }

    pub fn listed(&self) -> &[NeedGuess] {
        &self.listed
    }
}

/// What the customer's last message was taken to want: what "那下个月呢" leans on.
#[derive(Debug, Clone, PartialEq)]
pub struct Previous {
    pub need: NeedId,
}

/// A value found in the text by grammar.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub value: EntityValue,
    /// Character offsets in the text as the customer wrote it, end exclusive.
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EntityValue {
    Money(Fen),
    Date(Date),
    /// The first day of the month meant.
    Month(Date),
    /// A number of months ("分12期").
    Term(i64),
    /// A number of days ("延期7天").
    Days(i64),
    Rate(BasisPoints),
    /// Mainland mobile number, 11 digits.
    Phone(Masked),
    /// 18-digit resident identity number with a valid check digit.
    IdNumber(Masked),
    /// Bank card number that passes Luhn.
    CardNumber(Masked),
    /// Four to eight bare digits, such as a verification code.
    Code(Masked),
    /// "第二个", "the second one": one-based position.
    Ordinal(i64),
    /// A bare number with no unit.
    Number(i64),
}

/// Something in the message that changes what must happen, whatever the need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    WantsHuman,
    Complaint,
    /// Threatens to go to the regulator, a court or the media.
    RegulatorThreat,
    FraudVictim,
    /// Cannot pay: lost job, illness, debts.
    Hardship,
    SelfHarm,
    /// Says to be under age, or that somebody under age borrowed or used the account: nothing may be lent to them, and what was
    /// lent is a matter for people.
    Minor,
    Abuse,
    Affirm,
    Deny,
    Cancel,
    Resume,
    /// "不对，是下个月": the last value was wrong.
    Correction,
    /// "没解决", "答非所问": the last answer did not help.
    NotSolved,
    Thanks,
    Greeting,
    Goodbye,
}

/// How the customer sounds. Each part 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Mood {
    pub anger: u8,
    pub worry: u8,
    pub urgency: u8,
    pub warmth: u8,
}

impl Understanding {
    pub fn has(&self, signal: Signal) -> bool {
        self.signals.contains(&signal)
    }

    pub fn best(&self) -> Option<&NeedGuess> {
        self.needs.first()
    }
}

/// A text in both languages of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Localized {
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    pub en: String,
}

impl Localized {
    pub fn new(zh_cn: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh_cn: zh_cn.into(), en: en.into() }
    }

    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::ZhCn => &self.zh_cn,
            Lang::En => &self.en,
        }
    }
}
