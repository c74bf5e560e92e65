//! How the blend of a catalogue is fitted: on a part of its questions, each read without itself, without its entry, and in other
//! small words, as [`crate::model`] does it for few needs. Owns what is held out; the fitting is the blend's.

use super::Catalogue;
use super::reading::{Seen, evidence};
use crate::encoder::sentence::{EncodeError, Nature};
use crate::model::blend::{Blend, Judged, Origin, Sight};
use crate::model::{Blends, SCRAPS, Traffic, encode_all, turn_of};
use crate::text::normalise;
use crate::text::variant::{scrap, vary};
use rayon::prelude::*;

/// Questions that the blend is fitted on.
const FITTED_ON: usize = 1_500;
/// With fewer questions beside others of their entry, those in other small words must do for ways to ask that nobody has written.
const LEAST_UNSEEN: usize = 50;

/// For next to no questions: trusts close matches only.
pub fn unfitted() -> Blends {
    Blends { whole: Blend::fit(Sight::Words, &[]), by_words: None }
}

/// # Errors
/// Where the encoder gave no vectors of the questions' other words.
pub fn fit(catalogue: &Catalogue, asked: &[&str]) -> Result<Blends, EncodeError> {
    let encoder = catalogue.encoder.as_ref();
    let base = &catalogue.base;
    let siblings = |question: usize| base.questions_of(base.entry_of[question] as usize);
    let mut sample: Vec<usize> = (0..asked.len()).filter(|q| siblings(*q).len() > 1 && !asked[*q].is_empty()).collect();
    let has_siblings = sample.len() >= LEAST_UNSEEN;
    if !has_siblings {
        sample = (0..asked.len()).filter(|q| !asked[*q].is_empty()).collect();
    }
    let sample: Vec<usize> = sample.iter().copied().step_by(sample.len().div_ceil(FITTED_ON).max(1)).collect();
    let background: Vec<String> = crate::background::lines(catalogue.lang).map(normalise).collect();
    let changed = |change: fn(_, &str, usize) -> String| -> Vec<String> {
        sample.iter().map(|q| change(catalogue.lang, asked[*q], turn_of(asked[*q]))).collect()
    };
    let (varied, torn) = (changed(vary), changed(scrap));
    let seen = |texts: Vec<&str>, sight: Sight| -> Result<Vec<Seen>, EncodeError> {
        let meanings = encode_all(encoder, &texts)?;
        let see = |(text, meaning): (&str, Vec<f32>)| Seen::new(catalogue, text, Some(meaning).filter(|_| sight == Sight::Meaning));
        Ok(texts.into_par_iter().zip(meanings).map(see).collect())
    };
    let traffic = Traffic::default();
    let judge_all = |sight: Sight| -> Result<Vec<Judged>, EncodeError> {
        let plain = seen(sample.iter().map(|q| asked[*q]).collect(), sight)?;
        let other = seen(varied.iter().map(String::as_str).collect(), sight)?;
        let scraps = seen(torn.iter().map(String::as_str).collect(), sight)?;
        let far = seen(background.iter().map(String::as_str).collect(), sight)?;
        let of_lender = (0..sample.len()).into_par_iter().flat_map_iter(|i| {
            let question = sample[i] as u32;
            let own = siblings(sample[i]);
            let entry = Some(base.entry_of[sample[i]] as usize);
            // Entries have few questions and many: half are read beside one other of their entry.
            let other_one = own.start + (question - own.start + 1) % own.len() as u32;
            let unseen = |q: u32| q != question && (i % 2 == 0 || q == other_one || !own.contains(&q));
            let judged = |evidence, right, weight, origin| Judged { evidence, right, weight, origin };
            let as_unseen = if has_siblings { Origin::Varied } else { Origin::Unseen };
            let unseen = has_siblings
                .then(|| judged(evidence(catalogue, &plain[i], unseen), entry, 1.0 - traffic.familiar, Origin::Unseen));
            let familiar = if has_siblings { traffic.familiar } else { 1.0 };
            [
                Some(judged(evidence(catalogue, &scraps[i], |_| true), None, SCRAPS, Origin::Scrap)),
                unseen,
                Some(judged(
                    evidence(catalogue, &plain[i], |q| !own.contains(&q)),
                    None,
                    traffic.near,
                    Origin::ClassTakenAway,
                )),
                Some(judged(evidence(catalogue, &other[i], |_| true), entry, familiar, as_unseen)),
            ]
            .into_iter()
            .flatten()
        });
        let far_weight = traffic.far * sample.len() as f32 / far.len().max(1) as f32;
        let of_nobody = far.par_iter().map(|seen| Judged {
            evidence: evidence(catalogue, seen, |_| true),
            right: None,
            weight: far_weight,
            origin: Origin::Background,
        });
        let mut judged: Vec<Judged> = of_lender.collect();
        judged.extend(of_nobody.collect::<Vec<_>>());
        Ok(judged)
    };
    let sight = if base.meanings.is_some() { Sight::Meaning } else { Sight::Words };
    let whole = Blend::fit(sight, &judge_all(sight)?);
    let is_asked = encoder.is_some_and(|e| e.nature() == Nature::Asked);
    let by_words = match is_asked {
        true => Some(Blend::fit(Sight::Words, &judge_all(Sight::Words)?)),
        false => None,
    };
    Ok(Blends { whole, by_words })
}
