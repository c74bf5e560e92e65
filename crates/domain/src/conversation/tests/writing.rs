//! A language model that writes: when it is asked, and what becomes of what it writes.

use super::*;
use crate::writing::Fault;

fn unsure(needs: &[(&str, f32)]) -> Understanding {
    let needs = needs.iter().map(|(need, confidence)| NeedGuess { need: (*need).into(), confidence: *confidence }).collect();
    Understanding { needs, ..Understanding::default() }
}

fn duty(silent_seats: u32) -> Duty<'static> {
    Duty { agents: 1, silent_seats, ..Duty::default() }
}

/// A world with a model, that was asked something it is not sure of.
fn asked(needs: &[(&str, f32)]) -> World {
    let mut world = World::new();
    world.rules.writes = true;
    world.say(&unsure(needs), duty(1));
    world
}

fn said(decision: &Decision) -> Vec<&str> {
    let texts = decision.events.iter().filter_map(|e| match e {
        Event::Said { message, .. } => Some(message.text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn outcome(decision: &Decision) -> Option<&WritingOutcome> {
    decision.events.iter().find_map(|e| match e {
        Event::WritingEnded { outcome, .. } => Some(outcome),
        _ => None,
    })
}

#[test]
fn a_model_is_asked_only_where_the_bot_does_not_know_and_there_is_something_to_answer_from() {
    for (name, needs, writes, sources) in [
        ("sure", vec![("a.low", 0.9)], true, None),
        ("unsure", vec![("a.low", 0.3), ("a.medium", 0.2)], true, Some(vec!["a.low", "a.medium"])),
        ("hardly a guess", vec![("a.low", 0.1), ("a.medium", 0.001)], true, Some(vec!["a.low"])),
        ("what is for people is no source", vec![("a.low", 0.1), ("a.human", 0.1)], true, Some(vec!["a.low"])),
        ("nothing to answer from", vec![("a.human", 0.1)], true, None),
        ("no model", vec![("a.low", 0.3)], false, None),
    ] {
        let mut world = World::new();
        world.rules.writes = writes;
        let decision = world.say(&unsure(&needs), duty(1));
        let found = world.questions.first().map(|q| q.sources.iter().map(|s| s.need.as_str().to_owned()).collect::<Vec<_>>());
        assert_eq!(found, sources.map(|s| s.into_iter().map(str::to_owned).collect()), "{name}");
        assert_eq!(
            said(&decision).is_empty(),
            world.state.writing.is_some(),
            "{name}: either an answer now, or a model is asked"
        );
    }
}

#[test]
fn what_is_written_passes_the_policy_of_the_riskiest_source() {
    for (name, need, seats, want) in [
        ("low risk is said", "a.low", 1, "answered"),
        ("low risk is said with nobody to check", "a.low", 0, "answered"),
        ("medium risk is checked", "a.medium", 1, "drafted"),
        ("medium risk with nobody to check is not said", "a.medium", 0, "unchecked"),
        ("high risk is checked", "a.high", 1, "drafted"),
    ] {
        let mut world = asked(&[("a.low", 0.3), (need, 0.2)]);
        let request = world.questions.pop().expect("asked");
        let cites = request.sources.len();
        let text = format!("answer of {need}[{cites}]。");
        let decision = world.feed(Input::Written { request: &request, reply: Ok(&text) }, duty(seats));
        let found = match outcome(&decision) {
            Some(WritingOutcome::Answered) => "answered",
            Some(WritingOutcome::Drafted) => "drafted",
            Some(WritingOutcome::Unchecked) => "unchecked",
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(found, want, "{name}");
        let is_said = said(&decision).iter().any(|text| text.starts_with(&format!("answer of {need}。")));
        assert_eq!(is_said, want == "answered", "{name}: {decision:?}");
        match &world.state.stage {
            Stage::Draft(draft) => assert_eq!((want, draft.why), ("drafted", DraftWhy::Written), "{name}"),
            _ => assert_ne!(want, "drafted", "{name}"),
        }
        assert!(!said(&decision).is_empty() || want == "drafted", "{name}: the customer always hears something");
    }
}

#[test]
fn an_invented_figure_or_a_failure_leaves_what_would_have_been_said_without_a_model() {
    let error = WritingError::Spent { tokens: 1 };
    let replies: [(&str, Result<&str, &WritingError>); 4] = [
        ("an invented sum", Ok("只要 99 元[1]。")),
        ("no source", Ok("我们随时可以退款给您。")),
        ("nothing", Ok("NONE")),
        ("a failure", Err(&error)),
    ];
    for (name, reply) in replies {
        let mut without = World::new();
        let plain = without.say(&unsure(&[("a.low", 0.3), ("a.medium", 0.2)]), duty(1));
        let mut world = asked(&[("a.low", 0.3), ("a.medium", 0.2)]);
        let request = world.questions.pop().expect("asked");
        let decision = world.feed(Input::Written { request: &request, reply }, duty(1));
        assert!(matches!(outcome(&decision), Some(WritingOutcome::Stopped { .. } | WritingOutcome::Failed { .. })), "{name}");
        assert_eq!(said(&decision), said(&plain), "{name}");
        assert_eq!(world.state.writing, None, "{name}");
    }
    let mut world = asked(&[("a.low", 0.3)]);
    let request = world.questions.pop().expect("asked");
    let decision = world.feed(Input::Written { request: &request, reply: Ok("NONE") }, duty(1));
    assert_eq!(outcome(&decision), Some(&WritingOutcome::Stopped { fault: Fault::Nothing }));
}

#[test]
fn an_answer_to_a_question_that_was_left_behind_is_dropped() {
    let mut world = asked(&[("a.low", 0.3)]);
    let request = world.questions.pop().expect("asked");
    world.say(&unsure(&[("a.flow", 0.9)]), duty(1));
    let decision = world.feed(Input::Written { request: &request, reply: Ok("answer of a.low[1]。") }, duty(1));
    assert_eq!(decision, Decision::default());

    let mut world = asked(&[("a.low", 0.3)]);
    let request = world.questions.pop().expect("asked");
    world.feed(Input::Pressed { action: &Action::Human }, duty(1));
    let decision = world.feed(Input::Written { request: &request, reply: Ok("answer of a.low[1]。") }, duty(1));
    assert_eq!(decision, Decision::default(), "a person has been asked for");
}
