//! Directions in which the questions of different classes lie apart, whatever spreads those of one class (Fisher's linear
//! discriminants), and how near a text is to each question by them. Owns the learning, which is a solution and no descent.

use super::dense::Point;
use super::projection::{Projection, Standard};
use crate::encoder::dot;
use nalgebra::{Cholesky, DMatrix, DVector};

/// Spread that is added in every direction, in units of the mean spread within classes: the few questions of a class show it
/// badly. Source: cross-validation over public questions; see docs/understanding.md.
const RIDGE: f32 = 0.3;
/// A direction that is so little of its own is made of the others.
const LEAST_NEW: f32 = 1e-3;

#[derive(Debug, Clone)]
pub struct Directions(Projection);

impl Directions {
    /// `None` where fewer than two classes have points.
    pub fn learn(classes: usize, points: &[Point<'_>]) -> Option<Self> {
        let width = points.first()?.vector.len();
        let total: f32 = points.iter().map(|point| point.weight).sum();
        let standard = Standard::of(width, points);
        let Standard { middle, scale } = &standard;
        let (mut means, mut weights) = (DMatrix::<f32>::zeros(width, classes), vec![0.0_f32; classes]);
        for point in points {
            means.column_mut(point.class).axpy(point.weight, &DVector::from_column_slice(point.vector), 1.0);
            weights[point.class] += point.weight;
        }
        for (class, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            means.column_mut(class).scale_mut(weight.recip());
        }
        let mut within = DMatrix::<f32>::zeros(width, points.len());
        for (mut column, point) in within.column_iter_mut().zip(points) {
            let share = (point.weight / total).sqrt();
            let mean = means.column(point.class);
            let numbers = column.iter_mut().zip(point.vector).zip(mean.iter()).zip(scale.iter());
            numbers.for_each(|(((to, number), mean), scale)| *to = (number - mean) * scale * share);
        }
        let mut spread = &within * within.transpose();
        drop(within);
        let ridge = RIDGE * spread.trace() / width as f32;
        spread.set_diagonal(&spread.diagonal().add_scalar(ridge.max(f32::MIN_POSITIVE)));
        let root = Cholesky::new(spread)?.unpack();
        let known: Vec<usize> = (0..classes).filter(|class| weights[*class] > 0.0).collect();
        let mut apart =
            DMatrix::from_fn(width, known.len(), |number, at| (means[(number, known[at])] - middle[number]) * scale[number]);
        root.solve_lower_triangular_mut(&mut apart);
        let mut own = orthonormal(&apart)?;
        root.tr_solve_lower_triangular_mut(&mut own);
        Some(Self(Projection::new(&own, &standard)))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where a vector lies by the directions, at length 1.
    pub fn place(&self, vector: &[f32]) -> Vec<f32> {
        let mut place = self.0.place(vector);
        let length = dot(&place, &place).sqrt().max(f32::MIN_POSITIVE);
        place.iter_mut().for_each(|number| *number /= length);
        place
    }
}

/// Directions at right angles that span the columns (Gram-Schmidt, twice for the sake of rounding).
fn orthonormal(columns: &DMatrix<f32>) -> Option<DMatrix<f32>> {
    let mut kept: Vec<DVector<f32>> = Vec::new();
    for column in columns.column_iter() {
        let mut rest = column.into_owned();
        for _ in 0..2 {
            for direction in &kept {
                let along = direction.dot(&rest);
                rest.axpy(-along, direction, 1.0);
            }
        }
        let length = rest.norm();
        if length > LEAST_NEW * column.norm() {
            kept.push(rest / length);
        }
    }
    (!kept.is_empty()).then(|| DMatrix::from_columns(&kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::random::Random;

    /// Classes differ by a little in the first two numbers; the others are loud and say nothing.
    #[test]
    fn what_tells_classes_apart_counts_and_what_is_loud_does_not() {
        let mut random = Random::new(3, 0);
        let mut draw = |class: usize| -> Vec<f32> {
            let own = [(class % 2) as f32, (class / 2) as f32].map(|side| side - 0.5);
            let told = own.map(|side| side + 0.1 * random.normal());
            told.into_iter().chain((0..10).map(|_| 5.0 * random.normal())).collect()
        };
        let drawn: Vec<(usize, Vec<f32>)> = (0..400).map(|i| (i % 4, draw(i % 4))).collect();
        let points: Vec<Point<'_>> = drawn.iter().map(|(class, vector)| Point { vector, class: *class, weight: 1.0 }).collect();
        let directions = Directions::learn(4, &points).unwrap();
        assert_eq!(directions.len(), 3);
        let places: Vec<Vec<f32>> = drawn.iter().map(|(_, vector)| directions.place(vector)).collect();
        let right = (0..100).filter(|i| {
            let (class, place) = (i % 4, directions.place(&draw(i % 4)));
            let nearest = (0..places.len()).max_by(|a, b| dot(&places[*a], &place).total_cmp(&dot(&places[*b], &place)));
            nearest.is_some_and(|nearest| drawn[nearest].0 == class)
        });
        assert!(right.count() >= 98);
    }

    #[test]
    fn one_class_or_none_has_no_directions() {
        let vector = vec![1.0, 0.0];
        assert!(Directions::learn(2, &[]).is_none());
        let one = [Point { vector: &vector, class: 1, weight: 1.0 }; 3];
        assert!(Directions::learn(2, &one).is_none());
    }
}
