//! Vectors that an encoder has given before, kept in a file, so that a start does not ask it for all of them again. It holds hashes
//! of texts and no texts, and only what a model was trained on: a customer's message is not kept. Losing the file costs time, and
//! what a server charges, and nothing else.

use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder};
use jieti_language::encoder::{Cohort, dot};
use jieti_store::{VectorFile, VectorFileError, VectorKey};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};

/// Cosine from which two vectors are one encoder's of one text; arithmetic differs a little between batches.
const SAME: f32 = 0.999;

/// An encoder, and what it has given before. Several may share a file.
#[derive(Debug)]
pub struct Kept<E> {
    encoder: E,
    fingerprint: String,
    file: VectorFile,
    /// The encoder still gives what it gave: a server may have another model under the same name.
    is_proven: AtomicBool,
}

impl<E: SentenceEncoder> Kept<E> {
    /// Takes up what an encoder of this `fingerprint` gave before: two with the same one give the same vectors.
    pub fn new(encoder: E, fingerprint: String, file: VectorFile) -> Self {
        Self { encoder, fingerprint, file, is_proven: AtomicBool::new(false) }
    }

    fn key(&self, text: &Masked) -> VectorKey {
        Sha256::new().chain_update(&self.fingerprint).chain_update([0]).chain_update(text.as_str()).finalize().into()
    }

    fn recall(&self, texts: &[Masked]) -> Vec<Option<Vec<f32>>> {
        let keys: Vec<VectorKey> = texts.iter().map(|text| self.key(text)).collect();
        let mut known = or_without(self.file.find(&keys));
        known.resize(texts.len(), None);
        known
    }

    fn keep(&self, texts: &[Masked], vectors: &[Vec<f32>]) {
        or_without(self.file.keep(texts.iter().map(|text| self.key(text)).zip(vectors.iter().cloned())));
    }
}

/// The encoder works without its file, only slower: what fails there is told and changes nothing.
fn or_without<T: Default>(done: Result<T, VectorFileError>) -> T {
    done.unwrap_or_else(|error| {
        tracing::warn!(%error, "vectors are not kept");
        T::default()
    })
}

impl<E: SentenceEncoder> SentenceEncoder for Kept<E> {
    fn knows(&self, lang: Lang) -> bool {
        self.encoder.knows(lang)
    }

    fn nature(&self) -> Nature {
        self.encoder.nature()
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        if patience == Patience::Customer {
            return self.encoder.encode(texts, patience);
        }
        let mut known = self.recall(texts);
        let tried = known.iter().position(Option::is_some).filter(|_| !self.is_proven.load(Ordering::Relaxed));
        if let Some((i, before)) = tried.and_then(|i| Some((i, known[i].take()?))) {
            let now = self.encoder.encode(&texts[i..=i], patience)?.pop().unwrap_or_default();
            if now.len() != before.len() || dot(&now, &before) < SAME * (dot(&now, &now) * dot(&before, &before)).sqrt() {
                tracing::info!("the encoder gives other vectors than before; all are asked for again");
                or_without(self.file.clear());
                self.keep(&texts[i..=i], std::slice::from_ref(&now));
                known.fill(None);
            }
            known[i] = Some(now);
        }
        let missing: Vec<Masked> =
            texts.iter().zip(&known).filter(|(_, vector)| vector.is_none()).map(|(text, _)| text.clone()).collect();
        let mut new = Vec::new().into_iter();
        if !missing.is_empty() {
            let vectors = self.encoder.encode(&missing, patience)?;
            self.keep(&missing, &vectors);
            new = vectors.into_iter();
        }
        self.is_proven.store(true, Ordering::Relaxed);
        Ok(known.into_iter().filter_map(|vector| vector.or_else(|| new.next())).collect())
    }

    fn detail(&self) -> usize {
        self.encoder.detail()
    }

    fn cohort(&self) -> Option<&Cohort> {
        self.encoder.cohort()
    }
}
