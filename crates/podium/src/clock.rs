//! The one place that reads the clock.

use std::ops::Add;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::usage::Day;

/// Tells the time; exchanged in tests.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// The present moment, which never lies before an earlier one, whatever becomes of the
    /// machine's date.
    fn moment(&self) -> Moment;

    /// The present UTC day, whatever the machine's zone.
    fn today(&self) -> Day {
        Day::of(self.now())
    }

    /// How much time passed since an earlier moment of this clock.
    fn since(&self, earlier: Moment) -> Duration {
        self.moment().since(earlier)
    }
}

/// A point in time that says nothing by itself, only how far it is from others of the same clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Instant);

impl Moment {
    /// How much time lies between `earlier` and this; none where it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

/// The machine's clock, in whole milliseconds.
#[derive(Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// As exact as the machine has it, for what takes less than a millisecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn exact() -> Timestamp {
        Timestamp::now()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Self::exact();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    fn moment(&self) -> Moment {
        Moment(Instant::now())
    }
}
