//! Promises in what was said to a customer. Owns the wording by which they are known; judges nothing.

use super::event::Promise;
use crate::conversation::{Conversation, TurnFrom};

/// A person commits the lender by any of these.
const BY_PERSON: [&str; 14] = [
    "我会",
    "我们会",
    "会给您",
    "会为您",
    "保证",
    "承诺",
    "一定",
    "跟进",
    "回电",
    "联系您",
    "答复您",
    "i will",
    "we will",
    "promise",
];
/// The bot only by a time.
const BY_TIME: [&str; 8] = ["前联系", "前答复", "前给您", "工作日内", "小时内", "分钟内", "contact you before", "within"];
const ENDS: [char; 7] = ['。', '！', '？', '；', '\n', '!', '?'];

/// Sentences that promise something, in order; each once.
pub fn promises(conversation: &Conversation) -> Vec<Promise> {
    let mut found: Vec<Promise> = Vec::new();
    for turn in &conversation.turns {
        let by_person = match turn.from {
            TurnFrom::Customer => continue,
            TurnFrom::Agent => true,
            TurnFrom::Bot => false,
        };
        for sentence in turn.text.split(ENDS).map(str::trim).filter(|s| !s.is_empty()) {
            let lower = sentence.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
            if (says(&BY_TIME) || by_person && says(&BY_PERSON)) && found.iter().all(|p| p.text != sentence) {
                found.push(Promise { text: sentence.to_owned(), seq: turn.seq, at: turn.at, by_person });
            }
        }
    }
    found
}
