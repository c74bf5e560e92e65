//! Traditional and variant characters to simplified. Owns the table; a character that is not in it stays as it is.

use std::sync::LazyLock;

/// Pairs: traditional first, simplified second; where there are several, the commonest. Source: OpenCC, dictionary
/// `TSCharacters.txt` (Apache-2.0), characters of the basic plane.
const PAIRS: &str = include_str!("traditional.txt");
/// Variants and Cantonese characters that customers write for these, and where the field writes otherwise than the
/// dictionary. They come first.
const OWN: &str = "帳账帐账増增著着妳你祂他牠它甚什嘸无冇没喺在唔不嘅的咁这睇看俾给畀给佢他";

/// Han characters of the basic plane.
const FIRST: usize = 0x3400;
const LAST: usize = 0x9fff;

static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = (FIRST..=LAST).filter_map(|code| u32::try_from(code).ok().and_then(char::from_u32)).collect();
    for pairs in [PAIRS, OWN] {
        let chars: Vec<char> = pairs.chars().filter(|c| !c.is_whitespace()).collect();
        for pair in chars.chunks_exact(2) {
            if let Some(place) = place(pair[0]) {
                table[place] = pair[1];
            }
        }
    }
    // A target that is itself written otherwise (帳 to 帐 to 账).
    (0..table.len()).map(|at| place(table[at]).map_or(table[at], |next| table[next])).collect()
});

fn place(c: char) -> Option<usize> {
    let code = c as usize;
    (FIRST..=LAST).contains(&code).then(|| code - FIRST)
}

/// The simplified form, or the character itself.
pub fn simplify(c: char) -> char {
    place(c).map_or(c, |at| TABLE[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_aligned_and_common_characters_are_covered() {
        for pairs in [PAIRS, OWN] {
            assert_eq!(pairs.chars().filter(|c| !c.is_whitespace()).count() % 2, 0);
        }
        let text: String = "還款額度後天開會轉賬驗證碼帳單妳唔".chars().map(simplify).collect();
        assert_eq!(text, "还款额度后天开会转账验证码账单你不");
        // A simplified character never changes, so that folding twice changes nothing.
        for target in TABLE.iter() {
            assert_eq!(simplify(*target), *target, "{target}");
        }
    }
}
