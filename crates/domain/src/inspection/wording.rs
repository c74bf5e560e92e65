//! Phrases compiled into one automaton: every list of every criterion is looked for in one pass. Owns the matching; what
//! a hit means is the checks' business.

use super::plain::Plain;
use aho_corasick::{AhoCorasick, BuildError};
use std::collections::BTreeMap;
use std::ops::Range;

/// A list of phrases by its number in the compiled card.
pub(super) type ListId = usize;

/// Bytes `start..end` of the plain text are a phrase of `list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub list: ListId,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Wording {
    automaton: AhoCorasick,
    /// Lists that a pattern belongs to.
    owners: Vec<Vec<ListId>>,
}

impl Wording {
    /// # Errors
    /// Where the phrases are too many for one automaton (2³¹ states).
    pub fn compile<'a>(lists: impl IntoIterator<Item = &'a [String]>) -> Result<Self, BuildError> {
        let mut owners: BTreeMap<String, Vec<ListId>> = BTreeMap::new();
        for (list, phrases) in lists.into_iter().enumerate() {
            for phrase in phrases {
                let plain = Plain::new(phrase).text;
                if plain.is_empty() {
                    continue;
                }
                let lists = owners.entry(plain).or_default();
                if !lists.contains(&list) {
                    lists.push(list);
                }
            }
        }
        Ok(Self { automaton: AhoCorasick::new(owners.keys())?, owners: owners.into_values().collect() })
    }

    /// Every phrase in a text, by list and place. Latin phrases are found as whole words only.
    pub fn find(&self, plain: &Plain) -> Vec<Hit> {
        let bytes = plain.text.as_bytes();
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(&plain.text) {
            let (start, end) = (found.start(), found.end());
            if !is_whole(bytes, start, end) || plain.is_broken(start, end) {
                continue;
            }
            hits.extend(self.owners[found.pattern().as_usize()].iter().map(|list| Hit { list: *list, start, end }));
        }
        hits.sort_by_key(|hit| (hit.list, hit.start, hit.end));
        hits
    }
}

fn is_whole(bytes: &[u8], start: usize, end: usize) -> bool {
    let word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let joined = |inside: usize, outside: Option<&u8>| word(bytes.get(inside)) && word(outside);
    !joined(start, start.checked_sub(1).and_then(|at| bytes.get(at))) && !joined(end - 1, bytes.get(end))
}

/// The hits of one list; `hits` is sorted by list.
pub(super) fn of_list(hits: &[Hit], list: ListId) -> &[Hit] {
    let from = hits.partition_point(|hit| hit.list < list);
    let to = hits.partition_point(|hit| hit.list <= list);
    &hits[from..to]
}

/// Whether a hit of `exceptions` lies in the span, whole or in part, and not inside the phrase itself: "不会" exempts
/// "不会保证下款", but not the "绝对不会上征信" that it is part of.
pub(super) fn excepts(hits: &[Hit], exceptions: ListId, span: Range<usize>, phrase: Hit) -> bool {
    let is_inside = |hit: &Hit| hit.start >= phrase.start && hit.end <= phrase.end;
    of_list(hits, exceptions).iter().any(|hit| hit.start < span.end && hit.end > span.start && !is_inside(hit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_phrases_are_whole_words_and_nothing_spans_two_sentences() {
        let lists = [vec!["cant".to_owned(), "sue you".to_owned()], vec!["保证".to_owned(), "cant".to_owned()]];
        let wording = Wording::compile(lists.iter().map(Vec::as_slice)).expect("few phrases");
        for (text, want) in [
            ("we cantina", 0),
            ("we can't", 2),
            ("I will SUE  you", 1),
            ("I sue. You go", 0),
            ("保。证", 0),
            ("保，证", 1),
            ("保证", 1),
        ] {
            assert_eq!(wording.find(&Plain::new(text)).len(), want, "{text}");
        }
        let hits = wording.find(&Plain::new("we can't 保证"));
        assert_eq!((of_list(&hits, 0).len(), of_list(&hits, 1).len()), (1, 2));
        let phrase = |start, end| Hit { list: 1, start, end };
        assert!(excepts(&hits, 0, 0..100, phrase(8, 14)) && !excepts(&hits, 0, 0..2, phrase(8, 14)));
        assert!(!excepts(&hits, 0, 0..100, phrase(0, 14)), "part of the phrase itself");
    }
}
