//! The same questions as other people type them: Traditional characters, full width, emoji, pinyin, homophones, two
//! languages mixed. A variant counts as read where its first need is that of the plain question.
//!
//! `manners/zh.tsv` was written by programs that know nothing of this crate: OpenCC (Traditional), pypinyin and jieba
//! (pinyin), and a random homophone among the 2,500 commonest characters for one character of one word.

mod support;

use support::{LANGUAGE, read};

const TABLE: &str = include_str!("manners/zh.tsv");
const ENGLISH: [&str; 12] = [
    "how do i repay early",
    "i forgot my password",
    "why was my loan rejected",
    "how can i increase my limit",
    "i want to change my phone number",
    "when is my payment due",
    "how long does the review take",
    "how do i close my account",
    "what is the interest rate",
    "where can i get my contract",
    "i was charged twice",
    "i want to talk to a person",
];

fn rows() -> Vec<Vec<&'static str>> {
    TABLE.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

fn first(text: &str) -> Option<String> {
    read(&LANGUAGE, text).best().map(|best| best.need.as_str().to_owned())
}

/// The share of variants whose first need is the plain question's, and those that miss it.
fn share(name: &str, pairs: impl Iterator<Item = (String, String)>) -> f64 {
    let (mut right, mut all, mut missed) = (0, 0, Vec::new());
    for (plain, variant) in pairs {
        all += 1;
        match first(&plain) == first(&variant) {
            true => right += 1,
            false => missed.push(format!("{variant} ({plain}): {:?}", first(&variant))),
        }
    }
    let share = f64::from(right) / f64::from(all);
    println!("{name}: {right} of {all}, {share:.3}; missed: {missed:#?}");
    assert!(all >= 10, "{name}: {all}");
    share
}

fn column(at: usize) -> impl Iterator<Item = (String, String)> {
    rows().into_iter().map(move |row| (row[0].to_owned(), row[at].to_owned()))
}

fn wide(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).expect("full width") } else { c })
        .collect()
}

#[test]
fn traditional_characters_are_read_as_the_simplified_ones() {
    assert!(rows().len() >= 60);
    for row in rows() {
        assert_eq!(jieti_language::normalise(row[1]), jieti_language::normalise(row[0]), "{}", row[1]);
    }
    assert_eq!(share("Traditional", column(1)), 1.0);
}

#[test]
fn full_width_and_emoji_change_nothing() {
    let english = || ENGLISH.iter().map(|text| (*text).to_owned());
    let plain = || rows().into_iter().map(|row| row[0].to_owned());
    assert_eq!(share("full width, English", english().map(|text| (text.clone(), wide(&text)))), 1.0);
    let punctuated = plain().map(|text| (text.clone(), format!("ＡＰＰ！？，{text}？！").replacen("ＡＰＰ！？，", "", 1)));
    assert_eq!(share("full-width marks", punctuated), 1.0);
    for (name, before, after) in [("emoji behind", "", "😭😭🙏"), ("emoji in front", "😡", ""), ("emoji around", "👋🏻", "👨‍👩‍👧❤️🇨🇳")]
    {
        assert_eq!(share(name, plain().chain(english()).map(|text| (text.clone(), format!("{before}{text}{after}")))), 1.0);
    }
    let amid = plain().map(|text| {
        let half = text.chars().count() / 2;
        let (head, tail): (String, String) = (text.chars().take(half).collect(), text.chars().skip(half).collect());
        (text, format!("{head}😂{tail}"))
    });
    assert_eq!(share("emoji amid", amid), 1.0);
}

#[test]
fn pinyin_is_read_as_the_characters_it_spells() {
    assert!(share("pinyin by words", column(2)) >= 0.95);
    assert!(share("pinyin run together", column(3)) >= 0.95);
    let by_syllables = rows().into_iter().map(|row| {
        let syllables = row[2].to_uppercase();
        (row[0].to_owned(), format!("{syllables}?"))
    });
    assert!(share("pinyin in capitals", by_syllables) >= 0.95);
}

#[test]
fn a_homophone_is_heard_as_what_was_meant() {
    assert!(share("homophones", column(4)) >= 0.9);
}

#[test]
fn english_words_in_chinese_questions_are_read() {
    const WORDS: [(&str, &str); 12] = [
        ("还款", "repay"),
        ("贷款", "loan"),
        ("密码", "password"),
        ("手机号", "phone number"),
        ("额度", "limit"),
        ("银行卡", "card"),
        ("取消", "cancel"),
        ("合同", "contract"),
        ("利息", "interest"),
        ("优惠券", "coupon"),
        ("验证码", "code"),
        ("账号", "account"),
    ];
    let mixed = rows().into_iter().filter_map(|row| {
        let (from, to) = WORDS.iter().find(|(from, _)| row[0].contains(from))?;
        Some((row[0].to_owned(), row[0].replacen(from, &format!(" {to} "), 1)))
    });
    assert!(share("mixed", mixed) >= 0.9);
}
