//! Which acts of a stream have been received, exactly: what comes again is known by its place.

use serde::{Deserialize, Serialize};

/// Runs of places that are told apart. A stream in order is one run; each batch that overtakes another adds one until the
/// other comes. Beyond this, the oldest gap is given up.
const RUNS: usize = 8;

/// One stream of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub stream: u64,
    /// Places received, from (included) to (excluded): in order, with gaps between.
    runs: Vec<(u32, u32)>,
    /// When it was last heard of, in minutes since 1970.
    pub heard_min: u32,
}

impl Received {
    pub fn new(stream: u64) -> Self {
        Self { stream, runs: Vec::with_capacity(1), heard_min: 0 }
    }

    /// Whether the place is new; it is received from now on.
    pub fn take(&mut self, n: u32) -> bool {
        let after = self.runs.partition_point(|(from, _)| *from <= n);
        if let Some((_, to)) = after.checked_sub(1).map(|before| &mut self.runs[before]) {
            if n < *to {
                return false;
            }
            if n == *to {
                *to += 1;
                self.join(after - 1);
                return true;
            }
        }
        match self.runs.get_mut(after) {
            Some((from, _)) if *from == n + 1 => *from = n,
            _ => self.runs.insert(after, (n, n + 1)),
        }
        if self.runs.len() > RUNS {
            let (_, to) = self.runs.remove(1);
            self.runs[0].1 = to;
        }
        true
    }

    /// Joins a run with the next where no gap is left.
    fn join(&mut self, run: usize) {
        if let Some((_, to)) = self.runs.get(run + 1).copied().filter(|(from, _)| *from == self.runs[run].1) {
            self.runs[run].1 = to;
            self.runs.remove(run + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn each_place_is_new_exactly_once(places in prop::collection::vec(0_u32..14, 0..80)) {
            let mut received = Received::new(7);
            let mut naive = BTreeSet::new();
            for n in places {
                prop_assert_eq!(received.take(n), naive.insert(n), "place {}", n);
            }
        }

        #[test]
        fn batches_may_overtake_each_other_and_come_twice(order in Just((0_u32..7).collect::<Vec<_>>()).prop_shuffle()) {
            let mut received = Received::new(7);
            let mut batch = |i: u32| (i * 500..(i + 1) * 500).filter(|n| received.take(*n)).count();
            for i in &order {
                prop_assert_eq!((batch(*i), batch(*i)), (500, 0));
            }
            prop_assert_eq!(received.runs, vec![(0, 3500)]);
        }
    }

    #[test]
    fn a_stream_of_nothing_but_gaps_stays_small() {
        let mut received = Received::new(7);
        assert!((0..10_000).all(|i| received.take(i * 3)));
        assert!(received.runs.len() <= RUNS);
        assert!(!received.take(4), "the oldest gaps are given up");
        assert!(received.take(3 * 9_999 - 1), "the latest are not");
    }
}
