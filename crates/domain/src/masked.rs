//! Personal data behind a mask. Owns the one way out; never prints the value by itself.

use serde::{Serialize, Serializer};
use std::fmt;

/// A personal value whose `Debug`, `Display` and `Serialize` show the mask only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Masked {
    value: String,
}

/// Why a masked value was opened; goes into the audit record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevealReason {
    /// The lender needs it to carry out what the customer asked for.
    SentToLender,
}

impl Masked {
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into() }
    }

    /// The value itself. The reason is an argument so that a reader of the call sees why.
    pub fn reveal(&self, _reason: RevealReason) -> &str {
        &self.value
    }

    /// The first three and last four characters, the rest as stars; short values are all stars.
    pub fn mask(&self) -> String {
        mask_text(&self.value)
    }
}

/// First three and last four characters shown, the rest as stars; eight characters or fewer are hidden whole.
pub fn mask_text(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() <= 8 {
        return "*".repeat(chars.len());
    }
    let head: String = chars[..3].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(chars.len() - 7))
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.mask())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_printing_shows_the_mask_only() {
        let card = Masked::new("6222021234567890123");
        let mask = "622************0123";
        assert_eq!(format!("{card:?}"), mask);
        assert_eq!(card.to_string(), mask);
        assert_eq!(serde_json::to_string(&card).expect("a string serialises"), format!("{mask:?}"));
        assert_eq!(mask_text("12345678"), "********");
    }
}
