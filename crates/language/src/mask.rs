//! Personal numbers in running text: where they stand, and the text with a mask over them. Owns their grammar, with
//! full-width digits, spaces and dashes inside; the check digits are `domain::personal`'s.
//!
//! Masking twice is masking once, by construction, as long as three things hold (all in folded characters):
//! 1. What a mask leaves to see is *worn* ([`is_worn`]): no number reaches into it or across it.
//! 2. Every group of digits that belongs to any number is covered. The groups that stay are as they were, with the same
//!    neighbours or worn ones, and so make up no number now if they made up none before.
//! 3. Whether words announce a number depends only on characters that no mask changes ([`groups`]).

#[cfg(test)]
mod tests;

use crate::text::Folded;
use jieti_domain::masked::mask_text;
use jieti_domain::personal::{is_card_number, is_id_number, is_mobile};
use std::ops::Range;

/// Covers mobile, card and resident identity numbers; the rest of the text stays as it was written. Used at the door,
/// before anything is stored, and therefore over the whole text, however long. What it returns has nothing left to cover:
/// masked again, it stays the same.
pub fn mask_personal(text: &str) -> String {
    let folded = Folded::new(text, usize::MAX);
    let covers = covers(&folded.chars);
    if covers.is_empty() {
        return text.to_owned();
    }
    let mut covers = covers.iter().peekable();
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (offset, written) in text.chars().enumerate() {
        // A character folds to none (a decoration), one, or several: ⒊ is "3.", and what is not covered of it stays.
        let start = end;
        while folded.origin.get(end) == Some(&offset) {
            end += 1;
        }
        while covers.next_if(|cover| cover.chars.end <= start).is_some() {}
        if covers.peek().is_none_or(|cover| end <= cover.chars.start) {
            out.push(written);
            continue;
        }
        for at in start..end {
            while covers.next_if(|cover| cover.chars.end <= at).is_some() {}
            match covers.peek() {
                Some(cover) if at == cover.chars.start => out.push_str(&mask_text(&cover.digits)),
                Some(cover) if at > cover.chars.start => {}
                Some(_) | None => out.push(folded.chars[at]),
            }
        }
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalKind {
    Mobile,
    Card,
    Identity,
    /// Follows "card number" or "ID number" but fails its check digit: mistyped, and as private as a right one.
    Mistyped,
}

/// Offsets are in folded characters, end exclusive.
#[derive(Debug, Clone)]
pub struct PersonalNumber {
    pub kind: PersonalKind,
    pub digits: String,
    pub start: usize,
    pub end: usize,
}

/// A run of digits without anything between.
struct Group {
    start: usize,
    end: usize,
    /// The words before say that a card or identity number follows.
    is_announced: bool,
}

/// A number and the groups it is made of.
struct Found {
    number: PersonalNumber,
    groups: Range<usize>,
}

/// What one mask covers.
struct Cover {
    chars: Range<usize>,
    digits: String,
}

/// Personal numbers in order of appearance, not overlapping.
pub fn personal_numbers(chars: &[char]) -> Vec<PersonalNumber> {
    read(chars, &groups(chars)).into_iter().map(|found| found.number).collect()
}

/// Where more than one number can be made of the same groups, the first; a mobile or identity number that is a group by
/// itself is that, whatever follows it, and otherwise the longest is meant.
fn read(chars: &[char], groups: &[Group]) -> Vec<Found> {
    let mut read = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let mut found = numbers_from(chars, groups, at);
        let is_whole = |f: &Found| f.groups.len() == 1 && matches!(f.number.kind, PersonalKind::Mobile | PersonalKind::Identity);
        let meant = match found.first() {
            Some(first) if is_whole(first) => found.drain(..).next(),
            Some(_) | None => found.pop(),
        };
        at = meant.as_ref().map_or(at + 1, |meant| meant.groups.end);
        read.extend(meant);
    }
    read
}

/// A mask for each number; one mask over all that overlap where another number could be made of a group that stays.
fn covers(chars: &[char]) -> Vec<Cover> {
    let groups = groups(chars);
    let read = read(chars, &groups);
    let mut is_covered = vec![false; groups.len()];
    for found in &read {
        is_covered[found.groups.clone()].fill(true);
    }
    let mut covers: Vec<(Range<usize>, Cover)> = Vec::with_capacity(read.len());
    let beside: Vec<Found> = read
        .iter()
        .flat_map(|found| found.groups.clone().map(move |at| (at, at == found.groups.start)))
        .filter_map(|(at, is_first)| {
            let longest =
                numbers_from(chars, &groups, at).into_iter().rfind(|f| is_first || f.number.kind != PersonalKind::Mistyped);
            longest.filter(|longest| !is_covered[longest.groups.clone()].iter().all(|covered| *covered))
        })
        .collect();
    let mut all: Vec<Found> = read.into_iter().chain(beside).collect();
    all.sort_by_key(|found| (found.groups.start, found.groups.end));
    for Found { number, groups: range } in all {
        match covers.last_mut() {
            Some((last, cover)) if range.start < last.end => {
                last.end = last.end.max(range.end);
                cover.chars.end = cover.chars.end.max(number.end);
                cover.digits = chars[cover.chars.clone()]
                    .iter()
                    .filter(|c| c.is_ascii_alphanumeric())
                    .map(char::to_ascii_uppercase)
                    .collect();
            }
            Some(_) | None => covers.push((range, Cover { chars: number.start..number.end, digits: number.digits })),
        }
    }
    covers.into_iter().map(|(_, cover)| cover).collect()
}

/// Characters between a word that announces a number and the number.
const NEAR: usize = 16;

/// Groups of digits that may be of a number. What a mask changes (digits, stars, separators, the check letter) counts for
/// nothing in how far an announcing word is away.
fn groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut since_cue = NEAR;
    for (i, c) in chars.iter().enumerate() {
        if announces(&chars[..=i]) {
            since_cue = 0;
        } else if !matches!(c, '0'..='9' | '*' | 'x') && !is_separator(*c) {
            since_cue = since_cue.saturating_add(1);
        }
        if !c.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => groups.push(Group { start: i, end: i + 1, is_announced: since_cue < NEAR }),
        }
    }
    groups.retain(|group| !is_worn(chars, group));
    groups
}

/// Whether a text ends with a word that announces a card or identity number.
fn announces(chars: &[char]) -> bool {
    match chars.last() {
        Some('卡') => true,
        Some('证') => chars.ends_with(&['身', '份', '证']),
        Some('件') => chars.ends_with(&['证', '件']),
        Some('d') => chars.ends_with(&['c', 'a', 'r', 'd']),
        Some(' ') => chars.ends_with(&['i', 'd', ' ']),
        Some(_) | None => false,
    }
}

/// Whether a group is the beginning or the end that a mask has left of a number: 812 or 9344 of 812****9344, 002 of
/// 110****002X. It is of no other number.
fn is_worn(chars: &[char], group: &Group) -> bool {
    let is_star = |c: &&char| **c == '*';
    let length = group.end - group.start;
    let is_end = length == 4 || (length == 3 && chars.get(group.end) == Some(&'x'));
    let before = chars[..group.start].iter().rev().take_while(is_star).count();
    let after = chars[group.end..].iter().take_while(is_star).count();
    let first = group.start.checked_sub(before + 1).and_then(|at| chars.get(at));
    let last = chars.get(group.end + after);
    (is_end && before >= 4 && first.is_some_and(char::is_ascii_digit))
        || (length == 3 && after >= 4 && last.is_some_and(char::is_ascii_digit))
}

/// Digits of the longest personal number: 19 of a card.
const LONGEST: usize = 19;

/// All personal numbers that begin with a group, shortest first.
fn numbers_from(chars: &[char], groups: &[Group], first: usize) -> Vec<Found> {
    let mut digits = String::new();
    let mut found = Vec::new();
    for (i, group) in groups.iter().enumerate().skip(first) {
        if i > first && !separates(&chars[groups[i - 1].end..group.start]) {
            break;
        }
        if digits.len() + (group.end - group.start) > LONGEST + 2 {
            break;
        }
        digits.extend(&chars[group.start..group.end]);
        if !well_grouped(&groups[first..=i]) {
            continue;
        }
        if let Some((kind, digits, end)) = number(chars, &digits, &groups[first], group.end) {
            let number = PersonalNumber { kind, digits, start: groups[first].start, end };
            found.push(Found { number, groups: first..i + 1 });
        }
    }
    found
}

/// What the digits up to `end` are, if a personal number: its kind, its characters and where it ends.
fn number(chars: &[char], digits: &str, first: &Group, end: usize) -> Option<(PersonalKind, String, usize)> {
    if digits.len() == 17 && chars.get(end) == Some(&'x') {
        let whole = format!("{digits}X");
        if is_id_number(&whole) {
            return Some((PersonalKind::Identity, whole, end + 1));
        }
    }
    // The country code before a mobile number is not part of it.
    let local = ["0086", "86"].iter().find_map(|code| digits.strip_prefix(code).filter(|rest| is_mobile(rest)));
    let mistyped = (15..=LONGEST).contains(&digits.len()) && first.is_announced;
    let kind = match digits {
        id if is_id_number(id) => PersonalKind::Identity,
        mobile if is_mobile(mobile) || local.is_some() => PersonalKind::Mobile,
        card if is_card_number(card) => PersonalKind::Card,
        _ if mistyped => PersonalKind::Mistyped,
        _ => return None,
    };
    let digits = if kind == PersonalKind::Mobile { local.unwrap_or(digits) } else { digits };
    Some((kind, digits.to_owned(), end))
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '_')
}

/// One or two spaces or dashes.
fn separates(between: &[char]) -> bool {
    (1..=2).contains(&between.len()) && between.iter().all(|c| is_separator(*c))
}

/// People write 4-4-4-4, 6-8-4, 3-4-4, pairs or single digits; a date (4-2-2) beside another is no card.
fn well_grouped(groups: &[Group]) -> bool {
    let size = |group: &Group| group.end - group.start;
    let Some((_, before_last)) = groups.split_last() else { return false };
    let code = usize::from(groups.len() > 1 && matches!(size(&groups[0]), 2 | 4) && size(&groups[1]) >= 3);
    before_last.iter().skip(code).all(|group| size(group) >= 3) || before_last.iter().all(|group| size(group) == size(&groups[0]))
}
