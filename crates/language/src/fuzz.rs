//! Texts to try a reader with: words of lending cut up and put together wrongly, hostile characters, endless repeats,
//! orders to a machine. Owns the making of them; the same seed and number give the same text.

use crate::encoder::random::Random;

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
