//! Tables of what customers write, and both ways between values and their writing.

use super::entities;
use jieti_domain::money::{BasisPoints, Fen};
use jieti_domain::understanding::EntityValue::{self, *};
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// A Sunday.
const TODAY: Date = date(2026, 11, 22);

fn values(text: &str) -> Vec<EntityValue> {
    entities(text, TODAY).into_iter().map(|e| e.value).collect()
}

fn check(lines: &[(&str, Vec<EntityValue>)]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter(|(text, want)| values(text) != *want)
        .map(|(text, want)| format!("{text}: {:?}, not {want:?}", values(text)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn sums_are_read_however_they_are_written() {
    let yuan = |yuan: i64| vec![Money(Fen(yuan * 100))];
    check(&[
        ("三千五", yuan(3_500)),
        ("2w", yuan(20_000)),
        ("一万二", yuan(12_000)),
        ("1,200.5元", vec![Money(Fen(120_050))]),
        ("3k", yuan(3_000)),
        ("两百块", yuan(200)),
        ("3千", yuan(3_000)),
        ("3千5", yuan(3_500)),
        ("1万2千", yuan(12_000)),
        ("2万3500", yuan(23_500)),
        ("一百二十万元", yuan(1_200_000)),
        ("三千零五元", yuan(3_005)),
        ("１２００元", yuan(1_200)),
        ("我想借5000块钱", yuan(5_000)),
        ("¥1,200", yuan(1_200)),
        ("一点五万", yuan(15_000)),
        ("1.5万", yuan(15_000)),
        ("三块五", vec![Money(Fen(350))]),
        ("12块5毛", vec![Money(Fen(1_250))]),
        ("5毛", vec![Money(Fen(50))]),
        ("500 yuan", yuan(500)),
        ("three thousand five hundred yuan", yuan(3_500)),
        ("rmb 500", yuan(500)),
        ("还1,200.50", vec![Money(Fen(120_050))]),
        ("万一还不上", vec![]),
        ("看一下", vec![]),
        ("第三方", vec![Ordinal(3)]),
    ]);
}

#[test]
fn a_sum_in_other_money_is_none() {
    for text in [
        "$30",
        "pay $1,200.50 now",
        "HK$ 3k",
        "US$500",
        "usd 500",
        "500 dollars",
        "30 bucks",
        "500美元",
        "五百美金",
        "2万港币",
        "500€",
    ] {
        assert_eq!(values(text), vec![], "{text}");
    }
    check(&[("换500美元要3500元", vec![Money(Fen(350_000))])]);
}

#[test]
fn days_and_months_are_read_against_today() {
    let on = |y, m, d| vec![Date(date(y, m, d))];
    let month = |y, m| vec![Month(date(y, m, 1))];
    check(&[
        ("今天", on(2026, 11, 22)),
        ("明天还", on(2026, 11, 23)),
        ("大后天", on(2026, 11, 25)),
        ("下个月5号", on(2026, 12, 5)),
        ("月底", on(2026, 11, 30)),
        ("下个月底", on(2026, 12, 31)),
        ("下周一", on(2026, 11, 23)),
        ("周五", on(2026, 11, 27)),
        ("12月5日", on(2026, 12, 5)),
        ("1月5号", on(2027, 1, 5)),
        ("5号", on(2026, 12, 5)),
        ("25号", on(2026, 11, 25)),
        ("十五号", on(2026, 12, 15)),
        ("2026-12-05", on(2026, 12, 5)),
        ("2026年12月5日", on(2026, 12, 5)),
        ("明年3月1日", on(2027, 3, 1)),
        ("3天后", on(2026, 11, 25)),
        ("next Friday", on(2026, 11, 27)),
        ("tomorrow", on(2026, 11, 23)),
        ("on the 5th", on(2026, 12, 5)),
        ("December 5", on(2026, 12, 5)),
        ("5th of next month", on(2026, 12, 5)),
        ("in 3 days", on(2026, 11, 25)),
        ("end of the month", on(2026, 11, 30)),
        ("这个月", month(2026, 11)),
        ("下个月", month(2026, 12)),
        ("上个月", month(2026, 10)),
        ("12月", month(2026, 12)),
        ("next month", month(2026, 12)),
        ("2月30日", vec![Month(date(2027, 2, 1)), Number(30)]),
    ]);
}

#[test]
fn terms_days_rates_positions_and_numbers_are_told_apart() {
    check(&[
        ("12期", vec![Term(12)]),
        ("分6期", vec![Term(6)]),
        ("一年", vec![Term(12)]),
        ("半年", vec![Term(6)]),
        ("十二个月", vec![Term(12)]),
        ("12 months", vec![Term(12)]),
        ("延期7天", vec![Days(7)]),
        ("半个月", vec![Days(15)]),
        ("一周", vec![Days(7)]),
        ("two weeks", vec![Days(14)]),
        ("7.2%", vec![Rate(BasisPoints(720))]),
        ("年化7.2", vec![Rate(BasisPoints(720))]),
        ("千分之五", vec![Rate(BasisPoints(50))]),
        ("百分之二十四", vec![Rate(BasisPoints(2_400))]),
        ("日息万五", vec![Rate(BasisPoints(5))]),
        ("第二个", vec![Ordinal(2)]),
        ("the second one", vec![Ordinal(2)]),
        ("the 2nd one", vec![Ordinal(2)]),
        ("3", vec![Number(3)]),
        ("三", vec![Number(3)]),
        ("5000", vec![Number(5_000)]),
        ("借5000分12期", vec![Number(5_000), Term(12)]),
    ]);
}

#[test]
fn personal_numbers_and_codes_come_masked_with_their_offsets() {
    let text = "我手机１３８ 0013 8000，验证码 482913，卡4111111111111111";
    let found = entities(text, TODAY);
    let kinds: Vec<String> = found.iter().map(|e| format!("{:?}", e.value)).collect();
    assert_eq!(kinds, ["Phone(138****8000)", "Code(******)", "CardNumber(411*********1111)"]);
    let part = |i: usize| text.chars().skip(found[i].start).take(found[i].end - found[i].start).collect::<String>();
    assert_eq!(part(0), "１３８ 0013 8000");
    assert_eq!(part(1), "482913");
    assert_eq!(values("11010519491231002X").len(), 1);
}

/// 0–99,999,999 in Chinese numerals, zeros spoken.
fn chinese_numeral(n: i64) -> String {
    fn section(n: i64) -> String {
        let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let mut out = String::new();
        let mut zero = false;
        for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = n / unit % 10;
            if digit == 0 {
                zero = !out.is_empty();
                continue;
            }
            if zero {
                out.push('零');
                zero = false;
            }
            out.push_str(digits[usize::try_from(digit).expect("0..=9")]);
            out.push_str(name);
        }
        out
    }
    let (high, low) = (n / 10_000, n % 10_000);
    match (high, low) {
        (0, low) => section(low),
        (high, 0) => format!("{}万", section(high)),
        (high, low) if low < 1_000 => format!("{}万零{}", section(high), section(low)),
        (high, low) => format!("{}万{}", section(high), section(low)),
    }
}

proptest! {
    #[test]
    fn a_sum_printed_is_the_sum_read(fen in 1_i64..1_000_000_000_000) {
        prop_assert_eq!(values(&format!("还{}元", Fen(fen))), vec![Money(Fen(fen))]);
        prop_assert_eq!(values(&format!("{} yuan", Fen(fen))), vec![Money(Fen(fen))]);
    }

    #[test]
    fn a_sum_in_chinese_numerals_is_the_sum_read(yuan in 1_i64..99_999_999) {
        let text = format!("{}元", chinese_numeral(yuan));
        prop_assert_eq!(values(&text), vec![Money(Fen(yuan * 100))], "{}", text);
    }

    #[test]
    fn a_date_printed_is_the_date_read(days in -3_000_i32..3_000) {
        let day = TODAY.checked_add(jiff::Span::new().days(days)).expect("near today");
        prop_assert_eq!(values(&day.to_string()), vec![Date(day)]);
        prop_assert_eq!(values(&format!("{}年{}月{}日", day.year(), day.month(), day.day())), vec![Date(day)]);
        prop_assert_eq!(values(&day.strftime("%B %d, %Y").to_string()), vec![Date(day)]);
    }

    #[test]
    fn a_day_within_half_a_year_needs_no_year(days in -170_i32..170) {
        let day = TODAY.checked_add(jiff::Span::new().days(days)).expect("near today");
        prop_assert_eq!(values(&format!("{}月{}号", day.month(), day.day())), vec![Date(day)]);
    }

    #[test]
    fn any_text_is_read_without_panic_and_in_order(text in any::<String>()) {
        let found = entities(&text, TODAY);
        let length = text.chars().count();
        let mut at = 0;
        for entity in found {
            prop_assert!(at <= entity.start && entity.start < entity.end && entity.end <= length);
            at = entity.end;
        }
    }

    #[test]
    fn text_of_numerals_and_units_is_read_without_panic(text in "[0-9一二两三十百千万亿零点.,元块月日号年期天周%第 /-]{0,40}") {
        entities(&text, TODAY);
    }
}
