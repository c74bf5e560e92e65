//! Signals on 300 written lines a language, hard negatives among them. Print them with
//! `cargo test -p jieti-language --test signals -- --nocapture`, or with `jieti eval signals`.

use jieti_domain::understanding::Signal;
use jieti_language::signal_eval::{Half, List, Score, measure};
use serde::Deserialize;

#[derive(Deserialize)]
struct Written {
    signal: Signal,
    says: Vec<String>,
    not: Vec<String>,
}

fn lists(yaml: &str) -> Vec<List> {
    let written: Vec<Written> = serde_saphyr::from_str(yaml).expect("a list of signals");
    written.into_iter().map(|w| List { signal: w.signal, says: w.says, not: w.not }).collect()
}

fn both() -> [(&'static str, Vec<List>); 2] {
    [("zh-CN", lists(include_str!("signals/zh-CN.yaml"))), ("en", lists(include_str!("signals/en.yaml")))]
}

fn print(name: &str, scores: &[Score]) {
    for score in scores {
        println!(
            "{name} {:?}: recall {:.2} of {}, false alarms {} of {}",
            score.signal,
            score.recall(),
            score.says,
            score.alarms,
            score.not
        );
        println!("    missed {:?}\n    false alarms {:?}", score.missed, score.false_alarms);
    }
}

#[test]
fn the_lists_are_long_and_no_line_is_there_twice() {
    for (name, lists) in both() {
        let mut lines: Vec<&String> = lists.iter().flat_map(|l| l.says.iter().chain(&l.not)).collect();
        assert!(lines.len() >= 300, "{name} has {}", lines.len());
        lines.sort_unstable();
        let twice: Vec<_> = lines.windows(2).filter(|w| w[0] == w[1]).collect();
        assert!(twice.is_empty(), "{name}: {twice:?}");
    }
}

/// Rules have been mended on both halves by now; docs/understanding.md has the figures of the half that was held out before.
#[test]
fn signals_are_found_and_their_lookalikes_are_not() {
    for (name, lists) in both() {
        let (mended, held_out) = (measure(&lists, Half::Mended), measure(&lists, Half::HeldOut));
        print(name, &mended);
        print(name, &held_out);
        for (one, other) in mended.iter().zip(&held_out) {
            let recall = (one.found + other.found) as f64 / (one.says + other.says) as f64;
            let false_alarm = (one.alarms + other.alarms) as f64 / (one.not + other.not) as f64;
            assert!(recall >= 0.9, "{name} {:?} {recall}: {:?} {:?}", one.signal, one.missed, other.missed);
            assert!(
                false_alarm <= 0.02,
                "{name} {:?} {false_alarm}: {:?} {:?}",
                one.signal,
                one.false_alarms,
                other.false_alarms
            );
        }
    }
}
