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

/// The longest number at `at`. Of what may be more than one number ("五六百", "三千多", "1,23") none is read.
pub fn read(chars: &[char], at: usize) -> Option<Number> {
    let c = *chars.get(at)?;
    let found = if c.is_ascii_digit() {
        if is_tail(chars, at) {
            return None;
        }
        digits(chars, at)?
    } else if c.is_ascii_alphabetic() {
        english(chars, at)?
    } else {
        chinese(chars, at)?
    };
    (!is_about(chars, found.end)).then_some(found)
}

/// Whether the digit at `at` is the tail of a number, of a Latin word or of a decimal, and no number of its own ("v2", "1.5").
/// In "2w3期" it is one.
fn is_tail(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| chars[i]) else { return false };
    let behind_digit = at >= 2 && chars[at - 2].is_ascii_digit();
    match before {
        '.' => behind_digit,
        'k' | 'w' => !behind_digit,
        c => c.is_ascii_alphanumeric(),
    }
}

/// 三千多块, 20几天, 两百来块: what was counted is not exactly that. "3000多少利息" and "5000多久到" are.
fn is_about(chars: &[char], end: usize) -> bool {
    let counted = |at: usize| chars.get(at).is_none_or(|c| !c.is_alphanumeric() || is_unit(*c) || is_numeral(*c));
    match chars.get(end) {
        Some('几') => true,
        Some('多' | '余') => counted(end + 1),
        Some('来') => chars.get(end + 1).is_some_and(|c| matches!(c, '块' | '元' | '天' | '个' | '万')),
        Some(_) | None => false,
    }
}

/// Where a run of characters that make up a number ends: what is not read as one number is not read in parts either.
pub fn run_end(chars: &[char], at: usize) -> usize {
    let is_part = |i: usize| match chars.get(i) {
        Some(c) if c.is_ascii_digit() || is_numeral(*c) => true,
        Some('.' | ',') => i > at && [i - 1, i + 1].iter().all(|i| chars.get(*i).is_some_and(char::is_ascii_digit)),
        Some(_) | None => false,
    };
    (at..).find(|i| !is_part(*i)).unwrap_or(at)
}

pub fn is_numeral(c: char) -> bool {
    chinese_digit(c).is_some() || chinese_unit(c).is_some() || matches!(c, '万' | '亿')
}

/// What a number may count.
fn is_unit(c: char) -> bool {
    matches!(c, '元' | '块' | '期' | '个' | '天' | '年' | '号' | '月' | '日' | '周' | '次' | '笔' | '张' | '毛' | '分' | '%')
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
            // Finer than this counts nothing here, and must not be cut off in silence.
            if d > 0 && place == 0 {
                return None;
            }
            scaled = scaled.checked_add(d * place)?;
            place /= 10;
            i += 1;
        }
        at = i;
        // 1.2.3 is a version.
        if chars.get(at) == Some(&'.') && digit(at + 1).is_some() {
            return None;
        }
        form_written = true;
    }
    // Multipliers: 3千, 2w, 1.5万, 3k, and a digit behind that counts the next place (3千5, 1万2).
    let near = skip_spaces(chars, at);
    if let Some((times, end)) = multiplier(chars, near, near > at) {
        scaled = scaled.checked_mul(times)?;
        at = end;
        form_written = true;
        // Two multipliers: 3千万, 2万亿.
        if let Some((again, end)) = multiplier(chars, at, false).filter(|(again, _)| *again > times && *again >= 10_000) {
            scaled = scaled.checked_mul(again)?;
            at = end;
        } else if let Some((rest, end)) = rest_after_multiplier(chars, at, times).or_else(|| rest_in_words(chars, at, times)) {
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
        '十' if !spaced => Some((10, at + 1)),
        '百' | '千' | '万' if is_fraction(chars, at + 1) => None,
        '百' if !spaced => Some((100, at + 1)),
        '千' if !spaced => Some((1_000, at + 1)),
        '万' => Some((10_000, at + 1)),
        '亿' => Some((100_000_000, at + 1)),
        'w' if !latin_after(at + 1) => Some((10_000, at + 1)),
        'k' if !latin_after(at + 1) => Some((1_000, at + 1)),
        _ => longest(chars, at, &[("thousand", 1_000), ("grand", 1_000), ("million", 1_000_000), ("hundred", 100)]),
    }
}

/// "千分之" is a rate, not a thousand.
fn is_fraction(chars: &[char], at: usize) -> bool {
    chars.get(at..at + 2) == Some(&['分', '之'])
}

/// "3千5" is 3,500, "1万2千" 12,000, "2万3500" 23,500, "5百零5" 505. In "1万12期" another number begins.
fn rest_after_multiplier(chars: &[char], at: usize, times: i64) -> Option<(i64, usize)> {
    let spoken_zero = usize::from(matches!(chars.get(at)?, '零' | '〇'));
    let from = at + spoken_zero;
    let rest = match chars.get(from)? {
        c if c.is_ascii_digit() => digits(chars, from)?,
        _ => chinese(chars, from)?,
    };
    let next_place = times * ONE / 10;
    let single = rest.end == from + 1 && rest.scaled < 10 * ONE;
    let value = match rest.form {
        _ if rest.scaled >= times * ONE || rest.scaled < ONE || rest.scaled % ONE != 0 => return None,
        Form::Digits(_) | Form::Words if counts_something(chars, rest.end) && spoken_zero == 0 => return None,
        Form::Digits(_) | Form::Words | Form::Written if single && spoken_zero == 0 => rest.scaled / ONE * next_place,
        Form::Digits(_) | Form::Words | Form::Written => rest.scaled,
    };
    Some((value, rest.end))
}

/// "3 thousand 5 hundred", "3 thousand and 50": what follows an English multiplier and is smaller.
fn rest_in_words(chars: &[char], at: usize, times: i64) -> Option<(i64, usize)> {
    if !chars[at - 1].is_ascii_alphabetic() || matches!(chars[at - 1], 'k' | 'w') {
        return None;
    }
    let from = skip_spaces(chars, at);
    let from = super::stands(chars, from, "and").map_or(from, |end| skip_spaces(chars, end));
    let rest = if chars.get(from)?.is_ascii_digit() { digits(chars, from)? } else { english(chars, from)? };
    let is_rest = rest.scaled < times * ONE && rest.scaled >= ONE && rest.scaled % ONE == 0 && !counts_something(chars, rest.end);
    is_rest.then_some((rest.scaled, rest.end))
}

/// Whether a word is a number in English.
pub fn is_number_word(word: &str) -> bool {
    ENGLISH.iter().any(|(number, _)| *number == word) || ["hundred", "thousand", "million"].contains(&word)
}

/// Whether what stands here is counted by a number of its own, not by the rest of a sum: 期, 个月, 号.
pub fn counts_something(chars: &[char], at: usize) -> bool {
    let at = skip_spaces(chars, at);
    chars.get(at).is_some_and(|c| is_unit(*c) && !matches!(c, '元' | '块' | '毛' | '分'))
        || longest(chars, at, &[("months", ()), ("month", ()), ("days", ()), ("installments", ()), ("instalments", ())]).is_some()
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
    let run = chars.get(start..)?.iter().take_while(|c| is_numeral(**c)).count();
    if is_fraction(chars, start + run) {
        return None;
    }
    let numeral = &chars[start..start + run];
    let (value, length) = match numeral.iter().all(|c| chinese_digit(*c).is_some()) {
        true => (spelt(numeral)?, run),
        false => placed(chars, start, run)?,
    };
    let mut at = start + length;
    let mut scaled = value.checked_mul(ONE)?;
    if length == run && chars.get(at) == Some(&'点') {
        let mut place = ONE / 10;
        let mut i = at + 1;
        while let Some(d) = chars.get(i).and_then(|c| chinese_digit(*c)) {
            if d > 0 && place == 0 {
                return None;
            }
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
    Some(Number { scaled, end: at, form: Form::Words })
}

/// Digit by digit, as codes and years are read out. "五六" and "两三" are about so many.
fn spelt(numeral: &[char]) -> Option<i64> {
    let digits: Vec<i64> = numeral.iter().filter_map(|c| chinese_digit(*c)).collect();
    let about = (2..=3).contains(&digits.len()) && !digits.contains(&0);
    let counts = digits.len() > 1 && numeral.iter().any(|c| matches!(c, '两' | '俩'));
    if digits.is_empty() || about || counts {
        return None;
    }
    digits.iter().try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(*digit))
}

/// Digits with their places, and how many characters of the run are of it; `None` where the places do not fall.
fn placed(chars: &[char], start: usize, run: usize) -> Option<(i64, usize)> {
    let (mut hundred_millions, mut ten_thousands, mut section) = (0_i64, 0_i64, 0_i64);
    let (mut digit, mut last_unit, mut zero) = (None::<i64>, 0_i64, false);
    // Units fall within a section: 五百三千 are two numbers.
    let mut below = 10_000;
    for &c in &chars[start..start + run] {
        if let Some(d) = chinese_digit(c) {
            if digit.is_some() {
                return None;
            }
            (digit, zero) = if d == 0 { (None, true) } else { (Some(d), zero) };
        } else if let Some(unit) = chinese_unit(c) {
            // 十 alone is ten; 百 and 千 alone are no number ("百度", "千万别").
            let count = digit.take().or((unit == 10).then_some(1))?;
            if unit >= below {
                return None;
            }
            section += count * unit;
            (below, last_unit, zero) = (unit, unit, false);
        } else {
            // 三千五万: 3,005 or 3,500 of them.
            if digit.is_some() && (100..10_000).contains(&last_unit) && !zero {
                return None;
            }
            let count = section + digit.take().unwrap_or(0);
            if c == '万' {
                if ten_thousands > 0 || count == 0 {
                    return None;
                }
                (ten_thousands, last_unit) = (count.checked_mul(10_000)?, 10_000);
            } else {
                let all = ten_thousands.checked_add(count)?;
                if hundred_millions > 0 || all == 0 {
                    return None;
                }
                (hundred_millions, ten_thousands, last_unit) = (all.checked_mul(100_000_000)?, 0, 100_000_000);
            }
            (section, below, zero) = (0, 10_000, false);
        }
    }
    let whole = hundred_millions.checked_add(ten_thousands)?.checked_add(section)?;
    // 三千五 is 3,500, 一万二 is 12,000; but 三千零五 is 3,005 and 十二 is 12.
    match digit {
        // 一万三期: ten thousand, in three instalments.
        Some(_) if last_unit >= 100 && !zero && counts_something(chars, start + run) => Some((whole, run - 1)),
        Some(digit) if last_unit >= 100 && !zero => Some((whole.checked_add(digit * (last_unit / 10))?, run)),
        digit => Some((whole.checked_add(digit.unwrap_or(0))?, run)),
    }
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
        } else if let Some((times, next)) = longest(chars, at, &[("hundred", 100), ("thousand", 1_000), ("million", 1_000_000)])
            .filter(|(times, _)| seen && section > 0 && (*times == 100 || total % (times * 1_000) == 0))
        {
            if times == 100 {
                section = section.checked_mul(100)?;
            } else {
                total = total.checked_add(section.checked_mul(times)?)?;
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
