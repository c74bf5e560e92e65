//! Vectors of a byte a dimension, and their products with a text's. Owns the rounding; means nothing by it.

/// Vectors of one width in whole numbers of −127..=127, each with the factor that brings it to the length it had.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rounded {
    pub(super) width: usize,
    pub(super) rows: Vec<i8>,
    pub(super) scales: Vec<f32>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub numbers: &'a [i8],
    pub scale: f32,
}

/// A text's vector, to be held against many.
#[derive(Debug, Clone)]
pub struct Probe {
    numbers: Vec<i16>,
    scale: f32,
}

impl Rounded {
    pub fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// Adds the first dimensions of a vector, as many as the others have; it has no fewer.
    pub fn push(&mut self, vector: &[f32]) {
        let vector = &vector[..self.width];
        let scale = step(vector);
        self.rows.extend(vector.iter().map(|x| (x / scale).round() as i8));
        self.scales.push(scale);
    }

    pub fn push_row(&mut self, row: Row<'_>) {
        self.rows.extend_from_slice(&row.numbers[..self.width]);
        self.scales.push(row.scale);
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn len(&self) -> usize {
        self.scales.len()
    }

    pub fn row(&self, place: usize) -> Row<'_> {
        Row { numbers: &self.rows[place * self.width..][..self.width], scale: self.scales[place] }
    }
}

impl Row<'_> {
    /// Adds `times` this to a sum of vectors.
    pub fn add_to(&self, sum: &mut [f32], times: f32) {
        let scale = self.scale * times;
        sum.iter_mut().zip(self.numbers).for_each(|(s, v)| *s += scale * f32::from(*v));
    }
}

impl Probe {
    pub fn new(vector: &[f32]) -> Self {
        let scale = step(vector);
        Self { numbers: vector.iter().map(|x| (x / scale).round() as i16).collect(), scale }
    }

    /// The sum of products over the dimensions that both have.
    pub fn dot(&self, row: Row<'_>) -> f32 {
        whole_dot(&self.numbers, row.numbers) as f32 * row.scale * self.scale
    }
}

/// What the whole number 1 stands for, so that the largest is ±127; not 0 for zeros.
fn step(vector: &[f32]) -> f32 {
    vector.iter().fold(0.0_f32, |most, x| most.max(x.abs())).max(f32::MIN_POSITIVE * 127.0) / 127.0
}

/// Whole numbers: products of 16 bits are summed eight at a time in the narrowest registers that any machine has.
fn whole_dot(a: &[i16], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(i16::from(*y))).sum()
}
