//! How well signals are read on written lines: recall, and false alarms on lines that only look like it. Owns the
//! measure; reads no files.

pub use crate::signals::By;
use crate::signals::{signals, signals_by};
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

/// What a blind list asks for, by the names in it, and the signals of which any is right. Its author did not tell who
/// complains from who threatens to go elsewhere.
pub const ASKED: [(&str, &[Signal]); 7] = [
    ("wants_human", &[Signal::WantsHuman]),
    ("complaint_threat", &[Signal::Complaint, Signal::RegulatorThreat]),
    ("fraud_victim", &[Signal::FraudVictim]),
    ("hardship", &[Signal::Hardship]),
    ("self_harm", &[Signal::SelfHarm]),
    ("minor", &[Signal::Minor]),
    ("abuse", &[Signal::Abuse]),
];

/// A line of a blind list: written by somebody who had seen neither the tables nor the lines that the model learns from.
#[derive(Debug, Clone)]
pub struct Blind {
    pub text: String,
    /// Names in [`ASKED`]; none where the line only looks like a signal.
    pub signals: BTreeSet<String>,
}

/// How a blind list is read: a part for each of [`ASKED`], and all together.
#[derive(Debug, Clone, PartialEq)]
pub struct BlindScore {
    pub parts: [Part; ASKED.len()],
    /// Lines without any signal, and those of them in which any is found.
    pub not: usize,
    pub alarms: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    pub says: usize,
    pub found: usize,
    /// Lines without any signal in which this one is found.
    pub alarms: usize,
}

impl BlindScore {
    /// Of all signals of all lines. Share 0–1.
    pub fn recall(&self) -> f64 {
        let sum = |part: fn(&Part) -> usize| self.parts.iter().map(part).sum::<usize>();
        sum(|p| p.found) as f64 / sum(|p| p.says).max(1) as f64
    }

    /// Of lines without any signal, those in which any is found. Share 0–1.
    pub fn false_alarm(&self) -> f64 {
        self.alarms as f64 / self.not.max(1) as f64
    }
}

pub fn measure_blind(lines: &[Blind], by: By) -> BlindScore {
    let mut score = BlindScore { parts: [Part::default(); ASKED.len()], not: 0, alarms: 0 };
    for line in lines {
        let found = signals_by(by, &line.text);
        let is_found = ASKED.map(|(_, signals)| signals.iter().any(|signal| found.contains(signal)));
        for ((part, (name, _)), is_found) in score.parts.iter_mut().zip(ASKED).zip(is_found) {
            let says = line.signals.contains(name);
            part.says += usize::from(says);
            part.found += usize::from(says && is_found);
            part.alarms += usize::from(line.signals.is_empty() && is_found);
        }
        score.not += usize::from(line.signals.is_empty());
        score.alarms += usize::from(line.signals.is_empty() && is_found.contains(&true));
    }
    score
}
