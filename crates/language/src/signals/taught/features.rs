//! What the taught model looks at in a message: three views, each a bag of hashed keys. Owns what is counted; weighs
//! nothing.
//!
//! | view | Chinese | English |
//! |---|---|---|
//! | `WORDS` | characters 1–4-grams | stemmed words 1–3-grams, `not_` before what a negation covers |
//! | `LETTERS` | none | character 3–5-grams inside words |
//! | `SENSES` | groups of words that mean the same (`lines/senses.*.txt`), and their pairs | the same |

use super::numbers::{self, BORN, CHILD, CLASS, GROWN, OF_AGE, YOUNG};
use super::senses::Senses;
use crate::model::features::hash;
use crate::text::normal::is_han;

pub const VIEWS: usize = 3;
const WORDS: usize = 0;
const LETTERS: usize = 1;
const SENSES: usize = 2;

/// A story has many senses; beyond this many the pairs say little and grow with the square.
const MOST_SENSES: usize = 24;
/// Words after a negation that it may cover: "never really asked for".
const NEGATION_REACH: usize = 3;
const NEGATIONS: &[&str] = &[
    "not", "no", "never", "dont", "cant", "cannot", "didnt", "wont", "isnt", "wasnt", "havent", "doesnt", "without", "noth",
    "couldnt",
];

/// Keys of each view, each once.
#[derive(Debug, Clone, Default)]
pub struct Bag {
    pub views: [Vec<u64>; VIEWS],
    /// The keys in `WORDS` of single words or characters, with repeats: how many of them are known says whether the text
    /// is in the language at all.
    pub alone: Vec<u64>,
}

/// Reads Chinese from which spaces were taken (`joined`).
pub fn chinese(chars: &[char], senses: &Senses) -> Bag {
    let tokens = chinese_tokens(chars);
    let mut bag = Bag::default();
    let edged: Vec<&str> = std::iter::once("^").chain(tokens.iter().map(String::as_str)).chain(["$"]).collect();
    grams(&mut bag.views[WORDS], 1, &edged, 1, 4);
    grams(&mut bag.alone, 1, &edged[1..edged.len() - 1], 1, 1);
    bag.views[SENSES] = senses_of(senses, chars, tokens.iter().map(String::as_str));
    unique(bag)
}

/// Reads English as words and lone punctuation between single spaces (`spaced`).
pub fn english(chars: &[char], senses: &Senses) -> Bag {
    let text: String = chars.iter().collect();
    let words: Vec<&str> = text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).collect();
    let words = numbers::english(&words);
    let mut bag = Bag::default();
    let edged: Vec<&str> = std::iter::once("^").chain(words.iter().map(String::as_str)).chain(["$"]).collect();
    grams(&mut bag.views[WORDS], 1, &edged, 1, 3);
    grams(&mut bag.alone, 1, &edged[1..edged.len() - 1], 1, 1);
    let mut covered = 0;
    for word in &words {
        if NEGATIONS.contains(&word.as_str()) {
            covered = NEGATION_REACH;
            continue;
        }
        if covered > 0 {
            covered -= 1;
            bag.views[WORDS].push(hash(5, word.as_bytes()));
        }
    }
    for word in &words {
        let padded: Vec<String> = format!("<{word}>").chars().map(String::from).collect();
        grams(&mut bag.views[LETTERS], 2, &padded.iter().map(String::as_str).collect::<Vec<_>>(), 3, 5);
    }
    let stems: Vec<char> = words.join(" ").chars().collect();
    bag.views[SENSES] = senses_of(senses, &stems, words.iter().map(String::as_str));
    unique(bag)
}

fn unique(mut bag: Bag) -> Bag {
    for keys in &mut bag.views {
        keys.sort_unstable();
        keys.dedup();
    }
    bag
}

/// Characters, whole Latin words, and numbers by what they may be: see [`numbers`].
fn chinese_tokens(chars: &[char]) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let latin = chars[at..].iter().take_while(|c| c.is_alphabetic() && !is_han(**c)).count();
        if let Some((number, len)) = numbers::chinese(chars, at) {
            tokens.push(number.to_owned());
            at += len;
        } else if latin > 0 {
            tokens.push(chars[at..at + latin].iter().collect());
            at += latin;
        } else {
            tokens.push(if c.is_alphanumeric() { c } else { '.' }.to_string());
            at += 1;
        }
    }
    tokens
}

fn senses_of<'a>(senses: &Senses, chars: &[char], tokens: impl Iterator<Item = &'a str>) -> Vec<u64> {
    let mut found = senses.find(chars);
    // Ages, classes and years of birth go into pairs as well: "我" and 16, "儿子" and 16.
    for token in tokens {
        match token {
            YOUNG => found.push(u32::MAX),
            CHILD => found.extend([u32::MAX, u32::MAX - 1]),
            CLASS => found.push(u32::MAX - 2),
            BORN => found.push(u32::MAX - 3),
            GROWN => found.push(u32::MAX - 4),
            OF_AGE => found.push(u32::MAX - 5),
            _ => {}
        }
    }
    // Ages first: a long story must not lose them.
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(MOST_SENSES);
    let mut keys = Vec::with_capacity(found.len() * (found.len() + 1) / 2);
    for (i, &one) in found.iter().enumerate() {
        keys.push(hash(3, &one.to_le_bytes()));
        for &other in &found[i + 1..] {
            let mut pair = [0; 8];
            pair[..4].copy_from_slice(&one.to_le_bytes());
            pair[4..].copy_from_slice(&other.to_le_bytes());
            keys.push(hash(4, &pair));
        }
    }
    keys
}

fn grams(into: &mut Vec<u64>, salt: u8, tokens: &[&str], shortest: usize, longest: usize) {
    let mut bytes = Vec::with_capacity(48);
    for start in 0..tokens.len() {
        bytes.clear();
        for (len, token) in (1..=longest).zip(&tokens[start..]) {
            bytes.extend_from_slice(token.as_bytes());
            bytes.push(0);
            if len >= shortest {
                into.push(hash(salt, &bytes));
            }
        }
    }
}
