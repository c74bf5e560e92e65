//! Numbers with what they count: money, terms, days, rates, positions, codes. Owns the units; a number without one is bare.

use super::numbers::{Form, Number, ONE, read as number};
use super::{Span, longest, skip_spaces, stands};
use jieti_domain::masked::Masked;
use jieti_domain::money::{BasisPoints, Fen};
use jieti_domain::understanding::EntityValue;

/// What stands at `at`, if anything does.
pub fn read(chars: &[char], at: usize) -> Option<Span> {
    prefixed_money(chars, at)
        .or_else(|| ordinal(chars, at))
        .or_else(|| rate(chars, at))
        .or_else(|| fixed_period(chars, at))
        .or_else(|| counted(chars, at))
}

fn span(value: EntityValue, start: usize, end: usize) -> Option<Span> {
    Some(Span { value, start, end })
}

/// Fen from ten-thousandths of a yuan; what is smaller than a fen is no sum.
fn fen(scaled: i64) -> Option<Fen> {
    (scaled % (ONE / 100) == 0).then_some(Fen(scaled / (ONE / 100)))
}

/// ¥1,200, rmb 500, $30.
fn prefixed_money(chars: &[char], at: usize) -> Option<Span> {
    let (_, after) = longest(chars, at, &[("¥", ()), ("rmb", ()), ("cny", ()), ("$", ()), ("yuan", ())])?;
    let found = number(chars, skip_spaces(chars, after))?;
    let end = money_unit(chars, skip_spaces(chars, found.end)).map_or(found.end, |(_, end)| end);
    span(EntityValue::Money(fen(found.scaled)?), at, end)
}

/// Units of money with their worth in ten-thousandths of a yuan.
fn money_unit(chars: &[char], at: usize) -> Option<(i64, usize)> {
    longest(
        chars,
        at,
        &[
            ("元", ONE),
            ("块钱", ONE),
            ("块", ONE),
            ("圆", ONE),
            ("蚊", ONE),
            ("元钱", ONE),
            ("人民币", ONE),
            ("大洋", ONE),
            ("yuan", ONE),
            ("rmb", ONE),
            ("cny", ONE),
            ("kuai", ONE),
            ("bucks", ONE),
            ("角", ONE / 10),
            ("毛", ONE / 10),
            ("毛钱", ONE / 10),
            ("分钱", ONE / 100),
            ("dollars", ONE),
        ],
    )
}

const MONTHS: &[(&str, i64)] = &[
    ("期", 1),
    ("个月", 1),
    ("个月期", 1),
    ("month", 1),
    ("months", 1),
    ("instalments", 1),
    ("installments", 1),
    ("instalment", 1),
    ("installment", 1),
    ("payments", 1),
    ("年", 12),
    ("年期", 12),
    ("year", 12),
    ("years", 12),
    ("mo", 1),
];
const DAYS: &[(&str, i64)] = &[
    ("天", 1),
    ("日内", 1),
    ("个工作日", 1),
    ("工作日", 1),
    ("day", 1),
    ("days", 1),
    ("周", 7),
    ("个星期", 7),
    ("星期", 7),
    ("个礼拜", 7),
    ("礼拜", 7),
    ("week", 7),
    ("weeks", 7),
    ("working days", 1),
    ("business days", 1),
];

/// Periods that are words: 半年, 半个月, a week.
fn fixed_period(chars: &[char], at: usize) -> Option<Span> {
    const PERIODS: &[(&str, (i64, i64))] = &[
        ("半年", (6, 0)),
        ("半个月", (0, 15)),
        ("一年半", (18, 0)),
        ("两年半", (30, 0)),
        ("a year", (12, 0)),
        ("half a year", (6, 0)),
        ("a week", (0, 7)),
        ("half a month", (0, 15)),
        ("a fortnight", (0, 14)),
        ("a month", (1, 0)),
        ("a day", (0, 1)),
        ("a couple of days", (0, 2)),
        ("半天", (0, 1)),
    ];
    let ((months, days), end) = longest(chars, at, PERIODS)?;
    span(if months > 0 { EntityValue::Term(months) } else { EntityValue::Days(days) }, at, end)
}

/// A number and its unit; a bare number where there is none.
fn counted(chars: &[char], at: usize) -> Option<Span> {
    let found = number(chars, at)?;
    let near = skip_spaces(chars, found.end);
    // 第3期 and 3号卡 name things; they are handled as positions or dates before.
    if let Some((worth, end)) = money_unit(chars, near) {
        return span(
            EntityValue::Money(with_small_change(chars, found, worth, end)?.0),
            at,
            with_small_change(chars, found, worth, end)?.1,
        );
    }
    if let (Some((months, end)), Some(whole)) = (longest(chars, skip_dash(chars, near), MONTHS), found.whole()) {
        // 2026年 is a year, not 2026 of them.
        if whole > 0 && whole * months <= 720 {
            return span(EntityValue::Term(whole * months), at, end);
        }
    }
    if let (Some((days, end)), Some(whole)) = (longest(chars, skip_dash(chars, near), DAYS), found.whole())
        && whole > 0
        && whole <= 10_000
    {
        return span(EntityValue::Days(whole * days), at, end);
    }
    bare(chars, at, found)
}

fn skip_dash(chars: &[char], at: usize) -> usize {
    if chars.get(at) == Some(&'-') { at + 1 } else { at }
}

/// "三块五", "12块5毛", "1元2角3分".
fn with_small_change(chars: &[char], found: Number, worth: i64, end: usize) -> Option<(Fen, usize)> {
    let mut scaled = if worth == ONE { found.scaled } else { (found.scaled / ONE).checked_mul(worth)? };
    let mut at = end;
    if worth == ONE
        && let Some(change) = number(chars, at)
        && let Some(whole) = change.whole()
        && (1..10).contains(&whole)
    {
        match money_unit(chars, change.end) {
            Some((worth, next)) if worth < ONE => {
                scaled += whole * worth;
                at = next;
            }
            // 三块五: the digit right behind the unit is 角, unless something else follows it that it counts.
            None if !chars
                .get(change.end)
                .is_some_and(|c| matches!(c, '期' | '个' | '天' | '年' | '号' | '月' | '日' | '次' | '笔' | '张' | '%'))
                && chars.get(end - 1) == Some(&'块') =>
            {
                scaled += whole * (ONE / 10);
                at = change.end;
            }
            _ => {}
        }
    }
    Some((fen(scaled)?, at))
}

/// A number by itself: big round words are money ("三千五", "2w"), four to eight digits may be a code, the rest counts.
fn bare(chars: &[char], at: usize, found: Number) -> Option<Span> {
    match found.form {
        Form::Digits(count @ 4..=8) if is_code(chars, at, found.end, count) => {
            let digits: String = chars[at..found.end].iter().collect();
            span(EntityValue::Code(Masked::new(digits)), at, found.end)
        }
        Form::Digits(_) => span(EntityValue::Number(found.whole()?), at, found.end),
        Form::Written => span(EntityValue::Money(fen(found.scaled)?), at, found.end),
        Form::Words => {
            let whole = found.whole();
            match whole {
                // A single numeral inside a word is that word: 一下, 万一, 三方; "one" is rarely a number.
                Some(0..=10) if !stands_alone(chars, at, found.end) => None,
                Some(small @ 0..=99) => span(EntityValue::Number(small), at, found.end),
                // Spelt digit by digit it is a code or a year, not a sum.
                _ if spelt_out(&chars[at..found.end]) => span(EntityValue::Number(whole?), at, found.end),
                _ => span(EntityValue::Money(fen(found.scaled)?), at, found.end),
            }
        }
    }
}

/// Leading zeros, an announcement ("验证码", "code"), or six digits alone: a code. Other bare digits are a number, which
/// the flow that asked may read as a sum.
fn is_code(chars: &[char], start: usize, end: usize, count: usize) -> bool {
    let before: String = chars[start.saturating_sub(12)..start].iter().collect();
    let announced = ["码", "code", "otp", "pin"].iter().any(|cue| before.contains(cue));
    let alone = chars.iter().enumerate().all(|(i, c)| (start..end).contains(&i) || !c.is_alphanumeric());
    announced || chars.get(start) == Some(&'0') || (alone && count == 6)
}

fn stands_alone(chars: &[char], start: usize, end: usize) -> bool {
    let word = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    !word(start.checked_sub(1)) && !word(Some(end)) && chars.iter().filter(|c| c.is_alphanumeric()).count() <= (end - start) + 2
}

fn spelt_out(chars: &[char]) -> bool {
    chars.len() > 1
        && !chars.iter().any(|c| matches!(c, '十' | '百' | '千' | '万' | '亿' | '拾' | '佰' | '仟'))
        && !chars.iter().any(|c| c.is_ascii_alphabetic())
}

/// 7.2%, 百分之七点二, 千分之五, 万分之三, 年化7.2, 3.6 percent, 日息万五.
fn rate(chars: &[char], at: usize) -> Option<Span> {
    if let Some((parts, after)) = longest(chars, at, &[("百分之", 100), ("千分之", 1_000), ("万分之", 10_000)]) {
        let found = number(chars, after)?;
        return span(EntityValue::Rate(points(found.scaled, parts)?), at, found.end);
    }
    if let Some((parts, after)) = longest(chars, at, &[("千", 1_000), ("万", 10_000)])
        && announced_rate(chars, at)
        && let Some(found) = number(chars, after)
    {
        return span(EntityValue::Rate(points(found.scaled, parts)?), at, found.end);
    }
    let found = number(chars, at)?;
    let near = skip_spaces(chars, found.end);
    if let Some((parts, end)) = longest(
        chars,
        near,
        &[
            ("%", 100),
            ("percent", 100),
            ("per cent", 100),
            ("个点", 100),
            ("‰", 1_000),
            ("厘", 1_000),
            ("bps", 10_000),
            ("bp", 10_000),
        ],
    ) {
        return span(EntityValue::Rate(points(found.scaled, parts)?), at, end);
    }
    // 年化7.2: the announcement makes the unit, as long as no other unit follows.
    let small = found.scaled < 100 * ONE
        && matches!(found.form, Form::Digits(_) | Form::Written)
        && !chars.get(near).is_some_and(|c| c.is_alphanumeric());
    (small && announced_rate(chars, at)).then(|| span(EntityValue::Rate(points(found.scaled, 100)?), at, found.end)).flatten()
}

fn announced_rate(chars: &[char], at: usize) -> bool {
    let before: String = chars[at.saturating_sub(6)..at].iter().filter(|c| **c != ' ').collect();
    ["年化", "利率", "年利率", "月息", "日息", "费率", "利息", "apr", "rate", "化是", "率是", "息是", "率为", "化为"]
        .iter()
        .any(|cue| before.ends_with(cue))
}

/// Basis points of `scaled` ten-thousandths of one `parts`-th.
fn points(scaled: i64, parts: i64) -> Option<BasisPoints> {
    Some(BasisPoints(scaled.checked_mul(10_000 / parts)? / ONE))
}

/// 第二个, 第3期, 最后一个 is left out (its number is not known here); the second one, 2nd, first.
fn ordinal(chars: &[char], at: usize) -> Option<Span> {
    if chars.get(at) == Some(&'第') {
        let found = number(chars, at + 1)?;
        let whole = found.whole().filter(|n| (1..1_000).contains(n))?;
        let unit = [
            ("个", ()),
            ("笔", ()),
            ("张", ()),
            ("项", ()),
            ("条", ()),
            ("种", ()),
            ("期", ()),
            ("次", ()),
            ("款", ()),
            ("位", ()),
        ];
        let end = longest(chars, found.end, &unit).map_or(found.end, |(_, end)| end);
        return span(EntityValue::Ordinal(whole), at, end);
    }
    const WORDS: &[(&str, i64)] = &[
        ("first", 1),
        ("second", 2),
        ("third", 3),
        ("fourth", 4),
        ("fifth", 5),
        ("sixth", 6),
        ("seventh", 7),
        ("eighth", 8),
        ("ninth", 9),
        ("tenth", 10),
        ("1st", 1),
        ("2nd", 2),
        ("3rd", 3),
        ("4th", 4),
        ("5th", 5),
        ("6th", 6),
        ("7th", 7),
        ("8th", 8),
        ("9th", 9),
        ("10th", 10),
    ];
    let from = stands(chars, at, "the").map_or(at, |end| skip_spaces(chars, end));
    let (position, end) = longest(chars, from, WORDS)?;
    // "a second" is a moment.
    let end =
        stands(chars, skip_spaces(chars, end), "one").or_else(|| stands(chars, skip_spaces(chars, end), "option")).unwrap_or(end);
    let seconds = position == 2 && at >= 2 && stands(chars, at - 2, "a").is_some();
    (!seconds).then(|| span(EntityValue::Ordinal(position), at, end)).flatten()
}
