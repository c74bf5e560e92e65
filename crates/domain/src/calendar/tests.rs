use super::*;
use proptest::prelude::*;

fn calendar(yaml_like: CalendarText) -> Calendar {
    yaml_like.into()
}

fn shift(text: &str) -> Shift {
    Shift::try_from(text.to_owned()).expect("a readable shift")
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// China time, as `2026-02-13 17:30`.
fn china(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').expect("a day and a time");
    let minute = minute(time).expect("a time");
    Timestamp(date_number(date(day)) * DAY_MS - CHINA_MS + minute * 60_000)
}

fn text(week: Week) -> CalendarText {
    CalendarText {
        id: "office".to_owned(),
        title: Localized::new("工作日", "working days"),
        week,
        holidays: Vec::new(),
        make_up: MakeUp::default(),
    }
}

/// Monday to Friday in two shifts, spring festival and its make-up days of 2026.
fn office() -> Calendar {
    let day = || vec![shift("13:30-18:00"), shift("09:00-12:00")];
    let week = Week { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), ..Week::default() };
    let festival =
        Holiday { name: Localized::new("春节", "Spring Festival"), from: date("2026-02-15"), to: date("2026-02-23") };
    let make_up = MakeUp { shifts: day(), days: vec![date("2026-02-14"), date("2026-02-28")] };
    calendar(CalendarText { holidays: vec![festival], make_up, ..text(week) })
}

/// Every night from Friday to Sunday, past midnight; Sunday's goes on into Monday.
fn nights() -> Calendar {
    let night = || vec![shift("22:00-06:00")];
    calendar(text(Week { fri: night(), sat: night(), sun: night(), ..Week::default() }))
}

/// Shifts that overlap on a day and across midnight.
fn crowded() -> Calendar {
    let day = || vec![shift("08:00-20:00"), shift("12:00-08:00"), shift("07:00-09:00")];
    let week = Week { mon: day(), tue: day(), sun: vec![shift("23:00-07:30")], ..Week::default() };
    let festival = Holiday { name: Localized::new("假", "holiday"), from: date("2026-02-16"), to: date("2026-02-17") };
    calendar(CalendarText { holidays: vec![festival], ..text(week) })
}

fn round_the_clock() -> Calendar {
    let day = || vec![shift("00:00-24:00")];
    calendar(text(Week { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), sat: day(), sun: day() }))
}

/// One make-up day is the only time that anybody ever works.
fn once() -> Calendar {
    let make_up = MakeUp { shifts: vec![shift("09:00-10:00")], days: vec![date("2026-02-14")] };
    calendar(CalendarText { make_up, ..text(Week::default()) })
}

#[test]
fn an_opening_includes_its_first_instant_and_not_its_last() {
    let cases = [
        ("2026-02-13 08:59", false), // Friday
        ("2026-02-13 09:00", true),
        ("2026-02-13 12:00", false),
        ("2026-02-13 13:30", true),
        ("2026-02-13 18:00", false),
        ("2026-02-14 09:00", true),  // a make-up Saturday
        ("2026-02-16 10:00", false), // the festival's Monday
        ("2026-02-23 10:00", false),
        ("2026-02-24 10:00", true),
        ("2026-03-01 10:00", false), // an ordinary Sunday
    ];
    for (at, open) in cases {
        assert_eq!(office().is_open(china(at)), open, "{at}");
    }
    for (at, open) in [("2026-02-16 05:59", true), ("2026-02-16 06:00", false), ("2026-02-16 22:00", false)] {
        assert_eq!(nights().is_open(china(at)), open, "{at}");
    }
}

#[test]
fn working_time_goes_on_after_the_holiday() {
    let office = office();
    let friday = china("2026-02-13 17:00");
    // One hour on Friday, seven and a half on the make-up Saturday, then Tuesday the 24th.
    assert_eq!(office.add_working_secs(friday, 3_600), Some(china("2026-02-13 18:00")));
    assert_eq!(office.add_working_secs(friday, 3_601), Some(Timestamp(china("2026-02-14 09:00").0 + 1000)));
    assert_eq!(office.add_working_secs(friday, 9 * 3_600), Some(china("2026-02-24 09:30")));
    assert_eq!(office.working_secs_between(friday, china("2026-02-24 09:30")), 9 * 3_600);
    assert_eq!(office.next_open(china("2026-02-15 10:00")), Some(china("2026-02-24 09:00")));
}

#[test]
fn a_shift_past_midnight_belongs_to_the_day_on_which_it_starts() {
    let mut sunday_off = nights().text;
    sunday_off.holidays =
        vec![Holiday { name: Localized::new("假", "holiday"), from: date("2026-02-15"), to: date("2026-02-15") }];
    let sunday_off = calendar(sunday_off);
    assert!(sunday_off.is_open(china("2026-02-15 05:00")), "Saturday's night goes on into the holiday");
    assert!(!sunday_off.is_open(china("2026-02-15 23:00")), "Sunday's own night is off");
    assert!(!sunday_off.is_open(china("2026-02-16 05:00")));
}

#[test]
fn shifts_that_overlap_count_once() {
    // Monday 2026-03-02 07:00 to Wednesday 2026-03-04 08:00 is one opening, from Sunday's 23:00 on.
    let (from, to) = (china("2026-03-01 23:00"), china("2026-03-04 08:00"));
    assert_eq!(crowded().working_secs_between(from, to), (57 * 3_600));
    assert_eq!(crowded().working_secs_between(china("2026-03-01 00:00"), china("2026-03-08 00:00")), 57 * 3_600);
}

#[test]
fn a_calendar_without_open_hours_says_so_and_gives_no_deadline() {
    let closed = calendar(text(Week::default()));
    let now = china("2026-02-13 12:00");
    assert_eq!(closed.next_open(now), None);
    assert_eq!(closed.add_working_secs(now, 1), None);
    assert_eq!(closed.working_secs_between(now, china("2027-02-13 12:00")), 0);
    assert_eq!(closed.problems().len(), 1, "{:?}", closed.problems());
    assert_eq!(once().add_working_secs(now, 3_600), Some(china("2026-02-14 10:00")));
    assert_eq!(once().add_working_secs(now, 3_601), None);
    assert_eq!(once().next_open(china("2026-02-14 10:00")), None);
    assert_eq!(once().problems(), [] as [String; 0]);
}

#[test]
fn what_cannot_be_meant_is_a_problem() {
    assert_eq!(office().problems(), [] as [String; 0]);
    assert!(crowded().problems()[0].contains("overlap"), "{:?}", crowded().problems());
    let mut wrong = office().text;
    wrong.holidays[0].to = date("2026-02-14");
    wrong.make_up.shifts.clear();
    let problems = calendar(wrong).problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("Spring Festival"), "{problems:?}");
}

#[test]
fn shifts_are_read_and_written() {
    for written in ["09:00-12:00", "22:00-06:00", "00:00-24:00", "18:00-24:00", "09:00-09:00"] {
        assert_eq!(String::from(shift(written)), written);
    }
    for unreadable in ["", "9-12", "24:00-06:00", "09:60-10:00", "09:00", "09:00-25:00", "-1:00-02:00"] {
        assert!(Shift::try_from(unreadable.to_owned()).is_err(), "{unreadable}");
    }
}

#[test]
fn absurd_spans_end() {
    let now = china("2026-02-13 12:00");
    for calendar in [office(), nights(), crowded(), round_the_clock(), once()] {
        assert_eq!(calendar.add_working_secs(now, i64::MAX), None);
        assert_eq!(calendar.next_open(Timestamp(i64::MAX)), None);
        assert_eq!(calendar.next_open(Timestamp(i64::MIN + 1)), None);
        assert!(calendar.working_ms_between(now, Timestamp(i64::MAX)) > 0);
    }
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    prop_oneof![Just(office()), Just(nights()), Just(crowded()), Just(round_the_clock())]
}

/// Three months around the festival, to the millisecond.
fn instant() -> impl Strategy<Value = Timestamp> {
    (china("2026-01-05 00:00").0..china("2026-04-05 00:00").0).prop_map(Timestamp)
}

proptest! {
    #[test]
    fn adding_and_measuring_are_inverse(calendar in any_calendar(), at in instant(), ms in 0..200 * HOUR_MS) {
        let until = calendar.add_working_ms(at, ms).expect("there are open hours");
        prop_assert_eq!(calendar.working_ms_between(at, until), ms);
        prop_assert!(until >= at);
        if ms > 0 {
            // The first such instant: one millisecond less has not been enough.
            prop_assert_eq!(calendar.working_ms_between(at, Timestamp(until.0 - 1)), ms - 1);
        }
    }

    #[test]
    fn a_deadline_is_never_in_a_closed_time(calendar in any_calendar(), at in instant(), ms in 0..200 * HOUR_MS) {
        let until = calendar.add_working_ms(at, ms).expect("there are open hours");
        prop_assert!(calendar.is_open(until) || calendar.is_open(Timestamp(until.0 - 1)), "{:?}", until);
    }

    #[test]
    fn more_work_or_a_later_start_never_ends_earlier(
        calendar in any_calendar(), at in instant(), later in 0..30 * DAY_MS, ms in 0..100 * HOUR_MS, more in 0..100 * HOUR_MS,
    ) {
        let until = calendar.add_working_ms(at, ms);
        prop_assert!(calendar.add_working_ms(at, ms + more) >= until);
        prop_assert!(calendar.add_working_ms(Timestamp(at.0 + later), ms) >= until);
    }

    #[test]
    fn parts_of_an_interval_add_up(calendar in any_calendar(), a in instant(), b in instant(), c in instant()) {
        let mut ends = [a, b, c];
        ends.sort();
        let [a, b, c] = ends;
        let parts = calendar.working_ms_between(a, b) + calendar.working_ms_between(b, c);
        prop_assert_eq!(parts, calendar.working_ms_between(a, c));
        prop_assert!(parts <= c.0 - a.0);
        prop_assert_eq!(calendar.working_ms_between(c, a), 0);
    }

    #[test]
    fn measuring_agrees_with_counting_minutes(calendar in any_calendar(), at in instant(), minutes in 0..20_000_i64) {
        let start = Timestamp(at.0 - at.0.rem_euclid(60_000));
        let counted = (0..minutes).filter(|m| calendar.is_open(Timestamp(start.0 + m * 60_000))).count() as i64;
        prop_assert_eq!(calendar.working_ms_between(start, Timestamp(start.0 + minutes * 60_000)), counted * 60_000);
    }
}
