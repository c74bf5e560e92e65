//! Character folding that keeps the way back: full width to half width, case, traditional to simplified. Owns the map
//! from folded to original character offsets; splits no words.

use jieti_domain::traditional::simplify;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters of a message that are read; what follows a customer's first 2,000 characters adds nothing to their need.
pub const MAX_CHARS: usize = 2_000;

/// A text folded character by character; `origin[i]` is the offset of `chars[i]` in the original, in characters.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    pub chars: Vec<char>,
    pub origin: Vec<usize>,
}

impl Folded {
    /// Folds the first `limit` characters. Marks that only decorate (combining, zero width, variation) are dropped.
    pub fn new(text: &str, limit: usize) -> Self {
        let mut folded = Folded::default();
        for (offset, raw) in text.chars().take(limit).enumerate() {
            if raw.is_ascii() {
                folded.push(raw.to_ascii_lowercase(), offset);
                continue;
            }
            // Of the unified ideographs none is composed, has a case or decorates.
            if ('\u{4e00}'..='\u{9fff}').contains(&raw) {
                folded.push(simplify(raw), offset);
                continue;
            }
            for c in std::iter::once(raw).nfkc().flat_map(char::to_lowercase) {
                if !is_combining_mark(c) && !is_invisible(c) {
                    folded.push(simplify(plain_punctuation(c)), offset);
                }
            }
        }
        folded
    }

    fn push(&mut self, c: char, offset: usize) {
        self.chars.push(c);
        self.origin.push(offset);
    }

    /// Original offsets of the folded span `start..end`, end exclusive.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.origin.get(start).copied().unwrap_or(0);
        let last = end.checked_sub(1).and_then(|i| self.origin.get(i)).copied().unwrap_or(first);
        (first, last + 1)
    }

    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }
}

/// Zero-width and direction characters, which customers paste without seeing them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{00ad}')
}

/// Chinese punctuation as its ASCII counterpart, so that a grammar needs one form only.
fn plain_punctuation(c: char) -> char {
    match c {
        '。' => '.',
        '，' | '、' => ',',
        '！' => '!',
        '？' => '?',
        '：' => ':',
        '；' => ';',
        '（' => '(',
        '）' => ')',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        '’' | '‘' | '＇' | '`' => '\'',
        '“' | '”' | '「' | '」' => '"',
        '％' => '%',
        '￥' => '¥',
        '～' | '〜' => '~',
        '\u{3000}' | '\u{a0}' | '\t' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_the_way_back() {
        let folded = Folded::new("還１２３！Ａb", MAX_CHARS);
        assert_eq!(folded.text(), "还123!ab");
        assert_eq!(folded.span(1, 4), (1, 4));
        assert_eq!(Folded::new("a\u{300}\u{301}b\u{200b}c", MAX_CHARS).origin, [0, 3, 5]);
    }
}
