//! Classes in the space of the encoder: the questions' vectors, the mean of each class, a multinomial logistic regression on the
//! vectors and, where they have detail, the directions that tell classes apart in it and a kernel over it. Owns what training
//! makes of them; weighs nothing against other evidence.

use super::discriminant::Directions;
use super::kernel::Kernel;
use super::linear::{coprime_stride, softmax};
use crate::encoder::dot;
use rayon::prelude::*;

/// Source: cross-validation over public questions; see docs/understanding.md.
const EPOCHS: usize = 12;
const RATE: f32 = 3.0;
const DECAY: f32 = 0.3;
/// Gradients smaller than this change nothing that shows, and most are: leaving them out halves the time.
const NEGLIGIBLE: f32 = 2e-3;
/// Questions of a class whose mean cosine counts.
const NEAREST: usize = 3;

/// One labelled vector and how much it counts.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    pub vector: &'a [f32],
    pub class: usize,
    pub weight: f32,
}

/// What is learnt about the classes from some of the points.
#[derive(Debug, Clone, Default)]
pub struct Space {
    /// Numbers at the front of a vector by which texts are compared; the others are detail.
    width: usize,
    /// The mean of each class at length 1; zeros where it has no points.
    centers: Vec<f32>,
    /// `weights[class × width + dimension]`.
    weights: Vec<f32>,
    biases: Vec<f32>,
    apart: Option<Apart>,
    kernel: Option<Kernel>,
}

/// Directions learnt from the detail, and where all questions lie by them.
#[derive(Debug, Clone)]
struct Apart {
    directions: Directions,
    /// `places[question × directions.len() ..]`.
    places: Vec<f32>,
}

/// How near a text is to a class.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nearness {
    pub best: f32,
    /// Mean cosine of the nearest three questions.
    pub three: f32,
    /// Cosine with the class's mean.
    pub center: f32,
    /// Cosine with the nearest question by the directions that tell classes apart; 0 where there are none.
    pub apart: f32,
}

impl Space {
    /// Of some points, and a `kernel` over the detail of the same; `questions` are the vectors of all that [`Space::nearness`]
    /// will be asked about.
    pub fn train(width: usize, classes: usize, points: &[Point<'_>], kernel: Option<Kernel>, questions: &[Vec<f32>]) -> Self {
        let mut space = Space {
            width,
            centers: centers(width, classes, points),
            weights: vec![0.0; width * classes],
            biases: vec![0.0; classes],
            apart: Apart::learn(width, classes, points, questions),
            kernel,
        };
        if points.is_empty() || classes == 0 {
            return space;
        }
        let stride = coprime_stride(points.len());
        let mut scores = vec![0.0_f32; classes];
        let mut at = 0;
        for epoch in 0..EPOCHS {
            let rate = RATE / (1.0 + DECAY * epoch as f32);
            for _ in 0..points.len() {
                at = (at + stride) % points.len();
                let point = &points[at];
                space.score_into(point.vector, &mut scores);
                softmax(&mut scores);
                scores[point.class] -= 1.0;
                for (class, gradient) in scores.iter().enumerate().filter(|(_, g)| g.abs() > NEGLIGIBLE) {
                    let step = rate * point.weight * gradient;
                    let row = &mut space.weights[class * width..][..width];
                    row.iter_mut().zip(point.vector).for_each(|(w, v)| *w -= step * v);
                    space.biases[class] -= 0.1 * step;
                }
            }
        }
        space
    }

    /// Probability of every class.
    pub fn probabilities(&self, vector: &[f32]) -> Vec<f32> {
        let mut scores = vec![0.0; self.biases.len()];
        self.score_into(vector, &mut scores);
        softmax(&mut scores);
        scores
    }

    /// A score for every class by the kernel; nothing where there is none.
    pub fn scores(&self, vector: &[f32]) -> Vec<f32> {
        self.kernel.as_ref().map(|kernel| kernel.scores(&vector[self.width..])).unwrap_or_default()
    }

    /// The mean of a class at length 1; zeros where it has no points.
    pub fn center(&self, class: usize) -> &[f32] {
        &self.centers[class * self.width..][..self.width]
    }

    fn score_into(&self, vector: &[f32], scores: &mut [f32]) {
        for (score, (row, bias)) in scores.iter_mut().zip(self.weights.chunks_exact(self.width.max(1)).zip(&self.biases)) {
            *score = dot(row, &vector[..self.width]) + bias;
        }
    }

    /// Nearness to every class by questions: the number of each, its class and its vector.
    pub fn nearness<'a>(&self, vector: &[f32], questions: impl Iterator<Item = (usize, usize, &'a [f32])>) -> Vec<Nearness> {
        let classes = self.biases.len();
        let mut top = vec![[f32::NEG_INFINITY; NEAREST]; classes];
        let mut best_apart = vec![0.0_f32; classes];
        let place = self.apart.as_ref().map(|apart| (apart, apart.directions.place(&vector[self.width..])));
        let vector = &vector[..self.width];
        for (number, class, question) in questions {
            let Some(top) = top.get_mut(class) else { continue };
            if let Some((apart, place)) = &place {
                best_apart[class] = best_apart[class].max(dot(place, apart.place(number)));
            }
            let mut cosine = dot(vector, &question[..self.width]);
            for place in top {
                if cosine > *place {
                    std::mem::swap(place, &mut cosine);
                }
            }
        }
        let centers = self.centers.chunks_exact(self.width.max(1));
        top.iter()
            .zip(centers)
            .zip(best_apart)
            .map(|((top, center), apart)| {
                let known = top.iter().filter(|c| c.is_finite()).count();
                let three = if known == 0 { 0.0 } else { top[..known].iter().sum::<f32>() / known as f32 };
                Nearness { best: top[0].max(0.0), three, center: dot(vector, center), apart }
            })
            .collect()
    }
}

impl Apart {
    /// `None` where vectors have no detail, or classes do not lie apart.
    fn learn(width: usize, classes: usize, points: &[Point<'_>], questions: &[Vec<f32>]) -> Option<Self> {
        let detail: Vec<Point<'_>> = points.iter().map(|point| Point { vector: &point.vector[width..], ..*point }).collect();
        if detail.first()?.vector.is_empty() {
            return None;
        }
        let directions = Directions::learn(classes, &detail)?;
        let places = questions.par_iter().flat_map_iter(|question| directions.place(&question[width..])).collect();
        Some(Self { directions, places })
    }

    fn place(&self, question: usize) -> &[f32] {
        &self.places[question * self.directions.len()..][..self.directions.len()]
    }
}

fn centers(width: usize, classes: usize, points: &[Point<'_>]) -> Vec<f32> {
    let mut centers = vec![0.0; width * classes];
    for point in points {
        let center = &mut centers[point.class * width..][..width];
        center.iter_mut().zip(point.vector).for_each(|(c, v)| *c += point.weight * v);
    }
    centers.par_chunks_mut(width.max(1)).for_each(|center| {
        let length = dot(center, center).sqrt();
        if length > 0.0 {
            center.iter_mut().for_each(|c| *c /= length);
        }
    });
    centers
}
