use super::*;
use crate::ticket::complaint::ComplaintEnd;

const LAST_MS: i64 = -1;

/// The end of the last of these days after the complaint came in, in China.
fn limit(days_after: i64) -> Timestamp {
    MONDAY.start_of_china_day().plus_secs((days_after + 1) * 86_400)
}

fn just_before(at: Timestamp) -> Timestamp {
    Timestamp(at.0 + LAST_MS)
}

#[test]
fn a_complaint_has_fifteen_days_thirty_if_complex_and_thirty_more() {
    let mut case = Case::open("complaint");
    let days = |case: &Case| case.ticket.complaint.as_ref().map(|c| (c.days(), c.limit()));
    assert_eq!(days(&case), Some((15, limit(15))));
    case.must("agent", TicketAct::MarkComplex { text: text() }, just_before(limit(15)));
    assert_eq!(days(&case), Some((30, limit(30))));
    case.must("agent", TicketAct::AskExtension { text: text() }, just_before(limit(30)));
    assert_eq!(days(&case), Some((30, limit(30))), "asking lengthens nothing");
    case.must("boss", TicketAct::ApproveExtension, just_before(limit(30)));
    assert_eq!(days(&case), Some((30, limit(30))), "nor does approval that the customer does not know of");
    case.must("agent", TicketAct::GiveNotice { how: "电话".to_owned() }, just_before(limit(30)));
    assert_eq!(days(&case), Some((60, limit(60))));
    assert!(!case.ticket.complaint.as_ref().is_some_and(|c| c.is_over(just_before(limit(60)))));
    assert!(case.ticket.complaint.as_ref().is_some_and(|c| c.is_over(limit(60))));
}

#[test]
fn what_comes_after_the_limit_is_too_late() {
    let mut case = Case::open("complaint");
    assert_eq!(case.refused("agent", TicketAct::MarkComplex { text: text() }, limit(15)), "ticket.limit_passed");
    case.must("agent", TicketAct::MarkComplex { text: text() }, just_before(limit(15)));
    assert_eq!(case.refused("agent", TicketAct::AskExtension { text: text() }, limit(30)), "ticket.limit_passed");
    case.must("agent", TicketAct::AskExtension { text: text() }, just_before(limit(30)));
    assert_eq!(case.refused("boss", TicketAct::ApproveExtension, limit(30)), "ticket.limit_passed");
    case.must("boss", TicketAct::ApproveExtension, just_before(limit(30)));
    assert_eq!(case.refused("agent", TicketAct::GiveNotice { how: text() }, limit(30)), "ticket.limit_passed");
}

#[test]
fn an_extension_needs_another_person_and_its_order() {
    let mut case = Case::open("complaint");
    let ask = TicketAct::AskExtension { text: text() };
    assert_eq!(case.refused("agent", ask.clone(), days(1)), "ticket.extension", "complex first");
    case.must("agent", TicketAct::MarkComplex { text: text() }, days(1));
    assert_eq!(case.refused("boss", TicketAct::ApproveExtension, days(1)), "ticket.extension", "nobody asked");
    assert_eq!(case.refused("agent", TicketAct::GiveNotice { how: text() }, days(1)), "ticket.extension");
    case.must("agent", ask.clone(), days(1));
    assert_eq!(case.refused("agent", ask, days(1)), "ticket.extension", "there is only one");
    assert_eq!(case.refused("agent", TicketAct::ApproveExtension, days(1)), "ticket.same_person");
    case.must("agent", TicketAct::Assign { staff: "boss".into(), name: "何静".to_owned() }, days(1));
    assert_eq!(case.refused("boss", TicketAct::ApproveExtension, days(1)), "ticket.same_person", "the handler");
    case.must("admin", TicketAct::ApproveExtension, days(1));
}

#[test]
fn a_pause_does_not_stop_the_law() {
    let mut case = Case::open("complaint");
    case.must("agent", pause(PauseReason::Customer), hours(1));
    let card = card(&case.ticket, &case.rules, hours(1));
    assert_eq!(card.due(), Some(limit(15)));
    let mut plain = Case::open("other");
    assert_eq!(plain.refused("agent", TicketAct::MarkComplex { text: text() }, hours(1)), "ticket.no_complaint");
}

#[test]
fn withdrawal_ends_the_limit_and_reopening_begins_a_new_one() {
    let mut case = Case::open("complaint");
    case.must("agent", TicketAct::Withdraw { text: text() }, days(3));
    let ended = case.ticket.complaint.as_ref().and_then(|c| c.ended);
    assert_eq!(ended, Some((days(3), ComplaintEnd::Withdrawn)));
    assert!(case.ticket.complaint.as_ref().is_some_and(|c| !c.is_over(days(90))));
    assert_eq!(card(&case.ticket, &case.rules, days(3)).due(), None);
    case.must("agent", TicketAct::Reopen { text: text() }, days(4));
    assert_eq!(case.ticket.complaint.as_ref().map(|c| c.received_at), Some(days(4)));
}

#[test]
fn lengthening_rings_again_at_the_new_times() {
    let mut case = Case::open("complaint");
    let reached = |percent| TicketAct::ClockReached { clock: ClockKind::Complaint, percent };
    let at = case.ticket.complaint.as_ref().expect("a complaint").reaches_percent(75);
    assert_eq!(case.act("agent", reached(75), at).map(|e| e.len()), Ok(1));
    case.must("agent", TicketAct::MarkComplex { text: text() }, at);
    let alarms = next_alarms(&case.ticket, &case.rules);
    let next = alarms.iter().find(|(clock, percent, _)| *clock == ClockKind::Complaint && *percent == 75);
    assert!(next.is_some_and(|(.., when)| *when > at), "{alarms:?}");
}
