//! Numbers with what they count: money, terms, days, rates, positions, codes. Owns the units; a number without one is bare.

use super::numbers::{Form, Number, ONE, counts_something, is_number_word, is_numeral, read as number};
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

/// ¥1,200, rmb 500.
fn prefixed_money(chars: &[char], at: usize) -> Option<Span> {
    let (_, after) = longest(chars, at, &[("¥", ()), ("rmb", ()), ("cny", ()), ("yuan", ())])?;
    let found = number(chars, skip_spaces(chars, after))?;
    let end = money_unit(chars, skip_spaces(chars, found.end)).map_or(found.end, |(_, end)| end);
    if is_one_of_several(chars, at, end) {
        return None;
    }
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
            ("角", ONE / 10),
            ("毛", ONE / 10),
            ("毛钱", ONE / 10),
            ("分钱", ONE / 100),
        ],
    )
}

/// $30, HK$ 3k, 500 dollars, 500美元: sums here are in yuan, and nobody has said what others are worth.
fn is_of_other_money(chars: &[char], start: usize, end: usize) -> bool {
    const CODES: [&str; 7] = ["$", "€", "£", "usd", "hkd", "eur", "gbp"];
    const UNITS: [&str; 13] =
        ["美元", "美金", "港币", "港元", "欧元", "英镑", "日元", "dollar", "dollars", "bucks", "euro", "euros", "pounds"];
    let before = if start > 0 && chars[start - 1] == ' ' { start - 1 } else { start };
    let stands_before =
        |code: &str| before.checked_sub(code.chars().count()).is_some_and(|at| stands(chars, at, code) == Some(before));
    let after = skip_spaces(chars, end);
    CODES.iter().any(|code| stands_before(code) || stands(chars, after, code).is_some())
        || UNITS.iter().any(|unit| stands(chars, after, unit).is_some())
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
    if is_of_other_money(chars, at, found.end) {
        return None;
    }
    let near = skip_spaces(chars, found.end);
    // 第3期 and 3号卡 name things; they are handled as positions or dates before.
    if let Some((worth, end)) = money_unit(chars, near) {
        let (sum, end) = with_small_change(chars, found, worth, end)?;
        return (!is_one_of_several(chars, at, end)).then(|| span(EntityValue::Money(sum), at, end)).flatten();
    }
    if rate_unit(chars, near).is_some() {
        return None;
    }
    if let (Some((months, end)), Some(whole)) = (longest(chars, skip_dash(chars, near), MONTHS), found.whole()) {
        // 2026年 is a year, not 2026 of them.
        // 26年底 is a day.
        let is_day = months == 12 && matches!(chars.get(end), Some('底' | '末' | '初'));
        if let Some(term) = whole.checked_mul(months).filter(|term| (1..=720).contains(term) && !is_day) {
            let (more, end) = months_behind_years(chars, end).filter(|_| months == 12).unwrap_or((0, end));
            return span(EntityValue::Term(term + more), at, end);
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

/// 3年半, 1年6个月, 2 years and 3 months: what comes on top of the years.
fn months_behind_years(chars: &[char], at: usize) -> Option<(i64, usize)> {
    if chars.get(at) == Some(&'半') {
        return Some((6, at + 1));
    }
    let from = skip_spaces(chars, at);
    let from = longest(chars, from, &[("and", ()), ("零", ()), ("又", ())]).map_or(from, |(_, end)| skip_spaces(chars, end));
    let found = number(chars, from)?;
    let (_, end) = longest(chars, skip_spaces(chars, found.end), &[("个月", ()), ("month", ()), ("months", ())])?;
    Some((found.whole().filter(|months| (1..12).contains(months))?, end))
}

/// 300-500元, 3千到5千: a range is no sum, and neither is 1,23元.
fn is_one_of_several(chars: &[char], start: usize, end: usize) -> bool {
    let joins = |at: usize| chars.get(at).is_some_and(|c| matches!(c, '-' | '~' | '到' | '至'));
    let ends_number =
        |at: usize| chars.get(at).is_some_and(|c| c.is_ascii_digit() || is_numeral(*c) || matches!(c, 'k' | 'w' | '元' | '块'));
    let begins_number = |at: usize| chars.get(at).is_some_and(|c| c.is_ascii_digit() || is_numeral(*c) || *c == '¥');
    let cut = start >= 2 && chars[start - 1] == ',' && chars[start - 2].is_ascii_digit() && chars[start].is_ascii_digit();
    cut || (start >= 2 && joins(start - 1) && ends_number(start - 2))
        || (joins(end) && begins_number(end + 1))
        || ends_range_in_words(chars, start)
}

/// "two or three hundred", "300 to 500", "between 300 and 500": the number at `start` is the far end of a range.
fn ends_range_in_words(chars: &[char], start: usize) -> bool {
    let before: String = chars[start.saturating_sub(32)..start].iter().collect();
    let mut words = before.trim_end().rsplit(' ');
    let joint = words.next().unwrap_or_default();
    let is_number = words.next().is_some_and(|word| word.ends_with(|c: char| c.is_ascii_digit()) || is_number_word(word));
    is_number && (matches!(joint, "or" | "to") || (joint == "and" && before.contains("between ")))
}

fn skip_dash(chars: &[char], at: usize) -> usize {
    if chars.get(at) == Some(&'-') { at + 1 } else { at }
}

/// "三块五", "12块5毛", "1元2角3分", "3块零五": the sum with what follows its unit, exact or none.
fn with_small_change(chars: &[char], found: Number, worth: i64, end: usize) -> Option<(Fen, usize)> {
    let worth_of_all = i128::from(found.scaled) * i128::from(worth);
    let is_exact = worth_of_all % i128::from(ONE) == 0;
    let whole = i64::try_from(worth_of_all / i128::from(ONE)).ok().filter(|_| is_exact)?;
    let (mut scaled, mut place, mut at) = (whole, worth, end);
    // What was counted in parts already (12.5元) has no change.
    let mut open = found.whole().is_some() && place > ONE / 100;
    while open {
        let zero = usize::from(matches!(chars.get(at), Some('零' | '〇')));
        let Some(digit) = number(chars, at + zero).filter(|n| n.end == at + zero + 1).and_then(|n| n.whole()) else { break };
        if !(1..10).contains(&digit) {
            break;
        }
        let behind = at + zero + 1;
        open = false;
        if let Some((smaller, end)) = change_unit(chars, behind).filter(|(smaller, _)| *smaller < place) {
            (scaled, place, at) = (scaled.checked_add(digit * smaller)?, smaller, end);
            open = place > ONE / 100;
        } else if !counts_something(chars, behind) && matches!(chars.get(at.wrapping_sub(1)), Some('块' | '毛' | '角')) {
            // 三块五: the digit right behind the unit is of the next one, and behind a zero of the one after that.
            scaled = scaled.checked_add(digit * if zero == 1 { ONE / 100 } else { place / 10 })?;
            at = behind;
        }
    }
    Some((fen(scaled)?, at))
}

/// 毛, 角 and 分 behind a larger unit. 分期 and 分之 are other words.
fn change_unit(chars: &[char], at: usize) -> Option<(i64, usize)> {
    let units = [("角", ONE / 10), ("毛", ONE / 10), ("毛钱", ONE / 10), ("分", ONE / 100), ("分钱", ONE / 100)];
    let (worth, end) = longest(chars, at, &units)?;
    let other_word =
        chars[end - 1] == '分' && chars.get(end).is_some_and(|c| c.is_ascii_digit() || "期之利钟成几两三六".contains(*c));
    (!other_word).then_some((worth, end))
}

/// A number by itself: big round words are money ("三千五", "2w"), four to eight digits may be a code, the rest counts.
fn bare(chars: &[char], at: usize, found: Number) -> Option<Span> {
    match found.form {
        Form::Digits(count @ 4..=8) if is_code(chars, at, found.end, count) => {
            let digits: String = chars[at..found.end].iter().collect();
            span(EntityValue::Code(Masked::new(digits)), at, found.end)
        }
        Form::Digits(_) => span(EntityValue::Number(found.whole()?), at, found.end),
        Form::Written | Form::Words if is_one_of_several(chars, at, found.end) => None,
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
    if let Some((parts, end)) = rate_unit(chars, near) {
        return span(EntityValue::Rate(points(found.scaled, parts)?), at, end);
    }
    if let Some((rate, end)) = spoken_rate(chars, at, found) {
        return span(EntityValue::Rate(rate), at, end);
    }
    // 年化7.2: the announcement makes the unit, as long as no other unit follows.
    let small = found.scaled < 100 * ONE
        && matches!(found.form, Form::Digits(_) | Form::Written)
        && !chars.get(near).is_some_and(|c| c.is_alphanumeric());
    (small && announced_rate(chars, at)).then(|| span(EntityValue::Rate(points(found.scaled, 100)?), at, found.end)).flatten()
}

fn rate_unit(chars: &[char], at: usize) -> Option<(i64, usize)> {
    longest(
        chars,
        at,
        &[("%", 100), ("percent", 100), ("per cent", 100), ("个点", 100), ("‰", 1_000), ("bps", 10_000), ("bp", 10_000)],
    )
}

/// 两分利, 月息一分五, 8厘: a 分 is a hundredth by the month, a tenth by the year, a thousandth by the day, and a 厘 a
/// tenth of a 分. 分 without a word for interest beside it is money or "divide".
fn spoken_rate(chars: &[char], at: usize, found: Number) -> Option<(BasisPoints, usize)> {
    let near: String = chars[at.saturating_sub(6)..at].iter().collect();
    let parts = match () {
        () if near.contains('年') => 10,
        () if near.contains('日') => 1_000,
        () => 100,
    };
    let (is_li, end) =
        longest(chars, found.end, &[("分", false), ("厘", true)]).filter(|(_, end)| chars.get(*end) != Some(&'米'))?;
    if is_li {
        return Some((
            points(found.scaled, parts * 10)?,
            longest(chars, end, &[("利", ()), ("利息", ())]).map_or(end, |(_, end)| end),
        ));
    }
    let after = longest(chars, end, &[("利", ()), ("息", ()), ("利息", ())]).map(|(_, end)| end);
    if after.is_none() && (!announced_rate(chars, at) || chars.get(end).is_some_and(|c| "期之钟".contains(*c))) {
        return None;
    }
    let tenth = number(chars, end).filter(|n| n.end == end + 1 && !counts_something(chars, n.end)).and_then(|n| n.whole());
    let (scaled, end) = match tenth.filter(|tenth| after.is_none() && (1..10).contains(tenth)) {
        Some(tenth) => (found.scaled.checked_add(tenth * ONE / 10)?, end + 1),
        None => (found.scaled, after.unwrap_or(end)),
    };
    let end = if chars.get(end) == Some(&'厘') { end + 1 } else { end };
    Some((points(scaled, parts)?, end))
}

fn announced_rate(chars: &[char], at: usize) -> bool {
    let before: String = chars[at.saturating_sub(6)..at].iter().filter(|c| **c != ' ').collect();
    ["年化", "利率", "年利率", "月息", "日息", "费率", "利息", "apr", "rate", "化是", "率是", "息是", "率为", "化为"]
        .iter()
        .any(|cue| before.ends_with(cue))
}

/// Basis points of `scaled` ten-thousandths of one `parts`-th; what is finer is no rate that could be kept.
fn points(scaled: i64, parts: i64) -> Option<BasisPoints> {
    let scaled = scaled.checked_mul(10_000 / parts)?;
    (scaled % ONE == 0).then_some(BasisPoints(scaled / ONE))
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
