//! What a model learns besides the published knowledge: pairs of message and need that people have accepted.

use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Knowledge, LessonVerdict, bare};
use jieti_domain::understanding::Lang;
use jieti_store::{LessonRow, TestQuestion};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A message and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearntLine {
    pub text: String,
    pub lang: Lang,
    pub need: NeedId,
}

/// The lines of one model. Version 0 has none: it is the knowledge alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learnt {
    pub version: u64,
    pub lines: Vec<LearntLine>,
}

/// The frozen test, and what may be learnt beside it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Split {
    pub lines: Vec<LearntLine>,
    /// Text, language, and the need; `None` where it is nobody's.
    pub test: Vec<(String, Lang, Option<NeedId>)>,
    /// Test questions that stand word for word in the knowledge, and therefore test nothing.
    pub left_out: usize,
}

/// One accepted pair in so many is kept for the test.
const KEPT_FOR_TEST: u64 = 5;

/// Knowledge with the lines among its questions, as a model is trained on it. Customers never see it.
pub(crate) fn with_lines(knowledge: &Knowledge, learnt: &Learnt) -> Knowledge {
    let mut by_need: BTreeMap<&NeedId, Vec<&LearntLine>> = BTreeMap::new();
    for line in &learnt.lines {
        by_need.entry(&line.need).or_default().push(line);
    }
    knowledge.with(by_need.into_iter().filter_map(|(need, lines)| {
        let mut entry = knowledge.get(need)?.clone();
        for line in lines {
            if let Some(text) = entry.texts.get_mut(&line.lang).filter(|text| !text.ask.contains(&line.text)) {
                text.ask.push(line.text.clone());
            }
        }
        Some(entry)
    }))
}

fn is_kept_for_test(bare: &str) -> bool {
    let hash = bare.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 13).is_multiple_of(KEPT_FOR_TEST)
}

/// Deals what was accepted out to training and test. Which it is hangs on the text alone, so a line that was tested with is never
/// learnt later, and the lender's own test questions are never learnt at all.
pub(crate) fn split(accepted: &[LessonRow], questions: &[TestQuestion], knowledge: &Knowledge) -> Split {
    let asked: BTreeSet<String> =
        knowledge.iter().flat_map(|e| e.texts.values().flat_map(|t| &t.ask)).map(|ask| bare(ask)).collect();
    let mut found = Split::default();
    let mut tested: BTreeSet<String> = BTreeSet::new();
    for question in questions {
        let key = bare(&question.text);
        if asked.contains(&key) {
            found.left_out += 1;
        } else if tested.insert(key) {
            found.test.push((question.text.clone(), question.lang, question.expect.clone()));
        }
    }
    // The last word on a text counts; a refused need takes an earlier yes away.
    let mut meant: BTreeMap<String, Option<LearntLine>> = BTreeMap::new();
    for row in accepted {
        let Some(review) = &row.review else { continue };
        let key = bare(&row.lesson.text);
        let is_good = row.lesson.verdict == LessonVerdict::Good || review.need != row.lesson.need;
        let line = LearntLine { text: row.lesson.text.clone(), lang: row.lesson.lang, need: review.need.clone() };
        match is_good {
            true => {
                meant.insert(key, Some(line));
            }
            false if meant.get(&key).is_none_or(|m| m.as_ref().is_none_or(|m| m.need == line.need)) => {
                meant.insert(key, None);
            }
            false => {}
        }
    }
    for (key, line) in meant {
        let Some(line) =
            line.filter(|line| knowledge.get(&line.need).is_some() && !tested.contains(&key) && !asked.contains(&key))
        else {
            continue;
        };
        if is_kept_for_test(&key) {
            found.test.push((line.text, line.lang, Some(line.need)));
        } else {
            found.lines.push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use jieti_domain::knowledge::{Entry, Lesson, LessonSource};
    use jieti_domain::time::Timestamp;
    use jieti_store::Review;

    fn knowledge() -> Knowledge {
        let entry = |id: &str| -> Entry {
            serde_json::from_value(serde_json::json!({
                "id": id, "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"},
                "texts": {"zh-CN": {"title": id, "ask": [format!("{id} 的问法")], "answer": "答"}},
            }))
            .unwrap()
        };
        Knowledge::new([entry("a.one"), entry("a.two")])
    }

    fn row(text: &str, need: &str, verdict: LessonVerdict, meant: &str) -> LessonRow {
        LessonRow {
            id: text.to_owned(),
            conversation: "cv".into(),
            lesson: Lesson {
                seq: 2,
                at: Timestamp(0),
                lang: Lang::ZhCn,
                text: text.to_owned(),
                need: need.into(),
                verdict,
                source: LessonSource::ThumbUp,
                answer: None,
            },
            review: Some(Review { accepted: true, need: meant.into(), author: "tang".to_owned(), at: Timestamp(1) }),
        }
    }

    fn question(text: &str) -> TestQuestion {
        TestQuestion {
            id: text.to_owned(),
            text: text.to_owned(),
            lang: Lang::ZhCn,
            expect: Some("a.one".into()),
            author: "tang".to_owned(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn no_line_is_both_learnt_and_tested_with() {
        let rows: Vec<LessonRow> =
            (0..200).map(|i| row(&format!("第{i}种问法"), "a.one", LessonVerdict::Good, "a.one")).collect();
        let questions = [question("第3种问法"), question("第四种问法"), question("a.one 的问法")];
        let split = split(&rows, &questions, &knowledge());
        let learnt: BTreeSet<String> = split.lines.iter().map(|l| bare(&l.text)).collect();
        let tested: BTreeSet<String> = split.test.iter().map(|(text, ..)| bare(text)).collect();
        assert!(learnt.is_disjoint(&tested) && learnt.len() + tested.len() == 201, "{} {}", learnt.len(), tested.len());
        assert!((20..=60).contains(&(tested.len() - 2)), "about a fifth is kept for the test: {}", tested.len());
        assert_eq!(split.left_out, 1, "a question of the knowledge itself tests nothing");
    }

    #[test]
    fn the_reviewers_need_counts_and_a_refusal_takes_a_line_away() {
        use LessonVerdict::{Bad, Good};
        // Texts that go to training by their hash.
        let text: String = (0..).map(|i| format!("问{i}")).find(|t| !is_kept_for_test(&bare(t))).unwrap();
        for (rows, want) in [
            (vec![row(&text, "a.one", Good, "a.one")], Some("a.one")),
            (vec![row(&text, "a.one", Good, "a.two")], Some("a.two")),
            (vec![row(&text, "a.one", Bad, "a.two")], Some("a.two")),
            (vec![row(&text, "a.one", Bad, "a.one")], None),
            (vec![row(&text, "a.one", Good, "a.one"), row(&text, "a.one", Bad, "a.one")], None),
            (vec![row(&text, "a.one", Good, "a.one"), row(&text, "a.two", Bad, "a.two")], Some("a.one")),
            (vec![row(&text, "a.gone", Good, "a.gone")], None),
        ] {
            let split = split(&rows, &[], &knowledge());
            assert_eq!(split.lines.first().map(|l| l.need.as_str()), want);
        }
    }

    #[test]
    fn lines_are_learnt_and_never_part_of_what_is_published() {
        let line = |lang, need: &str| LearntLine { text: "新问法".to_owned(), lang, need: need.into() };
        let learnt =
            Learnt { version: 1, lines: vec![line(Lang::ZhCn, "a.one"), line(Lang::En, "a.one"), line(Lang::ZhCn, "a.gone")] };
        let with = with_lines(&knowledge(), &learnt);
        assert_eq!(with.get(&"a.one".into()).unwrap().texts[&Lang::ZhCn].ask, ["a.one 的问法", "新问法"]);
        assert_eq!(with.get(&"a.two".into()), knowledge().get(&"a.two".into()));
        assert_eq!(with.len(), 2);
    }
}
