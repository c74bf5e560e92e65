//! What customers ask of a lender, whatever it is, as vectors: the cohort that a text is held against. A question that lies
//! nearer to what others ask than to every entry is one that nobody has written an answer for, however near the entries are.
//! Owns the vectors and the search among them; keeps no words.
//!
//! Source: cohort normalisation of scores in speaker verification (adaptive S-norm), and CSLS (Conneau et al. 2018).

use super::dot;
use super::rounded::{Probe, Rounded};
use crate::best::Best;
use std::fmt;

/// Vectors kept. Source: measured on public questions; see docs/understanding.md.
pub const SIZE: usize = 4096;
/// Neighbours looked at.
const NEAREST: usize = 10;

#[derive(Clone, PartialEq, Default)]
pub struct Cohort {
    pub(super) vectors: Rounded,
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
        let mut rounded = Rounded::new(width);
        vectors.iter().filter(|v| v.iter().any(|x| *x != 0.0)).for_each(|vector| rounded.push(vector));
        Cohort { vectors: rounded }
    }

    /// What others ask around a vector, by its first dimensions, as many as the cohort has. `None` where it is too small to
    /// tell anything.
    pub fn around(&self, vector: &[f32]) -> Option<Around> {
        let width = self.vectors.width();
        let vector = vector.get(..width).filter(|_| self.vectors.len() >= NEAREST * 10)?;
        let probe = Probe::new(vector);
        let mut best = Best::new(NEAREST);
        (0_u32..).zip(self.vectors.rows()).for_each(|(place, row)| best.show(probe.dot_searched(row), place));
        // In the order of their places: a sum of floats depends on its order.
        let mut nearest: Vec<usize> = best.finish().into_iter().map(|(_, place)| place as usize).collect();
        nearest.sort_unstable();
        let mut mean = vec![0.0; width];
        nearest.into_iter().for_each(|place| self.vectors.row(place).add_to(&mut mean, (NEAREST as f32).recip()));
        let nearness = dot(&mean, vector);
        Some(Around { mean, nearness })
    }
}

impl fmt::Debug for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cohort").field("size", &self.vectors.len()).finish()
    }
}
