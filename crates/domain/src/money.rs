//! Money. Owns exact sums in fen and rates in basis points; never a float.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A sum of money in fen (1/100 yuan). May be negative (a refund).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// A rate in hundredths of a percent: `BasisPoints(725)` is 7.25 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub i64);

#[derive(Debug, Error, PartialEq, Eq)]
pub enum MoneyError {
    #[error("sum of money {left} + {right} fen does not fit 64 bits")]
    Overflow { left: i64, right: i64 },
    #[error("{text:?} is not a sum of money; write yuan with at most two decimals, such as 1,234.56")]
    Unreadable { text: String },
}

impl Fen {
    pub const ZERO: Fen = Fen(0);

    /// # Errors
    /// `MoneyError::Overflow` where the sum does not fit 64 bits.
    pub fn checked_add(self, other: Fen) -> Result<Fen, MoneyError> {
        self.0.checked_add(other.0).map(Fen).ok_or(MoneyError::Overflow { left: self.0, right: other.0 })
    }

    /// Reads yuan in ASCII digits with optional thousands commas and at most two decimals.
    ///
    /// # Errors
    /// `MoneyError::Unreadable` names the text.
    pub fn parse_yuan(text: &str) -> Result<Fen, MoneyError> {
        let unreadable = || MoneyError::Unreadable { text: text.to_owned() };
        let plain: String = text.trim().chars().filter(|c| *c != ',').collect();
        let (sign, digits) = match plain.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, plain.as_str()),
        };
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || cents.len() > 2 || !whole.chars().chain(cents.chars()).all(|c| c.is_ascii_digit()) {
            return Err(unreadable());
        }
        let whole: i64 = whole.parse().map_err(|_| unreadable())?;
        let cents: i64 = if cents.is_empty() { 0 } else { format!("{cents:0<2}").parse().map_err(|_| unreadable())? };
        whole
            .checked_mul(100)
            .and_then(|fen| fen.checked_add(cents))
            .and_then(|fen| fen.checked_mul(sign))
            .map(Fen)
            .ok_or_else(unreadable)
    }
}

/// Yuan with thousands commas and two decimals, without a currency sign: `1,234.56`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        let whole = (total / 100).to_string();
        let grouped: Vec<&str> = whole
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|chunk| std::str::from_utf8(chunk).expect("decimal digits are ASCII"))
            .collect();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", grouped.join(","), total % 100)
    }
}

/// Percent with two decimals: `7.25%`.
impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let total = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}%", total / 100, total % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_text_and_fen_agree_both_ways() {
        for (text, fen) in [("0.00", 0), ("0.05", 5), ("1,234.56", 123_456), ("-3.10", -310), ("1,000,000.00", 100_000_000)] {
            assert_eq!(Fen(fen).to_string(), text);
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)));
        }
    }

    #[test]
    fn unreadable_sums_are_refused() {
        for text in ["", ".", "1.234", "12a", "1.2.3", "9223372036854775807"] {
            assert!(Fen::parse_yuan(text).is_err(), "{text}");
        }
    }
}
