//! The simulated queue against Erlang's formulas, where they apply: one skill, exponential times, a steady day.

use jieti_domain::routing::{Capacity, Profile, RoutingRules, Work};
use jieti_domain::staffing::{Load, erlang_a, erlang_c, served_within};
use jieti_simulation::{Absences, Arrivals, Report, Scenario, Team, Times, run};

const HANDLE_SECS: f64 = 180.0;

fn scenario(seed: u64, contacts: f64, agents: u32, patience: Times) -> Scenario {
    Scenario {
        seed,
        routing: Some(RoutingRules::default()),
        arrivals: vec![Arrivals {
            name: "all".to_owned(),
            work: Work::Call,
            contacts,
            half_hours: Vec::new(),
            wanted: Vec::new(),
            credit_secs: 0,
            handling: Times::Exponential { mean_secs: HANDLE_SECS },
            patience,
        }],
        teams: vec![Team {
            name: "agent".to_owned(),
            people: agents,
            profile: Profile { capacity: Capacity { call: 1, ..Capacity::default() }, ..Profile::default() },
            // Longer than the day, so that nobody is left waiting at its end.
            shifts: vec![(0.0, 25.0)],
        }],
        absences: None,
    }
}

/// Several days, the first hour of each included, in which the queue has not grown to its steady length yet.
fn days(count: u64, contacts: f64, agents: u32, patience: &Times) -> Vec<Report> {
    (1..=count)
        .map(|seed| run(&scenario(seed, contacts, agents, patience.clone()).day(&RoutingRules::default()).unwrap(), |_| {}))
        .collect()
}

fn mean(reports: &[Report], of: impl Fn(&Report) -> f64) -> f64 {
    reports.iter().map(of).sum::<f64>() / reports.len() as f64
}

fn within(name: &str, simulated: f64, theory: f64, share: f64) {
    println!("{name}: simulated {simulated:.4}, theory {theory:.4} ({:+.1} %)", (simulated / theory - 1.0) * 100.0);
    assert!((simulated / theory - 1.0).abs() <= share, "{name}: simulated {simulated}, theory {theory}");
}

fn load(contacts: f64, agents: u32) -> Load {
    Load { arrivals_per_sec: contacts / 86_400.0, handle_secs: HANDLE_SECS, agents }
}

#[test]
fn waits_are_those_of_erlang_c() {
    // 16 erlangs to 20 agents. A full queue stays full for many minutes, so a day tells little: a million contacts.
    let load = load(7680.0, 20);
    let reports = days(150, 7680.0, 20, &Times::Never);
    let theory = erlang_c(load).unwrap();
    within("share that waits", mean(&reports, |r| r.all.waiting_share), theory.waiting_share, 0.05);
    within("mean wait", mean(&reports, |r| r.all.mean_wait_secs), theory.mean_wait_secs, 0.05);
    within("in 20 s", mean(&reports, |r| r.all.in_time), served_within(load, 20.0).unwrap(), 0.05);
    assert!(reports.iter().all(|r| r.all.abandoned == 0 && r.all.unserved == 0));
}

#[test]
fn waits_and_abandons_are_those_of_erlang_a() {
    // More comes in than 205 agents could serve if nobody gave up.
    let (patience_secs, contacts) = (120.0, 100_000.0);
    let reports = days(6, contacts, 205, &Times::Exponential { mean_secs: patience_secs });
    let theory = erlang_a(load(contacts, 205), patience_secs);
    within("share that waits", mean(&reports, |r| r.all.waiting_share), theory.waiting_share, 0.05);
    within("mean wait", mean(&reports, |r| r.all.mean_wait_secs), theory.mean_wait_secs, 0.05);
    within("abandons", mean(&reports, |r| r.all.abandoned_share), theory.abandoned_share, 0.05);
    // The shifts are an hour longer than the day.
    within("occupancy", mean(&reports, |r| r.occupancy) * 25.0 / 24.0, theory.occupancy, 0.05);
    // The expected wait is right in the mean, and off by less than the wait itself.
    let (error, bias) = (mean(&reports, |r| r.expected_wait_error_secs), mean(&reports, |r| r.expected_wait_bias_secs));
    println!("expected wait: mean absolute error {error:.2} s, bias {bias:+.2} s");
    assert!(error < theory.mean_wait_secs && bias.abs() < theory.mean_wait_secs / 4.0, "{error} {bias}");
}

#[test]
fn the_same_seed_gives_the_same_day_and_nobody_is_lost_when_people_vanish() {
    let mut vanishing = scenario(1, 4000.0, 12, Times::Exponential { mean_secs: 300.0 });
    vanishing.absences = Some(Absences { every_hours: 1.0, away_secs: 600 });
    let play = |scenario: &Scenario| run(&scenario.day(&RoutingRules::default()).unwrap(), |_| {});
    let report = play(&vanishing);
    assert_eq!(report, play(&vanishing));
    assert!(report.requeued > 100, "{report:?}");
    let ended = report.all.served + report.all.abandoned + report.all.unserved;
    assert_eq!(ended, report.all.offered + report.requeued, "each wait ends once");
    let calm = play(&Scenario { absences: None, ..vanishing });
    assert!(calm.all.mean_wait_secs < report.all.mean_wait_secs);
}
