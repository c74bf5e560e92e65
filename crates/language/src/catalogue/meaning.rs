//! The vectors of the questions, and those that mean what a text means whatever its words. Owns the clusters by which they are
//! found without looking at all; knows no entries.

use super::text_hash;
use crate::best::Best;
use crate::encoder::rounded::{Probe, Rounded, Row};
use crate::encoder::sentence::{EncodeError, SentenceEncoder};
use crate::encoder::{WIDTH, dot};
use crate::model::encode_all;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes that the vectors of all questions may take: with more, only so many of their first dimensions are kept.
const MOST_BYTES: usize = 80 << 20;
/// Questions that an encoder is handed at a time, so that their vectors are never all held in floats.
const HANDED: usize = 1_024;

/// Vectors looked at for one message; with no more than these, all.
const LOOKED_AT: usize = 6_000;
/// Clusters for each √question.
const CLUSTERS: f32 = 0.5;
/// Times that the centres are moved to the middle of their clusters.
const ROUNDS: usize = 3;
/// Questions for each centre that it is moved by.
const MOVED_BY: usize = 24;
/// Questions whose cosine is worked out in full.
const CLOSE: usize = 64;

/// Dimensions of an encoder's vectors, and how many of them are kept, the first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub whole: usize,
    pub kept: usize,
}

/// Vectors that are known already, by their texts.
pub type Known<'a> = HashMap<u64, Row<'a>>;

#[derive(Debug)]
pub struct Meanings {
    shape: Shape,
    /// Cluster by cluster: what is looked at together lies together.
    rows: Rounded,
    /// The question of each row, and the row of each question.
    question_of: Vec<u32>,
    row_of: Vec<u32>,
    centers: Rounded,
    /// Rows of a cluster: `starts[cluster]..starts[cluster + 1]`.
    starts: Vec<u32>,
}

impl Meanings {
    /// Of texts in their order; `None` where all of them are empty. Those of another shape than it will have are not `before`.
    ///
    /// # Errors
    /// Where the encoder gave no vectors.
    pub fn of(
        encoder: &Arc<dyn SentenceEncoder>,
        asked: &[&str],
        before: Option<(Shape, Known<'_>)>,
    ) -> Result<Option<Self>, EncodeError> {
        let Some(any) = asked.iter().find(|text| !text.is_empty()) else { return Ok(None) };
        let whole = encode_all(Some(encoder), &[any])?.first().map_or(0, Vec::len);
        let shape = Shape::of(whole, whole - encoder.detail(), asked.len());
        let known = before.filter(|(before, _)| *before == shape).map(|(_, known)| known).unwrap_or_default();
        Ok(Some(Self::new(shape, encoded(encoder, shape, asked, &known)?)))
    }

    fn new(shape: Shape, mut rows: Rounded) -> Self {
        let clusters = match rows.len() {
            ..=LOOKED_AT => 1,
            questions => ((questions as f32).sqrt() * CLUSTERS) as usize,
        };
        let centers = centers(&rows, clusters);
        let cluster_of: Vec<u32> =
            (0..rows.len()).into_par_iter().map(|question| nearest(&centers, rows.row(question))).collect();
        let mut question_of: Vec<u32> = (0..rows.len() as u32).collect();
        question_of.sort_by_key(|question| cluster_of[*question as usize]);
        rows.reorder(&question_of);
        let mut row_of = vec![0; rows.len()];
        (0_u32..).zip(&question_of).for_each(|(row, question)| row_of[*question as usize] = row);
        let first = |cluster| question_of.partition_point(|question| cluster_of[*question as usize] < cluster) as u32;
        let starts = (0..=clusters as u32).map(first).collect();
        Self { shape, rows, question_of, row_of, centers, starts }
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub fn row(&self, question: u32) -> Row<'_> {
        self.rows.row(self.row_of[question as usize] as usize)
    }

    /// The questions in view that are nearest to a vector, of the clusters that are nearest to it.
    pub fn nearest(&self, probe: &Probe, in_view: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut clusters: Vec<(f32, usize)> =
            self.centers.rows().zip(0..).map(|(center, cluster)| (probe.dot_searched(center), cluster)).collect();
        clusters.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best = Best::new(CLOSE);
        let mut looked_at = 0;
        for (_, cluster) in clusters {
            let rows = self.starts[cluster] as usize..self.starts[cluster + 1] as usize;
            looked_at += rows.len();
            if looked_at > LOOKED_AT && looked_at > rows.len() {
                break;
            }
            for row in rows {
                let question = self.question_of[row];
                if in_view(question) {
                    best.show(probe.dot_searched(self.rows.row(row)), question);
                }
            }
        }
        best.finish().into_iter().map(|(_, question)| question).collect()
    }
}

impl Shape {
    /// Of the vectors of so many questions, which are `compared` by some of their numbers. It changes in wide steps: vectors of another shape must be encoded again.
    fn of(whole: usize, compared: usize, questions: usize) -> Self {
        let steps = (MOST_BYTES / questions / WIDTH).max(1);
        Self { whole, kept: compared.min(steps * WIDTH) }
    }

    /// The dimensions of a vector that are kept, at length 1; zeros stay as they are. `None` for a vector of another width.
    pub fn keep(self, vector: &[f32]) -> Option<Vec<f32>> {
        let kept = vector.get(..self.kept).filter(|_| vector.len() == self.whole)?;
        let length = dot(kept, kept).sqrt();
        Some(kept.iter().map(|x| x / length.max(f32::MIN_POSITIVE)).collect())
    }
}

/// The vectors of texts; only those that are not known are encoded.
///
/// # Errors
/// Where the encoder gave no vectors, or of another width.
pub fn encoded(
    encoder: &Arc<dyn SentenceEncoder>,
    shape: Shape,
    texts: &[&str],
    known: &Known<'_>,
) -> Result<Rounded, EncodeError> {
    let mut rows = Rounded::new(shape.kept);
    rows.reserve(texts.len());
    for texts in texts.chunks(HANDED) {
        let is_new = |text: &&str| !text.is_empty() && !known.contains_key(&text_hash(text));
        let new: Vec<&str> = texts.iter().copied().filter(is_new).collect();
        let mut vectors = encode_all(Some(encoder), &new)?.into_iter();
        for text in texts {
            match known.get(&text_hash(text)) {
                Some(row) => rows.push_row(*row),
                None if text.is_empty() => rows.push(&vec![0.0; shape.kept]),
                None => {
                    let vector = vectors.next().and_then(|vector| shape.keep(&vector));
                    rows.push(&vector.ok_or_else(|| other_width(shape.whole))?);
                }
            }
        }
    }
    Ok(rows)
}

fn other_width(width: usize) -> EncodeError {
    let detail = format!("not every text has one of {width} numbers, as the first had; train again");
    EncodeError { encoder: "of the catalogue".to_owned(), detail }
}

/// Centres of clusters (k-means on a part of the questions), the same of the same questions.
fn centers(rows: &Rounded, clusters: usize) -> Rounded {
    let width = rows.searched();
    let spread = |many: usize| (0..many.min(rows.len())).map(move |i| i * rows.len() / many.min(rows.len()));
    let mut centers = Rounded::new(width);
    let start = |row: Row<'_>| {
        let mut vector = vec![0.0; width];
        row.add_to(&mut vector, 1.0);
        vector
    };
    spread(clusters).for_each(|question| centers.push(&start(rows.row(question))));
    for _ in 0..if clusters > 1 { ROUNDS } else { 0 } {
        let moved_by: Vec<usize> = spread(clusters * MOVED_BY).collect();
        let nearest: Vec<u32> = moved_by.par_iter().map(|question| nearest(&centers, rows.row(*question))).collect();
        let mut sums = vec![vec![0.0_f32; width]; clusters];
        moved_by.iter().zip(nearest).for_each(|(question, cluster)| rows.row(*question).add_to(&mut sums[cluster as usize], 1.0));
        let mut moved = Rounded::new(width);
        for (cluster, sum) in sums.iter_mut().enumerate() {
            let length = dot(sum, sum).sqrt();
            match length > 0.0 {
                true => sum.iter_mut().for_each(|x| *x /= length),
                false => *sum = start(centers.row(cluster)),
            }
            moved.push(sum);
        }
        centers = moved;
    }
    centers
}

fn nearest(centers: &Rounded, row: Row<'_>) -> u32 {
    let probe = row.to_probe();
    let mut best = (f32::NEG_INFINITY, 0);
    for (center, cluster) in centers.rows().zip(0..) {
        let near = probe.dot_searched(center);
        if near > best.0 {
            best = (near, cluster);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::random::Random;

    /// Directions around which the vectors lie, and how far around.
    const SUBJECTS: usize = 150;
    const SPREAD: f32 = 0.7;

    fn noisy(of: &[f32], random: &mut Random, noise: f32) -> Vec<f32> {
        let mut vector: Vec<f32> = of.iter().map(|x| x + noise * random.normal() / (of.len() as f32).sqrt()).collect();
        let length = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|x| *x /= length);
        vector
    }

    #[test]
    fn the_nearest_of_more_than_are_looked_at_are_found_by_their_cluster() {
        let mut random = Random::new(1, 0);
        let subjects: Vec<Vec<f32>> = (0..SUBJECTS).map(|_| noisy(&[0.0; WIDTH], &mut random, 1.0)).collect();
        let vectors: Vec<Vec<f32>> = (0..2 * LOOKED_AT).map(|i| noisy(&subjects[i % SUBJECTS], &mut random, SPREAD)).collect();
        let mut rows = Rounded::new(WIDTH);
        vectors.iter().for_each(|vector| rows.push(vector));
        let meanings = Meanings::new(Shape { whole: WIDTH, kept: WIDTH }, rows);
        assert!(meanings.centers.len() > 1);

        let asked: Vec<usize> = (0..vectors.len()).step_by(97).collect();
        let found = asked.iter().filter(|question| {
            let text = noisy(&vectors[**question], &mut random, 0.3);
            meanings.nearest(&Probe::new(&text), |_| true).contains(&(**question as u32))
        });
        assert_eq!(found.count(), asked.len());
        let hidden = asked[3] as u32;
        assert!(!meanings.nearest(&Probe::new(&vectors[hidden as usize]), |question| question != hidden).contains(&hidden));
        for question in (0..vectors.len() as u32).step_by(997) {
            let probe = Probe::new(&vectors[question as usize]);
            assert!(probe.dot(meanings.row(question)) > 0.99, "rows keep to their questions");
        }
    }
}
