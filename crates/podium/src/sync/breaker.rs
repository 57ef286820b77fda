//! Keeps questions of people from hammering a gateway that is down.
//!
//! While the gateway fails as a whole, questions that need it take tokens from a bucket. With
//! none left, a few wait for the next one, so that somebody who tries again notices a recovery;
//! a crowd hears at once what the last failure was.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::gateway;

/// Tries in a row before the bucket is empty.
const DEPTH: f64 = 20.0;
/// Tries a second after that.
const REFILL_PER_SECOND: f64 = 4.0;
/// This many may wait for the next token.
const WAITING: usize = 4;

#[derive(Debug)]
pub(super) struct Breaker {
    clock: Arc<dyn Clock>,
    failing: Mutex<Option<Failing>>,
}

#[derive(Debug)]
struct Failing {
    error: gateway::Error,
    tokens: f64,
    filled_at: Moment,
    waiting: usize,
}

impl Breaker {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, failing: Mutex::default() }
    }

    /// Notes that the gateway answered.
    pub(super) fn reset(&self) {
        *self.lock() = None;
    }

    /// Notes a failure of the gateway as a whole.
    pub(super) fn failed(&self, error: &gateway::Error) {
        let mut failing = self.lock();
        match failing.as_mut() {
            Some(failing) => failing.error = error.clone(),
            None => {
                *failing = Some(Failing {
                    error: error.clone(),
                    tokens: DEPTH,
                    filled_at: self.clock.moment(),
                    waiting: 0,
                });
            }
        }
    }

    /// Whether questions of people are held back.
    pub(super) fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    /// Returns when a question may be asked; otherwise what the last failure was.
    pub(super) async fn admit(&self) -> Result<(), gateway::Error> {
        let mut is_waiting = false;
        loop {
            let pause = {
                let mut failing = self.lock();
                let Some(failing) = failing.as_mut() else {
                    return Ok(());
                };
                if is_waiting {
                    failing.waiting = failing.waiting.saturating_sub(1);
                }
                match failing.take(self.clock.moment()) {
                    Ok(()) => return Ok(()),
                    Err(_) if failing.waiting >= WAITING => return Err(failing.error.clone()),
                    Err(pause) => {
                        failing.waiting += 1;
                        pause
                    }
                }
            };
            is_waiting = true;
            tokio::time::sleep(pause).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failing {
    /// Takes a token at `now`, or says how long until there is one.
    fn take(&mut self, now: Moment) -> Result<(), Duration> {
        let filled = now.since(self.filled_at).as_secs_f64() * REFILL_PER_SECOND;
        self.tokens = (self.tokens + filled).min(DEPTH);
        self.filled_at = now;
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / REFILL_PER_SECOND));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
