//! The gateway as sync knows it: how its last answer was, and what the key was seen to be.
//!
//! Every question of sync's goes through here. When to ask what is left to the others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::breaker::Breaker;
use super::error::Error;
use super::status::{Reach, Restraint};
use crate::clock::Clock;
use crate::gateway::{
    self, DayReading, LogWindow, PublicModel, QuestionTimes, RequestLogs, UsageSource,
};
use crate::usage::{Day, DayRange, Team, Totals};

/// A question that took the gateway a second is not asked more often than every twenty.
const REST: u32 = 20;

/// The gateway, and what is known of it.
#[derive(Debug)]
pub(super) struct Upstream {
    source: Arc<dyn UsageSource>,
    clock: Arc<dyn Clock>,
    breaker: Breaker,
    reach: Mutex<Reach>,
    key_refused: AtomicBool,
    /// Whether the key was seen to see everybody: the usage that any other key is shown is not the
    /// whole truth about a day.
    sees_everybody: AtomicBool,
}

impl Upstream {
    pub(super) fn new(source: Arc<dyn UsageSource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            breaker: Breaker::new(Arc::clone(&clock)),
            clock,
            reach: Mutex::default(),
            key_refused: AtomicBool::new(false),
            sees_everybody: AtomicBool::new(false),
        }
    }

    /// Returns when a question of somebody who waits may be asked; otherwise what the last failure
    /// was.
    pub(super) async fn admit(&self) -> Result<(), gateway::Error> {
        self.breaker.admit().await
    }

    /// All teams. Whoever may list them all may see their usage.
    pub(super) async fn teams(&self) -> Result<Vec<Team>, Error> {
        if self.is_key_refused() {
            // The gateway books a refused question for teams as a failed request, but not this.
            self.heard(self.source.check_key().await).map_err(Error::Teams)?;
        }
        let teams = self.heard(self.source.teams().await).map_err(Error::Teams)?;
        self.sees_everybody.store(true, Ordering::Relaxed);
        Ok(teams)
    }

    /// The totals of each day of `range` that has usage; `None` where the gateway cannot tell.
    pub(super) async fn totals(
        &self,
        range: DayRange,
    ) -> Result<Option<BTreeMap<Day, Totals>>, Error> {
        self.heard(self.source.totals(range).await).map_err(Error::Usage)
    }

    /// All usage of `day`.
    pub(super) async fn day(&self, day: Day) -> Result<DayReading, Error> {
        self.heard(self.source.day(day).await).map_err(Error::Usage)
    }

    /// The newest days of `range`, as many as one small answer holds.
    pub(super) async fn newest_days(&self, range: DayRange) -> Result<Vec<DayReading>, Error> {
        self.heard(self.source.newest_days(range).await).map_err(Error::Usage)
    }

    /// The oldest day of `range` that has usage.
    pub(super) async fn oldest_day(&self, range: DayRange) -> Result<Option<Day>, Error> {
        self.heard(self.source.oldest_day(range).await).map_err(Error::Usage)
    }

    /// The requests that began in `window`. How this ends says nothing about usage.
    pub(super) async fn requests(&self, window: LogWindow) -> Result<RequestLogs, gateway::Error> {
        self.source.requests(window).await
    }

    /// The models that it offers. How this ends says nothing about usage.
    pub(super) async fn public_models(&self) -> Result<Vec<PublicModel>, gateway::Error> {
        self.source.public_models().await
    }

    /// Whether the key was refused when it was last used.
    pub(super) fn is_key_refused(&self) -> bool {
        self.key_refused.load(Ordering::Relaxed)
    }

    /// Whether the key was seen to see everybody.
    pub(super) fn sees_everybody(&self) -> bool {
        self.sees_everybody.load(Ordering::Relaxed)
    }

    /// How it was reached.
    pub(super) fn reach(&self) -> Reach {
        self.lock().clone()
    }

    /// How often it was asked since the start, by kind of question.
    pub(super) fn questions(&self) -> Vec<(&'static str, u64)> {
        self.source.questions()
    }

    /// How long questions took.
    pub(super) fn timings(&self) -> Vec<QuestionTimes> {
        self.source.timings()
    }

    /// What keeps it from being asked.
    pub(super) fn restraint(&self) -> Restraint {
        Restraint {
            breaker_is_open: self.breaker.is_open(),
            left_alone_for: self.source.is_to_be_left_alone().unwrap_or_default(),
        }
    }

    /// How many questions it was asked in all.
    pub(super) fn asked(&self) -> u64 {
        self.questions().iter().map(|(_, count)| count).sum()
    }

    /// Notes how a question ended, for the status and for who asks next.
    fn heard<T>(&self, answer: Result<T, gateway::Error>) -> Result<T, gateway::Error> {
        let now = self.clock.now();
        match &answer {
            Ok(_) => {
                self.key_refused.store(false, Ordering::Relaxed);
                self.breaker.reset();
                self.lock().reached(now);
            }
            Err(error) => {
                self.key_refused.store(*error == gateway::Error::KeyRefused, Ordering::Relaxed);
                if error.is_of_the_key() {
                    self.sees_everybody.store(false, Ordering::Relaxed);
                }
                if error.concerns_the_whole_gateway() {
                    self.breaker.failed(error);
                }
                self.lock().failed(now, error);
            }
        }
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Reach> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a question that took the gateway so long is not asked again.
pub(super) fn rest_after(took: Duration) -> Duration {
    took * REST
}
