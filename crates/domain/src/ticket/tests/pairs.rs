use super::*;

#[test]
fn a_merged_ticket_leads_to_the_other_and_loses_nothing() {
    let (mut source, mut target) = (Case::open_as("T1", "other", MONDAY), Case::open_as("T2", "complaint", hours(1)));
    source.must("agent", TicketAct::Note { text: text() }, hours(2));
    let (here, there) = merge(&source.ticket, &target.ticket, &by("agent")).expect("of the same customer");
    source.take("agent", &here, hours(3));
    target.take("agent", &there, hours(3));
    assert_eq!(source.ticket.state, TicketState::Merged { into: "T2".into() });
    assert_eq!(target.ticket.conversations, ["cv-T2".into(), "cv-T1".into()]);
    assert_eq!(target.ticket.evidence.len(), 2);
    assert_eq!(source.refused("agent", TicketAct::Resolve { answer: text() }, hours(4)), "ticket.merged");
    assert_eq!(card(&source.ticket, &source.rules, hours(4)).merged_into, Some("T2".into()));
    assert!(merge(&target.ticket, &source.ticket, &by("agent")).is_err());
    assert!(merge(&target.ticket, &target.ticket, &by("agent")).is_err());
}

#[test]
fn a_complaint_keeps_its_limit_when_it_is_merged() {
    let (complaint, plain) = (Case::open_as("T1", "complaint", MONDAY), Case::open_as("T2", "other", MONDAY));
    assert_eq!(merge(&complaint.ticket, &plain.ticket, &by("agent")).expect_err("the limit would be lost").code(), "ticket.pair");
    let mut later = Case::open_as("T3", "complaint", days(5));
    let (_, there) = merge(&complaint.ticket, &later.ticket, &by("agent")).expect("both are complaints");
    later.take("agent", &there, days(5));
    assert_eq!(later.ticket.complaint.as_ref().map(|c| c.received_at), Some(MONDAY), "the earlier holds");
}

#[test]
fn a_part_that_is_split_off_has_its_own_clocks_and_the_complaints_limit() {
    let mut parent = Case::open("complaint");
    let part = TicketForm { title: "征信更正".to_owned(), ..form("complaint") };
    let (event, opening) = split(&parent.ticket, part, &by("agent"), &parent.rules, hours(2)).expect("it is open");
    parent.take("agent", &[event], hours(2));
    assert_eq!(opening.id.as_str(), "T1-S1");
    assert_eq!(opening.complaint_since, Some(MONDAY));
    assert_eq!(opening.promised_by, hours(6));
    let (_, second) = split(&parent.ticket, form("other"), &by("agent"), &parent.rules, hours(3)).expect("it is open");
    assert_eq!((second.id.as_str(), second.complaint_since), ("T1-S2", None));
    assert!(split(&parent.ticket, form("moon"), &by("agent"), &parent.rules, hours(3)).is_err());
}

#[test]
fn a_link_is_seen_from_both_ends_and_made_once() {
    let (mut one, two) = (Case::open_as("T1", "other", MONDAY), Case::open_as("T2", "other", MONDAY));
    let (here, there) = link(&one.ticket, &two.ticket, LinkKind::Blocks, &by("agent")).expect("two tickets");
    assert_eq!(there, [TicketEvent::Linked { to: "T1".into(), link: LinkKind::BlockedBy }]);
    one.take("agent", &here, hours(1));
    assert_eq!(link(&one.ticket, &two.ticket, LinkKind::Blocks, &by("agent")), Ok((Vec::new(), Vec::new())));
    assert!(link(&one.ticket, &one.ticket, LinkKind::Related, &by("agent")).is_err());
    assert!(link(&one.ticket, &two.ticket, LinkKind::SplitInto, &by("agent")).is_err());
}

#[test]
fn whoever_one_of_the_two_is_about_joins_neither() {
    let (mut one, two) = (Case::open_as("T1", "complaint", MONDAY), Case::open_as("T2", "complaint", MONDAY));
    one.must("boss", TicketAct::NameParty { party: Accused::Person { staff: "lin".into(), name: "林".to_owned() } }, hours(1));
    let refused = [
        merge(&two.ticket, &one.ticket, &by("lin")).map(drop),
        link(&two.ticket, &one.ticket, LinkKind::Related, &by("lin")).map(drop),
        split(&one.ticket, form("complaint"), &by("lin"), &one.rules, hours(2)).map(drop),
    ];
    for refusal in refused {
        assert_eq!(refusal.expect_err("it is about her").code(), "ticket.conflict_of_interest");
    }
}
