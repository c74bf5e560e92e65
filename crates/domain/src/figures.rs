//! The numeric check of invariant 3: which sums, dates and rates a text claims, and whether each is backed by a source.
//! Owns the comparison; writes no text.

use std::collections::BTreeSet;

/// A figure that would mislead if it were wrong: a number together with its unit, in one normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// In fen.
    Sum(i64),
    /// In basis points.
    Rate(i64),
    /// Year (0 where the text gives none), month, day.
    Day(i64, i64, i64),
    /// Some other number with the word that follows it: `("期", 12)`.
    Count(String, i64),
}

/// Figures in `text` that are not in any of `sources`. An empty answer means that the text may be sent.
pub fn unsupported<'a>(text: &str, sources: impl IntoIterator<Item = &'a str>) -> Vec<Figure> {
    let backed: BTreeSet<Figure> = sources.into_iter().flat_map(figures).collect();
    let mut missing: Vec<Figure> = figures(text).into_iter().filter(|f| !is_backed(f, &backed)).collect();
    missing.dedup();
    missing
}

fn is_backed(figure: &Figure, backed: &BTreeSet<Figure>) -> bool {
    match figure {
        // A day without its year is the same day wherever month and day agree.
        Figure::Day(year, month, day) => backed
            .iter()
            .any(|b| matches!(b, Figure::Day(y, m, d) if m == month && d == day && (y == year || *y == 0 || *year == 0))),
        other => backed.contains(other),
    }
}

/// Sums of money written out in a template, where only placeholders may stand.
pub fn literal_sums(text: &str) -> Vec<String> {
    figures(text)
        .into_iter()
        .filter_map(|f| match f {
            Figure::Sum(fen) => Some(crate::money::Fen(fen).to_string()),
            Figure::Rate(_) | Figure::Day(..) | Figure::Count(..) => None,
        })
        .collect()
}

/// Every figure of a text, in order. Reads half-width digits with thousands commas; `¥`, `元`, `块`, `万`, `%`, `年月日`
/// and ISO dates.
pub fn figures(text: &str) -> Vec<Figure> {
    let chars: Vec<char> = text.chars().map(half_width).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let (number, next) = read_number(&chars, at);
        at = next;
        let Some(number) = number else { continue };
        if let Some((day, next)) = read_date(&chars, &number, at) {
            found.push(day);
            at = next;
            continue;
        }
        let unit: String = chars[at..].iter().skip_while(|c| **c == ' ').take(4).collect();
        let sign_before = chars[..start].iter().rev().find(|c| **c != ' ').copied();
        found.push(match (sign_before, unit.chars().next()) {
            (_, Some('元' | '块')) | (Some('¥' | '$'), _) => Figure::Sum(number.scaled(2)),
            (_, Some('万')) => Figure::Sum(number.scaled(6)),
            (_, Some('%')) => Figure::Rate(number.scaled(2)),
            (_, _) if unit.starts_with("yuan") || unit.starts_with("RMB") => Figure::Sum(number.scaled(2)),
            (_, first) => {
                Figure::Count(first.filter(|c| c.is_alphabetic()).map(String::from).unwrap_or_default(), number.scaled(2))
            }
        });
    }
    found
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        '．' => '.',
        '，' => ',',
        '％' => '%',
        '￥' => '¥',
        other => other,
    }
}

/// A decimal number as its digits and how many of them follow the point.
struct Number {
    digits: i64,
    decimals: u32,
}

impl Number {
    /// The number times 10^`places`; digits past that are cut off, so 0.005 yuan is no sum of its own.
    fn scaled(&self, places: u32) -> i64 {
        if self.decimals <= places {
            self.digits.saturating_mul(10_i64.saturating_pow(places - self.decimals))
        } else {
            self.digits / 10_i64.saturating_pow(self.decimals - places)
        }
    }
}

fn read_number(chars: &[char], start: usize) -> (Option<Number>, usize) {
    let mut at = start;
    let (mut digits, mut decimals, mut point) = (0_i64, 0, false);
    let digit_at = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    loop {
        match chars.get(at) {
            Some(c) if c.is_ascii_digit() => {
                let value = c.to_digit(10).map_or(0, i64::from);
                digits = digits.saturating_mul(10).saturating_add(value);
                decimals += u32::from(point);
            }
            Some('.') if !point && digit_at(at + 1) => point = true,
            // A thousands comma has exactly three digits behind it.
            Some(',') if !point && digit_at(at + 1) && digit_at(at + 2) && digit_at(at + 3) && !digit_at(at + 4) => {}
            _ => break,
        }
        at += 1;
    }
    (Some(Number { digits, decimals }), at)
}

/// `2026年12月5日`, `12月5日`, `2026-12-05`.
fn read_date(chars: &[char], first: &Number, at: usize) -> Option<(Figure, usize)> {
    if first.decimals > 0 {
        return None;
    }
    let next_number = |at: usize, separator: char| -> Option<(i64, usize)> {
        if chars.get(at) != Some(&separator) || !chars.get(at + 1).is_some_and(char::is_ascii_digit) {
            return None;
        }
        let (number, next) = read_number(chars, at + 1);
        Some((number?.digits, next))
    };
    let past_day = |at: usize| at + usize::from(matches!(chars.get(at), Some('日' | '号')));
    if let Some((month, at)) = next_number(at, '年') {
        let (day, at) = next_number(at, '月')?;
        return Some((Figure::Day(first.digits, month, day), past_day(at)));
    }
    if let Some((day, at)) = next_number(at, '月') {
        return Some((Figure::Day(0, first.digits, day), past_day(at)));
    }
    if first.digits > 999
        && let Some((month, at)) = next_number(at, '-')
    {
        let (day, at) = next_number(at, '-')?;
        return Some((Figure::Day(first.digits, month, day), at));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_without_a_source_is_found() {
        let facts = ["本期应还 1,234.56 元", "还款日 2026年12月5日", "年利率 7.20%"];
        for (text, missing) in [
            ("您12月5日前还 1234.56元 即可", vec![]),
            ("您12月6日前还款", vec![Figure::Day(0, 12, 6)]),
            ("应还 1,234.65 元", vec![Figure::Sum(123_465)]),
            ("年化 7.2%", vec![]),
            ("年化 8%", vec![Figure::Rate(800)]),
            ("一共 12 期", vec![Figure::Count("期".to_owned(), 1200)]),
            ("１２３４．５６元", vec![]),
        ] {
            assert_eq!(unsupported(text, facts), missing, "{text}");
        }
    }

    #[test]
    fn sums_in_templates_are_literal_only_with_a_unit_of_money() {
        assert_eq!(literal_sums("手续费 {fee}，最低 10 元"), vec!["10.00".to_owned()]);
        assert!(literal_sums("还有 3 天，验证码 6 位").is_empty());
    }
}
