//! Where the simulator takes its time from.

use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// A source of the current time; decides which day is today, always in UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[allow(clippy::disallowed_methods, reason = "the one place where the system's clock is read")]
    pub fn system() -> Clock {
        Clock(Arc::new(Timestamp::now))
    }

    /// A clock that stands still.
    pub fn fixed(now: Timestamp) -> Clock {
        Clock(Arc::new(move || now))
    }

    /// A clock that stands at noon UTC of a day.
    pub fn noon(day: Date) -> Clock {
        Clock::fixed(start_of(day) + SignedDuration::from_hours(12))
    }

    /// A clock that a test moves by itself.
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// The current UTC date.
    pub fn today(&self) -> Date {
        utc_date(self.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The UTC date a time falls on.
pub(crate) fn utc_date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// Midnight UTC with which a day begins.
pub(crate) fn start_of(day: Date) -> Timestamp {
    let midnight = day.to_datetime(Time::midnight());
    Offset::UTC
        .to_timestamp(midnight)
        .expect("midnight UTC exists on every date but the calendar's last ones")
}
