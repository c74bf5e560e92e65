//! What is known before a message is read, and how far it may move the reading. Owns the weighing of a journey's prior
//! against the words; knows no journeys.

use jieti_domain::understanding::{NeedGuess, Prior};

/// Exponent of the prior in posterior ∝ words × prior^λ. Below 1, for a journey and the words about it are not independent:
/// who stands at a step also writes its words.
const LAMBDA: f32 = 0.5;
/// Share of the prior that is spread over all needs, so that no need is ruled out by what the customer happened to touch.
const SPREAD: f32 = 0.2;
/// The most that the prior may raise or lower a need's odds: a first guess nine times as likely as its rival by its words
/// (3 × 3) keeps its place whatever the journey says.
const MOST: f32 = 3.0;

/// Weighs guesses by a prior over `all` needs. "None of them" keeps its weight, so what is missing to 1 stays honest.
pub fn weigh(needs: &mut [NeedGuess], prior: &Prior, all: usize) {
    if prior.listed().is_empty() || all == 0 {
        return;
    }
    let all = all as f32;
    let none = (1.0 - needs.iter().map(|n| n.confidence).sum::<f32>()).max(0.0);
    let unlisted = prior.rest() / (all - prior.listed().len() as f32).max(1.0);
    for guess in needs.iter_mut() {
        let listed = prior.of(&guess.need);
        let share = if listed > 0.0 { listed } else { unlisted };
        let beside_uniform = ((1.0 - SPREAD) * share + SPREAD / all) * all;
        guess.confidence *= beside_uniform.powf(LAMBDA).clamp(1.0 / MOST, MOST);
    }
    let total = none + needs.iter().map(|n| n.confidence).sum::<f32>();
    needs.iter_mut().for_each(|n| n.confidence /= total.max(f32::MIN_POSITIVE));
    needs.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.need.cmp(&b.need)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use jieti_domain::id::NeedId;

    fn guesses(shares: [(&str, f32); 2]) -> Vec<NeedGuess> {
        shares.map(|(need, confidence)| NeedGuess { need: NeedId::from(need), confidence }).to_vec()
    }

    #[test]
    fn a_prior_decides_what_the_words_leave_open_and_nothing_more() {
        let prior = Prior::new([(NeedId::from("b"), 0.9)]);
        for (name, a, b, first) in [("even", 0.4, 0.4, "b"), ("five to one", 0.5, 0.1, "b"), ("ten to one", 0.9, 0.09, "a")] {
            let mut needs = guesses([("a", a), ("b", b)]);
            weigh(&mut needs, &prior, 100);
            assert_eq!(needs[0].need.as_str(), first, "{name}: {needs:?}");
            assert!(needs.iter().map(|n| n.confidence).sum::<f32>() <= 1.0 + 1e-5);
        }
    }

    #[test]
    fn what_nothing_speaks_for_stays_unlikely() {
        let mut needs = guesses([("a", 0.02), ("b", 0.01)]);
        weigh(&mut needs, &Prior::new([(NeedId::from("a"), 1.0)]), 100);
        assert!(needs[0].confidence < 0.06, "{needs:?}");
    }
}
