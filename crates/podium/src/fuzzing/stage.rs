//! Where targets play: one day, one moment, one runtime.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::clock::{Clock, Moment, SystemClock};
use crate::usage::Day;

/// The day that answers are about.
pub(super) const DAY: &str = "2026-11-23";
/// The moment at which everything happens.
pub(super) const NOW: &str = "2026-11-24T12:00:00Z";

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// One for all targets and all inputs: starting threads costs more than most inputs.
pub(super) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).max_blocking_threads(4).enable_all().build().expect("a runtime")
    })
}

/// A clock whose hands stand still; time passes all the same, for those who wait.
#[derive(Debug)]
pub(super) struct StoppedClock;

impl StoppedClock {
    pub(super) fn shared() -> Arc<dyn Clock> {
        Arc::new(Self)
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        instant(NOW)
    }

    fn moment(&self) -> Moment {
        SystemClock.moment()
    }
}
