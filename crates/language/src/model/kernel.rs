//! A regression on how near a text is to every question at once (Gaussian kernel ridge regression): what one question says of a
//! class, those beside it add to or take back. Owns the learning, which is one solution; models that have not seen some of the
//! questions follow from it without another.

use super::dense::Point;
use super::projection::{Projection, Standard};
use crate::encoder::{dot, random::Random};
use nalgebra::{Cholesky, DMatrix, DMatrixViewMut};
use std::sync::Arc;

/// Directions of the detail that are kept: those in which it is spread most. Source for these two: cross-validation over public
/// questions; see docs/understanding.md.
const DIRECTIONS: usize = 384;
/// What a question's own word is not believed, beside 1 for its nearness to itself.
const RIDGE: f32 = 0.1;
/// Questions that are learnt from: as many squared are held while it learns, 4 bytes each.
const MOST: usize = 10_000;
/// Rounds in which the directions turn to where the spread is (subspace iteration).
const TURNS: usize = 3;
/// Rows and columns of a matrix that is inverted at one go.
const AT_ONCE: usize = 128;

/// Scores of classes: near 1 for the right one, near 0 for others.
#[derive(Debug, Clone)]
pub struct Kernel {
    basis: Arc<Basis>,
    classes: usize,
    /// `weights[question × classes + class]`.
    weights: Vec<f32>,
}

/// The questions, as they are compared.
#[derive(Debug)]
struct Basis {
    projection: Projection,
    /// To a mean square of 1 for the distance from the middle.
    scale: f32,
    /// `places[question × directions ..]`, and the square of each.
    places: Vec<f32>,
    squares: Vec<f32>,
}

/// What all questions together say, from which follows what some of them say.
#[derive(Debug)]
pub struct Gram {
    basis: Arc<Basis>,
    classes: usize,
    /// Place in the list of points of each question that is learnt from.
    numbers: Vec<usize>,
    /// Of the kernel between all questions, ridge included.
    inverse: DMatrix<f32>,
    /// `[question, class]`.
    weights: DMatrix<f32>,
}

impl Gram {
    /// `None` without points, or where they have no numbers.
    pub fn learn(classes: usize, points: &[Point<'_>]) -> Option<Self> {
        let width = points.first().map(|point| point.vector.len()).filter(|width| *width > 0)?;
        let count = points.len().min(MOST);
        let numbers: Vec<usize> = (0..count).map(|at| at * points.len() / count).collect();
        let points: Vec<Point<'_>> = numbers.iter().map(|number| points[*number]).collect();
        let standard = Standard::of(width, &points);
        let mut detail = DMatrix::<f32>::zeros(width, count);
        for (mut column, point) in detail.column_iter_mut().zip(&points) {
            let numbers = column.iter_mut().zip(point.vector).zip(standard.middle.iter()).zip(standard.scale.iter());
            numbers.for_each(|(((to, number), middle), scale)| *to = (number - middle) * scale);
        }
        let projection = Projection::new(&most_spread(&detail), &standard);
        drop(detail);
        let mut places: Vec<f32> = points.iter().flat_map(|point| projection.place(point.vector)).collect();
        let scale = (count as f32 / dot(&places, &places).max(f32::MIN_POSITIVE)).sqrt();
        places.iter_mut().for_each(|number| *number *= scale);
        let columns = DMatrix::from_column_slice(projection.len(), count, &places);
        let squares: Vec<f32> = columns.column_iter().map(|column| column.norm_squared()).collect();
        let mut inverse = columns.transpose() * &columns;
        for (mut column, square) in inverse.column_iter_mut().zip(&squares) {
            column.iter_mut().zip(&squares).for_each(|(near, other)| *near = nearness(*near, *square, *other));
        }
        for (at, point) in points.iter().enumerate() {
            inverse[(at, at)] += RIDGE / point.weight.max(1e-3);
        }
        invert(inverse.as_view_mut())?;
        let mut weights = DMatrix::zeros(count, classes);
        for (at, point) in points.iter().enumerate() {
            let mut class = weights.column_mut(point.class);
            class += inverse.column(at);
        }
        let basis = Arc::new(Basis { projection, scale, places, squares });
        Some(Self { basis, classes, numbers, inverse, weights })
    }

    /// As if some of the points had never been there.
    pub fn without(&self, hidden: impl Fn(usize) -> bool) -> Kernel {
        let hidden: Vec<usize> = (0..self.numbers.len()).filter(|at| hidden(self.numbers[*at])).collect();
        let mut weights = self.weights.clone();
        let columns = self.inverse.select_columns(&hidden);
        match Cholesky::new(columns.select_rows(&hidden)) {
            Some(block) => weights -= columns * block.solve(&self.weights.select_rows(&hidden)),
            // A block of this inverse has one too; should rounding have lost it, rather nothing is said than what was seen.
            None => weights.fill(0.0),
        }
        hidden.iter().for_each(|at| weights.row_mut(*at).fill(0.0));
        let weights = weights.transpose().data.as_vec().clone();
        Kernel { basis: Arc::clone(&self.basis), classes: self.classes, weights }
    }
}

impl Kernel {
    /// A score for every class.
    pub fn scores(&self, detail: &[f32]) -> Vec<f32> {
        let Basis { projection, scale, places, squares } = &*self.basis;
        let place: Vec<f32> = projection.place(detail).iter().map(|number| number * scale).collect();
        let square = dot(&place, &place);
        let mut scores = vec![0.0; self.classes];
        let questions = places.chunks_exact(place.len().max(1)).zip(squares);
        for ((question, other), weights) in questions.zip(self.weights.chunks_exact(self.classes.max(1))) {
            let near = nearness(dot(&place, question), square, *other);
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += near * weight);
        }
        scores
    }
}

/// By the product of two places and their squares: 1 for the same place, e⁻¹ at the mean distance of two questions.
fn nearness(product: f32, square: f32, other: f32) -> f32 {
    (product - 0.5 * (square + other)).min(0.0).exp()
}

/// Directions at right angles in which the columns are spread most.
fn most_spread(columns: &DMatrix<f32>) -> DMatrix<f32> {
    let count = DIRECTIONS.min(columns.nrows()).min(columns.ncols());
    let mut random = Random::new(1, 1 << 43);
    let mut directions = DMatrix::from_fn(columns.nrows(), count, |_, _| random.normal());
    let rows = columns.transpose();
    for _ in 0..TURNS {
        directions = (columns * (&rows * directions)).qr().q();
    }
    directions
}

/// In its place, a symmetric positive definite matrix, by halves (Schur's complement). `None` where it is not one.
fn invert(mut matrix: DMatrixViewMut<'_, f32>) -> Option<()> {
    let size = matrix.nrows();
    if size <= AT_ONCE {
        let inverse = Cholesky::new(matrix.clone_owned())?.inverse();
        matrix.copy_from(&inverse);
        return Some(());
    }
    let half = size / 2;
    let (mut left, mut right) = matrix.columns_range_pair_mut(..half, half..);
    let (mut first, mut below) = left.rows_range_pair_mut(..half, half..);
    let (mut beside, mut second) = right.rows_range_pair_mut(..half, half..);
    invert(first.as_view_mut())?;
    let along = &first * &beside;
    second.gemm(-1.0, &below, &along, 1.0);
    invert(second.as_view_mut())?;
    beside.gemm(-1.0, &along, &second, 0.0);
    below.copy_from(&beside.transpose());
    first.gemm(-1.0, &along, &below, 1.0);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(count: usize, width: usize) -> Vec<Vec<f32>> {
        let mut random = Random::new(5, 0);
        let mut centers: Vec<Vec<f32>> = Vec::new();
        (0..count)
            .map(|i| {
                if i < 4 {
                    centers.push((0..width).map(|_| random.normal()).collect());
                }
                centers[i % 4].iter().map(|number| number + 0.7 * random.normal()).collect()
            })
            .collect()
    }

    fn points(vectors: &[Vec<f32>]) -> Vec<Point<'_>> {
        vectors.iter().enumerate().map(|(i, vector)| Point { vector, class: i % 4, weight: 1.0 }).collect()
    }

    #[test]
    fn an_inverse_by_halves_is_the_inverse() {
        let size = 2 * AT_ONCE + 37;
        let mut random = Random::new(2, 0);
        let some = DMatrix::from_fn(size, size, |_, _| random.normal());
        let matrix = &some * some.transpose() / size as f32 + DMatrix::identity(size, size);
        let mut inverse = matrix.clone();
        invert(inverse.as_view_mut()).unwrap();
        assert!((matrix * inverse - DMatrix::<f32>::identity(size, size)).amax() < 1e-4);
        assert!(invert((-DMatrix::<f32>::identity(size, size)).as_view_mut()).is_none());
    }

    #[test]
    fn what_a_class_looks_like_is_learnt() {
        let vectors = cloud(400, 12);
        let (seen, unseen) = vectors.split_at(200);
        let kernel = Gram::learn(4, &points(seen)).unwrap().without(|_| false);
        let right = |(i, vector): (usize, &Vec<f32>)| {
            let scores = kernel.scores(vector);
            (0..4).all(|class| scores[class] <= scores[i % 4])
        };
        assert!(unseen.iter().enumerate().filter(|line| right(*line)).count() >= 190);
    }

    /// Scores by the definition: the kernel between the questions that are left, solved anew.
    #[test]
    fn what_is_taken_out_has_left_no_trace() {
        let vectors = cloud(150, 12);
        let gram = Gram::learn(4, &points(&vectors)).unwrap();
        let left: Vec<usize> = (0..150).filter(|i| i % 3 != 0).collect();
        let places = |i: usize| &gram.basis.places[i * 12..][..12];
        let near = |a: &[f32], b: &[f32]| nearness(dot(a, b), dot(a, a), dot(b, b));
        let kernel = DMatrix::from_fn(left.len(), left.len(), |a, b| {
            near(places(left[a]), places(left[b])) + if a == b { RIDGE } else { 0.0 }
        });
        let targets = DMatrix::from_fn(left.len(), 4, |at, class| f32::from(u8::from(left[at] % 4 == class)));
        let solved = Cholesky::new(kernel).unwrap().solve(&targets);
        let without = gram.without(|i| i % 3 == 0);
        for i in 0..150 {
            let scores = without.scores(&vectors[i]);
            for class in 0..4 {
                let by_definition: f32 =
                    left.iter().enumerate().map(|(at, other)| near(places(i), places(*other)) * solved[(at, class)]).sum();
                assert!((scores[class] - by_definition).abs() < 1e-3, "{} {by_definition}", scores[class]);
            }
        }
    }

    #[test]
    fn points_without_numbers_teach_nothing() {
        assert!(Gram::learn(2, &[]).is_none());
        assert!(Gram::learn(2, &[Point { vector: &[], class: 1, weight: 1.0 }]).is_none());
        let same = [Point { vector: &[1.0, 2.0], class: 1, weight: 1.0 }; 3];
        let scores = Gram::learn(2, &same).unwrap().without(|_| false).scores(&[1.0, 2.0]);
        assert!(scores[0] < 0.01 && scores[1] > 0.9);
    }
}
