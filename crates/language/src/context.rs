//! What is known before a message is read, and how far it may move the reading. Owns the weighing of a journey's prior
//! against the words, and what leans on the turn before; knows no journeys.

use jieti_domain::understanding::{NeedGuess, Previous, Prior};

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

/// Words that begin a message which leans on the turn before, and words that end one. In normal form.
const LEADS: &[&str] = &["那么", "那", "还有", "and ", "what about ", "how about ", "what if "];
const TAILS: &[&str] = &["呢", "的呢"];
/// A longer message says itself what it wants, in characters and in English words.
const LONGEST_ZH: usize = 10;
const LONGEST_EN: usize = 6;
/// Words that are this sure of a need are about that need.
const SURE: f32 = 0.5;
/// How often such a message is about the need of the turn before: enough to answer and to be asked back, never to act.
const SAME: f32 = 0.7;

/// Whether a message in normal form says too little by itself and leans on the turn before ("那下个月呢").
pub fn leans(normal: &str) -> bool {
    let short = match normal.is_ascii() {
        true => normal.split(' ').count() <= LONGEST_EN,
        false => normal.chars().count() <= LONGEST_ZH,
    };
    short && (LEADS.iter().any(|lead| normal.starts_with(lead)) || TAILS.iter().any(|tail| normal.ends_with(tail)))
}

/// Gives the need of the turn before its share, where the words alone are sure of none.
pub fn follow(needs: &mut Vec<NeedGuess>, previous: &Previous) {
    if needs.first().is_some_and(|first| first.confidence >= SURE) {
        return;
    }
    needs.retain(|guess| guess.need != previous.need);
    needs.iter_mut().for_each(|guess| guess.confidence *= 1.0 - SAME);
    needs.insert(0, NeedGuess { need: previous.need.clone(), confidence: SAME });
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
    fn a_short_message_that_says_no_need_is_about_the_turn_before() {
        for (text, want) in [
            ("那下个月呢", true),
            ("还有利息呢", true),
            ("what about next month", true),
            ("怎么还款", false),
            ("那我想问一下你们公司的提前还款怎么收费", false),
            ("how do i repay", false),
        ] {
            assert_eq!(leans(text), want, "{text}");
        }
        let previous = Previous { need: NeedId::from("b") };
        for (first, want) in [(0.3, "b"), (0.49, "b"), (0.5, "a"), (0.9, "a")] {
            let mut needs = guesses([("a", first), ("c", 0.05)]);
            follow(&mut needs, &previous);
            assert_eq!(needs[0].need.as_str(), want, "{first}");
            assert!(needs.iter().map(|n| n.confidence).sum::<f32>() <= 1.0);
        }
    }

    #[test]
    fn what_nothing_speaks_for_stays_unlikely() {
        let mut needs = guesses([("a", 0.02), ("b", 0.01)]);
        weigh(&mut needs, &Prior::new([(NeedId::from("a"), 1.0)]), 100);
        assert!(needs[0].confidence < 0.06, "{needs:?}");
    }
}
