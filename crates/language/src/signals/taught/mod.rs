//! A model of the signals that ask for a person, beside the pattern tables: it finds what nobody listed, told as a story.
//! Owns the reading of its lines (`lines/*.tsv`) and the thresholds; trains at first use and reads no files.
//!
//! A line of the data is `signal<TAB>text`, `signal,signal<TAB>text` or `none<TAB>text`. One logistic regression a signal;
//! a signal is found above its threshold in the whole text or, where the text is long, in a stretch of it.

mod features;
mod logistic;
mod numbers;
mod senses;
#[cfg(test)]
mod tests;

use super::{joined, spaced};
use crate::text::normal::is_han;
use features::Bag;
use jieti_domain::understanding::{Lang, Signal};
use logistic::{Label, Model, SIGNALS, Vocabulary};
use senses::Senses;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What is learned. Courtesies, yes and no are closed lists and stay with the tables.
const LEARNED: [(Signal, &str); SIGNALS] = [
    (Signal::WantsHuman, "wants_human"),
    (Signal::Complaint, "complaint"),
    (Signal::RegulatorThreat, "regulator_threat"),
    (Signal::FraudVictim, "fraud_victim"),
    (Signal::Hardship, "hardship"),
    (Signal::SelfHarm, "self_harm"),
    (Signal::Minor, "minor"),
    (Signal::Abuse, "abuse"),
];

/// A message that is one of these is nothing else.
const WHOLES: [Signal; 4] = [Signal::Affirm, Signal::Deny, Signal::Cancel, Signal::Resume];

/// Share of the lines without any signal (hard lookalikes most of them) in which five-fold cross-validation may find each.
/// A customer in danger or in need who is missed is worse than a person who looks at a message for nothing; above all a
/// life (a false alarm shows a careful message, a miss may cost one) and a child. Of ordinary messages far fewer are found.
#[cfg(test)]
const ALARMS: [f64; SIGNALS] = [0.015, 0.01, 0.01, 0.015, 0.015, 0.02, 0.02, 0.01];

/// Log odds from which a signal is found: the least at which cross-validation stays within `ALARMS`, as the test
/// `thresholds_are_the_least_that_cross_validation_allows` prints and holds it; but never below `FLOOR`, where a message of
/// few known words would be found by its shortness.
const THRESHOLDS_ZH: [f32; SIGNALS] = [-0.90, -0.90, -0.90, -0.90, -0.90, -0.90, -0.84, -0.90];
const THRESHOLDS_EN: [f32; SIGNALS] = [-0.38, -0.90, -0.90, -0.90, -0.47, -0.35, -0.13, -0.90];

/// Log odds by which the model must be surer where a table knows the words as a lookalike ("不用转人工"): more than one
/// word can say.
const LOOKALIKE: f32 = 5.0;

#[cfg(test)]
const FLOOR: f32 = -0.9;

static CHINESE: LazyLock<Taught> = LazyLock::new(|| Taught::new(Lang::ZhCn));
static ENGLISH: LazyLock<Taught> = LazyLock::new(|| Taught::new(Lang::En));

struct Taught {
    tongue: Tongue,
    vocabulary: Vocabulary,
    model: Model,
    thresholds: [f32; SIGNALS],
}

/// What is read in one language, before anything is learned.
struct Tongue {
    lang: Lang,
    senses: Senses,
}

struct Line {
    /// For cross-validation, which reads a line as a message.
    #[cfg(test)]
    chars: Vec<char>,
    bag: Bag,
    labels: [Label; SIGNALS],
}

/// Adds what is found in a folded text, read in the language that most of it is written in. Of what the tables know as a
/// lookalike the model must be surer.
pub(super) fn read(folded: &[char], lookalikes: &BTreeSet<Signal>, found: &mut BTreeSet<Signal>) {
    if WHOLES.iter().any(|whole| found.contains(whole)) {
        return;
    }
    let han = folded.iter().filter(|c| is_han(**c)).count();
    let latin = folded.iter().filter(|c| c.is_ascii_alphabetic()).count();
    // As in `detect`: one Chinese character says as much as several Latin letters.
    let taught = match (han, latin) {
        (0, 0) => return,
        (1.., _) if han * 8 >= latin => &*CHINESE,
        _ => &*ENGLISH,
    };
    let scores = taught.scores(&taught.tongue.prepare(folded));
    for (((signal, _), score), threshold) in LEARNED.iter().zip(scores).zip(taught.thresholds) {
        let margin = if lookalikes.contains(signal) { LOOKALIKE } else { 0.0 };
        if score > threshold + margin {
            found.insert(*signal);
        }
    }
}

impl Taught {
    fn new(lang: Lang) -> Self {
        let tongue = Tongue::new(lang);
        let lines = tongue.lines();
        let (vocabulary, model) = learn(&lines.iter().collect::<Vec<_>>());
        let thresholds = match lang {
            Lang::ZhCn => THRESHOLDS_ZH,
            Lang::En => THRESHOLDS_EN,
        };
        Self { tongue, vocabulary, model, thresholds }
    }

    fn scores(&self, chars: &[char]) -> [f32; SIGNALS] {
        scores(&self.tongue, &self.vocabulary, &self.model, chars)
    }
}

fn learn(lines: &[&Line]) -> (Vocabulary, Model) {
    let vocabulary = Vocabulary::of(lines.iter().map(|line| &line.bag));
    let examples: Vec<_> = lines.iter().filter_map(|line| Some((vocabulary.sparse(&line.bag)?, line.labels))).collect();
    let model = Model::train(vocabulary.len(), &examples);
    (vocabulary, model)
}

/// The highest log odds of each signal in the text and its stretches; below every threshold where it is in no language
/// that was learned.
fn scores(tongue: &Tongue, vocabulary: &Vocabulary, model: &Model, chars: &[char]) -> [f32; SIGNALS] {
    let mut best = [f32::NEG_INFINITY; SIGNALS];
    for (start, end) in tongue.stretches(chars) {
        if let Some(entries) = vocabulary.sparse(&tongue.bag(&chars[start..end])) {
            for (best, score) in best.iter_mut().zip(model.scores(&entries)) {
                *best = best.max(score);
            }
        }
    }
    best
}

impl Tongue {
    fn new(lang: Lang) -> Self {
        let senses = match lang {
            Lang::ZhCn => Senses::parse(include_str!("../lines/senses.zh-CN.txt"), false),
            Lang::En => Senses::parse(include_str!("../lines/senses.en.txt"), true),
        };
        Self { lang, senses }
    }

    fn lines(&self) -> Vec<Line> {
        let written = match self.lang {
            Lang::ZhCn => include_str!("../lines/zh-CN.tsv"),
            Lang::En => include_str!("../lines/en.tsv"),
        };
        let line = |line: &str| {
            let (signals, text) = line.split_once('\t').expect("a line is signals, a tab and a text");
            let chars = self.prepare(&crate::text::Folded::new(text, crate::text::MAX_CHARS).chars);
            let bag = self.bag(&chars);
            Line {
                bag,
                labels: labels(signals),
                #[cfg(test)]
                chars,
            }
        };
        written.lines().map(line).collect()
    }

    fn prepare(&self, folded: &[char]) -> Vec<char> {
        match self.lang {
            Lang::ZhCn => joined(folded),
            Lang::En => spaced(folded),
        }
    }

    fn bag(&self, chars: &[char]) -> Bag {
        match self.lang {
            Lang::ZhCn => features::chinese(chars, &self.senses),
            Lang::En => features::english(chars, &self.senses),
        }
    }

    /// The whole text, and stretches of about a clause of a text longer than one is: one clause in a story, or beside a
    /// complaint, must be heard. Start and end, end exclusive.
    fn stretches(&self, chars: &[char]) -> Vec<(usize, usize)> {
        let long = match self.lang {
            Lang::ZhCn => 20,
            Lang::En => 60,
        };
        let mut all = vec![(0, chars.len())];
        if chars.len() <= long {
            return all;
        }
        let mut cuts = vec![0];
        for (at, &c) in chars.iter().enumerate() {
            let since = at + 1 - cuts[cuts.len() - 1];
            let ends = matches!(c, '.' | '!' | '?' | ';' | ',') && since >= long / 8;
            // Without punctuation, anywhere; but not inside an English word.
            let must = since >= long * 3 / 2 && (self.lang == Lang::ZhCn || c == ' ');
            if ends || must {
                cuts.push(at + 1);
            }
        }
        for (i, &start) in cuts.iter().enumerate() {
            // A last clause is too short to judge alone.
            let start = if chars.len() - start < long / 2 { cuts[i.saturating_sub(1)] } else { start };
            let end = cuts[i + 1..].iter().copied().find(|end| end - start >= long / 2).unwrap_or(chars.len());
            all.push((start, end));
        }
        all
    }
}

fn labels(signals: &str) -> [Label; SIGNALS] {
    let has: Vec<Signal> =
        LEARNED.iter().filter(|(_, name)| signals.split(',').any(|s| s == *name)).map(|(signal, _)| *signal).collect();
    LEARNED.map(|(signal, _)| {
        if has.contains(&signal) {
            Label::Has
        } else if has.iter().any(|other| is_near(*other, signal)) {
            Label::Open
        } else {
            Label::HasNot
        }
    })
}

/// Whether a line written for `one` may have `other` as well: who threatens to sue complains, who despairs of debts is in
/// need.
fn is_near(one: Signal, other: Signal) -> bool {
    matches!(
        (one, other),
        (Signal::RegulatorThreat | Signal::Abuse | Signal::SelfHarm, Signal::Complaint)
            | (Signal::SelfHarm | Signal::FraudVictim, Signal::Hardship)
            | (Signal::SelfHarm, Signal::RegulatorThreat)
    )
}
