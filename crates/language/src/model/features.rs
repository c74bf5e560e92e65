//! Features of a normalised text: four views, each a bag of hashed keys. Owns what is counted; weighs nothing.
//!
//! | view | Chinese | English |
//! |---|---|---|
//! | `WORDS` | character 1–3-grams, Latin words whole | stemmed word 1–2-grams |
//! | `SOUND` | toneless pinyin 1–3-grams, accents merged | character 3–5-grams inside words |
//! | `SENSE` | groups of words that mean the same, and their pairs | the same |
//! | `PAIRS` | none | any two stems, in whatever order and however far apart |

use crate::text::lexicon::{CONCEPTS_EN, CONCEPTS_ZH};
use crate::text::normal::is_han;
use jieti_domain::understanding::Lang;
use pinyin::ToPinyin;
use std::collections::HashMap;
use std::sync::LazyLock;

pub const VIEWS: usize = 4;
pub const WORDS: usize = 0;
pub const SOUND: usize = 1;
pub const SENSE: usize = 2;
/// Looked at by the linear model alone: two texts that share words share pairs of them, which a cosine need not hear twice.
pub const PAIRS: usize = 3;

/// Keys of each view, with repeats.
pub type Bag = [Vec<u64>; VIEWS];

/// Reads a text that [`crate::normalise`] has prepared.
pub fn extract(lang: Lang, normal: &str) -> Bag {
    match lang {
        Lang::ZhCn => chinese(normal),
        Lang::En => english(normal),
    }
}

fn chinese(normal: &str) -> Bag {
    let tokens = chinese_tokens(normal);
    let mut bag = Bag::default();
    grams(&mut bag[WORDS], 1, &tokens, 1, 3);
    let sounds: Vec<String> = tokens.iter().map(|t| sound(t)).collect();
    grams(&mut bag[SOUND], 2, &sounds, 1, 3);
    bag[SENSE] = sense(&CHINESE, &normal.chars().collect::<Vec<_>>());
    bag
}

/// Single Chinese characters, whole Latin words, and `#` for a number in digits or in words.
pub fn chinese_tokens(normal: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut kind = ' ';
    let chars: Vec<char> = normal.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let number = number_in_words(&chars[at..]);
        if number > 0 {
            if kind != '#' {
                tokens.push("#".to_owned());
            }
            kind = '#';
            at += number;
            continue;
        }
        at += 1;
        let this = match c {
            ' ' => ' ',
            c if c.is_ascii_digit() => '#',
            c if is_han(c) => '汉',
            _ => 'a',
        };
        match (kind == this, this) {
            (_, ' ') | (true, '#') => {}
            // 809.78 is one number, and has come apart at its point.
            (_, '#') if tokens.last().is_some_and(|last| last == "#") => {}
            (_, '#') => tokens.push("#".to_owned()),
            (true, 'a') => {
                if let Some(last) = tokens.last_mut() {
                    last.push(c);
                }
            }
            _ => tokens.push(c.to_string()),
        }
        kind = this;
    }
    tokens
}

/// Length of the number that begins here: 两千, 一千五, 十二; not the 千万 of 千万别, nor 万一, nor a digit alone as in 一下.
fn number_in_words(chars: &[char]) -> usize {
    const DIGITS: &str = "一二两三四五六七八九十";
    const UNITS: &str = "十百千万";
    if !chars.first().is_some_and(|first| DIGITS.contains(*first)) {
        return 0;
    }
    let length = chars.iter().take_while(|c| DIGITS.contains(**c) || UNITS.contains(**c) || **c == '零').count();
    let has_unit = chars[..length].iter().any(|c| UNITS.contains(*c));
    if length >= 2 && has_unit { length } else { 0 }
}

/// Pinyin without tone, with the pairs merged that accents and typing merge (zh/z, ch/c, sh/s, n/l at the start is not;
/// ng/n at the end is).
pub fn sound(token: &str) -> String {
    let mut chars = token.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return token.to_owned() };
    // Of a character's several readings the crate gives the commonest; in lending 还 is huan, 率 is lv.
    let plain = match c {
        '还' => "huan",
        '率' => "lv",
        '行' => "hang",
        '重' => "chong",
        '长' => "chang",
        '卡' => "ka",
        other => match other.to_pinyin() {
            Some(reading) => reading.plain(),
            None => return token.to_owned(),
        },
    };
    let mut merged = plain.replace("zh", "z").replace("ch", "c").replace("sh", "s");
    if merged.ends_with("ng") {
        merged.pop();
    }
    merged
}

fn english(normal: &str) -> Bag {
    let words: Vec<String> = normal.split(' ').filter(|w| !w.is_empty()).map(stem).collect();
    let mut bag = Bag::default();
    grams(&mut bag[WORDS], 1, &words, 1, 2);
    for word in &words {
        let padded: Vec<String> = format!("<{word}>").chars().map(String::from).collect();
        grams(&mut bag[SOUND], 2, &padded, 3, 5);
    }
    bag[PAIRS] = pairs(&words);
    let joined: Vec<char> = words.join(" ").chars().collect();
    bag[SENSE] = sense(&ENGLISH, &joined);
    bag
}

/// Pairs grow with the square: those of a text's first 24 words, which is more than nine messages in ten have.
const PAIRED: usize = 24;

fn pairs(words: &[String]) -> Vec<u64> {
    let mut stems: Vec<&str> = words.iter().take(PAIRED).map(String::as_str).collect();
    stems.sort_unstable();
    stems.dedup();
    let after =
        |(at, a): (usize, &&str)| stems[at + 1..].iter().map(|b| hash(5, format!("{a}\0{b}").as_bytes())).collect::<Vec<_>>();
    stems.iter().enumerate().flat_map(after).collect()
}

/// Takes off the commonest English endings; digits become `#`.
pub fn stem(word: &str) -> String {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return "#".to_owned();
    }
    let cut = |ending: &str, least: usize| word.strip_suffix(ending).filter(|s| s.len() >= least).map(str::to_owned);
    if let Some(base) = cut("ies", 2) {
        return base + "y";
    }
    if word.ends_with("ss") || word.ends_with("us") {
        return word.to_owned();
    }
    cut("ments", 3)
        .map(|b| b + "ment")
        .or_else(|| cut("ing", 3))
        .or_else(|| cut("ed", 3))
        .or_else(|| cut("es", 4))
        .or_else(|| cut("s", 3))
        .unwrap_or_else(|| word.to_owned())
}

/// Groups of words that mean the same, by first character for a longest match.
struct Senses {
    by_first: HashMap<char, Vec<(Vec<char>, u32)>>,
    whole_words: bool,
}

static CHINESE: LazyLock<Senses> = LazyLock::new(|| Senses::new(CONCEPTS_ZH, false));
static ENGLISH: LazyLock<Senses> = LazyLock::new(|| Senses::new(CONCEPTS_EN, true));

impl Senses {
    fn new(groups: &[&[&str]], whole_words: bool) -> Self {
        let mut by_first: HashMap<char, Vec<(Vec<char>, u32)>> = HashMap::new();
        for (id, group) in (0_u32..).zip(groups) {
            for word in *group {
                let text = if whole_words { word.split(' ').map(stem).collect::<Vec<_>>().join(" ") } else { (*word).to_owned() };
                let word: Vec<char> = text.chars().collect();
                if let Some(&first) = word.first() {
                    by_first.entry(first).or_default().push((word, id));
                }
            }
        }
        for words in by_first.values_mut() {
            words.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        }
        Self { by_first, whole_words }
    }

    fn longest(&self, rest: &[char]) -> Option<(usize, u32)> {
        let words = self.by_first.get(rest.first()?)?;
        words
            .iter()
            .find(|(word, _)| rest.starts_with(word) && (!self.whole_words || rest.get(word.len()).is_none_or(|c| *c == ' ')))
            .map(|(word, id)| (word.len(), *id))
    }
}

fn sense(senses: &Senses, chars: &[char]) -> Vec<u64> {
    let mut found: Vec<u32> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let at_start = !senses.whole_words || at == 0 || chars[at - 1] == ' ';
        match senses.longest(&chars[at..]).filter(|_| at_start) {
            Some((len, id)) => {
                found.push(id);
                at += len;
            }
            None => at += 1,
        }
    }
    found.sort_unstable();
    found.dedup();
    // Pairs grow with the square; a text with many senses is a story, and its pairs say little.
    found.truncate(12);
    let mut keys = Vec::with_capacity(found.len() * 4);
    for (i, &a) in found.iter().enumerate() {
        keys.push(hash(3, &a.to_le_bytes()));
        for &b in &found[i + 1..] {
            let mut pair = [0; 8];
            pair[..4].copy_from_slice(&a.to_le_bytes());
            pair[4..].copy_from_slice(&b.to_le_bytes());
            keys.push(hash(4, &pair));
        }
    }
    keys
}

fn grams(into: &mut Vec<u64>, salt: u8, tokens: &[String], shortest: usize, longest: usize) {
    let mut bytes = Vec::with_capacity(32);
    for start in 0..tokens.len() {
        bytes.clear();
        for (len, token) in (1..=longest).zip(&tokens[start..]) {
            bytes.extend_from_slice(token.as_bytes());
            bytes.push(0);
            if len >= shortest {
                into.push(hash(salt, &bytes));
            }
        }
    }
}

/// FNV-1a, 64 bits, with a finishing mix. Stable between runs and machines, as a seeded hasher would not be.
pub fn hash(salt: u8, bytes: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for &byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state ^ (state >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(view: usize, a: &str, b: &str) -> usize {
        let (a, b) = (extract(Lang::ZhCn, a), extract(Lang::ZhCn, b));
        a[view].iter().filter(|key| b[view].contains(key)).count()
    }

    #[test]
    fn homophones_share_sound_and_synonyms_share_sense() {
        assert!(shared(SOUND, "环宽", "还款") >= 3);
        assert!(shared(SOUND, "征性", "征信") >= 2);
        assert_eq!(shared(WORDS, "环宽", "还款"), 0);
        assert!(shared(SENSE, "如何还钱", "怎么还款") >= 3);
    }

    #[test]
    fn a_number_is_one_token_with_or_without_its_decimals() {
        for text in ["809 78元还了", "809元还了", "两千元还了"] {
            assert_eq!(chinese_tokens(text), ["#", "元", "还", "了"], "{text}");
        }
    }

    #[test]
    fn english_endings_are_taken_off() {
        for (word, want) in [("payments", "payment"), ("fees", "fee"), ("borrowing", "borrow"), ("2026", "#"), ("less", "less")] {
            assert_eq!(stem(word), want);
        }
    }
}
