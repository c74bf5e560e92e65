//! A small pattern language for signal tables. Owns its parsing and matching; bounded gaps only, so that no text can
//! make it slow.
//!
//! `(a|b)` one of these · `..` up to a few characters that are no punctuation · `^` `$` start and end of the message ·
//! `#young` the ages of a minor, `#class` the classes of a school, both inside `(..)` · anything else stands for itself. In
//! English a part matches whole words, and a space stands between parts.

/// Whether words stand next to each other (Chinese) or apart (English).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Joined,
    Spaced,
}

impl Words {
    /// The lists that a table may name instead of writing them out.
    fn lists(self) -> [(&'static str, &'static str); 2] {
        match self {
            Words::Joined => [
                ("#young", "8|9|10|11|12|13|14|15|16|17|八|九|十|十一|十二|十三|十四|十五|十六|十七"),
                (
                    "#class",
                    "小学|初中|高中|中学|初一|初二|初三|高一|高二|高三|三年级|四年级|五年级|六年级|七年级|八年级|九年级|中专|职高|技校",
                ),
            ],
            Words::Spaced => [
                (
                    "#young",
                    "8|9|10|11|12|13|14|15|16|17|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|forteen|fiveteen\
                     |fivteen|fithteen|sixten|sixtheen|seventen|sevteen",
                ),
                (
                    "#class",
                    "high school|middle school|secondary school|junior high|primary school|elementary school|6th grade|7th grade\
                     |8th grade|9th grade|10th grade|11th grade|sixth grade|seventh grade|eighth grade|ninth grade|tenth grade\
                     |eleventh grade|grade 6|grade 7|grade 8|grade 9|grade 10|grade 11|year 7|year 8|year 9|year 10|year 11|yr 7\
                     |yr 8|yr 9|yr 10|yr 11|class 8|class 9|class 10|class 11",
                ),
            ],
        }
    }

    /// Characters that `..` may skip: about two Chinese words, or four English ones.
    fn gap(self) -> usize {
        match self {
            Words::Joined => 5,
            Words::Spaced => 24,
        }
    }
}

#[derive(Debug, Clone)]
struct Part {
    /// Characters that may be skipped before it.
    gap: usize,
    choices: Vec<Vec<char>>,
    /// What each choice has.
    has: Vec<Letters>,
    /// What the choices begin with; nothing where one of them is empty.
    begins: Option<Letters>,
}

/// Which characters a text has, by the last eight bits of each: enough to see that a pattern cannot match.
#[derive(Debug, Clone, Copy, Default)]
pub struct Letters([u64; 4]);

impl Letters {
    pub fn of(chars: &[char]) -> Self {
        let mut letters = Letters::default();
        for &c in chars {
            let bit = u32::from(c) as usize & 255;
            letters.0[bit >> 6] |= 1 << (bit & 63);
        }
        letters
    }

    fn include(&self, others: &Letters) -> bool {
        self.0.iter().zip(others.0).all(|(mine, theirs)| mine & theirs == theirs)
    }
}

#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Part>,
    from_start: bool,
    to_end: bool,
    words: Words,
}

impl Pattern {
    pub fn parse(source: &str, words: Words) -> Self {
        let source = words.lists().iter().fold(source.to_owned(), |source, (name, list)| source.replace(name, list));
        let source = source.as_str();
        let (source, from_start) = source.strip_prefix('^').map_or((source, false), |s| (s, true));
        let (source, to_end) = source.strip_suffix('$').map_or((source, false), |s| (s, true));
        let mut parts = Vec::new();
        let mut gap = 0;
        let mut rest = source.trim();
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix("..") {
                gap = words.gap();
                rest = tail.trim_start();
                continue;
            }
            let (choices, tail): (Vec<Vec<char>>, &str) = match rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
                Some((inner, tail)) => (inner.split('|').map(|c| c.trim().chars().collect()).collect(), tail),
                None => {
                    let end = [rest.find('('), rest.find("..")].into_iter().flatten().min().unwrap_or(rest.len());
                    (vec![rest[..end].trim().chars().collect()], &rest[end..])
                }
            };
            let has = choices.iter().map(|choice| Letters::of(choice)).collect();
            let firsts: Option<Vec<char>> = choices.iter().map(|choice| choice.first().copied()).collect();
            parts.push(Part { gap, choices, has, begins: firsts.map(|firsts| Letters::of(&firsts)) });
            gap = 0;
            rest = tail.trim_start();
        }
        Self { parts, from_start, to_end, words }
    }

    /// Whether a text with these characters can match at all: far cheaper than looking for a place.
    pub fn can_match(&self, letters: &Letters) -> bool {
        self.parts.iter().all(|part| part.has.iter().any(|choice| letters.include(choice)))
    }

    /// The first place where it matches, end exclusive.
    pub fn find(&self, chars: &[char]) -> Option<(usize, usize)> {
        let starts = if self.from_start { 0..=leading(chars) } else { 0..=chars.len() };
        starts
            .into_iter()
            .filter(|start| self.can_begin(chars, *start))
            .find_map(|start| Some((start, self.rest(chars, start, 0)?)))
    }

    fn can_begin(&self, chars: &[char], start: usize) -> bool {
        let Some(Part { gap: 0, begins: Some(begins), .. }) = self.parts.first() else { return true };
        chars.get(start).is_some_and(|c| begins.include(&Letters::of(&[*c])))
    }

    fn rest(&self, chars: &[char], at: usize, part: usize) -> Option<usize> {
        let Some(Part { gap, choices, .. }) = self.parts.get(part) else {
            let only_closing = chars[at..].iter().all(|c| !c.is_alphanumeric());
            return (!self.to_end || only_closing).then_some(at);
        };
        for skipped in 0..=*gap {
            let mut from = at + skipped;
            if chars.get(at..from).is_none_or(|s| s.last().is_some_and(|c| is_break(*c))) {
                return None;
            }
            if part > 0 && self.words == Words::Spaced {
                from += usize::from(chars.get(from) == Some(&' '));
            }
            let found = choices.iter().find_map(|choice| {
                let end = from + choice.len();
                let fits = chars.get(from..end)? == choice.as_slice() && self.bounded(chars, from, end);
                fits.then(|| self.rest(chars, end, part + 1)).flatten()
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// In English a part must not begin or end inside a word.
    fn bounded(&self, chars: &[char], from: usize, end: usize) -> bool {
        let inside = |i: usize| chars.get(i).is_some_and(|c| c.is_alphanumeric());
        self.words == Words::Joined || from == end || !(inside(end) || from > 0 && inside(from - 1))
    }
}

fn leading(chars: &[char]) -> usize {
    chars.iter().take_while(|c| !c.is_alphanumeric()).count()
}

fn is_break(c: char) -> bool {
    matches!(c, '.' | ',' | '!' | '?' | ';' | ':')
}

/// Whether `chars` is nothing but `words` (one at least) and `padding`, longest first.
pub fn consists_of(chars: &[char], words: &[&str], padding: &[&str], kind: Words) -> bool {
    let length = |list: &[&str], rest: &[char]| -> usize {
        list.iter()
            .map(|w| w.chars().count())
            .zip(list)
            .filter(|(len, word)| {
                word.chars().eq(rest.iter().copied().take(*len))
                    && (kind == Words::Joined || rest.get(*len).is_none_or(|c| *c == ' '))
            })
            .map(|(len, _)| len)
            .max()
            .unwrap_or(0)
    };
    let (mut at, mut seen) = (0, false);
    while at < chars.len() {
        if chars[at] == ' ' {
            at += 1;
            continue;
        }
        let (word, pad) = (length(words, &chars[at..]), length(padding, &chars[at..]));
        if word == 0 && pad == 0 {
            return false;
        }
        seen |= word >= pad && word > 0;
        at += word.max(pad);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str, words: Words) -> bool {
        Pattern::parse(pattern, words).find(&text.chars().collect::<Vec<_>>()).is_some()
    }

    #[test]
    fn gaps_are_bounded_and_do_not_cross_punctuation() {
        assert!(found("转..人工", "请转一下人工", Words::Joined));
        assert!(!found("转..人工", "转账,人工", Words::Joined));
        assert!(!found("转..人工", "转一二三四五六人工", Words::Joined));
        assert!(found("^(转|找)人工$", "转人工!", Words::Joined));
        assert!(!found("^人工$", "人工费", Words::Joined));
    }

    #[test]
    fn a_list_stands_for_each_of_its_words() {
        assert!(found("我(#young)岁", "我十五岁", Words::Joined));
        assert!(!found("我(#young)岁", "我五十岁", Words::Joined));
        assert!(found("im (#young)", " im fourteen ", Words::Spaced));
        assert!(!found("im (#young)", " im 144 ", Words::Spaced));
    }

    #[test]
    fn english_parts_are_whole_words() {
        assert!(found("(talk|speak) to .. human", " i want to talk to a real human . ", Words::Spaced));
        assert!(!found("human", " humane ", Words::Spaced));
    }
}
