//! Words that are typical of a problem: those its customers use and others do not. No segmenter: runs of two to four characters.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// Longest run of Chinese characters taken for a word.
const LONGEST: usize = 4;
/// A word that fewer texts have is chance.
const LEAST: u32 = 2;

/// Every run of so many Chinese characters, and every word of other scripts, each once; numbers and masks say nothing.
pub(super) fn grams(text: &str, lengths: RangeInclusive<usize>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut run: Vec<char> = Vec::new();
    let mut word = String::new();
    let end_run = |run: &mut Vec<char>, found: &mut BTreeSet<String>| {
        for length in lengths.clone() {
            found.extend(run.windows(length).map(|w| w.iter().collect::<String>()));
        }
        run.clear();
    };
    for c in text.chars().chain([' ']) {
        let is_han = ('\u{4e00}'..='\u{9fff}').contains(&c);
        if !is_han {
            end_run(&mut run, &mut found);
        }
        if c.is_alphabetic() && !is_han {
            word.extend(c.to_lowercase());
        } else {
            if word.chars().count() > 2 {
                found.insert(std::mem::take(&mut word));
            }
            word.clear();
        }
        if is_han {
            run.push(c);
        }
    }
    found
}

/// The words most typical of `here` against `elsewhere`, the most typical first, by the likelihood ratio of their being in a text.
/// A part of a word already listed is not listed again.
///
/// Source: T. Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19 (1993).
pub fn typical<'a>(here: &[&'a str], elsewhere: &[&'a str], most: usize) -> Vec<String> {
    let count = |texts: &[&str]| {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for text in texts {
            for gram in grams(text, 2..=LONGEST) {
                *counts.entry(gram).or_default() += 1;
            }
        }
        counts
    };
    let (ours, theirs) = (count(here), count(elsewhere));
    let (n, m) = (here.len() as f64, elsewhere.len() as f64);
    let mut scored: Vec<(f64, &String)> = ours
        .iter()
        .filter(|(_, count)| **count >= LEAST)
        .filter_map(|(gram, count)| {
            let (a, b) = (f64::from(*count), f64::from(theirs.get(gram).copied().unwrap_or(0)));
            let more = a * m > b * n || m == 0.0;
            // Of two runs in the same texts the longer says more.
            let length = (gram.chars().count() as f64).sqrt();
            more.then(|| (surprise(a, n, b, m) * length, gram))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut chosen: Vec<String> = Vec::new();
    for (_, gram) in scored {
        if chosen.len() == most {
            break;
        }
        if !chosen.iter().any(|c| overlap(c, gram)) {
            chosen.push(gram.clone());
        }
    }
    chosen
}

/// Whether two runs share two characters in a row: they come from the same words.
fn overlap(one: &str, other: &str) -> bool {
    let pairs = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).map(|w| (w[0], w[1])).collect::<BTreeSet<_>>()
    };
    one.is_ascii() == other.is_ascii() && !one.is_ascii() && !pairs(one).is_disjoint(&pairs(other))
}

/// G² of a in n against b in m.
fn surprise(a: f64, n: f64, b: f64, m: f64) -> f64 {
    let shared = (a + b) / (n + m);
    let fit = |hits: f64, of: f64, share: f64| {
        let term = |count: f64, p: f64| if count > 0.0 { count * p.ln() } else { 0.0 };
        term(hits, share) + term(of - hits, 1.0 - share)
    };
    let own = |hits: f64, of: f64| if of > 0.0 { fit(hits, of, hits / of) } else { 0.0 };
    2.0 * (own(a, n) + own(b, m) - fit(a, n, shared) - if m > 0.0 { fit(b, m, shared) } else { 0.0 })
}
