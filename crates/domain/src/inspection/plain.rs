//! Plain text for matching: full width, case, traditional characters, spaces and decoration folded away, with the way
//! back. Owns the folding; knows no phrases.

use crate::traditional::simplify;

/// A text folded for matching. Chinese characters stand next to one another, whatever stood between; Latin words and
/// numbers keep one space between them, and letters spelled out one by one are one word.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plain {
    pub text: String,
    /// Start of each character in `text`, and its start in the original, both in bytes.
    starts: Vec<(u32, u32)>,
    /// Where a clause or sentence ends: before this byte of `text`.
    breaks: Vec<(u32, Break)>,
    original_len: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    Clause,
    Sentence,
}

/// Fewest letters that are spelled out before they are taken for one word: "p r o m i s e".
const SPELLED_OUT: usize = 4;

struct Raw {
    folded: char,
    at: u32,
}

impl Plain {
    pub fn new(text: &str) -> Self {
        let raw: Vec<Raw> =
            text.char_indices().map(|(at, c)| Raw { folded: fold(c), at: u32::try_from(at).unwrap_or(u32::MAX) }).collect();
        let glued = spelled_out(&raw);
        let original_len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut plain = Plain {
            text: String::with_capacity(text.len()),
            starts: Vec::with_capacity(raw.len()),
            breaks: Vec::new(),
            original_len,
        };
        let mut gap = false;
        let mut last: Option<char> = None;
        for (place, Raw { folded, at }) in raw.iter().enumerate() {
            let (c, next) = (*folded, raw.get(place + 1).map(|r| r.folded));
            if c.is_alphanumeric() {
                let apart = last.is_some_and(|l| l.is_ascii_alphanumeric() && c.is_ascii_alphanumeric());
                if gap && apart && !glued.contains(&place) {
                    plain.push(' ', *at);
                }
                plain.push(c, *at);
                (gap, last) = (false, Some(c));
                continue;
            }
            let inside_number =
                matches!(c, '.' | ',') && last.is_some_and(|l| l.is_ascii_digit()) && next.is_some_and(|n| n.is_ascii_digit());
            // "can't" is one word, "1,234.56" one number.
            if c == '\'' || inside_number {
                continue;
            }
            gap = true;
            if let Some(kind) = break_of(c, next) {
                plain.mark(kind);
            }
        }
        plain
    }

    fn push(&mut self, c: char, at: u32) {
        self.starts.push((u32::try_from(self.text.len()).unwrap_or(u32::MAX), at));
        self.text.push(c);
    }

    fn mark(&mut self, kind: Break) {
        let at = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        match self.breaks.last_mut() {
            Some((place, before)) if *place == at => *before = kind.max(*before),
            _ => self.breaks.push((at, kind)),
        }
    }

    /// Whether a sentence ends inside the span: what spans two sentences was not said.
    pub fn is_broken(&self, start: usize, end: usize) -> bool {
        self.breaks.iter().any(|(at, kind)| *kind == Break::Sentence && (*at as usize) > start && (*at as usize) < end)
    }

    /// The clause around a span of `text`, as a span of `text`.
    pub fn clause(&self, start: usize, end: usize) -> (usize, usize) {
        self.between(start, end, Break::Clause)
    }

    /// The sentence around a span of `text`, as a span of `text`.
    pub fn sentence(&self, start: usize, end: usize) -> (usize, usize) {
        self.between(start, end, Break::Sentence)
    }

    fn between(&self, start: usize, end: usize, least: Break) -> (usize, usize) {
        let breaks = || self.breaks.iter().filter(|(_, kind)| *kind >= least).map(|(at, _)| *at as usize);
        let from = breaks().filter(|at| *at <= start).last().unwrap_or(0);
        let to = breaks().find(|at| *at >= end).unwrap_or(self.text.len());
        (from, to)
    }

    /// A span of `text` in bytes of the original.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let place = |at: usize| self.starts.partition_point(|(plain, _)| (*plain as usize) < at);
        let first = self.starts.get(place(start)).map_or(self.original_len, |(_, at)| *at);
        let last = self.starts.get(place(end)).map_or(self.original_len, |(_, at)| *at);
        (first as usize, last as usize)
    }
}

fn break_of(c: char, next: Option<char>) -> Option<Break> {
    match c {
        '!' | '?' | '\n' | '。' | '…' => Some(Break::Sentence),
        // "保.证" is an evasion, "end. Next" is an end.
        '.' => next.is_none_or(char::is_whitespace).then_some(Break::Sentence),
        ';' | ',' | '、' | ':' => Some(Break::Clause),
        _ => None,
    }
}

/// Places of letters that go on a word that is spelled out.
fn spelled_out(raw: &[Raw]) -> std::collections::BTreeSet<usize> {
    let single = |place: usize| {
        let alone = |at: Option<&Raw>| at.is_none_or(|r| !r.folded.is_alphanumeric());
        raw[place].folded.is_ascii_alphabetic()
            && alone(place.checked_sub(1).and_then(|p| raw.get(p)))
            && alone(raw.get(place + 1))
    };
    let mut glued = std::collections::BTreeSet::new();
    let mut run: Vec<usize> = Vec::new();
    let mut close = |run: &mut Vec<usize>| {
        if run.len() >= SPELLED_OUT {
            glued.extend(run.iter().skip(1).copied());
        }
        run.clear();
    };
    for place in (0..raw.len()).filter(|p| raw[*p].folded.is_ascii_alphabetic()) {
        if !single(place) {
            close(&mut run);
            continue;
        }
        if run.last().is_some_and(|last| place - last > 3) {
            close(&mut run);
        }
        run.push(place);
    }
    close(&mut run);
    glued
}

/// One character folded. Decoration becomes a character that is no letter, and is dropped with the rest.
fn fold(c: char) -> char {
    match c {
        c if c.is_ascii() => c.to_ascii_lowercase(),
        // Full-width forms stand in the order of ASCII. Source: Unicode block Halfwidth and Fullwidth Forms.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xff01 + 0x21).map_or(c, |half| half.to_ascii_lowercase()),
        '’' | '‘' => '\'',
        c => simplify(c.to_lowercase().next().unwrap_or(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trivial_evasions_leave_the_same_plain_text() {
        for (text, want) in [
            ("保证下款", "保证下款"),
            ("保 证 下.款", "保证下款"),
            ("保*证\u{200b}下，款", "保证下款"),
            ("保證下款", "保证下款"),
            ("ＧＵＡＲＡＮＴＥＥ！", "guarantee"),
            ("I can't   promise", "i cant promise"),
            ("p r o m i s e you", "promise you"),
            ("plan a b", "plan a b"),
            ("拨打 12378 投诉", "拨打12378投诉"),
            ("", ""),
        ] {
            assert_eq!(Plain::new(text).text, want, "{text}");
        }
    }

    #[test]
    fn a_span_finds_its_clause_its_sentence_and_the_way_back() {
        let text = "我不能保证，但会尽力。金额是 1,234.56 元。";
        let plain = Plain::new(text);
        let start = plain.text.find("保证").expect("is there");
        let end = start + "保证".len();
        let (from, to) = plain.clause(start, end);
        assert_eq!(&plain.text[from..to], "我不能保证");
        let (from, to) = plain.sentence(start, end);
        assert_eq!(&plain.text[from..to], "我不能保证但会尽力");
        let (from, to) = plain.original(start, end);
        assert!(text[from..to].starts_with("保证"), "{}", &text[from..to]);
        assert!(plain.text.contains("123456元"), "{}", plain.text);
        assert!(plain.is_broken(start, plain.text.len()));
        assert!(!plain.is_broken(start, end));
    }
}
