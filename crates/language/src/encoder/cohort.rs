//! What customers ask of a lender, whatever it is, as vectors: the cohort that a text is held against. A question that lies
//! nearer to what others ask than to every entry is one that nobody has written an answer for, however near the entries are.
//! Owns the vectors and the search among them; keeps no words.
//!
//! Source: cohort normalisation of scores in speaker verification (adaptive S-norm), and CSLS (Conneau et al. 2018).

use super::{WIDTH, dot};
use std::fmt;

/// Vectors kept. Source: measured on public questions; see docs/understanding.md.
pub const SIZE: usize = 4096;
/// Neighbours looked at.
const NEAREST: usize = 10;
/// Dimensions by which they are found: the first member's. With all three members' they are found no better, in twice the time.
const SEARCHED: usize = WIDTH;

/// Vectors in whole numbers of −127..=127, each with the factor that makes it length 1.
#[derive(Clone, PartialEq, Default)]
pub struct Cohort {
    pub(super) width: usize,
    pub(super) rows: Vec<i8>,
    pub(super) scales: Vec<f32>,
}

/// The nearest of the cohort to a text.
#[derive(Debug, Clone)]
pub struct Around {
    /// Their mean.
    pub mean: Vec<f32>,
    /// Its cosine with the text, were it of length 1: the mean of their cosines.
    pub nearness: f32,
}

impl Cohort {
    pub fn new(width: usize, vectors: &[Vec<f32>]) -> Self {
        let mut cohort = Cohort { width, ..Cohort::default() };
        for vector in vectors.iter().filter(|v| v.iter().any(|x| *x != 0.0)) {
            let scale = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs())) / 127.0;
            cohort.rows.extend(vector.iter().map(|x| (x / scale).round() as i8));
            cohort.scales.push(scale);
        }
        cohort
    }

    /// What others ask around a vector, by its first dimensions, as many as the cohort has. `None` where it is too small to
    /// tell anything.
    pub fn around(&self, vector: &[f32]) -> Option<Around> {
        let vector = vector.get(..self.width).filter(|_| self.scales.len() >= NEAREST * 10)?;
        let searched = &vector[..SEARCHED.min(self.width)];
        let largest = searched.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let small: Vec<i16> = searched.iter().map(|x| (x / largest.max(f32::MIN_POSITIVE) * 127.0).round() as i16).collect();
        let mut order: Vec<(f32, usize)> = self
            .rows
            .chunks_exact(self.width)
            .zip(&self.scales)
            .enumerate()
            .map(|(place, (row, scale))| (whole_dot(&small, &row[..small.len()]) as f32 * scale, place))
            .collect();
        order.select_nth_unstable_by(NEAREST, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        // In the order of their places: a sum of floats depends on its order.
        let mut nearest: Vec<usize> = order[..NEAREST].iter().map(|(_, place)| *place).collect();
        nearest.sort_unstable();
        let mut mean = vec![0.0; self.width];
        for place in nearest {
            let scale = self.scales[place] / NEAREST as f32;
            let row = &self.rows[place * self.width..][..self.width];
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += scale * f32::from(*v));
        }
        let nearness = dot(&mean, vector);
        Some(Around { mean, nearness })
    }
}

/// Whole numbers: products of 16 bits are summed eight at a time in the narrowest registers that any machine has.
fn whole_dot(a: &[i16], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(i16::from(*y))).sum()
}

impl fmt::Debug for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cohort").field("size", &self.scales.len()).finish()
    }
}
