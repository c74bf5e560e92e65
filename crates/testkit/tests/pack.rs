//! What the starter pack's service folder says, read as the server reads it.

use jieti_domain::time::Timestamp;
use jieti_testkit::repository;

/// Two in the afternoon in China.
fn afternoon(day: &str) -> Timestamp {
    Timestamp(format!("{day}T06:00:00Z").parse::<jiff::Timestamp>().expect("a day").as_millisecond())
}

#[test]
fn the_office_calendar_has_the_holidays_and_make_up_days_of_2026() {
    let service = repository::service().expect("the pack's service folder is sound");
    let office = service.calendar("office").expect("the pack has an office calendar");
    let off = ["2026-01-01", "2026-02-16", "2026-02-23", "2026-04-06", "2026-05-05", "2026-06-19", "2026-09-25", "2026-10-07"];
    for day in off {
        assert!(!office.is_open(afternoon(day)), "{day}");
    }
    let on = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10", "2026-10-08"];
    for day in on {
        assert!(office.is_open(afternoon(day)), "{day}");
    }
}

#[test]
fn the_service_shifts_never_close() {
    let service = repository::service().expect("the pack's service folder is sound");
    for id in ["always", "service"] {
        let calendar = service.calendar(id).expect("the pack has this calendar");
        let week_secs = 7 * 86_400;
        assert_eq!(calendar.working_secs_between(afternoon("2026-02-16"), afternoon("2026-02-23")), week_secs, "{id}");
    }
}
