//! Vectors of a byte a dimension, and their products with a text's. Owns the rounding and how they lie in memory; means nothing
//! by them.

use super::{WIDTH, add_whole};
use multiversion::multiversion;

/// Dimensions by which near vectors are found: of a trained encoder the first member's. With all three members' they are found
/// no better, in twice the time.
const SEARCHED: usize = WIDTH;

/// Vectors of one width in whole numbers of −127..=127, each with the factor that brings it to the length it had. What is
/// searched of them lies together, so that a search waits for no memory that it does not read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rounded {
    width: usize,
    searched: Vec<i8>,
    others: Vec<i8>,
    scales: Vec<f32>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    searched: &'a [i8],
    others: &'a [i8],
    pub scale: f32,
}

/// A text's vector, to be held against many.
#[derive(Debug, Clone)]
pub struct Probe {
    searched: Vec<i16>,
    others: Vec<i16>,
    scale: f32,
}

impl Rounded {
    pub fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        self.searched.reserve_exact(more * self.searched());
        self.others.reserve_exact(more * (self.width - self.searched()));
        self.scales.reserve_exact(more);
    }

    /// Puts each vector `from[place]` at its `place`; each place is named once. In place: two of a large base would not fit.
    pub fn reorder(&mut self, from: &[u32]) {
        let mut is_done = vec![false; from.len()];
        for first in 0..from.len() {
            if is_done[first] {
                continue;
            }
            let mut kept = Rounded::new(self.width);
            kept.push_row(self.row(first));
            let mut place = first;
            while !std::mem::replace(&mut is_done[place], true) {
                match from[place] as usize {
                    next if next == first => self.put(place, kept.row(0)),
                    next => self.copy(next, place),
                }
                place = from[place] as usize;
            }
        }
    }

    fn copy(&mut self, from: usize, to: usize) {
        let (searched, others) = (self.searched(), self.width - self.searched());
        self.searched.copy_within(from * searched..(from + 1) * searched, to * searched);
        self.others.copy_within(from * others..(from + 1) * others, to * others);
        self.scales[to] = self.scales[from];
    }

    fn put(&mut self, place: usize, row: Row<'_>) {
        self.searched[place * row.searched.len()..][..row.searched.len()].copy_from_slice(row.searched);
        self.others[place * row.others.len()..][..row.others.len()].copy_from_slice(row.others);
        self.scales[place] = row.scale;
    }

    /// Adds the first dimensions of a vector, as many as the others have; it has no fewer.
    pub fn push(&mut self, vector: &[f32]) {
        let scale = step(&vector[..self.width]);
        self.push_numbers(vector.iter().map(|x| (x / scale).round() as i8), scale);
    }

    pub fn push_row(&mut self, row: Row<'_>) {
        self.push_numbers(row.numbers(), row.scale);
    }

    /// The same for numbers that are rounded already.
    pub fn push_numbers(&mut self, numbers: impl Iterator<Item = i8>, scale: f32) {
        let mut numbers = numbers.take(self.width);
        self.searched.extend(numbers.by_ref().take(SEARCHED));
        self.others.extend(numbers);
        self.scales.push(scale);
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Dimensions that are searched by.
    pub fn searched(&self) -> usize {
        self.width.min(SEARCHED)
    }

    pub fn row(&self, place: usize) -> Row<'_> {
        let (searched, others) = (self.searched(), self.width - self.searched());
        Row {
            searched: &self.searched[place * searched..][..searched],
            others: &self.others[place * others..][..others],
            scale: self.scales[place],
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|place| self.row(place))
    }
}

impl<'a> Row<'a> {
    pub fn numbers(&self) -> impl Iterator<Item = i8> + use<'a> {
        self.searched.iter().chain(self.others).copied()
    }

    /// Adds `times` this to a sum of vectors.
    pub fn add_to(&self, sum: &mut [f32], times: f32) {
        let (searched, others) = sum.split_at_mut(self.searched.len().min(sum.len()));
        add_whole(searched, self.scale * times, self.searched);
        add_whole(others, self.scale * times, self.others);
    }

    /// As what others are held against.
    pub fn to_probe(self) -> Probe {
        let wide = |numbers: &[i8]| numbers.iter().map(|x| i16::from(*x)).collect();
        Probe { searched: wide(self.searched), others: wide(self.others), scale: self.scale }
    }
}

impl Probe {
    pub fn new(vector: &[f32]) -> Self {
        let scale = step(vector);
        let (searched, others) = vector.split_at(SEARCHED.min(vector.len()));
        let whole = |part: &[f32]| part.iter().map(|x| (x / scale).round() as i16).collect();
        Self { searched: whole(searched), others: whole(others), scale }
    }

    /// The sum of products over the dimensions that both have.
    pub fn dot(&self, row: Row<'_>) -> f32 {
        let sum = whole_dot(&self.searched, row.searched) + whole_dot(&self.others, row.others);
        sum as f32 * row.scale * self.scale
    }

    /// The same over the dimensions that are searched by.
    pub fn dot_searched(&self, row: Row<'_>) -> f32 {
        whole_dot(&self.searched, row.searched) as f32 * row.scale * self.scale
    }
}

/// What the whole number 1 stands for, so that the largest is ±127; not 0 for zeros.
fn step(vector: &[f32]) -> f32 {
    vector.iter().fold(0.0_f32, |most, x| most.max(x.abs())).max(f32::MIN_POSITIVE * 127.0) / 127.0
}

/// Compiled for wide registers too, and chosen by what the machine has: whole numbers sum to the same in any order.
#[multiversion(targets("x86_64+avx2"))]
fn whole_dot(a: &[i16], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(i16::from(*y))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reordered_vectors_stand_where_they_were_sent(
            width in 1..2 * WIDTH,
            from in (1..40_u32).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle()),
        ) {
            let vector = |number: u32| -> Vec<f32> { (0..width).map(|i| ((i as u32 + 1) * (number + 3) % 17) as f32).collect() };
            let mut vectors = Rounded::new(width);
            (0..from.len() as u32).for_each(|number| vectors.push(&vector(number)));
            vectors.reorder(&from);
            for (row, number) in vectors.rows().zip(&from) {
                let mut wanted = Rounded::new(width);
                wanted.push(&vector(*number));
                prop_assert!(row.numbers().eq(wanted.row(0).numbers()) && row.scale == wanted.row(0).scale);
            }
        }
    }
}
