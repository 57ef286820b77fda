//! Keeps questions of people from hammering a gateway that is down.
//!
//! While the gateway fails as a whole, questions that need it take tokens from a bucket; with
//! none left, they hear at once what the last failure was. The bucket is deep enough that a few
//! people who try again notice a recovery at once, and fills so slowly that a crowd does no harm.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::gateway;

/// Tries in a row before the bucket is empty.
const DEPTH: f64 = 40.0;
/// Tries a second after that.
const REFILL_PER_SECOND: f64 = 2.0;

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failing: Mutex<Option<Failing>>,
}

#[derive(Debug)]
struct Failing {
    error: gateway::Error,
    tokens: f64,
    filled_at: Instant,
}

impl Breaker {
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
                    filled_at: Instant::now(),
                });
            }
        }
    }

    /// Whether a question may be asked now; otherwise what the last failure was.
    pub(super) fn admit(&self) -> Result<(), gateway::Error> {
        let mut failing = self.lock();
        let Some(failing) = failing.as_mut() else {
            return Ok(());
        };
        let now = Instant::now();
        let filled = now.duration_since(failing.filled_at).as_secs_f64() * REFILL_PER_SECOND;
        failing.tokens = (failing.tokens + filled).min(DEPTH);
        failing.filled_at = now;
        if failing.tokens < 1.0 {
            return Err(failing.error.clone());
        }
        failing.tokens -= 1.0;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_hears_of_the_failure_without_the_gateway_being_asked() {
        let breaker = Breaker::default();
        assert_eq!(breaker.admit(), Ok(()));
        breaker.failed(&gateway::Error::Timeout);
        let admitted = (0..1_000).filter(|_| breaker.admit().is_ok()).count();
        assert!((40..60).contains(&admitted), "{admitted}");
        assert_eq!(breaker.admit(), Err(gateway::Error::Timeout));
        breaker.reset();
        assert_eq!(breaker.admit(), Ok(()));
    }
}
