//! What a customer is offered before typing: the domain's order over the lender's facts, kept for a minute.

use crate::{Engine, new_id};
use jieti_domain::conversation::Customer;
use jieti_domain::id::{CustomerId, RequestId};
use jieti_domain::lender::{Facts, LenderRequest, Operation};
use jieti_domain::message::{Action, Button};
use jieti_domain::offers::{KnownFacts, rank};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Facts older than this are asked for again.
const FRESH_SECS: i64 = 60;
/// The widget opens with what is known by then.
const PATIENCE: Duration = Duration::from_millis(1500);
const MOST: usize = 6;

pub(crate) type Cache = Mutex<HashMap<CustomerId, (Timestamp, KnownFacts)>>;

impl Engine {
    /// Buttons for what this customer is likeliest to need, best first.
    pub async fn offers(&self, customer: &Customer, lang: Lang) -> Vec<Button> {
        let facts = if customer.signed_in { self.known_facts(&customer.id).await } else { KnownFacts::default() };
        let brain = self.brain();
        let known = rank(&facts, self.now().china_date(), MOST)
            .into_iter()
            .filter_map(|flow| brain.rules.flows.get(&flow))
            .map(|flow| Button::new(flow.offer.get(lang), Action::Flow { flow: flow.id.clone() }));
        // What the customer is at in the app comes before what most customers want.
        let mut offers: Vec<Button> = Vec::with_capacity(MOST);
        for button in self.journey_offers(&customer.id, lang).into_iter().chain(known) {
            if offers.len() < MOST && offers.iter().all(|o| o.action != button.action) {
                offers.push(button);
            }
        }
        offers
    }

    pub(crate) async fn known_facts(&self, customer: &CustomerId) -> KnownFacts {
        let now = self.now();
        let cached = {
            let cache = self.0.offers.lock().unwrap_or_else(PoisonError::into_inner);
            cache.get(customer).filter(|(at, _)| now.secs_since(*at) < FRESH_SECS).map(|(_, facts)| facts.clone())
        };
        if let Some(facts) = cached {
            return facts;
        }
        let ask = |operation| self.ask_in_time(customer, operation);
        let (profile, loans, applications, repayments) = tokio::join!(
            ask(Operation::Profile),
            ask(Operation::Loans),
            ask(Operation::Applications),
            ask(Operation::Repayments)
        );
        let facts = KnownFacts { profile, loans, applications, repayments };
        let mut cache = self.0.offers.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|_, (at, _)| now.secs_since(*at) < FRESH_SECS);
        cache.insert(customer.clone(), (now, facts.clone()));
        facts
    }

    async fn ask_in_time(&self, customer: &CustomerId, operation: Operation) -> Option<Facts> {
        // Only states and dates are looked at, so that one answer serves both languages.
        let (id, lang) = (RequestId::new(new_id("rq")), Lang::default());
        let request = LenderRequest { id, customer: customer.clone(), operation, arguments: Facts::new(), lang };
        tokio::time::timeout(PATIENCE, self.0.lender.ask(&request)).await.ok()?.ok()
    }
}
