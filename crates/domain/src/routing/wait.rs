//! How long it will be: the expected wait of somebody in a queue.

/// How fast a queue moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Mean seconds for which one piece of work takes up its place.
    pub handle_secs: f64,
    /// Mean seconds after which somebody who waits gives up; `None` where nobody does.
    pub patience_secs: Option<f64>,
}

/// Expected seconds until somebody with `ahead` people before them is served by `slots` places that are all taken.
///
/// Each place ends a piece of work every `handle_secs`, so one ends every `handle_secs / slots`; each of those ahead gives
/// up at the rate `1 / patience_secs`. With nobody giving up this is `(ahead + 1) · handle_secs / slots`; otherwise the sum
/// of `1 / (slots/handle_secs + j/patience_secs)` over `j = 0..=ahead`, which is exact for exponential times. `None` with
/// no place at all.
///
/// Source: W. Whitt, "Predicting Queueing Delays", Management Science 45 (1999), section 2 (state-dependent death process).
pub fn expected_wait_secs(ahead: f64, slots: u64, pace: Pace) -> Option<f64> {
    if slots == 0 {
        return None;
    }
    let ends_per_sec = slots as f64 / pace.handle_secs.max(1.0);
    let Some(patience_secs) = pace.patience_secs else { return Some((ahead + 1.0) * pace.handle_secs.max(1.0) / slots as f64) };
    let gives_up_per_sec = 1.0 / patience_secs.max(1.0);
    let exact = ahead.floor().min(EXACT_UP_TO);
    let sum: f64 = (0..=exact as u32).map(|before| 1.0 / (ends_per_sec + f64::from(before) * gives_up_per_sec)).sum();
    // The rest of the sum as an integral, by the midpoint rule.
    let rate_at = |before: f64| (ends_per_sec + before * gives_up_per_sec).ln();
    Some(sum + (rate_at(ahead + 0.5) - rate_at(exact + 0.5)) / gives_up_per_sec)
}

/// Terms added one by one; from there the integral differs by less than one part in ten thousand.
const EXACT_UP_TO: f64 = 64.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_the_people_ahead_and_shrinks_with_places_and_impatience() {
        let patient = Pace { handle_secs: 300.0, patience_secs: None };
        assert_eq!(expected_wait_secs(2.0, 2, patient), Some(450.0));
        assert_eq!(expected_wait_secs(0.0, 0, patient), None);
        let hasty = Pace { patience_secs: Some(100.0), ..patient };
        assert!(expected_wait_secs(2.0, 2, hasty) < expected_wait_secs(2.0, 2, patient));
        let hardly = Pace { patience_secs: Some(1e12), ..patient };
        let secs = expected_wait_secs(2000.0, 7, hardly).unwrap();
        assert!((secs - 2001.0 * 300.0 / 7.0).abs() < 1.0, "{secs}");
    }

    #[test]
    fn the_integral_goes_on_where_the_sum_ends() {
        let pace = Pace { handle_secs: 180.0, patience_secs: Some(240.0) };
        for ahead in [64_u32, 65, 200, 3000] {
            let exact: f64 = (0..=ahead).map(|j| 1.0 / (5.0 / 180.0 + f64::from(j) / 240.0)).sum();
            let ours = expected_wait_secs(f64::from(ahead), 5, pace).unwrap();
            assert!((ours / exact - 1.0).abs() < 1e-4, "{ahead}: {ours} {exact}");
        }
    }
}
