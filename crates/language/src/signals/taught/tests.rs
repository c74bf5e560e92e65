//! What cross-validation over the lines says, and what must hold of them.

use super::*;
use std::collections::{BTreeMap, HashSet};

const FOLDS: usize = 5;

/// Lines that share half of their pairs of characters go into the same fold.
fn folds(lines: &[Line]) -> Vec<usize> {
    let pairs: Vec<HashSet<[char; 2]>> =
        lines.iter().map(|line| line.chars.windows(2).map(|pair| [pair[0], pair[1]]).collect()).collect();
    let mut group: Vec<usize> = (0..lines.len()).collect();
    for i in 0..lines.len() {
        for j in 0..i {
            let shared = pairs[i].intersection(&pairs[j]).count();
            let all = pairs[i].len() + pairs[j].len() - shared;
            if all > 0 && shared * 2 >= all {
                let (from, to) = (group[i], group[j]);
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
    }
    group.into_iter().map(|g| ((g as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize % FOLDS).collect()
}

/// Log odds of every line by models that have not seen it or its like.
fn cross_validate(tongue: &Tongue, lines: &[Line]) -> Vec<[f32; SIGNALS]> {
    let folds = folds(lines);
    let mut all = vec![[0.0; SIGNALS]; lines.len()];
    for fold in 0..FOLDS {
        let seen: Vec<&Line> = lines.iter().zip(&folds).filter(|(_, f)| **f != fold).map(|(line, _)| line).collect();
        let (vocabulary, model) = learn(&seen);
        for (at, line) in lines.iter().enumerate().filter(|(at, _)| folds[*at] == fold) {
            all[at] = scores(tongue, &vocabulary, &model, &line.chars);
        }
    }
    all
}

fn both() -> [(Tongue, [f32; SIGNALS]); 2] {
    [(Tongue::new(Lang::ZhCn), THRESHOLDS_ZH), (Tongue::new(Lang::En), THRESHOLDS_EN)]
}

#[test]
fn thresholds_are_the_least_that_cross_validation_allows() {
    let mut wrong = Vec::new();
    for (tongue, thresholds) in both() {
        let lines = tongue.lines();
        let scores = cross_validate(&tongue, &lines);
        for (at, (signal, _)) in LEARNED.iter().enumerate() {
            let of = |wanted: fn(&Line, usize) -> bool| -> Vec<f32> {
                lines.iter().zip(&scores).filter(|(line, _)| wanted(line, at)).map(|(_, s)| s[at]).collect()
            };
            let says = of(|line, at| line.labels[at] == Label::Has);
            let mut not = of(|line, _| line.labels.iter().all(|l| *l == Label::HasNot));
            not.sort_by(|a, b| b.total_cmp(a));
            let least = not[(not.len() as f64 * ALARMS[at]) as usize].max(FLOOR);
            let recall = says.iter().filter(|s| **s > thresholds[at]).count() as f64 / says.len() as f64;
            let shows = |least: f32| says.iter().filter(|s| **s > least).count() as f64 / says.len() as f64;
            println!("LEAST {:?} {at} {least:.2} {:.2}", tongue.lang, shows(least));
            println!("{:?} {signal:?}: least {least:.2}, recall {recall:.2} of {}", tongue.lang, says.len());
            // The mathematics of another machine may differ in the last digits, which training makes larger.
            if (least - thresholds[at]).abs() > 0.25 {
                wrong.push(format!("{:?} {signal:?}: {least:.2}, not {}", tongue.lang, thresholds[at]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn there_are_enough_lines_and_each_stands_once() {
    for (tongue, _) in both() {
        let lines = tongue.lines();
        let mut texts: BTreeMap<&[char], usize> = BTreeMap::new();
        for line in &lines {
            *texts.entry(&line.chars).or_default() += 1;
        }
        let twice: Vec<String> = texts.iter().filter(|(_, n)| **n > 1).map(|(text, _)| text.iter().collect()).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let none = lines.iter().filter(|line| line.labels.iter().all(|l| *l == Label::HasNot)).count();
        assert!(none >= 250, "{:?}: {none}", tongue.lang);
        for (at, (signal, _)) in LEARNED.iter().enumerate() {
            let has = lines.iter().filter(|line| line.labels[at] == Label::Has).count();
            assert!(has >= 60, "{:?} {signal:?}: {has}", tongue.lang);
        }
    }
}

#[test]
fn training_twice_gives_the_same_model() {
    let (one, other) = (Taught::new(Lang::En), Taught::new(Lang::En));
    for line in one.tongue.lines().iter().take(100) {
        assert_eq!(one.scores(&line.chars), other.scores(&line.chars));
    }
}

fn found(text: &str) -> BTreeSet<Signal> {
    let mut found = BTreeSet::new();
    read(&crate::text::Folded::new(text, crate::text::MAX_CHARS).chars, &BTreeSet::new(), &mut found);
    found
}

#[test]
fn one_sentence_in_a_long_story_is_heard() {
    let story = "我上个月在你们这里办了十二期的分期，本来一直都是按时还的，后来换了手机号，登录的时候一直收不到验证码，\
                 客服让我更新资料，我也照做了。我现在站在楼顶上，真的不想活了。另外还想问一下还款日能不能改到二十号，\
                 因为工资是十八号发，改了以后利息会不会变多，账单在哪里可以看到。";
    assert!(found(story).contains(&Signal::SelfHarm));
    let story = "I opened the account last year and always paid on the due date, then I changed my phone number and could \
                 not log in because the code went to the old one, so I wrote to you twice about updating my details. \
                 I am standing on the bridge and I want to die. Also I would like to know whether the due date can be \
                 moved to the twentieth, since my salary is paid on the eighteenth, and where I can see the statement.";
    assert!(found(story).contains(&Signal::SelfHarm), "{:?}", found(story));
}

#[test]
fn other_languages_and_nothing_at_all_give_nothing() {
    for text in ["", "😀😀😀", "1", "???", "wie kann ich die Rate früher zahlen", "die Karte ist weg", "¿cómo puedo pagar?"]
    {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}
