//! What an app reports: one act of a customer, in names of the app's own. Free text and personal numbers cannot be said.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use thiserror::Error;

/// Longest name, in bytes.
const LONGEST: usize = 64;
/// So many digits in a row may be part of a phone, card or identity number; an app's own names do with fewer.
const DIGITS: usize = 6;

/// A name that the app gave something: a page, an element, a code. Letters, digits and `/ _ . : -` only, so that nothing that a
/// customer typed fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

/// Why something is not a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadName {
    #[error("is empty; send the app's name of it or leave the field out")]
    Empty,
    #[error("has {bytes} bytes, more than 64; send a short name")]
    TooLong { bytes: usize },
    #[error("holds {found:?}, and a name is made of letters, digits and / _ . : - only; never send what a customer typed")]
    FreeText { found: char },
    #[error("holds {digits} digits in a row, which may be part of a phone, card or identity number; send the app's name of it")]
    Personal { digits: usize },
}

impl Name {
    /// # Errors
    /// See [`BadName`].
    pub fn parse(text: &str) -> Result<Name, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > LONGEST {
            return Err(BadName::TooLong { bytes: text.len() });
        }
        let mut digits = 0;
        let mut most = 0;
        for c in text.chars() {
            if !(c.is_ascii_alphanumeric() || "/_.:-".contains(c)) {
                return Err(BadName::FreeText { found: c });
            }
            // "138-0013-8000" is a number too: separators do not end a row of digits.
            digits = match c {
                '0'..='9' => digits + 1,
                '-' | '.' | ':' => digits,
                _ => 0,
            };
            most = most.max(digits);
        }
        if most >= DIGITS { Err(BadName::Personal { digits: most }) } else { Ok(Name(text.into())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Name::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0.as_ref().to_owned()
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    H5,
    Ios,
    Android,
    MiniProgram,
}

impl Platform {
    pub const ALL: [Platform; 4] = [Platform::H5, Platform::Ios, Platform::Android, Platform::MiniProgram];

    /// As stored and written in rules.
    pub fn code(self) -> &'static str {
        match self {
            Platform::H5 => "h5",
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::MiniProgram => "mini_program",
        }
    }

    pub fn from_code(code: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.code() == code)
    }
}

/// What the customer has agreed to. Without consent the app sends nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Behaviour may be used to serve the customer; help is not offered unasked.
    Service,
    /// Help may be offered unasked, too.
    Guidance,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Act {
    /// The page came up.
    Page,
    /// A step inside the page was reached: `target`.
    Step,
    /// `target` was touched.
    Click,
    /// `target` was refused for `code`.
    FieldError,
    /// The call of `target` failed with `code` after `value` ms.
    ApiError,
    /// `target` was touched `value` times in a moment, in vain.
    RageClick,
    /// Went back to `page` from `target`; that the page came up is said by itself, before.
    Back,
    /// The app went out of sight.
    Hidden,
    /// The app came back into sight.
    Visible,
    /// Left the page, which had been in sight for `value` ms; `code` is how long it was used, such as `active_20` (s).
    Leave,
    /// Something came to pass at the lender: `code`, such as `disbursed`.
    Outcome,
}

impl Act {
    pub const ALL: [Act; 11] = [
        Act::Page,
        Act::Step,
        Act::Click,
        Act::FieldError,
        Act::ApiError,
        Act::RageClick,
        Act::Back,
        Act::Hidden,
        Act::Visible,
        Act::Leave,
        Act::Outcome,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_apps_own_and_never_what_a_customer_typed() {
        for good in ["apply/id", "E504", "btn.submit", "v5.2.1", "a"] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        for (bad, want) in [
            ("", "empty"),
            ("我要还款", "我"),
            ("John Smith", "' '"),
            ("a@b.cn", "'@'"),
            ("13800138000", "digits"),
            ("138-0013-8000", "digits"),
            ("card:622202.1234", "digits"),
            (&"a".repeat(65), "65 bytes"),
        ] {
            let error = Name::parse(bad).expect_err(bad).to_string();
            assert!(error.contains(want), "{bad}: {error}");
        }
        assert!(Name::parse("code-12345").is_ok() && Name::parse("code-123456").is_err(), "both sides of six digits");
    }
}
