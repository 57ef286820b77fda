//! How often the gateway is asked: a budget for each minute, however many look.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Moment};

/// Questions a minute while somebody listens and nothing moves.
const STILL_A_MINUTE: u64 = 20;
/// The same while something moves.
const MOVING_A_MINUTE: u64 = 60;
/// Something that moved so long ago is still.
const MOVES_FOR: Duration = Duration::from_secs(30);
/// Pauses between looks while somebody listens: a change shows as soon as this.
const STILL: Duration = Duration::from_secs(3);
const MOVING: Duration = Duration::from_millis(1_250);
/// Looks that are called for come no sooner than this after the one before.
const LEAST: Duration = Duration::from_secs(1);
/// A look that took the gateway a while is followed by a pause of so many times that.
const REST: u32 = 2;
/// A full read of today that takes no longer than this costs the gateway hardly more than its
/// totals, and makes those unnecessary.
const CHEAP: Duration = Duration::from_millis(250);

/// What was asked lately and what moved.
#[derive(Debug)]
pub(super) struct Pace {
    clock: Arc<dyn Clock>,
    lately: Mutex<Lately>,
}

#[derive(Debug, Default)]
struct Lately {
    /// How many questions had been asked in all, at moments of the last minute.
    asked: VecDeque<(Moment, u64)>,
    moved_at: Option<Moment>,
    full_read_took: Option<Duration>,
}

impl Pace {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, lately: Mutex::default() }
    }

    fn lately(&self) -> MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something is other than it was.
    pub(super) fn moved(&self) {
        self.lately().moved_at = Some(self.clock.moment());
    }

    /// Whether something moved a moment ago.
    pub(super) fn is_moving(&self) -> bool {
        self.lately().moved_at.is_some_and(|at| self.clock.since(at) < MOVES_FOR)
    }

    /// Notes how long reading today in full took.
    pub(super) fn read_in_full(&self, took: Duration) {
        self.lately().full_read_took = Some(took);
    }

    /// Whether today is read in full instead of asking for its totals first.
    pub(super) fn reads_today_at_once(&self) -> bool {
        self.is_moving() && self.lately().full_read_took.is_some_and(|took| took <= CHEAP)
    }

    /// How long to wait before the next look, when `asked` questions were asked in all and the last
    /// look took so long: as a live board needs, as the gateway bears, and within the budget.
    pub(super) fn pause(&self, asked: u64, took: Duration) -> Duration {
        let is_moving = self.is_moving();
        let (usual, budget) =
            if is_moving { (MOVING, MOVING_A_MINUTE) } else { (STILL, STILL_A_MINUTE) };
        let rest = usual.saturating_sub(took).max(took * REST);
        rest.max(self.until_within(asked, budget))
    }

    /// How long to wait after the beginning of a look, so long ago, before one that was called for.
    pub(super) fn least_pause(&self, asked: u64, since: Duration) -> Duration {
        LEAST.saturating_sub(since).max(self.until_within(asked, MOVING_A_MINUTE))
    }

    /// How long until fewer than `budget` questions were asked within a minute.
    fn until_within(&self, asked: u64, budget: u64) -> Duration {
        const MINUTE: Duration = Duration::from_secs(60);
        let mut lately = self.lately();
        let now = self.clock.moment();
        while lately.asked.front().is_some_and(|(at, _)| now.since(*at) > MINUTE) {
            lately.asked.pop_front();
        }
        lately.asked.push_back((now, asked));
        // The first moment after which so many were asked that no more fit.
        let full_since = lately.asked.iter().find(|(_, before)| asked - before < budget);
        match full_since {
            Some((_, before)) if *before == lately.asked[0].1 => Duration::ZERO,
            Some((at, _)) => (*at + MINUTE).since(now).min(MINUTE),
            None => Duration::ZERO,
        }
    }

    /// How many questions were asked within the last minute.
    pub(super) fn asked_last_minute(&self, asked: u64) -> u64 {
        let lately = self.lately();
        let minute = Duration::from_secs(60);
        let first = lately.asked.iter().find(|(at, _)| self.clock.since(*at) <= minute);
        first.map_or(0, |(_, before)| asked.saturating_sub(*before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn looks_are_slow_while_nothing_moves_and_wait_when_the_budget_is_spent() {
        let pace = Pace::new(Arc::new(SystemClock));
        assert_eq!(pace.pause(0, Duration::ZERO), STILL);
        assert_eq!(pace.pause(19, Duration::ZERO), STILL);
        assert!(pace.pause(20, Duration::ZERO) > Duration::from_secs(50), "the minute is full");
        pace.moved();
        assert_eq!(pace.pause(21, Duration::ZERO), MOVING, "there is more room while things move");
        assert_eq!(
            pace.pause(22, Duration::from_secs(2)),
            Duration::from_secs(4),
            "a slow gateway"
        );
        assert!(pace.pause(60, Duration::ZERO) > Duration::from_secs(50));
        assert_eq!(pace.asked_last_minute(60), 60);
    }
}
