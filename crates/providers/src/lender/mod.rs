//! The lender's core behind one trait. Owns no vocabulary (that is `jieti_domain::lender`) and no business rule: an
//! adapter asks, reads strictly, checks that sums add up, and says so when they do not.
//!
//! # Adding a lender
//! Write one adapter: a type that implements [`LenderCore`] for the lender's own protocol.
//! 1. Map every `Operation` to a request; the match is exhaustive, so a new operation breaks the build here first.
//!    An operation the lender does not have answers `LenderError::Refused` with a message for the customer.
//! 2. Send `LenderRequest::id` as the idempotency key of whatever changes something. Never send such a request again
//!    by yourself: the worker does, with the same key.
//! 3. Return facts under exactly the names written on each `Operation` variant, with their types: sums as `Money`,
//!    never as text. Every name is present in every answer; only a date that does not exist is left out, and a text
//!    that does not exist is empty.
//! 4. Translate the lender's states to the words the [`sandbox`] adapter uses, and its sums to fen without floats.
//! 5. Check what can be checked (parts against totals, answers against questions) and return `Nonsense` otherwise.
//! 6. Words for the customer (refusals, reasons, names) come in the request's `lang` where the lender has it.
//! 7. Copy `tests/sandbox_contract.rs` and run it against the lender's own test system.

pub mod sandbox;

use async_trait::async_trait;
use jieti_domain::lender::{Facts, LenderError, LenderRequest};

/// A lender's core system.
#[async_trait]
pub trait LenderCore: Send + Sync {
    /// Asks the lender, or tells it to do something.
    ///
    /// # Errors
    /// `Unreachable` where there was no answer, `Nonsense` where it cannot be trusted, `Refused` where the lender said no.
    async fn call(&self, request: &LenderRequest) -> Result<Facts, LenderError>;

    /// Whether the lender answers at all.
    ///
    /// # Errors
    /// As for [`LenderCore::call`].
    async fn health(&self) -> Result<(), LenderError>;
}
