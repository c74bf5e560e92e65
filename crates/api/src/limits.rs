//! How often one caller may call.

use crate::error::ApiError;
use axum::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Callers remembered before those whose allowance is full again are forgotten.
const MOST_KEYS: usize = 50_000;
/// New callers between two sweeps of a full memory.
const SWEEP_EVERY: usize = 1024;

pub struct Limits {
    messages: DefaultKeyedRateLimiter<String>,
    logins: DefaultKeyedRateLimiter<String>,
    behaviour: DefaultKeyedRateLimiter<String>,
}

/// Acts of one customer in a second, for as long as they like: ten times what a person does.
const ACTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
/// Acts at once: an app that was offline sends what it kept.
const ACTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(3000).expect("not zero");

impl Limits {
    pub fn new(messages_per_minute: u32, logins_per_minute: u32) -> Self {
        let quota = |n: u32| Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        Self {
            messages: RateLimiter::keyed(quota(messages_per_minute)),
            logins: RateLimiter::keyed(quota(logins_per_minute)),
            behaviour: RateLimiter::keyed(Quota::per_second(ACTS_PER_SECOND).allow_burst(ACTS_AT_ONCE)),
        }
    }

    /// # Errors
    /// 429 with the seconds to wait.
    pub fn message(&self, customer: &str) -> Result<(), ApiError> {
        check(&self.messages, customer, "messages")
    }

    /// # Errors
    /// 429 with the seconds to wait.
    pub fn login(&self, name: &str) -> Result<(), ApiError> {
        check(&self.logins, name, "log-ins")
    }

    /// Counts a batch of acts. Returns the seconds to wait where there were too many.
    ///
    /// # Errors
    /// Seconds after which the batch may be sent again.
    pub fn acts(&self, customer: &str, acts: u32) -> Result<(), u64> {
        sweep(&self.behaviour);
        let Some(acts) = NonZeroU32::new(acts) else { return Ok(()) };
        match self.behaviour.check_key_n(&customer.to_owned(), acts) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1),
            // More than the burst: batches are bounded far below it.
            Err(_) => Err(60),
        }
    }
}

fn sweep(limiter: &DefaultKeyedRateLimiter<String>) {
    let known = limiter.len();
    if known > MOST_KEYS && known.is_multiple_of(SWEEP_EVERY) {
        limiter.retain_recent();
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<String>, key: &str, what: &str) -> Result<(), ApiError> {
    sweep(limiter);
    limiter.check_key(&key.to_owned()).map_err(|not_until| {
        let secs = not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate.limited", format!("too many {what}; try again in {secs} s"))
    })
}
