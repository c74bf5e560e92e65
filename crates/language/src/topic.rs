//! Words that name a topic and no need: "放款", "credit". Owns when a message is no more than that, and which needs it may
//! mean; a message that says what about the topic is the model's.

use crate::model::features::stem;
use crate::text::normal::is_han;
use jieti_domain::understanding::Lang;

/// Longest topic in Chinese characters ("提前还款") and in English words ("due date").
const MOST_HAN: usize = 4;
const MOST_WORDS: usize = 2;
/// A word in the questions of so many needs tells none of them from the others.
const LEAST_NEEDS: usize = 3;
/// What stays below half can be offered, and never be believed.
const MOST_CONFIDENCE: f32 = 0.45;

/// Said around a topic without adding to it.
const AROUND: [&str; 14] =
    ["关于", "有关", "咨询", "问题", "方面", "相关", "业务", "这块", "的事", "的", "呢", "about my", "about", "question"];
/// Words that every need's questions have, and that name nothing.
const NOTHING: [&str; 36] = [
    "怎么办",
    "怎么",
    "怎样",
    "如何",
    "为什么",
    "什么",
    "多久",
    "哪里",
    "可以",
    "可以吗",
    "能不能",
    "有没有",
    "是不是",
    "需要",
    "没有",
    "不能",
    "不了",
    "我的",
    "你们",
    "刚才",
    "现在",
    "已经",
    "今天",
    "昨天",
    "这个",
    "how",
    "what",
    "why",
    "when",
    "where",
    "can i",
    "how do",
    "do i",
    "i want",
    "my",
    "the",
];
/// A need that self-service solves is likelier than a question of detail about the same thing.
const SELF_SERVICE: f32 = 2.0;

/// One way to ask, as topics are looked up in it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub class: usize,
    /// In normal form.
    pub text: &'a str,
}

/// The questions of all needs of a language, as topics are looked up in them.
#[derive(Debug)]
pub struct Topics {
    lang: Lang,
    /// Questions in searchable form, by class.
    questions: Vec<Vec<String>>,
    /// Of each class.
    solved_by_itself: Vec<bool>,
}

impl Topics {
    /// `solved_by_itself` says of each class whether self-service solves it.
    pub fn new<'a>(lang: Lang, solved_by_itself: &[bool], questions: impl Iterator<Item = Question<'a>>) -> Self {
        let mut by_class = vec![Vec::new(); solved_by_itself.len()];
        for Question { class, text } in questions {
            by_class[class].push(searchable(lang, text));
        }
        Self { lang, questions: by_class, solved_by_itself: solved_by_itself.to_vec() }
    }

    /// The needs that a bare topic may mean, the most about it first, with shares of one: how much of a need's shortest
    /// questions the topic fills. `None` where the text says more, or where one need owns the word.
    pub fn needs_of(&self, normal: &str) -> Option<Vec<(usize, f32)>> {
        let topic = searchable(self.lang, named(self.lang, normal)?);
        let mut about = Vec::new();
        for (class, questions) in self.questions.iter().enumerate() {
            if questions.contains(&topic) {
                return None;
            }
            let filled: Vec<f32> = questions
                .iter()
                .filter(|question| question.contains(&topic))
                .map(|question| topic.chars().count() as f32 / question.chars().count() as f32)
                .collect();
            if !filled.is_empty() {
                about.push(About { class, filled, solved_by_itself: self.solved_by_itself[class] });
            }
        }
        shares(about)
    }
}

/// A need whose questions name a topic.
#[derive(Debug)]
pub struct About {
    pub class: usize,
    /// How much of each of those questions the topic fills.
    pub filled: Vec<f32>,
    pub solved_by_itself: bool,
}

/// What a text in normal form names, where it does no more than that.
pub fn named(lang: Lang, normal: &str) -> Option<&str> {
    let named = bare(normal);
    let topic = searchable(lang, named);
    let length = topic.trim().chars().count();
    let is_short = match lang {
        Lang::ZhCn => (2..=MOST_HAN).contains(&length) && topic.chars().all(is_han),
        Lang::En => length > 2 && topic.split_whitespace().count() <= MOST_WORDS,
    };
    (is_short && !NOTHING.contains(&topic.trim())).then_some(named)
}

/// What a topic means of the needs about it, the likeliest first; `None` where they are few, or where one owns the word.
pub fn shares(about: Vec<About>) -> Option<Vec<(usize, f32)>> {
    let questions = |about: &About| about.filled.len();
    let (all, most) = (about.iter().map(questions).sum::<usize>(), about.iter().map(questions).max()?);
    if about.len() < LEAST_NEEDS || 2 * most >= all {
        return None;
    }
    let fill = |About { class, mut filled, solved_by_itself }: About| {
        filled.sort_by(|a, b| b.total_cmp(a));
        let best_two = filled.iter().take(2).sum::<f32>() / 2.0;
        (class, best_two * if solved_by_itself { SELF_SERVICE } else { 1.0 })
    };
    let filled: Vec<(usize, f32)> = about.into_iter().map(fill).collect();
    let whole: f32 = filled.iter().map(|(_, filled)| filled).sum();
    let mut needs: Vec<(usize, f32)> =
        filled.into_iter().map(|(class, filled)| (class, (filled / whole).min(MOST_CONFIDENCE))).collect();
    needs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Some(needs)
}

/// English words are compared as stems, and whole.
fn searchable(lang: Lang, normal: &str) -> String {
    match lang {
        Lang::ZhCn => normal.to_owned(),
        Lang::En => format!(" {} ", normal.split(' ').map(stem).collect::<Vec<_>>().join(" ")),
    }
}

fn bare(normal: &str) -> &str {
    let mut rest = normal;
    loop {
        let before = rest.len();
        for word in AROUND {
            rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
            rest = rest.strip_suffix(word).unwrap_or(rest).trim_end();
        }
        if rest.len() == before {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics<const N: usize>(lang: Lang, flow: [bool; 3], questions: [(usize, &'static str); N]) -> Topics {
        Topics::new(lang, &flow, questions.into_iter().map(|(class, text)| Question { class, text }))
    }

    fn order(topics: &Topics, text: &str) -> Option<Vec<usize>> {
        topics.needs_of(text).map(|needs| needs.into_iter().map(|(class, _)| class).collect())
    }

    #[test]
    fn what_the_topic_fills_most_comes_first_and_self_service_counts_double() {
        let even = |flow| topics(Lang::ZhCn, flow, [(0, "放款多久"), (1, "节假日放款吗"), (2, "查放款")]);
        assert_eq!(order(&even([false; 3]), "放款"), Some(vec![2, 0, 1]));
        assert_eq!(order(&even([true, false, false]), "放款"), Some(vec![0, 2, 1]));
        let shares: f32 = even([false; 3]).needs_of("放款").unwrap().iter().map(|(_, share)| share).sum();
        assert!(shares <= 1.0);
    }

    #[test]
    fn a_word_of_which_one_need_has_half_the_questions_is_that_needs() {
        let most = [(0, "放款多久"), (0, "多久能放款"), (1, "节假日放款吗"), (2, "查放款"), (2, "查征信")];
        assert_eq!(order(&topics(Lang::ZhCn, [false; 3], most), "放款"), None);
        let two_needs = [(0, "放款多久"), (1, "节假日放款吗"), (2, "查征信")];
        assert_eq!(order(&topics(Lang::ZhCn, [false; 3], two_needs), "放款"), None);
    }

    #[test]
    fn a_question_that_is_listed_word_for_word_is_no_topic() {
        let topics = topics(Lang::ZhCn, [false; 3], [(0, "放款多久"), (1, "节假日放款吗"), (2, "放款")]);
        assert_eq!(order(&topics, "放款"), None);
    }

    #[test]
    fn english_words_are_whole() {
        let questions = [(0, "how do i change my card"), (1, "cards you take"), (2, "my card was lost")];
        let topics = topics(Lang::En, [false; 3], questions);
        assert_eq!(order(&topics, "about my card").map(|found| found.len()), Some(3));
        assert_eq!(order(&topics, "car"), None);
    }
}
