//! When to look at what moved: as often as those who look at Podium need, and the gateway bears.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::audience::Audience;
use super::driver::Recurring;
use super::error::Error;
use super::looks::{Looks, Thoroughness};
use super::pace::Pace;
use super::upstream::Upstream;
use crate::clock::Clock;

/// How much rarer looks are while nobody is there.
const AWAY_FACTOR: u32 = 4;

/// The looks that follow the gateway.
#[derive(Debug)]
pub(super) struct Following {
    looks: Arc<Looks>,
    upstream: Arc<Upstream>,
    pace: Arc<Pace>,
    audience: Arc<Audience>,
    clock: Arc<dyn Clock>,
    refresh: Duration,
    ends: Mutex<Ends>,
}

/// When looks ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// The last one, well or not.
    pub(super) last_run_at: Option<Timestamp>,
    /// The last one that went well.
    pub(super) in_step_at: Option<Timestamp>,
}

impl Following {
    pub(super) fn new(
        looks: Arc<Looks>,
        upstream: Arc<Upstream>,
        pace: Arc<Pace>,
        audience: Arc<Audience>,
        clock: Arc<dyn Clock>,
        refresh: Duration,
    ) -> Self {
        Self { looks, upstream, pace, audience, clock, refresh, ends: Mutex::default() }
    }

    /// When looks ended.
    pub(super) fn ends(&self) -> Ends {
        *self.lock()
    }

    /// Remembers that somebody asked, and has a look at the gateway if the last one is older than
    /// the period.
    pub(super) fn note_question(&self) {
        let now = self.clock.now();
        self.audience.asked_at(now);
        let refresh = i64::try_from(self.refresh.as_millis()).unwrap_or(i64::MAX);
        let last_run = self.ends().last_run_at;
        if last_run.is_some_and(|at| now.as_millisecond() - at.as_millisecond() > refresh) {
            self.audience.call_for_look();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recurring for Following {
    const NAME: &'static str = "driver";

    type Done = ();

    async fn run(&self) -> Result<(), Error> {
        let run = self.looks.look(Thoroughness::WhatIsDue).await;
        let now = self.clock.now();
        let mut ends = self.lock();
        ends.last_run_at = Some(now);
        if run.is_ok() {
            ends.in_step_at = Some(now);
        }
        run
    }

    fn pause(&self, done: &Result<(), Error>, since: Duration) -> Duration {
        let is_away = self.audience.is_away(self.clock.now());
        let usual = pause(self.refresh, u32::from(done.is_err()), is_away);
        if self.audience.listens() && done.is_ok() {
            self.pace.pause(self.upstream.asked(), since).min(usual)
        } else {
            with_jitter(usual)
        }
    }

    async fn called_for(&self) {
        self.audience.look_called_for().await;
    }

    /// Requests may be pushed many times a second. Whoever comes while the budget is spent, by the
    /// reading of history say, waits no longer than if nobody had come.
    fn least_pause(&self, since: Duration) -> Duration {
        self.pace.least_pause(self.upstream.asked(), since).min(self.refresh)
    }
}

/// The period, longer while nobody is looking. A gateway that fails is looked at each period, so that
/// figures are fresh again soon after it is back.
fn pause(refresh: Duration, failures: u32, away: bool) -> Duration {
    refresh * if away && failures == 0 { AWAY_FACTOR } else { 1 }
}

/// Within a tenth, so that several Podiums do not ask at the same moments.
fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(0.95 + 0.1 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_fails_is_looked_at_each_period() {
        let period = Duration::from_secs(30);
        assert_eq!([1, 5, 100].map(|failures| pause(period, failures, true)), [period; 3]);
    }

    #[test]
    fn nobody_looking_means_fewer_looks() {
        assert_eq!(pause(Duration::from_secs(30), 0, true), Duration::from_secs(120));
    }
}
