//! Learns causes from rules and from people: naive Bayes over fields and words, in which people outweigh rules. Owns the counts
//! and their cross-validation.

use super::decide::{by_rule, rule_name};
use super::rules::CauseRules;
use super::terms::grams;
use super::trouble::{Label, Trouble};
use crate::knowledge::Knowledge;
use crate::statistics::Share;
use std::collections::{BTreeMap, BTreeSet};

/// Who said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Teacher {
    Rule,
    Person,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    pub trouble: Trouble,
    pub label: Label,
    pub teacher: Teacher,
}

/// What the model makes of a trouble.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Guess {
    pub label: Label,
    pub confidence: f64,
    /// Who taught most of what speaks for it.
    pub teacher: Teacher,
    /// What speaks for it most, as `need:repayment.due_amount`.
    pub evidence: Vec<String>,
}

/// How often held-out labels are found. Each is predicted by a model that has not seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accuracy {
    /// Labels of people, by rules and model together.
    pub people: Share,
    /// The same labels, by the rules alone.
    pub rules_alone: Share,
    /// Labels of rules, by the model without being told which rule it was: how it does where no rule fits.
    pub rules: Share,
}

#[derive(Debug, Clone, Default)]
pub struct CauseModel {
    classes: Vec<Class>,
    /// Distinct values by field, for smoothing.
    values: BTreeMap<String, usize>,
    words: usize,
}

#[derive(Debug, Clone)]
struct Class {
    label: Label,
    total: f64,
    by_people: f64,
    features: BTreeMap<String, f64>,
    words: BTreeMap<String, f64>,
    word_total: f64,
}

/// A person's word is worth so many rules'.
const PERSON: f64 = 8.0;
/// Laplace's smoothing.
const SMOOTH: f64 = 0.3;
/// All words together say as much as this many fields, however long the text.
const WORDS_WORTH: f64 = 2.0;
/// Parts of the cross-validation.
const FOLDS: usize = 5;
/// Pieces of evidence shown.
const SHOWN: usize = 3;

impl CauseModel {
    /// Counts the examples. Examples of one rule with one error code are one example: a frequent problem is not a surer one.
    pub fn train(examples: &[Example], rules: &CauseRules, knowledge: &Knowledge) -> CauseModel {
        let prepared: Vec<Prepared<'_>> = examples.iter().map(|e| Prepared::of(e, rules, knowledge)).collect();
        Self::count(&prepared.iter().collect::<Vec<_>>())
    }

    fn count(examples: &[&Prepared<'_>]) -> CauseModel {
        let mut classes: Vec<Class> = Vec::new();
        let mut values: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut words: BTreeSet<&str> = BTreeSet::new();
        let mut seen: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
        for example in examples {
            let Example { trouble, label, teacher } = example.example;
            let weight = match teacher {
                Teacher::Person => PERSON,
                Teacher::Rule if seen.insert((&example.rule, trouble.code.as_ref().map(|c| c.as_str()))) => 1.0,
                Teacher::Rule => continue,
            };
            let place = classes.iter().position(|c| c.label == *label).unwrap_or_else(|| {
                classes.push(Class {
                    label: label.clone(),
                    total: 0.0,
                    by_people: 0.0,
                    features: BTreeMap::new(),
                    words: BTreeMap::new(),
                    word_total: 0.0,
                });
                classes.len() - 1
            });
            let class = &mut classes[place];
            class.total += weight;
            class.by_people += if *teacher == Teacher::Person { weight } else { 0.0 };
            for feature in &example.features {
                *class.features.entry(feature.clone()).or_default() += weight;
                let (field, value) = split(feature);
                values.entry(field.to_owned()).or_default().insert(value);
            }
            for word in &example.words {
                *class.words.entry(word.clone()).or_default() += weight;
                class.word_total += weight;
                words.insert(word);
            }
        }
        let values = values.into_iter().map(|(field, values)| (field, values.len())).collect();
        CauseModel { words: words.len(), classes, values }
    }

    /// `rule` is the name of the rule that fits, if one does.
    pub(super) fn guess(&self, trouble: &Trouble, rule: Option<&str>) -> Option<Guess> {
        self.guess_by(&features(trouble, rule), &words(trouble))
    }

    fn guess_by(&self, features: &[String], words: &[String]) -> Option<Guess> {
        let all: f64 = self.classes.iter().map(|c| c.total).sum();
        let scored: Vec<(f64, &Class)> = self
            .classes
            .iter()
            .map(|class| {
                let fields: f64 = features.iter().map(|f| self.field(class, f).ln()).sum();
                let per_word = WORDS_WORTH / words.len().max(1) as f64;
                let said: f64 = words.iter().map(|w| per_word * self.word(class, w).ln()).sum();
                ((class.total / all).ln() + fields + said, class)
            })
            .collect();
        let (best, class) = scored.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let sum: f64 = scored.iter().map(|(score, _)| (score - best).exp()).sum();
        let mut evidence: Vec<(f64, &String)> = features
            .iter()
            .filter(|f| !matches!(split(f).0, "rule" | "entry"))
            .map(|f| {
                let elsewhere: f64 = self.classes.iter().map(|c| c.total / all * self.field(c, f)).sum();
                ((self.field(class, f) / elsewhere).ln(), f)
            })
            .collect();
        evidence.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Some(Guess {
            label: class.label.clone(),
            confidence: 1.0 / sum,
            teacher: if class.by_people > 0.0 { Teacher::Person } else { Teacher::Rule },
            evidence: evidence.into_iter().filter(|(gain, _)| *gain > 0.0).take(SHOWN).map(|(_, f)| f.clone()).collect(),
        })
    }

    fn field(&self, class: &Class, feature: &str) -> f64 {
        let values = self.values.get(split(feature).0).copied().unwrap_or(0) as f64 + 1.0;
        (class.features.get(feature).copied().unwrap_or(0.0) + SMOOTH) / (class.total + SMOOTH * values)
    }

    fn word(&self, class: &Class, word: &str) -> f64 {
        (class.words.get(word).copied().unwrap_or(0.0) + SMOOTH) / (class.word_total + SMOOTH * (self.words as f64 + 1.0))
    }

    /// Five-fold cross-validation; which fold an example is in follows from its id.
    pub fn validate(examples: &[Example], rules: &CauseRules, knowledge: &Knowledge) -> Accuracy {
        let prepared: Vec<Prepared<'_>> = examples.iter().map(|e| Prepared::of(e, rules, knowledge)).collect();
        let mut accuracy = Accuracy::default();
        for fold in 0..FOLDS {
            let rest: Vec<&Prepared<'_>> = prepared.iter().filter(|p| p.fold() != fold).collect();
            let model = Self::count(&rest);
            for held in prepared.iter().filter(|p| p.fold() == fold) {
                let Example { trouble, label, teacher } = held.example;
                match teacher {
                    Teacher::Person => {
                        let ruled = by_rule(trouble, rules, knowledge).map(|a| a.label);
                        let found = super::attribute(trouble.clone(), rules, knowledge, &model).attribution.label;
                        add(&mut accuracy.people, found == *label);
                        add(&mut accuracy.rules_alone, ruled.as_ref() == Some(label));
                    }
                    Teacher::Rule => {
                        let guess = model.guess(trouble, None);
                        add(&mut accuracy.rules, guess.is_some_and(|g| g.label == *label));
                    }
                }
            }
        }
        accuracy
    }
}

fn add(share: &mut Share, right: bool) {
    share.hits += u64::from(right);
    share.trials += 1;
}

struct Prepared<'a> {
    example: &'a Example,
    rule: String,
    features: Vec<String>,
    words: Vec<String>,
}

impl Prepared<'_> {
    fn of<'a>(example: &'a Example, rules: &CauseRules, knowledge: &Knowledge) -> Prepared<'a> {
        let trouble = &example.trouble;
        let rule = by_rule(trouble, rules, knowledge).map(|a| rule_name(&a, trouble));
        let features = features(trouble, rule.as_deref());
        Prepared { example, rule: rule.unwrap_or_default(), features, words: words(trouble) }
    }

    fn fold(&self) -> usize {
        // FNV-1a, so that the fold is the same on every machine.
        let hash = self
            .example
            .trouble
            .id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (hash % FOLDS as u64) as usize
    }
}

fn split(feature: &str) -> (&str, &str) {
    feature.split_once(':').unwrap_or((feature, ""))
}

fn features(trouble: &Trouble, rule: Option<&str>) -> Vec<String> {
    let mut found: Vec<String> = rule.map(str::to_owned).into_iter().collect();
    let mut add = |field: &str, value: Option<&str>| found.extend(value.map(|v| format!("{field}:{v}")));
    add("need", trouble.need.as_ref().map(|n| n.as_str()));
    add("stage", trouble.stage());
    add("step", trouble.place().as_deref());
    add("kind", trouble.kind.map(|k| k.code()));
    add("code", trouble.code.as_ref().map(|c| c.as_str()));
    found
}

fn words(trouble: &Trouble) -> Vec<String> {
    grams(&trouble.words, 2..=2).into_iter().collect()
}
