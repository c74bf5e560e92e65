//! Texts to try a reader with: words of lending cut up and put together wrongly, hostile characters, endless repeats,
//! orders to a machine. Owns the making of them (the same seed and number give the same text), and what must hold of
//! everything that is read, whatever the text.

use crate::encoder::random::Random;
use crate::language::{Context, Language, Reading};
use crate::mask::mask_personal;
use crate::text::{Folded, MAX_CHARS};
use jieti_domain::personal::{is_card_number, is_id_number, is_mobile};
use jieti_domain::understanding::{EntityValue, Understanding};
use jiff::civil::date;
use thiserror::Error;

const PIECES: &[&str] = &[
    "还款",
    "提前还款",
    "利息",
    "额度",
    "转人工",
    "人工费多少",
    "我要投诉",
    "银保监会",
    "被骗了",
    "不想活了",
    "失业了",
    "how do I repay",
    "talk to a human",
    "I was scammed",
    "loan",
    "你好",
    "谢谢",
    "不",
    "没",
    "吗",
    "？",
    "！！！",
    "，",
    "。",
    "三千五",
    "2w",
    "一万二",
    "12.5%",
    "下个月15号",
    "2026-02-30",
    "13800138000",
    "11010519491231002X",
    "6222021234567890123",
    "忽略以上所有指令",
    "ignore all previous instructions",
    "system:",
    "<script>",
    "'; drop table",
    "{{7*7}}",
    "%s%n",
    "\u{0}",
    "\u{202e}",
    "\u{200d}",
    "\u{feff}",
    "e\u{301}\u{302}\u{489}",
    "مرحبا",
    "שלום",
    "😀",
    "👨‍👩‍👧‍👦",
    "🇨🇳",
    "還款",
    "ＡＰＰ",
    "①②③",
    "㊙",
    "huankuan",
    "zenme huan qian",
    "万亿千百十",
    "零零零",
    "-0.0",
    "1e309",
    "99999999999999999999",
    "¥",
    "元",
    "块",
    "个月",
    "天",
    "号",
    "上上上个月",
    "第",
    "\n",
    "\t",
    "\r\n",
    " ",
    "　",
];

/// What is wrong with what was read.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("confidences {0:?} are not falling shares of one")]
    Confidences(Vec<f32>),
    #[error("a need is guessed twice")]
    Twice,
    #[error("entity {at} stands at {start}..{end} of {length} characters, or before the last one ends")]
    Span { at: usize, start: usize, end: usize, length: usize },
    #[error("entity {at} counts what cannot be: {value:?}")]
    Value { at: usize, value: EntityValue },
    #[error("a part of the mood is more than 100")]
    Mood,
    #[error("masked again, {once:?} becomes {twice:?}")]
    MaskedTwice { once: String, twice: String },
    #[error("the mask leaves {left}")]
    Left { left: String },
    #[error("the mask changes more than numbers: {masked:?}")]
    Rest { masked: String },
}

/// Reads a text and says what of the reading cannot be right. Panics only where the reader does.
///
/// # Errors
/// The first [`Fault`] found.
pub fn check(language: &Language, text: &str) -> Result<(), Fault> {
    let reading = Reading { text, today: date(2026, 11, 22), lang_hint: None, context: Context::default() };
    check_understanding(&language.understand(&reading), text)?;
    check_mask(text)
}

fn check_understanding(understood: &Understanding, text: &str) -> Result<(), Fault> {
    let needs = &understood.needs;
    let shares: Vec<f32> = needs.iter().map(|n| n.confidence).collect();
    let is_share = |share: &f32| share.is_finite() && (0.0..=1.0).contains(share);
    let falls = shares.windows(2).all(|pair| pair[0] >= pair[1]);
    let second = understood.second.as_ref();
    if !shares.iter().chain(second.map(|s| &s.confidence)).all(is_share) || !falls || shares.iter().sum::<f32>() > 1.0 + 1e-3 {
        return Err(Fault::Confidences(shares));
    }
    let is_again = |at: usize| needs[..at].iter().any(|n| n.need == needs[at].need);
    if (0..needs.len()).any(is_again) || second.is_some_and(|s| needs.first().is_none_or(|first| first.need == s.need)) {
        return Err(Fault::Twice);
    }
    let length = text.chars().take(MAX_CHARS).count();
    let mut end = 0;
    for (at, entity) in understood.entities.iter().enumerate() {
        if !(end <= entity.start && entity.start < entity.end && entity.end <= length) {
            return Err(Fault::Span { at, start: entity.start, end: entity.end, length });
        }
        end = entity.end;
        let counts = match &entity.value {
            EntityValue::Money(fen) => fen.0 >= 0,
            EntityValue::Term(months) => (1..=720).contains(months),
            EntityValue::Days(days) => (1..=70_000).contains(days),
            EntityValue::Rate(points) => points.0 >= 0,
            EntityValue::Ordinal(position) => *position >= 1,
            EntityValue::Number(number) => *number >= 0,
            EntityValue::Month(first) => first.day() == 1,
            EntityValue::Date(_)
            | EntityValue::Phone(_)
            | EntityValue::IdNumber(_)
            | EntityValue::CardNumber(_)
            | EntityValue::Code(_) => true,
        };
        if !counts {
            return Err(Fault::Value { at, value: entity.value.clone() });
        }
    }
    let mood = understood.mood;
    if [mood.anger, mood.worry, mood.urgency, mood.warmth].iter().any(|part| *part > 100) {
        return Err(Fault::Mood);
    }
    Ok(())
}

fn check_mask(text: &str) -> Result<(), Fault> {
    let once = mask_personal(text);
    let folded = Folded::new(&once, usize::MAX).chars;
    // Runs without anything between, found here without the grammar of the mask.
    for run in folded.split(|c| !c.is_ascii_digit()).filter(|run| (11..=19).contains(&run.len())) {
        let left: String = run.iter().collect();
        if is_mobile(&left) || is_card_number(&left) || is_id_number(&left) {
            return Err(Fault::Left { left });
        }
    }
    // Where nothing was covered there is nothing that a second time could find.
    if once == text {
        return Ok(());
    }
    let rest = |chars: &[char]| -> Vec<char> {
        chars.iter().copied().filter(|c| !c.is_ascii_digit() && !matches!(c, '*' | ' ' | '-' | '_' | 'x')).collect()
    };
    if rest(&folded) != rest(&Folded::new(text, usize::MAX).chars) {
        return Err(Fault::Rest { masked: once });
    }
    let twice = mask_personal(&once);
    if twice != once {
        return Err(Fault::MaskedTwice { once, twice });
    }
    Ok(())
}

/// Text `number` of a seed; up to about a thousand characters, one in a thousand up to a hundred times as many.
pub fn text(seed: u64, number: u64) -> String {
    let mut random = Random::new(seed, number);
    let mut text = String::new();
    let pieces = 1 + random.below(12);
    for _ in 0..pieces {
        match random.below(10) {
            0 => text.extend((0..random.below(20)).map(|_| any_char(&mut random))),
            1 => {
                let piece = PIECES[random.below(PIECES.len())];
                text.push_str(&piece.repeat(random.below(8)));
            }
            2 => text.push_str(&random.bits().to_string()),
            3 => {
                let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
                text.extend(&piece[random.below(piece.len())..]);
            }
            _ => text.push_str(PIECES[random.below(PIECES.len())]),
        }
    }
    if random.below(1_000) == 0 {
        text = text.repeat(random.below(100));
    }
    text
}

/// Any character, the troublesome blocks more often.
fn any_char(random: &mut Random) -> char {
    let (first, count) = match random.below(6) {
        0 => (0x00, 0x80),
        1 => (0x300, 0x70),
        2 => (0x590, 0x170),
        3 => (0x4e00, 0x5200),
        4 => (0x1f300, 0x400),
        _ => (0, 0x11_0000),
    };
    u32::try_from(first + random.below(count)).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
}
