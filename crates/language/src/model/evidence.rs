//! What speaks for each class and for none of them, from the nearest questions and the linear model. Owns the facts and
//! their order; weighs none (that is `blend`).

use super::blend::{CANDIDATE_FACTS, Evidence, NONE_FACTS};
use super::features::{Bag, SENSE, SOUND, VIEWS, WORDS, extract};
use super::linear::Linear;
use super::space::{Index, Vector, Vocabulary};
use jieti_domain::understanding::Lang;

/// How much each view counts in the linear model and in the joint cosine.
pub const SCALE: [f32; VIEWS] = [1.0, 0.7, 0.8];
/// Classes that are looked at closely.
const CANDIDATES: usize = 12;
/// Log probabilities below this are all the same.
const FLOOR: f32 = -9.0;

pub struct Reader<'a> {
    pub vocabulary: &'a Vocabulary,
    pub index: &'a Index,
    pub class_of: &'a [usize],
    pub classes: usize,
    pub linear: &'a Linear,
    /// What each class answers, where that is known.
    pub answers: Option<&'a Answers>,
    /// Fold of each question and the fold that must not be looked at.
    pub hidden: Option<(&'a [usize], usize)>,
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
        let index = Index::new(vocabulary.len(), &vectors);
        Some(Self { vocabulary, index })
    }

    fn cosines(&self, bag: &Bag) -> Vec<f32> {
        let cosines = self.index.cosines(&self.vocabulary, &self.vocabulary.vector(bag));
        cosines.iter().map(|views| views[WORDS] + views[SENSE]).collect()
    }
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
    /// Facts about a text, as if `without` did not exist.
    pub fn read(&self, bag: &Bag, vector: &Vector, without: Option<usize>) -> Evidence {
        let mut probabilities = self.linear.probabilities(|f| SCALE[self.vocabulary.view(f)], vector);
        if let Some(class) = without {
            let rest = (1.0 - probabilities[class]).max(1e-6);
            probabilities[class] = 0.0;
            probabilities.iter_mut().for_each(|p| *p /= rest);
        }
        let nearest = self.nearest(vector);
        let answers = self.answers.map(|a| a.cosines(bag)).unwrap_or_default();
        let log = |p: f32| p.max(1e-12).ln().max(FLOOR);

        let mut order: Vec<usize> = (0..self.classes).filter(|c| Some(*c) != without).collect();
        let promise = |c: usize| log(probabilities[c]) + 8.0 * nearest[c].best;
        let keep = CANDIDATES.min(order.len());
        if keep < order.len() {
            order.select_nth_unstable_by(keep, |a, b| promise(*b).total_cmp(&promise(*a)).then(a.cmp(b)));
            order.truncate(keep);
        }
        order.sort_unstable();
        let candidates: Vec<(usize, [f32; CANDIDATE_FACTS])> = order
            .into_iter()
            .map(|c| {
                let near = &nearest[c];
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
                ];
                (c, facts)
            })
            .collect();

        let background = nearest.get(self.classes).copied().unwrap_or_default();
        let best = candidates.iter().map(|(_, f)| f[1]).fold(0.0, f32::max);
        let mut none = [0.0; NONE_FACTS];
        none.copy_from_slice(&[
            1.0,
            log(probabilities.last().copied().unwrap_or(0.0)),
            background.best,
            best,
            vector.known[WORDS],
            vector.known[SENSE],
            candidates.iter().map(|(_, f)| f[0]).fold(FLOOR, f32::max),
        ]);
        Evidence { candidates, none }
    }

    fn nearest(&self, vector: &Vector) -> Vec<Nearest> {
        let whole: f32 = SCALE.iter().sum();
        let mut nearest = vec![Nearest::default(); self.classes + 1];
        for (question, cosines) in self.index.cosines(self.vocabulary, vector).iter().enumerate() {
            if self.hidden.is_some_and(|(fold_of, fold)| fold_of[question] == fold) {
                continue;
            }
            let joint = cosines.iter().zip(SCALE).map(|(cosine, scale)| cosine * scale).sum::<f32>() / whole;
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
