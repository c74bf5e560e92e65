//! Small rewordings of a question, as another customer would type it. Owns the rewording; calibration reads them as
//! examples of questions that are nearly listed.

use jieti_domain::understanding::Lang;

const SWAPS_ZH: &[(&str, &str)] = &[
    ("怎么", "如何"),
    ("如何", "怎么"),
    ("为什么", "为何"),
    ("多久", "多长时间"),
    ("什么时候", "啥时间"),
    ("还款", "还钱"),
    ("还钱", "还款"),
    ("借款", "贷款"),
    ("贷款", "借款"),
    ("能不能", "可不可以"),
    ("可以", "能"),
    ("查询", "看"),
    ("修改", "改"),
    ("更换", "换"),
    ("取消", "撤掉"),
    ("多少钱", "多少"),
    ("不了", "不上"),
    ("失败", "不成功"),
    ("申请", "办理"),
    ("提前还", "提早还"),
    ("手机号", "电话号码"),
    ("账号", "账户"),
    ("你们", "贵公司"),
    ("利息", "利钱"),
    ("钱", "款"),
];
const SWAPS_EN: &[(&str, &str)] = &[
    ("how do i", "how can i"),
    ("how can i", "how to"),
    ("loan", "borrowing"),
    ("repay", "pay back"),
    ("change", "update"),
    ("cancel", "stop"),
    ("why", "how come"),
    ("phone", "mobile"),
    ("when", "what time"),
    ("increase", "raise"),
    ("my", "the"),
    ("pay", "repay"),
    ("fee", "charge"),
];
const SMALL_ZH: &str = "的了吗呢吧啊呀我你们请";
const SMALL_EN: &[&str] = &["a", "an", "the", "my", "do", "does", "i", "is", "to", "your", "you", "me", "for", "of", "it"];
const FRAMES_ZH: &[(&str, &str)] =
    &[("我", "啊"), ("那", "呢"), ("我这个", ""), ("现在", "的"), ("", "怎么办"), ("帮我看看", "")];
const FRAMES_EN: &[(&str, &str)] =
    &[("i need to know", ""), ("", "now"), ("so", ""), ("help me", ""), ("", "in the app"), ("question", "")];

/// The `turn`-th rewording of a text in normal form; the same turn gives the same text.
pub fn vary(lang: Lang, normal: &str, turn: usize) -> String {
    let (swaps, frames) = match lang {
        Lang::ZhCn => (SWAPS_ZH, FRAMES_ZH),
        Lang::En => (SWAPS_EN, FRAMES_EN),
    };
    let swapped = match swaps.iter().find(|(from, _)| normal.contains(from)).filter(|_| !turn.is_multiple_of(3)) {
        Some((from, to)) => normal.replacen(from, to, 1),
        None => normal.to_owned(),
    };
    let text = if turn.is_multiple_of(2) { without_small_words(lang, &swapped) } else { swapped };
    match (frames[turn % frames.len()], lang) {
        (_, _) if turn % 3 == 1 => text,
        ((before, after), Lang::ZhCn) => format!("{before}{text}{after}"),
        ((before, after), Lang::En) => format!("{before} {text} {after}").trim().to_owned(),
    }
}

/// A piece of a text in normal form that asks for nothing by itself: two Chinese characters, or one English word.
pub fn scrap(lang: Lang, normal: &str, turn: usize) -> String {
    match lang {
        Lang::ZhCn => {
            let chars: Vec<char> = normal.chars().collect();
            let start = turn * 7 % chars.len().saturating_sub(1).max(1);
            chars.iter().skip(start).take(2).collect()
        }
        Lang::En => {
            let words: Vec<&str> = normal.split(' ').collect();
            words[turn * 7 % words.len()].to_owned()
        }
    }
}

fn without_small_words(lang: Lang, text: &str) -> String {
    let left = match lang {
        Lang::ZhCn => text.chars().filter(|c| !SMALL_ZH.contains(*c)).collect(),
        Lang::En => text.split(' ').filter(|w| !SMALL_EN.contains(w)).collect::<Vec<_>>().join(" "),
    };
    if left.is_empty() { text.to_owned() } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewording_differs_a_little_and_is_the_same_every_time() {
        assert_eq!(vary(Lang::ZhCn, "怎么还款", 1), "如何还款");
        assert_eq!(vary(Lang::ZhCn, "怎么还款", 2), "我这个如何还款");
        assert_eq!(vary(Lang::En, "how do i repay my loan", 2), vary(Lang::En, "how do i repay my loan", 2));
    }
}
