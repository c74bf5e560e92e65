//! What a closed conversation says of knowledge: messages that it had no answer for, and pairs of message and need that people's
//! acts confirm or refuse. Owns the reading of the events; groups and stores nothing.

use crate::conversation::{DraftOutcome, Event, NeedSeen, Speaker, StoredEvent};
use crate::id::{DraftId, NeedId};
use crate::message::Action;
use crate::tier::TierReason;
use crate::time::Timestamp;
use crate::understanding::{Lang, Signal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A customer's message for which knowledge had no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Place of the message in its conversation.
    pub seq: u64,
    pub at: Timestamp,
    pub lang: Lang,
    pub text: String,
    pub why: GapWhy,
    /// What the message was taken for, however unsurely.
    pub guess: Option<NeedSeen>,
    /// What a person answered then, if one did.
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapWhy {
    /// No need was believed, or none of its answers was for this customer.
    NotHelped,
    /// A silent seat refused the bot's answer.
    Vetoed,
    /// It ended with a person, and not because the need is for people.
    Person,
}

/// A message with a need that somebody's act confirms or refuses: what a next model may learn once a person has looked at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    pub seq: u64,
    pub at: Timestamp,
    pub lang: Lang,
    pub text: String,
    pub need: NeedId,
    pub verdict: LessonVerdict,
    pub source: LessonSource,
    /// What the customer was told, as far as it helps to judge.
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LessonVerdict {
    /// The message means this need.
    Good,
    /// It does not.
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LessonSource {
    SeatSent,
    SeatEdit,
    SeatVeto,
    /// A person answered after the bot had handed over.
    Agent,
    ThumbUp,
    ThumbDown,
    /// The bot offered needs, and the customer chose this one.
    Chosen,
}

/// Everything that one closed conversation teaches.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taught {
    pub gaps: Vec<Gap>,
    pub lessons: Vec<Lesson>,
    /// Messages that were read while the bot had the word, and how many of them without a need that was believed.
    pub read: u64,
    pub unsure: u64,
}

/// A person's reply shorter than this, in characters, is a greeting and no answer.
const ANSWER: usize = 10;
/// A guess below this is no proposal.
const GUESS: f32 = 0.1;

/// One customer's message with what was made of it.
struct Asked {
    seq: u64,
    at: Timestamp,
    text: String,
    lang: Lang,
    guess: Option<NeedSeen>,
    signals: Vec<Signal>,
    answered: Option<NeedId>,
}

impl Asked {
    /// Says what the customer wants, and not only that they want a person, or good day.
    fn is_question(&self) -> bool {
        const NO_QUESTION: [Signal; 6] =
            [Signal::WantsHuman, Signal::Greeting, Signal::Thanks, Signal::Goodbye, Signal::Affirm, Signal::Deny];
        !self.signals.iter().any(|s| NO_QUESTION.contains(s)) && self.text.chars().filter(|c| c.is_alphabetic()).count() > 1
    }
}

/// Reads the events of a conversation. `fair_from` is the confidence from which a need is believed.
pub fn taught(events: &[StoredEvent], fair_from: f32) -> Taught {
    let mut found = Taught::default();
    let mut asked: Vec<Asked> = Vec::new();
    let mut drafts: BTreeMap<DraftId, (u64, NeedId, String)> = BTreeMap::new();
    // Bot's messages by place: which need they answered, and to what.
    let mut last_said: Option<(u64, String)> = None;
    let mut answers: BTreeMap<u64, (usize, NeedId, String)> = BTreeMap::new();
    let mut lang = Lang::default();
    let mut pressed: Option<NeedId> = None;
    let mut with_person = false;
    let mut reason: Option<TierReason> = None;
    for stored in events {
        match &stored.event {
            Event::Opened { lang: opened, .. } => lang = *opened,
            Event::CustomerSaid { text, .. } => {
                pressed = None;
                let (seq, at, text) = (stored.seq, stored.at, text.clone());
                asked.push(Asked { seq, at, text, lang, guess: None, signals: Vec::new(), answered: None });
            }
            Event::Understood { of, lang: read, needs, signals, .. } => {
                lang = *read;
                if let Some(asked) = asked.iter_mut().find(|a| a.seq == *of) {
                    asked.lang = *read;
                    asked.guess = needs.first().cloned();
                    asked.signals.clone_from(signals);
                    if !with_person && asked.is_question() {
                        let unsure = asked.guess.as_ref().is_none_or(|g| g.confidence < fair_from);
                        found.read += 1;
                        found.unsure += u64::from(unsure);
                        if unsure {
                            gap(&mut found, Some(asked), GapWhy::NotHelped);
                        }
                    }
                }
            }
            Event::NotHelped => gap(&mut found, asked.last().filter(|a| a.is_question()), GapWhy::NotHelped),
            Event::DraftProposed { draft } => {
                let seq = asked.last().map_or(stored.seq, |a| a.seq);
                drafts.insert(draft.id.clone(), (seq, draft.need.clone(), draft.message.text.clone()));
            }
            Event::DraftSettled { draft, outcome, .. } => {
                let Some((seq, need, proposed)) = drafts.get(draft) else { continue };
                let Some(question) = asked.iter().find(|a| a.seq == *seq) else { continue };
                let (verdict, source, answer) = match outcome {
                    DraftOutcome::Sent => (LessonVerdict::Good, LessonSource::SeatSent, proposed),
                    DraftOutcome::Edited { text } => (LessonVerdict::Good, LessonSource::SeatEdit, text),
                    DraftOutcome::Vetoed { .. } => (LessonVerdict::Bad, LessonSource::SeatVeto, proposed),
                    DraftOutcome::TakenOver
                    | DraftOutcome::AskedBack { .. }
                    | DraftOutcome::Expired
                    | DraftOutcome::Withdrawn => continue,
                };
                if verdict == LessonVerdict::Bad {
                    gap(&mut found, Some(question), GapWhy::Vetoed);
                }
                found.lessons.push(lesson(question, need.clone(), verdict, source, Some(answer.clone())));
            }
            Event::TierReached { reason: why, .. } => reason = Some(why.clone()),
            Event::Queued { .. } | Event::Assigned { .. } if !with_person => {
                with_person = true;
                // What is for people by the rules is no gap.
                let by_rule = matches!(
                    reason,
                    Some(
                        TierReason::Signal { .. }
                            | TierReason::NeedsHuman { .. }
                            | TierReason::Risky { .. }
                            | TierReason::LenderFailed { .. }
                            | TierReason::FlowHandoff { .. }
                    )
                );
                if !by_rule {
                    gap(&mut found, asked.iter().rfind(|a| a.is_question()), GapWhy::Person);
                }
            }
            Event::BackWithBot => with_person = false,
            Event::Said { by, message } => match by {
                Speaker::Agent { .. } => person_said(&mut found, &asked, &message.text),
                Speaker::Bot | Speaker::ReviewedBot { .. } => last_said = Some((stored.seq, message.text.clone())),
            },
            Event::CustomerPressed { action, .. } => {
                pressed = match action {
                    Action::Ask { need } => Some(need.clone()),
                    _ => None,
                };
            }
            // Self-service took the message.
            Event::FlowMoved { .. } => solved(&mut found, asked.last()),
            Event::Answered { need } => {
                solved(&mut found, asked.last());
                // Offered as one of three, and chosen: the customer says what the message means.
                if let Some(question) = asked.last().filter(|a| pressed.as_ref() == Some(need) && a.is_question()) {
                    let answer = last_said.as_ref().map(|(_, text)| text.clone());
                    found.lessons.push(lesson(question, need.clone(), LessonVerdict::Good, LessonSource::Chosen, answer));
                }
                if let (Some(asked_at), Some((seq, text))) = (asked.len().checked_sub(1), last_said.take()) {
                    asked[asked_at].answered = Some(need.clone());
                    answers.insert(seq, (asked_at, need.clone(), text));
                }
            }
            Event::Rated { score, of: Some(of), .. } => {
                let Some((asked_at, need, text)) = answers.get(of) else { continue };
                let (verdict, source) = match score {
                    1.. => (LessonVerdict::Good, LessonSource::ThumbUp),
                    _ => (LessonVerdict::Bad, LessonSource::ThumbDown),
                };
                // A changed mind replaces what was said before.
                let question = &asked[*asked_at];
                found
                    .lessons
                    .retain(|l| l.seq != question.seq || !matches!(l.source, LessonSource::ThumbUp | LessonSource::ThumbDown));
                found.lessons.push(lesson(question, need.clone(), verdict, source, Some(text.clone())));
            }
            _ => {}
        }
    }
    found
}

/// What was helped in the end is no gap.
fn solved(found: &mut Taught, question: Option<&Asked>) {
    if let Some(asked) = question {
        found.gaps.retain(|g| g.seq != asked.seq || g.why != GapWhy::NotHelped);
    }
}

fn gap(found: &mut Taught, question: Option<&Asked>, why: GapWhy) {
    let Some(asked) = question.filter(|a| found.gaps.iter().all(|g| g.seq != a.seq)) else { return };
    found.gaps.push(Gap {
        seq: asked.seq,
        at: asked.at,
        lang: asked.lang,
        text: asked.text.clone(),
        why,
        guess: asked.guess.clone(),
        answer: None,
    });
}

/// The first real answer of a person belongs to every gap that is still without one, and pairs the last question with its guess.
fn person_said(found: &mut Taught, asked: &[Asked], text: &str) {
    if text.chars().count() < ANSWER {
        return;
    }
    let open = found.gaps.iter_mut().filter(|g| g.answer.is_none());
    let mut first = false;
    for gap in open {
        gap.answer = Some(text.to_owned());
        first = true;
    }
    let question = asked.iter().rfind(|a| a.is_question() && a.answered.is_none());
    let guessed = question.and_then(|a| Some((a, a.guess.as_ref().filter(|g| g.confidence >= GUESS)?)));
    if let Some((question, guess)) = guessed.filter(|(q, _)| first && found.lessons.iter().all(|l| l.seq != q.seq)) {
        let lesson = lesson(question, guess.need.clone(), LessonVerdict::Good, LessonSource::Agent, Some(text.to_owned()));
        found.lessons.push(lesson);
    }
}

fn lesson(asked: &Asked, need: NeedId, verdict: LessonVerdict, source: LessonSource, answer: Option<String>) -> Lesson {
    Lesson { seq: asked.seq, at: asked.at, lang: asked.lang, text: asked.text.clone(), need, verdict, source, answer }
}

macro_rules! codes {
    ($name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word it is stored by.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

codes!(GapWhy { NotHelped = "not_helped", Vetoed = "vetoed", Person = "person" });
codes!(LessonVerdict { Good = "good", Bad = "bad" });
codes!(LessonSource {
    SeatSent = "seat_sent",
    SeatEdit = "seat_edit",
    SeatVeto = "seat_veto",
    Agent = "agent",
    ThumbUp = "thumb_up",
    ThumbDown = "thumb_down",
    Chosen = "chosen",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Channel, Customer, Draft, DraftWhy};
    use crate::message::Message;
    use crate::tier::{Risk, Tier, Unattended};
    use crate::understanding::Mood;

    /// Events with their places, one second apart.
    fn told(events: Vec<Event>) -> Taught {
        let customer = Customer { id: "c".into(), name: None, signed_in: true };
        let opened = Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn };
        let events = std::iter::once(opened).chain(events).zip(1..);
        let events: Vec<StoredEvent> =
            events.map(|(event, seq)| StoredEvent { seq, at: Timestamp(seq as i64 * 1000), event }).collect();
        taught(&events, 0.5)
    }

    fn said(text: &str) -> Event {
        Event::CustomerSaid { client_id: text.into(), text: text.to_owned() }
    }

    fn read(of: u64, need: &str, confidence: f32, signals: &[Signal]) -> Event {
        let needs = vec![NeedSeen { need: need.into(), confidence }];
        Event::Understood { of, lang: Lang::ZhCn, needs, signals: signals.to_vec(), mood: Mood::default() }
    }

    fn bot(text: &str) -> Event {
        Event::Said { by: Speaker::Bot, message: Message::text(text) }
    }

    fn agent(text: &str) -> Event {
        Event::Said { by: Speaker::Agent { staff: "lin".into(), name: "林".to_owned() }, message: Message::text(text) }
    }

    fn queued(reason: TierReason) -> [Event; 2] {
        [
            Event::TierReached { tier: Tier::Human, reason },
            Event::Queued { since: Timestamp(0), deadline: Timestamp(9), to: None },
        ]
    }

    fn gaps(taught: &Taught) -> Vec<(&str, GapWhy, Option<&str>)> {
        taught.gaps.iter().map(|g| (g.text.as_str(), g.why, g.answer.as_deref())).collect()
    }

    const ANSWERED: &str = "可以在我的页面里申请开票，三天内发出。";

    #[test]
    fn a_message_that_was_not_helped_is_a_gap_with_what_a_person_said_then() {
        let mut events = vec![said("能开发票吗"), read(2, "a.x", 0.2, &[]), Event::NotHelped, bot("我不知道")];
        events.extend([said("转人工"), read(6, "a.y", 0.9, &[Signal::WantsHuman])]);
        events.extend(queued(TierReason::AskedForHuman));
        events.extend([agent("您好"), agent(ANSWERED)]);
        let taught = told(events);
        assert_eq!(gaps(&taught), [("能开发票吗", GapWhy::NotHelped, Some(ANSWERED))], "asking for a person is no question");
        let lesson = &taught.lessons[0];
        assert_eq!((lesson.text.as_str(), lesson.need.as_str(), lesson.source), ("能开发票吗", "a.x", LessonSource::Agent));
        assert_eq!((taught.read, taught.unsure), (1, 1));
    }

    #[test]
    fn what_is_for_people_by_the_rules_is_no_gap() {
        for (reason, want) in [
            (TierReason::AskedForHuman, 1),
            (TierReason::RepeatedFailure, 1),
            (TierReason::NeedsHuman { need: "a.x".into() }, 0),
            (TierReason::Signal { signal: Signal::FraudVictim }, 0),
            (TierReason::Risky { need: "a.x".into(), risk: Risk::High }, 0),
        ] {
            let mut events = vec![said("能开发票吗"), read(2, "a.x", 0.9, &[])];
            events.extend(queued(reason.clone()));
            assert_eq!(told(events).gaps.len(), want, "{reason:?}");
        }
    }

    #[test]
    fn a_seats_decision_confirms_or_refuses_the_need() {
        let draft = Draft {
            id: "d".into(),
            question: "能开发票吗".to_owned(),
            need: "a.x".into(),
            message: Message::text("草稿"),
            confidence: 0.6,
            alternatives: vec![],
            risk: Risk::Medium,
            why: DraftWhy::HalfSure,
            mood: Mood::default(),
            created_at: Timestamp(0),
            deadline: Timestamp(9),
            at_deadline: Unattended::Hold,
            held_by: None,
            held_at: None,
        };
        for (outcome, want, is_gap) in [
            (DraftOutcome::Sent, Some((LessonVerdict::Good, LessonSource::SeatSent)), false),
            (DraftOutcome::Edited { text: "改".to_owned() }, Some((LessonVerdict::Good, LessonSource::SeatEdit)), false),
            (DraftOutcome::Vetoed { reason: "错".to_owned() }, Some((LessonVerdict::Bad, LessonSource::SeatVeto)), true),
            (DraftOutcome::Expired, None, false),
            (DraftOutcome::Withdrawn, None, false),
        ] {
            let settled = Event::DraftSettled { draft: "d".into(), outcome: outcome.clone(), staff: None };
            let taught =
                told(vec![said("能开发票吗"), read(2, "a.x", 0.6, &[]), Event::DraftProposed { draft: draft.clone() }, settled]);
            assert_eq!(taught.lessons.first().map(|l| (l.verdict, l.source)), want, "{outcome:?}");
            assert_eq!(taught.gaps.first().map(|g| g.why), is_gap.then_some(GapWhy::Vetoed), "{outcome:?}");
        }
    }

    #[test]
    fn a_thumb_is_about_the_message_that_was_answered_and_the_last_one_counts() {
        let rated = |score| Event::Rated { client_id: "r".into(), score, of: Some(4) };
        let answered = || {
            vec![
                said("能开发票吗"),
                read(2, "a.x", 0.9, &[]),
                bot("可以。"),
                Event::Answered { need: "a.x".into() },
                said("谢谢"),
                read(6, "a.y", 0.3, &[Signal::Thanks]),
            ]
        };
        for (scores, want) in [
            (vec![1], vec![(LessonVerdict::Good, LessonSource::ThumbUp)]),
            (vec![1, -1], vec![(LessonVerdict::Bad, LessonSource::ThumbDown)]),
            (vec![], vec![]),
        ] {
            let taught = told(answered().into_iter().chain(scores.into_iter().map(rated)).collect());
            let got: Vec<_> = taught.lessons.iter().map(|l| (l.verdict, l.source)).collect();
            assert_eq!(got, want);
            assert!(taught.lessons.iter().all(|l| l.text == "能开发票吗" && l.need.as_str() == "a.x"));
            assert_eq!((taught.read, taught.unsure), (1, 0), "a thank-you is not counted");
        }
        let elsewhere = Event::Rated { client_id: "r".into(), score: 1, of: Some(2) };
        assert_eq!(told(answered().into_iter().chain([elsewhere]).collect()).lessons, []);
    }

    #[test]
    fn a_message_that_was_only_offered_choices_is_a_gap_until_one_is_chosen() {
        let press = |action| Event::CustomerPressed { client_id: "p".into(), action, label: String::new() };
        let offered = || vec![said("能开发票吗"), read(2, "a.x", 0.3, &[]), bot("您是想问？")];
        assert_eq!(gaps(&told(offered())), [("能开发票吗", GapWhy::NotHelped, None)]);
        let chosen = [press(Action::Ask { need: "a.y".into() }), bot("可以。"), Event::Answered { need: "a.y".into() }];
        let taught = told(offered().into_iter().chain(chosen).collect());
        assert_eq!(gaps(&taught), []);
        let lesson = &taught.lessons[0];
        assert_eq!((lesson.need.as_str(), lesson.source, lesson.text.as_str()), ("a.y", LessonSource::Chosen, "能开发票吗"));
        let neither = [press(Action::NoneOfThese), Event::NotHelped];
        let taught = told(offered().into_iter().chain(neither).collect());
        assert_eq!((gaps(&taught).len(), taught.lessons.len()), (1, 0));
    }

    #[test]
    fn every_code_is_read_back() {
        assert!(GapWhy::ALL.iter().all(|w| GapWhy::from_code(w.code()) == Some(*w)));
        assert!(LessonVerdict::ALL.iter().all(|v| LessonVerdict::from_code(v.code()) == Some(*v)));
        assert!(LessonSource::ALL.iter().all(|s| LessonSource::from_code(s.code()) == Some(*s)));
    }
}
