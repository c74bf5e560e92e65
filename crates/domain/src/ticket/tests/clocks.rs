use super::*;
use PauseReason::{Customer as ByCustomer, ThirdParty};
use proptest::prelude::*;

#[test]
fn a_clock_that_stands_still_has_no_deadline_and_goes_on_where_it_stood() {
    let mut case = Case::open("other");
    // Sixteen working hours from Monday nine o'clock: Tuesday five o'clock.
    assert_eq!(case.due(ClockKind::Resolution), Some(hours(32)));
    case.must("agent", pause(ByCustomer), hours(2));
    assert_eq!(case.due(ClockKind::Resolution), None);
    case.must("agent", TicketAct::Resume { why: ByCustomer }, hours(6));
    // Four working hours later: Wednesday one o'clock.
    assert_eq!(case.due(ClockKind::Resolution), Some(hours(52)));
}

#[test]
fn a_pause_stops_only_the_clocks_that_the_rules_name() {
    let mut case = Case::open("other");
    case.must("agent", pause(ThirdParty), hours(1));
    assert_eq!(case.due(ClockKind::FirstAnswer), Some(hours(4)), "a partner's silence is no reason not to answer");
    assert_eq!(case.due(ClockKind::Resolution), None);
    case.must("agent", pause(ByCustomer), hours(2));
    assert_eq!(case.due(ClockKind::FirstAnswer), None);
    case.must("agent", TicketAct::Resume { why: ThirdParty }, hours(3));
    assert_eq!(case.due(ClockKind::Resolution), None, "the customer is still awaited");
}

#[test]
fn the_first_answer_is_met_once() {
    let mut case = Case::open("other");
    case.must("agent", TicketAct::Answer { text: text() }, hours(1));
    case.must("agent", TicketAct::Answer { text: text() }, hours(2));
    assert_eq!(case.ticket.clocks[&ClockKind::FirstAnswer].stopped_at(), Some(hours(1)));
}

#[test]
fn escalation_comes_before_the_breach_and_once() {
    let mut case = Case::open("other");
    let alarms = next_alarms(&case.ticket, &case.rules);
    assert!(alarms.contains(&(ClockKind::FirstAnswer, 75, hours(3))), "{alarms:?}");
    assert!(alarms.contains(&(ClockKind::FirstAnswer, 100, hours(4))), "{alarms:?}");
    let reached = |percent| TicketAct::ClockReached { clock: ClockKind::FirstAnswer, percent };
    let early = Timestamp(hours(3).0 - 1);
    assert_eq!(case.act("agent", reached(75), early), Ok(Vec::new()), "not yet");
    assert_eq!(case.act("agent", reached(75), hours(3)).map(|e| e.len()), Ok(1));
    assert_eq!(case.ticket.level, Some(Escalated::TeamLead));
    assert_eq!(case.act("agent", reached(75), hours(3)), Ok(Vec::new()), "once");
    assert_eq!(case.act("agent", reached(100), hours(4)).map(|e| e.len()), Ok(1));
    assert_eq!(case.ticket.level, Some(Escalated::DepartmentHead));
    case.must("agent", TicketAct::Resolve { answer: text() }, hours(5));
    assert_eq!(next_alarms(&case.ticket, &case.rules), []);
}

#[test]
fn a_timer_of_before_a_pause_has_no_effect() {
    let mut case = Case::open("other");
    case.must("agent", pause(ByCustomer), hours(1));
    case.must("agent", TicketAct::Resume { why: ByCustomer }, hours(3));
    let reached = TicketAct::ClockReached { clock: ClockKind::FirstAnswer, percent: 75 };
    assert_eq!(case.act("agent", reached.clone(), hours(3)), Ok(Vec::new()));
    assert_eq!(case.act("agent", reached, hours(5)).map(|e| e.len()), Ok(1));
}

#[test]
fn a_calendar_that_never_opens_gives_no_deadline_and_no_alarm() {
    let mut case = Case::open("other");
    let closed = json!([{"id": "office", "title": {"zh-CN": "关", "en": "closed"}, "week": {}}]);
    case.rules.calendars = serde_json::from_value(closed).expect("a calendar");
    assert_eq!(case.due(ClockKind::Resolution), None);
    assert_eq!(next_alarms(&case.ticket, &case.rules), []);
    let card = card(&case.ticket, &case.rules, hours(9));
    assert_eq!(card.clocks.iter().map(|c| c.left_ms).collect::<Vec<_>>(), [4 * HOUR_MS, 16 * HOUR_MS]);
}

/// Pauses and their ends over two weeks, in order, one after the other.
fn pauses() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec(0..14 * 24 * HOUR_MS, 0..8).prop_map(|mut times| {
        times.sort_unstable();
        times.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

proptest! {
    #[test]
    fn pausing_neither_loses_nor_gains_working_time(pauses in pauses(), after in 0..48 * HOUR_MS) {
        let rules = rules();
        let calendar = &rules.calendars[0];
        let at = |ms: i64| Timestamp(MONDAY.0 + ms);
        let mut clock = WorkClock::start(MONDAY, 1_000 * HOUR_MS);
        let mut paused_ms = 0;
        for (from, to) in &pauses {
            clock.pause(ByCustomer, at(*from));
            clock.resume(ByCustomer, at(*to));
            paused_ms += calendar.working_ms_between(at(*from), at(*to));
        }
        let end = at(14 * 24 * HOUR_MS + after);
        prop_assert_eq!(clock.used_ms(calendar, end) + paused_ms, calendar.working_ms_between(MONDAY, end));
    }

    #[test]
    fn the_deadline_moves_by_exactly_the_working_time_paused(
        budget in 1..200_i64, from in 0..40 * HOUR_MS, length in 0..200 * HOUR_MS,
    ) {
        let rules = rules();
        let calendar = &rules.calendars[0];
        let mut clock = WorkClock::start(MONDAY, budget * HOUR_MS);
        let before = clock.due(calendar).expect("it runs");
        let (from, to) = (Timestamp(MONDAY.0 + from), Timestamp(MONDAY.0 + from + length));
        clock.pause(ByCustomer, from);
        clock.resume(ByCustomer, to);
        let after = clock.due(calendar).expect("it runs again");
        if from >= before {
            prop_assert_eq!(after, before, "what is over stays over");
        } else {
            let moved = calendar.working_ms_between(from, to);
            prop_assert_eq!(calendar.working_ms_between(MONDAY, after), budget * HOUR_MS + moved);
        }
    }

    #[test]
    fn events_of_the_same_instant_may_come_in_any_order(ms in 0..100 * HOUR_MS, later in 0..100 * HOUR_MS) {
        let rules = rules();
        let calendar = &rules.calendars[0];
        let (at, then) = (Timestamp(MONDAY.0 + ms), Timestamp(MONDAY.0 + ms + later));
        let mut one = WorkClock::start(MONDAY, 16 * HOUR_MS);
        let mut other = one.clone();
        one.pause(ByCustomer, at);
        one.pause(ThirdParty, at);
        other.pause(ThirdParty, at);
        other.pause(ByCustomer, at);
        one.resume(ByCustomer, then);
        one.resume(ThirdParty, then);
        other.resume(ThirdParty, then);
        other.resume(ByCustomer, then);
        prop_assert_eq!(one.due(calendar), other.due(calendar));
        // One reason ends as the other begins: the clock does not run in between.
        let mut swap = WorkClock::start(MONDAY, 16 * HOUR_MS);
        let mut back = swap.clone();
        swap.pause(ByCustomer, at);
        back.pause(ByCustomer, at);
        swap.resume(ByCustomer, then);
        swap.pause(ThirdParty, then);
        back.pause(ThirdParty, then);
        back.resume(ByCustomer, then);
        let end = then.plus_secs(99_999);
        prop_assert_eq!(swap.used_ms(calendar, end), back.used_ms(calendar, end));
    }
}
