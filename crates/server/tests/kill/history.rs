//! What a client was told against what is stored: invariant 1 as a function. Its own tests doctor good histories.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One event of a conversation, as replayed to a client or read from the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: u64,
    pub client_id: Option<String>,
    pub body: Value,
}

impl Entry {
    pub fn new(seq: u64, body: Value) -> Entry {
        Entry { seq, client_id: body["client_id"].as_str().map(str::to_owned), body }
    }
}

/// What the client knows of one conversation.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Ids in the order in which they were first sent.
    pub sent: Vec<String>,
    /// Ids with their places in the order of the acknowledgements.
    pub acks: Vec<(String, u64)>,
    /// Every event that was ever shown.
    pub shown: BTreeMap<u64, Value>,
    /// Ids of messages that the history does not show.
    pub hidden: BTreeSet<String>,
    /// Questions with the words that answer them.
    pub asked: Vec<(String, String)>,
    /// Other messages after which the bot must say something.
    pub pressed: Vec<String>,
}

/// Everything that is wrong with a history, in words; empty where the invariant holds.
pub fn problems(told: &Told, history: &[Entry]) -> Vec<String> {
    let mut found = Vec::new();
    for pair in history.windows(2) {
        if pair[0].seq >= pair[1].seq {
            found.push(format!("seq {} comes before {}", pair[0].seq, pair[1].seq));
        }
    }
    let mut places: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for entry in history {
        if let Some(id) = &entry.client_id {
            places.entry(id).or_default().push(entry.seq);
        }
    }
    for (id, seqs) in &places {
        if seqs.len() > 1 {
            found.push(format!("message {id} is stored {} times: {seqs:?}", seqs.len()));
        }
        if !told.sent.iter().any(|s| s == id) {
            found.push(format!("message {id} was never sent"));
        }
    }
    for (id, seq) in told.acks.iter().filter(|(id, _)| !told.hidden.contains(id)) {
        match places.get(id.as_str()).map(Vec::as_slice) {
            None => found.push(format!("message {id} was acknowledged at {seq} and is lost")),
            Some(seqs) if seqs.first() != Some(seq) => {
                found.push(format!("message {id} was acknowledged at {seq} and is at {seqs:?}"));
            }
            Some(_) => {}
        }
    }
    for pair in told.acks.windows(2) {
        if pair[0].1 >= pair[1].1 {
            found.push(format!("{} was acknowledged before {}, at {} and {}", pair[0].0, pair[1].0, pair[0].1, pair[1].1));
        }
    }
    let bodies: BTreeMap<u64, &Value> = history.iter().map(|e| (e.seq, &e.body)).collect();
    for (seq, body) in &told.shown {
        match bodies.get(seq) {
            None => found.push(format!("event {seq} was shown and is gone")),
            Some(now) if *now != body => found.push(format!("event {seq} was shown as {body} and is now {now}")),
            Some(_) => {}
        }
    }
    found
}

/// Whether the bot has done with every message: each question was answered once, in the order of the questions, and
/// something was said after each press.
pub fn unanswered(told: &Told, history: &[Entry]) -> Vec<String> {
    let mut found = Vec::new();
    let said: Vec<(u64, &str)> = history
        .iter()
        .filter(|e| e.body["kind"] == "said")
        .filter_map(|e| Some((e.seq, e.body["message"]["text"].as_str()?)))
        .collect();
    let place = |id: &str| history.iter().find(|e| e.client_id.as_deref() == Some(id)).map(|e| e.seq);
    let mut answers: BTreeSet<&str> = BTreeSet::new();
    let mut questions: Vec<(u64, &str, &str)> = Vec::new();
    for (id, words) in &told.asked {
        answers.insert(words);
        // What was never stored needs no answer; `problems` looks after what was acknowledged.
        if let Some(seq) = place(id) {
            questions.push((seq, id, words));
        }
    }
    questions.sort_unstable();
    let given: Vec<(u64, &str)> =
        said.iter().filter_map(|(seq, text)| Some((*seq, *answers.iter().find(|a| text.contains(**a))?))).collect();
    for (number, (seq, id, words)) in questions.iter().enumerate() {
        match given.get(number) {
            None => found.push(format!("question {id} at {seq} has no answer")),
            Some((at, answer)) if answer != words => {
                found.push(format!("question {id} at {seq} wants {words}, but the answer in its turn is {answer}, at {at}"));
            }
            Some((at, _)) if at < seq => found.push(format!("question {id} at {seq} was answered before, at {at}")),
            Some(_) => {}
        }
    }
    if given.len() > questions.len() {
        found.push(format!("{} questions have {} answers", questions.len(), given.len()));
    }
    let last = said.last().map_or(0, |(seq, _)| *seq);
    for id in &told.pressed {
        if let Some(seq) = place(id).filter(|seq| *seq > last) {
            found.push(format!("nothing was said after {id}, at {seq}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> (Told, Vec<Entry>) {
        let said = |text: &str| json!({ "kind": "said", "message": { "text": text } });
        let asked = |id: &str| json!({ "kind": "customer_said", "client_id": id, "text": "?" });
        let history = vec![
            Entry::new(2, asked("a")),
            Entry::new(4, said("answer one.")),
            Entry::new(6, asked("b")),
            Entry::new(7, json!({ "kind": "customer_pressed", "client_id": "c", "label": "x" })),
            Entry::new(9, said("answer two.")),
            Entry::new(12, said("your limit")),
        ];
        let told = Told {
            sent: ["a", "r", "b", "c", "d"].map(str::to_owned).to_vec(),
            acks: vec![("a".to_owned(), 2), ("r".to_owned(), 5), ("b".to_owned(), 6), ("c".to_owned(), 7)],
            shown: history[..4].iter().map(|e| (e.seq, e.body.clone())).collect(),
            hidden: BTreeSet::from(["r".to_owned()]),
            asked: vec![
                ("a".to_owned(), "answer one".to_owned()),
                ("b".to_owned(), "answer two".to_owned()),
                ("d".to_owned(), "answer one".to_owned()),
            ],
            pressed: vec!["c".to_owned()],
        };
        (told, history)
    }

    #[test]
    fn a_good_history_has_no_problem() {
        let (told, history) = good();
        assert_eq!(problems(&told, &history), Vec::<String>::new());
        assert_eq!(unanswered(&told, &history), Vec::<String>::new());
    }

    #[test]
    fn a_doctored_history_is_found_out() {
        type Doctor = fn(&mut Told, &mut Vec<Entry>);
        let cases: [(&str, Doctor, &str); 11] = [
            ("lost", |_, h| drop(h.remove(2)), "is lost"),
            ("doubled", |_, h| h.push(Entry::new(13, h[0].body.clone())), "is stored 2 times"),
            (
                "an unacknowledged one doubled",
                |_, h| {
                    let body = json!({ "kind": "customer_said", "client_id": "d", "text": "?" });
                    h.extend([Entry::new(13, body.clone()), Entry::new(14, body)]);
                },
                "is stored 2 times",
            ),
            (
                "moved",
                |t, h| {
                    h[2].seq = 8;
                    h.swap(2, 3);
                    t.shown.clear();
                },
                "is at [8]",
            ),
            ("shown out of order", |_, h| h.swap(0, 1), "comes before"),
            ("two at one place", |_, h| h[1].seq = 2, "comes before"),
            ("acknowledged out of order", |t, _| t.acks.swap(0, 1), "was acknowledged before"),
            (
                "changed after it was shown",
                |_, h| h[1].body = json!({ "kind": "said", "message": { "text": "answer one!" } }),
                "is now",
            ),
            ("gone after it was shown", |_, h| drop(h.remove(1)), "is gone"),
            ("from nowhere", |t, _| t.sent.retain(|id| id != "c"), "was never sent"),
            ("hidden, but out of order", |t, _| t.acks[1].1 = 6, "was acknowledged before"),
        ];
        for (name, doctor, want) in cases {
            let (mut told, mut history) = good();
            doctor(&mut told, &mut history);
            let found = problems(&told, &history);
            assert!(found.iter().any(|p| p.contains(want)), "{name}: {found:?}");
        }
    }

    #[test]
    fn missing_doubled_and_misplaced_answers_are_found_out() {
        type Doctor = fn(&mut Vec<Entry>);
        let cases: [(&str, Doctor, &str); 4] = [
            ("no answer", |h| drop(h.remove(4)), "has no answer"),
            ("two answers", |h| h.push(Entry::new(13, h[4].body.clone())), "2 questions have 3 answers"),
            (
                "answers in another order",
                |h| {
                    let first = h[1].body.clone();
                    h[1].body = std::mem::replace(&mut h[4].body, first);
                },
                "in its turn",
            ),
            ("nothing after a press", |h| h.truncate(4), "nothing was said after"),
        ];
        for (name, doctor, want) in cases {
            let (told, mut history) = good();
            doctor(&mut history);
            let found = unanswered(&told, &history);
            assert!(found.iter().any(|p| p.contains(want)), "{name}: {found:?}");
        }
    }
}
