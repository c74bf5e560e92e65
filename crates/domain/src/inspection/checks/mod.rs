//! The checks a criterion can be made of, by subject. Each takes a conversation and says where it was broken, and by whom.

mod course;
mod facts;
mod timing;
mod words;

pub(super) use course::{loops, missed_handoff, mood};
pub(super) use facts::{disclosure, wrong_sums};
pub(super) use timing::{contact_hours, interruption, response_time, silence};
pub(super) use words::{forbidden, promise, required};

use super::timeline::Responsible;
use crate::understanding::Localized;

/// Where a check was broken.
#[derive(Debug)]
pub(super) struct Found {
    pub at: u64,
    pub quote: String,
    pub who: Responsible,
    /// What exactly, such as the seconds waited.
    pub detail: Option<Localized>,
}
