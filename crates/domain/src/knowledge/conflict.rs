//! Where knowledge contradicts or repeats itself: questions under two needs, questions that are nearly the same, answers whose
//! figures differ. Owns the rules and the mends; stores nothing.

use super::{Entry, EntryButton, Knowledge};
use crate::figures::{Figure, figures};
use crate::id::NeedId;
use crate::understanding::Lang;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One thing that an editor has to decide on. `id` is the same as long as what it says is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conflict {
    pub id: String,
    #[serde(flatten)]
    pub kind: ConflictKind,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConflictKind {
    /// A question stands under two needs, up to punctuation and case.
    SameQuestion { lang: Lang, one: Place, other: Place },
    /// Two needs have questions that hardly differ.
    NearQuestion { lang: Lang, one: Place, other: Place },
    /// The answers of one need in its languages, or those of its variants, name other figures.
    Languages { need: NeedId, chinese: Vec<String>, english: Vec<String> },
    /// Two needs say the same thing with other figures.
    Figures { lang: Lang, one: Place, other: Place },
}

/// Where a text stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Place {
    pub need: NeedId,
    pub text: String,
}

/// What mends a conflict by one click; it becomes a draft of the entries it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// The first need gives its question to the other.
    MoveToOther,
    /// The other need gives its question to the first.
    MoveToOne,
    /// The first need loses its question.
    DeleteOne,
    /// The other need loses its question.
    DeleteOther,
    /// Each answer gets a button to the other need; both questions stay.
    Link,
}

/// Questions that share at least so much of their pairs of characters (Dice) are nearly the same: one word more in ten.
/// Needs that are told apart by one verb or noun stay below it.
const NEAR: f64 = 0.86;
/// Questions shorter than this, in characters, are told apart by every one of them.
const SHORT: usize = 5;
/// A pair of characters that stands in more questions than this says nothing about any of them.
const COMMON: usize = 400;
/// The least of a clause, without its figures, that can be the same thing said twice; in characters.
const CLAUSE: usize = 8;

impl ConflictKind {
    /// The mends that fit, the likeliest first.
    pub fn mends(&self) -> &'static [Mend] {
        match self {
            ConflictKind::SameQuestion { .. } => &[Mend::DeleteOne, Mend::DeleteOther, Mend::Link],
            ConflictKind::NearQuestion { .. } => {
                &[Mend::MoveToOther, Mend::MoveToOne, Mend::DeleteOne, Mend::DeleteOther, Mend::Link]
            }
            // Which figure is right only a person knows: these are mended in the editor.
            ConflictKind::Languages { .. } => &[],
            ConflictKind::Figures { .. } => &[Mend::Link],
        }
    }

    pub fn needs(&self) -> Vec<&NeedId> {
        match self {
            ConflictKind::SameQuestion { one, other, .. }
            | ConflictKind::NearQuestion { one, other, .. }
            | ConflictKind::Figures { one, other, .. } => vec![&one.need, &other.need],
            ConflictKind::Languages { need, .. } => vec![need],
        }
    }
}

/// Every conflict, questions before figures, each once.
pub fn conflicts(knowledge: &Knowledge) -> Vec<Conflict> {
    let mut found: Vec<ConflictKind> = Vec::new();
    for lang in [Lang::ZhCn, Lang::En] {
        found.extend(questions(knowledge, lang));
    }
    found.extend(knowledge.iter().filter_map(languages));
    for lang in [Lang::ZhCn, Lang::En] {
        found.extend(clauses(knowledge, lang));
    }
    found.into_iter().map(|kind| Conflict { id: id_of(&kind), kind }).collect()
}

/// The entries as a mend leaves them; `None` where it does not fit the conflict, or an entry is gone.
pub fn mended(kind: &ConflictKind, mend: Mend, knowledge: &Knowledge) -> Option<Vec<Entry>> {
    if !kind.mends().contains(&mend) {
        return None;
    }
    let (lang, one, other) = match kind {
        ConflictKind::SameQuestion { lang, one, other }
        | ConflictKind::NearQuestion { lang, one, other }
        | ConflictKind::Figures { lang, one, other } => (*lang, one, other),
        ConflictKind::Languages { .. } => return None,
    };
    let (mut first, mut second) = (knowledge.get(&one.need)?.clone(), knowledge.get(&other.need)?.clone());
    let drop = |entry: &mut Entry, text: &str| {
        if let Some(written) = entry.texts.get_mut(&lang) {
            written.ask.retain(|ask| ask != text);
        }
    };
    let add = |entry: &mut Entry, text: &str| {
        if let Some(written) = entry.texts.get_mut(&lang) {
            written.ask.push(text.to_owned());
        }
    };
    Some(match mend {
        Mend::DeleteOne => {
            drop(&mut first, &one.text);
            vec![first]
        }
        Mend::DeleteOther => {
            drop(&mut second, &other.text);
            vec![second]
        }
        Mend::MoveToOther => {
            drop(&mut first, &one.text);
            add(&mut second, &one.text);
            vec![first, second]
        }
        Mend::MoveToOne => {
            drop(&mut second, &other.text);
            add(&mut first, &other.text);
            vec![first, second]
        }
        Mend::Link => {
            link(&mut first, &second);
            link(&mut second, &first);
            vec![first, second]
        }
    })
}

fn link(from: &mut Entry, to: &Entry) {
    let titles: BTreeMap<Lang, String> = to.texts.iter().map(|(lang, text)| (*lang, text.title.clone())).collect();
    for (lang, text) in &mut from.texts {
        let Some(title) = titles.get(lang) else { continue };
        if text.buttons.iter().all(|b| b.ask.as_ref() != Some(&to.id)) {
            text.buttons.push(EntryButton { label: title.clone(), open: None, flow: None, ask: Some(to.id.clone()) });
        }
    }
}

/// What of a text is compared: letters and digits in lower case, half width.
pub fn bare(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(half).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

type Pairs = BTreeMap<(char, char), usize>;

fn pairs(bare: &str) -> Pairs {
    let chars: Vec<char> = bare.chars().collect();
    let mut pairs = BTreeMap::new();
    for pair in chars.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_insert(0) += 1;
    }
    pairs
}

/// Share of pairs of characters that two texts in bare form have in common (Sørensen–Dice), 0–1.
pub fn alike(one: &str, other: &str) -> f64 {
    let (a, b) = (pairs(one), pairs(other));
    if a.is_empty() && b.is_empty() { f64::from(u8::from(one == other)) } else { shared(&a, &b) }
}

fn shared(a: &Pairs, b: &Pairs) -> f64 {
    let common: usize = a.iter().map(|(pair, n)| (*n).min(b.get(pair).copied().unwrap_or(0))).sum();
    2.0 * common as f64 / (a.values().sum::<usize>() + b.values().sum::<usize>()) as f64
}

/// A question with what it is compared by.
struct Asked {
    key: String,
    pairs: Pairs,
    /// Pairs, each as often as it is there.
    length: usize,
    place: Place,
}

fn questions(knowledge: &Knowledge, lang: Lang) -> Vec<ConflictKind> {
    let mut asked: Vec<Asked> = Vec::new();
    for entry in knowledge.iter() {
        let Some(text) = entry.texts.get(&lang) else { continue };
        let mut own = BTreeSet::new();
        for ask in &text.ask {
            let key = bare(ask);
            if !key.is_empty() && own.insert(key.clone()) {
                let pairs = pairs(&key);
                let length = pairs.values().sum();
                asked.push(Asked { key, pairs, length, place: Place { need: entry.id.clone(), text: ask.clone() } });
            }
        }
    }
    // Only questions that share a telling pair are compared, so that a hundred thousand entries are no hundred billion pairs.
    let mut holding: HashMap<(char, char), Vec<usize>> = HashMap::new();
    let mut same: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, question) in asked.iter().enumerate() {
        question.pairs.keys().for_each(|pair| holding.entry(*pair).or_default().push(at));
        same.entry(&question.key).or_default().push(at);
    }
    let mut found = Vec::new();
    for (at, one) in asked.iter().enumerate() {
        let both = |other: &Asked| (one.place.clone(), other.place.clone());
        for other in
            same[one.key.as_str()].iter().filter(|o| **o > at).map(|o| &asked[*o]).filter(|o| o.place.need != one.place.need)
        {
            let (one, other) = both(other);
            found.push(ConflictKind::SameQuestion { lang, one, other });
        }
        if one.key.chars().count() < SHORT {
            continue;
        }
        let (mut beside, mut common): (HashMap<usize, usize>, usize) = (HashMap::new(), 0);
        for (pair, times) in &one.pairs {
            match &holding[pair] {
                others if others.len() <= COMMON => {
                    others.iter().filter(|o| **o > at).for_each(|o| *beside.entry(*o).or_default() += times);
                }
                _ => common += times,
            }
        }
        for (other, telling) in beside {
            let other = &asked[other];
            // What they can share at most, before it is counted.
            let most = 2.0 * (telling + common) as f64 / (one.length + other.length) as f64;
            let is_other = other.place.need != one.place.need && other.key != one.key && other.key.chars().count() >= SHORT;
            if most >= NEAR && is_other && shared(&one.pairs, &other.pairs) >= NEAR {
                let (one, other) = both(other);
                found.push(ConflictKind::NearQuestion { lang, one, other });
            }
        }
    }
    found.sort();
    found
}

/// A figure as it is told to an editor, comparable across languages; `None` for numbers that promise nothing.
fn telling(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let mut found: BTreeSet<String> = figures(text)
        .into_iter()
        .filter_map(|figure| match figure {
            Figure::Sum(fen) => Some(format!("{} 元", crate::money::Fen(fen))),
            Figure::Rate(points) => Some(crate::money::BasisPoints(points).to_string()),
            Figure::Day(_, month, day) => Some(format!("{month}-{day}")),
            Figure::Count(..) => None,
        })
        .collect();
    found.extend(spans(&lower));
    found
}

/// Spans of time, in the unit they are written in: `3 天` and `3 days` are the same.
fn spans(lower: &str) -> Vec<String> {
    const UNITS: [(&[&str], &str); 7] = [
        (&["个工作日", "工作日", "working day", "business day"], "workdays"),
        (&["分钟", "minute", "min "], "minutes"),
        (&["个小时", "小时", "hour"], "hours"),
        (&["个自然日", "自然日", "天", "calendar day", "day"], "days"),
        (&["周", "个星期", "week"], "weeks"),
        (&["个月", "month"], "months"),
        (&["年", "year"], "years"),
    ];
    let chars: Vec<char> = lower.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < chars.len() && chars[at].is_ascii_digit() {
            at += 1;
        }
        let number: String = chars[start..at].iter().collect();
        let after: String = chars[at..].iter().take(16).collect();
        let after = after.trim_start_matches([' ', '-', '–']);
        let unit = UNITS.iter().find(|(words, _)| words.iter().any(|word| after.starts_with(word)));
        // `2026年` and `12月5日` are dates.
        if let Some((_, unit)) = unit.filter(|_| number.len() < 4) {
            found.push(format!("{} {unit}", number.trim_start_matches('0')));
        }
    }
    found
}

fn languages(entry: &Entry) -> Option<ConflictKind> {
    let figures_of = |lang: Lang| {
        let own = entry.texts.get(&lang).map(|text| text.answer.as_str());
        let variants = entry.variants.iter().filter_map(|v| v.texts.get(&lang)).map(|text| text.answer.as_str());
        own.map(|own| std::iter::once(own).chain(variants).flat_map(telling).collect::<BTreeSet<String>>())
    };
    let (chinese, english) = (figures_of(Lang::ZhCn)?, figures_of(Lang::En)?);
    // A figure that one language leaves out is shorter, not wrong; each must have one that the other does not.
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    let (in_chinese, in_english) = (only(&chinese, &english), only(&english, &chinese));
    (!in_chinese.is_empty() && !in_english.is_empty()).then(|| ConflictKind::Languages {
        need: entry.id.clone(),
        chinese: in_chinese,
        english: in_english,
    })
}

/// Clauses of two needs that are the same but for their figures.
fn clauses(knowledge: &Knowledge, lang: Lang) -> Vec<ConflictKind> {
    let mut said: BTreeMap<String, Vec<(BTreeSet<String>, Place)>> = BTreeMap::new();
    for entry in knowledge.iter() {
        let Some(text) = entry.texts.get(&lang) else { continue };
        for clause in text.answer.split(['。', '；', '！', '\n', ';']).flat_map(|c| c.split(". ")).map(str::trim) {
            let told = telling(clause);
            let frame: String = bare(clause).chars().filter(|c| !c.is_ascii_digit()).collect();
            if told.is_empty() || frame.chars().count() < CLAUSE {
                continue;
            }
            let place = Place { need: entry.id.clone(), text: clause.to_owned() };
            said.entry(frame).or_default().push((told, place));
        }
    }
    let mut found = Vec::new();
    for places in said.into_values() {
        for (at, (told, one)) in places.iter().enumerate() {
            let differs = places[at + 1..].iter().find(|(other, place)| other != told && place.need != one.need);
            if let Some((_, other)) = differs {
                found.push(ConflictKind::Figures { lang, one: one.clone(), other: other.clone() });
            }
        }
    }
    found
}

/// FNV-1a over what the conflict says.
fn id_of(kind: &ConflictKind) -> String {
    let text = serde_json::to_string(kind).expect("conflicts have string keys");
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, ask: &[&str], zh: &str, en: Option<&str>) -> Entry {
        let mut texts = serde_json::json!({"zh-CN": {"title": id, "ask": ask, "answer": zh}});
        if let Some(en) = en {
            texts["en"] = serde_json::json!({"title": id, "ask": [format!("about {id}")], "answer": en});
        }
        let json = serde_json::json!({
            "id": id, "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"}, "texts": texts,
        });
        serde_json::from_value(json).unwrap()
    }

    fn found(entries: impl IntoIterator<Item = Entry>) -> Vec<ConflictKind> {
        conflicts(&Knowledge::new(entries)).into_iter().map(|c| c.kind).collect()
    }

    #[test]
    fn a_question_under_two_needs_is_found_whatever_its_punctuation() {
        for (one, other, want) in [
            ("提前还款有手续费吗", "提前还款，有手续费吗？", "same"),
            ("提前还款有没有手续费", "提前还款有没有手续费呢", "near"),
            // Near strangers: one verb or noun away, and rightly apart.
            ("更改还款日期", "还款日期", "nothing"),
            ("罚息怎么算", "利息怎么算", "nothing"),
            ("提额", "提现", "nothing"),
        ] {
            let found = found([entry("a.one", &[one], "好", None), entry("a.two", &[other], "行", None)]);
            let kind = match found.as_slice() {
                [ConflictKind::SameQuestion { .. }] => "same",
                [ConflictKind::NearQuestion { .. }] => "near",
                [] => "nothing",
                _ => "more",
            };
            assert_eq!(kind, want, "{one} / {other}");
        }
        assert_eq!(found([entry("a.one", &["怎么还款", "怎么还款？"], "好", None)]), [], "an entry may repeat itself");
    }

    #[test]
    fn answers_whose_languages_name_other_figures_are_found() {
        for (zh, en, conflict) in [
            ("3 个工作日内到账", "within 3 working days", false),
            ("3 个工作日内到账", "within 5 working days", true),
            ("3 天内到账", "within 3 working days", true),
            ("手续费 10 元", "the fee is ¥10.00", false),
            ("年利率 7.2%", "7.20% a year", false),
            ("年利率 7.2%", "7.5% a year", true),
            ("年利率 7.2%，3 天到账", "7.2% a year", false),
            ("没有数字", "no figures", false),
        ] {
            let found = found([entry("a.one", &["问"], zh, Some(en))]);
            assert_eq!(matches!(found.as_slice(), [ConflictKind::Languages { .. }]), conflict, "{zh} / {en}: {found:?}");
        }
    }

    #[test]
    fn two_needs_that_say_the_same_with_other_figures_are_found() {
        let say = |a: &str, b: &str| found([entry("a.one", &["一"], a, None), entry("a.two", &["二"], b, None)]);
        let differs = say("放心。放款后 2 小时内一般会到账。", "放款后 24 小时内一般会到账");
        assert!(
            matches!(differs.as_slice(), [ConflictKind::Figures { one, .. }] if one.text == "放款后 2 小时内一般会到账"),
            "{differs:?}"
        );
        assert_eq!(say("放款后 2 小时内一般会到账", "放款后2小时内一般会到账。"), []);
        assert_eq!(say("放款后 2 小时内一般会到账", "提前还款后 24 小时更新"), []);
    }

    #[test]
    fn every_mend_that_is_offered_takes_the_conflict_away_or_links_the_two() {
        for (one, other) in [("提前还款有手续费吗", "提前还款有手续费吗？"), ("提前还款有没有手续费", "提前还款有没有手续费呢")]
        {
            let knowledge =
                Knowledge::new([entry("a.one", &["一", one], "好", None), entry("a.two", &["二", other], "行", None)]);
            let conflict = conflicts(&knowledge).remove(0);
            for mend in conflict.kind.mends() {
                let changed = mended(&conflict.kind, *mend, &knowledge).expect("it fits");
                let mut after: BTreeMap<NeedId, Entry> = knowledge.iter().map(|e| (e.id.clone(), e.clone())).collect();
                after.extend(changed.into_iter().map(|e| (e.id.clone(), e)));
                let after = Knowledge::new(after.into_values());
                if *mend == Mend::Link {
                    for entry in after.iter() {
                        assert_eq!(entry.texts[&Lang::ZhCn].buttons.len(), 1, "{mend:?}");
                    }
                } else {
                    assert_eq!(conflicts(&after), [], "{mend:?}");
                    let asks = after.iter().map(|e| e.texts[&Lang::ZhCn].ask.len()).sum::<usize>();
                    assert!(asks >= 3, "{mend:?}: only the one question goes");
                }
            }
        }
        let figures = ConflictKind::Languages { need: "a.one".into(), chinese: vec![], english: vec![] };
        assert_eq!(mended(&figures, Mend::DeleteOne, &Knowledge::default()), None);
    }

    #[test]
    fn an_id_stays_as_long_as_the_conflict_does() {
        let both = || [entry("a.one", &["怎么还清全部"], "好", None), entry("a.two", &["怎么还清全部！"], "行", None)];
        let id = |entries: Vec<Entry>| conflicts(&Knowledge::new(entries))[0].id.clone();
        let more = both().into_iter().chain([entry("a.three", &["三"], "三", None)]).collect();
        assert_eq!(id(both().to_vec()), id(more));
    }
}
