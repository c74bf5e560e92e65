//! In what a message is typed: Chinese or English, Chinese in pinyin, or another language. Owns the words known of each
//! language and what they say about a message; reads no needs.

use crate::model::features::stem;
use crate::text::lexicon::LOANWORDS;
use crate::text::pinyin::Spelling;
use crate::text::{detect, is_han, normalise};
use jieti_domain::understanding::Lang;
use std::borrow::Cow;
use std::collections::HashSet;

/// Words of a message from which on they can show that it is in neither language.
const LEAST_WORDS: usize = 3;
/// Letters of another script from which on a message is not only decorated with them (の, ツ).
const LEAST_LETTERS: usize = 3;

/// The words of one language's questions and answers.
#[derive(Debug)]
pub struct Vocabulary {
    /// Stems of the words in Latin letters.
    words: HashSet<String>,
    /// How its Chinese is typed in pinyin.
    spelling: Option<Spelling>,
}

impl Vocabulary {
    /// From texts in normal form. Pinyin is read in the words of the questions alone.
    pub fn new<'a>(lang: Lang, questions: impl Iterator<Item = &'a str> + Clone, others: impl Iterator<Item = &'a str>) -> Self {
        let spelling = match lang {
            Lang::ZhCn => Some(Spelling::new(questions.clone())),
            Lang::En => None,
        };
        let words = questions.chain(others).flat_map(latin_words).map(stem).collect();
        Self { words, spelling }
    }

    fn knows(&self, word: &str) -> bool {
        self.words.contains(&stem(word))
    }
}

/// A message as it is to be read.
#[derive(Debug)]
pub struct Heard<'a> {
    pub lang: Lang,
    /// As it was written, or in the characters that its pinyin spells.
    pub text: Cow<'a, str>,
    pub normal: String,
    pub tongue: Tongue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// One of the languages that are read.
    Own,
    /// Another one: what it resembles can be offered, and never be believed.
    Foreign,
}

/// Finds out in what a message is typed. Without a vocabulary its language is known by script alone.
pub fn hear<'a>(text: &'a str, hint: Option<Lang>, chinese: Option<&Vocabulary>, english: Option<&Vocabulary>) -> Heard<'a> {
    let normal = normalise(text);
    let lang = detect(text, hint);
    let count = |is: fn(char) -> bool| normal.chars().filter(|c| is(*c)).count();
    let (han, latin) = (count(is_han), count(|c| c.is_ascii_alphabetic()));
    let other = count(|c| c.is_alphabetic() && !c.is_ascii() && !is_han(c));
    let own = Heard { lang, text: Cow::Borrowed(text), normal, tongue: Tongue::Own };
    if other >= LEAST_LETTERS && other * 2 >= han + latin / 4 {
        // Who writes neither is answered in the language of the conversation, or in English.
        let lang = if han == 0 { hint.unwrap_or(Lang::En) } else { lang };
        return Heard { lang, tongue: Tongue::Foreign, ..own };
    }
    if latin == 0 {
        return own;
    }
    let is_known = |word: &str| english.is_some_and(|v| v.knows(word)) || (han > 0 && chinese.is_some_and(|v| v.knows(word)));
    if han > 0 {
        let mended = chinese.filter(|_| lang == Lang::ZhCn).and_then(|v| without_latin(&own.normal, v, &is_known));
        return match mended {
            Some(mended) => Heard { normal: normalise(&mended), text: Cow::Owned(mended), ..own },
            None => own,
        };
    }
    let words: Vec<&str> = latin_words(&own.normal).filter(|word| word.len() > 1).collect();
    let known = words.iter().filter(|word| is_known(word)).count();
    if let Some(vocabulary) = chinese.filter(|_| known * 2 < words.len())
        && let Some(written) = written(&own.normal, vocabulary)
    {
        return Heard { lang: Lang::ZhCn, normal: normalise(&written), text: Cow::Owned(written), tongue: Tongue::Own };
    }
    let is_foreign = english.is_some() && words.len() >= LEAST_WORDS && known * 2 < words.len();
    Heard { tongue: if is_foreign { Tongue::Foreign } else { Tongue::Own }, ..own }
}

fn latin_words(normal: &str) -> impl Iterator<Item = &str> {
    normal.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

/// A text in Latin letters whose pinyin is put in characters; `None` where a word is neither pinyin nor said in Chinese too.
fn written(normal: &str, chinese: &Vocabulary) -> Option<String> {
    let spelling = chinese.spelling.as_ref()?;
    let mut spelt = 0;
    let out = replace_latin(normal, |words| {
        let mut out = String::new();
        // app, sms: said in Chinese too.
        for same in words.chunk_by(|a, b| chinese.knows(a) == chinese.knows(b)) {
            if chinese.knows(same[0]) {
                out.push_str(&same.join(" "));
            } else {
                let characters = spelling.write(same)?;
                spelt += characters.chars().count();
                out.push_str(&characters);
            }
        }
        Some(out)
    })?;
    (spelt >= 2).then_some(out)
}

/// A Chinese text with the pinyin and the English words in it put in characters; `None` where nothing changes.
fn without_latin(normal: &str, chinese: &Vocabulary, is_known: &impl Fn(&str) -> bool) -> Option<String> {
    let loanword = |word: &str| LOANWORDS.iter().find(|(english, _)| *english == word).map(|(_, word)| *word);
    let out = replace_latin(normal, |words| {
        let spelling = chinese.spelling.as_ref().filter(|_| !words.iter().any(|word| is_known(word)));
        if let Some(characters) = spelling.and_then(|spelling| spelling.write(words)) {
            return Some(characters);
        }
        let meant = |word: &&str| loanword(word).filter(|_| !chinese.knows(word)).map_or((*word).to_owned(), str::to_owned);
        Some(words.iter().map(meant).collect::<Vec<_>>().join(" "))
    })?;
    (out != normal).then_some(out)
}

/// A text with each run of Latin words replaced; `None` where one cannot be.
fn replace_latin(normal: &str, mut replace: impl FnMut(&[&str]) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = normal;
    while let Some(c) = rest.chars().next() {
        if !c.is_ascii_alphabetic() {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphabetic() && c != ' ').unwrap_or(rest.len());
        let run = rest[..end].trim_end();
        let words: Vec<&str> = run.split(' ').filter(|word| !word.is_empty()).collect();
        out.push_str(&replace(&words)?);
        rest = &rest[run.len()..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinyin_is_written_back_and_other_languages_are_told_apart() {
        let zh = ["怎么还款", "怎么提前还款", "app打不开", "我要还多少块钱", "利率是多少"];
        let en = ["how do i repay my loan early", "can i change my phone number", "what is the rate"];
        let chinese = Vocabulary::new(Lang::ZhCn, zh.iter().copied().chain(zh), std::iter::empty());
        let english = Vocabulary::new(Lang::En, en.iter().copied(), std::iter::empty());
        for (text, hint, lang, normal, tongue) in [
            ("Zenme huankuan?", None, Lang::ZhCn, "怎么还款", Tongue::Own),
            ("wo yao huan 500 kuai", Some(Lang::En), Lang::ZhCn, "我要还 500 块", Tongue::Own),
            ("怎么huankuan", None, Lang::ZhCn, "怎么还款", Tongue::Own),
            ("app dabukai", None, Lang::ZhCn, "app打不开", Tongue::Own),
            ("怎么 repay", None, Lang::ZhCn, "怎么还款", Tongue::Own),
            ("怎么check", None, Lang::ZhCn, "怎么check", Tongue::Own),
            ("can i change", None, Lang::En, "can i change", Tongue::Own),
            ("how do I repya", None, Lang::En, "how do i repya", Tongue::Own),
            ("怎么还款の", None, Lang::ZhCn, "怎么还款の", Tongue::Own),
            ("利率を教えてください", None, Lang::ZhCn, "利率を教えてください", Tongue::Foreign),
            ("как погасить кредит", None, Lang::En, "как погасить кредит", Tongue::Foreign),
            ("как погасить кредит", Some(Lang::ZhCn), Lang::ZhCn, "как погасить кредит", Tongue::Foreign),
            ("cómo puedo pagar mi préstamo", None, Lang::En, "cómo puedo pagar mi préstamo", Tongue::Foreign),
            ("ok", Some(Lang::ZhCn), Lang::ZhCn, "ok", Tongue::Own),
            ("", None, Lang::ZhCn, "", Tongue::Own),
        ] {
            let heard = hear(text, hint, Some(&chinese), Some(&english));
            assert_eq!((heard.lang, heard.normal.as_str(), heard.tongue), (lang, normal, tongue), "{text}");
        }
    }
}
