//! How fast the queue moves, measured as it goes, and how long people really waited against what they were told.

use super::Queued;
use crate::Engine;
use jieti_domain::id::ConversationId;
use jieti_domain::routing::Pace;
use jieti_domain::time::Timestamp;
use jieti_store::{EndedWait, ReadError, WaitEnd, WaitError};

/// Mean handling time assumed before any chat has ended: the sample's mean service time, rounded. Source: anonymous
/// bank call centre, February 1999 (177 s).
const FIRST_HANDLE_SECS: f64 = 180.0;
/// Chats over which the mean handling time is taken.
const HANDLED_OVER: f64 = 50.0;
/// Waits over which patience is measured; a tenth of them must have been given up before it counts.
const WAITS_OVER: f64 = 500.0;

/// Running means over the latest pieces of work.
#[derive(Debug, Clone, Default)]
pub(super) struct Pacing {
    handled: f64,
    handle_secs: f64,
    waits: f64,
    /// Sums that fade: seconds waited, and waits given up.
    waited_secs: f64,
    given_up: f64,
}

impl Pacing {
    pub fn handled(&mut self, secs: i64) {
        self.handled = (self.handled + 1.0).min(HANDLED_OVER);
        self.handle_secs += (secs as f64 - self.handle_secs) / self.handled;
    }

    /// The end of a wait, as it is kept.
    pub fn ended(&mut self, id: &ConversationId, queued: &Queued, is_served: bool, now: Timestamp) -> EndedWait {
        let secs = now.secs_since(queued.at);
        let fading = 1.0 - 1.0 / WAITS_OVER;
        self.waits = self.waits * fading + 1.0;
        self.waited_secs = self.waited_secs * fading + secs as f64;
        self.given_up = self.given_up * fading + if is_served { 0.0 } else { 1.0 };
        EndedWait {
            conversation: id.clone(),
            queued_at: queued.at,
            estimated_secs: queued.estimated_secs,
            waited_secs: secs.unsigned_abs(),
            end: if is_served { WaitEnd::Served } else { WaitEnd::Left },
        }
    }

    /// Patience by maximum likelihood for exponential times with waits that were cut short by service: seconds waited by
    /// all, over the waits given up.
    pub fn pace(&self) -> Pace {
        // Half a wait less than five: the sum has faded a little.
        let often_given_up = self.given_up >= 4.5 && self.given_up * 10.0 >= self.waits;
        Pace {
            handle_secs: if self.handled > 0.0 { self.handle_secs } else { FIRST_HANDLE_SECS },
            patience_secs: often_given_up.then(|| self.waited_secs / self.given_up),
        }
    }
}

impl Engine {
    /// Keeps a wait for the report, in the background: the customer does not wait for it.
    pub(super) fn keep_wait(&self, wait: EndedWait) {
        let engine = self.clone();
        tokio::spawn(async move {
            if let Err(error) = engine.0.store.add_wait(&wait).await {
                tracing::warn!(conversation = %wait.conversation, %error, "a wait could not be kept for the report");
            }
        });
    }

    /// How far today's expected waits were from the real ones.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn wait_error_today(&self) -> Result<WaitError, ReadError> {
        self.0.store.wait_error(self.now().start_of_china_day()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jieti_domain::routing::Target;

    #[test]
    fn pace_is_the_mean_of_what_was_measured() {
        let mut pacing = Pacing::default();
        assert_eq!(pacing.pace(), Pace { handle_secs: FIRST_HANDLE_SECS, patience_secs: None });
        for secs in [100, 200, 300] {
            pacing.handled(secs);
        }
        assert!((pacing.pace().handle_secs - 200.0).abs() < 1e-9);
        let queued = Queued { at: Timestamp(0), known: None, target: Target::Anybody, estimated_secs: Some(30) };
        let id = ConversationId::from("c");
        for n in 0..20 {
            let given_up = n / 2;
            assert_eq!(pacing.pace().patience_secs.is_some(), given_up >= 5, "{n}");
            let wait = pacing.ended(&id, &queued, n % 2 == 0, Timestamp(60_000));
            assert_eq!((wait.waited_secs, wait.estimated_secs), (60, Some(30)));
        }
        let patience = pacing.pace().patience_secs.unwrap();
        assert!((patience - 120.0).abs() < 2.0, "{patience}: half of those who waited 60 s gave up");
    }
}
