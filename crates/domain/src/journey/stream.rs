//! Which acts of a stream have been received, exactly: what comes again is known by its place.

use serde::{Deserialize, Serialize};

/// Places after the first missing one that are told apart. Clients send in order, one request at a time, so more than one
/// request (500 acts) out of order does not happen.
const WINDOW: u32 = 128;

/// One stream of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub stream: u64,
    /// Everything before this place has been received, or given up as lost.
    low: u32,
    /// Bit i: place `low + i` has been received.
    bits: u128,
    /// When it was last heard of, in minutes since 1970.
    pub heard_min: u32,
}

impl Received {
    pub fn new(stream: u64) -> Self {
        Self { stream, low: 0, bits: 0, heard_min: 0 }
    }

    /// Whether the place is new; it is received from now on.
    pub fn take(&mut self, n: u32) -> bool {
        if n < self.low {
            return false;
        }
        if n - self.low >= WINDOW {
            // A jump past the window: what was missing before it will not come.
            let low = n - (WINDOW - 1);
            let by = low - self.low;
            self.bits = self.bits.checked_shr(by).unwrap_or(0);
            self.low = low;
        }
        let bit = 1_u128 << (n - self.low);
        let is_new = self.bits & bit == 0;
        self.bits |= bit;
        let run = self.bits.trailing_ones();
        self.bits = self.bits.checked_shr(run).unwrap_or(0);
        self.low += run;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn within_the_window_each_place_is_new_exactly_once(places in prop::collection::vec(0_u32..WINDOW, 0..600)) {
            let mut received = Received::new(7);
            let mut naive = BTreeSet::new();
            for n in places {
                prop_assert_eq!(received.take(n), naive.insert(n), "place {}", n);
            }
        }
    }

    #[test]
    fn a_long_stream_in_order_is_new_throughout_and_old_when_it_comes_again() {
        let mut received = Received::new(7);
        assert!((0..100_000).all(|n| received.take(n)));
        assert!((0..100_000).all(|n| !received.take(n)));
        assert!(received.take(100_500), "a gap does not stop a stream");
        assert!(!received.take(100_500));
        assert!(!received.take(100_000), "what a client skipped past the window is given up");
    }
}
