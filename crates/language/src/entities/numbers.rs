//! Numbers as people write them: digits with commas and decimals, Chinese numerals with units, English number words, and
//! mixtures ("3千5"). Owns exact decimal values; knows no units of money or time.

use super::{longest, skip_spaces};

/// Ten-thousandths of one: enough for fen in 万 and for basis points.
pub const ONE: i64 = 10_000;

/// A number that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// In ten-thousandths.
    pub scaled: i64,
    pub end: usize,
    /// How it was written, which says how it may be used.
    pub form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Digits only, and how many.
    Digits(usize),
    /// With a decimal point, commas, or a multiplier: `1,200.5`, `2w`, `3k`.
    Written,
    /// Chinese numerals or English words.
    Words,
}

impl Number {
    /// The value where it is whole.
    pub fn whole(&self) -> Option<i64> {
        (self.scaled % ONE == 0).then_some(self.scaled / ONE)
    }
}

/// The longest number at `at`.
pub fn read(chars: &[char], at: usize) -> Option<Number> {
    let c = *chars.get(at)?;
    if c.is_ascii_digit() {
        // The tail of a Latin word or of a decimal is no number of its own ("v2", "1.5").
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        if before.is_some_and(|b| b.is_ascii_digit() || b.is_ascii_alphabetic()) {
            return None;
        }
        return digits(chars, at);
    }
    if c.is_ascii_alphabetic() { english(chars, at) } else { chinese(chars, at) }
}

fn digits(chars: &[char], start: usize) -> Option<Number> {
    let digit = |i: usize| chars.get(i).and_then(|c| c.to_digit(10)).map(i64::from);
    let (mut at, mut value, mut count, mut form_written) = (start, 0_i64, 0, false);
    while let Some(d) = digit(at) {
        value = value.checked_mul(10)?.checked_add(d)?;
        count += 1;
        at += 1;
        let comma = chars.get(at) == Some(&',') && (1..=3).all(|i| digit(at + i).is_some()) && digit(at + 4).is_none();
        // A first group of more than three digits is no thousands group: "1234,567" are two numbers.
        if comma && (count <= 3 || form_written) {
            form_written = true;
            at += 1;
        }
    }
    let mut scaled = value.checked_mul(ONE)?;
    if chars.get(at) == Some(&'.') && digit(at + 1).is_some() {
        let mut place = ONE / 10;
        let mut i = at + 1;
        while let Some(d) = digit(i) {
            scaled = scaled.checked_add(d * place)?;
            place /= 10;
            i += 1;
        }
        at = i;
        form_written = true;
    }
    // Multipliers: 3千, 2w, 1.5万, 3k, and a digit behind that counts the next place (3千5, 1万2).
    let near = skip_spaces(chars, at);
    if let Some((times, end)) = multiplier(chars, near, near > at) {
        scaled = scaled.checked_mul(times)?;
        at = end;
        form_written = true;
        // Two multipliers: 3千万, 十 after digits is rare.
        if let Some((again, end)) = multiplier(chars, at, false).filter(|_| times < 10_000) {
            scaled = scaled.checked_mul(again)?;
            at = end;
        } else if let Some((rest, end)) = rest_after_multiplier(chars, at, times) {
            scaled = scaled.checked_add(rest)?;
            at = end;
        }
    }
    let form = if form_written { Form::Written } else { Form::Digits(count) };
    Some(Number { scaled, end: at, form })
}

fn multiplier(chars: &[char], at: usize, spaced: bool) -> Option<(i64, usize)> {
    let latin_after = |end: usize| chars.get(end).is_some_and(char::is_ascii_alphabetic);
    match chars.get(at)? {
        '百' if !spaced => Some((100, at + 1)),
        '千' if !spaced && chars.get(at + 1) != Some(&'分') => Some((1_000, at + 1)),
        '万' => Some((10_000, at + 1)),
        '亿' => Some((100_000_000, at + 1)),
        'w' if !latin_after(at + 1) => Some((10_000, at + 1)),
        'k' if !latin_after(at + 1) => Some((1_000, at + 1)),
        _ => longest(chars, at, &[("thousand", 1_000), ("grand", 1_000), ("million", 1_000_000), ("hundred", 100)]),
    }
}

/// "3千5" is 3,500, "1万2千" 12,000, "2万3500" 23,500.
fn rest_after_multiplier(chars: &[char], at: usize, times: i64) -> Option<(i64, usize)> {
    let rest = match chars.get(at)? {
        c if c.is_ascii_digit() => digits(chars, at)?,
        _ => chinese(chars, at)?,
    };
    match rest.form {
        Form::Digits(1) if rest.scaled > 0 => Some((rest.scaled / ONE * (times * ONE / 10), rest.end)),
        Form::Digits(n) if n > 1 && rest.scaled < times * ONE => Some((rest.scaled, rest.end)),
        Form::Written | Form::Words if rest.scaled < times * ONE && rest.scaled >= ONE => {
            let single = rest.end == at + 1 && rest.scaled < 10 * ONE;
            Some((if single { rest.scaled / ONE * (times * ONE / 10) } else { rest.scaled }, rest.end))
        }
        _ => None,
    }
}

fn chinese_digit(c: char) -> Option<i64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '俩' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn chinese_unit(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        _ => return None,
    })
}

/// 三千五, 一万二, 两百零五, 十二, 一百二十万, 一二三四 (digit by digit), 一点五万.
fn chinese(chars: &[char], start: usize) -> Option<Number> {
    let (mut total, mut section, mut digit) = (0_i64, 0_i64, None::<i64>);
    let (mut at, mut last_unit, mut zero, mut plain) = (start, 0_i64, false, 0_usize);
    // 十 at the start is 10; 百 or 万 there is no number ("百度", "万一").
    let first = *chars.get(start)?;
    if chinese_digit(first).is_none() && !matches!(first, '十' | '拾') {
        return None;
    }
    while let Some(&c) = chars.get(at) {
        if let Some(d) = chinese_digit(c) {
            if let Some(before) = digit {
                // Digit by digit, as codes and years are read out.
                digit = Some(before.checked_mul(10)?.checked_add(d)?);
            } else {
                digit = Some(d);
            }
            zero |= d == 0;
            plain += 1;
            // 两 counts, it does not spell digits: "五两" are not 52.
            if matches!(c, '俩') && plain > 1 {
                return None;
            }
        } else if let Some(unit) = chinese_unit(c) {
            // "千分之" is a rate, not a thousand.
            if c == '千' && chars.get(at + 1) == Some(&'分') {
                break;
            }
            section = section.checked_add(digit.unwrap_or(if section == 0 && total == 0 { 1 } else { 0 }).checked_mul(unit)?)?;
            (digit, last_unit, zero, plain) = (None, unit, false, 0);
        } else if matches!(c, '万' | '亿') {
            let unit = if c == '万' { 10_000 } else { 100_000_000 };
            let whole = section.checked_add(digit.unwrap_or(0))?;
            total = total.checked_add(whole)?.checked_mul(unit)?;
            (section, digit, last_unit, zero, plain) = (0, None, unit, false, 0);
        } else {
            break;
        }
        at += 1;
    }
    let tail = digit.unwrap_or(0);
    // 三千五 is 3,500, 一万二 is 12,000; but 三千零五 is 3,005 and 十二 is 12.
    let tail = if last_unit >= 100 && !zero && plain == 1 { tail.checked_mul(last_unit / 10)? } else { tail };
    let mut scaled = total.checked_add(section)?.checked_add(tail)?.checked_mul(ONE)?;
    if chars.get(at) == Some(&'点') {
        let mut place = ONE / 10;
        let mut i = at + 1;
        while let Some(d) = chars.get(i).and_then(|c| chinese_digit(*c)) {
            scaled = scaled.checked_add(d * place)?;
            place /= 10;
            i += 1;
        }
        if i > at + 1 {
            at = i;
            if let Some((times, end)) = multiplier(chars, at, false) {
                scaled = scaled.checked_mul(times)?;
                at = end;
            }
        }
    }
    (at > start).then_some(Number { scaled, end: at, form: Form::Words })
}

const ENGLISH: &[(&str, i64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("a hundred", 100),
    ("a thousand", 1_000),
];

/// "three thousand five hundred", "twenty five".
fn english(chars: &[char], start: usize) -> Option<Number> {
    let (mut total, mut section) = (0_i64, 0_i64);
    let (mut at, mut end, mut seen) = (start, start, false);
    loop {
        if let Some((value, next)) = longest(chars, at, ENGLISH) {
            // Two small numbers in a row are two numbers ("one two").
            if seen && section % 10 != 0 || (seen && value >= 10 && section % 100 != 0) {
                break;
            }
            if value >= 1_000 {
                total += value
            } else {
                section = section.checked_add(value)?
            }
            (end, seen) = (next, true);
        } else if let Some((times, next)) =
            longest(chars, at, &[("hundred", 100), ("thousand", 1_000), ("million", 1_000_000)]).filter(|_| seen && section > 0)
        {
            if times == 100 {
                section = section.checked_mul(100)?;
            } else {
                total = total.checked_add(section)?.checked_mul(times)?;
                section = 0;
            }
            end = next;
        } else {
            break;
        }
        at = skip_spaces(chars, end);
        if chars.get(at) == Some(&'-') {
            at += 1;
        }
        if let Some(after_and) = super::stands(chars, at, "and").filter(|_| section % 100 == 0) {
            at = skip_spaces(chars, after_and);
        }
    }
    let scaled = total.checked_add(section)?.checked_mul(ONE)?;
    seen.then_some(Number { scaled, end, form: Form::Words })
}
