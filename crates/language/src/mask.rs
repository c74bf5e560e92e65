//! Personal numbers in running text: where they stand, and the text with a mask over them. Owns their grammar, with
//! full-width digits, spaces and dashes inside; the check digits are `domain::personal`'s.

use crate::text::Folded;
use jieti_domain::masked::mask_text;
use jieti_domain::personal::{is_card_number, is_id_number, is_mobile};

/// Covers mobile, card and resident identity numbers; the rest of the text stays as it was written. Used at the door,
/// before anything is stored, and therefore over the whole text, however long. What it returns has nothing left to cover:
/// masked again, it stays the same.
pub fn mask_personal(text: &str) -> String {
    let mut text = text.to_owned();
    // Each round covers digits, so there is a last one; what a mask shortens may bring other words and numbers together.
    while let Some(covered) = masked_once(&text) {
        text = covered;
    }
    text
}

/// `None` where nothing is to be covered.
fn masked_once(text: &str) -> Option<String> {
    let folded = Folded::new(text, usize::MAX);
    let found = personal_numbers(&folded.chars);
    if found.is_empty() {
        return None;
    }
    let original: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for number in found {
        let (start, end) = folded.span(number.start, number.end);
        out.extend(&original[copied..start.max(copied)]);
        out.push_str(&mask_text(&number.digits));
        copied = end;
    }
    out.extend(&original[copied..]);
    Some(out)
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
}

/// Personal numbers in order of appearance, not overlapping.
pub fn personal_numbers(chars: &[char]) -> Vec<PersonalNumber> {
    let is_of_mask = |group: &Group| is_masked_head(chars, group) || is_masked_tail(chars, group);
    let groups: Vec<Group> = digit_groups(chars).into_iter().filter(|group| !is_of_mask(group)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        match longest_number(chars, &groups[at..]) {
            Some((number, used)) => {
                found.push(number);
                at += used;
            }
            None => at += 1,
        }
    }
    found
}

fn digit_groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (i, c) in chars.iter().enumerate() {
        if !c.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => groups.push(Group { start: i, end: i + 1 }),
        }
    }
    groups
}

/// Whether a group is the beginning that a mask has left of a number (812 of 812****9344): it ends no other number.
fn is_masked_head(chars: &[char], group: &Group) -> bool {
    let stars = chars[group.end..].iter().take_while(|c| **c == '*').count();
    let after = chars.get(group.end + stars);
    stars >= 4 && group.end - group.start == 3 && after.is_some_and(char::is_ascii_digit)
}

/// Whether a group is the end that a mask has left of a number (9344 of 812****9344): it begins no other number.
fn is_masked_tail(chars: &[char], group: &Group) -> bool {
    let stars = chars[..group.start].iter().rev().take_while(|c| **c == '*').count();
    let before = group.start.checked_sub(stars + 1).and_then(|at| chars.get(at));
    stars >= 4 && group.end - group.start <= 4 && before.is_some_and(char::is_ascii_digit)
}

/// Digits of the longest personal number: 19 of a card.
const LONGEST: usize = 19;

/// The longest personal number that begins with the first group, and how many groups it takes.
fn longest_number(chars: &[char], groups: &[Group]) -> Option<(PersonalNumber, usize)> {
    let first = groups.first()?;
    let mut digits = String::new();
    let mut best = None;
    for (i, group) in groups.iter().enumerate() {
        if i > 0 && !separates(&chars[groups[i - 1].end..group.start]) {
            break;
        }
        if digits.len() + (group.end - group.start) > LONGEST + 2 {
            break;
        }
        digits.extend(&chars[group.start..group.end]);
        if !well_grouped(&groups[..=i]) {
            continue;
        }
        // The country code before a mobile number is not part of it.
        let local = ["0086", "86"].iter().find_map(|code| digits.strip_prefix(code).filter(|rest| is_mobile(rest)));
        let number =
            |kind, digits: &str, end| Some((PersonalNumber { kind, digits: digits.to_owned(), start: first.start, end }, i + 1));
        if let Some(x) = chars.get(group.end).filter(|c| **c == 'x' && digits.len() == 17) {
            let whole = format!("{digits}{}", x.to_ascii_uppercase());
            if is_id_number(&whole) {
                best = number(PersonalKind::Identity, &whole, group.end + 1);
                continue;
            }
        }
        if is_id_number(&digits) {
            best = number(PersonalKind::Identity, &digits, group.end);
        } else if is_mobile(&digits) || local.is_some() {
            best = number(PersonalKind::Mobile, local.unwrap_or(&digits), group.end);
        } else if is_card_number(&digits) {
            best = number(PersonalKind::Card, &digits, group.end);
        } else if (15..=LONGEST).contains(&digits.len()) && is_announced(&chars[..first.start]) {
            best = number(PersonalKind::Mistyped, &digits, group.end);
        }
    }
    best
}

/// One or two spaces or dashes.
fn separates(between: &[char]) -> bool {
    (1..=2).contains(&between.len()) && between.iter().all(|c| matches!(c, ' ' | '-' | '_'))
}

/// People write 4-4-4-4, 6-8-4, 3-4-4, pairs or single digits; a date (4-2-2) beside another is no card.
fn well_grouped(groups: &[Group]) -> bool {
    let sizes: Vec<usize> = groups.iter().map(|g| g.end - g.start).collect();
    let Some((_, before_last)) = sizes.split_last() else { return false };
    let code = usize::from(sizes.len() > 1 && matches!(sizes[0], 2 | 4) && sizes[1] >= 3);
    before_last.iter().skip(code).all(|size| *size >= 3) || before_last.iter().all(|size| Some(size) == sizes.first())
}

/// Whether the words just before say that a card or identity number follows.
fn is_announced(before: &[char]) -> bool {
    let near: String = before[before.len().saturating_sub(16)..].iter().collect();
    ["卡", "身份证", "证件", "card", "id "].iter().any(|cue| near.contains(cue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn personal_numbers_are_covered_however_they_are_written() {
        for (text, want) in [
            ("手机13800138000，谢谢", "手机138****8000，谢谢"),
            ("我的号码是 138-0013-8000", "我的号码是 138****8000"),
            ("１３８００１３８０００", "138****8000"),
            ("+86 138 0013 8000", "+138****8000"),
            ("1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
            ("身份证11010519491231002X", "身份证110***********002X"),
            ("身份证11010519491231002x", "身份证110***********002X"),
            ("110105 19491231 002X", "110***********002X"),
            ("卡号 4111 1111 1111 1111 行吗", "卡号 411*********1111 行吗"),
            ("卡号4111111111111112", "卡号411*********1112"),
            ("订单4111111111111112", "订单4111111111111112"),
            ("2026-12-05 到 2027-01-05", "2026-12-05 到 2027-01-05"),
            ("还1234.56元", "还1234.56元"),
            ("4111111111111111 13800138000", "411*********1111 138****8000"),
        ] {
            assert_eq!(mask_personal(text), want, "{text}");
        }
    }

    #[test]
    fn the_tail_of_a_mask_begins_no_number() {
        let once = mask_personal("8129485302607979344 ①②③①②③①②③①②③");
        assert_eq!(once, "812************9344 ①②③①②③①②③①②③");
        assert_eq!(mask_personal(&once), once);
        assert_eq!(mask_personal("****13800138000"), "****138****8000");
    }

    #[test]
    fn the_head_of_a_mask_ends_no_number() {
        let once = mask_personal("0.013800138000 11010519491231002X");
        assert_eq!(once, "0.013800138000 110***********002X");
        assert_eq!(mask_personal(&once), once);
    }

    #[test]
    fn words_that_a_mask_brings_nearer_count_at_once() {
        let text = "银行卡1 3 8 0 0 1 3 8 0 0 0，6222021234567890124";
        let once = mask_personal(text);
        assert_eq!(mask_personal(&once), once);
        assert!(!once.contains("6222021234567890124"), "{once}");
    }

    proptest! {
        #[test]
        fn a_mobile_in_any_text_never_survives(before in "[^0-9０-９]{0,20}[a-z，。]", after in "[，。a-z][^0-9０-９]{0,20}", tail in "[0-9]{8}") {
            let mobile = format!("139{tail}");
            let masked = mask_personal(&format!("{before}{mobile}{after}"));
            prop_assert!(!masked.contains(&mobile), "{}", masked);
        }

        #[test]
        fn any_text_is_masked_without_panic_and_masking_again_changes_nothing(text in any::<String>()) {
            let once = mask_personal(&text);
            prop_assert_eq!(mask_personal(&once), once);
        }
    }
}
