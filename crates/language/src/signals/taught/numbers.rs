//! What a number in a message is: the age of a child or of a grown person, a year of birth, a class at school, a hotline,
//! or any other. Owns how each is read in both languages; says nothing of whose age it is.

use crate::model::features::stem;

/// An age below 18 that is told as one: "15岁", "15 years old".
pub const CHILD: &str = "#child";
/// A number that may be such an age: "我15".
pub const YOUNG: &str = "#young";
pub const GROWN: &str = "#grown";
/// Eighteen: the age that is not reached yet, or is.
pub const OF_AGE: &str = "#18";
/// A year of birth of somebody who was a minor when the lines were written (these will come of age).
pub const BORN: &str = "#born";
/// "09年", "11年": a year of birth, or as often a length of time.
const SHORT_YEAR: &str = "#yy";
pub const CLASS: &str = "#class";
const OTHER: &str = "#";

const DIGITS: &str = "零一二三四五六七八九";
/// What is counted, so no age: 16期, 15号, 17万.
const COUNTED: &str = "期号日天个月万千百块元点楼层级分秒次笔%条家折倍位米平届路栋室周时折张页项g";
const COUNTED_EN: &str = "month months mo payment payments instalment instalments installment installments day days week weeks \
                          percent dollars bucks pounds euros cents grand k hour hours minutes min mins times am pm years yrs loans \
                          digits emails calls people st street";

/// The Chinese number, class or year that begins here, and how many characters it takes.
pub fn chinese(chars: &[char], at: usize) -> Option<(&'static str, usize)> {
    if let Some(found) = chinese_class(chars, at) {
        return Some(found);
    }
    let rest = &chars[at..];
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let (value, len) = if digits > 0 {
        (rest[..digits].iter().collect::<String>().parse().unwrap_or(u32::MAX), digits)
    } else {
        han_number(rest)?
    };
    let after: String = rest[len..].iter().take(3).collect();
    let zero_first = matches!(rest[0], '0' | '零');
    // 碎 is typed for 岁.
    let is_age = ["岁", "周岁", "碎", "多岁", "来岁", "虚岁"].iter().any(|unit| after.starts_with(unit));
    // "身份证上是2012年" as well.
    let is_birth = || {
        ["年的", "年生", "年出", "年份"].iter().any(|unit| after.starts_with(unit))
            || chars.windows(2).any(|two| matches!(two, ['出' | '诞', '生'] | ['生', '日'] | ['证', '上']))
    };
    let is_counted = after.chars().next().is_some_and(|c| COUNTED.contains(c));
    // 一瓶, 八面: a word, unless it is an age.
    if digits == 0 && len == 1 && !is_age {
        return None;
    }
    let token = match value {
        12378 | 12363 | 12345 | 12315 | 315 => hotline(value),
        2009..=2022 if !after.starts_with('年') || is_birth() => BORN,
        1940..=2008 if is_birth() => GROWN,
        9..=17 if after.starts_with('年') && zero_first => BORN,
        9..=17 if after.starts_with('年') && is_birth() => SHORT_YEAR,
        9..=17 if digits == 2 && after.starts_with('后') => BORN,
        0..=17 if is_age => CHILD,
        18 if !is_counted && !after.starts_with('年') => OF_AGE,
        _ if is_counted || after.starts_with('年') => OTHER,
        8..=17 => YOUNG,
        19..=80 => GROWN,
        _ => OTHER,
    };
    Some((token, len))
}

fn hotline(number: u32) -> &'static str {
    match number {
        12378 => "12378",
        12363 => "12363",
        12345 => "12345",
        12315 => "12315",
        _ => "315",
    }
}

/// "初二", "高1", "八年级"; not "提高一点" and not "大年初一".
fn chinese_class(chars: &[char], at: usize) -> Option<(&'static str, usize)> {
    let before = at.checked_sub(1).map(|before| chars[before]);
    let after = |n: usize| chars.get(at + n).copied().unwrap_or(' ');
    let is_low = |c: char| "一二三123".contains(c);
    match chars[at] {
        '初' if is_low(after(1))
            && !matches!(before, Some('年' | '月' | '最' | '当'))
            && !matches!(after(2), '始' | '号' | '次') =>
        {
            Some((CLASS, 2))
        }
        '高' if is_low(after(1))
            && !matches!(before, Some('提' | '更' | '再' | '调' | '升' | '新' | '最' | '度' | '太' | '率' | '息' | '较'))
            && !matches!(after(2), '点' | '些' | '倍' | '下' | '万' | '千' | '个' | '档' | '成' | '块' | '百' | '级') =>
        {
            Some((CLASS, 2))
        }
        c if (DIGITS.contains(c) || c.is_ascii_digit()) && after(1) == '年' && after(2) == '级' => Some((CLASS, 3)),
        _ => None,
    }
}

/// A number up to 99 in characters: 十七, 二十三, 零九, 九.
fn han_number(rest: &[char]) -> Option<(u32, usize)> {
    let digit = |at: usize| {
        let c = *rest.get(at)?;
        DIGITS.chars().zip(0_u32..).find(|(d, _)| *d == c).map(|(_, value)| value)
    };
    let ten = |at: usize| rest.get(at) == Some(&'十');
    match (digit(0), ten(0)) {
        (_, true) => Some(digit(1).map_or((10, 1), |ones| (10 + ones, 2))),
        (Some(tens), _) if ten(1) => Some(digit(2).map_or((tens * 10, 2), |ones| (tens * 10 + ones, 3))),
        (Some(tens @ 0..=1), _) if rest.get(2) == Some(&'年') && digit(1).is_some() => Some((tens * 10 + digit(1)?, 2)),
        (Some(ones), _) => Some((ones, 1)),
        _ => None,
    }
}

/// English words with their numbers, ages and classes read; other words are stemmed.
pub fn english(words: &[&str]) -> Vec<String> {
    (0..words.len()).map(|at| english_word(words, at)).collect()
}

fn english_word(words: &[&str], at: usize) -> String {
    let word = words[at];
    let near = |step: isize| at.checked_add_signed(step).and_then(|near| words.get(near)).copied().unwrap_or("");
    let is_class = |word: &str| matches!(word, "grade" | "grader" | "graders");
    if is_class(near(1)) && (ordinal(word).is_some() || is_ordinal_word(word)) {
        return CLASS.to_owned();
    }
    let Some((value, ending)) = english_number(word) else { return stem(word) };
    let is_class = matches!(near(-1), "year" | "yr" | "grade" | "class" | "std" | "y") && (3..=13).contains(&value);
    let is_age = matches!(ending, "yo" | "yr" | "yrs" | "y" | "yro" | "yrold" | "yearold")
        || matches!(near(1), "year" | "years" | "yr" | "yrs" | "y") && matches!(near(2), "old" | "olds" | "of" | "o")
        || matches!(near(1), "yo" | "yrold" | "yro" | "yearold")
        || matches!(near(-1), "age" | "aged");
    let is_counted = || COUNTED_EN.split(' ').any(|counted| counted == near(1));
    let is_birth = || words.iter().any(|word| matches!(*word, "born" | "birth" | "birthday" | "bday" | "dob" | "id"));
    match value {
        12378 | 12363 | 12345 | 12315 | 315 => hotline(value),
        _ if is_class && !is_counted() => CLASS,
        2009..=2022 if is_birth() => BORN,
        1940..=2008 if is_birth() => GROWN,
        0..=17 if is_age => CHILD,
        19..=99 if is_age => GROWN,
        _ if is_counted() => OTHER,
        18 => OF_AGE,
        8..=17 => YOUNG,
        19..=80 => GROWN,
        _ => OTHER,
    }
    .to_owned()
}

/// A number in digits or in words, and what hangs on it ("14yo").
fn english_number(word: &str) -> Option<(u32, &str)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let (number, ending) = word.split_at(digits);
        let is_told = matches!(ending, "" | "yo" | "yr" | "yrs" | "y" | "yro" | "f" | "m" | "yrold" | "yearold");
        return is_told.then(|| (number.parse().unwrap_or(u32::MAX), ending));
    }
    let value = match word {
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" | "twelf" => 12,
        "eighteen" | "eightteen" => 18,
        "nineteen" | "ninteen" => 19,
        "twenty" => 20,
        "sixten" | "seventen" => 17,
        // Thirteen to seventeen, however they are spelled.
        _ if word.len() > 6 && word.ends_with("teen") && word.starts_with(['t', 'f', 's']) => 17,
        _ => return None,
    };
    Some((value, ""))
}

fn ordinal(word: &str) -> Option<u32> {
    ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)?.parse().ok()).filter(|n| (1..=12).contains(n))
}

fn is_ordinal_word(word: &str) -> bool {
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
        .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_chinese(text: &str) -> Option<&'static str> {
        let chars: Vec<char> = text.chars().collect();
        (0..chars.len()).find_map(|at| chinese(&chars, at)).map(|(token, _)| token)
    }

    #[test]
    fn chinese_ages_are_told_from_counts_and_years() {
        let cases = [
            ("我15岁", Some(CHILD)),
            ("娃九岁", Some(CHILD)),
            ("我十七了", Some(YOUNG)),
            ("我16", Some(YOUNG)),
            ("没满十八", Some(OF_AGE)),
            ("我二十三岁", Some(GROWN)),
            ("分16期", Some(OTHER)),
            ("17号扣", Some(OTHER)),
            ("我读八年级", Some(CLASS)),
            ("上初二", Some(CLASS)),
            ("我是2011年的", Some(BORN)),
            ("09年的", Some(BORN)),
            ("一三年的", Some(SHORT_YEAR)),
            ("2015年借的", Some(OTHER)),
            ("额度提高一点", None),
            ("大年初一", None),
            ("我有一个问题", None),
        ];
        for (text, want) in cases {
            assert_eq!(read_chinese(text), want, "{text}");
        }
    }

    #[test]
    fn english_ages_are_told_from_counts_and_classes() {
        let cases = [
            ("my 14yo", CHILD),
            ("a 15 year old", CHILD),
            ("aged nine", CHILD),
            ("im fiveteen", YOUNG),
            ("im 16", YOUNG),
            ("you threaten me", "threaten"),
            ("not 18", OF_AGE),
            ("in year nine", CLASS),
            ("1 year 9 months", OTHER),
            ("in 8th grade", CLASS),
            ("over 16 payments", OTHER),
            ("born 2011", BORN),
            ("since 2011", OTHER),
        ];
        for (text, want) in cases {
            let read = english(&text.split(' ').collect::<Vec<_>>());
            assert!(read.iter().any(|token| token == want), "{text}: {read:?}, not {want}");
        }
    }
}
