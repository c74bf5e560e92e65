//! Groups of words that mean the same in what customers in trouble write: "老婆" and "爸妈", "透析" and "住院". They let
//! a line about one illness speak for all of them. Owns the look-up; the words are data (`lines/senses.*.txt`).

use super::numbers;
use std::collections::HashMap;

pub struct Senses {
    by_first: HashMap<char, Vec<(Vec<char>, u32)>>,
    whole_words: bool,
}

impl Senses {
    /// A line a group, `name: words`, separated by spaces where `whole_words` is false and by commas where it is true
    /// (then words are stemmed, numbers read as in a message, and both found only between spaces). A word may stand in several
    /// groups.
    pub fn parse(lines: &str, whole_words: bool) -> Self {
        let mut by_first: HashMap<char, Vec<(Vec<char>, u32)>> = HashMap::new();
        for (group, line) in (0_u32..).zip(lines.lines()) {
            let (_, words) = line.split_once(": ").expect("every group has a name");
            let separator = if whole_words { ',' } else { ' ' };
            for word in words.split(separator).map(str::trim).filter(|w| !w.is_empty()) {
                let text =
                    if whole_words { numbers::english(&word.split(' ').collect::<Vec<_>>()).join(" ") } else { word.to_owned() };
                let word: Vec<char> = text.chars().collect();
                by_first.entry(word[0]).or_default().push((word, group));
            }
        }
        Self { by_first, whole_words }
    }

    /// The groups of which a word is in the text, with repeats. A shorter word inside a longer one counts as well.
    pub fn find(&self, chars: &[char]) -> Vec<u32> {
        let mut found = Vec::new();
        for at in 0..chars.len() {
            if self.whole_words && at > 0 && chars[at - 1] != ' ' {
                continue;
            }
            for (word, group) in self.by_first.get(&chars[at]).into_iter().flatten() {
                let rest = &chars[at..];
                if rest.starts_with(word) && (!self.whole_words || rest.get(word.len()).is_none_or(|c| *c == ' ')) {
                    found.push(*group);
                }
            }
        }
        found
    }
}
