//! What the journey says when a customer gets in touch: where they were, and what they probably want.

use crate::Engine;
use jieti_domain::conversation::Conversation;
use jieti_domain::id::CustomerId;
use jieti_domain::journey::{NeedPrior, Whereabouts};
use jieti_domain::message::{Action, Button};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, NeedGuess, Prior};
use jieti_store::ReadError;
use std::sync::PoisonError;

/// Contacts of so many days teach what customers want at a step.
const LEARN_DAYS: i64 = 60;
/// A suggestion less likely than this is not worth a place before what everybody asks.
const WORTH_SHOWING: f32 = 0.1;
/// Suggestions from the journey; the others are from what the lender knows.
const SUGGESTIONS: usize = 3;

impl Engine {
    pub(crate) fn whereabouts(&self, customer: &CustomerId) -> Option<Whereabouts> {
        self.0.behaviour.recorder().whereabouts(customer)
    }

    /// A conversation of this customer is open, as far as this process knows without asking the store.
    pub(super) fn is_in_chat(&self, customer: &CustomerId) -> bool {
        let customers = self.0.customers.lock().unwrap_or_else(PoisonError::into_inner);
        // An entry that is locked is of somebody who writes at this moment.
        customers.get(customer).is_some_and(|entry| entry.try_lock().map_or(true, |open| open.is_some()))
    }

    /// Likely needs of a customer from where they are, best first.
    pub fn likely_needs(&self, from: &Whereabouts) -> Vec<NeedGuess> {
        let map = self.journeys();
        self.0.behaviour.prior.lock().unwrap_or_else(PoisonError::into_inner).guess(&map, from)
    }

    /// The prior on the first need of a conversation; later messages are about what was said, not about the app.
    pub(crate) fn prior_of(&self, conversation: &Conversation) -> Option<Prior> {
        if !conversation.needs.is_empty() {
            return None;
        }
        let guesses = self.likely_needs(conversation.whereabouts.as_ref()?);
        Some(Prior::new(guesses.into_iter().map(|g| (g.need, g.confidence))))
    }

    /// Buttons for what the customer most likely wants at this step of the app.
    pub(crate) fn journey_offers(&self, customer: &CustomerId, lang: Lang) -> Vec<Button> {
        let Some(from) = self.whereabouts(customer) else { return Vec::new() };
        let (brain, today) = (self.brain(), self.now().china_date());
        let likely = self.likely_needs(&from).into_iter().filter(|guess| guess.confidence >= WORTH_SHOWING);
        let buttons = likely.filter_map(|guess| {
            let entry = brain.rules.knowledge.get(&guess.need).filter(|e| e.is_in_force(today))?;
            let title = entry.texts.get(&lang)?.title.clone();
            Some(match entry.flow.as_ref().and_then(|flow| brain.rules.flows.get(flow)) {
                Some(flow) => Button::new(flow.offer.get(lang), Action::Flow { flow: flow.id.clone() }),
                None => Button::new(title, Action::Ask { need: guess.need }),
            })
        });
        buttons.take(SUGGESTIONS).collect()
    }

    /// Learns from the contacts of the last days what customers want who ask at a step.
    pub(crate) async fn learn_prior(&self) -> Result<(), ReadError> {
        let now = self.now();
        let contacts = self.0.store.contacts(Timestamp(now.0 - LEARN_DAYS * 86_400_000), now).await?;
        let map = self.journeys();
        let mut prior = NeedPrior::default();
        for contact in &contacts {
            if let (Some(from), Some(need)) = (&contact.whereabouts, &contact.need) {
                prior.learn(&map, from, need);
            }
        }
        *self.0.behaviour.prior.lock().unwrap_or_else(PoisonError::into_inner) = prior;
        Ok(())
    }
}
