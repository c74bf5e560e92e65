//! Names by number, so that a million customers' ways fit in memory. Owns the numbering; numbers are never reused.

use crate::journey::Name;
use std::collections::HashMap;

/// Number of "no name".
pub const NONE: u32 = 0;
/// Number that stands for every name after the last that is remembered.
const OTHER: u32 = 1;
/// Names remembered. An app has thousands; a broken or hostile one cannot fill the memory.
const MOST: usize = 100_000;

/// Every name seen, by number. The first two numbers stand for "none" and "other".
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<Name, u32>,
    /// From number 2 on.
    names: Vec<Name>,
}

impl Names {
    /// Names in the order of their numbers, as [`Names::since`] gave them.
    pub fn of(names: impl IntoIterator<Item = Name>) -> Self {
        let mut all = Self::default();
        for name in names {
            all.number(&name);
        }
        all
    }

    /// The number of a name; a new name gets the next one.
    pub fn number(&mut self, name: &Name) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        if self.names.len() >= MOST {
            return OTHER;
        }
        self.names.push(name.clone());
        let number = OTHER + u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.clone(), number);
        number
    }

    pub fn known(&self, name: &Name) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// `None` for "none" and "other".
    pub fn name(&self, number: u32) -> Option<&Name> {
        self.names.get((number as usize).checked_sub(2)?)
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names after the first `known`, in order.
    pub fn since(&self, known: usize) -> &[Name] {
        self.names.get(known..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers_and_a_flood_of_them_is_one_number() {
        let mut names = Names::default();
        let name = |text: &str| Name::parse(text).expect("a name");
        assert_eq!((names.number(&name("apply")), names.number(&name("repay")), names.number(&name("apply"))), (2, 3, 2));
        assert_eq!(names.name(3), Some(&name("repay")));
        assert_eq!((names.name(NONE), names.name(OTHER), names.name(9)), (None, None, None));
        let mut again = Names::of(names.since(0).iter().cloned());
        assert_eq!(again.number(&name("repay")), 3);
        for i in 0..MOST {
            again.number(&name(&format!("x{}.{}", i / 100, i % 100)));
        }
        assert_eq!(again.number(&name("one-more")), OTHER);
        assert_eq!(again.number(&name("repay")), 3, "what is known stays known");
    }
}
