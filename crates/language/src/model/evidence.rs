//! What speaks for each class and for none of them, from the nearest questions and the linear model. Owns the facts and
//! their order; weighs none (that is `blend`).

use super::FOLDS;
use super::blend::{CANDIDATE_FACTS, Evidence};
use super::dense::{Nearness, Space};
use super::features::{Bag, PAIRS, SENSE, SOUND, VIEWS, WORDS, extract};
use super::linear::Linear;
use super::space::{Index, Vector, Vocabulary};
use crate::encoder::{Around, dot};
use jieti_domain::understanding::Lang;

/// How much each view counts in the linear model and, but for the pairs, in the joint cosine.
pub const SCALE: [f32; VIEWS] = [1.0, 0.7, 0.8, 1.0];
/// Classes that are looked at closely.
const CANDIDATES: usize = 12;
/// Log probabilities below this are all the same.
const FLOOR: f32 = -9.0;
/// Place of the first fact of the encoder's space.
pub const DENSE_LOG: usize = 9;

#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub vocabulary: &'a Vocabulary,
    pub index: &'a Index,
    pub class_of: &'a [usize],
    pub classes: usize,
    pub linear: &'a Linear,
    /// What each class answers, where that is known.
    pub answers: Option<&'a Answers>,
    /// The same questions in the encoder's space, where there is an encoder.
    pub dense: Option<DenseReader<'a>>,
    /// Fold of each question and the fold that must not be looked at.
    pub hidden: Option<(&'a [usize], usize)>,
}

/// What a reader needs of the encoder's space.
#[derive(Clone, Copy)]
pub struct DenseReader<'a> {
    pub space: &'a Space,
    /// Of each question, background included.
    pub vectors: &'a [Vec<f32>],
}

/// A text as both spaces see it.
pub struct Seen {
    pub bag: Bag,
    pub vector: Vector,
    /// Empty where there is no encoder.
    pub dense: Vec<f32>,
    /// What other customers ask around it, where the encoder has a cohort.
    pub around: Option<Around>,
    /// Probability of every class by the networks; empty where there are none.
    pub in_order: Vec<f32>,
}

/// The answers as texts of their own: they use words that no editor thought of as a question.
#[derive(Debug)]
pub struct Answers {
    vocabulary: Vocabulary,
    index: Index,
}

impl Answers {
    /// `None` where no class has an answer.
    pub fn new(lang: Lang, answers: &[String]) -> Option<Self> {
        if answers.iter().all(String::is_empty) {
            return None;
        }
        let bags: Vec<Bag> = answers.iter().map(|answer| extract(lang, answer)).collect();
        let vocabulary = Vocabulary::new(bags.iter());
        let vectors: Vec<Vector> = bags.iter().map(|bag| vocabulary.vector(bag)).collect();
        let index = Index::new(&vocabulary, &vectors);
        Some(Self { vocabulary, index })
    }

    fn cosines(&self, bag: &Bag) -> Vec<f32> {
        let cosines = self.index.cosines(&self.vocabulary, &self.vocabulary.vector(bag));
        cosines.iter().map(|views| views[WORDS] + views[SENSE]).collect()
    }
}

/// Classes are taken away a group at a time, to learn what strangers look like.
pub fn group_of(class: usize) -> usize {
    class % FOLDS
}

fn take_away(probabilities: &mut [f32], group: Option<usize>) {
    let Some(group) = group else { return };
    let whole: f32 = probabilities.iter().sum();
    for (_, p) in probabilities.iter_mut().enumerate().filter(|(class, _)| group_of(*class) == group) {
        *p = 0.0;
    }
    let scale = whole / probabilities.iter().sum::<f32>().max(1e-6);
    probabilities.iter_mut().for_each(|p| *p *= scale);
}

struct DenseFacts {
    probabilities: Vec<f32>,
    nearness: Vec<Nearness>,
    /// Of every class by the kernel; empty where there is none.
    scores: Vec<f32>,
}

/// The nearest questions of one class.
#[derive(Clone, Copy, Default)]
struct Nearest {
    best: f32,
    second: f32,
    views: [f32; VIEWS],
    sum: f32,
    count: f32,
}

impl Reader<'_> {
    /// Facts about a text, as if the classes of the group `without` did not exist ([`group_of`]).
    pub fn read(&self, seen: &Seen, without: Option<usize>) -> Evidence {
        let Seen { bag, vector, dense, around, in_order } = seen;
        let mut probabilities = self.linear.probabilities(|f| SCALE[self.vocabulary.view(f)], vector);
        take_away(&mut probabilities[..self.classes], without);
        let mut in_order = in_order.clone();
        if let Some(classes) = in_order.get_mut(..self.classes) {
            take_away(classes, without);
        }
        let nearest = self.nearest(vector);
        let dense = self.dense(dense, without);
        let answers = self.answers.map(|a| a.cosines(bag)).unwrap_or_default();
        let log = |p: f32| p.max(1e-12).ln().max(FLOOR);

        let mut order: Vec<usize> = (0..self.classes).filter(|c| Some(group_of(*c)) != without).collect();
        let promise = |c: usize| {
            let dense = dense.as_ref().map_or(0.0, |d| log(d.probabilities[c]) + 4.0 * d.nearness[c].center);
            let in_order = in_order.get(c).map_or(0.0, |p| log(*p));
            log(probabilities[c]) + 8.0 * nearest[c].best + dense + in_order
        };
        let keep = CANDIDATES.min(order.len());
        if keep < order.len() {
            order.select_nth_unstable_by(keep, |a, b| promise(*b).total_cmp(&promise(*a)).then(a.cmp(b)));
            order.truncate(keep);
        }
        order.sort_unstable();
        let dense_around = |c: usize| match (self.dense, around) {
            (Some(DenseReader { space, .. }), Some(around)) => dot(&around.mean, &space.center(c)[..around.mean.len()]),
            _ => 0.0,
        };
        let candidates: Vec<(usize, [f32; CANDIDATE_FACTS])> = order
            .into_iter()
            .map(|c| {
                let near = &nearest[c];
                let by_dense = dense.as_ref().map_or([0.0; 6], |d| {
                    let Nearness { best, three, center, apart } = d.nearness[c];
                    [log(d.probabilities[c]), best, three, center, apart, d.scores.get(c).copied().unwrap_or(0.0)]
                });
                let [dense_log, dense_best, dense_three, dense_center, dense_apart, dense_score] = by_dense;
                let facts = [
                    log(probabilities[c]),
                    near.best,
                    near.views[WORDS],
                    near.views[SOUND],
                    near.views[SENSE],
                    near.second,
                    near.best * near.best,
                    near.sum / near.count.max(1.0).sqrt(),
                    answers.get(c).copied().unwrap_or(0.0),
                    dense_log,
                    dense_best,
                    dense_three,
                    dense_center,
                    dense_around(c),
                    in_order.get(c).map_or(0.0, |p| log(*p)),
                    dense_apart,
                    dense_score,
                ];
                (c, facts)
            })
            .collect();

        let background = nearest.get(self.classes).copied().unwrap_or_default();
        Evidence {
            candidates,
            background: background.best,
            around: around.as_ref().map_or(0.0, |around| around.nearness),
            known: self.known(vector, without),
            background_share: probabilities[self.classes],
        }
    }

    /// In each view, the share of squared weight that questions in view have; a text's own words say nothing of it.
    fn known(&self, vector: &Vector, without: Option<usize>) -> [f32; VIEWS] {
        let in_view = |question: u32| {
            let question = question as usize;
            let class = self.class_of[question];
            let hidden = self.hidden.is_some_and(|(fold_of, fold)| fold_of[question] == fold);
            class < self.classes && !hidden && Some(group_of(class)) != without
        };
        let mut known = [0.0; VIEWS];
        for &(feature, weight) in &vector.entries {
            if self.index.questions_with(feature).any(in_view) {
                known[self.vocabulary.view(feature)] += weight * weight;
            }
        }
        known
    }

    fn dense(&self, vector: &[f32], without: Option<usize>) -> Option<DenseFacts> {
        let DenseReader { space, vectors } = self.dense?;
        let mut probabilities = space.probabilities(vector);
        take_away(&mut probabilities, without);
        let in_view = |question: &usize| self.hidden.is_none_or(|(fold_of, fold)| fold_of[*question] != fold);
        let questions = (0..vectors.len()).filter(in_view).map(|q| (q, self.class_of[q], vectors[q].as_slice()));
        Some(DenseFacts { probabilities, nearness: space.nearness(vector, questions), scores: space.scores(vector) })
    }

    fn nearest(&self, vector: &Vector) -> Vec<Nearest> {
        let whole: f32 = SCALE[..PAIRS].iter().sum();
        let mut nearest = vec![Nearest::default(); self.classes + 1];
        for (question, cosines) in self.index.cosines(self.vocabulary, vector).iter().enumerate() {
            if self.hidden.is_some_and(|(fold_of, fold)| fold_of[question] == fold) {
                continue;
            }
            let joint = cosines.iter().zip(&SCALE[..PAIRS]).map(|(cosine, scale)| cosine * scale).sum::<f32>() / whole;
            let near = &mut nearest[self.class_of[question]];
            if joint > near.best {
                near.second = near.best;
                near.best = joint;
            } else {
                near.second = near.second.max(joint);
            }
            near.sum += joint;
            near.count += 1.0;
            near.views.iter_mut().zip(cosines).for_each(|(best, cosine)| *best = best.max(*cosine));
        }
        nearest
    }
}
