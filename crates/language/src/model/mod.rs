//! From a normalised text to probabilities over classes, for one language: nearest questions, a linear model, and the
//! blend that turns both into calibrated shares. Owns training and ranking over class numbers; knows no needs by name.

pub mod blend;
pub mod dense;
pub mod discriminant;
pub mod evidence;
pub mod features;
pub mod kernel;
pub mod linear;
pub mod network;
pub mod projection;
pub mod space;

use crate::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder};
use crate::text::variant::{scrap, vary};
use blend::{Blend, Judged, Origin, Sight};
use dense::{Point, Space};
use evidence::{Answers, DenseReader, Reader, Seen, group_of};
use features::{Bag, extract};
use jieti_domain::understanding::Lang;
use kernel::Gram;
use linear::{Example, Linear};
use network::{Labelled, Network};
use rayon::prelude::*;
use space::{Index, Vector, Vocabulary};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Sees the meaning of words that the samples do not have; without one, the samples are all there is.
    pub encoder: Option<&'a Arc<dyn SentenceEncoder>>,
    /// How networks that read words in their order are taught; minutes for thousands of questions. `None`: there are none.
    pub networks: Option<network::Settings>,
}

/// Where the blend comes from.
pub enum Calibration<'a> {
    /// Cross-validate and fit: several times the work of training alone.
    Fit,
    /// Take over the blends of an earlier training, after a small edit.
    Keep(&'a Blends),
}

/// Scraps beside each question: a word or two out of it, which asks for nothing.
pub const SCRAPS: f32 = 0.05;

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
        Self { familiar: 0.25, near: 0.25, far: 0.15 }
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
    dense: Option<Dense>,
    /// One a fold of the cross-validation, which has not seen it; then those that have seen everything.
    networks: Vec<Network>,
    blends: Blends,
    /// How sure the model was of training questions it had not seen; empty after a small edit.
    held_out: Vec<HeldOut>,
    /// Normal form → the classes that list it word for word.
    exact: BTreeMap<String, Vec<usize>>,
}

/// A training question as a model read it that had not seen it, or not its class.
#[derive(Debug, Clone, Copy)]
struct HeldOut {
    confidence: f32,
    right: bool,
    /// Its class was taken away: nothing could be right.
    stranger: bool,
}

/// How evidence becomes probabilities, by what is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Blends {
    /// Of all that the model was trained with.
    pub whole: Blend,
    /// For when an encoder that is asked does not answer.
    pub by_words: Option<Blend>,
}

#[derive(Debug)]
struct Dense {
    encoder: Arc<dyn SentenceEncoder>,
    width: usize,
    space: Space,
    /// Of each question, background included.
    vectors: Vec<Vec<f32>>,
}

/// Classes with their probabilities, best first; what is missing to 1 is the probability of "none".
pub type Ranked = Vec<(usize, f32)>;

impl Model {
    /// # Errors
    /// Where the encoder gave no vectors; without one, never.
    pub fn train(
        lang: Lang,
        material: &Material<'_>,
        calibration: Calibration<'_>,
        traffic: Traffic,
    ) -> Result<Self, EncodeError> {
        let &Material { classes, samples, answers, background, encoder, networks } = material;
        let (samples, exact) = distinct(samples);
        let answers = Answers::new(lang, answers);
        let texts: Vec<&str> = samples.iter().map(|s| s.text.as_str()).chain(background.iter().map(String::as_str)).collect();
        let bags: Vec<Bag> = texts.par_iter().map(|text| extract(lang, text)).collect();
        let vocabulary = Vocabulary::new(bags.iter());
        let vectors: Vec<Vector> = bags.par_iter().map(|bag| vocabulary.vector(bag)).collect();
        let index = Index::new(&vocabulary, &vectors);
        let class_of: Vec<usize> =
            samples.iter().map(|s| s.class).chain(std::iter::repeat_n(classes, background.len())).collect();
        let weight_of: Vec<f32> = samples.iter().map(|s| s.weight).chain(std::iter::repeat_n(1.0, background.len())).collect();
        let fold_of = folds(&class_of);

        let encode = |texts: &[&str]| encode_all(encoder, texts);
        let dense = encode(&texts)?;
        let width = dense.first().map_or(0, Vec::len);
        let detail = encoder.map_or(0, |encoder| encoder.detail());
        let point = |i: usize, vector| Point { vector, class: class_of[i], weight: weight_of[i] };
        let gram = {
            let details: Vec<Point<'_>> = (0..samples.len()).map(|i| point(i, &dense[i][width - detail..])).collect();
            Gram::learn(classes, &details)
        };
        // Both models, of the questions that are kept.
        let train_on = |keep: &(dyn Fn(usize) -> bool + Sync)| {
            let kept = (0..texts.len()).filter(|i| keep(*i));
            let examples: Vec<Example<'_>> =
                kept.clone().map(|i| Example { vector: &vectors[i], class: class_of[i], weight: weight_of[i] }).collect();
            let points: Vec<Point<'_>> = kept.filter(|i| class_of[*i] < classes).map(|i| point(i, dense[i].as_slice())).collect();
            let kernel = gram.as_ref().map(|gram| gram.without(|i| !keep(i)));
            let linear = Linear::train(vocabulary.repeated(), classes + 1, |f| evidence::SCALE[vocabulary.view(f)], &examples);
            (linear, encoder.map(|_| Space::train(width - detail, classes, &points, kernel, &dense)))
        };
        let asked = encoder.is_some_and(|e| e.nature() == Nature::Asked);
        let sight = if encoder.is_some() { Sight::Meaning } else { Sight::Words };
        let without_fold = |fold: usize| train_on(&|i| fold_of[i] != fold);
        let without_group = |group: usize| train_on(&|i| class_of[i] == classes || group_of(class_of[i]) != group);
        let network = |fold: usize, settings: network::Settings| {
            let labelled = |i: usize| Labelled { text: texts[i], class: class_of[i], weight: weight_of[i] };
            let kept: Vec<Labelled<'_>> = (0..texts.len()).filter(|i| fold_of[*i] != fold).map(labelled).collect();
            Network::train(lang, classes + 1, &kept, network::Settings { seed: settings.seed + fold as u64, ..settings })
        };
        // A blend that is kept has no weight for what it was not fitted on.
        let networks: Vec<Network> = match (&calibration, networks) {
            (Calibration::Fit, Some(settings)) => {
                (0..FOLDS + settings.whole).into_par_iter().map(|fold| network(fold, settings)).collect()
            }
            (Calibration::Keep(_), _) | (_, None) => Vec::new(),
        };
        let (linear, space, blends, held_out) = match calibration {
            Calibration::Keep(blends) => {
                let (linear, space) = train_on(&|_| true);
                (linear, space, blends.clone(), Vec::new())
            }
            Calibration::Fit => {
                let mut folds: Vec<(Linear, Option<Space>)> = (0..=FOLDS).into_par_iter().map(without_fold).collect();
                let (all, whole) = folds.pop().unwrap_or_default();
                let groups: Vec<(Linear, Option<Space>)> = (0..FOLDS).into_par_iter().map(without_group).collect();
                // As large as all pairs of questions, and no longer needed.
                drop(gram);
                let positives = weight_of[..samples.len()].iter().sum::<f32>();
                let far_weight = traffic.far * positives / (background.len().max(1) as f32);
                // Encoded at one go; the rest of what is seen of them is made where it is read, and not held.
                let other_words = |change: &(dyn Fn(&str, usize) -> String + Sync)| -> Result<Vec<_>, EncodeError> {
                    let turn = |i: usize| if asked { turn_of(texts[i]) } else { i };
                    let changed: Vec<String> = (0..samples.len()).into_par_iter().map(|i| change(texts[i], turn(i))).collect();
                    let meanings = encode(&changed.iter().map(String::as_str).collect::<Vec<_>>())?;
                    Ok(changed.into_iter().zip(meanings).collect())
                };
                let see = |bag: Bag, dense: &[f32], in_order: Vec<f32>| {
                    let around = encoder.and_then(|e| e.cohort()).and_then(|cohort| cohort.around(dense));
                    Seen { vector: vocabulary.vector(&bag), bag, dense: dense.to_vec(), around, in_order }
                };
                let seen_as =
                    |(text, dense): &(String, Vec<f32>)| see(extract(lang, text), dense, network::together(&networks, text));
                let torn = other_words(&|text, i| scrap(lang, text, i))?;
                let varied = other_words(&|text, i| vary(lang, text, i))?;
                let judge = |i: usize, sight: Sight| {
                    let fold = fold_of[i];
                    let by_meaning = |space| (sight == Sight::Meaning).then_some(DenseReader { space, vectors: &dense });
                    let reader = Reader {
                        vocabulary: &vocabulary,
                        index: &index,
                        class_of: &class_of,
                        classes,
                        linear: &folds[fold].0,
                        answers: answers.as_ref(),
                        dense: folds[fold].1.as_ref().and_then(by_meaning),
                        hidden: Some((&fold_of, fold)),
                    };
                    let in_order = networks.get(fold).map(|n| n.probabilities(texts[i])).unwrap_or_default();
                    let seen = see(bags[i].clone(), &dense[i], in_order);
                    let class = class_of[i];
                    let mut judged = Vec::with_capacity(4);
                    if class == classes {
                        judged.push(Judged {
                            evidence: reader.read(&seen, None),
                            right: None,
                            weight: far_weight,
                            origin: Origin::Background,
                        });
                    } else {
                        judged.push(Judged {
                            evidence: reader.read(&seen_as(&torn[i]), None),
                            right: None,
                            weight: weight_of[i] * SCRAPS,
                            origin: Origin::Scrap,
                        });
                        let weight = weight_of[i] * (1.0 - traffic.familiar);
                        judged.push(Judged {
                            evidence: reader.read(&seen, None),
                            right: Some(class),
                            weight,
                            origin: Origin::Unseen,
                        });
                        // With its own class and others taken away, a question is one that nobody has written an answer for.
                        let weight = weight_of[i] * traffic.near;
                        let (linear, space) = &groups[group_of(class)];
                        let without = Reader { linear, dense: space.as_ref().and_then(by_meaning), hidden: None, ..reader };
                        judged.push(Judged {
                            evidence: without.read(&seen, Some(group_of(class))),
                            right: None,
                            weight,
                            origin: Origin::ClassTakenAway,
                        });
                        let reader = Reader { linear: &all, dense: whole.as_ref().and_then(by_meaning), hidden: None, ..reader };
                        let weight = weight_of[i] * traffic.familiar;
                        judged.push(Judged {
                            evidence: reader.read(&seen_as(&varied[i]), None),
                            right: Some(class),
                            weight,
                            origin: Origin::Varied,
                        });
                    }
                    judged
                };
                let judge_all = |sight: Sight| -> Vec<Judged> {
                    (0..vectors.len()).into_par_iter().flat_map_iter(|i| judge(i, sight)).collect()
                };
                let judged = judge_all(sight);
                let blend = Blend::fit(sight, &judged);
                let held_out = judged.par_iter().filter_map(|j| held_out(&blend, j)).collect();
                let by_words =
                    encoder.filter(|e| e.nature() == Nature::Asked).map(|_| Blend::fit(Sight::Words, &judge_all(Sight::Words)));
                (all, whole, Blends { whole: blend, by_words }, held_out)
            }
        };
        let dense =
            encoder.zip(space).map(|(encoder, space)| Dense { encoder: Arc::clone(encoder), width, space, vectors: dense });
        Ok(Self { lang, classes, vocabulary, index, class_of, linear, answers, dense, networks, blends, held_out, exact })
    }

    /// The least confidence above which answers to training questions that were held out were right in at least `precision`
    /// of all, with `strangers` questions of a lender that no class answers beside each that one does. It is the lower end
    /// of what those few questions can show ([`at_least`]) that must reach `precision`, not their average.
    pub fn threshold(&self, precision: f64, strangers: f32) -> Option<f32> {
        let mut lines = self.held_out.clone();
        lines.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let known = lines.iter().filter(|l| !l.stranger).count() as f64;
        let weight = f64::from(strangers) * known / (lines.len() as f64 - known).max(1.0);
        let (mut answered, mut right, mut threshold) = (0.0, 0.0, None);
        for line in &lines {
            answered += if line.stranger { weight } else { 1.0 };
            right += f64::from(u8::from(line.right));
            if at_least(right, answered) >= precision {
                threshold = Some(line.confidence);
            }
        }
        threshold
    }

    pub fn blends(&self) -> &Blends {
        &self.blends
    }

    /// What the encoder makes of texts in normal form; see [`meanings`].
    pub fn meanings(&self, normals: &[&str]) -> Vec<Option<Vec<f32>>> {
        match &self.dense {
            Some(dense) => meanings(&dense.encoder, dense.width, normals),
            None => vec![None; normals.len()],
        }
    }

    /// Ranks the classes for a text in normal form.
    pub fn rank(&self, normal: &str) -> Ranked {
        if normal.is_empty() {
            return Ranked::new();
        }
        self.rank_seen(normal, self.meanings(&[normal]).pop().flatten())
    }

    /// The same with the text's vector from [`Model::meanings`], and by the words alone without one.
    pub fn rank_seen(&self, normal: &str, meaning: Option<Vec<f32>>) -> Ranked {
        if normal.is_empty() || self.classes == 0 {
            return Ranked::new();
        }
        let bag = extract(self.lang, normal);
        let (dense, blend) = match (&self.dense, &meaning, &self.blends.by_words) {
            (Some(dense), Some(_), _) => (Some(dense), &self.blends.whole),
            (Some(_), None, Some(by_words)) => (None, by_words),
            (Some(_), None, None) | (None, ..) => (None, &self.blends.whole),
        };
        let meaning = meaning.unwrap_or_default();
        let around = dense.and_then(|d| d.encoder.cohort()).and_then(|cohort| cohort.around(&meaning));
        let in_order = network::together(&self.networks, normal);
        let seen = Seen { vector: self.vocabulary.vector(&bag), bag, dense: meaning, around, in_order };
        let reader = Reader {
            vocabulary: &self.vocabulary,
            index: &self.index,
            class_of: &self.class_of,
            classes: self.classes,
            linear: &self.linear,
            answers: self.answers.as_ref(),
            dense: dense.map(|d| DenseReader { space: &d.space, vectors: &d.vectors }),
            hidden: None,
        };
        let evidence = reader.read(&seen, None);
        let shares = blend.shares(&evidence);
        let mut ranked: Ranked = evidence.candidates.iter().zip(&shares).map(|((class, _), share)| (*class, *share)).collect();
        if let Some(listed) = self.exact.get(normal) {
            favour(&mut ranked, listed);
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

/// What an encoder makes of customers' texts in normal form, asked once for all of them; nothing where it did not answer, or
/// not with vectors of the width.
pub fn meanings(encoder: &Arc<dyn SentenceEncoder>, width: usize, normals: &[&str]) -> Vec<Option<Vec<f32>>> {
    let masked: Vec<Masked> = normals.iter().map(|normal| Masked::of(normal)).collect();
    match encoder.encode(&masked, Patience::Customer) {
        Ok(vectors) if vectors.len() == normals.len() => {
            vectors.into_iter().map(|vector| (vector.len() == width).then_some(vector)).collect()
        }
        // Counted and told by the encoder itself; a customer's message is read by its words then.
        Ok(_) | Err(_) => vec![None; normals.len()],
    }
}

/// Vectors of texts that are trained on; an empty one says nothing, and is not shown to an encoder.
///
/// # Errors
/// Where the encoder gave no vectors; without one, never.
pub fn encode_all(encoder: Option<&Arc<dyn SentenceEncoder>>, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
    let Some(encoder) = encoder else { return Ok(vec![Vec::new(); texts.len()]) };
    let shown: Vec<Masked> = texts.par_iter().filter(|text| !text.is_empty()).map(|text| Masked::of(text)).collect();
    let vectors = encoder.encode(&shown, Patience::Training)?;
    let width = vectors.first().map_or(0, Vec::len);
    let mut vectors = vectors.into_iter();
    let vector = |text: &&str| if text.is_empty() { None } else { vectors.next() };
    Ok(texts.iter().map(vector).map(|vector| vector.unwrap_or_else(|| vec![0.0; width])).collect())
}

/// Which other words a text is given, the same in every training: an encoder that must be asked has then seen them before.
pub fn turn_of(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from(hash >> 33).unwrap_or_default()
}

/// The share that `right` of `n` show with 80 % confidence, one-sided: Wilson's lower bound, z = 0.8416.
fn at_least(right: f64, n: f64) -> f64 {
    const Z: f64 = 0.8416;
    let (share, z2) = (right / n, Z * Z);
    (share + z2 / (2.0 * n) - Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt()) / (1.0 + z2 / n)
}

fn held_out(blend: &Blend, judged: &Judged) -> Option<HeldOut> {
    let stranger = match judged.origin {
        Origin::Unseen => false,
        Origin::ClassTakenAway => true,
        Origin::Background | Origin::Scrap | Origin::Varied => return None,
    };
    let shares = blend.shares(&judged.evidence);
    let best = judged.evidence.candidates.iter().zip(&shares).max_by(|a, b| a.1.total_cmp(b.1))?;
    Some(HeldOut { confidence: *best.1, right: Some(best.0.0) == judged.right, stranger })
}

/// Of customers who send a question word for word as an editor wrote it, all but a few mean that entry.
const WORD_FOR_WORD: f32 = 0.97;

/// Scales shares so that none is more than `most`.
pub fn believe_at_most(mut shares: Vec<&mut f32>, most: f32) {
    let highest = shares.iter().fold(most, |highest, share| highest.max(**share));
    shares.iter_mut().for_each(|share| **share *= most / highest);
}

/// Gives the classes that list the text word for word their share together, evenly; the rest keep what is left.
pub fn favour(ranked: &mut Ranked, listed: &[usize]) {
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
