use super::*;

fn day(text: &str) -> Day {
    Day::parse(text).expect("a valid test date")
}

#[test]
fn leading_zeros_are_optional_and_the_canonical_form_has_them() {
    assert_eq!(day("2026-1-5").to_string(), "2026-01-05");
    assert_eq!(day("2026-01-05"), day("2026-1-05"));
    assert_eq!(day("0001-01-02").to_string(), "0001-01-02");
}

#[test]
fn anything_but_a_date_is_refused() {
    for text in [
        "",
        " ",
        "2026",
        "2026-01",
        "2026-01-01-01",
        "2026.01.01",
        "2026/01/01",
        "20260101",
        "26-01-01",
        "02026-01-01",
        "2026-001-01",
        "2026-01-001",
        "2026-13-01",
        "2026-00-10",
        "2026-02-29",
        "2026-04-31",
        "2026-01-00",
        "0000-01-01",
        "-2026-01-01",
        "+2026-01-01",
        "2026--1-01",
        "2026-01-01 ",
        " 2026-01-01",
        "2026-01-01T00:00:00",
        "２０２６-０１-０１",
        "٢٠٢٦-٠١-٠١",
        "2026-01-1x",
        "today",
        "2026−01−01",
        "2026-+1-01",
    ] {
        assert_eq!(Day::parse(text), Err(InvalidDay), "{text:?}");
    }
}

#[test]
fn the_calendar_has_ends() {
    assert_eq!(day("0001-01-01").previous(), None);
    assert_eq!(day("0001-01-02").previous(), Some(day("0001-01-01")));
    assert_eq!(day("9999-12-31").next(), None);
    assert_eq!(day("2026-01-01").minus(u32::MAX), day("0001-01-01"));
}

#[test]
fn a_range_counts_and_walks_its_days() {
    let range = DayRange::new(day("2024-02-27"), day("2024-03-01")).expect("in order");
    assert_eq!(range.day_count(), 4);
    let days: Vec<String> = range.newest_first().map(|day| day.to_string()).collect();
    assert_eq!(days, ["2024-03-01", "2024-02-29", "2024-02-28", "2024-02-27"]);
    assert_eq!(range.newest(2).first(), day("2024-02-29"));
    assert_eq!(range.newest(9), range);
    assert_eq!(DayRange::new(day("2024-03-02"), day("2024-03-01")), None);
    let all = DayRange::new(day("0001-01-01"), day("9999-12-31")).expect("in order");
    assert_eq!(all.day_count(), 3_652_059);
}

#[test]
fn days_are_utc_days() {
    let instant: Timestamp = "2026-11-24T00:30:00+02:00".parse().expect("a timestamp");
    assert_eq!(Day::of(instant), day("2026-11-23"));
    assert_eq!(day("2026-11-23").end().to_string(), "2026-11-24T00:00:00Z");
}
