//! Values in a message, by grammar: sums, dates, months, terms, days, rates, personal numbers, codes, positions, bare
//! numbers. Owns who wins where two readings overlap; each kind has its own module. Decides nothing about their use.

mod dates;
mod numbers;
mod quantities;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

use crate::mask::{PersonalKind, personal_numbers};
use crate::text::{Folded, MAX_CHARS};
use jieti_domain::masked::Masked;
use jieti_domain::understanding::{Entity, EntityValue};
use jiff::civil::Date;

/// A value at folded offsets, end exclusive.
#[derive(Debug)]
pub(crate) struct Span {
    pub value: EntityValue,
    pub start: usize,
    pub end: usize,
}

/// The values of the first 2,000 characters, in order of appearance, not overlapping; offsets are in characters of the
/// text as it was written.
pub fn entities(text: &str, today: Date) -> Vec<Entity> {
    let mut folded = Folded::new(text, MAX_CHARS);
    part_with_stops(&mut folded, text);
    let chars = &folded.chars;
    let mut spans = personal(chars);
    let mut at = 0;
    while at < chars.len() {
        // A long digit run inside a personal number is that number and nothing else.
        if let Some(taken) = spans.iter().find(|s| (s.start..s.end).contains(&at)) {
            at = taken.end;
            continue;
        }
        let found = dates::read(chars, at, today).or_else(|| quantities::read(chars, at));
        match found.filter(|span| !spans.iter().any(|s| s.start < span.end && span.start < s.end)) {
            Some(span) => {
                at = span.end.max(at + 1);
                spans.push(span);
            }
            None => at = skip(chars, at),
        }
    }
    spans.sort_by_key(|span| span.start);
    let mut found: Vec<Entity> = Vec::with_capacity(spans.len());
    for span in spans {
        let (start, end) = folded.span(span.start, span.end);
        // One character may fold to several (¼ is 1⁄4); it holds one value at most.
        if found.last().is_none_or(|last| last.end <= start) {
            found.push(Entity { value: span.value, start, end });
        }
    }
    found
}

/// "100、200元" and "还了500。300元的" are two numbers each: between half-width digits a Chinese stop is no thousands comma
/// and no decimal point.
fn part_with_stops(folded: &mut Folded, text: &str) {
    let wide = |c: char| ('０'..='９').contains(&c);
    let mut before = ' ';
    let stops = text.chars().take(MAX_CHARS).enumerate().filter_map(|(offset, c)| {
        let is_stop = matches!(c, '、' | '。') || (c == '，' && !wide(before));
        before = c;
        is_stop.then_some(offset)
    });
    for stop in stops {
        if let Ok(at) = folded.origin.binary_search(&stop) {
            folded.chars[at] = ';';
        }
    }
}

/// Where to look on behind what was not read: "五六百" is not six hundred, and "1.23456" not 23,456.
fn skip(chars: &[char], at: usize) -> usize {
    let end = match numbers::read(chars, at) {
        Some(found) => found.end,
        // 万一三千: what cannot begin a number is no part of one.
        None if matches!(chars[at], '百' | '千' | '万' | '亿') => at,
        None => numbers::run_end(chars, at),
    };
    end.max(at + 1)
}

fn personal(chars: &[char]) -> Vec<Span> {
    personal_numbers(chars)
        .into_iter()
        .filter_map(|number| {
            let masked = Masked::new(number.digits);
            let value = match number.kind {
                PersonalKind::Mobile => EntityValue::Phone(masked),
                PersonalKind::Card => EntityValue::CardNumber(masked),
                PersonalKind::Identity => EntityValue::IdNumber(masked),
                // Covered by the mask, but not a number anybody may use.
                PersonalKind::Mistyped => return None,
            };
            Some(Span { value, start: number.start, end: number.end })
        })
        .collect()
}

/// Whether `words` stands at `at`; in Latin letters, as a whole word.
#[inline]
pub(crate) fn stands(chars: &[char], at: usize, word: &str) -> Option<usize> {
    // Nearly every look ends at the first character.
    if word.chars().next() != chars.get(at).copied() { None } else { stands_whole(chars, at, word) }
}

fn stands_whole(chars: &[char], at: usize, word: &str) -> Option<usize> {
    let mut end = at;
    for c in word.chars() {
        if chars.get(end) != Some(&c) {
            return None;
        }
        end += 1;
    }
    let latin = |i: usize| chars.get(i).is_some_and(char::is_ascii_alphabetic);
    let cut = |first: usize, second: usize| latin(first) && latin(second);
    let inside = (at > 0 && cut(at - 1, at)) || (end > at && cut(end - 1, end));
    (!inside).then_some(end)
}

/// The longest of `words` that stands at `at`, with what it means.
#[inline]
pub(crate) fn longest<T: Copy>(chars: &[char], at: usize, words: &[(&str, T)]) -> Option<(T, usize)> {
    words.iter().filter_map(|(word, value)| Some((*value, stands(chars, at, word)?))).max_by_key(|(_, end)| *end)
}

pub(crate) fn skip_spaces(chars: &[char], at: usize) -> usize {
    at + chars.get(at..).unwrap_or_default().iter().take(2).take_while(|c| **c == ' ').count()
}
