//! Days and months, absolute and relative to the customer's today. Owns calendar reading; a day that does not exist
//! (30 February) is not read, except "month end", which always exists.

use super::numbers::{Form, read as number};
use super::{Span, longest, skip_spaces, stands};
use jieti_domain::understanding::EntityValue;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A day or month that begins at `at`.
pub fn read(chars: &[char], at: usize, today: Date) -> Option<Span> {
    let day = |(date, end): (Date, usize)| Span { value: EntityValue::Date(date), start: at, end };
    numeric(chars, at)
        .or_else(|| year_month_day(chars, at, today))
        .or_else(|| relative_month_day(chars, at, today))
        .or_else(|| relative_day(chars, at, today))
        .or_else(|| weekday(chars, at, today))
        .or_else(|| day_of_month(chars, at, today))
        .or_else(|| english_day(chars, at, today))
        .map(day)
        .or_else(|| month(chars, at, today).map(|(date, end)| Span { value: EntityValue::Month(date), start: at, end }))
}

fn whole(chars: &[char], at: usize, range: std::ops::RangeInclusive<i64>) -> Option<(i64, usize)> {
    let found = number(chars, at)?;
    // "1,200" and "2w" are sums even where a day could stand.
    let plain = matches!(found.form, Form::Digits(_) | Form::Words);
    let value = found.whole().filter(|n| plain && range.contains(n))?;
    Some((value, found.end))
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// 2026-12-05, 2026/12/5, 2026.12.05, 12/5 (month first), 12-05 only with a word around it is too weak and left out.
fn numeric(chars: &[char], at: usize) -> Option<(Date, usize)> {
    let digits = |at: usize, longest: usize| -> Option<(i64, usize)> {
        let run = chars.get(at..)?.iter().take_while(|c| c.is_ascii_digit()).count();
        let text = || chars[at..at + run].iter().collect::<String>();
        (run > 0 && run <= longest).then(|| Some((text().parse().ok()?, at + run))).flatten()
    };
    if at > 0 && chars.get(at - 1).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '.') {
        return None;
    }
    let (first, next) = digits(at, 4)?;
    let mark = *chars.get(next).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, next) = digits(next + 1, 2)?;
    if first >= 1_900 && chars.get(next) == Some(&mark) {
        let (third, end) = digits(next + 1, 2)?;
        return Some((date(first, second, third)?, end));
    }
    None
}

/// 2026年12月5日, 12月5号, 明年3月1日.
fn year_month_day(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    let (year, from) = year(chars, at, today).map_or((None, at), |(y, end)| (Some(y), end));
    let (month, next) = whole(chars, skip_spaces(chars, from), 1..=12)?;
    let (_, next) = longest(chars, skip_spaces(chars, next), &[("月", ()), ("月份", ())])?;
    if let Some((_, end)) = longest(chars, next, &[("底", ()), ("末", ())]) {
        return Some((last_of_month(nearest_year(year, month, 28, today)?), end));
    }
    let (_, next) = longest(chars, next, &[("的", ())]).unwrap_or(((), next));
    let (day, next) = whole(chars, skip_spaces(chars, next), 1..=31)?;
    let end = longest(chars, skip_spaces(chars, next), &[("日", ()), ("号", ())]).map_or(next, |(_, end)| end);
    Some((nearest_year(year, month, day, today)?, end))
}

fn year(chars: &[char], at: usize, today: Date) -> Option<(i64, usize)> {
    let this = i64::from(today.year());
    if let Some((shift, end)) = longest(chars, at, &[("今年", 0), ("明年", 1), ("去年", -1), ("后年", 2)]) {
        return Some((this + shift, end));
    }
    if let Some((year, end)) = whole(chars, at, 1_900..=2_200) {
        return Some((year, stands(chars, skip_spaces(chars, end), "年")?));
    }
    // 26年3月: a year of this century, where a month follows it.
    let (short, end) = whole(chars, at, 20..=99)?;
    let end = stands(chars, end, "年")?;
    let (_, month) = whole(chars, end, 1..=12)?;
    (chars.get(month) == Some(&'月')).then_some((2_000 + short, end))
}

/// Without a year, the occurrence nearest to today: in November "1月5日" is the coming one and "10月5日" the past one.
fn nearest_year(year: Option<i64>, month: i64, day: i64, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return date(year, month, day);
    }
    let this = i64::from(today.year());
    let distance = |d: &Date| today.until(*d).map_or(i32::MAX, |span| span.get_days().abs());
    [this - 1, this, this + 1].iter().filter_map(|year| date(*year, month, day)).min_by_key(distance)
}

/// 上上个月, 下月, 本月, next month: how many months away.
fn months_away(chars: &[char], at: usize) -> Option<(i32, usize)> {
    const NAMED: &[(&str, i32)] = &[
        ("这个月", 0),
        ("这月", 0),
        ("本月", 0),
        ("当月", 0),
        ("次月", 1),
        ("呢个月", 0),
        ("this month", 0),
        ("next month", 1),
        ("last month", -1),
        ("the month after next", 2),
        ("month after next", 2),
        ("the month before last", -2),
        ("month before last", -2),
    ];
    longest(chars, at, NAMED).or_else(|| {
        let (away, next) = steps(chars, at)?;
        let (_, end) = longest(chars, next, &[("个月", ()), ("月", ())])?;
        Some((away, end))
    })
}

/// 上上 and 下下下: how many steps back or on. The last part of a word (看一下, 马上) is no step.
fn steps(chars: &[char], at: usize) -> Option<(i32, usize)> {
    let step = *chars.get(at).filter(|c| matches!(c, '上' | '下'))?;
    let run = chars[at..].iter().take_while(|c| **c == step).count();
    let behind = chars[..at].iter().rev().take_while(|c| **c == step).count();
    let word = chars[..at - behind].last().is_some_and(|before| match step {
        '上' => "马晚早线网以手身路加".contains(*before),
        _ => "一以线名当如剩留底地余".contains(*before),
    });
    if behind != usize::from(word) {
        return None;
    }
    let steps = i32::try_from(run).ok().filter(|steps| *steps <= 12)?;
    Some((if step == '上' { -steps } else { steps }, at + run))
}

fn month_away(today: Date, months: i32) -> Option<Date> {
    today.first_of_month().checked_add(months.months()).ok()
}

fn last_of_month(date: Date) -> Date {
    date.last_of_month()
}

/// 下个月5号, 这个月底, 上月十五, next month on the 5th.
fn relative_month_day(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some((_, end)) = longest(
        chars,
        at,
        &[
            ("月底", ()),
            ("月末", ()),
            ("end of the month", ()),
            ("end of this month", ()),
            ("month end", ()),
            ("the end of the month", ()),
            ("the end of this month", ()),
        ],
    ) {
        return Some((last_of_month(today), end));
    }
    if let Some((_, end)) = longest(chars, at, &[("end of next month", ()), ("the end of next month", ())]) {
        return Some((last_of_month(month_away(today, 1)?), end));
    }
    if let Some((_, end)) = longest(chars, at, &[("月初", ())]) {
        return Some((today.first_of_month(), end));
    }
    let (away, next) = months_away(chars, at)?;
    let first = month_away(today, away)?;
    if let Some((_, end)) = longest(chars, next, &[("底", ()), ("月底", ()), ("末", ()), ("月末", ()), ("的月底", ())]) {
        return Some((last_of_month(first), end));
    }
    if let Some((_, end)) = longest(chars, next, &[("初", ()), ("月初", ())]) {
        return Some((first, end));
    }
    let (_, next) = longest(chars, next, &[("的", ())]).unwrap_or(((), next));
    let (day, end) = whole(chars, skip_spaces(chars, next), 1..=31)?;
    let marked = longest(chars, end, &[("号", ()), ("日", ())]);
    // 下个月3千, 下个月12期: something else follows the number.
    let other = chars.get(end).is_some_and(|c| c.is_alphanumeric());
    let end = match (marked, other) {
        (Some((_, end)), _) => end,
        (None, true) => return None,
        (None, false) => end,
    };
    Some((date(i64::from(first.year()), i64::from(first.month()), day)?, end))
}

fn relative_day(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    const DAYS_AWAY: &[(&str, i32)] = &[
        ("今天", 0),
        ("今日", 0),
        ("今晚", 0),
        ("今早", 0),
        ("明天", 1),
        ("明日", 1),
        ("明晚", 1),
        ("明早", 1),
        ("后天", 2),
        ("昨天", -1),
        ("昨日", -1),
        ("昨晚", -1),
        ("前天", -2),
        ("听日", 1),
        ("听天", 1),
        ("today", 0),
        ("tonight", 0),
        ("tomorrow", 1),
        ("tmr", 1),
        ("tmrw", 1),
        ("tomorow", 1),
        ("yesterday", -1),
        ("the day after tomorrow", 2),
        ("day after tomorrow", 2),
        ("the day before yesterday", -2),
    ];
    // 大后天, 大大前天: a day further for each.
    let big = chars.get(at..)?.iter().take_while(|c| **c == '大').count();
    if let Some((days, end)) = longest(chars, at + big, &[("后天", 2), ("前天", -2)]).filter(|_| (1..=3).contains(&big)) {
        let further = i32::try_from(big).ok()? * i32::signum(days);
        return Some((today.checked_add((days + further).days()).ok()?, end));
    }
    if let Some((days, end)) = longest(chars, at, DAYS_AWAY) {
        return Some((today.checked_add(days.days()).ok()?, end));
    }
    // 3天后, 两周后, in 3 days, 5 days ago.
    let in_front = stands(chars, at, "in").map(|end| skip_spaces(chars, end));
    let (count, next) = whole(chars, in_front.unwrap_or(at), 1..=999)?;
    let units = [
        ("天", 1),
        ("日", 1),
        ("周", 7),
        ("个星期", 7),
        ("星期", 7),
        ("个礼拜", 7),
        ("day", 1),
        ("days", 1),
        ("week", 7),
        ("weeks", 7),
    ];
    let (unit, next) = longest(chars, skip_spaces(chars, next), &units)?;
    let behind = longest(
        chars,
        skip_spaces(chars, next),
        &[
            ("后", 1),
            ("之后", 1),
            ("以后", 1),
            ("前", -1),
            ("之前", -1),
            ("以前", -1),
            ("ago", -1),
            ("later", 1),
            ("from now", 1),
        ],
    );
    let (sign, end) = match (in_front, behind) {
        (Some(_), _) => (1, next),
        (None, Some((sign, end))) => (sign, end),
        (None, None) => return None,
    };
    let days = i32::try_from(count * unit * sign).ok()?;
    Some((today.checked_add(days.days()).ok()?, end))
}

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("一", Weekday::Monday),
    ("二", Weekday::Tuesday),
    ("三", Weekday::Wednesday),
    ("四", Weekday::Thursday),
    ("五", Weekday::Friday),
    ("六", Weekday::Saturday),
    ("日", Weekday::Sunday),
    ("天", Weekday::Sunday),
    ("末", Weekday::Saturday),
    ("1", Weekday::Monday),
    ("2", Weekday::Tuesday),
    ("3", Weekday::Wednesday),
    ("4", Weekday::Thursday),
    ("5", Weekday::Friday),
    ("6", Weekday::Saturday),
];
const WEEKDAYS_EN: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("mon", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("tue", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("wed", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("thu", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("fri", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Which week a weekday is of.
#[derive(Debug, Clone, Copy)]
enum Week {
    /// Weeks from this one.
    Away(i32),
    /// The next seven days, today included.
    Coming,
    /// The seven days before today.
    Past,
}

/// 周五, 下周一, 上上礼拜三, this Friday, next Friday. In Chinese the week begins on Monday and 下周 is the next one; a bare
/// weekday is the coming one, today included. English "next Friday" is the Friday of next week, "last Friday" the one just
/// past.
fn weekday(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    const WEEKS: &[(&str, ())] = &[("周", ()), ("星期", ()), ("礼拜", ())];
    const WEEKS_EN: &[(&str, Week)] =
        &[("this", Week::Away(0)), ("next", Week::Away(1)), ("last", Week::Past), ("on", Week::Coming), ("by", Week::Coming)];
    let this = longest(chars, at, &[("这", ()), ("本", ())]).map(|(_, next)| (0, next));
    let away = this.or_else(|| steps(chars, at));
    let from = away.map_or(at, |(_, next)| stands(chars, next, "个").unwrap_or(next));
    let (week, weekday, end) = if let Some((_, next)) = longest(chars, from, WEEKS) {
        let (weekday, end) = longest(chars, next, WEEKDAYS)?;
        // 一周一次, 周五百 and 每周500 are no days.
        let counted = away.is_none() && at > 0 && number(chars, at - 1).is_some();
        let counts = chars.get(end).is_some_and(|c| matches!(c, '十' | '百' | '千' | '万' | '点') || c.is_ascii_digit());
        if counted || counts {
            return None;
        }
        (away.map_or(Week::Coming, |(weeks, _)| Week::Away(weeks)), weekday, end)
    } else {
        let (week, next) = longest(chars, at, WEEKS_EN).map_or((Week::Coming, at), |(w, end)| (w, skip_spaces(chars, end)));
        let (weekday, end) = longest(chars, next, WEEKDAYS_EN)?;
        (week, weekday, end)
    };
    let monday = today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let offset = i32::from(weekday.to_monday_zero_offset());
    let ahead = (offset - i32::from(today.weekday().to_monday_zero_offset())).rem_euclid(7);
    let day = match week {
        Week::Away(weeks) => monday.checked_add((weeks * 7 + offset).days()).ok()?,
        Week::Coming => today.checked_add(ahead.days()).ok()?,
        Week::Past => today.checked_add((ahead - 7).days()).ok()?,
    };
    Some((day, end))
}

/// 5号, 15日, on the 5th, the 20th: the coming one, today included. A month too short is passed over.
fn day_of_month(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    let on =
        longest(chars, at, &[("on the", ()), ("by the", ()), ("the", ()), ("on", ())]).map(|(_, end)| skip_spaces(chars, end));
    let (day, end) = if let Some(from) = on {
        english_ordinal(chars, from)?
    } else {
        // Behind a month it is a day that month does not have.
        if at > 0 && chars.get(at - 1) == Some(&'月') {
            return None;
        }
        let (day, next) = whole(chars, at, 1..=31)?;
        let (_, end) = longest(chars, skip_spaces(chars, next), &[("号", ()), ("日", ())])?;
        // 3号卡, 日内, 5号线: the sign names something.
        if longest(chars, end, &[("卡", ()), ("内", ()), ("线", ()), ("楼", ()), ("码", ()), ("店", ())]).is_some() {
            return None;
        }
        (day, end)
    };
    (0..=2)
        .filter_map(|months| {
            let first = month_away(today, months)?;
            date(i64::from(first.year()), i64::from(first.month()), day)
        })
        .find(|date| *date >= today)
        .map(|date| (date, end))
}

/// 5th, 21st: digits and their ending. Small ones without "the … month" may be positions, so "th" is not enough alone.
fn english_ordinal(chars: &[char], at: usize) -> Option<(i64, usize)> {
    let run = chars.get(at..)?.iter().take_while(|c| c.is_ascii_digit()).count();
    let day: i64 = chars[at..at + run].iter().collect::<String>().parse().ok()?;
    let end = at + run + 2;
    let ending: String = chars.get(at + run..end)?.iter().collect();
    let ended = matches!(ending.as_str(), "st" | "nd" | "rd" | "th") && !chars.get(end).is_some_and(char::is_ascii_alphabetic);
    // "the 2nd one" is a position.
    let position =
        stands(chars, skip_spaces(chars, end), "one").or_else(|| stands(chars, skip_spaces(chars, end), "option")).is_some();
    (ended && !position && (1..=31).contains(&day)).then_some((day, end))
}

const MONTHS_EN: &[(&str, i64)] = &[
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("march", 3),
    ("mar", 3),
    ("april", 4),
    ("apr", 4),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sep", 9),
    ("sept", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
];
/// A month only beside a day: "may" is mostly no month.
const MAY: &[(&str, i64)] = &[("may", 5)];

/// December 5, Dec 5th 2026, 5 December, the 5th of next month.
fn english_day(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    let day_number = |at: usize| english_ordinal(chars, at).or_else(|| whole(chars, at, 1..=31));
    let month_name = |at: usize| longest(chars, at, MONTHS_EN).or_else(|| longest(chars, at, MAY));
    let with_year = |end: usize| -> (Option<i64>, usize) {
        let comma = if chars.get(end) == Some(&',') { end + 1 } else { end };
        whole(chars, skip_spaces(chars, comma), 1_990..=2_100).map_or((None, end), |(y, end)| (Some(y), end))
    };
    if let Some((month, next)) = month_name(at) {
        let the = stands(chars, skip_spaces(chars, next), "the").unwrap_or(next);
        let (day, end) = day_number(skip_spaces(chars, the))?;
        let (year, end) = with_year(end);
        return Some((nearest_year(year, month, day, today)?, end));
    }
    let from = longest(chars, at, &[("on the", ()), ("the", ())]).map_or(at, |(_, end)| skip_spaces(chars, end));
    let (day, next) = day_number(from)?;
    let next = skip_spaces(chars, next);
    let next = stands(chars, next, "of").map_or(next, |end| skip_spaces(chars, end));
    if let Some((month, end)) = month_name(next) {
        let (year, end) = with_year(end);
        return Some((nearest_year(year, month, day, today)?, end));
    }
    let (away, end) = months_away(chars, next)?;
    let first = month_away(today, away)?;
    Some((date(i64::from(first.year()), i64::from(first.month()), day)?, end))
}

/// 这个月, 12月, 12月份, 2026年12月, next month, in December.
fn month(chars: &[char], at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some((away, end)) = months_away(chars, at) {
        return Some((month_away(today, away)?, end));
    }
    if let Some((month, end)) = longest(chars, at, MONTHS_EN).filter(|(_, end)| end - at > 3) {
        return Some((nearest_year(None, month, 1, today)?, end));
    }
    let (year, from) = year(chars, at, today).map_or((None, at), |(y, end)| (Some(y), end));
    let (month, next) = whole(chars, from, 1..=12)?;
    let (_, end) = longest(chars, next, &[("月", ()), ("月份", ())])?;
    Some((nearest_year(year, month, 1, today)?, end))
}
