//! The handoff judge: whether to let the bot go on, or to bring a person in now. Both ways are priced with the lender's own
//! costs, and the cheaper one is taken; the reasons are kept for the agent. What must go up whatever it costs (fraud,
//! distress, complaints, who asks for a person) has gone up before anybody is judged.

use crate::money::Fen;
use crate::tier::{HandoffCosts, Risk};
use crate::understanding::{Lang, Mood};
use serde::{Deserialize, Serialize};

/// Chance that a customer who was not understood is helped by saying it in other words.
const REPHRASED: f64 = 0.6;
/// Chance of a complaint after a failure, from a calm customer.
const CALM: f64 = 0.003;
/// Its logarithm grows by so much from calm to beside themselves …
const ANGER: f64 = 4.0;
/// … and by so much again where all of it came up in this conversation.
const RISE: f64 = 2.0;
/// Each answer that did not help, or question asked again, makes a complaint so much likelier, and halves the odds of help.
const FRICTION: f64 = 1.5;
/// More of them change nothing more.
const MOST_FRICTION: u32 = 4;
/// Of the chance of a complaint this much is left where the bot helps, or a person comes.
const HELPED: f64 = 0.25;
/// No anger makes a complaint likelier than this.
const MOST_LIKELY: f64 = 0.5;
/// Anger that is worth telling an agent.
const ANGRY: u8 = 30;

/// What the judge goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case<'a> {
    /// How sure the understanding is of the best need, in 0..=1; `None` where nothing was understood.
    pub confidence: Option<f32>,
    /// Of what the bot would answer by itself; `None` where it only asks, or where somebody checks the answer.
    pub risk: Option<Risk>,
    /// How the customer sounded at each message so far, oldest first.
    pub moods: &'a [Mood],
    /// Messages in a row that the bot could not help with.
    pub not_helped: u32,
    /// How often the same need had been asked before.
    pub asked_before: u32,
}

/// A person is cheaper, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Expected cost of going on with the bot.
    pub bot: Fen,
    /// Expected cost of a person now.
    pub person: Fen,
    /// Chance that the bot would help, in percent.
    pub chance: u8,
    /// Anger at the first and at the last message, 0..=100.
    pub anger: (u8, u8),
    pub not_helped: u32,
    pub asked_before: u32,
}

/// Prices both ways. `Some` where a person is the cheaper one.
pub fn judge(case: Case<'_>, costs: &HandoffCosts) -> Option<Judged> {
    let friction = (case.not_helped + case.asked_before).min(MOST_FRICTION);
    let sure = case.confidence.map_or(REPHRASED, f64::from).clamp(0.0, 1.0);
    let odds = sure / (1.0 - sure).max(1e-6) / 2_f64.powi(friction.cast_signed());
    let chance = odds / (1.0 + odds);
    let anger = |mood: Option<&Mood>| mood.map_or(0, |m| m.anger);
    let (first, last) = (anger(case.moods.first()), anger(case.moods.last()));
    let risen = if case.moods.len() > 1 { last.saturating_sub(first) } else { 0 };
    let heat = ANGER * f64::from(last) / 100.0 + RISE * f64::from(risen) / 100.0;
    let complains = (CALM * heat.exp() * FRICTION.powi(friction.cast_signed())).min(MOST_LIKELY);
    let complaint = complains * costs.complaint_fen as f64;
    let person = costs.person_fen as f64;
    let error = case.risk.map_or(0.0, |risk| (1.0 - sure) * costs.error(risk).0 as f64);
    let bot = chance * HELPED * complaint + (1.0 - chance) * (complaint + person) + error;
    let with_person = person + HELPED * complaint;
    (with_person < bot).then(|| Judged {
        bot: Fen(bot.round() as i64),
        person: Fen(with_person.round() as i64),
        chance: (chance * 100.0).round() as u8,
        anger: (first, last),
        not_helped: case.not_helped,
        asked_before: case.asked_before,
    })
}

impl Judged {
    /// In words, for the agent who takes over.
    pub fn words(&self, lang: Lang) -> String {
        let zh = lang == Lang::ZhCn;
        let (first, last) = self.anger;
        let mut because = Vec::new();
        if last >= ANGRY && last > first {
            because.push(if zh {
                format!("越来越生气（{first}→{last}）")
            } else {
                format!("angrier than at first ({first} → {last})")
            });
        } else if last >= ANGRY {
            because.push(if zh { format!("在生气（{last}/100）") } else { format!("angry ({last} of 100)") });
        }
        if self.asked_before > 0 {
            let times = self.asked_before + 1;
            because.push(if zh {
                format!("同一件事问了 {times} 次")
            } else {
                format!("asked the same thing {}", often(times))
            });
        }
        if self.not_helped > 0 {
            let times = self.not_helped;
            because.push(if zh {
                format!("机器人有 {times} 次没帮上忙")
            } else {
                format!("the bot could not help {}", often(times))
            });
        }
        let chance = self.chance;
        because.push(if zh {
            format!("机器人答好的把握只有 {chance}%")
        } else {
            format!("{chance} % that the bot would help")
        });
        let (bot, person) = (self.bot, self.person);
        if zh {
            format!("转人工的原因：{}。继续由机器人答预计代价 {bot} 元，转人工 {person} 元。", because.join("，"))
        } else {
            format!("Why a person: {}. Expected cost {bot} yuan with the bot, {person} with a person.", because.join("; "))
        }
    }
}

fn often(times: u32) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moods(anger: &[u8]) -> Vec<Mood> {
        anger.iter().map(|a| Mood { anger: *a, ..Mood::default() }).collect()
    }

    fn case(moods: &[Mood]) -> Case<'_> {
        Case { confidence: Some(0.9), risk: Some(Risk::Low), moods, not_helped: 0, asked_before: 0 }
    }

    #[test]
    fn a_person_comes_where_going_on_costs_more_and_not_before() {
        let costs = HandoffCosts::default();
        let (calm, cross, furious) = (moods(&[0]), moods(&[0, 50]), moods(&[10, 40, 90]));
        for (name, case, comes) in [
            ("a calm customer, surely understood", case(&calm), false),
            ("a calm customer, not understood once", Case { confidence: None, risk: None, ..case(&calm) }, false),
            ("… not understood for the third time", Case { confidence: None, risk: None, not_helped: 3, ..case(&calm) }, true),
            ("a cross customer, surely understood", case(&cross), false),
            ("a cross customer, half understood", Case { confidence: Some(0.3), ..case(&cross) }, true),
            ("a furious customer, surely understood", Case { confidence: Some(0.98), ..case(&furious) }, false),
            ("a furious customer, nearly surely understood", case(&furious), true),
            ("a furious customer, half understood", Case { confidence: Some(0.5), ..case(&furious) }, true),
            (
                "who asks the same for the third time, cross",
                Case { asked_before: 2, confidence: Some(0.7), ..case(&cross) },
                true,
            ),
            ("who asks the same for the second time, calm", Case { asked_before: 1, ..case(&calm) }, false),
            (
                "an answer that would be dear if wrong",
                Case { confidence: Some(0.8), risk: Some(Risk::High), ..case(&calm) },
                true,
            ),
            ("the same answer, checked by somebody", Case { confidence: Some(0.8), risk: None, ..case(&calm) }, false),
        ] {
            assert_eq!(judge(case, &costs).is_some(), comes, "{name}: {:?}", judge(case, &costs));
        }
    }

    #[test]
    fn costs_decide_and_not_taste() {
        let cross = moods(&[0, 50]);
        let unsure = Case { confidence: Some(0.3), ..case(&cross) };
        let dear = HandoffCosts { person_fen: 100_000, ..HandoffCosts::default() };
        assert_eq!(judge(unsure, &dear), None, "where people are dear, the bot goes on");
        let no_harm = HandoffCosts { complaint_fen: 0, ..HandoffCosts::default() };
        assert_eq!(judge(unsure, &no_harm), None, "where complaints cost nothing, anger does not count");
    }

    #[test]
    fn the_agent_reads_why() {
        let furious = moods(&[10, 90]);
        let judged =
            judge(Case { confidence: Some(0.5), not_helped: 1, asked_before: 1, ..case(&furious) }, &HandoffCosts::default());
        let judged = judged.expect("a person comes");
        let (zh, en) = (judged.words(Lang::ZhCn), judged.words(Lang::En));
        assert!(zh.contains("越来越生气（10→90），同一件事问了 2 次，机器人有 1 次没帮上忙，机器人答好的把握只有 20%"), "{zh}");
        assert!(
            en.contains("angrier than at first (10 → 90); asked the same thing twice; the bot could not help once; 20 %"),
            "{en}"
        );
    }

    proptest! {
        /// More anger, more failures, less understanding: never a reason to keep a customer with the bot.
        #[test]
        fn what_makes_it_worse_never_keeps_a_customer_with_the_bot(
            confidence in 0.0_f32..1.0, less in 0.0_f32..1.0, anger in 0_u8..100, more in 0_u8..100, failures in 0_u32..6,
            risk in prop::option::of(prop::sample::select(vec![Risk::Low, Risk::Medium, Risk::High])),
        ) {
            let costs = HandoffCosts::default();
            let (mild, hot) = (moods(&[0, anger]), moods(&[0, anger.saturating_add(more).min(100)]));
            let base = Case { confidence: Some(confidence), risk, not_helped: failures, ..case(&mild) };
            if judge(base, &costs).is_some() {
                let worse = [
                    Case { not_helped: failures + 1, ..base },
                    Case { confidence: Some(confidence * less), ..base },
                    Case { moods: &hot, ..base },
                ];
                for case in worse {
                    prop_assert!(judge(case, &costs).is_some(), "{case:?}");
                }
            }
        }
    }
}
