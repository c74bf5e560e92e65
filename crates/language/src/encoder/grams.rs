//! From a normalised text to the rows of the table: characters 1–4-grams, whole Latin words, pinyin, hashed. Owns what a
//! row stands for; weighs nothing.

use crate::model::features::hash;
use crate::text::normal::is_han;
use pinyin::ToPinyin;

/// Rows of the table: 2^18. Source: the measurements beside the training data; twice as many gain nothing.
pub const ROWS: usize = 1 << 18;
/// Longest run of characters that is one feature.
const LONGEST: usize = 4;
/// Texts are read up to here; a customer's message has 15 characters, a story says what it is about at its beginning.
const READ: usize = 200;

/// Rows of a text in normal form, with repeats.
pub fn rows(normal: &str) -> Vec<u32> {
    let mut chars: Vec<char> = Vec::with_capacity(64);
    chars.push('^');
    chars.extend(normal.chars().take(READ));
    chars.push('$');
    let mut rows = Vec::with_capacity(chars.len() * (LONGEST + 1));
    let mut bytes = Vec::with_capacity(16);
    for start in 0..chars.len() {
        bytes.clear();
        for (length, c) in (1..=LONGEST).zip(&chars[start..]) {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            let edge = length == 1 && (*c == '^' || *c == '$');
            if !edge {
                rows.push(row(21, &bytes));
            }
        }
    }
    words(normal, &mut rows);
    sounds(normal, &mut rows);
    rows
}

fn row(salt: u8, bytes: &[u8]) -> u32 {
    let hashed = hash(salt, bytes);
    ((hashed ^ (hashed >> 32)) & (ROWS as u64 - 1)) as u32
}

/// Latin words whole, and two in a row.
fn words(normal: &str, rows: &mut Vec<u32>) {
    let mut before: Option<&str> = None;
    for word in normal.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() > 1).take(READ) {
        rows.push(row(22, word.as_bytes()));
        if let Some(before) = before {
            rows.push(row(23, format!("{before} {word}").as_bytes()));
        }
        before = Some(word);
    }
}

/// Two syllables in a row, without tones: homophone typing errors share them.
fn sounds(normal: &str, rows: &mut Vec<u32>) {
    let mut before: Option<&str> = None;
    for c in normal.chars().take(READ) {
        let sound = if is_han(c) { c.to_pinyin().map(|p| p.plain()) } else { None };
        if let (Some(before), Some(sound)) = (before, sound) {
            rows.push(row(24, format!("{before} {sound}").as_bytes()));
        }
        before = sound;
    }
}
