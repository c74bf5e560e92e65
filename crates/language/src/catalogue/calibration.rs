//! How the blend of a catalogue is fitted: on a part of its questions, each read without itself, without its entry, and in other
//! small words, as [`crate::model`] does it for few needs. Owns what is held out; the fitting is the blend's.

use super::Catalogue;
use super::reading::{Seen, background, evidence};
use crate::background::lines;
use crate::encoder::sentence::{EncodeError, Nature, SentenceEncoder};
use crate::model::blend::{Blend, Evidence, Judged, Origin, Sight};
use crate::model::{Blends, SCRAPS, Traffic, believe_at_most, encode_all, turn_of};
use crate::text::normalise;
use crate::text::variant::{scrap, vary};
use rayon::prelude::*;
use std::sync::Arc;

/// Questions that the blend is fitted on.
const FITTED_ON: usize = 1_500;
/// With fewer questions that have others beside them, nothing shows how a way to ask looks that nobody has written: the direction
/// of doubt is then learnt from those in other small words, and nothing else is taken for answerable.
const LEAST_UNSEEN: usize = 50;

/// The most that is then believed of what no question lists word for word: it is offered, not answered. Source: of what was
/// believed more, half was right (docs/understanding.md, FAQs of one question).
const MOST_UNPROVEN: f32 = 0.6;

/// What a catalogue's evidence is weighed by.
#[derive(Debug, Clone)]
pub struct Fitted {
    blends: Blends,
    /// The most that is believed.
    most: f32,
}

impl Fitted {
    /// For next to no questions: trusts close matches only.
    pub fn to_nothing() -> Self {
        Self { blends: Blends { whole: Blend::fit(Sight::Words, &[]), by_words: None }, most: MOST_UNPROVEN }
    }

    /// Whether other ways to ask have shown how far to believe.
    pub fn is_proven(&self) -> bool {
        self.most > MOST_UNPROVEN
    }

    /// Probability of each candidate, in the order of the evidence; what is missing to 1 is that of "none".
    pub fn shares(&self, sight: Sight, evidence: &Evidence) -> Vec<f32> {
        let blend = match (sight, &self.blends.by_words) {
            (Sight::Words, Some(by_words)) => by_words,
            (Sight::Words, None) | (Sight::Meaning | Sight::Retrieval, _) => &self.blends.whole,
        };
        let mut shares = blend.shares(evidence);
        believe_at_most(shares.iter_mut().collect(), self.most);
        shares
    }
}

/// # Errors
/// Where the encoder gave no vectors of the questions' other words.
pub fn fit(catalogue: &Catalogue, asked: &[&str]) -> Result<Fitted, EncodeError> {
    let encoder = catalogue.encoder.as_ref();
    let base = &catalogue.base;
    let any = || (0..asked.len()).filter(|q| !asked[*q].is_empty());
    let mut sample: Vec<usize> = any().filter(|q| base.questions_of(base.entry_of[*q] as usize).len() > 1).collect();
    let has_siblings = sample.len() >= LEAST_UNSEEN;
    if !has_siblings {
        sample = any().collect();
    }
    let sample: Vec<usize> = sample.iter().copied().step_by(sample.len().div_ceil(FITTED_ON).max(1)).collect();
    let strangers: Vec<String> = lines(catalogue.lang).map(normalise).collect();
    let changed = |change: fn(_, &str, usize) -> String| -> Vec<String> {
        sample.iter().map(|q| change(catalogue.lang, asked[*q], turn_of(asked[*q]))).collect()
    };
    let (varied, torn) = (changed(vary), changed(scrap));
    let traffic = Traffic::default();
    let familiar = if has_siblings { Origin::Varied } else { Origin::Unseen };
    let judge_all = |sight: Sight| -> Result<Vec<Judged>, EncodeError> {
        let to_see = |texts| ToSee::new(catalogue, texts, encoder.filter(|_| sight == Sight::Retrieval));
        let plain = to_see(sample.iter().map(|q| asked[*q]).collect())?;
        let varied = to_see(texts(&varied))?;
        let (torn, far) = (to_see(texts(&torn))?, to_see(texts(&strangers))?);
        let of_lender = (0..sample.len()).into_par_iter().flat_map_iter(|i| {
            let question = sample[i] as u32;
            let entry = base.entry_of[sample[i]] as usize;
            let (own, entry) = (base.questions_of(entry), Some(entry));
            let judged = |evidence, right, weight, origin| Judged { evidence, right, weight, origin };
            let seen = plain.see(i);
            let unseen = evidence(catalogue, &seen, |other| other != question);
            let without_own = evidence(catalogue, &seen, |other| !own.contains(&other));
            [
                has_siblings.then(|| judged(unseen, entry, 1.0 - traffic.familiar, Origin::Unseen)),
                Some(judged(without_own, None, traffic.near, Origin::ClassTakenAway)),
                Some(judged(evidence(catalogue, &varied.see(i), |_| true), entry, traffic.familiar, familiar)),
                Some(judged(evidence(catalogue, &torn.see(i), |_| true), None, SCRAPS, Origin::Scrap)),
            ]
            .into_iter()
            .flatten()
        });
        let far_weight = traffic.far * sample.len() as f32 / strangers.len().max(1) as f32;
        let of_nobody = (0..strangers.len()).into_par_iter().map(|line| {
            let seen = far.see(line);
            Judged {
                evidence: Evidence {
                    background: background(catalogue, &seen, Some(line)),
                    ..evidence(catalogue, &seen, |_| true)
                },
                right: None,
                weight: far_weight,
                origin: Origin::Background,
            }
        });
        let mut judged: Vec<Judged> = of_lender.collect();
        judged.extend(of_nobody.collect::<Vec<_>>());
        Ok(judged)
    };
    let sight = if base.meanings.is_some() { Sight::Retrieval } else { Sight::Words };
    let whole = Blend::fit(sight, &judge_all(sight)?);
    let is_asked = encoder.is_some_and(|e| e.nature() == Nature::Asked);
    let by_words = match is_asked {
        true => Some(Blend::fit(Sight::Words, &judge_all(Sight::Words)?)),
        false => None,
    };
    let most = if has_siblings { 1.0 } else { MOST_UNPROVEN };
    Ok(Fitted { blends: Blends { whole, by_words }, most })
}

/// Texts with their vectors: as the catalogue sees one it is several times as large, so they are seen one by one.
struct ToSee<'a> {
    catalogue: &'a Catalogue,
    texts: Vec<&'a str>,
    meanings: Vec<Vec<f32>>,
}

impl<'a> ToSee<'a> {
    fn new(
        catalogue: &'a Catalogue,
        texts: Vec<&'a str>,
        encoder: Option<&Arc<dyn SentenceEncoder>>,
    ) -> Result<Self, EncodeError> {
        let meanings = encode_all(encoder, &texts)?;
        Ok(Self { catalogue, texts, meanings })
    }

    fn see(&self, place: usize) -> Seen {
        Seen::new(self.catalogue, self.texts[place], Some(&self.meanings[place]))
    }
}

fn texts(of: &[String]) -> Vec<&str> {
    of.iter().map(String::as_str).collect()
}
