//! Values written in many ways by renderers of their own arithmetic, and read again: what is read is what was written, or
//! where it may be more than one thing, nothing.

use super::entities;
use jieti_domain::masked::Masked;
use jieti_domain::money::{BasisPoints, Fen};
use jieti_domain::understanding::EntityValue::{self, *};
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

/// A Sunday.
const TODAY: Date = date(2026, 11, 22);
const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

fn on(text: &str, today: Date) -> Vec<EntityValue> {
    entities(text, today).into_iter().map(|e| e.value).collect()
}

fn sums(text: &str) -> Vec<i64> {
    let sum = |value| match value {
        Money(fen) => Some(fen.0),
        _ => None,
    };
    on(text, TODAY).into_iter().filter_map(sum).collect()
}

fn digit(n: i64) -> &'static str {
    DIGITS[usize::try_from(n).expect("0..=9")]
}

/// 1–9,999 as it is said.
fn under_ten_thousand(n: i64) -> String {
    let [thousands, hundreds, tens, ones] = [n / 1_000, n / 100 % 10, n / 10 % 10, n % 10];
    let mut out = String::new();
    if thousands > 0 {
        out += &format!("{}千", if thousands == 2 { "两" } else { digit(thousands) });
    }
    match (hundreds, thousands > 0 && tens + ones > 0) {
        (0, true) => out += "零",
        (0, false) => {}
        (_, _) => out += &format!("{}百", digit(hundreds)),
    }
    match (tens, ones, hundreds > 0) {
        (0, 0, _) => {}
        (0, _, true) => out += &format!("零{}", digit(ones)),
        (0, _, false) => out += digit(ones),
        (1, 0, _) if n < 20 => out += "十",
        (1, _, _) if n < 20 => out += &format!("十{}", digit(ones)),
        (_, 0, _) => out += &format!("{}十", digit(tens)),
        (_, _, _) => out += &format!("{}十{}", digit(tens), digit(ones)),
    }
    out
}

/// 1 and more as it is said, 亿 and 万 and the rest, a zero wherever a place is passed over.
fn said(n: i64) -> String {
    let parts = [(n / 100_000_000, "亿"), (n / 10_000 % 10_000, "万"), (n % 10_000, "")];
    let mut out = String::new();
    let mut passed = false;
    for (value, unit) in parts {
        if value == 0 {
            passed = true;
            continue;
        }
        if !out.is_empty() && (passed || value < 1_000) {
            out += "零";
        }
        passed = false;
        out += &under_ten_thousand(value);
        out += unit;
    }
    out
}

/// Thousands parted by commas.
fn grouped(n: i64) -> String {
    if n < 1_000 { n.to_string() } else { format!("{},{:03}", grouped(n / 1_000), n % 1_000) }
}

/// 1,234.5 in digits, full width.
fn wide(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).expect("full width") } else { c })
        .collect()
}

fn english(n: i64) -> String {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let index = |n: i64| usize::try_from(n).expect("small");
    let rest =
        |n: i64, unit: i64, joint: &str| if n % unit == 0 { String::new() } else { format!("{joint}{}", english(n % unit)) };
    match n {
        0..=19 => SMALL[index(n)].to_owned(),
        20..=99 => format!("{}{}", TENS[index(n / 10)], rest(n, 10, "-")),
        100..=999 => format!("{} hundred{}", english(n / 100), rest(n, 100, " and ")),
        1_000..=999_999 => format!("{} thousand{}", english(n / 1_000), rest(n, 1_000, " ")),
        _ => format!("{} million{}", english(n / 1_000_000), rest(n, 1_000_000, " ")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    #[test]
    fn a_whole_sum_is_read_in_every_writing(yuan in prop_oneof![1_i64..10_000, 1_i64..10_000_000, 1_i64..10_000_000_000]) {
        let want = vec![yuan * 100];
        for unit in ["元", "块", "块钱", " 元", "人民币", "yuan", " rmb"] {
            for number in [yuan.to_string(), grouped(yuan), wide(&yuan.to_string()), wide(&grouped(yuan)), said(yuan)] {
                let text = format!("我要还{number}{unit}");
                prop_assert_eq!(sums(&text), want.clone(), "{}", text);
            }
        }
        for text in [format!("¥{yuan}"), format!("￥{}", grouped(yuan)), format!("RMB {yuan}"), format!("先还¥{yuan}。明天再说")] {
            prop_assert_eq!(sums(&text), want.clone(), "{}", text);
        }
    }

    #[test]
    fn a_sum_with_fen_is_read_in_every_writing(yuan in 0_i64..1_000_000, jiao in 0_i64..10, fen in 0_i64..10) {
        let want = yuan * 100 + jiao * 10 + fen;
        let mut texts = vec![format!("还{yuan}.{jiao}{fen}元"), format!("还{}.{jiao}{fen} yuan", grouped(yuan)), format!("¥{yuan}.{jiao}{fen}")];
        for unit in ["元", "块"] {
            if yuan > 0 && jiao > 0 && fen > 0 {
                texts.push(format!("{yuan}{unit}{jiao}角{fen}分"));
                texts.push(format!("{}{unit}{}毛{}分钱", said(yuan), digit(jiao), digit(fen)));
            }
            if yuan > 0 && jiao > 0 && fen == 0 {
                texts.push(format!("{yuan}{unit}{jiao}毛"));
                texts.push(format!("{}{unit}{}角", said(yuan), digit(jiao)));
            }
            if yuan > 0 && jiao == 0 && fen > 0 {
                texts.push(format!("{}{unit}零{}分", said(yuan), digit(fen)));
            }
        }
        if yuan > 0 && jiao > 0 && fen == 0 {
            texts.push(format!("{}块{}", said(yuan), digit(jiao)));
            texts.push(format!("{yuan}块{jiao}"));
        }
        if yuan == 0 && jiao > 0 {
            texts.push(if fen == 0 { format!("{jiao}毛") } else { format!("{}毛{}分", digit(jiao), digit(fen)) });
        }
        for text in texts {
            prop_assert_eq!(sums(&text), vec![want], "{}", text);
        }
    }

    /// 三千五, 一万二, 两百五, 3千5, 1万2, 2w5: the last digit counts the next place down.
    #[test]
    fn a_half_form_is_the_next_place_down(count in 1_i64..10, rest in 1_i64..10, place in 2_u32..5) {
        let unit = ["百", "千", "万"][place as usize - 2];
        let want = vec![(count * 10_i64.pow(place) + rest * 10_i64.pow(place - 1)) * 100];
        let mut texts = vec![format!("{}{unit}{}", digit(count), digit(rest)), format!("借{count}{unit}{rest}"), format!("{count}{unit}{rest}元")];
        if count == 2 {
            texts.push(format!("两{unit}{}", digit(rest)));
        }
        if place == 4 {
            texts.push(format!("{count}w{rest}"));
            texts.push(format!("{count}.{rest}w"));
            texts.push(format!("{count}.{rest}万"));
            texts.push(format!("{}点{}万", digit(count), digit(rest)));
        }
        if place == 3 {
            texts.push(format!("{count}.{rest}k"));
            texts.push(format!("{count}k{rest}"));
        }
        for text in texts {
            prop_assert_eq!(sums(&text), want.clone(), "{}", text);
        }
        // With a zero spoken it is the ones.
        let ones = vec![(count * 10_i64.pow(place) + rest) * 100];
        for text in [format!("{}{unit}零{}", digit(count), digit(rest)), format!("{count}{unit}零{rest}元")] {
            prop_assert_eq!(sums(&text), ones.clone(), "{}", text);
        }
    }

    #[test]
    fn ten_thousands_are_read_in_every_writing(count in 1_i64..10_000, rest in 1_i64..10_000) {
        for text in [format!("{count}万"), format!("{count}w"), format!("{count} 万元"), format!("{count}W块"), format!("{}万元", said(count))] {
            prop_assert_eq!(sums(&text), vec![count * 1_000_000], "{}", text);
        }
        let text = format!("{count}万{rest:04}元");
        if rest >= 1_000 {
            prop_assert_eq!(sums(&text), vec![(count * 10_000 + rest) * 100], "{}", text);
        }
        let text = format!("{count}千");
        prop_assert_eq!(sums(&text), vec![count * 100_000], "{}", text);
    }

    #[test]
    fn a_sum_in_english_words_is_read(yuan in prop_oneof![1_i64..1_000, 1_i64..1_000_000, 1_i64..100_000_000]) {
        let text = format!("I want to pay {} yuan", english(yuan));
        prop_assert_eq!(sums(&text), vec![yuan * 100], "{}", text);
    }

    /// The other way: whatever sum is read, rendered and read again, is the same.
    #[test]
    fn what_is_read_is_what_its_rendering_is_read_as(text in "[0-9一二两三五九十百千万亿零点.,，元块毛角分wk ]{1,12}") {
        // Eleven digits may be a mobile number, whatever stands behind them.
        for fen in sums(&text).into_iter().filter(|fen| *fen < 1_000_000_000_000) {
            prop_assert!(fen >= 0);
            prop_assert_eq!(sums(&format!("{}元", Fen(fen))), vec![fen], "{}", text);
            if fen >= 100 && fen % 100 == 0 {
                prop_assert_eq!(sums(&format!("{}元", said(fen / 100))), vec![fen], "{}", text);
            }
        }
    }

    /// What is about so many, a range, or finer than a fen is no sum.
    #[test]
    fn what_may_be_two_sums_is_none(a in 1_i64..9, place in 0_usize..3, yuan in 1_i64..100_000, thousandth in 1_i64..10) {
        let unit = ["百", "千", "万"][place];
        let b = a + 1;
        let (a, b) = (digit(a), digit(b));
        for text in [
            format!("{a}{b}{unit}块"), format!("{a}{unit}多块"), format!("{a}{unit}多"), format!("{a}十几块"), format!("{a}{unit}来块"),
            format!("{a}到{b}{unit}块"), format!("{a}{unit}到{b}{unit}"), format!("{yuan}-{}元", yuan + 500), format!("{yuan}~{}块", yuan * 2),
            format!("{yuan}多块"), format!("{yuan}.00{thousandth}元"), format!("{yuan}.12345{thousandth}元"), format!("1.{yuan}.{thousandth}元"),
            format!("几{unit}块"), format!("{a}{unit}{b}{unit}块"),
        ] {
            prop_assert_eq!(sums(&text), Vec::<i64>::new(), "{}", text);
        }
    }

    /// 借1万12期: the term is no part of the sum.
    #[test]
    fn a_sum_and_a_term_side_by_side_are_two_values(count in 1_i64..10, months in 1_i64..37, place in 0_usize..3) {
        let (unit, worth) = [("百", 10_000), ("千", 100_000), ("万", 1_000_000)][place];
        let want = vec![Money(Fen(count * worth)), Term(months)];
        let mut texts = vec![format!("借{count}{unit}{months}期"), format!("{count}{unit}分{months}期"), format!("借{count}{unit}元{months}个月"), format!("{}{unit}块{}期", digit(count), said(months)), format!("{}{unit}分{}期", digit(count), said(months))];
        if months < 10 {
            texts.push(format!("借{}{unit}{}期", digit(count), digit(months)));
        }
        if place == 2 {
            texts.push(format!("{count}w{months}期"));
        }
        for text in texts {
            prop_assert_eq!(on(&text, TODAY), want.clone(), "{}", text);
        }
    }

    #[test]
    fn terms_and_days_are_read_in_every_writing(n in 1_i64..61, years in 1_i64..6, more in 1_i64..12) {
        for text in [format!("分{n}期"), format!("{n}个月"), format!("{}期", said(n)), format!("{}个月", said(n)), format!("{n} months"), format!("{n} instalments"), wide(&n.to_string()) + "期"] {
            prop_assert_eq!(on(&text, TODAY), vec![Term(n)], "{}", text);
        }
        for (text, months) in [
            (format!("{years}年"), years * 12), (format!("{}年期", said(years)), years * 12), (format!("{years} years"), years * 12),
            (format!("{years}年半"), years * 12 + 6), (format!("{years}年{more}个月"), years * 12 + more), (format!("{}年零{}个月", said(years), said(more)), years * 12 + more),
            (format!("{years} years and {more} months"), years * 12 + more),
        ] {
            prop_assert_eq!(on(&text, TODAY), vec![Term(months)], "{}", text);
        }
        for (text, days) in [(format!("{n}天"), n), (format!("延{}天", said(n)), n), (format!("{n} days"), n), (format!("{n}个工作日"), n), (format!("{n}周"), n * 7), (format!("{n} weeks"), n * 7)] {
            prop_assert_eq!(on(&text, TODAY), vec![Days(days)], "{}", text);
        }
        for text in ["两三天", "三五天内", "五六个月", "十几天", "二十多天", "20多天"] {
            prop_assert_eq!(on(text, TODAY), vec![], "{}", text);
        }
    }

    #[test]
    fn rates_are_read_in_every_writing(points in 1_i64..10_000) {
        let want = vec![Rate(BasisPoints(points))];
        let (whole, part) = (points / 100, points % 100);
        for text in [format!("{whole}.{part:02}%"), format!("{whole}.{part:02} %"), format!("{whole}.{part:02}％"), format!("年化{whole}.{part:02}"), format!("{whole}.{part:02} percent"), format!("百分之{whole}.{part:02}"), format!("{points} bps"), format!("{}.{}‰", points / 10, points % 10), format!("万分之{points}")] {
            prop_assert_eq!(on(&text, TODAY), want.clone(), "{}", text);
        }
        if part == 0 {
            for text in [format!("{whole}%"), format!("百分之{}", said(whole)), format!("{}个点", said(whole)), format!("{}分利", said(whole)), format!("月息{whole}分")] {
                prop_assert_eq!(on(&text, TODAY), want.clone(), "{}", text);
            }
        }
        if points % 10 == 0 {
            for text in [format!("千分之{}", said(points / 10)), format!("月息{}厘", points / 10)] {
                prop_assert_eq!(on(&text, TODAY), want.clone(), "{}", text);
            }
        }
        // Half a basis point is no rate that could be kept, and no sum either.
        for text in [format!("{whole}.{part:02}5%"), format!("{points}.5 bps"), format!("{whole}.{part:02}5‰")] {
            prop_assert_eq!(on(&text, TODAY), vec![], "{}", text);
        }
    }

    #[test]
    fn an_absolute_day_is_read_in_every_writing(y in 2020_i16..2035, day_of_year in 0_i32..366, ahead in -400_i32..400) {
        let day = plus(date(y, 1, 1), day_of_year);
        let today = plus(day, ahead);
        let (y, m, d) = (i64::from(day.year()), i64::from(day.month()), i64::from(day.day()));
        let spelt: String = y.to_string().chars().map(|c| digit(i64::from(c.to_digit(10).expect("a digit")))).collect();
        let month = day.strftime("%B").to_string();
        for text in [
            day.to_string(), format!("{y}/{m}/{d}"), format!("{y}.{m:02}.{d:02}"), format!("{y}年{m}月{d}日"), format!("{y}年{m}月{d}号"), format!("{y} 年 {m} 月 {d} 日"),
            format!("{spelt}年{}月{}日", said(m), said(d)), format!("{}年{m}月{d}日", y % 100), format!("{month} {d}, {y}"), format!("{d} {month} {y}"), wide(&format!("{y}-{m:02}-{d:02}")),
        ] {
            prop_assert_eq!(on(&text, today), vec![Date(day)], "{}", text);
        }
        let away = y - i64::from(today.year());
        if let Some(name) = ["去年", "今年", "明年", "后年"].get(usize::try_from(away + 1).unwrap_or(9)) {
            let text = format!("{name}{m}月{d}日");
            prop_assert_eq!(on(&text, today), vec![Date(day)], "{}", text);
        }
    }

    #[test]
    fn a_relative_day_is_read_on_any_day(start in 0_i32..5_000, n in 1_i32..60) {
        let today = plus(date(2019, 12, 25), start);
        for (text, days) in [
            ("今天".to_owned(), 0), ("明天".to_owned(), 1), ("后天".to_owned(), 2), ("大后天".to_owned(), 3), ("大大后天".to_owned(), 4), ("昨天".to_owned(), -1), ("前天".to_owned(), -2), ("大前天".to_owned(), -3),
            (format!("{n}天后"), n), (format!("{}天之后", said(n.into())), n), (format!("{n}天前"), -n), (format!("in {n} days"), n), (format!("{n} days ago"), -n), (format!("{n}周后"), n * 7),
            ("tomorrow".to_owned(), 1), ("yesterday".to_owned(), -1), ("day after tomorrow".to_owned(), 2),
        ] {
            prop_assert_eq!(on(&text, today), vec![Date(plus(today, days))], "{} on {}", text, today);
        }
    }

    /// Month arithmetic done here over a count of months, lengths by the leap year rule.
    #[test]
    fn a_relative_month_is_read_on_any_day(start in 0_i32..5_000, back in 0_usize..4, forward in 0_usize..4, d in 1_i64..32) {
        let today = plus(date(2019, 12, 25), start);
        let away = |months: i64| {
            let count = i64::from(today.year()) * 12 + i64::from(today.month()) - 1 + months;
            let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, length)
        };
        let make = |(year, month, _): (i64, i64, i64), day: i64| {
            date(i16::try_from(year).expect("near"), i8::try_from(month).expect("1..=12"), i8::try_from(day).expect("1..=31"))
        };
        let mut names = vec![("这个月".to_owned(), 0), ("本月".to_owned(), 0)];
        if back > 0 {
            names.extend([(format!("{}个月", "上".repeat(back)), -(back as i64)), (format!("{}月", "上".repeat(back)), -(back as i64))]);
        }
        if forward > 0 {
            names.extend([(format!("{}个月", "下".repeat(forward)), forward as i64), (format!("查一下{}个月", "下".repeat(forward)), forward as i64)]);
        }
        for (name, months) in names {
            let (year, month, length) = away(months);
            prop_assert_eq!(on(&name, today), vec![Month(make((year, month, length), 1))], "{} on {}", name, today);
            for end in ["底", "月底"] {
                let text = format!("{name}{end}");
                prop_assert_eq!(on(&text, today), vec![Date(make((year, month, length), length))], "{} on {}", text, today);
            }
            let found = on(&format!("{name}{d}号"), today);
            if d <= length {
                prop_assert_eq!(found, vec![Date(make((year, month, length), d))], "{}{} on {}", name, d, today);
            } else {
                prop_assert!(!found.iter().any(|v| matches!(v, Date(_))), "{}{} on {}: {:?}", name, d, today, found);
            }
        }
        let (year, month, length) = away(0);
        for text in ["月底", "马上月底了", "查一下月底", "end of the month"] {
            prop_assert_eq!(on(text, today), vec![Date(make((year, month, length), length))], "{} on {}", text, today);
        }
        // A bare day is the coming one, in the first month that has it.
        let coming = (0..4).map(away).find(|(y, m, length)| d <= *length && make((*y, *m, *length), d) >= today).expect("within a quarter");
        for text in [format!("{d}号"), format!("{}号还", said(d))] {
            prop_assert_eq!(on(&text, today), vec![Date(make(coming, d))], "{} on {}", text, today);
        }
    }

    #[test]
    fn a_weekday_is_read_on_any_day(start in 0_i32..5_000, index in 0_usize..7) {
        let today = plus(date(2019, 12, 25), start);
        let names = ["一", "二", "三", "四", "五", "六", "日"];
        let english = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        // Day by day from here, without division.
        let in_week_of = |from: Date| {
            let mut monday = from;
            while monday.weekday() != Weekday::Monday {
                monday = plus(monday, -1);
            }
            plus(monday, index as i32)
        };
        let mut coming = today;
        while coming.weekday() != in_week_of(today).weekday() {
            coming = plus(coming, 1);
        }
        let past = plus(coming, -7);
        for week in ["周", "星期", "礼拜"] {
            for (before, day) in [
                ("", coming), ("这", in_week_of(today)), ("这个", in_week_of(today)), ("下", in_week_of(plus(today, 7))), ("下个", in_week_of(plus(today, 7))),
                ("下下", in_week_of(plus(today, 14))), ("上", in_week_of(plus(today, -7))), ("上上", in_week_of(plus(today, -14))), ("上上个", in_week_of(plus(today, -14))), ("查一下", coming),
            ] {
                let text = format!("{before}{week}{}", names[index]);
                prop_assert_eq!(on(&text, today), vec![Date(day)], "{} on {}", text, today);
            }
        }
        for (before, day) in [("", coming), ("on ", coming), ("this ", in_week_of(today)), ("next ", in_week_of(plus(today, 7))), ("last ", past)] {
            let text = format!("{before}{}", english[index]);
            prop_assert_eq!(on(&text, today), vec![Date(day)], "{} on {}", text, today);
        }
    }

    #[test]
    fn personal_numbers_are_read_with_what_they_are(mobile in "1[3-9][0-9]{9}", id in "[1-8][0-9]{16}", card in "[3-6][0-9]{15}") {
        let luhn = |body: &str| {
            let sum: u32 = body.chars().rev().enumerate().map(|(i, c)| {
                let d = c.to_digit(10).expect("a digit");
                if i % 2 == 0 { [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][d as usize] } else { d }
            }).sum();
            format!("{body}{}", (10 - sum % 10) % 10)
        };
        let check = |body: &str| {
            let sum = body.chars().fold(0, |sum, c| (sum + c.to_digit(10).expect("a digit")) * 2 % 11);
            format!("{body}{}", &"10X98765432"[sum as usize..=sum as usize])
        };
        let (id, card) = (check(&id), luhn(&card));
        let spaced = |text: &str, sizes: &[usize]| {
            let mut at = 0;
            sizes.iter().map(|size| { let part = &text[at..(at + size).min(text.len())]; at += size; part }).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
        };
        for (text, want) in [
            (format!("手机{mobile}"), Phone(Masked::new(&*mobile))), (format!("电话 {}", spaced(&mobile, &[3, 4, 4])), Phone(Masked::new(&*mobile))), (format!("+86-{mobile}"), Phone(Masked::new(&*mobile))), (wide(&mobile), Phone(Masked::new(&*mobile))),
            (format!("身份证{id}"), IdNumber(Masked::new(&*id))), (id.to_lowercase(), IdNumber(Masked::new(&*id))), (spaced(&id, &[6, 8, 4]), IdNumber(Masked::new(&*id))),
            (format!("卡号 {card}"), CardNumber(Masked::new(&*card))), (spaced(&card, &[4; 5]), CardNumber(Masked::new(&*card))),
        ] {
            prop_assert_eq!(on(&text, TODAY), vec![want], "{}", text);
        }
        // One digit off, it is none of them.
        let last = card.chars().last().and_then(|c| c.to_digit(10)).expect("a digit");
        let off = format!("{}{}", &card[..card.len() - 1], (last + 1) % 10);
        prop_assert!(!on(&off, TODAY).iter().any(|v| matches!(v, CardNumber(_))));
    }
}

fn plus(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).expect("near")
}

#[test]
fn words_that_only_look_like_values_are_none() {
    let sum = |yuan: i64| vec![Money(Fen(yuan * 100))];
    for (text, want) in [
        ("看一下月账单", vec![]),
        ("晚上月亮", vec![]),
        ("每周500元", sum(500)),
        ("周五百分之百", vec![]),
        ("100、200元", vec![Number(100), Money(Fen(20_000))]),
        ("还了500。300元没还", vec![Number(500), Money(Fen(30_000))]),
        ("100美元", vec![]),
        ("1,23元", vec![Number(1)]),
        ("3千分12期", vec![Money(Fen(300_000)), Term(12)]),
        ("3000多少利息", vec![Number(3_000)]),
        ("一亿二千万", sum(120_000_000)),
        ("一百十五元", sum(115)),
        ("5百零5元", sum(505)),
        ("one million two thousand yuan", sum(1_002_000)),
        ("1000元3分期", vec![Money(Fen(100_000)), Number(3)]),
        ("利息一分五", vec![Rate(BasisPoints(150))]),
        ("年息8厘", vec![Rate(BasisPoints(800))]),
        ("5厘米", vec![Number(5)]),
        ("26年底", vec![Number(26)]),
        ("3 thousand 5 hundred yuan", sum(3_500)),
        ("3 thousand and 50 yuan", sum(3_050)),
        ("3 thousand 12 months", vec![Money(Fen(300_000)), Term(12)]),
        ("two or three hundred yuan", vec![]),
        ("between 300 and 500 yuan", vec![Number(300)]),
        ("300 to 500 yuan", vec![Number(300)]),
        ("I sent 500 yuan to 13800138000", vec![Money(Fen(50_000)), Phone(Masked::new("13800138000"))]),
        ("I want to pay 500 yuan", sum(500)),
    ] {
        assert_eq!(on(text, TODAY), want, "{text}");
    }
}
