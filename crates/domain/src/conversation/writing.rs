//! A language model asked to write from cited knowledge, where the bot does not know well enough by itself: what it is asked,
//! and what becomes of its answer. What it writes passes the tier policy like anything else.

use super::decide::{Decider, Effect};
use super::event::{DraftWhy, Event, NeedSeen, WritingOutcome};
use super::state::Stage;
use crate::id::RequestId;
use crate::message::Message;
use crate::phrases;
use crate::tier::{Band, Risk, Tier, TierReason, Verdict};
use crate::understanding::NeedGuess;
use crate::writing::{Source, WritingError, WritingRequest, Written, check};

/// Sources that a model is given at most: the best guesses.
const SOURCES: usize = 4;
/// A guess below this is none.
const LEAST: f32 = 0.02;

impl Decider<'_> {
    /// Asks a model, where there is one and there is something to answer from. `false` where not.
    pub(super) fn ask_writer(&mut self, needs: &[NeedGuess]) -> bool {
        if !self.rules.writes || !matches!(self.state.stage, Stage::Bot) {
            return false;
        }
        let Some(question) = self.state.last_question().map(|turn| turn.text.clone()) else { return false };
        let (lang, situation) = (self.lang(), self.state.situation(self.now));
        let sources: Vec<Source> = needs
            .iter()
            .filter(|guess| guess.confidence >= LEAST)
            .filter_map(|guess| {
                let entry = self.rules.knowledge.get(&guess.need).filter(|entry| entry.risk != Risk::Human)?;
                let title = entry.text(lang)?.title.clone();
                Some(Source { need: entry.id.clone(), title, text: entry.answer(lang, &situation)?.text.to_owned() })
            })
            .take(SOURCES)
            .collect();
        if sources.is_empty() {
            return false;
        }
        let id = RequestId::new(format!("wr-{}-{}", self.state.id, self.state.seq));
        let needs = needs.iter().map(|guess| NeedSeen { need: guess.need.clone(), confidence: guess.confidence }).collect();
        self.emit(Event::WritingAsked { request: id.clone(), needs });
        self.decision.effects.push(Effect::Write(WritingRequest { id, lang, question, sources }));
        true
    }

    /// The model's answer, or why there is none. One to a question that the customer has left behind is dropped.
    pub(super) fn written(&mut self, request: &WritingRequest, reply: Result<&str, &WritingError>) {
        let Some(pending) = self.state.writing.clone().filter(|pending| pending.request == request.id) else { return };
        if !matches!(self.state.stage, Stage::Bot) {
            return;
        }
        let needs: Vec<NeedGuess> =
            pending.needs.iter().map(|seen| NeedGuess { need: seen.need.clone(), confidence: seen.confidence }).collect();
        let checked = match reply {
            Ok(text) => check(text, request).map_err(|fault| WritingOutcome::Stopped { fault }),
            Err(error) => Err(WritingOutcome::Failed { error: error.clone() }),
        };
        match checked.map(|written| (self.written_verdict(&written), written)) {
            Ok((Verdict::Answer, written)) => {
                self.end_writing(&request.id, WritingOutcome::Answered);
                self.say_written(written);
            }
            Ok((Verdict::Draft, written)) if self.duty.silent_seats > 0 => {
                self.end_writing(&request.id, WritingOutcome::Drafted);
                self.draft_written(written, &needs);
            }
            // What the policy does not let the bot say, and nobody can check, is not said.
            Ok(_) => {
                self.end_writing(&request.id, WritingOutcome::Unchecked);
                self.without_writer(&needs);
            }
            Err(outcome) => {
                self.end_writing(&request.id, outcome);
                self.without_writer(&needs);
            }
        }
    }

    /// What is put together from several answers is never sure, and as risky as the riskiest of them.
    fn written_verdict(&self, written: &Written) -> Verdict {
        let risks = written.cited.iter().filter_map(|need| self.rules.knowledge.get(need)).map(|entry| entry.risk);
        risks.max().map_or(Verdict::Abstain, |risk| self.rules.policy.verdict(risk, Band::Fair))
    }

    fn end_writing(&mut self, request: &RequestId, outcome: WritingOutcome) {
        self.emit(Event::WritingEnded { request: request.clone(), outcome });
    }

    fn written_message(&self, written: &Written) -> Message {
        let lang = self.lang();
        let titles: Vec<String> = written.cited.iter().map(|need| self.rules.title(need, lang)).collect();
        let mut message = Message::text(&format!("{}\n{}", written.text, phrases::written_from(lang, &titles)));
        message.buttons.push(self.human_button());
        self.offer_resume(&mut message);
        message
    }

    fn say_written(&mut self, written: Written) {
        let message = self.written_message(&written);
        self.say(message);
        let need = written.cited[0].clone();
        self.emit(Event::Answered { need: need.clone() });
        self.climb(Tier::Bot, TierReason::Answered { need });
    }

    fn draft_written(&mut self, written: Written, needs: &[NeedGuess]) {
        let message = self.written_message(&written);
        let Some(entry) = self.rules.knowledge.get(&written.cited[0]) else { return self.without_writer(needs) };
        let confidence = needs.iter().find(|guess| guess.need == entry.id).map_or(0.0, |guess| guess.confidence);
        self.propose(entry, message, confidence, needs, DraftWhy::Written);
    }

    /// What would have been said at once without a model.
    fn without_writer(&mut self, needs: &[NeedGuess]) {
        if needs.first().is_some_and(|best| self.rules.policy.band(best.confidence) >= Band::Unsure) {
            return self.clarify(needs);
        }
        self.not_helped(phrases::do_not_know(self.lang()));
    }
}
