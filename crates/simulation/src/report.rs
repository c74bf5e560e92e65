//! What a day was like: waits, service level, occupancy, abandons, and how far the expected waits were from the real ones.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Answered within so many seconds counts as in time: the trade's usual 80/20 measures this.
const IN_TIME_SECS: f64 = 20.0;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub all: Waits,
    pub streams: BTreeMap<String, Waits>,
    /// Share of the staffed time that was taken up, 0–1.
    pub occupancy: f64,
    /// Contacts that waited again because their agent vanished.
    pub requeued: u64,
    /// Mean of |expected − real| over those served, in seconds.
    pub expected_wait_error_secs: f64,
    /// Mean of real − expected: above 0 where people waited longer than they were told.
    pub expected_wait_bias_secs: f64,
    /// The same over those who were told that they would have to wait.
    pub expected_wait_error_of_waiting_secs: f64,
    /// Served contacts for which a wait could be expected.
    pub expected: u64,
}

/// Waits in seconds. `waits` are of everybody, those who gave up included, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Waits {
    pub offered: u64,
    pub served: u64,
    pub abandoned: u64,
    /// Still waiting when the day was over.
    pub unserved: u64,
    pub mean_wait_secs: f64,
    pub mean_wait_of_served_secs: f64,
    pub p50_wait_secs: f64,
    pub p90_wait_secs: f64,
    /// Share of the offered who were answered within 20 s, 0–1.
    pub in_time: f64,
    /// Share of the offered who had to wait at all.
    pub waiting_share: f64,
    pub abandoned_share: f64,
}

/// Counts as the day goes on.
#[derive(Default)]
pub(crate) struct Tally {
    streams: BTreeMap<Arc<str>, Stream>,
    worked_secs: f64,
    requeued: u64,
    expected: u64,
    error_secs: f64,
    bias_secs: f64,
    told_to_wait: u64,
    told_error_secs: f64,
    waited_secs: f64,
    gave_up: u64,
}

#[derive(Default)]
struct Stream {
    offered: u64,
    served: Vec<f64>,
    gave_up: Vec<f64>,
}

impl Tally {
    fn stream(&mut self, name: &Arc<str>) -> &mut Stream {
        self.streams.entry(Arc::clone(name)).or_default()
    }

    pub fn offered(&mut self, stream: &Arc<str>) {
        self.stream(stream).offered += 1;
    }

    pub fn served(&mut self, stream: &Arc<str>, wait_secs: f64, estimated_secs: Option<f64>) {
        self.stream(stream).served.push(wait_secs);
        self.waited_secs += wait_secs;
        if let Some(estimated_secs) = estimated_secs {
            let error_secs = wait_secs - estimated_secs;
            self.expected += 1;
            self.error_secs += error_secs.abs();
            self.bias_secs += error_secs;
            if estimated_secs > 0.0 {
                self.told_to_wait += 1;
                self.told_error_secs += error_secs.abs();
            }
        }
    }

    pub fn gave_up(&mut self, stream: &Arc<str>, wait_secs: f64) {
        self.stream(stream).gave_up.push(wait_secs);
        self.waited_secs += wait_secs;
        self.gave_up += 1;
    }

    pub fn requeued(&mut self) {
        self.requeued += 1;
    }

    pub fn worked(&mut self, secs: f64) {
        self.worked_secs += secs;
    }

    /// As the engine measures it: seconds waited by all, over the waits given up.
    pub fn patience_secs(&self) -> Option<f64> {
        (self.gave_up >= 20).then(|| self.waited_secs / self.gave_up as f64)
    }

    pub fn report(self, staffed_secs: f64, unserved: &BTreeMap<Arc<str>, u64>) -> Report {
        let mut all = Stream::default();
        let mut streams = BTreeMap::new();
        for (name, stream) in self.streams {
            all.offered += stream.offered;
            all.served.extend(&stream.served);
            all.gave_up.extend(&stream.gave_up);
            let left = unserved.get(&name).copied().unwrap_or(0);
            streams.insert(name.to_string(), stream.waits(left));
        }
        Report {
            all: all.waits(unserved.values().sum()),
            streams,
            occupancy: self.worked_secs / staffed_secs.max(1.0),
            requeued: self.requeued,
            expected_wait_error_secs: self.error_secs / (self.expected as f64).max(1.0),
            expected_wait_bias_secs: self.bias_secs / (self.expected as f64).max(1.0),
            expected_wait_error_of_waiting_secs: self.told_error_secs / (self.told_to_wait as f64).max(1.0),
            expected: self.expected,
        }
    }
}

impl Stream {
    fn waits(self, unserved: u64) -> Waits {
        let served = self.served.len();
        let mean = |secs: &[f64]| secs.iter().sum::<f64>() / (secs.len() as f64).max(1.0);
        let mean_wait_of_served_secs = mean(&self.served);
        let in_time = self.served.iter().filter(|secs| **secs <= IN_TIME_SECS).count();
        let at_once = self.served.iter().filter(|secs| **secs <= 0.0).count();
        let abandoned = self.gave_up.len() as u64;
        let mut waits = self.served;
        waits.extend(self.gave_up);
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits.get(((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1)));
        let offered = (self.offered as f64).max(1.0);
        Waits {
            offered: self.offered,
            served: served as u64,
            abandoned,
            unserved,
            mean_wait_secs: mean(&waits),
            mean_wait_of_served_secs,
            p50_wait_secs: at(0.5).copied().unwrap_or(0.0),
            p90_wait_secs: at(0.9).copied().unwrap_or(0.0),
            in_time: in_time as f64 / offered,
            waiting_share: 1.0 - at_once as f64 / offered,
            abandoned_share: abandoned as f64 / offered,
        }
    }
}
