//! Numbers at the same spread, and directions in them: what is learnt of an encoder's detail looks at it through these.

use super::dense::Point;
use crate::encoder::dot;
use nalgebra::{DMatrix, DVector};

/// Every number to mean 0 and spread 1: those of an encoder's layers have quite different ones.
#[derive(Debug, Clone)]
pub struct Standard {
    pub middle: DVector<f32>,
    /// The inverse of each number's spread.
    pub scale: DVector<f32>,
}

impl Standard {
    /// Of points of one width, each as it counts.
    pub fn of(width: usize, points: &[Point<'_>]) -> Self {
        let total: f32 = points.iter().map(|point| point.weight).sum();
        let mut middle = DVector::<f32>::zeros(width);
        for point in points {
            middle.axpy(point.weight / total, &DVector::from_column_slice(point.vector), 1.0);
        }
        let mut scale = DVector::<f32>::zeros(width);
        for point in points {
            for ((scale, number), middle) in scale.iter_mut().zip(point.vector).zip(middle.iter()) {
                *scale += point.weight * (number - middle).powi(2) / total;
            }
        }
        scale.apply(|square| *square = square.sqrt().max(1e-6).recip());
        Self { middle, scale }
    }
}

#[derive(Debug, Clone)]
pub struct Projection {
    /// `rows[direction × width + number]`, and what each says of the middle.
    rows: Vec<f32>,
    middle: Vec<f32>,
    width: usize,
}

impl Projection {
    /// Along directions that were learnt from numbers brought to the standard: one a column.
    pub fn new(directions: &DMatrix<f32>, standard: &Standard) -> Self {
        let width = directions.nrows();
        let rows: Vec<f32> =
            directions.column_iter().flat_map(|row| row.component_mul(&standard.scale).data.as_vec().clone()).collect();
        let middle = rows.chunks_exact(width.max(1)).map(|row| dot(row, standard.middle.as_slice())).collect();
        Self { rows, middle, width }
    }

    /// How many directions.
    pub fn len(&self) -> usize {
        self.middle.len()
    }

    /// Where a vector lies along each direction.
    pub fn place(&self, vector: &[f32]) -> Vec<f32> {
        self.rows.chunks_exact(self.width.max(1)).zip(&self.middle).map(|(row, middle)| dot(row, vector) - middle).collect()
    }
}
