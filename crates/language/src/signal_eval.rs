//! How well signals are read on written lines: recall, and false alarms on lines that only look like it. Owns the
//! measure; reads no files.

use crate::signals::signals;
use jieti_domain::understanding::Signal;
use std::collections::BTreeSet;

/// The lines written for one signal.
#[derive(Debug, Clone)]
pub struct List {
    pub signal: Signal,
    pub says: Vec<String>,
    /// Only look like it.
    pub not: Vec<String>,
}

/// Which of a list's lines are read: every second line is held out while rules are mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    Mended,
    HeldOut,
}

/// How one signal is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub signal: Signal,
    /// Lines that have the signal, and those of them in which it is found.
    pub says: usize,
    pub found: usize,
    /// Lines of every list that only look like something, and those of them in which this signal is found.
    pub not: usize,
    pub alarms: usize,
    pub missed: Vec<String>,
    pub false_alarms: Vec<String>,
}

impl Half {
    fn holds(self, place: usize) -> bool {
        (place % 2 == 0) == (self == Half::Mended)
    }

    fn of(self, lines: &[String]) -> impl Iterator<Item = &String> {
        lines.iter().enumerate().filter(move |(place, _)| self.holds(*place)).map(|(_, line)| line)
    }
}

impl Score {
    /// Share 0–1.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.says.max(1) as f64
    }

    /// Share 0–1.
    pub fn false_alarm(&self) -> f64 {
        self.alarms as f64 / self.not.max(1) as f64
    }
}

/// Scores each signal on one half of its lines, and on that half of all lines that only look like some signal.
pub fn measure(lists: &[List], half: Half) -> Vec<Score> {
    let read = |line: &String| (line.clone(), signals(line));
    let looks: Vec<(String, BTreeSet<Signal>)> = lists.iter().flat_map(|list| half.of(&list.not)).map(read).collect();
    lists
        .iter()
        .map(|list| {
            let says: Vec<&String> = half.of(&list.says).collect();
            let missed: Vec<String> =
                says.iter().filter(|line| !signals(line).contains(&list.signal)).map(|l| (*l).clone()).collect();
            let false_alarms: Vec<String> =
                looks.iter().filter(|(_, found)| found.contains(&list.signal)).map(|(line, _)| line.clone()).collect();
            Score {
                signal: list.signal,
                says: says.len(),
                found: says.len() - missed.len(),
                not: looks.len(),
                alarms: false_alarms.len(),
                missed,
                false_alarms,
            }
        })
        .collect()
}
