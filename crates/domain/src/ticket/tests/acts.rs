use super::*;

fn person(name: &str) -> Accused {
    Accused::Person { staff: name.into(), name: name.to_owned() }
}

fn department(id: &str) -> Accused {
    Accused::Department { department: id.to_owned() }
}

#[test]
fn whoever_a_complaint_is_about_does_not_touch_it() {
    let mut case = Case::open("complaint");
    case.must("agent", TicketAct::Assign { staff: "lin".into(), name: "林".to_owned() }, hours(1));
    case.must("boss", TicketAct::NameParty { party: person("lin") }, hours(2));
    assert_eq!(case.ticket.assignee, None, "taken out of her hands");
    let assign = TicketAct::Assign { staff: "lin".into(), name: "林".to_owned() };
    assert_eq!(case.refused("boss", assign, hours(3)), "ticket.conflict_of_interest");
    for act in [TicketAct::Resolve { answer: text() }, TicketAct::Note { text: text() }, pause(PauseReason::Customer)] {
        assert_eq!(case.refused("lin", act, hours(3)), "ticket.conflict_of_interest");
    }
    case.must("agent", TicketAct::Resolve { answer: text() }, hours(3));
}

#[test]
fn a_complaint_about_a_department_goes_to_its_alternate_and_does_not_come_back() {
    let mut case = Case::open("complaint");
    assert_eq!(case.ticket.department, "collections");
    case.must("boss", TicketAct::NameParty { party: department("collections") }, hours(1));
    assert_eq!(case.ticket.department, "protection");
    let back = TicketAct::Move { department: "collections".to_owned() };
    assert_eq!(case.refused("boss", back, hours(2)), "ticket.conflict_of_interest");
    case.must("boss", TicketAct::NameParty { party: department("protection") }, hours(2));
    assert_eq!(case.ticket.department, "legal");
    let nowhere = TicketAct::Move { department: "moon".to_owned() };
    assert_eq!(case.refused("boss", nowhere, hours(2)), "ticket.unknown_word");
}

#[test]
fn an_answered_ticket_is_opened_again_within_seven_days_only() {
    let mut case = Case::open("other");
    assert_eq!(case.refused("agent", TicketAct::Reopen { text: text() }, hours(1)), "ticket.still_open");
    case.must("agent", TicketAct::Resolve { answer: text() }, hours(2));
    assert_eq!(case.refused("agent", TicketAct::Answer { text: text() }, hours(3)), "ticket.finished");
    let end = hours(2).start_of_china_day().plus_secs(8 * 86_400);
    assert_eq!(case.refused("agent", TicketAct::Reopen { text: text() }, end), "ticket.reopen_too_late");
    let events = act(&case.ticket, &Actor::Customer, TicketAct::Reopen { text: text() }, &case.rules, Timestamp(end.0 - 1));
    case.take("agent", &events.expect("a second is left"), Timestamp(end.0 - 1));
    assert!(case.ticket.is_open());
    assert!(case.due(ClockKind::Resolution) > Some(end), "its time begins again");
}

#[test]
fn empty_words_and_impossible_scores_are_refused() {
    let mut case = Case::open("other");
    let blank = || " ".to_owned();
    for act in [
        TicketAct::Answer { text: blank() },
        TicketAct::Note { text: blank() },
        TicketAct::Resolve { answer: blank() },
        TicketAct::Pause { why: PauseReason::Customer, text: blank() },
        TicketAct::Escalate { text: blank() },
    ] {
        assert_eq!(case.refused("agent", act, hours(1)), "ticket.empty");
    }
    assert_eq!(case.refused("agent", TicketAct::Rate { score: 5 }, hours(1)), "ticket.still_open");
    case.must("agent", TicketAct::Resolve { answer: text() }, hours(1));
    for score in [0, 6] {
        assert_eq!(case.refused("agent", TicketAct::Rate { score }, hours(1)), "ticket.score");
    }
    case.must("agent", TicketAct::Rate { score: 5 }, hours(1));
    assert_eq!(case.ticket.rating, Some(5));
}

#[test]
fn a_pause_is_not_doubled_and_only_what_is_paused_resumes() {
    let mut case = Case::open("other");
    let resume = TicketAct::Resume { why: PauseReason::Customer };
    assert_eq!(case.refused("agent", resume.clone(), hours(1)), "ticket.not_paused");
    case.must("agent", pause(PauseReason::Customer), hours(1));
    assert_eq!(case.refused("agent", pause(PauseReason::Customer), hours(1)), "ticket.paused");
    case.must("agent", resume, hours(2));
}

#[test]
fn the_customer_sees_steps_and_no_note_and_no_name() {
    let mut case = Case::open("other");
    case.must("林小雨", TicketAct::Assign { staff: "lin".into(), name: "林小雨".to_owned() }, hours(1));
    case.must("林小雨", TicketAct::Note { text: "客户难缠".to_owned() }, hours(1));
    case.must("林小雨", pause(PauseReason::Customer), hours(1));
    assert_eq!(status(&case.ticket, Lang::En), "Waiting for you");
    case.must("林小雨", TicketAct::Resolve { answer: "已退回".to_owned() }, hours(2));
    let seen: Vec<String> = steps(&case.events, Lang::ZhCn).into_iter().map(|(_, text)| text).collect();
    assert_eq!(seen, ["已受理", "已安排专人处理", "请您补充：流水", "答复：已退回"]);
    let told: Vec<String> = case.events.iter().filter_map(|e| news(&case.ticket, &e.event)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn rules_that_cannot_be_kept_are_problems() {
    assert_eq!(rules().tickets.problems(&rules().calendars), [] as [String; 0]);
    assert_eq!(TicketRules::default().problems(&[]), [] as [String; 0]);
    let mut wrong = rules();
    wrong.tickets.departments[0].alternate = "protection".to_owned();
    wrong.tickets.categories[0].targets.remove(&Priority::Low);
    wrong.tickets.pauses.insert(PauseReason::Customer, vec![ClockKind::Complaint]);
    wrong.tickets.calendar = "moon".to_owned();
    wrong.tickets.escalation[0].at_percent = 0;
    let problems = wrong.tickets.problems(&wrong.calendars);
    assert_eq!(problems.len(), 5, "{problems:?}");
}
