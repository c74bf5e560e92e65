//! Messages typed in pinyin without choosing characters ("zenme huankuan"), written back in the words that a knowledge
//! base uses. Owns the reading of letters as syllables of known words; what is not made of those stays as it is.

use super::lexicon::{CONCEPTS_ZH, FILLERS_ZH};
use super::normal::is_han;
use pinyin::ToPinyin;
use std::collections::{BTreeMap, HashMap};

/// Characters of the longest piece that is kept: 提前还款.
const LONGEST: usize = 4;
/// Letters of the longest piece: four syllables of six.
const LETTERS: usize = 24;
/// What each piece costs beside how rare it is: two pieces of two characters beat four of one.
const PIECE: f32 = 4.0;
/// Ways to read a piece that are kept, where characters have several readings.
const READINGS: usize = 4;

/// Pieces of Chinese text by how they are spelt.
#[derive(Debug)]
pub struct Spelling {
    pieces: HashMap<String, Vec<Piece>>,
}

#[derive(Debug)]
struct Piece {
    text: String,
    /// Where its syllables end, in letters.
    ends: Vec<usize>,
    cost: f32,
}

impl Spelling {
    /// From texts in normal form; the more often a piece stands there, the likelier it is meant.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let known = CONCEPTS_ZH.iter().copied().flatten().chain(FILLERS_ZH).copied();
        for text in texts.chain(known) {
            for run in text.split(|c| !is_han(c)) {
                let chars: Vec<char> = run.chars().collect();
                for start in 0..chars.len() {
                    for end in start + 1..=(start + LONGEST).min(chars.len()) {
                        *counts.entry(chars[start..end].iter().collect()).or_default() += 1;
                    }
                }
            }
        }
        let all: f32 = counts.values().map(|count| *count as f32).sum();
        let mut pieces: HashMap<String, Vec<Piece>> = HashMap::new();
        for (text, count) in counts {
            let length = text.chars().count();
            // What stands once is a chance neighbour, or a word of one question.
            if length > 2 && count < 2 {
                continue;
            }
            for (letters, ends) in spellings(&text) {
                pieces.entry(letters).or_default().push(Piece {
                    text: text.clone(),
                    ends,
                    cost: PIECE + all.ln() - (count as f32).ln(),
                });
            }
        }
        for same in pieces.values_mut() {
            same.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.text.cmp(&b.text)));
        }
        Self { pieces }
    }

    /// The Chinese that a run of Latin words spells, the likeliest; `None` where they are not made of syllables.
    pub fn write(&self, words: &[&str]) -> Option<String> {
        let letters: String = words.concat();
        if !letters.bytes().all(|b| b.is_ascii_lowercase()) || words.is_empty() {
            return None;
        }
        let mut is_border = vec![false; letters.len() + 1];
        let mut at = 0;
        for word in words {
            is_border[at] = true;
            at += word.len();
        }
        // The cheapest way to each place, and its last piece.
        let mut best: Vec<Option<(f32, usize, &Piece)>> = Vec::new();
        best.resize_with(letters.len() + 1, || None);
        for start in 0..letters.len() {
            let before = match &best[start] {
                Some((cost, _, _)) => *cost,
                None if start == 0 => 0.0,
                None => continue,
            };
            for end in start + 1..=(start + LETTERS).min(letters.len()) {
                let pieces = self.pieces.get(&letters[start..end]).map_or(&[][..], Vec::as_slice);
                // A word begins with a syllable.
                let fits = |piece: &&Piece| (start + 1..end).all(|at| !is_border[at] || piece.ends.contains(&(at - start)));
                if let Some(piece) = pieces.iter().find(fits)
                    && best[end].is_none_or(|(cost, _, _)| before + piece.cost < cost)
                {
                    best[end] = Some((before + piece.cost, start, piece));
                }
            }
        }
        let mut pieces = Vec::new();
        let mut at = letters.len();
        while at > 0 {
            let (_, start, piece) = best[at]?;
            pieces.push(piece.text.as_str());
            at = start;
        }
        pieces.reverse();
        Some(pieces.concat())
    }
}

/// The letters of a piece and where its syllables end, once for each way to read it.
fn spellings(text: &str) -> Vec<(String, Vec<usize>)> {
    let mut ways = vec![(String::new(), Vec::new())];
    for c in text.chars() {
        let syllables = syllables(c);
        ways = ways
            .iter()
            .flat_map(|(letters, ends): &(String, Vec<usize>)| {
                syllables.iter().map(move |syllable| {
                    let letters = format!("{letters}{syllable}");
                    let mut ends = ends.clone();
                    ends.push(letters.len());
                    (letters, ends)
                })
            })
            .take(READINGS)
            .collect();
    }
    ways
}

/// How a character is typed, the usual way first. The crate gives one reading; these have others in the field.
fn syllables(c: char) -> Vec<String> {
    let more: &[&str] = match c {
        '还' => &["huan", "hai"],
        '率' => &["lv", "lu"],
        '行' => &["hang", "xing"],
        '重' => &["chong", "zhong"],
        '长' => &["chang", "zhang"],
        '卡' => &["ka"],
        '了' => &["le", "liao"],
        '都' => &["dou"],
        '没' => &["mei"],
        '么' => &["me"],
        '的' => &["de"],
        '得' => &["de", "dei"],
        '着' => &["zhe", "zhao"],
        '降' => &["jiang"],
        '调' => &["tiao", "diao"],
        '给' => &["gei"],
        '什' => &["shen"],
        '信' => &["xin"],
        '期' => &["qi"],
        '数' => &["shu"],
        '度' => &["du"],
        '差' => &["cha"],
        '便' => &["bian", "pian"],
        '薄' => &["bo"],
        '塞' => &["sai"],
        _ => &[],
    };
    if !more.is_empty() {
        return more.iter().map(|syllable| (*syllable).to_owned()).collect();
    }
    // ü is typed v.
    c.to_pinyin().map(|reading| reading.plain().replace('ü', "v")).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelt_in_syllables_of_known_words_is_written_back() {
        let texts =
            ["怎么还款", "怎么提前还款", "还款日是哪天", "密码忘了怎么办", "我要注销账号", "西安可以办理吗", "利率多少", "女儿"];
        let spelling = Spelling::new(texts.into_iter().chain(texts));
        for (text, want) in [
            ("zenme huankuan", Some("怎么还款")),
            ("zenmehuankuan", Some("怎么还款")),
            ("zen me huan kuan", Some("怎么还款")),
            ("mima wangle zenmeban", Some("密码忘了怎么办")),
            ("lilv duoshao", Some("利率多少")),
            ("xi an", Some("西安")),
            ("how do i repay", None),
            ("asdf", None),
            ("zenme repay", None),
            ("", None),
        ] {
            let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
            assert_eq!(spelling.write(&words).as_deref(), want, "{text}");
        }
    }
}
