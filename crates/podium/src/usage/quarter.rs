//! Quarter hours: the unit in which requests are counted when it matters when they happened.
//!
//! Every IANA zone's offset is a multiple of 15 minutes (for all dates that gateways know), so
//! local hours and days are sums of whole quarter hours.

use std::ops::Range;

use jiff::Timestamp;

use super::{Day, DayRange};

/// Seconds of a quarter hour.
const SECONDS: i64 = 900;

/// A quarter hour, counted from 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(pub i64);

impl Quarter {
    /// Quarter hours of a UTC day.
    pub const PER_DAY: i64 = 96;

    /// The quarter hour that holds `instant`.
    pub fn of(instant: Timestamp) -> Self {
        Self(instant.as_second().div_euclid(SECONDS))
    }

    /// The first quarter hour of a UTC day.
    pub fn first_of(day: Day) -> Self {
        Self(Self::of(day.end()).0 - Self::PER_DAY)
    }

    /// When it begins.
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(SECONDS)).unwrap_or(Timestamp::MAX)
    }

    /// The UTC day it lies in.
    pub fn day(self) -> Day {
        Day::of(self.start())
    }
}

/// The quarter hours of a UTC day.
pub fn quarters_of(day: Day) -> Range<Quarter> {
    let first = Quarter::first_of(day);
    first..Quarter(first.0 + Quarter::PER_DAY)
}

/// The quarter hours of UTC days.
pub fn quarters_of_days(days: DayRange) -> Range<Quarter> {
    quarters_of(days.first()).start..quarters_of(days.last()).end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_belong_to_the_day_they_lie_in() {
        let day = Day::new(2026, 11, 24).expect("a day");
        let Range { start, end } = quarters_of(day);
        assert_eq!(start.start().to_string(), "2026-11-24T00:00:00Z");
        assert_eq!(end.start().to_string(), "2026-11-25T00:00:00Z");
        assert_eq!((start.day(), Quarter(end.0 - 1).day()), (day, day));
        let before_1970 = "1969-12-31T23:59:59Z".parse().expect("a time");
        assert_eq!(Quarter::of(before_1970), Quarter(-1));
    }
}
