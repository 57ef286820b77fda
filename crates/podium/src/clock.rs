//! The one place that reads the clock.

use jiff::Timestamp;

use crate::usage::Day;

/// Tells the time; exchanged in tests.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// The present UTC day, whatever the machine's zone.
    fn today(&self) -> Day {
        Day::of(self.now())
    }
}

/// The machine's clock, in whole milliseconds.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
