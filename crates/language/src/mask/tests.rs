//! Personal numbers in every surroundings that a customer or an attacker may give them.

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

#[test]
fn a_number_that_is_taken_for_part_of_another_does_not_survive() {
    // 4111 1111 1111 138 passes Luhn, and what it leaves of the mobile number is covered with it.
    let mut tried = 0;
    for card in 0..200 {
        let text = format!("4111 1111 1{card:03} 138 0013 8000");
        let masked = mask_personal(&text);
        assert!(!squeezed(&masked).contains("13800138000"), "{text}: {masked}");
        tried += usize::from(is_card_number(&squeezed(&text)[..15]));
    }
    assert!(tried >= 10, "{tried}");
    assert_eq!(kinds("13800138000 482913 13900139000 482914"), [PersonalKind::Mobile, PersonalKind::Mobile]);
}

#[test]
fn what_a_character_folds_to_beside_a_number_stays() {
    for (text, want) in [
        ("1380013800⒏4", "138****8008.4"),
        ("㎡221000000000009", "m222*********0009"),
        ("5¼111111111111111", "51⁄411*********1111"),
        ("1\u{301}38\u{200b}00138000\u{301}", "138****8000\u{301}"),
    ] {
        let once = mask_personal(text);
        assert_eq!(once, want, "{text}");
        assert_eq!(mask_personal(&once), once, "{text}");
    }
}

#[test]
fn a_cue_is_as_near_after_masking_as_before() {
    for between in ["", "13800138000，", "1 3 8 0 0 1 3 8 0 0 0，", "11010519491231002X，", "是的，我说的就是这个号码，"]
    {
        let once = mask_personal(&format!("银行卡{between}6222021234567890124"));
        assert!(!once.contains("6222021234567890124"), "{once}");
        assert_eq!(mask_personal(&once), once);
    }
    let far = "卡的事情我已经说过很多遍了你们都不理我，订单6222021234567890124";
    assert_eq!(mask_personal(far), far);
}

fn kinds(text: &str) -> Vec<PersonalKind> {
    personal_numbers(&Folded::new(text, usize::MAX).chars).into_iter().map(|n| n.kind).collect()
}

/// Folded, without separators: what somebody who looks for a number would search.
fn squeezed(text: &str) -> String {
    Folded::new(text, usize::MAX).chars.into_iter().filter(|c| !is_separator(*c)).collect()
}

/// The check character, worked out here anew: the product of weights 2^(17−i) mod 11 (ISO 7064), Luhn for cards.
fn with_check(kind: PersonalKind, body: &str) -> String {
    let digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(10)).collect();
    match kind {
        PersonalKind::Identity => {
            let sum = digits.iter().fold(0, |sum, d| (sum + d) * 2 % 11);
            format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
        }
        PersonalKind::Card => {
            let sum: u32 =
                digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { *d }).sum();
            format!("{body}{}", (10 - sum % 10) % 10)
        }
        PersonalKind::Mobile | PersonalKind::Mistyped => body.to_owned(),
    }
}

/// A valid number, as one of the ways to write it.
fn a_number() -> impl Strategy<Value = (String, String)> {
    let body = prop_oneof![
        "1[3-9][0-9]{9}".prop_map(|b| (PersonalKind::Mobile, b)),
        "[1-8][0-9]{16}".prop_map(|b| (PersonalKind::Identity, b)),
        "[3-6][0-9]{12,17}".prop_map(|b| (PersonalKind::Card, b)),
    ];
    (body, 0..5_usize, prop::sample::select(vec![" ", "-", "_", "  ", " -", "　"])).prop_map(|((kind, body), way, separator)| {
        let number = with_check(kind, &body);
        let cut = |sizes: &[usize]| {
            let mut rest = number.as_str();
            let mut parts = Vec::new();
            for size in sizes.iter().cycle() {
                let (part, tail) = rest.split_at((*size).min(rest.len()));
                parts.push(part);
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            parts.join(separator)
        };
        let written = match (way, kind) {
            (0, _) => number.clone(),
            (1, PersonalKind::Mobile) => cut(&[3, 4, 4]),
            (1, PersonalKind::Identity) => cut(&[6, 8, 4]),
            (1, PersonalKind::Card | PersonalKind::Mistyped) => cut(&[4]),
            (2, PersonalKind::Mobile) => format!("86{separator}{number}"),
            (2, _) => number.to_lowercase(),
            (3, PersonalKind::Mobile) => cut(&[1]),
            (_, _) => number.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect(),
        };
        (number, written)
    })
}

/// What stands around: digits, stars, separators, words that announce, numbers, characters that fold to several.
fn surroundings() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[0-9]{1,6}",
        2 => "\\*{1,6}",
        3 => "[ _-]{1,2}",
        2 => prop::sample::select(vec!["卡号", "身份证", "id ", "card ", "，", ".", "x", "X", "元", "+86", "86 ", "0086", "订单"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["¼", "⒊", "㎡", "⑴", "⑬", "㏠", "①", "＊", "１", "\u{301}", "\u{200b}", "　"]).prop_map(str::to_owned),
        1 => a_number().prop_map(|(_, written)| written),
        1 => a_number().prop_map(|(number, _)| mask_text(&number)),
        1 => "[0-9]{11,19}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]
    #[test]
    fn masking_twice_is_masking_once(text in surroundings()) {
        let once = mask_personal(&text);
        prop_assert_eq!(mask_personal(&once), once, "{}", text);
    }

    #[test]
    fn no_number_survives_whatever_stands_around_it((number, written) in a_number(), before in surroundings(), after in surroundings(), fence in "[，。a-w ]", behind in "[，。a-w -]") {
        let text = format!("{before}{fence}{written}{behind}{after}");
        let masked = mask_personal(&text);
        prop_assert!(!squeezed(&masked).to_uppercase().contains(&number), "{} -> {}", text, masked);
    }

    #[test]
    fn sums_dates_and_order_numbers_stay(
        fen in 0_i64..100_000_000_000, day in 1..29, month in 1..13, short in "[0-9]{1,10}", long in "[0-9]{20,30}", word in "[A-Z]{1,3}[0-9]{6,10}",
    ) {
        let sum = format!("{}.{:02}", fen / 100, fen % 100);
        for text in [
            format!("我借了{sum}元，{day}号还"),
            format!("2026-{month:02}-{day:02} 到 2027-{month:02}-{day:02} 的账单"),
            format!("2026{month:02}{day:02} 2027{month:02}{day:02}"),
            format!("2026/{month}/{day} 12:30:05 转了 {sum}"),
            format!("订单号{short}"),
            format!("流水号 {long} 查一下"),
            format!("order {word}, please"),
        ] {
            // Two dates in eights are sixteen digits; one in ten passes Luhn, and then it is covered.
            if !is_card_number(&squeezed(&text)) {
                prop_assert_eq!(mask_personal(&text), text);
            }
        }
    }
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
