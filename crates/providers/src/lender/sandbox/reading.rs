//! Strict reading: sums that cannot be negative, words from a closed list, and facts made from them. An `Err` here is
//! the detail of a `Nonsense`; it names fields and sums, and never a person.

use jieti_domain::lender::{Fact, Facts};
use jieti_domain::money::{BasisPoints, Fen};
use jieti_domain::understanding::Lang;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What is wrong with an answer.
pub(super) type Wrong = String;

/// A sum that cannot be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Sum(pub Fen);

/// A count or a rate that cannot be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Natural(pub i64);

impl TryFrom<i64> for Sum {
    type Error = String;

    fn try_from(fen: i64) -> Result<Self, String> {
        if fen < 0 { Err(format!("a sum of {fen} fen is negative")) } else { Ok(Self(Fen(fen))) }
    }
}

impl TryFrom<i64> for Natural {
    type Error = String;

    fn try_from(count: i64) -> Result<Self, String> {
        if count < 0 { Err(format!("a count of {count} is negative")) } else { Ok(Self(count)) }
    }
}

impl Sum {
    pub fn fact(self) -> Fact {
        Fact::Money(self.0)
    }
}

impl Natural {
    pub fn count(self) -> Fact {
        Fact::Count(self.0)
    }

    pub fn rate(self) -> Fact {
        Fact::Rate(BasisPoints(self.0))
    }
}

/// Closed lists of words: any other word is nonsense. Where the platform's word differs from the lender's, it comes
/// after the arrow.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($theirs:literal $(=> $ours:literal)?),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) struct $name(&'static str);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(word: String) -> Result<Self, String> {
                match word.as_str() {
                    $($theirs => Ok(Self([$theirs $(, $ours)?][[$theirs $(, $ours)?].len() - 1])),)+
                    _ => Err(format!(concat!(stringify!($name), " {:?} is unknown"), word)),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, word: &&str) -> bool {
                self.0 == *word
            }
        }

        impl $name {
            pub fn fact(self) -> jieti_domain::lender::Fact {
                jieti_domain::lender::Fact::Text(self.0.to_owned())
            }
        }
    )+};
}
pub(super) use words;

/// # Errors
/// Where the body has not the answer's shape.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Wrong> {
    serde_json::from_slice(body).map_err(|cause| format!("body has another shape: {cause}"))
}

/// # Errors
/// Where the parts do not add up to the total, or do not fit 64 bits.
pub(super) fn check_total(what: &str, parts: impl IntoIterator<Item = Sum>, total: Sum) -> Result<(), Wrong> {
    let mut sum = Fen::ZERO;
    for Sum(part) in parts {
        sum = sum.checked_add(part).map_err(|cause| cause.to_string())?;
    }
    check(sum == total.0, || format!("{what}: parts are {sum} yuan and the total says {}", total.0))
}

pub(super) fn check(holds: bool, wrong: impl FnOnce() -> Wrong) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(wrong()) }
}

pub(super) fn facts<const N: usize>(named: [(&str, Fact); N]) -> Facts {
    named.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// Adds a date where there is one.
pub(super) fn with_date(mut facts: Facts, name: &str, date: Option<Date>) -> Facts {
    if let Some(date) = date {
        facts.insert(name.to_owned(), Fact::Date(date));
    }
    facts
}

/// `{name: [record, …]}`
pub(super) fn list<T>(rows: Vec<T>, record: impl FnMut(T) -> Facts) -> Fact {
    Fact::List(rows.into_iter().map(record).map(Fact::Record).collect())
}

pub(super) fn text(text: String) -> Fact {
    Fact::Text(text)
}

/// The lender's words in one of its languages; in Chinese where it has no others.
pub(super) fn text_in(lang: Lang, chinese: String, english: String) -> Fact {
    Fact::Text(match lang {
        Lang::En if !english.is_empty() => english,
        Lang::En | Lang::ZhCn => chinese,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    words! { Colour { "red", "grey" => "gray" } }

    #[test]
    fn words_are_translated_and_unknown_ones_refused() {
        for (word, want) in [("red", Some("red")), ("grey", Some("gray")), ("gray", None), ("", None)] {
            assert_eq!(
                Colour::try_from(word.to_owned()).ok().map(Colour::fact),
                want.map(|word| text(word.to_owned())),
                "{word}"
            );
        }
    }

    #[test]
    fn sums_are_whole_and_not_negative() {
        for (json, good) in [("0", true), ("12", true), ("-1", false), ("1.5", false), ("\"12\"", false), ("null", false)] {
            assert_eq!(parse::<Sum>(json.as_bytes()).is_ok(), good, "{json}");
        }
    }

    #[test]
    fn a_total_that_is_a_fen_off_is_wrong() {
        let parts = [Sum(Fen(100)), Sum(Fen(23))];
        assert_eq!(check_total("quote", parts, Sum(Fen(123))), Ok(()));
        assert!(check_total("quote", parts, Sum(Fen(124))).is_err());
        assert!(check_total("quote", [Sum(Fen(i64::MAX)), Sum(Fen(1))], Sum(Fen(0))).is_err());
    }
}
