//! One message that asks for two things: where the second begins. Owns sentence ends and the words that join requests;
//! reads no needs. A comma alone joins the parts of one story, and cuts nothing.

use crate::text::{Folded, MAX_CHARS, is_han};

/// Words that begin another request.
const JOINTS_ZH: &[&str] =
    &["另外", "还有", "顺便", "以及", "同时", "再问一下", "再问", "还想问", "还想", "并且", "然后", "对了"];
/// The same between English words; "and" only where a request follows.
const JOINTS_EN: &[&str] = &["also", "plus", "another thing", "by the way", "btw", "as well as", "one more thing"];
const REQUESTS_EN: &[&str] = &[
    "how", "what", "why", "when", "where", "which", "can", "could", "do", "does", "is", "are", "will", "i want", "i need",
    "i would", "id like", "tell me", "please",
];
/// More requests in one message than this are a story.
const MOST: usize = 4;
/// Letters and digits that a request has at least: "多少钱", "cancel".
const LEAST_HAN: usize = 3;
const LEAST_LATIN: usize = 6;

/// The parts of a message that may each ask for something, in order; empty where there is one part only, or too many.
pub fn clauses(text: &str) -> Vec<String> {
    let folded = Folded::new(text, MAX_CHARS).text();
    let mut parts = vec![String::new()];
    let mut before = ' ';
    let mut rest = folded.as_str();
    while let Some(c) = rest.chars().next() {
        let last = parts.last_mut().expect("there is always a part");
        if let Some(skip) = joint(rest, before) {
            parts.push(String::new());
            rest = &rest[skip..];
            before = ' ';
            continue;
        }
        let next = &rest[c.len_utf8()..];
        let ends = matches!(c, '?' | '!' | ';' | '\n') || c == '.' && !next.starts_with(|n: char| n.is_ascii_alphanumeric());
        match ends {
            true => parts.push(String::new()),
            false => last.push(c),
        }
        before = c;
        rest = next;
    }
    parts.retain(|part| says_something(part));
    if (2..=MOST).contains(&parts.len()) { parts } else { Vec::new() }
}

/// Length in bytes of a joint that stands here.
fn joint(rest: &str, before: char) -> Option<usize> {
    if let Some(word) = JOINTS_ZH.iter().find(|word| rest.starts_with(**word)) {
        return Some(word.len());
    }
    if before.is_alphanumeric() {
        return None;
    }
    let whole = |word: &str| {
        let tail = rest.strip_prefix(word)?;
        (!tail.starts_with(|c: char| c.is_alphanumeric())).then_some(tail)
    };
    if let Some(word) = JOINTS_EN.iter().find(|word| whole(word).is_some()) {
        return Some(word.len());
    }
    let asked = whole("and")?.trim_start();
    REQUESTS_EN.iter().any(|word| asked.strip_prefix(word).is_some_and(|t| t.starts_with(' '))).then_some("and".len())
}

fn says_something(part: &str) -> bool {
    let han = part.chars().filter(|c| is_han(*c)).count();
    han >= LEAST_HAN || part.chars().filter(|c| c.is_alphanumeric()).count() >= LEAST_LATIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_where_another_request_begins_and_nowhere_else() {
        for (text, want) in [
            ("怎么还款？手机号怎么换？", 2),
            ("怎么提前还款，另外额度能不能提高", 2),
            ("how do I repay early and how do I change my phone", 2),
            ("How do I repay? Also, can I change my card?", 2),
            ("我上个月的钱已经还了，可是还显示逾期，怎么回事", 0),
            ("我还有一笔没还", 0),
            ("terms and conditions", 0),
            ("利率是 7.2 还是 10.5", 0),
            ("the page document.cookie says nothing", 0),
            ("怎么还款？？？", 0),
            ("", 0),
            ("怎么还款？怎么还款？怎么还款？怎么还款？怎么还款？怎么还款？", 0),
        ] {
            assert_eq!(clauses(text).len(), want, "{text}: {:?}", clauses(text));
        }
    }
}
