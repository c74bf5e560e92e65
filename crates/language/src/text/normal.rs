//! The normal form of a message and its language. Owns punctuation, spacing, repeats, usual typos and fillers.

use super::fold::{Folded, MAX_CHARS};
use super::lexicon::{FILLERS_EN, FILLERS_ZH, TYPOS_ZH};
use jieti_domain::understanding::Lang;

/// Normal form of the first [`MAX_CHARS`] characters: folded, punctuation as spaces, no spaces between Chinese characters,
/// runs of one character cut to two, usual typos mended, opening and closing courtesies taken off. A text that is nothing
/// but courtesies keeps them.
pub fn normalise(text: &str) -> String {
    let folded = Folded::new(text, MAX_CHARS);
    let spaced = space_out(&folded.chars);
    let mut mended = spaced;
    for (wrong, right) in TYPOS_ZH {
        if mended.contains(wrong) {
            mended = mended.replace(wrong, right);
        }
    }
    strip_fillers(&mended)
}

/// Whether a character is Chinese. Source: Unicode blocks CJK Unified Ideographs and Extension A.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}

/// Chinese as soon as a share of the letters is Chinese; otherwise English where there is a word. A text without words,
/// or a scrap of Latin letters ("ok", "app") in a Chinese conversation, keeps the language of the conversation.
pub fn detect(text: &str, hint: Option<Lang>) -> Lang {
    let (mut han, mut latin) = (0_usize, 0_usize);
    for c in Folded::new(text, MAX_CHARS).chars {
        han += usize::from(is_han(c));
        latin += usize::from(c.is_ascii_alphabetic());
    }
    match hint {
        // One Chinese character says as much as about five Latin letters.
        _ if han > 0 && han * 8 >= latin => Lang::ZhCn,
        Some(Lang::ZhCn) | None if latin < 4 => Lang::ZhCn,
        _ if latin > 0 => Lang::En,
        hint => hint.unwrap_or_default(),
    }
}

fn space_out(chars: &[char]) -> String {
    let mut out: Vec<char> = Vec::with_capacity(chars.len());
    let mut gap = false;
    for (i, &c) in chars.iter().enumerate() {
        // An apostrophe inside a word is dropped: can't, cant.
        if c == '\'' {
            continue;
        }
        if !c.is_alphanumeric() {
            gap = !out.is_empty();
            continue;
        }
        // 急急急急 says no more than 急急.
        if i >= 2 && !c.is_ascii_digit() && chars[i - 1] == c && chars[i - 2] == c {
            continue;
        }
        if gap && !out.last().is_some_and(|last| is_han(*last) && is_han(c)) {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    out.into_iter().collect()
}

fn strip_fillers(text: &str) -> String {
    let mut rest = text;
    loop {
        let before = rest.len();
        for filler in FILLERS_ZH {
            rest = rest.strip_prefix(filler).unwrap_or(rest).trim_start();
            rest = rest.strip_suffix(filler).unwrap_or(rest).trim_end();
        }
        for filler in FILLERS_EN {
            if let Some(tail) = rest.strip_prefix(filler)
                && (tail.is_empty() || tail.starts_with(' '))
            {
                rest = tail.trim_start();
            }
            if let Some(head) = rest.strip_suffix(filler)
                && (head.is_empty() || head.ends_with(' '))
            {
                rest = head.trim_end();
            }
        }
        if rest.len() == before {
            break;
        }
    }
    if rest.is_empty() { text.to_owned() } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courtesies_spacing_and_typos_go() {
        for (text, want) in [
            ("你好，请问怎么还款？", "怎么还款"),
            ("人 工 客 服", "人工客服"),
            ("急急急急急！！！", "急急"),
            ("還寬日幾號", "还款日几号"),
            ("Hi, can you please tell me how to repay?", "how to repay"),
            ("I can't log in", "i cant log in"),
            ("你好", "你好"),
            ("", ""),
            ("😀😀", ""),
        ] {
            assert_eq!(normalise(text), want, "{text}");
        }
    }

    #[test]
    fn language_follows_the_script_and_scraps_follow_the_conversation() {
        for (text, hint, want) in [
            ("怎么还款", None, Lang::ZhCn),
            ("how do I repay", None, Lang::En),
            ("how do I repay", Some(Lang::ZhCn), Lang::En),
            ("ｈｏｗ ｄｏ Ｉ ｒｅｐａｙ", None, Lang::En),
            ("app打不开", Some(Lang::En), Lang::ZhCn),
            ("ok", Some(Lang::ZhCn), Lang::ZhCn),
            ("ok", Some(Lang::En), Lang::En),
            ("😀", Some(Lang::En), Lang::En),
            ("500", None, Lang::ZhCn),
        ] {
            assert_eq!(detect(text, hint), want, "{text}");
        }
    }
}
