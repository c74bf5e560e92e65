//! For whom and when an answer is good: validity, audience, and what is known of the customer it is held against. Owns the
//! fit; chooses no entry.

use crate::conversation::Channel;
use crate::offers::KnownFacts;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Calendar days in the lender's zone on which an answer may be given, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Validity {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub until: Option<Date>,
}

/// How a validity stands on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "life", rename_all = "snake_case")]
pub enum Life {
    /// The last day is past by so many days.
    Expired { days: i64 },
    /// The last day is in so many days; 0 is today.
    Expires { days: i64 },
    /// The first day is in so many days.
    Begins { days: i64 },
    /// No last day.
    Lasting,
}

/// The customers for whom an answer is written. What is left empty does not matter; what is named must be known of the
/// customer to fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// Products by the name that the lender's core gives them; one of them is enough.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub products: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stages: BTreeSet<LifeStage>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub channels: BTreeSet<Channel>,
    /// The first version of the app that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub app_from: Option<AppVersion>,
    /// The first version that it is no longer about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub app_below: Option<AppVersion>,
}

/// Where a customer is in their life with the lender. One customer may be at several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LifeStage {
    /// Never applied and never borrowed.
    Prospect,
    /// An application is under way.
    Applying,
    Repaying,
    Overdue,
    /// Every loan is paid off.
    Settled,
}

/// `5.12.0` as numbers; parts that are left out are 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppVersion(Vec<u32>);

/// What the lender's core knows of a customer, as far as answers differ by it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    pub products: BTreeSet<String>,
    pub stages: BTreeSet<LifeStage>,
}

/// One customer at one moment, as answers are chosen by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation<'a> {
    /// The calendar day in the lender's zone.
    pub today: Date,
    pub channel: Channel,
    pub app: Option<AppVersion>,
    /// `None` for a visitor, and where the lender did not answer in time.
    pub account: Option<&'a Account>,
}

impl Validity {
    pub const ALWAYS: Validity = Validity { from: None, until: None };

    pub fn is_always(&self) -> bool {
        *self == Self::ALWAYS
    }

    pub fn holds(&self, today: Date) -> bool {
        self.from.is_none_or(|from| from <= today) && self.until.is_none_or(|until| today <= until)
    }

    pub fn life(&self, today: Date) -> Life {
        let days_to = |day: Date| i64::from(today.until(day).map_or(0, |span| span.get_days()));
        match (self.from, self.until) {
            (_, Some(until)) if until < today => Life::Expired { days: -days_to(until) },
            (Some(from), _) if from > today => Life::Begins { days: days_to(from) },
            (_, Some(until)) => Life::Expires { days: days_to(until) },
            (_, None) => Life::Lasting,
        }
    }

    /// Whether there is a day on which both hold.
    pub fn meets(&self, other: &Validity) -> bool {
        let before = |until: Option<Date>, from: Option<Date>| until.zip(from).is_some_and(|(until, from)| until < from);
        !before(self.until, other.from) && !before(other.until, self.from)
    }
}

impl Audience {
    pub fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// How many things are asked of a customer: the answer that asks most wins.
    pub fn specificity(&self) -> usize {
        [
            !self.products.is_empty(),
            !self.stages.is_empty(),
            !self.channels.is_empty(),
            self.app_from.is_some() || self.app_below.is_some(),
        ]
        .into_iter()
        .filter(|asked| *asked)
        .count()
    }

    pub fn fits(&self, customer: &Situation<'_>) -> bool {
        let products = customer.account.map(|a| &a.products);
        let stages = customer.account.map(|a| &a.stages);
        (self.products.is_empty() || products.is_some_and(|known| !known.is_disjoint(&self.products)))
            && (self.stages.is_empty() || stages.is_some_and(|known| !known.is_disjoint(&self.stages)))
            && (self.channels.is_empty() || self.channels.contains(&customer.channel))
            && self.app_from.as_ref().is_none_or(|from| customer.app.as_ref().is_some_and(|app| app >= from))
            && self.app_below.as_ref().is_none_or(|below| customer.app.as_ref().is_some_and(|app| app < below))
    }

    /// Whether only the lender's core can say if it fits.
    pub fn asks_the_lender(&self) -> bool {
        !self.products.is_empty() || !self.stages.is_empty()
    }
}

impl Account {
    /// What the lender's facts say. `None` where it answered nothing.
    pub fn of(facts: &KnownFacts) -> Option<Account> {
        if facts.profile.is_none() && facts.loans.is_none() && facts.applications.is_none() {
            return None;
        }
        let mut account = Account::default();
        for (state, product) in facts.applications() {
            account.products.extend(product);
            if matches!(state, "reviewing" | "approved" | "disbursing" | "disbursement_failed") {
                account.stages.insert(LifeStage::Applying);
            }
        }
        let mut settled = false;
        for (status, product) in facts.loans() {
            account.products.extend(product);
            match status {
                "settled" => settled = true,
                _ => {
                    account.stages.insert(LifeStage::Repaying);
                }
            }
        }
        if facts.is_overdue() {
            account.stages.insert(LifeStage::Overdue);
        }
        if account.stages.is_empty() {
            account.stages.insert(if settled { LifeStage::Settled } else { LifeStage::Prospect });
        }
        Some(account)
    }
}

impl AppVersion {
    pub fn parse(text: &str) -> Option<AppVersion> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<u32>>>()?;
        while parts.last() == Some(&0) {
            parts.pop();
        }
        Some(AppVersion(parts))
    }
}

impl TryFrom<String> for AppVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("app version {text:?} cannot be read; write it like 5.12.0"))
    }
}

impl From<AppVersion> for String {
    fn from(version: AppVersion) -> Self {
        match version.0.as_slice() {
            [] => "0".to_owned(),
            parts => parts.iter().map(u32::to_string).collect::<Vec<_>>().join("."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lender::{Fact, Facts};
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 22);

    #[test]
    fn both_ends_of_a_validity_are_days_on_which_it_holds() {
        let until = |day| Validity { from: None, until: Some(date(2026, 11, day)) };
        let from = |day| Validity { from: Some(date(2026, 11, day)), until: None };
        for (validity, holds, life) in [
            (Validity::ALWAYS, true, Life::Lasting),
            (until(21), false, Life::Expired { days: 1 }),
            (until(22), true, Life::Expires { days: 0 }),
            (until(27), true, Life::Expires { days: 5 }),
            (from(22), true, Life::Lasting),
            (from(23), false, Life::Begins { days: 1 }),
        ] {
            assert_eq!((validity.holds(TODAY), validity.life(TODAY)), (holds, life), "{validity:?}");
        }
        assert!(until(21).meets(&from(21)) && !until(21).meets(&from(22)) && !from(22).meets(&until(21)));
    }

    #[test]
    fn what_is_named_must_be_known_to_fit() {
        let account =
            Account { products: BTreeSet::from(["极速贷".to_owned()]), stages: BTreeSet::from([LifeStage::Overdue]) };
        let known = Situation { today: TODAY, channel: Channel::App, app: AppVersion::parse("5.10"), account: Some(&account) };
        let stranger = Situation { today: TODAY, channel: Channel::Web, app: None, account: None };
        let version = |text| AppVersion::parse(text);
        let cases = [
            (Audience::default(), true, true),
            (
                Audience { products: BTreeSet::from(["极速贷".to_owned(), "优享贷".to_owned()]), ..Audience::default() },
                true,
                false,
            ),
            (Audience { products: BTreeSet::from(["优享贷".to_owned()]), ..Audience::default() }, false, false),
            (Audience { stages: BTreeSet::from([LifeStage::Overdue]), ..Audience::default() }, true, false),
            (Audience { stages: BTreeSet::from([LifeStage::Settled]), ..Audience::default() }, false, false),
            (Audience { channels: BTreeSet::from([Channel::Web]), ..Audience::default() }, false, true),
            (Audience { app_from: version("5.9.9"), ..Audience::default() }, true, false),
            (Audience { app_from: version("5.10.0"), app_below: version("5.11"), ..Audience::default() }, true, false),
            (Audience { app_below: version("5.10"), ..Audience::default() }, false, false),
        ];
        for (audience, fits_known, fits_stranger) in cases {
            assert_eq!((audience.fits(&known), audience.fits(&stranger)), (fits_known, fits_stranger), "{audience:?}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let parse = |text| AppVersion::parse(text);
        assert!(parse("5.9") < parse("5.10") && parse("5.10") == parse("v5.10.0") && parse("5.10") < parse("5.10.1"));
        assert_eq!((parse("latest"), parse("5..1"), parse("")), (None, None, None));
    }

    #[test]
    fn the_lenders_facts_say_where_the_customer_stands() {
        let text = |t: &str| Fact::Text(t.to_owned());
        let list = |name: &str, state: &str, word: &str| {
            let record = Facts::from([(state.to_owned(), text(word)), ("product".to_owned(), text("极速贷"))]);
            Some(Facts::from([(name.to_owned(), Fact::List(vec![Fact::Record(record)]))]))
        };
        let nobody = KnownFacts { loans: Some(Facts::new()), ..KnownFacts::default() };
        let applies = KnownFacts { applications: list("applications", "state", "reviewing"), ..KnownFacts::default() };
        let repays = KnownFacts {
            loans: list("loans", "status", "active"),
            profile: Some(Facts::from([("overdue".to_owned(), Fact::Flag(true))])),
            ..KnownFacts::default()
        };
        let settled = KnownFacts { loans: list("loans", "status", "settled"), ..KnownFacts::default() };
        for (facts, stages, products) in [
            (nobody, vec![LifeStage::Prospect], 0),
            (applies, vec![LifeStage::Applying], 1),
            (repays, vec![LifeStage::Repaying, LifeStage::Overdue], 1),
            (settled, vec![LifeStage::Settled], 1),
        ] {
            let account = Account::of(&facts).expect("the lender answered");
            assert_eq!((account.stages, account.products.len()), (stages.into_iter().collect(), products));
        }
        assert_eq!(Account::of(&KnownFacts::default()), None);
    }
}
