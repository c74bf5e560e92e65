//! Signals: what in a message changes the course whatever the need is. Owns the reading of pattern tables (`chinese`,
//! `english`); a table row names a signal, what shows it, and what only looks like it. Beside the tables stands a taught
//! model (`taught`) for the signals that ask for a person: a signal is there where either finds it.

mod chinese;
mod english;
mod pattern;
mod taught;
#[cfg(test)]
mod tests;

use crate::text::fold::{Folded, MAX_CHARS};
use crate::text::normal::is_han;
use jieti_domain::understanding::Signal;
use pattern::{Letters, Pattern, Words};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How one signal shows anywhere in a text. What `not` matches is taken out of the text before `shows` is looked for, so
/// that "人工费多少，转人工" still asks for a person.
struct Row {
    signal: Signal,
    shows: &'static [&'static str],
    not: &'static [&'static str],
}

/// A signal only where the whole message consists of such words: "好的" agrees, "好的贷款有哪些" does not.
struct WholeRow {
    signal: Signal,
    words: &'static [&'static str],
}

struct Table {
    rows: Vec<(Signal, Vec<Pattern>, Vec<Pattern>)>,
    wholes: &'static [WholeRow],
    /// Words that may stand beside those of a [`WholeRow`] and change nothing.
    padding: &'static [&'static str],
    words: Words,
}

static CHINESE: LazyLock<Table> = LazyLock::new(|| Table::new(chinese::ROWS, chinese::WHOLES, chinese::PADDING, Words::Joined));
static ENGLISH: LazyLock<Table> = LazyLock::new(|| Table::new(english::ROWS, english::WHOLES, english::PADDING, Words::Spaced));

/// Who looks for signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Tables,
    Taught,
    Both,
}

/// Reads the signals of both languages from any text, for customers mix them ("转人工 please").
pub fn signals(text: &str) -> BTreeSet<Signal> {
    signals_by(By::Both, text)
}

pub fn signals_by(by: By, text: &str) -> BTreeSet<Signal> {
    let folded = Folded::new(text, MAX_CHARS).chars;
    let (mut found, mut lookalikes) = (BTreeSet::new(), BTreeSet::new());
    if by != By::Taught {
        if folded.iter().any(|c| is_han(*c)) {
            CHINESE.read(&joined(&folded), &mut found, &mut lookalikes);
        }
        if folded.iter().any(char::is_ascii_alphabetic) {
            ENGLISH.read(&spaced(&folded), &mut found, &mut lookalikes);
        }
    }
    if by != By::Tables {
        taught::read(&folded, &lookalikes, &mut found);
    }
    settle(&mut found);
    found
}

/// A signal that contradicts a stronger one goes.
fn settle(found: &mut BTreeSet<Signal>) {
    if found.contains(&Signal::Correction) || found.contains(&Signal::NotSolved) {
        found.remove(&Signal::Deny);
        found.remove(&Signal::Affirm);
    }
    if found.contains(&Signal::Cancel) || found.contains(&Signal::Deny) {
        found.remove(&Signal::Affirm);
    }
    if found.contains(&Signal::SelfHarm) {
        found.remove(&Signal::Goodbye);
    }
}

impl Table {
    fn new(rows: &[Row], wholes: &'static [WholeRow], padding: &'static [&'static str], words: Words) -> Self {
        let parse = |sources: &[&str]| sources.iter().map(|s| Pattern::parse(s, words)).collect();
        let rows = rows.iter().map(|row| (row.signal, parse(row.shows), parse(row.not))).collect();
        Self { rows, wholes, padding, words }
    }

    /// Adds what shows to `found`, and what only seems to show to `lookalikes`.
    fn read(&self, chars: &[char], found: &mut BTreeSet<Signal>, lookalikes: &mut BTreeSet<Signal>) {
        let letters = Letters::of(chars);
        for (signal, shows, not) in &self.rows {
            let shown_in = |chars: &[char]| shows.iter().any(|p| p.can_match(&letters) && p.find(chars).is_some());
            if found.contains(signal) || !shown_in(chars) {
                continue;
            }
            let mut left = chars.to_vec();
            for pattern in not.iter().filter(|p| p.can_match(&letters)) {
                while let Some((start, end)) = pattern.find(&left) {
                    left[start..end].fill('.');
                }
            }
            let into = if shown_in(&left) { &mut *found } else { &mut *lookalikes };
            into.insert(*signal);
        }
        let bare: Vec<char> = chars.iter().copied().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
        // The longest whole message is about "好的好的，没问题，就这样吧"; no need to look at stories.
        if bare.len() <= 40 {
            for row in self.wholes {
                if pattern::consists_of(&bare, row.words, self.padding, self.words) {
                    found.insert(row.signal);
                }
            }
        }
    }
}

/// Chinese without spaces; punctuation stays, for a pattern must not reach across it.
fn joined(chars: &[char]) -> Vec<char> {
    chars.iter().copied().filter(|c| !c.is_whitespace()).collect()
}

/// English words separated by one space, punctuation standing alone, apostrophes dropped.
fn spaced(chars: &[char]) -> Vec<char> {
    let mut out: Vec<char> = vec![' '];
    for &c in chars {
        match c {
            '\'' => {}
            c if c.is_alphanumeric() => out.push(c),
            '.' | ',' | '!' | '?' | ';' | ':' => out.extend([' ', c, ' ']),
            _ => out.push(' '),
        }
    }
    out.push(' ');
    out.dedup_by(|a, b| *a == ' ' && *b == ' ');
    out
}
