//! From a normalised text to probabilities over classes, for one language: nearest questions, a linear model, and the
//! blend that turns both into calibrated shares. Owns training and ranking over class numbers; knows no needs by name.

pub mod blend;
pub mod evidence;
pub mod features;
pub mod linear;
pub mod space;

use crate::text::variant::vary;
use blend::{Blend, Judged};
use evidence::{Answers, Reader};
use features::{Bag, extract};
use jieti_domain::understanding::Lang;
use linear::{Example, Linear};
use rayon::prelude::*;
use space::{Index, Vector, Vocabulary};
use std::collections::BTreeMap;

/// Folds of the cross-validation that calibrates. Five leave a class of seven questions with five or six of them.
pub const FOLDS: usize = 5;

/// A way to ask for a class.
#[derive(Debug, Clone)]
pub struct Sample {
    pub class: usize,
    /// In normal form.
    pub text: String,
    /// 1 for a question an editor wrote; less for one that was guessed.
    pub weight: f32,
}

/// What a model is trained on.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    pub classes: usize,
    pub samples: &'a [Sample],
    /// The answer of each class, in normal form; empty where there are none.
    pub answers: &'a [String],
    /// Texts that no class answers, in normal form.
    pub background: &'a [String],
}

/// Where the blend comes from.
pub enum Calibration<'a> {
    /// Cross-validate and fit: several times the work of training alone.
    Fit,
    /// Take over the blend of an earlier training, after a small edit.
    Keep(&'a Blend),
}

/// What customers' messages are assumed to consist of; calibration is honest as far as this is.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// Share of answerable messages that are a listed question in other small words; the rest are ways to ask that
    /// nobody has written yet, for which questions of other folds stand in.
    pub familiar: f32,
    /// Weight, beside 1 for everything answerable, of a lender's questions that no class answers.
    pub near: f32,
    /// Weight of everything else: weather, poems.
    pub far: f32,
}

impl Default for Traffic {
    fn default() -> Self {
        Self { familiar: 0.25, near: 0.12, far: 0.15 }
    }
}

#[derive(Debug)]
pub struct Model {
    lang: Lang,
    classes: usize,
    vocabulary: Vocabulary,
    index: Index,
    /// Class of each question; `classes` stands for the background.
    class_of: Vec<usize>,
    linear: Linear,
    answers: Option<Answers>,
    blend: Blend,
    /// Normal form → the classes that list it word for word.
    exact: BTreeMap<String, Vec<usize>>,
}

/// Classes with their probabilities, best first; what is missing to 1 is the probability of "none".
pub type Ranked = Vec<(usize, f32)>;

impl Model {
    pub fn train(lang: Lang, material: &Material<'_>, calibration: Calibration<'_>, traffic: Traffic) -> Self {
        let &Material { classes, samples, answers, background } = material;
        let (samples, exact) = distinct(samples);
        let answers = Answers::new(lang, answers);
        let texts: Vec<&str> = samples.iter().map(|s| s.text.as_str()).chain(background.iter().map(String::as_str)).collect();
        let bags: Vec<Bag> = texts.par_iter().map(|text| extract(lang, text)).collect();
        let vocabulary = Vocabulary::new(bags.iter());
        let vectors: Vec<Vector> = bags.par_iter().map(|bag| vocabulary.vector(bag)).collect();
        let index = Index::new(vocabulary.len(), &vectors);
        let class_of: Vec<usize> =
            samples.iter().map(|s| s.class).chain(std::iter::repeat_n(classes, background.len())).collect();
        let weight_of: Vec<f32> = samples.iter().map(|s| s.weight).chain(std::iter::repeat_n(1.0, background.len())).collect();
        let fold_of = folds(&class_of);

        let train_without = |fold: usize| {
            let examples: Vec<Example<'_>> = vectors
                .iter()
                .enumerate()
                .filter(|(i, _)| fold_of[*i] != fold)
                .map(|(i, vector)| Example { vector, class: class_of[i], weight: weight_of[i] })
                .collect();
            Linear::train(vocabulary.repeated(), classes + 1, |f| evidence::SCALE[vocabulary.view(f)], &examples)
        };
        let (linear, blend) = match calibration {
            Calibration::Keep(blend) => (train_without(FOLDS), blend.clone()),
            Calibration::Fit => {
                let mut linears: Vec<Linear> = (0..=FOLDS).into_par_iter().map(train_without).collect();
                let all = linears.pop().unwrap_or_default();
                let positives = weight_of[..samples.len()].iter().sum::<f32>();
                let far_weight = traffic.far * positives / (background.len().max(1) as f32);
                let judged: Vec<Judged> = (0..vectors.len())
                    .into_par_iter()
                    .flat_map_iter(|i| {
                        let fold = fold_of[i];
                        let reader = Reader {
                            vocabulary: &vocabulary,
                            index: &index,
                            class_of: &class_of,
                            classes,
                            linear: &linears[fold],
                            answers: answers.as_ref(),
                            hidden: Some((&fold_of, fold)),
                        };
                        let class = class_of[i];
                        let mut judged = Vec::with_capacity(3);
                        if class == classes {
                            judged.push(Judged {
                                evidence: reader.read(&bags[i], &vectors[i], None),
                                right: None,
                                weight: far_weight,
                            });
                        } else {
                            let weight = weight_of[i] * (1.0 - traffic.familiar);
                            judged.push(Judged {
                                evidence: reader.read(&bags[i], &vectors[i], None),
                                right: Some(class),
                                weight,
                            });
                            // With its own class taken away, a question is one that nobody has written an answer for.
                            let weight = weight_of[i] * traffic.near;
                            judged.push(Judged {
                                evidence: reader.read(&bags[i], &vectors[i], Some(class)),
                                right: None,
                                weight,
                            });
                            let bag = extract(lang, &vary(lang, texts[i], i));
                            let reader = Reader { linear: &all, hidden: None, ..reader };
                            let weight = weight_of[i] * traffic.familiar;
                            judged.push(Judged {
                                evidence: reader.read(&bag, &vocabulary.vector(&bag), None),
                                right: Some(class),
                                weight,
                            });
                        }
                        judged
                    })
                    .collect();
                (all, Blend::fit(&judged))
            }
        };
        Self { lang, classes, vocabulary, index, class_of, linear, answers, blend, exact }
    }

    pub fn blend(&self) -> &Blend {
        &self.blend
    }

    /// Ranks the classes for a text in normal form.
    pub fn rank(&self, normal: &str) -> Ranked {
        if normal.is_empty() || self.classes == 0 {
            return Ranked::new();
        }
        let bag = extract(self.lang, normal);
        let vector = self.vocabulary.vector(&bag);
        let reader = Reader {
            vocabulary: &self.vocabulary,
            index: &self.index,
            class_of: &self.class_of,
            classes: self.classes,
            linear: &self.linear,
            answers: self.answers.as_ref(),
            hidden: None,
        };
        let evidence = reader.read(&bag, &vector, None);
        let shares = self.blend.shares(&evidence);
        let mut ranked: Ranked =
            evidence.candidates.iter().zip(&shares[1..]).map(|((class, _), share)| (*class, *share)).collect();
        if let Some(listed) = self.exact.get(normal) {
            favour(&mut ranked, listed);
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

/// Of customers who send a question word for word as an editor wrote it, all but a few mean that entry.
const WORD_FOR_WORD: f32 = 0.97;

/// Gives the classes that list the text word for word their share together, evenly; the rest keep what is left.
fn favour(ranked: &mut Ranked, listed: &[usize]) {
    let each = WORD_FOR_WORD / listed.len() as f32;
    let rest: f32 = ranked.iter().filter(|(class, _)| !listed.contains(class)).map(|(_, share)| share).sum();
    let shrink = (1.0 - WORD_FOR_WORD) / rest.max(1.0 - WORD_FOR_WORD);
    ranked.retain_mut(|(class, share)| {
        *share *= shrink;
        !listed.contains(class)
    });
    ranked.extend(listed.iter().map(|class| (*class, each)));
}

/// Each text once per class, and the map from text to classes.
fn distinct(samples: &[Sample]) -> (Vec<Sample>, BTreeMap<String, Vec<usize>>) {
    let mut exact: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(samples.len());
    for sample in samples.iter().filter(|s| !s.text.is_empty()) {
        let listed = exact.entry(sample.text.clone()).or_default();
        if !listed.contains(&sample.class) {
            listed.push(sample.class);
            kept.push(sample.clone());
        }
    }
    (kept, exact)
}

/// Deals the questions of each class out in turn, beginning at another fold for each class, so that folds are even.
fn folds(class_of: &[usize]) -> Vec<usize> {
    let mut next: BTreeMap<usize, usize> = BTreeMap::new();
    class_of
        .iter()
        .map(|&class| {
            let turn = next.entry(class).or_insert(class);
            *turn += 1;
            *turn % FOLDS
        })
        .collect()
}
