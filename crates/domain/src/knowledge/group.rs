//! Messages grouped by meaning, one after the other: a message joins the nearest group or begins one. Owns the grouping and what is
//! proposed of a group; vectors come from the caller.

use super::conflict::{alike, bare};
use super::{Entry, EntryText, Knowledge};
use crate::figures::{Figure, figures};
use crate::id::NeedId;
use crate::understanding::Lang;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Groups of one language, in the order in which they began.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    id: String,
    /// Sum of the vectors of its messages.
    sum: Vec<f32>,
}

/// A message whose vector has at least this cosine with the mean of a group belongs to it.
const JOIN: f32 = 0.5;

impl Groups {
    /// Puts a message's vector (length 1) into the group named, as it was decided before.
    pub fn restore(&mut self, id: &str, vector: &[f32]) {
        match self.groups.iter_mut().find(|g| g.id == id) {
            Some(group) => add(&mut group.sum, vector),
            None => self.groups.push(Group { id: id.to_owned(), sum: vector.to_vec() }),
        }
    }

    /// The group of a new message: the nearest that is near enough, the older one among equals, or a new one of this id.
    /// The same messages in the same order give the same groups.
    pub fn join(&mut self, vector: &[f32], new_id: &str) -> String {
        let mut best: Option<(f32, usize)> = None;
        for (at, group) in self.groups.iter().enumerate() {
            let near = cosine(&group.sum, vector);
            if near >= JOIN && best.is_none_or(|(most, _)| near > most) {
                best = Some((near, at));
            }
        }
        let id = best.map_or_else(|| new_id.to_owned(), |(_, at)| self.groups[at].id.clone());
        self.restore(&id, vector);
        id
    }
}

fn add(sum: &mut [f32], vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(s, v)| *s += v);
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}

/// Dimensions of [`plain_vector`].
const WIDTH: usize = 512;

/// A vector of length 1 from the characters alone, for where no encoder is trained: single characters and pairs of them, hashed.
pub fn plain_vector(text: &str) -> Vec<f32> {
    /// Said around a question without adding to it.
    const AROUND: [&str; 12] = ["请问", "你好", "您好", "我想", "一下", "可以", "怎么", "吗", "呢", "我的", "please", "can i"];
    let mut bare = bare(text);
    for word in AROUND {
        let shorter = bare.replace(&word.replace(' ', ""), "");
        if !shorter.is_empty() {
            bare = shorter;
        }
    }
    let chars: Vec<char> = bare.chars().collect();
    let mut vector = vec![0.0; WIDTH];
    let mut count = |gram: &[char], weight: f32| {
        let hash = gram.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, c| (h ^ u64::from(*c as u32)).wrapping_mul(0x0100_0000_01b3));
        let slot = usize::try_from((hash >> 20) % WIDTH as u64).unwrap_or(0);
        vector[slot] += weight;
    };
    chars.windows(1).for_each(|gram| count(gram, if gram[0].is_ascii() { 0.0 } else { 0.6 }));
    chars.windows(2).for_each(|gram| count(gram, if gram[0].is_ascii() { 0.5 } else { 1.0 }));
    chars.windows(4).filter(|g| g.iter().all(char::is_ascii)).for_each(|gram| count(gram, 1.0));
    // Often is more than once, but not as often.
    vector.iter_mut().for_each(|v: &mut f32| *v = v.sqrt());
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|v| *v /= length);
    }
    vector
}

/// One message of a group, as a proposal is made from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub text: String,
    pub guess: Option<(NeedId, f32)>,
    pub answer: Option<String>,
}

/// What an editor could do with a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Proposal {
    /// The entry that the questions seem to belong to; a new one where there is none.
    pub need: Option<NeedId>,
    /// Lines for "ways to ask", as customers wrote them, each once.
    pub ask: Vec<String>,
    /// What people answered most often.
    pub answer: Option<String>,
    /// How many of them said about the same.
    pub answered_alike: usize,
    /// Figures in the answer: they may be one customer's, and want checking before everybody gets them.
    pub figures: Vec<String>,
}

/// Ways to ask that one proposal has at most.
const MOST_ASKS: usize = 12;
/// Answers that share so much of their pairs of characters say the same.
const SAME_ANSWER: f64 = 0.6;
/// So many messages of ten that were taken for one need are about that need.
const MOSTLY: f64 = 0.5;
/// A guess below this does not count.
const GUESS: f32 = 0.2;

pub fn propose(members: &[Member]) -> Proposal {
    let mut guesses: BTreeMap<&NeedId, usize> = BTreeMap::new();
    for (need, _) in members.iter().filter_map(|m| m.guess.as_ref()).filter(|(_, confidence)| *confidence >= GUESS) {
        *guesses.entry(need).or_default() += 1;
    }
    let likeliest = guesses.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
    let need = likeliest.filter(|(_, n)| *n as f64 > MOSTLY * members.len() as f64).map(|(need, _)| need.clone());
    let mut seen = BTreeSet::new();
    let ask = members.iter().filter(|m| seen.insert(bare(&m.text))).map(|m| m.text.trim().to_owned()).take(MOST_ASKS).collect();
    let answers: Vec<&str> = members.iter().filter_map(|m| m.answer.as_deref()).collect();
    let bare_answers: Vec<String> = answers.iter().map(|a| bare(a)).collect();
    let mut best: Option<(usize, usize)> = None;
    for (at, one) in bare_answers.iter().enumerate() {
        let same = bare_answers.iter().filter(|other| alike(one, other) >= SAME_ANSWER).count();
        if best.is_none_or(|(most, _)| same > most) {
            best = Some((same, at));
        }
    }
    let answer = best.map(|(_, at)| answers[at].to_owned());
    let told = answer.as_deref().map(figures).unwrap_or_default();
    let figures = told
        .into_iter()
        .filter_map(|figure| match figure {
            Figure::Sum(fen) => Some(crate::money::Fen(fen).to_string()),
            Figure::Rate(points) => Some(crate::money::BasisPoints(points).to_string()),
            Figure::Day(_, month, day) => Some(format!("{month}-{day}")),
            Figure::Count(..) => None,
        })
        .collect();
    Proposal { need, ask, answer, answered_alike: best.map_or(0, |(same, _)| same), figures }
}

/// The draft that accepting a proposal makes: the entry with the new lines, or a new entry for `id`.
pub fn drafted(proposal: &Proposal, lang: Lang, id: &NeedId, knowledge: &Knowledge, like: Entry) -> Entry {
    let mut entry = knowledge.get(id).cloned().unwrap_or(like);
    let known: BTreeSet<String> = entry.texts.values().flat_map(|t| &t.ask).map(|ask| bare(ask)).collect();
    let text = entry.texts.entry(lang).or_insert_with(|| {
        Box::new(EntryText {
            title: proposal.ask.first().cloned().unwrap_or_default(),
            ask: Vec::new(),
            answer: proposal.answer.clone().unwrap_or_default(),
            buttons: Vec::new(),
        })
    });
    text.ask.extend(proposal.ask.iter().filter(|ask| !known.contains(&bare(ask))).cloned());
    entry
}

/// Words that most messages of a group have, longest first: what it is about.
pub fn typical_words(texts: &[&str], most: usize) -> Vec<String> {
    let mut holding: BTreeMap<String, usize> = BTreeMap::new();
    for text in texts {
        let mut own: BTreeSet<String> = BTreeSet::new();
        let folded = text.to_lowercase();
        for run in folded.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
            if run.is_ascii() {
                if run.len() > 2 {
                    own.insert(run.to_owned());
                }
                continue;
            }
            let chars: Vec<char> = run.chars().collect();
            for length in 2..=4 {
                own.extend(chars.windows(length).map(|gram| gram.iter().collect::<String>()));
            }
        }
        for word in own {
            *holding.entry(word).or_default() += 1;
        }
    }
    let least = texts.len().div_ceil(3).max(1);
    let mut words: Vec<(String, usize)> = holding.into_iter().filter(|(_, n)| *n >= least).collect();
    let weight = |word: &str, n: usize| n * word.chars().count().min(4);
    words.sort_by(|a, b| weight(&b.0, b.1).cmp(&weight(&a.0, a.1)).then_with(|| a.0.cmp(&b.0)));
    let mut chosen: Vec<String> = Vec::new();
    for (word, _) in words {
        let overlaps = chosen.iter().any(|c| c.contains(&word) || word.contains(c.as_str()) || touches(c, &word));
        if chosen.len() < most && !overlaps {
            chosen.push(word);
        }
    }
    chosen
}

/// Whether one ends as the other begins: parts of the same longer word.
fn touches(one: &str, other: &str) -> bool {
    let ends = |a: &str, b: &str| a.char_indices().skip(1).any(|(at, _)| !a.is_ascii() && b.starts_with(&a[at..]));
    ends(one, other) || ends(other, one)
}

/// Whether a group that was dismissed has grown so much that it is worth another look: twice as many, and five more.
pub fn has_grown(dismissed_at: usize, now: usize) -> bool {
    now >= dismissed_at * 2 && now >= dismissed_at + 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(lines: &[&str]) -> Vec<String> {
        let mut groups = Groups::default();
        lines.iter().enumerate().map(|(at, line)| groups.join(&plain_vector(line), &format!("g{at}"))).collect()
    }

    #[test]
    fn messages_that_ask_the_same_are_one_group_and_others_are_not() {
        let invoice = ["能开发票吗", "请问可以开发票吗", "发票怎么开", "想开一张发票"];
        let abroad = ["人在国外怎么还款", "我在国外能还款吗", "国外还款"];
        let english = ["can i get an invoice", "i need an invoice please", "invoice for my loan"];
        let lines: Vec<&str> = invoice.iter().chain(&abroad).chain(&english).copied().collect();
        let groups = grouped(&lines);
        let of = |range: std::ops::Range<usize>| groups[range].iter().collect::<BTreeSet<_>>();
        assert_eq!((of(0..4).len(), of(4..7).len(), of(7..10).len()), (1, 1, 1), "{groups:?}");
        assert_eq!(groups.iter().collect::<BTreeSet<_>>().len(), 3, "{groups:?}");
    }

    #[test]
    fn what_was_grouped_before_stays_where_it_is_after_a_restart() {
        let lines = ["能开发票吗", "人在国外怎么还款", "发票怎么开"];
        let before = grouped(&lines);
        let mut restored = Groups::default();
        for (line, group) in lines.iter().zip(&before) {
            restored.restore(group, &plain_vector(line));
        }
        assert_eq!(restored.join(&plain_vector("请问可以开发票吗"), "new"), before[0]);
        assert_eq!(restored.join(&plain_vector("注销以后还能再来吗"), "new"), "new");
    }

    fn member(text: &str, guess: Option<(&str, f32)>, answer: Option<&str>) -> Member {
        Member { text: text.to_owned(), guess: guess.map(|(n, c)| (n.into(), c)), answer: answer.map(str::to_owned) }
    }

    #[test]
    fn a_proposal_has_what_most_say() {
        let members = [
            member("能开发票吗", Some(("a.receipt", 0.3)), Some("可以的，在我的页面申请电子发票，三天内发出。")),
            member("能开发票吗？", Some(("a.receipt", 0.4)), Some("在我的页面申请电子发票，三天内就发出。")),
            member("发票怎么开", Some(("a.fee", 0.3)), Some("请稍等，我看一下您 120.50 元的账单。")),
        ];
        let proposal = propose(&members);
        assert_eq!(proposal.need, Some("a.receipt".into()));
        assert_eq!(proposal.ask, ["能开发票吗", "发票怎么开"], "each once");
        assert_eq!((proposal.answer.as_deref(), proposal.answered_alike), (members[0].answer.as_deref(), 2));
        assert!(proposal.figures.is_empty());
        let alone = propose(&members[2..]);
        assert_eq!(alone.figures, ["120.50"], "one customer's sum is pointed out");
        let unsure = propose(&[member("发票", Some(("a.x", 0.1)), None), member("发票呢", None, None)]);
        assert_eq!((unsure.need, unsure.answer), (None, None));
    }

    #[test]
    fn a_draft_keeps_what_the_entry_has_and_adds_each_line_once() {
        let json = |ask: &[&str]| {
            serde_json::from_value::<Entry>(serde_json::json!({
                "id": "a.receipt", "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"},
                "texts": {"zh-CN": {"title": "t", "ask": ask, "answer": "旧答案"}},
            }))
            .unwrap()
        };
        let knowledge = Knowledge::new([json(&["能开发票吗"])]);
        let proposal = Proposal {
            need: Some("a.receipt".into()),
            ask: vec!["能开发票吗？".to_owned(), "发票怎么开".to_owned()],
            answer: Some("新答案".to_owned()),
            answered_alike: 1,
            figures: vec![],
        };
        let entry = drafted(&proposal, Lang::ZhCn, &"a.receipt".into(), &knowledge, json(&[]));
        assert_eq!(entry.texts[&Lang::ZhCn].ask, ["能开发票吗", "发票怎么开"]);
        assert_eq!(entry.texts[&Lang::ZhCn].answer, "旧答案", "an answer that stands is the editor's to change");
        let mut blank = json(&[]);
        (blank.id, blank.texts) = ("a.new".into(), BTreeMap::new());
        let new = drafted(&proposal, Lang::ZhCn, &"a.new".into(), &knowledge, blank);
        assert_eq!((new.texts[&Lang::ZhCn].answer.as_str(), new.texts[&Lang::ZhCn].ask.len()), ("新答案", 2));
    }

    #[test]
    fn typical_words_are_what_most_messages_share() {
        let words = typical_words(&["能开发票吗", "电子发票怎么开", "发票什么时候到"], 3);
        assert_eq!(words.first().map(String::as_str), Some("发票"), "{words:?}");
        assert!(typical_words(&["get an invoice", "an invoice please"], 3).contains(&"invoice".to_owned()));
        assert!(typical_words(&[], 3).is_empty());
    }

    #[test]
    fn what_was_dismissed_comes_back_only_when_it_has_grown_markedly() {
        for (before, now, grown) in [(3, 7, false), (3, 8, true), (10, 19, false), (10, 20, true), (0, 4, false), (0, 5, true)] {
            assert_eq!(has_grown(before, now), grown, "{before} → {now}");
        }
    }
}
