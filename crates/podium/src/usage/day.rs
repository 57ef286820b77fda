//! A day of usage: a UTC calendar day, the unit in which the gateway counts.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// One UTC calendar day between 0001-01-01 and 9999-12-31; shown as `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(Date);

/// The text is not a date of the form `YYYY-MM-DD`, or there is no such day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Date must be in YYYY-MM-DD format")]
pub struct InvalidDay;

impl Day {
    /// 0001-01-02, the first day that has a day before it.
    pub const FIRST_WITH_DAY_BEFORE: Self = Self(jiff::civil::date(1, 1, 2));

    /// The day of `year`-`month`-`day`, if it exists and lies in years 1 to 9999.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = Date::new(year, month, day).ok()?;
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// The day as a calendar date.
    pub fn date(self) -> Date {
        self.0
    }

    /// Days since 1970-01-01.
    pub fn days_since_1970(self) -> i32 {
        let epoch = Date::constant(1970, 1, 1);
        self.0.since((jiff::Unit::Day, epoch)).map_or(0, |span| span.get_days())
    }

    /// The UTC day that holds `instant`, whatever the machine's zone.
    pub fn of(instant: Timestamp) -> Self {
        Self(instant.to_zoned_datetime(TimeZone::UTC).date())
    }

    /// The calendar day in a zone that holds `instant`.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        Self(zone.to_datetime(instant).date())
    }

    /// Reads a date as people type it into a query: four ASCII digits of the year, then
    /// month and day of one or two digits, leading zeros optional, nothing around it.
    pub fn parse(text: &str) -> Result<Self, InvalidDay> {
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidDay);
        };
        let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| -> Option<i16> {
            let well_formed =
                lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            well_formed.then(|| digits.parse().ok()).flatten()
        };
        let (Some(year), Some(month), Some(day)) =
            (number(year, 4..=4), number(month, 1..=2), number(day, 1..=2))
        else {
            return Err(InvalidDay);
        };
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
            return Err(InvalidDay);
        };
        Self::new(year, month, day).ok_or(InvalidDay)
    }

    /// The day before, unless this is 0001-01-01.
    pub fn previous(self) -> Option<Self> {
        self.0.yesterday().ok().filter(|date| date.year() >= 1).map(Self)
    }

    /// The day after, unless this is 9999-12-31.
    pub fn next(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    /// The day `days` days earlier, or the first day there is.
    pub fn minus(self, days: u32) -> Self {
        const MOST_DAYS: u32 = 3_652_058;
        let first = Self(jiff::civil::date(1, 1, 1));
        self.0
            .checked_sub(i64::from(days.min(MOST_DAYS)).days())
            .map_or(first, |date| Self(date).max(first))
    }

    /// The instant at which the day is over: the next day's midnight in UTC.
    pub fn end(self) -> Timestamp {
        self.0
            .tomorrow()
            .ok()
            .and_then(|date| date.to_zoned_datetime(TimeZone::UTC).ok())
            .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// At least one day: `first` to `last`, both inclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    first: Day,
    last: Day,
}

impl DayRange {
    /// The days from `first` to `last`, unless `last` lies before `first`.
    pub fn new(first: Day, last: Day) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Just `day`.
    pub fn single(day: Day) -> Self {
        Self { first: day, last: day }
    }

    /// The `days` days (at least one) that end with `last`.
    pub fn ending(last: Day, days: u32) -> Self {
        Self { first: last.minus(days.saturating_sub(1)), last }
    }

    /// The oldest day.
    pub fn first(self) -> Day {
        self.first
    }

    /// The newest day.
    pub fn last(self) -> Day {
        self.last
    }

    /// How many days the range has.
    pub fn day_count(self) -> usize {
        let span = self.last.0.duration_since(self.first.0).as_secs() / 86_400;
        usize::try_from(span).map_or(1, |days| days + 1)
    }

    /// Whether `day` is one of the range's days.
    pub fn contains(self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The days from the newest to the oldest.
    pub fn newest_first(self) -> impl Iterator<Item = Day> {
        let mut next = Some(self.last);
        std::iter::from_fn(move || {
            let day = next.filter(|day| *day >= self.first)?;
            next = day.previous();
            Some(day)
        })
    }

    /// The part of the range that is not older than `first`, if any.
    pub fn from(self, first: Day) -> Option<Self> {
        Self::new(self.first.max(first), self.last)
    }

    /// The newest part of the range, at most `days` days long.
    pub fn newest(self, days: u32) -> Self {
        Self { first: self.first.max(Self::ending(self.last, days).first), last: self.last }
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

impl fmt::Debug for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
