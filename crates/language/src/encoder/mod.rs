//! A trained encoder of short customer text: hashed grams → one dense vector of length 1. Owns the table of rows, its
//! training and its file; knows no needs.

mod cohort;
pub mod file;
mod grams;
pub(crate) mod random;
pub(crate) mod rounded;
pub mod sentence;
pub mod train;

pub use cohort::{Around, Cohort};
use grams::rows;
use jieti_domain::understanding::Lang;
use multiversion::multiversion;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Dimensions of a vector.
pub const WIDTH: usize = 256;

/// What one member makes of a text: length 1, or all zeros for a text without letters.
pub type Dense = [f32; WIDTH];

/// Members that were trained apart, each from another seed; a text's vector is theirs side by side, so a cosine is the mean
/// of their cosines.
#[derive(Clone, PartialEq)]
pub struct Encoder {
    members: Vec<Member>,
    /// Languages it was trained on.
    langs: BTreeSet<Lang>,
    cohort: Cohort,
}

/// The table of one member: for each hashed gram a vector in whole numbers of −127..=127 and the factor that turns them into
/// its share of the sum.
#[derive(Clone, PartialEq)]
pub struct Member {
    rows: Vec<i8>,
    scales: Vec<f32>,
}

impl Encoder {
    /// `asked` are texts in normal form of what customers ask of a lender, whatever it is: the cohort, of which vectors are
    /// kept, not words.
    pub fn new(members: Vec<Member>, langs: BTreeSet<Lang>, asked: &[&str]) -> Self {
        let mut encoder = Self { members, langs, cohort: Cohort::default() };
        let vectors: Vec<Vec<f32>> = asked.par_iter().map(|text| encoder.encode(text)).collect();
        encoder.cohort = Cohort::new(encoder.width(), &vectors);
        encoder
    }

    /// What customers ask of lenders.
    pub fn cohort(&self) -> &Cohort {
        &self.cohort
    }

    /// Whether it was trained on texts of this language; in others it knows no more than the letters.
    pub fn knows(&self, lang: Lang) -> bool {
        self.langs.contains(&lang)
    }

    /// Dimensions of what [`Encoder::encode`] returns.
    pub fn width(&self) -> usize {
        self.members.len() * WIDTH
    }

    /// The vector of a text in normal form ([`crate::normalise`]): length 1, or all zeros for a text without letters.
    pub fn encode(&self, normal: &str) -> Vec<f32> {
        let rows = rows(normal);
        let share = (self.members.len().max(1) as f32).sqrt().recip();
        self.members.iter().flat_map(|member| member.encode(&rows).map(|v| v * share)).collect()
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("members", &self.members.len()).field("langs", &self.langs).finish()
    }
}

impl Member {
    fn encode(&self, rows: &[u32]) -> Dense {
        let mut sum = [0.0; WIDTH];
        for &row in rows {
            let row = row as usize;
            add_whole(&mut sum, self.scales[row], &self.rows[row * WIDTH..][..WIDTH]);
        }
        make_unit(&mut sum);
        sum
    }

    /// Rounds each row to a byte a dimension.
    fn from_floats(rows: &[f32], weights: &[f32]) -> Self {
        let mut small = Vec::with_capacity(rows.len());
        let mut scales = Vec::with_capacity(weights.len());
        for (row, weight) in rows.chunks_exact(WIDTH).zip(weights) {
            let most = row.iter().fold(0.0_f32, |most, v| most.max(v.abs())).max(f32::MIN_POSITIVE);
            small.extend(row.iter().map(|v| (v / most * 127.0).round() as i8));
            scales.push(weight * most / 127.0);
        }
        Self { rows: small, scales }
    }
}

/// Brings a vector to length 1; zeros stay as they are.
fn make_unit(vector: &mut Dense) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|v| *v /= length);
    }
}

/// Sum of products; both of the same length. The same on every machine: wide registers hold the same sums.
#[multiversion(targets("x86_64+avx2"))]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side let the compiler use wide registers.
    let mut sums = [0.0_f32; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Adds `times` a vector to a sum of the same length.
#[multiversion(targets("x86_64+avx2"))]
fn add(sum: &mut [f32], times: f32, vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(s, v)| *s += times * v);
}

/// The same for a vector in whole numbers.
#[multiversion(targets("x86_64+avx2"))]
fn add_whole(sum: &mut [f32], times: f32, vector: &[i8]) {
    sum.iter_mut().zip(vector).for_each(|(s, v)| *s += times * f32::from(*v));
}
