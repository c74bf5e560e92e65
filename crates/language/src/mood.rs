//! How a customer sounds, by words and by marks: anger, worry, urgency, warmth. Owns the word lists; draws no conclusions.

use crate::text::fold::{Folded, MAX_CHARS};
use jieti_domain::understanding::Mood;

const ANGER: &[(&str, u32)] = &[
    ("投诉", 35),
    ("垃圾", 45),
    ("骗子", 40),
    ("什么破", 40),
    ("气死", 55),
    ("烦死", 40),
    ("恶心", 45),
    ("无语", 30),
    ("太差", 40),
    ("欺负", 35),
    ("坑人", 45),
    ("坑", 15),
    ("忽悠", 35),
    ("不要脸", 60),
    ("凭什么", 30),
    ("搞什么", 35),
    ("到底", 20),
    ("他妈", 65),
    ("妈的", 65),
    ("傻", 40),
    ("滚", 50),
    ("废物", 60),
    ("有病", 45),
    ("答非所问", 35),
    ("没解决", 25),
    ("曝光", 35),
    ("起诉", 35),
    ("差劲", 40),
    ("受够", 50),
    ("忍无可忍", 65),
    ("愤怒", 55),
    ("黑心", 50),
    ("敷衍", 40),
    ("浪费时间", 40),
    ("第几次", 35),
    ("几遍", 30),
    ("又", 5),
    ("terrible", 40),
    ("worst", 45),
    ("useless", 45),
    ("ridiculous", 45),
    ("angry", 50),
    ("furious", 65),
    ("fuck", 70),
    ("shit", 55),
    ("scam", 25),
    ("unacceptable", 50),
    ("disgusting", 55),
    ("awful", 40),
    ("stupid", 45),
    ("sick of", 45),
    ("fed up", 50),
    ("complain", 30),
    ("waste of time", 40),
    ("how many times", 40),
    ("pathetic", 50),
    ("outrageous", 50),
    ("thieves", 50),
    ("liar", 45),
    ("sue you", 40),
];
const WORRY: &[(&str, u32)] = &[
    ("担心", 45),
    ("害怕", 50),
    ("怕", 20),
    ("焦虑", 50),
    ("怎么办", 20),
    ("完了", 30),
    ("睡不着", 50),
    ("着急", 35),
    ("慌", 45),
    ("影响征信", 30),
    ("会不会", 15),
    ("被骗", 40),
    ("还不起", 40),
    ("还不上", 40),
    ("失业", 40),
    ("压力", 35),
    ("崩溃", 50),
    ("绝望", 65),
    ("不想活", 80),
    ("求求", 45),
    ("救", 30),
    ("难过", 40),
    ("逾期", 10),
    ("起诉我", 40),
    ("worried", 50),
    ("afraid", 45),
    ("scared", 50),
    ("anxious", 50),
    ("nervous", 40),
    ("what should i do", 30),
    ("cant sleep", 50),
    ("desperate", 60),
    ("panic", 50),
    ("stress", 40),
    ("lost my job", 45),
    ("cant afford", 40),
    ("hopeless", 60),
    ("help me", 25),
    ("concerned", 35),
    ("scammed", 40),
    ("stolen", 30),
];
const URGENCY: &[(&str, u32)] = &[
    ("马上", 30),
    ("立刻", 40),
    ("立即", 40),
    ("赶紧", 40),
    ("快点", 40),
    ("尽快", 35),
    ("急", 35),
    ("急用", 45),
    ("着急", 45),
    ("等不及", 50),
    ("今天必须", 50),
    ("现在就", 35),
    ("等着用", 45),
    ("救命", 55),
    ("催", 15),
    ("几个小时了", 35),
    ("等了", 25),
    ("最后一天", 40),
    ("来不及", 50),
    ("urgent", 50),
    ("asap", 50),
    ("immediately", 45),
    ("right now", 40),
    ("hurry", 45),
    ("emergency", 55),
    ("as soon as possible", 45),
    ("quickly", 30),
    ("at once", 40),
    ("today", 10),
    ("waiting for hours", 45),
    ("last day", 40),
    ("deadline", 30),
    ("running out of time", 50),
];
const WARMTH: &[(&str, u32)] = &[
    ("谢谢", 45),
    ("感谢", 50),
    ("多谢", 45),
    ("辛苦", 45),
    ("麻烦", 20),
    ("请问", 20),
    ("您好", 25),
    ("你好", 20),
    ("太好了", 50),
    ("不错", 35),
    ("很好", 40),
    ("满意", 40),
    ("好评", 45),
    ("亲", 15),
    ("棒", 40),
    ("厉害", 30),
    ("帮大忙", 55),
    ("贴心", 50),
    ("耐心", 45),
    ("好的", 15),
    ("么么", 40),
    ("thank", 45),
    ("please", 20),
    ("hello", 20),
    ("appreciate", 50),
    ("great", 40),
    ("awesome", 50),
    ("wonderful", 50),
    ("kind", 30),
    ("helpful", 40),
    ("perfect", 40),
    ("excellent", 50),
    ("lovely", 50),
    ("good morning", 25),
];
/// A phrase that takes a word back: "不满意" is not warm.
const TAKEN_BACK: &[&str] = &[
    "不满意",
    "不太满意",
    "很不满",
    "不好的",
    "不着急",
    "不急",
    "不用急",
    "不担心",
    "没有帮助",
    "not helpful",
    "unhelpful",
    "not worried",
    "no hurry",
    "not urgent",
    "不垃圾",
    "申请急",
    "紧急联系人",
    "坑位",
    "what kind",
    "any kind",
];

/// Reads the first 2,000 characters.
pub fn mood(text: &str) -> Mood {
    let folded = Folded::new(text, MAX_CHARS);
    let mut plain = folded.text().replace('\'', "");
    for phrase in TAKEN_BACK {
        if plain.contains(phrase) {
            plain = plain.replace(phrase, " ");
        }
    }
    let score =
        |words: &[(&str, u32)]| words.iter().filter(|(word, _)| plain.contains(word)).map(|(_, points)| points).sum::<u32>();
    let (mut anger, worry, mut urgency, warmth) = (score(ANGER), score(WORRY), score(URGENCY), score(WARMTH));

    // Marks strengthen what the words say, and say a little by themselves.
    let bangs = run_of(&folded.chars, '!');
    let questions = run_of(&folded.chars, '?');
    if bangs >= 2 || questions >= 3 {
        urgency += 15;
        anger += if warmth > 40 { 0 } else { 5 * bangs.max(questions).min(5) };
    }
    let (capitals, letters) = text
        .chars()
        .take(MAX_CHARS)
        .filter(char::is_ascii_alphabetic)
        .fold((0_u32, 0_u32), |(c, l), x| (c + u32::from(x.is_ascii_uppercase()), l + 1));
    // A shouted sentence: more than two words' worth of letters, nearly all capitals.
    if letters >= 10 && capitals * 10 >= letters * 8 {
        anger += 25;
        urgency += 15;
    }
    if run_of(&folded.chars, '急') >= 2 {
        urgency += 40;
    }
    // Thanks amid fury is irony.
    let warmth = warmth.saturating_sub(anger / 2);
    let part = |points: u32| u8::try_from(points.min(100)).unwrap_or(100);
    Mood { anger: part(anger), worry: part(worry), urgency: part(urgency), warmth: part(warmth) }
}

/// Length of the longest run of one character.
fn run_of(chars: &[char], mark: char) -> u32 {
    let (mut longest, mut run) = (0, 0);
    for &c in chars {
        run = if c == mark { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_mood_stands_out_where_it_should() {
        let calm = mood("怎么还款");
        assert_eq!(calm, Mood::default());
        assert!(mood("什么垃圾平台，气死我了！！！").anger >= 70);
        assert!(mood("WHY IS THIS STILL NOT WORKING").anger > mood("why is this still not working").anger);
        assert!(mood("我很担心会影响征信，怎么办").worry >= 60);
        assert!(mood("急急急，今天必须到账！！").urgency >= 80);
        assert!(mood("thank you so much, very helpful").warmth >= 60);
        assert!(mood("我对你们很不满意").warmth < 20);
        assert_eq!(mood("紧急联系人怎么改").urgency, 0);
    }
}
