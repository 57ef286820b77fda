//! Local days, weeks and hours as ranges of quarter hours.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};

use super::{Day, DayRange, Quarter};

/// How usage is told apart by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grain {
    /// Not at all.
    Total,
    /// 15 minutes.
    Quarter,
    /// An hour of the clock.
    Hour,
    /// A calendar day.
    Day,
    /// A week.
    Week(WeekStart),
    /// A calendar month.
    Month,
    /// The hour of the clock, whatever the day.
    HourOfDay,
    /// The weekday and the hour of the clock, whatever the week.
    WeekdayHour,
}

/// The day on which weeks begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in North America.
    Sunday,
}

impl Grain {
    /// All of them.
    pub fn all(week: WeekStart) -> [Self; 8] {
        [
            Self::Total,
            Self::Quarter,
            Self::Hour,
            Self::Day,
            Self::Week(week),
            Self::Month,
            Self::HourOfDay,
            Self::WeekdayHour,
        ]
    }

    /// Whether a bucket is a day or more.
    pub fn is_of_days(self) -> bool {
        matches!(self, Self::Total | Self::Day | Self::Week(_) | Self::Month)
    }

    /// Its name in parameters and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week(_) => "1w",
            Self::Month => "1mo",
            Self::HourOfDay => "hour_of_day",
            Self::WeekdayHour => "weekday_hour",
        }
    }
}

/// One bucket of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// When it begins, in its zone.
    pub start: ZonedDateTime,
    /// When it ends, in its zone.
    pub end: ZonedDateTime,
    /// The first day that counts in it; buckets at the ends of a range may be cut.
    pub first: Day,
    /// The last day that counts in it.
    pub last: Day,
}

impl Bucket {
    /// The quarter hours from its start to its end.
    pub fn quarters(&self) -> Range<Quarter> {
        Quarter::of(self.start.timestamp())..quarter_after(self.end.timestamp())
    }
}

/// An instant as RFC 3339 with its zone's offset, to the second.
pub fn iso(at: &ZonedDateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The quarter hour that begins at `instant` or next after it.
fn quarter_after(instant: Timestamp) -> Quarter {
    let quarter = Quarter::of(instant);
    if quarter.start() < instant { Quarter(quarter.0 + 1) } else { quarter }
}

/// Midnight of a calendar day in a zone, or what comes right after it where a clock skips it.
fn midnight(date: Date, zone: &TimeZone) -> ZonedDateTime {
    date.to_zoned_datetime(zone.clone())
        .unwrap_or_else(|_| Timestamp::MAX.to_zoned_datetime(zone.clone()))
}

/// The quarter hours of a local day.
pub fn quarters_of_local_day(day: Day, zone: &TimeZone) -> Range<Quarter> {
    let (start, end) = bounds(day, zone);
    Quarter::of(start.timestamp())..quarter_after(end.timestamp())
}

/// When a local day begins and ends.
fn bounds(day: Day, zone: &TimeZone) -> (ZonedDateTime, ZonedDateTime) {
    let end = day.date().tomorrow().map_or_else(
        |_| Timestamp::MAX.to_zoned_datetime(zone.clone()),
        |date| midnight(date, zone),
    );
    (midnight(day.date(), zone), end)
}

/// The local days of `range` in buckets, oldest first and without gaps; `None` if there are more
/// than `most`.
pub fn buckets(range: DayRange, grain: Grain, zone: &TimeZone, most: usize) -> Option<Vec<Bucket>> {
    let mut buckets = Vec::new();
    let mut next = Some(range.first());
    while let Some(first) = next.filter(|day| *day <= range.last()) {
        let last = last_of(first, grain, range).min(range.last());
        let (start, end) = (bounds(first, zone).0, bounds(last, zone).1);
        match grain {
            Grain::Quarter | Grain::Hour => {
                let mut start = start;
                while start < end {
                    let next = step(&start, grain).min(end.clone());
                    buckets.push(Bucket { start, end: next.clone(), first, last });
                    start = next;
                    if buckets.len() > most {
                        return None;
                    }
                }
            }
            _ => buckets.push(Bucket { start, end, first, last }),
        }
        if buckets.len() > most {
            return None;
        }
        next = last.next();
    }
    Some(buckets)
}

/// The end of the bucket that begins at `start`. Where a clock is put forward or back by half an
/// hour, an hour's bucket ends with the next full hour of the clock.
fn step(start: &ZonedDateTime, grain: Grain) -> ZonedDateTime {
    let minutes: i64 = match grain {
        Grain::Quarter => 15,
        _ => 60 - i64::from(start.minute()) % 60,
    };
    start.checked_add(minutes.minutes()).unwrap_or_else(|_| start.clone())
}

/// The last day of the bucket that `day` is in.
fn last_of(day: Day, grain: Grain, range: DayRange) -> Day {
    let date = day.date();
    let last = match grain {
        Grain::Total => return range.last(),
        Grain::Week(WeekStart::Monday) => {
            date.checked_add((6 - i64::from(date.weekday().to_monday_zero_offset())).days())
        }
        Grain::Week(WeekStart::Sunday) => {
            date.checked_add((6 - i64::from(date.weekday().to_sunday_zero_offset())).days())
        }
        Grain::Month => Ok(date.last_of_month()),
        _ => Ok(date),
    };
    let last = last.unwrap_or(date);
    Day::new(last.year(), last.month(), last.day()).unwrap_or(day)
}

/// The hour of the clock (0 to 23) in which a quarter hour begins, and its weekday (1: Monday).
pub fn clock_of(quarter: Quarter, zone: &TimeZone) -> (i8, i8) {
    let local = zone.to_datetime(quarter.start());
    (local.hour(), local.weekday().to_monday_one_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone")
    }

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn starts(range: DayRange, grain: Grain, name: &str) -> Vec<String> {
        let buckets = buckets(range, grain, &zone(name), 1_000).expect("not too many");
        assert!(buckets.windows(2).all(|pair| pair[0].end == pair[1].start), "no gaps");
        buckets.iter().map(|bucket| bucket.start.strftime("%FT%H:%M%:z").to_string()).collect()
    }

    #[test]
    fn days_have_23_and_25_hours_when_clocks_are_changed() {
        let berlin = zone("Europe/Berlin");
        for (date, quarters) in [("2026-03-29", 92), ("2026-10-25", 100), ("2026-11-24", 96)] {
            let Range { start, end } = quarters_of_local_day(day(date), &berlin);
            assert_eq!(end.0 - start.0, quarters, "{date}");
        }
        let autumn = starts(DayRange::single(day("2026-10-25")), Grain::Hour, "Europe/Berlin");
        assert_eq!(autumn.len(), 25);
        assert_eq!(autumn[2..4], ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]);
        assert_eq!(
            starts(DayRange::single(day("2026-03-29")), Grain::Hour, "Europe/Berlin").len(),
            23
        );
    }

    #[test]
    fn odd_zones_are_made_of_whole_quarters() {
        let kathmandu = quarters_of_local_day(day("2026-01-01"), &zone("Asia/Kathmandu"));
        assert_eq!(kathmandu.start.start().to_string(), "2025-12-31T18:15:00Z");
        // Put back by half an hour at two.
        let lord_howe =
            starts(DayRange::single(day("2026-04-05")), Grain::Hour, "Australia/Lord_Howe");
        assert_eq!(
            lord_howe[1..4],
            ["2026-04-05T01:00+11:00", "2026-04-05T01:30+10:30", "2026-04-05T02:00+10:30"]
        );
        // Its clocks go forward at midnight.
        let beirut = starts(DayRange::single(day("2026-03-29")), Grain::Hour, "Asia/Beirut");
        assert_eq!(beirut[0], "2026-03-29T01:00+03:00");
    }

    #[test]
    fn weeks_begin_on_monday_and_are_cut_at_the_ends() {
        let range = DayRange::new(day("2026-11-25"), day("2026-12-08")).expect("in order");
        let weeks =
            buckets(range, Grain::Week(WeekStart::Monday), &TimeZone::UTC, 10).expect("few");
        let days: Vec<String> =
            weeks.iter().map(|week| format!("{}..{}", week.first, week.last)).collect();
        assert_eq!(
            days,
            ["2026-11-25..2026-11-29", "2026-11-30..2026-12-06", "2026-12-07..2026-12-08"]
        );
        let weeks =
            buckets(range, Grain::Week(WeekStart::Sunday), &TimeZone::UTC, 10).expect("few");
        let firsts: Vec<String> = weeks.iter().map(|week| week.first.to_string()).collect();
        assert_eq!(firsts, ["2026-11-25", "2026-11-29", "2026-12-06"]);
        assert_eq!(
            buckets(range, Grain::Total, &TimeZone::UTC, 1).expect("one")[0].last,
            day("2026-12-08")
        );
        assert_eq!(buckets(range, Grain::Month, &TimeZone::UTC, 10).expect("few").len(), 2);
        assert_eq!(buckets(range, Grain::Quarter, &TimeZone::UTC, 1_000), None, "too many");
    }
}
