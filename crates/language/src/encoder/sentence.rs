//! What a sentence encoder is, wherever it comes from: the one trained here, a folder's, a server's. Owns the interface, several
//! side by side, and the memory of what has been encoded; a text is masked by its type before any of them sees it.

use super::{Cohort, Encoder, dot};
use crate::mask::mask_personal;
use jieti_domain::understanding::Lang;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

/// Texts to vectors.
pub trait SentenceEncoder: Send + Sync + fmt::Debug {
    /// Whether it was trained on texts of this language.
    fn knows(&self, lang: Lang) -> bool;

    fn nature(&self) -> Nature;

    /// A vector for each text, in their order and all of one width, of length 1 but for its detail; zeros for a text that says
    /// nothing to it.
    ///
    /// # Errors
    /// Where it could not, or not in time; then there is no vector for any of them.
    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError>;

    /// Numbers at the end of each vector by which texts are not compared: detail, of which only what is learnt over it makes
    /// something.
    fn detail(&self) -> usize {
        0
    }

    /// What customers ask of lenders, in the first dimensions of its vectors.
    fn cohort(&self) -> Option<&Cohort> {
        None
    }
}

/// How an encoder works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Takes microseconds and never fails.
    Computed,
    /// Takes milliseconds and more, and may fail: messages must be readable without it.
    Asked,
}

/// Who waits for the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// A customer: better no vectors than late ones.
    Customer,
    /// Nobody.
    Training,
}

/// A text in normal form ([`crate::normalise`]) with personal numbers masked: all that an encoder is ever shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Masked(String);

impl Masked {
    pub fn of(normal: &str) -> Self {
        Self(mask_personal(normal))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Masked {
    /// Without the text: it is a customer's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked({} bytes)", self.0.len())
    }
}

/// Why there are no vectors.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("sentence encoder {encoder} gave no vectors: {detail}")]
pub struct EncodeError {
    /// Its folder or address, without a key.
    pub encoder: String,
    /// What is wrong, and the mend.
    pub detail: String,
}

impl SentenceEncoder for Encoder {
    fn knows(&self, lang: Lang) -> bool {
        Encoder::knows(self, lang)
    }

    fn nature(&self) -> Nature {
        Nature::Computed
    }

    fn encode(&self, texts: &[Masked], _: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        Ok(match texts {
            [one] => vec![Encoder::encode(self, one.as_str())],
            many => many.par_iter().map(|text| Encoder::encode(self, text.as_str())).collect(),
        })
    }

    fn cohort(&self) -> Option<&Cohort> {
        Some(Encoder::cohort(self))
    }
}

/// The encoders of a service, at most one of each kind.
#[derive(Debug, Clone, Default)]
pub struct Encoders(Vec<Arc<dyn SentenceEncoder>>);

impl Encoders {
    #[must_use]
    pub fn with(mut self, encoder: Arc<dyn SentenceEncoder>) -> Self {
        self.0.push(encoder);
        self
    }

    /// Whether these are the same ones, in the same order.
    pub fn are(&self, others: &Encoders) -> bool {
        self.0.len() == others.0.len() && self.0.iter().zip(&others.0).all(|(one, other)| Arc::ptr_eq(one, other))
    }

    /// Whether one of them must be asked.
    pub fn must_be_asked(&self) -> bool {
        self.0.iter().any(|e| e.nature() == Nature::Asked)
    }

    /// Those that need not be asked.
    #[must_use]
    pub fn computed(&self) -> Self {
        Self(self.0.iter().filter(|e| e.nature() == Nature::Computed).cloned().collect())
    }

    /// Those that know the language, side by side; `None` where there is none.
    pub fn of(&self, lang: Lang) -> Option<Arc<dyn SentenceEncoder>> {
        let mut knowing: Vec<_> = self.0.iter().filter(|e| e.knows(lang)).cloned().collect();
        match knowing.len() {
            0 => None,
            1 => knowing.pop(),
            _ => {
                knowing.sort_by_key(|e| e.cohort().is_none());
                Some(Arc::new(Beside(knowing)))
            }
        }
    }
}

/// Several, each with an equal share: the cosine of two texts is the mean of theirs. The one with a cohort stands first.
#[derive(Debug)]
struct Beside(Vec<Arc<dyn SentenceEncoder>>);

impl SentenceEncoder for Beside {
    fn knows(&self, lang: Lang) -> bool {
        self.0.iter().all(|e| e.knows(lang))
    }

    fn nature(&self) -> Nature {
        if self.0.iter().all(|e| e.nature() == Nature::Computed) { Nature::Computed } else { Nature::Asked }
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let share = (self.0.len() as f32).sqrt().recip();
        let (mut beside, mut details) = (vec![Vec::new(); texts.len()], vec![Vec::new(); texts.len()]);
        for encoder in &self.0 {
            for ((whole, details), part) in beside.iter_mut().zip(&mut details).zip(encoder.encode(texts, patience)?) {
                let (compared, detail) = part.split_at(part.len() - encoder.detail());
                whole.extend(compared.iter().map(|v| v * share));
                details.extend_from_slice(detail);
            }
        }
        beside.iter_mut().zip(details).for_each(|(whole, detail)| whole.extend(detail));
        Ok(beside)
    }

    fn detail(&self) -> usize {
        self.0.iter().map(|encoder| encoder.detail()).sum()
    }

    fn cohort(&self) -> Option<&Cohort> {
        self.0.first()?.cohort()
    }
}

/// Numbers of vectors kept at most, in each of two halves: 100,000 of 384 floats are 150 MB.
const KEPT: usize = 50_000 * 384;

/// An encoder that is asked once for each text of the training, so that an edit does not embed everything again. What
/// customers write is not kept.
#[derive(Debug)]
pub struct Remembered {
    encoder: Arc<dyn SentenceEncoder>,
    memory: Mutex<Memory>,
}

/// What was used lately, and what was before that.
#[derive(Default)]
struct Memory {
    young: HashMap<Masked, Arc<[f32]>>,
    old: HashMap<Masked, Arc<[f32]>>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} vectors)", self.young.len() + self.old.len())
    }
}

impl Memory {
    fn recall(&mut self, text: &Masked) -> Option<Arc<[f32]>> {
        if let Some(vector) = self.young.get(text) {
            return Some(Arc::clone(vector));
        }
        let (text, vector) = self.old.remove_entry(text)?;
        self.keep(text, Arc::clone(&vector));
        Some(vector)
    }

    fn keep(&mut self, text: Masked, vector: Arc<[f32]>) {
        if (self.young.len() + 1) * vector.len() > KEPT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(text, vector);
    }
}

impl Remembered {
    pub fn new(encoder: Arc<dyn SentenceEncoder>) -> Self {
        Self { encoder, memory: Mutex::default() }
    }

    fn recall(&self, texts: &[Masked]) -> Vec<Option<Arc<[f32]>>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        texts.iter().map(|text| memory.recall(text)).collect()
    }
}

impl SentenceEncoder for Remembered {
    fn knows(&self, lang: Lang) -> bool {
        self.encoder.knows(lang)
    }

    fn nature(&self) -> Nature {
        self.encoder.nature()
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let known = self.recall(texts);
        let mut missing: Vec<Masked> =
            texts.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(text, _)| text.clone()).collect();
        missing.sort_unstable_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.0.cmp(&b.0)));
        missing.dedup();
        let mut new: HashMap<&Masked, Arc<[f32]>> = HashMap::with_capacity(missing.len());
        // What was encoded before a failure stays known: the next try begins there.
        for batch in missing.chunks(BATCH) {
            let vectors: Vec<Arc<[f32]>> = self.encoder.encode(batch, patience)?.into_iter().map(Arc::from).collect();
            if patience == Patience::Training {
                let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
                batch.iter().zip(&vectors).for_each(|(text, vector)| memory.keep(text.clone(), Arc::clone(vector)));
            }
            new.extend(batch.iter().zip(vectors));
        }
        let vector = |(text, known): (&Masked, Option<Arc<[f32]>>)| known.or_else(|| new.get(text).cloned()).map(|v| v.to_vec());
        Ok(texts.iter().zip(known).filter_map(vector).collect())
    }

    fn detail(&self) -> usize {
        self.encoder.detail()
    }

    fn cohort(&self) -> Option<&Cohort> {
        self.encoder.cohort()
    }
}

/// Texts that an encoder is handed at a time, of about the same length.
const BATCH: usize = 512;

/// Vectors as they came from elsewhere, held to what the interface promises and brought to length 1.
///
/// # Errors
/// What of it does not hold.
pub fn checked(mut vectors: Vec<Vec<f32>>, texts: usize) -> Result<Vec<Vec<f32>>, String> {
    if vectors.len() != texts {
        return Err(format!("{} vectors came for {texts} texts", vectors.len()));
    }
    let width = vectors.first().map_or(0, Vec::len);
    for vector in &mut vectors {
        if vector.is_empty() || vector.len() != width {
            return Err(format!("one vector has {width} numbers and another {}", vector.len()));
        }
        let length = dot(vector, vector).sqrt();
        if !length.is_finite() || length <= 0.0 {
            return Err("a vector is all zeros or has numbers that are none".to_owned());
        }
        vector.iter_mut().for_each(|v| *v /= length);
    }
    Ok(vectors)
}
