//! Contrastive training: in a batch of pairs, each text must find its partner among all others. Owns the optimiser; the
//! same pairs, settings and seed give the same member on any number of threads, with or without a pause in between.

use super::file::{CHECKPOINT, ModelError, floats, seal, unseal};
use super::grams::{ROWS, rows};
use super::random::Random;
use super::{Dense, Member, WIDTH, add, cohort, dot, make_unit};
use crate::model::features::hash;
use crate::text::{detect, normalise};
use jieti_domain::understanding::Lang;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is learnt from.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    /// In normal form.
    texts: Vec<String>,
    ids: HashMap<String, u32>,
    same: Vec<(u32, u32)>,
    /// Look alike and do not mean the same.
    different: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    pub epochs: usize,
    /// Pairs in a batch; each text looks for its partner among all others of its batch.
    pub batch: usize,
    /// Cosines are divided by it.
    pub temperature: f32,
    /// Share of a text's grams that are left out, so that no single one decides.
    pub dropout: f32,
    pub rate: f32,
    pub seed: u64,
}

impl Default for Settings {
    /// Source: measured on public questions; see docs/understanding.md.
    fn default() -> Self {
        Self { epochs: 3, batch: 256, temperature: 0.05, dropout: 0.4, rate: 0.05, seed: 1 }
    }
}

/// Ways to ask for the same thing are paired with so many of their neighbours each.
const PARTNERS: usize = 3;
/// The weight of a gram learns slower than its vector: it is one number that all dimensions pull at.
const WEIGHT_RATE: f32 = 0.3;
/// Times that rows take on the direction of their company; measured: docs/understanding.md.
const ACQUAINTED: usize = 2;

impl Pairs {
    /// Adds a pair of texts as customers write them; texts that are the same in normal form teach nothing.
    pub fn add(&mut self, a: &str, b: &str, same: bool) {
        let (a, b) = (self.id(a), self.id(b));
        match (a == b, same) {
            (true, _) => {}
            (false, true) => self.same.push((a, b)),
            (false, false) => self.different.push((a, b)),
        }
    }

    /// Adds ways to ask for one thing: each is paired with a few others.
    pub fn add_group(&mut self, texts: &[String]) {
        let ids: Vec<u32> = texts.iter().map(|text| self.id(text)).collect();
        for (i, &a) in ids.iter().enumerate() {
            for k in 1..=PARTNERS.min(ids.len().saturating_sub(1)) {
                // Far apart in the editor's order, where neighbours are the most alike.
                let b = ids[(i * 7 + k * 13 + 1) % ids.len()];
                if a != b {
                    self.same.push((a, b));
                }
            }
        }
    }

    fn id(&mut self, text: &str) -> u32 {
        let normal = normalise(text);
        if let Some(id) = self.ids.get(&normal) {
            return *id;
        }
        let id = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.ids.insert(normal.clone(), id);
        self.texts.push(normal);
        id
    }

    /// Pairs that mean the same, and pairs that do not.
    pub fn counts(&self) -> (usize, usize) {
        (self.same.len(), self.different.len())
    }

    /// Languages of a tenth of the texts or more.
    pub fn langs(&self) -> BTreeSet<Lang> {
        let mut counts: BTreeMap<Lang, usize> = BTreeMap::new();
        for text in &self.texts {
            *counts.entry(detect(text, None)).or_default() += 1;
        }
        counts.into_iter().filter(|(_, n)| n * 10 >= self.texts.len()).map(|(lang, _)| lang).collect()
    }

    /// Texts for a cohort: [`super::cohort::SIZE`] of them at the most, always the same ones of the same texts.
    pub fn asked(&self) -> Vec<&str> {
        let mut texts: Vec<(u64, &str)> = self.texts.iter().map(|text| (hash(31, text.as_bytes()), text.as_str())).collect();
        texts.sort_unstable();
        texts.truncate(cohort::SIZE);
        texts.into_iter().map(|(_, text)| text).collect()
    }

    fn digest(&self, settings: &Settings) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(format!("{settings:?}"));
        for text in &self.texts {
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        for (a, b) in self.same.iter().chain([&(u32::MAX, u32::MAX)]).chain(&self.different) {
            hash.update(a.to_le_bytes());
            hash.update(b.to_le_bytes());
        }
        hash.finalize().into()
    }
}

/// A training under way.
pub struct Training<'a> {
    pairs: &'a Pairs,
    settings: Settings,
    grams: Vec<Vec<u32>>,
    cluster: Vec<u32>,
    /// Hard negatives of each text.
    against: Vec<Vec<u32>>,
    table: Table,
    epoch: usize,
}

/// The table while it is learnt. Row-wise Adagrad: one number a row remembers how much it has moved.
struct Table {
    rows: Vec<f32>,
    weights: Vec<f32>,
    moved: Vec<f32>,
    moved_weight: Vec<f32>,
}

/// One text of a batch: the grams that were kept, its vector, and its length before it was made 1.
struct Read {
    rows: Vec<u32>,
    vector: Dense,
    length: f32,
}

/// The texts of a batch: `2 × positives` of pairs, side by side, then hard negatives.
struct Batch {
    ids: Vec<u32>,
    positives: usize,
    seed: u64,
    rate: f32,
}

impl<'a> Training<'a> {
    pub fn new(pairs: &'a Pairs, settings: Settings) -> Self {
        let grams: Vec<Vec<u32>> = pairs.texts.par_iter().map(|text| rows(text)).collect();
        let mut against = vec![Vec::new(); pairs.texts.len()];
        for &(a, b) in &pairs.different {
            against[a as usize].push(b);
            against[b as usize].push(a);
        }
        let mut vectors = vec![0.0; ROWS * WIDTH];
        let own = |row: usize| direction(settings.seed, row);
        vectors.par_chunks_mut(WIDTH).enumerate().for_each(|(row, vector)| vector.copy_from_slice(&own(row)));
        let weights = initial_weights(&grams);
        acquaint(&mut vectors, own, &grams, &weights);
        let table = Table { rows: vectors, weights, moved: vec![0.0; ROWS], moved_weight: vec![0.0; ROWS] };
        let cluster = clusters(pairs.texts.len(), &pairs.same);
        Self { pairs, settings, grams, cluster, against, table, epoch: 0 }
    }

    /// Takes up a training where [`Training::checkpoint`] left it.
    ///
    /// # Errors
    /// Where the bytes are damaged, or of other pairs or settings.
    pub fn resume(pairs: &'a Pairs, settings: Settings, checkpoint: &[u8]) -> Result<Self, ModelError> {
        let numbers = ROWS * (WIDTH + 3);
        let content = unseal(CHECKPOINT, checkpoint)?;
        if content.len() != 32 + 8 + 4 * numbers {
            return Err(ModelError::Damaged);
        }
        let (digest, rest) = content.split_at(32);
        if digest != pairs.digest(&settings) {
            return Err(ModelError::OtherTraining);
        }
        let (epoch, rest) = rest.split_at(8);
        let mut numbers = floats(rest);
        let mut take = |n: usize| numbers.drain(..n).collect::<Vec<f32>>();
        let (moved, moved_weight, weights) = (take(ROWS), take(ROWS), take(ROWS));
        let table = Table { rows: numbers, weights, moved, moved_weight };
        let epoch = usize::try_from(u64::from_le_bytes(epoch.try_into().unwrap_or_default())).unwrap_or(0);
        Ok(Self { table, epoch, ..Training::new(pairs, settings) })
    }

    pub fn checkpoint(&self) -> Vec<u8> {
        let Table { rows, weights, moved, moved_weight } = &self.table;
        let mut content = Vec::with_capacity(40 + 4 * ROWS * (WIDTH + 3));
        content.extend_from_slice(&self.pairs.digest(&self.settings));
        content.extend_from_slice(&(self.epoch as u64).to_le_bytes());
        for number in moved.iter().chain(moved_weight).chain(weights).chain(rows) {
            content.extend_from_slice(&number.to_le_bytes());
        }
        seal(CHECKPOINT, &content)
    }

    /// Epochs done.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    pub fn is_done(&self) -> bool {
        self.epoch >= self.settings.epochs
    }

    /// Batches in an epoch.
    pub fn batches(&self) -> usize {
        self.pairs.same.len().div_ceil(self.settings.batch.max(1))
    }

    /// Goes once through all pairs; `after_batch` hears of each batch. Returns the mean loss.
    pub fn run_epoch(&mut self, mut after_batch: impl FnMut()) -> f32 {
        let Settings { epochs, batch, rate, seed, .. } = self.settings;
        let mut random = Random::new(seed, (1 << 40) + self.epoch as u64);
        let mut order: Vec<usize> = (0..self.pairs.same.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        let batches = self.batches().max(1);
        let mut loss = 0.0;
        for (number, chosen) in order.chunks(batch.max(1)).enumerate() {
            let done = (self.epoch as f32 + number as f32 / batches as f32) / epochs.max(1) as f32;
            let batch = self.batch(chosen, rate * (1.0 - done).max(0.02), &mut random);
            loss += self.learn(&batch);
            after_batch();
        }
        self.epoch += 1;
        loss / batches as f32
    }

    pub fn finish(self) -> Member {
        Member::from_floats(&self.table.rows, &self.table.weights)
    }

    fn batch(&self, chosen: &[usize], rate: f32, random: &mut Random) -> Batch {
        let mut ids: Vec<u32> = Vec::with_capacity(chosen.len() * 3);
        for &i in chosen {
            let (a, b) = self.pairs.same[i];
            ids.extend(if random.bits() & 1 == 0 { [a, b] } else { [b, a] });
        }
        for i in 0..chosen.len() {
            let negatives = [ids[2 * i], ids[2 * i + 1]].map(|id| &self.against[id as usize]);
            if let Some(list) = negatives.into_iter().find(|list| !list.is_empty()) {
                ids.push(list[random.below(list.len())]);
            }
        }
        Batch { ids, positives: chosen.len(), seed: random.bits(), rate }
    }

    fn learn(&mut self, batch: &Batch) -> f32 {
        let read = self.read(batch);
        let (shares, loss) = self.shares(batch, &read);
        let gradients = gradients(&shares, &read, self.settings.temperature);
        self.table.step(&read, &gradients, batch.rate);
        loss
    }

    fn read(&self, batch: &Batch) -> Vec<Read> {
        let table = &self.table;
        let kept_of = |(place, &id): (usize, &u32)| {
            let mut random = Random::new(batch.seed, place as u64);
            let all = &self.grams[id as usize];
            let mut kept: Vec<u32> = all.iter().copied().filter(|_| random.unit() >= self.settings.dropout).collect();
            if kept.is_empty() {
                kept.clone_from(all);
            }
            let mut sum = weighted_sum(&table.rows, &table.weights, &kept);
            let length = dot(&sum, &sum).sqrt().max(1e-6);
            sum.iter_mut().for_each(|s| *s /= length);
            Read { rows: kept, vector: sum, length }
        };
        batch.ids.par_iter().enumerate().map(kept_of).collect()
    }

    /// For each text of a pair, how much it takes each text of the batch for its partner, less 1 for the partner itself;
    /// texts known to mean the same are not held against each other.
    fn shares(&self, batch: &Batch, read: &[Read]) -> (Vec<Vec<f32>>, f32) {
        let count = 2 * batch.positives;
        let share_of = |i: usize| {
            let partner = i ^ 1;
            let cluster = |place: usize| self.cluster[batch.ids[place] as usize];
            let score = |j: usize| {
                let hidden = j == i || (j != partner && cluster(j) == cluster(i));
                if hidden { f32::NEG_INFINITY } else { dot(&read[i].vector, &read[j].vector) / self.settings.temperature }
            };
            let mut scores: Vec<f32> = (0..batch.ids.len()).map(score).collect();
            crate::model::linear::softmax(&mut scores);
            let loss = -scores[partner].max(1e-12).ln();
            scores[partner] -= 1.0;
            (scores, loss)
        };
        let (shares, losses): (Vec<Vec<f32>>, Vec<f32>) = (0..count).into_par_iter().map(share_of).unzip();
        (shares, losses.iter().sum::<f32>() / count.max(1) as f32)
    }
}

/// Gradient of the sum before its length was made 1: of each text as the one that looks, and as one that is looked at.
fn gradients(shares: &[Vec<f32>], read: &[Read], temperature: f32) -> Vec<Dense> {
    let scale = 1.0 / (temperature * shares.len().max(1) as f32);
    let gradient_of = |k: usize| {
        let mut gradient = [0.0; WIDTH];
        let mut pull = |factor: f32, vector: &Dense| {
            if factor != 0.0 {
                add(&mut gradient, factor, vector);
            }
        };
        for (i, share) in shares.iter().enumerate() {
            pull(share[k], &read[i].vector);
        }
        for (j, share) in shares.get(k).into_iter().flatten().enumerate() {
            pull(*share, &read[j].vector);
        }
        let along = dot(&gradient, &read[k].vector);
        let back = scale / read[k].length;
        gradient.iter_mut().zip(&read[k].vector).for_each(|(g, v)| *g = (*g - along * v) * back);
        gradient
    };
    (0..read.len()).into_par_iter().map(gradient_of).collect()
}

impl Table {
    /// Each row is one thread's, which takes the texts in order: the same sum on any number of threads.
    fn step(&mut self, read: &[Read], gradients: &[Dense], rate: f32) {
        let touched = texts_by_row(read.iter().map(|r| r.rows.as_slice()));
        let groups: Vec<&[(u32, u32)]> = touched.chunk_by(|a, b| a.0 == b.0).collect();
        let changes: Vec<(usize, Dense, f32)> = groups
            .par_iter()
            .map(|group| {
                let row = group[0].0 as usize;
                let mut sum = [0.0; WIDTH];
                for (_, text) in *group {
                    sum.iter_mut().zip(&gradients[*text as usize]).for_each(|(s, g)| *s += g);
                }
                let of_weight = dot(&sum, &self.rows[row * WIDTH..][..WIDTH]);
                sum.iter_mut().for_each(|s| *s *= self.weights[row]);
                (row, sum, of_weight)
            })
            .collect();
        for (row, gradient, of_weight) in &changes {
            let row = *row;
            self.moved[row] += dot(gradient, gradient) / WIDTH as f32;
            let step = rate / (self.moved[row].sqrt() + 1e-8);
            self.rows[row * WIDTH..][..WIDTH].iter_mut().zip(gradient).for_each(|(v, g)| *v -= step * g);
            self.moved_weight[row] += of_weight * of_weight;
            self.weights[row] -= WEIGHT_RATE * rate / (self.moved_weight[row].sqrt() + 1e-8) * of_weight;
        }
    }
}

/// Rare grams say more: the inverse of how many texts have them, softened.
fn initial_weights(grams: &[Vec<u32>]) -> Vec<f32> {
    let mut seen = vec![0_u32; ROWS];
    for rows in grams {
        let mut once = rows.clone();
        once.sort_unstable();
        once.dedup();
        once.iter().for_each(|r| seen[*r as usize] += 1);
    }
    let texts = grams.len() as f32;
    seen.iter().map(|&n| (((1.0 + texts) / (1.0 + n as f32)).ln() / texts.max(2.0).ln()).clamp(0.15, 1.0)).collect()
}

/// Gives each row, beside a direction of its own, that of the company it keeps: grams that stand in like texts begin near each
/// other (random indexing). Source: Kanerva et al. 2000, without the pairs' labels.
fn acquaint(vectors: &mut [f32], own: impl Fn(usize) -> Dense + Sync, grams: &[Vec<u32>], weights: &[f32]) {
    for _ in 0..ACQUAINTED {
        let sums: Vec<Dense> = grams
            .par_iter()
            .map(|rows| {
                let mut sum = weighted_sum(vectors, weights, rows);
                make_unit(&mut sum);
                sum
            })
            .collect();
        let mut mean = [0.0; WIDTH];
        for sum in &sums {
            mean.iter_mut().zip(sum).for_each(|(m, s)| *m += s / sums.len() as f32);
        }
        let mut touched = texts_by_row(grams.iter().map(Vec::as_slice));
        touched.dedup();
        let groups: Vec<&[(u32, u32)]> = touched.chunk_by(|a, b| a.0 == b.0).collect();
        // Some rows at a time, so that what they become is not held beside all of what they are.
        for groups in groups.chunks(ROWS / 16) {
            let become_of = |group: &&[(u32, u32)]| {
                let row = group[0].0 as usize;
                let mut company = [0.0; WIDTH];
                for (_, text) in *group {
                    company.iter_mut().zip(sums[*text as usize].iter().zip(&mean)).for_each(|(s, (v, m))| *s += v - m);
                }
                make_unit(&mut company);
                let mut mixed = own(row);
                mixed.iter_mut().zip(&company).for_each(|(v, c)| *v = (*v + c) * std::f32::consts::FRAC_1_SQRT_2);
                (row, mixed)
            };
            let changed: Vec<(usize, Dense)> = groups.par_iter().map(become_of).collect();
            for (row, mixed) in changed {
                vectors[row * WIDTH..][..WIDTH].copy_from_slice(&mixed);
            }
        }
    }
}

/// A row's own direction, the same for the same seed.
fn direction(seed: u64, row: usize) -> Dense {
    let mut random = Random::new(seed, row as u64);
    std::array::from_fn(|_| random.normal() / (WIDTH as f32).sqrt())
}

fn weighted_sum(vectors: &[f32], weights: &[f32], rows: &[u32]) -> Dense {
    let mut sum = [0.0; WIDTH];
    for &row in rows {
        add(&mut sum, weights[row as usize], &vectors[row as usize * WIDTH..][..WIDTH]);
    }
    sum
}

/// (row, text) of every gram, by row, then by text.
fn texts_by_row<'a>(texts: impl Iterator<Item = &'a [u32]>) -> Vec<(u32, u32)> {
    let mut touched: Vec<(u32, u32)> =
        (0_u32..).zip(texts).flat_map(|(text, rows)| rows.iter().map(move |&row| (row, text))).collect();
    touched.par_sort_unstable();
    touched
}

/// The lowest-numbered text that each text is known to mean the same as, by however many steps.
fn clusters(texts: usize, same: &[(u32, u32)]) -> Vec<u32> {
    fn root(parent: &mut [u32], mut at: u32) -> u32 {
        while parent[at as usize] != at {
            parent[at as usize] = parent[parent[at as usize] as usize];
            at = parent[at as usize];
        }
        at
    }
    let mut parent: Vec<u32> = (0_u32..).take(texts).collect();
    for &(a, b) in same {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent[a.max(b) as usize] = a.min(b);
    }
    (0_u32..).take(texts).map(|t| root(&mut parent, t)).collect()
}
