//! Ways through a small app, and what the fold says of them.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;

const APPLY: &str = r#"
id: apply
title: {zh-CN: 申请, en: Apply}
steps:
  - {id: form, title: {zh-CN: 填写, en: Form}, pages: [apply/form], floor_secs: 10, next: [upload]}
  - {id: upload, title: {zh-CN: 上传, en: Upload}, pages: [apply/id], costly: true, floor_secs: 20, next: [sign]}
  - {id: sign, title: {zh-CN: 签约, en: Sign}, pages: [apply/sign], floor_secs: 20, next: [wait]}
  - {id: wait, title: {zh-CN: 等待, en: Wait}, pages: [apply/wait], floor_secs: 600, promise: {outcome: disbursed, within_secs: 300}}
done: {outcome: disbursed}
"#;
const REPAY: &str = r#"
id: repay
title: {zh-CN: 还款, en: Repay}
steps:
  - {id: bill, title: {zh-CN: 账单, en: Bill}, pages: [repay], next: [paid]}
  - {id: paid, title: {zh-CN: 完成, en: Paid}, pages: [repay], target: done}
done: {step: paid}
"#;

fn map() -> Arc<JourneyMap> {
    let journeys = [APPLY, REPAY].map(|text| serde_saphyr::from_str(text).expect("a journey"));
    Arc::new(JourneyMap::new(journeys.into()).expect("sound"))
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// A crowd and the instants it was given.
struct Town {
    names: Names,
    crowd: Crowd,
    log: Vec<Instant>,
    next: Vec<u32>,
}

impl Town {
    fn new() -> Self {
        let mut names = Names::default();
        let crowd = Crowd::new(map(), &mut names);
        Self { names, crowd, log: Vec::new(), next: vec![0; 1000] }
    }

    /// One act of a visitor `secs` after the beginning: `page upload`, `error apply/id blurred`, `outcome disbursed` …
    fn act(&mut self, visitor: u32, secs: i64, line: &str) -> Vec<Sign> {
        let n = self.next[visitor as usize];
        self.next[visitor as usize] += 1;
        let record = record_of(&mut self.names, n, secs, line);
        self.send(visitor, secs, vec![record])
    }

    fn send(&mut self, visitor: u32, secs: i64, records: Vec<Record>) -> Vec<Sign> {
        let version = self.names.number(&name("5.2.1"));
        let mut visit = Visit {
            visitor,
            stream: 1,
            platform: Platform::Ios,
            version,
            network: Network::Wifi,
            consent: Consent::Guidance,
            records,
        };
        self.crowd.admit(secs * 1000, &mut visit);
        self.instant(Instant { at: secs * 1000, visits: vec![visit] })
    }

    fn later(&mut self, secs: i64) -> Vec<Sign> {
        self.instant(Instant { at: secs * 1000, visits: Vec::new() })
    }

    fn instant(&mut self, instant: Instant) -> Vec<Sign> {
        let mut signs = Vec::new();
        self.crowd.take(&instant, &mut signs);
        self.log.push(instant);
        signs
    }
}

fn record_of(names: &mut Names, n: u32, secs: i64, line: &str) -> Record {
    let mut words = line.split(' ');
    let (what, mut rest) = (words.next().expect("an act"), words.map(name));
    let act = match what {
        "page" => Act::Page,
        "step" => Act::Step,
        "error" => Act::FieldError,
        "rage" => Act::RageClick,
        "hide" => Act::Hidden,
        "show" => Act::Visible,
        "outcome" => Act::Outcome,
        other => panic!("no act {other}"),
    };
    let mut number = |name: Option<Name>| name.map_or(NONE, |n| names.number(&n));
    let page = if act == Act::Outcome { NONE } else { number(rest.next()) };
    let target = if act == Act::Step { number(rest.next()) } else { NONE };
    let code = number(rest.next());
    Record { n, at: secs * 1000, act, page, target, code, value: 0 }
}

/// Ways of being stuck, as `kind step`.
fn breaks(signs: &[Sign]) -> Vec<String> {
    let map = map();
    let of = |b: &Break| format!("{} {}", b.kind.code(), map.path(b.step).expect("a step"));
    signs.iter().filter_map(|s| if let Sign::Broke(b) = s { Some(of(b)) } else { None }).collect()
}

#[test]
fn each_way_of_being_stuck_is_noticed_once_and_its_neighbours_are_not() {
    struct Case {
        name: &'static str,
        acts: &'static [(i64, &'static str)],
        until: i64,
        want: &'static [&'static str],
    }
    let cases = [
        Case { name: "a stay just short", acts: &[(0, "page apply/form")], until: 37, want: &[] },
        Case {
            name: "a stay too long, noticed after the grace",
            acts: &[(0, "page apply/form")],
            until: 38,
            want: &["dwell apply.form"],
        },
        Case {
            name: "out of sight does not count",
            acts: &[(0, "page apply/form"), (5, "hide apply/form"), (500, "show apply/form")],
            until: 520,
            want: &[],
        },
        Case {
            name: "two errors are bad luck",
            acts: &[(0, "page apply/id"), (5, "error apply/id blurred"), (9, "error apply/id blurred")],
            until: 10,
            want: &[],
        },
        Case {
            name: "three are an obstacle, told once",
            acts: &[
                (0, "page apply/id"),
                (5, "error apply/id blurred"),
                (9, "error apply/id blurred"),
                (12, "error apply/id blurred"),
                (14, "error apply/id blurred"),
            ],
            until: 15,
            want: &["errors apply.upload"],
        },
        Case {
            name: "rage",
            acts: &[(0, "page apply/sign"), (4, "rage apply/sign"), (6, "rage apply/sign")],
            until: 7,
            want: &["rage apply.sign"],
        },
        Case {
            name: "back once is no loop",
            acts: &[(0, "page apply/form"), (2, "page apply/id"), (4, "page apply/form"), (6, "page apply/id")],
            until: 8,
            want: &[],
        },
        Case {
            name: "to and fro is",
            acts: &[
                (0, "page apply/form"),
                (2, "page apply/id"),
                (4, "page apply/form"),
                (6, "page apply/id"),
                (8, "page apply/form"),
                (10, "page apply/id"),
            ],
            until: 12,
            want: &["loop apply.form"],
        },
        Case {
            name: "left a costly step",
            acts: &[(0, "page apply/id"), (8, "hide apply/id")],
            until: 616,
            want: &["left apply.upload"],
        },
        Case {
            name: "left, a moment before it counts",
            acts: &[(0, "page apply/id"), (8, "hide apply/id")],
            until: 615,
            want: &[],
        },
        Case {
            name: "came back",
            acts: &[(0, "page apply/id"), (8, "hide apply/id"), (500, "page apply/id"), (505, "page apply/sign")],
            until: 540,
            want: &[],
        },
        Case {
            name: "to another page and not back",
            acts: &[(0, "page apply/id"), (8, "page home")],
            until: 700,
            want: &["left apply.upload"],
        },
        Case { name: "to another journey and not back", acts: &[(0, "page apply/id"), (8, "page repay")], until: 60, want: &[] },
        Case {
            name: "leaving a step that costs nothing",
            acts: &[(0, "page apply/form"), (8, "hide apply/form")],
            until: 9000,
            want: &[],
        },
        Case {
            name: "a promise kept",
            acts: &[(0, "page apply/wait"), (1, "hide apply/wait"), (290, "outcome disbursed")],
            until: 9000,
            want: &[],
        },
        Case {
            name: "a promise broken",
            acts: &[(0, "page apply/wait"), (1, "hide apply/wait")],
            until: 308,
            want: &["silence apply.wait"],
        },
        Case {
            name: "an error elsewhere",
            acts: &[(0, "page apply/id"), (1, "error home x"), (2, "error home x"), (3, "error home x")],
            until: 4,
            want: &[],
        },
        Case {
            name: "steps that do not exist",
            acts: &[(0, "page nowhere"), (1, "step nowhere x"), (2, "rage nowhere")],
            until: 9000,
            want: &[],
        },
    ];
    for case in cases {
        let mut town = Town::new();
        let mut signs: Vec<Sign> = case.acts.iter().flat_map(|(secs, line)| town.act(0, *secs, line)).collect();
        signs.extend(town.later(case.until));
        assert_eq!(breaks(&signs), case.want, "{}", case.name);
    }
}

#[test]
fn a_step_inside_a_page_ends_its_journey() {
    let mut town = Town::new();
    town.act(0, 0, "page repay");
    let signs = town.act(0, 9, "step repay done");
    assert!(signs.iter().any(|s| matches!(s, Sign::Done { journey: 1, .. })), "{signs:?}");
    assert!(signs.iter().any(|s| matches!(s, Sign::Passed { ms: 9000, .. })), "{signs:?}");
    assert_eq!(town.crowd.walk(0).and_then(Walk::stay), None);
}

#[test]
fn the_threshold_follows_those_who_got_through() {
    let mut town = Town::new();
    for visitor in 1..100 {
        town.act(visitor, 0, "page apply/form");
    }
    for visitor in 1..100 {
        town.act(visitor, 25, "page apply/id");
    }
    town.act(0, 1000, "page apply/form");
    assert!(breaks(&town.later(1026)).iter().all(|b| b != "dwell apply.form"), "within 25 s, a bucket, and the grace");
    assert!(breaks(&town.later(1037)).contains(&"dwell apply.form".to_owned()), "sooner than three times the floor");
}

#[test]
fn what_comes_late_changes_no_place_and_what_comes_twice_nothing() {
    let mut town = Town::new();
    town.act(0, 0, "page apply/form");
    town.act(0, 9, "page apply/id");
    let late = record_of(&mut town.names, 2, 4, "page apply/form");
    assert_eq!(town.send(0, 10, vec![late]), []);
    assert_eq!(town.crowd.walk(0).and_then(Walk::stay).map(|s| s.step), Some(1));
    let again = record_of(&mut town.names, 1, 9, "page apply/id");
    assert_eq!(town.send(0, 11, vec![again; 5]), []);
    assert!(town.log.last().is_some_and(|i| i.visits[0].records.is_empty()), "doubles are not kept");
}

#[test]
fn a_journey_file_that_goes_in_circles_is_refused_with_the_step() {
    let text = APPLY.replace("next: [sign]", "next: [sign, form]");
    let problems = JourneyMap::new(vec![serde_saphyr::from_str(&text).expect("a journey")]).expect_err("a loop");
    assert!(problems[0].contains("\"form\" comes back to it"), "{problems:?}");
    for (from, to, want) in [
        ("next: [wait]", "next: [gone]", "\"gone\", which is not a step"),
        ("pages: [apply/id]", "pages: []", "has no pages"),
        ("id: sign", "id: form", "two steps of one id"),
        ("{outcome: disbursed}\n", "{step: gone}\n", "done names step \"gone\""),
    ] {
        let text = APPLY.replace(from, to);
        let problems = JourneyMap::new(vec![serde_saphyr::from_str(&text).expect("a journey")]).expect_err(want);
        assert!(problems.iter().any(|p| p.contains(want)), "{want}: {problems:?}");
    }
}

#[test]
fn a_walk_is_small() {
    let mut town = Town::new();
    for (secs, line) in [(0, "page apply/form"), (1, "page apply/id"), (2, "hide apply/id"), (3, "page apply/wait")] {
        town.act(0, secs, line);
    }
    let walk = town.crowd.walk(0).expect("a walk");
    let bytes = size_of::<Walk>() + walk.streams.capacity() * size_of::<Received>() + walk.trail().len() * 2;
    assert!(bytes < 700, "{bytes} bytes");
}

fn acts() -> impl Strategy<Value = Vec<(u32, i64, &'static str)>> {
    let line = prop::sample::select(vec![
        "page apply/form",
        "page apply/id",
        "page apply/sign",
        "page apply/wait",
        "page home",
        "hide apply/id",
        "show apply/id",
        "error apply/id blurred",
        "rage apply/sign",
        "outcome disbursed",
        "page repay",
        "step repay done",
    ]);
    prop::collection::vec((0_u32..4, 0_i64..400, line), 1..80).prop_map(|steps| {
        let mut now = 1000;
        steps
            .into_iter()
            .map(|(visitor, wait, line)| {
                now += wait / 4;
                (visitor, now, line)
            })
            .collect()
    })
}

proptest! {
    /// A restart in the middle of a dwell: the timer goes on where it was.
    #[test]
    fn a_snapshot_and_the_rest_of_the_log_say_what_an_unbroken_run_says(acts in acts(), cut in 0_usize..80) {
        let mut town = Town::new();
        let mut unbroken = Vec::new();
        let mut again = None;
        for (i, (visitor, secs, line)) in acts.iter().enumerate() {
            if i == cut % acts.len() {
                let walks: Vec<(u32, Walk)> = town.crowd.walks().map(|(v, w)| (v, w.clone())).collect();
                again = Some((town.crowd.memory(), walks, unbroken.len(), town.log.len()));
            }
            unbroken.extend(town.act(*visitor, *secs, line));
        }
        let end = acts.last().map_or(0, |a| a.1) + 2000;
        unbroken.extend(town.later(end));
        let (memory, walks, signs_before, log_before) = again.expect("cut");
        let mut crowd = Crowd::new(map(), &mut town.names);
        crowd.restore(memory, walks);
        let mut resumed = unbroken[..signs_before].to_vec();
        for instant in &town.log[log_before..] {
            crowd.take(instant, &mut resumed);
        }
        prop_assert_eq!(resumed, unbroken);
    }

    #[test]
    fn sending_everything_twice_in_any_order_of_batches_says_the_same(acts in acts()) {
        let (mut once, mut twice) = (Town::new(), Town::new());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (visitor, secs, line) in &acts {
            first.extend(once.act(*visitor, *secs, line));
            second.extend(twice.act(*visitor, *secs, line));
            let sent = twice.log.last().expect("sent").visits[0].records.clone();
            second.extend(twice.send(*visitor, *secs, sent));
        }
        prop_assert_eq!(first, second);
    }
}
